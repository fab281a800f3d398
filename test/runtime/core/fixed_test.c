// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of runtime/core/fixed.c, against libm and against formulas that
// are written differently from the ones under test.
#include "runtime/core/fixed.h"

#include "test/runtime/unit.h"

#include <math.h>
#include <string.h>

static const cimrt_fixed_range i8_range = {0, -128, 127};

// A generator good enough to spread operands; Knuth's MMIX constants.
static uint64_t next_random(uint64_t *seed) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *seed >> 16;
}

static int64_t floor_divide(int64_t a, int64_t b) {
  int64_t quotient = a / b;
  return quotient - (a % b != 0 && (a < 0) != (b < 0));
}

// round(value / 2^by), ties away from zero.
static int64_t half_away(int64_t value, int by) {
  int64_t half = by == 0 ? 0 : INT64_C(1) << (by - 1);
  int64_t magnitude = ((value < 0 ? -value : value) + half) >> by;
  return value < 0 ? -magnitude : magnitude;
}

static void rounding_equals_rintf_on_a_sweep_of_all_floats(void **state) {
  (void)state;
  for (uint64_t bits = 0; bits <= UINT32_MAX; bits += 1021) {
    uint32_t word = (uint32_t)bits;
    float value;
    memcpy(&value, &word, sizeof value);
    if (isnan(value))
      continue;
    float expected = rintf(value);
    float got = cimrt_fixed_round_even(value);
    assert_memory_equal(&expected, &got, sizeof got);
  }
}

static void rounding_sends_ties_to_even(void **state) {
  (void)state;
  for (int k = -300; k <= 300; ++k) {
    float tie = (float)k + 0.5f;
    assert_true(cimrt_fixed_round_even(tie) == rintf(tie));
    assert_int_equal((int)cimrt_fixed_round_even(tie) % 2, 0);
  }
  assert_true(isnan(cimrt_fixed_round_even(NAN)));
  assert_true(isinf(cimrt_fixed_round_even(INFINITY)));
}

static void float_requantize_is_rint_then_clamp(void **state) {
  (void)state;
  const float multipliers[] = {1.0f,        0.5f,     0.25f,    0.00390625f,
                               0.01234567f, 3.14159f, 1e-9f,    1e6f,
                               0.3333333f,  0.1f,     0x1p-24f, 127.0f};
  for (size_t m = 0; m < sizeof multipliers / sizeof *multipliers; ++m) {
    for (int32_t acc = -70000; acc <= 70000; acc += 7) {
      for (int32_t zero = -128; zero <= 127; zero += 51) {
        cimrt_fixed_range range = {zero, -128, 127};
        float scaled = rintf((float)acc * multipliers[m]);
        float q = scaled + (float)zero;
        int expected = q < -128 ? -128 : q > 127 ? 127 : (int)q;
        assert_int_equal(cimrt_fixed_requantize_f32(acc, multipliers[m], range),
                         expected);
      }
    }
  }
}

static void float_requantize_holds_at_the_ends(void **state) {
  (void)state;
  assert_int_equal(cimrt_fixed_requantize_f32(INT32_MAX, 1e30f, i8_range), 127);
  assert_int_equal(cimrt_fixed_requantize_f32(INT32_MIN, 1e30f, i8_range),
                   -128);
  assert_int_equal(cimrt_fixed_requantize_f32(5, NAN, i8_range), -128);
  assert_int_equal(cimrt_fixed_requantize_f32(0, INFINITY, i8_range), -128);
  cimrt_fixed_range relu6 = {-128, -128, 20};
  assert_int_equal(cimrt_fixed_requantize_f32(1000, 1.0f, relu6), 20);
  assert_int_equal(cimrt_fixed_requantize_f32(-1000, 1.0f, relu6), -128);
}

static void a_multiplier_is_frexp_and_a_rounded_mantissa(void **state) {
  (void)state;
  uint64_t seed = 1;
  for (int k = 0; k < 200000; ++k) {
    double fraction = 0.5 + (double)(next_random(&seed) & 0xffffffff) * 0x1p-33;
    int power = (int)(next_random(&seed) % 60) - 30;
    double real = ldexp(fraction, power);
    int shift;
    int64_t mantissa = llround(frexp(real, &shift) * 0x1p31);
    if (mantissa == INT64_C(1) << 31) {
      mantissa /= 2;
      ++shift;
    }
    cimrt_fixed_multiplier got;
    assert_int_equal(cimrt_fixed_multiplier_of(real, &got), CIMRT_OK);
    assert_int_equal(got.mantissa, mantissa);
    assert_int_equal(got.shift, shift);
  }
}

static void odd_multipliers_are_told_apart(void **state) {
  (void)state;
  cimrt_fixed_multiplier by;
  assert_int_equal(cimrt_fixed_multiplier_of(0.0, &by), CIMRT_OK);
  assert_int_equal(by.mantissa, 0);
  assert_int_equal(cimrt_fixed_multiplier_of(1e-300, &by), CIMRT_OK);
  assert_int_equal(by.mantissa, 0);
  assert_int_equal(cimrt_fixed_multiplier_of(0x1p-1074, &by), CIMRT_OK);
  assert_int_equal(by.mantissa, 0); // subnormal
  assert_int_equal(cimrt_fixed_multiplier_of(0x1.ffffffffp-1, &by), CIMRT_OK);
  assert_int_equal(by.mantissa, INT32_C(1) << 30);
  assert_int_equal(by.shift, 1);
  assert_int_equal(cimrt_fixed_multiplier_of(1e30, &by), CIMRT_OK);
  assert_int_equal(by.mantissa, INT32_MAX);
  assert_int_equal(by.shift, 30);
  assert_int_equal(cimrt_fixed_multiplier_of(-1.0, &by),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_fixed_multiplier_of(HUGE_VAL, &by),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_fixed_multiplier_of((double)NAN, &by),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_fixed_multiplier_of(1.0, NULL),
                   CIMRT_INVALID_ARGUMENT);
}

static int32_t clip(int64_t value) {
  return value > INT32_MAX   ? INT32_MAX
         : value < INT32_MIN ? INT32_MIN
                             : (int32_t)value;
}

static void both_multiplies_equal_their_formulas(void **state) {
  (void)state;
  uint64_t seed = 2;
  for (int k = 0; k < 400000; ++k) {
    int32_t acc = (int32_t)((int64_t)(next_random(&seed) & 0xffffffff) -
                            (INT64_C(1) << 31)) >>
                  (next_random(&seed) % 24);
    cimrt_fixed_multiplier by = {
        (int32_t)(0x40000000 + (next_random(&seed) & 0x3fffffff)),
        (int32_t)(next_random(&seed) % 62) - 31};
    int left = by.shift > 0 ? by.shift : 0;
    int64_t wide = clip((int64_t)acc * (INT64_C(1) << left));
    // gemmlowp's high multiply rounds half up, whatever the sign.
    int64_t high =
        floor_divide(wide * by.mantissa + (INT64_C(1) << 30), INT64_C(1) << 31);
    assert_int_equal(cimrt_fixed_multiply_double(acc, by),
                     half_away(high, by.shift > 0 ? 0 : -by.shift));
    int total = 31 - by.shift;
    int64_t product = (int64_t)acc * by.mantissa;
    int64_t half = INT64_C(1) << (total - 1);
    assert_int_equal(cimrt_fixed_multiply_single(acc, by),
                     clip(floor_divide(product + half, INT64_C(1) << total)));
  }
}

static void the_two_roundings_differ_as_documented(void **state) {
  (void)state;
  // -1.5: the last shift of double rounding sends the tie away from zero,
  // single rounding sends it up.
  cimrt_fixed_multiplier half;
  assert_int_equal(cimrt_fixed_multiplier_of(0.25, &half), CIMRT_OK);
  assert_int_equal(cimrt_fixed_multiply_double(-6, half), -2);
  assert_int_equal(cimrt_fixed_multiply_single(-6, half), -1);
  assert_int_equal(cimrt_fixed_multiply_double(6, half), 2);
  assert_int_equal(cimrt_fixed_multiply_single(6, half), 2);
}

static void the_one_product_that_has_no_word_saturates(void **state) {
  (void)state;
  // No multiplier_of gives this mantissa, but a caller may.
  const cimrt_fixed_multiplier minus_one = {INT32_MIN, 0};
  assert_int_equal(cimrt_fixed_multiply_double(INT32_MIN, minus_one),
                   INT32_MAX);
  assert_int_equal(cimrt_fixed_multiply_double(5, minus_one), -5);
}

static void q31_requantize_adds_the_zero_point_and_clamps(void **state) {
  (void)state;
  cimrt_fixed_multiplier one;
  assert_int_equal(cimrt_fixed_multiplier_of(1.0, &one), CIMRT_OK);
  for (int32_t acc = -400; acc <= 400; ++acc) {
    cimrt_fixed_range range = {5, -128, 100};
    int expected = acc + 5 < -128 ? -128 : acc + 5 > 100 ? 100 : acc + 5;
    assert_int_equal(cimrt_fixed_requantize_double(acc, one, range), expected);
    assert_int_equal(cimrt_fixed_requantize_single(acc, one, range), expected);
  }
  cimrt_fixed_range range = {127, -128, 127};
  assert_int_equal(cimrt_fixed_requantize_double(INT32_MAX, one, range), 127);
  assert_int_equal(cimrt_fixed_requantize_single(INT32_MIN, one, range), -128);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rounding_equals_rintf_on_a_sweep_of_all_floats),
      cmocka_unit_test(rounding_sends_ties_to_even),
      cmocka_unit_test(float_requantize_is_rint_then_clamp),
      cmocka_unit_test(float_requantize_holds_at_the_ends),
      cmocka_unit_test(a_multiplier_is_frexp_and_a_rounded_mantissa),
      cmocka_unit_test(odd_multipliers_are_told_apart),
      cmocka_unit_test(both_multiplies_equal_their_formulas),
      cmocka_unit_test(the_two_roundings_differ_as_documented),
      cmocka_unit_test(the_one_product_that_has_no_word_saturates),
      cmocka_unit_test(q31_requantize_adds_the_zero_point_and_clamps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
