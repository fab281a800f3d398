// SPDX-License-Identifier: Apache-2.0
//
// Operators that join tensors or choose among their elements.
#include "cimc/import/tflite/move.h"
#include "cimc/import/tflite/ops.h"
#include "cimc/import/tflite/ref.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

// -- Joining -----------------------------------------------------------------
// LiteRT joins uint8 of several scales, by floats.
typedef struct rescale {
  float scale;
  float bias;
  int32_t zero;
} rescale;

static int32_t rescaled(const void *state, int32_t stored) {
  const rescale *self = state;
  float product = (float)stored * self->scale;
  float y = roundf(product + self->bias) + (float)self->zero;
  return y < 0.0f ? 0 : y > 255.0f ? 255 : (int32_t)y;
}

static MlirLogicalResult exact_alike(cimc_lite_call *call, size_t i,
                                     MlirValue *out) {
  const cimc_lite_tensor *x = cimc_lite_call_input(call, i);
  const cimc_lite_tensor *y = cimc_lite_call_output(call, 0);
  MlirType element;
  if (x->type != CIMC_LITE_UINT8)
    return cimc_lite_call_no_reference(call);
  CIMC_TRY(cimc_lite_call_element(call, x, &element));
  CIMC_TRY(cimc_lite_call_result(call, 0, &element));
  rescale state = {.zero = y->scales.zero_points[0]};
  state.scale = x->scales.scales[0] * (1.0f / y->scales.scales[0]);
  state.bias = (float)-x->scales.zero_points[0] * state.scale;
  return cimc_lite_ref_bytes(call, i, rescaled, &state, out);
}

// Input `i` with the output's scale.
static MlirLogicalResult alike(cimc_lite_call *call, size_t i, MlirValue *out) {
  const cimc_lite_tensor *x = cimc_lite_call_input(call, i);
  const cimc_lite_tensor *y = cimc_lite_call_output(call, 0);
  MlirType element;
  CIMC_TRY(cimc_lite_call_operand(call, i, out));
  if (x->type != y->type ||
      cimc_lite_is_quantized(x) != cimc_lite_is_quantized(y))
    return cimc_lite_call_error(call, "%s of %s and %s; expected one type",
                                call->op->type, cimc_lite_type_name(x->type),
                                cimc_lite_type_name(y->type));
  if (cimc_lite_is_same(x, y) || !cimc_lite_is_quantized(y))
    return mlirLogicalResultSuccess();
  if (call->reference)
    return exact_alike(call, i, out);
  CIMC_TRY(cimc_lite_call_result(call, 0, &element));
  *out = cimc_builder_convert(&call->builder, CIMC_QGEMM_REQUANTIZE, *out,
                              element);
  return mlirLogicalResultSuccess();
}

// Concatenation, of inputs seen with a dimension of one more for PACK.
static MlirLogicalResult join(cimc_lite_call *call, int64_t axis, bool pack) {
  size_t count = call->op->input_count;
  int rank = cimc_lite_call_shape(call, 0)->rank + pack;
  if (rank > CIMC_RANK_MAX || rank == 0)
    return cimc_lite_call_refuse(call, "%d dimensions", rank);
  CIMC_TRY(cimc_lite_call_axis(call, rank, &axis));
  MlirValue *values = calloc(count, sizeof *values);
  if (!values)
    return cimc_lite_call_no_memory(call);
  MlirLogicalResult result = mlirLogicalResultSuccess();
  for (size_t i = 0; mlirLogicalResultIsSuccess(result) && i < count; i++) {
    result = alike(call, i, &values[i]);
    if (mlirLogicalResultIsFailure(result) || !pack)
      continue;
    const cimc_shape *from = cimc_lite_call_shape(call, i);
    cimc_shape to = {.rank = 0};
    for (int d = 0; d <= from->rank && d < CIMC_RANK_MAX; d++) {
      if (d == axis)
        to.dim[to.rank++] = 1;
      if (d < from->rank && to.rank < CIMC_RANK_MAX)
        to.dim[to.rank++] = from->dim[d];
    }
    values[i] = cimc_lite_move_reshape(call, values[i], &to);
  }
  MlirValue y = {NULL};
  if (mlirLogicalResultIsSuccess(result))
    y = cimc_lite_move_concat(call, values, count, axis);
  free(values);
  return mlirLogicalResultIsSuccess(result) ? cimc_lite_call_define(call, 0, y)
                                            : result;
}

MlirLogicalResult cimc_lite_ops_concatenation(cimc_lite_call *call) {
  if (cimc_lite_call_option(call, 1, CIMC_FLAT_I8, 0) != 0)
    return cimc_lite_call_refuse(call, "a fused activation");
  return join(call, cimc_lite_call_option(call, 0, CIMC_FLAT_I32, 0), false);
}

MlirLogicalResult cimc_lite_ops_pack(cimc_lite_call *call) {
  return join(call, cimc_lite_call_option(call, 1, CIMC_FLAT_I32, 0), true);
}

// -- Splitting ---------------------------------------------------------------
// Output k is what stands in [from, from + size) along the axis.
static MlirLogicalResult part(cimc_lite_call *call, size_t k, MlirValue x,
                              const int64_t at[3]) {
  cimc_shape shape = cimc_builder_shape(x);
  cimc_lite_range range = cimc_lite_range_all(&shape);
  int64_t axis = at[0];
  if (at[2] < 1 || at[1] + at[2] > shape.dim[axis])
    return cimc_lite_call_error(call,
                                "part %zu has %" PRId64 " of %" PRId64
                                " elements; expected some that are there",
                                k, at[2], shape.dim[axis]);
  range.start[axis] = at[1];
  range.size[axis] = at[2];
  return cimc_lite_call_define(call, k, cimc_lite_move_slice(call, x, &range));
}

MlirLogicalResult cimc_lite_ops_split(cimc_lite_call *call) {
  int64_t axis, count = (int64_t)call->op->output_count;
  MlirValue x;
  CIMC_TRY(cimc_lite_call_operand(call, 1, &x));
  const cimc_shape *shape = cimc_lite_call_shape(call, 1);
  CIMC_TRY(cimc_lite_call_axis_input(call, 0, shape->rank, &axis));
  int64_t size = shape->dim[axis] / count;
  if (size * count != shape->dim[axis])
    return cimc_lite_call_error(
        call, "%" PRId64 " elements in %" PRId64 " parts; expected a multiple",
        shape->dim[axis], count);
  for (int64_t k = 0; k < count; k++)
    CIMC_TRY(part(call, (size_t)k, x, (int64_t[]){axis, k * size, size}));
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_ops_split_v(cimc_lite_call *call) {
  int64_t axis, from = 0, rest;
  cimc_lite_list sizes;
  MlirValue x;
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  const cimc_shape *shape = cimc_lite_call_shape(call, 0);
  CIMC_TRY(cimc_lite_call_ints(call, 1, "the sizes", &sizes));
  CIMC_TRY(cimc_lite_call_axis_input(call, 2, shape->rank, &axis));
  if (sizes.count != (int64_t)call->op->output_count)
    return cimc_lite_call_error(call,
                                "%" PRId64 " sizes for %zu outputs; expected "
                                "as many",
                                sizes.count, call->op->output_count);
  rest = shape->dim[axis];
  for (int64_t k = 0; k < sizes.count; k++) {
    if (sizes.at[k] < -1 || sizes.at[k] > shape->dim[axis])
      return cimc_lite_call_error(
          call, "part %" PRId64 " has size %" PRId64 "; expected 1 to %" PRId64,
          k, sizes.at[k], shape->dim[axis]);
    rest -= sizes.at[k] > 0 ? sizes.at[k] : 0;
  }
  for (int64_t k = 0; k < sizes.count; k++) {
    int64_t size = sizes.at[k] == -1 ? rest : sizes.at[k];
    CIMC_TRY(part(call, (size_t)k, x, (int64_t[]){axis, from, size}));
    from += size;
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_ops_unpack(cimc_lite_call *call) {
  int64_t axis = cimc_lite_call_option(call, 1, CIMC_FLAT_I32, 0);
  MlirValue x;
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  const cimc_shape *shape = cimc_lite_call_shape(call, 0);
  CIMC_TRY(cimc_lite_call_axis(call, shape->rank, &axis));
  int64_t count = (int64_t)call->op->output_count;
  if (count != shape->dim[axis])
    return cimc_lite_call_error(call,
                                "%" PRId64 " outputs for %" PRId64 " elements; "
                                "expected as many",
                                count, shape->dim[axis]);
  cimc_shape to = {.rank = 0};
  for (int d = 0; d < shape->rank; d++)
    if (d != axis)
      to.dim[to.rank++] = shape->dim[d];
  cimc_lite_range range = cimc_lite_range_all(shape);
  range.size[axis] = 1;
  for (int64_t k = 0; k < count; k++) {
    range.start[axis] = k;
    MlirValue y = cimc_lite_move_slice(call, x, &range);
    CIMC_TRY(cimc_lite_call_define(call, (size_t)k,
                                   cimc_lite_move_reshape(call, y, &to)));
  }
  return mlirLogicalResultSuccess();
}

// -- SLICE and STRIDED_SLICE -------------------------------------------------
MlirLogicalResult cimc_lite_ops_slice(cimc_lite_call *call) {
  cimc_lite_list from, sizes;
  MlirValue x;
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  const cimc_shape *shape = cimc_lite_call_shape(call, 0);
  CIMC_TRY(cimc_lite_call_ints(call, 1, "the start", &from));
  CIMC_TRY(cimc_lite_call_ints(call, 2, "the size", &sizes));
  if (from.count != shape->rank || sizes.count != shape->rank)
    return cimc_lite_call_error(call,
                                "%" PRId64 " starts and %" PRId64 " sizes for "
                                "%d dimensions; expected as many",
                                from.count, sizes.count, shape->rank);
  cimc_lite_range range = cimc_lite_range_all(shape);
  for (int d = 0; d < shape->rank; d++) {
    int64_t left = shape->dim[d] - from.at[d];
    range.start[d] = from.at[d];
    range.size[d] = sizes.at[d] == -1 ? left : sizes.at[d];
    if (from.at[d] < 0 || range.size[d] < 1 || range.size[d] > left)
      return cimc_lite_call_error(call,
                                  "dimension %d: %" PRId64 " elements from "
                                  "%" PRId64 " of %" PRId64 "; expected some "
                                  "that are there",
                                  d, range.size[d], from.at[d], shape->dim[d]);
  }
  return cimc_lite_call_define(call, 0, cimc_lite_move_slice(call, x, &range));
}

typedef struct strided {
  cimc_lite_list from;
  cimc_lite_list to;
  cimc_lite_list step;
  int64_t from_mask; // bit i: begin at the end
  int64_t to_mask;
  int64_t ellipsis;
  int64_t add;
  int64_t drop;
} strided;

static bool bit(int64_t mask, int64_t i) { return (mask >> i & 1) != 0; }

static MlirLogicalResult read_strided(cimc_lite_call *call, strided *out) {
  CIMC_TRY(cimc_lite_call_ints(call, 1, "the begin", &out->from));
  CIMC_TRY(cimc_lite_call_ints(call, 2, "the end", &out->to));
  CIMC_TRY(cimc_lite_call_ints(call, 3, "the strides", &out->step));
  out->from_mask = cimc_lite_call_option(call, 0, CIMC_FLAT_I32, 0);
  out->to_mask = cimc_lite_call_option(call, 1, CIMC_FLAT_I32, 0);
  out->ellipsis = cimc_lite_call_option(call, 2, CIMC_FLAT_I32, 0);
  out->add = cimc_lite_call_option(call, 3, CIMC_FLAT_I32, 0);
  out->drop = cimc_lite_call_option(call, 4, CIMC_FLAT_I32, 0);
  if (cimc_lite_call_option(call, 5, CIMC_FLAT_U8, 0) != 0)
    return cimc_lite_call_refuse(call, "ends as offsets");
  if (out->from.count != out->to.count || out->from.count != out->step.count)
    return cimc_lite_call_error(
        call,
        "begin, end and strides have %" PRId64 ", %" PRId64 " and %" PRId64
        " elements; expected as many",
        out->from.count, out->to.count, out->step.count);
  return mlirLogicalResultSuccess();
}

static int64_t limit(int64_t x, int64_t low, int64_t high) {
  return x < low ? low : x > high ? high : x;
}

// Entry i of the lists, on dimension d of `size` elements.
static MlirLogicalResult place(cimc_lite_call *call, const strided *s, int i,
                               int d, cimc_lite_range *range) {
  int64_t size = range->size[d], step = s->step.at[i];
  if (step == 0 || step < -INT32_MAX || step > INT32_MAX)
    return cimc_lite_call_error(call,
                                "stride %d is %" PRId64 "; expected "
                                "another than 0",
                                i, step);
  int64_t low = step > 0 ? 0 : -1, high = low + size;
  int64_t from = s->from.at[i], to = s->to.at[i];
  from = limit(from < 0 ? from + size : from, low, high);
  to = limit(to < 0 ? to + size : to, low, high);
  if (bit(s->from_mask, i))
    from = step > 0 ? low : high;
  if (bit(s->to_mask, i))
    to = step > 0 ? high : low;
  if (bit(s->drop, i)) {
    step = 1;
    to = from + 1;
  }
  int64_t count = (to - from + step + (step > 0 ? -1 : 1)) / step;
  if (count < 1 || from < 0 || from >= size)
    return cimc_lite_call_error(call,
                                "dimension %d: nothing is left; expected "
                                "an element at least",
                                d);
  range->start[d] = from;
  range->size[d] = count;
  range->step[d] = step;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_ops_strided_slice(cimc_lite_call *call) {
  strided s;
  MlirValue x;
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  CIMC_TRY(read_strided(call, &s));
  const cimc_shape *shape = cimc_lite_call_shape(call, 0);
  cimc_lite_range range = cimc_lite_range_all(shape);
  cimc_shape to = {.rank = 0};
  int64_t added = 0, seen = 0;
  for (int i = 0; i < s.from.count; i++)
    added += bit(s.add, i) && !bit(s.ellipsis, i);
  int64_t rest = shape->rank - (s.from.count - added); // for the ellipsis
  int d = 0;
  for (int i = 0; i <= s.from.count; i++) {
    bool fill = i == s.from.count || bit(s.ellipsis, i);
    seen += i < s.from.count && fill;
    int64_t run = i == s.from.count ? shape->rank - d : rest + 1;
    for (; fill && run > 0 && d < shape->rank; run--, d++)
      if (to.rank < CIMC_RANK_MAX)
        to.dim[to.rank++] = shape->dim[d];
    if (fill)
      continue;
    if (to.rank >= CIMC_RANK_MAX || (!bit(s.add, i) && d >= shape->rank))
      return cimc_lite_call_error(call,
                                  "more indices than dimensions; "
                                  "expected at most %d",
                                  shape->rank);
    if (bit(s.add, i)) {
      to.dim[to.rank++] = 1;
      continue;
    }
    CIMC_TRY(place(call, &s, i, d, &range));
    if (!bit(s.drop, i))
      to.dim[to.rank++] = range.size[d];
    d++;
  }
  if (seen > 1)
    return cimc_lite_call_error(call, "two ellipses; expected one at most");
  x = cimc_lite_move_slice(call, x, &range);
  return cimc_lite_call_define(call, 0, cimc_lite_move_reshape(call, x, &to));
}

#define REPEATED_MAX (1 << 26)

// -- GATHER and TILE ---------------------------------------------------------
MlirLogicalResult cimc_lite_ops_gather(cimc_lite_call *call) {
  int64_t axis = cimc_lite_call_option(call, 0, CIMC_FLAT_I32, 0);
  MlirValue x, at;
  const cimc_builder *builder = &call->builder;
  if (cimc_lite_call_option(call, 1, CIMC_FLAT_I32, 0) != 0)
    return cimc_lite_call_refuse(call, "batch dimensions");
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  CIMC_TRY(cimc_lite_call_operand(call, 1, &at));
  const cimc_shape *shape = cimc_lite_call_shape(call, 0);
  const cimc_lite_tensor *indices = cimc_lite_call_input(call, 1);
  CIMC_TRY(cimc_lite_call_axis(call, shape->rank, &axis));
  if (indices->type != CIMC_LITE_INT32 && indices->type != CIMC_LITE_INT64)
    return cimc_lite_call_refuse(call, "indices of %s",
                                 cimc_lite_type_name(indices->type));
  MlirValue y = cimc_builder_create(
      builder, &(cimc_builder_op){
                   .kind = CIMC_QGEMM_GATHER,
                   .operands = {x, at},
                   .operand_count = 2,
                   .attributes = {cimc_builder_i64(builder, "axis", axis)},
                   .attribute_count = 1});
  if (indices->shape.rank == 0) { // the dimension goes
    cimc_shape to = {.rank = 0};
    for (int d = 0; d < shape->rank; d++)
      if (d != axis)
        to.dim[to.rank++] = shape->dim[d];
    y = cimc_lite_move_reshape(call, y, &to);
  }
  return cimc_lite_call_define(call, 0, y);
}

// Dimension `axis` that many times over.
static MlirLogicalResult repeat(cimc_lite_call *call, int axis, int64_t times,
                                MlirValue *x) {
  int64_t size = cimc_builder_shape(*x).dim[axis];
  cimc_shape count = {.rank = 1};
  if (times < 1 || times > REPEATED_MAX / size)
    return cimc_lite_call_error(call,
                                "dimension %d is to be repeated %" PRId64
                                " times; expected 1 or more, and at most "
                                "2^26 elements",
                                axis, times);
  count.dim[0] = size * times;
  int32_t *at = calloc((size_t)count.dim[0], sizeof *at);
  if (!at)
    return cimc_lite_call_no_memory(call);
  for (int64_t i = 0; i < count.dim[0]; i++)
    at[i] = (int32_t)(i % size);
  *x = cimc_lite_move_pick(call, *x, axis, &count, at);
  free(at);
  return mlirValueIsNull(*x) ? mlirLogicalResultFailure()
                             : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_ops_tile(cimc_lite_call *call) {
  cimc_lite_list times;
  MlirValue x;
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  CIMC_TRY(cimc_lite_call_ints(call, 1, "the multiples", &times));
  const cimc_shape *shape = cimc_lite_call_shape(call, 0);
  if (times.count != shape->rank)
    return cimc_lite_call_error(call,
                                "%" PRId64 " multiples for %d dimensions; "
                                "expected as many",
                                times.count, shape->rank);
  for (int d = 0; d < shape->rank; d++)
    if (times.at[d] != 1)
      CIMC_TRY(repeat(call, d, times.at[d], &x));
  return cimc_lite_call_define(call, 0, x);
}

MlirLogicalResult cimc_lite_ops_broadcast_to(cimc_lite_call *call) {
  cimc_lite_list to;
  MlirValue x;
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  CIMC_TRY(cimc_lite_call_ints(call, 1, "the shape", &to));
  const cimc_shape *shape = cimc_lite_call_shape(call, 0);
  if (to.count < shape->rank || to.count > CIMC_RANK_MAX || to.count < 1)
    return cimc_lite_call_error(call,
                                "%" PRId64 " dimensions from %d; expected as "
                                "many or more",
                                to.count, shape->rank);
  cimc_shape held = {.rank = (int)to.count};
  for (int d = 0; d < held.rank; d++) {
    int from = d - held.rank + shape->rank;
    held.dim[d] = from < 0 ? 1 : shape->dim[from];
    if (held.dim[d] != to.at[d] && held.dim[d] != 1)
      return cimc_lite_call_error(call,
                                  "dimension %d of %" PRId64 " elements to "
                                  "%" PRId64 "; expected 1, or as many",
                                  d, held.dim[d], to.at[d]);
  }
  x = cimc_lite_move_reshape(call, x, &held);
  for (int d = 0; !mlirValueIsNull(x) && d < held.rank; d++)
    if (held.dim[d] != to.at[d])
      CIMC_TRY(repeat(call, d, to.at[d], &x));
  return cimc_lite_call_define(call, 0, x);
}
