// SPDX-License-Identifier: Apache-2.0
//
// Affine quantization of arrays: real = scale * (q - zero_point), to and from
// i8, u8 and i16, with one scale or one a channel.
#ifndef CIMRT_CORE_QUANT_H
#define CIMRT_CORE_QUANT_H

#include "runtime/core/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

// An array [outer][channels][inner] in C order; channel c has scales[c] and
// zero_points[c]. One scale for all: channels 1. Null zero_points are zeros.
typedef struct cimrt_quant_layout {
  cimrt_dtype dtype; // CIMRT_I8, CIMRT_U8 or CIMRT_I16
  size_t outer;
  size_t channels;
  size_t inner;
  const float *scales; // positive and finite
  const int32_t *zero_points;
} cimrt_quant_layout;

// The layout of a model's input or output, which must be quantized to one of
// the three types. *out borrows from `info`.
cimrt_status cimrt_quant_layout_of(const cimrt_tensor_info *info,
                                   cimrt_quant_layout *out);

// q = clamp(rne(x / scale) + zero_point), the division in f32; NaN becomes the
// smallest q. `out` has the layout's dtype, and `count`, the elements of
// either array, must equal outer * channels * inner.
cimrt_status cimrt_quant_quantize(const cimrt_quant_layout *layout,
                                  const float *values, void *out, size_t count);

// x = (float)(q - zero_point) * scale.
cimrt_status cimrt_quant_dequantize(const cimrt_quant_layout *layout,
                                    const void *values, float *out,
                                    size_t count);

#ifdef __cplusplus
}
#endif
#endif
