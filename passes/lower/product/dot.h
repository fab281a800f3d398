// SPDX-License-Identifier: Apache-2.0
//
// The inner step of a matrix kernel on each CPU: loads of activations and
// weights, and the multiply-add. A CPU with a new dot instruction adds a case
// here and in pack.h.
#ifndef CIMC_LOWER_DOT_H
#define CIMC_LOWER_DOT_H

#include "passes/lower/product/pack.h"

// One step of activations at `pointer`, in every lane. `count` < step reads
// only so many elements (their weights beyond are zero); `flipped` says that
// the memory holds u8 already.
MlirValue cimc_dot_activation(cimc_build *b, const cimc_packing *packing,
                              MlirValue pointer, int64_t count, bool flipped);
// One step of one vector's weights.
MlirValue cimc_dot_weights(cimc_build *b, const cimc_packing *packing,
                           MlirValue pointer);
// accumulator + activation * weights.
MlirValue cimc_dot_step(cimc_build *b, const cimc_packing *packing,
                        MlirValue accumulator, MlirValue activation,
                        MlirValue weights);

#endif
