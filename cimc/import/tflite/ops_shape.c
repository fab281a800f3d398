// SPDX-License-Identifier: Apache-2.0
//
// Operators that change shapes, or move elements without choosing among them.
#include "cimc/import/tflite/move.h"
#include "cimc/import/tflite/ops.h"
#include "cimc/import/tflite/weights.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

// Fills in the one -1 of a shape for `total` elements.
static MlirLogicalResult resolve(cimc_lite_call *call,
                                 const cimc_lite_list *wanted, int64_t total,
                                 cimc_shape *out) {
  int64_t known = 1;
  int rest = -1;
  if (wanted->count > CIMC_RANK_MAX)
    return cimc_lite_call_refuse(call, "more than %d dimensions",
                                 CIMC_RANK_MAX);
  out->rank = (int)wanted->count;
  for (int i = 0; i < out->rank; i++) {
    out->dim[i] = wanted->at[i];
    if (out->dim[i] < -1 || (out->dim[i] == -1 && rest >= 0))
      return cimc_lite_call_error(call,
                                  "the shape has %s; expected at most "
                                  "one -1",
                                  out->dim[i] == -1 ? "two -1"
                                                    : "a negative dimension");
    if (out->dim[i] == -1)
      rest = i;
    else if (__builtin_mul_overflow(known, out->dim[i], &known))
      return cimc_lite_call_error(call, "the shape has too many elements");
  }
  if (rest >= 0 && known > 0 && total % known == 0) {
    out->dim[rest] = total / known;
    known = total;
  }
  if (known != total || total < 1)
    return cimc_lite_call_error(call,
                                "a shape of %" PRId64 " elements for %" PRId64
                                "; expected as many",
                                known, total);
  return mlirLogicalResultSuccess();
}

// A shape that is computed: the output's own, for as many elements.
static MlirLogicalResult computed_shape(cimc_lite_call *call, int64_t total,
                                        cimc_shape *out) {
  *out = cimc_lite_call_output(call, 0)->shape;
  if (cimc_ir_element_count(out) == total)
    return mlirLogicalResultSuccess();
  return cimc_lite_call_refuse(call, "a shape that is not constant");
}

static MlirLogicalResult wanted_shape(cimc_lite_call *call, int64_t total,
                                      cimc_shape *out) {
  cimc_lite_list list = {.count = 0};
  const cimc_lite_tensor *shape = cimc_lite_call_input(call, 1);
  if (shape && !shape->data.bytes && cimc_ir_element_count(&shape->shape) != 0)
    return computed_shape(call, total, out);
  if (shape) {
    CIMC_TRY(cimc_lite_call_ints(call, 1, "the shape", &list));
  } else {
    cimc_flat_vector vector;
    if (!cimc_flat_get_vector(&call->op->options, 0, 4, &vector) ||
        vector.count > CIMC_RANK_MAX)
      return cimc_lite_call_error(call,
                                  "the shape is damaged or has more than "
                                  "%d dimensions",
                                  CIMC_RANK_MAX);
    for (size_t i = 0; i < vector.count; i++) {
      cimc_flat_number n = {0};
      cimc_flat_at(&vector, i, CIMC_FLAT_I32, &n);
      list.at[list.count++] = n.whole;
    }
  }
  return resolve(call, &list, total, out);
}

// Defines output 0 as input 0 in another shape of as many elements.
static MlirLogicalResult define_shape(cimc_lite_call *call,
                                      const cimc_shape *shape) {
  MlirValue x;
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  return cimc_lite_call_define(call, 0, cimc_lite_move_reshape(call, x, shape));
}

MlirLogicalResult cimc_lite_ops_reshape(cimc_lite_call *call) {
  MlirValue x;
  cimc_shape shape;
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  CIMC_TRY(wanted_shape(
      call, cimc_ir_element_count(cimc_lite_call_shape(call, 0)), &shape));
  return define_shape(call, &shape);
}

MlirLogicalResult cimc_lite_ops_squeeze(cimc_lite_call *call) {
  const cimc_shape from = *cimc_lite_call_shape(call, 0);
  cimc_flat_vector vector;
  cimc_shape to = {.rank = 0};
  bool drop[CIMC_RANK_MAX] = {false};
  if (!cimc_flat_get_vector(&call->op->options, 0, 4, &vector))
    return cimc_lite_call_error(call, "the axes are damaged");
  for (int i = 0; i < from.rank; i++)
    drop[i] = vector.count == 0 && from.dim[i] == 1;
  for (size_t i = 0; i < vector.count; i++) {
    cimc_flat_number axis = {0};
    cimc_flat_at(&vector, i, CIMC_FLAT_I32, &axis);
    CIMC_TRY(cimc_lite_call_axis(call, from.rank, &axis.whole));
    if (from.dim[axis.whole] != 1)
      return cimc_lite_call_error(call,
                                  "dimension %" PRId64 " is %" PRId64
                                  "; expected 1, to be squeezed",
                                  axis.whole, from.dim[axis.whole]);
    drop[axis.whole] = true;
  }
  for (int i = 0; i < from.rank; i++)
    if (!drop[i])
      to.dim[to.rank++] = from.dim[i];
  return define_shape(call, &to);
}

MlirLogicalResult cimc_lite_ops_expand_dims(cimc_lite_call *call) {
  const cimc_shape from = *cimc_lite_call_shape(call, 0);
  int64_t axis;
  cimc_shape to = {.rank = 0};
  if (from.rank == CIMC_RANK_MAX)
    return cimc_lite_call_refuse(call, "more than %d dimensions",
                                 CIMC_RANK_MAX);
  CIMC_TRY(cimc_lite_call_axis_input(call, 1, from.rank + 1, &axis));
  for (int i = 0; i <= from.rank; i++) {
    if (i == axis)
      to.dim[to.rank++] = 1;
    if (i < from.rank)
      to.dim[to.rank++] = from.dim[i];
  }
  return define_shape(call, &to);
}

MlirLogicalResult cimc_lite_ops_shape(cimc_lite_call *call) {
  const cimc_shape *from = cimc_lite_call_shape(call, 0);
  cimc_shape to = {.rank = 1, .dim = {from->rank}};
  bool wide = cimc_lite_call_output(call, 0)->type == CIMC_LITE_INT64;
  int32_t narrow[CIMC_RANK_MAX] = {0};
  if (from->rank == 0)
    return cimc_lite_call_refuse(call, "of a scalar");
  for (int i = 0; i < from->rank; i++)
    narrow[i] = (int32_t)from->dim[i];
  MlirType i64 = cimc_storage_type(call->builder.context, CIMC_STORAGE_I64);
  return cimc_lite_call_define(
      call, 0,
      wide ? cimc_builder_constant(&call->builder,
                                   cimc_ir_tensor_type(&to, i64), from->dim,
                                   (size_t)from->rank * sizeof *from->dim)
           : cimc_lite_weights_i32(call, &to, narrow));
}

// -- Moving ------------------------------------------------------------------
MlirLogicalResult cimc_lite_ops_transpose(cimc_lite_call *call) {
  cimc_lite_list perm;
  MlirValue x;
  bool seen[CIMC_RANK_MAX] = {false};
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  CIMC_TRY(cimc_lite_call_ints(call, 1, "the permutation", &perm));
  int rank = cimc_lite_call_shape(call, 0)->rank;
  bool sound = perm.count == rank;
  for (int i = 0; sound && i < rank; i++) {
    sound = perm.at[i] >= 0 && perm.at[i] < rank && !seen[perm.at[i]];
    if (sound)
      seen[perm.at[i]] = true;
  }
  if (!sound)
    return cimc_lite_call_error(call,
                                "the permutation is none of the %d "
                                "dimensions; expected each of them once",
                                rank);
  if (rank > 0)
    x = cimc_builder_transpose(&call->builder, x, perm.at);
  return cimc_lite_call_define(call, 0, x);
}

// How much goes before and behind each dimension: [rank, 2].
static MlirLogicalResult read_pads(cimc_lite_call *call, int64_t *low,
                                   int64_t *high) {
  cimc_lite_list pads;
  int rank = cimc_lite_call_shape(call, 0)->rank;
  CIMC_TRY(cimc_lite_call_ints(call, 1, "the padding", &pads));
  if (pads.count != 2 * rank)
    return cimc_lite_call_error(call,
                                "%" PRId64 " pads for %d dimensions; expected "
                                "two for each",
                                pads.count, rank);
  for (int i = 0; i < rank; i++) {
    low[i] = pads.at[2 * i];
    high[i] = pads.at[2 * i + 1];
    if (low[i] < 0 || high[i] < 0 || low[i] > INT32_MAX || high[i] > INT32_MAX)
      return cimc_lite_call_error(call, "a pad is below 0 or beyond 2^31; "
                                        "expected 0 or more");
  }
  return mlirLogicalResultSuccess();
}

// The value of PADV2, one element.
static MlirLogicalResult read_value(cimc_lite_call *call, float *out) {
  const cimc_lite_tensor *tensor = cimc_lite_call_input(call, 2);
  cimc_lite_array array;
  *out = 0.0f;
  if (!tensor)
    return mlirLogicalResultSuccess();
  if (!tensor->data.bytes)
    return cimc_lite_call_refuse(call, "a value that is not constant");
  CIMC_TRY(cimc_lite_weights_load(call, tensor, true, &array));
  bool one = array.count == 1;
  if (one)
    *out = array.storage == CIMC_STORAGE_F32
               ? *(const float *)array.data
               : (float)cimc_lite_array_at(&array, 0);
  free(array.data);
  return one ? mlirLogicalResultSuccess()
             : cimc_lite_call_error(call, "the padding has several values; "
                                          "expected one");
}

MlirLogicalResult cimc_lite_ops_pad(cimc_lite_call *call) {
  int64_t low[CIMC_RANK_MAX], high[CIMC_RANK_MAX];
  float value;
  MlirValue x;
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  CIMC_TRY(read_pads(call, low, high));
  CIMC_TRY(read_value(call, &value));
  if (isnan(value))
    return cimc_lite_call_error(call, "the padding value is no number; "
                                      "expected one");
  // What is put around is a number of the result's scale.
  CIMC_TRY(cimc_lite_call_see_as_output(call, 0, &x));
  return cimc_lite_call_define(call, 0,
                               cimc_lite_move_pad(call, x, low, high, value));
}

// One dimension mirrored: 0 is REFLECT, which leaves the edge out.
static MlirLogicalResult mirror(cimc_lite_call *call, int axis,
                                const int64_t pads[2], MlirValue *x) {
  int64_t size = cimc_builder_shape(*x).dim[axis];
  int64_t edge = cimc_lite_call_option(call, 0, CIMC_FLAT_I8, 0) == 0;
  cimc_shape count = {.rank = 1, .dim = {pads[0] + size + pads[1]}};
  if (pads[0] > size - edge || pads[1] > size - edge)
    return cimc_lite_call_error(call,
                                "more padding than dimension %d has elements; "
                                "expected at most %" PRId64,
                                axis, size - edge);
  int32_t *at = calloc((size_t)count.dim[0], sizeof *at);
  if (!at)
    return cimc_lite_call_no_memory(call);
  for (int64_t i = 0; i < count.dim[0]; i++) {
    int64_t from = i - pads[0];
    if (from < 0)
      from = -from - 1 + edge;
    else if (from >= size)
      from = 2 * size - 1 - edge - from;
    at[i] = (int32_t)from;
  }
  *x = cimc_lite_move_pick(call, *x, axis, &count, at);
  free(at);
  return mlirValueIsNull(*x) ? mlirLogicalResultFailure()
                             : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_ops_mirror_pad(cimc_lite_call *call) {
  int64_t low[CIMC_RANK_MAX], high[CIMC_RANK_MAX];
  MlirValue x;
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  CIMC_TRY(read_pads(call, low, high));
  for (int i = 0; i < cimc_lite_call_shape(call, 0)->rank; i++)
    if (low[i] > 0 || high[i] > 0)
      CIMC_TRY(mirror(call, i, (int64_t[]){low[i], high[i]}, &x));
  return cimc_lite_call_define(call, 0, x);
}
