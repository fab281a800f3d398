// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of runtime/core/tensor.c.
#include "runtime/core/tensor.h"

#include "test/runtime/unit.h"

static int16_t cells[24];
static const int64_t shape_234[] = {2, 3, 4};

// A 2x3x4 tensor whose element (i, j, k) is 100 i + 10 j + k.
static cimrt_tensor numbered(void) {
  for (int i = 0; i < 24; ++i)
    cells[i] = (int16_t)(i / 12 * 100 + i / 4 % 3 * 10 + i % 4);
  cimrt_tensor_info info = {.shape = shape_234, .dtype = CIMRT_I16, .rank = 3};
  cimrt_tensor tensor;
  assert_int_equal(cimrt_tensor_init(&tensor, cells, sizeof cells, &info),
                   CIMRT_OK);
  return tensor;
}

static int value_at(const cimrt_tensor *tensor, int64_t i, int64_t j,
                    int64_t k) {
  const int64_t index[] = {i, j, k};
  void *p;
  assert_int_equal(cimrt_tensor_at(tensor, index, &p), CIMRT_OK);
  return *(int16_t *)p;
}

static void a_view_finds_its_elements(void **state) {
  (void)state;
  cimrt_tensor t = numbered();
  assert_int_equal(cimrt_tensor_count(&t), 24);
  assert_true(cimrt_tensor_is_contiguous(&t));
  for (int64_t i = 0; i < 2; ++i)
    for (int64_t j = 0; j < 3; ++j)
      for (int64_t k = 0; k < 4; ++k)
        assert_int_equal(value_at(&t, i, j, k), 100 * i + 10 * j + k);
  const int64_t outside[][3] = {{2, 0, 0}, {0, 3, 0}, {0, 0, 4}, {-1, 0, 0}};
  void *p;
  for (int n = 0; n < 4; ++n)
    assert_int_equal(cimrt_tensor_at(&t, outside[n], &p),
                     CIMRT_INVALID_ARGUMENT);
}

static void a_slice_may_skip_and_run_backwards(void **state) {
  (void)state;
  cimrt_tensor t = numbered(), s;
  const cimrt_tensor_range ranges[] = {{1, 1, 5}, {2, 3, -1}, {1, 2, 2}};
  assert_int_equal(cimrt_tensor_slice(&t, ranges, &s), CIMRT_OK);
  assert_int_equal(cimrt_tensor_count(&s), 6);
  assert_false(cimrt_tensor_is_contiguous(&s));
  for (int64_t j = 0; j < 3; ++j)
    for (int64_t k = 0; k < 2; ++k)
      assert_int_equal(value_at(&s, 0, j, k), 100 + 10 * (2 - j) + 1 + 2 * k);
}

static void a_slice_outside_is_refused(void **state) {
  (void)state;
  cimrt_tensor t = numbered(), s;
  const cimrt_tensor_range bad[] = {
      {0, 5, 1},         {1, 4, 1},  {4, 1, 1},
      {-1, 1, 1},        {0, 1, 0},  {0, -1, 1},
      {3, 3, -2},        {0, 2, -1}, {0, INT64_MAX, INT64_MAX},
      {3, 2, INT64_MIN}, {5, 0, 1},  {0, 3, INT64_MAX}};
  for (size_t n = 0; n < sizeof bad / sizeof *bad; ++n) {
    cimrt_tensor_range ranges[] = {{0, 2, 1}, {0, 3, 1}, bad[n]};
    assert_int_equal(cimrt_tensor_slice(&t, ranges, &s),
                     CIMRT_INVALID_ARGUMENT);
  }
  cimrt_tensor_range empty[] = {{0, 2, 1}, {3, 0, 1}, {0, 4, 1}};
  assert_int_equal(cimrt_tensor_slice(&t, empty, &s), CIMRT_OK);
  assert_int_equal(cimrt_tensor_count(&s), 0);
}

static void a_transpose_permutes_the_index(void **state) {
  (void)state;
  cimrt_tensor t = numbered(), p;
  const uint32_t perm[] = {2, 0, 1};
  assert_int_equal(cimrt_tensor_transpose(&t, perm, &p), CIMRT_OK);
  assert_int_equal(p.shape[0], 4);
  for (int64_t i = 0; i < 2; ++i)
    for (int64_t j = 0; j < 3; ++j)
      for (int64_t k = 0; k < 4; ++k)
        assert_int_equal(value_at(&p, k, i, j), value_at(&t, i, j, k));
  const uint32_t twice[] = {0, 0, 1}, far[] = {0, 1, 3};
  assert_int_equal(cimrt_tensor_transpose(&t, twice, &p),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_tensor_transpose(&t, far, &p), CIMRT_INVALID_ARGUMENT);
}

static void a_reshape_keeps_the_order(void **state) {
  (void)state;
  cimrt_tensor t = numbered(), r;
  const int64_t flat[] = {24}, wrong[] = {5, 5}, negative[] = {-4, -6};
  assert_int_equal(cimrt_tensor_reshape(&t, flat, 1, &r), CIMRT_OK);
  for (int64_t i = 0; i < 24; ++i) {
    void *p;
    assert_int_equal(cimrt_tensor_at(&r, &i, &p), CIMRT_OK);
    assert_ptr_equal(p, cells + i);
  }
  assert_int_equal(cimrt_tensor_reshape(&t, wrong, 2, &r),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_tensor_reshape(&t, negative, 2, &r),
                   CIMRT_INVALID_ARGUMENT);
  const uint32_t perm[] = {1, 0, 2};
  assert_int_equal(cimrt_tensor_transpose(&t, perm, &t), CIMRT_OK);
  assert_int_equal(cimrt_tensor_reshape(&t, flat, 1, &r),
                   CIMRT_INVALID_ARGUMENT);
}

static void dimensions_of_one_do_not_break_contiguity(void **state) {
  (void)state;
  cimrt_tensor t = numbered(), r;
  const int64_t shape[] = {1, 24, 1};
  const uint32_t perm[] = {2, 1, 0};
  assert_int_equal(cimrt_tensor_reshape(&t, shape, 3, &r), CIMRT_OK);
  assert_int_equal(cimrt_tensor_transpose(&r, perm, &r), CIMRT_OK);
  assert_true(cimrt_tensor_is_contiguous(&r));
}

static void a_copy_unravels_strides(void **state) {
  (void)state;
  cimrt_tensor t = numbered(), p, q;
  const uint32_t perm[] = {2, 1, 0};
  int16_t out[24];
  assert_int_equal(cimrt_tensor_transpose(&t, perm, &p), CIMRT_OK);
  cimrt_tensor_info info = {.shape = p.shape, .dtype = CIMRT_I16, .rank = 3};
  assert_int_equal(cimrt_tensor_init(&q, out, sizeof out, &info), CIMRT_OK);
  assert_int_equal(cimrt_tensor_copy(&p, &q), CIMRT_OK);
  for (int n = 0; n < 24; ++n)
    assert_int_equal(out[n], n % 2 * 100 + n / 2 % 3 * 10 + n / 6);
  assert_int_equal(cimrt_tensor_copy(&t, &q), CIMRT_INVALID_ARGUMENT);
  q.dtype = CIMRT_U16;
  assert_int_equal(cimrt_tensor_copy(&p, &q), CIMRT_INVALID_ARGUMENT);
}

static void memory_must_hold_the_shape(void **state) {
  (void)state;
  cimrt_tensor t;
  cimrt_tensor_info info = {.shape = shape_234, .dtype = CIMRT_I16, .rank = 3};
  assert_int_equal(cimrt_tensor_init(&t, cells, 47, &info), CIMRT_TOO_SMALL);
  assert_int_equal(cimrt_tensor_init(&t, NULL, 48, &info),
                   CIMRT_INVALID_ARGUMENT);
  info.rank = CIMRT_TENSOR_RANK_MAX + 1;
  assert_int_equal(cimrt_tensor_init(&t, cells, 48, &info),
                   CIMRT_INVALID_ARGUMENT);
  const int64_t huge[] = {INT64_MAX, INT64_MAX, 0}, negative[] = {-1, 1, 1};
  info.rank = 3;
  info.shape = huge;
  assert_int_equal(cimrt_tensor_init(&t, cells, 48, &info),
                   CIMRT_INVALID_ARGUMENT);
  info.shape = negative;
  assert_int_equal(cimrt_tensor_init(&t, cells, 48, &info),
                   CIMRT_INVALID_ARGUMENT);
  info.shape = shape_234;
  info.dtype = 99;
  assert_int_equal(cimrt_tensor_init(&t, cells, 48, &info),
                   CIMRT_INVALID_ARGUMENT);
}

static void a_scalar_is_one_element_and_zero_extents_are_none(void **state) {
  (void)state;
  cimrt_tensor t;
  cimrt_tensor_info info = {.dtype = CIMRT_F64};
  double x = 2.5;
  void *p;
  assert_int_equal(cimrt_tensor_init(&t, &x, sizeof x, &info), CIMRT_OK);
  assert_int_equal(cimrt_tensor_count(&t), 1);
  assert_int_equal(cimrt_tensor_at(&t, NULL, &p), CIMRT_OK);
  assert_ptr_equal(p, &x);
  const int64_t none[] = {3, 0};
  info.shape = none;
  info.rank = 2;
  assert_int_equal(cimrt_tensor_init(&t, NULL, 0, &info), CIMRT_OK);
  assert_int_equal(cimrt_tensor_count(&t), 0);
}

static void element_sizes_are_those_of_the_types(void **state) {
  (void)state;
  const size_t bytes[] = {4, 1, 1, 2, 2, 4, 8, 1, 2, 8};
  for (int d = CIMRT_F32; d <= CIMRT_F64; ++d)
    assert_int_equal(cimrt_tensor_element_bytes((cimrt_dtype)d), bytes[d]);
  assert_int_equal(cimrt_tensor_element_bytes((cimrt_dtype)10), 0);
}

static void null_and_unknown_tensors_are_refused(void **state) {
  (void)state;
  const cimrt_status bad = CIMRT_INVALID_ARGUMENT;
  cimrt_tensor t = numbered(), out, unknown = t, deep = t;
  unknown.dtype = (cimrt_dtype)99;
  deep.rank = CIMRT_TENSOR_RANK_MAX + 1;
  const cimrt_tensor *const none[] = {NULL, &unknown, &deep};
  const int64_t index[] = {0, 0, 0}, flat[] = {24};
  const cimrt_tensor_range ranges[] = {{0, 2, 1}, {0, 3, 1}, {0, 4, 1}};
  const uint32_t perm[] = {0, 1, 2};
  void *p;
  for (int i = 0; i < 3; ++i) {
    assert_false(cimrt_tensor_is_valid(none[i]));
    assert_int_equal(cimrt_tensor_count(none[i]), 0);
    assert_false(cimrt_tensor_is_contiguous(none[i]));
    assert_int_equal(cimrt_tensor_at(none[i], index, &p), bad);
    assert_int_equal(cimrt_tensor_slice(none[i], ranges, &out), bad);
    assert_int_equal(cimrt_tensor_transpose(none[i], perm, &out), bad);
    assert_int_equal(cimrt_tensor_reshape(none[i], flat, 1, &out), bad);
    assert_int_equal(cimrt_tensor_copy(none[i], &t), bad);
    assert_int_equal(cimrt_tensor_copy(&t, none[i]), bad);
  }
  assert_int_equal(cimrt_tensor_at(&t, index, NULL), bad);
  assert_int_equal(cimrt_tensor_at(&t, NULL, &p), bad);
  assert_int_equal(cimrt_tensor_slice(&t, ranges, NULL), bad);
  assert_int_equal(cimrt_tensor_slice(&t, NULL, &out), bad);
  assert_int_equal(cimrt_tensor_transpose(&t, perm, NULL), bad);
  assert_int_equal(cimrt_tensor_transpose(&t, NULL, &out), bad);
  assert_int_equal(cimrt_tensor_reshape(&t, flat, 1, NULL), bad);
  assert_int_equal(cimrt_tensor_reshape(&t, NULL, 1, &out), bad);
  assert_int_equal(cimrt_tensor_reshape(&t, flat, 9, &out), bad);
  cimrt_tensor_info info = {.dtype = CIMRT_I16, .rank = 1};
  assert_int_equal(cimrt_tensor_init(NULL, cells, 48, &info), bad);
  assert_int_equal(cimrt_tensor_init(&t, cells, 48, NULL), bad);
  assert_int_equal(cimrt_tensor_init(&t, cells, 48, &info), bad);
}

static void a_scalar_has_all_views_too(void **state) {
  (void)state;
  cimrt_tensor t, out;
  cimrt_tensor_info info = {.dtype = CIMRT_I16};
  int16_t x = 5, y = 0;
  assert_int_equal(cimrt_tensor_init(&t, &x, sizeof x, &info), CIMRT_OK);
  assert_int_equal(cimrt_tensor_slice(&t, NULL, &out), CIMRT_OK);
  assert_int_equal(cimrt_tensor_transpose(&out, NULL, &out), CIMRT_OK);
  assert_int_equal(cimrt_tensor_reshape(&out, NULL, 0, &out), CIMRT_OK);
  assert_int_equal(cimrt_tensor_init(&t, &y, sizeof y, &info), CIMRT_OK);
  assert_int_equal(cimrt_tensor_copy(&out, &t), CIMRT_OK);
  assert_int_equal(y, 5);
}

// Views made by hand, with extents that no memory holds.
static void counts_that_overflow_are_none(void **state) {
  (void)state;
  cimrt_tensor t = numbered(), out;
  t.shape[0] = t.shape[1] = INT64_MAX;
  assert_int_equal(cimrt_tensor_count(&t), 0);
  t.shape[0] = -1;
  assert_int_equal(cimrt_tensor_count(&t), 0);
  t.shape[0] = 1;
  t.shape[1] = -1;
  assert_int_equal(cimrt_tensor_count(&t), 0);
  const int64_t huge[] = {INT64_MAX, INT64_MAX}, none[] = {0, 7};
  cimrt_tensor good = numbered();
  assert_int_equal(cimrt_tensor_reshape(&good, huge, 2, &out),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_tensor_reshape(&good, none, 2, &out),
                   CIMRT_INVALID_ARGUMENT);
  // Nothing lies in C order, whatever the strides.
  cimrt_tensor_range ranges[] = {{0, 2, 1}, {0, 3, 1}, {0, 0, 1}};
  assert_int_equal(cimrt_tensor_slice(&good, ranges, &out), CIMRT_OK);
  assert_true(cimrt_tensor_is_contiguous(&out));
  assert_int_equal(cimrt_tensor_reshape(&out, none, 2, &out), CIMRT_OK);
  assert_int_equal(out.shape[1], 7);
}

static void only_equal_shapes_are_copied(void **state) {
  (void)state;
  cimrt_tensor t = numbered(), u = t;
  u.rank = 2;
  assert_int_equal(cimrt_tensor_copy(&t, &u), CIMRT_INVALID_ARGUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_view_finds_its_elements),
      cmocka_unit_test(a_slice_may_skip_and_run_backwards),
      cmocka_unit_test(a_slice_outside_is_refused),
      cmocka_unit_test(a_transpose_permutes_the_index),
      cmocka_unit_test(a_reshape_keeps_the_order),
      cmocka_unit_test(dimensions_of_one_do_not_break_contiguity),
      cmocka_unit_test(a_copy_unravels_strides),
      cmocka_unit_test(memory_must_hold_the_shape),
      cmocka_unit_test(a_scalar_is_one_element_and_zero_extents_are_none),
      cmocka_unit_test(null_and_unknown_tensors_are_refused),
      cmocka_unit_test(a_scalar_has_all_views_too),
      cmocka_unit_test(counts_that_overflow_are_none),
      cmocka_unit_test(only_equal_shapes_are_copied),
      cmocka_unit_test(element_sizes_are_those_of_the_types),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
