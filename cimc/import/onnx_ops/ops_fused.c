// SPDX-License-Identifier: Apache-2.0
//
// ONNX Runtime's own float operators (com.microsoft) that join what ONNX says
// in several: a product and its activation, forms of gelu.
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/ops_linear.h"
#include "cimc/import/onnx_ops/ops_window.h"

#include <string.h>

static MlirValue unary(const cimc_call *call, cimc_qgemm_kind kind,
                       MlirValue x) {
  return cimc_builder_unary(&call->builder, kind, x);
}

// -- Activations -------------------------------------------------------------
typedef struct activation {
  const char *name;
  cimc_qgemm_kind kind;
  const char *attributes[2]; // what its parameters are called; null: none
} activation;

static const activation activations[] = {
    {"Relu", CIMC_QGEMM_RELU, {NULL, NULL}},
    {"Sigmoid", CIMC_QGEMM_SIGMOID, {NULL, NULL}},
    {"Tanh", CIMC_QGEMM_TANH, {NULL, NULL}},
    {"LeakyRelu", CIMC_QGEMM_LEAKY_RELU, {"alpha", NULL}},
    {"Clip", CIMC_QGEMM_CLAMP, {"clamp_min", "clamp_max"}},
    {"HardSigmoid", CIMC_QGEMM_HARD_SIGMOID, {"alpha", "beta"}},
};

// `x` through the activation that the node names; `parameters` are its own.
static MlirLogicalResult activate(cimc_call *call, const float parameters[2],
                                  MlirValue *x) {
  const char *name = "";
  const activation *found = NULL;
  CIMC_TRY(cimc_call_text(call, "activation", &name));
  if (name[0] == '\0')
    return mlirLogicalResultSuccess();
  for (size_t i = 0; i < sizeof activations / sizeof *activations; i++)
    if (strcmp(activations[i].name, name) == 0)
      found = &activations[i];
  if (!found)
    return cimc_call_refuse(call, "activation '%.40s'", name);
  cimc_builder_op op = {
      .kind = found->kind, .operands = {*x}, .operand_count = 1};
  for (int i = 0; i < 2 && found->attributes[i]; i++)
    op.attributes[op.attribute_count++] =
        cimc_builder_f32(&call->builder, found->attributes[i], parameters[i]);
  *x = cimc_builder_create(&call->builder, &op);
  return mlirValueIsNull(*x) ? mlirLogicalResultFailure()
                             : mlirLogicalResultSuccess();
}

// -- FusedConv ---------------------------------------------------------------
static MlirLogicalResult conv_parameters(cimc_call *call, float out[2]) {
  const cimc_proto_attribute *list =
      cimc_call_attribute(call, "activation_params");
  out[0] = out[1] = 0.0f;
  if (!list)
    return mlirLogicalResultSuccess();
  if (list->type != CIMC_ATTRIBUTE_FLOATS || list->float_count > 2)
    return cimc_call_error(call, "'activation_params' is no list of at most "
                                 "two numbers; expected one");
  for (size_t i = 0; i < list->float_count; i++)
    out[i] = list->floats[i];
  return mlirLogicalResultSuccess();
}

// activation(Conv(X, W, B) + Z)
MlirLogicalResult cimc_ops_fused_conv(cimc_call *call) {
  MlirValue result, addend;
  float parameters[2];
  CIMC_TRY(conv_parameters(call, parameters));
  CIMC_TRY(cimc_ops_window_conv_value(call, &result));
  if (cimc_call_has_input(call, 3)) {
    CIMC_TRY(cimc_call_f32(call, 3, &addend));
    result =
        cimc_builder_binary(&call->builder, CIMC_QGEMM_ADD, result, addend);
  }
  CIMC_TRY(activate(call, parameters, &result));
  return cimc_call_define(call, result, CIMC_ELEM_FLOAT);
}

// -- FusedGemm ---------------------------------------------------------------
MlirLogicalResult cimc_ops_fused_gemm(cimc_call *call) {
  MlirValue result;
  float parameters[2] = {0.0f, 0.0f};
  CIMC_TRY(cimc_call_real(call, "activation_alpha", &parameters[0]));
  CIMC_TRY(cimc_call_real(call, "activation_beta", &parameters[1]));
  CIMC_TRY(cimc_ops_linear_gemm_value(call, &result));
  CIMC_TRY(activate(call, parameters, &result));
  return cimc_call_define(call, result, CIMC_ELEM_FLOAT);
}

// -- Gelu --------------------------------------------------------------------
// gelu(X + bias); a bias may be left out.
static MlirLogicalResult gelu(cimc_call *call, bool tanh) {
  MlirValue x, bias;
  const cimc_builder *builder = &call->builder;
  CIMC_TRY(cimc_call_f32(call, 0, &x));
  if (cimc_call_has_input(call, 1)) {
    CIMC_TRY(cimc_call_f32(call, 1, &bias));
    x = cimc_builder_binary(builder, CIMC_QGEMM_ADD, x, bias);
  }
  x = cimc_builder_create(
      builder, &(cimc_builder_op){
                   .kind = CIMC_QGEMM_GELU,
                   .operands = {x},
                   .operand_count = 1,
                   .attributes = {cimc_builder_bool(builder, "tanh", tanh)},
                   .attribute_count = 1});
  return cimc_call_define_shape(call, x, CIMC_ELEM_FLOAT,
                                cimc_call_shape(call, 0));
}

MlirLogicalResult cimc_ops_fused_gelu(cimc_call *call) {
  return gelu(call, false);
}

MlirLogicalResult cimc_ops_fused_fast_gelu(cimc_call *call) {
  return gelu(call, true);
}

// x * sigmoid(alpha * x)
MlirLogicalResult cimc_ops_fused_quick_gelu(cimc_call *call) {
  float alpha = 1.702f;
  MlirValue x;
  const cimc_builder *builder = &call->builder;
  CIMC_TRY(cimc_call_real(call, "alpha", &alpha));
  CIMC_TRY(cimc_call_f32(call, 0, &x));
  MlirValue gate = cimc_builder_binary(builder, CIMC_QGEMM_MUL, x,
                                       cimc_builder_number(builder, alpha));
  gate = unary(call, CIMC_QGEMM_SIGMOID, gate);
  return cimc_call_define_shape(
      call, cimc_builder_binary(builder, CIMC_QGEMM_MUL, x, gate),
      CIMC_ELEM_FLOAT, cimc_call_shape(call, 0));
}
