// SPDX-License-Identifier: Apache-2.0
//
// Pools and softmax.
#include "cimc/import/tflite/fuse.h"
#include "cimc/import/tflite/ops.h"

static bool is_exact(const cimc_lite_call *call) {
  return call->reference &&
         cimc_lite_is_quantized(cimc_lite_call_input(call, 0));
}

static void set_word(const cimc_builder *builder, cimc_builder_op *op,
                     const char *name, const char *word) {
  op->attributes[op->attribute_count++] = cimc_ir_attr(
      builder->context, name, cimc_ir_attr_str(builder->context, word));
}

// -- Pools -------------------------------------------------------------------
static MlirLogicalResult pool(cimc_lite_call *call, cimc_builder_op *op) {
  cimc_window window = {.dilations = {1, 1}};
  const cimc_builder *builder = &call->builder;
  CIMC_TRY(cimc_lite_call_uniform(call, 1));
  CIMC_TRY(cimc_lite_call_operand(call, 0, &op->operands[0]));
  op->operand_count = 1;
  const cimc_shape *x = cimc_lite_call_shape(call, 0);
  if (x->rank != 4)
    return cimc_lite_call_refuse(call, "an input of rank %d", x->rank);
  window.strides[1] = cimc_lite_call_option(call, 1, CIMC_FLAT_I32, 0);
  window.strides[0] = cimc_lite_call_option(call, 2, CIMC_FLAT_I32, 0);
  window.kernel[1] = cimc_lite_call_option(call, 3, CIMC_FLAT_I32, 0);
  window.kernel[0] = cimc_lite_call_option(call, 4, CIMC_FLAT_I32, 0);
  CIMC_TRY(cimc_lite_check_window(call, &window));
  cimc_lite_place_window(x, cimc_lite_call_option(call, 0, CIMC_FLAT_I8, 0),
                         &window);
  op->attributes[op->attribute_count++] =
      cimc_builder_i64s(builder, "kernel", 2, window.kernel);
  op->attributes[op->attribute_count++] =
      cimc_builder_i64s(builder, "strides", 2, window.strides);
  op->attributes[op->attribute_count++] =
      cimc_builder_i64s(builder, "pads", 4, window.pads);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult define_pool(cimc_lite_call *call,
                                     const cimc_builder_op *op) {
  MlirValue y = cimc_builder_create(&call->builder, op);
  CIMC_TRY(cimc_lite_activate(
      call, cimc_lite_call_option(call, 5, CIMC_FLAT_I8, 0), &y));
  return cimc_lite_call_define(call, 0, y);
}

MlirLogicalResult cimc_lite_ops_max_pool(cimc_lite_call *call) {
  cimc_builder_op op = {.kind = CIMC_QGEMM_MAX_POOL2D};
  CIMC_TRY(pool(call, &op));
  return define_pool(call, &op);
}

MlirLogicalResult cimc_lite_ops_average_pool(cimc_lite_call *call) {
  cimc_builder_op op = {.kind = CIMC_QGEMM_AVG_POOL2D};
  CIMC_TRY(pool(call, &op));
  op.attributes[op.attribute_count++] =
      cimc_builder_bool(&call->builder, "count_include_pad", false);
  if (is_exact(call))
    set_word(&call->builder, &op, "arithmetic", "tflite");
  else
    CIMC_TRY(cimc_lite_call_result(call, 0, &op.element));
  return define_pool(call, &op);
}

// -- SOFTMAX -----------------------------------------------------------------
// The reference's softmax has one scale for its result.
static MlirLogicalResult check_scale(cimc_lite_call *call) {
  const cimc_lite_tensor *x = cimc_lite_call_input(call, 0);
  const cimc_lite_tensor *y = cimc_lite_call_output(call, 0);
  int32_t zero = y->type == CIMC_LITE_INT8 ? -128 : 0;
  if (x->type == y->type && y->scales.scales[0] == 1.0f / 256.0f &&
      y->scales.zero_points[0] == zero)
    return mlirLogicalResultSuccess();
  return cimc_lite_call_refuse(call, "a result of other than scale 1/256 with "
                                     "--requant=tflite-ref");
}

MlirLogicalResult cimc_lite_ops_softmax(cimc_lite_call *call) {
  cimc_builder_op op = {.kind = CIMC_QGEMM_SOFTMAX, .operand_count = 1};
  const cimc_builder *builder = &call->builder;
  float beta = cimc_lite_call_option_real(call, 0, 0.0f);
  CIMC_TRY(cimc_lite_call_uniform(call, 1));
  CIMC_TRY(cimc_lite_call_operand(call, 0, &op.operands[0]));
  CIMC_TRY(cimc_lite_call_result(call, 0, &op.element));
  const cimc_lite_tensor *x = cimc_lite_call_input(call, 0);
  int rank = x->shape.rank > 0 ? x->shape.rank : 1;
  if (beta != 1.0f && !cimc_lite_is_real(x))
    return cimc_lite_call_refuse(call, "of integers with beta %g",
                                 (double)beta);
  if (beta != 1.0f)
    op.operands[0] =
        cimc_builder_binary(builder, CIMC_QGEMM_MUL, op.operands[0],
                            cimc_builder_number(builder, beta));
  op.attributes[op.attribute_count++] =
      cimc_builder_i64(builder, "axis", rank - 1);
  if (is_exact(call)) {
    CIMC_TRY(check_scale(call));
    set_word(builder, &op, "arithmetic", "tflite");
  }
  return cimc_lite_call_define(call, 0, cimc_builder_create(builder, &op));
}
