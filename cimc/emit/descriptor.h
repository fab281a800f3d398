// SPDX-License-Identifier: Apache-2.0
//
// The NAME_model descriptor of abi.h as constant data of an LLVM module.
#ifndef CIMC_EMIT_DESCRIPTOR_H
#define CIMC_EMIT_DESCRIPTOR_H

#include "cimc/emit/model_info.h"

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>

// Adds the external constant NAME_model, laid out as the target's C compiler
// lays out struct cimrt_model; all it points to is private.
// False when memory ran out.
bool cimc_descriptor_add(LLVMModuleRef module, LLVMTargetDataRef layout,
                         const cimc_model_info *info);

// The runtime's number for a storage.
unsigned cimc_descriptor_dtype(cimc_storage storage);

#endif
