// SPDX-License-Identifier: Apache-2.0
//
// Real functions in a kernel: see formula.h.
#include "passes/lower/core/formula.h"

#include "passes/lower/core/math.h"
#include "passes/lower/core/nest.h"

static bool has_alpha(cimc_qgemm_kind kind) {
  return kind == CIMC_QGEMM_HARD_SIGMOID || kind == CIMC_QGEMM_LEAKY_RELU ||
         kind == CIMC_QGEMM_ELU;
}

void cimc_formula_add(cimc_scalars *s, const cimc_function *function, char *key,
                      size_t key_size) {
  if (has_alpha(function->kind))
    cimc_scalars_float(s, function->alpha);
  if (function->kind == CIMC_QGEMM_HARD_SIGMOID)
    cimc_scalars_float(s, function->beta);
  if (function->tanh)
    cimc_key_append(key, key_size, "_tanh");
}

// -- One operand -------------------------------------------------------------
static MlirValue number(cimc_build *b, MlirValue like, float value) {
  return cimc_math_number(b, like, value);
}

static MlirValue reciprocal(cimc_build *b, MlirValue x) {
  return cimc_build_div(b, number(b, x, 1.0f), x);
}

static MlirValue neg(cimc_build *b, MlirValue x) {
  MlirType integer = cimc_build_like(b, x, b->i32);
  MlirValue bits = cimc_build_bitcast(b, x, integer);
  bits = cimc_build_xor(b, bits, cimc_build_int(b, integer, INT32_MIN));
  return cimc_build_bitcast(b, bits, mlirValueGetType(x));
}

static MlirValue sign(cimc_build *b, MlirValue x) {
  MlirValue zero = number(b, x, 0.0f), one = number(b, x, 1.0f);
  MlirValue below = cimc_build_compare(b, CIMC_LT, x, zero);
  MlirValue above = cimc_build_compare(b, CIMC_GT, x, zero);
  MlirValue rest = cimc_build_select(b, below, number(b, x, -1.0f), x);
  return cimc_build_select(b, above, one, rest);
}

static MlirValue hard_sigmoid(cimc_build *b, MlirValue x, MlirValue alpha,
                              MlirValue beta) {
  MlirValue sum = cimc_build_add(b, cimc_build_mul(b, alpha, x), beta);
  // This order keeps a NaN.
  sum = cimc_build_max(b, number(b, x, 0.0f), sum);
  return cimc_build_min(b, number(b, x, 1.0f), sum);
}

static MlirValue hard_swish(cimc_build *b, MlirValue x) {
  MlirValue gate = hard_sigmoid(b, x, number(b, x, CIMC_FUNCTION_SWISH_ALPHA),
                                number(b, x, 0.5f));
  return cimc_build_mul(b, x, gate);
}

static MlirValue gelu(cimc_build *b, bool by_tanh, MlirValue x) {
  MlirValue half = cimc_build_mul(b, number(b, x, 0.5f), x), part;
  if (by_tanh) {
    MlirValue inner = cimc_build_mul(b, cimc_build_mul(b, x, x),
                                     number(b, x, CIMC_FUNCTION_GELU_CUBIC));
    inner = cimc_build_add(b, inner, number(b, x, CIMC_FUNCTION_GELU_LINEAR));
    part = cimc_math_tanh(b, cimc_build_mul(b, inner, x));
  } else {
    part = cimc_math_erf(
        b, cimc_build_mul(b, x, number(b, x, CIMC_FUNCTION_GELU_SCALE)));
  }
  part = cimc_build_add(b, part, number(b, x, 1.0f));
  return cimc_build_mul(b, half, part);
}

// x where it is not negative, else `low`; a NaN takes `low`, which is one then.
static MlirValue unless_negative(cimc_build *b, MlirValue x, MlirValue low) {
  MlirValue keep = cimc_build_compare(b, CIMC_GE, x, number(b, x, 0.0f));
  return cimc_build_select(b, keep, x, low);
}

static MlirValue elu(cimc_build *b, MlirValue x, MlirValue alpha) {
  MlirValue less = cimc_build_sub(b, cimc_math_exp(b, x), number(b, x, 1.0f));
  return unless_negative(b, x, cimc_build_mul(b, alpha, less));
}

// Functions without numbers of their own.
static MlirValue (*const simple[CIMC_QGEMM_KIND_COUNT])(cimc_build *,
                                                        MlirValue) = {
    [CIMC_QGEMM_SIGMOID] = cimc_math_sigmoid,
    [CIMC_QGEMM_TANH] = cimc_math_tanh,
    [CIMC_QGEMM_ABS] = cimc_math_abs,
    [CIMC_QGEMM_NEG] = neg,
    [CIMC_QGEMM_SIGN] = sign,
    [CIMC_QGEMM_EXP] = cimc_math_exp,
    [CIMC_QGEMM_LOG] = cimc_math_log,
    [CIMC_QGEMM_SQRT] = cimc_build_sqrt,
    [CIMC_QGEMM_RECIPROCAL] = reciprocal,
    [CIMC_QGEMM_FLOOR] = cimc_math_floor,
    [CIMC_QGEMM_CEIL] = cimc_math_ceil,
    [CIMC_QGEMM_ROUND] = cimc_math_round,
    [CIMC_QGEMM_ERF] = cimc_math_erf,
    [CIMC_QGEMM_SIN] = cimc_math_sin,
    [CIMC_QGEMM_COS] = cimc_math_cos,
    [CIMC_QGEMM_HARD_SWISH] = hard_swish,
};

MlirValue cimc_formula_unary(cimc_build *b, cimc_scalars *s,
                             const cimc_function *function, MlirValue x) {
  cimc_qgemm_kind kind = function->kind;
  if (simple[kind])
    return simple[kind](b, x);
  if (kind == CIMC_QGEMM_RSQRT)
    return reciprocal(b, cimc_build_sqrt(b, x));
  if (kind == CIMC_QGEMM_GELU)
    return gelu(b, function->tanh, x);
  if (!has_alpha(kind)) // its bounds are all there is to it
    return x;
  MlirValue alpha = cimc_scalars_next(b, s, x);
  if (kind == CIMC_QGEMM_HARD_SIGMOID)
    return hard_sigmoid(b, x, alpha, cimc_scalars_next(b, s, x));
  if (kind == CIMC_QGEMM_ELU)
    return elu(b, x, alpha);
  return unless_negative(b, x, cimc_build_mul(b, alpha, x));
}

// -- Two operands ------------------------------------------------------------
// The one that `how` the other, or the one that is a NaN.
static MlirValue extremum(cimc_build *b, cimc_compare how, MlirValue x,
                          MlirValue y) {
  MlirValue first = cimc_build_or(b, cimc_build_compare(b, how, x, y),
                                  cimc_build_compare(b, CIMC_NE, x, x));
  return cimc_build_select(b, first, x, y);
}

MlirValue cimc_formula_binary(cimc_build *b, cimc_qgemm_kind kind, MlirValue x,
                              MlirValue y) {
  switch (kind) {
  case CIMC_QGEMM_ADD:
    return cimc_build_add(b, x, y);
  case CIMC_QGEMM_SUB:
    return cimc_build_sub(b, x, y);
  case CIMC_QGEMM_MUL:
    return cimc_build_mul(b, x, y);
  case CIMC_QGEMM_DIV:
    return cimc_build_div(b, x, y);
  case CIMC_QGEMM_MIN:
    return extremum(b, CIMC_LT, x, y);
  case CIMC_QGEMM_MAX:
    return extremum(b, CIMC_GT, x, y);
  default:
    return cimc_math_pow(b, x, y);
  }
}
