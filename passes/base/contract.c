// SPDX-License-Identifier: Apache-2.0
//
// What a module must keep to at the end of each stage.
#include "passes/base/contract.h"

#include "dialect/qgemm.h"

typedef struct contract_walk {
  MlirLogicalResult result;
  int left; // errors still to be reported
} contract_walk;

#define ERRORS_MAX 10

static MlirWalkResult note_result(contract_walk *self,
                                  MlirLogicalResult result) {
  if (mlirLogicalResultIsSuccess(result))
    return MlirWalkResultAdvance;
  self->result = result;
  return --self->left > 0 ? MlirWalkResultAdvance : MlirWalkResultInterrupt;
}

static MlirLogicalResult walk(MlirOperation module,
                              MlirOperationWalkCallback visit) {
  contract_walk self = {mlirLogicalResultSuccess(), ERRORS_MAX};
  mlirOperationWalk(module, visit, &self, MlirWalkPreOrder);
  return self.result;
}

// -- Model -------------------------------------------------------------------
static bool is_static(MlirType type) {
  cimc_shape shape;
  if (!mlirTypeIsAShaped(type))
    return true;
  return cimc_ir_tensor_shape(type, &shape) &&
         cimc_ir_element_count(&shape) >= 0;
}

static MlirLogicalResult check_static(MlirType type, MlirLocation location) {
  if (is_static(type))
    return mlirLogicalResultSuccess();
  cimc_error(location, "a tensor without a static shape; expected all "
                       "dimensions known before the model is mapped");
  cimc_note(location, "run infer_shapes before");
  return mlirLogicalResultFailure();
}

static MlirLogicalResult check_arguments(MlirOperation function) {
  MlirBlock body = cimc_ir_function_body(function);
  if (mlirBlockIsNull(body))
    return mlirLogicalResultSuccess();
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(body); i++)
    CIMC_TRY(check_static(mlirValueGetType(mlirBlockGetArgument(body, i)),
                          mlirOperationGetLocation(function)));
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult check_model_op(MlirOperation op) {
  MlirLocation location = mlirOperationGetLocation(op);
  if (cimc_ir_op_is(op, "func.func"))
    return check_arguments(op);
  if (cimc_ir_op_is(op, "func.return") || cimc_ir_op_is(op, "builtin.module"))
    return mlirLogicalResultSuccess();
  if (cimc_qgemm_kind_of(op) != CIMC_QGEMM_NONE)
    return check_static(mlirValueGetType(mlirOperationGetResult(op, 0)),
                        location);
  MlirStringRef name = cimc_ir_op_name(op);
  cimc_error(location, "the op %.*s cannot be compiled; expected qgemm ops",
             (int)name.length, name.data);
  cimc_note(location, "docs/dialect.md lists them");
  return mlirLogicalResultFailure();
}

static MlirWalkResult visit_model(MlirOperation op, void *user) {
  return note_result(user, check_model_op(op));
}

MlirLogicalResult cimc_contract_check_model(MlirOperation module) {
  return walk(module, visit_model);
}

// -- Mapped ------------------------------------------------------------------
static MlirLogicalResult check_mapped_op(MlirOperation op) {
  MlirLocation location = mlirOperationGetLocation(op);
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  int64_t bytes;
  if (cimc_ir_op_is(op, "func.func") &&
      !mlirBlockIsNull(cimc_ir_function_body(op)) &&
      (!cimc_ir_get_i64(op, "qgemm.workspace_bytes", &bytes) || bytes < 0)) {
    cimc_error(location, "a function without a memory plan; expected the "
                         "attribute qgemm.workspace_bytes");
    cimc_note(location, "run plan_memory before");
    return mlirLogicalResultFailure();
  }
  if (kind == CIMC_QGEMM_NONE || kind == CIMC_QGEMM_CONSTANT ||
      cimc_qgemm_is_view(kind) || cimc_ir_has_attr(op, "qgemm.offset") ||
      cimc_ir_has_attr(op, "qgemm.output"))
    return mlirLogicalResultSuccess();
  cimc_error(location,
             "%s has no place for its result; expected qgemm.offset or "
             "qgemm.output",
             cimc_qgemm_name(kind));
  cimc_note(location, "run plan_memory again after changing a mapped module");
  return mlirLogicalResultFailure();
}

static MlirWalkResult visit_mapped(MlirOperation op, void *user) {
  return note_result(user, check_mapped_op(op));
}

MlirLogicalResult cimc_contract_check_mapped(MlirOperation module) {
  CIMC_TRY(cimc_contract_check_model(module));
  return walk(module, visit_mapped);
}

// -- Lowered -----------------------------------------------------------------
static MlirLogicalResult check_lowered_op(MlirOperation op) {
  MlirLocation location = mlirOperationGetLocation(op);
  MlirStringRef name = cimc_ir_op_name(op);
  if (cimc_qgemm_kind_of(op) != CIMC_QGEMM_NONE)
    return cimc_error(location, "%.*s is left after lowering; expected none",
                      (int)name.length, name.data);
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); i++)
    if (cimc_qgemm_element(mlirValueGetType(mlirOperationGetResult(op, i)))
            .quantized)
      return cimc_error(location,
                        "%.*s has a quantized type after lowering; expected "
                        "integers",
                        (int)name.length, name.data);
  return mlirLogicalResultSuccess();
}

static MlirWalkResult visit_lowered(MlirOperation op, void *user) {
  return note_result(user, check_lowered_op(op));
}

MlirLogicalResult cimc_contract_check_lowered(MlirOperation module) {
  return walk(module, visit_lowered);
}
