// SPDX-License-Identifier: Apache-2.0
//
// Blocks of one size on the caller's memory, in any order of alloc and free,
// each in constant time.
#ifndef CIMRT_CORE_POOL_H
#define CIMRT_CORE_POOL_H

#include "runtime/core/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cimrt_pool {
  unsigned char *blocks;
  unsigned char *used_bits; // one a block, behind the blocks
  size_t stride;            // bytes from one block to the next
  size_t count;             // blocks in all
  size_t fresh;             // blocks handed out at least once since reset
  size_t free_head;         // index of the block freed last; count: none
  size_t used;              // blocks in use
  size_t peak;              // the largest `used` since init
} cimrt_pool;

// What is asked of every block.
typedef struct cimrt_pool_block {
  size_t bytes;
  size_t alignment; // a power of two
} cimrt_pool_block;

// As many blocks as fit in `bytes` bytes at `memory`, which the pool uses until
// the caller takes them back; each block costs a bit besides, and takes at
// least sizeof(size_t). CIMRT_TOO_SMALL when not even one fits.
cimrt_status cimrt_pool_init(cimrt_pool *pool, void *memory, size_t bytes,
                             cimrt_pool_block block);

// *out gets a block of undefined contents: the one freed last, if there is one.
// CIMRT_OUT_OF_MEMORY, and *out null, when all are in use.
cimrt_status cimrt_pool_alloc(cimrt_pool *pool, void **out);

// CIMRT_INVALID_ARGUMENT, and nothing changed, for an address that is no
// block's start or whose block is not in use. Null is fine.
cimrt_status cimrt_pool_free(cimrt_pool *pool, void *block);

// Frees all blocks.
void cimrt_pool_reset(cimrt_pool *pool);

#ifdef __cplusplus
}
#endif
#endif
