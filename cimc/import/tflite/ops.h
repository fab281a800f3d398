// SPDX-License-Identifier: Apache-2.0
//
// The table of .tflite operators, and their handlers.
#ifndef CIMC_IMPORT_TFLITE_OPS_H
#define CIMC_IMPORT_TFLITE_OPS_H

#include "cimc/import/tflite/call.h"

// Reads the operator and defines its outputs.
typedef MlirLogicalResult (*cimc_lite_handler)(cimc_lite_call *call);

typedef struct cimc_lite_row {
  const char *type;
  size_t inputs_min;
  size_t inputs_max;
  size_t outputs_max;
  cimc_lite_handler handler;
  cimc_qgemm_kind kind; // for handlers of several operators
  const char *note;     // what is not supported of it; "": nothing
} cimc_lite_row;

// Null when there is none.
const cimc_lite_row *cimc_lite_ops_find(const char *type);
// One line for each operator, to stdout.
void cimc_lite_ops_list(void);

// ops_conv.c
MlirLogicalResult cimc_lite_ops_conv(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_depthwise(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_fully_connected(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_transpose_conv(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_batch_matmul(cimc_lite_call *call);
// ops_pool.c
MlirLogicalResult cimc_lite_ops_max_pool(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_average_pool(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_softmax(cimc_lite_call *call);
// ops_reduce.c
MlirLogicalResult cimc_lite_ops_mean(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_reduce(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_arg(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_l2_normalization(cimc_lite_call *call);
// ops_binary.c
MlirLogicalResult cimc_lite_ops_add(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_mul(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_div(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_extreme(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_pow(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_squared_difference(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_square(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_prelu(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_compare(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_select(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_logical(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_logical_not(cimc_lite_call *call);
// ops_unary.c
MlirLogicalResult cimc_lite_ops_unary(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_elu(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_gelu(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_relu(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_relu6(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_relu_n1(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_leaky_relu(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_abs(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_hard_swish(cimc_lite_call *call);
// ops_quant.c
MlirLogicalResult cimc_lite_ops_quantize(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_dequantize(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_cast(cimc_lite_call *call);
// ops_shape.c
MlirLogicalResult cimc_lite_ops_reshape(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_squeeze(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_expand_dims(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_shape(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_transpose(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_pad(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_mirror_pad(cimc_lite_call *call);
// ops_block.c
MlirLogicalResult cimc_lite_ops_depth_to_space(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_space_to_depth(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_space_to_batch(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_batch_to_space(cimc_lite_call *call);
// ops_slice.c
MlirLogicalResult cimc_lite_ops_concatenation(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_pack(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_split(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_split_v(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_unpack(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_slice(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_strided_slice(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_gather(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_tile(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_broadcast_to(cimc_lite_call *call);
// ops_resize.c
MlirLogicalResult cimc_lite_ops_resize_nearest(cimc_lite_call *call);
MlirLogicalResult cimc_lite_ops_resize_bilinear(cimc_lite_call *call);

#endif
