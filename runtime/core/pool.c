// SPDX-License-Identifier: Apache-2.0
//
// The pool: a free list inside the free blocks, and a bit a block that tells a
// second free from the first.
#include "runtime/core/pool.h"

#include <stdint.h>
#include <string.h>

cimrt_status cimrt_pool_init(cimrt_pool *pool, void *memory, size_t bytes,
                             cimrt_pool_block block) {
  size_t mask = block.alignment - 1;
  if (pool == NULL || memory == NULL || block.bytes == 0 ||
      block.alignment == 0 || (block.alignment & mask) != 0)
    return CIMRT_INVALID_ARGUMENT;
  size_t stride = block.bytes < sizeof(size_t) ? sizeof(size_t) : block.bytes;
  size_t padding = (size_t)(-(uintptr_t)memory & mask);
  // Also rules out that what follows overflows.
  if (padding > bytes || stride > bytes - padding || mask > SIZE_MAX / 16 ||
      stride > SIZE_MAX / 16)
    return CIMRT_TOO_SMALL;
  stride = (stride + mask) & ~mask;
  // Eight blocks share a byte of bits; the last group may have fewer.
  size_t group = 8 * stride + 1;
  size_t room = bytes - padding;
  size_t rest = room % group;
  size_t count = room / group * 8 + (rest == 0 ? 0 : (rest - 1) / stride);
  if (count == 0)
    return CIMRT_TOO_SMALL;
  unsigned char *blocks = (unsigned char *)memory + padding;
  *pool = (cimrt_pool){.blocks = blocks,
                       .used_bits = blocks + count * stride,
                       .stride = stride,
                       .count = count};
  cimrt_pool_reset(pool);
  return CIMRT_OK;
}

cimrt_status cimrt_pool_alloc(cimrt_pool *pool, void **out) {
  if (out == NULL)
    return CIMRT_INVALID_ARGUMENT;
  *out = NULL;
  if (pool == NULL)
    return CIMRT_INVALID_ARGUMENT;
  size_t index = pool->free_head;
  if (index < pool->count)
    memcpy(&pool->free_head, pool->blocks + index * pool->stride,
           sizeof pool->free_head);
  else if (pool->fresh < pool->count)
    index = pool->fresh++;
  else
    return CIMRT_OUT_OF_MEMORY;
  pool->used_bits[index / 8] |= (unsigned char)(1u << index % 8);
  if (++pool->used > pool->peak)
    pool->peak = pool->used;
  *out = pool->blocks + index * pool->stride;
  return CIMRT_OK;
}

cimrt_status cimrt_pool_free(cimrt_pool *pool, void *block) {
  if (pool == NULL)
    return CIMRT_INVALID_ARGUMENT;
  if (block == NULL)
    return CIMRT_OK;
  // As integers: addresses of other memory cannot be compared otherwise. Lower
  // ones wrap around and lie far outside.
  uintptr_t offset = (uintptr_t)block - (uintptr_t)pool->blocks;
  size_t index = offset / pool->stride;
  unsigned bit = 1u << index % 8;
  if (offset % pool->stride != 0 || index >= pool->count ||
      (pool->used_bits[index / 8] & bit) == 0)
    return CIMRT_INVALID_ARGUMENT;
  pool->used_bits[index / 8] &= (unsigned char)~bit;
  memcpy(block, &pool->free_head, sizeof pool->free_head);
  pool->free_head = index;
  --pool->used;
  return CIMRT_OK;
}

void cimrt_pool_reset(cimrt_pool *pool) {
  if (pool == NULL)
    return;
  memset(pool->used_bits, 0, (pool->count + 7) / 8);
  pool->fresh = 0;
  pool->free_head = pool->count;
  pool->used = 0;
}
