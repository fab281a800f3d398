// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of runtime/cimrt.c.
#include "runtime/cimrt.h"

#include "test/runtime/unit.h"

static const int64_t shape[] = {2, 3};
static const cimrt_tensor_info inputs[] = {
    {.name = "left", .shape = shape, .dtype = CIMRT_I16, .rank = 2},
    {.name = "right", .shape = shape, .dtype = CIMRT_F32, .rank = 2}};
static const cimrt_tensor_info outputs[] = {
    {.name = "sum", .shape = shape, .dtype = CIMRT_I8, .rank = 2}};

static cimrt_model model(void) {
  return (cimrt_model){.abi_version = CIMRT_ABI_VERSION,
                       .struct_bytes = sizeof(cimrt_model),
                       .name = "m",
                       .inputs = inputs,
                       .outputs = outputs,
                       .input_count = 2,
                       .output_count = 1,
                       .workspace_bytes = 640};
}

static void a_model_of_this_abi_and_cpu_is_ok(void **state) {
  (void)state;
  cimrt_model m = model();
  assert_int_equal(cimrt_model_check(&m), CIMRT_OK);
  assert_int_equal(cimrt_model_workspace_bytes(&m), 640);
}

static void another_abi_or_cpu_is_told(void **state) {
  (void)state;
  cimrt_model m = model();
  m.cpu_features = UINT64_C(1) << 63;
  assert_int_equal(cimrt_model_check(&m), CIMRT_UNSUPPORTED_CPU);
  m.abi_version = CIMRT_ABI_VERSION + 1;
  assert_int_equal(cimrt_model_check(&m), CIMRT_VERSION);
  m = model();
  m.struct_bytes = 8;
  assert_int_equal(cimrt_model_check(&m), CIMRT_VERSION);
  assert_int_equal(cimrt_model_check(NULL), CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_model_workspace_bytes(NULL), 0);
}

static void tensors_are_found_by_name(void **state) {
  (void)state;
  cimrt_model m = model();
  assert_ptr_equal(cimrt_model_input(&m, "right"), &inputs[1]);
  assert_ptr_equal(cimrt_model_output(&m, "sum"), &outputs[0]);
  assert_null(cimrt_model_input(&m, "sum"));
  assert_null(cimrt_model_output(&m, ""));
  assert_null(cimrt_model_input(&m, NULL));
  assert_null(cimrt_model_input(NULL, "left"));
  assert_null(cimrt_model_output(NULL, "sum"));
}

static void a_tensor_tells_its_bytes(void **state) {
  (void)state;
  size_t bytes;
  assert_int_equal(cimrt_model_tensor_bytes(&inputs[0], &bytes), CIMRT_OK);
  assert_int_equal(bytes, 12);
  const int64_t huge[] = {INT64_MAX, INT64_MAX}, negative[] = {-1, 2};
  cimrt_tensor_info info = inputs[0];
  info.shape = huge;
  assert_int_equal(cimrt_model_tensor_bytes(&info, &bytes),
                   CIMRT_INVALID_ARGUMENT);
  info.shape = negative;
  assert_int_equal(cimrt_model_tensor_bytes(&info, &bytes),
                   CIMRT_INVALID_ARGUMENT);
  info = (cimrt_tensor_info){.dtype = CIMRT_I64};
  assert_int_equal(cimrt_model_tensor_bytes(&info, &bytes), CIMRT_OK);
  assert_int_equal(bytes, 8);
  info.dtype = 77;
  assert_int_equal(cimrt_model_tensor_bytes(&info, &bytes),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_model_tensor_bytes(NULL, &bytes),
                   CIMRT_INVALID_ARGUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_model_of_this_abi_and_cpu_is_ok),
      cmocka_unit_test(another_abi_or_cpu_is_told),
      cmocka_unit_test(tensors_are_found_by_name),
      cmocka_unit_test(a_tensor_tells_its_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
