// SPDX-License-Identifier: Apache-2.0
//
// The tensor dialect: ops that make, move and reshape tensors.
#include "passes/model/raise/raise_op.h"

#include <inttypes.h>

static cimc_shape result_shape(cimc_raise *self) {
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(cimc_raise_result(self), &shape);
  return shape;
}

static MlirLogicalResult need_static(cimc_raise *self, intptr_t operands) {
  if (mlirOperationGetNumOperands(self->op) == operands)
    return mlirLogicalResultSuccess();
  return cimc_raise_refuse(self, "sizes or positions that are computed; "
                                 "expected constants");
}

// What it holds is nobody's business: zeros.
static MlirLogicalResult empty(cimc_raise *self) {
  CIMC_TRY(need_static(self, 0));
  return cimc_raise_done(self,
                         cimc_raise_splat(self, cimc_raise_result(self), 0));
}

static MlirLogicalResult splat(cimc_raise *self) {
  double value = 0;
  if (!cimc_raise_scalar_value(cimc_raise_operand(self, 0), &value))
    return cimc_raise_refuse(self, "a value that is computed; expected an "
                                   "arith.constant of at most 64 bits");
  return cimc_raise_done(
      self, cimc_raise_splat(self, cimc_raise_result(self), value));
}

static MlirLogicalResult reshape(cimc_raise *self) {
  cimc_shape shape = result_shape(self);
  cimc_shape from = cimc_raise_shape(cimc_raise_operand(self, 0));
  if (cimc_ir_element_count(&shape) != cimc_ir_element_count(&from))
    return cimc_raise_refuse(self, "another number of elements; expected the "
                                   "same");
  return cimc_raise_done(
      self, cimc_raise_reshape(self, cimc_raise_operand(self, 0), &shape));
}

static MlirLogicalResult cast(cimc_raise *self) {
  return cimc_raise_done(self, cimc_raise_operand(self, 0));
}

static MlirLogicalResult concat(cimc_raise *self) {
  return cimc_raise_concat(self, "dim");
}

// A slice may drop dimensions of size 1.
static MlirLogicalResult extract_slice(cimc_raise *self) {
  CIMC_TRY(need_static(self, 1));
  MlirValue x = cimc_raise_operand(self, 0);
  cimc_shape from = cimc_raise_shape(x), to = result_shape(self);
  cimc_shape sizes = {.rank = from.rank};
  int64_t starts[CIMC_RANK_MAX], steps[CIMC_RANK_MAX];
  CIMC_TRY(cimc_raise_list(self, "static_offsets", from.rank, starts));
  CIMC_TRY(cimc_raise_list(self, "static_sizes", from.rank, sizes.dim));
  CIMC_TRY(cimc_raise_list(self, "static_strides", from.rank, steps));
  for (int i = 0; i < from.rank; i++) {
    int64_t last = 0;
    if (sizes.dim[i] < 1 ||
        __builtin_mul_overflow(sizes.dim[i] - 1, steps[i], &last) ||
        __builtin_add_overflow(last, starts[i], &last) || starts[i] < 0 ||
        starts[i] >= from.dim[i] || last < 0 || last >= from.dim[i] ||
        steps[i] == 0)
      return cimc_raise_refuse(self, "a slice that leaves the operand; "
                                     "expected one inside it");
  }
  if (cimc_ir_element_count(&sizes) != cimc_ir_element_count(&to))
    return cimc_raise_refuse(self, "sizes that are not the result's; expected "
                                   "the same");
  x = cimc_raise_slice(self, x, starts, &sizes, steps);
  return cimc_raise_done(self, cimc_raise_reshape(self, x, &to));
}

// The number that the body yields for every position.
static bool read_padding(cimc_raise *self, double *out) {
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(self->op, 0));
  if (mlirBlockIsNull(body))
    return false;
  MlirOperation yield = mlirBlockGetTerminator(body);
  return !mlirOperationIsNull(yield) &&
         mlirOperationGetNumOperands(yield) == 1 &&
         cimc_raise_scalar_value(mlirOperationGetOperand(yield, 0), out);
}

static MlirLogicalResult pad(cimc_raise *self) {
  CIMC_TRY(need_static(self, 1));
  MlirValue x = cimc_raise_operand(self, 0);
  int rank = cimc_raise_shape(x).rank;
  cimc_raise_padding padding = {.value = 0};
  double value = 0;
  CIMC_TRY(cimc_raise_list(self, "static_low", rank, padding.low));
  CIMC_TRY(cimc_raise_list(self, "static_high", rank, padding.high));
  for (int i = 0; i < rank; i++)
    if (padding.low[i] < 0 || padding.high[i] < 0 ||
        padding.low[i] > INT32_MAX || padding.high[i] > INT32_MAX)
      return cimc_raise_refuse(self, "a negative or huge padding; expected 0 "
                                     "to 2^31");
  if (!read_padding(self, &value))
    return cimc_raise_refuse(self, "a padding that is computed; expected an "
                                   "arith.constant of at most 64 bits");
  padding.value = (float)value;
  if ((double)padding.value != value && value == value)
    return cimc_raise_refuse(self, "a padding of %.17g, which f32 cannot hold",
                             value);
  return cimc_raise_done(self, cimc_raise_pad(self, x, &padding));
}

const cimc_raise_row cimc_raise_rows_tensor[] = {
    {.name = "tensor.cast", .raise = cast},
    {.name = "tensor.collapse_shape", .raise = reshape},
    {.name = "tensor.concat", .raise = concat},
    {.name = "tensor.empty", .raise = empty},
    {.name = "tensor.expand_shape", .raise = reshape},
    {.name = "tensor.extract_slice", .raise = extract_slice},
    {.name = "tensor.pad", .raise = pad},
    {.name = "tensor.reshape", .raise = reshape},
    {.name = "tensor.splat", .raise = splat},
    {.name = NULL},
};
