// SPDX-License-Identifier: Apache-2.0
//
// The real functions of elementwise ops in a kernel: the f32 steps of
// docs/numerics.md, which passes/base/function.h takes at compile time.
#ifndef CIMC_LOWER_FORMULA_H
#define CIMC_LOWER_FORMULA_H

#include "passes/base/function.h"
#include "passes/lower/core/scalars.h"

// Adds the function's numbers as scalars, what else shapes its code to the key.
void cimc_formula_add(cimc_scalars *s, const cimc_function *function, char *key,
                      size_t key_size);
// function(x); reads those scalars.
MlirValue cimc_formula_unary(cimc_build *b, cimc_scalars *s,
                             const cimc_function *function, MlirValue x);
// add, sub, mul, div, min, max, pow.
MlirValue cimc_formula_binary(cimc_build *b, cimc_qgemm_kind kind, MlirValue x,
                              MlirValue y);

#endif
