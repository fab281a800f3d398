// SPDX-License-Identifier: Apache-2.0
//
// Transposes and reshapes out of the way.
#include "passes/model/layout.h"
#include "passes/base/kinds.h"
#include "passes/model/literal.h"
#include "passes/model/sink.h"

#include <string.h>

#define NO_MATCH mlirLogicalResultFailure()

// -- Short forms -------------------------------------------------------------
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
  cimc_sink layout;
  if (!cimc_sink_find(cimc_edit_operand(op, 0), CIMC_QGEMM_TRANSPOSE, &layout))
    return NO_MATCH;
  cimc_edit edit = cimc_edit_copy(op);
  edit.operands[0] = cimc_sink_before(rewriter, &layout);
  return cimc_sink_replace(rewriter, op, &edit, &layout.perm);
}

static MlirLogicalResult sink_reshape(MlirOperation op,
                                      MlirRewriterBase rewriter) {
  cimc_sink layout;
  cimc_shape shape;
  if (!cimc_sink_find(cimc_edit_operand(op, 0), CIMC_QGEMM_RESHAPE, &layout) ||
      cimc_qgemm_element(cimc_edit_type(op)).axis >= 0 ||
      !cimc_ir_tensor_shape(mlirValueGetType(cimc_edit_operand(layout.op, 0)),
                            &shape))
    return NO_MATCH;
  cimc_edit edit = cimc_edit_copy(op);
  edit.operands[0] = cimc_sink_before(rewriter, &layout);
  edit.type =
      cimc_ir_tensor_type(&shape, cimc_ir_element_type(cimc_edit_type(op)));
  MlirValue value = cimc_edit_build(rewriter, &edit);
  return cimc_edit_replace(rewriter, op,
                           build_reshape(rewriter, value, cimc_edit_type(op),
                                         mlirOperationGetLocation(op)));
}

// A rescale with numbers for each channel of the last dimension.
static bool is_per_channel(MlirOperation op) {
  MlirAttribute list =
      mlirOperationGetAttributeByName(op, cimc_ir_str("multipliers"));
  return cimc_qgemm_kind_of(op) == CIMC_QGEMM_RESCALE &&
         !mlirAttributeIsNull(list) && mlirDenseArrayGetNumElements(list) > 1;
}

static MlirLogicalResult
sink_below_unary(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  if (is_cast_to_plain(op) || is_per_channel(op))
    return NO_MATCH;
  if (mlirLogicalResultIsSuccess(sink_transpose(op, rewriter)))
    return mlirLogicalResultSuccess();
  return sink_reshape(op, rewriter);
}

// -- Below ops with several operands -----------------------------------------
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

typedef struct sink_several {
  MlirOperation op;
  cimc_perm perm;
  cimc_perm inverse;
  bool dies;           // the transpose has no other user
  MlirOperation above; // that transpose
} sink_several;

// A transpose worth moving: not one that folds or becomes a reshape by itself.
static bool find_to_sink(MlirValue value, cimc_sink *out) {
  cimc_shape shape;
  if (!cimc_sink_find(value, CIMC_QGEMM_TRANSPOSE, out))
    return false;
  MlirValue x = cimc_edit_operand(out->op, 0);
  return cimc_ir_tensor_shape(mlirValueGetType(x), &shape) &&
         !cimc_edit_is_constant_like(x) &&
         !cimc_edit_perm_is_reshape(&out->perm, &shape);
}

// Whether the other operand can be had in the layout before the transpose
// without moving its data at run time.
static bool other_is_free(const sink_several *self, MlirValue other) {
  cimc_sink layout;
  cimc_shape shape;
  if (!cimc_ir_tensor_shape(mlirValueGetType(other), &shape) ||
      shape.rank > self->perm.rank)
    return false;
  if (cimc_sink_find(other, CIMC_QGEMM_TRANSPOSE, &layout) &&
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
  MlirOperation found = find_transposed(other, &self->inverse, self->op);
  // In x + transpose(x) it is the one to be moved, if it is its own inverse.
  return !mlirOperationIsNull(found) && found.ptr != self->above.ptr;
}

static MlirValue bring_other(MlirRewriterBase rewriter,
                             const sink_several *self, MlirValue other) {
  cimc_sink layout;
  cimc_shape shape = {0};
  MlirLocation location = mlirOperationGetLocation(self->op);
  cimc_ir_tensor_shape(mlirValueGetType(other), &shape);
  if (cimc_ir_element_count(&shape) == 1 && shape.rank <= self->perm.rank)
    return other; // the same in every layout
  if (cimc_sink_find(other, CIMC_QGEMM_TRANSPOSE, &layout) &&
      cimc_edit_perm_equal(&layout.perm, &self->perm))
    return cimc_sink_before(rewriter, &layout);
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

// How many operands lie like the result: all but a gather's indices and the
// like, which are not moved here.
static intptr_t operands_alike(MlirOperation op) {
  if (cimc_qgemm_kind_of(op) == CIMC_QGEMM_CONCAT)
    return mlirOperationGetNumOperands(op);
  return cimc_kinds_elementwise(cimc_qgemm_kind_of(op));
}

static bool others_are_free(const sink_several *self, intptr_t side) {
  for (intptr_t i = 0; i < operands_alike(self->op); i++)
    if (i != side && !other_is_free(self, cimc_edit_operand(self->op, i)))
      return false;
  return true;
}

// The transpose of operand `side` below the op, the other operands brought
// along.
static MlirLogicalResult sink_several_by(MlirOperation op, intptr_t side,
                                         MlirRewriterBase rewriter) {
  cimc_sink layout;
  cimc_shape result;
  MlirValue x = cimc_edit_operand(op, side);
  if (!cimc_ir_tensor_shape(cimc_edit_type(op), &result) ||
      !find_to_sink(x, &layout) || layout.perm.rank != result.rank)
    return NO_MATCH;
  sink_several self = {op, layout.perm, cimc_edit_perm_inverse(&layout.perm),
                       cimc_ir_has_one_use(x) &&
                           cimc_ir_has_one_use(cimc_edit_result(layout.op)),
                       layout.op};
  if (!others_are_free(&self, side))
    return NO_MATCH;
  cimc_edit edit = cimc_edit_copy(op);
  for (int i = 0; i < edit.operand_count; i++)
    edit.operands[i] = i == side
                           ? cimc_sink_before(rewriter, &layout)
                           : bring_other(rewriter, &self, edit.operands[i]);
  int64_t axis;
  if (edit.kind == CIMC_QGEMM_CONCAT && cimc_ir_get_i64(op, "axis", &axis))
    cimc_edit_set(
        &edit, "axis",
        cimc_ir_attr_i64(mlirOperationGetContext(op), layout.perm.at[axis]));
  return cimc_sink_replace(rewriter, op, &edit, &layout.perm);
}

static MlirLogicalResult
sink_below_several(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  for (intptr_t side = 0; side < operands_alike(op); side++)
    if (mlirLogicalResultIsSuccess(sink_several_by(op, side, rewriter)))
      return mlirLogicalResultSuccess();
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
};
#define OWN_COUNT (sizeof patterns / sizeof *patterns)
_Static_assert(OWN_COUNT + CIMC_QGEMM_KIND_COUNT <= CIMC_LAYOUT_PATTERNS_MAX,
               "room for the patterns");

// A transpose stays below a dequantize, or raise_transpose would undo it.
size_t cimc_layout_patterns(cimc_pattern *out) {
  size_t count = OWN_COUNT;
  memcpy(out, patterns, sizeof patterns);
  for (int i = CIMC_QGEMM_NONE + 1; i < CIMC_QGEMM_KIND_COUNT; i++) {
    cimc_qgemm_kind kind = (cimc_qgemm_kind)i;
    int operands = cimc_kinds_elementwise(kind);
    cimc_pattern pattern = {cimc_qgemm_name(kind), cimc_sink_rewrite};
    if (kind == CIMC_QGEMM_DEQUANTIZE)
      continue;
    if (operands == 1)
      pattern.rewrite = sink_below_unary;
    else if (operands > 1 || kind == CIMC_QGEMM_CONCAT)
      pattern.rewrite = sink_below_several;
    else if (!cimc_sink_moves(kind))
      continue;
    out[count++] = pattern;
  }
  return count;
}
