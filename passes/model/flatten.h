// SPDX-License-Identifier: Apache-2.0
//
// The transpose before a flatten before a product with constant weights: the
// weights' rows are permuted instead, once, at compile time.
#ifndef CIMC_PASSES_MODEL_FLATTEN_H
#define CIMC_PASSES_MODEL_FLATTEN_H

#include "passes/base/pass.h"

// A pattern for qgemm.matmul.
MlirLogicalResult cimc_flatten_rewrite(MlirOperation op,
                                       MlirRewriterBase rewriter, void *user);

#endif
