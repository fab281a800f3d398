// SPDX-License-Identifier: Apache-2.0
//
// qgemm's elementwise ops and reductions on tensors known while importing.
// Reals are computed in double and rounded to float32 once; whole numbers wrap
// around.
#include "cimc/import/onnx_ops/eval.h"

#include <math.h>
#include <string.h>

// Beyond that a kernel is the better place.
#define ELEMENTS_MAX (INT64_C(1) << 16)

static bool is_real(const cimc_tensor *x) { return x->elem == CIMC_ELEM_FLOAT; }

static bool is_small(const cimc_shape *shape) {
  int64_t count = cimc_ir_element_count(shape);
  return count >= 0 && count <= ELEMENTS_MAX;
}

// -- Walking -----------------------------------------------------------------
// The elements of one operand in the order of the result it broadcasts to.
typedef struct walk {
  int64_t step[CIMC_RANK_MAX]; // by dimension of the result
  int64_t at;
} walk;

static walk walk_begin(const cimc_shape *from, const cimc_shape *to) {
  walk self = {.at = 0};
  int64_t stride = 1;
  for (int i = from->rank - 1, k = to->rank - 1; i >= 0; i--, k--) {
    self.step[k] = from->dim[i] == 1 ? 0 : stride;
    stride *= from->dim[i];
  }
  return self;
}

// The next index of the shape; the walks follow.
static void advance(const cimc_shape *shape, int64_t *index, walk *walks,
                    int count) {
  for (int d = shape->rank - 1; d >= 0; d--) {
    bool carry = ++index[d] == shape->dim[d];
    for (int i = 0; i < count; i++)
      walks[i].at +=
          carry ? -walks[i].step[d] * (shape->dim[d] - 1) : walks[i].step[d];
    if (!carry)
      return;
    index[d] = 0;
  }
}

// -- Numbers -----------------------------------------------------------------
static bool unary_real(cimc_qgemm_kind kind, double x, double *out) {
  switch (kind) {
  case CIMC_QGEMM_ABS:
    *out = fabs(x);
    return true;
  case CIMC_QGEMM_NEG:
    *out = -x;
    return true;
  case CIMC_QGEMM_SIGN:
    *out = x > 0 ? 1 : x < 0 ? -1 : x;
    return true;
  case CIMC_QGEMM_EXP:
    *out = exp(x);
    return true;
  case CIMC_QGEMM_LOG:
    *out = log(x);
    return true;
  case CIMC_QGEMM_SQRT:
    *out = sqrt(x);
    return true;
  case CIMC_QGEMM_RECIPROCAL:
    *out = 1 / x;
    return true;
  case CIMC_QGEMM_FLOOR:
    *out = floor(x);
    return true;
  case CIMC_QGEMM_CEIL:
    *out = ceil(x);
    return true;
  case CIMC_QGEMM_ROUND:
    *out = rint(x);
    return true;
  case CIMC_QGEMM_SIN:
    *out = sin(x);
    return true;
  case CIMC_QGEMM_COS:
    *out = cos(x);
    return true;
  default:
    return false;
  }
}

static bool unary_whole(cimc_qgemm_kind kind, int64_t x, int64_t *out) {
  switch (kind) {
  case CIMC_QGEMM_ABS:
    *out = x < 0 ? (int64_t)-(uint64_t)x : x;
    return true;
  case CIMC_QGEMM_NEG:
    *out = (int64_t)-(uint64_t)x;
    return true;
  case CIMC_QGEMM_SIGN:
    *out = (x > 0) - (x < 0);
    return true;
  default:
    return false;
  }
}

static bool binary_real(cimc_qgemm_kind kind, double a, double b, double *out) {
  switch (kind) {
  case CIMC_QGEMM_ADD:
  case CIMC_QGEMM_REDUCE_SUM:
    *out = a + b;
    return true;
  case CIMC_QGEMM_SUB:
    *out = a - b;
    return true;
  case CIMC_QGEMM_MUL:
  case CIMC_QGEMM_REDUCE_PROD:
    *out = a * b;
    return true;
  case CIMC_QGEMM_DIV:
    *out = a / b;
    return true;
  case CIMC_QGEMM_MIN:
  case CIMC_QGEMM_REDUCE_MIN:
    *out = isnan(a) || isnan(b) ? NAN : a < b ? a : b;
    return true;
  case CIMC_QGEMM_MAX:
  case CIMC_QGEMM_REDUCE_MAX:
    *out = isnan(a) || isnan(b) ? NAN : a > b ? a : b;
    return true;
  case CIMC_QGEMM_POW:
    *out = pow(a, b);
    return true;
  default:
    return false;
  }
}

static bool divide(int64_t a, int64_t b, int64_t *out) {
  *out = b == 0 ? 0 : b == -1 ? (int64_t)-(uint64_t)a : a / b;
  return true;
}

static bool binary_whole(cimc_qgemm_kind kind, int64_t a, int64_t b,
                         int64_t *out) {
  uint64_t x = (uint64_t)a, y = (uint64_t)b;
  switch (kind) {
  case CIMC_QGEMM_ADD:
  case CIMC_QGEMM_REDUCE_SUM:
    *out = (int64_t)(x + y);
    return true;
  case CIMC_QGEMM_SUB:
    *out = (int64_t)(x - y);
    return true;
  case CIMC_QGEMM_MUL:
  case CIMC_QGEMM_REDUCE_PROD:
    *out = (int64_t)(x * y);
    return true;
  case CIMC_QGEMM_DIV:
    return divide(a, b, out);
  case CIMC_QGEMM_MIN:
  case CIMC_QGEMM_REDUCE_MIN:
    *out = a < b ? a : b;
    return true;
  case CIMC_QGEMM_MAX:
  case CIMC_QGEMM_REDUCE_MAX:
    *out = a > b ? a : b;
    return true;
  case CIMC_QGEMM_BIT_AND:
    *out = a & b;
    return true;
  case CIMC_QGEMM_BIT_OR:
    *out = a | b;
    return true;
  case CIMC_QGEMM_BIT_XOR:
    *out = a ^ b;
    return true;
  default:
    return false;
  }
}

// -- Elementwise -------------------------------------------------------------
const cimc_tensor *cimc_eval_unary(cimc_call *call, cimc_qgemm_kind kind,
                                   const cimc_tensor *x) {
  double real = 0;
  int64_t whole = 0;
  if (!is_small(&x->shape) ||
      !(is_real(x) ? unary_real(kind, 0, &real) : unary_whole(kind, 0, &whole)))
    return NULL;
  unsigned char *data;
  cimc_tensor *out =
      cimc_tensor_create(call->source, x->elem, &x->shape, &data);
  for (int64_t i = 0; out && i < x->count; i++) {
    if (is_real(x)) {
      unary_real(kind, (double)cimc_tensor_f32(x, i), &real);
      cimc_tensor_put_f32(data, i, (float)real);
    } else {
      unary_whole(kind, cimc_tensor_i64(x, i), &whole);
      cimc_tensor_put_i64(x->elem, data, i, whole);
    }
  }
  return out;
}

const cimc_tensor *cimc_eval_binary(cimc_call *call, cimc_qgemm_kind kind,
                                    const cimc_tensor *const operands[2],
                                    const cimc_shape *shape) {
  const cimc_tensor *a = operands[0], *b = operands[1];
  double real = 0;
  int64_t whole = 0, index[CIMC_RANK_MAX] = {0};
  if (!is_small(shape) || a->elem != b->elem ||
      !(is_real(a) ? binary_real(kind, 1, 1, &real)
                   : binary_whole(kind, 1, 1, &whole)))
    return NULL;
  unsigned char *data;
  cimc_tensor *out = cimc_tensor_create(call->source, a->elem, shape, &data);
  walk walks[] = {walk_begin(&a->shape, shape), walk_begin(&b->shape, shape)};
  for (int64_t i = 0; out && i < out->count; i++) {
    if (is_real(a)) {
      binary_real(kind, (double)cimc_tensor_f32(a, walks[0].at),
                  (double)cimc_tensor_f32(b, walks[1].at), &real);
      cimc_tensor_put_f32(data, i, (float)real);
    } else {
      binary_whole(kind, cimc_tensor_i64(a, walks[0].at),
                   cimc_tensor_i64(b, walks[1].at), &whole);
      cimc_tensor_put_i64(a->elem, data, i, whole);
    }
    advance(shape, index, walks, 2);
  }
  return out;
}

static bool holds(const char *predicate, bool less, bool equal, bool greater) {
  switch (predicate[0]) {
  case 'e':
    return equal;
  case 'n':
    return !equal;
  case 'l':
    return less || (predicate[1] == 'e' && equal);
  default:
    return greater || (predicate[1] == 'e' && equal);
  }
}

const cimc_tensor *cimc_eval_compare(cimc_call *call, const char *predicate,
                                     const cimc_tensor *const operands[2],
                                     const cimc_shape *shape) {
  const cimc_tensor *a = operands[0], *b = operands[1];
  if (!is_small(shape) || a->elem != b->elem)
    return NULL;
  unsigned char *data;
  int64_t index[CIMC_RANK_MAX] = {0};
  cimc_tensor *out =
      cimc_tensor_create(call->source, CIMC_ELEM_BOOL, shape, &data);
  walk walks[] = {walk_begin(&a->shape, shape), walk_begin(&b->shape, shape)};
  for (int64_t i = 0; out && i < out->count; i++) {
    if (is_real(a)) {
      float x = cimc_tensor_f32(a, walks[0].at);
      float y = cimc_tensor_f32(b, walks[1].at);
      data[i] = holds(predicate, x<y, x == y, x> y);
    } else {
      int64_t x = cimc_tensor_i64(a, walks[0].at);
      int64_t y = cimc_tensor_i64(b, walks[1].at);
      data[i] = holds(predicate, x<y, x == y, x> y);
    }
    advance(shape, index, walks, 2);
  }
  return out;
}

const cimc_tensor *cimc_eval_select(cimc_call *call,
                                    const cimc_tensor *const operands[3],
                                    const cimc_shape *shape) {
  if (!is_small(shape) || operands[1]->elem != operands[2]->elem)
    return NULL;
  unsigned char *data;
  int64_t index[CIMC_RANK_MAX] = {0};
  cimc_tensor *out =
      cimc_tensor_create(call->source, operands[1]->elem, shape, &data);
  size_t size = cimc_tensor_elem_bytes(operands[1]->elem);
  walk walks[3];
  for (int i = 0; i < 3; i++)
    walks[i] = walk_begin(&operands[i]->shape, shape);
  for (int64_t i = 0; out && i < out->count; i++) {
    int from = cimc_tensor_i64(operands[0], walks[0].at) != 0 ? 1 : 2;
    memcpy(data + (size_t)i * size,
           operands[from]->data + (size_t)walks[from].at * size, size);
    advance(shape, index, walks, 3);
  }
  return out;
}

// -- Casts -------------------------------------------------------------------
static int64_t whole_of(float x, int64_t elem) {
  int bits = 8 * (int)cimc_tensor_elem_bytes(elem);
  bool is_unsigned = elem == CIMC_ELEM_UINT8 || elem == CIMC_ELEM_UINT16;
  double low = is_unsigned ? 0 : -ldexp(1, bits - 1);
  double high = ldexp(1, is_unsigned ? bits : bits - 1);
  if (isnan(x))
    return 0;
  if ((double)x <= low)
    return is_unsigned ? 0 : INT64_MIN >> (64 - bits);
  if ((double)x >= high)
    return is_unsigned ? (INT64_C(1) << bits) - 1 : INT64_MAX >> (64 - bits);
  return (int64_t)x;
}

const cimc_tensor *cimc_eval_cast(cimc_call *call, const cimc_tensor *x,
                                  int64_t elem) {
  unsigned char *data;
  cimc_tensor *out = cimc_tensor_create(call->source, elem, &x->shape, &data);
  for (int64_t i = 0; out && i < x->count; i++) {
    float real = is_real(x) ? cimc_tensor_f32(x, i) : 0;
    int64_t whole = is_real(x) ? 0 : cimc_tensor_i64(x, i);
    if (elem == CIMC_ELEM_FLOAT)
      cimc_tensor_put_f32(data, i, is_real(x) ? real : (float)whole);
    else if (elem == CIMC_ELEM_BOOL)
      data[i] = is_real(x) ? real != 0 : whole != 0;
    else
      cimc_tensor_put_i64(elem, data, i,
                          is_real(x) ? whole_of(real, elem) : whole);
  }
  return out;
}

// -- Reductions --------------------------------------------------------------
typedef struct reduction {
  cimc_qgemm_kind kind;
  const cimc_tensor *x;
  cimc_tensor *out;
  unsigned char *data; // of out
} reduction;

// Adds element i of x to element `at`; the first one found is it.
static void accumulate(const reduction *self, int64_t i, int64_t at,
                       bool first) {
  const cimc_tensor *x = self->x;
  size_t size = cimc_tensor_elem_bytes(x->elem);
  double real;
  int64_t whole;
  if (first)
    memcpy(self->data + (size_t)at * size, x->data + (size_t)i * size, size);
  else if (is_real(x) &&
           binary_real(self->kind, (double)cimc_tensor_f32(self->out, at),
                       (double)cimc_tensor_f32(x, i), &real))
    cimc_tensor_put_f32(self->data, at, (float)real);
  else if (!is_real(x) &&
           binary_whole(self->kind, cimc_tensor_i64(self->out, at),
                        cimc_tensor_i64(x, i), &whole))
    cimc_tensor_put_i64(x->elem, self->data, at, whole);
}

const cimc_tensor *cimc_eval_reduce(cimc_call *call, cimc_qgemm_kind kind,
                                    const cimc_tensor *x,
                                    const bool reduced[CIMC_RANK_MAX]) {
  double real;
  cimc_shape to = x->shape;
  for (int i = 0; i < to.rank; i++)
    to.dim[i] = reduced[i] ? 1 : to.dim[i];
  if (x->count == 0 || !is_small(&x->shape) || !binary_real(kind, 1, 1, &real))
    return NULL;
  unsigned char *data;
  int64_t index[CIMC_RANK_MAX] = {0};
  cimc_tensor *out = cimc_tensor_create(call->source, x->elem, &to, &data);
  walk results = walk_begin(&to, &x->shape);
  reduction self = {.kind = kind, .x = x, .out = out, .data = data};
  for (int64_t i = 0; out && i < x->count; i++) {
    bool first = true;
    for (int d = 0; d < to.rank; d++)
      first &= !reduced[d] || index[d] == 0;
    accumulate(&self, i, results.at, first);
    advance(&x->shape, index, &results, 1);
  }
  return out;
}
