// SPDX-License-Identifier: Apache-2.0
//
// The CPU table: one row a --target, and LLVM target machines for it.
#ifndef CIMC_EMIT_MACHINE_H
#define CIMC_EMIT_MACHINE_H

#include "passes/passes.h"

#include <llvm-c/TargetMachine.h>

typedef struct cimc_machine {
  cimc_cpu cpu; // what passes may know; cpu.name is the --target
  const char *triple;
  const char *llvm_cpu;
  const char *llvm_features;
  const char *summary; // for --list-targets
  bool runs_here;      // can be executed by this host's kind of CPU
} cimc_machine;

// The row named `name`; null: "native", which is the best x86-64 row this host
// has (CIMC_ISA may lower it). False when there is none.
bool cimc_machine_find(const char *name, cimc_machine *out);
// Row by index for --list-targets; false past the end.
bool cimc_machine_at(size_t index, cimc_machine *out);
// A target machine (PIC, O3); null on failure, reported. Caller disposes.
LLVMTargetMachineRef cimc_machine_create(const cimc_machine *machine);

#endif
