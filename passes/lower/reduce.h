// SPDX-License-Identifier: Apache-2.0
//
// reduce_mean over any axes, f32 and quantized.
#ifndef CIMC_LOWER_REDUCE_H
#define CIMC_LOWER_REDUCE_H

#include "passes/lower/kernels.h"

MlirLogicalResult cimc_reduce_lower(cimc_lower *state, MlirOperation op);

#endif
