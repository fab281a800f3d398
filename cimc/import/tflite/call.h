// SPDX-License-Identifier: Apache-2.0
//
// One operator being turned into qgemm ops: what the handlers of the op table
// (ops.h) read and write.
#ifndef CIMC_IMPORT_TFLITE_CALL_H
#define CIMC_IMPORT_TFLITE_CALL_H

#include "cimc/import/builder.h"
#include "cimc/import/refusals.h"
#include "cimc/import/tflite/graph.h"

typedef struct cimc_lite_call {
  cimc_lite_graph *graph;
  const cimc_lite_op *op;
  cimc_builder builder;
  cimc_qgemm_kind kind; // of the op table's row, for handlers of several
  cimc_refusals *refusals;
  size_t *budget; // bytes of constants that may still be made
  bool reference; // integers as LiteRT's reference kernels compute them
  bool refused;   // this operator is on the list
} cimc_lite_call;

// Reports an error of the operator: always failure.
#define cimc_lite_call_error(call, ...)                                        \
  cimc_error((call)->builder.location, __VA_ARGS__)
#define cimc_lite_call_note(call, ...)                                         \
  cimc_note((call)->builder.location, __VA_ARGS__)
MlirLogicalResult cimc_lite_call_no_memory(const cimc_lite_call *call);

// Puts the operator on the list of what is not supported, with the form that
// is not (null: the operator itself). Always failure, which the caller passes
// on; the import goes on with the other operators.
MlirLogicalResult cimc_lite_call_refuse(cimc_lite_call *call,
                                        const char *format, ...)
    CIMC_PRINTF(2, 3);
// The same when the operator, on quantized tensors, has no exact form of
// LiteRT's reference kernels and that is asked for; else success.
MlirLogicalResult cimc_lite_call_no_reference(cimc_lite_call *call);

// -- Options: the default where the file leaves one out. ---------------------
int64_t cimc_lite_call_option(const cimc_lite_call *call, unsigned slot,
                              cimc_flat_scalar kind, int64_t fallback);
float cimc_lite_call_option_real(const cimc_lite_call *call, unsigned slot,
                                 float fallback);

// -- Inputs ------------------------------------------------------------------
// Null when the input is left out.
cimc_lite_tensor *cimc_lite_call_input(const cimc_lite_call *call, size_t i);
// The shape of an input that is there.
const cimc_shape *cimc_lite_call_shape(const cimc_lite_call *call, size_t i);
cimc_lite_tensor *cimc_lite_call_output(const cimc_lite_call *call, size_t i);

bool cimc_lite_is_real(const cimc_lite_tensor *tensor);
// An 8-bit tensor with one scale or more.
bool cimc_lite_is_quantized(const cimc_lite_tensor *tensor);
// Whether two tensors have one element type, scales included.
bool cimc_lite_is_same(const cimc_lite_tensor *a, const cimc_lite_tensor *b);

// An error unless the first inputs and output 0 are all float32, all quantized,
// or all of one other type.
MlirLogicalResult cimc_lite_call_uniform(cimc_lite_call *call, size_t inputs);

// The element type of a tensor's value; what has none is refused.
MlirLogicalResult cimc_lite_call_element(cimc_lite_call *call,
                                         const cimc_lite_tensor *tensor,
                                         MlirType *out);
// The same of output `i`.
MlirLogicalResult cimc_lite_call_result(cimc_lite_call *call, size_t i,
                                        MlirType *out);
// The input as an operand, of the element type above.
MlirLogicalResult cimc_lite_call_operand(cimc_lite_call *call, size_t i,
                                         MlirValue *out);
// The same as f32, dequantized where it is quantized.
MlirLogicalResult cimc_lite_call_real(cimc_lite_call *call, size_t i,
                                      MlirValue *out);
// The same as plain integers of its storage, without scales.
MlirLogicalResult cimc_lite_call_plain(cimc_lite_call *call, size_t i,
                                       MlirValue *out);

// A list of whole numbers that must be known now; `what` is its name in
// errors. Of rank 0 or 1, int32 or int64.
#define CIMC_LITE_LIST_MAX (2 * CIMC_RANK_MAX)
typedef struct cimc_lite_list {
  int64_t count;
  int64_t at[CIMC_LITE_LIST_MAX];
} cimc_lite_list;
MlirLogicalResult cimc_lite_call_ints(cimc_lite_call *call, size_t i,
                                      const char *what, cimc_lite_list *out);
// Makes an axis positive; an error unless it is in [-rank, rank).
MlirLogicalResult cimc_lite_call_axis(cimc_lite_call *call, int rank,
                                      int64_t *axis);
// One axis from an input.
MlirLogicalResult cimc_lite_call_axis_input(cimc_lite_call *call, size_t i,
                                            int rank, int64_t *out);

// -- Outputs -----------------------------------------------------------------
// Whether anyone asked for output `i`.
bool cimc_lite_call_wants(const cimc_lite_call *call, size_t i);
// Defines output `i`; bytes of another scale are seen with the output's. A
// null value is failure.
MlirLogicalResult cimc_lite_call_define(cimc_lite_call *call, size_t i,
                                        MlirValue value);
// The same of an f32 value, quantized when the output is.
MlirLogicalResult cimc_lite_call_define_real(cimc_lite_call *call, size_t i,
                                             MlirValue value);
// *value's stored numbers, with the scale that output `i` declares.
MlirLogicalResult cimc_lite_call_see_as_output(cimc_lite_call *call, size_t i,
                                               MlirValue *value);

#endif
