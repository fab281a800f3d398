// SPDX-License-Identifier: Apache-2.0
//
// The table of ONNX operators.
#include "cimc/import/onnx/ops.h"

#include <stdio.h>
#include <string.h>

#define WINDOW "auto_pad dilations kernel_shape pads strides"
#define CONSTANTS_ONLY "of constants only"

static const cimc_ops_row rows[] = {
    {"Add", "", 8, 2, 2, "", cimc_ops_math_add, ""},
    {"AveragePool", "", 8, 1, 1, WINDOW " ceil_mode count_include_pad",
     cimc_ops_window_average_pool, "1-D and 2-D, no dilations"},
    {"BatchNormalization", "", 8, 5, 5,
     "epsilon momentum spatial training_mode", cimc_ops_math_batch_norm,
     "inference"},
    {"Cast", "", 8, 1, 1, "to saturate round_mode", cimc_ops_shape_cast,
     "to the same type, or of constants"},
    {"Clip", "", 8, 1, 3, "min max", cimc_ops_math_clip, "constant bounds"},
    {"Concat", "", 8, 1, SIZE_MAX, "axis", cimc_ops_const_concat,
     CONSTANTS_ONLY},
    {"Constant", "", 8, 0, 0,
     "value value_float value_floats value_int value_ints value_string "
     "value_strings sparse_value",
     cimc_ops_const_constant, "numbers"},
    {"ConstantOfShape", "", 9, 1, 1, "value", cimc_ops_const_of_shape,
     "constant shape"},
    {"Conv", "", 8, 2, 3, WINDOW " group", cimc_ops_window_conv,
     "1-D and 2-D, groups, dilations"},
    {"DequantizeLinear", "", 10, 2, 3, "axis block_size output_dtype",
     cimc_ops_quant_dequantize, "constant scales per tensor or axis"},
    {"Div", "", 8, 2, 2, "", cimc_ops_math_div, "constant divisor"},
    {"Dropout", "", 8, 1, 3, "ratio seed", cimc_ops_shape_dropout, "inference"},
    {"Flatten", "", 8, 1, 1, "axis", cimc_ops_shape_flatten, ""},
    {"Gather", "", 8, 2, 2, "axis", cimc_ops_const_gather, CONSTANTS_ONLY},
    {"Gemm", "", 8, 2, 3, "alpha beta transA transB", cimc_ops_linear_gemm, ""},
    {"GlobalAveragePool", "", 8, 1, 1, "", cimc_ops_window_global_average,
     "1-D and 2-D"},
    {"GlobalMaxPool", "", 8, 1, 1, "", cimc_ops_window_global_max,
     "1-D and 2-D"},
    {"Identity", "", 8, 1, 1, "", cimc_ops_shape_identity, ""},
    {"MatMul", "", 8, 2, 2, "", cimc_ops_linear_matmul,
     "equal batch dimensions, or a matrix on the right"},
    {"MaxPool", "", 8, 1, 1, WINDOW " ceil_mode storage_order",
     cimc_ops_window_max_pool, "1-D and 2-D, no dilations, no indices"},
    {"Mul", "", 8, 2, 2, "", cimc_ops_math_mul, ""},
    {"Pad", "", 8, 1, 4, "mode pads value", cimc_ops_shape_pad,
     "constant mode, constant pads"},
    {"QuantizeLinear", "", 10, 2, 3,
     "axis block_size output_dtype precision saturate", cimc_ops_quant_quantize,
     "constant scales per tensor or axis"},
    {"ReduceMean", "", 8, 1, 2, "axes keepdims noop_with_empty_axes",
     cimc_ops_math_reduce_mean, "constant axes"},
    {"Relu", "", 8, 1, 1, "", cimc_ops_math_relu, ""},
    {"Reshape", "", 8, 2, 2, "allowzero", cimc_ops_shape_reshape,
     "constant shape"},
    {"Shape", "", 8, 1, 1, "start end", cimc_ops_const_shape, ""},
    {"Sigmoid", "", 8, 1, 1, "", cimc_ops_math_sigmoid, ""},
    {"Slice", "", 8, 1, 5, "axes ends starts", cimc_ops_const_slice,
     CONSTANTS_ONLY},
    {"Softmax", "", 8, 1, 1, "axis", cimc_ops_math_softmax, ""},
    {"Squeeze", "", 8, 1, 2, "axes", cimc_ops_shape_squeeze, "constant axes"},
    {"Sub", "", 8, 2, 2, "", cimc_ops_math_sub, ""},
    {"Tanh", "", 8, 1, 1, "", cimc_ops_math_tanh, ""},
    {"Transpose", "", 8, 1, 1, "perm", cimc_ops_shape_transpose, ""},
    {"Unsqueeze", "", 8, 1, 2, "axes", cimc_ops_shape_unsqueeze,
     "constant axes"},
};

const cimc_ops_row *cimc_ops_find(const char *domain, const char *op_type) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp(rows[i].op_type, op_type) == 0 &&
        strcmp(rows[i].domain, domain) == 0)
      return &rows[i];
  return NULL;
}

bool cimc_ops_knows(const cimc_ops_row *row, const char *name) {
  size_t length = strlen(name);
  for (const char *word = row->attributes; *word != '\0';) {
    size_t end = strcspn(word, " ");
    if (end == length && memcmp(word, name, length) == 0)
      return true;
    word += end;
    word += strspn(word, " ");
  }
  return false;
}

void cimc_ops_list(void) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const cimc_ops_row *row = &rows[i];
    printf("onnx  %-8s %-20s opset %2d-%d%s%s\n",
           row->domain[0] != '\0' ? row->domain : "ai.onnx", row->op_type,
           row->since, CIMC_OPS_OPSET_MAX, row->note[0] != '\0' ? "  " : "",
           row->note);
  }
}
