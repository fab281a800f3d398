// SPDX-License-Identifier: Apache-2.0
//
// Memory of one import: many small pieces, freed together, within a limit.
#ifndef CIMC_IMPORT_ARENA_H
#define CIMC_IMPORT_ARENA_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cimc_arena {
  struct cimc_arena_block *blocks;
  size_t used; // bytes handed out in all
  size_t limit;
} cimc_arena;

void cimc_arena_init(cimc_arena *arena, size_t limit);
void cimc_arena_free(cimc_arena *arena);

// `count` zeroed elements of `size` bytes, aligned to 16. Null when the product
// overflows, the limit is reached or memory is short; never for count 0.
void *cimc_arena_alloc(cimc_arena *arena, size_t count, size_t size);
// A copy with a terminating zero byte.
char *cimc_arena_copy_text(cimc_arena *arena, const void *text, size_t length);

#endif
