// SPDX-License-Identifier: Apache-2.0
//
// exp, sigmoid and tanh of f32 scalars or vectors as fixed sequences of adds,
// multiplications and divisions: no libm, no fused multiply-add, so the same
// bits on every target.
#ifndef CIMC_LOWER_MATH_H
#define CIMC_LOWER_MATH_H

#include "passes/lower/build.h"

// e^x within 1 ulp (2 where the result is subnormal). A NaN stays NaN.
MlirValue cimc_math_exp(cimc_build *b, MlirValue x);
// 1 / (1 + e^-x), within 3 ulp; NaN stays NaN.
MlirValue cimc_math_sigmoid(cimc_build *b, MlirValue x);
// Within 2 ulp; tanh(-x) = -tanh(x) exactly; NaN stays NaN.
MlirValue cimc_math_tanh(cimc_build *b, MlirValue x);

#endif
