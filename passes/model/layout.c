// SPDX-License-Identifier: Apache-2.0
//
// Transposes and reshapes out of the way.
#include "passes/model/layout.h"
#include "passes/model/literal.h"

#include <string.h>

#define NO_MATCH mlirLogicalResultFailure()

// -- Looking through ---------------------------------------------------------
// A transpose or reshape that makes a value, itself or below a dequantize.
typedef struct layout_op {
  MlirOperation op;         // the transpose or reshape
  MlirOperation dequantize; // between it and the value; may be null
  cimc_perm perm;           // of a transpose
} layout_op;

static bool find(MlirValue value, cimc_qgemm_kind kind, layout_op *out) {
  *out = (layout_op){.dequantize = {NULL}};
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

// The value as it was before the transpose or reshape.
static MlirValue before(MlirRewriterBase rewriter, const layout_op *layout) {
  MlirValue x = cimc_edit_operand(layout->op, 0);
  if (mlirOperationIsNull(layout->dequantize))
    return x;
  return cimc_edit_unary(rewriter, CIMC_QGEMM_DEQUANTIZE, x,
                         cimc_edit_as_f32(mlirValueGetType(x)),
                         mlirOperationGetLocation(layout->dequantize));
}

static MlirLogicalResult replace_by_transpose(MlirRewriterBase rewriter,
                                              MlirOperation op, MlirValue value,
                                              const cimc_perm *perm) {
  return cimc_edit_replace(
      rewriter, op,
      cimc_edit_transpose(rewriter, value, perm, mlirOperationGetLocation(op)));
}

static MlirValue build_reshape(MlirRewriterBase rewriter, MlirValue x,
                               MlirType type, MlirLocation location) {
  return cimc_edit_unary(rewriter, CIMC_QGEMM_RESHAPE, x, type, location);
}

static bool has_quantized_operand(MlirOperation op) {
  return cimc_qgemm_element(mlirValueGetType(cimc_edit_operand(op, 0)))
      .quantized;
}

// A storage_cast from a quantized type to plain integers.
static bool is_cast_to_plain(MlirOperation op) {
  return cimc_qgemm_kind_of(op) == CIMC_QGEMM_STORAGE_CAST &&
         has_quantized_operand(op) &&
         !cimc_qgemm_element(cimc_edit_type(op)).quantized;
}

// -- Constants ---------------------------------------------------------------
static MlirLogicalResult fold_constant(MlirOperation op,
                                       MlirRewriterBase rewriter, void *user) {
  (void)user;
  cimc_literal literal;
  if (!cimc_edit_is_constant(cimc_edit_operand(op, 0)) ||
      !cimc_literal_evaluate(op, &literal))
    return NO_MATCH;
  MlirValue value =
      cimc_literal_insert(rewriter, &literal, mlirOperationGetLocation(op));
  cimc_literal_destroy(&literal);
  return cimc_edit_replace(rewriter, op, value);
}

// -- Transposes --------------------------------------------------------------
static MlirLogicalResult
simplify_transpose(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  cimc_perm perm, inner_perm;
  cimc_shape shape;
  MlirValue x = cimc_edit_operand(op, 0);
  if (!cimc_edit_perm(op, &perm) ||
      !cimc_ir_tensor_shape(mlirValueGetType(x), &shape))
    return NO_MATCH;
  if (mlirTypeEqual(mlirValueGetType(x), cimc_edit_type(op)) &&
      cimc_edit_perm_is_reshape(&perm, &shape))
    return cimc_edit_replace(rewriter, op, x);
  MlirOperation inner = cimc_edit_def(x, CIMC_QGEMM_TRANSPOSE);
  if (cimc_edit_perm(inner, &inner_perm)) {
    cimc_perm both = {.rank = perm.rank};
    for (int i = 0; i < perm.rank; i++)
      both.at[i] = inner_perm.at[perm.at[i]];
    return replace_by_transpose(rewriter, op, cimc_edit_operand(inner, 0),
                                &both);
  }
  bool per_axis = cimc_qgemm_element(cimc_edit_type(op)).axis >= 0;
  if (!per_axis && cimc_edit_perm_is_reshape(&perm, &shape))
    return cimc_edit_replace(rewriter, op,
                             build_reshape(rewriter, x, cimc_edit_type(op),
                                           mlirOperationGetLocation(op)));
  return NO_MATCH;
}

// transpose(dequantize(q)) -> dequantize(transpose(q)), and the same above a
// cast to plain integers: the edge of the function keeps its casts outside.
static MlirLogicalResult
raise_transpose(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  cimc_perm perm;
  MlirOperation above = cimc_ir_defining_op(cimc_edit_operand(op, 0));
  bool passes = cimc_qgemm_kind_of(above) == CIMC_QGEMM_DEQUANTIZE ||
                is_cast_to_plain(above);
  if (!passes || !cimc_edit_perm(op, &perm))
    return NO_MATCH;
  MlirValue x = cimc_edit_transpose(rewriter, cimc_edit_operand(above, 0),
                                    &perm, mlirOperationGetLocation(op));
  cimc_edit edit = cimc_edit_copy(above);
  edit.operands[0] = x;
  edit.type = cimc_edit_type(op);
  return cimc_edit_replace(rewriter, op, cimc_edit_build(rewriter, &edit));
}

// -- Reshapes ----------------------------------------------------------------
static MlirLogicalResult
simplify_reshape(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  MlirValue x = cimc_edit_operand(op, 0);
  if (mlirTypeEqual(mlirValueGetType(x), cimc_edit_type(op)))
    return cimc_edit_replace(rewriter, op, x);
  MlirOperation inner = cimc_edit_def(x, CIMC_QGEMM_RESHAPE);
  if (mlirOperationIsNull(inner))
    return NO_MATCH;
  return cimc_edit_replace(rewriter, op,
                           build_reshape(rewriter, cimc_edit_operand(inner, 0),
                                         cimc_edit_type(op),
                                         mlirOperationGetLocation(op)));
}

static MlirLogicalResult raise_reshape(MlirOperation op,
                                       MlirRewriterBase rewriter, void *user) {
  (void)user;
  cimc_shape shape;
  MlirType type;
  MlirOperation above = cimc_ir_defining_op(cimc_edit_operand(op, 0));
  bool passes = cimc_qgemm_kind_of(above) == CIMC_QGEMM_DEQUANTIZE ||
                is_cast_to_plain(above);
  if (!passes || !cimc_ir_tensor_shape(cimc_edit_type(op), &shape))
    return NO_MATCH;
  MlirValue q = cimc_edit_operand(above, 0);
  // A reshape with an axis exists only until it folds into its constant.
  bool per_axis = cimc_qgemm_element(mlirValueGetType(q)).axis >= 0;
  if ((per_axis && !cimc_edit_is_constant(q)) ||
      !cimc_edit_reshape_type(mlirValueGetType(q), &shape, &type))
    return NO_MATCH;
  MlirValue x = build_reshape(rewriter, q, type, mlirOperationGetLocation(op));
  cimc_edit edit = cimc_edit_copy(above);
  edit.operands[0] = x;
  edit.type = cimc_edit_type(op);
  return cimc_edit_replace(rewriter, op, cimc_edit_build(rewriter, &edit));
}

// -- Below ops that work element by element ----------------------------------
static MlirLogicalResult sink_transpose(MlirOperation op,
                                        MlirRewriterBase rewriter) {
  layout_op layout;
  if (!find(cimc_edit_operand(op, 0), CIMC_QGEMM_TRANSPOSE, &layout))
    return NO_MATCH;
  cimc_perm inverse = cimc_edit_perm_inverse(&layout.perm);
  cimc_edit edit = cimc_edit_copy(op);
  edit.operands[0] = before(rewriter, &layout);
  edit.type = cimc_edit_permute_type(cimc_edit_type(op), &inverse);
  return replace_by_transpose(rewriter, op, cimc_edit_build(rewriter, &edit),
                              &layout.perm);
}

static MlirLogicalResult sink_reshape(MlirOperation op,
                                      MlirRewriterBase rewriter) {
  layout_op layout;
  cimc_shape shape;
  if (!find(cimc_edit_operand(op, 0), CIMC_QGEMM_RESHAPE, &layout) ||
      cimc_qgemm_element(cimc_edit_type(op)).axis >= 0 ||
      !cimc_ir_tensor_shape(mlirValueGetType(cimc_edit_operand(layout.op, 0)),
                            &shape))
    return NO_MATCH;
  cimc_edit edit = cimc_edit_copy(op);
  edit.operands[0] = before(rewriter, &layout);
  edit.type =
      cimc_ir_tensor_type(&shape, cimc_ir_element_type(cimc_edit_type(op)));
  MlirValue value = cimc_edit_build(rewriter, &edit);
  return cimc_edit_replace(rewriter, op,
                           build_reshape(rewriter, value, cimc_edit_type(op),
                                         mlirOperationGetLocation(op)));
}

static MlirLogicalResult
sink_below_unary(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  if (is_cast_to_plain(op))
    return NO_MATCH;
  if (mlirLogicalResultIsSuccess(sink_transpose(op, rewriter)))
    return mlirLogicalResultSuccess();
  return sink_reshape(op, rewriter);
}

// -- Below ops with axes -----------------------------------------------------
static MlirLogicalResult
sink_below_softmax(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  layout_op layout;
  int64_t axis;
  if (!find(cimc_edit_operand(op, 0), CIMC_QGEMM_TRANSPOSE, &layout) ||
      !cimc_ir_get_i64(op, "axis", &axis) || axis < 0 ||
      axis >= layout.perm.rank)
    return NO_MATCH;
  cimc_perm inverse = cimc_edit_perm_inverse(&layout.perm);
  cimc_edit edit = cimc_edit_copy(op);
  edit.operands[0] = before(rewriter, &layout);
  edit.type = cimc_edit_permute_type(cimc_edit_type(op), &inverse);
  cimc_edit_set(
      &edit, "axis",
      cimc_ir_attr_i64(mlirOperationGetContext(op), layout.perm.at[axis]));
  return replace_by_transpose(rewriter, op, cimc_edit_build(rewriter, &edit),
                              &layout.perm);
}

static MlirLogicalResult sink_below_pad(MlirOperation op,
                                        MlirRewriterBase rewriter, void *user) {
  (void)user;
  layout_op layout;
  int64_t low[CIMC_RANK_MAX], high[CIMC_RANK_MAX];
  int64_t new_low[CIMC_RANK_MAX] = {0}, new_high[CIMC_RANK_MAX] = {0};
  MlirContext context = mlirOperationGetContext(op);
  if (!find(cimc_edit_operand(op, 0), CIMC_QGEMM_TRANSPOSE, &layout) ||
      !cimc_ir_get_i64s(op, "low", layout.perm.rank, low) ||
      !cimc_ir_get_i64s(op, "high", layout.perm.rank, high))
    return NO_MATCH;
  for (int i = 0; i < layout.perm.rank; i++) {
    new_low[layout.perm.at[i]] = low[i];
    new_high[layout.perm.at[i]] = high[i];
  }
  cimc_perm inverse = cimc_edit_perm_inverse(&layout.perm);
  cimc_edit edit = cimc_edit_copy(op);
  edit.operands[0] = before(rewriter, &layout);
  edit.type = cimc_edit_permute_type(cimc_edit_type(op), &inverse);
  cimc_edit_set(&edit, "low",
                cimc_ir_attr_i64s(context, layout.perm.rank, new_low));
  cimc_edit_set(&edit, "high",
                cimc_ir_attr_i64s(context, layout.perm.rank, new_high));
  return replace_by_transpose(rewriter, op, cimc_edit_build(rewriter, &edit),
                              &layout.perm);
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

// How the result of reduce_mean(x) is to be transposed so that it is that of
// reduce_mean(transpose(x)); `reduced` are the axes of the latter.
static cimc_perm perm_after_reduce(const cimc_perm *perm, const bool *reduced,
                                   bool keepdims) {
  if (keepdims)
    return *perm;
  int64_t position[CIMC_RANK_MAX] = {0}; // of x's dimensions that are left
  bool gone[CIMC_RANK_MAX] = {false};
  for (int i = 0; i < perm->rank; i++)
    gone[perm->at[i]] = reduced[i];
  for (int d = 0, next = 0; d < perm->rank; d++)
    if (!gone[d])
      position[d] = next++;
  cimc_perm out = {.rank = 0};
  for (int i = 0; i < perm->rank; i++)
    if (!reduced[i])
      out.at[out.rank++] = position[perm->at[i]];
  return out;
}

static MlirLogicalResult
sink_below_reduce(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  layout_op layout;
  bool reduced[CIMC_RANK_MAX], keepdims = false, from[CIMC_RANK_MAX] = {false};
  if (!find(cimc_edit_operand(op, 0), CIMC_QGEMM_TRANSPOSE, &layout) ||
      !cimc_ir_get_bool(op, "keepdims", &keepdims) ||
      !read_axes(op, layout.perm.rank, reduced))
    return NO_MATCH;
  for (int i = 0; i < layout.perm.rank; i++)
    from[layout.perm.at[i]] = reduced[i];
  int64_t axes[CIMC_RANK_MAX];
  intptr_t count = 0;
  for (int d = 0; d < layout.perm.rank; d++)
    if (from[d])
      axes[count++] = d;
  cimc_perm perm = perm_after_reduce(&layout.perm, reduced, keepdims);
  cimc_perm inverse = cimc_edit_perm_inverse(&perm);
  cimc_edit edit = cimc_edit_copy(op);
  edit.operands[0] = before(rewriter, &layout);
  edit.type = cimc_edit_permute_type(cimc_edit_type(op), &inverse);
  cimc_edit_set(&edit, "axes",
                cimc_ir_attr_i64s(mlirOperationGetContext(op), count, axes));
  return replace_by_transpose(rewriter, op, cimc_edit_build(rewriter, &edit),
                              &perm);
}

// -- Below ops with two operands ---------------------------------------------
// `value` with leading dimensions of 1 up to `rank`.
static cimc_shape extend(const cimc_shape *shape, int rank) {
  cimc_shape out = {.rank = rank};
  int missing = rank - shape->rank;
  for (int i = 0; i < rank; i++)
    out.dim[i] = i < missing ? 1 : shape->dim[i - missing];
  return out;
}

// An op, not about to go, that already transposes `value` by `perm` before
// `op`.
static MlirOperation find_transposed(MlirValue value, const cimc_perm *perm,
                                     MlirOperation op) {
  cimc_perm found;
  for (MlirOpOperand use = mlirValueGetFirstUse(value);
       !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    if (cimc_edit_perm(user, &found) && cimc_edit_perm_equal(&found, perm) &&
        !cimc_ir_has_no_uses(cimc_edit_result(user)) &&
        mlirBlockEqual(mlirOperationGetBlock(user),
                       mlirOperationGetBlock(op)) &&
        mlirOperationIsBeforeInBlock(user, op))
      return user;
  }
  return (MlirOperation){NULL};
}

typedef struct sink_binary {
  MlirOperation op;
  cimc_perm perm;
  cimc_perm inverse;
  bool dies; // the transpose has no other user
} sink_binary;

// A transpose worth moving: not one that folds or becomes a reshape by itself.
static bool find_to_sink(MlirValue value, layout_op *out) {
  cimc_shape shape;
  if (!find(value, CIMC_QGEMM_TRANSPOSE, out))
    return false;
  MlirValue x = cimc_edit_operand(out->op, 0);
  return cimc_ir_tensor_shape(mlirValueGetType(x), &shape) &&
         !cimc_edit_is_constant_like(x) &&
         !cimc_edit_perm_is_reshape(&out->perm, &shape);
}

// Whether the other operand can be had in the layout before the transpose
// without moving its data at run time.
static bool other_is_free(const sink_binary *self, MlirValue other) {
  layout_op layout;
  cimc_shape shape;
  if (!cimc_ir_tensor_shape(mlirValueGetType(other), &shape) ||
      shape.rank > self->perm.rank)
    return false;
  if (find(other, CIMC_QGEMM_TRANSPOSE, &layout) &&
      cimc_edit_perm_equal(&layout.perm, &self->perm))
    return true;
  cimc_shape full = extend(&shape, self->perm.rank);
  if (cimc_edit_is_constant_like(other) ||
      cimc_edit_perm_is_reshape(&self->inverse, &full))
    return true;
  // Only for a transpose that goes: else the other operand's could be moved
  // back for the sake of this one, for ever.
  if (shape.rank != self->perm.rank || !self->dies)
    return false;
  MlirOperation dequantize = cimc_edit_def(other, CIMC_QGEMM_DEQUANTIZE);
  if (!mlirOperationIsNull(dequantize))
    other = cimc_edit_operand(dequantize, 0);
  return !mlirOperationIsNull(find_transposed(other, &self->inverse, self->op));
}

static MlirValue bring_other(MlirRewriterBase rewriter, const sink_binary *self,
                             MlirValue other) {
  layout_op layout;
  cimc_shape shape = {0};
  MlirLocation location = mlirOperationGetLocation(self->op);
  cimc_ir_tensor_shape(mlirValueGetType(other), &shape);
  if (cimc_ir_element_count(&shape) == 1 && shape.rank <= self->perm.rank)
    return other; // the same in every layout
  if (find(other, CIMC_QGEMM_TRANSPOSE, &layout) &&
      cimc_edit_perm_equal(&layout.perm, &self->perm))
    return before(rewriter, &layout);
  MlirOperation existing = find_transposed(other, &self->inverse, self->op);
  if (!mlirOperationIsNull(existing))
    return cimc_edit_result(existing);
  if (shape.rank < self->perm.rank) {
    shape = extend(&shape, self->perm.rank);
    MlirType element = cimc_ir_element_type(mlirValueGetType(other));
    other = build_reshape(rewriter, other, cimc_ir_tensor_type(&shape, element),
                          location);
  }
  if (cimc_edit_perm_is_reshape(&self->inverse, &shape))
    return build_reshape(
        rewriter, other,
        cimc_edit_permute_type(mlirValueGetType(other), &self->inverse),
        location);
  // Below a dequantize this goes on by raise_transpose.
  return cimc_edit_transpose(rewriter, other, &self->inverse, location);
}

static MlirLogicalResult
sink_below_binary(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  layout_op layout;
  cimc_shape result;
  if (!cimc_ir_tensor_shape(cimc_edit_type(op), &result))
    return NO_MATCH;
  for (int side = 0; side < 2; side++) {
    MlirValue other = cimc_edit_operand(op, 1 - side);
    if (!find_to_sink(cimc_edit_operand(op, side), &layout) ||
        layout.perm.rank != result.rank)
      continue;
    sink_binary self = {op, layout.perm, cimc_edit_perm_inverse(&layout.perm),
                        cimc_ir_has_one_use(cimc_edit_operand(op, side)) &&
                            cimc_ir_has_one_use(cimc_edit_result(layout.op))};
    if (!other_is_free(&self, other))
      continue;
    cimc_edit edit = cimc_edit_copy(op);
    edit.operands[side] = before(rewriter, &layout);
    edit.operands[1 - side] = bring_other(rewriter, &self, other);
    edit.type = cimc_edit_permute_type(cimc_edit_type(op), &self.inverse);
    return replace_by_transpose(rewriter, op, cimc_edit_build(rewriter, &edit),
                                &layout.perm);
  }
  return NO_MATCH;
}

// -- Table -------------------------------------------------------------------
static const cimc_pattern patterns[] = {
    {"qgemm.transpose", fold_constant},
    {"qgemm.transpose", simplify_transpose},
    {"qgemm.transpose", raise_transpose},
    {"qgemm.reshape", fold_constant},
    {"qgemm.reshape", simplify_reshape},
    {"qgemm.reshape", raise_reshape},
    {"qgemm.relu", sink_below_unary},
    {"qgemm.clamp", sink_below_unary},
    {"qgemm.sigmoid", sink_below_unary},
    {"qgemm.tanh", sink_below_unary},
    {"qgemm.quantize", sink_below_unary},
    {"qgemm.requantize", sink_below_unary},
    {"qgemm.storage_cast", sink_below_unary},
    {"qgemm.softmax", sink_below_softmax},
    {"qgemm.pad", sink_below_pad},
    {"qgemm.reduce_mean", sink_below_reduce},
    {"qgemm.add", sink_below_binary},
    {"qgemm.sub", sink_below_binary},
    {"qgemm.mul", sink_below_binary},
};
_Static_assert(sizeof patterns / sizeof *patterns <= CIMC_LAYOUT_PATTERNS_MAX,
               "room for the patterns");

size_t cimc_layout_patterns(cimc_pattern *out) {
  memcpy(out, patterns, sizeof patterns);
  return sizeof patterns / sizeof *patterns;
}
