// SPDX-License-Identifier: Apache-2.0
//
// Moving the elements of terms: views, slices, gathers, concatenation.
#include "cimc/import/onnx_ops/term.h"

#include <stdlib.h>
#include <string.h>

// More elements are moved at run time, or by the pass fold.
#define ELEMENTS_MAX (INT64_C(1) << 24)

static bool is_known(const cimc_term *x, const cimc_shape *result) {
  int64_t count = cimc_ir_element_count(result);
  return x->known && count >= 0 && count <= ELEMENTS_MAX;
}

// Where the elements of a result stand in x: element `start`, and so many
// further for each index.
typedef struct strided {
  int64_t start;
  int64_t step[CIMC_RANK_MAX];
} strided;

static void strides_of(const cimc_shape *shape, int64_t *out) {
  int64_t stride = 1;
  for (int i = shape->rank - 1; i >= 0; i--) {
    out[i] = stride;
    stride *= shape->dim[i];
  }
}

static cimc_term copy_strided(cimc_call *call, const cimc_tensor *x,
                              const strided *how, const cimc_shape *shape) {
  unsigned char *data;
  cimc_tensor *out = cimc_tensor_create(call->source, x->elem, shape, &data);
  size_t size = cimc_tensor_elem_bytes(x->elem);
  int64_t index[CIMC_RANK_MAX] = {0}, at = how->start;
  for (int64_t i = 0; out && i < out->count; i++) {
    memcpy(data + (size_t)i * size, x->data + (size_t)at * size, size);
    for (int d = shape->rank - 1; d >= 0; d--) {
      at += how->step[d];
      if (++index[d] < shape->dim[d])
        break;
      at -= how->step[d] * shape->dim[d];
      index[d] = 0;
    }
  }
  return cimc_term_known(out);
}

// -- Views -------------------------------------------------------------------
cimc_term cimc_term_reshape(cimc_call *call, cimc_term x,
                            const cimc_shape *shape) {
  if (!x.sound || cimc_ir_shape_equal(&x.shape, shape))
    return x;
  if (x.known) {
    cimc_tensor *copy = cimc_arena_alloc(call->source->arena, 1, sizeof *copy);
    if (!copy) {
      cimc_call_error(call, "the model needs more memory than is allowed");
      return CIMC_TERM_NONE;
    }
    *copy = *x.known;
    copy->shape = *shape;
    return cimc_term_known(copy);
  }
  cimc_shape held = cimc_term_held(shape);
  return cimc_term_made(cimc_builder_reshape(&call->builder, x.value, &held),
                        x.elem, shape);
}

cimc_term cimc_term_transpose(cimc_call *call, cimc_term x,
                              const int64_t *perm) {
  if (!x.sound || x.shape.rank == 0)
    return x;
  cimc_shape to = {.rank = x.shape.rank};
  strided how = {.start = 0};
  int64_t stride[CIMC_RANK_MAX];
  strides_of(&x.shape, stride);
  for (int i = 0; i < to.rank; i++) {
    to.dim[i] = x.shape.dim[perm[i]];
    how.step[i] = stride[perm[i]];
  }
  if (is_known(&x, &to))
    return copy_strided(call, x.known, &how, &to);
  MlirValue value;
  if (mlirLogicalResultIsFailure(cimc_term_value(call, &x, &value)))
    return CIMC_TERM_NONE;
  return cimc_term_made(cimc_builder_transpose(&call->builder, value, perm),
                        x.elem, &to);
}

// -- Slices ------------------------------------------------------------------
cimc_term_range cimc_term_whole(const cimc_term *x) {
  cimc_term_range range = {.start = {0}};
  for (int i = 0; i < CIMC_RANK_MAX; i++) {
    range.step[i] = 1;
    range.size[i] = i < x->shape.rank ? x->shape.dim[i] : 1;
  }
  return range;
}

cimc_term cimc_term_slice(cimc_call *call, cimc_term x,
                          const cimc_term_range *range) {
  if (!x.sound)
    return x;
  int rank = x.shape.rank;
  cimc_shape to = {.rank = rank};
  strided how = {.start = 0};
  int64_t stride[CIMC_RANK_MAX];
  strides_of(&x.shape, stride);
  bool whole = true;
  for (int i = 0; i < rank; i++) {
    to.dim[i] = range->size[i];
    how.start += range->start[i] * stride[i];
    how.step[i] = range->step[i] * stride[i];
    whole &= range->size[i] == x.shape.dim[i] && range->step[i] == 1;
  }
  if (whole)
    return x;
  if (is_known(&x, &to))
    return copy_strided(call, x.known, &how, &to);
  if (cimc_ir_element_count(&to) == 0) { // known, as there is nothing in it
    unsigned char *data;
    return cimc_term_known(
        cimc_tensor_create(call->source, x.elem, &to, &data));
  }
  MlirValue value;
  if (mlirLogicalResultIsFailure(cimc_term_value(call, &x, &value)))
    return CIMC_TERM_NONE;
  const cimc_builder *b = &call->builder;
  cimc_builder_op op = {
      .kind = CIMC_QGEMM_SLICE,
      .operands = {value},
      .operand_count = 1,
      .attributes = {cimc_builder_i64s(b, "starts", rank, range->start),
                     cimc_builder_i64s(b, "sizes", rank, range->size),
                     cimc_builder_i64s(b, "steps", rank, range->step)},
      .attribute_count = 3};
  return cimc_term_made(cimc_builder_create(b, &op), x.elem, &to);
}

cimc_term cimc_term_part(cimc_call *call, cimc_term x, int axis, int64_t start,
                         int64_t count) {
  if (!x.sound)
    return x;
  cimc_term_range range = cimc_term_whole(&x);
  range.start[axis] = start;
  range.size[axis] = count;
  return cimc_term_slice(call, x, &range);
}

// -- Concatenation -----------------------------------------------------------
static cimc_term concat_known(cimc_call *call, const cimc_term *parts,
                              size_t count, const cimc_shape *shape, int axis) {
  unsigned char *data;
  cimc_tensor *out =
      cimc_tensor_create(call->source, parts[0].elem, shape, &data);
  if (!out)
    return CIMC_TERM_NONE;
  size_t inner = cimc_tensor_elem_bytes(parts[0].elem), at = 0;
  int64_t outer = 1;
  for (int i = 0; i < shape->rank; i++) {
    if (i < axis)
      outer *= shape->dim[i];
    else if (i > axis)
      inner *= (size_t)shape->dim[i];
  }
  for (int64_t i = 0; i < outer; i++)
    for (size_t k = 0; k < count; k++) {
      size_t bytes = (size_t)parts[k].shape.dim[axis] * inner;
      if (bytes > 0)
        memcpy(data + at, parts[k].known->data + (size_t)i * bytes, bytes);
      at += bytes;
    }
  return cimc_term_known(out);
}

static bool check_parts(cimc_call *call, const cimc_term *parts, size_t count,
                        int axis, cimc_shape *out) {
  *out = parts[0].shape;
  for (size_t k = 0; k < count; k++) {
    const cimc_shape *shape = &parts[k].shape;
    bool same = parts[k].sound && parts[k].elem == parts[0].elem &&
                shape->rank == out->rank;
    for (int i = 0; same && i < out->rank; i++)
      same = i == axis || shape->dim[i] == out->dim[i];
    if (!parts[k].sound)
      return false;
    if (!same) {
      cimc_call_error(call,
                      "input %zu differs from the first in type or beside "
                      "axis %d; expected the same",
                      k, axis);
      return false;
    }
    if (k > 0 && __builtin_add_overflow(out->dim[axis], shape->dim[axis],
                                        &out->dim[axis])) {
      cimc_call_error(call, "the result has too many elements");
      return false;
    }
  }
  return true;
}

// As many as one op takes; the parts are not empty.
static cimc_term concat_few(cimc_call *call, cimc_term *parts, size_t count,
                            int axis) {
  const cimc_builder *b = &call->builder;
  cimc_builder_op op = {.kind = CIMC_QGEMM_CONCAT,
                        .operand_count = (int)count,
                        .attributes = {cimc_builder_i64(b, "axis", axis)},
                        .attribute_count = 1};
  cimc_shape shape = parts[0].shape;
  shape.dim[axis] = 0;
  for (size_t k = 0; k < count; k++) {
    shape.dim[axis] += parts[k].shape.dim[axis];
    if (mlirLogicalResultIsFailure(
            cimc_term_value(call, &parts[k], &op.operands[k])))
      return CIMC_TERM_NONE;
  }
  return cimc_term_made(cimc_builder_create(b, &op), parts[0].elem, &shape);
}

cimc_term cimc_term_concat(cimc_call *call, const cimc_term *parts,
                           size_t count, int axis) {
  cimc_shape shape;
  if (!check_parts(call, parts, count, axis, &shape))
    return CIMC_TERM_NONE;
  bool known = true;
  for (size_t k = 0; k < count; k++)
    known &= is_known(&parts[k], &shape);
  if (known)
    return concat_known(call, parts, count, &shape, axis);
  cimc_term some[CIMC_BUILDER_OPERANDS_MAX];
  size_t used = 0;
  for (size_t k = 0; k < count; k++) {
    if (used == CIMC_BUILDER_OPERANDS_MAX) {
      some[0] = concat_few(call, some, used, axis);
      used = 1;
      if (!some[0].sound)
        return CIMC_TERM_NONE;
    }
    if (parts[k].shape.dim[axis] > 0)
      some[used++] = parts[k];
  }
  return used == 1 ? some[0] : concat_few(call, some, used, axis);
}

// -- Gathers -----------------------------------------------------------------
static cimc_term gather_known(cimc_call *call, const cimc_tensor *x,
                              const cimc_tensor *indices, int axis,
                              const cimc_shape *shape) {
  unsigned char *data;
  cimc_tensor *out = cimc_tensor_create(call->source, x->elem, shape, &data);
  size_t inner = cimc_tensor_elem_bytes(x->elem), at = 0;
  int64_t outer = 1, size = x->shape.dim[axis];
  for (int i = 0; i < x->shape.rank; i++) {
    if (i < axis)
      outer *= x->shape.dim[i];
    else if (i > axis)
      inner *= (size_t)x->shape.dim[i];
  }
  for (int64_t i = 0; out && i < outer; i++)
    for (int64_t k = 0; k < indices->count; k++) {
      int64_t index = cimc_tensor_i64(indices, k);
      index += index < 0 ? size : 0;
      if (index < 0 || index >= size) {
        cimc_call_error(call, "index %lld of %lld elements",
                        (long long)cimc_tensor_i64(indices, k),
                        (long long)size);
        return CIMC_TERM_NONE;
      }
      memcpy(data + at, x->data + (size_t)(i * size + index) * inner, inner);
      at += inner;
    }
  return cimc_term_known(out);
}

// The indices themselves, when they are known, must be inside.
static bool check_indices(cimc_call *call, const cimc_term *indices,
                          int64_t size) {
  for (int64_t k = 0; indices->known && k < indices->known->count; k++) {
    int64_t index = cimc_tensor_i64(indices->known, k);
    if (index < -size || index >= size) {
      cimc_call_error(call, "index %lld of %lld elements", (long long)index,
                      (long long)size);
      return false;
    }
  }
  return true;
}

cimc_term cimc_term_gather(cimc_call *call, cimc_term x, cimc_term indices,
                           int axis) {
  if (!x.sound || !indices.sound)
    return CIMC_TERM_NONE;
  if (indices.elem != CIMC_ELEM_INT64 && indices.elem != CIMC_ELEM_INT32) {
    cimc_call_error(call, "indices of type %s; expected int64 or int32",
                    cimc_proto_elem_name(indices.elem));
    return CIMC_TERM_NONE;
  }
  cimc_shape to = {.rank = 0};
  if (x.shape.rank - 1 + indices.shape.rank > CIMC_RANK_MAX) {
    cimc_call_refuse(call, "more than %d dimensions", CIMC_RANK_MAX);
    return CIMC_TERM_NONE;
  }
  for (int i = 0; i < axis; i++)
    to.dim[to.rank++] = x.shape.dim[i];
  for (int i = 0; i < indices.shape.rank; i++)
    to.dim[to.rank++] = indices.shape.dim[i];
  for (int i = axis + 1; i < x.shape.rank; i++)
    to.dim[to.rank++] = x.shape.dim[i];
  if (indices.known && is_known(&x, &to))
    return gather_known(call, x.known, indices.known, axis, &to);
  cimc_builder_op op = {
      .kind = CIMC_QGEMM_GATHER,
      .operand_count = 2,
      .attributes = {cimc_builder_i64(&call->builder, "axis", axis)},
      .attribute_count = 1};
  if (!check_indices(call, &indices, x.shape.dim[axis]) ||
      mlirLogicalResultIsFailure(cimc_term_value(call, &x, op.operands)) ||
      mlirLogicalResultIsFailure(
          cimc_term_value(call, &indices, &op.operands[1])))
    return CIMC_TERM_NONE;
  // A scalar index is a list of one, whose dimension is dropped after.
  MlirValue made = cimc_builder_create(&call->builder, &op);
  cimc_shape held = cimc_term_held(&to);
  return cimc_term_made(cimc_builder_reshape(&call->builder, made, &held),
                        x.elem, &to);
}

cimc_term cimc_term_take(cimc_call *call, cimc_term x,
                         const cimc_term_indices *indices) {
  if (!x.sound)
    return x;
  bool whole = indices->count == x.shape.dim[indices->axis];
  for (int64_t i = 0; whole && i < indices->count; i++)
    whole = indices->at[i] == i;
  if (whole)
    return x;
  return cimc_term_gather(
      call, x, cimc_term_list(call, indices->at, (size_t)indices->count),
      indices->axis);
}

// -- Expanding and padding ---------------------------------------------------
cimc_term cimc_term_expand(cimc_call *call, cimc_term x,
                           const cimc_shape *shape) {
  if (!x.sound)
    return x;
  cimc_shape full = {.rank = shape->rank};
  strided how = {.start = 0};
  int64_t stride[CIMC_RANK_MAX];
  strides_of(&x.shape, stride);
  for (int i = 0; i < shape->rank; i++) {
    int from = x.shape.rank - shape->rank + i;
    full.dim[i] = from < 0 ? 1 : x.shape.dim[from];
    how.step[i] = from < 0 || full.dim[i] == 1 ? 0 : stride[from];
  }
  if (is_known(&x, shape))
    return copy_strided(call, x.known, &how, shape);
  x = cimc_term_reshape(call, x, &full);
  for (int i = 0; i < shape->rank; i++) {
    if (full.dim[i] == shape->dim[i])
      continue;
    int64_t *zeros =
        cimc_arena_alloc(call->source->arena, (size_t)shape->dim[i], 8);
    if (!zeros) {
      cimc_call_error(call, "the model needs more memory than is allowed");
      return CIMC_TERM_NONE;
    }
    x = cimc_term_take(
        call, x,
        &(cimc_term_indices){.axis = i, .count = shape->dim[i], .at = zeros});
  }
  return x;
}

cimc_term cimc_term_pad(cimc_call *call, cimc_term x,
                        const cimc_term_pads *pads) {
  MlirValue value;
  if (mlirLogicalResultIsFailure(cimc_term_value(call, &x, &value)))
    return CIMC_TERM_NONE;
  int rank = x.shape.rank;
  cimc_shape to = {.rank = rank};
  bool idle = true, spread = false;
  for (int i = 0; i < rank; i++) {
    to.dim[i] = pads->low[i] + pads->high[i] + x.shape.dim[i] +
                pads->interior[i] * (x.shape.dim[i] - 1);
    idle &= to.dim[i] == x.shape.dim[i];
    spread |= pads->interior[i] > 0;
  }
  if (idle || rank == 0)
    return x;
  const cimc_builder *b = &call->builder;
  cimc_builder_op op = {
      .kind = CIMC_QGEMM_PAD,
      .operands = {value},
      .operand_count = 1,
      .attributes = {cimc_builder_i64s(b, "low", rank, pads->low),
                     cimc_builder_i64s(b, "high", rank, pads->high),
                     cimc_builder_f32(b, "value", pads->value),
                     cimc_builder_i64s(b, "interior", rank, pads->interior)},
      .attribute_count = spread ? 4 : 3};
  return cimc_term_made(cimc_builder_create(b, &op), x.elem, &to);
}
