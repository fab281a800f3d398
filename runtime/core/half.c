// SPDX-License-Identifier: Apache-2.0
//
// Half precision by integer arithmetic on the bits.
#include "runtime/core/half.h"

#include <string.h>

static float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

float cimrt_half_to_f32(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16;
  uint32_t exponent = half >> 10 & 0x1f;
  uint32_t fraction = half & 0x3ff;
  if (exponent == 0x1f) // infinity, NaN
    return float_of(sign | 0x7f800000 | fraction << 13);
  if (exponent != 0)
    return float_of(sign | (exponent + 112) << 23 | fraction << 13);
  if (fraction == 0)
    return float_of(sign);
  // Subnormal here, normal there: bring the leading one to bit 10.
  exponent = 113;
  for (; (fraction & 0x400) == 0; fraction <<= 1)
    --exponent;
  return float_of(sign | exponent << 23 | (fraction & 0x3ff) << 13);
}

// value / 2^by to nearest, ties to even; by in [1, 31].
static uint32_t round_shift(uint32_t value, uint32_t by) {
  uint32_t quotient = value >> by;
  uint32_t rest = value & ((UINT32_C(1) << by) - 1);
  uint32_t half = UINT32_C(1) << (by - 1);
  return quotient + (rest > half || (rest == half && (quotient & 1) != 0));
}

uint16_t cimrt_half_from_f32(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint32_t sign = bits >> 16 & 0x8000;
  uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) // NaN
    return (uint16_t)(sign | 0x7e00 | (magnitude >> 13 & 0x3ff));
  if (magnitude >= 0x477ff000) // 65520, halfway from the largest to 2^16
    return (uint16_t)(sign | 0x7c00);
  // 2^-14 on: drop 13 bits and 112 from the exponent. A fraction that rounds
  // up to 2 carries into the exponent, as it should.
  if (magnitude >= 0x38800000)
    return (uint16_t)(sign | (round_shift(magnitude, 13) - (112 << 10)));
  // Subnormal: in units of 2^-24. Below 2^-25 nothing is left.
  uint32_t exponent = magnitude >> 23;
  if (exponent < 102)
    return (uint16_t)sign;
  uint32_t mantissa = (magnitude & 0x7fffff) | 0x800000;
  return (uint16_t)(sign | round_shift(mantissa, 126 - exponent));
}

cimrt_status cimrt_half_unpack(const uint16_t *halves, float *out,
                               size_t count) {
  if (count != 0 && (halves == NULL || out == NULL))
    return CIMRT_INVALID_ARGUMENT;
  for (size_t i = 0; i < count; ++i)
    out[i] = cimrt_half_to_f32(halves[i]);
  return CIMRT_OK;
}

cimrt_status cimrt_half_pack(const float *values, uint16_t *out, size_t count) {
  if (count != 0 && (values == NULL || out == NULL))
    return CIMRT_INVALID_ARGUMENT;
  for (size_t i = 0; i < count; ++i)
    out[i] = cimrt_half_from_f32(values[i]);
  return CIMRT_OK;
}
