// SPDX-License-Identifier: Apache-2.0
//
// Tensors known while importing: initializers and results of constant nodes,
// decoded from every encoding ONNX has.
#ifndef CIMC_IMPORT_ONNX_TENSOR_H
#define CIMC_IMPORT_ONNX_TENSOR_H

#include "cimc/import/import.h"
#include "cimc/import/onnx/proto.h"

// What cimc widens on reading: float16, bfloat16 and float64 to float32, int4
// to int8, uint4 to uint8. `stored` remembers what the file says.
typedef struct cimc_tensor {
  int64_t elem;
  int64_t stored;
  cimc_shape shape;
  int64_t count;
  const unsigned char *data; // C order, native endian, unaligned
} cimc_tensor;

// Where tensors come from and what they may cost.
typedef struct cimc_tensor_source {
  const char *file; // the model's path
  cimc_arena *arena;
  size_t budget; // bytes of tensor data that may still be made
  cimc_import_files *files;
} cimc_tensor_source;

// Bytes of one element of a type that cimc_tensor.elem can have; 0 for others.
size_t cimc_tensor_elem_bytes(int64_t elem);
// What `stored` is widened to; CIMC_ELEM_UNDEFINED when it is not read.
int64_t cimc_tensor_widened(int64_t stored);

// Takes from the budget; false after reporting that it is used up.
bool cimc_tensor_charge(cimc_tensor_source *source, int64_t count, size_t size);

// Decodes; null after reporting what is wrong.
const cimc_tensor *cimc_tensor_load(cimc_tensor_source *source,
                                    const cimc_proto_tensor *proto);
// A zeroed tensor to fill in through *out_data; null after reporting.
cimc_tensor *cimc_tensor_create(cimc_tensor_source *source, int64_t elem,
                                const cimc_shape *shape,
                                unsigned char **out_data);

// Element i < count of a float32 tensor, and of an integer or bool one.
float cimc_tensor_f32(const cimc_tensor *tensor, int64_t i);
int64_t cimc_tensor_i64(const cimc_tensor *tensor, int64_t i);
// Writes an element in the tensor's type; the value must fit.
void cimc_tensor_put_f32(unsigned char *data, int64_t i, float value);
void cimc_tensor_put_i64(int64_t elem, unsigned char *data, int64_t i,
                         int64_t value);

#endif
