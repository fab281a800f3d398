// SPDX-License-Identifier: Apache-2.0
//
// Simpler forms of slices, concats, gathers and pads, alone and one upon
// another.
#ifndef CIMC_PASSES_MODEL_MOVEMENT_H
#define CIMC_PASSES_MODEL_MOVEMENT_H

#include "passes/base/pass.h"

#define CIMC_MOVEMENT_PATTERNS_MAX 12

// Writes the patterns; gives how many.
size_t cimc_movement_patterns(cimc_pattern *out);

#endif
