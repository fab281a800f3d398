// SPDX-License-Identifier: Apache-2.0
//
// The window of a convolution or pool: kernel, strides, dilations and explicit
// pads, worked out from auto_pad and ceil_mode.
#ifndef CIMC_IMPORT_ONNX_PADS_H
#define CIMC_IMPORT_ONNX_PADS_H

#include "cimc/import/onnx_ops/call.h"

// Over any number of spatial dimensions.
typedef struct cimc_pads_box {
  int spatial;
  int64_t kernel[CIMC_RANK_MAX];
  int64_t strides[CIMC_RANK_MAX];
  int64_t dilations[CIMC_RANK_MAX];
  int64_t before[CIMC_RANK_MAX];
  int64_t after[CIMC_RANK_MAX];
  int64_t extra[CIMC_RANK_MAX]; // what ceil_mode adds beyond `after`
  int64_t out[CIMC_RANK_MAX];   // windows
} cimc_pads_box;

// Reads the attributes of a node over an input [N, C, spatial...] of rank 2 or
// more. `kernel` has rank - 2 elements; null: the attribute kernel_shape.
MlirLogicalResult cimc_pads_read_box(cimc_call *call, const cimc_shape *input,
                                     const int64_t *kernel, cimc_pads_box *out);

// Always two spatial dimensions, height and width; one-dimensional windows
// have height 1.
typedef struct cimc_pads_window {
  int64_t kernel[2];
  int64_t strides[2];
  int64_t dilations[2];
  int64_t pads[4];  // top, left, bottom, right
  int64_t extra[2]; // bottom, right: what ceil_mode adds beyond the pads
} cimc_pads_window;

// The same, for an input of rank 3 or 4.
MlirLogicalResult cimc_pads_read(cimc_call *call, const cimc_shape *input,
                                 const int64_t *kernel, cimc_pads_window *out);

#endif
