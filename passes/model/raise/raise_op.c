// SPDX-License-Identifier: Apache-2.0
//
// What handlers of `raise` read of an op: types, attributes, operands that
// must be constants.
#include "passes/model/raise/raise_op.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// -- Reports -----------------------------------------------------------------
MlirLogicalResult cimc_raise_refuse(cimc_raise *self, const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  MlirStringRef name = cimc_ir_op_name(self->op);
  return cimc_error(self->location, "%.*s: %s", (int)name.length, name.data,
                    text);
}

// -- Types -------------------------------------------------------------------
MlirType cimc_raise_element_type(MlirType element) {
  MlirContext context = mlirTypeGetContext(element);
  cimc_element known = cimc_qgemm_element(element);
  if (mlirTypeIsAInteger(element) && mlirIntegerTypeGetWidth(element) == 1)
    return cimc_storage_type(context, CIMC_STORAGE_U8);
  if (known.storage == CIMC_STORAGE_OTHER)
    return (MlirType){NULL};
  return cimc_storage_type(context, known.storage);
}

MlirType cimc_raise_type(MlirType type) {
  MlirType none = {NULL};
  cimc_shape shape;
  if (!cimc_ir_tensor_shape(type, &shape))
    return none;
  if (shape.rank > 0 && shape.dim[0] < 0)
    shape.dim[0] = 1; // the batch
  if (cimc_ir_element_count(&shape) < 1 ||
      cimc_ir_element_count(&shape) > INT32_MAX ||
      !mlirAttributeIsNull(mlirRankedTensorTypeGetEncoding(type)))
    return none;
  MlirType element = cimc_raise_element_type(cimc_ir_element_type(type));
  return mlirTypeIsNull(element) ? none : cimc_ir_tensor_type(&shape, element);
}

MlirType cimc_raise_result(const cimc_raise *self) {
  return cimc_raise_type(cimc_edit_type(self->op));
}

cimc_storage cimc_raise_result_storage(const cimc_raise *self) {
  MlirType type = cimc_edit_type(self->op);
  MlirType element =
      mlirTypeIsAShaped(type) ? cimc_ir_element_type(type) : type;
  return cimc_qgemm_element(cimc_raise_element_type(element)).storage;
}

MlirType cimc_raise_element(const cimc_raise *self, cimc_storage storage) {
  return cimc_storage_type(self->context, storage);
}

cimc_shape cimc_raise_shape(MlirValue value) {
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(mlirValueGetType(value), &shape);
  return shape;
}

cimc_storage cimc_raise_storage(MlirValue value) {
  return cimc_qgemm_element(mlirValueGetType(value)).storage;
}

// -- The op ------------------------------------------------------------------
MlirLogicalResult cimc_raise_done(cimc_raise *self, MlirValue value) {
  self->result = value;
  return mlirLogicalResultSuccess();
}

const cimc_raise_row *cimc_raise_find(const cimc_raise_row *rows,
                                      MlirOperation op) {
  for (const cimc_raise_row *row = rows; row->name; row++)
    if (cimc_ir_op_is(op, row->name))
      return row;
  return NULL;
}

MlirValue cimc_raise_operand(const cimc_raise *self, intptr_t index) {
  if (self->operands)
    return self->operands[index];
  return mlirOperationGetOperand(self->op, index);
}

bool cimc_raise_bool(const cimc_raise *self, const char *name) {
  bool value = false;
  cimc_ir_get_bool(self->op, name, &value);
  return value;
}

typedef struct word_search {
  const char *word;
  bool found;
} word_search;

static void find_word(MlirStringRef text, void *user) {
  word_search *search = user;
  size_t length = strlen(search->word);
  for (size_t i = 0; i + length <= text.length; i++)
    if (memcmp(text.data + i, search->word, length) == 0)
      search->found = true;
}

// An enumeration prints its word whole, as one chunk.
bool cimc_raise_says(const cimc_raise *self, const char *name,
                     const char *word) {
  word_search search = {word, false};
  MlirAttribute value =
      mlirOperationGetAttributeByName(self->op, cimc_ir_str(name));
  if (!mlirAttributeIsNull(value))
    mlirAttributePrint(value, find_word, &search);
  return search.found;
}

static intptr_t list_count(MlirAttribute list) {
  if (mlirAttributeIsADenseI64Array(list) ||
      mlirAttributeIsADenseI32Array(list))
    return mlirDenseArrayGetNumElements(list);
  if (mlirAttributeIsADenseElements(list))
    return mlirElementsAttrGetNumElements(list);
  return -1;
}

static bool list_element(MlirAttribute list, intptr_t i, int64_t *out) {
  if (mlirAttributeIsADenseI64Array(list)) {
    *out = mlirDenseI64ArrayGetElement(list, i);
    return true;
  }
  if (mlirAttributeIsADenseI32Array(list)) {
    *out = mlirDenseI32ArrayGetElement(list, i);
    return true;
  }
  MlirType element = mlirShapedTypeGetElementType(mlirAttributeGetType(list));
  if (!mlirTypeIsAIndex(element) &&
      (!mlirTypeIsAInteger(element) || mlirIntegerTypeGetWidth(element) != 64))
    return false;
  *out = mlirDenseElementsAttrGetInt64Value(list, i);
  return true;
}

MlirLogicalResult cimc_raise_list(cimc_raise *self, const char *name,
                                  intptr_t count, int64_t *out) {
  MlirAttribute list =
      mlirOperationGetAttributeByName(self->op, cimc_ir_str(name));
  if (mlirAttributeIsNull(list) || list_count(list) != count)
    return cimc_raise_refuse(self, "'%s' is no list of %td integers", name,
                             count);
  for (intptr_t i = 0; i < count; i++)
    if (!list_element(list, i, &out[i]))
      return cimc_raise_refuse(self, "'%s' is no list of 64-bit integers",
                               name);
  return mlirLogicalResultSuccess();
}

// -- Operands that must be known ---------------------------------------------
static bool shape_numbers(MlirOperation shape, intptr_t count, int64_t *out) {
  MlirAttribute list =
      mlirOperationGetAttributeByName(shape, cimc_ir_str("values"));
  if (mlirAttributeIsNull(list) || list_count(list) != count)
    return false;
  for (intptr_t i = 0; i < count; i++)
    if (!list_element(list, i, &out[i]))
      return false;
  return true;
}

static bool constant_numbers(MlirValue value, intptr_t count, int64_t *out) {
  cimc_literal literal;
  if (!cimc_literal_read(value, &literal))
    return false;
  bool fits = literal.count == (size_t)count &&
              literal.element.storage != CIMC_STORAGE_F32;
  for (intptr_t i = 0; fits && i < count; i++)
    out[i] = cimc_literal_get(&literal, (size_t)i);
  cimc_literal_destroy(&literal);
  return fits;
}

MlirLogicalResult cimc_raise_numbers(cimc_raise *self, intptr_t operand,
                                     intptr_t count, int64_t *out) {
  MlirValue value = cimc_raise_operand(self, operand);
  MlirOperation maker = cimc_ir_defining_op(value);
  bool known = cimc_ir_op_is(maker, "tosa.const_shape")
                   ? shape_numbers(maker, count, out)
                   : constant_numbers(value, count, out);
  if (known)
    return mlirLogicalResultSuccess();
  return cimc_raise_refuse(self,
                           "operand %td is not known; expected a constant of "
                           "%td integers",
                           operand, count);
}

MlirLogicalResult cimc_raise_real(cimc_raise *self, intptr_t operand,
                                  const char *what, double *out) {
  cimc_literal literal;
  bool known = cimc_literal_read(cimc_raise_operand(self, operand), &literal);
  if (!known || literal.count != 1) {
    cimc_literal_destroy(&literal);
    return cimc_raise_refuse(self,
                             "%s is not known; expected a constant of one "
                             "element",
                             what);
  }
  *out = literal.element.storage == CIMC_STORAGE_F32
             ? (double)*(const float *)literal.data
             : (double)cimc_literal_get(&literal, 0);
  cimc_literal_destroy(&literal);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_raise_number(cimc_raise *self, intptr_t operand,
                                    const char *what, int64_t *out) {
  double value = 0;
  CIMC_TRY(cimc_raise_real(self, operand, what, &value));
  bool is_float =
      cimc_raise_storage(cimc_raise_operand(self, operand)) == CIMC_STORAGE_F32;
  *out = is_float ? 0 : (int64_t)value;
  return mlirLogicalResultSuccess();
}

bool cimc_raise_scalar_value(MlirValue value, double *out) {
  MlirOperation maker = cimc_ir_defining_op(value);
  if (!cimc_ir_op_is(maker, "arith.constant"))
    return false;
  MlirAttribute held =
      mlirOperationGetAttributeByName(maker, cimc_ir_str("value"));
  if (mlirAttributeIsAFloat(held) &&
      mlirTypeIsAF32(mlirAttributeGetType(held))) {
    *out = mlirFloatAttrGetValueDouble(held);
    return true;
  }
  if (!mlirAttributeIsAInteger(held))
    return false;
  MlirType type = mlirAttributeGetType(held);
  bool is_bool = mlirTypeIsAInteger(type) && mlirIntegerTypeGetWidth(type) == 1;
  if (mlirTypeIsAInteger(type) && mlirIntegerTypeGetWidth(type) > 64)
    return false;
  int64_t integer = mlirIntegerAttrGetValueInt(held);
  *out = (double)(is_bool ? integer != 0 : integer);
  return true;
}
