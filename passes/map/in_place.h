// SPDX-License-Identifier: Apache-2.0
//
// Which values may lie in each other's memory.
#ifndef CIMC_PASSES_MAP_IN_PLACE_H
#define CIMC_PASSES_MAP_IN_PLACE_H

#include "dialect/qgemm.h"

// True when the op's kernel reads an element of that operand only before it
// writes the same element of the result, so that both may be the same bytes.
// Nothing is said of the op's other operands.
bool cimc_in_place_may_share(MlirOperation op, intptr_t operand);

#endif
