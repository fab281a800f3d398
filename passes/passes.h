// SPDX-License-Identifier: Apache-2.0
//
// The roof of passes/: the table of all passes, the default pipeline, and the
// runner behind --passes, --print-after, --verify-each and --timing.
#ifndef CIMC_PASSES_PASSES_H
#define CIMC_PASSES_PASSES_H

#include "passes/base/pass.h"

typedef enum cimc_stage {
  CIMC_STAGE_MODEL,   // qgemm on tensors
  CIMC_STAGE_MAPPED,  // tiled and with a static memory plan
  CIMC_STAGE_LOWERED, // llvm.func and what converts to it
} cimc_stage;

// Properties of the CPU that passes read; they are written into the module as
// its attribute `qgemm.cpu` (a dictionary), so the IR can be resumed.
typedef struct cimc_cpu {
  const char *name;     // the --target's name: "x86-64-v3"
  const char *dot;      // inner step: "vpdpbusd" | "pmaddwd" | "widen"
  int64_t vector_bits;  // 512, 256, 128
  int64_t pointer_bits; // 64, 32
  int64_t vector_registers;
  int64_t features; // CIMRT_CPU_* bits
} cimc_cpu;

void cimc_passes_set_cpu(MlirOperation module, const cimc_cpu *cpu);
// Reads it back; strings live as long as the context. Failure is reported.
MlirLogicalResult cimc_passes_get_cpu(MlirOperation module, cimc_cpu *out);

typedef struct cimc_passes_options {
  const char *passes;      // --passes=a,b{opt=1}; null: the default pipeline
  const char *print_after; // a pass's name, "all", or null
  bool verify_each;
  bool timing; // a table on stderr at the end
} cimc_passes_options;

// The stage a module is at, seen from what stands in it.
cimc_stage cimc_passes_stage_of(MlirOperation module);

// Whether `passes` and `print_after` name passes and options that exist; what
// does not is reported. For the command line, before any work.
MlirLogicalResult cimc_passes_check(const cimc_passes_options *options);

// Takes the module from where it is to `goal` by the default pipeline, or runs
// just the named passes. Between stages the stage's contract is verified.
MlirLogicalResult cimc_passes_run(MlirOperation module, cimc_stage goal,
                                  const cimc_passes_options *options);

// The table, for --list-passes and docs; null at the end.
const cimc_pass *cimc_passes_at(size_t index);
// The ops of other dialects that are read, "tosa.conv2d"; null at the end.
const char *cimc_passes_op_at(size_t index);

#endif
