// SPDX-License-Identifier: Apache-2.0
//
// tosa's convolutions and products, and the convolution that linalg shares.
//
// Integers are seen with scale 1 and their zero points, so that the qgemm op
// gives the very i32 sums; a rescale behind it is tosa.rescale's own.
#include "passes/model/raise/raise_op.h"

#include <inttypes.h>
#include <string.h>

static bool is_8_bit(cimc_storage storage) {
  return storage == CIMC_STORAGE_I8 || storage == CIMC_STORAGE_U8;
}

// Both f32, or both of 8 bits: what products can be made of.
static MlirLogicalResult check_operands(cimc_raise *self, MlirValue a,
                                        MlirValue b) {
  cimc_storage left = cimc_raise_storage(a), right = cimc_raise_storage(b);
  bool floats = left == CIMC_STORAGE_F32 && right == CIMC_STORAGE_F32;
  if (floats || (is_8_bit(left) && is_8_bit(right)))
    return mlirLogicalResultSuccess();
  return cimc_raise_refuse(self, "a product of elements neither all f32 nor "
                                 "all i8; expected one of these");
}

static MlirLogicalResult check_sum(cimc_raise *self, MlirValue input) {
  cimc_storage sum = cimc_qgemm_element(cimc_edit_type(self->op)).storage;
  bool is_float = cimc_raise_storage(input) == CIMC_STORAGE_F32;
  if (sum == (is_float ? CIMC_STORAGE_F32 : CIMC_STORAGE_I32))
    return mlirLogicalResultSuccess();
  return cimc_raise_refuse(self, "a sum of this element type; expected %s",
                           is_float ? "f32" : "i32");
}

// -- Convolutions ------------------------------------------------------------
static MlirLogicalResult
conv_shape(cimc_raise *self, const cimc_raise_conv *conv, cimc_shape *out) {
  cimc_shape input = cimc_raise_shape(conv->input);
  cimc_shape weights = cimc_raise_shape(conv->weights);
  *out = (cimc_shape){.rank = 4, .dim = {input.dim[0], 0, 0, weights.dim[0]}};
  for (int i = 0; i < 2; i++) {
    int64_t reach = 0, size = 0;
    if (conv->strides[i] < 1 || conv->dilations[i] < 1 ||
        __builtin_mul_overflow(weights.dim[i + 1] - 1, conv->dilations[i],
                               &reach) ||
        __builtin_add_overflow(input.dim[i + 1],
                               conv->pads[i] + conv->pads[i + 2], &size) ||
        size <= reach)
      return cimc_raise_refuse(self, "the kernel does not fit into the padded "
                                     "input; expected a window inside it");
    out->dim[i + 1] = (size - reach - 1) / conv->strides[i] + 1;
  }
  return mlirLogicalResultSuccess();
}

// A bias of one element serves all channels.
static MlirValue conv_bias(cimc_raise *self, MlirValue bias, int64_t channels,
                           bool is_float) {
  cimc_shape shape = cimc_raise_shape(bias);
  MlirValue none = {NULL};
  cimc_literal old, wide;
  if (shape.rank != 1 || !cimc_literal_read(bias, &old))
    return none;
  MlirType type = mlirRankedTensorTypeGet(
      1, &channels, cimc_ir_element_type(mlirValueGetType(bias)),
      mlirAttributeGetNull());
  if (cimc_literal_create(type, &wide)) {
    for (size_t i = 0; i < wide.count; i++)
      memcpy((char *)wide.data + i * wide.item_bytes,
             (char *)old.data + (old.count == 1 ? 0 : i) * wide.item_bytes,
             wide.item_bytes);
    bias = cimc_raise_constant(self, &wide);
    cimc_literal_destroy(&wide);
  }
  cimc_literal_destroy(&old);
  return is_float ? bias : cimc_raise_quantized(self, bias, 0);
}

static bool bias_fits(MlirValue bias, int64_t channels) {
  cimc_shape shape = cimc_raise_shape(bias);
  return shape.rank == 1 && (shape.dim[0] == 1 || shape.dim[0] == channels);
}

MlirLogicalResult cimc_raise_conv2d(cimc_raise *self,
                                    const cimc_raise_conv *conv, MlirValue bias,
                                    MlirValue *out) {
  CIMC_TRY(check_operands(self, conv->input, conv->weights));
  CIMC_TRY(check_sum(self, conv->input));
  if (!cimc_edit_is_constant(conv->weights))
    return cimc_raise_refuse(self, "weights that are computed; expected a "
                                   "constant");
  bool is_float = cimc_raise_storage(conv->input) == CIMC_STORAGE_F32;
  cimc_shape shape;
  CIMC_TRY(conv_shape(self, conv, &shape));
  bool has_bias = !mlirValueIsNull(bias);
  if (has_bias && !bias_fits(bias, shape.dim[3]))
    return cimc_raise_refuse(self,
                             "a bias that is not one for each output "
                             "channel; expected %" PRId64 " or 1",
                             shape.dim[3]);
  cimc_storage sum = is_float ? CIMC_STORAGE_F32 : CIMC_STORAGE_I32;
  cimc_edit edit = {
      .kind = CIMC_QGEMM_CONV2D,
      .type = cimc_ir_tensor_type(&shape, cimc_raise_element(self, sum)),
      .operand_count = 2,
      .operands = {conv->input, conv->weights},
  };
  if (!is_float) {
    edit.operands[0] = cimc_raise_quantized(self, conv->input, conv->input_zp);
    edit.operands[1] =
        cimc_raise_quantized(self, conv->weights, conv->weight_zp);
  }
  MlirValue constant = {NULL};
  if (has_bias)
    constant = conv_bias(self, bias, shape.dim[3], is_float);
  if (!mlirValueIsNull(constant))
    edit.operands[edit.operand_count++] = constant;
  cimc_edit_set(&edit, "strides",
                cimc_ir_attr_i64s(self->context, 2, conv->strides));
  cimc_edit_set(&edit, "pads", cimc_ir_attr_i64s(self->context, 4, conv->pads));
  cimc_edit_set(&edit, "dilations",
                cimc_ir_attr_i64s(self->context, 2, conv->dilations));
  cimc_edit_set(&edit, "groups", cimc_ir_attr_i64(self->context, conv->groups));
  *out = cimc_raise_build(self, &edit);
  if (has_bias && mlirValueIsNull(constant))
    *out = cimc_raise_binary(self, CIMC_QGEMM_ADD, *out, bias);
  return mlirLogicalResultSuccess();
}

// tosa lists top, bottom, left, right.
static MlirLogicalResult read_pads(cimc_raise *self, const char *name,
                                   int64_t *out) {
  int64_t pads[4];
  CIMC_TRY(cimc_raise_list(self, name, 4, pads));
  out[0] = pads[0];
  out[1] = pads[2];
  out[2] = pads[1];
  out[3] = pads[3];
  for (int i = 0; i < 4; i++)
    if (pads[i] < -INT32_MAX || pads[i] > INT32_MAX)
      return cimc_raise_refuse(self,
                               "'%s' has %" PRId64 "; expected less "
                               "than 2^31",
                               name, pads[i]);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult read_conv(cimc_raise *self, cimc_raise_conv *out) {
  *out = (cimc_raise_conv){.input = cimc_raise_operand(self, 0),
                           .weights = cimc_raise_operand(self, 1),
                           .dilations = {1, 1},
                           .groups = 1};
  CIMC_TRY(
      cimc_raise_number(self, 3, "the input's zero point", &out->input_zp));
  CIMC_TRY(
      cimc_raise_number(self, 4, "the weights' zero point", &out->weight_zp));
  return cimc_raise_list(self, "stride", 2, out->strides);
}

static MlirLogicalResult conv2d(cimc_raise *self) {
  cimc_raise_conv conv;
  MlirValue result;
  CIMC_TRY(read_conv(self, &conv));
  CIMC_TRY(read_pads(self, "pad", conv.pads));
  CIMC_TRY(cimc_raise_list(self, "dilation", 2, conv.dilations));
  CIMC_TRY(
      cimc_raise_conv2d(self, &conv, cimc_raise_operand(self, 2), &result));
  return cimc_raise_done(self, result);
}

// Weights [KH, KW, C, M]; channel c * M + m of the result is m of c.
static MlirLogicalResult depthwise_conv2d(cimc_raise *self) {
  static const int64_t perm[] = {2, 3, 0, 1};
  cimc_raise_conv conv;
  MlirValue result;
  CIMC_TRY(read_conv(self, &conv));
  CIMC_TRY(read_pads(self, "pad", conv.pads));
  CIMC_TRY(cimc_raise_list(self, "dilation", 2, conv.dilations));
  cimc_shape old = cimc_raise_shape(conv.weights);
  cimc_shape shape = {
      .rank = 4, .dim = {old.dim[2] * old.dim[3], old.dim[0], old.dim[1], 1}};
  conv.groups = old.dim[2];
  conv.weights =
      cimc_raise_folded(self, cimc_raise_transpose(self, conv.weights, perm));
  conv.weights =
      cimc_raise_folded(self, cimc_raise_reshape(self, conv.weights, &shape));
  CIMC_TRY(
      cimc_raise_conv2d(self, &conv, cimc_raise_operand(self, 2), &result));
  return cimc_raise_done(self, result);
}

// Weights with both kernel dimensions turned round.
static MlirLogicalResult flip(cimc_raise *self, MlirValue *weights) {
  cimc_literal from, to;
  if (!cimc_literal_read(*weights, &from))
    return cimc_raise_refuse(self, "weights that are computed; expected a "
                                   "constant");
  bool done = cimc_literal_create(from.type, &to);
  if (done) {
    size_t window = (size_t)(from.shape.dim[1] * from.shape.dim[2]);
    size_t depth = (size_t)from.shape.dim[3] * from.item_bytes;
    for (size_t o = 0; o < (size_t)from.shape.dim[0]; o++)
      for (size_t k = 0; k < window; k++)
        memcpy((char *)to.data + (o * window + k) * depth,
               (char *)from.data + (o * window + window - 1 - k) * depth,
               depth);
    *weights = cimc_raise_constant(self, &to);
    cimc_literal_destroy(&to);
  }
  cimc_literal_destroy(&from);
  return done ? mlirLogicalResultSuccess()
              : cimc_raise_refuse(self, "weights beyond a gigabyte; expected "
                                        "smaller ones");
}

// A convolution, stride 1, of the input with gaps between its pixels.
static MlirLogicalResult transpose_conv2d(cimc_raise *self) {
  cimc_raise_conv conv;
  MlirValue result;
  int64_t pads[4];
  cimc_raise_padding gaps = {.value = 0};
  CIMC_TRY(read_conv(self, &conv));
  CIMC_TRY(read_pads(self, "out_pad", pads));
  CIMC_TRY(flip(self, &conv.weights));
  cimc_shape weights = cimc_raise_shape(conv.weights);
  for (int i = 0; i < 2; i++) {
    if (conv.strides[i] < 1 || conv.strides[i] > INT32_MAX)
      return cimc_raise_refuse(self,
                               "a stride of %" PRId64 "; expected at "
                               "least 1",
                               conv.strides[i]);
    gaps.interior[i + 1] = conv.strides[i] - 1;
    conv.strides[i] = 1;
    conv.pads[i] = weights.dim[i + 1] - 1 + pads[i];
    conv.pads[i + 2] = weights.dim[i + 1] - 1 + pads[i + 2];
    if (conv.pads[i] < 0 || conv.pads[i + 2] < 0)
      return cimc_raise_refuse(self,
                               "out_pad cuts more than the kernel's "
                               "reach; expected at least %" PRId64,
                               1 - weights.dim[i + 1]);
  }
  gaps.value = (float)conv.input_zp;
  conv.input = cimc_raise_pad(self, conv.input, &gaps);
  CIMC_TRY(
      cimc_raise_conv2d(self, &conv, cimc_raise_operand(self, 2), &result));
  return cimc_raise_done(self, result);
}

// -- Products ----------------------------------------------------------------
MlirLogicalResult cimc_raise_batch_matmul(cimc_raise *self, MlirValue a,
                                          MlirValue b, const int64_t *zps) {
  CIMC_TRY(check_operands(self, a, b));
  CIMC_TRY(check_sum(self, a));
  if (cimc_raise_storage(a) != CIMC_STORAGE_F32) {
    a = cimc_raise_quantized(self, a, zps[0]);
    b = cimc_raise_quantized(self, b, zps[1]);
  }
  bool flat = cimc_raise_shape(b).rank == 2;
  MlirValue result = cimc_raise_build(
      self,
      &(cimc_edit){.kind = flat ? CIMC_QGEMM_MATMUL : CIMC_QGEMM_BATCH_MATMUL,
                   .type = cimc_raise_result(self),
                   .operand_count = 2,
                   .operands = {a, b}});
  return cimc_raise_done(self, result);
}

// One constant matrix is packed for the kernel; one for each batch is not.
static MlirValue as_matrix(cimc_raise *self, MlirValue b) {
  cimc_shape shape = cimc_raise_shape(b);
  if (shape.rank != 3 || shape.dim[0] != 1 || !cimc_edit_is_constant(b))
    return b;
  cimc_shape flat = {2, {shape.dim[1], shape.dim[2]}};
  return cimc_raise_folded(self, cimc_raise_reshape(self, b, &flat));
}

static MlirLogicalResult matmul(cimc_raise *self) {
  int64_t zps[2];
  CIMC_TRY(cimc_raise_number(self, 2, "a's zero point", &zps[0]));
  CIMC_TRY(cimc_raise_number(self, 3, "b's zero point", &zps[1]));
  return cimc_raise_batch_matmul(self, cimc_raise_operand(self, 0),
                                 as_matrix(self, cimc_raise_operand(self, 1)),
                                 zps);
}

const cimc_raise_row cimc_raise_rows_tosa_linear[] = {
    {.name = "tosa.conv2d", .raise = conv2d},
    {.name = "tosa.depthwise_conv2d", .raise = depthwise_conv2d},
    {.name = "tosa.matmul", .raise = matmul},
    {.name = "tosa.transpose_conv2d", .raise = transpose_conv2d},
    {.name = NULL},
};
