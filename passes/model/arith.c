// SPDX-License-Identifier: Apache-2.0
//
// Elementwise ops on constants: see arith.h.
#include "passes/model/arith.h"

#include "passes/base/function.h"
#include "passes/base/kinds.h"

#include <math.h>

#define OPERANDS_MAX 3

// One element: of an f32 tensor `real`, else `integer`.
typedef struct number {
  float real;
  int64_t integer;
} number;

typedef struct arith {
  MlirOperation op;
  cimc_function function;
  cimc_bounds bounds;
  MlirStringRef word; // predicate, or rounding
  cimc_storage from;  // of the last operand
  cimc_storage to;
} arith;

static bool is_real(const cimc_literal *x) {
  return x->element.storage == CIMC_STORAGE_F32;
}

// -- One element -------------------------------------------------------------
static bool compare(const arith *self, number x, number y) {
  bool real = self->from == CIMC_STORAGE_F32;
  bool less = real ? x.real < y.real : x.integer < y.integer;
  bool equal = real ? x.real == y.real : x.integer == y.integer;
  bool greater = real ? x.real > y.real : x.integer > y.integer;
  if (cimc_ir_str_equal(self->word, "lt"))
    return less;
  if (cimc_ir_str_equal(self->word, "le"))
    return less || equal;
  if (cimc_ir_str_equal(self->word, "gt"))
    return greater;
  if (cimc_ir_str_equal(self->word, "ge"))
    return greater || equal;
  return cimc_ir_str_equal(self->word, "eq") ? equal : !equal;
}

// One of the fractions of a rescale: the only one, or that of element n's last
// index.
static int64_t part_of(const arith *self, const char *name, size_t n) {
  MlirAttribute list =
      mlirOperationGetAttributeByName(self->op, cimc_ir_str(name));
  size_t count = (size_t)mlirDenseArrayGetNumElements(list);
  return mlirDenseI64ArrayGetElement(list, (intptr_t)(n % count));
}

static int64_t rescale(const arith *self, int64_t x, size_t n) {
  int64_t input_zp = 0, output_zp = 0;
  cimc_ir_get_i64(self->op, "input_zp", &input_zp);
  cimc_ir_get_i64(self->op, "output_zp", &output_zp);
  int64_t value = cimc_function_rescale(
      x - input_zp, part_of(self, "multipliers", n),
      (int)part_of(self, "shifts", n), cimc_ir_str_equal(self->word, "double"));
  int64_t low = cimc_storage_min(self->to), high = cimc_storage_max(self->to);
  value += output_zp;
  return value < low ? low : value > high ? high : value;
}

static number cast(const arith *self, number x) {
  bool from_real = self->from == CIMC_STORAGE_F32;
  if (self->to == CIMC_STORAGE_F32)
    return (number){.real = from_real ? x.real : (float)x.integer};
  return (number){.integer = from_real
                                 ? cimc_function_truncate(x.real, self->to)
                                 : x.integer};
}

static float bound(const arith *self, float value) {
  value = value > self->bounds.low ? value : self->bounds.low;
  return value < self->bounds.high ? value : self->bounds.high;
}

// Element n of the result.
static number evaluate(const arith *self, const number *x, size_t n) {
  cimc_qgemm_kind kind = self->function.kind;
  int bits = 8 * cimc_storage_bytes(self->to);
  if (kind == CIMC_QGEMM_COMPARE)
    return (number){.integer = compare(self, x[0], x[1])};
  if (kind == CIMC_QGEMM_SELECT)
    return x[0].integer ? x[1] : x[2];
  if (kind == CIMC_QGEMM_CAST)
    return cast(self, x[0]);
  if (kind == CIMC_QGEMM_RESCALE)
    return (number){.integer = rescale(self, x[0].integer, n)};
  bool two = cimc_kinds_elementwise(kind) == 2;
  if (self->to != CIMC_STORAGE_F32)
    return (number){.integer = cimc_function_integer(kind, bits, x[0].integer,
                                                     two ? x[1].integer : 0)};
  float value = two ? cimc_function_combine(kind, x[0].real, x[1].real)
                    : cimc_function_apply(&self->function, x[0].real);
  bool bounded = !isinf(self->bounds.low) || !isinf(self->bounds.high);
  return (number){.real = bounded ? bound(self, value) : value};
}

// -- All elements ------------------------------------------------------------
// Which element of an operand belongs to element n of the result.
static size_t place(const cimc_shape *from, const cimc_shape *to, size_t n) {
  size_t at = 0, stride = 1;
  for (int i = to->rank - 1, k = from->rank - 1; k >= 0; i--, k--) {
    size_t index = n % (size_t)to->dim[i];
    n /= (size_t)to->dim[i];
    if (from->dim[k] == 1)
      continue;
    at += index * stride;
    stride *= (size_t)from->dim[k];
  }
  return at;
}

static void fill(const arith *self, int count, const cimc_literal *operands,
                 cimc_literal *out) {
  for (size_t n = 0; n < out->count; n++) {
    number x[OPERANDS_MAX] = {{0}};
    for (int i = 0; i < count; i++) {
      size_t at = place(&operands[i].shape, &out->shape, n);
      if (is_real(&operands[i]))
        x[i].real = ((const float *)operands[i].data)[at];
      else
        x[i].integer = cimc_literal_get(&operands[i], at);
    }
    number y = evaluate(self, x, n);
    if (is_real(out))
      ((float *)out->data)[n] = y.real;
    else
      cimc_literal_set(out, n, y.integer);
  }
}

static bool is_known(MlirOperation op, int count) {
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  if (mlirOperationGetNumOperands(op) != count || count > OPERANDS_MAX ||
      cimc_qgemm_element(cimc_edit_type(op)).quantized)
    return false;
  return count > 1 || kind == CIMC_QGEMM_CAST || kind == CIMC_QGEMM_RESCALE ||
         kind == CIMC_QGEMM_RELU || kind == CIMC_QGEMM_CLAMP ||
         cimc_function_is_unary(kind);
}

bool cimc_arith_evaluate(MlirOperation op, cimc_literal *out) {
  int count = cimc_kinds_elementwise(cimc_qgemm_kind_of(op)), read = 0;
  cimc_literal operands[OPERANDS_MAX];
  *out = (cimc_literal){.data = NULL};
  if (!is_known(op, count))
    return false;
  arith self = {.op = op,
                .function = cimc_function_of(op),
                .bounds = cimc_qgemm_bounds(op),
                .to = cimc_qgemm_element(cimc_edit_type(op)).storage};
  if (!cimc_ir_get_str(op, "predicate", &self.word))
    cimc_ir_get_str(op, "rounding", &self.word);
  bool done = true;
  while (done && read < count) {
    done = cimc_literal_read(cimc_edit_operand(op, read), &operands[read]);
    if (!done)
      break;
    self.from = operands[read].element.storage;
    done = !operands[read++].element.quantized;
  }
  done = done && cimc_literal_create(cimc_edit_type(op), out);
  if (done)
    fill(&self, count, operands, out);
  while (read > 0)
    cimc_literal_destroy(&operands[--read]);
  return done;
}
