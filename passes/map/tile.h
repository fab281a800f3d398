// SPDX-License-Identifier: Apache-2.0
//
// The pass `tile`: the register tile of every matrix-like op.
#ifndef CIMC_PASSES_MAP_TILE_H
#define CIMC_PASSES_MAP_TILE_H

#include "passes/base/pass.h"

extern const cimc_pass cimc_tile_pass;

#endif
