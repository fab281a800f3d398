// SPDX-License-Identifier: Apache-2.0
//
// Operators that move or re-shape elements without changing them.
#include "cimc/import/onnx/ops.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

// -- Reshape and its kin -----------------------------------------------------
// Replaces 0 (copy) and -1 (the rest) in the wanted shape.
static MlirLogicalResult resolve_shape(cimc_call *call,
                                       const cimc_call_list *wanted,
                                       bool allow_zero, cimc_shape *out) {
  const cimc_shape *from = cimc_call_shape(call, 0);
  int64_t total = cimc_ir_element_count(from), known = 1;
  int rest = -1;
  out->rank = (int)wanted->count;
  for (int i = 0; i < out->rank; i++) {
    int64_t dim = wanted->at[i];
    if (dim == 0 && !allow_zero) {
      if (i >= from->rank)
        return cimc_call_error(call,
                               "dimension %d of the shape is 0, which "
                               "copies one that the input does not have",
                               i);
      dim = from->dim[i];
    }
    if (dim < -1 || (dim == -1 && rest >= 0))
      return cimc_call_error(call, "the shape has %s; expected at most one -1",
                             dim == -1 ? "two -1" : "a negative dimension");
    out->dim[i] = dim;
    if (dim == -1)
      rest = i;
    else if (__builtin_mul_overflow(known, dim, &known))
      return cimc_call_error(call, "the shape has too many elements");
  }
  if (rest >= 0 && known > 0 && total % known == 0) {
    out->dim[rest] = total / known;
    known = total;
  }
  if (known != total || total < 1)
    return cimc_call_error(call,
                           "a shape of %" PRId64 " elements for %" PRId64
                           "; expected as many",
                           known, total);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_shape_reshape(cimc_call *call) {
  int64_t allow_zero = 0;
  cimc_call_list wanted;
  cimc_shape shape;
  CIMC_TRY(cimc_call_i64(call, "allowzero", &allow_zero));
  CIMC_TRY(cimc_call_ints(call, 1, "shape", &wanted));
  if (!cimc_call_has_input(call, 0) || wanted.count < 0)
    return cimc_call_error(call, "an input is left out; expected two");
  if (wanted.count > CIMC_RANK_MAX)
    return cimc_call_refuse(call, "more than %d dimensions", CIMC_RANK_MAX);
  CIMC_TRY(resolve_shape(call, &wanted, allow_zero != 0, &shape));
  return cimc_call_reshape(call, 0, &shape);
}

static MlirLogicalResult need_first(cimc_call *call) {
  if (cimc_call_has_input(call, 0))
    return mlirLogicalResultSuccess();
  return cimc_call_error(call, "input 0 is left out; expected it");
}

MlirLogicalResult cimc_ops_shape_flatten(cimc_call *call) {
  int64_t axis = 1;
  CIMC_TRY(need_first(call));
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  const cimc_shape *from = cimc_call_shape(call, 0);
  if (axis != from->rank)
    CIMC_TRY(cimc_call_axis(call, from->rank, &axis));
  cimc_shape to = {.rank = 2, .dim = {1, 1}};
  for (int i = 0; i < from->rank; i++)
    to.dim[i >= axis] *= from->dim[i];
  return cimc_call_reshape(call, 0, &to);
}

MlirLogicalResult cimc_ops_shape_squeeze(cimc_call *call) {
  cimc_call_list axes;
  CIMC_TRY(need_first(call));
  const cimc_shape *from = cimc_call_shape(call, 0);
  CIMC_TRY(cimc_call_axes(call, 1, from->rank, &axes));
  bool drop[CIMC_RANK_MAX] = {false};
  for (int i = 0; i < from->rank; i++)
    drop[i] = axes.count < 0 && from->dim[i] == 1;
  for (int64_t i = 0; i < axes.count; i++) {
    if (from->dim[axes.at[i]] != 1)
      return cimc_call_error(call,
                             "dimension %" PRId64 " is %" PRId64
                             "; expected 1, to be squeezed",
                             axes.at[i], from->dim[axes.at[i]]);
    drop[axes.at[i]] = true;
  }
  cimc_shape to = {.rank = 0};
  for (int i = 0; i < from->rank; i++)
    if (!drop[i])
      to.dim[to.rank++] = from->dim[i];
  return cimc_call_reshape(call, 0, &to);
}

MlirLogicalResult cimc_ops_shape_unsqueeze(cimc_call *call) {
  cimc_call_list axes;
  CIMC_TRY(need_first(call));
  const cimc_shape *from = cimc_call_shape(call, 0);
  CIMC_TRY(cimc_call_ints(call, 1, "axes", &axes));
  if (axes.count < 0)
    return cimc_call_error(call, "there are no axes; expected some");
  int rank = from->rank + (int)axes.count;
  if (rank > CIMC_RANK_MAX)
    return cimc_call_refuse(call, "more than %d dimensions", CIMC_RANK_MAX);
  CIMC_TRY(cimc_call_axes(call, 1, rank, &axes));
  cimc_shape to = {.rank = rank};
  for (int64_t i = 0; i < axes.count; i++)
    to.dim[axes.at[i]] = -1;
  for (int i = 0, k = 0; i < rank; i++)
    to.dim[i] = to.dim[i] == -1 ? 1 : from->dim[k++];
  return cimc_call_reshape(call, 0, &to);
}

// -- Moving ------------------------------------------------------------------
MlirLogicalResult cimc_ops_shape_transpose(cimc_call *call) {
  cimc_call_list perm;
  MlirValue x;
  CIMC_TRY(cimc_call_operand(call, 0, &x));
  int rank = cimc_call_shape(call, 0)->rank;
  CIMC_TRY(cimc_call_ints(call, SIZE_MAX, "perm", &perm));
  if (perm.count < 0) {
    perm.count = rank;
    for (int i = 0; i < rank; i++)
      perm.at[i] = rank - 1 - i;
  }
  bool seen[CIMC_RANK_MAX] = {false};
  bool sound = perm.count == rank;
  for (int i = 0; sound && i < rank; i++) {
    sound = perm.at[i] >= 0 && perm.at[i] < rank && !seen[perm.at[i]];
    if (sound)
      seen[perm.at[i]] = true;
  }
  if (!sound)
    return cimc_call_error(call,
                           "'perm' is not a permutation of the %d "
                           "dimensions",
                           rank);
  if (rank == 0)
    return cimc_call_forward(call, 0);
  return cimc_call_define(call,
                          cimc_builder_transpose(&call->builder, x, perm.at),
                          cimc_call_input(call, 0)->elem);
}

// The padding of each dimension, of all or of those that `axes` names.
static MlirLogicalResult read_pads(cimc_call *call, int rank, int64_t *low,
                                   int64_t *high) {
  cimc_call_list pads, axes = {.count = -1};
  CIMC_TRY(cimc_call_ints(call, 1, "pads", &pads));
  if (cimc_call_has_input(call, 3))
    CIMC_TRY(cimc_call_axes(call, 3, rank, &axes));
  int64_t count = axes.count >= 0 ? axes.count : rank;
  if (pads.count != 2 * count)
    return cimc_call_error(call,
                           "'pads' has %" PRId64 " elements; expected "
                           "%" PRId64 ", two for each axis",
                           pads.count < 0 ? 0 : pads.count, 2 * count);
  for (int64_t i = 0; i < count; i++) {
    int64_t axis = axes.count >= 0 ? axes.at[i] : i;
    low[axis] = pads.at[i];
    high[axis] = pads.at[count + i];
    if (low[axis] < 0 || high[axis] < 0)
      return cimc_call_refuse(call, "negative pads");
    if (low[axis] > INT32_MAX || high[axis] > INT32_MAX)
      return cimc_call_error(call, "a pad is beyond 2^31");
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_shape_pad(cimc_call *call) {
  const char *mode = "constant";
  float value = 0.0f;
  int64_t low[CIMC_RANK_MAX] = {0}, high[CIMC_RANK_MAX] = {0};
  MlirValue x;
  CIMC_TRY(cimc_call_f32(call, 0, &x));
  CIMC_TRY(cimc_call_text(call, "mode", &mode));
  if (strcmp(mode, "constant") != 0)
    return cimc_call_refuse(call, "mode '%.40s'", mode);
  CIMC_TRY(cimc_call_real(call, "value", &value));
  int rank = cimc_call_shape(call, 0)->rank;
  CIMC_TRY(read_pads(call, rank, low, high));
  if (cimc_call_has_input(call, 2)) {
    const cimc_tensor *tensor;
    CIMC_TRY(cimc_call_constant(call, 2, "constant_value", &tensor));
    if (tensor->count != 1 || tensor->elem != CIMC_ELEM_FLOAT)
      return cimc_call_error(call, "'constant_value' is not one float32; "
                                   "expected one");
    value = cimc_tensor_f32(tensor, 0);
  }
  if (isnan(value))
    return cimc_call_error(call, "the padding value is not a number; expected "
                                 "one");
  if (rank == 0)
    return cimc_call_forward(call, 0);
  const cimc_builder *builder = &call->builder;
  return cimc_call_define(
      call,
      cimc_builder_create(
          builder,
          &(cimc_builder_op){
              .kind = CIMC_QGEMM_PAD,
              .operands = {x},
              .operand_count = 1,
              .attributes = {cimc_builder_i64s(builder, "low", rank, low),
                             cimc_builder_i64s(builder, "high", rank, high),
                             cimc_builder_f32(builder, "value", value)},
              .attribute_count = 3}),
      CIMC_ELEM_FLOAT);
}

// -- Nothing at all ----------------------------------------------------------
MlirLogicalResult cimc_ops_shape_identity(cimc_call *call) {
  return cimc_call_forward(call, 0);
}

MlirLogicalResult cimc_ops_shape_dropout(cimc_call *call) {
  if (cimc_call_has_input(call, 2)) {
    const cimc_tensor *training;
    CIMC_TRY(cimc_call_constant(call, 2, "training_mode", &training));
    if (training->elem != CIMC_ELEM_BOOL || training->count != 1)
      return cimc_call_error(call, "'training_mode' is not one bool; expected "
                                   "one");
    if (cimc_tensor_i64(training, 0) != 0)
      return cimc_call_refuse(call, "training mode");
  }
  return cimc_call_forward(call, 0);
}

// Element i as `to`; false when it does not fit.
static bool cast_element(const cimc_tensor *from, int64_t i, int64_t to,
                         unsigned char *data) {
  bool real = from->elem == CIMC_ELEM_FLOAT;
  if (to == CIMC_ELEM_FLOAT) {
    cimc_tensor_put_f32(data, i,
                        real ? cimc_tensor_f32(from, i)
                             : (float)cimc_tensor_i64(from, i));
    return true;
  }
  int64_t value;
  if (real) {
    float x = cimc_tensor_f32(from, i);
    if (!(fabsf(x) < 0x1p63f))
      return false;
    value = to == CIMC_ELEM_BOOL ? x != 0.0f : (int64_t)x;
  } else {
    value = cimc_tensor_i64(from, i);
    if (to == CIMC_ELEM_BOOL)
      value = value != 0;
  }
  cimc_tensor_put_i64(to, data, i, value);
  cimc_tensor back = {.elem = to, .data = data};
  return cimc_tensor_i64(&back, i) == value;
}

static MlirLogicalResult cast_constant(cimc_call *call, const cimc_tensor *from,
                                       int64_t to) {
  unsigned char *data;
  cimc_tensor *result =
      cimc_tensor_create(call->source, to, &from->shape, &data);
  if (!result)
    return mlirLogicalResultFailure();
  for (int64_t i = 0; i < from->count; i++)
    if (!cast_element(from, i, to, data))
      return cimc_call_refuse(call, "a constant that does not fit %s",
                              cimc_proto_elem_name(to));
  return cimc_call_define_constant(call, result);
}

MlirLogicalResult cimc_ops_shape_cast(cimc_call *call) {
  int64_t stored = 0;
  const cimc_tensor *tensor;
  CIMC_TRY(need_first(call));
  CIMC_TRY(cimc_call_i64(call, "to", &stored));
  int64_t to = cimc_tensor_widened(stored);
  int64_t from = cimc_call_input(call, 0)->elem;
  CIMC_TRY(cimc_call_tensor(call, 0, &tensor));
  // Widened constants (float16 weights) have the type already.
  if (to == from && (to == stored || tensor))
    return cimc_call_forward(call, 0);
  if (!tensor || to == CIMC_ELEM_UNDEFINED)
    return cimc_call_refuse(call, "%s to %s", cimc_proto_elem_name(from),
                            cimc_proto_elem_name(stored));
  return cast_constant(call, tensor, to);
}
