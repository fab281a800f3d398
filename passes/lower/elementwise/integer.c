// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic of integers without scales: wraps around as two's complement does,
// and no division traps.
//
// Elements of up to 16 bits are computed in 32, zero or sign extended, so that
// the signed forms serve the unsigned types too.
#include "passes/lower/core/apply.h"

typedef struct integer {
  cimc_qgemm_kind kind;
  cimc_storage storage;
  cimc_apply apply;
} integer;

static MlirValue number(cimc_build *b, MlirValue like, int64_t value) {
  return cimc_build_int(b, mlirValueGetType(like), value);
}

static MlirValue is(cimc_build *b, MlirValue x, int64_t value) {
  return cimc_build_compare(b, CIMC_EQ, x, number(b, x, value));
}

// -- Division ----------------------------------------------------------------
// The quotient of 8 and 16 bits in f32: two integers below 2^17 divided and
// rounded to 24 bits never reach the next integer.
static MlirValue divide_short(cimc_build *b, MlirValue x, MlirValue y) {
  MlirValue real =
      cimc_build_div(b, cimc_build_to_float(b, x), cimc_build_to_float(b, y));
  return cimc_build_to_int(b, real);
}

// |x| / |y| bit by bit, for processors whose division of 64 bits is a call.
static MlirValue divide_by_bits(cimc_build *b, MlirValue x, MlirValue y) {
  MlirValue zero = number(b, x, 0), one = number(b, x, 1);
  MlirValue top = number(b, x, 63);
  MlirValue x_sign = cimc_build_shr_signed(b, x, top);
  MlirValue y_sign = cimc_build_shr_signed(b, y, top);
  x = cimc_build_sub(b, cimc_build_xor(b, x, x_sign), x_sign);
  y = cimc_build_sub(b, cimc_build_xor(b, y, y_sign), y_sign);
  // The remainder, and x's bits still to come followed by the quotient's.
  MlirValue init[] = {zero, x};
  cimc_range range = {cimc_build_index(b, 0), cimc_build_index(b, 64), 1};
  cimc_loop loop = cimc_build_for(b, range, 2, init);
  MlirValue rest =
      cimc_build_or(b, cimc_build_shl(b, loop.value[0], one),
                    cimc_build_shr_unsigned(b, loop.value[1], top));
  MlirValue less = cimc_build_sub(b, rest, y);
  MlirValue fits = cimc_build_compare(b, CIMC_UNSIGNED_GE, rest, y);
  MlirValue next[] = {cimc_build_select(b, fits, less, rest),
                      cimc_build_or(b, cimc_build_shl(b, loop.value[1], one),
                                    cimc_build_zext(b, fits, b->i64))};
  cimc_build_end_for(b, &loop, next);
  MlirValue sign = cimc_build_xor(b, x_sign, y_sign);
  return cimc_build_sub(b, cimc_build_xor(b, loop.value[1], sign), sign);
}

// Towards zero; 0 for a divisor of 0, and MIN / -1 is MIN.
static MlirValue divide(cimc_build *b, const integer *o, MlirValue x,
                        MlirValue y) {
  MlirValue by_zero = is(b, y, 0), by_minus = is(b, y, -1);
  MlirValue odd = cimc_build_or(b, by_zero, by_minus);
  MlirValue safe = cimc_build_select(b, odd, number(b, y, 1), y);
  MlirValue zero = number(b, x, 0), quotient;
  if (cimc_storage_bytes(o->storage) < 4)
    quotient = divide_short(b, x, safe);
  else if (o->storage == CIMC_STORAGE_I64 && b->cpu.pointer_bits == 32)
    quotient = divide_by_bits(b, x, safe);
  else
    quotient = cimc_build_div(b, x, safe);
  quotient =
      cimc_build_select(b, by_minus, cimc_build_sub(b, zero, x), quotient);
  return cimc_build_select(b, by_zero, zero, quotient);
}

// -- Bodies ------------------------------------------------------------------
static MlirValue evaluate_unary(cimc_build *b, cimc_qgemm_kind kind,
                                MlirValue x) {
  MlirValue zero = number(b, x, 0);
  MlirValue minus = cimc_build_sub(b, zero, x);
  if (kind == CIMC_QGEMM_NEG)
    return minus;
  if (kind == CIMC_QGEMM_ABS)
    return cimc_build_max(b, x, minus);
  return cimc_build_max(b, cimc_build_min(b, x, number(b, x, 1)),
                        number(b, x, -1)); // sign
}

static MlirValue evaluate(cimc_build *b, const integer *o, MlirValue x,
                          MlirValue y) {
  int bits = 8 * cimc_storage_bytes(o->storage);
  MlirValue amount = cimc_build_and(b, y, number(b, y, bits - 1));
  switch (o->kind) {
  case CIMC_QGEMM_ADD:
    return cimc_build_add(b, x, y);
  case CIMC_QGEMM_SUB:
    return cimc_build_sub(b, x, y);
  case CIMC_QGEMM_MUL:
    return cimc_build_mul(b, x, y);
  case CIMC_QGEMM_DIV:
    return divide(b, o, x, y);
  case CIMC_QGEMM_MIN:
    return cimc_build_min(b, x, y);
  case CIMC_QGEMM_MAX:
    return cimc_build_max(b, x, y);
  case CIMC_QGEMM_BIT_AND:
    return cimc_build_and(b, x, y);
  case CIMC_QGEMM_BIT_OR:
    return cimc_build_or(b, x, y);
  case CIMC_QGEMM_BIT_XOR:
    return cimc_build_xor(b, x, y);
  case CIMC_QGEMM_SHIFT_LEFT:
    return cimc_build_shl(b, x, amount);
  default:
    return cimc_build_shr_signed(b, x, amount);
  }
}

static MlirValue body(cimc_build *b, const MlirValue *element, void *user) {
  const integer *o = user;
  if (o->apply.nest.operand_count == 2)
    return evaluate_unary(b, o->kind, element[0]);
  return evaluate(b, o, element[0], element[1]);
}

MlirLogicalResult cimc_integer_lower(cimc_lower *state, MlirOperation op) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  integer o = {.kind = cimc_qgemm_kind_of(op),
               .storage = cimc_qgemm_element(type).storage};
  cimc_apply_all(&o.apply, state, op);
  // The key names storages: quantized ones have kernels of the same name.
  cimc_key_append(o.apply.key, sizeof(o.apply.key), "_plain");
  // A division bit by bit is a loop of scalars.
  o.apply.nest.scalar =
      o.kind == CIMC_QGEMM_DIV && o.storage == CIMC_STORAGE_I64;
  return cimc_apply_emit(&o.apply, body, &o);
}
