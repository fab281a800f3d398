// SPDX-License-Identifier: Apache-2.0
//
// QUANTIZE, DEQUANTIZE and CAST.
#include "cimc/import/tflite/ops.h"
#include "cimc/import/tflite/ref.h"
#include "cimc/import/tflite/weights.h"

#include <math.h>

// -- QUANTIZE ----------------------------------------------------------------
// The reference divides and rounds half away from zero: t + (|v| - t >= 1/2)
// with t = floor(|v|), all exact, and the sign of v.
static MlirValue half_away(const cimc_builder *builder, MlirValue x,
                           float scale) {
  MlirType f32 = mlirF32TypeGet(builder->context);
  MlirValue v = cimc_builder_binary(builder, CIMC_QGEMM_DIV, x,
                                    cimc_builder_number(builder, scale));
  MlirValue size = cimc_builder_unary(builder, CIMC_QGEMM_ABS, v);
  MlirValue whole = cimc_builder_unary(builder, CIMC_QGEMM_FLOOR, size);
  MlirValue rest = cimc_builder_binary(builder, CIMC_QGEMM_SUB, size, whole);
  MlirValue up = cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = CIMC_QGEMM_COMPARE,
          .operands = {rest, cimc_builder_number(builder, 0.5f)},
          .operand_count = 2,
          .element = cimc_storage_type(builder->context, CIMC_STORAGE_U8),
          .attributes = {cimc_ir_attr(
              builder->context, "predicate",
              cimc_ir_attr_str(builder->context, "ge"))},
          .attribute_count = 1});
  up = cimc_builder_convert(builder, CIMC_QGEMM_CAST, up, f32);
  MlirValue rounded = cimc_builder_binary(builder, CIMC_QGEMM_ADD, whole, up);
  MlirValue sign = cimc_builder_unary(builder, CIMC_QGEMM_SIGN, v);
  return cimc_builder_binary(builder, CIMC_QGEMM_MUL, rounded, sign);
}

// Whole numbers as storage: quantized with a scale of 1.
static MlirLogicalResult exact_quantize(cimc_lite_call *call, MlirValue x) {
  const cimc_builder *builder = &call->builder;
  const cimc_lite_tensor *y = cimc_lite_call_output(call, 0);
  cimc_storage storage =
      y->type == CIMC_LITE_INT8 ? CIMC_STORAGE_I8 : CIMC_STORAGE_U8;
  MlirType steps = cimc_qgemm_quant_type(builder->context, storage, 1.0f,
                                         y->scales.zero_points[0]);
  x = cimc_builder_convert(builder, CIMC_QGEMM_QUANTIZE,
                           half_away(builder, x, y->scales.scales[0]), steps);
  return cimc_lite_call_define(call, 0, x);
}

typedef struct rescale {
  int32_t zero;
  int32_t result_zero;
  cimc_lite_q31 by;
  int64_t bounds[2];
} rescale;

static int32_t rescaled(const void *state, int32_t stored) {
  const rescale *self = state;
  int64_t y = (int64_t)cimc_lite_q31_apply(stored - self->zero, self->by) +
              self->result_zero;
  return (int32_t)(y < self->bounds[0]   ? self->bounds[0]
                   : y > self->bounds[1] ? self->bounds[1]
                                         : y);
}

static MlirLogicalResult exact_requantize(cimc_lite_call *call) {
  const cimc_lite_tensor *x = cimc_lite_call_input(call, 0);
  const cimc_lite_tensor *y = cimc_lite_call_output(call, 0);
  rescale state = {.zero = x->scales.zero_points[0],
                   .result_zero = y->scales.zero_points[0]};
  if (!cimc_lite_q31_of(
          (double)x->scales.scales[0] / (double)y->scales.scales[0], &state.by))
    return cimc_lite_call_error(call, "the scales need a factor of 2^30 or "
                                      "more; expected less");
  cimc_lite_ref_bounds(y, 0, state.bounds);
  return cimc_lite_ref_table(call, 0, rescaled, &state);
}

MlirLogicalResult cimc_lite_ops_quantize(cimc_lite_call *call) {
  MlirValue x;
  MlirType element;
  const cimc_lite_tensor *from = cimc_lite_call_input(call, 0);
  const cimc_lite_tensor *to = cimc_lite_call_output(call, 0);
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  CIMC_TRY(cimc_lite_call_result(call, 0, &element));
  if (!cimc_lite_is_quantized(to) ||
      (!cimc_lite_is_real(from) && !cimc_lite_is_quantized(from)))
    return cimc_lite_call_refuse(call, "%s to %s",
                                 cimc_lite_type_name(from->type),
                                 cimc_lite_type_name(to->type));
  bool again = cimc_lite_is_quantized(from);
  if (call->reference)
    return again ? exact_requantize(call) : exact_quantize(call, x);
  return cimc_lite_call_define(
      call, 0,
      cimc_builder_convert(&call->builder,
                           again ? CIMC_QGEMM_REQUANTIZE : CIMC_QGEMM_QUANTIZE,
                           x, element));
}

// -- DEQUANTIZE --------------------------------------------------------------
// Of a constant: the output is the constant, stored as it is, so that weights
// of float16 or int8 stay known.
MlirLogicalResult cimc_lite_ops_dequantize(cimc_lite_call *call) {
  MlirValue x;
  const cimc_lite_tensor *from = cimc_lite_call_input(call, 0);
  cimc_lite_tensor *to = cimc_lite_call_output(call, 0);
  if (!cimc_lite_is_real(to))
    return cimc_lite_call_refuse(call, "to %s", cimc_lite_type_name(to->type));
  if (from->data.bytes && !from->is_sparse) {
    to->data = from->data;
    to->shape = from->shape;
    return mlirLogicalResultSuccess();
  }
  CIMC_TRY(cimc_lite_call_real(call, 0, &x));
  return cimc_lite_call_define(call, 0, x);
}

// -- CAST --------------------------------------------------------------------
// To bool: whether it is not 0.
static MlirLogicalResult to_bool(cimc_lite_call *call, MlirValue x) {
  const cimc_builder *builder = &call->builder;
  cimc_shape one = {.rank = 1, .dim = {1}};
  static const int64_t zero = 0;
  MlirType element = cimc_ir_element_type(mlirValueGetType(x));
  cimc_storage storage = cimc_qgemm_element(element).storage;
  MlirValue none =
      cimc_builder_constant(builder, cimc_ir_tensor_type(&one, element), &zero,
                            (size_t)cimc_storage_bytes(storage));
  return cimc_lite_call_define(
      call, 0,
      cimc_builder_create(
          builder,
          &(cimc_builder_op){
              .kind = CIMC_QGEMM_COMPARE,
              .operands = {x, none},
              .operand_count = 2,
              .element = cimc_storage_type(builder->context, CIMC_STORAGE_U8),
              .attributes = {cimc_ir_attr(
                  builder->context, "predicate",
                  cimc_ir_attr_str(builder->context, "ne"))},
              .attribute_count = 1}));
}

MlirLogicalResult cimc_lite_ops_cast(cimc_lite_call *call) {
  MlirValue x;
  MlirType element;
  const cimc_lite_tensor *from = cimc_lite_call_input(call, 0);
  const cimc_lite_tensor *to = cimc_lite_call_output(call, 0);
  CIMC_TRY(cimc_lite_call_plain(call, 0, &x));
  CIMC_TRY(cimc_lite_call_result(call, 0, &element));
  if (from->type == to->type)
    return cimc_lite_call_define(call, 0, x);
  if (to->type == CIMC_LITE_BOOL)
    return to_bool(call, x);
  // A cast is of the stored numbers, whatever their scale.
  element = cimc_storage_type(call->builder.context,
                              cimc_qgemm_element(element).storage);
  return cimc_lite_call_define(
      call, 0,
      cimc_builder_convert(&call->builder, CIMC_QGEMM_CAST, x, element));
}
