// SPDX-License-Identifier: Apache-2.0
//
// All calls of a run: one after the other, or spread over threads.
#ifndef CIMC_DRIVER_CALLS_H
#define CIMC_DRIVER_CALLS_H

#include "cimc/driver/bind.h"
#include "cimc/driver/call.h"

// Call i writes output k at outputs[k].data + i * output_strides[k].
typedef struct cimc_calls {
  const cimc_jit *jit;
  const cimc_bind *inputs;
  cimc_npy *outputs;
  const size_t *output_strides;
  int threads; // at most so many
} cimc_calls;

// Points a call at the inputs and outputs of call `index`.
void cimc_calls_place(const cimc_calls *calls, int64_t index, cimc_call *call);

// Makes inputs->calls calls. Each writes its own part of the outputs, so that
// threads change nothing but the time. CIMC_INTERNAL: reported, unless it is
// because of *out_status, what the first call that failed returned.
cimc_result cimc_calls_run(const cimc_calls *calls, cimrt_status *out_status,
                           long long *out_first_ns);

#endif
