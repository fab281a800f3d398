// SPDX-License-Identifier: Apache-2.0
//
// softmax from 8-bit to 8-bit quantized values, by a table of exponentials.
#ifndef CIMC_LOWER_QSOFTMAX_H
#define CIMC_LOWER_QSOFTMAX_H

#include "passes/lower/kernels.h"

// True where ONNX Runtime has one kernel for it: see fused.h.
bool cimc_qsoftmax_fits(MlirOperation op);
MlirLogicalResult cimc_qsoftmax_lower(cimc_lower *state, MlirOperation op);

#endif
