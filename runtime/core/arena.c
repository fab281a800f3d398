// SPDX-License-Identifier: Apache-2.0
//
// The bump allocator.
#include "runtime/core/arena.h"

#include <stdint.h>

cimrt_status cimrt_arena_init(cimrt_arena *arena, void *memory, size_t bytes) {
  if (arena == NULL || (memory == NULL && bytes != 0))
    return CIMRT_INVALID_ARGUMENT;
  *arena = (cimrt_arena){.base = memory, .bytes = bytes};
  return CIMRT_OK;
}

cimrt_status cimrt_arena_alloc(cimrt_arena *arena, size_t bytes,
                               size_t alignment, void **out) {
  if (out == NULL)
    return CIMRT_INVALID_ARGUMENT;
  *out = NULL;
  if (arena == NULL || alignment == 0 || (alignment & (alignment - 1)) != 0)
    return CIMRT_INVALID_ARGUMENT;
  if (arena->base == NULL)
    return CIMRT_OUT_OF_MEMORY;
  // The address is aligned, not the offset: the caller's memory may be odd.
  uintptr_t next = (uintptr_t)(arena->base + arena->used);
  size_t padding = (size_t)(-next & (uintptr_t)(alignment - 1));
  size_t left = arena->bytes - arena->used;
  if (padding > left || bytes > left - padding)
    return CIMRT_OUT_OF_MEMORY;
  *out = arena->base + arena->used + padding;
  arena->used += padding + bytes;
  if (arena->used > arena->peak)
    arena->peak = arena->used;
  return CIMRT_OK;
}

size_t cimrt_arena_mark(const cimrt_arena *arena) {
  return arena == NULL ? 0 : arena->used;
}

cimrt_status cimrt_arena_release(cimrt_arena *arena, size_t mark) {
  if (arena == NULL || mark > arena->used)
    return CIMRT_INVALID_ARGUMENT;
  arena->used = mark;
  return CIMRT_OK;
}

void cimrt_arena_reset(cimrt_arena *arena) {
  if (arena != NULL)
    arena->used = 0;
}
