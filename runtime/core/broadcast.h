// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic of tensor views under NumPy's broadcasting: shapes are aligned at
// their last dimension, and a dimension of one repeats.
#ifndef CIMRT_CORE_BROADCAST_H
#define CIMRT_CORE_BROADCAST_H

#include "runtime/core/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

// The shape of a (+) b; `shape` has room for CIMRT_TENSOR_RANK_MAX extents.
// CIMRT_INVALID_ARGUMENT when two extents differ and neither is 1.
cimrt_status cimrt_broadcast_shape(const cimrt_tensor *a, const cimrt_tensor *b,
                                   int64_t *shape, uint32_t *rank);

// The tensor as a view of that shape: repeated dimensions have stride 0. Do not
// write through it. *out may be the tensor itself.
cimrt_status cimrt_broadcast_to(const cimrt_tensor *tensor,
                                const int64_t *shape, uint32_t rank,
                                cimrt_tensor *out);

// out = a + b and out = a * b. All three have one dtype, any but BOOL; `out`
// has the shape of cimrt_broadcast_shape and no repeated elements. Integers
// wrap around; f16 is computed in f32 and rounded once, which is the nearest
// half. `out` may be an operand of its own shape, in place: the same view.
// Another overlap gives unspecified elements.
cimrt_status cimrt_broadcast_add(const cimrt_tensor *a, const cimrt_tensor *b,
                                 const cimrt_tensor *out);
cimrt_status cimrt_broadcast_mul(const cimrt_tensor *a, const cimrt_tensor *b,
                                 const cimrt_tensor *out);

#ifdef __cplusplus
}
#endif
#endif
