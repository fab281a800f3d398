// SPDX-License-Identifier: Apache-2.0
//
// The graph with names resolved: values, the nodes that make and use them, and
// an order in which to visit those nodes that the outputs need.
#ifndef CIMC_IMPORT_ONNX_GRAPH_H
#define CIMC_IMPORT_ONNX_GRAPH_H

#include "cimc/import/onnx/tensor.h"

#define CIMC_GRAPH_NONE UINT32_MAX

// What DequantizeLinear makes of a constant, (number - zero) * scale: computed
// only where an operator needs the numbers while importing.
typedef struct cimc_graph_steps {
  const cimc_tensor *numbers;
  const cimc_tensor *scale;      // one, or a list along `axis`
  const cimc_tensor *zero_point; // null: 0; else one, or as many as scales
  int64_t axis;                  // below the rank, or there is one scale
} cimc_graph_steps;

// One named value. Which of `constant` and `value` is set: an initializer has
// `initializer` and, once used, `constant`; a computed constant `constant`
// only; both get `value` when an op needs them as an operand.
typedef struct cimc_graph_value {
  const char *name;
  uint32_t producer; // node, or CIMC_GRAPH_NONE
  const cimc_proto_tensor *initializer;
  const cimc_tensor *constant;
  bool used;        // by a needed node, or as a graph output
  bool is_output;   // of the graph
  bool unsupported; // made by a node that is not supported
  uint32_t readers; // uses by needed nodes, and one as a graph output
  uint32_t through; // where DequantizeLinear alone reads it: the uses of what
                    // that makes; else CIMC_GRAPH_NONE
  bool flipped;     // int8 held as uint8, each number 128 more
  const cimc_graph_steps *steps; // may be null; `value` is set too
  int64_t elem;                  // ONNX's element type
  cimc_shape shape; // ONNX's: rank 0 is a scalar, held as tensor<1xT>
  MlirValue value;
} cimc_graph_value;

typedef struct cimc_graph_node {
  const cimc_proto_node *proto;
  const char *name;  // "Conv#12" where the file has none
  uint32_t *inputs;  // values; CIMC_GRAPH_NONE: left out
  uint32_t *outputs; // likewise
} cimc_graph_node;

typedef struct cimc_graph {
  const char *file;
  cimc_arena *arena;
  const cimc_proto_model *model;
  cimc_graph_value *values;
  uint32_t value_count;
  cimc_graph_node *nodes;
  uint32_t *order; // the needed nodes, producers first
  uint32_t order_count;
  uint32_t *outputs; // values, one for each graph output
  uint32_t *inputs;  // values; CIMC_GRAPH_NONE: it is an initializer
} cimc_graph;

// Resolves `model` into *out. Duplicate and undefined names and cycles are
// reported. `arena` and `model` must outlive it.
bool cimc_graph_resolve(const char *file, const cimc_proto_model *model,
                        cimc_arena *arena, cimc_graph *out);

#endif
