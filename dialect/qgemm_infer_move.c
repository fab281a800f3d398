// SPDX-License-Identifier: Apache-2.0
//
// The shapes of qgemm's ops that move elements: pad, concat, slice, gather,
// table, arg_max and arg_min. A dynamic dimension is -1, as in qgemm_infer.c.
#include "dialect/qgemm_check.h"

#include <inttypes.h>

typedef cimc_qgemm_inference inference;

#define TEXT(shape) cimc_qgemm_shape_text((shape), (char[192]){0}, 192)

MlirLogicalResult cimc_qgemm_infer_pad(const inference *self, cimc_shape *out) {
  int64_t low[CIMC_RANK_MAX] = {0}, high[CIMC_RANK_MAX] = {0};
  int64_t interior[CIMC_RANK_MAX] = {0};
  *out = self->in[0];
  CIMC_TRY(cimc_qgemm_infer_i64s(self, "low", out->rank, 0, low));
  CIMC_TRY(cimc_qgemm_infer_i64s(self, "high", out->rank, 0, high));
  if (cimc_ir_has_attr(self->op, "interior"))
    CIMC_TRY(cimc_qgemm_infer_i64s(self, "interior", out->rank, 0, interior));
  for (int i = 0; i < out->rank; ++i) {
    int64_t gaps;
    if (out->dim[i] < 0)
      continue;
    if (__builtin_mul_overflow(out->dim[i] - 1, interior[i], &gaps) ||
        __builtin_add_overflow(out->dim[i], gaps, &out->dim[i]) ||
        __builtin_add_overflow(out->dim[i], low[i] + high[i], &out->dim[i]))
      return cimc_error(self->location,
                        "%s: dimension %d grows beyond 2^63; expected smaller "
                        "pads",
                        self->name, i);
  }
  return mlirLogicalResultSuccess();
}

// Reads `axis` as a dimension of the first operand.
static MlirLogicalResult read_axis(const inference *self, int *out) {
  int64_t axis = -1;
  int rank = self->in[0].rank;
  if (!cimc_ir_get_i64(self->op, "axis", &axis) || axis < 0 || axis >= rank)
    return cimc_error(self->location,
                      "%s: axis is %" PRId64 "; expected 0 to %d for shape %s",
                      self->name, axis, rank - 1, TEXT(&self->in[0]));
  *out = (int)axis;
  return mlirLogicalResultSuccess();
}

// Puts operand `i` behind what is in *out.
static MlirLogicalResult append(const inference *self, int axis, intptr_t i,
                                cimc_shape *out) {
  const cimc_shape *next = &self->in[i];
  bool fits = next->rank == out->rank;
  for (int d = 0; fits && d < out->rank; ++d) {
    int64_t a = out->dim[d], b = next->dim[d];
    if (d == axis) {
      if (a < 0 || b < 0)
        out->dim[d] = -1;
      else if (__builtin_add_overflow(a, b, &out->dim[d]))
        fits = false;
    } else if (a < 0) {
      out->dim[d] = b;
    } else {
      fits = b < 0 || a == b;
    }
  }
  if (fits)
    return mlirLogicalResultSuccess();
  return cimc_error(self->location,
                    "%s: operand %td has shape %s and operand 0 has %s; "
                    "expected them to differ in dimension %d only",
                    self->name, i, TEXT(next), TEXT(&self->in[0]), axis);
}

MlirLogicalResult cimc_qgemm_infer_concat(const inference *self,
                                          cimc_shape *out) {
  int axis;
  CIMC_TRY(read_axis(self, &axis));
  *out = self->in[0];
  for (intptr_t i = 1; i < self->operand_count; ++i)
    CIMC_TRY(append(self, axis, i, out));
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_qgemm_infer_slice(const inference *self,
                                         cimc_shape *out) {
  const cimc_shape *x = &self->in[0];
  int64_t starts[CIMC_RANK_MAX] = {0}, steps[CIMC_RANK_MAX] = {0};
  out->rank = x->rank;
  CIMC_TRY(cimc_qgemm_infer_i64s(self, "starts", x->rank, 0, starts));
  CIMC_TRY(cimc_qgemm_infer_i64s(self, "sizes", x->rank, 1, out->dim));
  CIMC_TRY(cimc_qgemm_infer_i64s(self, "steps", x->rank, -INT32_MAX, steps));
  for (int i = 0; i < x->rank; ++i) {
    // All are below 2^31, so the product is below 2^62.
    int64_t last = starts[i] + (out->dim[i] - 1) * steps[i];
    if (steps[i] == 0)
      return cimc_error(self->location,
                        "%s: element %d of 'steps' is 0; expected another "
                        "number",
                        self->name, i);
    if (x->dim[i] >= 0 && (starts[i] >= x->dim[i] || last >= x->dim[i]))
      last = -1;
    if (last < 0)
      return cimc_error(
          self->location,
          "%s: %" PRId64 " elements from %" PRId64 " in steps of %" PRId64
          " leave dimension %d of %s; expected them inside",
          self->name, out->dim[i], starts[i], steps[i], i, TEXT(x));
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_qgemm_infer_gather(const inference *self,
                                          cimc_shape *out) {
  const cimc_shape *x = &self->in[0], *indices = &self->in[1];
  int axis;
  CIMC_TRY(read_axis(self, &axis));
  if (x->rank + indices->rank - 1 > CIMC_RANK_MAX)
    return cimc_error(self->location,
                      "%s: x has shape %s, the indices have %s; expected a "
                      "result of at most %d dimensions",
                      self->name, TEXT(x), TEXT(indices), CIMC_RANK_MAX);
  out->rank = 0;
  for (int i = 0; i < x->rank; ++i) {
    if (i != axis)
      out->dim[out->rank++] = x->dim[i];
    else
      for (int j = 0; j < indices->rank; ++j)
        out->dim[out->rank++] = indices->dim[j];
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_qgemm_infer_table(const inference *self,
                                         cimc_shape *out) {
  *out = self->in[0];
  if (self->in[1].rank == 1)
    return mlirLogicalResultSuccess();
  return cimc_error(self->location,
                    "%s: the table has shape %s; expected one dimension",
                    self->name, TEXT(&self->in[1]));
}

MlirLogicalResult cimc_qgemm_infer_arg(const inference *self, cimc_shape *out) {
  bool keep = false;
  int axis;
  CIMC_TRY(read_axis(self, &axis));
  cimc_ir_get_bool(self->op, "keepdims", &keep);
  out->rank = 0;
  for (int i = 0; i < self->in[0].rank; ++i) {
    if (i != axis)
      out->dim[out->rank++] = self->in[0].dim[i];
    else if (keep)
      out->dim[out->rank++] = 1;
  }
  return mlirLogicalResultSuccess();
}
