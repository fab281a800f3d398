// SPDX-License-Identifier: Apache-2.0
//
// Functions at compile time: see function.h.
//
// Each f32 step is a statement of its own, so that no compiler fuses two.
#include "passes/base/function.h"

#include <math.h>

cimc_function cimc_function_of(MlirOperation op) {
  cimc_function function = {.kind = cimc_qgemm_kind_of(op)};
  cimc_ir_get_f32(op, "alpha", &function.alpha);
  cimc_ir_get_f32(op, "beta", &function.beta);
  cimc_ir_get_bool(op, "tanh", &function.tanh);
  return function;
}

// -- One operand -------------------------------------------------------------
bool cimc_function_is_unary(cimc_qgemm_kind kind) {
  return kind == CIMC_QGEMM_SIGMOID || kind == CIMC_QGEMM_TANH ||
         (kind >= CIMC_QGEMM_ABS && kind <= CIMC_QGEMM_ELU);
}

// min(max(alpha x + beta, 0), 1); a NaN stays one.
static float hard_sigmoid(float alpha, float beta, float x) {
  float product = alpha * x;
  float sum = product + beta;
  sum = 0.0f > sum ? 0.0f : sum;
  return 1.0f < sum ? 1.0f : sum;
}

static float gelu(bool by_tanh, float x) {
  float half = 0.5f * x, part;
  if (by_tanh) {
    float square = x * x;
    float inner = square * CIMC_FUNCTION_GELU_CUBIC;
    inner = inner + CIMC_FUNCTION_GELU_LINEAR;
    inner = inner * x;
    part = (float)tanh((double)inner);
  } else {
    float scaled = x * CIMC_FUNCTION_GELU_SCALE;
    part = (float)erf((double)scaled);
  }
  part = part + 1.0f;
  return half * part;
}

static float elu(float alpha, float x) {
  float power = (float)exp((double)x);
  float less = power - 1.0f;
  return x >= 0 ? x : alpha * less;
}

static float rsqrt(float x) {
  float root = sqrtf(x);
  return 1.0f / root;
}

float cimc_function_apply(const cimc_function *function, float x) {
  switch (function->kind) {
  case CIMC_QGEMM_SIGMOID:
    return (float)(1.0 / (1.0 + exp(-(double)x)));
  case CIMC_QGEMM_TANH:
    return (float)tanh((double)x);
  case CIMC_QGEMM_ABS:
    return fabsf(x);
  case CIMC_QGEMM_NEG:
    return -x;
  case CIMC_QGEMM_SIGN:
    return x > 0 ? 1.0f : x < 0 ? -1.0f : x;
  case CIMC_QGEMM_EXP:
    return (float)exp((double)x);
  case CIMC_QGEMM_LOG:
    return (float)log((double)x);
  case CIMC_QGEMM_SQRT:
    return sqrtf(x);
  case CIMC_QGEMM_RSQRT:
    return rsqrt(x);
  case CIMC_QGEMM_RECIPROCAL:
    return 1.0f / x;
  case CIMC_QGEMM_FLOOR:
    return floorf(x);
  case CIMC_QGEMM_CEIL:
    return ceilf(x);
  case CIMC_QGEMM_ROUND:
    return rintf(x);
  case CIMC_QGEMM_ERF:
    return (float)erf((double)x);
  case CIMC_QGEMM_SIN:
    return (float)sin((double)x);
  case CIMC_QGEMM_COS:
    return (float)cos((double)x);
  case CIMC_QGEMM_HARD_SWISH:
    return x * hard_sigmoid(CIMC_FUNCTION_SWISH_ALPHA, 0.5f, x);
  case CIMC_QGEMM_GELU:
    return gelu(function->tanh, x);
  case CIMC_QGEMM_HARD_SIGMOID:
    return hard_sigmoid(function->alpha, function->beta, x);
  case CIMC_QGEMM_LEAKY_RELU:
    return x >= 0 ? x : function->alpha * x;
  case CIMC_QGEMM_ELU:
    return elu(function->alpha, x);
  default:
    return x;
  }
}

// -- Two operands ------------------------------------------------------------
bool cimc_function_is_binary(cimc_qgemm_kind kind) {
  switch (kind) {
  case CIMC_QGEMM_ADD:
  case CIMC_QGEMM_SUB:
  case CIMC_QGEMM_MUL:
  case CIMC_QGEMM_DIV:
  case CIMC_QGEMM_MIN:
  case CIMC_QGEMM_MAX:
  case CIMC_QGEMM_POW:
    return true;
  default:
    return false;
  }
}

float cimc_function_combine(cimc_qgemm_kind kind, float x, float y) {
  switch (kind) {
  case CIMC_QGEMM_ADD:
    return x + y;
  case CIMC_QGEMM_SUB:
    return x - y;
  case CIMC_QGEMM_MUL:
    return x * y;
  case CIMC_QGEMM_DIV:
    return x / y;
  case CIMC_QGEMM_MIN:
    return x < y || isnan(x) ? x : y;
  case CIMC_QGEMM_MAX:
    return x > y || isnan(x) ? x : y;
  default:
    return (float)pow((double)x, (double)y);
  }
}

// -- Integers ----------------------------------------------------------------
// Unsigned arithmetic wraps around, as the ops do.
static int64_t divide(int64_t x, int64_t y) {
  if (y == 0)
    return 0;
  return y == -1 ? (int64_t)(0 - (uint64_t)x) : x / y;
}

static int64_t bitwise(cimc_qgemm_kind kind, int64_t x, int64_t y) {
  return kind == CIMC_QGEMM_BIT_AND  ? (x & y)
         : kind == CIMC_QGEMM_BIT_OR ? (x | y)
                                     : (x ^ y);
}

int64_t cimc_function_integer(cimc_qgemm_kind kind, int bits, int64_t x,
                              int64_t y) {
  uint64_t a = (uint64_t)x, b = (uint64_t)y;
  int amount = (int)(b & (uint64_t)(bits - 1));
  switch (kind) {
  case CIMC_QGEMM_ABS:
    return (int64_t)(x < 0 ? 0 - a : a);
  case CIMC_QGEMM_NEG:
    return (int64_t)(0 - a);
  case CIMC_QGEMM_SIGN:
    return (x > 0) - (x < 0);
  case CIMC_QGEMM_ADD:
    return (int64_t)(a + b);
  case CIMC_QGEMM_SUB:
    return (int64_t)(a - b);
  case CIMC_QGEMM_MUL:
    return (int64_t)(a * b);
  case CIMC_QGEMM_DIV:
    return divide(x, y);
  case CIMC_QGEMM_MIN:
    return x < y ? x : y;
  case CIMC_QGEMM_MAX:
    return x > y ? x : y;
  case CIMC_QGEMM_SHIFT_LEFT:
    return (int64_t)(a << amount);
  case CIMC_QGEMM_SHIFT_RIGHT:
    return x >> amount;
  default:
    return bitwise(kind, x, y);
  }
}

int64_t cimc_function_truncate(float value, cimc_storage storage) {
  int64_t low = cimc_storage_min(storage), high = cimc_storage_max(storage);
  if (isnan(value))
    return 0;
  if (value <= (float)low)
    return low;
  return value >= (float)high ? high : (int64_t)value;
}

int64_t cimc_function_rescale(int64_t v, int64_t multiplier, int shift,
                              bool twice) {
  int64_t round = (int64_t)1 << (shift - 1);
  int64_t extra = (int64_t)1 << 30;
  if (twice && shift > 31)
    round += v >= 0 ? extra : -extra;
  uint64_t sum = (uint64_t)v * (uint64_t)multiplier + (uint64_t)round;
  return (int64_t)sum >> shift;
}
