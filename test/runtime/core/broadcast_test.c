// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of runtime/core/broadcast.c.
#include "runtime/core/broadcast.h"
#include "runtime/core/half.h"

#include "test/runtime/unit.h"

#include <math.h>
#include <string.h>

static cimrt_tensor make(void *data, cimrt_dtype dtype, const int64_t *shape,
                         uint8_t rank) {
  cimrt_tensor_info info = {
      .shape = shape, .dtype = (uint8_t)dtype, .rank = rank};
  cimrt_tensor tensor;
  assert_int_equal(cimrt_tensor_init(&tensor, data, 4096, &info), CIMRT_OK);
  return tensor;
}

static double at(const cimrt_tensor *tensor, const int64_t *index) {
  void *p;
  assert_int_equal(cimrt_tensor_at(tensor, index, &p), CIMRT_OK);
  switch (tensor->dtype) {
  case CIMRT_I8:
    return *(int8_t *)p;
  case CIMRT_U8:
    return *(uint8_t *)p;
  case CIMRT_I16:
    return *(int16_t *)p;
  case CIMRT_U16:
    return *(uint16_t *)p;
  case CIMRT_I32:
    return *(int32_t *)p;
  case CIMRT_I64:
    return (double)*(int64_t *)p;
  case CIMRT_F16:
    return (double)cimrt_half_to_f32(*(uint16_t *)p);
  case CIMRT_F32:
    return (double)*(float *)p;
  default:
    return *(double *)p;
  }
}

static void shapes_combine_from_the_last_dimension(void **state) {
  (void)state;
  static char data[4096];
  const struct {
    int64_t a[3], b[3], expected[3];
    uint8_t a_rank, b_rank, rank;
    int good;
  } cases[] = {
      {{2, 3, 4}, {4}, {2, 3, 4}, 3, 1, 3, 1},
      {{4}, {2, 3, 4}, {2, 3, 4}, 1, 3, 3, 1},
      {{2, 1, 4}, {3, 1}, {2, 3, 4}, 3, 2, 3, 1},
      {{5}, {0}, {0}, 0, 0, 0, 1},
      {{1}, {0}, {0}, 1, 1, 1, 1},
      {{3}, {2}, {0}, 1, 1, 0, 0},
      {{2, 3}, {2}, {0}, 2, 1, 0, 0},
      {{2}, {0}, {0}, 1, 1, 0, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    cimrt_tensor a = make(data, CIMRT_I8, cases[i].a, cases[i].a_rank);
    cimrt_tensor b = make(data, CIMRT_I8, cases[i].b, cases[i].b_rank);
    int64_t shape[CIMRT_TENSOR_RANK_MAX] = {7};
    uint32_t rank = 99;
    assert_int_equal(cimrt_broadcast_shape(&a, &b, shape, &rank),
                     cases[i].good ? CIMRT_OK : CIMRT_INVALID_ARGUMENT);
    assert_int_equal(rank, cases[i].good ? cases[i].rank : 99);
    if (cases[i].good)
      assert_memory_equal(shape, cases[i].expected, rank * sizeof *shape);
  }
}

static void a_view_repeats_without_copying(void **state) {
  (void)state;
  int16_t cells[] = {1, 2, 3};
  const int64_t column[] = {3, 1}, shape[] = {2, 3, 4};
  cimrt_tensor t = make(cells, CIMRT_I16, column, 2);
  assert_int_equal(cimrt_broadcast_to(&t, shape, 3, &t), CIMRT_OK);
  assert_int_equal(cimrt_tensor_count(&t), 24);
  for (int64_t i = 0; i < 24; ++i) {
    const int64_t index[] = {i / 12, i / 4 % 3, i % 4};
    assert_true(at(&t, index) == (double)(i / 4 % 3 + 1));
  }
  // A view of a view: the repeated ones stay so.
  const cimrt_tensor_range ranges[] = {{1, 1, 1}, {2, 3, -1}, {0, 2, 2}};
  assert_int_equal(cimrt_tensor_slice(&t, ranges, &t), CIMRT_OK);
  const int64_t first[] = {0, 0, 1};
  assert_true(at(&t, first) == 3);
}

static void what_cannot_repeat_is_refused(void **state) {
  (void)state;
  int16_t cells[] = {1, 2, 3};
  const int64_t column[] = {3, 1}, good[] = {3, 4}, other[] = {4, 4};
  const int64_t negative[] = {3, -1};
  const cimrt_status bad = CIMRT_INVALID_ARGUMENT;
  cimrt_tensor t = make(cells, CIMRT_I16, column, 2), out;
  assert_int_equal(cimrt_broadcast_to(&t, other, 2, &out), bad);
  assert_int_equal(cimrt_broadcast_to(&t, negative, 2, &out), bad);
  assert_int_equal(cimrt_broadcast_to(&t, good + 1, 1, &out), bad);
  assert_int_equal(cimrt_broadcast_to(&t, good, 9, &out), bad);
  assert_int_equal(cimrt_broadcast_to(&t, NULL, 2, &out), bad);
  assert_int_equal(cimrt_broadcast_to(&t, good, 2, NULL), bad);
  assert_int_equal(cimrt_broadcast_to(NULL, good, 2, &out), bad);
  int64_t shape[8];
  uint32_t rank;
  assert_int_equal(cimrt_broadcast_shape(NULL, &t, shape, &rank), bad);
  assert_int_equal(cimrt_broadcast_shape(&t, NULL, shape, &rank), bad);
  assert_int_equal(cimrt_broadcast_shape(&t, &t, NULL, &rank), bad);
  assert_int_equal(cimrt_broadcast_shape(&t, &t, shape, NULL), bad);
  cimrt_tensor scalar = make(cells, CIMRT_I16, NULL, 0);
  assert_int_equal(cimrt_broadcast_to(&scalar, NULL, 0, &out), CIMRT_OK);
}

// a of 2x1x3 run backwards, b of 4x1: out of 2x4x3, transposed in memory.
static void check_type(cimrt_dtype dtype, const void *a_cells,
                       const void *b_cells) {
  static char out_cells[24 * 8];
  const int64_t a_shape[] = {2, 1, 3}, b_shape[] = {4, 1};
  const int64_t out_shape[] = {3, 4, 2};
  const uint32_t reversed[] = {2, 1, 0};
  const cimrt_tensor_range backwards[] = {{1, 2, -1}, {0, 1, 1}, {2, 3, -1}};
  cimrt_tensor a = make((void *)(uintptr_t)a_cells, dtype, a_shape, 3);
  cimrt_tensor b = make((void *)(uintptr_t)b_cells, dtype, b_shape, 2);
  cimrt_tensor out = make(out_cells, dtype, out_shape, 3);
  assert_int_equal(cimrt_tensor_transpose(&out, reversed, &out), CIMRT_OK);
  assert_int_equal(cimrt_tensor_slice(&a, backwards, &a), CIMRT_OK);
  for (int op = 0; op < 2; ++op) {
    assert_int_equal(
        (op ? cimrt_broadcast_mul : cimrt_broadcast_add)(&a, &b, &out),
        CIMRT_OK);
    for (int64_t i = 0; i < 24; ++i) {
      const int64_t o[] = {i / 12, i / 3 % 4, i % 3};
      const int64_t l[] = {o[0], 0, o[2]}, r[] = {o[1], 0};
      double x = at(&a, l), y = at(&b, r);
      assert_true(at(&out, o) == (op ? x * y : x + y));
    }
  }
}

static void every_dtype_adds_and_multiplies(void **state) {
  (void)state;
  const int8_t a8[] = {-1, 2, -3, 4, 5, -11}, b8[] = {7, -8, 9, 0};
  const uint8_t au8[] = {1, 2, 3, 4, 5, 11}, bu8[] = {7, 8, 9, 23};
  const int16_t a16[] = {-100, 2, 3, 4, 5, 11}, b16[] = {7, -300, 9, 1};
  const uint16_t au16[] = {1, 2, 3, 4, 5, 11}, bu16[] = {5957, 8, 9, 1};
  const int32_t a32[] = {-1, 99999, 3, 4, 5, 6}, b32[] = {7, -8, 9, 20000};
  const int64_t a64[] = {-1, 2, INT64_C(1) << 40, 4, 5, 6};
  const int64_t b64[] = {7, -8, 9, 10};
  const float af[] = {0.5f, -2, 3, 1024, 5, 6}, bf[] = {7, -0.25f, 8, 10};
  const double ad[] = {0.5, -2, 3, 1e200, 5, 6}, bd[] = {7, -8, 0.25, 1e99};
  // 0.5, 1, -2, 1024, 0.25, 0; 2, -1, 3, 0.
  const uint16_t ah[] = {0x3800, 0x3c00, 0xc000, 0x6400, 0x3400, 0x0000};
  const uint16_t bh[] = {0x4000, 0xbc00, 0x4200, 0x0000};
  check_type(CIMRT_I8, a8, b8);
  check_type(CIMRT_U8, au8, bu8);
  check_type(CIMRT_I16, a16, b16);
  check_type(CIMRT_U16, au16, bu16);
  check_type(CIMRT_I32, a32, b32);
  check_type(CIMRT_I64, a64, b64);
  check_type(CIMRT_F16, ah, bh);
  check_type(CIMRT_F32, af, bf);
  check_type(CIMRT_F64, ad, bd);
}

static void integers_wrap_around(void **state) {
  (void)state;
  int8_t a8 = 127, b8 = 2, out8;
  int32_t a32 = INT32_MIN, b32 = -1, out32;
  uint16_t a16 = 65535, b16 = 65535, out16;
  cimrt_tensor a = make(&a8, CIMRT_I8, NULL, 0);
  cimrt_tensor b = make(&b8, CIMRT_I8, NULL, 0);
  cimrt_tensor out = make(&out8, CIMRT_I8, NULL, 0);
  assert_int_equal(cimrt_broadcast_add(&a, &b, &out), CIMRT_OK);
  assert_int_equal(out8, -127);
  assert_int_equal(cimrt_broadcast_mul(&a, &b, &out), CIMRT_OK);
  assert_int_equal(out8, -2);
  a = make(&a32, CIMRT_I32, NULL, 0);
  b = make(&b32, CIMRT_I32, NULL, 0);
  out = make(&out32, CIMRT_I32, NULL, 0);
  assert_int_equal(cimrt_broadcast_add(&a, &b, &out), CIMRT_OK);
  assert_int_equal(out32, INT32_MAX);
  assert_int_equal(cimrt_broadcast_mul(&a, &b, &out), CIMRT_OK);
  assert_int_equal(out32, INT32_MIN);
  a = make(&a16, CIMRT_U16, NULL, 0);
  b = make(&b16, CIMRT_U16, NULL, 0);
  out = make(&out16, CIMRT_U16, NULL, 0);
  assert_int_equal(cimrt_broadcast_mul(&a, &b, &out), CIMRT_OK);
  assert_int_equal(out16, 1);
}

static void halves_are_rounded_once(void **state) {
  (void)state;
  uint16_t x = 0x3c00, y = 0, z;
  cimrt_tensor a = make(&x, CIMRT_F16, NULL, 0);
  cimrt_tensor b = make(&y, CIMRT_F16, NULL, 0);
  cimrt_tensor out = make(&z, CIMRT_F16, NULL, 0);
  // The exact result of either operation is a double.
  for (unsigned i = 0; i < 0x7c00; i += 3) {
    x = (uint16_t)(0x3000 + i % 0x2000);
    y = (uint16_t)(i ^ (i & 1) << 15);
    double left = (double)cimrt_half_to_f32(x);
    double right = (double)cimrt_half_to_f32(y);
    for (int op = 0; op < 2; ++op) {
      double exact = op ? left * right : left + right;
      assert_int_equal(
          (op ? cimrt_broadcast_mul : cimrt_broadcast_add)(&a, &b, &out),
          CIMRT_OK);
      double got = (double)cimrt_half_to_f32(z);
      if (isinf(got)) {
        assert_true(fabs(exact) >= 65520);
        continue;
      }
      // No neighbour is nearer.
      for (int step = -1; step <= 1; step += 2) {
        double near = (double)cimrt_half_to_f32((uint16_t)(z + step));
        assert_true(isnan(near) || fabs(near - exact) >= fabs(got - exact));
      }
    }
  }
}

static void an_operand_may_be_the_result(void **state) {
  (void)state;
  int32_t cells[] = {1, 2, 3, 4, 5, 6}, add = 10;
  const int64_t shape[] = {2, 3};
  cimrt_tensor t = make(cells, CIMRT_I32, shape, 2);
  cimrt_tensor scalar = make(&add, CIMRT_I32, NULL, 0);
  assert_int_equal(cimrt_broadcast_add(&t, &scalar, &t), CIMRT_OK);
  assert_int_equal(cimrt_broadcast_mul(&t, &t, &t), CIMRT_OK);
  for (int i = 0; i < 6; ++i)
    assert_int_equal(cells[i], (11 + i) * (11 + i));
  const int64_t none[] = {0, 3};
  cimrt_tensor empty = make(cells, CIMRT_I32, none, 2);
  assert_int_equal(cimrt_broadcast_add(&empty, &scalar, &empty), CIMRT_OK);
  assert_int_equal(cells[0], 121);
}

static void what_does_not_fit_is_refused(void **state) {
  (void)state;
  int32_t cells[24] = {0}, other[24];
  const int64_t shape[] = {2, 3}, flat[] = {6}, wide[] = {2, 4};
  const cimrt_status bad = CIMRT_INVALID_ARGUMENT;
  cimrt_tensor t = make(cells, CIMRT_I32, shape, 2);
  cimrt_tensor out = make(other, CIMRT_I32, shape, 2), wrong;
  wrong = make(other, CIMRT_I32, flat, 1);
  assert_int_equal(cimrt_broadcast_add(&t, &t, &wrong), bad);
  wrong = make(other, CIMRT_I32, wide, 2);
  assert_int_equal(cimrt_broadcast_add(&t, &t, &wrong), bad);
  assert_int_equal(cimrt_broadcast_add(&t, &wrong, &out), bad);
  wrong = make(other, CIMRT_F32, shape, 2);
  assert_int_equal(cimrt_broadcast_mul(&t, &t, &wrong), bad);
  assert_int_equal(cimrt_broadcast_mul(&t, &wrong, &t), bad);
  assert_int_equal(cimrt_broadcast_mul(NULL, &t, &t), bad);
  assert_int_equal(cimrt_broadcast_mul(&t, NULL, &t), bad);
  assert_int_equal(cimrt_broadcast_mul(&t, &t, NULL), bad);
  // Elements that repeat cannot be results.
  cimrt_tensor one = make(other, CIMRT_I32, NULL, 0);
  assert_int_equal(cimrt_broadcast_to(&one, shape, 2, &wrong), CIMRT_OK);
  assert_int_equal(cimrt_broadcast_add(&t, &t, &wrong), bad);
  wrong = make(other, CIMRT_BOOL, shape, 2);
  assert_int_equal(cimrt_broadcast_add(&wrong, &wrong, &wrong), bad);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shapes_combine_from_the_last_dimension),
      cmocka_unit_test(a_view_repeats_without_copying),
      cmocka_unit_test(what_cannot_repeat_is_refused),
      cmocka_unit_test(every_dtype_adds_and_multiplies),
      cmocka_unit_test(integers_wrap_around),
      cmocka_unit_test(halves_are_rounded_once),
      cmocka_unit_test(an_operand_may_be_the_result),
      cmocka_unit_test(what_does_not_fit_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
