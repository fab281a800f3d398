// SPDX-License-Identifier: Apache-2.0
//
// arith and math ops on whole tensors, or on the scalars in the body of a
// linalg op, which stand for whole tensors too (raise_linalg_map.c).
#include "passes/model/raise/raise_op.h"

static bool is_i1(MlirValue scalar) {
  MlirType type = mlirValueGetType(scalar);
  if (mlirTypeIsAShaped(type))
    type = cimc_ir_element_type(type);
  return mlirTypeIsAInteger(type) && mlirIntegerTypeGetWidth(type) == 1;
}

// Of the op as it stood, whatever its operand has become.
static bool from_i1(cimc_raise *self) {
  return is_i1(mlirOperationGetOperand(self->op, 0));
}

static bool to_i1(cimc_raise *self) {
  return is_i1(cimc_edit_result(self->op));
}

static MlirValue operand(cimc_raise *self, intptr_t index) {
  return cimc_raise_operand(self, index);
}

static MlirLogicalResult refuse_i1(cimc_raise *self) {
  return cimc_raise_refuse(self, "i1 as a signed number; expected i8 or more");
}

// -- As they are -------------------------------------------------------------
static MlirLogicalResult unary(cimc_raise *self) {
  return cimc_raise_done(
      self, cimc_raise_unary(self, self->row->kind, operand(self, 0)));
}

static MlirLogicalResult binary(cimc_raise *self) {
  cimc_qgemm_kind kind = self->row->kind;
  bool bits = kind == CIMC_QGEMM_BIT_AND || kind == CIMC_QGEMM_BIT_OR ||
              kind == CIMC_QGEMM_BIT_XOR;
  if (to_i1(self) && !bits)
    return refuse_i1(self);
  return cimc_raise_done(
      self, cimc_raise_binary(self, kind, operand(self, 0), operand(self, 1)));
}

static MlirLogicalResult select_one(cimc_raise *self) {
  return cimc_raise_done(self,
                         cimc_raise_select(self, operand(self, 0),
                                           operand(self, 1), operand(self, 2)));
}

static MlirLogicalResult fma3(cimc_raise *self) {
  MlirValue product = cimc_raise_binary(self, CIMC_QGEMM_MUL, operand(self, 0),
                                        operand(self, 1));
  return cimc_raise_done(
      self, cimc_raise_binary(self, CIMC_QGEMM_ADD, product, operand(self, 2)));
}

static MlirLogicalResult remainder_of(cimc_raise *self) {
  MlirValue a = operand(self, 0), b = operand(self, 1);
  MlirValue whole = cimc_raise_binary(self, CIMC_QGEMM_DIV, a, b);
  whole = cimc_raise_binary(self, CIMC_QGEMM_MUL, whole, b);
  return cimc_raise_done(self,
                         cimc_raise_binary(self, CIMC_QGEMM_SUB, a, whole));
}

static MlirLogicalResult logical_shift(cimc_raise *self) {
  return cimc_raise_done(
      self, cimc_raise_logical_shift(self, operand(self, 0), operand(self, 1)));
}

// -- Unsigned ----------------------------------------------------------------
// The value as an unsigned number, in a type that holds it.
static MlirValue as_unsigned(cimc_raise *self, MlirValue x) {
  switch (cimc_raise_storage(x)) {
  case CIMC_STORAGE_I8:
    return cimc_raise_cast(self, x, CIMC_STORAGE_U8);
  case CIMC_STORAGE_I16:
    return cimc_raise_cast(self, x, CIMC_STORAGE_U16);
  case CIMC_STORAGE_I32:
    x = cimc_raise_cast(self, x, CIMC_STORAGE_I64);
    return cimc_raise_binary(self, CIMC_QGEMM_BIT_AND, x,
                             cimc_raise_scalar(self, x, 4294967295.0));
  default:
    return x;
  }
}

static MlirLogicalResult binary_unsigned(cimc_raise *self) {
  cimc_storage storage = cimc_raise_result_storage(self);
  if (storage == CIMC_STORAGE_I64)
    return cimc_raise_refuse(self, "i64 as an unsigned number; expected at "
                                   "most i32");
  MlirValue y = cimc_raise_binary(self, self->row->kind,
                                  as_unsigned(self, operand(self, 0)),
                                  as_unsigned(self, operand(self, 1)));
  return cimc_raise_done(self, cimc_raise_cast(self, y, storage));
}

// -- Comparisons -------------------------------------------------------------
static MlirLogicalResult compare_integers(cimc_raise *self) {
  static const char *const words[] = {"eq", "ne", "lt", "le", "gt",
                                      "ge", "lt", "le", "gt", "ge"};
  int64_t predicate = -1;
  MlirValue a = operand(self, 0), b = operand(self, 1);
  if (!cimc_ir_get_i64(self->op, "predicate", &predicate) || predicate < 0 ||
      predicate > 9)
    return cimc_raise_refuse(self, "an unknown predicate");
  bool is_signed = predicate >= 2 && predicate <= 5;
  bool is_unsigned = predicate >= 6;
  if (is_signed && from_i1(self))
    return refuse_i1(self);
  if (is_unsigned && cimc_raise_storage(a) == CIMC_STORAGE_I64)
    return cimc_raise_refuse(self, "i64 as an unsigned number; expected at "
                                   "most i32");
  if (is_unsigned) {
    a = as_unsigned(self, a);
    b = as_unsigned(self, b);
  }
  return cimc_raise_done(self,
                         cimc_raise_compare(self, words[predicate], a, b));
}

// "Unordered or less" is "not greater or equal".
static MlirLogicalResult compare_floats(cimc_raise *self) {
  static const struct {
    const char *word;
    bool negated;
  } words[16] = {[1] = {"eq", false}, [2] = {"gt", false}, [3] = {"ge", false},
                 [4] = {"lt", false}, [5] = {"le", false}, [9] = {"le", true},
                 [10] = {"lt", true}, [11] = {"ge", true}, [12] = {"gt", true},
                 [13] = {"eq", true}};
  int64_t predicate = 0;
  if (!cimc_ir_get_i64(self->op, "predicate", &predicate) || predicate < 0 ||
      predicate > 15 || !words[predicate].word)
    return cimc_raise_refuse(self, "this predicate; expected oeq, ogt, oge, "
                                   "olt, ole, ugt, uge, ult, ule or une");
  MlirValue y = cimc_raise_compare(self, words[predicate].word,
                                   operand(self, 0), operand(self, 1));
  if (words[predicate].negated)
    y = cimc_raise_binary(self, CIMC_QGEMM_BIT_XOR, y,
                          cimc_raise_scalar(self, y, 1));
  return cimc_raise_done(self, y);
}

// -- Conversions -------------------------------------------------------------
static MlirLogicalResult convert(cimc_raise *self) {
  if (to_i1(self))
    return cimc_raise_refuse(self, "a conversion to i1; expected a "
                                   "comparison");
  if (from_i1(self))
    return refuse_i1(self);
  return cimc_raise_done(
      self,
      cimc_raise_cast(self, operand(self, 0), cimc_raise_result_storage(self)));
}

static MlirLogicalResult convert_unsigned(cimc_raise *self) {
  if (!from_i1(self) &&
      cimc_raise_storage(operand(self, 0)) == CIMC_STORAGE_I64)
    return cimc_raise_refuse(self, "i64 as an unsigned number; expected at "
                                   "most i32");
  return cimc_raise_done(
      self, cimc_raise_cast(self, as_unsigned(self, operand(self, 0)),
                            cimc_raise_result_storage(self)));
}

static MlirLogicalResult constant(cimc_raise *self) {
  return cimc_raise_elements(self, "value");
}

const cimc_raise_row cimc_raise_rows_scalar[] = {
    {"arith.addf", binary, CIMC_QGEMM_ADD, NULL},
    {"arith.addi", binary, CIMC_QGEMM_ADD, NULL},
    {"arith.andi", binary, CIMC_QGEMM_BIT_AND, NULL},
    {"arith.cmpf", compare_floats, CIMC_QGEMM_NONE, NULL},
    {"arith.cmpi", compare_integers, CIMC_QGEMM_NONE, NULL},
    {"arith.constant", constant, CIMC_QGEMM_CONSTANT, NULL},
    {"arith.divf", binary, CIMC_QGEMM_DIV, NULL},
    {"arith.divsi", binary, CIMC_QGEMM_DIV, NULL},
    {"arith.divui", binary_unsigned, CIMC_QGEMM_DIV, NULL},
    {"arith.extsi", convert, CIMC_QGEMM_CAST, NULL},
    {"arith.extui", convert_unsigned, CIMC_QGEMM_CAST, NULL},
    {"arith.fptosi", convert, CIMC_QGEMM_CAST, NULL},
    {"arith.maximumf", binary, CIMC_QGEMM_MAX, NULL},
    {"arith.maxsi", binary, CIMC_QGEMM_MAX, NULL},
    {"arith.maxui", binary_unsigned, CIMC_QGEMM_MAX, NULL},
    {"arith.minimumf", binary, CIMC_QGEMM_MIN, NULL},
    {"arith.minsi", binary, CIMC_QGEMM_MIN, NULL},
    {"arith.minui", binary_unsigned, CIMC_QGEMM_MIN, NULL},
    {"arith.mulf", binary, CIMC_QGEMM_MUL, NULL},
    {"arith.muli", binary, CIMC_QGEMM_MUL, NULL},
    {"arith.negf", unary, CIMC_QGEMM_NEG, NULL},
    {"arith.ori", binary, CIMC_QGEMM_BIT_OR, NULL},
    {"arith.remsi", remainder_of, CIMC_QGEMM_NONE, NULL},
    {"arith.select", select_one, CIMC_QGEMM_SELECT, NULL},
    {"arith.shli", binary, CIMC_QGEMM_SHIFT_LEFT, NULL},
    {"arith.shrsi", binary, CIMC_QGEMM_SHIFT_RIGHT, NULL},
    {"arith.shrui", logical_shift, CIMC_QGEMM_NONE, NULL},
    {"arith.sitofp", convert, CIMC_QGEMM_CAST, NULL},
    {"arith.subf", binary, CIMC_QGEMM_SUB, NULL},
    {"arith.subi", binary, CIMC_QGEMM_SUB, NULL},
    {"arith.trunci", convert, CIMC_QGEMM_CAST, NULL},
    {"arith.uitofp", convert_unsigned, CIMC_QGEMM_CAST, NULL},
    {"arith.xori", binary, CIMC_QGEMM_BIT_XOR, NULL},
    {"math.absf", unary, CIMC_QGEMM_ABS, NULL},
    {"math.absi", unary, CIMC_QGEMM_ABS, NULL},
    {"math.ceil", unary, CIMC_QGEMM_CEIL, NULL},
    {"math.cos", unary, CIMC_QGEMM_COS, NULL},
    {"math.erf", unary, CIMC_QGEMM_ERF, NULL},
    {"math.exp", unary, CIMC_QGEMM_EXP, NULL},
    {"math.floor", unary, CIMC_QGEMM_FLOOR, NULL},
    {"math.fma", fma3, CIMC_QGEMM_NONE, NULL},
    {"math.log", unary, CIMC_QGEMM_LOG, NULL},
    {"math.powf", binary, CIMC_QGEMM_POW, NULL},
    {"math.roundeven", unary, CIMC_QGEMM_ROUND, NULL},
    {"math.rsqrt", unary, CIMC_QGEMM_RSQRT, NULL},
    {"math.sin", unary, CIMC_QGEMM_SIN, NULL},
    {"math.sqrt", unary, CIMC_QGEMM_SQRT, NULL},
    {"math.tanh", unary, CIMC_QGEMM_TANH, NULL},
    {.name = NULL},
};
