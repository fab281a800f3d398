// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic of Qm.n words; requantization in float and in Q31, bit for bit.
//
// Why no libm: roundevenf and ldexp are library calls on small ARM cores, and
// the results must not depend on whose library it is.
#include "runtime/core/fixed.h"

#include "runtime/core/fixed_word.h"

#include <stddef.h>
#include <string.h>

static const cimrt_fixed_format q31 = CIMRT_FIXED_Q31;

// -- Qm.n numbers ------------------------------------------------------------

static int is_good(cimrt_fixed_format format, const void *out) {
  return cimrt_fixed_word_is_format(format) && out != NULL;
}

cimrt_status cimrt_fixed_format_of(uint32_t m, uint32_t n,
                                   cimrt_fixed_format *out) {
  if (m > 31 || n > 31)
    return CIMRT_INVALID_ARGUMENT;
  cimrt_fixed_format format = {(uint8_t)(m + n + 1), (uint8_t)n};
  if (!is_good(format, out))
    return CIMRT_INVALID_ARGUMENT;
  *out = format;
  return CIMRT_OK;
}

cimrt_status cimrt_fixed_from_f32(cimrt_fixed_format format, float value,
                                  int32_t *out) {
  if (!is_good(format, out))
    return CIMRT_INVALID_ARGUMENT;
  *out = cimrt_fixed_word_from_f32(format, value);
  return CIMRT_OK;
}

cimrt_status cimrt_fixed_to_f32(cimrt_fixed_format format, int32_t q,
                                float *out) {
  if (!is_good(format, out))
    return CIMRT_INVALID_ARGUMENT;
  *out = cimrt_fixed_word_to_f32(format, q);
  return CIMRT_OK;
}

cimrt_status cimrt_fixed_convert(cimrt_fixed_format from, int32_t q,
                                 cimrt_fixed_format to, int32_t *out) {
  if (!cimrt_fixed_word_is_format(from) || !is_good(to, out))
    return CIMRT_INVALID_ARGUMENT;
  *out = cimrt_fixed_word_convert(from, q, to);
  return CIMRT_OK;
}

cimrt_status cimrt_fixed_saturate(cimrt_fixed_format format, int64_t q,
                                  int32_t *out) {
  if (!is_good(format, out))
    return CIMRT_INVALID_ARGUMENT;
  *out = cimrt_fixed_word_saturate(format, q);
  return CIMRT_OK;
}

cimrt_status cimrt_fixed_add(cimrt_fixed_format format, int32_t a, int32_t b,
                             int32_t *out) {
  return cimrt_fixed_saturate(format, (int64_t)a + b, out);
}

cimrt_status cimrt_fixed_sub(cimrt_fixed_format format, int32_t a, int32_t b,
                             int32_t *out) {
  return cimrt_fixed_saturate(format, (int64_t)a - b, out);
}

cimrt_status cimrt_fixed_mul(cimrt_fixed_format format, int32_t a, int32_t b,
                             int32_t *out) {
  if (!is_good(format, out))
    return CIMRT_INVALID_ARGUMENT;
  *out = cimrt_fixed_word_mul(format, a, b);
  return CIMRT_OK;
}

cimrt_status cimrt_fixed_relu(cimrt_fixed_format format, int32_t a,
                              int32_t *out) {
  return cimrt_fixed_saturate(format, a > 0 ? a : 0, out);
}

cimrt_status cimrt_fixed_shift_right(cimrt_fixed_format format, int32_t a,
                                     uint32_t by, int32_t *out) {
  return cimrt_fixed_saturate(format, cimrt_fixed_word_round_shift(a, by), out);
}

cimrt_status cimrt_fixed_shift_left(cimrt_fixed_format format, int32_t a,
                                    uint32_t by, int32_t *out) {
  return cimrt_fixed_saturate(format, cimrt_fixed_word_shift_left(a, by), out);
}

cimrt_status cimrt_fixed_mac(cimrt_fixed_wide *sum, int32_t a, int32_t b) {
  if (sum == NULL)
    return CIMRT_INVALID_ARGUMENT;
  *sum = cimrt_fixed_word_mac(*sum, (int64_t)a * b);
  return CIMRT_OK;
}

cimrt_status cimrt_fixed_narrow(cimrt_fixed_format format, cimrt_fixed_wide sum,
                                int32_t *out) {
  if (!is_good(format, out))
    return CIMRT_INVALID_ARGUMENT;
  // Whatever needs more than 64 bits is far outside any format: its sign
  // decides.
  int64_t value = sum.high < 0 ? INT64_MIN : INT64_MAX;
  if (sum.high == 0 && sum.low <= INT64_MAX)
    value = (int64_t)sum.low;
  else if (sum.high == -1 && sum.low > INT64_MAX)
    value = -1 - (int64_t)~sum.low;
  *out = cimrt_fixed_word_saturate(
      format, cimrt_fixed_word_round_shift(value, format.fraction_bits));
  return CIMRT_OK;
}

// -- Requantization ----------------------------------------------------------

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

// value / 2^by, ties away from zero; by in [0, 31].
static int32_t rounding_shift(int32_t value, int32_t by) {
  int64_t mask = (INT64_C(1) << by) - 1;
  int64_t floor = cimrt_fixed_word_shift(value, (uint32_t)by);
  int64_t rest = value - floor * (INT64_C(1) << by);
  int64_t threshold = (mask >> 1) + (value < 0);
  return (int32_t)(floor + (rest > threshold));
}

int32_t cimrt_fixed_multiply_double(int32_t acc, cimrt_fixed_multiplier by) {
  int32_t left = by.shift > 0 ? by.shift : 0;
  int32_t right = by.shift > 0 ? 0 : -by.shift;
  int32_t shifted =
      cimrt_fixed_word_saturate(q31, (int64_t)acc * (INT64_C(1) << left));
  return rounding_shift(doubling_high_multiply(shifted, by.mantissa), right);
}

int32_t cimrt_fixed_multiply_single(int32_t acc, cimrt_fixed_multiplier by) {
  uint32_t total = (uint32_t)(31 - by.shift); // in [1, 62]
  int64_t product = (int64_t)acc * by.mantissa;
  return cimrt_fixed_word_saturate(
      q31, cimrt_fixed_word_round_shift(product, total));
}

int32_t cimrt_fixed_requantize_double(int32_t acc, cimrt_fixed_multiplier by,
                                      cimrt_fixed_range range) {
  return place(cimrt_fixed_multiply_double(acc, by), range);
}

int32_t cimrt_fixed_requantize_single(int32_t acc, cimrt_fixed_multiplier by,
                                      cimrt_fixed_range range) {
  return place(cimrt_fixed_multiply_single(acc, by), range);
}
