// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of cimc/driver/element.c: every float16, conversions at the ends
// of each type, random values by counter.
#include "cimc/driver/element.h"

#include "dialect/diag.h"
#include "test/cimc/import/starve.h"
#include "test/runtime/unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double half(uint16_t bits) {
  return cimc_element_real(CIMRT_F16, &bits, 0);
}

static uint16_t to_half(double value) {
  cimc_npy from = {.dtype = CIMRT_F64, .bytes = sizeof value, .data = &value};
  cimc_npy to;
  assert_true(cimc_element_convert("x", &from, CIMRT_F16, &to));
  uint16_t bits;
  memcpy(&bits, to.data, sizeof bits);
  cimc_npy_free(&to);
  return bits;
}

static void every_half_survives_the_round_trip(void **state) {
  (void)state;
  assert_true(half(0x3c00) == 1.0);
  assert_true(half(0xc000) == -2.0);
  assert_true(half(0x0001) == ldexp(1.0, -24));
  assert_true(half(0x7bff) == 65504.0);
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    if (isnan(half((uint16_t)bits)))
      assert_true(isnan(half(to_half(half((uint16_t)bits)))));
    else
      assert_int_equal(to_half(half((uint16_t)bits)), bits);
  }
}

static void a_half_rounds_ties_to_even(void **state) {
  (void)state;
  for (unsigned bits = 0; bits < 0x7bff; ++bits) {
    double low = half((uint16_t)bits), high = half((uint16_t)(bits + 1));
    double middle = (low + high) / 2;
    assert_int_equal(to_half(middle), bits + (bits & 1));
    assert_int_equal(to_half(nextafter(middle, 0.0)), bits);
    assert_int_equal(to_half(-nextafter(middle, 1e9)), 0x8000 | (bits + 1));
  }
  assert_int_equal(to_half(65519.99), 0x7bff);
  assert_int_equal(to_half(65520.0), 0x7c00);
  assert_int_equal(to_half(-INFINITY), 0xfc00);
}

static bool fits(double value, cimrt_dtype dtype, int64_t expected) {
  cimc_npy from = {.dtype = CIMRT_F64, .bytes = sizeof value, .data = &value};
  cimc_npy to;
  if (!cimc_element_convert("x.npy", &from, dtype, &to))
    return false;
  bool equal = cimc_element_integer(dtype, to.data, 0) == expected;
  cimc_npy_free(&to);
  return equal;
}

static void a_cast_keeps_the_number_or_fails(void **state) {
  (void)state;
  assert_true(fits(-128, CIMRT_I8, -128));
  assert_true(fits(127, CIMRT_I8, 127));
  assert_false(fits(128, CIMRT_I8, 0));
  assert_false(fits(-129, CIMRT_I8, 0));
  assert_false(fits(0.5, CIMRT_I8, 0));
  assert_false(fits(NAN, CIMRT_I8, 0));
  assert_true(fits(255, CIMRT_U8, 255));
  assert_false(fits(-1, CIMRT_U8, 0));
  assert_true(fits(1, CIMRT_BOOL, 1));
  assert_false(fits(2, CIMRT_BOOL, 0));
  assert_true(fits(-9223372036854775808.0, CIMRT_I64, INT64_MIN));
  assert_false(fits(9223372036854775808.0, CIMRT_I64, 0));
  int64_t wide = INT64_MAX; // no double in between: 2^63 - 1 stays exact
  cimc_npy from = {.dtype = CIMRT_I64, .bytes = 8, .data = &wide};
  cimc_npy to;
  assert_false(cimc_element_convert("x.npy", &from, CIMRT_I32, &to));
}

static void a_cast_without_memory_is_reported(void **state) {
  (void)state;
  float x = 3;
  cimc_npy from = {.dtype = CIMRT_F32, .bytes = 4, .data = &x}, to;
  starve_after(0);
  unsigned errors = cimc_diag_error_count();
  assert_false(cimc_element_convert("x.npy", &from, CIMRT_I8, &to));
  assert_int_equal(cimc_diag_error_count() - errors, 1);
  starve_after(-1);
  assert_int_equal(starve_live(), 0);
}

static void random_values_depend_on_the_counter_alone(void **state) {
  (void)state;
  enum { COUNT = 10000 };
  float *a = malloc(COUNT * sizeof *a), *b = malloc(COUNT * sizeof *b);
  assert_true(a && b);
  cimc_element_random(CIMRT_F32, a, COUNT, 7, 0);
  cimc_element_random(CIMRT_F32, b, COUNT / 2, 7, 0);
  assert_memory_equal(a, b, COUNT / 2 * sizeof *a);
  cimc_element_random(CIMRT_F32, b, COUNT, 7, 1);
  assert_memory_not_equal(a, b, COUNT * sizeof *a);
  double sum = 0, square = 0;
  for (int i = 0; i < COUNT; ++i) {
    assert_true(a[i] >= -1.0f && a[i] < 1.0f);
    sum += (double)a[i];
    square += (double)a[i] * (double)a[i];
  }
  // Five standard errors of the mean and of the mean square.
  assert_true(fabs(sum / COUNT) < 5 * sqrt(1.0 / 3 / COUNT));
  assert_true(fabs(square / COUNT - 1.0 / 3) < 5 * sqrt(4.0 / 45 / COUNT));
  free(a);
  free(b);
}

static void random_integers_span_their_range(void **state) {
  (void)state;
  int8_t values[10000];
  bool seen[256] = {false};
  cimc_element_random(CIMRT_I8, values, 10000, 1, 0);
  for (int i = 0; i < 10000; ++i)
    seen[values[i] + 128] = true;
  for (int i = 0; i < 256; ++i)
    assert_true(seen[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_half_survives_the_round_trip),
      cmocka_unit_test(a_half_rounds_ties_to_even),
      cmocka_unit_test(a_cast_keeps_the_number_or_fails),
      cmocka_unit_test(a_cast_without_memory_is_reported),
      cmocka_unit_test(random_values_depend_on_the_counter_alone),
      cmocka_unit_test(random_integers_span_their_range),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
