// SPDX-License-Identifier: Apache-2.0
//
// Constants as plain arrays, and the ops over them.
#include "passes/model/literal.h"

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
// Steps `index` to the next position of `shape` in C order.
static void advance(const cimc_shape *shape, int64_t *index) {
  for (int i = shape->rank - 1; i >= 0; i--) {
    if (++index[i] < shape->dim[i])
      return;
    index[i] = 0;
  }
}

// Elements from one dimension's neighbour to the next, in C order.
static void strides_of(const cimc_shape *shape, int64_t *out) {
  int64_t stride = 1;
  for (int i = shape->rank - 1; i >= 0; i--) {
    out[i] = stride;
    stride *= shape->dim[i];
  }
}

static bool permute(MlirOperation op, const cimc_literal *x,
                    cimc_literal *out) {
  cimc_perm perm;
  int64_t strides[CIMC_RANK_MAX] = {0}, index[CIMC_RANK_MAX] = {0};
  if (!cimc_edit_perm(op, &perm))
    return false;
  strides_of(&x->shape, strides);
  for (size_t n = 0; n < out->count; n++, advance(&out->shape, index)) {
    int64_t from = 0;
    for (int i = 0; i < perm.rank; i++)
      from += index[i] * strides[perm.at[i]];
    memcpy((char *)out->data + n * x->item_bytes,
           (const char *)x->data + (size_t)from * x->item_bytes, x->item_bytes);
  }
  return true;
}

static bool copy(MlirOperation op, const cimc_literal *x, cimc_literal *out) {
  (void)op;
  memcpy(out->data, x->data, out->count * out->item_bytes);
  return out->count * out->item_bytes == x->count * x->item_bytes;
}

static bool pad(MlirOperation op, const cimc_literal *x, cimc_literal *out) {
  int64_t low[CIMC_RANK_MAX], strides[CIMC_RANK_MAX] = {0};
  int64_t index[CIMC_RANK_MAX] = {0};
  float value = 0;
  if (!cimc_ir_get_i64s(op, "low", out->shape.rank, low) ||
      !cimc_ir_get_f32(op, "value", &value) ||
      (x->element.quantized && x->element.axis >= 0) ||
      (!x->element.quantized && x->element.storage != CIMC_STORAGE_F32))
    return false;
  strides_of(&x->shape, strides);
  for (size_t n = 0; n < out->count; n++, advance(&out->shape, index)) {
    int64_t from = 0;
    bool inside = true;
    for (int i = 0; i < out->shape.rank; i++) {
      int64_t at = index[i] - low[i];
      inside = inside && at >= 0 && at < x->shape.dim[i];
      from += at * strides[i];
    }
    char *to = (char *)out->data + n * x->item_bytes;
    if (inside)
      memcpy(to, (const char *)x->data + (size_t)from * x->item_bytes,
             x->item_bytes);
    else if (x->element.quantized)
      cimc_literal_quantize(out, n, value);
    else
      memcpy(to, &value, sizeof value);
  }
  return true;
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

static float bound(float value, cimc_bounds bounds) {
  value = value > bounds.low ? value : bounds.low;
  return value < bounds.high ? value : bounds.high;
}

static bool activate(MlirOperation op, const cimc_literal *x,
                     cimc_literal *out) {
  if (!cimc_edit_is_f32(x->type))
    return false;
  cimc_bounds bounds = cimc_qgemm_bounds(op);
  for (size_t n = 0; n < out->count; n++)
    ((float *)out->data)[n] = bound(((const float *)x->data)[n], bounds);
  return true;
}

static float combine(cimc_qgemm_kind kind, float a, float b) {
  if (kind == CIMC_QGEMM_ADD)
    return a + b;
  return kind == CIMC_QGEMM_SUB ? a - b : a * b;
}

// The strides with which an operand is read along the result's dimensions.
static void broadcast_strides(const cimc_shape *from, const cimc_shape *to,
                              int64_t *out) {
  int64_t own[CIMC_RANK_MAX] = {0};
  strides_of(from, own);
  int missing = to->rank - from->rank;
  for (int i = 0; i < to->rank; i++)
    out[i] = i < missing || from->dim[i - missing] == 1 ? 0 : own[i - missing];
}

static void binary(MlirOperation op, const cimc_literal *a,
                   const cimc_literal *b, cimc_literal *out) {
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  cimc_bounds bounds = cimc_qgemm_bounds(op);
  int64_t step_a[CIMC_RANK_MAX], step_b[CIMC_RANK_MAX];
  int64_t index[CIMC_RANK_MAX] = {0};
  broadcast_strides(&a->shape, &out->shape, step_a);
  broadcast_strides(&b->shape, &out->shape, step_b);
  for (size_t n = 0; n < out->count; n++, advance(&out->shape, index)) {
    int64_t at_a = 0, at_b = 0;
    for (int i = 0; i < out->shape.rank; i++) {
      at_a += index[i] * step_a[i];
      at_b += index[i] * step_b[i];
    }
    float value = combine(kind, ((const float *)a->data)[at_a],
                          ((const float *)b->data)[at_b]);
    ((float *)out->data)[n] = bound(value, bounds);
  }
}

static bool evaluate_binary(MlirOperation op, cimc_literal *out) {
  cimc_literal a, b;
  if (!cimc_edit_is_f32(cimc_edit_type(op)) ||
      !cimc_literal_read(cimc_edit_operand(op, 0), &a))
    return false;
  bool done = cimc_literal_read(cimc_edit_operand(op, 1), &b);
  if (done) {
    done = cimc_edit_is_f32(a.type) && cimc_edit_is_f32(b.type) &&
           cimc_literal_create(cimc_edit_type(op), out);
    if (done)
      binary(op, &a, &b, out);
    cimc_literal_destroy(&b);
  }
  cimc_literal_destroy(&a);
  return done;
}

typedef bool (*unary_function)(MlirOperation op, const cimc_literal *x,
                               cimc_literal *out);

static const unary_function unary_functions[CIMC_QGEMM_KIND_COUNT] = {
    [CIMC_QGEMM_TRANSPOSE] = permute, [CIMC_QGEMM_RESHAPE] = copy,
    [CIMC_QGEMM_STORAGE_CAST] = copy, [CIMC_QGEMM_PAD] = pad,
    [CIMC_QGEMM_QUANTIZE] = quantize, [CIMC_QGEMM_DEQUANTIZE] = dequantize,
    [CIMC_QGEMM_RELU] = activate,     [CIMC_QGEMM_CLAMP] = activate,
};

bool cimc_literal_evaluate(MlirOperation op, cimc_literal *out) {
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  *out = (cimc_literal){.data = NULL};
  if (kind == CIMC_QGEMM_ADD || kind == CIMC_QGEMM_SUB ||
      kind == CIMC_QGEMM_MUL)
    return evaluate_binary(op, out);
  unary_function function = unary_functions[kind];
  cimc_literal x;
  if (!function || !cimc_literal_read(cimc_edit_operand(op, 0), &x))
    return false;
  bool done =
      cimc_literal_create(cimc_edit_type(op), out) && function(op, &x, out);
  if (!done)
    cimc_literal_destroy(out);
  cimc_literal_destroy(&x);
  return done;
}
