// SPDX-License-Identifier: Apache-2.0
//
// One node being turned into qgemm ops: what the handlers of the op table
// (ops.h) read and write.
#ifndef CIMC_IMPORT_ONNX_CALL_H
#define CIMC_IMPORT_ONNX_CALL_H

#include "cimc/import/builder.h"
#include "cimc/import/onnx/graph.h"
#include "cimc/import/refusals.h"

typedef struct cimc_call {
  cimc_tensor_source *source;
  cimc_graph_value *values;
  const cimc_graph_node *node;
  int64_t opset;
  cimc_builder builder;
  cimc_refusals *refusals;
  bool refused;  // this node is on the list
  size_t output; // the one that the functions below define; at first 0
} cimc_call;

// Reports an error of the node: always failure.
#define cimc_call_error(call, ...)                                             \
  cimc_error((call)->builder.location, __VA_ARGS__)
#define cimc_call_note(call, ...)                                              \
  cimc_note((call)->builder.location, __VA_ARGS__)

// Puts the node on the list of what is not supported, with the form that is
// not (null: the operator itself). Always failure, which the caller passes on;
// the import goes on with the other nodes.
MlirLogicalResult cimc_call_refuse(cimc_call *call, const char *format, ...)
    CIMC_PRINTF(2, 3);

// -- Inputs ------------------------------------------------------------------
// Null when the input is left out.
cimc_graph_value *cimc_call_input(const cimc_call *call, size_t i);
bool cimc_call_has_input(const cimc_call *call, size_t i);
// ONNX's shape of an input that is there.
const cimc_shape *cimc_call_shape(const cimc_call *call, size_t i);

// The input as an operand of any element type that qgemm holds.
MlirLogicalResult cimc_call_operand(cimc_call *call, size_t i, MlirValue *out);
// The same, of float32 only.
MlirLogicalResult cimc_call_f32(cimc_call *call, size_t i, MlirValue *out);

// The input's data, or null in *out when only known at run time.
MlirLogicalResult cimc_call_tensor(cimc_call *call, size_t i,
                                   const cimc_tensor **out);
// The same, but it must be known: else the node is refused.
MlirLogicalResult cimc_call_constant(cimc_call *call, size_t i,
                                     const char *what, const cimc_tensor **out);

// A list of whole numbers: from input `i` where it is there, else from the
// attribute; *out_count is -1 when there is neither. `what` is both the
// attribute's name and the input's in errors.
typedef struct cimc_call_list {
  int64_t count;
  int64_t at[2 * CIMC_RANK_MAX];
} cimc_call_list;
MlirLogicalResult cimc_call_ints(cimc_call *call, size_t i, const char *what,
                                 cimc_call_list *out);
// The same for axes: each in [-rank, rank), made positive, no two equal.
MlirLogicalResult cimc_call_axes(cimc_call *call, size_t i, int rank,
                                 cimc_call_list *out);

// -- Attributes: *out keeps its value when there is none. --------------------
const cimc_proto_attribute *cimc_call_attribute(const cimc_call *call,
                                                const char *name);
MlirLogicalResult cimc_call_i64(cimc_call *call, const char *name,
                                int64_t *out);
MlirLogicalResult cimc_call_real(cimc_call *call, const char *name, float *out);
MlirLogicalResult cimc_call_text(cimc_call *call, const char *name,
                                 const char **out);
// Makes an axis positive; an error unless it is in [-rank, rank).
MlirLogicalResult cimc_call_axis(cimc_call *call, int rank, int64_t *axis);

// -- Outputs -----------------------------------------------------------------
// Whether anyone asked for output `i`.
bool cimc_call_has_output(const cimc_call *call, size_t i);
// Defines the output that is next (call->output), of the element type and shape
// that `value` has. A null value is failure.
MlirLogicalResult cimc_call_define(cimc_call *call, MlirValue value,
                                   int64_t elem);
// The same, where the value's tensor<1xT> is ONNX's scalar.
MlirLogicalResult cimc_call_define_shape(cimc_call *call, MlirValue value,
                                         int64_t elem, const cimc_shape *shape);
// Defines it as a constant; null is failure.
MlirLogicalResult cimc_call_define_constant(cimc_call *call,
                                            const cimc_tensor *tensor);
// Defines it as an input in another shape of as many elements; a
// constant stays one.
MlirLogicalResult cimc_call_reshape(cimc_call *call, size_t input,
                                    const cimc_shape *shape);
// Defines it as the input itself.
MlirLogicalResult cimc_call_forward(cimc_call *call, size_t input);

// Makes the op for a constant that has none yet. Failure is reported.
MlirLogicalResult cimc_call_materialize(cimc_call *call,
                                        cimc_graph_value *value);
// ONNX's element type as qgemm's; CIMC_STORAGE_OTHER when it has none.
cimc_storage cimc_call_storage(int64_t elem);
int64_t cimc_call_elem(cimc_storage storage);

#endif
