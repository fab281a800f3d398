// SPDX-License-Identifier: Apache-2.0
//
// Quant-fusion of convolutions and products: integer operands, an int32
// accumulator, the bias in its steps.
#ifndef CIMC_PASSES_MODEL_LINEAR_H
#define CIMC_PASSES_MODEL_LINEAR_H

#include "passes/base/pass.h"

// Builds the quantized form of a conv2d, matmul or batch_matmul whose operands
// are dequantized: *out has `type`. False, with nothing built, when it has
// none.
bool cimc_linear_quantize(MlirOperation op, MlirRewriterBase rewriter,
                          MlirType type, MlirValue *out);

// The bias that a quantized convolution or product without one has: zeros, of
// the type that its operands ask for. False when there is no memory.
bool cimc_linear_zero_bias(MlirOperation op, MlirRewriterBase rewriter,
                           MlirValue *out);

#endif
