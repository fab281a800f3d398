// SPDX-License-Identifier: Apache-2.0
//
// Tensors known while importing: decoded, permuted, and made constants.
#ifndef CIMC_IMPORT_TFLITE_WEIGHTS_H
#define CIMC_IMPORT_TFLITE_WEIGHTS_H

#include "cimc/import/tflite/call.h"

// Decoded elements, in C order: of `storage`, native endian.
typedef struct cimc_lite_array {
  cimc_storage storage;
  cimc_shape shape;
  int64_t count;
  void *data; // owned: free()
} cimc_lite_array;

// Decodes a constant: float16 as float32, int4 as int8, bool as u8; what is
// stored quantized but of type float32, or with `real` anything quantized, as
// float32.
MlirLogicalResult cimc_lite_weights_load(cimc_lite_call *call,
                                         const cimc_lite_tensor *tensor,
                                         bool real, cimc_lite_array *out);
// Reorders dimensions: dimension i becomes what was perm[i].
MlirLogicalResult cimc_lite_weights_permute(cimc_lite_call *call,
                                            cimc_lite_array *array,
                                            const int64_t *perm);
// Frees the array and makes a constant of it, under the tensor's name, with
// the element type given (null: the storage's).
MlirLogicalResult cimc_lite_weights_emit(cimc_lite_call *call,
                                         const cimc_lite_tensor *tensor,
                                         cimc_lite_array *array,
                                         MlirType element, MlirValue *out);
// A constant of plain int32 or f32 elements.
MlirValue cimc_lite_weights_i32(const cimc_lite_call *call,
                                const cimc_shape *shape, const int32_t *data);
MlirValue cimc_lite_weights_f32(const cimc_lite_call *call,
                                const cimc_shape *shape, const float *data);

// Element i of an integer array.
int64_t cimc_lite_array_at(const cimc_lite_array *array, int64_t i);

// The quantized element type with these scales along `axis`; wrong scales are
// reported under the tensor's name.
MlirLogicalResult cimc_lite_weights_type(cimc_lite_call *call,
                                         const cimc_lite_tensor *tensor,
                                         const cimc_lite_scales *scales,
                                         cimc_storage storage, MlirType *out);

#endif
