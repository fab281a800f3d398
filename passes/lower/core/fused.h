// SPDX-License-Identifier: Apache-2.0
//
// Which quantized ops ONNX Runtime computes by one integer kernel, and the
// arithmetic of its addition; all others it computes in real numbers between
// dequantize and quantize.
#ifndef CIMC_LOWER_FUSED_H
#define CIMC_LOWER_FUSED_H

#include "dialect/qgemm.h"
#include "passes/lower/core/build.h"

// For add, mul, avg_pool2d, softmax and conv2d_add (its addition): true when
// ONNX Runtime has one kernel for it.
//
// The rule: all tensors have 8 bits and the same signedness. ONNX Runtime turns
// some signed tensors into unsigned ones first; so does the importer, and here
// types say all. An activation that bounds more than the result's type does is
// a step between op and quantize: then there is no kernel for it.
bool cimc_fused_form(MlirOperation op);

// a + b on stored integers:
//   rne(fma(ra, a, fma(rb, b, fix))), ra = sa/so, rb = sb/so,
//   fix = zo - fma(ra, za, rb zb)
// within the closed integer interval [low, high].
typedef struct cimc_fused_add {
  float ra, rb, fix;
  float low, high;
} cimc_fused_add;
cimc_fused_add cimc_fused_add_of(const cimc_element *a, const cimc_element *b,
                                 MlirType result, cimc_bounds bounds);
// The same in a kernel; all of equal lanes. a and b are f32, the result an i32.
typedef struct cimc_fused_add_values {
  MlirValue ra, rb, fix, low, high;
} cimc_fused_add_values;
MlirValue cimc_fused_add_emit(cimc_build *b, const cimc_fused_add_values *v,
                              MlirValue x, MlirValue y);

#endif
