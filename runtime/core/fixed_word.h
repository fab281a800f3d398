// SPDX-License-Identifier: Apache-2.0
//
// The arithmetic of one Qm.n word, once for the scalar and the batched calls.
// Internal: formats are good here, the callers have checked them.
#ifndef CIMRT_CORE_FIXED_WORD_H
#define CIMRT_CORE_FIXED_WORD_H

#include "runtime/core/fixed.h"

#include <string.h>

static inline int cimrt_fixed_word_is_format(cimrt_fixed_format format) {
  return (format.bits == 8 || format.bits == 16 || format.bits == 32) &&
         format.fraction_bits < format.bits;
}

static inline int32_t cimrt_fixed_word_saturate(cimrt_fixed_format format,
                                                int64_t q) {
  int64_t high = (INT64_C(1) << (format.bits - 1)) - 1;
  int64_t low = -high - 1;
  return (int32_t)(q > high ? high : q < low ? low : q);
}

// floor(value / 2^by), by <= 63. The >> of a negative number would be so by the
// implementation's grace only; compilers make one instruction of this.
static inline int64_t cimrt_fixed_word_shift(int64_t value, uint32_t by) {
  return value >= 0 ? value >> by : ~(~value >> by);
}

// floor(value / 2^by + 1/2): nearest, ties up. Adding the half first could
// overflow, so the last bit shifted out is added afterwards.
static inline int64_t cimrt_fixed_word_round_shift(int64_t value, uint32_t by) {
  if (by == 0)
    return value;
  if (by > 63)
    return 0; // at most 1/2 in magnitude, and -1/2 goes up
  return cimrt_fixed_word_shift(value, by) +
         (cimrt_fixed_word_shift(value, by - 1) & 1);
}

// a * 2^by; from 32 on a multiple of 2^32, which every format saturates.
static inline int64_t cimrt_fixed_word_shift_left(int32_t a, uint32_t by) {
  return (int64_t)a * (INT64_C(1) << (by < 32 ? by : 32));
}

static inline int32_t cimrt_fixed_word_mul(cimrt_fixed_format format, int32_t a,
                                           int32_t b) {
  return cimrt_fixed_word_saturate(
      format,
      cimrt_fixed_word_round_shift((int64_t)a * b, format.fraction_bits));
}

static inline int32_t cimrt_fixed_word_convert(cimrt_fixed_format from,
                                               int32_t q,
                                               cimrt_fixed_format to) {
  int32_t more = to.fraction_bits - from.fraction_bits;
  return cimrt_fixed_word_saturate(
      to, more >= 0 ? cimrt_fixed_word_shift_left(q, (uint32_t)more)
                    : cimrt_fixed_word_round_shift(q, (uint32_t)-more));
}

// From the float's own bits: exact, and the same without a double or an FPU.
static inline int32_t cimrt_fixed_word_from_f32(cimrt_fixed_format format,
                                                float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint32_t exponent = bits >> 23 & 0xff;
  int64_t mantissa = (bits & 0x7fffff) | 0x800000;
  if (bits >> 31 != 0)
    mantissa = -mantissa;
  if (exponent == 0) // zero, or below 2^-126
    return 0;
  if (value != value)
    return 0;
  // value * 2^n = mantissa * 2^shift; from 9 on, or infinite, it saturates.
  int32_t shift = (int32_t)exponent - 150 + format.fraction_bits;
  return cimrt_fixed_word_saturate(
      format, shift >= 0
                  ? mantissa * (INT64_C(1) << (shift < 9 ? shift : 9))
                  : cimrt_fixed_word_round_shift(mantissa, (uint32_t)-shift));
}

static inline float cimrt_fixed_word_to_f32(cimrt_fixed_format format,
                                            int32_t q) {
  // 2^-n is exact, and so is the product: one rounding, of the conversion.
  return (float)q / (float)(UINT32_C(1) << format.fraction_bits);
}

// The 128-bit sum, carried by hand: there is no such type on 32-bit machines.
static inline cimrt_fixed_wide cimrt_fixed_word_mac(cimrt_fixed_wide sum,
                                                    int64_t product) {
  uint64_t low = sum.low + (uint64_t)product;
  int64_t carry = low < sum.low;
  // Two's complement: a negative product is 2^64 too large in `low`. The high
  // word wraps as unsigned, after 2^64 products at the earliest.
  uint64_t high = (uint64_t)sum.high + (uint64_t)carry - (product < 0);
  memcpy(&sum.high, &high, sizeof high);
  sum.low = low;
  return sum;
}

#endif
