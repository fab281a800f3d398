// SPDX-License-Identifier: Apache-2.0
//
// Removal of qgemm ops nobody uses, for use among a rewrite's patterns: ops of
// an IRDL dialect have no effects MLIR knows of, so it never removes them, and
// "has one use" would see the dead.
#ifndef CIMC_PASSES_MODEL_DEAD_H
#define CIMC_PASSES_MODEL_DEAD_H

#include "dialect/qgemm.h"
#include "passes/base/pass.h"

// Writes one pattern per op kind, at most CIMC_QGEMM_KIND_COUNT; gives how
// many. They belong first in the table.
size_t cimc_dead_patterns(cimc_pattern *out);

#endif
