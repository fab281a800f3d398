// SPDX-License-Identifier: Apache-2.0
//
// Constants emitted other than they stand in the file: permuted, scaled or
// reshaped while importing.
#ifndef CIMC_IMPORT_ONNX_WEIGHTS_H
#define CIMC_IMPORT_ONNX_WEIGHTS_H

#include "cimc/import/onnx_ops/call.h"

typedef struct cimc_weights_form {
  cimc_shape shape;    // seen as this first; as many elements
  const int64_t *perm; // then permuted; null: not
  float factor;        // each element times this; 1: as it is
} cimc_weights_form;

// Input `i`, float32, in another form: a constant right away, anything else by
// qgemm ops.
MlirLogicalResult cimc_weights_emit(cimc_call *call, size_t i,
                                    const cimc_weights_form *form,
                                    MlirValue *out);

// A new float32 constant, charged to the budget.
MlirLogicalResult cimc_weights_create(cimc_call *call, const cimc_shape *shape,
                                      const float *data, MlirValue *out);

#endif
