// SPDX-License-Identifier: Apache-2.0
//
// The table of all passes, the default pipelines, and the runner.
#include "passes/passes.h"

#include "dialect/qgemm.h"
#include "passes/base/contract.h"
#include "passes/base/pipeline.h"
#include "passes/lower/lower.h"
#include "passes/map/plan_memory.h"
#include "passes/map/tile.h"
#include "passes/model/canonicalize.h"
#include "passes/model/cleanup.h"
#include "passes/model/fold.h"
#include "passes/model/fuse.h"
#include "passes/model/infer_shapes.h"
#include "passes/model/raise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// -- Table -------------------------------------------------------------------
static const cimc_pass to_llvm_pass = {
    .name = "to_llvm",
    .stage = "lower",
    .summary = "MLIR's own conversions to the llvm dialect",
    .upstream =
        "convert-scf-to-cf,convert-vector-to-llvm,convert-arith-to-llvm,"
        "convert-index-to-llvm,convert-cf-to-llvm,convert-func-to-llvm,"
        "reconcile-unrealized-casts",
};

static const cimc_pass *const table[] = {
    &cimc_raise_pass,
    &cimc_infer_shapes_pass,
    &cimc_fold_pass,
    &cimc_canonicalize_pass,
    &cimc_fuse_pass,
    &cimc_cleanup_pass,
    &cimc_tile_pass,
    &cimc_plan_memory_pass,
    &cimc_lower_pass,
    &to_llvm_pass,
    NULL,
};

const cimc_pass *cimc_passes_at(size_t index) {
  return index < sizeof table / sizeof *table ? table[index] : NULL;
}

const char *cimc_passes_op_at(size_t index) { return cimc_raise_op_at(index); }

// How a module comes to the end of each stage. `fuse` wants to see the
// dequantize of a constant, so these are folded only after it; what is then
// f32 and constant may still go into a neighbour.
static const char *const pipelines[] = {
    [CIMC_STAGE_MODEL] =
        "raise,infer_shapes,fold,canonicalize,fuse,canonicalize,"
        "fold{dequantize=1},canonicalize,cleanup",
    [CIMC_STAGE_MAPPED] = "tile,plan_memory",
    [CIMC_STAGE_LOWERED] = "lower",
};

// -- CPU ---------------------------------------------------------------------
#define CPU_ATTRIBUTE "qgemm.cpu"

void cimc_passes_set_cpu(MlirOperation module, const cimc_cpu *cpu) {
  MlirContext context = mlirOperationGetContext(module);
  MlirNamedAttribute entries[] = {
      cimc_ir_attr(context, "name", cimc_ir_attr_str(context, cpu->name)),
      cimc_ir_attr(context, "dot", cimc_ir_attr_str(context, cpu->dot)),
      cimc_ir_attr(context, "vector_bits",
                   cimc_ir_attr_i64(context, cpu->vector_bits)),
      cimc_ir_attr(context, "pointer_bits",
                   cimc_ir_attr_i64(context, cpu->pointer_bits)),
      cimc_ir_attr(context, "vector_registers",
                   cimc_ir_attr_i64(context, cpu->vector_registers)),
      cimc_ir_attr(context, "features",
                   cimc_ir_attr_i64(context, cpu->features)),
  };
  mlirOperationSetAttributeByName(
      module, cimc_ir_str(CPU_ATTRIBUTE),
      mlirDictionaryAttrGet(context, sizeof entries / sizeof *entries,
                            entries));
}

static MlirLogicalResult cpu_fault(MlirOperation module, const char *entry,
                                   const char *kind) {
  MlirLocation location = mlirOperationGetLocation(module);
  cimc_error(location, CPU_ATTRIBUTE " has no entry %s; expected %s", entry,
             kind);
  cimc_note(location, "--target writes it; or take it from the output of "
                      "--emit=mapped");
  return mlirLogicalResultFailure();
}

static MlirLogicalResult read_string(MlirOperation module, MlirAttribute cpu,
                                     const char *name, const char **out) {
  MlirAttribute value =
      mlirDictionaryAttrGetElementByName(cpu, cimc_ir_str(name));
  if (mlirAttributeIsNull(value) || !mlirAttributeIsAString(value))
    return cpu_fault(module, name, "a string");
  // An identifier's text lives with the context and ends with a zero byte.
  *out = mlirIdentifierStr(mlirIdentifierGet(mlirOperationGetContext(module),
                                             mlirStringAttrGetValue(value)))
             .data;
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult read_integer(MlirOperation module, MlirAttribute cpu,
                                      const char *name, int64_t *out) {
  MlirAttribute value =
      mlirDictionaryAttrGetElementByName(cpu, cimc_ir_str(name));
  if (mlirAttributeIsNull(value) || !mlirAttributeIsAInteger(value) ||
      !mlirTypeIsAInteger(mlirAttributeGetType(value)) ||
      mlirIntegerTypeGetWidth(mlirAttributeGetType(value)) != 64)
    return cpu_fault(module, name, "an i64");
  *out = mlirIntegerAttrGetValueInt(value);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_passes_get_cpu(MlirOperation module, cimc_cpu *out) {
  MlirAttribute cpu =
      mlirOperationGetAttributeByName(module, cimc_ir_str(CPU_ATTRIBUTE));
  if (mlirAttributeIsNull(cpu) || !mlirAttributeIsADictionary(cpu))
    return cimc_error(mlirOperationGetLocation(module),
                      "the module does not say for which CPU; expected the "
                      "attribute " CPU_ATTRIBUTE);
  CIMC_TRY(read_string(module, cpu, "name", &out->name));
  CIMC_TRY(read_string(module, cpu, "dot", &out->dot));
  CIMC_TRY(read_integer(module, cpu, "vector_bits", &out->vector_bits));
  CIMC_TRY(read_integer(module, cpu, "pointer_bits", &out->pointer_bits));
  CIMC_TRY(
      read_integer(module, cpu, "vector_registers", &out->vector_registers));
  return read_integer(module, cpu, "features", &out->features);
}

// -- Stages ------------------------------------------------------------------
cimc_stage cimc_passes_stage_of(MlirOperation module) {
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(module, 0));
  cimc_stage stage = CIMC_STAGE_MODEL;
  bool has_function = false;
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (cimc_ir_op_is(op, "func.func")) {
      has_function = true;
      if (cimc_ir_has_attr(op, "qgemm.workspace_bytes"))
        stage = CIMC_STAGE_MAPPED;
    }
    if (cimc_ir_op_is(op, "llvm.func") && !has_function)
      stage = CIMC_STAGE_LOWERED;
  }
  return has_function || stage == CIMC_STAGE_LOWERED ? stage : CIMC_STAGE_MODEL;
}

static MlirLogicalResult verify(MlirOperation module) {
  if (!mlirOperationVerify(module))
    return mlirLogicalResultFailure();
  return cimc_qgemm_verify(module);
}

// Verifies what the stage the module is at promises.
static MlirLogicalResult verify_stage(MlirOperation module) {
  CIMC_TRY(verify(module));
  switch (cimc_passes_stage_of(module)) {
  case CIMC_STAGE_MODEL:
    return mlirLogicalResultSuccess();
  case CIMC_STAGE_MAPPED:
    return cimc_contract_check_mapped(module);
  case CIMC_STAGE_LOWERED:
    return cimc_contract_check_lowered(module);
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult wrong_stage(MlirOperation module, const char *name,
                                     const char *expected) {
  return cimc_error(mlirOperationGetLocation(module),
                    "pass '%s' needs a module %s", name, expected);
}

// Before a pass of another stage than the one before it: what it relies on.
static MlirLogicalResult verify_before(MlirOperation module,
                                       const cimc_pass *pass) {
  cimc_stage stage = cimc_passes_stage_of(module);
  CIMC_TRY(verify(module));
  if (strcmp(pass->stage, "model") == 0)
    return stage == CIMC_STAGE_LOWERED
               ? wrong_stage(module, pass->name, "that is not yet lowered")
               : mlirLogicalResultSuccess();
  if (strcmp(pass->stage, "map") == 0)
    return stage == CIMC_STAGE_LOWERED
               ? wrong_stage(module, pass->name, "that is not yet lowered")
               : cimc_contract_check_model(module);
  if (pass->upstream)
    return stage == CIMC_STAGE_LOWERED
               ? cimc_contract_check_lowered(module)
               : wrong_stage(module, pass->name, "that is lowered");
  return stage == CIMC_STAGE_LOWERED
             ? wrong_stage(module, pass->name, "that is not yet lowered")
             : cimc_contract_check_mapped(module);
}

// -- Runner ------------------------------------------------------------------
#define TIMES_MAX 64

typedef struct pass_runner {
  MlirOperation module;
  const cimc_passes_options *options;
  const cimc_pass *previous;
  struct {
    const cimc_pass *pass;
    double ms;
  } times[TIMES_MAX];
  size_t time_count;
} pass_runner;

static void print_chunk(MlirStringRef text, void *user) {
  fwrite(text.data, 1, text.length, user);
}

// For reading, so weights are left out; --emit prints all.
static void print_after(const pass_runner *self, const cimc_pass *pass) {
  const char *wanted = self->options->print_after;
  if (!wanted ||
      (strcmp(wanted, "all") != 0 && strcmp(wanted, pass->name) != 0))
    return;
  MlirOpPrintingFlags flags = mlirOpPrintingFlagsCreate();
  mlirOpPrintingFlagsElideLargeElementsAttrs(flags, 32);
  mlirOpPrintingFlagsElideLargeResourceString(flags, 64);
  fprintf(stderr, "// -----// IR after %s //----- //\n", pass->name);
  mlirOperationPrintWithFlags(self->module, flags, print_chunk, stderr);
  fputc('\n', stderr);
  mlirOpPrintingFlagsDestroy(flags);
}

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

static void print_times(const pass_runner *self) {
  double total = 0;
  for (size_t i = 0; i < self->time_count; i++)
    total += self->times[i].ms;
  fprintf(stderr, "%12s %7s  pass\n", "ms", "%");
  for (size_t i = 0; i < self->time_count; i++)
    fprintf(stderr, "%12.3f %7.1f  %s\n", self->times[i].ms,
            total > 0 ? 100 * self->times[i].ms / total : 0,
            self->times[i].pass->name);
  fprintf(stderr, "%12.3f %7.1f  total\n", total, 100.0);
}

static MlirLogicalResult run_step(pass_runner *self,
                                  const cimc_pass_values *step) {
  const cimc_pass *pass = step->pass;
  if (!self->previous || strcmp(self->previous->stage, pass->stage) != 0 ||
      pass->upstream)
    CIMC_TRY(verify_before(self->module, pass));
  self->previous = pass;
  double start = now_ms();
  CIMC_TRY(cimc_pass_run(step, self->module));
  if (self->time_count < TIMES_MAX) {
    self->times[self->time_count].pass = pass;
    self->times[self->time_count++].ms = now_ms() - start;
  }
  print_after(self, pass);
  if (!self->options->verify_each ||
      mlirLogicalResultIsSuccess(verify(self->module)))
    return mlirLogicalResultSuccess();
  return cimc_error(mlirOperationGetLocation(self->module),
                    "the IR after pass '%s' is not valid; this is a fault of "
                    "cimc",
                    pass->name);
}

static MlirLogicalResult run_text(pass_runner *self, const char *text) {
  cimc_pipeline pipeline;
  MlirLogicalResult result = cimc_pipeline_parse(text, table, &pipeline);
  for (size_t i = 0; i < pipeline.count && mlirLogicalResultIsSuccess(result);
       i++)
    result = run_step(self, &pipeline.steps[i]);
  cimc_pipeline_free(&pipeline);
  return result;
}

// A module that stands at the end of a stage needs the later ones only.
static MlirLogicalResult run_default(pass_runner *self, cimc_stage goal) {
  cimc_stage stage = cimc_passes_stage_of(self->module);
  if (stage == CIMC_STAGE_MODEL)
    CIMC_TRY(run_text(self, pipelines[CIMC_STAGE_MODEL]));
  for (cimc_stage next = stage + 1; next <= goal; next++)
    CIMC_TRY(run_text(self, pipelines[next]));
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_passes_check(const cimc_passes_options *options) {
  cimc_pipeline pipeline = {.count = 0};
  MlirLogicalResult result = mlirLogicalResultSuccess();
  if (options->passes)
    result = cimc_pipeline_parse(options->passes, table, &pipeline);
  cimc_pipeline_free(&pipeline);
  CIMC_TRY(result);
  if (options->print_after && strcmp(options->print_after, "all") != 0 &&
      !cimc_pipeline_find(options->print_after, table, "--print-after"))
    return mlirLogicalResultFailure();
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_passes_run(MlirOperation module, cimc_stage goal,
                                  const cimc_passes_options *options) {
  pass_runner self = {.module = module, .options = options};
  CIMC_TRY(cimc_passes_check(options));
  MlirLogicalResult result = options->passes ? run_text(&self, options->passes)
                                             : run_default(&self, goal);
  if (options->timing)
    print_times(&self);
  CIMC_TRY(result);
  return verify_stage(module);
}
