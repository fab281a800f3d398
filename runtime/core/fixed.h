// SPDX-License-Identifier: Apache-2.0
//
// Fixed-point numbers: arithmetic of signed Qm.n words, and the three exact
// ways of bringing an int32 accumulator to an output's scale. The compiler
// emits the same requantization; these functions are its oracle.
#ifndef CIMRT_CORE_FIXED_H
#define CIMRT_CORE_FIXED_H

#include "runtime/core/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// -- Qm.n numbers ------------------------------------------------------------
//
// A word q of 8, 16 or 32 bits stands for q / 2^n; docs/fixed_point.md has the
// formulas. Every result is the exact one, rounded once to nearest, ties up
// (toward positive infinity), then saturated to the format. Operands may be any
// int32_t: only results are saturated. All functions return
// CIMRT_INVALID_ARGUMENT for a format that is none or a null `out`, and write
// nothing then.

// m = bits - 1 - fraction_bits integer bits beside the sign.
typedef struct cimrt_fixed_format {
  uint8_t bits;          // of a word: 8, 16 or 32
  uint8_t fraction_bits; // n, less than bits
} cimrt_fixed_format;

// Initializers of the usual formats. Q4.4 is the 8-bit word with 4 fraction
// bits, the sign being one of the other 4: m = 3.
#define CIMRT_FIXED_Q7 {8, 7}
#define CIMRT_FIXED_Q15 {16, 15}
#define CIMRT_FIXED_Q31 {32, 31}
#define CIMRT_FIXED_Q7_8 {16, 8}
#define CIMRT_FIXED_Q4_4 {8, 4}

// Qm.n, where m + n + 1 must be 8, 16 or 32.
cimrt_status cimrt_fixed_format_of(uint32_t m, uint32_t n,
                                   cimrt_fixed_format *out);

// NaN becomes 0. Back: exact up to 24 significant bits, else the nearest float
// (ties to even, as IEEE 754 has it).
cimrt_status cimrt_fixed_from_f32(cimrt_fixed_format format, float value,
                                  int32_t *out);
cimrt_status cimrt_fixed_to_f32(cimrt_fixed_format format, int32_t q,
                                float *out);
// q of format `from` as a word of format `to`.
cimrt_status cimrt_fixed_convert(cimrt_fixed_format from, int32_t q,
                                 cimrt_fixed_format to, int32_t *out);
// The nearest word of the format to `q` itself, without scaling.
cimrt_status cimrt_fixed_saturate(cimrt_fixed_format format, int64_t q,
                                  int32_t *out);

cimrt_status cimrt_fixed_add(cimrt_fixed_format format, int32_t a, int32_t b,
                             int32_t *out);
cimrt_status cimrt_fixed_sub(cimrt_fixed_format format, int32_t a, int32_t b,
                             int32_t *out);
cimrt_status cimrt_fixed_mul(cimrt_fixed_format format, int32_t a, int32_t b,
                             int32_t *out);
// max(a, 0).
cimrt_status cimrt_fixed_relu(cimrt_fixed_format format, int32_t a,
                              int32_t *out);
// a / 2^by, rounded; and a * 2^by. Any `by` is defined.
cimrt_status cimrt_fixed_shift_right(cimrt_fixed_format format, int32_t a,
                                     uint32_t by, int32_t *out);
cimrt_status cimrt_fixed_shift_left(cimrt_fixed_format format, int32_t a,
                                    uint32_t by, int32_t *out);

// A sum of products, high * 2^64 + low, with 2n fraction bits: exact for 2^64
// products of any words. {0, 0} is zero.
typedef struct cimrt_fixed_wide {
  int64_t high;
  uint64_t low;
} cimrt_fixed_wide;

// *sum += a * b.
cimrt_status cimrt_fixed_mac(cimrt_fixed_wide *sum, int32_t a, int32_t b);
// The sum as a word: the only rounding of a chain of macs.
cimrt_status cimrt_fixed_narrow(cimrt_fixed_format format, cimrt_fixed_wide sum,
                                int32_t *out);

// -- Requantization ----------------------------------------------------------

// Where a requantized value lands: q = clamp(rounded + zero_point, low, high).
// low <= high, both within the storage type and at most 2^22 from zero_point
// (always so for 8 and 16 bit).
typedef struct cimrt_fixed_range {
  int32_t zero_point;
  int32_t low;
  int32_t high;
} cimrt_fixed_range;

// Nearest integer, ties to even, as rintf gives it in the default rounding
// mode; infinities and NaN come back unchanged. No libm.
float cimrt_fixed_round_even(float value);

// clamp(rne((float)acc * multiplier) + zero_point): one rounding for the
// conversion, one for the product, one to the integer. multiplier =
// (float)(s_x * s_w) / s_y, each step in f32. This is what ONNX Runtime,
// OpenVINO, IREE and XNNPACK compute. A NaN multiplier gives `low`.
int32_t cimrt_fixed_requantize_f32(int32_t acc, float multiplier,
                                   cimrt_fixed_range range);

// real = mantissa * 2^(shift - 31), mantissa in [2^30, 2^31) or 0.
typedef struct cimrt_fixed_multiplier {
  int32_t mantissa;
  int32_t shift; // in [-31, 30]
} cimrt_fixed_multiplier;

// The multiplier nearest to `real` (ties away from zero), as TFLite's
// QuantizeMultiplier: below 2^-32 it becomes 0, above 2^30 it saturates.
// CIMRT_INVALID_ARGUMENT for a negative or non-finite value.
cimrt_status cimrt_fixed_multiplier_of(double real,
                                       cimrt_fixed_multiplier *out);

// acc * multiplier by gemmlowp's saturating rounding doubling high multiply,
// then a rounding shift, ties away from zero: two roundings. TFLite's
// reference convolutions. Saturates where TFLite's left shift would overflow.
int32_t cimrt_fixed_multiply_double(int32_t acc, cimrt_fixed_multiplier by);

// acc * multiplier with one rounding, ties up, from the 64-bit product:
// TFLite's reference fully connected. Saturates to int32.
int32_t cimrt_fixed_multiply_single(int32_t acc, cimrt_fixed_multiplier by);

// clamp(multiply(acc) + zero_point) of either kind.
int32_t cimrt_fixed_requantize_double(int32_t acc, cimrt_fixed_multiplier by,
                                      cimrt_fixed_range range);
int32_t cimrt_fixed_requantize_single(int32_t acc, cimrt_fixed_multiplier by,
                                      cimrt_fixed_range range);

#ifdef __cplusplus
}
#endif
#endif
