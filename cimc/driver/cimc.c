// SPDX-License-Identifier: Apache-2.0
//
// The public library libcimc: the one place where the phases are strung.
//
// Each phase is a step that takes the compilation from one state to the next
// and says with a cimc_result whose fault a failure is; cimc_compile walks
// them, takes the time of each and cleans up.
#include "cimc/driver/cimc.h"

#include "cimc/driver/entry.h"
#include "cimc/emit/header.h"
#include "cimc/emit/identifier.h"
#include "cimc/emit/object.h"
#include "cimc/import/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct compilation {
  cimc_compile_options options;
  cimc_machine machine;
  MlirContext context;
  MlirModule module;
  MlirOperation op;       // of module
  cimc_stage input_stage; // where the input stood
  cimc_import_files files;
  cimc_compiled result;
} compilation;

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

static const char *stage_name(cimc_stage stage) {
  static const char *const names[] = {"model", "mapped", "lowered"};
  return names[stage];
}

// The stage the module must reach for what is to be emitted.
static cimc_stage goal_of(cimc_emit emit) {
  switch (emit) {
  case CIMC_EMIT_QGEMM:
    return CIMC_STAGE_MODEL;
  case CIMC_EMIT_MAPPED:
    return CIMC_STAGE_MAPPED;
  default:
    return CIMC_STAGE_LOWERED;
  }
}

static bool emits_text_of_module(cimc_emit emit) {
  return emit <= CIMC_EMIT_LOWERED;
}

static cimc_passes_options passes_options(const compilation *c) {
  return (cimc_passes_options){.passes = c->options.passes,
                               .print_after = c->options.print_after,
                               .verify_each = c->options.verify_each,
                               .timing = c->options.timing};
}

// -- Steps -------------------------------------------------------------------

// What can be wrong without a look at the model.
static cimc_result check_options(compilation *c,
                                 const cimc_compile_options *from) {
  if (!from || from->struct_bytes < sizeof(size_t) ||
      from->struct_bytes > sizeof(c->options)) {
    cimc_diag_error(NULL, "cimc_compile_options.struct_bytes is not the size "
                          "this libcimc knows; rebuild against its cimc.h");
    return CIMC_WRONG_USAGE;
  }
  memcpy(&c->options, from, from->struct_bytes);
  const cimc_compile_options *o = &c->options;
  if (!o->input || !o->bytes || (unsigned)o->emit > CIMC_EMIT_HEADER) {
    cimc_diag_error(NULL, "cimc_compile needs an input, its bytes and a kind "
                          "to emit");
    return CIMC_WRONG_USAGE;
  }
  if (o->target && !cimc_target_exists(o->target)) {
    cimc_diag_error(NULL, "there is no target '%s'", o->target);
    cimc_diag_note("--list-targets shows those there are");
    return CIMC_WRONG_USAGE;
  }
  if (o->name && !cimc_identifier_is_symbol(o->name)) {
    cimc_diag_error(
        NULL,
        "--name=%s cannot be a C symbol; expected letters, digits "
        "and single underscores, no keyword, not main or a function "
        "objects call, at most %d characters",
        o->name, CIMC_IDENTIFIER_MAX - 1);
    return CIMC_WRONG_USAGE;
  }
  cimc_passes_options passes = passes_options(c);
  return mlirLogicalResultIsSuccess(cimc_passes_check(&passes))
             ? CIMC_DONE
             : CIMC_WRONG_USAGE;
}

static cimc_result start(compilation *c) {
  c->context = cimc_ir_context_create();
  return c->context.ptr ? CIMC_DONE : CIMC_INTERNAL;
}

static cimc_result load(compilation *c) {
  cimc_import_input input = {.path = c->options.input,
                             .bytes = c->options.bytes,
                             .size = c->options.size,
                             .tflite_reference =
                                 c->options.requant == CIMC_REQUANT_TFLITE_REF};
  c->module = cimc_import(c->context, &input, &c->files);
  if (mlirModuleIsNull(c->module))
    return CIMC_WRONG_INPUT;
  c->op = mlirModuleGetOperation(c->module);
  if (!mlirOperationVerify(c->op) ||
      mlirLogicalResultIsFailure(cimc_qgemm_verify(c->op)))
    return CIMC_WRONG_INPUT;
  c->input_stage = cimc_passes_stage_of(c->op);
  cimc_stage goal = goal_of(c->options.emit);
  if (c->input_stage > goal) {
    cimc_diag_error(c->options.input,
                    "the input is at the %s level already; --emit asks for the "
                    "%s level before it",
                    stage_name(c->input_stage), stage_name(goal));
    return CIMC_WRONG_USAGE;
  }
  return CIMC_DONE;
}

// A module that has met a CPU keeps it; one at the model level may be given
// another. No target, no attribute: the host.
static cimc_result choose_machine(compilation *c) {
  const char *asked = c->options.target;
  cimc_machine_find(asked, &c->machine);
  bool has_cpu = cimc_ir_has_attr(c->op, "qgemm.cpu");
  bool bound = c->input_stage != CIMC_STAGE_MODEL;
  if (bound || (has_cpu && !asked)) {
    cimc_cpu cpu = {0};
    if (mlirLogicalResultIsFailure(cimc_passes_get_cpu(c->op, &cpu)))
      return CIMC_WRONG_INPUT;
    if (asked && strcmp(c->machine.cpu.name, cpu.name) != 0) {
      cimc_diag_error(c->options.input,
                      "the input was mapped for '%s', not for '%s'", cpu.name,
                      c->machine.cpu.name);
      cimc_diag_note("start from --emit=qgemm text to change the target");
      return CIMC_WRONG_USAGE;
    }
    if (!cimc_machine_find(cpu.name, &c->machine)) {
      cimc_error(mlirOperationGetLocation(c->op),
                 "'qgemm.cpu' names '%s', which is no target", cpu.name);
      return CIMC_WRONG_INPUT;
    }
  }
  if (!bound)
    cimc_passes_set_cpu(c->op, &c->machine.cpu);
  const char *isa = getenv("CIMC_ISA");
  cimc_machine limit;
  if (isa && *isa && !cimc_machine_find(isa, &limit))
    cimc_diag_report(CIMC_SEVERITY_WARNING, NULL,
                     "CIMC_ISA=%s is no target; it is ignored", isa);
  return CIMC_DONE;
}

static cimc_result choose_entry(compilation *c) {
  // Chosen passes whose IR is printed run over every function of the module.
  if (c->options.passes && !c->options.entry && !c->options.name &&
      emits_text_of_module(c->options.emit))
    return CIMC_DONE;
  cimc_entry_request request = {.entry = c->options.entry,
                                .name = c->options.name,
                                .file = c->options.input};
  bool lowered = c->input_stage == CIMC_STAGE_LOWERED;
  cimc_result result = lowered ? cimc_entry_rename(c->op, &request)
                               : cimc_entry_select(c->op, &request);
  if (result == CIMC_DONE && c->options.verbose)
    cimc_diag_note("compiling for %s (%s)", c->machine.cpu.name,
                   c->machine.summary);
  return result;
}

static cimc_result run_passes(compilation *c) {
  cimc_passes_options options = passes_options(c);
  cimc_emit emit = c->options.emit;
  if (mlirLogicalResultIsFailure(
          cimc_passes_run(c->op, goal_of(emit), &options)))
    return CIMC_WRONG_INPUT;
  cimc_stage stage = cimc_passes_stage_of(c->op);
  if (!emits_text_of_module(emit) && stage != CIMC_STAGE_LOWERED) {
    cimc_diag_error(NULL,
                    "--passes ends at the %s level; the output asked for needs "
                    "the lowered level",
                    stage_name(stage));
    cimc_diag_note("--emit=%s prints the module as it is",
                   stage == CIMC_STAGE_MODEL ? "qgemm" : "mapped");
    return CIMC_WRONG_USAGE;
  }
  // The model level is free of any machine: its text can go to any target.
  if (stage == CIMC_STAGE_MODEL)
    mlirOperationRemoveDiscardableAttributeByName(c->op,
                                                  cimc_ir_str("qgemm.cpu"));
  return CIMC_DONE;
}

// -- Output ------------------------------------------------------------------

static void append(MlirStringRef text, void *file) {
  fwrite(text.data, 1, text.length, file);
}

static MlirWalkResult find_node_name(MlirOperation op, void *found) {
  if (cimc_ir_location_name(mlirOperationGetLocation(op)).length == 0)
    return MlirWalkResultAdvance;
  *(bool *)found = true;
  return MlirWalkResultInterrupt;
}

// Locations carry the nodes' names, which become the layers' names: with them
// the text, read again, gives the same object. Without such names (and at the
// lowered level, where the layers stand in qgemm.model) they are noise.
static bool needs_locations(const compilation *c) {
  bool found = false;
  if (c->options.emit != CIMC_EMIT_LOWERED)
    mlirOperationWalk(c->op, find_node_name, &found, MlirWalkPreOrder);
  return found;
}

static MlirLogicalResult emit_module_text(compilation *c) {
  FILE *file = open_memstream(&c->result.data, &c->result.size);
  if (!file) {
    cimc_diag_error(NULL, "out of memory");
    return mlirLogicalResultFailure();
  }
  MlirOpPrintingFlags flags = mlirOpPrintingFlagsCreate();
  mlirOpPrintingFlagsEnableDebugInfo(flags, needs_locations(c), false);
  mlirOperationPrintWithFlags(c->op, flags, append, file);
  mlirOpPrintingFlagsDestroy(flags);
  if (fclose(file) == 0)
    return mlirLogicalResultSuccess();
  cimc_diag_error(NULL, "out of memory");
  return mlirLogicalResultFailure();
}

static MlirLogicalResult emit_header(compilation *c) {
  cimc_model_info info;
  CIMC_TRY(cimc_model_info_read(c->op, &info));
  MlirLogicalResult result =
      cimc_header_emit(&info, &c->result.data, &c->result.size);
  cimc_model_info_free(&info);
  return result;
}

static MlirLogicalResult emit_object(compilation *c) {
  cimc_passes_options passes = passes_options(c);
  passes.timing = false; // one table a compile, not two
  cimc_object_request request = {.machine = &c->machine, .passes = &passes};
  if (c->options.emit == CIMC_EMIT_LLVM)
    request.kind = CIMC_OBJECT_LLVM;
  else if (c->options.emit == CIMC_EMIT_ASM)
    request.kind = CIMC_OBJECT_ASM;
  else
    request.kind = CIMC_OBJECT_OBJ;
  return cimc_object_emit(c->op, &request, &c->result.data, &c->result.size);
}

static cimc_result emit(compilation *c) {
  MlirLogicalResult result;
  if (emits_text_of_module(c->options.emit))
    result = emit_module_text(c);
  else if (c->options.emit == CIMC_EMIT_HEADER)
    result = emit_header(c);
  else
    result = emit_object(c);
  if (mlirLogicalResultIsSuccess(result))
    return CIMC_DONE;
  // What our own passes lowered is ours to answer for.
  return c->input_stage == CIMC_STAGE_LOWERED ? CIMC_WRONG_INPUT
                                              : CIMC_INTERNAL;
}

// -- The compile -------------------------------------------------------------

typedef cimc_result (*step_fn)(compilation *c);

static cimc_result run_steps(compilation *c) {
  cimc_compile_times *times = &c->result.times;
  const struct {
    const char *name;
    step_fn run;
    long long *time;
  } steps[] = {
      {"start", start, &times->startup_ns},
      {"read the model", load, &times->parse_ns},
      {"choose the CPU", choose_machine, &times->passes_ns},
      {"choose the function", choose_entry, &times->passes_ns},
      {"passes", run_passes, &times->passes_ns},
      {"code generation", emit, &times->codegen_ns},
  };
  for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); ++i) {
    if (c->options.on_phase)
      c->options.on_phase(c->options.on_phase_user, steps[i].name);
    long long begin = now_ns();
    cimc_result result = steps[i].run(c);
    *steps[i].time += now_ns() - begin;
    if (result != CIMC_DONE)
      return result;
  }
  return CIMC_DONE;
}

cimc_result cimc_compile(const cimc_compile_options *options,
                         cimc_compiled *out) {
  *out = (cimc_compiled){0};
  compilation c = {0};
  cimc_result result = check_options(&c, options);
  if (result == CIMC_DONE)
    result = run_steps(&c);
  if (!mlirModuleIsNull(c.module))
    mlirModuleDestroy(c.module);
  if (c.context.ptr)
    cimc_ir_context_destroy(c.context);
  c.result.files = c.files.paths;
  c.result.file_count = c.files.count;
  if (result == CIMC_DONE)
    *out = c.result;
  else
    cimc_compiled_free(&c.result);
  return result;
}

void cimc_compiled_free(cimc_compiled *compiled) {
  cimc_import_files files = {.paths = compiled->files,
                             .count = compiled->file_count};
  cimc_import_files_free(&files);
  free(compiled->data);
  *compiled = (cimc_compiled){0};
}

// -- Tables and the rest -----------------------------------------------------

void cimc_list_ops(void) {
  cimc_import_list_ops();
  const char *name;
  for (size_t i = 0; (name = cimc_passes_op_at(i)) != NULL; ++i)
    printf("mlir  %s\n", name);
}

void cimc_list_targets(void) {
  printf("%-12s this machine: %s\n", "native", cimc_host_cpu());
  cimc_machine machine;
  for (size_t i = 0; cimc_machine_at(i, &machine); ++i)
    printf("%-12s %s\n", machine.cpu.name, machine.summary);
}

void cimc_list_passes(void) {
  const cimc_pass *pass;
  for (size_t i = 0; (pass = cimc_passes_at(i)) != NULL; ++i) {
    printf("%-14s %-6s %s\n", pass->name, pass->stage, pass->summary);
    for (const cimc_pass_option *o = pass->options; o && o->name; ++o)
      printf("    %s=%s  %s\n", o->name,
             o->default_value ? o->default_value : "", o->help);
  }
}

bool cimc_target_exists(const char *name) {
  cimc_machine machine;
  return cimc_machine_find(name, &machine);
}

const char *cimc_version(void) {
  return CIMC_VERSION " (LLVM " CIMC_LLVM_VERSION ")";
}

const char *cimc_host_cpu(void) {
  cimc_machine machine;
  return cimc_machine_find(NULL, &machine) ? machine.cpu.name : "unknown";
}

void cimc_list_devices(void) {
  printf("%-12s no accelerator: every op runs on the CPU\n", "none");
}

void cimc_configure(int color, bool quiet, bool json) {
  cimc_diag_set_json(json);
  cimc_diag_configure(color == 1   ? CIMC_COLOR_ALWAYS
                      : color == 2 ? CIMC_COLOR_NEVER
                                   : CIMC_COLOR_AUTO,
                      quiet);
}
