// SPDX-License-Identifier: Apache-2.0
//
// A bump allocator in blocks; large pieces get a block of their own.
#include "cimc/import/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT ((size_t)16)
#define BLOCK_BYTES ((size_t)64 * 1024)

struct cimc_arena_block {
  struct cimc_arena_block *next;
  size_t used;
  size_t capacity;
  _Alignas(16) unsigned char data[];
};

void cimc_arena_init(cimc_arena *arena, size_t limit) {
  *arena = (cimc_arena){.limit = limit};
}

void cimc_arena_free(cimc_arena *arena) {
  while (arena->blocks) {
    struct cimc_arena_block *next = arena->blocks->next;
    free(arena->blocks);
    arena->blocks = next;
  }
  arena->used = 0;
}

// Puts a new block of at least `bytes` in front. calloc keeps the promise of
// zeroes without touching the pages of a large piece.
static bool grow(cimc_arena *arena, size_t bytes) {
  size_t capacity = bytes < BLOCK_BYTES ? BLOCK_BYTES : bytes;
  struct cimc_arena_block *block = calloc(1, sizeof *block + capacity);
  if (!block)
    return false;
  block->next = arena->blocks;
  block->capacity = capacity;
  arena->blocks = block;
  return true;
}

void *cimc_arena_alloc(cimc_arena *arena, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes) ||
      bytes > arena->limit - arena->used)
    return NULL;
  bytes = (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
  struct cimc_arena_block *block = arena->blocks;
  if ((!block || block->capacity - block->used < bytes) && !grow(arena, bytes))
    return NULL;
  block = arena->blocks;
  void *piece = block->data + block->used;
  block->used += bytes;
  arena->used += bytes;
  if (arena->used > arena->limit)
    arena->used = arena->limit;
  return piece;
}

char *cimc_arena_copy_text(cimc_arena *arena, const void *text, size_t length) {
  if (length == SIZE_MAX)
    return NULL;
  char *copy = cimc_arena_alloc(arena, length + 1, 1);
  if (copy && length > 0)
    memcpy(copy, text, length);
  return copy;
}
