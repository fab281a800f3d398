// SPDX-License-Identifier: Apache-2.0
//
// Rescaling and clamping of a product's sums become its own requantization.
#ifndef CIMC_PASSES_MODEL_FUSE_RESCALE_H
#define CIMC_PASSES_MODEL_FUSE_RESCALE_H

#include "passes/base/pass.h"

#define CIMC_FUSE_RESCALE_COUNT 5

// Patterns of the pass fuse:
//   rescale(product of i32 sums) -> product with multipliers, and a view;
//   clamp, relu, max or min of views of a product's bytes -> its activation.
extern const cimc_pattern cimc_fuse_rescale_patterns[CIMC_FUSE_RESCALE_COUNT];

#endif
