// SPDX-License-Identifier: Apache-2.0
//
// Creates qgemm ops with inferred result types.
#include "cimc/import/builder.h"

#include <stdlib.h>

#define NO_VALUE ((MlirValue){NULL})

cimc_shape cimc_builder_shape(MlirValue value) {
  cimc_shape shape = {.rank = 0};
  cimc_ir_tensor_shape(mlirValueGetType(value), &shape);
  return shape;
}

// Inference wants the op itself: it is created with the type of its first
// operand, which is then replaced.
static MlirLogicalResult set_result_type(MlirOperation op, MlirType element) {
  cimc_shape shape;
  CIMC_TRY(cimc_qgemm_infer_shape(op, &shape));
  mlirValueSetType(mlirOperationGetResult(op, 0),
                   cimc_ir_tensor_type(&shape, element));
  return mlirLogicalResultSuccess();
}

MlirValue cimc_builder_create(const cimc_builder *builder,
                              const cimc_builder_op *op) {
  for (int i = 0; i < op->operand_count; i++)
    if (mlirValueIsNull(op->operands[i]))
      return NO_VALUE;
  MlirType first = mlirValueGetType(op->operands[0]);
  MlirType element =
      mlirTypeIsNull(op->element) ? cimc_ir_element_type(first) : op->element;
  MlirType type = op->shape ? cimc_ir_tensor_type(op->shape, element) : first;
  MlirNamedAttribute attributes[CIMC_BUILDER_ATTRIBUTES_MAX + 1];
  int count = 0;
  for (; count < op->attribute_count; count++)
    attributes[count] = op->attributes[count];
  if (op->kind == CIMC_QGEMM_CONCAT)
    attributes[count++] =
        cimc_qgemm_segments(builder->context, op->operand_count);
  MlirOperation created = cimc_ir_op_create(&(cimc_op_desc){
      .name = cimc_qgemm_name(op->kind),
      .location = builder->location,
      .operand_count = op->operand_count,
      .operands = op->operands,
      .result_count = 1,
      .results = &type,
      .attribute_count = count,
      .attributes = attributes,
  });
  if (mlirOperationIsNull(created))
    return NO_VALUE;
  if (!op->shape &&
      mlirLogicalResultIsFailure(set_result_type(created, element))) {
    mlirOperationDestroy(created);
    return NO_VALUE;
  }
  mlirBlockAppendOwnedOperation(builder->block, created);
  return mlirOperationGetResult(created, 0);
}

MlirValue cimc_builder_constant(const cimc_builder *builder, MlirType type,
                                const void *data, size_t bytes) {
  MlirOperation op =
      cimc_qgemm_constant_create(builder->location, type, data, bytes);
  if (mlirOperationIsNull(op))
    return NO_VALUE;
  mlirBlockAppendOwnedOperation(builder->block, op);
  return mlirOperationGetResult(op, 0);
}

MlirValue cimc_builder_number(const cimc_builder *builder, float value) {
  cimc_shape shape = {.rank = 1, .dim = {1}};
  return cimc_builder_constant(
      builder, cimc_ir_tensor_type(&shape, mlirF32TypeGet(builder->context)),
      &value, sizeof value);
}

MlirValue cimc_builder_unary(const cimc_builder *builder, cimc_qgemm_kind kind,
                             MlirValue x) {
  return cimc_builder_create(
      builder,
      &(cimc_builder_op){.kind = kind, .operands = {x}, .operand_count = 1});
}

MlirValue cimc_builder_binary(const cimc_builder *builder, cimc_qgemm_kind kind,
                              MlirValue lhs, MlirValue rhs) {
  return cimc_builder_create(builder, &(cimc_builder_op){.kind = kind,
                                                         .operands = {lhs, rhs},
                                                         .operand_count = 2});
}

MlirValue cimc_builder_reshape(const cimc_builder *builder, MlirValue x,
                               const cimc_shape *shape) {
  if (mlirValueIsNull(x))
    return NO_VALUE;
  cimc_shape now = cimc_builder_shape(x);
  if (cimc_ir_shape_equal(&now, shape))
    return x;
  return cimc_builder_create(builder,
                             &(cimc_builder_op){.kind = CIMC_QGEMM_RESHAPE,
                                                .operands = {x},
                                                .operand_count = 1,
                                                .shape = shape});
}

// The element type of a transposed tensor: the axis of several scales moves
// along. Null when memory runs out.
static MlirType transposed_element(const cimc_builder *builder, MlirType type,
                                   const int64_t *perm) {
  cimc_element element = cimc_qgemm_element(type);
  type = cimc_ir_element_type(type);
  if (element.axis < 0 || perm[element.axis] == element.axis)
    return type;
  int axis = 0;
  while (perm[axis] != element.axis)
    axis++;
  size_t count = (size_t)element.scale_count;
  float *scales = calloc(count + 1, sizeof *scales);
  int32_t *zeros = calloc(count + 1, sizeof *zeros);
  for (size_t i = 0; scales && zeros && i < count; i++) {
    scales[i] = cimc_qgemm_scale(type, (int64_t)i);
    zeros[i] = cimc_qgemm_zero_point(type, (int64_t)i);
  }
  type =
      scales && zeros
          ? cimc_qgemm_quant_axis_type(
                builder->context, element.storage,
                &(cimc_axis_scales){axis, element.scale_count, scales, zeros})
          : (MlirType){NULL};
  free(scales);
  free(zeros);
  return type;
}

MlirValue cimc_builder_transpose(const cimc_builder *builder, MlirValue x,
                                 const int64_t *perm) {
  if (mlirValueIsNull(x))
    return NO_VALUE;
  int rank = cimc_builder_shape(x).rank;
  bool identity = true;
  for (int i = 0; i < rank; i++)
    identity &= perm[i] == i;
  if (identity)
    return x;
  return cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = CIMC_QGEMM_TRANSPOSE,
          .operands = {x},
          .operand_count = 1,
          .attributes = {cimc_builder_i64s(builder, "perm", rank, perm)},
          .attribute_count = 1,
          .element = transposed_element(builder, mlirValueGetType(x), perm)});
}

MlirValue cimc_builder_convert(const cimc_builder *builder,
                               cimc_qgemm_kind kind, MlirValue x,
                               MlirType element) {
  if (mlirValueIsNull(x))
    return NO_VALUE;
  cimc_shape shape = cimc_builder_shape(x);
  return cimc_builder_create(builder, &(cimc_builder_op){.kind = kind,
                                                         .operands = {x},
                                                         .operand_count = 1,
                                                         .element = element,
                                                         .shape = &shape});
}

MlirNamedAttribute cimc_builder_i64(const cimc_builder *builder,
                                    const char *name, int64_t value) {
  return cimc_ir_attr(builder->context, name,
                      cimc_ir_attr_i64(builder->context, value));
}

MlirNamedAttribute cimc_builder_i64s(const cimc_builder *builder,
                                     const char *name, int count,
                                     const int64_t *values) {
  return cimc_ir_attr(builder->context, name,
                      cimc_ir_attr_i64s(builder->context, count, values));
}

MlirNamedAttribute cimc_builder_f32(const cimc_builder *builder,
                                    const char *name, float value) {
  return cimc_ir_attr(builder->context, name,
                      cimc_ir_attr_f32(builder->context, value));
}

MlirNamedAttribute cimc_builder_text(const cimc_builder *builder,
                                     const char *name, const char *value) {
  return cimc_ir_attr(builder->context, name,
                      cimc_ir_attr_str(builder->context, value));
}

MlirNamedAttribute cimc_builder_bool(const cimc_builder *builder,
                                     const char *name, bool value) {
  return cimc_ir_attr(builder->context, name,
                      mlirBoolAttrGet(builder->context, value));
}
