// SPDX-License-Identifier: Apache-2.0
//
// Constants as plain arrays, and the ops over them.
#include "passes/model/literal.h"

#include "passes/model/arith.h"
#include "passes/model/literal_move.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Larger constants are left alone: a splat in a text can name any size.
#define LITERAL_BYTES_MAX ((int64_t)1 << 30)

// -- Arrays ------------------------------------------------------------------
int64_t cimc_literal_bytes(MlirType type) {
  cimc_shape shape;
  int64_t bytes;
  if (!cimc_ir_tensor_shape(type, &shape))
    return -1;
  int64_t count = cimc_ir_element_count(&shape);
  int item = cimc_storage_bytes(cimc_qgemm_element(type).storage);
  if (count < 0 || __builtin_mul_overflow(count, (int64_t)item, &bytes))
    return -1;
  return bytes;
}

bool cimc_literal_create(MlirType type, cimc_literal *out) {
  *out = (cimc_literal){.type = type};
  int64_t bytes = cimc_literal_bytes(type);
  if (bytes < 0 || bytes > LITERAL_BYTES_MAX ||
      !cimc_ir_tensor_shape(type, &out->shape))
    return false;
  out->element = cimc_qgemm_element(type);
  out->item_bytes = (size_t)cimc_storage_bytes(out->element.storage);
  out->count = (size_t)cimc_ir_element_count(&out->shape);
  out->data = calloc((size_t)bytes + 1, 1);
  if (out->item_bytes > 0 && out->data)
    return true;
  cimc_literal_destroy(out);
  return false;
}

bool cimc_literal_read(MlirValue value, cimc_literal *out) {
  *out = (cimc_literal){.data = NULL};
  MlirOperation constant = cimc_edit_def(value, CIMC_QGEMM_CONSTANT);
  if (mlirOperationIsNull(constant) ||
      !cimc_literal_create(mlirValueGetType(value), out)) {
    cimc_literal_destroy(out);
    return false;
  }
  cimc_qgemm_constant_copy(constant, out->data);
  return true;
}

void cimc_literal_destroy(cimc_literal *literal) {
  free(literal->data);
  literal->data = NULL;
}

MlirValue cimc_literal_insert(MlirRewriterBase rewriter,
                              const cimc_literal *literal,
                              MlirLocation location) {
  MlirOperation op =
      cimc_qgemm_constant_create(location, literal->type, literal->data,
                                 literal->count * literal->item_bytes);
  return cimc_edit_result(mlirRewriterBaseInsert(rewriter, op));
}

int64_t cimc_literal_get(const cimc_literal *literal, size_t index) {
  switch (literal->element.storage) {
  case CIMC_STORAGE_I8:
    return ((const int8_t *)literal->data)[index];
  case CIMC_STORAGE_U8:
    return ((const uint8_t *)literal->data)[index];
  case CIMC_STORAGE_I16:
    return ((const int16_t *)literal->data)[index];
  case CIMC_STORAGE_U16:
    return ((const uint16_t *)literal->data)[index];
  case CIMC_STORAGE_I32:
    return ((const int32_t *)literal->data)[index];
  case CIMC_STORAGE_I64:
    return ((const int64_t *)literal->data)[index];
  default:
    return 0;
  }
}

void cimc_literal_set(cimc_literal *literal, size_t index, int64_t value) {
  switch (literal->element.storage) {
  case CIMC_STORAGE_I8:
    ((int8_t *)literal->data)[index] = (int8_t)value;
    break;
  case CIMC_STORAGE_U8:
    ((uint8_t *)literal->data)[index] = (uint8_t)value;
    break;
  case CIMC_STORAGE_I16:
    ((int16_t *)literal->data)[index] = (int16_t)value;
    break;
  case CIMC_STORAGE_U16:
    ((uint16_t *)literal->data)[index] = (uint16_t)value;
    break;
  case CIMC_STORAGE_I32:
    ((int32_t *)literal->data)[index] = (int32_t)value;
    break;
  case CIMC_STORAGE_I64:
    ((int64_t *)literal->data)[index] = value;
    break;
  default:
    break;
  }
}

int64_t cimc_literal_channel(const cimc_literal *literal, size_t index) {
  int axis = literal->element.axis;
  if (axis < 0)
    return 0;
  size_t inner = 1;
  for (int i = axis + 1; i < literal->shape.rank; i++)
    inner *= (size_t)literal->shape.dim[i];
  return (int64_t)(index / inner % (size_t)literal->shape.dim[axis]);
}

void cimc_literal_quantize(cimc_literal *literal, size_t index, float value) {
  int64_t channel = cimc_literal_channel(literal, index);
  // In double only so that the limits of i32 are exact too; the division and
  // the rounding are those of f32.
  double q = (double)rintf(value / cimc_qgemm_scale(literal->type, channel)) +
             (double)cimc_qgemm_zero_point(literal->type, channel);
  double low = (double)cimc_storage_min(literal->element.storage);
  double high = (double)cimc_storage_max(literal->element.storage);
  if (!(q > low)) // NaN too
    q = low;
  if (q > high)
    q = high;
  cimc_literal_set(literal, index, (int64_t)q);
}

// -- Ops ---------------------------------------------------------------------
static bool copy(MlirOperation op, const cimc_literal *x, cimc_literal *out) {
  (void)op;
  memcpy(out->data, x->data, out->count * out->item_bytes);
  return out->count * out->item_bytes == x->count * x->item_bytes;
}

static bool quantize(MlirOperation op, const cimc_literal *x,
                     cimc_literal *out) {
  (void)op;
  for (size_t n = 0; n < out->count; n++)
    cimc_literal_quantize(out, n, ((const float *)x->data)[n]);
  return true;
}

static bool dequantize(MlirOperation op, const cimc_literal *x,
                       cimc_literal *out) {
  (void)op;
  for (size_t n = 0; n < out->count; n++) {
    int64_t channel = cimc_literal_channel(x, n);
    float steps = (float)(cimc_literal_get(x, n) -
                          cimc_qgemm_zero_point(x->type, channel));
    ((float *)out->data)[n] = steps * cimc_qgemm_scale(x->type, channel);
  }
  return true;
}

typedef bool (*unary_function)(MlirOperation op, const cimc_literal *x,
                               cimc_literal *out);

static const unary_function unary_functions[CIMC_QGEMM_KIND_COUNT] = {
    [CIMC_QGEMM_TRANSPOSE] = cimc_literal_permute,
    [CIMC_QGEMM_RESHAPE] = copy,
    [CIMC_QGEMM_STORAGE_CAST] = copy,
    [CIMC_QGEMM_PAD] = cimc_literal_pad,
    [CIMC_QGEMM_SLICE] = cimc_literal_slice,
    [CIMC_QGEMM_QUANTIZE] = quantize,
    [CIMC_QGEMM_DEQUANTIZE] = dequantize,
};

bool cimc_literal_evaluate(MlirOperation op, cimc_literal *out) {
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  *out = (cimc_literal){.data = NULL};
  if (kind == CIMC_QGEMM_CONCAT)
    return cimc_literal_concat(op, out);
  if (kind == CIMC_QGEMM_GATHER)
    return cimc_literal_gather(op, out);
  unary_function function = unary_functions[kind];
  cimc_literal x;
  if (!function)
    return cimc_arith_evaluate(op, out);
  if (!cimc_literal_read(cimc_edit_operand(op, 0), &x))
    return false;
  bool done =
      cimc_literal_create(cimc_edit_type(op), out) && function(op, &x, out);
  if (!done)
    cimc_literal_destroy(out);
  cimc_literal_destroy(&x);
  return done;
}
