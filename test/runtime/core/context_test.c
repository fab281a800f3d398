// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of runtime/core/context.c.
#include "runtime/cimrt.h"

#include "test/runtime/unit.h"

typedef struct calls {
  int count;
  uint32_t layer;
  cimrt_stage_phase phase;
} calls;

static cimrt_status record(void *user, uint32_t layer,
                           cimrt_stage_phase phase) {
  calls *seen = user;
  *seen = (calls){seen->count + 1, layer, phase};
  return layer == 7 ? CIMRT_CANCELLED : CIMRT_OK;
}

static void no_context_and_a_default_one_are_fine(void **state) {
  (void)state;
  cimrt_context context = CIMRT_CONTEXT_INIT;
  assert_int_equal(cimrt_context_check(NULL), CIMRT_OK);
  assert_int_equal(cimrt_context_check(&context), CIMRT_OK);
  assert_null(context.threads);
  assert_null(context.state);
}

static void another_abi_is_refused(void **state) {
  (void)state;
  cimrt_context context = CIMRT_CONTEXT_INIT;
  context.abi_version = CIMRT_ABI_VERSION + 1;
  assert_int_equal(cimrt_context_check(&context), CIMRT_VERSION);
  context = (cimrt_context){.abi_version = CIMRT_ABI_VERSION};
  assert_int_equal(cimrt_context_check(&context), CIMRT_VERSION);
}

static void a_longer_context_is_a_newer_caller(void **state) {
  (void)state;
  cimrt_context context = CIMRT_CONTEXT_INIT;
  context.struct_bytes += 8;
  assert_int_equal(cimrt_context_check(&context), CIMRT_OK);
}

static void a_stage_without_hook_does_nothing(void **state) {
  (void)state;
  cimrt_context context = CIMRT_CONTEXT_INIT;
  assert_int_equal(cimrt_stage(NULL, 0, CIMRT_STAGE_BEGIN), CIMRT_OK);
  assert_int_equal(cimrt_stage(&context, 0, CIMRT_STAGE_END), CIMRT_OK);
}

static void the_hook_sees_layer_and_phase_and_may_stop(void **state) {
  (void)state;
  calls seen = {0};
  cimrt_context context = CIMRT_CONTEXT_INIT;
  context.stage = record;
  context.stage_user = &seen;
  assert_int_equal(cimrt_stage(&context, 3, CIMRT_STAGE_END), CIMRT_OK);
  assert_int_equal(seen.count, 1);
  assert_int_equal(seen.layer, 3);
  assert_int_equal(seen.phase, CIMRT_STAGE_END);
  assert_int_equal(cimrt_stage(&context, 7, CIMRT_STAGE_BEGIN),
                   CIMRT_CANCELLED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_context_and_a_default_one_are_fine),
      cmocka_unit_test(another_abi_is_refused),
      cmocka_unit_test(a_longer_context_is_a_newer_caller),
      cmocka_unit_test(a_stage_without_hook_does_nothing),
      cmocka_unit_test(the_hook_sees_layer_and_phase_and_may_stop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
