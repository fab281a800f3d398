// SPDX-License-Identifier: Apache-2.0
//
// What convolutions, products and their like take into themselves: the pad
// before them, the scale and bias after them, the activation after that.
#ifndef CIMC_PASSES_MODEL_ABSORB_H
#define CIMC_PASSES_MODEL_ABSORB_H

#include "passes/base/pass.h"

#define CIMC_ABSORB_PATTERNS_MAX 16

// Writes the patterns; gives how many.
size_t cimc_absorb_patterns(cimc_pattern *out);

#endif
