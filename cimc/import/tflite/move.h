// SPDX-License-Identifier: Apache-2.0
//
// Elements moved about: what several operators are composed of. All pass a
// null value on.
#ifndef CIMC_IMPORT_TFLITE_MOVE_H
#define CIMC_IMPORT_TFLITE_MOVE_H

#include "cimc/import/tflite/call.h"

// Element i of the result, along `axis`, is element at[i].
MlirValue cimc_lite_move_pick(const cimc_lite_call *call, MlirValue x,
                              int64_t axis, const cimc_shape *count,
                              const int32_t *at);
// For each dimension: from where, how many, how far apart.
typedef struct cimc_lite_range {
  int64_t start[CIMC_RANK_MAX];
  int64_t size[CIMC_RANK_MAX];
  int64_t step[CIMC_RANK_MAX];
} cimc_lite_range;
// The range of all elements.
cimc_lite_range cimc_lite_range_all(const cimc_shape *shape);
MlirValue cimc_lite_move_slice(const cimc_lite_call *call, MlirValue x,
                               const cimc_lite_range *range);
MlirValue cimc_lite_move_pad(const cimc_lite_call *call, MlirValue x,
                             const int64_t *low, const int64_t *high,
                             float value);
// Up to 1024 values of one element type, along `axis`.
MlirValue cimc_lite_move_concat(const cimc_lite_call *call,
                                const MlirValue *values, size_t count,
                                int64_t axis);
// The value in a shape of as many elements; rank 0 is held as 1.
MlirValue cimc_lite_move_reshape(const cimc_lite_call *call, MlirValue x,
                                 const cimc_shape *shape);

#endif
