// SPDX-License-Identifier: Apache-2.0
//
// An emitted object, linked in memory by LLVM's ORC: the very bytes that a
// compile writes to a file.
#ifndef CIMC_DRIVER_JIT_H
#define CIMC_DRIVER_JIT_H

#include "cimc/driver/cimc.h"
#include "runtime/core/abi.h"

typedef struct cimc_jit {
  void *engine; // LLVMOrcLLJITRef
  const cimrt_model *model;
  void (*entry)(void); // of the type that the model describes
} cimc_jit;

// Links an object and finds its model, which this CPU can run. Failure is
// reported.
cimc_result cimc_jit_link(const void *object, size_t size, cimc_jit *out);
void cimc_jit_free(cimc_jit *jit);

#endif
