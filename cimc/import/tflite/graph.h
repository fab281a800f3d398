// SPDX-License-Identifier: Apache-2.0
//
// The first subgraph of a .tflite file: its tensors and operators, checked
// and linked, and which of them the outputs need.
#ifndef CIMC_IMPORT_TFLITE_GRAPH_H
#define CIMC_IMPORT_TFLITE_GRAPH_H

#include "cimc/import/arena.h"
#include "cimc/import/tflite/flat.h"
#include "dialect/qgemm.h"

#define CIMC_LITE_NONE UINT32_MAX

// The file's element types.
typedef enum cimc_lite_type {
  CIMC_LITE_FLOAT32 = 0,
  CIMC_LITE_FLOAT16 = 1,
  CIMC_LITE_INT32 = 2,
  CIMC_LITE_UINT8 = 3,
  CIMC_LITE_INT64 = 4,
  CIMC_LITE_BOOL = 6,
  CIMC_LITE_INT16 = 7,
  CIMC_LITE_INT8 = 9,
  CIMC_LITE_UINT16 = 16,
  CIMC_LITE_INT4 = 17,
} cimc_lite_type;

// Scales of a tensor: none, one, or one for each index along `axis`.
typedef struct cimc_lite_scales {
  int64_t count;
  int64_t zero_count;
  const float *scales;
  const int32_t *zero_points;
  int64_t axis;
} cimc_lite_scales;

// What is known while importing: the bytes of a tensor, in the type it is
// stored with. Weights behind a DEQUANTIZE are float32 stored as less.
typedef struct cimc_lite_data {
  int64_t type;
  cimc_lite_scales scales;
  const unsigned char *bytes; // little endian, unaligned; null: not known
  size_t size;
} cimc_lite_data;

typedef struct cimc_lite_tensor {
  const char *name;
  int64_t type;
  cimc_shape shape; // the file's; once defined, what was computed
  bool dynamic[CIMC_RANK_MAX];
  cimc_lite_scales scales;
  cimc_lite_data data;
  bool is_variable;
  bool is_sparse;
  bool needed;
  bool unsupported; // made by an operator that is not supported
  bool charged;     // its constant is counted
  MlirValue value;  // rank 0 is held as tensor<1xT>
} cimc_lite_tensor;

typedef struct cimc_lite_op {
  int64_t code;
  const char *type; // "CONV_2D", "CUSTOM 'x'"
  const char *name; // "CONV_2D#3"
  uint32_t *inputs; // tensors; CIMC_LITE_NONE: left out
  size_t input_count;
  uint32_t *outputs;
  size_t output_count;
  cimc_flat_table options;
  bool needed;
} cimc_lite_op;

typedef struct cimc_lite_graph {
  const char *file;
  cimc_arena *arena;
  cimc_flat *flat;
  cimc_lite_tensor *tensors;
  size_t tensor_count;
  cimc_lite_op *ops; // in the order in which they run
  size_t op_count;
  uint32_t *inputs;
  size_t input_count;
  uint32_t *outputs;
  size_t output_count;
} cimc_lite_graph;

// Reads *out; what is wrong has been reported. The file's bytes, `flat` and
// `arena` must outlive it.
bool cimc_lite_graph_read(const char *file, cimc_flat *flat, cimc_arena *arena,
                          cimc_lite_graph *out);

// "float32"; "type 42" for an unknown one.
const char *cimc_lite_type_name(int64_t type);
// Bytes of an element; 0 for what is not read as a constant (INT4: 1, of a
// widened one).
size_t cimc_lite_type_bytes(int64_t type);
// "CONV_2D"; null when there is no such operator.
const char *cimc_lite_op_name(int64_t code);

#endif
