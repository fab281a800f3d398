// SPDX-License-Identifier: Apache-2.0
//
// Constant folding of the ops that move elements: a part of literal.h.
#ifndef CIMC_PASSES_MODEL_LITERAL_MOVE_H
#define CIMC_PASSES_MODEL_LITERAL_MOVE_H

#include "passes/model/literal.h"

// Steps `index` to the next position of `shape` in C order.
void cimc_literal_advance(const cimc_shape *shape, int64_t *index);
// Elements from one dimension's neighbour to the next, in C order.
void cimc_literal_strides(const cimc_shape *shape, int64_t *out);

// `out` has room for the result. False when the op's attributes do not fit.
bool cimc_literal_permute(MlirOperation op, const cimc_literal *x,
                          cimc_literal *out);
bool cimc_literal_pad(MlirOperation op, const cimc_literal *x,
                      cimc_literal *out);
bool cimc_literal_slice(MlirOperation op, const cimc_literal *x,
                        cimc_literal *out);

// As cimc_literal_evaluate.
bool cimc_literal_concat(MlirOperation op, cimc_literal *out);
bool cimc_literal_gather(MlirOperation op, cimc_literal *out);

#endif
