// SPDX-License-Identifier: Apache-2.0
//
// ONNX's messages as plain C structs. Names are zero-terminated copies; the
// elements of tensors stay in the input's bytes until tensor.h decodes them.
#ifndef CIMC_IMPORT_ONNX_PROTO_H
#define CIMC_IMPORT_ONNX_PROTO_H

#include "cimc/import/arena.h"
#include "cimc/import/reader.h"

#define CIMC_PROTO_RANK_MAX 8

// TensorProto.DataType.
typedef enum cimc_proto_elem {
  CIMC_ELEM_UNDEFINED = 0,
  CIMC_ELEM_FLOAT = 1,
  CIMC_ELEM_UINT8 = 2,
  CIMC_ELEM_INT8 = 3,
  CIMC_ELEM_UINT16 = 4,
  CIMC_ELEM_INT16 = 5,
  CIMC_ELEM_INT32 = 6,
  CIMC_ELEM_INT64 = 7,
  CIMC_ELEM_STRING = 8,
  CIMC_ELEM_BOOL = 9,
  CIMC_ELEM_FLOAT16 = 10,
  CIMC_ELEM_DOUBLE = 11,
  CIMC_ELEM_UINT32 = 12,
  CIMC_ELEM_UINT64 = 13,
  CIMC_ELEM_BFLOAT16 = 16,
  CIMC_ELEM_UINT4 = 21,
  CIMC_ELEM_INT4 = 22,
} cimc_proto_elem;

// "float32", "int8", …; "type 17" style names for what cimc does not read.
const char *cimc_proto_elem_name(int64_t elem);

// AttributeProto.AttributeType.
typedef enum cimc_proto_attribute_type {
  CIMC_ATTRIBUTE_FLOAT = 1,
  CIMC_ATTRIBUTE_INT = 2,
  CIMC_ATTRIBUTE_STRING = 3,
  CIMC_ATTRIBUTE_TENSOR = 4,
  CIMC_ATTRIBUTE_GRAPH = 5,
  CIMC_ATTRIBUTE_FLOATS = 6,
  CIMC_ATTRIBUTE_INTS = 7,
  CIMC_ATTRIBUTE_STRINGS = 8,
} cimc_proto_attribute_type;

typedef struct cimc_proto_tensor {
  const char *name;
  int64_t elem; // as the file says; any value
  int rank;
  int64_t dim[CIMC_PROTO_RANK_MAX]; // >= 0
  int64_t count;                    // their product, checked
  cimc_reader body;                 // the whole message, for typed data
  cimc_reader raw;
  bool has_raw;
  bool segmented;
  bool external;
  const char *location;
  int64_t offset;
  int64_t length; // -1: not given
} cimc_proto_tensor;

typedef struct cimc_proto_attribute {
  const char *name;
  int64_t type; // the one given, or told from the field that is there
  float f;
  int64_t i;
  const char *s;
  cimc_proto_tensor *tensor; // null: none
  float *floats;
  size_t float_count;
  int64_t *ints;
  size_t int_count;
} cimc_proto_attribute;

typedef struct cimc_proto_node {
  const char *name;
  const char *op_type;
  const char *domain; // "ai.onnx" reads as ""
  const char **inputs;
  size_t input_count;
  const char **outputs;
  size_t output_count;
  cimc_proto_attribute *attributes;
  size_t attribute_count;
} cimc_proto_node;

// A graph input or output. Dimension -1 is dynamic; dim_name is its dim_param
// or "".
typedef struct cimc_proto_value {
  const char *name;
  bool is_tensor;
  bool has_shape;
  int64_t elem;
  size_t rank; // may exceed CIMC_PROTO_RANK_MAX: then dims are cut
  int64_t dim[CIMC_PROTO_RANK_MAX];
  const char *dim_name[CIMC_PROTO_RANK_MAX];
} cimc_proto_value;

typedef struct cimc_proto_opset {
  const char *domain;
  int64_t version;
} cimc_proto_opset;

typedef struct cimc_proto_model {
  bool has_graph;
  cimc_proto_opset *opsets;
  size_t opset_count;
  cimc_proto_node *nodes;
  size_t node_count;
  cimc_proto_tensor *initializers;
  size_t initializer_count;
  cimc_proto_value *inputs;
  size_t input_count;
  cimc_proto_value *outputs;
  size_t output_count;
  size_t sparse_count;
} cimc_proto_model;

// Reads a whole file into *out, whose memory is the arena's. What is wrong is
// reported with the byte where it stands.
bool cimc_proto_read(const char *file, cimc_reader bytes, cimc_arena *arena,
                     cimc_proto_model *out);

#endif
