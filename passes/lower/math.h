// SPDX-License-Identifier: Apache-2.0
//
// exp, sigmoid, tanh and a true fused multiply-add of f32 scalars or vectors,
// as fixed sequences that give the same bits on every target: no libm.
#ifndef CIMC_LOWER_MATH_H
#define CIMC_LOWER_MATH_H

#include "passes/lower/build.h"

// e^x within 1 ulp (2 where the result is subnormal). A NaN stays NaN.
MlirValue cimc_math_exp(cimc_build *b, MlirValue x);
// 1 / (1 + e^-x), within 3 ulp; NaN stays NaN.
MlirValue cimc_math_sigmoid(cimc_build *b, MlirValue x);
// x * y + z rounded once, for finite values: an instruction where the target
// has one, else exact arithmetic in f64.
MlirValue cimc_math_fma(cimc_build *b, MlirValue x, MlirValue y, MlirValue z);
// Within 2 ulp; tanh(-x) = -tanh(x) exactly; NaN stays NaN.
MlirValue cimc_math_tanh(cimc_build *b, MlirValue x);

#endif
