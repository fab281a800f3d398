// SPDX-License-Identifier: Apache-2.0
//
// Depthwise convolutions with one output channel per input channel.
#ifndef CIMC_LOWER_DEPTHWISE_H
#define CIMC_LOWER_DEPTHWISE_H

#include "passes/base/geometry.h"
#include "passes/lower/kernels.h"

// True for the convolutions this file has a kernel for.
bool cimc_depthwise_accepts(const cimc_conv_shape *shape);
// `in` is the image as the kernel reads it: the padded copy, if there is one.
MlirLogicalResult cimc_depthwise_lower(cimc_lower *state, MlirOperation op,
                                       const cimc_conv_shape *shape,
                                       MlirValue in);

#endif
