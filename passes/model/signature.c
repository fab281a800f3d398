// SPDX-License-Identifier: Apache-2.0
//
// A func.func's type, kept in step with its arguments and its return.
#include "passes/model/signature.h"

#include "dialect/qgemm.h"

#include <stdlib.h>

static MlirOperation return_of(MlirBlock body) {
  MlirOperation last = mlirBlockGetTerminator(body);
  if (cimc_ir_op_is(last, "func.return"))
    return last;
  return (MlirOperation){NULL};
}

void cimc_signature_update(MlirOperation function) {
  MlirContext context = mlirOperationGetContext(function);
  MlirBlock body = cimc_ir_function_body(function);
  MlirOperation last = return_of(body);
  if (mlirOperationIsNull(last))
    return;
  intptr_t inputs = mlirBlockGetNumArguments(body);
  intptr_t results = mlirOperationGetNumOperands(last);
  MlirType *types = calloc((size_t)(inputs + results) + 1, sizeof *types);
  if (!types)
    return;
  for (intptr_t i = 0; i < inputs; i++)
    types[i] = mlirValueGetType(mlirBlockGetArgument(body, i));
  for (intptr_t i = 0; i < results; i++)
    types[inputs + i] = mlirValueGetType(mlirOperationGetOperand(last, i));
  mlirOperationSetAttributeByName(
      function, cimc_ir_str("function_type"),
      mlirTypeAttrGet(mlirFunctionTypeGet(context, inputs, types, results,
                                          types + inputs)));
  free(types);
}

// The type all uses cast the argument to; null when there is no such type.
static MlirType common_cast(MlirValue argument) {
  MlirType type = {NULL};
  for (MlirOpOperand use = mlirValueGetFirstUse(argument);
       !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    if (cimc_qgemm_kind_of(user) != CIMC_QGEMM_STORAGE_CAST)
      return (MlirType){NULL};
    MlirType to = mlirValueGetType(mlirOperationGetResult(user, 0));
    if (!cimc_qgemm_element(to).quantized ||
        (!mlirTypeIsNull(type) && !mlirTypeEqual(type, to)))
      return (MlirType){NULL};
    type = to;
  }
  return type;
}

// A cast of `value` to the type it already has; a null op when there is none.
static MlirOperation find_idle_cast(MlirValue value) {
  for (MlirOpOperand use = mlirValueGetFirstUse(value);
       !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    if (cimc_qgemm_kind_of(user) == CIMC_QGEMM_STORAGE_CAST &&
        mlirTypeEqual(mlirValueGetType(mlirOperationGetResult(user, 0)),
                      mlirValueGetType(value)))
      return user;
  }
  return (MlirOperation){NULL};
}

static void absorb_argument(MlirValue argument) {
  MlirType type = common_cast(argument);
  if (mlirTypeIsNull(type))
    return;
  mlirBlockArgumentSetType(argument, type);
  for (MlirOperation cast = find_idle_cast(argument);
       !mlirOperationIsNull(cast); cast = find_idle_cast(argument)) {
    mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(cast, 0), argument);
    mlirOperationDestroy(cast);
  }
}

static void absorb_result(MlirOperation last, intptr_t index) {
  MlirOperation cast =
      cimc_ir_defining_op(mlirOperationGetOperand(last, index));
  if (cimc_qgemm_kind_of(cast) != CIMC_QGEMM_STORAGE_CAST)
    return;
  MlirValue from = mlirOperationGetOperand(cast, 0);
  if (!cimc_qgemm_element(mlirValueGetType(from)).quantized)
    return;
  mlirOperationSetOperand(last, index, from);
  if (cimc_ir_has_no_uses(mlirOperationGetResult(cast, 0)))
    mlirOperationDestroy(cast);
}

void cimc_signature_absorb_casts(MlirOperation function) {
  MlirBlock body = cimc_ir_function_body(function);
  if (mlirBlockIsNull(body) || mlirOperationIsNull(return_of(body)))
    return;
  MlirOperation last = return_of(body);
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(body); i++)
    absorb_argument(mlirBlockGetArgument(body, i));
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(last); i++)
    absorb_result(last, i);
  cimc_signature_update(function);
}
