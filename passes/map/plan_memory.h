// SPDX-License-Identifier: Apache-2.0
//
// The pass `plan_memory`: where in the workspace every value lives.
#ifndef CIMC_PASSES_MAP_PLAN_MEMORY_H
#define CIMC_PASSES_MAP_PLAN_MEMORY_H

#include "passes/base/pass.h"

extern const cimc_pass cimc_plan_memory_pass;

#endif
