// SPDX-License-Identifier: Apache-2.0
//
// Quant-fusion of convolutions and products.
//
// The bias: an accumulator's step is sx * sw[c]. A bias given in just these
// steps is taken as it is; any other, and an f32 one, is rounded to the nearest
// step (half to even), which is at most half a step of the accumulator off.
#include "passes/model/linear.h"
#include "passes/model/literal.h"

#include <math.h>
#include <stdlib.h>

// How far a bias scale may be from sx * sw[c] and still be meant to be it:
// writers compute the product in f32 or in double.
#define SCALE_TOLERANCE 1e-4

typedef struct linear {
  MlirOperation op;
  cimc_qgemm_kind kind;
  MlirType input;   // quantized tensor types
  MlirType weights; // the second operand
  int64_t channels;
} linear;

// -- Operands ----------------------------------------------------------------
static bool dequantized(MlirValue value, MlirValue *out) {
  MlirOperation op = cimc_edit_def(value, CIMC_QGEMM_DEQUANTIZE);
  if (mlirOperationIsNull(op))
    return false;
  *out = cimc_edit_operand(op, 0);
  return true;
}

// The axis along which weights may have a scale per channel.
static int channel_axis(cimc_qgemm_kind kind) {
  switch (kind) {
  case CIMC_QGEMM_MATMUL:
    return 1;
  case CIMC_QGEMM_BATCH_MATMUL:
    return -1;
  default:
    return 0;
  }
}

static bool is_int8(cimc_storage storage) {
  return storage == CIMC_STORAGE_I8 || storage == CIMC_STORAGE_U8;
}

static bool match(MlirOperation op, MlirValue *operands, linear *out) {
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  cimc_shape shape;
  if (!dequantized(cimc_edit_operand(op, 0), &operands[0]) ||
      !dequantized(cimc_edit_operand(op, 1), &operands[1]) ||
      !cimc_ir_tensor_shape(cimc_edit_type(op), &shape) || shape.rank < 1)
    return false;
  *out = (linear){.op = op,
                  .kind = kind,
                  .input = mlirValueGetType(operands[0]),
                  .weights = mlirValueGetType(operands[1]),
                  .channels = shape.dim[shape.rank - 1]};
  cimc_element weights = cimc_qgemm_element(out->weights);
  return out->channels > 0 && cimc_edit_is_int8_tensor(out->input) &&
         is_int8(weights.storage) &&
         (weights.axis < 0 || weights.axis == channel_axis(kind));
}

// -- Bias --------------------------------------------------------------------
static int64_t weight_channel(const linear *self, int64_t channel) {
  return cimc_qgemm_element(self->weights).axis < 0 ? 0 : channel;
}

// The step of the accumulator, in double.
static double step(const linear *self, int64_t channel) {
  return (double)cimc_qgemm_scale(self->input, 0) *
         (double)cimc_qgemm_scale(self->weights, weight_channel(self, channel));
}

// i32 in steps of the accumulator: per axis when the weights are. A null type
// when there is no memory.
static MlirType bias_type(const linear *self) {
  MlirContext context = mlirOperationGetContext(self->op);
  cimc_shape shape = {.rank = 1, .dim = {self->channels}};
  if (cimc_qgemm_element(self->weights).axis < 0)
    return cimc_ir_tensor_type(&shape,
                               cimc_qgemm_quant_type(context, CIMC_STORAGE_I32,
                                                     (float)step(self, 0), 0));
  MlirType type = {NULL};
  size_t count = (size_t)self->channels;
  float *scales = malloc((count + 1) * sizeof *scales);
  int32_t *points = calloc(count + 1, sizeof *points);
  if (scales && points) {
    for (size_t c = 0; c < count; c++)
      scales[c] = (float)step(self, (int64_t)c);
    type = cimc_ir_tensor_type(
        &shape, cimc_qgemm_quant_axis_type(
                    context, CIMC_STORAGE_I32,
                    &(cimc_axis_scales){0, self->channels, scales, points}));
  }
  free(scales);
  free(points);
  return type;
}

// A scale is an f32 above 0: a product of tiny ones is not.
static bool steps_are_sound(const linear *self) {
  int64_t count =
      cimc_qgemm_element(self->weights).axis < 0 ? 1 : self->channels;
  for (int64_t c = 0; c < count; c++) {
    float narrow = (float)step(self, c);
    if (!(narrow > 0.0f) || isinf(narrow))
      return false;
  }
  return true;
}

static int64_t saturate(double value) {
  if (!(value > (double)INT32_MIN))
    return INT32_MIN;
  return value < (double)INT32_MAX ? (int64_t)value : INT32_MAX;
}

static int64_t requantized_bias(const linear *self, const cimc_literal *bias,
                                size_t at) {
  double unit = step(self, (int64_t)at);
  if (!bias->element.quantized)
    return saturate(rint((double)((const float *)bias->data)[at] / unit));
  int64_t channel = cimc_literal_channel(bias, at);
  int64_t value =
      cimc_literal_get(bias, at) - cimc_qgemm_zero_point(bias->type, channel);
  double scale = (double)cimc_qgemm_scale(bias->type, channel);
  if (fabs(scale - unit) <= SCALE_TOLERANCE * unit)
    return saturate((double)value);
  return saturate(rint((double)value * scale / unit));
}

static bool read_bias(const linear *self, cimc_literal *out) {
  MlirValue value = cimc_edit_operand(self->op, 2);
  dequantized(value, &value);
  if (!cimc_literal_read(value, out))
    return false;
  bool sound = out->count == (size_t)self->channels &&
               (out->element.quantized || cimc_edit_is_f32(out->type));
  if (!sound)
    cimc_literal_destroy(out);
  return sound;
}

// The bias as the accumulator takes it; no data when the op has none.
static bool make_bias(const linear *self, cimc_literal *out) {
  cimc_literal from;
  *out = (cimc_literal){.data = NULL};
  if (mlirOperationGetNumOperands(self->op) < 3)
    return true;
  if (!read_bias(self, &from))
    return false;
  MlirType type = bias_type(self);
  bool done = !mlirTypeIsNull(type) && cimc_literal_create(type, out);
  for (size_t c = 0; done && c < out->count; c++)
    cimc_literal_set(out, c, requantized_bias(self, &from, c));
  cimc_literal_destroy(&from);
  return done;
}

// -- Accumulator -------------------------------------------------------------
// The sum of |w - zero point| that meets output channel `channel`.
static int64_t weight_sum(const linear *self, const cimc_literal *weights,
                          size_t channel) {
  bool is_product = self->kind == CIMC_QGEMM_MATMUL;
  size_t depth = weights->count / (size_t)self->channels;
  int64_t zero = cimc_qgemm_zero_point(self->weights,
                                       weight_channel(self, (int64_t)channel));
  int64_t sum = 0;
  for (size_t i = 0; i < depth; i++) {
    size_t at =
        is_product ? i * (size_t)self->channels + channel : channel * depth + i;
    int64_t value = cimc_literal_get(weights, at) - zero;
    sum += value < 0 ? -value : value;
  }
  return sum;
}

static int64_t bias_reach(const cimc_literal *bias, size_t channel) {
  int64_t value = bias->data ? cimc_literal_get(bias, channel) : 0;
  return value < 0 ? -value : value;
}

// Whether an int32 holds whatever the op may sum up: exactly so for constant
// weights, by their largest step for others. Sums cannot overflow an int64:
// there are fewer than 2^31 weights of 8 bits.
static bool accumulator_holds(const linear *self, MlirValue weights,
                              const cimc_literal *bias) {
  cimc_literal values;
  cimc_shape shape;
  int64_t input = cimc_qgemm_reach(self->input), depth;
  bool known = self->kind != CIMC_QGEMM_BATCH_MATMUL &&
               cimc_literal_read(weights, &values);
  if (!known && (!cimc_ir_tensor_shape(self->weights, &shape) ||
                 cimc_ir_element_count(&shape) <= 0 || shape.rank < 2))
    return false;
  depth = known ? 0
                : cimc_qgemm_depth(self->kind, self->weights) *
                      cimc_qgemm_reach(self->weights);
  bool holds = depth <= INT32_MAX;
  for (size_t c = 0; holds && c < (size_t)self->channels; c++) {
    int64_t sum = known ? weight_sum(self, &values, c) : depth;
    holds = sum * input + bias_reach(bias, c) <= INT32_MAX;
  }
  if (known)
    cimc_literal_destroy(&values);
  return holds;
}

// -- Fusion ------------------------------------------------------------------
bool cimc_linear_quantize(MlirOperation op, MlirRewriterBase rewriter,
                          MlirType type, MlirValue *out) {
  linear self;
  cimc_literal bias;
  cimc_edit edit = cimc_edit_copy(op);
  if (!match(op, edit.operands, &self) || !steps_are_sound(&self) ||
      !make_bias(&self, &bias))
    return false;
  bool holds = accumulator_holds(&self, edit.operands[1], &bias);
  if (holds) {
    if (bias.data)
      edit.operands[2] = cimc_literal_insert(rewriter, &bias, edit.location);
    edit.type = type;
    *out = cimc_edit_build(rewriter, &edit);
  }
  cimc_literal_destroy(&bias);
  return holds;
}

bool cimc_linear_zero_bias(MlirOperation op, MlirRewriterBase rewriter,
                           MlirValue *out) {
  cimc_literal zeros;
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(cimc_edit_type(op), &shape);
  linear self = {
      .op = op,
      .kind = cimc_qgemm_kind_of(op),
      .input = mlirValueGetType(cimc_edit_operand(op, 0)),
      .weights = mlirValueGetType(cimc_edit_operand(op, 1)),
      .channels = shape.dim[shape.rank - 1],
  };
  cimc_shape vector = {.rank = 1, .dim = {self.channels}};
  MlirType type =
      cimc_ir_tensor_type(&vector, mlirF32TypeGet(mlirOperationGetContext(op)));
  if (cimc_qgemm_element(self.input).quantized)
    type = steps_are_sound(&self) ? bias_type(&self) : (MlirType){NULL};
  if (mlirTypeIsNull(type) || !cimc_literal_create(type, &zeros))
    return false;
  *out = cimc_literal_insert(rewriter, &zeros, mlirOperationGetLocation(op));
  cimc_literal_destroy(&zeros);
  return true;
}
