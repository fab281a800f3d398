// SPDX-License-Identifier: Apache-2.0
//
// Transposes and reshapes out of the way: they move towards the function's
// result, join, cancel, and end in constants.
//
// The form this leads to: x -> transpose -> (reshape) -> dequantize, and
// transposes and reshapes below whatever works element by element. So a graph
// imported from NCHW, where every convolution stands between two transposes,
// becomes NHWC inside.
#ifndef CIMC_PASSES_MODEL_LAYOUT_H
#define CIMC_PASSES_MODEL_LAYOUT_H

#include "dialect/qgemm.h"
#include "passes/base/pass.h"

#define CIMC_LAYOUT_PATTERNS_MAX (CIMC_QGEMM_KIND_COUNT + 8)

// Writes the patterns; gives how many.
size_t cimc_layout_patterns(cimc_pattern *out);

#endif
