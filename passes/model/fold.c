// SPDX-License-Identifier: Apache-2.0
//
// Constant folding: an op whose operands are all constant becomes a constant.
//
// In: qgemm ops on constants. Out: the constants they give.
// Why a budget: a small op can blow a small constant up without end (a pad, a
// broadcast). Why the option dequantize: `fuse` needs to see the dequantize of
// a constant, so these fold only in the run after it.
#include "passes/model/fold.h"
#include "passes/base/kinds.h"
#include "passes/model/dead.h"
#include "passes/model/literal.h"

#include <string.h>

typedef struct fold_state {
  int64_t bytes_left;
  bool dequantize;
  bool exhausted;
  MlirLocation where; // the first op that did not fit
} fold_state;

static MlirLogicalResult fold(MlirOperation op, MlirRewriterBase rewriter,
                              void *user) {
  fold_state *state = user;
  cimc_literal literal;
  intptr_t count = mlirOperationGetNumOperands(op);
  for (intptr_t i = 0; i < count; i++)
    if (!cimc_edit_is_constant(cimc_edit_operand(op, i)))
      return mlirLogicalResultFailure();
  if (cimc_qgemm_kind_of(op) == CIMC_QGEMM_DEQUANTIZE && !state->dequantize)
    return mlirLogicalResultFailure();
  int64_t bytes = cimc_literal_bytes(cimc_edit_type(op));
  if (bytes < 0 || bytes > state->bytes_left) {
    if (!state->exhausted)
      state->where = mlirOperationGetLocation(op);
    state->exhausted = true;
    return mlirLogicalResultFailure();
  }
  if (!cimc_literal_evaluate(op, &literal))
    return mlirLogicalResultFailure();
  state->bytes_left -= bytes;
  MlirValue value =
      cimc_literal_insert(rewriter, &literal, mlirOperationGetLocation(op));
  cimc_literal_destroy(&literal);
  return cimc_edit_replace(rewriter, op, value);
}

enum { OPTION_BUDGET, OPTION_DEQUANTIZE };

static const cimc_pass_option options[] = {
    {"budget_bytes", "67108864", "stop after this many bytes of results"},
    {"dequantize", "0", "1: fold the dequantize of a constant too"},
    {NULL, NULL, NULL},
};

// Those that move elements; and all elementwise ones.
static const cimc_qgemm_kind folded[] = {
    CIMC_QGEMM_TRANSPOSE, CIMC_QGEMM_RESHAPE, CIMC_QGEMM_PAD,
    CIMC_QGEMM_CONCAT,    CIMC_QGEMM_SLICE,   CIMC_QGEMM_GATHER,
};
#define FOLDED_COUNT (sizeof folded / sizeof *folded)

static MlirLogicalResult run(MlirOperation module,
                             const cimc_pass_values *values) {
  MlirLocation location = mlirOperationGetLocation(module);
  fold_state state = {.exhausted = false};
  int64_t dequantize;
  CIMC_TRY(cimc_pass_integer(values, OPTION_BUDGET,
                             (cimc_pass_range){0, INT64_MAX}, location,
                             &state.bytes_left));
  CIMC_TRY(cimc_pass_integer(values, OPTION_DEQUANTIZE, (cimc_pass_range){0, 1},
                             location, &dequantize));
  state.dequantize = dequantize == 1;
  cimc_pattern patterns[FOLDED_COUNT + 2 * CIMC_QGEMM_KIND_COUNT];
  size_t count = cimc_dead_patterns(patterns);
  for (size_t i = 0; i < FOLDED_COUNT; i++)
    patterns[count++] = (cimc_pattern){cimc_qgemm_name(folded[i]), fold};
  for (cimc_qgemm_kind kind = 0; kind < CIMC_QGEMM_KIND_COUNT; kind++)
    if (cimc_kinds_elementwise(kind) > 0)
      patterns[count++] = (cimc_pattern){cimc_qgemm_name(kind), fold};
  CIMC_TRY(cimc_pass_rewrite(module, patterns, count, &state));
  if (state.exhausted)
    cimc_warn(state.where,
              "this and later constants are not folded: beyond the budget; "
              "raise it with --passes=…,fold{budget_bytes=N}");
  return mlirLogicalResultSuccess();
}

const cimc_pass cimc_fold_pass = {
    .name = "fold",
    .stage = "model",
    .summary = "replaces ops on constants by their results",
    .options = options,
    .run = run,
};
