// SPDX-License-Identifier: Apache-2.0
//
// The transpose before a flatten before a product with constant weights.
//
// In: transpose -> reshape -> (ops element by element) -> matmul(constant).
// Out: the same without the transpose, the rows of the constant permuted.
#include "passes/model/flatten.h"
#include "passes/base/kinds.h"
#include "passes/model/literal.h"

#include <string.h>

#define NO_MATCH mlirLogicalResultFailure()
#define STEPS_MAX 16 // ops between the reshape and the product

// True for ops of one operand that treat all its elements alike.
static bool is_elementwise(MlirOperation op) {
  if (cimc_kinds_elementwise(cimc_qgemm_kind_of(op)) != 1)
    return false;
  MlirAttribute list =
      mlirOperationGetAttributeByName(op, cimc_ir_str("multipliers"));
  return mlirAttributeIsNull(list) || mlirDenseArrayGetNumElements(list) == 1;
}

// The reshape that `value` comes from through ops that treat all elements
// alike and have no other users.
static MlirOperation find_reshape(MlirValue value) {
  for (int step = 0; step < STEPS_MAX; step++) {
    MlirOperation op = cimc_ir_defining_op(value);
    cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
    if (!cimc_ir_has_one_use(value))
      break;
    if (kind == CIMC_QGEMM_RESHAPE)
      return op;
    if (!is_elementwise(op) ||
        cimc_qgemm_element(mlirValueGetType(value)).axis >= 0)
      break;
    value = cimc_edit_operand(op, 0);
  }
  return (MlirOperation){NULL};
}

// The first of the dimensions that together make up `rows`, with those before
// it left in place by the permutation; -1 when there is none.
static int find_flattened(const cimc_shape *shape, const cimc_perm *perm,
                          int64_t rows) {
  int64_t product = 1;
  int first = shape->rank;
  while (first > 0 && product < rows)
    product *= shape->dim[--first];
  if (product != rows)
    return -1;
  for (int i = 0; i < first; i++)
    if (perm->at[i] != i)
      return -1;
  return first;
}

// The index among the rows in the order before the transpose, for each row in
// the order after it: the rows are counted up in C order of `shape`.
typedef struct row_order {
  int first; // dimension that the rows begin with
  cimc_shape shape;
  int64_t stride[CIMC_RANK_MAX]; // of dimension i of shape, before
} row_order;

static row_order order_of(const cimc_shape *after, const cimc_perm *perm,
                          int first) {
  row_order order = {.first = first, .shape = *after};
  cimc_perm inverse = cimc_edit_perm_inverse(perm);
  int64_t stride = 1;
  for (int d = after->rank - 1; d >= first; d--) {
    order.stride[inverse.at[d]] = stride;
    stride *= after->dim[inverse.at[d]];
  }
  return order;
}

static size_t row_before(const row_order *order, size_t row) {
  size_t before = 0;
  for (int i = order->shape.rank - 1; i >= order->first; i--) {
    size_t size = (size_t)order->shape.dim[i];
    before += row % size * (size_t)order->stride[i];
    row /= size;
  }
  return before;
}

// The weights, themselves or below a dequantize, with their rows permuted.
static bool permute_rows(MlirRewriterBase rewriter, const row_order *order,
                         MlirValue *weights) {
  MlirOperation dequantize = cimc_edit_def(*weights, CIMC_QGEMM_DEQUANTIZE);
  MlirValue constant = mlirOperationIsNull(dequantize)
                           ? *weights
                           : cimc_edit_operand(dequantize, 0);
  MlirLocation location = mlirValueGetLocation(*weights);
  cimc_literal from, to;
  if (!cimc_literal_read(constant, &from))
    return false;
  bool done = from.element.axis != 0 && from.shape.rank == 2 &&
              cimc_literal_create(from.type, &to);
  if (done) {
    size_t rows = (size_t)from.shape.dim[0];
    size_t row_bytes = (size_t)from.shape.dim[1] * from.item_bytes;
    for (size_t row = 0; row < rows; row++)
      memcpy((char *)to.data + row_before(order, row) * row_bytes,
             (const char *)from.data + row * row_bytes, row_bytes);
    *weights = cimc_literal_insert(rewriter, &to, location);
    cimc_literal_destroy(&to);
  }
  cimc_literal_destroy(&from);
  if (done && !mlirOperationIsNull(dequantize))
    *weights = cimc_edit_unary(rewriter, CIMC_QGEMM_DEQUANTIZE, *weights,
                               cimc_edit_type(dequantize), location);
  return done;
}

static void set_operand(MlirRewriterBase rewriter, MlirOperation op,
                        intptr_t index, MlirValue value) {
  mlirRewriterBaseStartOpModification(rewriter, op);
  mlirOperationSetOperand(op, index, value);
  mlirRewriterBaseFinalizeOpModification(rewriter, op);
}

MlirLogicalResult cimc_flatten_rewrite(MlirOperation op,
                                       MlirRewriterBase rewriter, void *user) {
  (void)user;
  cimc_perm perm;
  cimc_shape after, flat;
  MlirValue weights = cimc_edit_operand(op, 1);
  MlirOperation reshape = find_reshape(cimc_edit_operand(op, 0));
  if (mlirOperationIsNull(reshape))
    return NO_MATCH;
  MlirValue moved = cimc_edit_operand(reshape, 0);
  MlirOperation transpose = cimc_edit_def(moved, CIMC_QGEMM_TRANSPOSE);
  if (!cimc_edit_perm(transpose, &perm) ||
      !cimc_ir_tensor_shape(mlirValueGetType(moved), &after) ||
      !cimc_ir_tensor_shape(cimc_edit_type(reshape), &flat) ||
      cimc_ir_element_count(&after) <= 0 || flat.rank < 2)
    return NO_MATCH;
  int first = find_flattened(&after, &perm, flat.dim[flat.rank - 1]);
  if (first < 0)
    return NO_MATCH;
  row_order order = order_of(&after, &perm, first);
  if (!permute_rows(rewriter, &order, &weights))
    return NO_MATCH;
  set_operand(rewriter, op, 1, weights);
  set_operand(rewriter, reshape, 0, cimc_edit_operand(transpose, 0));
  return mlirLogicalResultSuccess();
}
