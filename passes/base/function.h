// SPDX-License-Identifier: Apache-2.0
//
// The real functions of qgemm's elementwise ops, computed at compile time: for
// tables and constants. Kernels emit the same steps
// (passes/lower/core/formula.h).
#ifndef CIMC_BASE_FUNCTION_H
#define CIMC_BASE_FUNCTION_H

#include "dialect/qgemm.h"

// An op of one operand and its numbers; those it does not have are 0.
typedef struct cimc_function {
  cimc_qgemm_kind kind;
  float alpha;
  float beta;
  bool tanh; // gelu by tanh, not by erf
} cimc_function;
cimc_function cimc_function_of(MlirOperation op);

// The constants of some, as f32.
#define CIMC_FUNCTION_SWISH_ALPHA 0x1.555556p-3f // 1 / 6
#define CIMC_FUNCTION_GELU_SCALE 0x1.6a09e6p-1f  // sqrt(1 / 2)
#define CIMC_FUNCTION_GELU_LINEAR 0x1.988454p-1f // sqrt(2 / pi)
#define CIMC_FUNCTION_GELU_CUBIC 0x1.2444f2p-5f  // 0.044715 sqrt(2 / pi)

// True for the functions from f32 to f32 below; what only bounds its operand
// (relu, clamp) or stores it otherwise (requantize) is the identity here.
bool cimc_function_is_unary(cimc_qgemm_kind kind);
bool cimc_function_is_binary(cimc_qgemm_kind kind);

// The f32 steps of docs/numerics.md. What is no basic operation comes from
// libm in double precision, rounded once: the f32 nearest to the true value.
float cimc_function_apply(const cimc_function *function, float x);
// add, sub, mul, div, min, max, pow.
float cimc_function_combine(cimc_qgemm_kind kind, float x, float y);

// Integers without scales, of so many bits: abs, neg, sign of x; add, sub, mul,
// div, min, max, bit_and, bit_or, bit_xor, shift_left, shift_right. Right in
// the lowest bits; what is above them is for the caller to cut.
int64_t cimc_function_integer(cimc_qgemm_kind kind, int bits, int64_t x,
                              int64_t y);
// A number towards zero into the range of a plain integer type; a NaN is 0.
int64_t cimc_function_truncate(float value, cimc_storage storage);
// v * multiplier / 2^shift as qgemm.rescale rounds it, for |v| of 32 bits,
// multiplier in [0, 2^31), shift in [1, 62].
int64_t cimc_function_rescale(int64_t v, int64_t multiplier, int shift,
                              bool twice);

#endif
