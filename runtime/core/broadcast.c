// SPDX-License-Identifier: Apache-2.0
//
// Broadcasting views, and addition and multiplication over them: a row, the
// last dimension, at a time.
#include "runtime/core/broadcast.h"

#include "runtime/core/half.h"

#include <string.h>

// Extent of dimension d, counted from the last one; missing ones are 1.
static int64_t extent_at(const cimrt_tensor *tensor, uint32_t from_last) {
  return from_last < tensor->rank ? tensor->shape[tensor->rank - 1 - from_last]
                                  : 1;
}

cimrt_status cimrt_broadcast_shape(const cimrt_tensor *a, const cimrt_tensor *b,
                                   int64_t *shape, uint32_t *rank) {
  if (!cimrt_tensor_is_valid(a) || !cimrt_tensor_is_valid(b) || shape == NULL ||
      rank == NULL)
    return CIMRT_INVALID_ARGUMENT;
  uint32_t count = a->rank > b->rank ? a->rank : b->rank;
  int64_t result[CIMRT_TENSOR_RANK_MAX];
  for (uint32_t d = 0; d < count; ++d) {
    int64_t left = extent_at(a, d), right = extent_at(b, d);
    if (left != right && left != 1 && right != 1)
      return CIMRT_INVALID_ARGUMENT;
    result[count - 1 - d] = left == 1 ? right : left;
  }
  memcpy(shape, result, count * sizeof *shape);
  *rank = count;
  return CIMRT_OK;
}

cimrt_status cimrt_broadcast_to(const cimrt_tensor *tensor,
                                const int64_t *shape, uint32_t rank,
                                cimrt_tensor *out) {
  if (!cimrt_tensor_is_valid(tensor) || out == NULL ||
      rank > CIMRT_TENSOR_RANK_MAX || rank < tensor->rank ||
      (shape == NULL && rank != 0))
    return CIMRT_INVALID_ARGUMENT;
  cimrt_tensor view = {
      .data = tensor->data, .dtype = tensor->dtype, .rank = rank};
  uint32_t added = rank - tensor->rank;
  for (uint32_t d = 0; d < rank; ++d) {
    int64_t extent = d < added ? 1 : tensor->shape[d - added];
    if (shape[d] < 0 || (extent != shape[d] && extent != 1))
      return CIMRT_INVALID_ARGUMENT;
    view.shape[d] = shape[d];
    if (extent == shape[d] && d >= added)
      view.strides[d] = tensor->strides[d - added];
  }
  *out = view;
  return CIMRT_OK;
}

// -- Rows --------------------------------------------------------------------

// `count` elements, each operand with its own stride in bytes.
typedef struct row {
  const char *a;
  const char *b;
  char *out;
  int64_t a_stride;
  int64_t b_stride;
  int64_t out_stride;
  int64_t count;
} row;

typedef void (*row_fn)(row at);

// A row of `type` computed in `wide`. Elements are copied, since a view may
// stand on memory of any alignment. Integers are taken as unsigned: their low
// bits are the same, and overflow is defined.
#define ROW(name, type, wide, widen, narrow, op)                               \
  static void name(row at) {                                                   \
    for (int64_t i = 0; i < at.count; ++i) {                                   \
      type a, b;                                                               \
      memcpy(&a, at.a + i * at.a_stride, sizeof a);                            \
      memcpy(&b, at.b + i * at.b_stride, sizeof b);                            \
      wide result = widen(a) op widen(b);                                      \
      a = narrow(result);                                                      \
      memcpy(at.out + i * at.out_stride, &a, sizeof a);                        \
    }                                                                          \
  }

ROW(add_8, uint8_t, uint32_t, (uint32_t), (uint8_t), +)
ROW(add_16, uint16_t, uint32_t, (uint32_t), (uint16_t), +)
ROW(add_32, uint32_t, uint32_t, (uint32_t), (uint32_t), +)
ROW(add_64, uint64_t, uint64_t, (uint64_t), (uint64_t), +)
ROW(add_f16, uint16_t, float, cimrt_half_to_f32, cimrt_half_from_f32, +)
ROW(add_f32, float, float, (float), (float), +)
ROW(add_f64, double, double, (double), (double), +)
ROW(mul_8, uint8_t, uint32_t, (uint32_t), (uint8_t), *)
ROW(mul_16, uint16_t, uint32_t, (uint32_t), (uint16_t), *)
ROW(mul_32, uint32_t, uint32_t, (uint32_t), (uint32_t), *)
ROW(mul_64, uint64_t, uint64_t, (uint64_t), (uint64_t), *)
ROW(mul_f16, uint16_t, float, cimrt_half_to_f32, cimrt_half_from_f32, *)
ROW(mul_f32, float, float, (float), (float), *)
ROW(mul_f64, double, double, (double), (double), *)

enum { ADD, MUL };

// Null where there is no arithmetic.
static const row_fn rows[][2] = {
    [CIMRT_F32] = {add_f32, mul_f32}, [CIMRT_I8] = {add_8, mul_8},
    [CIMRT_U8] = {add_8, mul_8},      [CIMRT_I16] = {add_16, mul_16},
    [CIMRT_U16] = {add_16, mul_16},   [CIMRT_I32] = {add_32, mul_32},
    [CIMRT_I64] = {add_64, mul_64},   [CIMRT_BOOL] = {NULL, NULL},
    [CIMRT_F16] = {add_f16, mul_f16}, [CIMRT_F64] = {add_f64, mul_f64},
};

// -- Whole tensors -----------------------------------------------------------

// Whether `out` can take a (+) b.
static int fits(const cimrt_tensor *a, const cimrt_tensor *b,
                const cimrt_tensor *out) {
  int64_t shape[CIMRT_TENSOR_RANK_MAX];
  uint32_t rank;
  if (!cimrt_tensor_is_valid(out) ||
      cimrt_broadcast_shape(a, b, shape, &rank) != CIMRT_OK ||
      a->dtype != b->dtype || a->dtype != out->dtype || rank != out->rank ||
      memcmp(shape, out->shape, rank * sizeof *shape) != 0)
    return 0;
  for (uint32_t d = 0; d < rank; ++d)
    if (out->strides[d] == 0 && out->shape[d] > 1)
      return 0;
  return 1;
}

static void walk(const cimrt_tensor *a, const cimrt_tensor *b,
                 const cimrt_tensor *out, row_fn run) {
  int64_t count = cimrt_tensor_count(out);
  if (count == 0)
    return;
  row at = {.a = a->data, .b = b->data, .out = out->data, .count = 1};
  uint32_t outer = 0; // dimensions before the row
  if (out->rank != 0) {
    outer = out->rank - 1;
    at.a_stride = a->strides[outer];
    at.b_stride = b->strides[outer];
    at.out_stride = out->strides[outer];
    at.count = out->shape[outer];
  }
  int64_t index[CIMRT_TENSOR_RANK_MAX] = {0};
  for (int64_t i = 0; i < count / at.count; ++i) {
    run(at);
    // An odometer: step the last of them, carry into the one before.
    for (uint32_t d = outer; d-- > 0;) {
      at.a += a->strides[d];
      at.b += b->strides[d];
      at.out += out->strides[d];
      if (++index[d] < out->shape[d])
        break;
      at.a -= a->strides[d] * out->shape[d];
      at.b -= b->strides[d] * out->shape[d];
      at.out -= out->strides[d] * out->shape[d];
      index[d] = 0;
    }
  }
}

static cimrt_status compute(const cimrt_tensor *a, const cimrt_tensor *b,
                            const cimrt_tensor *out, int op) {
  if (!fits(a, b, out) || rows[out->dtype][op] == NULL)
    return CIMRT_INVALID_ARGUMENT;
  cimrt_tensor left, right; // out's shape is theirs: these succeed
  (void)cimrt_broadcast_to(a, out->shape, out->rank, &left);
  (void)cimrt_broadcast_to(b, out->shape, out->rank, &right);
  walk(&left, &right, out, rows[out->dtype][op]);
  return CIMRT_OK;
}

cimrt_status cimrt_broadcast_add(const cimrt_tensor *a, const cimrt_tensor *b,
                                 const cimrt_tensor *out) {
  return compute(a, b, out, ADD);
}

cimrt_status cimrt_broadcast_mul(const cimrt_tensor *a, const cimrt_tensor *b,
                                 const cimrt_tensor *out) {
  return compute(a, b, out, MUL);
}
