// SPDX-License-Identifier: Apache-2.0
//
// The parts that convolutions and pools of all element types share.
#ifndef CIMC_IMPORT_ONNX_OPS_WINDOW_H
#define CIMC_IMPORT_ONNX_OPS_WINDOW_H

#include "cimc/import/onnx_ops/pads.h"

// `x`, which has the shape of input 0, channels last and of rank four.
MlirLogicalResult cimc_ops_window_last(cimc_call *call, MlirValue x,
                                       MlirValue *out);
// A channels-last result in ONNX's order and with input 0's rank.
MlirValue cimc_ops_window_first(cimc_call *call, MlirValue result);

// A convolution of input 0 by the weights at input `weights`.
typedef struct cimc_ops_conv {
  cimc_pads_window window;
  int64_t groups;
} cimc_ops_conv;
MlirLogicalResult cimc_ops_window_read_conv(cimc_call *call, size_t weights,
                                            cimc_ops_conv *out);
// Weights [O, I, (H,) W] as OHWI.
MlirValue cimc_ops_window_weights(cimc_call *call, MlirValue weights);
// All channels last; a null bias: none; a null element: that of x.
MlirValue cimc_ops_window_emit_conv(cimc_call *call, const cimc_ops_conv *conv,
                                    const MlirValue operands[3],
                                    MlirType element);

// The float32 convolution of inputs 0 to 2 in ONNX's order.
MlirLogicalResult cimc_ops_window_conv_value(cimc_call *call, MlirValue *out);

// Whether the pool's one window is the whole of a `shape` channels first.
bool cimc_ops_window_is_whole(cimc_call *call, const cimc_shape *shape);

// An average pool over x, channels last.
typedef struct cimc_ops_average {
  MlirValue x;
  MlirType element;        // of the result; null: that of x
  const cimc_shape *shape; // channels first
} cimc_ops_average;
MlirLogicalResult cimc_ops_window_emit_average(cimc_call *call,
                                               const cimc_ops_average *how,
                                               MlirValue *out);

#endif
