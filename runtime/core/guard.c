// SPDX-License-Identifier: Apache-2.0
//
// The debug allocator.
//
// Why the records lie apart from the blocks: a write before a block would hit
// its record otherwise, and the walk over all blocks would follow damaged
// sizes. The price is a search through the records at each free.
#include "runtime/core/guard.h"

#include <stdint.h>
#include <string.h>

// A block lies in [begin, end); what is not payload is fence.
struct cimrt_guard_record {
  unsigned char *begin;
  unsigned char *end;
  unsigned char *payload;
  size_t bytes;
  size_t serial;   // of the allocation
  size_t freed_as; // of the free, from 1; 0: in use
};
typedef struct cimrt_guard_record record;

enum { FRESH = 0xcd, FREED = 0xdd };

const char *cimrt_guard_fault_name(cimrt_guard_fault fault) {
  switch (fault) {
  case CIMRT_GUARD_NONE:
    return "no fault";
  case CIMRT_GUARD_OVERFLOW:
    return "overflow";
  case CIMRT_GUARD_UNDERFLOW:
    return "underflow";
  case CIMRT_GUARD_USE_AFTER_FREE:
    return "use after free";
  case CIMRT_GUARD_DOUBLE_FREE:
    return "double free";
  case CIMRT_GUARD_FOREIGN_POINTER:
    return "foreign pointer";
  case CIMRT_GUARD_LEAK:
    return "leak";
  }
  return "unknown fault";
}

// What a fence byte holds: depends on its address, so that a copied or shifted
// fence is none.
static unsigned char fence_at(const unsigned char *at) {
  return (unsigned char)(0xa5 ^ ((uintptr_t)at * 7 & 0xff));
}

static void fence(unsigned char *from, const unsigned char *to) {
  for (; from < to; ++from)
    *from = fence_at(from);
}

static cimrt_status report(cimrt_guard *guard, cimrt_guard_report what) {
  ++guard->faults;
  guard->last = what;
  if (guard->report != NULL)
    guard->report(guard->user, &what);
  return CIMRT_MISUSE;
}

static cimrt_status report_block(cimrt_guard *guard, cimrt_guard_fault fault,
                                 const record *block, ptrdiff_t offset) {
  return report(guard, (cimrt_guard_report){.fault = fault,
                                            .block = block->payload,
                                            .bytes = block->bytes,
                                            .serial = block->serial,
                                            .offset = offset});
}

// Reports what is damaged and mends it, so that it is reported once.
static cimrt_status check(cimrt_guard *guard, const record *block) {
  cimrt_status status = CIMRT_OK;
  unsigned char *stop = block->payload + block->bytes;
  for (unsigned char *at = block->payload; at-- > block->begin;)
    if (*at != fence_at(at)) {
      status = report_block(guard, CIMRT_GUARD_UNDERFLOW, block,
                            at - block->payload);
      break;
    }
  for (unsigned char *at = stop; at < block->end; ++at)
    if (*at != fence_at(at)) {
      status =
          report_block(guard, CIMRT_GUARD_OVERFLOW, block, at - block->payload);
      break;
    }
  fence(block->begin, block->payload);
  fence(stop, block->end);
  if (block->freed_as == 0)
    return status;
  for (unsigned char *at = block->payload; at < stop; ++at)
    if (*at != FREED) {
      status = report_block(guard, CIMRT_GUARD_USE_AFTER_FREE, block,
                            at - block->payload);
      memset(block->payload, FREED, block->bytes);
      break;
    }
  return status;
}

cimrt_status cimrt_guard_init(cimrt_guard *guard, void *memory, size_t bytes,
                              cimrt_guard_fn report_fn, void *user) {
  if (guard == NULL || memory == NULL)
    return CIMRT_INVALID_ARGUMENT;
  size_t padding =
      (size_t)(-(uintptr_t)memory & (uintptr_t)(_Alignof(record) - 1));
  if (padding > bytes)
    padding = bytes; // and no record will ever fit
  unsigned char *base = memory;
  *guard = (cimrt_guard){.records = (record *)(void *)(base + padding),
                         .low = base + bytes,
                         .report = report_fn,
                         .user = user};
  return CIMRT_OK;
}

// Where a block lies at the upper end of [begin, end), with room for its
// fences; null when there is none.
static unsigned char *place(unsigned char *begin, const unsigned char *end,
                            size_t bytes, size_t alignment) {
  size_t room = (size_t)(end - begin);
  const size_t fences = 2 * (size_t)CIMRT_GUARD_FENCE;
  if (room < fences || bytes > room - fences)
    return NULL;
  unsigned char *payload = begin + (room - CIMRT_GUARD_FENCE - bytes);
  size_t down = (size_t)((uintptr_t)payload & (alignment - 1));
  if (down > (size_t)(payload - begin) - CIMRT_GUARD_FENCE)
    return NULL;
  return payload - down;
}

// A new record, its block below all others; null when memory is used up.
static record *take_new(cimrt_guard *guard, size_t bytes, size_t alignment) {
  unsigned char *begin =
      (unsigned char *)(guard->records + guard->record_count);
  if ((size_t)(guard->low - begin) < sizeof(record))
    return NULL;
  begin += sizeof(record);
  unsigned char *payload = place(begin, guard->low, bytes, alignment);
  if (payload == NULL)
    return NULL;
  record *block = &guard->records[guard->record_count++];
  *block = (record){.begin = payload - CIMRT_GUARD_FENCE,
                    .end = guard->low,
                    .payload = payload};
  guard->low = block->begin;
  return block;
}

// The block freed first among those that are large enough.
static record *take_freed(cimrt_guard *guard, size_t bytes, size_t alignment) {
  record *found = NULL;
  for (size_t i = 0; i < guard->record_count; ++i) {
    record *block = &guard->records[i];
    if (block->freed_as != 0 &&
        (found == NULL || block->freed_as < found->freed_as) &&
        place(block->begin, block->end, bytes, alignment) != NULL)
      found = block;
  }
  if (found == NULL)
    return NULL;
  (void)check(guard, found); // the last occasion to
  found->payload = place(found->begin, found->end, bytes, alignment);
  return found;
}

cimrt_status cimrt_guard_alloc(cimrt_guard *guard, size_t bytes,
                               size_t alignment, void **out) {
  if (out == NULL)
    return CIMRT_INVALID_ARGUMENT;
  *out = NULL;
  if (guard == NULL || alignment == 0 || (alignment & (alignment - 1)) != 0)
    return CIMRT_INVALID_ARGUMENT;
  record *block = take_new(guard, bytes, alignment);
  if (block == NULL)
    block = take_freed(guard, bytes, alignment);
  if (block == NULL)
    return CIMRT_OUT_OF_MEMORY;
  block->bytes = bytes;
  block->serial = ++guard->serial;
  block->freed_as = 0;
  fence(block->begin, block->payload);
  memset(block->payload, FRESH, bytes);
  fence(block->payload + bytes, block->end);
  *out = block->payload;
  return CIMRT_OK;
}

cimrt_status cimrt_guard_free(cimrt_guard *guard, void *pointer) {
  if (guard == NULL)
    return CIMRT_INVALID_ARGUMENT;
  if (pointer == NULL)
    return CIMRT_OK;
  // Fences keep the starts of blocks apart: at most one record has it.
  record *block = NULL;
  for (size_t i = 0; i < guard->record_count && block == NULL; ++i)
    if (guard->records[i].payload == pointer)
      block = &guard->records[i];
  if (block == NULL)
    return report(guard,
                  (cimrt_guard_report){.fault = CIMRT_GUARD_FOREIGN_POINTER,
                                       .block = pointer});
  if (block->freed_as != 0)
    return report_block(guard, CIMRT_GUARD_DOUBLE_FREE, block, 0);
  cimrt_status status = check(guard, block);
  memset(block->payload, FREED, block->bytes);
  block->freed_as = ++guard->freed;
  return status;
}

cimrt_status cimrt_guard_check(cimrt_guard *guard) {
  if (guard == NULL)
    return CIMRT_INVALID_ARGUMENT;
  cimrt_status status = CIMRT_OK;
  for (size_t i = 0; i < guard->record_count; ++i)
    if (check(guard, &guard->records[i]) != CIMRT_OK)
      status = CIMRT_MISUSE;
  return status;
}

cimrt_status cimrt_guard_finish(cimrt_guard *guard) {
  cimrt_status status = cimrt_guard_check(guard);
  if (status == CIMRT_INVALID_ARGUMENT)
    return status;
  for (size_t i = 0; i < guard->record_count; ++i)
    if (guard->records[i].freed_as == 0)
      status = report_block(guard, CIMRT_GUARD_LEAK, &guard->records[i], 0);
  return status;
}
