// SPDX-License-Identifier: Apache-2.0
//
// The ops of two operands with NumPy broadcasting, f32 and quantized.
#ifndef CIMC_LOWER_BINARY_H
#define CIMC_LOWER_BINARY_H

#include "passes/lower/kernels.h"

MlirLogicalResult cimc_binary_lower(cimc_lower *state, MlirOperation op);

#endif
