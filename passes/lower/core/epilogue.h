// SPDX-License-Identifier: Apache-2.0
//
// The arithmetic at the end of every quantized kernel: rounding, zero points,
// bounds. Each function states its order of f32 operations; that order is the
// contract by which all routes agree bit for bit.
#ifndef CIMC_LOWER_EPILOGUE_H
#define CIMC_LOWER_EPILOGUE_H

#include "dialect/qgemm.h"
#include "passes/lower/core/build.h"

// -- At compile time ---------------------------------------------------------
// Integer bounds of a quantized result, relative to its zero point, as the
// floats that kernels clamp to before rounding:
//   low = max(storage_min, zp + rne(bounds.low / scale)) - zp, likewise high.
typedef struct cimc_clamp {
  float low;
  float high;
} cimc_clamp;
cimc_clamp cimc_epilogue_clamp(MlirType quantized, cimc_bounds bounds);

// True when a division by `scale` may be a multiplication by its reciprocal:
// when it is a power of two and the reciprocal is exact.
bool cimc_epilogue_exact_reciprocal(float scale);

// -- In a kernel; values are scalars or vectors, all of equal lane count -----
// Rounds |x| <= 2^22 to the nearest integer, ties to even, as i32.
MlirValue cimc_epilogue_round(cimc_build *b, MlirValue x);

// clamp(x, low, high), rounded, plus zero_point, as i32: x is already divided
// by the scale. NaN gives low.
MlirValue cimc_epilogue_quantize(cimc_build *b, MlirValue x, MlirValue low,
                                 MlirValue high, MlirValue zero_point);

// (float)(q - zero_point) * scale; q as i32.
MlirValue cimc_epilogue_dequantize(cimc_build *b, MlirValue q,
                                   MlirValue zero_point, MlirValue scale);

// Loads elements of a storage as i32 (f32: as it is): sign or zero extended.
// `count` lanes of a vector of `lanes`; lanes 0 means a scalar.
MlirValue cimc_epilogue_load(cimc_build *b, cimc_storage storage,
                             MlirValue pointer, int64_t lanes, int64_t count);
// Stores i32 lanes (or f32) in a storage's width; the first `count` only.
void cimc_epilogue_store(cimc_build *b, cimc_storage storage, MlirValue value,
                         MlirValue pointer, int64_t count);

#endif
