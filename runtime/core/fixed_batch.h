// SPDX-License-Identifier: Apache-2.0
//
// Fixed-point arithmetic over arrays: element i is what the scalar call of
// runtime/core/fixed.h gives for element i.
#ifndef CIMRT_CORE_FIXED_BATCH_H
#define CIMRT_CORE_FIXED_BATCH_H

#include "runtime/core/fixed.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Arrays of `count` words: int8_t, int16_t or int32_t by the format's bits.
//
// Aliasing: `out` may be an input itself where both have words of one type
// (in place); inputs may overlap each other as they like. Any other overlap of
// `out` with an input is CIMRT_INVALID_ARGUMENT, as are bad formats and, but
// for a count of 0, null arrays; an array that is not aligned to its words is
// CIMRT_MISALIGNED. Then nothing is written.

cimrt_status cimrt_fixed_batch_from_f32(cimrt_fixed_format format,
                                        const float *values, void *out,
                                        size_t count);
cimrt_status cimrt_fixed_batch_to_f32(cimrt_fixed_format format, const void *q,
                                      float *out, size_t count);
cimrt_status cimrt_fixed_batch_convert(cimrt_fixed_format from, const void *q,
                                       cimrt_fixed_format to, void *out,
                                       size_t count);
// The values themselves as words of the format, as cimrt_fixed_saturate.
cimrt_status cimrt_fixed_batch_saturate(cimrt_fixed_format format,
                                        const int32_t *values, void *out,
                                        size_t count);

cimrt_status cimrt_fixed_batch_add(cimrt_fixed_format format, const void *a,
                                   const void *b, void *out, size_t count);
cimrt_status cimrt_fixed_batch_sub(cimrt_fixed_format format, const void *a,
                                   const void *b, void *out, size_t count);
cimrt_status cimrt_fixed_batch_mul(cimrt_fixed_format format, const void *a,
                                   const void *b, void *out, size_t count);
cimrt_status cimrt_fixed_batch_relu(cimrt_fixed_format format, const void *a,
                                    void *out, size_t count);
cimrt_status cimrt_fixed_batch_shift_right(cimrt_fixed_format format,
                                           const void *a, uint32_t by,
                                           void *out, size_t count);
cimrt_status cimrt_fixed_batch_shift_left(cimrt_fixed_format format,
                                          const void *a, uint32_t by, void *out,
                                          size_t count);

// *sum += a[0] * b[0] + ... : a mac for each element, exact. `sum` must not
// lie in the arrays.
cimrt_status cimrt_fixed_batch_mac(cimrt_fixed_format format, const void *a,
                                   const void *b, size_t count,
                                   cimrt_fixed_wide *sum);

#ifdef __cplusplus
}
#endif
#endif
