// SPDX-License-Identifier: Apache-2.0
//
// tosa's elementwise ops and reductions.
#include "passes/model/raise/raise_op.h"

static bool is_float(MlirValue value) {
  return cimc_raise_storage(value) == CIMC_STORAGE_F32;
}

// -- Elementwise -------------------------------------------------------------
static MlirLogicalResult need_float(cimc_raise *self) {
  if (is_float(cimc_raise_operand(self, 0)))
    return mlirLogicalResultSuccess();
  return cimc_raise_refuse(self, "a tensor of integers; expected f32");
}

static MlirLogicalResult unary(cimc_raise *self) {
  return cimc_raise_done(self, cimc_raise_unary(self, self->row->kind,
                                                cimc_raise_operand(self, 0)));
}

static MlirLogicalResult unary_f32(cimc_raise *self) {
  CIMC_TRY(need_float(self));
  return unary(self);
}

static MlirLogicalResult binary(cimc_raise *self) {
  MlirValue lhs = cimc_raise_operand(self, 0);
  CIMC_TRY(cimc_raise_check_nan(self, lhs));
  return cimc_raise_done(self, cimc_raise_binary(self, self->row->kind, lhs,
                                                 cimc_raise_operand(self, 1)));
}

static MlirLogicalResult binary_f32(cimc_raise *self) {
  CIMC_TRY(need_float(self));
  return binary(self);
}

static MlirLogicalResult compare(cimc_raise *self) {
  return cimc_raise_done(self, cimc_raise_compare(self, self->row->word,
                                                  cimc_raise_operand(self, 0),
                                                  cimc_raise_operand(self, 1)));
}

static MlirLogicalResult select_one(cimc_raise *self) {
  return cimc_raise_done(self,
                         cimc_raise_select(self, cimc_raise_operand(self, 0),
                                           cimc_raise_operand(self, 1),
                                           cimc_raise_operand(self, 2)));
}

static MlirLogicalResult invert(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  bool bits = cimc_ir_op_is(self->op, "tosa.bitwise_not");
  return cimc_raise_done(
      self, cimc_raise_binary(self, CIMC_QGEMM_BIT_XOR, x,
                              cimc_raise_scalar(self, x, bits ? -1 : 1)));
}

// -- mul ---------------------------------------------------------------------
// (a * b + half) >> shift in 64 bits, of which the low 32 are kept.
static MlirValue mul_shifted(cimc_raise *self, MlirValue a, MlirValue b,
                             int64_t shift) {
  MlirValue x = cimc_raise_cast(self, a, CIMC_STORAGE_I64);
  MlirValue y = cimc_raise_cast(self, b, CIMC_STORAGE_I64);
  x = cimc_raise_binary(self, CIMC_QGEMM_MUL, x, y);
  double half = (double)((int64_t)1 << (shift - 1));
  x = cimc_raise_binary(self, CIMC_QGEMM_ADD, x,
                        cimc_raise_scalar(self, x, half));
  x = cimc_raise_binary(self, CIMC_QGEMM_SHIFT_RIGHT, x,
                        cimc_raise_scalar(self, x, (double)shift));
  return cimc_raise_cast(self, x, CIMC_STORAGE_I32);
}

static MlirLogicalResult mul(cimc_raise *self) {
  MlirValue a = cimc_raise_operand(self, 0), b = cimc_raise_operand(self, 1);
  cimc_storage to = cimc_qgemm_element(cimc_raise_result(self)).storage;
  int64_t shift;
  CIMC_TRY(cimc_raise_number(self, 2, "the shift", &shift));
  if (shift < 0 || shift > 62)
    return cimc_raise_refuse(self, "a shift of %d; expected 0 to 62",
                             (int)shift);
  if (shift > 0 &&
      (to != CIMC_STORAGE_I32 || cimc_raise_storage(a) != CIMC_STORAGE_I32))
    return cimc_raise_refuse(self, "a shift of a product of other than i32; "
                                   "expected 0");
  if (shift > 0)
    return cimc_raise_done(self, mul_shifted(self, a, b, shift));
  if (!is_float(a)) {
    a = cimc_raise_cast(self, a, to);
    b = cimc_raise_cast(self, b, to);
  }
  return cimc_raise_done(self, cimc_raise_binary(self, CIMC_QGEMM_MUL, a, b));
}

// -- Shifts ------------------------------------------------------------------
// Rounding adds the last bit that is shifted out, if any is.
static MlirLogicalResult arithmetic_shift(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  MlirValue amount = cimc_raise_operand(self, 1);
  MlirValue y = cimc_raise_binary(self, CIMC_QGEMM_SHIFT_RIGHT, x, amount);
  if (!cimc_raise_bool(self, "round"))
    return cimc_raise_done(self, y);
  MlirValue one = cimc_raise_scalar(self, x, 1);
  MlirValue zero = cimc_raise_scalar(self, x, 0);
  MlirValue less = cimc_raise_binary(self, CIMC_QGEMM_SUB, amount, one);
  MlirValue last = cimc_raise_binary(self, CIMC_QGEMM_SHIFT_RIGHT, x, less);
  last = cimc_raise_binary(self, CIMC_QGEMM_BIT_AND, last, one);
  MlirValue shifts = cimc_raise_compare(self, "gt", amount, zero);
  last = cimc_raise_select(self, shifts, last, zero);
  return cimc_raise_done(self,
                         cimc_raise_binary(self, CIMC_QGEMM_ADD, y, last));
}

// Zeros from the left: in the unsigned type, or for i32 in 64 bits.
MlirValue cimc_raise_logical_shift(cimc_raise *self, MlirValue x,
                                   MlirValue amount) {
  cimc_storage storage = cimc_raise_storage(x);
  bool wide = storage == CIMC_STORAGE_I32;
  cimc_storage by = storage == CIMC_STORAGE_I8    ? CIMC_STORAGE_U8
                    : storage == CIMC_STORAGE_I16 ? CIMC_STORAGE_U16
                    : wide                        ? CIMC_STORAGE_I64
                                                  : storage;
  MlirValue bits = cimc_raise_cast(self, x, by);
  if (wide)
    bits = cimc_raise_binary(self, CIMC_QGEMM_BIT_AND, bits,
                             cimc_raise_scalar(self, bits, 4294967295.0));
  bits = cimc_raise_binary(self, CIMC_QGEMM_SHIFT_RIGHT, bits,
                           cimc_raise_cast(self, amount, by));
  return cimc_raise_cast(self, bits, storage);
}

static MlirLogicalResult logical_shift(cimc_raise *self) {
  return cimc_raise_done(
      self, cimc_raise_logical_shift(self, cimc_raise_operand(self, 0),
                                     cimc_raise_operand(self, 1)));
}

// -- Reductions --------------------------------------------------------------
static MlirLogicalResult read_axis(cimc_raise *self, int64_t *out) {
  cimc_shape shape = cimc_raise_shape(cimc_raise_operand(self, 0));
  *out = -1;
  if (cimc_ir_get_i64(self->op, "axis", out) && *out >= 0 && *out < shape.rank)
    return mlirLogicalResultSuccess();
  return cimc_raise_refuse(self,
                           "an axis the operand has not; expected 0 to "
                           "%d",
                           shape.rank - 1);
}

static MlirLogicalResult reduce(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  int64_t axis;
  CIMC_TRY(cimc_raise_check_nan(self, x));
  CIMC_TRY(read_axis(self, &axis));
  return cimc_raise_done(self,
                         cimc_raise_reduce(self, self->row->kind, x, axis));
}

static MlirLogicalResult argmax(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  int64_t axis;
  CIMC_TRY(cimc_raise_check_nan(self, x));
  CIMC_TRY(read_axis(self, &axis));
  cimc_edit edit = {.kind = CIMC_QGEMM_ARG_MAX,
                    .type = cimc_raise_result(self),
                    .operand_count = 1,
                    .operands = {x}};
  cimc_edit_set(&edit, "axis", cimc_ir_attr_i64(self->context, axis));
  cimc_edit_set(&edit, "keepdims", mlirBoolAttrGet(self->context, 0));
  cimc_edit_set(&edit, "last", mlirBoolAttrGet(self->context, 0));
  return cimc_raise_done(self, cimc_raise_build(self, &edit));
}

const cimc_raise_row cimc_raise_rows_tosa_math[] = {
    {"tosa.abs", unary, CIMC_QGEMM_ABS, NULL},
    {"tosa.add", binary, CIMC_QGEMM_ADD, NULL},
    {"tosa.argmax", argmax, CIMC_QGEMM_ARG_MAX, NULL},
    {"tosa.arithmetic_right_shift", arithmetic_shift, CIMC_QGEMM_NONE, NULL},
    {"tosa.bitwise_and", binary, CIMC_QGEMM_BIT_AND, NULL},
    {"tosa.bitwise_not", invert, CIMC_QGEMM_NONE, NULL},
    {"tosa.bitwise_or", binary, CIMC_QGEMM_BIT_OR, NULL},
    {"tosa.bitwise_xor", binary, CIMC_QGEMM_BIT_XOR, NULL},
    {"tosa.ceil", unary_f32, CIMC_QGEMM_CEIL, NULL},
    {"tosa.cos", unary_f32, CIMC_QGEMM_COS, NULL},
    {"tosa.equal", compare, CIMC_QGEMM_NONE, "eq"},
    {"tosa.erf", unary_f32, CIMC_QGEMM_ERF, NULL},
    {"tosa.exp", unary_f32, CIMC_QGEMM_EXP, NULL},
    {"tosa.floor", unary_f32, CIMC_QGEMM_FLOOR, NULL},
    {"tosa.greater", compare, CIMC_QGEMM_NONE, "gt"},
    {"tosa.greater_equal", compare, CIMC_QGEMM_NONE, "ge"},
    {"tosa.intdiv", binary, CIMC_QGEMM_DIV, NULL},
    {"tosa.log", unary_f32, CIMC_QGEMM_LOG, NULL},
    {"tosa.logical_and", binary, CIMC_QGEMM_BIT_AND, NULL},
    {"tosa.logical_left_shift", binary, CIMC_QGEMM_SHIFT_LEFT, NULL},
    {"tosa.logical_not", invert, CIMC_QGEMM_NONE, NULL},
    {"tosa.logical_or", binary, CIMC_QGEMM_BIT_OR, NULL},
    {"tosa.logical_right_shift", logical_shift, CIMC_QGEMM_NONE, NULL},
    {"tosa.logical_xor", binary, CIMC_QGEMM_BIT_XOR, NULL},
    {"tosa.maximum", binary, CIMC_QGEMM_MAX, NULL},
    {"tosa.minimum", binary, CIMC_QGEMM_MIN, NULL},
    {"tosa.mul", mul, CIMC_QGEMM_NONE, NULL},
    {"tosa.pow", binary_f32, CIMC_QGEMM_POW, NULL},
    {"tosa.reciprocal", unary_f32, CIMC_QGEMM_RECIPROCAL, NULL},
    {"tosa.reduce_all", reduce, CIMC_QGEMM_REDUCE_MIN, NULL},
    {"tosa.reduce_any", reduce, CIMC_QGEMM_REDUCE_MAX, NULL},
    {"tosa.reduce_max", reduce, CIMC_QGEMM_REDUCE_MAX, NULL},
    {"tosa.reduce_min", reduce, CIMC_QGEMM_REDUCE_MIN, NULL},
    {"tosa.reduce_product", reduce, CIMC_QGEMM_REDUCE_PROD, NULL},
    {"tosa.reduce_sum", reduce, CIMC_QGEMM_REDUCE_SUM, NULL},
    {"tosa.rsqrt", unary_f32, CIMC_QGEMM_RSQRT, NULL},
    {"tosa.select", select_one, CIMC_QGEMM_NONE, NULL},
    {"tosa.sigmoid", unary_f32, CIMC_QGEMM_SIGMOID, NULL},
    {"tosa.sin", unary_f32, CIMC_QGEMM_SIN, NULL},
    {"tosa.sub", binary, CIMC_QGEMM_SUB, NULL},
    {"tosa.tanh", unary_f32, CIMC_QGEMM_TANH, NULL},
    {.name = NULL},
};
