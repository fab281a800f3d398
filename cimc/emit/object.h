// SPDX-License-Identifier: Apache-2.0
//
// From a lowered module to LLVM IR, assembly or a relocatable object.
#ifndef CIMC_EMIT_OBJECT_H
#define CIMC_EMIT_OBJECT_H

#include "cimc/emit/machine.h"

typedef enum cimc_object_kind {
  CIMC_OBJECT_LLVM,
  CIMC_OBJECT_ASM,
  CIMC_OBJECT_OBJ,
} cimc_object_kind;

typedef struct cimc_object_request {
  const cimc_machine *machine;
  cimc_object_kind kind;
  const cimc_passes_options *passes; // for to_llvm: print_after, verify_each
} cimc_object_request;

// Translates the module (which is converted to the llvm dialect in place),
// adds the NAME_model descriptor, optimizes at O3 and emits. Nothing of the
// surroundings gets in: no path, no time, no host. *out is malloc'd.
MlirLogicalResult cimc_object_emit(MlirOperation module,
                                   const cimc_object_request *request,
                                   char **out, size_t *out_size);

#endif
