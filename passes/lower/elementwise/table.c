// SPDX-License-Identifier: Apache-2.0
//
// Unary ops on 8-bit values by table: see table.h.
#include "passes/lower/elementwise/table.h"

#include "passes/base/function.h"
#include "passes/lower/core/epilogue.h"
#include "passes/lower/core/nest.h"

#include <math.h>
#include <string.h>

bool cimc_table_fits(MlirOperation op) {
  cimc_element in =
      cimc_qgemm_element(mlirValueGetType(mlirOperationGetOperand(op, 0)));
  cimc_element out =
      cimc_qgemm_element(mlirValueGetType(mlirOperationGetResult(op, 0)));
  return in.quantized && in.axis < 0 && cimc_storage_bytes(in.storage) == 1 &&
         out.quantized && out.axis < 0 && cimc_storage_bytes(out.storage) == 1;
}

int32_t cimc_table_quantize(MlirType quantized, cimc_bounds bounds,
                            float value) {
  cimc_element element = cimc_qgemm_element(quantized);
  cimc_clamp clamp = cimc_epilogue_clamp(quantized, bounds);
  float q = value / element.scale;
  q = q > clamp.low ? q : clamp.low;
  q = q < clamp.high ? q : clamp.high;
  return (int32_t)rintf(q) + element.zero_point;
}

// The results by the operand's byte.
static void fill(MlirOperation op, uint8_t *table) {
  MlirType from = mlirValueGetType(mlirOperationGetOperand(op, 0));
  MlirType to = mlirValueGetType(mlirOperationGetResult(op, 0));
  cimc_element in = cimc_qgemm_element(from);
  cimc_bounds bounds = cimc_qgemm_bounds(op);
  cimc_function function = cimc_function_of(op);
  for (int byte = 0; byte < 256; byte++) {
    int q = in.storage == CIMC_STORAGE_I8 && byte > 127 ? byte - 256 : byte;
    float x = (float)(q - in.zero_point) * in.scale;
    float y = cimc_function_apply(&function, x);
    table[byte] = (uint8_t)cimc_table_quantize(to, bounds, y);
  }
}

typedef struct look_up {
  MlirValue table;
} look_up;

static MlirValue body(cimc_build *b, const MlirValue *element, void *user) {
  const look_up *use = user;
  MlirValue at = cimc_build_zext(b, element[0], b->index);
  return cimc_build_load(b, b->i8, cimc_build_offset(b, use->table, at), 1);
}

MlirLogicalResult cimc_table_lower(cimc_lower *state, MlirOperation op) {
  uint8_t table[256];
  fill(op, table);
  cimc_build *entry = cimc_lower_entry(state);
  MlirValue arguments[] = {
      cimc_lower_value(state, mlirOperationGetOperand(op, 0)),
      cimc_lower_value(state, mlirOperationGetResult(op, 0)),
      cimc_lower_data(state, entry->i8, 256, table)};
  if (mlirValueIsNull(arguments[0]) || mlirValueIsNull(arguments[1]))
    return mlirLogicalResultFailure();
  cimc_shape shape;
  cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetResult(op, 0)), &shape);
  shape = (cimc_shape){1, {cimc_ir_element_count(&shape)}};
  cimc_nest nest = cimc_nest_over(&shape);
  cimc_nest_broadcast(&nest, CIMC_STORAGE_I8, &shape);
  cimc_nest_broadcast(&nest, CIMC_STORAGE_I8, &shape);
  nest.raw = true;
  nest.scalar = true;
  char key[CIMC_KERNEL_KEY_MAX] = "table";
  cimc_nest_key(&nest, key, sizeof(key));
  cimc_kernel kernel = {.key = key, .count = 3, .arguments = arguments};
  cimc_build b;
  if (cimc_lower_kernel(state, op, &kernel, &b)) {
    look_up use = {cimc_build_argument(&b, 2)};
    MlirValue pointers[] = {cimc_build_argument(&b, 0),
                            cimc_build_argument(&b, 1)};
    cimc_nest_emit(&b, &nest, pointers, body, &use);
    cimc_build_return(&b, (MlirValue){NULL});
  }
  return mlirLogicalResultSuccess();
}
