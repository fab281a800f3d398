// SPDX-License-Identifier: Apache-2.0
//
// The pass `fuse`. Quant-fusion: dequantize, op, quantize become one
// quantized op.
#ifndef CIMC_PASSES_MODEL_FUSE_H
#define CIMC_PASSES_MODEL_FUSE_H

#include "passes/base/pass.h"

extern const cimc_pass cimc_fuse_pass;

#endif
