// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of runtime/core/half.c: every half, and every float where the
// result changes.
#include "runtime/core/half.h"

#include "test/runtime/unit.h"

#include <math.h>
#include <string.h>

// The value of a finite half, by its definition.
static double value_of(int half) {
  int exponent = half >> 10 & 31, fraction = half & 1023;
  double magnitude = exponent == 0 ? ldexp(fraction, -24)
                                   : ldexp(1024 + fraction, exponent - 25);
  return half & 0x8000 ? -magnitude : magnitude;
}

static void every_half_is_its_value(void **state) {
  (void)state;
  for (int half = 0; half <= 0xffff; ++half) {
    float got = cimrt_half_to_f32((uint16_t)half);
    assert_int_equal(!!signbit(got), half >> 15);
    if ((half & 0x7c00) != 0x7c00)
      assert_true((double)got == value_of(half));
    else if ((half & 0x3ff) == 0)
      assert_true(isinf(got));
    else
      assert_true(isnan(got));
  }
}

static void every_half_comes_back(void **state) {
  (void)state;
  for (int half = 0; half <= 0xffff; ++half) {
    int quiet = (half & 0x7fff) > 0x7c00 ? 0x200 : 0;
    uint16_t back = cimrt_half_from_f32(cimrt_half_to_f32((uint16_t)half));
    assert_int_equal(back, half | quiet);
  }
}

// Between two neighbours the result changes at the middle, which is a float;
// there it is the even one.
static void floats_round_to_nearest_even(void **state) {
  (void)state;
  for (int half = 0; half < 0x7c00; ++half) {
    double above = half == 0x7bff ? 65536 : value_of(half + 1);
    float middle = (float)((value_of(half) + above) / 2);
    int even = half + (half & 1);
    for (int sign = 0; sign < 2; ++sign) {
      float s = sign ? -1.0f : 1.0f;
      int bit = sign << 15;
      assert_int_equal(cimrt_half_from_f32(s * middle), bit | even);
      assert_int_equal(cimrt_half_from_f32(s * nextafterf(middle, 0)),
                       bit | half);
      assert_int_equal(cimrt_half_from_f32(s * nextafterf(middle, INFINITY)),
                       bit | (half + 1));
    }
  }
}

static void the_ends_hold(void **state) {
  (void)state;
  assert_int_equal(cimrt_half_from_f32(0x1.fffffep127f), 0x7c00);
  assert_int_equal(cimrt_half_from_f32(-INFINITY), 0xfc00);
  assert_int_equal(cimrt_half_from_f32(0x1p-149f), 0);
  assert_int_equal(cimrt_half_from_f32(-0x1p-126f), 0x8000);
  // A signaling NaN becomes quiet; what does not fit its payload is dropped.
  const uint32_t bits = 0xff802001;
  float nan;
  memcpy(&nan, &bits, sizeof nan);
  assert_int_equal(cimrt_half_from_f32(nan), 0xfe01);
}

static void arrays_are_converted(void **state) {
  (void)state;
  const float values[] = {0, 1, -2, 65504, 1e-7f};
  const uint16_t expected[] = {0, 0x3c00, 0xc000, 0x7bff, 2};
  uint16_t halves[5];
  float back[5];
  assert_int_equal(cimrt_half_pack(values, halves, 5), CIMRT_OK);
  assert_memory_equal(halves, expected, sizeof halves);
  assert_int_equal(cimrt_half_unpack(halves, back, 5), CIMRT_OK);
  assert_memory_equal(back, values, 4 * sizeof *values);
  assert_true(back[4] == 0x1p-23f);
  assert_int_equal(cimrt_half_pack(NULL, NULL, 0), CIMRT_OK);
  assert_int_equal(cimrt_half_unpack(NULL, NULL, 0), CIMRT_OK);
  assert_int_equal(cimrt_half_pack(NULL, halves, 1), CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_half_pack(values, NULL, 1), CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_half_unpack(NULL, back, 1), CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_half_unpack(halves, NULL, 1), CIMRT_INVALID_ARGUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_half_is_its_value),
      cmocka_unit_test(every_half_comes_back),
      cmocka_unit_test(floats_round_to_nearest_even),
      cmocka_unit_test(the_ends_hold),
      cmocka_unit_test(arrays_are_converted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
