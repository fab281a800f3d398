// SPDX-License-Identifier: Apache-2.0
//
// What a fault report needs: the input and the command, in a folder under
// $TMPDIR.
#ifndef CIMC_DRIVER_REPRODUCER_H
#define CIMC_DRIVER_REPRODUCER_H

#include <stddef.h>

typedef struct cimc_reproducer {
  const char *input; // the path; "-" is standard input
  const char *bytes;
  size_t size;
  char **argv; // ended by a null
} cimc_reproducer;

// The folder's path, or null when it could not be written. Static.
const char *cimc_reproducer_save(const cimc_reproducer *reproducer);

#endif
