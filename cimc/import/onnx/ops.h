// SPDX-License-Identifier: Apache-2.0
//
// The table of ONNX operators, and their handlers.
#ifndef CIMC_IMPORT_ONNX_OPS_H
#define CIMC_IMPORT_ONNX_OPS_H

#include "cimc/import/onnx/call.h"

// The versions of ONNX's own operator set that are read. A later one may give
// an operator another meaning.
#define CIMC_OPS_OPSET_MIN 8
#define CIMC_OPS_OPSET_MAX 26

// Reads the node and defines its first output.
typedef MlirLogicalResult (*cimc_ops_handler)(cimc_call *call);

typedef struct cimc_ops_row {
  const char *op_type;
  const char *domain; // "": ONNX's own
  int since;          // the opset that brought it, or CIMC_OPS_OPSET_MIN
  size_t inputs_min;
  size_t inputs_max;
  const char *attributes; // all there are, separated by blanks
  cimc_ops_handler handler;
  const char *note; // what is not supported of it; "": nothing
} cimc_ops_row;

// Null when there is none.
const cimc_ops_row *cimc_ops_find(const char *domain, const char *op_type);
// Whether `name` is an attribute of the operator.
bool cimc_ops_knows(const cimc_ops_row *row, const char *name);
// One line for each operator, to stdout.
void cimc_ops_list(void);

// ops_math.c
MlirLogicalResult cimc_ops_math_add(cimc_call *call);
MlirLogicalResult cimc_ops_math_sub(cimc_call *call);
MlirLogicalResult cimc_ops_math_mul(cimc_call *call);
MlirLogicalResult cimc_ops_math_div(cimc_call *call);
MlirLogicalResult cimc_ops_math_relu(cimc_call *call);
MlirLogicalResult cimc_ops_math_sigmoid(cimc_call *call);
MlirLogicalResult cimc_ops_math_tanh(cimc_call *call);
MlirLogicalResult cimc_ops_math_clip(cimc_call *call);
MlirLogicalResult cimc_ops_math_softmax(cimc_call *call);
MlirLogicalResult cimc_ops_math_reduce_mean(cimc_call *call);
MlirLogicalResult cimc_ops_math_batch_norm(cimc_call *call);
// ops_linear.c
MlirLogicalResult cimc_ops_linear_gemm(cimc_call *call);
MlirLogicalResult cimc_ops_linear_matmul(cimc_call *call);
// ops_window.c
MlirLogicalResult cimc_ops_window_conv(cimc_call *call);
MlirLogicalResult cimc_ops_window_max_pool(cimc_call *call);
MlirLogicalResult cimc_ops_window_average_pool(cimc_call *call);
MlirLogicalResult cimc_ops_window_global_max(cimc_call *call);
MlirLogicalResult cimc_ops_window_global_average(cimc_call *call);
// ops_shape.c
MlirLogicalResult cimc_ops_shape_reshape(cimc_call *call);
MlirLogicalResult cimc_ops_shape_flatten(cimc_call *call);
MlirLogicalResult cimc_ops_shape_squeeze(cimc_call *call);
MlirLogicalResult cimc_ops_shape_unsqueeze(cimc_call *call);
MlirLogicalResult cimc_ops_shape_transpose(cimc_call *call);
MlirLogicalResult cimc_ops_shape_pad(cimc_call *call);
MlirLogicalResult cimc_ops_shape_identity(cimc_call *call);
MlirLogicalResult cimc_ops_shape_dropout(cimc_call *call);
MlirLogicalResult cimc_ops_shape_cast(cimc_call *call);
// ops_quant.c
MlirLogicalResult cimc_ops_quant_quantize(cimc_call *call);
MlirLogicalResult cimc_ops_quant_dequantize(cimc_call *call);
// ops_const.c
MlirLogicalResult cimc_ops_const_constant(cimc_call *call);
MlirLogicalResult cimc_ops_const_of_shape(cimc_call *call);
MlirLogicalResult cimc_ops_const_shape(cimc_call *call);
MlirLogicalResult cimc_ops_const_concat(cimc_call *call);
MlirLogicalResult cimc_ops_const_gather(cimc_call *call);
MlirLogicalResult cimc_ops_const_slice(cimc_call *call);
// Add, Sub, Mul or Div of whole numbers known while importing: *out_done says
// whether it was one.
MlirLogicalResult cimc_ops_const_arithmetic(cimc_call *call, char operation,
                                            bool *out_done);

#endif
