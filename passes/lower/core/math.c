// SPDX-License-Identifier: Apache-2.0
//
// Rounding, exp, sigmoid, tanh, erf and fused multiply-add: see math.h.
// Logarithm and power are in math_log.c, sine and cosine in math_circle.c.
//
// Source: the range reductions and polynomials of Cephes' expf and tanhf
// (S. Moshier, single precision), with the scaling by 2^n done in two steps so
// that results down to the smallest subnormal come out right. erf's polynomials
// are least-maximum fits of our own.
#include "passes/lower/core/math.h"

#include "runtime/core/abi.h"

#define MAGIC 0x1.8p23f // see epilogue.c
#define MAGIC_BITS 0x4B400000

// -- Parts -------------------------------------------------------------------
static MlirValue number(cimc_build *b, MlirValue like, float value) {
  return cimc_build_float(b, mlirValueGetType(like), value);
}

MlirValue cimc_math_number(cimc_build *b, MlirValue like, float value) {
  return number(b, like, value);
}

static MlirValue mul_add(cimc_build *b, MlirValue x, MlirValue y, float z) {
  return cimc_build_add(b, cimc_build_mul(b, x, y), number(b, x, z));
}

MlirValue cimc_math_polynomial(cimc_build *b, MlirValue x, int count,
                               const float *coefficients) {
  MlirValue sum = number(b, x, coefficients[0]);
  for (int i = 1; i < count; i++)
    sum = mul_add(b, sum, x, coefficients[i]);
  return sum;
}

MlirValue cimc_math_power_of_two(cimc_build *b, MlirValue n) {
  MlirType integer = mlirValueGetType(n);
  MlirType real = cimc_build_like(b, n, b->f32);
  MlirValue biased = cimc_build_add(b, n, cimc_build_int(b, integer, 127));
  return cimc_build_bitcast(
      b, cimc_build_shl(b, biased, cimc_build_int(b, integer, 23)), real);
}

static MlirValue mask_bits(cimc_build *b, MlirValue x, int32_t mask) {
  MlirType integer = cimc_build_like(b, x, b->i32);
  return cimc_build_and(b, cimc_build_bitcast(b, x, integer),
                        cimc_build_int(b, integer, mask));
}

MlirValue cimc_math_abs(cimc_build *b, MlirValue x) {
  return cimc_build_bitcast(b, mask_bits(b, x, INT32_MAX), mlirValueGetType(x));
}

MlirValue cimc_math_sign_bit(cimc_build *b, MlirValue x) {
  return mask_bits(b, x, INT32_MIN);
}

MlirValue cimc_math_copy_sign(cimc_build *b, MlirValue magnitude, MlirValue x) {
  MlirValue sign = cimc_math_sign_bit(b, x);
  MlirValue bits = cimc_build_bitcast(b, magnitude, mlirValueGetType(sign));
  return cimc_build_bitcast(b, cimc_build_or(b, bits, sign),
                            mlirValueGetType(x));
}

// -- Rounding ----------------------------------------------------------------
// What is 2^23 or more has no fraction; below it, adding 2^23 leaves no bits
// for one.
MlirValue cimc_math_round(cimc_build *b, MlirValue x) {
  MlirValue magnitude = cimc_math_abs(b, x), big = number(b, x, 0x1p23f);
  MlirValue rounded = cimc_build_sub(b, cimc_build_add(b, magnitude, big), big);
  MlirValue fits = cimc_build_compare(b, CIMC_LT, magnitude, big);
  return cimc_math_copy_sign(b, cimc_build_select(b, fits, rounded, magnitude),
                             x);
}

MlirValue cimc_math_floor(cimc_build *b, MlirValue x) {
  MlirValue rounded = cimc_math_round(b, x);
  MlirValue above = cimc_build_compare(b, CIMC_GT, rounded, x);
  MlirValue less = cimc_build_sub(b, rounded, number(b, x, 1.0f));
  return cimc_build_select(b, above, less, rounded);
}

MlirValue cimc_math_ceil(cimc_build *b, MlirValue x) {
  MlirValue rounded = cimc_math_round(b, x);
  MlirValue below = cimc_build_compare(b, CIMC_LT, rounded, x);
  // The sign keeps -0.5 at -0, as rounding has it: -1 + 1 would be +0.
  MlirValue more = cimc_build_add(b, rounded, number(b, x, 1.0f));
  more = cimc_math_copy_sign(b, cimc_math_abs(b, more), x);
  return cimc_build_select(b, below, more, rounded);
}

// -- Functions ---------------------------------------------------------------
MlirValue cimc_math_exp(cimc_build *b, MlirValue x) {
  static const float coefficients[] = {1.9875691500e-4f, 1.3981999507e-3f,
                                       8.3334519073e-3f, 4.1665795894e-2f,
                                       1.6666665459e-1f, 5.0000001201e-1f};
  MlirType integer = cimc_build_like(b, x, b->i32);
  // Beyond these the result is 0 or infinity. The order keeps a NaN.
  MlirValue low = number(b, x, -104.0f), high = number(b, x, 89.0f);
  x = cimc_build_max(b, low, x);
  x = cimc_build_min(b, high, x);
  // x = n ln 2 + r, |r| <= ln 2 / 2; ln 2 in two parts, the first of so few
  // bits that n times it is exact.
  MlirValue shifted = mul_add(b, x, number(b, x, 0x1.715476p+0f), MAGIC);
  MlirValue n = cimc_build_sub(b, shifted, number(b, x, MAGIC));
  MlirValue bits = cimc_build_sub(b, cimc_build_bitcast(b, shifted, integer),
                                  cimc_build_int(b, integer, MAGIC_BITS));
  MlirValue r =
      cimc_build_sub(b, x, cimc_build_mul(b, n, number(b, x, 0.693359375f)));
  r = cimc_build_sub(b, r, cimc_build_mul(b, n, number(b, x, -2.12194440e-4f)));
  MlirValue p = cimc_math_polynomial(b, r, 6, coefficients);
  p = cimc_build_mul(b, p, cimc_build_mul(b, r, r));
  p = cimc_build_add(b, p, r);
  p = cimc_build_add(b, p, number(b, x, 1.0f));
  // 2^n as 2^(n/2) 2^(n - n/2): n is in [-150, 128].
  MlirValue half =
      cimc_build_shr_signed(b, bits, cimc_build_int(b, integer, 1));
  MlirValue rest = cimc_build_sub(b, bits, half);
  p = cimc_build_mul(b, p, cimc_math_power_of_two(b, half));
  return cimc_build_mul(b, p, cimc_math_power_of_two(b, rest));
}

MlirValue cimc_math_sigmoid(cimc_build *b, MlirValue x) {
  MlirValue one = number(b, x, 1.0f);
  MlirValue minus = cimc_build_sub(b, number(b, x, -0.0f), x);
  MlirValue e = cimc_math_exp(b, minus);
  return cimc_build_div(b, one, cimc_build_add(b, one, e));
}

MlirValue cimc_math_tanh(cimc_build *b, MlirValue x) {
  static const float coefficients[] = {-5.70498872745e-3f, 2.06390887954e-2f,
                                       -5.37397155531e-2f, 1.33314422036e-1f,
                                       -3.33332819422e-1f};
  MlirValue a = cimc_math_abs(b, x);
  // Small: x + x^3 P(x^2). Large: 1 - 2 / (e^2x + 1).
  MlirValue square = cimc_build_mul(b, a, a);
  MlirValue small = cimc_math_polynomial(b, square, 5, coefficients);
  small = cimc_build_mul(b, cimc_build_mul(b, small, square), a);
  small = cimc_build_add(b, small, a);
  MlirValue one = number(b, x, 1.0f);
  MlirValue e = cimc_math_exp(b, cimc_build_add(b, a, a));
  MlirValue large =
      cimc_build_div(b, number(b, x, 2.0f), cimc_build_add(b, e, one));
  large = cimc_build_sub(b, one, large);
  // NaN compares false and takes the large side, where it stays NaN.
  MlirValue is_small = cimc_build_compare(b, CIMC_LT, a, number(b, x, 0.625f));
  return cimc_math_copy_sign(b, cimc_build_select(b, is_small, small, large),
                             x);
}

MlirValue cimc_math_erf(cimc_build *b, MlirValue x) {
  static const float small_coefficients[] = {
      7.8540252e-5f,  -8.0102472e-4f, 5.1883343e-3f, -2.6853817e-2f,
      1.12835854e-1f, -3.7612626e-1f, 1.28379166e-1f};
  static const float large_coefficients[] = {
      -1.8638009e-4f, 2.9476669e-3f, -2.1838097e-2f, 1.03106819e-1f,
      6.3814473e-1f,  1.12708926f,   3.4151258e-4f};
  // Small: x + x P(x^2). Large: 1 - e^-Q(x); beyond 4 that is 1.
  MlirValue a = cimc_math_abs(b, x);
  MlirValue small =
      cimc_math_polynomial(b, cimc_build_mul(b, a, a), 7, small_coefficients);
  small = cimc_build_add(b, cimc_build_mul(b, small, a), a);
  MlirValue at = cimc_build_min(b, number(b, x, 4.0f), a);
  MlirValue q = cimc_math_polynomial(b, at, 7, large_coefficients);
  MlirValue large = cimc_build_sub(
      b, number(b, x, 1.0f),
      cimc_math_exp(b, cimc_build_sub(b, number(b, x, -0.0f), q)));
  MlirValue is_small = cimc_build_compare(b, CIMC_LT, a, number(b, x, 1.0f));
  return cimc_math_copy_sign(b, cimc_build_select(b, is_small, small, large),
                             x);
}

// -- Fused multiply-add ------------------------------------------------------
// Ops on f64, which build.h does not have.
static MlirValue emit_double(cimc_build *b, const char *name, MlirType result,
                             MlirValue x, MlirValue y) {
  MlirValue operands[] = {x, y};
  cimc_op_desc desc = {.name = name,
                       .location = b->location,
                       .operand_count = mlirValueIsNull(y) ? 1 : 2,
                       .operands = operands,
                       .result_count = 1,
                       .results = &result};
  MlirOperation op = cimc_ir_op_create(&desc);
  mlirBlockAppendOwnedOperation(b->block, op);
  return mlirOperationGetResult(op, 0);
}

// The f64 sum x + y rounded to odd: where it is inexact, the neighbour whose
// last bit is set. Rounding that to f32 is then as rounding the exact sum.
static MlirValue add_to_odd(cimc_build *b, MlirValue x, MlirValue y) {
  MlirType real = mlirValueGetType(x);
  MlirType integer = cimc_build_like(b, x, b->i64);
  MlirValue sum = emit_double(b, "arith.addf", real, x, y);
  // What the sum lost, exactly (Knuth's two-sum).
  MlirValue y_part = emit_double(b, "arith.subf", real, sum, x);
  MlirValue x_part = emit_double(b, "arith.subf", real, sum, y_part);
  MlirValue lost = emit_double(b, "arith.addf", real,
                               emit_double(b, "arith.subf", real, x, x_part),
                               emit_double(b, "arith.subf", real, y, y_part));
  MlirValue bits = cimc_build_bitcast(b, sum, integer);
  MlirValue lost_bits = cimc_build_bitcast(b, lost, integer);
  MlirValue zero = cimc_build_int(b, integer, 0);
  MlirValue one = cimc_build_int(b, integer, 1);
  // One step away from zero, or towards it when the signs differ.
  MlirValue step = cimc_build_shr_signed(b, cimc_build_xor(b, bits, lost_bits),
                                         cimc_build_int(b, integer, 63));
  step = cimc_build_or(b, step, one);
  MlirValue magnitude = cimc_build_shl(b, lost_bits, one);
  MlirValue inexact = cimc_build_compare(b, CIMC_NE, magnitude, zero);
  MlirValue even =
      cimc_build_compare(b, CIMC_EQ, cimc_build_and(b, bits, one), zero);
  step = cimc_build_select(b, cimc_build_and(b, inexact, even), step, zero);
  return cimc_build_bitcast(b, cimc_build_add(b, bits, step), real);
}

MlirValue cimc_math_fma(cimc_build *b, MlirValue x, MlirValue y, MlirValue z) {
  const int64_t has_fma =
      CIMRT_CPU_AVX2_FMA | CIMRT_CPU_NEON | CIMRT_CPU_ARM_DSP;
  MlirType single = mlirValueGetType(x);
  if (b->cpu.features & has_fma) {
    MlirValue operands[] = {x, y, z};
    return cimc_build_intrinsic(b, "llvm.fma", single, 3, operands);
  }
  MlirType wide = cimc_build_like(b, x, mlirF64TypeGet(b->context));
  MlirValue none = {NULL};
  x = emit_double(b, "arith.extf", wide, x, none);
  y = emit_double(b, "arith.extf", wide, y, none);
  z = emit_double(b, "arith.extf", wide, z, none);
  MlirValue product = emit_double(b, "arith.mulf", wide, x, y); // exact
  return emit_double(b, "arith.truncf", single, add_to_odd(b, product, z),
                     none);
}
