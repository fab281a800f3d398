// SPDX-License-Identifier: Apache-2.0
//
// Packs buffers with known lifetimes into one workspace; knows no IR.
#ifndef CIMC_PASSES_MAP_BEST_FIT_H
#define CIMC_PASSES_MAP_BEST_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Offsets are multiples of this many bytes, a cache line and the widest vector,
// where that costs little.
#define CIMC_BEST_FIT_ALIGNMENT 64

// One buffer: alive from step `first` to step `last`, both included.
typedef struct cimc_best_fit_buffer {
  int64_t bytes;
  int64_t first;
  int64_t last;
  int64_t alignment; // that it must have, at most 64; 0: 64
  int64_t offset;    // out
} cimc_best_fit_buffer;

// Chooses the offsets so that no two buffers alive at the same step overlap;
// *out_bytes is the end of the highest one. Tries several orders, greedy best
// fit in each, and keeps the smallest result; deterministic. Buffers that must
// have a smaller alignment only get 64 all the same, unless that takes a tenth
// more than the bound: then 16, then what they must have. False when the sizes
// overflow or memory is short.
bool cimc_best_fit_place(cimc_best_fit_buffer *buffers, size_t count,
                         int64_t *out_bytes);

// The largest sum of bytes alive at one step of `steps`: what no plan can
// beat. False as above.
bool cimc_best_fit_lower_bound(const cimc_best_fit_buffer *buffers,
                               size_t count, size_t steps, int64_t *out_bytes);

#endif
