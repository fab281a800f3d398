// SPDX-License-Identifier: Apache-2.0
//
// cast: between f32 and integers without scales.
//
// f32 and i64 are converted by integer arithmetic: on 32-bit processors the
// conversion would be a call.
#include "passes/lower/core/apply.h"
#include "passes/lower/core/math.h"
#include "passes/lower/kernels.h"

typedef struct cast {
  cimc_storage from, to;
} cast;

static MlirValue number(cimc_build *b, MlirValue like, int64_t value) {
  return cimc_build_int(b, mlirValueGetType(like), value);
}

// -- To integers: towards zero, saturating, 0 for a NaN ----------------------
static MlirValue real_to_i32(cimc_build *b, cimc_storage to, MlirValue x) {
  MlirValue zero = cimc_math_number(b, x, 0.0f);
  x = cimc_build_select(b, cimc_build_compare(b, CIMC_EQ, x, x), x, zero);
  MlirValue low = cimc_math_number(b, x, (float)cimc_storage_min(to));
  if (to != CIMC_STORAGE_I32) {
    MlirValue high = cimc_math_number(b, x, (float)cimc_storage_max(to));
    return cimc_build_to_int(b, cimc_build_clamp(b, x, low, high));
  }
  // The largest i32 is no float.
  MlirValue below = cimc_math_number(b, x, 0x1.fffffep30f);
  MlirValue beyond =
      cimc_build_compare(b, CIMC_GT, x, cimc_math_number(b, x, 0x1.fffffep30f));
  MlirValue inside = cimc_build_to_int(b, cimc_build_clamp(b, x, low, below));
  return cimc_build_select(b, beyond, number(b, inside, INT32_MAX), inside);
}

// The mantissa, shifted to where the exponent puts it.
static MlirValue real_to_i64(cimc_build *b, MlirValue x) {
  MlirType integer = cimc_build_like(b, x, b->i32);
  MlirValue bits = cimc_build_bitcast(b, cimc_math_abs(b, x), integer);
  MlirValue exponent = cimc_build_shr_signed(b, bits, number(b, bits, 23));
  MlirValue mantissa =
      cimc_build_or(b, cimc_build_and(b, bits, number(b, bits, 0x7FFFFF)),
                    number(b, bits, 0x800000));
  MlirValue left = cimc_build_sub(b, exponent, number(b, bits, 150));
  MlirValue right = cimc_build_sub(b, number(b, bits, 150), exponent);
  left = cimc_build_clamp(b, left, number(b, bits, 0), number(b, bits, 39));
  right = cimc_build_clamp(b, right, number(b, bits, 0), number(b, bits, 24));
  MlirValue value = cimc_build_shl(b, cimc_build_zext(b, mantissa, b->i64),
                                   cimc_build_zext(b, left, b->i64));
  value = cimc_build_shr_unsigned(b, value, cimc_build_zext(b, right, b->i64));
  MlirValue zero = number(b, value, 0);
  MlirValue beyond =
      cimc_build_compare(b, CIMC_GT, exponent, number(b, bits, 189));
  MlirValue negative =
      cimc_build_compare(b, CIMC_LT, x, cimc_math_number(b, x, 0.0f));
  value = cimc_build_select(b, beyond, number(b, value, INT64_MAX), value);
  MlirValue minus = cimc_build_select(b, beyond, number(b, value, INT64_MIN),
                                      cimc_build_sub(b, zero, value));
  value = cimc_build_select(b, negative, minus, value);
  return cimc_build_select(b, cimc_build_compare(b, CIMC_EQ, x, x), value,
                           zero);
}

// -- From i64 ----------------------------------------------------------------
// The upper 31 bits of |x|, the last one set if any below is: converting them
// rounds as converting all would.
static MlirValue i64_to_real(cimc_build *b, MlirValue x) {
  MlirValue sign = cimc_build_shr_signed(b, x, number(b, x, 63));
  MlirValue magnitude = cimc_build_sub(b, cimc_build_xor(b, x, sign), sign);
  MlirValue zeros = cimc_build_leading_zeros(b, magnitude);
  MlirValue shift = cimc_build_and(b, zeros, number(b, x, 63));
  MlirValue top = cimc_build_shl(b, magnitude, shift);
  MlirValue below = cimc_build_and(b, top, number(b, x, 0x1FFFFFFFF));
  MlirValue sticky = cimc_build_zext(
      b, cimc_build_compare(b, CIMC_NE, below, number(b, x, 0)), b->i64);
  top = cimc_build_or(b, cimc_build_shr_unsigned(b, top, number(b, x, 33)),
                      sticky);
  MlirValue real = cimc_build_to_float(b, cimc_build_trunc(b, top, b->i32));
  MlirValue exponent =
      cimc_build_trunc(b, cimc_build_sub(b, number(b, x, 33), zeros), b->i32);
  real = cimc_build_mul(b, real, cimc_math_power_of_two(b, exponent));
  MlirValue bits = cimc_build_shl(b, cimc_build_trunc(b, sign, b->i32),
                                  number(b, exponent, 31));
  return cimc_math_copy_sign(
      b, real, cimc_build_bitcast(b, bits, mlirValueGetType(real)));
}

// -- The op ------------------------------------------------------------------
static MlirValue body(cimc_build *b, const MlirValue *element, void *user) {
  const cast *c = user;
  MlirValue x = element[0];
  bool wide = c->from == CIMC_STORAGE_I64;
  if (c->from == c->to)
    return x;
  if (c->from == CIMC_STORAGE_F32)
    return c->to == CIMC_STORAGE_I64 ? real_to_i64(b, x)
                                     : real_to_i32(b, c->to, x);
  if (c->to == CIMC_STORAGE_F32)
    return wide ? i64_to_real(b, x) : cimc_build_to_float(b, x);
  if (c->to == CIMC_STORAGE_I64)
    return cimc_build_sext(b, x, b->i64); // unsigned ones are extended already
  return wide ? cimc_build_trunc(b, x, b->i32) : x;
}

MlirLogicalResult cimc_cast_lower(cimc_lower *state, MlirOperation op) {
  MlirType from = mlirValueGetType(mlirOperationGetOperand(op, 0));
  MlirType to = mlirValueGetType(mlirOperationGetResult(op, 0));
  cast c = {cimc_qgemm_element(from).storage, cimc_qgemm_element(to).storage};
  cimc_apply a;
  cimc_apply_all(&a, state, op);
  return cimc_apply_emit(&a, body, &c);
}
