// SPDX-License-Identifier: Apache-2.0
//
// Output files that appear whole or not at all.
//
// In two steps, so that of several outputs either all appear or none: stage
// writes everything where nobody sees it, commit gives it its name.
#ifndef CIMC_DRIVER_OUTPUT_H
#define CIMC_DRIVER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cimc_output {
  const char *path; // as the user wrote it
  const void *data; // borrowed until the commit
  size_t size;
  char *target;    // owned: the path with symbolic links followed
  char *temporary; // owned: the hidden file's name, where it needs one
  int descriptor;
  bool direct; // a device, a pipe or standard output: written at the commit
} cimc_output;

// 0, or an errno; nothing is left behind then.
int cimc_output_stage(const char *path, const void *data, size_t size,
                      cimc_output *out);
int cimc_output_commit(cimc_output *output);
void cimc_output_discard(cimc_output *output);

// Both steps for one file, errors reported with the cure. "-" is stdout.
bool cimc_output_write(const char *path, const void *data, size_t size);
void cimc_output_report(const char *path, int error);

#endif
