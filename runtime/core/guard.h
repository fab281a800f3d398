// SPDX-License-Identifier: Apache-2.0
//
// A debug allocator on the caller's memory: it finds writes beyond either end
// of a block or into a freed one, double frees, foreign pointers and leaks.
#ifndef CIMRT_CORE_GUARD_H
#define CIMRT_CORE_GUARD_H

#include "runtime/core/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// Bytes before and behind each block, at least, where a write is noticed.
#define CIMRT_GUARD_FENCE 16u

typedef enum cimrt_guard_fault {
  CIMRT_GUARD_NONE = 0,
  CIMRT_GUARD_OVERFLOW = 1,       // written behind the block
  CIMRT_GUARD_UNDERFLOW = 2,      // written before the block
  CIMRT_GUARD_USE_AFTER_FREE = 3, // written after it was freed
  CIMRT_GUARD_DOUBLE_FREE = 4,
  CIMRT_GUARD_FOREIGN_POINTER = 5, // freed, but never handed out
  CIMRT_GUARD_LEAK = 6,            // still in use at the end
} cimrt_guard_fault;

// A short English name such as "double free"; never null. Static.
const char *cimrt_guard_fault_name(cimrt_guard_fault fault);

typedef struct cimrt_guard_report {
  cimrt_guard_fault fault;
  const void *block; // as handed out; the pointer itself if it is foreign
  size_t bytes;      // of the block; 0 if it is foreign
  size_t serial;     // the block was the serial-th allocation, from 1; 0: none
  ptrdiff_t offset;  // of the damaged byte nearest to the block, from its start
} cimrt_guard_report;

// Called for every fault as it is found. Must not use the guard.
typedef void (*cimrt_guard_fn)(void *user, const cimrt_guard_report *report);

typedef struct cimrt_guard {
  struct cimrt_guard_record *records; // at the start of the memory, upward
  size_t record_count;
  unsigned char *low;      // blocks lie from here to the end of the memory
  size_t serial;           // allocations so far
  size_t freed;            // frees so far
  size_t faults;           // found so far
  cimrt_guard_report last; // of them
  cimrt_guard_fn report;
  void *user;
} cimrt_guard;

// Uses `bytes` bytes at `memory`; `report` may be null.
cimrt_status cimrt_guard_init(cimrt_guard *guard, void *memory, size_t bytes,
                              cimrt_guard_fn report, void *user);

// As cimrt_arena_alloc. Freed blocks are taken again only when nothing else is
// left, the one freed first before others: until then writes into them and
// second frees are noticed. Each block costs its fences and a record.
cimrt_status cimrt_guard_alloc(cimrt_guard *guard, size_t bytes,
                               size_t alignment, void **out);

// CIMRT_MISUSE when the block was written beyond (it is freed all the same),
// freed before or is foreign (nothing changes). Null is fine.
cimrt_status cimrt_guard_free(cimrt_guard *guard, void *block);

// Looks at all blocks: CIMRT_MISUSE when there is damage not reported before.
cimrt_status cimrt_guard_check(cimrt_guard *guard);

// The same, and reports each block still in use as a leak.
cimrt_status cimrt_guard_finish(cimrt_guard *guard);

#ifdef __cplusplus
}
#endif
#endif
