// SPDX-License-Identifier: Apache-2.0
//
// The table of ONNX operators, and their handlers.
#ifndef CIMC_IMPORT_ONNX_OPS_H
#define CIMC_IMPORT_ONNX_OPS_H

#include "cimc/import/onnx_ops/call.h"

// The versions of ONNX's own operator set that are read. A later one may give
// an operator another meaning.
#define CIMC_OPS_OPSET_MIN 6
#define CIMC_OPS_OPSET_MAX 26

// Reads the node and defines its outputs, the first if no other is asked for.
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
  size_t outputs;   // how many the handler can define
} cimc_ops_row;

// Null when there is none.
const cimc_ops_row *cimc_ops_find(const char *domain, const char *op_type);
// Whether `name` is an attribute of the operator in that operator set.
bool cimc_ops_knows(const cimc_ops_row *row, int64_t opset, const char *name);
// One line for each operator, to stdout.
void cimc_ops_list(void);

// ops_math.c
MlirLogicalResult cimc_ops_math_batch_norm(cimc_call *call);
MlirLogicalResult cimc_ops_math_clip(cimc_call *call);
MlirLogicalResult cimc_ops_math_softmax(cimc_call *call);
// ops_elementwise.c
MlirLogicalResult cimc_ops_elementwise_binary(cimc_call *call);
MlirLogicalResult cimc_ops_elementwise_bit_shift(cimc_call *call);
MlirLogicalResult cimc_ops_elementwise_cast(cimc_call *call);
MlirLogicalResult cimc_ops_elementwise_cast_like(cimc_call *call);
MlirLogicalResult cimc_ops_elementwise_clip(cimc_call *call);
MlirLogicalResult cimc_ops_elementwise_compare(cimc_call *call);
MlirLogicalResult cimc_ops_elementwise_div(cimc_call *call);
MlirLogicalResult cimc_ops_elementwise_is_inf(cimc_call *call);
MlirLogicalResult cimc_ops_elementwise_is_nan(cimc_call *call);
MlirLogicalResult cimc_ops_elementwise_mean(cimc_call *call);
MlirLogicalResult cimc_ops_elementwise_mod(cimc_call *call);
MlirLogicalResult cimc_ops_elementwise_not(cimc_call *call);
MlirLogicalResult cimc_ops_elementwise_pow(cimc_call *call);
MlirLogicalResult cimc_ops_elementwise_unary(cimc_call *call);
MlirLogicalResult cimc_ops_elementwise_where(cimc_call *call);
// ops_activation.c
MlirLogicalResult cimc_ops_activation_celu(cimc_call *call);
MlirLogicalResult cimc_ops_activation_elu(cimc_call *call);
MlirLogicalResult cimc_ops_activation_gelu(cimc_call *call);
MlirLogicalResult cimc_ops_activation_hard_sigmoid(cimc_call *call);
MlirLogicalResult cimc_ops_activation_leaky_relu(cimc_call *call);
MlirLogicalResult cimc_ops_activation_mish(cimc_call *call);
MlirLogicalResult cimc_ops_activation_prelu(cimc_call *call);
MlirLogicalResult cimc_ops_activation_selu(cimc_call *call);
MlirLogicalResult cimc_ops_activation_shrink(cimc_call *call);
MlirLogicalResult cimc_ops_activation_softplus(cimc_call *call);
MlirLogicalResult cimc_ops_activation_softsign(cimc_call *call);
MlirLogicalResult cimc_ops_activation_swish(cimc_call *call);
MlirLogicalResult cimc_ops_activation_thresholded_relu(cimc_call *call);
// ops_reduce.c
MlirLogicalResult cimc_ops_reduce_any(cimc_call *call);
MlirLogicalResult cimc_ops_reduce_arg(cimc_call *call);
MlirLogicalResult cimc_ops_reduce_cum_sum(cimc_call *call);
MlirLogicalResult cimc_ops_reduce_hardmax(cimc_call *call);
MlirLogicalResult cimc_ops_reduce_log_softmax(cimc_call *call);
MlirLogicalResult cimc_ops_reduce_log_sum_exp(cimc_call *call);
MlirLogicalResult cimc_ops_reduce_one_hot(cimc_call *call);
// ops_norm.c
MlirLogicalResult cimc_ops_norm_batch(cimc_call *call);
MlirLogicalResult cimc_ops_norm_group(cimc_call *call);
MlirLogicalResult cimc_ops_norm_instance(cimc_call *call);
MlirLogicalResult cimc_ops_norm_layer(cimc_call *call);
MlirLogicalResult cimc_ops_norm_lp(cimc_call *call);
MlirLogicalResult cimc_ops_norm_lrn(cimc_call *call);
MlirLogicalResult cimc_ops_norm_mean_variance(cimc_call *call);
MlirLogicalResult cimc_ops_norm_rms(cimc_call *call);
// ops_move.c
MlirLogicalResult cimc_ops_move_center(cimc_call *call);
MlirLogicalResult cimc_ops_move_concat(cimc_call *call);
MlirLogicalResult cimc_ops_move_depth_to_space(cimc_call *call);
MlirLogicalResult cimc_ops_move_expand(cimc_call *call);
MlirLogicalResult cimc_ops_move_gather(cimc_call *call);
MlirLogicalResult cimc_ops_move_pad(cimc_call *call);
MlirLogicalResult cimc_ops_move_slice(cimc_call *call);
MlirLogicalResult cimc_ops_move_space_to_depth(cimc_call *call);
MlirLogicalResult cimc_ops_move_split(cimc_call *call);
MlirLogicalResult cimc_ops_move_tile(cimc_call *call);
// ops_index.c
MlirLogicalResult cimc_ops_index_compress(cimc_call *call);
MlirLogicalResult cimc_ops_index_gather_elements(cimc_call *call);
MlirLogicalResult cimc_ops_index_gather_nd(cimc_call *call);
MlirLogicalResult cimc_ops_index_reverse_sequence(cimc_call *call);
MlirLogicalResult cimc_ops_index_scatter_elements(cimc_call *call);
MlirLogicalResult cimc_ops_index_scatter_nd(cimc_call *call);
MlirLogicalResult cimc_ops_index_trilu(cimc_call *call);
// ops_pool.c
MlirLogicalResult cimc_ops_pool_average(cimc_call *call);
MlirLogicalResult cimc_ops_pool_global_average(cimc_call *call);
MlirLogicalResult cimc_ops_pool_global_lp(cimc_call *call);
MlirLogicalResult cimc_ops_pool_global_max(cimc_call *call);
MlirLogicalResult cimc_ops_pool_lp(cimc_call *call);
MlirLogicalResult cimc_ops_pool_max(cimc_call *call);
// ops_transposed.c
MlirLogicalResult cimc_ops_transposed_conv(cimc_call *call);
// ops_resize.c
MlirLogicalResult cimc_ops_resize_resize(cimc_call *call);
MlirLogicalResult cimc_ops_resize_upsample(cimc_call *call);
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
MlirLogicalResult cimc_ops_shape_dropout(cimc_call *call);
MlirLogicalResult cimc_ops_shape_flatten(cimc_call *call);
MlirLogicalResult cimc_ops_shape_identity(cimc_call *call);
MlirLogicalResult cimc_ops_shape_reshape(cimc_call *call);
MlirLogicalResult cimc_ops_shape_squeeze(cimc_call *call);
MlirLogicalResult cimc_ops_shape_transpose(cimc_call *call);
MlirLogicalResult cimc_ops_shape_unsqueeze(cimc_call *call);
// ops_quant.c
MlirLogicalResult cimc_ops_quant_quantize(cimc_call *call);
MlirLogicalResult cimc_ops_quant_dequantize(cimc_call *call);
// ops_qlinear.c
MlirLogicalResult cimc_ops_qlinear_conv(cimc_call *call);
MlirLogicalResult cimc_ops_qlinear_matmul(cimc_call *call);
MlirLogicalResult cimc_ops_qlinear_gemm(cimc_call *call);
MlirLogicalResult cimc_ops_qlinear_add(cimc_call *call);
MlirLogicalResult cimc_ops_qlinear_mul(cimc_call *call);
MlirLogicalResult cimc_ops_qlinear_sigmoid(cimc_call *call);
MlirLogicalResult cimc_ops_qlinear_leaky_relu(cimc_call *call);
MlirLogicalResult cimc_ops_qlinear_softmax(cimc_call *call);
MlirLogicalResult cimc_ops_qlinear_average_pool(cimc_call *call);
MlirLogicalResult cimc_ops_qlinear_global_average(cimc_call *call);
MlirLogicalResult cimc_ops_qlinear_concat(cimc_call *call);
MlirLogicalResult cimc_ops_qlinear_where(cimc_call *call);
// ops_integer.c
MlirLogicalResult cimc_ops_integer_matmul(cimc_call *call);
MlirLogicalResult cimc_ops_integer_conv(cimc_call *call);
MlirLogicalResult cimc_ops_integer_dynamic(cimc_call *call);
MlirLogicalResult cimc_ops_integer_to_float(cimc_call *call);
MlirLogicalResult cimc_ops_integer_dynamic_matmul(cimc_call *call);
// ops_fused.c
MlirLogicalResult cimc_ops_fused_conv(cimc_call *call);
MlirLogicalResult cimc_ops_fused_gemm(cimc_call *call);
MlirLogicalResult cimc_ops_fused_gelu(cimc_call *call);
MlirLogicalResult cimc_ops_fused_fast_gelu(cimc_call *call);
MlirLogicalResult cimc_ops_fused_quick_gelu(cimc_call *call);
// ops_const.c
MlirLogicalResult cimc_ops_const_constant(cimc_call *call);
MlirLogicalResult cimc_ops_const_eye_like(cimc_call *call);
MlirLogicalResult cimc_ops_const_of_shape(cimc_call *call);
MlirLogicalResult cimc_ops_const_range(cimc_call *call);
MlirLogicalResult cimc_ops_const_shape(cimc_call *call);
MlirLogicalResult cimc_ops_const_size(cimc_call *call);

#endif
