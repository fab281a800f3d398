// SPDX-License-Identifier: Apache-2.0
//
// Static shapes for all values.
//
// In: functions whose arguments may have a dynamic leading dimension (the
// batch). Out: that dimension is 1, and all values are static.
// Why 1: the emitted object has fixed sizes; the runner maps over the batch.
#include "passes/model/infer_shapes.h"
#include "passes/model/signature.h"

#include "dialect/qgemm.h"

#include <inttypes.h>

static bool is_dynamic(const cimc_shape *shape) {
  for (int i = 0; i < shape->rank; i++)
    if (shape->dim[i] < 0)
      return true;
  return false;
}

// -- Arguments ---------------------------------------------------------------
static MlirLogicalResult pin_argument(MlirValue argument, MlirLocation location,
                                      int *pinned) {
  MlirType type = mlirValueGetType(argument);
  cimc_shape shape;
  if (!mlirTypeIsAShaped(type))
    return mlirLogicalResultSuccess();
  int index = (int)mlirBlockArgumentGetArgNumber(argument);
  if (!cimc_ir_tensor_shape(type, &shape))
    return cimc_error(location,
                      "argument %d is not a tensor of known rank; expected a "
                      "ranked tensor of at most %d dimensions",
                      index, CIMC_RANK_MAX);
  for (int i = 1; i < shape.rank; i++) {
    if (shape.dim[i] >= 0)
      continue;
    cimc_error(location,
               "dimension %d of argument %d is dynamic; only the leading one, "
               "the batch, may be",
               i, index);
    cimc_note(location, "export the model with a fixed size there");
    return mlirLogicalResultFailure();
  }
  if (shape.rank == 0 || shape.dim[0] >= 0)
    return mlirLogicalResultSuccess();
  shape.dim[0] = 1;
  mlirBlockArgumentSetType(
      argument, cimc_ir_tensor_type(&shape, cimc_ir_element_type(type)));
  ++*pinned;
  return mlirLogicalResultSuccess();
}

// -- Results -----------------------------------------------------------------
// A reshape's only unknown dimension follows from the number of elements.
static MlirLogicalResult solve_reshape(MlirOperation op, cimc_shape *shape) {
  cimc_shape from, known = *shape;
  int unknown = -1;
  for (int i = 0; i < shape->rank; i++) {
    if (shape->dim[i] >= 0)
      continue;
    if (unknown >= 0)
      return cimc_error(mlirOperationGetLocation(op),
                        "reshape with two dynamic dimensions; expected at "
                        "most one");
    unknown = i;
  }
  if (unknown < 0)
    return mlirLogicalResultSuccess();
  known.dim[unknown] = 1;
  int64_t rest = cimc_ir_element_count(&known), count = -1;
  if (cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetOperand(op, 0)),
                           &from))
    count = cimc_ir_element_count(&from);
  if (count < 0 || rest <= 0 || count % rest != 0)
    return cimc_error(mlirOperationGetLocation(op),
                      "reshape of %" PRId64 " elements into a multiple of "
                      "%" PRId64 "; with the batch pinned to 1 the counts "
                      "must agree",
                      count, rest);
  shape->dim[unknown] = count / rest;
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult infer_op(MlirOperation op) {
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  cimc_shape shape, declared;
  if (kind == CIMC_QGEMM_NONE || kind == CIMC_QGEMM_CONSTANT)
    return mlirLogicalResultSuccess();
  MlirValue result = mlirOperationGetResult(op, 0);
  MlirType type = mlirValueGetType(result);
  if (!cimc_ir_tensor_shape(type, &declared))
    return cimc_error(mlirOperationGetLocation(op),
                      "%s gives no tensor of known rank; expected at most %d "
                      "dimensions",
                      cimc_qgemm_name(kind), CIMC_RANK_MAX);
  if (!is_dynamic(&declared))
    return mlirLogicalResultSuccess(); // the verifier compares
  if (kind == CIMC_QGEMM_RESHAPE) {
    shape = declared;
    CIMC_TRY(solve_reshape(op, &shape));
  } else {
    CIMC_TRY(cimc_qgemm_infer_shape(op, &shape));
  }
  mlirValueSetType(result,
                   cimc_ir_tensor_type(&shape, cimc_ir_element_type(type)));
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult infer_function(MlirOperation function) {
  MlirBlock body = cimc_ir_function_body(function);
  MlirLocation location = mlirOperationGetLocation(function);
  int pinned = 0;
  if (mlirBlockIsNull(body))
    return mlirLogicalResultSuccess();
  intptr_t count = mlirBlockGetNumArguments(body);
  for (intptr_t i = 0; i < count; i++)
    CIMC_TRY(pin_argument(mlirBlockGetArgument(body, i), location, &pinned));
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    CIMC_TRY(infer_op(op));
  cimc_signature_update(function);
  if (pinned > 0)
    cimc_note(location, "the dynamic batch is pinned to 1");
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult run(MlirOperation module,
                             const cimc_pass_values *values) {
  (void)values;
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(module, 0));
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (cimc_ir_op_is(op, "func.func"))
      CIMC_TRY(infer_function(op));
  // What agreed with anything while it was dynamic may disagree now.
  return cimc_qgemm_verify(module);
}

const cimc_pass cimc_infer_shapes_pass = {
    .name = "infer_shapes",
    .stage = "model",
    .summary = "pins a dynamic batch to 1 and makes all shapes static",
    .run = run,
};
