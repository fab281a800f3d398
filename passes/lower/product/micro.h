// SPDX-License-Identifier: Apache-2.0
//
// The one generator of matrix kernels: a register tile of mr output positions
// by nr vectors of output channels, K inside. A convolution is the same with
// its K walk split into segments (an implicit GEMM).
#ifndef CIMC_LOWER_MICRO_H
#define CIMC_LOWER_MICRO_H

#include "passes/base/geometry.h"
#include "passes/lower/product/finish.h"
#include "passes/lower/product/pack.h"

// Everything burnt into a kernel. Strides are in bytes of the input; output
// positions follow one another, `out_channels` elements apart.
typedef struct cimc_micro {
  int64_t images, rows, columns; // output positions
  int64_t image_stride, row_stride, column_stride;
  // Segments: outer * inner, each `length` elements long.
  int64_t outer, outer_stride;
  int64_t inner, inner_stride;
  int64_t length;
  bool over_read;       // the input has slack: a last partial step reads on
  bool flipped;         // the input copy holds u8 already
  int64_t channels;     // computed
  int64_t out_channels; // between output positions, >= channels (groups)
  int64_t mr, nr;       // the tile wished for
} cimc_micro;

// Emits (or reuses) the kernel and calls it. `in` is where the first output
// position reads; out and residual (null: none) are its first element.
typedef struct cimc_micro_call {
  MlirOperation op;
  const char *name; // begins the key: "matmul", "conv2d"
  const cimc_packed *packed;
  MlirValue in, out, residual;
  MlirValue weights, bias, scale; // of this group
} cimc_micro_call;
void cimc_micro_emit(cimc_lower *state, const cimc_micro *micro,
                     const cimc_micro_call *call);

#endif
