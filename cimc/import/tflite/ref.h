// SPDX-License-Identifier: Apache-2.0
//
// The integer arithmetic of LiteRT's reference kernels, for
// --requant=tflite-ref: multipliers in Q31, and tables of 8-bit functions.
#ifndef CIMC_IMPORT_TFLITE_REF_H
#define CIMC_IMPORT_TFLITE_REF_H

#include "cimc/import/tflite/call.h"

// value * multiplier / 2^shift, as qgemm's rescale has it.
typedef struct cimc_lite_q31 {
  int64_t multiplier;
  int64_t shift;
} cimc_lite_q31;

// The nearest to a real factor, as LiteRT's QuantizeMultiplier finds it. False
// when the factor is 2^30 or more, or no number.
bool cimc_lite_q31_of(double factor, cimc_lite_q31 *out);
// LiteRT's MultiplyByQuantizedMultiplier: rounded twice where shift > 31.
int32_t cimc_lite_q31_apply(int32_t value, cimc_lite_q31 by);

// The smallest and largest stored value an activation leaves (0: none, 1:
// relu, 2: relu_n1_to_1, 3: relu6), in the file's numbering.
void cimc_lite_ref_bounds(const cimc_lite_tensor *tensor, int64_t activation,
                          int64_t out[2]);

// One elementwise function of an 8-bit tensor: the result for a stored value.
typedef int32_t (*cimc_lite_ref_function)(const void *state, int32_t stored);
// Output `i` by a table of input `i`'s 256 values.
MlirLogicalResult cimc_lite_ref_table(cimc_lite_call *call, size_t input,
                                      cimc_lite_ref_function function,
                                      const void *state);
// The same, not defined as an output.
MlirLogicalResult cimc_lite_ref_bytes(cimc_lite_call *call, size_t input,
                                      cimc_lite_ref_function function,
                                      const void *state, MlirValue *out);
// The same as plain int32.
MlirLogicalResult cimc_lite_ref_wide(cimc_lite_call *call, size_t input,
                                     cimc_lite_ref_function function,
                                     const void *state, MlirValue *out);
// Plain int32 x, times a factor, plus the output's zero point, clamped: the
// storage of output 0, defined.
MlirLogicalResult cimc_lite_ref_narrow(cimc_lite_call *call, MlirValue x,
                                       double factor, int64_t activation);
// The same of a sum of `count` elements, for their mean: LiteRT divides the
// factor.
MlirLogicalResult cimc_lite_ref_narrow_by(cimc_lite_call *call, MlirValue x,
                                          double factor, int64_t count);

#endif
