// SPDX-License-Identifier: Apache-2.0
//
// Quant-fusion of ops that move elements: they work on the integers instead.
#ifndef CIMC_PASSES_MODEL_FUSE_MOVE_H
#define CIMC_PASSES_MODEL_FUSE_MOVE_H

#include "passes/base/pass.h"

#define CIMC_FUSE_MOVE_PATTERNS_MAX 16

// Writes the patterns; gives how many.
size_t cimc_fuse_move_patterns(cimc_pattern *out);

#endif
