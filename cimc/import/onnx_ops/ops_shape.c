// SPDX-License-Identifier: Apache-2.0
//
// Operators that move or re-shape elements without changing them.
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/term.h"

#include <inttypes.h>

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
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(cimc_call_ints(call, SIZE_MAX, "perm", &perm));
  if (!x.sound)
    return mlirLogicalResultFailure();
  int rank = x.shape.rank;
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
  return cimc_term_define(call, 0, cimc_term_transpose(call, x, perm.at));
}

// -- Nothing at all ----------------------------------------------------------
MlirLogicalResult cimc_ops_shape_identity(cimc_call *call) {
  return cimc_call_forward(call, 0);
}

// Whether dropout would drop anything.
static MlirLogicalResult is_training(cimc_call *call, bool *out) {
  float ratio = 0.5f;
  *out = false;
  if (!cimc_call_has_input(call, 2))
    return mlirLogicalResultSuccess();
  const cimc_tensor *training, *of = NULL;
  CIMC_TRY(cimc_call_constant(call, 2, "training_mode", &training));
  if (training->elem != CIMC_ELEM_BOOL || training->count != 1)
    return cimc_call_error(call, "'training_mode' is not one bool; expected "
                                 "one");
  if (cimc_call_has_input(call, 1))
    CIMC_TRY(cimc_call_constant(call, 1, "ratio", &of));
  if (of && of->elem == CIMC_ELEM_FLOAT && of->count == 1)
    ratio = cimc_tensor_f32(of, 0);
  *out = cimc_tensor_i64(training, 0) != 0 && ratio != 0.0f;
  return mlirLogicalResultSuccess();
}

// Nothing is dropped: the mask is all true.
MlirLogicalResult cimc_ops_shape_dropout(cimc_call *call) {
  bool training;
  CIMC_TRY(need_first(call));
  CIMC_TRY(is_training(call, &training));
  if (training)
    return cimc_call_refuse(call, "training mode");
  CIMC_TRY(cimc_call_forward(call, 0));
  if (!cimc_call_has_output(call, 1))
    return mlirLogicalResultSuccess();
  const cimc_graph_value *x = cimc_call_input(call, 0);
  cimc_shape scalar = {.rank = 0};
  // Before opset 10 the mask has the input's type.
  cimc_term mask = cimc_term_number(
      call, call->opset < 10 ? x->elem : (int64_t)CIMC_ELEM_BOOL, 1);
  mask =
      cimc_term_expand(call, cimc_term_reshape(call, mask, &scalar), &x->shape);
  return cimc_term_define(call, 1, mask);
}
