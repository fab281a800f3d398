// SPDX-License-Identifier: Apache-2.0
//
// A scratchpad on the caller's memory: allocations are handed out in a row and
// given back all at once, or back to a mark.
#ifndef CIMRT_CORE_ARENA_H
#define CIMRT_CORE_ARENA_H

#include "runtime/core/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cimrt_arena {
  unsigned char *base;
  size_t bytes;
  size_t used;
  size_t peak; // the largest `used` since init: what would have sufficed
} cimrt_arena;

// Uses `bytes` bytes at `memory` until the caller takes them back. Null memory
// is fine for 0 bytes.
cimrt_status cimrt_arena_init(cimrt_arena *arena, void *memory, size_t bytes);

// *out gets `bytes` bytes whose address is a multiple of `alignment`, a power
// of two. Contents are undefined. CIMRT_OUT_OF_MEMORY leaves the arena as it
// was and *out null. Zero bytes give a valid, unusable address.
cimrt_status cimrt_arena_alloc(cimrt_arena *arena, size_t bytes,
                               size_t alignment, void **out);

// How much is in use now; hand it to cimrt_arena_release to free everything
// allocated since. A mark that is not in use any more is an invalid argument.
size_t cimrt_arena_mark(const cimrt_arena *arena);
cimrt_status cimrt_arena_release(cimrt_arena *arena, size_t mark);

// Frees everything.
void cimrt_arena_reset(cimrt_arena *arena);

#ifdef __cplusplus
}
#endif
#endif
