// SPDX-License-Identifier: Apache-2.0
//
// Reductions.
#include "cimc/import/tflite/move.h"
#include "cimc/import/tflite/ops.h"
#include "cimc/import/tflite/ref.h"

static bool is_exact(const cimc_lite_call *call) {
  return call->reference &&
         cimc_lite_is_quantized(cimc_lite_call_input(call, 0));
}

// -- Axes --------------------------------------------------------------------
typedef struct axes {
  int64_t count;
  int64_t at[CIMC_RANK_MAX];
  bool reduced[CIMC_RANK_MAX];
  bool keep;
  int64_t elements;  // that become one
  cimc_shape result; // what is left; rank 0 is held as 1
} axes;

static MlirLogicalResult read_axes(cimc_lite_call *call, axes *out) {
  cimc_lite_list list;
  cimc_shape shape = *cimc_lite_call_shape(call, 0);
  *out = (axes){.elements = 1};
  CIMC_TRY(cimc_lite_call_ints(call, 1, "the axes", &list));
  for (int64_t i = 0; i < list.count; i++) {
    CIMC_TRY(cimc_lite_call_axis(call, shape.rank, &list.at[i]));
    out->reduced[list.at[i]] = true;
  }
  out->keep = cimc_lite_call_option(call, 0, CIMC_FLAT_U8, 0) != 0;
  for (int i = 0; i < shape.rank; i++) {
    if (out->reduced[i]) {
      out->at[out->count++] = i;
      out->elements *= shape.dim[i];
    }
    if (!out->reduced[i] || out->keep)
      out->result.dim[out->result.rank++] = out->reduced[i] ? 1 : shape.dim[i];
  }
  if (out->result.rank == 0)
    out->result = (cimc_shape){.rank = 1, .dim = {1}};
  return mlirLogicalResultSuccess();
}

static MlirValue reduce(const cimc_builder *builder, cimc_qgemm_kind kind,
                        MlirValue x, const axes *by, MlirType element) {
  x = cimc_builder_create(
      builder, &(cimc_builder_op){
                   .kind = kind,
                   .operands = {x},
                   .operand_count = 1,
                   .element = element,
                   .attributes = {cimc_builder_i64s(builder, "axes",
                                                    (int)by->count, by->at),
                                  cimc_builder_bool(builder, "keepdims", true)},
                   .attribute_count = 2});
  return cimc_builder_reshape(builder, x, &by->result);
}

// The mean over height and width has an op of its own, exact in integers.
static bool is_global(const cimc_lite_call *call, const axes *by) {
  const cimc_shape *shape = cimc_lite_call_shape(call, 0);
  return cimc_lite_is_quantized(cimc_lite_call_input(call, 0)) &&
         shape->rank == 4 && by->count == 2 && by->at[0] == 1 &&
         by->at[1] == 2 &&
         by->elements <= cimc_storage_sum_max(CIMC_STORAGE_I8);
}

typedef struct offset {
  int32_t zero;
} offset;

static int32_t without_zero(const void *state, int32_t stored) {
  const offset *self = state;
  return stored - self->zero;
}

// The sum as int32, less the zero points, times one factor that divides too.
static MlirLogicalResult exact_mean(cimc_lite_call *call, const axes *by) {
  const cimc_lite_tensor *in = cimc_lite_call_input(call, 0);
  double factor = (double)in->scales.scales[0] /
                  (double)cimc_lite_call_output(call, 0)->scales.scales[0];
  offset zero = {in->scales.zero_points[0]};
  MlirValue x;
  CIMC_TRY(cimc_lite_ref_wide(call, 0, without_zero, &zero, &x));
  x = reduce(&call->builder, CIMC_QGEMM_REDUCE_SUM, x, by, (MlirType){NULL});
  return cimc_lite_ref_narrow_by(call, x, factor, by->elements);
}

MlirLogicalResult cimc_lite_ops_mean(cimc_lite_call *call) {
  axes by;
  MlirValue x;
  MlirType element;
  const cimc_builder *builder = &call->builder;
  CIMC_TRY(cimc_lite_call_uniform(call, 1));
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  CIMC_TRY(cimc_lite_call_result(call, 0, &element));
  CIMC_TRY(read_axes(call, &by));
  if (by.count == 0)
    return cimc_lite_call_define(call, 0, x);
  if (is_exact(call))
    return exact_mean(call, &by);
  if (!is_global(call, &by))
    return cimc_lite_call_define(
        call, 0, reduce(builder, CIMC_QGEMM_REDUCE_MEAN, x, &by, element));
  x = cimc_builder_create(
      builder, &(cimc_builder_op){.kind = CIMC_QGEMM_GLOBAL_AVG_POOL2D,
                                  .operands = {x},
                                  .operand_count = 1,
                                  .element = element});
  return cimc_lite_call_define(call, 0,
                               cimc_builder_reshape(builder, x, &by.result));
}

MlirLogicalResult cimc_lite_ops_reduce(cimc_lite_call *call) {
  axes by;
  MlirValue x;
  MlirType element;
  CIMC_TRY(cimc_lite_call_uniform(call, 1));
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  CIMC_TRY(cimc_lite_call_result(call, 0, &element));
  CIMC_TRY(read_axes(call, &by));
  if (by.count == 0)
    return cimc_lite_call_define(call, 0, x);
  // The largest and the smallest are of stored values.
  bool order = call->kind == CIMC_QGEMM_REDUCE_MAX ||
               call->kind == CIMC_QGEMM_REDUCE_MIN;
  if (order && cimc_lite_is_quantized(cimc_lite_call_input(call, 0)))
    element = (MlirType){NULL};
  else if (is_exact(call)) // LiteRT's own sum of int8 is not reproducible
    return cimc_lite_call_no_reference(call);
  return cimc_lite_call_define(
      call, 0, reduce(&call->builder, call->kind, x, &by, element));
}

// -- The place of the largest ------------------------------------------------
MlirLogicalResult cimc_lite_ops_arg(cimc_lite_call *call) {
  int64_t axis;
  MlirValue x;
  MlirType element;
  const cimc_builder *builder = &call->builder;
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  CIMC_TRY(cimc_lite_call_result(call, 0, &element));
  cimc_storage storage = cimc_qgemm_element(element).storage;
  if (storage != CIMC_STORAGE_I32 && storage != CIMC_STORAGE_I64)
    return cimc_lite_call_error(
        call, "the result is %s; expected int32 or int64",
        cimc_lite_type_name(cimc_lite_call_output(call, 0)->type));
  const cimc_shape *shape = cimc_lite_call_shape(call, 0);
  CIMC_TRY(cimc_lite_call_axis_input(call, 1, shape->rank, &axis));
  cimc_shape to = {.rank = 0};
  for (int d = 0; d < shape->rank; d++)
    if (d != axis)
      to.dim[to.rank++] = shape->dim[d];
  x = cimc_builder_create(
      builder, &(cimc_builder_op){
                   .kind = call->kind,
                   .operands = {x},
                   .operand_count = 1,
                   .element = element,
                   .attributes = {cimc_builder_i64(builder, "axis", axis),
                                  cimc_builder_bool(builder, "keepdims", true),
                                  cimc_builder_bool(builder, "last", false)},
                   .attribute_count = 3});
  return cimc_lite_call_define(call, 0, cimc_lite_move_reshape(call, x, &to));
}

// -- L2_NORMALIZATION --------------------------------------------------------
// x / max(sqrt(sum of x * x), 1e-6), over the last dimension.
MlirLogicalResult cimc_lite_ops_l2_normalization(cimc_lite_call *call) {
  MlirValue x;
  const cimc_builder *builder = &call->builder;
  if (cimc_lite_call_option(call, 0, CIMC_FLAT_I8, 0) != 0)
    return cimc_lite_call_refuse(call, "a fused activation");
  if (is_exact(call))
    return cimc_lite_call_no_reference(call);
  CIMC_TRY(cimc_lite_call_real(call, 0, &x));
  const cimc_shape *shape = cimc_lite_call_shape(call, 0);
  if (shape->rank == 0)
    return cimc_lite_call_refuse(call, "a scalar");
  axes by = {.count = 1, .at = {shape->rank - 1}, .result = *shape};
  by.result.dim[shape->rank - 1] = 1;
  MlirValue size = cimc_builder_binary(builder, CIMC_QGEMM_MUL, x, x);
  size = reduce(builder, CIMC_QGEMM_REDUCE_SUM, size, &by, (MlirType){NULL});
  size = cimc_builder_unary(builder, CIMC_QGEMM_SQRT, size);
  size = cimc_builder_binary(builder, CIMC_QGEMM_MAX, size,
                             cimc_builder_number(builder, 1e-6f));
  return cimc_lite_call_define_real(
      call, 0, cimc_builder_binary(builder, CIMC_QGEMM_DIV, x, size));
}
