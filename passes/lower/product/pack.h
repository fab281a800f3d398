// SPDX-License-Identifier: Apache-2.0
//
// Weights in the order kernels read them, and biases with zero points folded
// in: data of the object, made at compile time.
#ifndef CIMC_LOWER_PACK_H
#define CIMC_LOWER_PACK_H

#include "passes/lower/kernels.h"

// How one step of the inner loop multiplies.
typedef enum cimc_dot {
  CIMC_DOT_F32,      // 1 f32
  CIMC_DOT_VPDPBUSD, // 4 u8 activations by i8 weights
  CIMC_DOT_PMADDWD,  // 2 i16 by i16, extended from 8 bits on load
  CIMC_DOT_WIDEN,    // 1 i32 by i32, any target
} cimc_dot;

typedef struct cimc_packing {
  cimc_dot dot;
  int64_t step;  // elements of K that one step consumes: 1, 2 or 4
  int64_t lanes; // output channels a vector holds
  cimc_storage in;
  bool wide;         // weights are held as i16: (w - zw) does not fit i8
  bool flip;         // i8 activations become u8 by flipping the top bit
  int64_t panel;     // bytes of one vector's weights, all of K
  int64_t step_size; // bytes of one vector's weights for one step
} cimc_packing;

// The weights as a matrix: channel n, segment s, place k in the segment. A
// segment is what lies contiguous in the input; each is padded with zero
// weights to whole steps.
typedef struct cimc_matrix {
  MlirOperation op; // matmul or conv2d; operand 1 is the constant
  int64_t channels; // in one group
  int64_t groups;
  int64_t segments;
  int64_t length;   // of a segment
  int64_t n_stride; // elements of the constant between channels
  int64_t k_stride; // between places, and length times that between segments
  bool plain;       // one element of K a step, whatever the CPU has
} cimc_matrix;

typedef struct cimc_packed {
  cimc_packing packing;
  MlirValue weights; // [group][vector][segment][step][lanes][step elements]
  MlirValue bias;    // i32 or f32 [group][vector * lanes]
  MlirValue scale;   // of finish.h, likewise; null: none
  int64_t vectors;   // of a group: channels / lanes, rounded up
} cimc_packed;

// Packs operand 1 and folds the bias; addresses are in the entry. Reports
// weights or a bias that are not constants, and storages it cannot pack.
MlirLogicalResult cimc_pack_weights(cimc_lower *state,
                                    const cimc_matrix *matrix,
                                    cimc_packed *out);

#endif
