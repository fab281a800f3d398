// SPDX-License-Identifier: Apache-2.0
//
// The pass `cleanup`. Dead ops, equal ops and unused private functions go.
#ifndef CIMC_PASSES_MODEL_CLEANUP_H
#define CIMC_PASSES_MODEL_CLEANUP_H

#include "passes/base/pass.h"

extern const cimc_pass cimc_cleanup_pass;

#endif
