// SPDX-License-Identifier: Apache-2.0
//
// Elementwise ops on constants without scales: f32 and plain integers.
#ifndef CIMC_PASSES_MODEL_ARITH_H
#define CIMC_PASSES_MODEL_ARITH_H

#include "passes/model/literal.h"

// What the op gives for constant operands that broadcast to its result: real
// functions, integer arithmetic, compare, select, cast, rescale. `out` is
// created; false when it is no such op, or a type has scales.
bool cimc_arith_evaluate(MlirOperation op, cimc_literal *out);

#endif
