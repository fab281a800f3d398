// SPDX-License-Identifier: Apache-2.0
//
// softmax of bytes in integers alone, as LiteRT's reference kernel computes it.
#ifndef CIMC_LOWER_ISOFTMAX_H
#define CIMC_LOWER_ISOFTMAX_H

#include "passes/lower/kernels.h"

// True for arithmetic = "tflite".
bool cimc_isoftmax_fits(MlirOperation op);
MlirLogicalResult cimc_isoftmax_lower(cimc_lower *state, MlirOperation op);

#endif
