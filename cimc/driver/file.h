// SPDX-License-Identifier: Apache-2.0
//
// Whole files into memory, bounded.
#ifndef CIMC_DRIVER_FILE_H
#define CIMC_DRIVER_FILE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cimc_file {
  char *bytes; // owned, followed by a zero byte
  size_t size;
} cimc_file;

// Reads a file, or standard input for "-". What is wrong, and more than
// `limit` bytes, is reported.
bool cimc_file_read(const char *path, size_t limit, cimc_file *out);
// The same without a report: 0 or an errno; EFBIG above the limit.
int cimc_file_load(const char *path, size_t limit, cimc_file *out);
void cimc_file_free(cimc_file *file);

// Writes all of it, also where write() takes less at once. 0 or an errno.
int cimc_file_write(int descriptor, const void *bytes, size_t size);

#endif
