// SPDX-License-Identifier: Apache-2.0
//
// gather: whole runs behind the axis, one for each index.
#include "passes/lower/core/nest.h"
#include "passes/lower/kernels.h"
#include "passes/lower/move/move.h"

typedef struct gather {
  int element_bytes;
  cimc_storage index;
  // x is outer x size x inner, the result outer x count x inner.
  int64_t outer, size, inner, count;
} gather;

// An index as it was loaded, counted from the end when negative, within
// [0, size), as an address is computed from it.
static MlirValue normalize(cimc_build *b, const gather *g, MlirValue index) {
  MlirType type = mlirValueGetType(index);
  MlirValue zero = cimc_build_int(b, type, 0);
  MlirValue size = cimc_build_int(b, type, g->size);
  MlirValue last = cimc_build_int(b, type, g->size - 1);
  index = cimc_build_select(b, cimc_build_compare(b, CIMC_LT, index, zero),
                            cimc_build_add(b, index, size), index);
  index = cimc_build_clamp(b, index, zero, last);
  if (mlirTypeEqual(type, b->index))
    return index;
  return g->index == CIMC_STORAGE_I64 ? cimc_build_trunc(b, index, b->index)
                                      : cimc_build_sext(b, index, b->index);
}

static void emit(cimc_build *b, const gather *g) {
  MlirValue x = cimc_build_argument(b, 0);
  MlirValue indices = cimc_build_argument(b, 1);
  MlirValue to = cimc_build_argument(b, 2);
  int64_t run = g->inner * g->element_bytes;
  int64_t index_bytes = cimc_storage_bytes(g->index);
  cimc_loop outer = cimc_build_repeat(b, g->outer, 1);
  x = cimc_sweep_at(b, x, outer.iv, g->size * run);
  to = cimc_sweep_at(b, to, outer.iv, g->count * run);
  cimc_loop each = cimc_build_repeat(b, g->count, 1);
  MlirValue index = cimc_build_load(
      b, cimc_build_storage_type(b, g->index),
      cimc_sweep_at(b, indices, each.iv, index_bytes), index_bytes);
  cimc_move move = {.element_bytes = g->element_bytes,
                    .rank = 1,
                    .dim = {g->inner},
                    .from = {1},
                    .to = {1}};
  cimc_move_emit(b, move, cimc_sweep_at(b, x, normalize(b, g, index), run),
                 cimc_sweep_at(b, to, each.iv, run));
  cimc_build_end_for(b, &each, NULL);
  cimc_build_end_for(b, &outer, NULL);
  cimc_build_return(b, (MlirValue){NULL});
}

MlirLogicalResult cimc_gather_lower(cimc_lower *state, MlirOperation op) {
  MlirValue operand = mlirOperationGetOperand(op, 0);
  MlirValue indices = mlirOperationGetOperand(op, 1);
  cimc_element element = cimc_qgemm_element(mlirValueGetType(operand));
  gather g = {.element_bytes = cimc_storage_bytes(element.storage),
              .index = cimc_qgemm_element(mlirValueGetType(indices)).storage};
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(mlirValueGetType(indices), &shape);
  g.count = cimc_ir_element_count(&shape);
  cimc_nest_split(op, &g.outer, &g.size, &g.inner);
  MlirValue arguments[] = {
      cimc_lower_value(state, operand), cimc_lower_value(state, indices),
      cimc_lower_value(state, mlirOperationGetResult(op, 0))};
  for (int i = 0; i < 3; i++)
    if (mlirValueIsNull(arguments[i]))
      return mlirLogicalResultFailure();
  char key[CIMC_KERNEL_KEY_MAX] = "gather";
  cimc_key_append(key, sizeof(key), "_%d_%s_%lldx%lldx%lld_%lld",
                  g.element_bytes, cimc_key_storage(g.index),
                  (long long)g.outer, (long long)g.size, (long long)g.inner,
                  (long long)g.count);
  cimc_kernel kernel = {
      .key = key, .count = 3, .arguments = arguments, .noalias = true};
  cimc_build b;
  if (cimc_lower_kernel(state, op, &kernel, &b))
    emit(&b, &g);
  return mlirLogicalResultSuccess();
}
