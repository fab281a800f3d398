// SPDX-License-Identifier: Apache-2.0
//
// concat and slice: copies, or nothing at all where the memory plan has put the
// part into the whole.
#include "passes/base/geometry.h"
#include "passes/lower/kernels.h"
#include "passes/lower/move/move.h"

static cimc_shape shape_of(MlirValue value) {
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(mlirValueGetType(value), &shape);
  return shape;
}

MlirLogicalResult cimc_concat_lower(cimc_lower *state, MlirOperation op) {
  MlirValue result = mlirOperationGetResult(op, 0);
  MlirType type = mlirValueGetType(result);
  cimc_shape whole = shape_of(result);
  int64_t strides[CIMC_RANK_MAX], axis = 0, offset = 0;
  cimc_ir_get_i64(op, "axis", &axis);
  cimc_move_strides(&whole, strides);
  bool runs = cimc_geometry_concat_is_runs(op);
  MlirValue to = cimc_lower_value(state, result);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    cimc_shape part = shape_of(operand);
    MlirValue from = cimc_lower_value(state, operand);
    if (mlirValueIsNull(from) || mlirValueIsNull(to))
      return mlirLogicalResultFailure();
    cimc_move move = cimc_move_over(&part, type);
    for (int d = 0; d < part.rank; d++)
      move.to[d] = strides[d];
    if (!(runs && cimc_lower_lies_in(operand, result, offset)))
      cimc_move_lower(
          state, op, move, from,
          cimc_build_offset_by(cimc_lower_entry(state), to, offset));
    offset += part.dim[axis] * strides[axis] * move.element_bytes;
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_concat_lower_slice(cimc_lower *state, MlirOperation op) {
  MlirValue operand = mlirOperationGetOperand(op, 0);
  MlirValue result = mlirOperationGetResult(op, 0);
  cimc_shape whole = shape_of(operand), part = shape_of(result);
  int64_t starts[CIMC_RANK_MAX], steps[CIMC_RANK_MAX], strides[CIMC_RANK_MAX];
  if (!cimc_ir_get_i64s(op, "starts", whole.rank, starts) ||
      !cimc_ir_get_i64s(op, "steps", whole.rank, steps))
    return cimc_error(mlirOperationGetLocation(op),
                      "'starts' or 'steps' does not fit the operand; expected "
                      "one entry a dimension");
  cimc_move move = cimc_move_over(&part, mlirValueGetType(result));
  cimc_move_strides(&whole, strides);
  int64_t first = 0, offset;
  for (int i = 0; i < whole.rank; i++) {
    first += starts[i] * strides[i];
    move.from[i] = steps[i] * strides[i];
  }
  MlirValue from = cimc_lower_value(state, operand);
  MlirValue to = cimc_lower_value(state, result);
  if (mlirValueIsNull(from) || mlirValueIsNull(to))
    return mlirLogicalResultFailure();
  if (cimc_geometry_slice_is_run(op, &offset) &&
      cimc_lower_lies_in(result, operand, offset))
    return mlirLogicalResultSuccess();
  from = cimc_build_offset_by(cimc_lower_entry(state), from,
                              first * move.element_bytes);
  cimc_move_lower(state, op, move, from, to);
  return mlirLogicalResultSuccess();
}
