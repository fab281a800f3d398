// SPDX-License-Identifier: Apache-2.0
//
// Ops that move elements and compute nothing: splat, transpose, pad.
// (reduce_mean, which reads like them, is in reduce.c.)
#include "passes/lower/kernels.h"
#include "passes/lower/nest.h"
#include "passes/lower/reduce.h"
#include "passes/lower/table.h"

#include <math.h>
#include <string.h>

static cimc_shape shape_of(MlirValue value) {
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(mlirValueGetType(value), &shape);
  return shape;
}

static MlirValue copy_body(cimc_build *b, const MlirValue *element,
                           void *user) {
  (void)b;
  (void)user;
  return element[0];
}

// Elements are moved by their width; one kernel serves all types of a width.
static cimc_storage of_width(cimc_storage storage) {
  switch (cimc_storage_bytes(storage)) {
  case 1:
    return CIMC_STORAGE_I8;
  case 2:
    return CIMC_STORAGE_I16;
  case 8:
    return CIMC_STORAGE_I64;
  default:
    return CIMC_STORAGE_I32;
  }
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
static bool transpose_nest(MlirOperation op, cimc_nest *out) {
  cimc_shape from = shape_of(mlirOperationGetOperand(op, 0));
  cimc_shape to = shape_of(mlirOperationGetResult(op, 0));
  cimc_storage storage = of_width(
      cimc_qgemm_element(mlirValueGetType(mlirOperationGetResult(op, 0)))
          .storage);
  int64_t perm[CIMC_RANK_MAX];
  if (from.rank != to.rank || !cimc_ir_get_i64s(op, "perm", to.rank, perm))
    return false;
  *out = cimc_nest_over(&to);
  out->raw = true;
  cimc_nest natural = cimc_nest_over(&from);
  cimc_nest_broadcast(&natural, storage, &from);
  cimc_nest_broadcast(out, storage, &to); // operand 0: strides set below
  cimc_nest_broadcast(out, storage, &to);
  for (int i = 0; i < to.rank; i++)
    out->operand[0].stride[i] = natural.operand[0].stride[perm[i]];
  cimc_nest_simplify(out);
  return true;
}

static MlirLogicalResult lower_transpose(cimc_lower *state, MlirOperation op) {
  CIMC_TRY(check(op));
  cimc_nest nest;
  MlirValue arguments[] = {
      cimc_lower_value(state, mlirOperationGetOperand(op, 0)),
      cimc_lower_value(state, mlirOperationGetResult(op, 0))};
  if (mlirValueIsNull(arguments[0]) || mlirValueIsNull(arguments[1]))
    return mlirLogicalResultFailure();
  if (!transpose_nest(op, &nest))
    return cimc_error(mlirOperationGetLocation(op),
                      "'perm' does not fit the operand; expected one entry a "
                      "dimension");
  char key[CIMC_KERNEL_KEY_MAX] = "transpose";
  cimc_nest_key(&nest, key, sizeof(key));
  for (int i = 0; i < nest.rank; i++)
    cimc_key_append(key, sizeof(key), "_%lld",
                    (long long)nest.operand[0].stride[i]);
  cimc_kernel kernel = {
      .key = key, .count = 2, .arguments = arguments, .noalias = true};
  cimc_build b;
  if (cimc_lower_kernel(state, op, &kernel, &b)) {
    MlirValue pointers[] = {cimc_build_argument(&b, 0),
                            cimc_build_argument(&b, 1)};
    cimc_nest_emit(&b, &nest, pointers, copy_body, NULL);
    cimc_build_return(&b, (MlirValue){NULL});
  }
  return mlirLogicalResultSuccess();
}

// -- pad ---------------------------------------------------------------------
// Fills the result, then copies what stays of the operand: negative padding
// cuts off.
typedef struct pad {
  cimc_storage storage;
  cimc_shape from, to;
  int64_t low[CIMC_RANK_MAX], high[CIMC_RANK_MAX];
  MlirValue value; // in the kernel
} pad;

static MlirValue fill_body(cimc_build *b, const MlirValue *element,
                           void *user) {
  const pad *p = user;
  bool vector = mlirTypeIsAVector(mlirValueGetType(element[0]));
  return cimc_sweep_splat(b, p->value,
                          vector ? cimc_build_count(element[0]) : 0);
}

// The copy's nest; *out_from and *out_to are the first element on both sides.
// False when nothing stays.
static bool copy_nest(const pad *p, cimc_nest *out, int64_t *out_from,
                      int64_t *out_to) {
  *out = (cimc_nest){.rank = p->from.rank, .operand_count = 2, .raw = true};
  out->operand[0].storage = out->operand[1].storage = p->storage;
  *out_from = *out_to = 0;
  int64_t from_stride = 1, to_stride = 1;
  for (int i = p->from.rank - 1; i >= 0; i--) {
    int64_t skip = p->low[i] < 0 ? -p->low[i] : 0;
    int64_t at = p->low[i] > 0 ? p->low[i] : 0;
    int64_t stays = p->from.dim[i] - skip;
    if (stays > p->to.dim[i] - at)
      stays = p->to.dim[i] - at;
    if (stays <= 0)
      return false;
    out->dim[i] = stays;
    out->operand[0].stride[i] = from_stride;
    out->operand[1].stride[i] = to_stride;
    *out_from += skip * from_stride;
    *out_to += at * to_stride;
    from_stride *= p->from.dim[i];
    to_stride *= p->to.dim[i];
  }
  cimc_nest_simplify(out);
  return true;
}

static void emit_pad(cimc_build *b, pad *p) {
  MlirValue from = cimc_build_argument(b, 0), to = cimc_build_argument(b, 1);
  p->value = cimc_build_argument(b, 2);
  cimc_shape flat = {1, {cimc_ir_element_count(&p->to)}};
  cimc_nest nest = cimc_nest_over(&flat);
  cimc_nest_broadcast(&nest, p->storage, &flat);
  nest.raw = true;
  cimc_nest_emit(b, &nest, &to, fill_body, p);
  int64_t from_first, to_first, bytes = cimc_storage_bytes(p->storage);
  if (copy_nest(p, &nest, &from_first, &to_first)) {
    MlirValue pointers[] = {cimc_build_offset_by(b, from, from_first * bytes),
                            cimc_build_offset_by(b, to, to_first * bytes)};
    cimc_nest_emit(b, &nest, pointers, copy_body, NULL);
  }
  cimc_build_return(b, (MlirValue){NULL});
}

// The bits of the padding's value as a signed integer of the storage's width.
static int64_t value_bits(MlirOperation op, MlirType type) {
  float value = 0.0f;
  cimc_ir_get_f32(op, "value", &value);
  cimc_element element = cimc_qgemm_element(type);
  if (element.quantized) {
    cimc_bounds all = {-INFINITY, INFINITY};
    int32_t q = cimc_table_quantize(type, all, value);
    int width = cimc_storage_bytes(element.storage);
    return width == 1 ? (int8_t)q : width == 2 ? (int16_t)q : q;
  }
  if (element.storage != CIMC_STORAGE_F32)
    return (int64_t)value;
  int32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

static void append_pad_key(const pad *p, char *key, size_t size) {
  for (int i = 0; i < p->from.rank; i++)
    cimc_key_append(key, size, "_%lld", (long long)p->from.dim[i]);
  const int64_t *lists[] = {p->low, p->high};
  for (int k = 0; k < 2; k++)
    for (int i = 0; i < p->from.rank; i++) {
      int64_t by = lists[k][i];
      cimc_key_append(key, size, by < 0 ? "_m%lld" : "_%lld",
                      (long long)(by < 0 ? -by : by));
    }
  cimc_key_append(key, size, "_%s", cimc_key_storage(p->storage));
}

static MlirLogicalResult lower_pad(cimc_lower *state, MlirOperation op) {
  CIMC_TRY(check(op));
  MlirLocation location = mlirOperationGetLocation(op);
  MlirValue operand = mlirOperationGetOperand(op, 0);
  MlirValue result = mlirOperationGetResult(op, 0);
  MlirType type = mlirValueGetType(result);
  cimc_element element = cimc_qgemm_element(type);
  pad p = {.storage = of_width(element.storage),
           .from = shape_of(operand),
           .to = shape_of(result)};
  if (element.axis >= 0)
    return cimc_error(location, "no kernel pads a type quantized per axis; "
                                "expected one scale");
  if (!cimc_ir_get_i64s(op, "low", p.from.rank, p.low) ||
      !cimc_ir_get_i64s(op, "high", p.from.rank, p.high))
    return cimc_error(location, "'low' or 'high' does not fit the operand; "
                                "expected one entry a dimension");
  char key[CIMC_KERNEL_KEY_MAX] = "pad";
  append_pad_key(&p, key, sizeof(key));
  cimc_build *entry = cimc_lower_entry(state);
  MlirValue arguments[] = {
      cimc_lower_value(state, operand), cimc_lower_value(state, result),
      cimc_build_int(entry, cimc_build_storage_type(entry, p.storage),
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
  case CIMC_QGEMM_PAD:
    return lower_pad(state, op);
  default:
    return cimc_reduce_lower(state, op);
  }
}
