// SPDX-License-Identifier: Apache-2.0
//
// The pass `infer_shapes`: dynamic batches become 1, all shapes static.
#ifndef CIMC_PASSES_MODEL_INFER_SHAPES_H
#define CIMC_PASSES_MODEL_INFER_SHAPES_H

#include "passes/base/pass.h"

extern const cimc_pass cimc_infer_shapes_pass;

#endif
