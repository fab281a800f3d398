// SPDX-License-Identifier: Apache-2.0
//
// Gemm and MatMul.
#include "cimc/import/onnx_ops/ops_linear.h"
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/term.h"
#include "cimc/import/onnx_ops/weights.h"

#include <inttypes.h>

static const int64_t swap[] = {1, 0};

static MlirValue matmul(const cimc_builder *builder, MlirValue lhs,
                        MlirValue rhs, MlirValue bias) {
  return cimc_builder_create(
      builder,
      &(cimc_builder_op){.kind = CIMC_QGEMM_MATMUL,
                         .operands = {lhs, rhs, bias},
                         .operand_count = mlirValueIsNull(bias) ? 2 : 3});
}

static MlirValue scale(const cimc_builder *builder, MlirValue x, float factor) {
  if (factor == 1.0f || mlirValueIsNull(x))
    return x;
  return cimc_builder_binary(builder, CIMC_QGEMM_MUL, x,
                             cimc_builder_number(builder, factor));
}

typedef struct gemm {
  float alpha;
  float beta;
  int64_t trans_a;
  int64_t trans_b;
  float late_alpha; // applied to the product, not to the weights
} gemm;

static MlirLogicalResult read_gemm(cimc_call *call, gemm *out) {
  *out = (gemm){.alpha = 1.0f, .beta = 1.0f, .late_alpha = 1.0f};
  CIMC_TRY(cimc_call_real(call, "alpha", &out->alpha));
  CIMC_TRY(cimc_call_real(call, "beta", &out->beta));
  CIMC_TRY(cimc_call_i64(call, "transA", &out->trans_a));
  CIMC_TRY(cimc_call_i64(call, "transB", &out->trans_b));
  for (size_t i = 0; i < 2; i++) {
    if (cimc_call_has_input(call, i) && cimc_call_shape(call, i)->rank != 2)
      return cimc_call_error(call, "input %zu has rank %d; expected 2", i,
                             cimc_call_shape(call, i)->rank);
  }
  return mlirLogicalResultSuccess();
}

// The weights as [K, N], times alpha when they are known now.
static MlirLogicalResult gemm_weights(cimc_call *call, gemm *how,
                                      MlirValue *out) {
  MlirValue ignored;
  if (!cimc_call_has_input(call, 1))
    return cimc_call_f32(call, 1, &ignored);
  const cimc_tensor *tensor;
  CIMC_TRY(cimc_call_tensor(call, 1, &tensor));
  if (!tensor)
    how->late_alpha = how->alpha;
  if (!how->trans_b && (how->alpha == 1.0f || !tensor))
    return cimc_call_f32(call, 1, out);
  cimc_weights_form form = {.shape = *cimc_call_shape(call, 1),
                            .perm = how->trans_b ? swap : NULL,
                            .factor = tensor ? how->alpha : 1.0f};
  return cimc_weights_emit(call, 1, &form, out);
}

// C times beta. `out_bias` is set when it is [N]; else `out_addend`.
static MlirLogicalResult gemm_addend(cimc_call *call, const gemm *how,
                                     int64_t columns, MlirValue *out_bias,
                                     MlirValue *out_addend) {
  if (!cimc_call_has_input(call, 2) || how->beta == 0.0f)
    return mlirLogicalResultSuccess();
  const cimc_shape *shape = cimc_call_shape(call, 2);
  if (shape->rank > 2)
    return cimc_call_error(call, "C has rank %d; expected at most 2",
                           shape->rank);
  bool row = shape->rank == 1 || (shape->rank == 2 && shape->dim[0] == 1);
  bool bias =
      row && shape->dim[shape->rank - 1] == columns && how->late_alpha == 1.0f;
  cimc_weights_form form = {.shape = *shape, .factor = how->beta};
  if (shape->rank == 0)
    form.shape = (cimc_shape){.rank = 1, .dim = {1}};
  if (bias)
    form.shape = (cimc_shape){.rank = 1, .dim = {columns}};
  MlirValue *out = bias ? out_bias : out_addend;
  if (how->beta == 1.0f && form.shape.rank == shape->rank)
    return cimc_call_f32(call, 2, out);
  return cimc_weights_emit(call, 2, &form, out);
}

MlirLogicalResult cimc_ops_linear_gemm_value(cimc_call *call, MlirValue *out) {
  gemm how;
  MlirValue lhs, rhs, bias = {NULL}, addend = {NULL};
  CIMC_TRY(read_gemm(call, &how));
  CIMC_TRY(cimc_call_f32(call, 0, &lhs));
  CIMC_TRY(gemm_weights(call, &how, &rhs));
  int64_t columns = cimc_builder_shape(rhs).dim[1];
  CIMC_TRY(gemm_addend(call, &how, columns, &bias, &addend));
  const cimc_builder *builder = &call->builder;
  if (how.trans_a)
    lhs = cimc_builder_transpose(builder, lhs, swap);
  MlirValue result =
      scale(builder, matmul(builder, lhs, rhs, bias), how.late_alpha);
  if (mlirValueIsNull(result))
    return mlirLogicalResultFailure();
  cimc_shape product = cimc_builder_shape(result);
  if (!mlirValueIsNull(addend)) {
    result = cimc_builder_binary(builder, CIMC_QGEMM_ADD, result, addend);
    if (mlirValueIsNull(result))
      return mlirLogicalResultFailure();
    cimc_shape sum = cimc_builder_shape(result);
    if (!cimc_ir_shape_equal(&sum, &product))
      return cimc_call_error(call,
                             "C does not broadcast to the product, "
                             "%" PRId64 "x%" PRId64,
                             product.dim[0], product.dim[1]);
  }
  *out = result;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_linear_gemm(cimc_call *call) {
  MlirValue result;
  CIMC_TRY(cimc_ops_linear_gemm_value(call, &result));
  return cimc_call_define(call, result, CIMC_ELEM_FLOAT);
}

// -- MatMul ------------------------------------------------------------------
static bool batch_is_one(const cimc_shape *shape) {
  for (int i = 0; i < shape->rank - 2; i++)
    if (shape->dim[i] != 1)
      return false;
  return true;
}

// `shape` with dimensions of one put in front or taken away there.
static cimc_shape with_rank(const cimc_shape *shape, int rank) {
  cimc_shape result = {.rank = rank};
  for (int i = 0; i < rank; i++) {
    int from = shape->rank - rank + i;
    result.dim[i] = from < 0 ? 1 : shape->dim[from];
  }
  return result;
}

// Two of one rank, repeated where only the other one has several matrices.
static MlirLogicalResult broadcast_batches(cimc_call *call, MlirValue *lhs,
                                           MlirValue *rhs) {
  MlirValue *values[] = {lhs, rhs};
  if (mlirValueIsNull(*lhs) || mlirValueIsNull(*rhs))
    return mlirLogicalResultFailure();
  cimc_shape shapes[] = {cimc_builder_shape(*lhs), cimc_builder_shape(*rhs)};
  for (int k = 0; k < 2; k++) {
    const cimc_shape *other = &shapes[1 - k];
    cimc_shape to = shapes[k];
    for (int i = 0; i < to.rank - 2; i++) {
      if (to.dim[i] != other->dim[i] && to.dim[i] != 1 && other->dim[i] != 1)
        return cimc_call_error(call,
                               "%" PRId64 " matrices on one side and %" PRId64
                               " on the other; expected as many, or one",
                               shapes[0].dim[i], shapes[1].dim[i]);
      if (to.dim[i] == 1)
        to.dim[i] = other->dim[i];
    }
    cimc_term x = cimc_term_made(*values[k], CIMC_ELEM_FLOAT, &shapes[k]);
    x = cimc_term_expand(call, x, &to);
    CIMC_TRY(cimc_term_value(call, &x, values[k]));
  }
  return mlirLogicalResultSuccess();
}

// Both of rank two or more; the product before dimensions are dropped.
static MlirLogicalResult product(cimc_call *call, MlirValue lhs, MlirValue rhs,
                                 MlirType element, MlirValue *out) {
  const cimc_builder *builder = &call->builder;
  cimc_shape a = cimc_builder_shape(lhs), b = cimc_builder_shape(rhs);
  int rank = a.rank > b.rank ? a.rank : b.rank;
  bool is_matrix = batch_is_one(&b);
  a = with_rank(&a, rank);
  b = with_rank(&b, is_matrix ? 2 : rank);
  lhs = cimc_builder_reshape(builder, lhs, &a);
  rhs = cimc_builder_reshape(builder, rhs, &b);
  if (!is_matrix)
    CIMC_TRY(broadcast_batches(call, &lhs, &rhs));
  *out = cimc_builder_create(
      builder, &(cimc_builder_op){.kind = is_matrix ? CIMC_QGEMM_MATMUL
                                                    : CIMC_QGEMM_BATCH_MATMUL,
                                  .operands = {lhs, rhs},
                                  .operand_count = 2,
                                  .element = element});
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_linear_product(cimc_call *call,
                                          const cimc_ops_product *how,
                                          MlirValue *out,
                                          cimc_shape *out_shape) {
  cimc_shape a = *how->lhs_shape, b = *how->rhs_shape;
  if (a.rank == 0 || b.rank == 0)
    return cimc_call_error(call, "an operand is a scalar; expected a vector or "
                                 "matrix");
  bool row = a.rank == 1, column = b.rank == 1;
  if (row)
    a = (cimc_shape){.rank = 2, .dim = {1, a.dim[0]}};
  if (column)
    b = (cimc_shape){.rank = 2, .dim = {b.dim[0], 1}};
  const cimc_builder *builder = &call->builder;
  MlirValue lhs = cimc_builder_reshape(builder, how->lhs, &a);
  MlirValue rhs = cimc_builder_reshape(builder, how->rhs, &b), result;
  if (mlirValueIsNull(lhs) || mlirValueIsNull(rhs))
    return mlirLogicalResultFailure();
  CIMC_TRY(product(call, lhs, rhs, how->element, &result));
  cimc_shape made = cimc_builder_shape(result), shape = {.rank = 0};
  for (int i = 0; i < made.rank; i++)
    if (!(row && i == made.rank - 2) && !(column && i == made.rank - 1))
      shape.dim[shape.rank++] = made.dim[i];
  cimc_shape held = shape;
  if (held.rank == 0)
    held = (cimc_shape){.rank = 1, .dim = {1}};
  *out = cimc_builder_reshape(builder, result, &held);
  *out_shape = shape;
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_linear_matmul(cimc_call *call) {
  MlirValue lhs, rhs, result;
  cimc_shape shape;
  CIMC_TRY(cimc_call_f32(call, 0, &lhs));
  CIMC_TRY(cimc_call_f32(call, 1, &rhs));
  cimc_ops_product product = {.lhs = lhs,
                              .rhs = rhs,
                              .lhs_shape = cimc_call_shape(call, 0),
                              .rhs_shape = cimc_call_shape(call, 1)};
  CIMC_TRY(cimc_ops_linear_product(call, &product, &result, &shape));
  return cimc_call_define_shape(call, result, CIMC_ELEM_FLOAT, &shape);
}
