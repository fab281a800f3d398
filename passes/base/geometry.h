// SPDX-License-Identifier: Apache-2.0
//
// What the tile pass and the kernels must agree on: tile sizes, and the size
// and layout of the padded copy that a convolution reads its input from.
#ifndef CIMC_BASE_GEOMETRY_H
#define CIMC_BASE_GEOMETRY_H

#include "dialect/qgemm.h"

// The register tile of a matmul or conv2d: mr output rows (pixels) by nr
// vectors of output channels. Attribute `tile = {mr = 4 : i64, nr = 2 : i64}`;
// optional `scratch_bytes`, which tile writes and plan_memory reads.
typedef struct cimc_tile {
  int64_t mr;
  int64_t nr;
} cimc_tile;
#define CIMC_TILE_MAX 16 // of mr and of nr; mr * nr <= 48

// The tile the op carries, or mr = 4, nr = 2. The kernels clip it to the shape.
cimc_tile cimc_geometry_tile(MlirOperation op);

// A convolution's shape, from its verified op; all in elements.
typedef struct cimc_conv_shape {
  int64_t batch, height, width, channels;      // input
  int64_t out_height, out_width, out_channels; // result
  cimc_window window;
  bool depthwise; // one input channel a group
  bool padded;    // reads a padded copy of the input
  // Size of the image the kernel reads: the copy's when padded, else the
  // input's.
  int64_t read_height, read_width;
} cimc_conv_shape;
cimc_conv_shape cimc_geometry_conv(MlirOperation conv);

// Slack after the padded copy, which kernels may read and write.
#define CIMC_GEOMETRY_SLACK 64

// Of a slice: true when its result is one run of the operand's bytes, which
// begins at byte *out_offset.
bool cimc_geometry_slice_is_run(MlirOperation slice, int64_t *out_offset);
// Of a concat: true when each operand is one run of the result's bytes.
bool cimc_geometry_concat_is_runs(MlirOperation concat);

// Bytes of a tensor; -1 when they cannot be known or pass INT64_MAX.
int64_t cimc_geometry_bytes(MlirType tensor);

// Scratch bytes the op's kernel needs; 0 for most. -1 when beyond INT64_MAX.
int64_t cimc_geometry_scratch_bytes(MlirOperation op);

#endif
