// SPDX-License-Identifier: Apache-2.0
//
// How a pass of ours meets MLIR's pass manager and its greedy rewriter.
#include "passes/base/pass.h"

#include <mlir-c/Conversion.h>
#include <mlir-c/Transforms.h>

#include <errno.h>
#include <stdlib.h>
#include <threads.h>

// -- Running -----------------------------------------------------------------
static void nothing(void *user) { (void)user; }
static void *same(void *user) { return user; }

static MlirLogicalResult initialize(MlirContext context, void *user) {
  (void)context;
  (void)user;
  return mlirLogicalResultSuccess();
}

static void run(MlirOperation op, MlirExternalPass external, void *user) {
  const cimc_pass_values *values = user;
  if (mlirLogicalResultIsFailure(values->pass->run(op, values)))
    mlirExternalPassSignalFailure(external);
}

static MlirPassManager create_manager(MlirOperation module) {
  MlirPassManager manager = mlirPassManagerCreateOnOperation(
      mlirOperationGetContext(module), cimc_ir_str("builtin.module"));
  mlirPassManagerEnableVerifier(manager, false);
  return manager;
}

MlirLogicalResult cimc_pass_run(const cimc_pass_values *values,
                                MlirOperation module) {
  const cimc_pass *pass = values->pass;
  cimc_pass_values user = *values;
  if (pass->upstream)
    return cimc_pass_run_upstream(pass->upstream, module);
  MlirExternalPassCallbacks callbacks = {nothing, nothing, initialize, same,
                                         run};
  MlirTypeIDAllocator ids = mlirTypeIDAllocatorCreate();
  MlirStringRef name = cimc_ir_str(pass->name);
  MlirPassManager manager = create_manager(module);
  mlirPassManagerAddOwnedPass(
      manager, mlirCreateExternalPass(mlirTypeIDAllocatorAllocateTypeID(ids),
                                      name, name, cimc_ir_str(pass->summary),
                                      cimc_ir_str("builtin.module"), 0, NULL,
                                      callbacks, &user));
  MlirLogicalResult result = mlirPassManagerRunOnOp(manager, module);
  mlirPassManagerDestroy(manager);
  mlirTypeIDAllocatorDestroy(ids);
  return result;
}

// The registry is MLIR's own global; a second registration is an error there.
static once_flag registered = ONCE_FLAG_INIT;

static void register_upstream(void) {
  mlirRegisterConversionPasses();
  mlirRegisterTransformsPasses();
}

static void report_chunk(MlirStringRef text, void *user) {
  const MlirLocation *location = user;
  cimc_error(*location, "%.*s", (int)text.length, text.data);
}

MlirLogicalResult cimc_pass_run_upstream(const char *pipeline,
                                         MlirOperation module) {
  call_once(&registered, register_upstream);
  MlirLocation location = mlirOperationGetLocation(module);
  MlirPassManager manager = create_manager(module);
  MlirLogicalResult result = mlirOpPassManagerAddPipeline(
      mlirPassManagerGetAsOpPassManager(manager), cimc_ir_str(pipeline),
      report_chunk, &location);
  if (mlirLogicalResultIsSuccess(result))
    result = mlirPassManagerRunOnOp(manager, module);
  mlirPassManagerDestroy(manager);
  return result;
}

// -- Options -----------------------------------------------------------------
MlirLogicalResult cimc_pass_integer(const cimc_pass_values *values, int index,
                                    cimc_pass_range range,
                                    MlirLocation location, int64_t *out) {
  const cimc_pass *pass = values->pass;
  const char *text = values->value[index];
  char *end = NULL;
  errno = 0;
  long long number = text ? strtoll(text, &end, 10) : 0;
  if (!text || end == text || *end != '\0' || errno == ERANGE ||
      number < range.low || number > range.high)
    return cimc_error(location,
                      "pass '%s': option %s=%s; expected a whole number from "
                      "%lld to %lld",
                      pass->name, pass->options[index].name, text ? text : "",
                      (long long)range.low, (long long)range.high);
  *out = number;
  return mlirLogicalResultSuccess();
}

// -- Rewriting ---------------------------------------------------------------
// Far beyond what any model needs: only to end a rewrite that goes in circles.
#define ROUNDS_MAX 32
#define REWRITES_MIN 10000
#define REWRITES_PER_OP 64

typedef struct pattern_call {
  const cimc_pattern *pattern;
  void *user;
} pattern_call;

static MlirLogicalResult match_and_rewrite(MlirRewritePattern pattern,
                                           MlirOperation op,
                                           MlirPatternRewriter rewriter,
                                           void *user) {
  (void)pattern;
  const pattern_call *call = user;
  return call->pattern->rewrite(op, mlirPatternRewriterAsBase(rewriter),
                                call->user);
}

static MlirWalkResult count_op(MlirOperation op, void *user) {
  (void)op;
  int64_t *count = user;
  ++*count;
  return MlirWalkResultAdvance;
}

static MlirGreedyRewriteDriverConfig create_config(MlirOperation module) {
  int64_t ops = 0;
  mlirOperationWalk(module, count_op, &ops, MlirWalkPreOrder);
  MlirGreedyRewriteDriverConfig config = mlirGreedyRewriteDriverConfigCreate();
  mlirGreedyRewriteDriverConfigSetMaxIterations(config, ROUNDS_MAX);
  mlirGreedyRewriteDriverConfigSetMaxNumRewrites(
      config, REWRITES_MIN + REWRITES_PER_OP * ops);
  mlirGreedyRewriteDriverConfigSetUseTopDownTraversal(config, true);
  mlirGreedyRewriteDriverConfigEnableFolding(config, false);
  mlirGreedyRewriteDriverConfigEnableConstantCSE(config, false);
  mlirGreedyRewriteDriverConfigSetRegionSimplificationLevel(
      config, MLIR_GREEDY_SIMPLIFY_REGION_LEVEL_DISABLED);
  return config;
}

static MlirLogicalResult apply(MlirOperation module, pattern_call *calls,
                               size_t count) {
  MlirContext context = mlirOperationGetContext(module);
  MlirRewritePatternSet set = mlirRewritePatternSetCreate(context);
  MlirRewritePatternCallbacks callbacks = {NULL, NULL, match_and_rewrite};
  for (size_t i = 0; i < count; i++)
    mlirRewritePatternSetAdd(
        set, mlirOpRewritePatternCreate(cimc_ir_str(calls[i].pattern->root),
                                        (unsigned)(count - i), context,
                                        callbacks, &calls[i], 0, NULL));
  MlirFrozenRewritePatternSet frozen = mlirFreezeRewritePattern(set);
  MlirGreedyRewriteDriverConfig config = create_config(module);
  MlirLogicalResult result =
      mlirApplyPatternsAndFoldGreedilyWithOp(module, frozen, config);
  mlirGreedyRewriteDriverConfigDestroy(config);
  mlirFrozenRewritePatternSetDestroy(frozen);
  mlirRewritePatternSetDestroy(set); // freezing left its shell
  if (mlirLogicalResultIsFailure(result))
    return cimc_error(mlirOperationGetLocation(module),
                      "the rewrites did not come to rest; this is a fault of "
                      "cimc");
  return result;
}

MlirLogicalResult cimc_pass_rewrite(MlirOperation module,
                                    const cimc_pattern *patterns, size_t count,
                                    void *user) {
  pattern_call *calls = calloc(count + 1, sizeof *calls);
  if (!calls)
    return cimc_error(mlirOperationGetLocation(module), "out of memory");
  for (size_t i = 0; i < count; i++)
    calls[i] = (pattern_call){&patterns[i], user};
  MlirLogicalResult result = apply(module, calls, count);
  free(calls);
  return result;
}
