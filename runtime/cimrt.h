// SPDX-License-Identifier: Apache-2.0
//
// The runtime's public header: everything a program that links compiled models
// includes.
#ifndef CIMRT_CIMRT_H
#define CIMRT_CIMRT_H

#include "runtime/core/abi.h"
#include "runtime/core/arena.h"
#include "runtime/core/broadcast.h"
#include "runtime/core/fixed.h"
#include "runtime/core/fixed_batch.h"
#include "runtime/core/guard.h"
#include "runtime/core/half.h"
#include "runtime/core/pool.h"
#include "runtime/core/quant.h"
#include "runtime/core/status.h"
#include "runtime/core/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

// A context with every field at its default.
#define CIMRT_CONTEXT_INIT                                                     \
  {CIMRT_ABI_VERSION, sizeof(cimrt_context), 0, 0, 0, 0, 0, 0, 0, 0}

// Whether this runtime and this CPU can run the model: CIMRT_VERSION,
// CIMRT_UNSUPPORTED_CPU or CIMRT_OK. The model checks the same when called;
// asking beforehand lets a program choose among several builds of a model.
cimrt_status cimrt_model_check(const cimrt_model *model);

// Bytes of workspace a call needs, aligned to CIMRT_WORKSPACE_ALIGNMENT; 0 for
// a null model.
size_t cimrt_model_workspace_bytes(const cimrt_model *model);

// The input or output of that name; null when there is none.
const cimrt_tensor_info *cimrt_model_input(const cimrt_model *model,
                                           const char *name);
const cimrt_tensor_info *cimrt_model_output(const cimrt_model *model,
                                            const char *name);

// Bytes a tensor takes in C order. CIMRT_INVALID_ARGUMENT when they overflow
// or the description is none.
cimrt_status cimrt_model_tensor_bytes(const cimrt_tensor_info *info,
                                      size_t *out);

#ifdef __cplusplus
}
#endif
#endif
