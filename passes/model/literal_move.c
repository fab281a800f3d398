// SPDX-License-Identifier: Apache-2.0
//
// Constant folding of the ops that move elements.
#include "passes/model/literal_move.h"

#include "passes/base/function.h"

#include <string.h>

void cimc_literal_advance(const cimc_shape *shape, int64_t *index) {
  for (int i = shape->rank - 1; i >= 0; i--) {
    if (++index[i] < shape->dim[i])
      return;
    index[i] = 0;
  }
}

void cimc_literal_strides(const cimc_shape *shape, int64_t *out) {
  int64_t stride = 1;
  for (int i = shape->rank - 1; i >= 0; i--) {
    out[i] = stride;
    stride *= shape->dim[i];
  }
}

// A copy of a size the compiler knows is one instruction.
static void move(const cimc_literal *x, int64_t from, cimc_literal *out,
                 size_t to) {
  size_t bytes = x->item_bytes;
  char *target = (char *)out->data + to * bytes;
  const char *source = (const char *)x->data + (size_t)from * bytes;
  if (bytes == 1)
    memcpy(target, source, 1);
  else if (bytes == 4)
    memcpy(target, source, 4);
  else
    memcpy(target, source, bytes);
}

// Fills the result in order from x at `first`, with x's strides.
static void walk(const cimc_literal *x, int64_t first, const int64_t *strides,
                 cimc_literal *out) {
  int64_t index[CIMC_RANK_MAX] = {0};
  for (size_t n = 0; n < out->count;
       n++, cimc_literal_advance(&out->shape, index)) {
    int64_t from = first;
    for (int i = 0; i < out->shape.rank; i++)
      from += index[i] * strides[i];
    move(x, from, out, n);
  }
}

bool cimc_literal_permute(MlirOperation op, const cimc_literal *x,
                          cimc_literal *out) {
  cimc_perm perm;
  int64_t own[CIMC_RANK_MAX] = {0}, strides[CIMC_RANK_MAX] = {0};
  if (!cimc_edit_perm(op, &perm))
    return false;
  cimc_literal_strides(&x->shape, own);
  for (int i = 0; i < perm.rank; i++)
    strides[i] = own[perm.at[i]];
  walk(x, 0, strides, out);
  return true;
}

bool cimc_literal_slice(MlirOperation op, const cimc_literal *x,
                        cimc_literal *out) {
  int64_t starts[CIMC_RANK_MAX], steps[CIMC_RANK_MAX], strides[CIMC_RANK_MAX];
  int64_t first = 0;
  if (x->element.axis >= 0 ||
      !cimc_ir_get_i64s(op, "starts", x->shape.rank, starts) ||
      !cimc_ir_get_i64s(op, "steps", x->shape.rank, steps))
    return false;
  cimc_literal_strides(&x->shape, strides);
  for (int i = 0; i < x->shape.rank; i++) {
    first += starts[i] * strides[i];
    strides[i] *= steps[i];
  }
  walk(x, first, strides, out);
  return true;
}

static void store(cimc_literal *out, size_t at, float value) {
  if (out->element.quantized)
    cimc_literal_quantize(out, at, value);
  else if (cimc_edit_is_f32(out->type))
    ((float *)out->data)[at] = value;
  else
    cimc_literal_set(out, at,
                     cimc_function_truncate(value, out->element.storage));
}

bool cimc_literal_pad(MlirOperation op, const cimc_literal *x,
                      cimc_literal *out) {
  int64_t low[CIMC_RANK_MAX], interior[CIMC_RANK_MAX] = {0};
  int64_t strides[CIMC_RANK_MAX] = {0}, index[CIMC_RANK_MAX] = {0};
  float value = 0;
  if (!cimc_ir_get_i64s(op, "low", out->shape.rank, low) ||
      !cimc_ir_get_f32(op, "value", &value) || x->element.axis >= 0)
    return false;
  cimc_ir_get_i64s(op, "interior", out->shape.rank, interior);
  cimc_literal_strides(&x->shape, strides);
  for (size_t n = 0; n < out->count;
       n++, cimc_literal_advance(&out->shape, index)) {
    int64_t from = 0;
    bool inside = true;
    for (int i = 0; i < out->shape.rank; i++) {
      int64_t at = index[i] - low[i], step = interior[i] + 1;
      inside =
          inside && at >= 0 && at % step == 0 && at / step < x->shape.dim[i];
      from += at / step * strides[i];
    }
    if (inside)
      move(x, from, out, n);
    else
      store(out, n, value);
  }
  return true;
}

// -- Ops of several operands -------------------------------------------------
// Around an axis a tensor is outer x size x inner.
static void split(const cimc_shape *shape, int64_t axis, size_t *outer,
                  size_t *inner) {
  *outer = *inner = 1;
  for (int i = 0; i < shape->rank; i++)
    if (i != axis)
      *(i < axis ? outer : inner) *= (size_t)shape->dim[i];
}

// Copies x to byte `at` of each of the result's `outer` rows.
static bool append(MlirValue value, size_t outer, size_t at, cimc_literal *out,
                   size_t *out_bytes) {
  cimc_literal x;
  if (!cimc_literal_read(value, &x))
    return false;
  size_t row = out->count * out->item_bytes / outer;
  size_t part = x.count * x.item_bytes / outer;
  for (size_t i = 0; i < outer; i++)
    memcpy((char *)out->data + i * row + at, (const char *)x.data + i * part,
           part);
  *out_bytes = part;
  cimc_literal_destroy(&x);
  return true;
}

bool cimc_literal_concat(MlirOperation op, cimc_literal *out) {
  int64_t axis;
  size_t outer, inner, at = 0, part;
  if (!cimc_ir_get_i64(op, "axis", &axis) ||
      !cimc_literal_create(cimc_edit_type(op), out))
    return false;
  split(&out->shape, axis, &outer, &inner);
  bool done = out->element.axis < 0 && outer > 0;
  for (intptr_t i = 0; done && i < mlirOperationGetNumOperands(op); i++) {
    done = append(cimc_edit_operand(op, i), outer, at, out, &part);
    at += done ? part : 0;
  }
  if (!done)
    cimc_literal_destroy(out);
  return done;
}

static void take(const cimc_literal *x, const cimc_literal *indices,
                 int64_t axis, cimc_literal *out) {
  size_t outer, inner;
  split(&x->shape, axis, &outer, &inner);
  int64_t size = x->shape.dim[axis];
  size_t run = inner * x->item_bytes;
  char *to = out->data;
  for (size_t o = 0; o < outer; o++)
    for (size_t i = 0; i < indices->count; i++, to += run) {
      int64_t at = cimc_literal_get(indices, i);
      at = at < 0 ? at + size : at;
      at = at < 0 ? 0 : at < size ? at : size - 1;
      memcpy(to, (const char *)x->data + (o * (size_t)size + (size_t)at) * run,
             run);
    }
}

bool cimc_literal_gather(MlirOperation op, cimc_literal *out) {
  cimc_literal x, indices;
  int64_t axis;
  if (!cimc_ir_get_i64(op, "axis", &axis) ||
      !cimc_literal_read(cimc_edit_operand(op, 0), &x))
    return false;
  bool done = x.element.axis < 0 && x.count > 0 &&
              cimc_literal_read(cimc_edit_operand(op, 1), &indices);
  if (done) {
    done = cimc_literal_create(cimc_edit_type(op), out);
    if (done)
      take(&x, &indices, axis, out);
    cimc_literal_destroy(&indices);
  }
  cimc_literal_destroy(&x);
  return done;
}
