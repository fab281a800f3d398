// SPDX-License-Identifier: Apache-2.0
//
// Views of tensors: where the elements are, without owning or copying them.
#ifndef CIMRT_CORE_TENSOR_H
#define CIMRT_CORE_TENSOR_H

#include "runtime/core/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CIMRT_TENSOR_RANK_MAX 8

// The element at index i lies at data + sum(i[d] * strides[d]) bytes. Strides
// may be negative (a slice that runs backwards).
typedef struct cimrt_tensor {
  void *data;
  cimrt_dtype dtype;
  uint32_t rank;
  int64_t shape[CIMRT_TENSOR_RANK_MAX];   // in elements
  int64_t strides[CIMRT_TENSOR_RANK_MAX]; // in bytes
} cimrt_tensor;

// Bytes of one element; 0 for a value that is no cimrt_dtype.
size_t cimrt_tensor_element_bytes(cimrt_dtype dtype);

// 1 when the tensor is not null and its rank and dtype are what they can be.
int32_t cimrt_tensor_is_valid(const cimrt_tensor *tensor);

// A C-order view of `bytes` bytes at `data`. CIMRT_TOO_SMALL when they do not
// hold the shape. A rank of 0 is one element.
cimrt_status cimrt_tensor_init(cimrt_tensor *out, void *data, size_t bytes,
                               const cimrt_tensor_info *info);

// Number of elements; 0 when there are none or the tensor is null.
int64_t cimrt_tensor_count(const cimrt_tensor *tensor);
// 1 when the elements lie in C order without gaps.
int32_t cimrt_tensor_is_contiguous(const cimrt_tensor *tensor);

// Address of one element; index has `rank` entries, each checked.
cimrt_status cimrt_tensor_at(const cimrt_tensor *tensor, const int64_t *index,
                             void **out);

// One dimension of a slice: `count` elements from `start` on, `step` apart. A
// negative step runs backwards; 0 is refused.
typedef struct cimrt_tensor_range {
  int64_t start;
  int64_t count;
  int64_t step;
} cimrt_tensor_range;

// ranges has `rank` entries. *out may be the tensor itself, as below.
cimrt_status cimrt_tensor_slice(const cimrt_tensor *tensor,
                                const cimrt_tensor_range *ranges,
                                cimrt_tensor *out);

// Dimension d of the result is dimension perm[d] of the tensor.
cimrt_status cimrt_tensor_transpose(const cimrt_tensor *tensor,
                                    const uint32_t *perm, cimrt_tensor *out);

// Same elements in the same order under another shape of equal count. The
// tensor must be contiguous: anything else would need a copy.
cimrt_status cimrt_tensor_reshape(const cimrt_tensor *tensor,
                                  const int64_t *shape, uint32_t rank,
                                  cimrt_tensor *out);

// Copies between views of equal shape and dtype that do not overlap.
cimrt_status cimrt_tensor_copy(const cimrt_tensor *from,
                               const cimrt_tensor *to);

#ifdef __cplusplus
}
#endif
#endif
