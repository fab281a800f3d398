// SPDX-License-Identifier: Apache-2.0
//
// What happens to an accumulator of a matmul or convolution before it is
// stored: requantization or bounds, and the residual of a conv2d_add; or
// nothing.
#ifndef CIMC_LOWER_FINISH_H
#define CIMC_LOWER_FINISH_H

#include "passes/lower/core/fused.h"
#include "passes/lower/core/q31.h"
#include "passes/lower/kernels.h"

// What is burnt into the kernel; the numbers are arguments.
typedef struct cimc_finish {
  cimc_storage out;
  bool quantized; // accumulators are i32, else f32
  bool sums;      // and are the result
  bool q31;       // or are requantized by fractions, not by an f32 each
  bool twice;     // with two roundings
  bool wide;      // to more than 32 bits: bounded as i64
  bool add;       // conv2d_add
  cimc_storage mid;
  cimc_storage residual;
  bool residual_first; // of the addition's operands
  bool fused;          // its arithmetic is fused.h's
  bool reciprocal;     // of the result's scale is exact: multiply by it
  bool low;            // f32: there is a lower bound, an upper bound
  bool high;
} cimc_finish;

#define CIMC_FINISH_ARGUMENTS_MAX 9
#define CIMC_FINISH_KEY_MAX 32

cimc_finish cimc_finish_of(MlirOperation op);
// A part of a kernel's key, letters and digits.
void cimc_finish_key(const cimc_finish *finish, char out[CIMC_FINISH_KEY_MAX]);
// The scalar arguments, in the entry; returns their count.
intptr_t cimc_finish_arguments(cimc_lower *state, MlirOperation op,
                               const cimc_finish *finish, MlirValue *out);

// -- Scale data: what brings a channel's accumulators to the result's scale --
// An f32, M[c] = (float)(sx * sw[c]) / s, each step rounded to f32 (s is the
// result's scale, or mid's); or a fraction as in q31.h.
// Bytes of a channel; where there are none, those of a bias.
int64_t cimc_finish_scale_bytes(const cimc_finish *finish);
// Its address: groups of `count` channels, each padded with zeros to `padded`.
// Null when there are none.
typedef struct cimc_finish_channels {
  int64_t groups, count, padded;
} cimc_finish_channels;
MlirValue cimc_finish_scale_data(cimc_lower *state, MlirOperation op,
                                 const cimc_finish_channels *channels);

// In the kernel: a vector of channels' scales. Empty where there are none.
typedef struct cimc_finish_scale {
  MlirValue multiplier; // f32
  cimc_q31 q31;
} cimc_finish_scale;
typedef struct cimc_finish_at {
  MlirValue pointer;
  int64_t vector; // how many vectors on
  int64_t lanes;
  int64_t align; // of a vector of f32, at most
} cimc_finish_at;
cimc_finish_scale cimc_finish_load_scale(cimc_build *b,
                                         const cimc_finish *finish,
                                         const cimc_finish_at *at);

// In the kernel: the arguments from `first` on, as vectors of `lanes`.
typedef struct cimc_finish_values {
  MlirValue low, high, zero_point;
  MlirValue mid_low, mid_high, mid_scale;
  MlirValue residual_zero_point, residual_scale, scale;
  // Instead of all but mid_low and mid_high: mid's zero point, the rest.
  MlirValue mid_zero_point;
  cimc_fused_add_values sum;
} cimc_finish_values;
cimc_finish_values cimc_finish_load(cimc_build *b, const cimc_finish *finish,
                                    intptr_t first, int64_t lanes);

// One vector of accumulators: where it goes, where its residual is.
typedef struct cimc_finish_place {
  MlirValue out;
  MlirValue residual; // null: none
  cimc_finish_scale scale;
  int64_t count; // lanes that are stored
} cimc_finish_place;
void cimc_finish_store(cimc_build *b, const cimc_finish *finish,
                       const cimc_finish_values *values, MlirValue accumulator,
                       const cimc_finish_place *place);

#endif
