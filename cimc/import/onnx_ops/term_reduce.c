// SPDX-License-Identifier: Apache-2.0
//
// Reductions of terms.
#include "cimc/import/onnx_ops/eval.h"
#include "cimc/import/onnx_ops/term.h"

// What stays of the shape.
static cimc_shape remaining(const cimc_shape *from,
                            const cimc_term_axes *axes) {
  cimc_shape to = {.rank = 0};
  for (int i = 0; i < from->rank; i++)
    if (!axes->at[i] || axes->keep)
      to.dim[to.rank++] = axes->at[i] ? 1 : from->dim[i];
  return to;
}

// qgemm has no scalars: a reduction of everything keeps its dimensions, and is
// then reshaped.
static cimc_term emit(cimc_call *call, cimc_qgemm_kind kind, cimc_term x,
                      const cimc_term_axes *axes) {
  int64_t list[CIMC_RANK_MAX];
  int count = 0;
  MlirValue value;
  if (mlirLogicalResultIsFailure(cimc_term_value(call, &x, &value)))
    return CIMC_TERM_NONE;
  for (int i = 0; i < x.shape.rank; i++)
    if (axes->at[i])
      list[count++] = i;
  cimc_shape to = remaining(&x.shape, axes), held = cimc_term_held(&to);
  const cimc_builder *builder = &call->builder;
  value = cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = kind,
          .operands = {value},
          .operand_count = 1,
          .attributes = {cimc_builder_i64s(builder, "axes", count, list),
                         cimc_builder_bool(builder, "keepdims",
                                           axes->keep || to.rank == 0)},
          .attribute_count = 2});
  return cimc_term_made(cimc_builder_reshape(builder, value, &held), x.elem,
                        &to);
}

cimc_term cimc_term_reduce(cimc_call *call, cimc_qgemm_kind kind, cimc_term x,
                           const cimc_term_axes *axes) {
  bool any = false;
  if (!x.sound)
    return x;
  for (int i = 0; i < x.shape.rank; i++)
    any |= axes->at[i];
  if (!any)
    return x;
  const cimc_tensor *known =
      x.known ? cimc_eval_reduce(call, kind, x.known, axes->at) : NULL;
  if (!known)
    return emit(call, kind, x, axes);
  cimc_shape to = remaining(&x.shape, axes);
  return cimc_term_reshape(call, cimc_term_known(known), &to);
}
