// SPDX-License-Identifier: Apache-2.0
//
// One form for what can be said in many ways.
//
// In: the graph as imported, or as fused. Out: no transposes inside a
// convolutional network, no ops that do nothing, pads, biases and activations
// in the op they belong to, and quantized types at the function's edge where
// the model says them.
#include "passes/model/canonicalize.h"
#include "passes/model/absorb.h"
#include "passes/model/dead.h"
#include "passes/model/flatten.h"
#include "passes/model/layout.h"
#include "passes/model/movement.h"
#include "passes/model/signature.h"

#include "passes/model/edit.h"

#define NO_MATCH mlirLogicalResultFailure()

// -- Casts -------------------------------------------------------------------
// A cast of a cast is one cast, or none.
static MlirLogicalResult join_casts(MlirOperation op, MlirRewriterBase rewriter,
                                    void *user) {
  (void)user;
  MlirValue x = cimc_edit_operand(op, 0);
  MlirType type = cimc_edit_type(op);
  if (mlirTypeEqual(mlirValueGetType(x), type))
    return cimc_edit_replace(rewriter, op, x);
  MlirOperation inner = cimc_edit_def(x, CIMC_QGEMM_STORAGE_CAST);
  if (mlirOperationIsNull(inner))
    return NO_MATCH;
  MlirValue first = cimc_edit_operand(inner, 0);
  if (mlirTypeEqual(mlirValueGetType(first), type))
    return cimc_edit_replace(rewriter, op, first);
  cimc_element from = cimc_qgemm_element(mlirValueGetType(first));
  cimc_element to = cimc_qgemm_element(type);
  if (from.storage != to.storage)
    return NO_MATCH;
  return cimc_edit_replace(rewriter, op,
                           cimc_edit_unary(rewriter, CIMC_QGEMM_STORAGE_CAST,
                                           first, type,
                                           mlirOperationGetLocation(op)));
}

// -- Requantize --------------------------------------------------------------
// Same scale, same zero point, no activation: the same number. Exact for 8 and
// 16 bits, where dividing the product by the scale again rounds to the step.
static MlirLogicalResult
drop_requantize(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  MlirValue x = cimc_edit_operand(op, 0);
  MlirStringRef word;
  bool none = !cimc_ir_get_str(op, "activation", &word) ||
              cimc_ir_str_equal(word, "none");
  if (!none || !mlirTypeEqual(mlirValueGetType(x), cimc_edit_type(op)))
    return NO_MATCH;
  return cimc_edit_replace(rewriter, op, x);
}

static const cimc_pattern own_patterns[] = {
    {"qgemm.storage_cast", join_casts},
    {"qgemm.requantize", drop_requantize},
    {"qgemm.matmul", cimc_flatten_rewrite},
};
#define OWN_COUNT (sizeof own_patterns / sizeof *own_patterns)

// -- Pass --------------------------------------------------------------------
static MlirWalkResult find_call(MlirOperation op, void *user) {
  bool *found = user;
  *found = *found || cimc_ir_op_is(op, "func.call");
  return *found ? MlirWalkResultInterrupt : MlirWalkResultAdvance;
}

static void absorb_casts(MlirOperation module) {
  bool called = false; // then the callers' types would have to change too
  mlirOperationWalk(module, find_call, &called, MlirWalkPreOrder);
  if (called)
    return;
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(module, 0));
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (cimc_ir_op_is(op, "func.func"))
      cimc_signature_absorb_casts(op);
}

static MlirLogicalResult run(MlirOperation module,
                             const cimc_pass_values *values) {
  (void)values;
  cimc_pattern patterns[CIMC_QGEMM_KIND_COUNT + CIMC_LAYOUT_PATTERNS_MAX +
                        CIMC_ABSORB_PATTERNS_MAX + CIMC_MOVEMENT_PATTERNS_MAX +
                        OWN_COUNT];
  size_t count = cimc_dead_patterns(patterns);
  for (size_t i = 0; i < OWN_COUNT; i++)
    patterns[count++] = own_patterns[i];
  count += cimc_absorb_patterns(patterns + count);
  count += cimc_movement_patterns(patterns + count);
  count += cimc_layout_patterns(patterns + count);
  CIMC_TRY(cimc_pass_rewrite(module, patterns, count, NULL));
  absorb_casts(module);
  return mlirLogicalResultSuccess();
}

const cimc_pass cimc_canonicalize_pass = {
    .name = "canonicalize",
    .stage = "model",
    .summary = "removes transposes, reshapes, pads and casts; folds biases, "
               "scales and activations into their op",
    .run = run,
};
