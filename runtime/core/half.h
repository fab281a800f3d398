// SPDX-License-Identifier: Apache-2.0
//
// IEEE 754 half precision, by bits: the same on every machine, with and
// without instructions for it.
#ifndef CIMRT_CORE_HALF_H
#define CIMRT_CORE_HALF_H

#include "runtime/core/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Exact; a NaN keeps its payload.
float cimrt_half_to_f32(uint16_t half);

// The nearest half, ties to even; 65520 and above become infinite. A NaN
// becomes a quiet NaN with the upper bits of its payload.
uint16_t cimrt_half_from_f32(float value);

// Arrays that do not overlap; CIMRT_INVALID_ARGUMENT when one is null and
// `count` is not 0.
cimrt_status cimrt_half_unpack(const uint16_t *halves, float *out,
                               size_t count);
cimrt_status cimrt_half_pack(const float *values, uint16_t *out, size_t count);

#ifdef __cplusplus
}
#endif
#endif
