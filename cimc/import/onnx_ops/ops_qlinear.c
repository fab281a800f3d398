// SPDX-License-Identifier: Apache-2.0
//
// Operators on quantized tensors, ONNX's QOperator form: QLinearConv and its
// like. Each is one op of qgemm between casts from and to plain integers.
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/ops_linear.h"
#include "cimc/import/onnx_ops/ops_window.h"
#include "cimc/import/onnx_ops/scales.h"
#include "cimc/import/onnx_ops/weights.h"

#include <stdlib.h>

static const int64_t swap[] = {1, 0};

// Input `i`, of 8 bits; its scales, of several along `axis`, and zero points
// are the inputs after it.
static MlirLogicalResult byte_operand(cimc_call *call, size_t i, int64_t axis,
                                      MlirValue *out) {
  CIMC_TRY(cimc_scales_operand(call, i, i + 1, axis, out));
  int64_t elem = cimc_call_input(call, i)->elem;
  if (elem == CIMC_ELEM_INT8 || elem == CIMC_ELEM_UINT8)
    return mlirLogicalResultSuccess();
  return cimc_call_refuse(call, "input %zu of type %s", i,
                          cimc_proto_elem_name(elem));
}

// The same, of one scale.
static MlirLogicalResult activation(cimc_call *call, size_t i, MlirValue *out) {
  cimc_scales scales;
  CIMC_TRY(cimc_scales_read(call, i + 1, &scales));
  if (scales.scale->count > 1)
    return cimc_call_refuse(call, "input %zu with several scales", i);
  return byte_operand(call, i, 0, out);
}

// -- Bias --------------------------------------------------------------------
// The int32 bias's type: steps of scale_x * scale_w[c].
static MlirType bias_type(const cimc_builder *builder, MlirValue x,
                          MlirValue weights, int64_t channels) {
  MlirType from = mlirValueGetType(weights);
  cimc_element element = cimc_qgemm_element(from);
  float scale = cimc_qgemm_scale(mlirValueGetType(x), 0);
  if (element.axis < 0)
    return cimc_qgemm_quant_type(builder->context, CIMC_STORAGE_I32,
                                 scale * element.scale, 0);
  float *scales = calloc((size_t)channels + 1, sizeof *scales);
  int32_t *zeros = calloc((size_t)channels + 1, sizeof *zeros);
  MlirType type = {NULL};
  if (scales && zeros && element.scale_count == channels) {
    for (int64_t c = 0; c < channels; c++)
      scales[c] = scale * cimc_qgemm_scale(from, c);
    type = cimc_qgemm_quant_axis_type(
        builder->context, CIMC_STORAGE_I32,
        &(cimc_axis_scales){0, channels, scales, zeros});
  }
  free(scales);
  free(zeros);
  return type;
}

// Input `i`, a constant of `channels` int32, or of one for all of them.
static MlirLogicalResult emit_bias(cimc_call *call, size_t i, MlirType element,
                                   int64_t channels, MlirValue *out) {
  const cimc_tensor *tensor;
  CIMC_TRY(cimc_call_constant(call, i, "the bias", &tensor));
  if (tensor->elem != CIMC_ELEM_INT32)
    return cimc_call_error(call, "the bias is %s; expected int32",
                           cimc_proto_elem_name(tensor->stored));
  const cimc_shape *shape = &tensor->shape;
  bool whole = tensor->count == channels && shape->rank > 0 &&
               shape->dim[shape->rank - 1] == channels;
  if (!whole && tensor->count != 1)
    return cimc_call_refuse(call, "a bias that is not one for each column");
  if (mlirTypeIsNull(element))
    return cimc_call_error(call, "there is not enough memory");
  if (!cimc_tensor_charge(call->source, channels, sizeof(int32_t)))
    return mlirLogicalResultFailure();
  int32_t *data = calloc((size_t)channels + 1, sizeof *data);
  if (!data)
    return cimc_call_error(call, "there is not enough memory");
  for (int64_t c = 0; c < channels; c++)
    data[c] = (int32_t)cimc_tensor_i64(tensor, whole ? c : 0);
  cimc_shape vector = {.rank = 1, .dim = {channels}};
  *out = cimc_builder_constant(&call->builder,
                               cimc_ir_tensor_type(&vector, element), data,
                               (size_t)channels * sizeof *data);
  free(data);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

// -- QLinearConv -------------------------------------------------------------
// The weights as OHWI. A type with scales per channel cannot be reshaped, so
// those of one spatial dimension get their height as a constant.
static MlirLogicalResult conv_weights(cimc_call *call, MlirValue *out) {
  cimc_graph_value *value = cimc_call_input(call, 3);
  const cimc_graph_value given = *value;
  cimc_tensor tensor = *given.constant;
  if (tensor.shape.rank == 3)
    tensor.shape = (cimc_shape){
        .rank = 4,
        .dim = {given.shape.dim[0], given.shape.dim[1], 1, given.shape.dim[2]}};
  value->constant = &tensor;
  value->shape = tensor.shape;
  MlirLogicalResult made = byte_operand(call, 3, 0, out);
  value->constant = given.constant;
  value->shape = given.shape;
  CIMC_TRY(made);
  *out = cimc_ops_window_weights(call, *out);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_qlinear_conv(cimc_call *call) {
  cimc_ops_conv conv;
  const cimc_tensor *constant;
  MlirValue operands[3] = {{NULL}};
  MlirType type;
  CIMC_TRY(activation(call, 0, &operands[0]));
  CIMC_TRY(cimc_call_constant(call, 3, "the weight tensor", &constant));
  CIMC_TRY(cimc_ops_window_last(call, operands[0], &operands[0]));
  CIMC_TRY(cimc_ops_window_read_conv(call, 3, &conv));
  CIMC_TRY(conv_weights(call, &operands[1]));
  CIMC_TRY(cimc_scales_result(call, 6, cimc_call_input(call, 0)->elem, &type));
  if (cimc_call_has_input(call, 8)) {
    int64_t channels = cimc_call_shape(call, 3)->dim[0];
    MlirType bias =
        bias_type(&call->builder, operands[0], operands[1], channels);
    CIMC_TRY(emit_bias(call, 8, bias, channels, &operands[2]));
  }
  MlirValue result = cimc_ops_window_first(
      call, cimc_ops_window_emit_conv(call, &conv, operands, type));
  if (mlirValueIsNull(result))
    return mlirLogicalResultFailure();
  cimc_shape shape = cimc_builder_shape(result);
  return cimc_scales_define(call, result, &shape);
}

// -- QLinearMatMul and QGemm -------------------------------------------------
MlirLogicalResult cimc_ops_qlinear_matmul(cimc_call *call) {
  MlirValue lhs, rhs, result;
  MlirType type;
  cimc_shape shape;
  CIMC_TRY(activation(call, 0, &lhs));
  CIMC_TRY(byte_operand(call, 3, 1, &rhs));
  CIMC_TRY(cimc_scales_result(call, 6, cimc_call_input(call, 0)->elem, &type));
  cimc_ops_product product = {.lhs = lhs,
                              .rhs = rhs,
                              .lhs_shape = cimc_call_shape(call, 0),
                              .rhs_shape = cimc_call_shape(call, 3),
                              .element = type};
  CIMC_TRY(cimc_ops_linear_product(call, &product, &result, &shape));
  return cimc_scales_define(call, result, &shape);
}

// Every real number of x times alpha.
static MlirLogicalResult scale_by(cimc_call *call, float alpha, MlirValue *x) {
  if (alpha == 1.0f)
    return mlirLogicalResultSuccess();
  cimc_element element = cimc_qgemm_element(mlirValueGetType(*x));
  float scale = alpha * element.scale;
  if (!(scale > 0.0f) || scale > 3.4e38f)
    return cimc_call_refuse(call, "alpha %g", (double)alpha);
  *x = cimc_builder_convert(&call->builder, CIMC_QGEMM_STORAGE_CAST, *x,
                            cimc_qgemm_quant_type(call->builder.context,
                                                  element.storage, scale,
                                                  element.zero_point));
  return mlirValueIsNull(*x) ? mlirLogicalResultFailure()
                             : mlirLogicalResultSuccess();
}

// A and B as [M, K] and [K, N].
static MlirLogicalResult gemm_operands(cimc_call *call, MlirValue *lhs,
                                       MlirValue *rhs) {
  int64_t trans_a = 0, trans_b = 0;
  float alpha = 1.0f;
  CIMC_TRY(cimc_call_real(call, "alpha", &alpha));
  CIMC_TRY(cimc_call_i64(call, "transA", &trans_a));
  CIMC_TRY(cimc_call_i64(call, "transB", &trans_b));
  CIMC_TRY(activation(call, 0, lhs));
  CIMC_TRY(byte_operand(call, 3, trans_b ? 0 : 1, rhs));
  if (cimc_call_shape(call, 0)->rank != 2 ||
      cimc_call_shape(call, 3)->rank != 2)
    return cimc_call_error(call, "A or B is no matrix; expected rank 2");
  CIMC_TRY(scale_by(call, alpha, lhs));
  if (trans_a)
    *lhs = cimc_builder_transpose(&call->builder, *lhs, swap);
  if (trans_b)
    *rhs = cimc_builder_transpose(&call->builder, *rhs, swap);
  return mlirValueIsNull(*lhs) || mlirValueIsNull(*rhs)
             ? mlirLogicalResultFailure()
             : mlirLogicalResultSuccess();
}

// float32: the int32 sum times its step, which each column may have its own of.
static MlirLogicalResult define_real(cimc_call *call, MlirValue sum,
                                     MlirType steps) {
  const cimc_builder *builder = &call->builder;
  MlirValue factor;
  cimc_shape shape = {.rank = 1,
                      .dim = {cimc_qgemm_element(steps).scale_count}};
  float *scales = calloc((size_t)shape.dim[0] + 1, sizeof *scales);
  if (!scales)
    return cimc_call_error(call, "there is not enough memory");
  for (int64_t c = 0; c < shape.dim[0]; c++)
    scales[c] = cimc_qgemm_scale(steps, c);
  MlirLogicalResult made = cimc_weights_create(call, &shape, scales, &factor);
  free(scales);
  CIMC_TRY(made);
  sum = cimc_builder_convert(builder, CIMC_QGEMM_CAST, sum,
                             mlirF32TypeGet(builder->context));
  return cimc_call_define(
      call, cimc_builder_binary(builder, CIMC_QGEMM_MUL, sum, factor),
      CIMC_ELEM_FLOAT);
}

MlirLogicalResult cimc_ops_qlinear_gemm(cimc_call *call) {
  MlirValue operands[3] = {{NULL}};
  MlirType type;
  CIMC_TRY(gemm_operands(call, &operands[0], &operands[1]));
  const cimc_builder *builder = &call->builder;
  int64_t columns = cimc_builder_shape(operands[1]).dim[1];
  MlirType steps = bias_type(builder, operands[0], operands[1], columns);
  if (cimc_call_has_input(call, 6))
    CIMC_TRY(emit_bias(call, 6, steps, columns, &operands[2]));
  bool real = !cimc_call_has_input(call, 7);
  if (real)
    type = cimc_storage_type(builder->context, CIMC_STORAGE_I32);
  else
    CIMC_TRY(
        cimc_scales_result(call, 7, cimc_call_input(call, 0)->elem, &type));
  MlirValue result = cimc_builder_create(
      builder,
      &(cimc_builder_op){.kind = CIMC_QGEMM_MATMUL,
                         .operands = {operands[0], operands[1], operands[2]},
                         .operand_count = mlirValueIsNull(operands[2]) ? 2 : 3,
                         .element = type});
  if (mlirValueIsNull(result))
    return mlirLogicalResultFailure();
  cimc_shape shape = cimc_builder_shape(result);
  if (!real)
    return cimc_scales_define(call, result, &shape);
  if (mlirTypeIsNull(steps))
    return cimc_call_error(call, "there is not enough memory");
  return define_real(call, result, steps);
}

// -- Elementwise -------------------------------------------------------------
static MlirLogicalResult binary(cimc_call *call, cimc_qgemm_kind kind) {
  MlirValue a, b;
  MlirType type;
  CIMC_TRY(activation(call, 0, &a));
  CIMC_TRY(activation(call, 3, &b));
  CIMC_TRY(cimc_scales_result(call, 6, cimc_call_input(call, 0)->elem, &type));
  MlirValue result =
      cimc_builder_create(&call->builder, &(cimc_builder_op){.kind = kind,
                                                             .operands = {a, b},
                                                             .operand_count = 2,
                                                             .element = type});
  if (mlirValueIsNull(result))
    return mlirLogicalResultFailure();
  cimc_shape shape = cimc_builder_shape(result);
  if (cimc_call_shape(call, 0)->rank == 0 &&
      cimc_call_shape(call, 3)->rank == 0)
    shape.rank = 0;
  return cimc_scales_define(call, result, &shape);
}

MlirLogicalResult cimc_ops_qlinear_add(cimc_call *call) {
  return binary(call, CIMC_QGEMM_ADD);
}

MlirLogicalResult cimc_ops_qlinear_mul(cimc_call *call) {
  return binary(call, CIMC_QGEMM_MUL);
}

// Of one operand X, X_scale, X_zero_point, Y_scale, Y_zero_point.
static MlirLogicalResult unary(cimc_call *call, cimc_builder_op *op) {
  MlirValue x;
  CIMC_TRY(activation(call, 0, &x));
  CIMC_TRY(cimc_scales_result(call, 3, cimc_call_input(call, 0)->elem,
                              &op->element));
  op->operands[0] = x;
  op->operand_count = 1;
  return cimc_scales_define(call, cimc_builder_create(&call->builder, op),
                            cimc_call_shape(call, 0));
}

MlirLogicalResult cimc_ops_qlinear_sigmoid(cimc_call *call) {
  return unary(call, &(cimc_builder_op){.kind = CIMC_QGEMM_SIGMOID});
}

MlirLogicalResult cimc_ops_qlinear_leaky_relu(cimc_call *call) {
  float alpha = 0.01f;
  CIMC_TRY(cimc_call_real(call, "alpha", &alpha));
  return unary(call, &(cimc_builder_op){.kind = CIMC_QGEMM_LEAKY_RELU,
                                        .attributes = {cimc_builder_f32(
                                            &call->builder, "alpha", alpha)},
                                        .attribute_count = 1});
}

// Up to opset 12 softmax is over the last dimensions together.
MlirLogicalResult cimc_ops_qlinear_softmax(cimc_call *call) {
  int64_t opset = call->opset, axis;
  MlirValue x;
  MlirType type;
  CIMC_TRY(cimc_call_i64(call, "opset", &opset));
  axis = opset < 13 ? 1 : -1;
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  CIMC_TRY(activation(call, 0, &x));
  CIMC_TRY(cimc_scales_result(call, 3, cimc_call_input(call, 0)->elem, &type));
  const cimc_shape *shape = cimc_call_shape(call, 0);
  CIMC_TRY(cimc_call_axis(call, shape->rank, &axis));
  cimc_shape seen = *shape;
  if (opset < 13) {
    seen = (cimc_shape){.rank = 2, .dim = {1, 1}};
    for (int i = 0; i < shape->rank; i++)
      seen.dim[i >= axis] *= shape->dim[i];
    axis = 1;
  }
  const cimc_builder *builder = &call->builder;
  x = cimc_builder_create(
      builder, &(cimc_builder_op){
                   .kind = CIMC_QGEMM_SOFTMAX,
                   .operands = {cimc_builder_reshape(builder, x, &seen)},
                   .operand_count = 1,
                   .attributes = {cimc_builder_i64(builder, "axis", axis)},
                   .attribute_count = 1,
                   .element = type});
  return cimc_scales_define(call, cimc_builder_reshape(builder, x, shape),
                            shape);
}

// -- Pools -------------------------------------------------------------------
// Input 0 channels last, and its shape channels first.
static MlirLogicalResult pool_input(cimc_call *call, int64_t *out_last,
                                    MlirValue *out, cimc_shape *out_shape) {
  *out_last = 0;
  CIMC_TRY(cimc_call_i64(call, "channels_last", out_last));
  CIMC_TRY(activation(call, 0, out));
  *out_shape = *cimc_call_shape(call, 0);
  if (*out_last == 0)
    return cimc_ops_window_last(call, *out, out);
  if (out_shape->rank != 4)
    return cimc_call_refuse(call, "channels_last of rank %d", out_shape->rank);
  const int64_t *dim = cimc_call_shape(call, 0)->dim;
  *out_shape = (cimc_shape){.rank = 4, .dim = {dim[0], dim[3], dim[1], dim[2]}};
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult define_pool(cimc_call *call, int64_t last,
                                     MlirValue result) {
  if (last == 0)
    result = cimc_ops_window_first(call, result);
  if (mlirValueIsNull(result))
    return mlirLogicalResultFailure();
  cimc_shape shape = cimc_builder_shape(result);
  return cimc_scales_define(call, result, &shape);
}

static MlirLogicalResult define_global(cimc_call *call, int64_t last,
                                       MlirValue x, MlirType type) {
  return define_pool(
      call, last,
      cimc_builder_create(
          &call->builder,
          &(cimc_builder_op){.kind = CIMC_QGEMM_GLOBAL_AVG_POOL2D,
                             .operands = {x},
                             .operand_count = 1,
                             .element = type}));
}

// A window that is the whole input is ONNX Runtime's global pool.
MlirLogicalResult cimc_ops_qlinear_average_pool(cimc_call *call) {
  int64_t last;
  cimc_shape shape;
  MlirValue x, result;
  MlirType type;
  CIMC_TRY(pool_input(call, &last, &x, &shape));
  CIMC_TRY(cimc_scales_result(call, 3, cimc_call_input(call, 0)->elem, &type));
  if (cimc_ops_window_is_whole(call, &shape))
    return define_global(call, last, x, type);
  cimc_ops_average how = {.x = x, .element = type, .shape = &shape};
  CIMC_TRY(cimc_ops_window_emit_average(call, &how, &result));
  return define_pool(call, last, result);
}

MlirLogicalResult cimc_ops_qlinear_global_average(cimc_call *call) {
  int64_t last;
  cimc_shape shape;
  MlirValue x;
  MlirType type;
  CIMC_TRY(pool_input(call, &last, &x, &shape));
  CIMC_TRY(cimc_scales_result(call, 3, cimc_call_input(call, 0)->elem, &type));
  return define_global(call, last, x, type);
}

// -- Moving ------------------------------------------------------------------
// Input `i`, its scale and zero point after it, in the steps of `type`.
static MlirLogicalResult operand_as(cimc_call *call, size_t i, MlirType type,
                                    MlirValue *out) {
  CIMC_TRY(activation(call, i, out));
  MlirType own = cimc_ir_element_type(mlirValueGetType(*out));
  if (!mlirTypeEqual(own, type))
    *out =
        cimc_builder_convert(&call->builder, CIMC_QGEMM_REQUANTIZE, *out, type);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

// Joins values[0 .. count) along an axis, in groups of as many as an op takes.
static MlirValue join(const cimc_builder *builder, MlirValue *values,
                      size_t count, int64_t axis) {
  while (count > 1) {
    size_t made = 0;
    for (size_t i = 0; i < count; i += CIMC_BUILDER_OPERANDS_MAX) {
      cimc_builder_op op = {
          .kind = CIMC_QGEMM_CONCAT,
          .attributes = {cimc_builder_i64(builder, "axis", axis)},
          .attribute_count = 1};
      for (size_t k = i; k < count && k < i + CIMC_BUILDER_OPERANDS_MAX; k++)
        op.operands[op.operand_count++] = values[k];
      values[made++] =
          op.operand_count == 1 ? values[i] : cimc_builder_create(builder, &op);
    }
    count = made;
  }
  return values[0];
}

static MlirLogicalResult concat(cimc_call *call, MlirValue *values,
                                size_t count, MlirType type, int64_t axis) {
  for (size_t i = 0; i < count; i++)
    CIMC_TRY(operand_as(call, 2 + 3 * i, type, &values[i]));
  CIMC_TRY(cimc_call_axis(call, cimc_call_shape(call, 2)->rank, &axis));
  MlirValue result = join(&call->builder, values, count, axis);
  if (mlirValueIsNull(result))
    return mlirLogicalResultFailure();
  cimc_shape shape = cimc_builder_shape(result);
  return cimc_scales_define(call, result, &shape);
}

MlirLogicalResult cimc_ops_qlinear_concat(cimc_call *call) {
  int64_t axis = 0;
  MlirType type;
  size_t inputs = call->node->proto->input_count, count = (inputs - 2) / 3;
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  if (inputs != 2 + 3 * count || !cimc_call_has_input(call, 2))
    return cimc_call_error(call,
                           "%zu inputs; expected a scale, a zero point "
                           "and three for each tensor",
                           inputs);
  CIMC_TRY(cimc_scales_result(call, 0, cimc_call_input(call, 2)->elem, &type));
  MlirValue *values = calloc(count, sizeof *values);
  if (!values)
    return cimc_call_error(call, "there is not enough memory");
  MlirLogicalResult result = concat(call, values, count, type, axis);
  free(values);
  return result;
}

MlirLogicalResult cimc_ops_qlinear_where(cimc_call *call) {
  MlirValue condition, a, b;
  MlirType type;
  CIMC_TRY(cimc_call_operand(call, 0, &condition));
  if (cimc_call_input(call, 0)->elem != CIMC_ELEM_BOOL)
    return cimc_call_error(
        call, "the condition is %s; expected bool",
        cimc_proto_elem_name(cimc_call_input(call, 0)->elem));
  CIMC_TRY(cimc_scales_result(call, 7, CIMC_ELEM_UINT8, &type));
  CIMC_TRY(operand_as(call, 1, type, &a));
  CIMC_TRY(operand_as(call, 4, type, &b));
  MlirValue result = cimc_builder_create(
      &call->builder, &(cimc_builder_op){.kind = CIMC_QGEMM_SELECT,
                                         .operands = {condition, a, b},
                                         .operand_count = 3,
                                         .element = type});
  if (mlirValueIsNull(result))
    return mlirLogicalResultFailure();
  cimc_shape shape = cimc_builder_shape(result);
  return cimc_scales_define(call, result, &shape);
}
