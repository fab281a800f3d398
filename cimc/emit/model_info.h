// SPDX-License-Identifier: Apache-2.0
//
// What the object's descriptor and the C header say of a model, read from the
// `qgemm.model` attribute of the lowered entry function.
//
// The attribute is a dictionary:
//   name = "digits", workspace_bytes = N : i64, state_bytes = N : i64,
//   inputs = [{name = "input", type = tensor<1x1x8x8xf32>}, …], and
//     bool = true where a ui8 is 0 or 1
//   outputs = [{name = …, type = …}, …],       a scalar has its scalar type
//   layers = [{name = "/c1/Conv", op = "conv2d"}, …]
#ifndef CIMC_EMIT_MODEL_INFO_H
#define CIMC_EMIT_MODEL_INFO_H

#include "dialect/qgemm.h"
#include "passes/passes.h"

#define CIMC_MODEL_ATTRIBUTE "qgemm.model"

typedef struct cimc_model_tensor {
  MlirStringRef name;
  MlirType type; // a tensor, or a scalar passed by value
  cimc_element element;
  cimc_shape shape; // rank 0 for a scalar
  bool by_value;
  bool boolean; // a ui8 that is 0 or 1
} cimc_model_tensor;

typedef struct cimc_model_layer {
  MlirStringRef name;
  MlirStringRef op;
} cimc_model_layer;

typedef struct cimc_model_info {
  MlirStringRef name;
  cimc_cpu cpu;
  int64_t workspace_bytes;
  int64_t state_bytes;
  size_t input_count;
  size_t output_count;
  size_t layer_count;
  cimc_model_tensor *inputs; // owned, as the next two
  cimc_model_tensor *outputs;
  cimc_model_layer *layers;
} cimc_model_info;

// Reads a lowered module; failure is reported. Destroy with
// cimc_model_info_free.
MlirLogicalResult cimc_model_info_read(MlirOperation module,
                                       cimc_model_info *out);
void cimc_model_info_free(cimc_model_info *info);

#endif
