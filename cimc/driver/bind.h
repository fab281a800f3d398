// SPDX-License-Identifier: Apache-2.0
//
// Files for a model's inputs and outputs: which goes where, and do they fit.
#ifndef CIMC_DRIVER_BIND_H
#define CIMC_DRIVER_BIND_H

#include "cimc/driver/options.h"
#include "cimc/import/npy.h"

// Values for every input. Call i reads input k at data + i * stride[k].
typedef struct cimc_bind {
  cimc_npy *arrays; // owned, one an input
  size_t *strides;  // owned; 0: the same value for every call
  uint32_t count;
  int64_t calls;
} cimc_bind;

// Reads, checks and, with --cast, converts. Failure is reported.
cimc_result cimc_bind_inputs(const cimc_options *options,
                             const cimrt_model *model, cimc_bind *out);
void cimc_bind_free(cimc_bind *bind);

// The path for each output, or null; out_paths has output_count places.
cimc_result cimc_bind_outputs(const cimc_options *options,
                              const cimrt_model *model, const char **out_paths);

// "[1, 8, 8]" into a buffer; cut short if it must be.
void cimc_bind_print_shape(const int64_t *shape, int rank, char *out,
                           size_t size);

#endif
