// SPDX-License-Identifier: Apache-2.0
//
// The pass `fold`. Constant folding within a budget.
#ifndef CIMC_PASSES_MODEL_FOLD_H
#define CIMC_PASSES_MODEL_FOLD_H

#include "passes/base/pass.h"

extern const cimc_pass cimc_fold_pass;

#endif
