// SPDX-License-Identifier: Apache-2.0
//
// Kernels of elementwise ops: see apply.h.
#include "passes/lower/core/apply.h"

void cimc_apply_begin(cimc_apply *a, cimc_lower *state, MlirOperation op) {
  *a = (cimc_apply){.op = op};
  cimc_shape shape;
  cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetResult(op, 0)), &shape);
  a->nest = cimc_nest_over(&shape);
  cimc_key_append(a->key, sizeof(a->key), "%s",
                  cimc_qgemm_name(cimc_qgemm_kind_of(op)) + sizeof("qgemm"));
  cimc_scalars_begin(&a->scalars, state);
}

void cimc_apply_operand(cimc_apply *a, MlirValue value) {
  MlirType type = mlirValueGetType(value);
  cimc_shape shape;
  cimc_ir_tensor_shape(type, &shape);
  cimc_nest_broadcast(&a->nest, cimc_qgemm_element(type).storage, &shape);
  cimc_scalars_pointer(&a->scalars, value);
}

void cimc_apply_data(cimc_apply *a, cimc_storage storage,
                     const cimc_shape *shape, MlirValue address) {
  cimc_nest_broadcast(&a->nest, storage, shape);
  cimc_scalars_address(&a->scalars, address);
}

void cimc_apply_result(cimc_apply *a) {
  cimc_apply_operand(a, mlirOperationGetResult(a->op, 0));
  cimc_nest_simplify(&a->nest);
  cimc_nest_key(&a->nest, a->key, sizeof(a->key));
}

void cimc_apply_all(cimc_apply *a, cimc_lower *state, MlirOperation op) {
  cimc_apply_begin(a, state, op);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++)
    cimc_apply_operand(a, mlirOperationGetOperand(op, i));
  cimc_apply_result(a);
}

MlirLogicalResult cimc_apply_emit(cimc_apply *a, cimc_nest_body body,
                                  void *user) {
  if (a->scalars.missing)
    return mlirLogicalResultFailure();
  cimc_kernel kernel = {.key = a->key,
                        .count = a->scalars.count,
                        .arguments = a->scalars.argument};
  cimc_build b;
  if (cimc_lower_kernel(a->scalars.state, a->op, &kernel, &b)) {
    MlirValue pointers[CIMC_NEST_OPERANDS_MAX];
    for (int i = 0; i < a->nest.operand_count; i++)
      pointers[i] = cimc_build_argument(&b, i);
    cimc_scalars_enter(&a->scalars, &b, a->nest.operand_count);
    cimc_nest_emit(&b, &a->nest, pointers, body, user);
    cimc_build_return(&b, (MlirValue){NULL});
  }
  return mlirLogicalResultSuccess();
}
