// SPDX-License-Identifier: Apache-2.0
//
// Elementwise operators of one input.
#include "cimc/import/tflite/fuse.h"
#include "cimc/import/tflite/ops.h"
#include "cimc/import/tflite/ref.h"

#include <math.h>
#include <string.h>

// -- qgemm's op --------------------------------------------------------------
static MlirLogicalResult create(cimc_lite_call *call, cimc_builder_op *op) {
  CIMC_TRY(cimc_lite_call_uniform(call, 1));
  CIMC_TRY(cimc_lite_call_operand(call, 0, &op->operands[0]));
  op->operand_count = 1;
  op->kind = call->kind;
  CIMC_TRY(cimc_lite_call_result(call, 0, &op->element));
  return cimc_lite_call_define(call, 0,
                               cimc_builder_create(&call->builder, op));
}

static bool is_exact(const cimc_lite_call *call) {
  return call->reference &&
         cimc_lite_is_quantized(cimc_lite_call_input(call, 0)) &&
         cimc_lite_is_quantized(cimc_lite_call_output(call, 0));
}

// -- The reference: floats, by a table ---------------------------------------
typedef struct curve {
  float (*of)(float x);
  float scale;
  int32_t zero;
  float inverse; // of the result's scale
  int32_t result_zero;
  int64_t low;
  int64_t high;
} curve;

static curve make_curve(const cimc_lite_call *call, float (*of)(float x)) {
  const cimc_lite_scales *x = &cimc_lite_call_input(call, 0)->scales;
  const cimc_lite_tensor *y = cimc_lite_call_output(call, 0);
  int64_t bounds[2];
  cimc_lite_ref_bounds(y, CIMC_LITE_ACTIVATION_NONE, bounds);
  return (curve){.of = of,
                 .scale = x->scales[0],
                 .zero = x->zero_points[0],
                 .inverse = 1.0f / y->scales.scales[0],
                 .result_zero = y->scales.zero_points[0],
                 .low = bounds[0],
                 .high = bounds[1]};
}

static int32_t on_curve(const void *state, int32_t stored) {
  const curve *self = state;
  float real = self->of(self->scale * (float)(stored - self->zero));
  float steps = roundf(real * self->inverse) + (float)self->result_zero;
  // No number, as of the logarithm of less than 0, is the lowest value.
  if (!(steps > (float)self->low))
    return (int32_t)self->low;
  return steps < (float)self->high ? (int32_t)steps : (int32_t)self->high;
}

static float logistic(float x) { return 1.0f / (1.0f + expf(-x)); }
static float elu(float x) { return x < 0.0f ? expm1f(x) : x; }
static float gelu_erf(float x) {
  return x * (0.5f * (1.0f + erff(x * (float)M_SQRT1_2)));
}
static float gelu_tanh(float x) {
  const float scale = (float)M_2_SQRTPI * (float)M_SQRT1_2;
  return 0.5f * x * (1.0f + tanhf(scale * (x + 0.044715f * x * x * x)));
}

static MlirLogicalResult exact_curve(cimc_lite_call *call,
                                     float (*of)(float x)) {
  curve state = make_curve(call, of);
  return cimc_lite_ref_table(call, 0, on_curve, &state);
}

MlirLogicalResult cimc_lite_ops_unary(cimc_lite_call *call) {
  static const struct {
    cimc_qgemm_kind kind;
    float (*of)(float x);
  } curves[] = {{CIMC_QGEMM_SIGMOID, logistic},
                {CIMC_QGEMM_TANH, tanhf},
                {CIMC_QGEMM_EXP, expf},
                {CIMC_QGEMM_LOG, logf}};
  cimc_builder_op op = {.operand_count = 1};
  if (!is_exact(call))
    return create(call, &op);
  for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
    if (curves[i].kind == call->kind)
      return exact_curve(call, curves[i].of);
  return cimc_lite_call_no_reference(call);
}

MlirLogicalResult cimc_lite_ops_elu(cimc_lite_call *call) {
  cimc_builder_op op = {
      .attributes = {cimc_builder_f32(&call->builder, "alpha", 1.0f)},
      .attribute_count = 1};
  return is_exact(call) ? exact_curve(call, elu) : create(call, &op);
}

MlirLogicalResult cimc_lite_ops_gelu(cimc_lite_call *call) {
  bool approximate = cimc_lite_call_option(call, 0, CIMC_FLAT_U8, 0) != 0;
  cimc_builder_op op = {
      .attributes = {cimc_builder_bool(&call->builder, "tanh", approximate)},
      .attribute_count = 1};
  return is_exact(call) ? exact_curve(call, approximate ? gelu_tanh : gelu_erf)
                        : create(call, &op);
}

// -- The reference: factors --------------------------------------------------
typedef struct slope {
  int32_t zero;
  int32_t result_zero;
  cimc_lite_q31 above; // for 0 and more
  cimc_lite_q31 below;
  bool absolute;
  bool falling; // below is a factor of -x
  int64_t bounds[2];
} slope;

static int32_t on_slope(const void *state, int32_t stored) {
  const slope *self = state;
  int32_t x = stored - self->zero;
  bool above = x >= 0;
  if (!above && (self->absolute || self->falling))
    x = -x;
  above |= self->absolute;
  int64_t y =
      (int64_t)cimc_lite_q31_apply(x, above ? self->above : self->below) +
      self->result_zero;
  return (int32_t)(y < self->bounds[0]   ? self->bounds[0]
                   : y > self->bounds[1] ? self->bounds[1]
                                         : y);
}

// Input 0 times `below` or `above`, both over the result's scale.
static MlirLogicalResult exact_slope(cimc_lite_call *call, double above,
                                     double below, slope *state) {
  const cimc_lite_tensor *y = cimc_lite_call_output(call, 0);
  state->zero = cimc_lite_call_input(call, 0)->scales.zero_points[0];
  state->result_zero = y->scales.zero_points[0];
  state->falling = below < 0.0;
  if (!cimc_lite_q31_of(above, &state->above) ||
      !cimc_lite_q31_of(fabs(below), &state->below))
    return cimc_lite_call_error(call, "the scales need a factor of "
                                      "2^30 or more; expected less");
  return cimc_lite_ref_table(call, 0, on_slope, state);
}

static MlirLogicalResult clamp(cimc_lite_call *call, int64_t activation) {
  MlirValue x;
  MlirType element;
  CIMC_TRY(cimc_lite_call_uniform(call, 1));
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  CIMC_TRY(cimc_lite_call_result(call, 0, &element));
  if (is_exact(call)) {
    slope state = {.zero = 0};
    double factor = (double)cimc_lite_call_input(call, 0)->scales.scales[0] /
                    (double)cimc_lite_call_output(call, 0)->scales.scales[0];
    cimc_lite_ref_bounds(cimc_lite_call_output(call, 0), activation,
                         state.bounds);
    return exact_slope(call, factor, factor, &state);
  }
  if (!cimc_qgemm_element(element).quantized) {
    CIMC_TRY(cimc_lite_activate(call, activation, &x));
    return cimc_lite_call_define(call, 0, x);
  }
  cimc_builder_op op = {.kind = CIMC_QGEMM_REQUANTIZE,
                        .operands = {x},
                        .operand_count = 1,
                        .element = element};
  CIMC_TRY(cimc_lite_fuse(call, activation, &op));
  return cimc_lite_call_define(call, 0,
                               cimc_builder_create(&call->builder, &op));
}

MlirLogicalResult cimc_lite_ops_relu(cimc_lite_call *call) {
  return clamp(call, CIMC_LITE_ACTIVATION_RELU);
}

MlirLogicalResult cimc_lite_ops_relu6(cimc_lite_call *call) {
  return clamp(call, CIMC_LITE_ACTIVATION_RELU6);
}

MlirLogicalResult cimc_lite_ops_relu_n1(cimc_lite_call *call) {
  return clamp(call, CIMC_LITE_ACTIVATION_RELU_N1_TO_1);
}

MlirLogicalResult cimc_lite_ops_leaky_relu(cimc_lite_call *call) {
  float alpha = cimc_lite_call_option_real(call, 0, 0.0f);
  if (!isfinite(alpha))
    return cimc_lite_call_error(call, "alpha is %g; expected a number",
                                (double)alpha);
  cimc_builder_op op = {
      .attributes = {cimc_builder_f32(&call->builder, "alpha", alpha)},
      .attribute_count = 1};
  if (!is_exact(call))
    return create(call, &op);
  slope state = {.zero = 0};
  float x = cimc_lite_call_input(call, 0)->scales.scales[0];
  float y = cimc_lite_call_output(call, 0)->scales.scales[0];
  cimc_lite_ref_bounds(cimc_lite_call_output(call, 0),
                       CIMC_LITE_ACTIVATION_NONE, state.bounds);
  return exact_slope(call, (double)(x / y), (double)(x * alpha / y), &state);
}

MlirLogicalResult cimc_lite_ops_abs(cimc_lite_call *call) {
  cimc_builder_op op = {.operand_count = 1};
  if (!is_exact(call))
    return create(call, &op);
  slope state = {.absolute = true};
  float x = cimc_lite_call_input(call, 0)->scales.scales[0];
  float y = cimc_lite_call_output(call, 0)->scales.scales[0];
  cimc_lite_ref_bounds(cimc_lite_call_output(call, 0),
                       CIMC_LITE_ACTIVATION_NONE, state.bounds);
  return exact_slope(call, (double)x / (double)y, 0.0, &state);
}

// -- HARD_SWISH --------------------------------------------------------------
// The reference has 16-bit factors.
typedef struct swish {
  int32_t zero;
  int32_t result_zero;
  int32_t relu;
  int relu_exponent;
  int32_t scale;
  int scale_exponent;
  int64_t bounds[2];
} swish;

static int32_t saturate16(int64_t x) {
  return x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : (int32_t)x;
}

// The upper half of twice a product of two 16-bit numbers, rounded or not.
static int32_t high16(int32_t a, int32_t b, bool rounded) {
  int64_t product = (int64_t)a * b;
  int64_t nudge = !rounded ? 0 : product >= 0 ? 1 << 14 : 1 - (1 << 14);
  return saturate16((product + nudge) / (1 << 15));
}

static int32_t divide_by_power(int32_t x, int exponent) {
  int32_t mask = (int32_t)((INT64_C(1) << exponent) - 1);
  int32_t threshold = (mask >> 1) + (x < 0);
  return (x >> exponent) + ((x & mask) > threshold);
}

static int32_t on_swish(const void *state, int32_t stored) {
  const swish *self = state;
  int32_t fine = (stored - self->zero) * (1 << 7);
  int32_t scaled = high16(fine, self->scale, true);
  int32_t relu = fine;
  if (self->relu_exponent > 0)
    relu =
        saturate16((int64_t)relu * (INT64_C(1) << (self->relu_exponent - 1)));
  relu = high16(relu, self->relu, true);
  if (self->relu_exponent > 0)
    relu = saturate16((int64_t)relu * 2);
  if (self->relu_exponent < 0)
    relu = divide_by_power(relu, -self->relu_exponent);
  relu = (relu + (1 << 15)) >> 1;
  int64_t y =
      divide_by_power(high16(relu, scaled, false), -self->scale_exponent) +
      self->result_zero;
  return (int32_t)(y < self->bounds[0]   ? self->bounds[0]
                   : y > self->bounds[1] ? self->bounds[1]
                                         : y);
}

// A factor as fraction / 2^15 * 2^exponent.
static bool split16(float factor, int32_t *fraction, int *exponent) {
  cimc_lite_q31 q;
  if (!cimc_lite_q31_of((double)factor, &q))
    return false;
  int64_t half = (q.multiplier + (1 << 15)) >> 16;
  *fraction = (int32_t)(half > INT16_MAX ? INT16_MAX : half);
  *exponent = 31 - (int)q.shift;
  return true;
}

MlirLogicalResult cimc_lite_ops_hard_swish(cimc_lite_call *call) {
  cimc_builder_op op = {.operand_count = 1};
  if (!is_exact(call))
    return create(call, &op);
  const cimc_lite_scales *x = &cimc_lite_call_input(call, 0)->scales;
  const cimc_lite_scales *y = &cimc_lite_call_output(call, 0)->scales;
  swish state = {.zero = x->zero_points[0], .result_zero = y->zero_points[0]};
  float fine = 1.0f / 128.0f * x->scales[0];
  if (!split16(fine / y->scales[0], &state.scale, &state.scale_exponent) ||
      !split16(fine / (3.0f / 32768.0f), &state.relu, &state.relu_exponent) ||
      state.scale_exponent > 0 || state.scale_exponent < -15 ||
      state.relu_exponent > 16 || state.relu_exponent < -15)
    return cimc_lite_call_refuse(call, "scales that the reference does not "
                                       "take");
  cimc_lite_ref_bounds(cimc_lite_call_output(call, 0),
                       CIMC_LITE_ACTIVATION_NONE, state.bounds);
  return cimc_lite_ref_table(call, 0, on_swish, &state);
}
