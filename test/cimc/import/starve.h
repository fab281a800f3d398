// SPDX-License-Identifier: Apache-2.0
//
// System calls that fail on demand, and memory that is counted. Code under test
// is compiled with these names in place of the C library's (CMakeLists.txt).
#ifndef TEST_CIMC_IMPORT_STARVE_H
#define TEST_CIMC_IMPORT_STARVE_H

#include <stdbool.h>

// Lets `count` allocations succeed and the next one fail, once; -1: none fails.
void starve_after(long count);
// Whether the next allocation has to fail, and counts it: for those who hand
// out memory of their own.
bool starve_next(void);
// Whether the one that had to fail has failed since.
bool starve_happened(void);
// Pieces allocated and not freed again.
long starve_live(void);

// The calls of one kind fail with `error`, or one time only with EINTR. 0: they
// work. A pread that fails with -1 finds the end of the file.
typedef enum starve_call {
  STARVE_FSTAT,
  STARVE_PREAD,
  STARVE_SYSCALL,
} starve_call;
void starve_fail(starve_call call, int error);

// What frees memory that code under test has handed out.
void starved_free(void *piece);

#endif
