// SPDX-License-Identifier: Apache-2.0
//
// Unary ops from 8-bit to 8-bit quantized values, as a table of 256 results
// computed at compile time.
#ifndef CIMC_LOWER_TABLE_H
#define CIMC_LOWER_TABLE_H

#include "passes/lower/kernels.h"

// True when operand 0 and the result are quantized per tensor in 8 bits.
bool cimc_table_fits(MlirOperation op);
// An op of one operand that cimc_table_fits.
MlirLogicalResult cimc_table_lower(cimc_lower *state, MlirOperation op);

// quantize(value) into a per-tensor quantized type: value / scale, rounded to
// nearest even, plus the zero point, within the storage's range and `bounds`.
// A NaN gives the lowest value.
int32_t cimc_table_quantize(MlirType quantized, cimc_bounds bounds,
                            float value);

#endif
