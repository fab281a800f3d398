// SPDX-License-Identifier: Apache-2.0
//
// The elementwise ops of one operand on f32 or quantized values. Those of two
// are in binary.c, those on plain integers in integer.c; 8-bit to 8-bit is a
// table (table.c).
#include "passes/lower/core/apply.h"
#include "passes/lower/core/epilogue.h"
#include "passes/lower/core/formula.h"
#include "passes/lower/elementwise/binary.h"
#include "passes/lower/elementwise/table.h"
#include "passes/lower/kernels.h"

#include <stdlib.h>

// What one kernel computes: load, to real, the op, bounds, to storage.
typedef struct unary {
  MlirOperation op;
  cimc_qgemm_kind kind;
  cimc_element in;
  cimc_element out;
  cimc_function function;
  cimc_apply apply;
} unary;

static MlirValue body(cimc_build *b, const MlirValue *element, void *user) {
  unary *u = user;
  cimc_scalars *s = &u->apply.scalars;
  cimc_scalars_rewind(s);
  MlirValue x = cimc_scalars_to_real(b, s, &u->in, element[0]);
  x = cimc_formula_unary(b, s, &u->function, x);
  return cimc_scalars_from_real(b, s, &u->out, x);
}

static MlirLogicalResult lower_unary(cimc_lower *state, unary *u) {
  cimc_apply *a = &u->apply;
  u->function = cimc_function_of(u->op);
  cimc_apply_all(a, state, u->op);
  cimc_scalars_add_input(&a->scalars, &u->in);
  cimc_formula_add(&a->scalars, &u->function, a->key, sizeof(a->key));
  cimc_scalars_add_output(&a->scalars, u->op, a->key, sizeof(a->key));
  return cimc_apply_emit(a, body, u);
}

// -- Scales along an axis ----------------------------------------------------
// element: x, scale, zero point.
static MlirValue axis_body(cimc_build *b, const MlirValue *element,
                           void *user) {
  const unary *u = user;
  MlirValue scale = element[1], zero_point = element[2];
  if (u->kind == CIMC_QGEMM_DEQUANTIZE)
    return cimc_epilogue_dequantize(b, element[0], zero_point, scale);
  MlirType integer = mlirValueGetType(zero_point);
  MlirValue low = cimc_build_int(b, integer, cimc_storage_min(u->out.storage));
  MlirValue high = cimc_build_int(b, integer, cimc_storage_max(u->out.storage));
  low = cimc_build_to_float(b, cimc_build_sub(b, low, zero_point));
  high = cimc_build_to_float(b, cimc_build_sub(b, high, zero_point));
  MlirValue x = cimc_build_div(b, element[0], scale);
  return cimc_epilogue_quantize(b, x, low, high, zero_point);
}

// The scales (f32) or zero points (i32) of a per-axis type as data in the
// object.
static MlirValue axis_data(cimc_lower *state, MlirType type, bool scales) {
  cimc_build *entry = cimc_lower_entry(state);
  int64_t count = cimc_qgemm_element(type).scale_count;
  uint32_t *data = calloc((size_t)count, sizeof(*data));
  if (!data)
    return (MlirValue){NULL};
  for (int64_t i = 0; i < count; i++) {
    if (scales)
      ((float *)data)[i] = cimc_qgemm_scale(type, i);
    else
      ((int32_t *)data)[i] = cimc_qgemm_zero_point(type, i);
  }
  MlirValue address = cimc_lower_data(state, scales ? entry->f32 : entry->i32,
                                      (intptr_t)count, data);
  free(data);
  return address;
}

static MlirLogicalResult lower_axis(cimc_lower *state, unary *u) {
  MlirValue operand = mlirOperationGetOperand(u->op, 0);
  MlirValue result = mlirOperationGetResult(u->op, 0);
  bool to_real = u->kind == CIMC_QGEMM_DEQUANTIZE;
  MlirType quantized = mlirValueGetType(to_real ? operand : result);
  int axis = to_real ? u->in.axis : u->out.axis;
  cimc_shape shape, scales;
  cimc_ir_tensor_shape(quantized, &shape);
  scales = (cimc_shape){.rank = shape.rank - axis, .dim = {shape.dim[axis]}};
  for (int i = 1; i < scales.rank; i++)
    scales.dim[i] = 1;
  cimc_nest nest = cimc_nest_over(&shape);
  cimc_nest_broadcast(&nest, u->in.storage, &shape);
  cimc_nest_broadcast(&nest, CIMC_STORAGE_F32, &scales);
  cimc_nest_broadcast(&nest, CIMC_STORAGE_I32, &scales);
  cimc_nest_broadcast(&nest, u->out.storage, &shape);
  cimc_nest_simplify(&nest);
  char key[CIMC_KERNEL_KEY_MAX] = "axis";
  cimc_nest_key(&nest, key, sizeof(key));
  MlirValue arguments[] = {
      cimc_lower_value(state, operand), axis_data(state, quantized, true),
      axis_data(state, quantized, false), cimc_lower_value(state, result)};
  for (int i = 0; i < 4; i++)
    if (mlirValueIsNull(arguments[i]))
      return mlirLogicalResultFailure();
  cimc_kernel kernel = {
      .key = key, .count = 4, .arguments = arguments, .noalias = true};
  cimc_build b;
  if (cimc_lower_kernel(state, u->op, &kernel, &b)) {
    MlirValue pointers[4];
    for (int i = 0; i < 4; i++)
      pointers[i] = cimc_build_argument(&b, i);
    cimc_nest_emit(&b, &nest, pointers, axis_body, u);
    cimc_build_return(&b, (MlirValue){NULL});
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_elementwise_lower(cimc_lower *state, MlirOperation op) {
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  unary u = {.op = op, .kind = kind};
  u.in = cimc_qgemm_element(mlirValueGetType(mlirOperationGetOperand(op, 0)));
  u.out = cimc_qgemm_element(mlirValueGetType(mlirOperationGetResult(op, 0)));
  if (!u.out.quantized && u.out.storage != CIMC_STORAGE_F32)
    return cimc_integer_lower(state, op);
  if (cimc_function_is_binary(kind))
    return cimc_binary_lower(state, op);
  bool converts = kind == CIMC_QGEMM_QUANTIZE || kind == CIMC_QGEMM_DEQUANTIZE;
  if (!converts && cimc_table_fits(op))
    return cimc_table_lower(state, op);
  if (converts && (u.in.axis >= 0 || u.out.axis >= 0))
    return lower_axis(state, &u);
  CIMC_TRY(cimc_scalars_check(op));
  return lower_unary(state, &u);
}
