// SPDX-License-Identifier: Apache-2.0
//
// Compiled outputs, kept on disk under a hash of all that decides them.
#ifndef CIMC_DRIVER_CACHE_H
#define CIMC_DRIVER_CACHE_H

#include "cimc/driver/child.h"

#include <stdint.h>

// Where an entry is, and what it must say of itself.
typedef struct cimc_cache {
  bool on;
  char *folder; // owned
  char *path;   // owned: the entry's
  uint8_t key[16];
} cimc_cache;

// Computes the key of a compile job. `where` is --cache's value or null. A
// cache that cannot be used is off; `*out_why` (static) then says why.
void cimc_cache_open(const char *where, const cimc_child_job *job,
                     cimc_cache *out, const char **out_why);

// True when there is a whole entry and the files it was made from are as they
// were. `out->messages` holds the warnings of that time.
bool cimc_cache_lookup(const cimc_cache *cache, cimc_child_output *out);

// Keeps an output; null, or why it could not be (static).
const char *cimc_cache_store(const cimc_cache *cache,
                             const cimc_child_output *output);
void cimc_cache_close(cimc_cache *cache);

#endif
