// SPDX-License-Identifier: Apache-2.0
//
// Short forms for rewrites of qgemm ops.
#include "passes/model/edit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// -- Matching ----------------------------------------------------------------
MlirValue cimc_edit_result(MlirOperation op) {
  return mlirOperationGetResult(op, 0);
}

MlirType cimc_edit_type(MlirOperation op) {
  return mlirValueGetType(cimc_edit_result(op));
}

MlirValue cimc_edit_operand(MlirOperation op, intptr_t index) {
  return mlirOperationGetOperand(op, index);
}

MlirOperation cimc_edit_def(MlirValue value, cimc_qgemm_kind kind) {
  MlirOperation op = cimc_ir_defining_op(value);
  if (cimc_ir_op_is(op, cimc_qgemm_name(kind)))
    return op;
  return (MlirOperation){NULL};
}

bool cimc_edit_is_constant(MlirValue value) {
  return !mlirOperationIsNull(cimc_edit_def(value, CIMC_QGEMM_CONSTANT));
}

bool cimc_edit_is_constant_like(MlirValue value) {
  MlirOperation dequantize = cimc_edit_def(value, CIMC_QGEMM_DEQUANTIZE);
  if (!mlirOperationIsNull(dequantize))
    value = cimc_edit_operand(dequantize, 0);
  return cimc_edit_is_constant(value);
}

bool cimc_edit_is_f32(MlirType type) {
  cimc_element element = cimc_qgemm_element(type);
  return !element.quantized && element.storage == CIMC_STORAGE_F32;
}

bool cimc_edit_is_int8_tensor(MlirType type) {
  cimc_element element = cimc_qgemm_element(type);
  return element.quantized && element.axis < 0 &&
         (element.storage == CIMC_STORAGE_I8 ||
          element.storage == CIMC_STORAGE_U8);
}

// -- Building ----------------------------------------------------------------
#define ATTRIBUTES_MAX 32

static bool is_overridden(const cimc_edit *edit, MlirNamedAttribute named) {
  for (int i = 0; i < edit->attribute_count; i++)
    if (cimc_ir_str_equal(mlirIdentifierStr(named.name),
                          edit->attributes[i].name))
      return true;
  return false;
}

// Written anew, for the operands there are.
static bool is_segments(MlirNamedAttribute named) {
  return cimc_ir_str_equal(mlirIdentifierStr(named.name),
                           "operandSegmentSizes");
}

// A verified op has far fewer attributes than fit; further ones are no part of
// its meaning.
static intptr_t gather_attributes(const cimc_edit *edit, MlirContext context,
                                  MlirNamedAttribute *out) {
  intptr_t count = 0;
  intptr_t old = mlirOperationIsNull(edit->like)
                     ? 0
                     : mlirOperationGetNumAttributes(edit->like);
  for (intptr_t i = 0;
       i < old && count < ATTRIBUTES_MAX - CIMC_EDIT_ATTRIBUTES_MAX - 1; i++) {
    MlirNamedAttribute named = mlirOperationGetAttribute(edit->like, i);
    if (!is_overridden(edit, named) && !is_segments(named))
      out[count++] = named;
  }
  if (edit->kind == CIMC_QGEMM_CONCAT)
    out[count++] = cimc_qgemm_segments(context, edit->operand_count);
  for (int i = 0; i < edit->attribute_count; i++)
    if (!mlirAttributeIsNull(edit->attributes[i].value))
      out[count++] = cimc_ir_attr(context, edit->attributes[i].name,
                                  edit->attributes[i].value);
  return count;
}

MlirValue cimc_edit_build(MlirRewriterBase rewriter, const cimc_edit *edit) {
  MlirNamedAttribute attributes[ATTRIBUTES_MAX];
  MlirContext context = mlirLocationGetContext(edit->location);
  MlirOperation op = cimc_ir_op_create(&(cimc_op_desc){
      .name = cimc_qgemm_name(edit->kind),
      .location = edit->location,
      .operand_count = edit->operand_count,
      .operands = edit->operands,
      .result_count = 1,
      .results = &edit->type,
      .attribute_count = gather_attributes(edit, context, attributes),
      .attributes = attributes,
  });
  return cimc_edit_result(mlirRewriterBaseInsert(rewriter, op));
}

cimc_edit cimc_edit_copy(MlirOperation op) {
  cimc_edit edit = {
      .kind = cimc_qgemm_kind_of(op),
      .location = mlirOperationGetLocation(op),
      .type = cimc_edit_type(op),
      .like = op,
  };
  intptr_t count = mlirOperationGetNumOperands(op);
  for (intptr_t i = 0; i < count && i < CIMC_EDIT_OPERANDS_MAX; i++)
    edit.operands[edit.operand_count++] = cimc_edit_operand(op, i);
  return edit;
}

void cimc_edit_set(cimc_edit *edit, const char *name, MlirAttribute value) {
  int at = edit->attribute_count++;
  edit->attributes[at].name = name;
  edit->attributes[at].value = value;
}

void cimc_edit_set_bounds(cimc_edit *edit, cimc_bounds bounds) {
  MlirContext context = mlirLocationGetContext(edit->location);
  bool below = isinf(bounds.low) && bounds.low < 0;
  bool above = isinf(bounds.high) && bounds.high > 0;
  MlirAttribute none = {NULL}, low = none, high = none;
  const char *word = "clamp";
  if (below && above)
    word = NULL;
  else if (bounds.low == 0.0f && above)
    word = "relu";
  else if (bounds.low == 0.0f && bounds.high == 6.0f)
    word = "relu6";
  else {
    low = cimc_ir_attr_f32(context, bounds.low);
    high = cimc_ir_attr_f32(context, bounds.high);
  }
  cimc_edit_set(edit, "activation",
                word ? cimc_ir_attr_str(context, word) : none);
  cimc_edit_set(edit, "clamp_min", low);
  cimc_edit_set(edit, "clamp_max", high);
}

MlirValue cimc_edit_unary(MlirRewriterBase rewriter, cimc_qgemm_kind kind,
                          MlirValue x, MlirType type, MlirLocation location) {
  return cimc_edit_build(rewriter, &(cimc_edit){.kind = kind,
                                                .location = location,
                                                .type = type,
                                                .operand_count = 1,
                                                .operands = {x}});
}

MlirLogicalResult cimc_edit_replace(MlirRewriterBase rewriter, MlirOperation op,
                                    MlirValue value) {
  mlirRewriterBaseReplaceOpWithValues(rewriter, op, 1, &value);
  return mlirLogicalResultSuccess();
}

// -- Layout ------------------------------------------------------------------
bool cimc_edit_perm(MlirOperation transpose, cimc_perm *out) {
  cimc_shape shape;
  if (cimc_qgemm_kind_of(transpose) != CIMC_QGEMM_TRANSPOSE ||
      !cimc_ir_tensor_shape(cimc_edit_type(transpose), &shape))
    return false;
  out->rank = shape.rank;
  return cimc_ir_get_i64s(transpose, "perm", shape.rank, out->at);
}

cimc_perm cimc_edit_perm_inverse(const cimc_perm *perm) {
  cimc_perm inverse = {.rank = perm->rank};
  for (int i = 0; i < perm->rank; i++)
    inverse.at[perm->at[i]] = i;
  return inverse;
}

bool cimc_edit_perm_equal(const cimc_perm *a, const cimc_perm *b) {
  return a->rank == b->rank &&
         memcmp(a->at, b->at, (size_t)a->rank * sizeof a->at[0]) == 0;
}

bool cimc_edit_perm_is_reshape(const cimc_perm *perm, const cimc_shape *from) {
  int64_t last = -1;
  for (int i = 0; i < perm->rank; i++) {
    if (from->dim[perm->at[i]] == 1)
      continue;
    if (perm->at[i] < last)
      return false;
    last = perm->at[i];
  }
  return true;
}

cimc_shape cimc_edit_permute_shape(const cimc_shape *shape,
                                   const cimc_perm *perm) {
  cimc_shape out = {.rank = perm->rank};
  for (int i = 0; i < perm->rank; i++)
    out.dim[i] = shape->dim[perm->at[i]];
  return out;
}

MlirType cimc_edit_move_axis(MlirType element, int axis) {
  cimc_element old = cimc_qgemm_element(element);
  if (old.axis < 0 || old.axis == axis)
    return element;
  size_t count = (size_t)old.scale_count;
  float *scales = malloc((count + 1) * sizeof *scales);
  int32_t *points = malloc((count + 1) * sizeof *points);
  MlirType moved = element;
  if (scales && points) {
    for (size_t i = 0; i < count; i++) {
      scales[i] = cimc_qgemm_scale(element, (int64_t)i);
      points[i] = cimc_qgemm_zero_point(element, (int64_t)i);
    }
    moved = cimc_qgemm_quant_axis_type(
        mlirTypeGetContext(element), old.storage,
        &(cimc_axis_scales){axis, old.scale_count, scales, points});
  }
  free(scales);
  free(points);
  return moved;
}

MlirType cimc_edit_permute_type(MlirType type, const cimc_perm *perm) {
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(type, &shape);
  cimc_shape permuted = cimc_edit_permute_shape(&shape, perm);
  MlirType element = cimc_ir_element_type(type);
  int axis = cimc_qgemm_element(element).axis;
  if (axis >= 0) {
    cimc_perm inverse = cimc_edit_perm_inverse(perm);
    element = cimc_edit_move_axis(element, (int)inverse.at[axis]);
  }
  return cimc_ir_tensor_type(&permuted, element);
}

// The axis of `to` that holds just what axis `axis` of `from` holds, or -1.
static int find_axis(const cimc_shape *from, int axis, const cimc_shape *to) {
  int64_t before = 1, seen = 1;
  for (int i = 0; i < axis; i++)
    before *= from->dim[i];
  for (int j = 0; j < to->rank; j++) {
    if (seen == before && to->dim[j] == from->dim[axis])
      return j;
    seen *= to->dim[j];
  }
  return -1;
}

bool cimc_edit_reshape_type(MlirType type, const cimc_shape *shape,
                            MlirType *out) {
  cimc_shape from = {0};
  cimc_ir_tensor_shape(type, &from);
  MlirType element = cimc_ir_element_type(type);
  int axis = cimc_qgemm_element(element).axis;
  if (axis >= 0) {
    int moved = find_axis(&from, axis, shape);
    if (moved < 0)
      return false;
    element = cimc_edit_move_axis(element, moved);
  }
  *out = cimc_ir_tensor_type(shape, element);
  return true;
}

MlirType cimc_edit_with_element_of(MlirType shape_of, MlirType element_of) {
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(shape_of, &shape);
  return cimc_ir_tensor_type(&shape, cimc_ir_element_type(element_of));
}

MlirType cimc_edit_as_f32(MlirType type) {
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(type, &shape);
  return cimc_ir_tensor_type(&shape, mlirF32TypeGet(mlirTypeGetContext(type)));
}

MlirValue cimc_edit_transpose(MlirRewriterBase rewriter, MlirValue x,
                              const cimc_perm *perm, MlirLocation location) {
  cimc_edit edit = {
      .kind = CIMC_QGEMM_TRANSPOSE,
      .location = location,
      .type = cimc_edit_permute_type(mlirValueGetType(x), perm),
      .operand_count = 1,
      .operands = {x},
  };
  cimc_edit_set(&edit, "perm",
                cimc_ir_attr_i64s(mlirLocationGetContext(location), perm->rank,
                                  perm->at));
  return cimc_edit_build(rewriter, &edit);
}
