// SPDX-License-Identifier: Apache-2.0
//
// Requantization in float and in Q31, bit for bit.
//
// Why no libm: roundevenf and ldexp are library calls on small ARM cores, and
// the results must not depend on whose library it is.
#include "runtime/core/fixed.h"

#include <stddef.h>
#include <string.h>

static int32_t saturate(int64_t value) {
  if (value > INT32_MAX)
    return INT32_MAX;
  if (value < INT32_MIN)
    return INT32_MIN;
  return (int32_t)value;
}

static int32_t place(int32_t scaled, cimrt_fixed_range range) {
  int64_t q = (int64_t)scaled + range.zero_point;
  if (q < range.low)
    return range.low;
  if (q > range.high)
    return range.high;
  return (int32_t)q;
}

float cimrt_fixed_round_even(float value) {
  // From 2^23 on every float is an integer; this also lets NaN through.
  if (!(value > -0x1p23f && value < 0x1p23f))
    return value;
  // Adding 2^23 pushes the fraction out, rounding to nearest even. With the
  // value's own sign, so that the sum stays in [2^23, 2^24] and -0.0 results.
  volatile float shifted = value < 0 ? value - 0x1p23f : value + 0x1p23f;
  float rounded = value < 0 ? shifted + 0x1p23f : shifted - 0x1p23f;
  return value < 0 && rounded == 0 ? -0.0f : rounded;
}

int32_t cimrt_fixed_requantize_f32(int32_t acc, float multiplier,
                                   cimrt_fixed_range range) {
  // Clamping first is the same, since the bounds are integers and rounding is
  // monotonic, and it keeps the conversion to int defined.
  float low = (float)((int64_t)range.low - range.zero_point);
  float high = (float)((int64_t)range.high - range.zero_point);
  float scaled = (float)acc * multiplier;
  scaled = scaled > low ? scaled : low; // NaN compares false: low
  scaled = scaled < high ? scaled : high;
  return (int32_t)cimrt_fixed_round_even(scaled) + range.zero_point;
}

cimrt_status cimrt_fixed_multiplier_of(double real,
                                       cimrt_fixed_multiplier *out) {
  if (out == NULL || !(real >= 0) || real > 0x1.fffffffffffffp1023)
    return CIMRT_INVALID_ARGUMENT;
  *out = (cimrt_fixed_multiplier){0, 0};
  uint64_t bits;
  memcpy(&bits, &real, sizeof bits);
  int32_t exponent = (int32_t)(bits >> 52); // sign is 0, or real is -0.0
  if (real == 0 || exponent == 0)           // zero and subnormal
    return CIMRT_OK;
  // real = fraction * 2^shift with fraction in [1/2, 1): 53 bits, of which 31
  // are kept.
  uint64_t fraction = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
  int32_t shift = exponent - 1022;
  uint64_t mantissa = (fraction + (UINT64_C(1) << 21)) >> 22;
  if (mantissa == UINT64_C(1) << 31) {
    mantissa >>= 1;
    ++shift;
  }
  if (shift < -31)
    return CIMRT_OK;
  if (shift > 30) {
    mantissa = INT32_MAX;
    shift = 30;
  }
  *out = (cimrt_fixed_multiplier){(int32_t)mantissa, shift};
  return CIMRT_OK;
}

// round(a * b / 2^31), ties away from zero for positive products and towards
// zero for negative ones, as gemmlowp has it.
static int32_t doubling_high_multiply(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN)
    return INT32_MAX;
  int64_t product = (int64_t)a * b;
  int64_t nudge = product >= 0 ? INT64_C(1) << 30 : 1 - (INT64_C(1) << 30);
  return (int32_t)((product + nudge) / (INT64_C(1) << 31));
}

// Floor division, which the >> of a negative number is by the implementation's
// grace only.
static int64_t shift_right(int64_t value, int32_t by) {
  return value >= 0 ? value >> by : ~(~value >> by);
}

// value / 2^by, ties away from zero; by in [0, 31].
static int32_t rounding_shift(int32_t value, int32_t by) {
  int64_t mask = (INT64_C(1) << by) - 1;
  int64_t rest =
      (int64_t)value - (int64_t)((uint64_t)shift_right(value, by) << by);
  int64_t threshold = (mask >> 1) + (value < 0);
  return (int32_t)(shift_right(value, by) + (rest > threshold));
}

int32_t cimrt_fixed_multiply_double(int32_t acc, cimrt_fixed_multiplier by) {
  int32_t left = by.shift > 0 ? by.shift : 0;
  int32_t right = by.shift > 0 ? 0 : -by.shift;
  int32_t shifted = saturate((int64_t)acc * (INT64_C(1) << left));
  return rounding_shift(doubling_high_multiply(shifted, by.mantissa), right);
}

int32_t cimrt_fixed_multiply_single(int32_t acc, cimrt_fixed_multiplier by) {
  int32_t total = 31 - by.shift; // in [1, 62]
  int64_t product = (int64_t)acc * by.mantissa;
  return saturate(shift_right(product + (INT64_C(1) << (total - 1)), total));
}

int32_t cimrt_fixed_requantize_double(int32_t acc, cimrt_fixed_multiplier by,
                                      cimrt_fixed_range range) {
  return place(cimrt_fixed_multiply_double(acc, by), range);
}

int32_t cimrt_fixed_requantize_single(int32_t acc, cimrt_fixed_multiplier by,
                                      cimrt_fixed_range range) {
  return place(cimrt_fixed_multiply_single(acc, by), range);
}
