// SPDX-License-Identifier: Apache-2.0
//
// What several operators carry: fused activations and windows.
#ifndef CIMC_IMPORT_TFLITE_FUSE_H
#define CIMC_IMPORT_TFLITE_FUSE_H

#include "cimc/import/tflite/call.h"

// The file's numbers.
enum {
  CIMC_LITE_ACTIVATION_NONE,
  CIMC_LITE_ACTIVATION_RELU,
  CIMC_LITE_ACTIVATION_RELU_N1_TO_1,
  CIMC_LITE_ACTIVATION_RELU6,
};
enum { CIMC_LITE_PADDING_SAME, CIMC_LITE_PADDING_VALID };

// Adds the attributes of a fused activation to an op that has them, whose
// result is output 0.
MlirLogicalResult cimc_lite_fuse(cimc_lite_call *call, int64_t activation,
                                 cimc_builder_op *op);
// The activation as ops of its own, on a value of output 0's element type.
MlirLogicalResult cimc_lite_activate(cimc_lite_call *call, int64_t activation,
                                     MlirValue *value);

// Strides and dilations of 1 to 2^31, or an error.
MlirLogicalResult cimc_lite_check_window(cimc_lite_call *call,
                                         const cimc_window *window);
// Fills in the pads.
void cimc_lite_place_window(const cimc_shape *x, int64_t padding,
                            cimc_window *window);

#endif
