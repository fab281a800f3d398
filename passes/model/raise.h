// SPDX-License-Identifier: Apache-2.0
//
// The pass `raise`: tosa, linalg, tensor and arith ops on tensors become qgemm
// ops.
#ifndef CIMC_PASSES_MODEL_RAISE_H
#define CIMC_PASSES_MODEL_RAISE_H

#include "passes/base/pass.h"

extern const cimc_pass cimc_raise_pass;

// The op at `index` of those that are raised, "tosa.conv2d", for --list-ops;
// null behind the last.
const char *cimc_raise_op_at(size_t index);

#endif
