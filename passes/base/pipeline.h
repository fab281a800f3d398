// SPDX-License-Identifier: Apache-2.0
//
// The text of --passes: `a,b{opt=1 opt2=x}`, read into passes and their
// options' values.
#ifndef CIMC_PASSES_BASE_PIPELINE_H
#define CIMC_PASSES_BASE_PIPELINE_H

#include "passes/base/pass.h"

typedef struct cimc_pipeline {
  char *text;              // owned; holds the values
  cimc_pass_values *steps; // in order; defaults where nothing is given
  size_t count;
} cimc_pipeline;

// Reads `text` with the passes of `table`, which is ended by null. What is
// wrong is reported with what there is: the passes' names, or the options'.
// Free *out in either case.
MlirLogicalResult cimc_pipeline_parse(const char *text,
                                      const cimc_pass *const *table,
                                      cimc_pipeline *out);
void cimc_pipeline_free(cimc_pipeline *pipeline);

// The pass of this name, or null; reports it when `option`, the command line's
// option it was given to, is not null.
const cimc_pass *cimc_pipeline_find(const char *name,
                                    const cimc_pass *const *table,
                                    const char *option);

#endif
