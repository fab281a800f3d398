// SPDX-License-Identifier: Apache-2.0
//
// The table of .tflite operators.
#include "cimc/import/tflite/ops.h"

#include <stdio.h>
#include <string.h>

#define PLAIN CIMC_QGEMM_NONE
#define LIST_MAX 1024

static const cimc_lite_row rows[] = {
    {"ABS", 1, 1, 1, cimc_lite_ops_abs, CIMC_QGEMM_ABS, ""},
    {"ADD", 2, 2, 1, cimc_lite_ops_add, CIMC_QGEMM_ADD, ""},
    {"ARG_MAX", 2, 2, 1, cimc_lite_ops_arg, CIMC_QGEMM_ARG_MAX,
     "constant axis"},
    {"ARG_MIN", 2, 2, 1, cimc_lite_ops_arg, CIMC_QGEMM_ARG_MIN,
     "constant axis"},
    {"AVERAGE_POOL_2D", 1, 1, 1, cimc_lite_ops_average_pool, PLAIN, ""},
    {"BATCH_MATMUL", 2, 2, 1, cimc_lite_ops_batch_matmul, PLAIN,
     "equal batches, or a matrix on the right"},
    {"BATCH_TO_SPACE_ND", 3, 3, 1, cimc_lite_ops_batch_to_space, PLAIN,
     "of rank 4, constant block and crops"},
    {"BROADCAST_TO", 2, 2, 1, cimc_lite_ops_broadcast_to, PLAIN,
     "constant shape"},
    {"CAST", 1, 1, 1, cimc_lite_ops_cast, PLAIN, ""},
    {"CEIL", 1, 1, 1, cimc_lite_ops_unary, CIMC_QGEMM_CEIL, ""},
    {"CONCATENATION", 1, LIST_MAX, 1, cimc_lite_ops_concatenation, PLAIN, ""},
    {"CONV_2D", 2, 3, 1, cimc_lite_ops_conv, PLAIN, "constant weights"},
    {"COS", 1, 1, 1, cimc_lite_ops_unary, CIMC_QGEMM_COS, ""},
    {"DEPTHWISE_CONV_2D", 2, 3, 1, cimc_lite_ops_depthwise, PLAIN,
     "constant weights"},
    {"DEPTH_TO_SPACE", 1, 1, 1, cimc_lite_ops_depth_to_space, PLAIN, ""},
    {"DEQUANTIZE", 1, 1, 1, cimc_lite_ops_dequantize, PLAIN, ""},
    {"DIV", 2, 2, 1, cimc_lite_ops_div, PLAIN, ""},
    {"ELU", 1, 1, 1, cimc_lite_ops_elu, CIMC_QGEMM_ELU, ""},
    {"EQUAL", 2, 2, 1, cimc_lite_ops_compare, CIMC_QGEMM_COMPARE, ""},
    {"EXP", 1, 1, 1, cimc_lite_ops_unary, CIMC_QGEMM_EXP, ""},
    {"EXPAND_DIMS", 2, 2, 1, cimc_lite_ops_expand_dims, PLAIN, "constant axis"},
    {"FLOOR", 1, 1, 1, cimc_lite_ops_unary, CIMC_QGEMM_FLOOR, ""},
    {"FULLY_CONNECTED", 2, 3, 1, cimc_lite_ops_fully_connected, PLAIN, ""},
    {"GATHER", 2, 2, 1, cimc_lite_ops_gather, PLAIN, "no batch dimensions"},
    {"GELU", 1, 1, 1, cimc_lite_ops_gelu, CIMC_QGEMM_GELU, ""},
    {"GREATER", 2, 2, 1, cimc_lite_ops_compare, CIMC_QGEMM_COMPARE, ""},
    {"GREATER_EQUAL", 2, 2, 1, cimc_lite_ops_compare, CIMC_QGEMM_COMPARE, ""},
    {"HARD_SWISH", 1, 1, 1, cimc_lite_ops_hard_swish, CIMC_QGEMM_HARD_SWISH,
     ""},
    {"L2_NORMALIZATION", 1, 1, 1, cimc_lite_ops_l2_normalization, PLAIN, ""},
    {"LEAKY_RELU", 1, 1, 1, cimc_lite_ops_leaky_relu, CIMC_QGEMM_LEAKY_RELU,
     ""},
    {"LESS", 2, 2, 1, cimc_lite_ops_compare, CIMC_QGEMM_COMPARE, ""},
    {"LESS_EQUAL", 2, 2, 1, cimc_lite_ops_compare, CIMC_QGEMM_COMPARE, ""},
    {"LOG", 1, 1, 1, cimc_lite_ops_unary, CIMC_QGEMM_LOG, ""},
    {"LOGICAL_AND", 2, 2, 1, cimc_lite_ops_logical, CIMC_QGEMM_BIT_AND, ""},
    {"LOGICAL_NOT", 1, 1, 1, cimc_lite_ops_logical_not, PLAIN, ""},
    {"LOGICAL_OR", 2, 2, 1, cimc_lite_ops_logical, CIMC_QGEMM_BIT_OR, ""},
    {"LOGISTIC", 1, 1, 1, cimc_lite_ops_unary, CIMC_QGEMM_SIGMOID, ""},
    {"MAXIMUM", 2, 2, 1, cimc_lite_ops_extreme, CIMC_QGEMM_MAX, ""},
    {"MAX_POOL_2D", 1, 1, 1, cimc_lite_ops_max_pool, PLAIN, ""},
    {"MEAN", 2, 2, 1, cimc_lite_ops_mean, CIMC_QGEMM_REDUCE_MEAN,
     "constant axes"},
    {"MINIMUM", 2, 2, 1, cimc_lite_ops_extreme, CIMC_QGEMM_MIN, ""},
    {"MIRROR_PAD", 2, 2, 1, cimc_lite_ops_mirror_pad, PLAIN,
     "constant padding"},
    {"MUL", 2, 2, 1, cimc_lite_ops_mul, CIMC_QGEMM_MUL, ""},
    {"NEG", 1, 1, 1, cimc_lite_ops_unary, CIMC_QGEMM_NEG, ""},
    {"NOT_EQUAL", 2, 2, 1, cimc_lite_ops_compare, CIMC_QGEMM_COMPARE, ""},
    {"PACK", 1, LIST_MAX, 1, cimc_lite_ops_pack, PLAIN, ""},
    {"PAD", 2, 2, 1, cimc_lite_ops_pad, PLAIN, "constant padding"},
    {"PADV2", 3, 3, 1, cimc_lite_ops_pad, PLAIN, "constant padding and value"},
    {"POW", 2, 2, 1, cimc_lite_ops_pow, PLAIN, ""},
    {"PRELU", 2, 2, 1, cimc_lite_ops_prelu, PLAIN, ""},
    {"QUANTIZE", 1, 1, 1, cimc_lite_ops_quantize, PLAIN, ""},
    {"REDUCE_MAX", 2, 2, 1, cimc_lite_ops_reduce, CIMC_QGEMM_REDUCE_MAX,
     "constant axes"},
    {"REDUCE_MIN", 2, 2, 1, cimc_lite_ops_reduce, CIMC_QGEMM_REDUCE_MIN,
     "constant axes"},
    {"REDUCE_PROD", 2, 2, 1, cimc_lite_ops_reduce, CIMC_QGEMM_REDUCE_PROD,
     "constant axes"},
    {"RELU", 1, 1, 1, cimc_lite_ops_relu, PLAIN, ""},
    {"RELU6", 1, 1, 1, cimc_lite_ops_relu6, PLAIN, ""},
    {"RELU_N1_TO_1", 1, 1, 1, cimc_lite_ops_relu_n1, PLAIN, ""},
    {"RESHAPE", 1, 2, 1, cimc_lite_ops_reshape, PLAIN, ""},
    {"RESIZE_BILINEAR", 2, 2, 1, cimc_lite_ops_resize_bilinear, PLAIN,
     "constant size"},
    {"RESIZE_NEAREST_NEIGHBOR", 2, 2, 1, cimc_lite_ops_resize_nearest, PLAIN,
     "constant size"},
    {"ROUND", 1, 1, 1, cimc_lite_ops_unary, CIMC_QGEMM_ROUND, ""},
    {"RSQRT", 1, 1, 1, cimc_lite_ops_unary, CIMC_QGEMM_RSQRT, ""},
    {"SELECT", 3, 3, 1, cimc_lite_ops_select, PLAIN, ""},
    {"SELECT_V2", 3, 3, 1, cimc_lite_ops_select, PLAIN, ""},
    {"SHAPE", 1, 1, 1, cimc_lite_ops_shape, PLAIN, ""},
    {"SIGN", 1, 1, 1, cimc_lite_ops_unary, CIMC_QGEMM_SIGN, ""},
    {"SIN", 1, 1, 1, cimc_lite_ops_unary, CIMC_QGEMM_SIN, ""},
    {"SLICE", 3, 3, 1, cimc_lite_ops_slice, PLAIN, "constant start and size"},
    {"SOFTMAX", 1, 1, 1, cimc_lite_ops_softmax, PLAIN, ""},
    {"SPACE_TO_BATCH_ND", 3, 3, 1, cimc_lite_ops_space_to_batch, PLAIN,
     "of rank 4, constant block and padding"},
    {"SPACE_TO_DEPTH", 1, 1, 1, cimc_lite_ops_space_to_depth, PLAIN, ""},
    {"SPLIT", 2, 2, LIST_MAX, cimc_lite_ops_split, PLAIN, "constant axis"},
    {"SPLIT_V", 3, 3, LIST_MAX, cimc_lite_ops_split_v, PLAIN,
     "up to 16 parts, constant sizes and axis"},
    {"SQRT", 1, 1, 1, cimc_lite_ops_unary, CIMC_QGEMM_SQRT, ""},
    {"SQUARE", 1, 1, 1, cimc_lite_ops_square, PLAIN, ""},
    {"SQUARED_DIFFERENCE", 2, 2, 1, cimc_lite_ops_squared_difference, PLAIN,
     ""},
    {"SQUEEZE", 1, 1, 1, cimc_lite_ops_squeeze, PLAIN, ""},
    {"STRIDED_SLICE", 4, 4, 1, cimc_lite_ops_strided_slice, PLAIN,
     "constant begin, end and strides"},
    {"SUB", 2, 2, 1, cimc_lite_ops_add, CIMC_QGEMM_SUB, ""},
    {"SUM", 2, 2, 1, cimc_lite_ops_reduce, CIMC_QGEMM_REDUCE_SUM,
     "constant axes"},
    {"TANH", 1, 1, 1, cimc_lite_ops_unary, CIMC_QGEMM_TANH, ""},
    {"TILE", 2, 2, 1, cimc_lite_ops_tile, PLAIN, "constant multiples"},
    {"TRANSPOSE", 2, 2, 1, cimc_lite_ops_transpose, PLAIN,
     "constant permutation"},
    {"TRANSPOSE_CONV", 3, 4, 1, cimc_lite_ops_transpose_conv, PLAIN,
     "constant weights and shape"},
    {"UNPACK", 1, 1, LIST_MAX, cimc_lite_ops_unpack, PLAIN, ""},
};

const cimc_lite_row *cimc_lite_ops_find(const char *type) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp(rows[i].type, type) == 0)
      return &rows[i];
  return NULL;
}

void cimc_lite_ops_list(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].note[0] != '\0')
      printf("tflite  %-24s  %s\n", rows[i].type, rows[i].note);
    else
      printf("tflite  %s\n", rows[i].type);
}
