// SPDX-License-Identifier: Apache-2.0
//
// Short forms for rewrites of qgemm ops: matching, building, and the types
// that transposing and reshaping give. Every op is built before the rewriter's
// insertion point, which is the op a pattern was called for.
#ifndef CIMC_PASSES_MODEL_EDIT_H
#define CIMC_PASSES_MODEL_EDIT_H

#include "dialect/qgemm.h"
#include "passes/base/pass.h"

// -- Matching ----------------------------------------------------------------
MlirValue cimc_edit_result(MlirOperation op);
MlirType cimc_edit_type(MlirOperation op); // of the result
MlirValue cimc_edit_operand(MlirOperation op, intptr_t index);
// The op that makes `value` if it is of this kind, else a null op.
MlirOperation cimc_edit_def(MlirValue value, cimc_qgemm_kind kind);
bool cimc_edit_is_constant(MlirValue value);
// A constant, or the dequantize of one.
bool cimc_edit_is_constant_like(MlirValue value);
bool cimc_edit_is_f32(MlirType type);
// An 8-bit type with one scale: what activations of quantized ops have.
bool cimc_edit_is_int8_tensor(MlirType type);

// -- Building ----------------------------------------------------------------
#define CIMC_EDIT_OPERANDS_MAX CIMC_QGEMM_OPERANDS_MAX
#define CIMC_EDIT_ATTRIBUTES_MAX 8

typedef struct cimc_edit {
  cimc_qgemm_kind kind;
  MlirLocation location;
  MlirType type;
  int operand_count;
  MlirValue operands[CIMC_EDIT_OPERANDS_MAX];
  MlirOperation like; // its attributes are copied; may be null
  // Set after those of `like`, by name; a null value drops the attribute.
  int attribute_count;
  struct {
    const char *name;
    MlirAttribute value;
  } attributes[CIMC_EDIT_ATTRIBUTES_MAX];
} cimc_edit;

MlirValue cimc_edit_build(MlirRewriterBase rewriter, const cimc_edit *edit);
// An edit that would build `op` again.
cimc_edit cimc_edit_copy(MlirOperation op);
void cimc_edit_set(cimc_edit *edit, const char *name, MlirAttribute value);
// Replaces activation, clamp_min and clamp_max by what `bounds` says.
void cimc_edit_set_bounds(cimc_edit *edit, cimc_bounds bounds);
// x through an op without attributes: quantize, dequantize, relu, …
MlirValue cimc_edit_unary(MlirRewriterBase rewriter, cimc_qgemm_kind kind,
                          MlirValue x, MlirType type, MlirLocation location);
MlirLogicalResult cimc_edit_replace(MlirRewriterBase rewriter, MlirOperation op,
                                    MlirValue value);

// -- Layout ------------------------------------------------------------------
// Result dimension i is dimension at[i] of the operand.
typedef struct cimc_perm {
  int rank;
  int64_t at[CIMC_RANK_MAX];
} cimc_perm;

bool cimc_edit_perm(MlirOperation transpose, cimc_perm *out);
cimc_perm cimc_edit_perm_inverse(const cimc_perm *perm);
bool cimc_edit_perm_equal(const cimc_perm *a, const cimc_perm *b);
// True when only dimensions of size 1 change their place: a reshape does it.
bool cimc_edit_perm_is_reshape(const cimc_perm *perm, const cimc_shape *from);
cimc_shape cimc_edit_permute_shape(const cimc_shape *shape,
                                   const cimc_perm *perm);
// The type of a transposed tensor; a per-axis type's axis moves along.
MlirType cimc_edit_permute_type(MlirType type, const cimc_perm *perm);
// The type of a reshaped tensor; false when a per-axis type's axis is torn.
bool cimc_edit_reshape_type(MlirType type, const cimc_shape *shape,
                            MlirType *out);
// The same shape with the element type of another tensor, the axis unchanged.
MlirType cimc_edit_with_element_of(MlirType shape_of, MlirType element_of);
MlirType cimc_edit_as_f32(MlirType type);
// The type with its per-axis quantization along another axis.
MlirType cimc_edit_move_axis(MlirType element, int axis);

MlirValue cimc_edit_transpose(MlirRewriterBase rewriter, MlirValue x,
                              const cimc_perm *perm, MlirLocation location);

#endif
