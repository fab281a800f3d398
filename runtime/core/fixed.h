// SPDX-License-Identifier: Apache-2.0
//
// The three exact ways of bringing an int32 accumulator to an output's scale.
// The compiler emits the same arithmetic; these functions are its oracle.
#ifndef CIMRT_CORE_FIXED_H
#define CIMRT_CORE_FIXED_H

#include "runtime/core/status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

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
