// SPDX-License-Identifier: Apache-2.0
//
// The element types of qgemm's ops that also take plain integers: those
// without scales, as shapes, indices and sums are.
#include "dialect/qgemm_check.h"

#include <inttypes.h>
#include <math.h>

typedef cimc_qgemm_check check;
typedef cimc_qgemm_value value;

static bool is_plain(const value *v) {
  return !v->element.quantized && v->element.storage != CIMC_STORAGE_F32;
}

static bool same_element(const value *a, const value *b) {
  return mlirTypeEqual(mlirShapedTypeGetElementType(a->type),
                       mlirShapedTypeGetElementType(b->type));
}

// Operands from `first` on and the result: all of one element type.
static MlirLogicalResult need_one_type(const check *self, int first) {
  value x = cimc_qgemm_value_operand(self, first);
  CIMC_TRY(cimc_qgemm_value_per_tensor(self, x));
  for (int i = first + 1; cimc_qgemm_value_has(self, i); ++i) {
    value other = cimc_qgemm_value_operand(self, i);
    if (!same_element(&x, &other))
      return cimc_qgemm_value_expected(self, &other,
                                       "the element type of the others");
  }
  value result = cimc_qgemm_value_result(self);
  if (same_element(&x, &result))
    return mlirLogicalResultSuccess();
  return cimc_qgemm_value_expected(self, &result, "that of the operands");
}

MlirLogicalResult cimc_qgemm_types_plain(const check *self) {
  value x = cimc_qgemm_value_operand(self, 0);
  if (!is_plain(&x))
    return cimc_qgemm_value_expected(self, &x, "an integer without scales");
  cimc_bounds bounds = cimc_qgemm_bounds(self->op);
  if (bounds.low != -INFINITY || bounds.high != INFINITY)
    return cimc_error(self->location,
                      "%s: an activation on integers without scales; expected "
                      "none",
                      self->name);
  return need_one_type(self, 0);
}

MlirLogicalResult cimc_qgemm_types_arith(const check *self) {
  value x = cimc_qgemm_value_operand(self, 0);
  return is_plain(&x) ? cimc_qgemm_types_plain(self)
                      : cimc_qgemm_types_uniform(self);
}

MlirLogicalResult cimc_qgemm_types_concat(const check *self) {
  return need_one_type(self, 0);
}

static MlirLogicalResult need_bool(const check *self, value v) {
  if (is_plain(&v) && v.element.storage == CIMC_STORAGE_U8)
    return mlirLogicalResultSuccess();
  return cimc_qgemm_value_expected(self, &v, "ui8, 0 for false");
}

MlirLogicalResult cimc_qgemm_types_compare(const check *self) {
  value lhs = cimc_qgemm_value_operand(self, 0);
  value rhs = cimc_qgemm_value_operand(self, 1);
  CIMC_TRY(cimc_qgemm_value_per_tensor(self, lhs));
  if (!same_element(&lhs, &rhs))
    return cimc_qgemm_value_expected(self, &rhs, "that of lhs");
  return need_bool(self, cimc_qgemm_value_result(self));
}

MlirLogicalResult cimc_qgemm_types_select(const check *self) {
  CIMC_TRY(need_bool(self, cimc_qgemm_value_operand(self, 0)));
  return need_one_type(self, 1);
}

MlirLogicalResult cimc_qgemm_types_cast(const check *self) {
  value x = cimc_qgemm_value_operand(self, 0);
  value result = cimc_qgemm_value_result(self);
  const value *wrong = x.element.quantized        ? &x
                       : result.element.quantized ? &result
                                                  : NULL;
  if (!wrong)
    return mlirLogicalResultSuccess();
  cimc_qgemm_value_expected(self, wrong, "f32 or an integer without scales");
  cimc_note(self->location, "use qgemm.quantize, qgemm.dequantize or "
                            "qgemm.storage_cast for quantized types");
  return mlirLogicalResultFailure();
}

// -- rescale -----------------------------------------------------------------
static intptr_t list_length(const check *self, const char *name) {
  return mlirDenseArrayGetNumElements(
      mlirOperationGetAttributeByName(self->op, cimc_ir_str(name)));
}

static MlirLogicalResult check_elements(const check *self, const char *name,
                                        int64_t low, int64_t high) {
  MlirAttribute list =
      mlirOperationGetAttributeByName(self->op, cimc_ir_str(name));
  for (intptr_t i = 0; i < list_length(self, name); ++i) {
    int64_t at = mlirDenseI64ArrayGetElement(list, i);
    if (at < low || at > high)
      return cimc_error(self->location,
                        "%s: element %td of '%s' is %" PRId64
                        "; expected %" PRId64 " to %" PRId64,
                        self->name, i, name, at, low, high);
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_qgemm_check_rescale(const check *self,
                                           int64_t channels) {
  intptr_t multipliers = list_length(self, "multipliers");
  intptr_t shifts = list_length(self, "shifts");
  if (multipliers != shifts ||
      (multipliers != 1 && channels >= 0 && multipliers != channels))
    return cimc_error(self->location,
                      "%s: %td multipliers and %td shifts; expected one of "
                      "each, or one for each of %" PRId64 " channels",
                      self->name, multipliers, shifts, channels);
  CIMC_TRY(check_elements(self, "multipliers", 0, INT32_MAX));
  return check_elements(self, "shifts", 1, 62);
}

static MlirLogicalResult check_point(const check *self, const char *name,
                                     cimc_storage storage) {
  int64_t at = 0;
  cimc_ir_get_i64(self->op, name, &at);
  if (at >= cimc_storage_min(storage) && at <= cimc_storage_max(storage))
    return mlirLogicalResultSuccess();
  return cimc_error(self->location,
                    "%s: %s is %" PRId64 "; expected %" PRId64 " to %" PRId64
                    ", what the tensor can hold",
                    self->name, name, at, cimc_storage_min(storage),
                    cimc_storage_max(storage));
}

MlirLogicalResult cimc_qgemm_types_rescale(const check *self) {
  value x = cimc_qgemm_value_operand(self, 0);
  value result = cimc_qgemm_value_result(self);
  const value *both[] = {&x, &result};
  for (int i = 0; i < 2; ++i)
    if (!is_plain(both[i]) || cimc_storage_bytes(both[i]->element.storage) > 4)
      return cimc_qgemm_value_expected(
          self, both[i], "an integer of 8, 16 or 32 bits without scales");
  CIMC_TRY(check_point(self, "input_zp", x.element.storage));
  CIMC_TRY(check_point(self, "output_zp", result.element.storage));
  cimc_shape shape;
  cimc_ir_tensor_shape(x.type, &shape);
  return cimc_qgemm_check_rescale(
      self, shape.rank > 0 ? shape.dim[shape.rank - 1] : 1);
}

// -- table, arg_max, gather --------------------------------------------------
static MlirLogicalResult check_length(const check *self, const value *table,
                                      int64_t wanted) {
  cimc_shape shape;
  cimc_ir_tensor_shape(table->type, &shape);
  if (shape.rank != 1) // reported with the shapes
    return mlirLogicalResultFailure();
  if (shape.dim[0] == wanted)
    return mlirLogicalResultSuccess();
  return cimc_error(self->location,
                    "%s: the table has %" PRId64 " elements; expected %" PRId64,
                    self->name, cimc_ir_element_count(&shape), wanted);
}

MlirLogicalResult cimc_qgemm_types_table(const check *self) {
  value x = cimc_qgemm_value_operand(self, 0);
  value table = cimc_qgemm_value_operand(self, 1);
  value result = cimc_qgemm_value_result(self);
  CIMC_TRY(cimc_qgemm_value_per_tensor(self, x));
  if (x.element.storage == CIMC_STORAGE_I16 && is_plain(&x)) {
    if (!is_plain(&table) || table.element.storage != CIMC_STORAGE_I16)
      return cimc_qgemm_value_expected(self, &table, "i16, as x has");
    if (!is_plain(&result) || result.element.storage != CIMC_STORAGE_I32)
      return cimc_qgemm_value_expected(self, &result, "i32");
    return check_length(self, &table, 513);
  }
  if (cimc_storage_bytes(x.element.storage) != 1)
    return cimc_qgemm_value_expected(self, &x, "8 bits, or i16 without scales");
  if (!same_element(&table, &result))
    return cimc_qgemm_value_expected(self, &result, "that of the table");
  CIMC_TRY(cimc_qgemm_value_per_tensor(self, table));
  return check_length(self, &table, 256);
}

static MlirLogicalResult need_index(const check *self, value v) {
  if (is_plain(&v) && (v.element.storage == CIMC_STORAGE_I32 ||
                       v.element.storage == CIMC_STORAGE_I64))
    return mlirLogicalResultSuccess();
  return cimc_qgemm_value_expected(self, &v, "i32 or i64");
}

MlirLogicalResult cimc_qgemm_types_arg(const check *self) {
  value x = cimc_qgemm_value_operand(self, 0);
  CIMC_TRY(cimc_qgemm_value_per_tensor(self, x));
  return need_index(self, cimc_qgemm_value_result(self));
}

MlirLogicalResult cimc_qgemm_types_gather(const check *self) {
  CIMC_TRY(need_index(self, cimc_qgemm_value_operand(self, 1)));
  return cimc_qgemm_types_same(self);
}
