// SPDX-License-Identifier: Apache-2.0
//
// The scales and zero points among a node's inputs, and the quantized types
// and values they make.
#ifndef CIMC_IMPORT_ONNX_SCALES_H
#define CIMC_IMPORT_ONNX_SCALES_H

#include "cimc/import/onnx_ops/call.h"

typedef struct cimc_scales {
  const cimc_tensor *scale;
  const cimc_tensor *zero_point; // null: zero
  int64_t elem;                  // of the integers, as cimc holds them
  int64_t axis;                  // of several scales
  bool flipped;                  // each zero point 128 more, for uint8
} cimc_scales;

// Reads the constants `input`, the scales, and `input + 1`, the zero points,
// which may be left out; elem is then undefined.
MlirLogicalResult cimc_scales_read(cimc_call *call, size_t input,
                                   cimc_scales *out);
// The quantized element type for a tensor of that shape; one scale, also in a
// list of one, is per tensor.
MlirLogicalResult cimc_scales_type(cimc_call *call, const cimc_scales *scales,
                                   const cimc_shape *shape, MlirType *out);

// Input `i` as a value of that quantized element type, whose storage it has.
MlirLogicalResult cimc_scales_view(cimc_call *call, size_t i, MlirType element,
                                   MlirValue *out);
// The same, with the scales at input `scale` and, of several, along `axis`.
MlirLogicalResult cimc_scales_operand(cimc_call *call, size_t i, size_t scale,
                                      int64_t axis, MlirValue *out);
// Notes how output 0 follows from input 0, when that is a constant: the
// DequantizeLinear has been found sound.
MlirLogicalResult cimc_scales_remember(cimc_call *call, int64_t axis);
// The numbers of such a value, float32; null after reporting.
const cimc_tensor *cimc_scales_fold(cimc_call *call,
                                    const cimc_graph_steps *steps);
// The quantized element type of a result, one scale, from input `scale`; its
// integers are of type `elem` where no zero point says it.
MlirLogicalResult cimc_scales_result(cimc_call *call, size_t scale,
                                     int64_t elem, MlirType *out);
// Defines output 0 as the integers of a quantized value.
MlirLogicalResult cimc_scales_define(cimc_call *call, MlirValue value,
                                     const cimc_shape *shape);

#endif
