// SPDX-License-Identifier: Apache-2.0
//
// Activations: qgemm's own, and those made of them.
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/term.h"

#include <string.h>

static cimc_term binary(cimc_call *call, cimc_qgemm_kind kind, cimc_term a,
                        cimc_term b) {
  return cimc_term_binary(call, kind, a, b);
}

// An op with the one attribute alpha.
static cimc_term with_alpha(cimc_call *call, cimc_qgemm_kind kind, cimc_term x,
                            float alpha) {
  cimc_builder_op op = {
      .kind = kind,
      .attributes = {cimc_builder_f32(&call->builder, "alpha", alpha)},
      .attribute_count = 1};
  return cimc_term_apply(call, &op, x);
}

MlirLogicalResult cimc_ops_activation_elu(cimc_call *call) {
  float alpha = 1.0f;
  CIMC_TRY(cimc_call_real(call, "alpha", &alpha));
  return cimc_term_define(
      call, 0, with_alpha(call, CIMC_QGEMM_ELU, cimc_term_f32(call, 0), alpha));
}

MlirLogicalResult cimc_ops_activation_leaky_relu(cimc_call *call) {
  float alpha = 0.01f;
  CIMC_TRY(cimc_call_real(call, "alpha", &alpha));
  return cimc_term_define(
      call, 0,
      with_alpha(call, CIMC_QGEMM_LEAKY_RELU, cimc_term_f32(call, 0), alpha));
}

MlirLogicalResult cimc_ops_activation_selu(cimc_call *call) {
  float alpha = 1.67326319217681884765625f;
  float gamma = 1.05070102214813232421875f;
  CIMC_TRY(cimc_call_real(call, "alpha", &alpha));
  CIMC_TRY(cimc_call_real(call, "gamma", &gamma));
  cimc_term x = with_alpha(call, CIMC_QGEMM_ELU, cimc_term_f32(call, 0), alpha);
  return cimc_term_define(
      call, 0, cimc_term_with(call, CIMC_QGEMM_MUL, x, (double)gamma));
}

// alpha * elu(x / alpha), and x itself above 0.
MlirLogicalResult cimc_ops_activation_celu(cimc_call *call) {
  float alpha = 1.0f;
  CIMC_TRY(cimc_call_real(call, "alpha", &alpha));
  cimc_term x = cimc_term_f32(call, 0);
  cimc_term low = cimc_term_with(call, CIMC_QGEMM_DIV, x, (double)alpha);
  low = cimc_term_with(call, CIMC_QGEMM_MIN, low, 0);
  low = with_alpha(call, CIMC_QGEMM_ELU, low, 1.0f);
  low = cimc_term_with(call, CIMC_QGEMM_MUL, low, (double)alpha);
  cimc_term high = cimc_term_with(call, CIMC_QGEMM_MAX, x, 0);
  return cimc_term_define(call, 0, binary(call, CIMC_QGEMM_ADD, high, low));
}

MlirLogicalResult cimc_ops_activation_hard_sigmoid(cimc_call *call) {
  float alpha = 0.2f, beta = 0.5f;
  CIMC_TRY(cimc_call_real(call, "alpha", &alpha));
  CIMC_TRY(cimc_call_real(call, "beta", &beta));
  cimc_builder_op op = {
      .kind = CIMC_QGEMM_HARD_SIGMOID,
      .attributes = {cimc_builder_f32(&call->builder, "alpha", alpha),
                     cimc_builder_f32(&call->builder, "beta", beta)},
      .attribute_count = 2};
  return cimc_term_define(call, 0,
                          cimc_term_apply(call, &op, cimc_term_f32(call, 0)));
}

MlirLogicalResult cimc_ops_activation_gelu(cimc_call *call) {
  const char *approximate = "none";
  CIMC_TRY(cimc_call_text(call, "approximate", &approximate));
  bool by_tanh = strcmp(approximate, "tanh") == 0;
  if (!by_tanh && strcmp(approximate, "none") != 0)
    return cimc_call_error(
        call, "approximate is '%.20s'; expected none or tanh", approximate);
  cimc_builder_op op = {
      .kind = CIMC_QGEMM_GELU,
      .attributes = {cimc_builder_bool(&call->builder, "tanh", by_tanh)},
      .attribute_count = 1};
  return cimc_term_define(call, 0,
                          cimc_term_apply(call, &op, cimc_term_f32(call, 0)));
}

// log(1 + exp(x)) as max(x, 0) + log(1 + exp(-|x|)), which does not overflow.
static cimc_term softplus(cimc_call *call, cimc_term x) {
  cimc_term low = cimc_term_unary(call, CIMC_QGEMM_ABS, x);
  low = cimc_term_unary(call, CIMC_QGEMM_NEG, low);
  low = cimc_term_unary(call, CIMC_QGEMM_EXP, low);
  low = cimc_term_with(call, CIMC_QGEMM_ADD, low, 1);
  low = cimc_term_unary(call, CIMC_QGEMM_LOG, low);
  return binary(call, CIMC_QGEMM_ADD,
                cimc_term_with(call, CIMC_QGEMM_MAX, x, 0), low);
}

MlirLogicalResult cimc_ops_activation_softplus(cimc_call *call) {
  return cimc_term_define(call, 0, softplus(call, cimc_term_f32(call, 0)));
}

MlirLogicalResult cimc_ops_activation_softsign(cimc_call *call) {
  cimc_term x = cimc_term_f32(call, 0);
  cimc_term one = cimc_term_unary(call, CIMC_QGEMM_ABS, x);
  one = cimc_term_with(call, CIMC_QGEMM_ADD, one, 1);
  return cimc_term_define(call, 0, binary(call, CIMC_QGEMM_DIV, x, one));
}

MlirLogicalResult cimc_ops_activation_mish(cimc_call *call) {
  cimc_term x = cimc_term_f32(call, 0);
  cimc_term gate = cimc_term_unary(call, CIMC_QGEMM_TANH, softplus(call, x));
  return cimc_term_define(call, 0, binary(call, CIMC_QGEMM_MUL, x, gate));
}

MlirLogicalResult cimc_ops_activation_swish(cimc_call *call) {
  float alpha = 1.0f;
  CIMC_TRY(cimc_call_real(call, "alpha", &alpha));
  cimc_term x = cimc_term_f32(call, 0), gate = x;
  if (alpha != 1.0f)
    gate = cimc_term_with(call, CIMC_QGEMM_MUL, gate, (double)alpha);
  gate = cimc_term_unary(call, CIMC_QGEMM_SIGMOID, gate);
  return cimc_term_define(call, 0, binary(call, CIMC_QGEMM_MUL, x, gate));
}

static cimc_term zero(cimc_call *call) {
  return cimc_term_number(call, CIMC_ELEM_FLOAT, 0);
}

MlirLogicalResult cimc_ops_activation_thresholded_relu(cimc_call *call) {
  float alpha = 1.0f;
  CIMC_TRY(cimc_call_real(call, "alpha", &alpha));
  cimc_term x = cimc_term_f32(call, 0);
  cimc_term above = cimc_term_compare(
      call, "gt", x, cimc_term_number(call, CIMC_ELEM_FLOAT, (double)alpha));
  return cimc_term_define(call, 0,
                          cimc_term_select(call, above, x, zero(call)));
}

// The slope broadcasts to x, not x to the slope.
MlirLogicalResult cimc_ops_activation_prelu(cimc_call *call) {
  cimc_term x = cimc_term_f32(call, 0), slope = cimc_term_f32(call, 1);
  if (call->opset < 7 && slope.sound && slope.shape.rank == 1) {
    cimc_shape shape = slope.shape; // one for each channel
    while (shape.rank < x.shape.rank - 1)
      shape.dim[shape.rank++] = 1;
    slope = cimc_term_reshape(call, slope, &shape);
  }
  cimc_term below = cimc_term_compare(call, "lt", x, zero(call));
  cimc_term result =
      cimc_term_select(call, below, binary(call, CIMC_QGEMM_MUL, x, slope), x);
  if (result.sound && !cimc_ir_shape_equal(&result.shape, &x.shape))
    return cimc_call_error(call, "the slope does not broadcast to the input");
  return cimc_term_define(call, 0, result);
}

MlirLogicalResult cimc_ops_activation_shrink(cimc_call *call) {
  float bias = 0.0f, lambda = 0.5f;
  CIMC_TRY(cimc_call_real(call, "bias", &bias));
  CIMC_TRY(cimc_call_real(call, "lambd", &lambda));
  cimc_term x = cimc_term_f32(call, 0);
  cimc_term edge = cimc_term_number(call, CIMC_ELEM_FLOAT, (double)lambda);
  cimc_term high = cimc_term_compare(call, "gt", x, edge);
  edge = cimc_term_number(call, CIMC_ELEM_FLOAT, (double)-lambda);
  cimc_term low = cimc_term_compare(call, "lt", x, edge);
  cimc_term more = cimc_term_with(call, CIMC_QGEMM_ADD, x, (double)bias);
  cimc_term less = cimc_term_with(call, CIMC_QGEMM_SUB, x, (double)bias);
  cimc_term rest = cimc_term_select(call, low, more, zero(call));
  return cimc_term_define(call, 0, cimc_term_select(call, high, less, rest));
}
