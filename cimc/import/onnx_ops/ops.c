// SPDX-License-Identifier: Apache-2.0
//
// The table of ONNX operators.
#include "cimc/import/onnx_ops/ops.h"

#include <stdio.h>
#include <string.h>

#define ALWAYS CIMC_OPS_OPSET_MIN
#define WINDOW "auto_pad dilations kernel_shape pads strides"
#define MICROSOFT "com.microsoft"
#define BYTES "8 bits, constant scales"

static const cimc_ops_row rows[] = {
    {"Abs", "", ALWAYS, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"Add", "", ALWAYS, 2, 2, "", cimc_ops_elementwise_binary, "", 1},
    {"And", "", ALWAYS, 2, 2, "", cimc_ops_elementwise_binary, "", 1},
    {"ArgMax", "", ALWAYS, 1, 1, "axis keepdims select_last_index",
     cimc_ops_reduce_arg, "", 1},
    {"ArgMin", "", ALWAYS, 1, 1, "axis keepdims select_last_index",
     cimc_ops_reduce_arg, "", 1},
    {"AveragePool", "", ALWAYS, 1, 1, WINDOW " ceil_mode count_include_pad",
     cimc_ops_pool_average, "", 1},
    {"BatchNormalization", "", ALWAYS, 5, 5,
     "epsilon momentum spatial training_mode", cimc_ops_norm_batch,
     "constant scales", 3},
    {"BitShift", "", 11, 2, 2, "direction", cimc_ops_elementwise_bit_shift, "",
     1},
    {"BitwiseAnd", "", 18, 2, 2, "", cimc_ops_elementwise_binary, "", 1},
    {"BitwiseNot", "", 18, 1, 1, "", cimc_ops_elementwise_not, "", 1},
    {"BitwiseOr", "", 18, 2, 2, "", cimc_ops_elementwise_binary, "", 1},
    {"BitwiseXor", "", 18, 2, 2, "", cimc_ops_elementwise_binary, "", 1},
    {"Cast", "", ALWAYS, 1, 1, "to saturate round_mode",
     cimc_ops_elementwise_cast, "", 1},
    {"CastLike", "", 15, 2, 2, "saturate round_mode",
     cimc_ops_elementwise_cast_like, "", 1},
    {"Ceil", "", ALWAYS, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"Celu", "", 12, 1, 1, "alpha", cimc_ops_activation_celu, "", 1},
    {"CenterCropPad", "", 18, 2, 2, "axes", cimc_ops_move_center,
     "constant shape", 1},
    {"Clip", "", ALWAYS, 1, 3, "min max", cimc_ops_elementwise_clip, "", 1},
    {"Compress", "", 9, 2, 2, "axis", cimc_ops_index_compress,
     "constant condition", 1},
    {"Concat", "", ALWAYS, 1, SIZE_MAX, "axis", cimc_ops_move_concat, "", 1},
    {"Constant", "", ALWAYS, 0, 0,
     "value value_float value_floats value_int value_ints value_string "
     "value_strings sparse_value",
     cimc_ops_const_constant, "numbers", 1},
    {"ConstantOfShape", "", 9, 1, 1, "value", cimc_ops_const_of_shape,
     "constant shape", 1},
    {"Conv", "", ALWAYS, 2, 3, WINDOW " group", cimc_ops_window_conv,
     "1-D and 2-D, groups, dilations", 1},
    {"ConvInteger", "", 10, 2, 4, WINDOW " group", cimc_ops_integer_conv,
     "8 bits, constant weights", 1},
    {"ConvTranspose", "", ALWAYS, 2, 3,
     WINDOW " group output_padding output_shape", cimc_ops_transposed_conv,
     "1-D and 2-D, constant weights", 1},
    {"Cos", "", ALWAYS, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"CumSum", "", 11, 2, 2, "exclusive reverse", cimc_ops_reduce_cum_sum,
     "constant axis", 1},
    {"DepthToSpace", "", ALWAYS, 1, 1, "blocksize mode",
     cimc_ops_move_depth_to_space, "", 1},
    {"DequantizeLinear", "", 10, 2, 3, "axis block_size output_dtype",
     cimc_ops_quant_dequantize, "one scale, or constant ones per axis", 1},
    {"Div", "", ALWAYS, 2, 2, "", cimc_ops_elementwise_div, "", 1},
    {"Dropout", "", ALWAYS, 1, 3, "ratio seed", cimc_ops_shape_dropout,
     "inference", 2},
    {"DynamicQuantizeLinear", "", 11, 1, 1, "", cimc_ops_integer_dynamic, "",
     3},
    {"Elu", "", ALWAYS, 1, 1, "alpha", cimc_ops_activation_elu, "", 1},
    {"Equal", "", ALWAYS, 2, 2, "", cimc_ops_elementwise_compare, "", 1},
    {"Erf", "", 9, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"Exp", "", ALWAYS, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"Expand", "", 8, 2, 2, "", cimc_ops_move_expand, "constant shape", 1},
    {"EyeLike", "", 9, 1, 1, "dtype k", cimc_ops_const_eye_like, "", 1},
    {"Flatten", "", ALWAYS, 1, 1, "axis", cimc_ops_shape_flatten, "", 1},
    {"Floor", "", ALWAYS, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"Gather", "", ALWAYS, 2, 2, "axis", cimc_ops_move_gather, "", 1},
    {"GatherElements", "", 11, 2, 2, "axis", cimc_ops_index_gather_elements,
     "constant indices", 1},
    {"GatherND", "", 11, 2, 2, "batch_dims", cimc_ops_index_gather_nd,
     "constant indices", 1},
    {"Gelu", "", 20, 1, 1, "approximate", cimc_ops_activation_gelu, "", 1},
    {"Gemm", "", ALWAYS, 2, 3, "alpha beta transA transB", cimc_ops_linear_gemm,
     "", 1},
    {"GlobalAveragePool", "", ALWAYS, 1, 1, "", cimc_ops_pool_global_average,
     "", 1},
    {"GlobalLpPool", "", ALWAYS, 1, 1, "p", cimc_ops_pool_global_lp, "", 1},
    {"GlobalMaxPool", "", ALWAYS, 1, 1, "", cimc_ops_pool_global_max, "", 1},
    {"Greater", "", ALWAYS, 2, 2, "", cimc_ops_elementwise_compare, "", 1},
    {"GreaterOrEqual", "", 12, 2, 2, "", cimc_ops_elementwise_compare, "", 1},
    {"GroupNormalization", "", 18, 3, 3, "epsilon num_groups stash_type",
     cimc_ops_norm_group, "", 1},
    {"Hardmax", "", ALWAYS, 1, 1, "axis", cimc_ops_reduce_hardmax, "", 1},
    {"HardSigmoid", "", ALWAYS, 1, 1, "alpha beta",
     cimc_ops_activation_hard_sigmoid, "", 1},
    {"HardSwish", "", 14, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"Identity", "", ALWAYS, 1, 1, "", cimc_ops_shape_identity, "", 1},
    {"InstanceNormalization", "", ALWAYS, 3, 3, "epsilon",
     cimc_ops_norm_instance, "", 1},
    {"IsInf", "", 10, 1, 1, "detect_negative detect_positive",
     cimc_ops_elementwise_is_inf, "", 1},
    {"IsNaN", "", 9, 1, 1, "", cimc_ops_elementwise_is_nan, "", 1},
    {"LayerNormalization", "", 17, 2, 3, "axis epsilon stash_type",
     cimc_ops_norm_layer, "", 3},
    {"LeakyRelu", "", ALWAYS, 1, 1, "alpha", cimc_ops_activation_leaky_relu, "",
     1},
    {"Less", "", ALWAYS, 2, 2, "", cimc_ops_elementwise_compare, "", 1},
    {"LessOrEqual", "", 12, 2, 2, "", cimc_ops_elementwise_compare, "", 1},
    {"Log", "", ALWAYS, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"LogSoftmax", "", ALWAYS, 1, 1, "axis", cimc_ops_reduce_log_softmax, "",
     1},
    {"LpNormalization", "", ALWAYS, 1, 1, "axis p", cimc_ops_norm_lp, "", 1},
    {"LpPool", "", ALWAYS, 1, 1, WINDOW " ceil_mode p", cimc_ops_pool_lp, "",
     1},
    {"LRN", "", ALWAYS, 1, 1, "alpha beta bias size", cimc_ops_norm_lrn, "", 1},
    {"MatMul", "", ALWAYS, 2, 2, "", cimc_ops_linear_matmul, "", 1},
    {"MatMulInteger", "", 10, 2, 4, "", cimc_ops_integer_matmul, "8 bits", 1},
    {"Max", "", ALWAYS, 1, SIZE_MAX, "", cimc_ops_elementwise_binary, "", 1},
    {"MaxPool", "", ALWAYS, 1, 1, WINDOW " ceil_mode storage_order",
     cimc_ops_pool_max, "no indices", 1},
    {"Mean", "", ALWAYS, 1, SIZE_MAX, "", cimc_ops_elementwise_mean, "", 1},
    {"MeanVarianceNormalization", "", 9, 1, 1, "axes",
     cimc_ops_norm_mean_variance, "", 1},
    {"Min", "", ALWAYS, 1, SIZE_MAX, "", cimc_ops_elementwise_binary, "", 1},
    {"Mish", "", 18, 1, 1, "", cimc_ops_activation_mish, "", 1},
    {"Mod", "", 10, 2, 2, "fmod", cimc_ops_elementwise_mod, "whole numbers", 1},
    {"Mul", "", ALWAYS, 2, 2, "", cimc_ops_elementwise_binary, "", 1},
    {"Neg", "", ALWAYS, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"Not", "", ALWAYS, 1, 1, "", cimc_ops_elementwise_not, "", 1},
    {"OneHot", "", 9, 3, 3, "axis", cimc_ops_reduce_one_hot, "constant depth",
     1},
    {"Or", "", ALWAYS, 2, 2, "", cimc_ops_elementwise_binary, "", 1},
    {"Pad", "", ALWAYS, 1, 4, "mode pads value", cimc_ops_move_pad,
     "constant pads and value", 1},
    {"Pow", "", ALWAYS, 2, 2, "", cimc_ops_elementwise_pow,
     "whole numbers to constant powers", 1},
    {"PRelu", "", ALWAYS, 2, 2, "", cimc_ops_activation_prelu, "", 1},
    {"QLinearConv", "", 10, 8, 9, WINDOW " group", cimc_ops_qlinear_conv, BYTES,
     1},
    {"QLinearMatMul", "", 10, 8, 8, "", cimc_ops_qlinear_matmul, BYTES, 1},
    {"QuantizeLinear", "", 10, 2, 3,
     "axis block_size output_dtype precision saturate", cimc_ops_quant_quantize,
     "one scale, or constant ones per axis", 1},
    {"Range", "", 11, 3, 3, "", cimc_ops_const_range, "of constants", 1},
    {"Reciprocal", "", ALWAYS, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"ReduceL1", "", ALWAYS, 1, 2, "axes keepdims noop_with_empty_axes",
     cimc_ops_reduce_any, "constant axes", 1},
    {"ReduceL2", "", ALWAYS, 1, 2, "axes keepdims noop_with_empty_axes",
     cimc_ops_reduce_any, "constant axes", 1},
    {"ReduceLogSum", "", ALWAYS, 1, 2, "axes keepdims noop_with_empty_axes",
     cimc_ops_reduce_any, "constant axes", 1},
    {"ReduceLogSumExp", "", ALWAYS, 1, 2, "axes keepdims noop_with_empty_axes",
     cimc_ops_reduce_log_sum_exp, "constant axes", 1},
    {"ReduceMax", "", ALWAYS, 1, 2, "axes keepdims noop_with_empty_axes",
     cimc_ops_reduce_any, "constant axes", 1},
    {"ReduceMean", "", ALWAYS, 1, 2, "axes keepdims noop_with_empty_axes",
     cimc_ops_reduce_any, "constant axes", 1},
    {"ReduceMin", "", ALWAYS, 1, 2, "axes keepdims noop_with_empty_axes",
     cimc_ops_reduce_any, "constant axes", 1},
    {"ReduceProd", "", ALWAYS, 1, 2, "axes keepdims noop_with_empty_axes",
     cimc_ops_reduce_any, "constant axes", 1},
    {"ReduceSum", "", ALWAYS, 1, 2, "axes keepdims noop_with_empty_axes",
     cimc_ops_reduce_any, "constant axes", 1},
    {"ReduceSumSquare", "", ALWAYS, 1, 2, "axes keepdims noop_with_empty_axes",
     cimc_ops_reduce_any, "constant axes", 1},
    {"Relu", "", ALWAYS, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"Reshape", "", ALWAYS, 2, 2, "allowzero", cimc_ops_shape_reshape,
     "constant shape", 1},
    {"Resize", "", 10, 2, 4,
     "antialias axes coordinate_transformation_mode cubic_coeff_a "
     "exclude_outside extrapolation_value keep_aspect_ratio_policy mode "
     "nearest_mode",
     cimc_ops_resize_resize, "constant scales or sizes", 1},
    {"ReverseSequence", "", 10, 2, 2, "batch_axis time_axis",
     cimc_ops_index_reverse_sequence, "constant lengths", 1},
    {"RMSNormalization", "", 23, 2, 2, "axis epsilon stash_type",
     cimc_ops_norm_rms, "", 1},
    {"Round", "", 11, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"Scatter", "", 9, 3, 3, "axis", cimc_ops_index_scatter_elements,
     "constant indices", 1},
    {"ScatterElements", "", 11, 3, 3, "axis reduction",
     cimc_ops_index_scatter_elements, "constant indices", 1},
    {"ScatterND", "", 11, 3, 3, "reduction", cimc_ops_index_scatter_nd,
     "constant indices", 1},
    {"Selu", "", ALWAYS, 1, 1, "alpha gamma", cimc_ops_activation_selu, "", 1},
    {"Shape", "", ALWAYS, 1, 1, "start end", cimc_ops_const_shape, "", 1},
    {"Shrink", "", 9, 1, 1, "bias lambd", cimc_ops_activation_shrink, "", 1},
    {"Sigmoid", "", ALWAYS, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"Sign", "", 9, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"Sin", "", ALWAYS, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"Size", "", ALWAYS, 1, 1, "", cimc_ops_const_size, "", 1},
    {"Slice", "", ALWAYS, 1, 5, "axes ends starts", cimc_ops_move_slice,
     "constant bounds", 1},
    {"Softmax", "", ALWAYS, 1, 1, "axis", cimc_ops_math_softmax, "", 1},
    {"Softplus", "", ALWAYS, 1, 1, "", cimc_ops_activation_softplus, "", 1},
    {"Softsign", "", ALWAYS, 1, 1, "", cimc_ops_activation_softsign, "", 1},
    {"SpaceToDepth", "", ALWAYS, 1, 1, "blocksize",
     cimc_ops_move_space_to_depth, "", 1},
    {"Split", "", ALWAYS, 1, 2, "axis num_outputs split", cimc_ops_move_split,
     "constant sizes", SIZE_MAX},
    {"Sqrt", "", ALWAYS, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"Squeeze", "", ALWAYS, 1, 2, "axes", cimc_ops_shape_squeeze,
     "constant axes", 1},
    {"Sub", "", ALWAYS, 2, 2, "", cimc_ops_elementwise_binary, "", 1},
    {"Sum", "", ALWAYS, 1, SIZE_MAX, "", cimc_ops_elementwise_binary, "", 1},
    {"Swish", "", 24, 1, 1, "alpha", cimc_ops_activation_swish, "", 1},
    {"Tanh", "", ALWAYS, 1, 1, "", cimc_ops_elementwise_unary, "", 1},
    {"ThresholdedRelu", "", 10, 1, 1, "alpha",
     cimc_ops_activation_thresholded_relu, "", 1},
    {"Tile", "", ALWAYS, 2, 2, "", cimc_ops_move_tile, "constant repeats", 1},
    {"Transpose", "", ALWAYS, 1, 1, "perm", cimc_ops_shape_transpose, "", 1},
    {"Trilu", "", 14, 1, 2, "upper", cimc_ops_index_trilu, "constant k", 1},
    {"Unsqueeze", "", ALWAYS, 1, 2, "axes", cimc_ops_shape_unsqueeze,
     "constant axes", 1},
    {"Upsample", "", ALWAYS, 1, 2, "mode scales", cimc_ops_resize_upsample,
     "constant scales", 1},
    {"Where", "", 9, 3, 3, "", cimc_ops_elementwise_where, "", 1},
    {"Xor", "", ALWAYS, 2, 2, "", cimc_ops_elementwise_binary, "", 1},
    {"BiasGelu", MICROSOFT, ALWAYS, 2, 2, "", cimc_ops_fused_gelu, "", 1},
    {"DequantizeLinear", MICROSOFT, ALWAYS, 2, 3, "axis block_size",
     cimc_ops_quant_dequantize, "constant scales", 1},
    {"DynamicQuantizeMatMul", MICROSOFT, ALWAYS, 3, 5, "",
     cimc_ops_integer_dynamic_matmul, "8 bits", 1},
    {"FastGelu", MICROSOFT, ALWAYS, 1, 2, "", cimc_ops_fused_fast_gelu, "", 1},
    {"FusedConv", MICROSOFT, ALWAYS, 2, 4,
     WINDOW " group activation activation_params", cimc_ops_fused_conv,
     "as Conv", 1},
    {"FusedGemm", MICROSOFT, ALWAYS, 2, 3,
     "activation activation_alpha activation_beta activation_gamma alpha beta "
     "transA transB",
     cimc_ops_fused_gemm, "", 1},
    {"Gelu", MICROSOFT, ALWAYS, 1, 1, "", cimc_ops_fused_gelu, "", 1},
    {"MatMulIntegerToFloat", MICROSOFT, ALWAYS, 4, 7, "",
     cimc_ops_integer_to_float, "8 bits", 1},
    {"QGemm", MICROSOFT, ALWAYS, 6, 9, "alpha transA transB",
     cimc_ops_qlinear_gemm, BYTES, 1},
    {"QLinearAdd", MICROSOFT, ALWAYS, 7, 8, "", cimc_ops_qlinear_add, BYTES, 1},
    {"QLinearAveragePool", MICROSOFT, ALWAYS, 4, 5,
     WINDOW " ceil_mode channels_last count_include_pad",
     cimc_ops_qlinear_average_pool, BYTES, 1},
    {"QLinearConcat", MICROSOFT, ALWAYS, 5, SIZE_MAX, "axis",
     cimc_ops_qlinear_concat, BYTES, 1},
    {"QLinearGlobalAveragePool", MICROSOFT, ALWAYS, 5, 5, "channels_last",
     cimc_ops_qlinear_global_average, BYTES, 1},
    {"QLinearLeakyRelu", MICROSOFT, ALWAYS, 4, 5, "alpha",
     cimc_ops_qlinear_leaky_relu, BYTES, 1},
    {"QLinearMul", MICROSOFT, ALWAYS, 7, 8, "", cimc_ops_qlinear_mul, BYTES, 1},
    {"QLinearSigmoid", MICROSOFT, ALWAYS, 4, 5, "", cimc_ops_qlinear_sigmoid,
     BYTES, 1},
    {"QLinearSoftmax", MICROSOFT, ALWAYS, 5, 5, "axis opset",
     cimc_ops_qlinear_softmax, BYTES, 1},
    {"QLinearWhere", MICROSOFT, ALWAYS, 9, 9, "", cimc_ops_qlinear_where, BYTES,
     1},
    {"QuantizeLinear", MICROSOFT, ALWAYS, 2, 3, "axis block_size",
     cimc_ops_quant_quantize, "constant scales", 1},
    {"QuickGelu", MICROSOFT, ALWAYS, 1, 1, "alpha", cimc_ops_fused_quick_gelu,
     "", 1},
};

const cimc_ops_row *cimc_ops_find(const char *domain, const char *op_type) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp(rows[i].op_type, op_type) == 0 &&
        strcmp(rows[i].domain, domain) == 0)
      return &rows[i];
  return NULL;
}

static bool is_word(const char *words, const char *name) {
  size_t length = strlen(name);
  for (const char *word = words; *word != '\0';) {
    size_t end = strcspn(word, " ");
    if (end == length && memcmp(word, name, length) == 0)
      return true;
    word += end;
    word += strspn(word, " ");
  }
  return false;
}

// Until opset 6 the second operand was made to fit by attributes.
static const char broadcasts[] = "Add And Div Equal Gemm Greater Less Mul Or "
                                 "Pow Sub Xor";

bool cimc_ops_knows(const cimc_ops_row *row, int64_t opset, const char *name) {
  if (is_word(row->attributes, name))
    return true;
  if (opset > 6 || row->domain[0] != '\0')
    return false;
  return is_word(broadcasts, row->op_type)
             ? is_word("axis broadcast", name)
             : is_word("BatchNormalization Dropout", row->op_type) &&
                   strcmp(name, "is_test") == 0;
}

void cimc_ops_list(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const cimc_ops_row *row = &rows[i];
    if (row->domain[0] != '\0') { // it has opsets of its own
      printf("onnx  %s %s%s%s\n", row->domain, row->op_type,
             row->note[0] != '\0' ? "  " : "", row->note);
      continue;
    }
    printf("onnx  %-8s %-20s opset %2d-%d%s%s\n", "ai.onnx", row->op_type,
           row->since, CIMC_OPS_OPSET_MAX, row->note[0] != '\0' ? "  " : "",
           row->note);
  }
}
