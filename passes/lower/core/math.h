// SPDX-License-Identifier: Apache-2.0
//
// The functions of f32 scalars or vectors that processors do not have, as fixed
// sequences that give the same bits on every target: no libm. A NaN stays NaN.
#ifndef CIMC_LOWER_MATH_H
#define CIMC_LOWER_MATH_H

#include "passes/lower/core/build.h"

// -- Parts of such sequences -------------------------------------------------
// A constant in every lane that `like` has.
MlirValue cimc_math_number(cimc_build *b, MlirValue like, float value);
// The polynomial with the highest coefficient first.
MlirValue cimc_math_polynomial(cimc_build *b, MlirValue x, int count,
                               const float *coefficients);
// 2^n for n an i32 in [-126, 127].
MlirValue cimc_math_power_of_two(cimc_build *b, MlirValue n);
// |x|, and x's sign bit as i32 or put onto a float that is not negative.
MlirValue cimc_math_abs(cimc_build *b, MlirValue x);
MlirValue cimc_math_sign_bit(cimc_build *b, MlirValue x);
MlirValue cimc_math_copy_sign(cimc_build *b, MlirValue magnitude, MlirValue x);

// -- Rounding to integers, exactly; ties to even -----------------------------
MlirValue cimc_math_round(cimc_build *b, MlirValue x);
MlirValue cimc_math_floor(cimc_build *b, MlirValue x);
MlirValue cimc_math_ceil(cimc_build *b, MlirValue x);

// -- Functions ---------------------------------------------------------------
// e^x within 1 ulp (2 where the result is subnormal).
MlirValue cimc_math_exp(cimc_build *b, MlirValue x);
// 1 / (1 + e^-x), within 3 ulp.
MlirValue cimc_math_sigmoid(cimc_build *b, MlirValue x);
// x * y + z rounded once, for finite values: an instruction where the target
// has one, else exact arithmetic in f64.
MlirValue cimc_math_fma(cimc_build *b, MlirValue x, MlirValue y, MlirValue z);
// Within 2 ulp; tanh(-x) = -tanh(x) exactly.
MlirValue cimc_math_tanh(cimc_build *b, MlirValue x);
// Within 2 ulp and 1e-7; odd as tanh is.
MlirValue cimc_math_erf(cimc_build *b, MlirValue x);
// The natural logarithm within 1 ulp: of 0 -inf, below 0 a NaN.
MlirValue cimc_math_log(cimc_build *b, MlirValue x);
// x^y within 5 ulp; zeros, infinities, NaNs and signs as C's pow has them.
MlirValue cimc_math_pow(cimc_build *b, MlirValue x, MlirValue y);
// Within 1.3e-7 for every finite x, however large; of an infinity a NaN.
MlirValue cimc_math_sin(cimc_build *b, MlirValue x);
MlirValue cimc_math_cos(cimc_build *b, MlirValue x);

#endif
