// SPDX-License-Identifier: Apache-2.0
//
// What handlers of `raise` build with.
#include "passes/model/raise/raise_op.h"

#include <stdlib.h>

MlirValue cimc_raise_build(cimc_raise *self, cimc_edit *edit) {
  edit->location = self->location;
  return cimc_edit_build(self->rewriter, edit);
}

// -- Elementwise -------------------------------------------------------------
MlirValue cimc_raise_unary(cimc_raise *self, cimc_qgemm_kind kind,
                           MlirValue x) {
  return cimc_edit_unary(self->rewriter, kind, x, mlirValueGetType(x),
                         self->location);
}

static cimc_shape broadcast(const cimc_shape *a, const cimc_shape *b) {
  const cimc_shape *longer = a->rank >= b->rank ? a : b;
  const cimc_shape *shorter = longer == a ? b : a;
  cimc_shape out = *longer;
  int missing = longer->rank - shorter->rank;
  for (int i = 0; i < shorter->rank; i++)
    if (out.dim[missing + i] == 1)
      out.dim[missing + i] = shorter->dim[i];
  return out;
}

static MlirType broadcast_type(MlirValue a, MlirValue b, MlirType element) {
  cimc_shape left = cimc_raise_shape(a), right = cimc_raise_shape(b);
  cimc_shape shape = broadcast(&left, &right);
  return cimc_ir_tensor_type(&shape, element);
}

MlirValue cimc_raise_binary(cimc_raise *self, cimc_qgemm_kind kind,
                            MlirValue lhs, MlirValue rhs) {
  MlirType element = cimc_ir_element_type(mlirValueGetType(lhs));
  return cimc_raise_build(
      self, &(cimc_edit){.kind = kind,
                         .type = broadcast_type(lhs, rhs, element),
                         .operand_count = 2,
                         .operands = {lhs, rhs}});
}

MlirValue cimc_raise_compare(cimc_raise *self, const char *predicate,
                             MlirValue lhs, MlirValue rhs) {
  MlirType element = cimc_raise_element(self, CIMC_STORAGE_U8);
  cimc_edit edit = {.kind = CIMC_QGEMM_COMPARE,
                    .location = self->location,
                    .type = broadcast_type(lhs, rhs, element),
                    .operand_count = 2,
                    .operands = {lhs, rhs}};
  cimc_edit_set(&edit, "predicate", cimc_ir_attr_str(self->context, predicate));
  return cimc_raise_build(self, &edit);
}

MlirValue cimc_raise_select(cimc_raise *self, MlirValue condition, MlirValue a,
                            MlirValue b) {
  cimc_shape first = cimc_raise_shape(condition);
  cimc_shape second = cimc_raise_shape(a), third = cimc_raise_shape(b);
  cimc_shape shape = broadcast(&first, &second);
  shape = broadcast(&shape, &third);
  MlirType element = cimc_ir_element_type(mlirValueGetType(a));
  return cimc_raise_build(
      self, &(cimc_edit){.kind = CIMC_QGEMM_SELECT,
                         .type = cimc_ir_tensor_type(&shape, element),
                         .operand_count = 3,
                         .operands = {condition, a, b}});
}

MlirValue cimc_raise_cast(cimc_raise *self, MlirValue x, cimc_storage storage) {
  if (cimc_raise_storage(x) == storage)
    return x;
  cimc_shape shape = cimc_raise_shape(x);
  MlirType type =
      cimc_ir_tensor_type(&shape, cimc_raise_element(self, storage));
  return cimc_edit_unary(self->rewriter, CIMC_QGEMM_CAST, x, type,
                         self->location);
}

// -- Movement ----------------------------------------------------------------
static MlirType with_shape(MlirValue x, const cimc_shape *shape) {
  return cimc_ir_tensor_type(shape, cimc_ir_element_type(mlirValueGetType(x)));
}

MlirValue cimc_raise_reshape(cimc_raise *self, MlirValue x,
                             const cimc_shape *shape) {
  cimc_shape own = cimc_raise_shape(x);
  if (cimc_ir_shape_equal(&own, shape))
    return x;
  return cimc_edit_unary(self->rewriter, CIMC_QGEMM_RESHAPE, x,
                         with_shape(x, shape), self->location);
}

MlirValue cimc_raise_transpose(cimc_raise *self, MlirValue x,
                               const int64_t *perm) {
  cimc_perm all = {.rank = cimc_raise_shape(x).rank};
  bool moves = false;
  for (int i = 0; i < all.rank; i++) {
    all.at[i] = perm[i];
    moves = moves || perm[i] != i;
  }
  return moves ? cimc_edit_transpose(self->rewriter, x, &all, self->location)
               : x;
}

static void set_list(cimc_raise *self, cimc_edit *edit, const char *name,
                     int count, const int64_t *values) {
  cimc_edit_set(edit, name, cimc_ir_attr_i64s(self->context, count, values));
}

MlirValue cimc_raise_slice(cimc_raise *self, MlirValue x, const int64_t *starts,
                           const cimc_shape *sizes, const int64_t *steps) {
  cimc_edit edit = {.kind = CIMC_QGEMM_SLICE,
                    .type = with_shape(x, sizes),
                    .operand_count = 1,
                    .operands = {x}};
  set_list(self, &edit, "starts", sizes->rank, starts);
  set_list(self, &edit, "sizes", sizes->rank, sizes->dim);
  set_list(self, &edit, "steps", sizes->rank, steps);
  return cimc_raise_build(self, &edit);
}

MlirValue cimc_raise_pad(cimc_raise *self, MlirValue x,
                         const cimc_raise_padding *padding) {
  cimc_shape shape = cimc_raise_shape(x);
  int rank = shape.rank;
  bool has_interior = false, changes = false;
  for (int i = 0; i < rank; i++) {
    has_interior = has_interior || padding->interior[i] > 0;
    changes = changes || padding->low[i] > 0 || padding->high[i] > 0;
    shape.dim[i] += padding->low[i] + padding->high[i] +
                    (shape.dim[i] - 1) * padding->interior[i];
  }
  if (!has_interior && !changes)
    return x;
  cimc_edit edit = {.kind = CIMC_QGEMM_PAD,
                    .type = with_shape(x, &shape),
                    .operand_count = 1,
                    .operands = {x}};
  set_list(self, &edit, "low", rank, padding->low);
  set_list(self, &edit, "high", rank, padding->high);
  cimc_edit_set(&edit, "value",
                cimc_ir_attr_f32(self->context, padding->value));
  if (has_interior)
    set_list(self, &edit, "interior", rank, padding->interior);
  return cimc_raise_build(self, &edit);
}

MlirValue cimc_raise_gather(cimc_raise *self, MlirValue x, MlirValue indices,
                            int axis) {
  cimc_shape shape = cimc_raise_shape(x);
  shape.dim[axis] = cimc_raise_shape(indices).dim[0];
  cimc_edit edit = {.kind = CIMC_QGEMM_GATHER,
                    .type = with_shape(x, &shape),
                    .operand_count = 2,
                    .operands = {x, indices}};
  cimc_edit_set(&edit, "axis", cimc_ir_attr_i64(self->context, axis));
  return cimc_raise_build(self, &edit);
}

MlirValue cimc_raise_take(cimc_raise *self, MlirValue x, int axis,
                          const int32_t *indices, int64_t count) {
  MlirType type = mlirRankedTensorTypeGet(
      1, &count, cimc_raise_element(self, CIMC_STORAGE_I32),
      mlirAttributeGetNull());
  MlirOperation constant = cimc_qgemm_constant_create(
      self->location, type, indices, (size_t)count * sizeof *indices);
  if (mlirOperationIsNull(constant))
    return x;
  return cimc_raise_gather(
      self, x,
      cimc_edit_result(mlirRewriterBaseInsert(self->rewriter, constant)), axis);
}

MlirValue cimc_raise_expand(cimc_raise *self, MlirValue x,
                            const cimc_shape *shape) {
  for (int i = 0; i < shape->rank; i++) {
    if (cimc_raise_shape(x).dim[i] == shape->dim[i])
      continue;
    MlirType type = mlirRankedTensorTypeGet(
        1, &shape->dim[i], cimc_raise_element(self, CIMC_STORAGE_I32),
        mlirAttributeGetNull());
    x = cimc_raise_gather(self, x, cimc_raise_splat(self, type, 0), i);
  }
  return x;
}

MlirValue cimc_raise_reduce(cimc_raise *self, cimc_qgemm_kind kind, MlirValue x,
                            int64_t axis) {
  cimc_shape shape = cimc_raise_shape(x);
  shape.dim[axis] = 1;
  cimc_edit edit = {.kind = kind,
                    .type = with_shape(x, &shape),
                    .operand_count = 1,
                    .operands = {x}};
  set_list(self, &edit, "axes", 1, &axis);
  cimc_edit_set(&edit, "keepdims", mlirBoolAttrGet(self->context, 1));
  return cimc_raise_build(self, &edit);
}

// -- Constants ---------------------------------------------------------------
// One element, stored as its type says.
static size_t store(cimc_storage storage, double value, void *out) {
  int64_t whole = (int64_t)value;
  switch (storage) {
  case CIMC_STORAGE_F32:
    *(float *)out = (float)value;
    break;
  case CIMC_STORAGE_I8:
    *(int8_t *)out = (int8_t)whole;
    break;
  case CIMC_STORAGE_U8:
    *(uint8_t *)out = (uint8_t)whole;
    break;
  case CIMC_STORAGE_I16:
    *(int16_t *)out = (int16_t)whole;
    break;
  case CIMC_STORAGE_U16:
    *(uint16_t *)out = (uint16_t)whole;
    break;
  case CIMC_STORAGE_I32:
    *(int32_t *)out = (int32_t)whole;
    break;
  default:
    *(int64_t *)out = whole;
    break;
  }
  return (size_t)cimc_storage_bytes(storage);
}

MlirValue cimc_raise_splat(cimc_raise *self, MlirType type, double value) {
  int64_t element = 0;
  size_t bytes = store(cimc_qgemm_element(type).storage, value, &element);
  MlirOperation op =
      cimc_qgemm_constant_create(self->location, type, &element, bytes);
  return cimc_edit_result(mlirRewriterBaseInsert(self->rewriter, op));
}

MlirValue cimc_raise_scalar(cimc_raise *self, MlirValue like, double value) {
  cimc_shape shape = {.rank = cimc_raise_shape(like).rank > 0, .dim = {1}};
  return cimc_raise_splat(self, with_shape(like, &shape), value);
}

MlirValue cimc_raise_constant(cimc_raise *self, const cimc_literal *literal) {
  return cimc_literal_insert(self->rewriter, literal, self->location);
}

MlirValue cimc_raise_folded(cimc_raise *self, MlirValue x) {
  cimc_literal literal;
  MlirOperation maker = cimc_ir_defining_op(x);
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(maker);
  if ((kind != CIMC_QGEMM_TRANSPOSE && kind != CIMC_QGEMM_RESHAPE) ||
      !cimc_literal_evaluate(maker, &literal))
    return x;
  MlirValue folded = cimc_raise_constant(self, &literal);
  cimc_literal_destroy(&literal);
  return folded;
}

// A pad of zero points becomes one of real zeros, which a convolution absorbs.
static bool quantized_pad(cimc_raise *self, MlirValue x, int64_t zero_point,
                          MlirType type, MlirValue *out) {
  MlirOperation pad = cimc_edit_def(x, CIMC_QGEMM_PAD);
  float value = 0;
  if (mlirOperationIsNull(pad) || !cimc_ir_get_f32(pad, "value", &value) ||
      value != (float)zero_point)
    return false;
  cimc_edit edit = cimc_edit_copy(pad);
  edit.type = type;
  edit.operands[0] = cimc_raise_quantized(self, edit.operands[0], zero_point);
  cimc_edit_set(&edit, "value", cimc_ir_attr_f32(self->context, 0));
  *out = cimc_raise_build(self, &edit);
  return true;
}

MlirValue cimc_raise_quantized(cimc_raise *self, MlirValue x,
                               int64_t zero_point) {
  MlirValue padded;
  cimc_shape shape = cimc_raise_shape(x);
  cimc_literal literal;
  MlirType type = cimc_ir_tensor_type(
      &shape, cimc_qgemm_quant_type(self->context, cimc_raise_storage(x), 1.0f,
                                    (int32_t)zero_point));
  if (quantized_pad(self, x, zero_point, type, &padded))
    return padded;
  if (!cimc_literal_read(x, &literal))
    return cimc_edit_unary(self->rewriter, CIMC_QGEMM_STORAGE_CAST, x, type,
                           self->location);
  literal.type = type;
  MlirValue out = cimc_raise_constant(self, &literal);
  cimc_literal_destroy(&literal);
  return out;
}

MlirValue cimc_raise_plain(cimc_raise *self, MlirValue x) {
  cimc_shape shape = cimc_raise_shape(x);
  MlirType type = cimc_ir_tensor_type(
      &shape, cimc_raise_element(self, cimc_raise_storage(x)));
  return cimc_edit_unary(self->rewriter, CIMC_QGEMM_STORAGE_CAST, x, type,
                         self->location);
}
