// SPDX-License-Identifier: Apache-2.0
//
// One compile as the command asks for it: from the cache, or by the child.
#ifndef CIMC_DRIVER_BUILD_H
#define CIMC_DRIVER_BUILD_H

#include "cimc/driver/cache.h"
#include "cimc/driver/file.h"
#include "cimc/driver/options.h"

typedef struct cimc_build {
  cimc_child_output output;
  bool cached;        // the output came from the cache
  long long cache_ns; // looking it up
} cimc_build;

// Failure has been reported.
cimc_result cimc_build_model(const cimc_options *options,
                             const cimc_file *input, char **argv,
                             cimc_build *out);
void cimc_build_free(cimc_build *build);

// --threads, or as many as there are cores.
int cimc_build_threads(const cimc_options *options);

// -###: the phases, on stdout.
cimc_result cimc_build_explain(const cimc_options *options);

// Where the result of a compile goes: -o, STEM.o or "-". Caller frees.
char *cimc_build_output_path(const cimc_options *options);

#endif
