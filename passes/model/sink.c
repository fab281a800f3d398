// SPDX-License-Identifier: Apache-2.0
//
// Transposes below ops with axes.
#include "passes/model/sink.h"

#include "passes/base/kinds.h"

#include <string.h>

#define NO_MATCH mlirLogicalResultFailure()

// -- Looking through ---------------------------------------------------------
bool cimc_sink_find(MlirValue value, cimc_qgemm_kind kind, cimc_sink *out) {
  *out = (cimc_sink){.dequantize = {NULL}};
  MlirOperation dequantize = cimc_edit_def(value, CIMC_QGEMM_DEQUANTIZE);
  if (!mlirOperationIsNull(dequantize)) {
    out->dequantize = dequantize;
    value = cimc_edit_operand(dequantize, 0);
  }
  out->op = cimc_edit_def(value, kind);
  if (mlirOperationIsNull(out->op))
    return false;
  return kind != CIMC_QGEMM_TRANSPOSE || cimc_edit_perm(out->op, &out->perm);
}

MlirValue cimc_sink_before(MlirRewriterBase rewriter, const cimc_sink *above) {
  MlirValue x = cimc_edit_operand(above->op, 0);
  if (mlirOperationIsNull(above->dequantize))
    return x;
  return cimc_edit_unary(rewriter, CIMC_QGEMM_DEQUANTIZE, x,
                         cimc_edit_as_f32(mlirValueGetType(x)),
                         mlirOperationGetLocation(above->dequantize));
}

MlirLogicalResult cimc_sink_replace(MlirRewriterBase rewriter, MlirOperation op,
                                    cimc_edit *edit, const cimc_perm *perm) {
  cimc_perm inverse = cimc_edit_perm_inverse(perm);
  edit->type = cimc_edit_permute_type(cimc_edit_type(op), &inverse);
  MlirValue value = cimc_edit_build(rewriter, edit);
  return cimc_edit_replace(
      rewriter, op,
      cimc_edit_transpose(rewriter, value, perm, mlirOperationGetLocation(op)));
}

// -- One rewrite -------------------------------------------------------------
// What each op needs to say anew: its attributes before the transpose, and how
// its result is transposed. False when the transpose cannot be moved.
typedef struct sink {
  MlirOperation op;
  const cimc_perm *perm; // above the op
  cimc_edit *edit;
  cimc_perm *below;
} sink;

typedef bool (*sink_function)(const sink *self);

// Permutes an attribute of one number a dimension; one that may be absent, and
// is, needs nothing.
static bool permute_i64s(const sink *self, const char *name, bool optional) {
  int64_t values[CIMC_RANK_MAX], moved[CIMC_RANK_MAX] = {0};
  int rank = self->perm->rank;
  if (!cimc_ir_get_i64s(self->op, name, rank, values))
    return optional && !cimc_ir_has_attr(self->op, name);
  for (int i = 0; i < rank; i++)
    moved[self->perm->at[i]] = values[i];
  cimc_edit_set(
      self->edit, name,
      cimc_ir_attr_i64s(mlirOperationGetContext(self->op), rank, moved));
  return true;
}

// Moves the attribute `axis`, and gives what it was.
static bool permute_axis(const sink *self, int64_t *out_old) {
  if (!cimc_ir_get_i64(self->op, "axis", out_old) || *out_old < 0 ||
      *out_old >= self->perm->rank)
    return false;
  cimc_edit_set(self->edit, "axis",
                cimc_ir_attr_i64(mlirOperationGetContext(self->op),
                                 self->perm->at[*out_old]));
  return true;
}

static bool sink_softmax(const sink *self) {
  int64_t axis;
  return permute_axis(self, &axis);
}

static bool sink_pad(const sink *self) {
  return permute_i64s(self, "low", false) &&
         permute_i64s(self, "high", false) &&
         permute_i64s(self, "interior", true);
}

static bool sink_slice(const sink *self) {
  return permute_i64s(self, "starts", false) &&
         permute_i64s(self, "sizes", false) &&
         permute_i64s(self, "steps", false);
}

// The indices' dimension stands for the axis: one for one only.
static bool sink_gather(const sink *self) {
  int64_t axis;
  cimc_shape indices;
  return cimc_ir_tensor_shape(mlirValueGetType(cimc_edit_operand(self->op, 1)),
                              &indices) &&
         indices.rank == 1 && permute_axis(self, &axis);
}

// -- Ops that drop dimensions ------------------------------------------------
// How the result of the op on x is to be transposed so that it is that of the
// op on transpose(x); `dropped` are the axes of the latter that go.
static cimc_perm perm_after(const cimc_perm *perm, const bool *dropped,
                            bool keepdims) {
  if (keepdims)
    return *perm;
  int64_t position[CIMC_RANK_MAX] = {0}; // of x's dimensions that are left
  bool gone[CIMC_RANK_MAX] = {false};
  for (int i = 0; i < perm->rank; i++)
    gone[perm->at[i]] = dropped[i];
  for (int d = 0, next = 0; d < perm->rank; d++)
    if (!gone[d])
      position[d] = next++;
  cimc_perm out = {.rank = 0};
  for (int i = 0; i < perm->rank; i++)
    if (!dropped[i])
      out.at[out.rank++] = position[perm->at[i]];
  return out;
}

// The attribute `axes` as a mask of dimensions.
static bool read_axes(MlirOperation op, int rank, bool *out_reduced) {
  MlirAttribute axes = mlirOperationGetAttributeByName(op, cimc_ir_str("axes"));
  memset(out_reduced, 0, CIMC_RANK_MAX * sizeof *out_reduced);
  if (mlirAttributeIsNull(axes) || !mlirAttributeIsADenseI64Array(axes))
    return false;
  for (intptr_t i = 0; i < mlirDenseArrayGetNumElements(axes); i++) {
    int64_t axis = mlirDenseI64ArrayGetElement(axes, i);
    if (axis < 0 || axis >= rank)
      return false;
    out_reduced[axis] = true;
  }
  return true;
}

// Whether the reduced elements keep their order in memory, or it is all one: a
// sum or product of f32 depends on it.
static bool keeps_order(const sink *self, const bool *reduced) {
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(self->op);
  if (kind == CIMC_QGEMM_REDUCE_MAX || kind == CIMC_QGEMM_REDUCE_MIN)
    return true;
  int64_t last = -1;
  for (int i = 0; i < self->perm->rank; i++) {
    if (reduced[i] && self->perm->at[i] < last)
      return false;
    last = reduced[i] ? self->perm->at[i] : last;
  }
  return true;
}

static bool sink_reduce(const sink *self) {
  const cimc_perm *perm = self->perm;
  bool reduced[CIMC_RANK_MAX], keepdims = false, from[CIMC_RANK_MAX] = {false};
  if (!cimc_ir_get_bool(self->op, "keepdims", &keepdims) ||
      !read_axes(self->op, perm->rank, reduced) || !keeps_order(self, reduced))
    return false;
  for (int i = 0; i < perm->rank; i++)
    from[perm->at[i]] = reduced[i];
  int64_t axes[CIMC_RANK_MAX];
  intptr_t count = 0;
  for (int d = 0; d < perm->rank; d++)
    if (from[d])
      axes[count++] = d;
  *self->below = perm_after(perm, reduced, keepdims);
  cimc_edit_set(
      self->edit, "axes",
      cimc_ir_attr_i64s(mlirOperationGetContext(self->op), count, axes));
  return true;
}

static bool sink_arg(const sink *self) {
  bool dropped[CIMC_RANK_MAX] = {false}, keepdims = false;
  int64_t axis;
  if (!cimc_ir_get_bool(self->op, "keepdims", &keepdims) ||
      !permute_axis(self, &axis))
    return false;
  dropped[axis] = true;
  *self->below = perm_after(self->perm, dropped, keepdims);
  return true;
}

// -- The pattern -------------------------------------------------------------
static sink_function function_of(cimc_qgemm_kind kind) {
  switch (kind) {
  case CIMC_QGEMM_SOFTMAX:
    return sink_softmax;
  case CIMC_QGEMM_PAD:
    return sink_pad;
  case CIMC_QGEMM_SLICE:
    return sink_slice;
  case CIMC_QGEMM_GATHER:
    return sink_gather;
  case CIMC_QGEMM_ARG_MAX:
  case CIMC_QGEMM_ARG_MIN:
    return sink_arg;
  default:
    return cimc_kinds_is_reduction(kind) ? sink_reduce : NULL;
  }
}

bool cimc_sink_moves(cimc_qgemm_kind kind) { return function_of(kind); }

MlirLogicalResult cimc_sink_rewrite(MlirOperation op, MlirRewriterBase rewriter,
                                    void *user) {
  (void)user;
  cimc_sink above;
  sink_function function = function_of(cimc_qgemm_kind_of(op));
  if (!function ||
      !cimc_sink_find(cimc_edit_operand(op, 0), CIMC_QGEMM_TRANSPOSE, &above))
    return NO_MATCH;
  cimc_edit edit = cimc_edit_copy(op);
  cimc_perm below = above.perm;
  sink self = {op, &above.perm, &edit, &below};
  if (!function(&self))
    return NO_MATCH;
  edit.operands[0] = cimc_sink_before(rewriter, &above);
  return cimc_sink_replace(rewriter, op, &edit, &below);
}
