// SPDX-License-Identifier: Apache-2.0
//
// Ops that move elements and compute nothing: splat, transpose, pad.
#include "passes/base/function.h"
#include "passes/lower/core/nest.h"
#include "passes/lower/elementwise/table.h"
#include "passes/lower/kernels.h"
#include "passes/lower/move/move.h"

#include <math.h>
#include <string.h>

static cimc_shape shape_of(MlirValue value) {
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(mlirValueGetType(value), &shape);
  return shape;
}

static MlirLogicalResult check(MlirOperation op) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  if (cimc_qgemm_element(type).storage != CIMC_STORAGE_OTHER)
    return mlirLogicalResultSuccess();
  return cimc_error(mlirOperationGetLocation(op),
                    "no kernel for this element type; expected f32 or integers "
                    "of 8 to 64 bits");
}

// -- splat -------------------------------------------------------------------
static MlirLogicalResult lower_splat(cimc_lower *state, MlirOperation op) {
  MlirValue from = cimc_lower_value(state, mlirOperationGetOperand(op, 0));
  MlirValue to = cimc_lower_value(state, mlirOperationGetResult(op, 0));
  if (mlirValueIsNull(from) || mlirValueIsNull(to))
    return mlirLogicalResultFailure();
  cimc_build_store(cimc_lower_entry(state), from, to, 4);
  return mlirLogicalResultSuccess();
}

// -- transpose ---------------------------------------------------------------
// Walks the result in order; the operand's strides come permuted.
static MlirLogicalResult lower_transpose(cimc_lower *state, MlirOperation op) {
  CIMC_TRY(check(op));
  MlirValue operand = mlirOperationGetOperand(op, 0);
  MlirValue result = mlirOperationGetResult(op, 0);
  cimc_shape from = shape_of(operand), to = shape_of(result);
  int64_t perm[CIMC_RANK_MAX], strides[CIMC_RANK_MAX];
  if (!cimc_ir_get_i64s(op, "perm", to.rank, perm))
    return cimc_error(mlirOperationGetLocation(op),
                      "'perm' does not fit the operand; expected one entry a "
                      "dimension");
  cimc_move move = cimc_move_over(&to, mlirValueGetType(result));
  cimc_move_strides(&from, strides);
  for (int i = 0; i < to.rank; i++)
    move.from[i] = strides[perm[i]];
  MlirValue read = cimc_lower_value(state, operand);
  MlirValue write = cimc_lower_value(state, result);
  if (mlirValueIsNull(read) || mlirValueIsNull(write))
    return mlirLogicalResultFailure();
  cimc_move_lower(state, op, move, read, write);
  return mlirLogicalResultSuccess();
}

// -- pad ---------------------------------------------------------------------
// Fills the result, then copies the operand to its places.
typedef struct pad {
  int element_bytes;
  cimc_shape from, to;
  int64_t low[CIMC_RANK_MAX], high[CIMC_RANK_MAX], interior[CIMC_RANK_MAX];
  MlirValue value; // in the kernel
} pad;

static MlirValue fill_body(cimc_build *b, const MlirValue *element,
                           void *user) {
  const pad *p = user;
  bool vector = mlirTypeIsAVector(mlirValueGetType(element[0]));
  return cimc_sweep_splat(b, p->value,
                          vector ? cimc_build_count(element[0]) : 0);
}

// The copy; *out_first is the byte of the result at which it begins.
static cimc_move copy_of(const pad *p, int64_t *out_first) {
  cimc_move move = {.element_bytes = p->element_bytes, .rank = p->from.rank};
  cimc_move_strides(&p->from, move.from);
  cimc_move_strides(&p->to, move.to);
  *out_first = 0;
  for (int i = 0; i < p->from.rank; i++) {
    move.dim[i] = p->from.dim[i];
    *out_first += p->low[i] * move.to[i] * p->element_bytes;
    move.to[i] *= p->interior[i] + 1;
  }
  return move;
}

static void emit_pad(cimc_build *b, pad *p) {
  MlirValue from = cimc_build_argument(b, 0), to = cimc_build_argument(b, 1);
  p->value = cimc_build_argument(b, 2);
  cimc_shape flat = {1, {cimc_ir_element_count(&p->to)}};
  cimc_nest nest = cimc_nest_over(&flat);
  cimc_nest_broadcast(&nest, cimc_move_storage(p->element_bytes), &flat);
  nest.raw = true;
  cimc_nest_emit(b, &nest, &to, fill_body, p);
  int64_t first;
  cimc_move move = copy_of(p, &first);
  cimc_move_emit(b, move, from, cimc_build_offset_by(b, to, first));
  cimc_build_return(b, (MlirValue){NULL});
}

// The bits of the padding's value as a signed integer of the storage's width.
static int64_t value_bits(MlirOperation op, MlirType type) {
  float value = 0.0f;
  cimc_ir_get_f32(op, "value", &value);
  cimc_element element = cimc_qgemm_element(type);
  if (!element.quantized && element.storage == CIMC_STORAGE_F32) {
    int32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
  }
  int64_t q =
      element.quantized
          ? cimc_table_quantize(type, (cimc_bounds){-INFINITY, INFINITY}, value)
          : cimc_function_truncate(value, element.storage);
  int width = cimc_storage_bytes(element.storage);
  return width == 1 ? (int8_t)q : width == 2 ? (int16_t)q : q;
}

static void append_pad_key(const pad *p, char *key, size_t size) {
  const int64_t *lists[] = {p->from.dim, p->low, p->high, p->interior};
  for (int k = 0; k < 4; k++)
    for (int i = 0; i < p->from.rank; i++)
      cimc_key_append(key, size, "_%lld", (long long)lists[k][i]);
  cimc_key_append(key, size, "_%d", p->element_bytes);
}

static MlirLogicalResult lower_pad(cimc_lower *state, MlirOperation op) {
  CIMC_TRY(check(op));
  MlirLocation location = mlirOperationGetLocation(op);
  MlirValue operand = mlirOperationGetOperand(op, 0);
  MlirValue result = mlirOperationGetResult(op, 0);
  MlirType type = mlirValueGetType(result);
  cimc_element element = cimc_qgemm_element(type);
  pad p = {.element_bytes = cimc_storage_bytes(element.storage),
           .from = shape_of(operand),
           .to = shape_of(result)};
  if (element.axis >= 0)
    return cimc_error(location, "no kernel pads a type quantized per axis; "
                                "expected one scale");
  cimc_ir_get_i64s(op, "interior", p.from.rank, p.interior);
  if (!cimc_ir_get_i64s(op, "low", p.from.rank, p.low) ||
      !cimc_ir_get_i64s(op, "high", p.from.rank, p.high))
    return cimc_error(location, "'low' or 'high' does not fit the operand; "
                                "expected one entry a dimension");
  char key[CIMC_KERNEL_KEY_MAX] = "pad";
  append_pad_key(&p, key, sizeof(key));
  cimc_build *entry = cimc_lower_entry(state);
  cimc_storage moved = cimc_move_storage(p.element_bytes);
  MlirValue arguments[] = {
      cimc_lower_value(state, operand), cimc_lower_value(state, result),
      cimc_build_int(entry, cimc_build_storage_type(entry, moved),
                     value_bits(op, type))};
  if (mlirValueIsNull(arguments[0]) || mlirValueIsNull(arguments[1]))
    return mlirLogicalResultFailure();
  cimc_kernel kernel = {
      .key = key, .count = 3, .arguments = arguments, .noalias = true};
  cimc_build b;
  if (cimc_lower_kernel(state, op, &kernel, &b))
    emit_pad(&b, &p);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_layout_lower(cimc_lower *state, MlirOperation op) {
  switch (cimc_qgemm_kind_of(op)) {
  case CIMC_QGEMM_SPLAT:
    return lower_splat(state, op);
  case CIMC_QGEMM_TRANSPOSE:
    return lower_transpose(state, op);
  default:
    return lower_pad(state, op);
  }
}
