// SPDX-License-Identifier: Apache-2.0
//
// The compiler in a child process with limits, so that a crash in it, or an
// input that wants too much, ends in one diagnostic.
#ifndef CIMC_DRIVER_CHILD_H
#define CIMC_DRIVER_CHILD_H

#include "cimc/driver/cimc.h"

// What came back. Everything is owned; cimc_child_free.
typedef struct cimc_child_output {
  char *data;
  size_t size;
  char **files; // absolute paths read besides the input
  size_t file_count;
  char *messages; // what the compiler wrote to stderr, without colour
  cimc_compile_times times;
  long long load_ns; // the compiler's libraries
} cimc_child_output;

typedef struct cimc_child_job {
  cimc_compile_options compile;
  int color; // cimc_color, for the child's diagnostics
  bool quiet;
  bool json;
  char **argv; // for the reproducer
} cimc_child_job;

// Compiles. Diagnostics, the child's own and that of its death, have been
// written to stderr; *out is filled on CIMC_DONE only.
cimc_result cimc_child_compile(const cimc_child_job *job,
                               cimc_child_output *out);
void cimc_child_free(cimc_child_output *output);

#endif
