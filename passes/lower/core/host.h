// SPDX-License-Identifier: Apache-2.0
//
// The entry function of a model: its signature, the checks before the first
// kernel, the stage hook around each layer, and the copies at the end.
#ifndef CIMC_LOWER_HOST_H
#define CIMC_LOWER_HOST_H

#include "passes/lower/core/build.h"

#define CIMC_HOST_ARGUMENTS_MAX 60

// Arguments: context, inputs, outputs, workspace.
typedef struct cimc_host {
  MlirOperation module;
  MlirOperation model; // the func.func
  const char *name;    // the entry's symbol; lives as long as the context
  cimc_build build;
  intptr_t input_count;
  intptr_t output_count;
  int64_t workspace_bytes;
  MlirValue has_context;
  int32_t layer_count;
} cimc_host;

// Appends the entry function and emits its checks. Reports signatures that an
// object cannot have.
MlirLogicalResult cimc_host_begin(MlirOperation module, MlirOperation model,
                                  const cimc_cpu *cpu, cimc_host *out);
MlirValue cimc_host_input(const cimc_host *host, intptr_t index);
MlirValue cimc_host_output(const cimc_host *host, intptr_t index);
MlirValue cimc_host_workspace(const cimc_host *host);

// Around the code of one layer: the hook, if the caller gave a context.
void cimc_host_layer_begin(cimc_host *host);
void cimc_host_layer_end(cimc_host *host);

void cimc_host_copy(cimc_host *host, MlirValue to, MlirValue from,
                    int64_t bytes);
// Returns CIMRT_OK and attaches `qgemm.model` with the given layers.
void cimc_host_end(cimc_host *host, MlirAttribute layers);

#endif
