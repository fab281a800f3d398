// SPDX-License-Identifier: Apache-2.0
//
// Creates qgemm ops for the importers; result shapes are inferred. Every
// function returns a null value on failure, which has been reported, and
// passes a null operand on, so calls can be chained and checked once.
#ifndef CIMC_IMPORT_BUILDER_H
#define CIMC_IMPORT_BUILDER_H

#include "dialect/qgemm.h"

typedef struct cimc_builder {
  MlirContext context;
  MlirBlock block; // ops are appended to it
  MlirLocation location;
} cimc_builder;

#define CIMC_BUILDER_OPERANDS_MAX CIMC_QGEMM_OPERANDS_MAX
#define CIMC_BUILDER_ATTRIBUTES_MAX 10

typedef struct cimc_builder_op {
  cimc_qgemm_kind kind;
  MlirValue operands[CIMC_BUILDER_OPERANDS_MAX];
  int operand_count;
  MlirNamedAttribute attributes[CIMC_BUILDER_ATTRIBUTES_MAX];
  int attribute_count;
  MlirType element;        // of the result; null: that of operand 0
  const cimc_shape *shape; // of the result; null: inferred
} cimc_builder_op;

MlirValue cimc_builder_create(const cimc_builder *builder,
                              const cimc_builder_op *op);

// A constant of tensor type `type` from the raw bytes of all its elements.
MlirValue cimc_builder_constant(const cimc_builder *builder, MlirType type,
                                const void *data, size_t bytes);
// tensor<1xf32>.
MlirValue cimc_builder_number(const cimc_builder *builder, float value);

MlirValue cimc_builder_unary(const cimc_builder *builder, cimc_qgemm_kind kind,
                             MlirValue x);
MlirValue cimc_builder_binary(const cimc_builder *builder, cimc_qgemm_kind kind,
                              MlirValue lhs, MlirValue rhs);
// The value itself when it has the shape, or the permutation is the identity.
MlirValue cimc_builder_reshape(const cimc_builder *builder, MlirValue x,
                               const cimc_shape *shape);
MlirValue cimc_builder_transpose(const cimc_builder *builder, MlirValue x,
                                 const int64_t *perm);
// quantize, dequantize and storage_cast: to another element type.
MlirValue cimc_builder_convert(const cimc_builder *builder,
                               cimc_qgemm_kind kind, MlirValue x,
                               MlirType element);

MlirNamedAttribute cimc_builder_i64(const cimc_builder *builder,
                                    const char *name, int64_t value);
MlirNamedAttribute cimc_builder_i64s(const cimc_builder *builder,
                                     const char *name, int count,
                                     const int64_t *values);
MlirNamedAttribute cimc_builder_f32(const cimc_builder *builder,
                                    const char *name, float value);
MlirNamedAttribute cimc_builder_text(const cimc_builder *builder,
                                     const char *name, const char *value);
MlirNamedAttribute cimc_builder_bool(const cimc_builder *builder,
                                     const char *name, bool value);

// The shape of a value made by a builder.
cimc_shape cimc_builder_shape(MlirValue value);

#endif
