// SPDX-License-Identifier: Apache-2.0
//
// Reductions, and what is made of them.
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/term.h"

#include <inttypes.h>
#include <string.h>

// -- Reduce... ---------------------------------------------------------------
// The axes are a constant; *out_any is false when nothing is reduced.
static MlirLogicalResult read_axes(cimc_call *call, int rank,
                                   cimc_term_axes *out, bool *out_any) {
  cimc_call_list axes;
  int64_t noop = 0, keep = 1;
  CIMC_TRY(cimc_call_axes(call, 1, rank, &axes));
  CIMC_TRY(cimc_call_i64(call, "noop_with_empty_axes", &noop));
  CIMC_TRY(cimc_call_i64(call, "keepdims", &keep));
  bool all = axes.count <= 0 && noop == 0;
  *out = (cimc_term_axes){.keep = keep != 0};
  for (int i = 0; i < rank; i++)
    out->at[i] = all;
  for (int64_t i = 0; i < axes.count; i++)
    out->at[axes.at[i]] = true;
  *out_any = all || axes.count > 0;
  return mlirLogicalResultSuccess();
}

typedef struct reduce_row {
  const char *name; // behind "Reduce"
  cimc_qgemm_kind kind;
  char before; // 'a': of the absolute values, 's': of the squares
  char after;  // 'l': the logarithm, 'r': the square root
} reduce_row;

static const reduce_row reductions[] = {
    {"Sum", CIMC_QGEMM_REDUCE_SUM, 0, 0},
    {"Mean", CIMC_QGEMM_REDUCE_MEAN, 0, 0},
    {"Max", CIMC_QGEMM_REDUCE_MAX, 0, 0},
    {"Min", CIMC_QGEMM_REDUCE_MIN, 0, 0},
    {"Prod", CIMC_QGEMM_REDUCE_PROD, 0, 0},
    {"L1", CIMC_QGEMM_REDUCE_SUM, 'a', 0},
    {"L2", CIMC_QGEMM_REDUCE_SUM, 's', 'r'},
    {"SumSquare", CIMC_QGEMM_REDUCE_SUM, 's', 0},
    {"LogSum", CIMC_QGEMM_REDUCE_SUM, 0, 'l'},
};

static bool check_type(cimc_call *call, const reduce_row *row,
                       const cimc_term *x) {
  bool real = x->elem == CIMC_ELEM_FLOAT;
  bool bound =
      row->kind == CIMC_QGEMM_REDUCE_MAX || row->kind == CIMC_QGEMM_REDUCE_MIN;
  if (!x->sound)
    return false;
  if (real || (x->elem == CIMC_ELEM_BOOL
                   ? bound
                   : !row->after && row->kind != CIMC_QGEMM_REDUCE_MEAN))
    return true;
  cimc_call_refuse(call, "an input of type %s", cimc_proto_elem_name(x->elem));
  return false;
}

MlirLogicalResult cimc_ops_reduce_any(cimc_call *call) {
  cimc_term x = cimc_term_input(call, 0);
  cimc_term_axes axes;
  bool any;
  const reduce_row *row = reductions;
  while (strcmp(row->name, call->node->proto->op_type + strlen("Reduce")) != 0)
    row++;
  if (!check_type(call, row, &x))
    return mlirLogicalResultFailure();
  CIMC_TRY(read_axes(call, x.shape.rank, &axes, &any));
  if (row->before == 'a')
    x = cimc_term_unary(call, CIMC_QGEMM_ABS, x);
  else if (row->before == 's')
    x = cimc_term_binary(call, CIMC_QGEMM_MUL, x, x);
  if (any)
    x = cimc_term_reduce(call, row->kind, x, &axes);
  if (row->after)
    x = cimc_term_unary(
        call, row->after == 'l' ? CIMC_QGEMM_LOG : CIMC_QGEMM_SQRT, x);
  return cimc_term_define(call, 0, x);
}

// max + log(sum(exp(x - max))), which does not overflow.
MlirLogicalResult cimc_ops_reduce_log_sum_exp(cimc_call *call) {
  cimc_term x = cimc_term_f32(call, 0);
  cimc_term_axes axes;
  bool any;
  if (!x.sound)
    return mlirLogicalResultFailure();
  CIMC_TRY(read_axes(call, x.shape.rank, &axes, &any));
  bool keep = axes.keep;
  axes.keep = true;
  cimc_term most = cimc_term_reduce(call, CIMC_QGEMM_REDUCE_MAX, x, &axes);
  cimc_term sum = cimc_term_unary(
      call, CIMC_QGEMM_EXP, cimc_term_binary(call, CIMC_QGEMM_SUB, x, most));
  if (any)
    sum = cimc_term_reduce(call, CIMC_QGEMM_REDUCE_SUM, sum, &axes);
  sum = cimc_term_binary(call, CIMC_QGEMM_ADD, most,
                         cimc_term_unary(call, CIMC_QGEMM_LOG, sum));
  cimc_shape to = {.rank = 0};
  for (int i = 0; i < x.shape.rank; i++)
    if (keep || !axes.at[i])
      to.dim[to.rank++] = axes.at[i] ? 1 : x.shape.dim[i];
  return cimc_term_define(call, 0, cimc_term_reshape(call, sum, &to));
}

// -- Along one axis ----------------------------------------------------------
static cimc_term arg(cimc_call *call, cimc_term x, int64_t axis, bool last) {
  bool most = strcmp(call->node->proto->op_type, "ArgMin") != 0;
  const cimc_builder *b = &call->builder;
  cimc_builder_op op = {.kind = most ? CIMC_QGEMM_ARG_MAX : CIMC_QGEMM_ARG_MIN,
                        .operand_count = 1,
                        .element =
                            cimc_storage_type(b->context, CIMC_STORAGE_I64),
                        .attributes = {cimc_builder_i64(b, "axis", axis),
                                       cimc_builder_bool(b, "keepdims", true),
                                       cimc_builder_bool(b, "last", last)},
                        .attribute_count = 3};
  if (mlirLogicalResultIsFailure(cimc_term_value(call, &x, op.operands)))
    return CIMC_TERM_NONE;
  cimc_shape to = x.shape;
  to.dim[axis] = 1;
  return cimc_term_made(cimc_builder_create(b, &op), CIMC_ELEM_INT64, &to);
}

MlirLogicalResult cimc_ops_reduce_arg(cimc_call *call) {
  int64_t axis = 0, keep = 1, last = 0;
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  CIMC_TRY(cimc_call_i64(call, "keepdims", &keep));
  CIMC_TRY(cimc_call_i64(call, "select_last_index", &last));
  if (!x.sound)
    return mlirLogicalResultFailure();
  CIMC_TRY(cimc_call_axis(call, x.shape.rank, &axis));
  cimc_term result = arg(call, x, axis, last != 0);
  cimc_shape to = {.rank = 0};
  for (int i = 0; i < x.shape.rank; i++)
    if (i != axis || keep != 0)
      to.dim[to.rank++] = i == axis ? 1 : x.shape.dim[i];
  return cimc_term_define(call, 0, cimc_term_reshape(call, result, &to));
}

// Before opset 13 everything from the axis on is one dimension.
static MlirLogicalResult flattened(cimc_call *call, cimc_term *x,
                                   int64_t *out_axis) {
  *out_axis = call->opset < 13 ? 1 : -1;
  CIMC_TRY(cimc_call_i64(call, "axis", out_axis));
  if (!x->sound)
    return mlirLogicalResultFailure();
  CIMC_TRY(cimc_call_axis(call, x->shape.rank, out_axis));
  if (call->opset >= 13)
    return mlirLogicalResultSuccess();
  cimc_shape flat = {.rank = 2, .dim = {1, 1}};
  for (int i = 0; i < x->shape.rank; i++)
    flat.dim[i >= *out_axis] *= x->shape.dim[i];
  *x = cimc_term_reshape(call, *x, &flat);
  *out_axis = 1;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_reduce_log_softmax(cimc_call *call) {
  int64_t axis;
  cimc_term x = cimc_term_f32(call, 0);
  cimc_shape shape = x.shape;
  CIMC_TRY(flattened(call, &x, &axis));
  cimc_term_axes axes = {.keep = true};
  axes.at[axis] = true;
  cimc_term most = cimc_term_reduce(call, CIMC_QGEMM_REDUCE_MAX, x, &axes);
  x = cimc_term_binary(call, CIMC_QGEMM_SUB, x, most);
  cimc_term sum =
      cimc_term_reduce(call, CIMC_QGEMM_REDUCE_SUM,
                       cimc_term_unary(call, CIMC_QGEMM_EXP, x), &axes);
  x = cimc_term_binary(call, CIMC_QGEMM_SUB, x,
                       cimc_term_unary(call, CIMC_QGEMM_LOG, sum));
  return cimc_term_define(call, 0, cimc_term_reshape(call, x, &shape));
}

// 0, 1, 2, ... along one dimension of `rank`.
static cimc_term counting(cimc_call *call, int rank, int64_t axis,
                          int64_t count) {
  unsigned char *data;
  cimc_shape shape = {.rank = rank};
  for (int i = 0; i < rank; i++)
    shape.dim[i] = i == axis ? count : 1;
  cimc_tensor *out =
      cimc_tensor_create(call->source, CIMC_ELEM_INT64, &shape, &data);
  for (int64_t i = 0; out && i < count; i++)
    cimc_tensor_put_i64(CIMC_ELEM_INT64, data, i, i);
  return cimc_term_known(out);
}

// 1 at the first of the largest, else 0.
MlirLogicalResult cimc_ops_reduce_hardmax(cimc_call *call) {
  int64_t axis;
  cimc_term x = cimc_term_f32(call, 0);
  cimc_shape shape = x.shape;
  CIMC_TRY(flattened(call, &x, &axis));
  cimc_term most = arg(call, x, axis, false);
  most = cimc_term_compare(
      call, "eq", counting(call, x.shape.rank, axis, x.shape.dim[axis]), most);
  most = cimc_term_cast(call, most, CIMC_ELEM_FLOAT);
  return cimc_term_define(call, 0, cimc_term_reshape(call, most, &shape));
}

// -- OneHot ------------------------------------------------------------------
// The indices as int64, below 0 counted from the end.
static cimc_term hot_indices(cimc_call *call, int64_t depth) {
  cimc_term x = cimc_term_cast(call, cimc_term_input(call, 0), CIMC_ELEM_INT64);
  cimc_term end = cimc_term_with(call, CIMC_QGEMM_ADD, x, (double)depth);
  cimc_term below = cimc_term_compare(
      call, "lt", x, cimc_term_number(call, CIMC_ELEM_INT64, 0));
  return cimc_term_select(call, below, end, x);
}

MlirLogicalResult cimc_ops_reduce_one_hot(cimc_call *call) {
  int64_t axis = -1;
  const cimc_tensor *depth;
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  CIMC_TRY(cimc_call_constant(call, 1, "depth", &depth));
  if (depth->count != 1)
    return cimc_call_error(call, "'depth' has %lld elements; expected one",
                           (long long)depth->count);
  int64_t count = depth->elem == CIMC_ELEM_FLOAT
                      ? (int64_t)cimc_tensor_f32(depth, 0)
                      : cimc_tensor_i64(depth, 0);
  if (count < 1 || count > INT32_MAX)
    return cimc_call_error(call, "'depth' is %" PRId64 "; expected 1 to 2^31",
                           count);
  cimc_term x = hot_indices(call, count), values = cimc_term_input(call, 2);
  if (!x.sound || !values.sound)
    return mlirLogicalResultFailure();
  if (values.shape.rank != 1 || values.shape.dim[0] != 2)
    return cimc_call_error(call, "'values' is not a list of two; expected one");
  int rank = x.shape.rank + 1;
  if (rank > CIMC_RANK_MAX)
    return cimc_call_refuse(call, "more than %d dimensions", CIMC_RANK_MAX);
  CIMC_TRY(cimc_call_axis(call, rank, &axis));
  cimc_shape spread = {.rank = rank}, one = {.rank = 0};
  for (int i = 0, k = 0; i < rank; i++)
    spread.dim[i] = i == axis ? 1 : x.shape.dim[k++];
  x = cimc_term_compare(call, "eq", cimc_term_reshape(call, x, &spread),
                        counting(call, rank, axis, count));
  cimc_term off = cimc_term_part(call, values, 0, 0, 1);
  cimc_term on = cimc_term_part(call, values, 0, 1, 1);
  return cimc_term_define(call, 0,
                          cimc_term_select(call, x,
                                           cimc_term_reshape(call, on, &one),
                                           cimc_term_reshape(call, off, &one)));
}

// -- CumSum ------------------------------------------------------------------
// x moved by `count` along the axis, zeros where nothing is.
static cimc_term shifted(cimc_call *call, cimc_term x, int axis, int64_t count,
                         bool backward) {
  if (!x.sound)
    return x;
  int64_t kept = x.shape.dim[axis] - count;
  cimc_term_pads pads = {.value = 0.0f};
  *(backward ? &pads.high[axis] : &pads.low[axis]) = count;
  x = cimc_term_part(call, x, axis, backward ? count : 0, kept);
  return cimc_term_pad(call, x, &pads);
}

// Sums of 1, 2, 4, ... neighbours: as many steps as the length has bits.
MlirLogicalResult cimc_ops_reduce_cum_sum(cimc_call *call) {
  int64_t exclusive = 0, reverse = 0;
  const cimc_tensor *tensor;
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(cimc_call_i64(call, "exclusive", &exclusive));
  CIMC_TRY(cimc_call_i64(call, "reverse", &reverse));
  CIMC_TRY(cimc_call_constant(call, 1, "axis", &tensor));
  if (!x.sound)
    return mlirLogicalResultFailure();
  if (tensor->count != 1 || tensor->elem == CIMC_ELEM_FLOAT)
    return cimc_call_error(call, "'axis' is not one whole number; expected "
                                 "one");
  int64_t axis = cimc_tensor_i64(tensor, 0);
  CIMC_TRY(cimc_call_axis(call, x.shape.rank, &axis));
  int64_t size = x.shape.dim[axis];
  if (size < 1)
    return cimc_call_refuse(call, "an input without elements");
  if (exclusive != 0 && size == 1)
    return cimc_term_define(call, 0,
                            cimc_term_binary(call, CIMC_QGEMM_SUB, x, x));
  if (exclusive != 0)
    x = shifted(call, x, (int)axis, 1, reverse != 0);
  for (int64_t count = 1; count < size; count *= 2)
    x = cimc_term_binary(call, CIMC_QGEMM_ADD, x,
                         shifted(call, x, (int)axis, count, reverse != 0));
  return cimc_term_define(call, 0, x);
}
