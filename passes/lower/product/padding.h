// SPDX-License-Identifier: Apache-2.0
//
// The copy of a convolution's input with its padding filled in.
#ifndef CIMC_LOWER_PADDING_H
#define CIMC_LOWER_PADDING_H

#include "passes/base/geometry.h"
#include "passes/lower/kernels.h"

// Copies the input of the conv2d `op` into its scratch memory, of the shape
// batch x read_height x read_width x channels, padded with real 0; `flip`
// turns i8 into u8 by its top bit on the way. Returns the scratch address;
// null when there is none (reported).
MlirValue cimc_padding_copy(cimc_lower *state, MlirOperation op,
                            const cimc_conv_shape *shape, MlirValue in,
                            bool flip);

#endif
