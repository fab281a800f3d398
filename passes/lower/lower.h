// SPDX-License-Identifier: Apache-2.0
//
// The pass `lower`: from qgemm ops with a memory plan to loops and vectors.
#ifndef CIMC_LOWER_LOWER_H
#define CIMC_LOWER_LOWER_H

#include "passes/base/pass.h"

extern const cimc_pass cimc_lower_pass;

#endif
