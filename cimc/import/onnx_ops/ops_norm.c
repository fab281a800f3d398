// SPDX-License-Identifier: Apache-2.0
//
// Normalizations by mean and variance, made of qgemm's reductions.
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/term.h"

#include <inttypes.h>

static cimc_term add(cimc_call *call, cimc_term a, cimc_term b) {
  return cimc_term_binary(call, CIMC_QGEMM_ADD, a, b);
}

static cimc_term sub(cimc_call *call, cimc_term a, cimc_term b) {
  return cimc_term_binary(call, CIMC_QGEMM_SUB, a, b);
}

static cimc_term mul(cimc_call *call, cimc_term a, cimc_term b) {
  return cimc_term_binary(call, CIMC_QGEMM_MUL, a, b);
}

static cimc_term mean(cimc_call *call, cimc_term x,
                      const cimc_term_axes *axes) {
  return cimc_term_reduce(call, CIMC_QGEMM_REDUCE_MEAN, x, axes);
}

// 1 / sqrt(x + epsilon).
static cimc_term inverse_root(cimc_call *call, cimc_term x, float epsilon) {
  x = cimc_term_with(call, CIMC_QGEMM_ADD, x, (double)epsilon);
  x = cimc_term_unary(call, CIMC_QGEMM_SQRT, x);
  return cimc_term_unary(call, CIMC_QGEMM_RECIPROCAL, x);
}

// All dimensions from `first` on, kept.
static cimc_term_axes from_axis(int rank, int64_t first) {
  cimc_term_axes axes = {.keep = true};
  for (int i = 0; i < rank; i++)
    axes.at[i] = i >= first;
  return axes;
}

// What is normalized: x over axes, with epsilon under the root.
typedef struct moments {
  cimc_term centred; // x - mean
  cimc_term mean;
  cimc_term variance;
} moments;

static moments moments_of(cimc_call *call, cimc_term x,
                          const cimc_term_axes *axes) {
  moments self;
  self.mean = mean(call, x, axes);
  self.centred = sub(call, x, self.mean);
  self.variance = mean(call, mul(call, self.centred, self.centred), axes);
  return self;
}

// A list with an element for each channel, as [1, C, 1, ...].
static cimc_term per_channel(cimc_call *call, size_t input, int rank,
                             int64_t channels) {
  cimc_term x = cimc_term_f32(call, input);
  cimc_shape to = {.rank = rank};
  if (!x.sound)
    return x;
  if (x.shape.rank != 1 || x.shape.dim[0] != channels) {
    cimc_call_error(call,
                    "input %zu is not a list of %" PRId64
                    " numbers; expected one for each channel",
                    input, channels);
    return CIMC_TERM_NONE;
  }
  for (int i = 0; i < rank; i++)
    to.dim[i] = i == 1 ? channels : 1;
  return cimc_term_reshape(call, x, &to);
}

static MlirLogicalResult need_rank(cimc_call *call, const cimc_term *x,
                                   int rank) {
  if (!x->sound)
    return mlirLogicalResultFailure();
  if (cimc_ir_element_count(&x->shape) < 1)
    return cimc_call_error(call, "the input has no elements; expected some");
  if (x->shape.rank < rank)
    return cimc_call_error(call, "the input has rank %d; expected %d or more",
                           x->shape.rank, rank);
  return mlirLogicalResultSuccess();
}

// -- Layer and RMS -----------------------------------------------------------
// The input and the axes that are normalized.
static MlirLogicalResult read_layer(cimc_call *call, cimc_term *x,
                                    cimc_term_axes *out, float *epsilon) {
  int64_t axis = -1, stash = 1;
  *x = cimc_term_f32(call, 0);
  CIMC_TRY(need_rank(call, x, 1));
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  CIMC_TRY(cimc_call_i64(call, "stash_type", &stash));
  CIMC_TRY(cimc_call_real(call, "epsilon", epsilon));
  CIMC_TRY(cimc_call_axis(call, x->shape.rank, &axis));
  if (stash != CIMC_ELEM_FLOAT)
    return cimc_call_refuse(call, "stash_type %s", cimc_proto_elem_name(stash));
  *out = from_axis(x->shape.rank, axis);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_norm_layer(cimc_call *call) {
  float epsilon = 1e-5f;
  cimc_term x;
  cimc_term_axes axes;
  CIMC_TRY(read_layer(call, &x, &axes, &epsilon));
  moments of = moments_of(call, x, &axes);
  cimc_term inverse = inverse_root(call, of.variance, epsilon);
  cimc_term result = mul(call, of.centred, inverse);
  result = mul(call, result, cimc_term_f32(call, 1));
  if (cimc_call_has_input(call, 2))
    result = add(call, result, cimc_term_f32(call, 2));
  CIMC_TRY(cimc_term_define(call, 0, result));
  CIMC_TRY(cimc_term_define(call, 1, of.mean));
  return cimc_term_define(call, 2, inverse);
}

MlirLogicalResult cimc_ops_norm_rms(cimc_call *call) {
  float epsilon = 1e-5f;
  cimc_term x;
  cimc_term_axes axes;
  CIMC_TRY(read_layer(call, &x, &axes, &epsilon));
  cimc_term square = mean(call, mul(call, x, x), &axes);
  x = mul(call, x, inverse_root(call, square, epsilon));
  return cimc_term_define(call, 0, mul(call, x, cimc_term_f32(call, 1)));
}

// -- Instance and group ------------------------------------------------------
MlirLogicalResult cimc_ops_norm_instance(cimc_call *call) {
  float epsilon = 1e-5f;
  cimc_term x = cimc_term_f32(call, 0);
  CIMC_TRY(need_rank(call, &x, 3));
  CIMC_TRY(cimc_call_real(call, "epsilon", &epsilon));
  int rank = x.shape.rank;
  cimc_term_axes axes = from_axis(rank, 2);
  moments of = moments_of(call, x, &axes);
  cimc_term scale = per_channel(call, 1, rank, x.shape.dim[1]);
  cimc_term bias = per_channel(call, 2, rank, x.shape.dim[1]);
  scale = mul(call, scale, inverse_root(call, of.variance, epsilon));
  return cimc_term_define(call, 0,
                          add(call, mul(call, of.centred, scale), bias));
}

// Scale and bias are per group in opset 18, per channel from 21 on.
static cimc_term group_affine(cimc_call *call, cimc_term x, int64_t groups,
                              const cimc_shape *shape) {
  bool by_group = call->opset < 21;
  cimc_shape wide = *shape;
  if (by_group)
    wide = (cimc_shape){
        .rank = 3,
        .dim = {shape->dim[0], groups,
                cimc_ir_element_count(shape) / shape->dim[0] / groups}};
  x = cimc_term_reshape(call, x, &wide);
  int64_t count = by_group ? groups : shape->dim[1];
  x = mul(call, x, per_channel(call, 1, wide.rank, count));
  x = add(call, x, per_channel(call, 2, wide.rank, count));
  return cimc_term_reshape(call, x, shape);
}

MlirLogicalResult cimc_ops_norm_group(cimc_call *call) {
  float epsilon = 1e-5f;
  int64_t groups = 0, stash = 1;
  cimc_term x = cimc_term_f32(call, 0);
  CIMC_TRY(need_rank(call, &x, 3));
  CIMC_TRY(cimc_call_real(call, "epsilon", &epsilon));
  CIMC_TRY(cimc_call_i64(call, "num_groups", &groups));
  CIMC_TRY(cimc_call_i64(call, "stash_type", &stash));
  cimc_shape shape = x.shape;
  if (groups < 1 || shape.dim[1] % groups != 0)
    return cimc_call_error(
        call, "%" PRId64 " channels in %" PRId64 " groups; expected a multiple",
        shape.dim[1], groups);
  if (stash != CIMC_ELEM_FLOAT)
    return cimc_call_refuse(call, "stash_type %s", cimc_proto_elem_name(stash));
  cimc_shape flat = {
      .rank = 3,
      .dim = {shape.dim[0], groups,
              cimc_ir_element_count(&shape) / shape.dim[0] / groups}};
  cimc_term_axes axes = from_axis(3, 2);
  moments of = moments_of(call, cimc_term_reshape(call, x, &flat), &axes);
  x = mul(call, of.centred, inverse_root(call, of.variance, epsilon));
  return cimc_term_define(call, 0, group_affine(call, x, groups, &shape));
}

// -- Batch normalization while training --------------------------------------
// now * (1 - momentum) + before * momentum, a list.
static cimc_term running(cimc_call *call, size_t input, cimc_term now,
                         float momentum) {
  cimc_term before = cimc_term_f32(call, input);
  if (!before.sound)
    return before;
  now = cimc_term_reshape(call, now, &before.shape);
  before = cimc_term_with(call, CIMC_QGEMM_MUL, before, (double)momentum);
  now = cimc_term_with(call, CIMC_QGEMM_MUL, now, (double)(1.0f - momentum));
  return add(call, before, now);
}

MlirLogicalResult cimc_ops_norm_batch(cimc_call *call) {
  int64_t training = 0, test = call->opset > 6;
  float epsilon = 1e-5f, momentum = 0.9f;
  CIMC_TRY(cimc_call_i64(call, "training_mode", &training));
  CIMC_TRY(cimc_call_i64(call, "is_test", &test));
  if (test == 0)
    return cimc_call_refuse(call, "training");
  CIMC_TRY(cimc_call_real(call, "epsilon", &epsilon));
  CIMC_TRY(cimc_call_real(call, "momentum", &momentum));
  for (size_t i = 1; training == 0 && i < 5; i++)
    if (cimc_call_has_output(call, i))
      return cimc_call_refuse(call, "its output %zu", i);
  if (training == 0 || call->opset < 14)
    return cimc_ops_math_batch_norm(call);
  cimc_term x = cimc_term_f32(call, 0);
  CIMC_TRY(need_rank(call, &x, 2));
  int rank = x.shape.rank;
  cimc_term_axes axes = {.keep = true};
  for (int i = 0; i < rank; i++)
    axes.at[i] = i != 1;
  moments of = moments_of(call, x, &axes);
  cimc_term scale = per_channel(call, 1, rank, x.shape.dim[1]);
  scale = mul(call, scale, inverse_root(call, of.variance, epsilon));
  x = add(call, mul(call, of.centred, scale),
          per_channel(call, 2, rank, x.shape.dim[1]));
  CIMC_TRY(cimc_term_define(call, 0, x));
  CIMC_TRY(cimc_term_define(call, 1, running(call, 3, of.mean, momentum)));
  return cimc_term_define(call, 2, running(call, 4, of.variance, momentum));
}

// -- The others --------------------------------------------------------------
MlirLogicalResult cimc_ops_norm_mean_variance(cimc_call *call) {
  cimc_call_list list;
  cimc_term x = cimc_term_f32(call, 0);
  CIMC_TRY(need_rank(call, &x, 1));
  CIMC_TRY(cimc_call_axes(call, SIZE_MAX, x.shape.rank, &list));
  cimc_term_axes axes = {.keep = true};
  for (int i = 0; i < x.shape.rank && list.count < 0; i++)
    axes.at[i] = i != 1;
  for (int64_t i = 0; i < list.count; i++)
    axes.at[list.at[i]] = true;
  moments of = moments_of(call, x, &axes);
  cimc_term root = cimc_term_unary(call, CIMC_QGEMM_SQRT, of.variance);
  root = cimc_term_with(call, CIMC_QGEMM_ADD, root, 1e-9);
  return cimc_term_define(
      call, 0, cimc_term_binary(call, CIMC_QGEMM_DIV, of.centred, root));
}

// x / norm, and 0 where the norm is 0.
MlirLogicalResult cimc_ops_norm_lp(cimc_call *call) {
  int64_t axis = -1, p = 2;
  cimc_term x = cimc_term_f32(call, 0);
  CIMC_TRY(need_rank(call, &x, 1));
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  CIMC_TRY(cimc_call_i64(call, "p", &p));
  CIMC_TRY(cimc_call_axis(call, x.shape.rank, &axis));
  if (p != 1 && p != 2)
    return cimc_call_error(call, "p is %" PRId64 "; expected 1 or 2", p);
  cimc_term_axes axes = {.keep = true};
  axes.at[axis] = true;
  cimc_term norm =
      p == 1 ? cimc_term_unary(call, CIMC_QGEMM_ABS, x) : mul(call, x, x);
  norm = cimc_term_reduce(call, CIMC_QGEMM_REDUCE_SUM, norm, &axes);
  if (p == 2)
    norm = cimc_term_unary(call, CIMC_QGEMM_SQRT, norm);
  cimc_term zero = cimc_term_number(call, CIMC_ELEM_FLOAT, 0);
  cimc_term none = cimc_term_compare(call, "eq", norm, zero);
  norm = cimc_term_select(call, none,
                          cimc_term_number(call, CIMC_ELEM_FLOAT, 1), norm);
  return cimc_term_define(call, 0,
                          cimc_term_binary(call, CIMC_QGEMM_DIV, x, norm));
}

// The mean of the squares of `size` neighbouring channels, missing ones 0: an
// average pool over [N, C, pixels, 1].
static cimc_term neighbours(cimc_call *call, cimc_term x, int64_t size) {
  const cimc_builder *b = &call->builder;
  int64_t kernel[] = {size, 1}, strides[] = {1, 1};
  int64_t pads[] = {(size - 1) / 2, 0, size / 2, 0};
  cimc_shape shape = x.shape;
  cimc_shape flat = {.rank = 4, .dim = {shape.dim[0], shape.dim[1], 1, 1}};
  flat.dim[2] = cimc_ir_element_count(&shape) / flat.dim[0] / flat.dim[1];
  x = cimc_term_reshape(call, mul(call, x, x), &flat);
  cimc_builder_op op = {
      .kind = CIMC_QGEMM_AVG_POOL2D,
      .operand_count = 1,
      .attributes = {cimc_builder_i64s(b, "kernel", 2, kernel),
                     cimc_builder_i64s(b, "strides", 2, strides),
                     cimc_builder_i64s(b, "pads", 4, pads),
                     cimc_builder_bool(b, "count_include_pad", true)},
      .attribute_count = 4};
  if (mlirLogicalResultIsFailure(cimc_term_value(call, &x, op.operands)))
    return CIMC_TERM_NONE;
  x = cimc_term_made(cimc_builder_create(b, &op), CIMC_ELEM_FLOAT, &flat);
  return cimc_term_reshape(call, x, &shape);
}

MlirLogicalResult cimc_ops_norm_lrn(cimc_call *call) {
  float alpha = 1e-4f, beta = 0.75f, bias = 1.0f;
  int64_t size = 0;
  cimc_term x = cimc_term_f32(call, 0);
  CIMC_TRY(need_rank(call, &x, 3));
  CIMC_TRY(cimc_call_real(call, "alpha", &alpha));
  CIMC_TRY(cimc_call_real(call, "beta", &beta));
  CIMC_TRY(cimc_call_real(call, "bias", &bias));
  CIMC_TRY(cimc_call_i64(call, "size", &size));
  if (size < 1 || size > 2 * x.shape.dim[1])
    return cimc_call_error(call,
                           "size is %" PRId64 "; expected 1 to %" PRId64
                           ", twice the channels",
                           size, 2 * x.shape.dim[1]);
  cimc_term sum = neighbours(call, x, size);
  sum = cimc_term_with(call, CIMC_QGEMM_MUL, sum, (double)alpha);
  sum = cimc_term_with(call, CIMC_QGEMM_ADD, sum, (double)bias);
  sum = cimc_term_with(call, CIMC_QGEMM_POW, sum, (double)beta);
  return cimc_term_define(call, 0,
                          cimc_term_binary(call, CIMC_QGEMM_DIV, x, sum));
}
