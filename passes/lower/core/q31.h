// SPDX-License-Identifier: Apache-2.0
//
// Multiplication by an exact fraction m / 2^shift in 64 bits, lane by lane:
// what qgemm.rescale computes, and requantization by its attributes.
#ifndef CIMC_LOWER_Q31_H
#define CIMC_LOWER_Q31_H

#include "passes/lower/core/build.h"

// A multiplier in [0, 2^31) and a shift in [1, 62] as they lie in memory: two
// i32, the multiplier first.
#define CIMC_Q31_WORDS 2
#define CIMC_Q31_BYTES 8

// The same in a kernel, as i64.
typedef struct cimc_q31 {
  MlirValue multiplier;
  MlirValue shift;
  MlirValue half; // added to the product
  MlirValue less; // taken off again where x < 0; null: nothing
} cimc_q31;

// From i64 lanes loaded from memory. `twice`: rounded to 31 fraction bits
// first, then to none, ties away from zero: rounding = "double".
cimc_q31 cimc_q31_of(cimc_build *b, MlirValue words, bool twice);

// x, of i32 lanes, times the fraction, rounded, as i64. With a shift of 31 or
// more it fits an i32.
MlirValue cimc_q31_apply(cimc_build *b, const cimc_q31 *by, MlirValue x);
// The same of i64 lanes, of which 33 bits count.
MlirValue cimc_q31_apply_wide(cimc_build *b, const cimc_q31 *by, MlirValue x);

#endif
