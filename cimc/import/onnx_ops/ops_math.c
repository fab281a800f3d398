// SPDX-License-Identifier: Apache-2.0
//
// Elementwise operators, softmax, reductions and batch normalization.
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/weights.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

// -- Unary -------------------------------------------------------------------
static MlirLogicalResult unary(cimc_call *call, cimc_qgemm_kind kind) {
  MlirValue x;
  CIMC_TRY(cimc_call_f32(call, 0, &x));
  return cimc_call_define_shape(call,
                                cimc_builder_unary(&call->builder, kind, x),
                                CIMC_ELEM_FLOAT, cimc_call_shape(call, 0));
}

// A bound of Clip: input `i` where it is there, else the attribute.
static MlirLogicalResult read_bound(cimc_call *call, size_t i, const char *name,
                                    float *out) {
  CIMC_TRY(cimc_call_real(call, name, out));
  if (cimc_call_has_input(call, i)) {
    const cimc_tensor *tensor;
    CIMC_TRY(cimc_call_constant(call, i, name, &tensor));
    if (tensor->count != 1 || tensor->elem != CIMC_ELEM_FLOAT)
      return cimc_call_error(call, "'%s' is not one float32; expected one",
                             name);
    *out = cimc_tensor_f32(tensor, 0);
  }
  if (isnan(*out))
    return cimc_call_error(call, "'%s' is not a number; expected one", name);
  // The default of old operator sets stands for "no bound".
  if (fabsf(*out) == FLT_MAX)
    *out = copysignf(INFINITY, *out);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_math_clip(cimc_call *call) {
  float low = -INFINITY, high = INFINITY;
  MlirValue x;
  CIMC_TRY(cimc_call_f32(call, 0, &x));
  CIMC_TRY(read_bound(call, 1, "min", &low));
  CIMC_TRY(read_bound(call, 2, "max", &high));
  if (low == -INFINITY && high == INFINITY)
    return cimc_call_forward(call, 0);
  if (low == 0.0f && high == INFINITY)
    return unary(call, CIMC_QGEMM_RELU);
  if (low > high) // ONNX: the upper bound wins
    low = high;
  cimc_builder_op op = {
      .kind = CIMC_QGEMM_CLAMP,
      .operands = {x},
      .operand_count = 1,
      .attributes = {cimc_builder_f32(&call->builder, "clamp_min", low),
                     cimc_builder_f32(&call->builder, "clamp_max", high)},
      .attribute_count = 2};
  return cimc_call_define_shape(call, cimc_builder_create(&call->builder, &op),
                                CIMC_ELEM_FLOAT, cimc_call_shape(call, 0));
}

// -- Softmax -----------------------------------------------------------------
static MlirValue softmax(const cimc_builder *builder, MlirValue x,
                         int64_t axis) {
  return cimc_builder_create(
      builder, &(cimc_builder_op){
                   .kind = CIMC_QGEMM_SOFTMAX,
                   .operands = {x},
                   .operand_count = 1,
                   .attributes = {cimc_builder_i64(builder, "axis", axis)},
                   .attribute_count = 1});
}

// The product of dimensions [first, last).
static int64_t product(const cimc_shape *shape, int64_t first, int64_t last) {
  cimc_shape part = {.rank = (int)(last - first)};
  for (int i = 0; i < part.rank; i++)
    part.dim[i] = shape->dim[first + i];
  return cimc_ir_element_count(&part);
}

// Before opset 13 everything from the axis on is one dimension.
MlirLogicalResult cimc_ops_math_softmax(cimc_call *call) {
  int64_t axis = call->opset < 13 ? 1 : -1;
  MlirValue x;
  CIMC_TRY(cimc_call_f32(call, 0, &x));
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  cimc_shape shape = *cimc_call_shape(call, 0);
  CIMC_TRY(cimc_call_axis(call, shape.rank, &axis));
  const cimc_builder *builder = &call->builder;
  if (call->opset >= 13 || axis == shape.rank - 1)
    return cimc_call_define(call, softmax(builder, x, axis), CIMC_ELEM_FLOAT);
  cimc_shape flat = {
      .rank = 2,
      .dim = {product(&shape, 0, axis), product(&shape, axis, shape.rank)}};
  x = softmax(builder, cimc_builder_reshape(builder, x, &flat), 1);
  return cimc_call_define(call, cimc_builder_reshape(builder, x, &shape),
                          CIMC_ELEM_FLOAT);
}

// -- BatchNormalization ------------------------------------------------------
typedef struct normalization {
  const cimc_tensor *of[4]; // scale, bias, mean, variance
  int64_t channels;
  double epsilon;
} normalization;

static MlirLogicalResult read_normalization(cimc_call *call,
                                            normalization *out) {
  static const char *const names[] = {"scale", "B", "mean", "var"};
  float epsilon = 1e-5f;
  int64_t training = 0, spatial = 1;
  CIMC_TRY(cimc_call_real(call, "epsilon", &epsilon));
  CIMC_TRY(cimc_call_i64(call, "training_mode", &training));
  CIMC_TRY(cimc_call_i64(call, "spatial", &spatial));
  if (training != 0 || spatial == 0)
    return cimc_call_refuse(call, training ? "training mode" : "spatial = 0");
  out->epsilon = (double)epsilon;
  for (size_t i = 0; i < 4; i++) {
    CIMC_TRY(cimc_call_constant(call, i + 1, names[i], &out->of[i]));
    if (out->of[i]->elem != CIMC_ELEM_FLOAT ||
        out->of[i]->count != out->channels || out->of[i]->shape.rank != 1)
      return cimc_call_error(
          call,
          "'%s' has %lld elements of %s in %d dimensions; expected %lld of "
          "float32 in one",
          names[i], (long long)out->of[i]->count,
          cimc_proto_elem_name(out->of[i]->stored), out->of[i]->shape.rank,
          (long long)out->channels);
  }
  return mlirLogicalResultSuccess();
}

// y = x * a + b with a = scale / sqrt(var + eps), b = bias - mean * a, in
// double and rounded once.
static MlirLogicalResult emit_normalization(cimc_call *call, MlirValue x,
                                            const normalization *norm,
                                            float *work) {
  float *a = work, *b = work + norm->channels;
  for (int64_t c = 0; c < norm->channels; c++) {
    double variance = (double)cimc_tensor_f32(norm->of[3], c) + norm->epsilon;
    double slope = (double)cimc_tensor_f32(norm->of[0], c) / sqrt(variance);
    double offset = (double)cimc_tensor_f32(norm->of[1], c) -
                    (double)cimc_tensor_f32(norm->of[2], c) * slope;
    if (!(fabs(slope) <= (double)FLT_MAX && fabs(offset) <= (double)FLT_MAX))
      return cimc_call_error(call,
                             "channel %lld has no finite scale and "
                             "offset; expected var + epsilon > 0",
                             (long long)c);
    a[c] = (float)slope;
    b[c] = (float)offset;
  }
  cimc_shape shape = {.rank = 1, .dim = {norm->channels}};
  int rank = cimc_call_shape(call, 0)->rank;
  if (rank > 2) { // [1, C, 1, 1]
    shape.rank = rank;
    for (int i = 0; i < rank; i++)
      shape.dim[i] = i == 1 ? norm->channels : 1;
  }
  MlirValue slope, offset;
  CIMC_TRY(cimc_weights_create(call, &shape, a, &slope));
  x = cimc_builder_binary(&call->builder, CIMC_QGEMM_MUL, x, slope);
  CIMC_TRY(cimc_weights_create(call, &shape, b, &offset));
  x = cimc_builder_binary(&call->builder, CIMC_QGEMM_ADD, x, offset);
  return cimc_call_define(call, x, CIMC_ELEM_FLOAT);
}

MlirLogicalResult cimc_ops_math_batch_norm(cimc_call *call) {
  MlirValue x;
  CIMC_TRY(cimc_call_f32(call, 0, &x));
  const cimc_shape *shape = cimc_call_shape(call, 0);
  if (shape->rank < 2)
    return cimc_call_error(call, "the input has rank %d; expected 2 or more",
                           shape->rank);
  normalization norm = {.channels = shape->dim[1]};
  CIMC_TRY(read_normalization(call, &norm));
  float *work = calloc((size_t)norm.channels, 2 * sizeof *work);
  if (!work)
    return cimc_call_error(call, "there is not enough memory");
  MlirLogicalResult result = emit_normalization(call, x, &norm, work);
  free(work);
  return result;
}
