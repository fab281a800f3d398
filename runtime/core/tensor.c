// SPDX-License-Identifier: Apache-2.0
//
// Views: all arithmetic on extents is checked, so that a view that was made
// never reaches outside the memory it was made on.
#include "runtime/core/tensor.h"

#include <string.h>

size_t cimrt_tensor_element_bytes(cimrt_dtype dtype) {
  switch (dtype) {
  case CIMRT_I8:
  case CIMRT_U8:
  case CIMRT_BOOL:
    return 1;
  case CIMRT_I16:
  case CIMRT_U16:
  case CIMRT_F16:
    return 2;
  case CIMRT_F32:
  case CIMRT_I32:
    return 4;
  case CIMRT_I64:
  case CIMRT_F64:
    return 8;
  }
  return 0;
}

// a * b for a, b >= 0.
static int multiply(int64_t a, int64_t b, int64_t *out) {
  if (a < 0 || b < 0 || (b != 0 && a > INT64_MAX / b))
    return 0;
  *out = a * b;
  return 1;
}

// C-order strides; *out_bytes is the whole extent. 0 when it overflows.
static int lay_out(cimrt_tensor *tensor, int64_t *out_bytes) {
  int64_t step = (int64_t)cimrt_tensor_element_bytes(tensor->dtype);
  int empty = 0;
  for (uint32_t d = tensor->rank; d-- > 0;) {
    tensor->strides[d] = step;
    empty |= tensor->shape[d] == 0;
    int64_t extent = tensor->shape[d] == 0 ? 1 : tensor->shape[d];
    if (!multiply(step, extent, &step))
      return 0;
  }
  *out_bytes = empty ? 0 : step;
  return 1;
}

int32_t cimrt_tensor_is_valid(const cimrt_tensor *tensor) {
  return tensor != NULL && tensor->rank <= CIMRT_TENSOR_RANK_MAX &&
         cimrt_tensor_element_bytes(tensor->dtype) != 0;
}

cimrt_status cimrt_tensor_init(cimrt_tensor *out, void *data, size_t bytes,
                               const cimrt_tensor_info *info) {
  if (out == NULL || info == NULL || info->rank > CIMRT_TENSOR_RANK_MAX ||
      (info->rank != 0 && info->shape == NULL))
    return CIMRT_INVALID_ARGUMENT;
  cimrt_tensor tensor = {
      .data = data, .dtype = (cimrt_dtype)info->dtype, .rank = info->rank};
  if (cimrt_tensor_element_bytes(tensor.dtype) == 0)
    return CIMRT_INVALID_ARGUMENT;
  for (uint32_t d = 0; d < tensor.rank; ++d) {
    if (info->shape[d] < 0)
      return CIMRT_INVALID_ARGUMENT;
    tensor.shape[d] = info->shape[d];
  }
  int64_t needed;
  if (!lay_out(&tensor, &needed))
    return CIMRT_INVALID_ARGUMENT;
  if ((uint64_t)needed > bytes)
    return CIMRT_TOO_SMALL;
  if (data == NULL && needed != 0)
    return CIMRT_INVALID_ARGUMENT;
  *out = tensor;
  return CIMRT_OK;
}

int64_t cimrt_tensor_count(const cimrt_tensor *tensor) {
  if (!cimrt_tensor_is_valid(tensor))
    return 0;
  int64_t count = 1;
  for (uint32_t d = 0; d < tensor->rank; ++d)
    if (tensor->shape[d] == 0)
      return 0;
  for (uint32_t d = 0; d < tensor->rank; ++d)
    if (!multiply(count, tensor->shape[d], &count))
      return 0;
  return count;
}

int32_t cimrt_tensor_is_contiguous(const cimrt_tensor *tensor) {
  if (!cimrt_tensor_is_valid(tensor))
    return 0;
  if (cimrt_tensor_count(tensor) == 0)
    return 1;
  int64_t step = (int64_t)cimrt_tensor_element_bytes(tensor->dtype);
  for (uint32_t d = tensor->rank; d-- > 0;) {
    // The stride of a dimension of one is never used.
    if (tensor->shape[d] != 1 && tensor->strides[d] != step)
      return 0;
    step *= tensor->shape[d];
  }
  return 1;
}

cimrt_status cimrt_tensor_at(const cimrt_tensor *tensor, const int64_t *index,
                             void **out) {
  if (!cimrt_tensor_is_valid(tensor) || out == NULL ||
      (index == NULL && tensor->rank != 0))
    return CIMRT_INVALID_ARGUMENT;
  int64_t offset = 0;
  for (uint32_t d = 0; d < tensor->rank; ++d) {
    if (index[d] < 0 || index[d] >= tensor->shape[d])
      return CIMRT_INVALID_ARGUMENT;
    offset += index[d] * tensor->strides[d];
  }
  *out = (char *)tensor->data + offset;
  return CIMRT_OK;
}

// Whether start + (count - 1) * step stays in [0, extent).
static int range_fits(cimrt_tensor_range range, int64_t extent) {
  if (range.count < 0 || range.step == 0 || range.start < 0)
    return 0;
  if (range.count == 0)
    return range.start <= extent;
  if (range.start >= extent)
    return 0;
  int64_t room =
      range.step > 0 ? extent - 1 - range.start : range.start; // elements
  // |INT64_MIN| is no int64; such a step only ever takes one element.
  if (range.step == INT64_MIN)
    return range.count == 1;
  int64_t step = range.step > 0 ? range.step : -range.step;
  return range.count - 1 <= room / step;
}

cimrt_status cimrt_tensor_slice(const cimrt_tensor *tensor,
                                const cimrt_tensor_range *ranges,
                                cimrt_tensor *out) {
  if (!cimrt_tensor_is_valid(tensor) || out == NULL ||
      (ranges == NULL && tensor->rank != 0))
    return CIMRT_INVALID_ARGUMENT;
  cimrt_tensor view = *tensor;
  int64_t offset = 0;
  for (uint32_t d = 0; d < tensor->rank; ++d) {
    cimrt_tensor_range range = ranges[d];
    if (!range_fits(range, tensor->shape[d]))
      return CIMRT_INVALID_ARGUMENT;
    view.shape[d] = range.count;
    if (range.count > 0)
      offset += range.start * tensor->strides[d];
    // A lone element's step may be anything: keep the stride it had.
    if (range.count > 1)
      view.strides[d] = tensor->strides[d] * range.step;
  }
  // An empty view may start where no element is: keep its address.
  if (cimrt_tensor_count(&view) != 0)
    view.data = (char *)tensor->data + offset;
  *out = view;
  return CIMRT_OK;
}

cimrt_status cimrt_tensor_transpose(const cimrt_tensor *tensor,
                                    const uint32_t *perm, cimrt_tensor *out) {
  if (!cimrt_tensor_is_valid(tensor) || out == NULL ||
      (perm == NULL && tensor->rank != 0))
    return CIMRT_INVALID_ARGUMENT;
  cimrt_tensor view = *tensor;
  uint32_t seen = 0;
  for (uint32_t d = 0; d < tensor->rank; ++d) {
    if (perm[d] >= tensor->rank || (seen & 1u << perm[d]) != 0)
      return CIMRT_INVALID_ARGUMENT;
    seen |= 1u << perm[d];
    view.shape[d] = tensor->shape[perm[d]];
    view.strides[d] = tensor->strides[perm[d]];
  }
  *out = view;
  return CIMRT_OK;
}

cimrt_status cimrt_tensor_reshape(const cimrt_tensor *tensor,
                                  const int64_t *shape, uint32_t rank,
                                  cimrt_tensor *out) {
  if (!cimrt_tensor_is_valid(tensor) || out == NULL ||
      rank > CIMRT_TENSOR_RANK_MAX || (shape == NULL && rank != 0) ||
      !cimrt_tensor_is_contiguous(tensor))
    return CIMRT_INVALID_ARGUMENT;
  cimrt_tensor view = {
      .data = tensor->data, .dtype = tensor->dtype, .rank = rank};
  for (uint32_t d = 0; d < rank; ++d) {
    if (shape[d] < 0)
      return CIMRT_INVALID_ARGUMENT;
    view.shape[d] = shape[d];
  }
  int64_t bytes;
  if (!lay_out(&view, &bytes) ||
      cimrt_tensor_count(&view) != cimrt_tensor_count(tensor))
    return CIMRT_INVALID_ARGUMENT;
  *out = view;
  return CIMRT_OK;
}

cimrt_status cimrt_tensor_copy(const cimrt_tensor *from,
                               const cimrt_tensor *to) {
  if (!cimrt_tensor_is_valid(from) || !cimrt_tensor_is_valid(to) ||
      from->dtype != to->dtype || from->rank != to->rank ||
      memcmp(from->shape, to->shape, from->rank * sizeof from->shape[0]) != 0)
    return CIMRT_INVALID_ARGUMENT;
  size_t element = cimrt_tensor_element_bytes(from->dtype);
  int64_t count = cimrt_tensor_count(from);
  int64_t index[CIMRT_TENSOR_RANK_MAX] = {0};
  const char *source = from->data;
  char *target = to->data;
  for (int64_t i = 0; i < count; ++i) {
    memcpy(target, source, element);
    // An odometer: step the last dimension, carry into the one before.
    for (uint32_t d = from->rank; d-- > 0;) {
      source += from->strides[d];
      target += to->strides[d];
      if (++index[d] < from->shape[d])
        break;
      source -= from->strides[d] * from->shape[d];
      target -= to->strides[d] * from->shape[d];
      index[d] = 0;
    }
  }
  return CIMRT_OK;
}
