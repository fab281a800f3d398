// SPDX-License-Identifier: Apache-2.0
//
// Copies of elements from one strided place to another: what transpose, slice,
// concat and the middle of a pad are.
#ifndef CIMC_LOWER_MOVE_H
#define CIMC_LOWER_MOVE_H

#include "passes/lower/kernels.h"

// Strides in elements; `from` may be negative.
typedef struct cimc_move {
  int element_bytes;
  int rank;
  int64_t dim[CIMC_RANK_MAX];
  int64_t from[CIMC_RANK_MAX];
  int64_t to[CIMC_RANK_MAX];
} cimc_move;

// A move over `shape`, with the strides of C order on both sides.
cimc_move cimc_move_over(const cimc_shape *shape, MlirType element);
// Elements from one index of each dimension to the next, in C order.
void cimc_move_strides(const cimc_shape *shape, int64_t *out);

// Emits the move between two addresses of the entry, the places of the first
// element: a memcpy where all is one run, else a kernel. They do not overlap.
void cimc_move_lower(cimc_lower *state, MlirOperation op, cimc_move move,
                     MlirValue from, MlirValue to);
// Emits its loops inside a kernel.
void cimc_move_emit(cimc_build *b, cimc_move move, MlirValue from,
                    MlirValue to);

// The integer storage of an element's width: bits are moved, not numbers.
cimc_storage cimc_move_storage(int element_bytes);

#endif
