// SPDX-License-Identifier: Apache-2.0
//
// Fused activations and windows.
#include "cimc/import/tflite/fuse.h"

#include "cimc/import/tflite/ref.h"

#include <math.h>

static MlirLogicalResult check_activation(cimc_lite_call *call,
                                          int64_t activation) {
  static const char *const words[] = {"tanh", "sign_bit"};
  if (activation >= CIMC_LITE_ACTIVATION_NONE &&
      activation <= CIMC_LITE_ACTIVATION_RELU6)
    return mlirLogicalResultSuccess();
  int64_t word = activation - CIMC_LITE_ACTIVATION_RELU6 - 1;
  return cimc_lite_call_refuse(call, "a fused activation %s",
                               word >= 0 && word < 2 ? words[word]
                                                     : "of unknown kind");
}

// The real bounds. The reference rounds them to stored values half away from
// zero: then they are the real values of these.
static cimc_bounds bounds_of(const cimc_lite_call *call, int64_t activation) {
  const cimc_lite_tensor *y = cimc_lite_call_output(call, 0);
  cimc_bounds bounds = {
      .low = activation == CIMC_LITE_ACTIVATION_RELU_N1_TO_1 ? -1.0f : 0.0f,
      .high = activation == CIMC_LITE_ACTIVATION_RELU6          ? 6.0f
              : activation == CIMC_LITE_ACTIVATION_RELU_N1_TO_1 ? 1.0f
                                                                : INFINITY};
  if (!call->reference || !cimc_lite_is_quantized(y) ||
      activation == CIMC_LITE_ACTIVATION_RELU)
    return bounds;
  float scale = y->scales.scales[0];
  bounds.low = roundf(bounds.low / scale) * scale;
  bounds.high = roundf(bounds.high / scale) * scale;
  return bounds;
}

static void add_bounds(const cimc_lite_call *call, int64_t activation,
                       cimc_builder_op *op) {
  const cimc_builder *builder = &call->builder;
  cimc_bounds bounds = bounds_of(call, activation);
  op->attributes[op->attribute_count++] =
      cimc_builder_f32(builder, "clamp_min", bounds.low);
  op->attributes[op->attribute_count++] =
      cimc_builder_f32(builder, "clamp_max", bounds.high);
}

MlirLogicalResult cimc_lite_fuse(cimc_lite_call *call, int64_t activation,
                                 cimc_builder_op *op) {
  CIMC_TRY(check_activation(call, activation));
  if (activation == CIMC_LITE_ACTIVATION_NONE)
    return mlirLogicalResultSuccess();
  const cimc_lite_tensor *y = cimc_lite_call_output(call, 0);
  bool exact = call->reference && cimc_lite_is_quantized(y);
  const char *word = "clamp";
  if (activation == CIMC_LITE_ACTIVATION_RELU)
    word = "relu";
  else if (activation == CIMC_LITE_ACTIVATION_RELU6 && !exact)
    word = "relu6";
  MlirContext context = call->builder.context;
  op->attributes[op->attribute_count++] =
      cimc_ir_attr(context, "activation", cimc_ir_attr_str(context, word));
  if (word[0] == 'c')
    add_bounds(call, activation, op);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_activate(cimc_lite_call *call, int64_t activation,
                                     MlirValue *value) {
  CIMC_TRY(check_activation(call, activation));
  if (activation == CIMC_LITE_ACTIVATION_NONE)
    return mlirLogicalResultSuccess();
  if (mlirValueIsNull(*value))
    return mlirLogicalResultFailure();
  cimc_element element =
      cimc_qgemm_element(cimc_ir_element_type(mlirValueGetType(*value)));
  cimc_builder_op op = {
      .kind = CIMC_QGEMM_CLAMP, .operands = {*value}, .operand_count = 1};
  if (element.quantized) {
    op.kind = CIMC_QGEMM_REQUANTIZE;
    CIMC_TRY(cimc_lite_fuse(call, activation, &op));
  } else if (element.storage != CIMC_STORAGE_F32) {
    return cimc_lite_call_refuse(call, "a fused activation of integers");
  } else if (activation == CIMC_LITE_ACTIVATION_RELU) {
    op.kind = CIMC_QGEMM_RELU;
  } else {
    add_bounds(call, activation, &op);
  }
  *value = cimc_builder_create(&call->builder, &op);
  return mlirValueIsNull(*value) ? mlirLogicalResultFailure()
                                 : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_check_window(cimc_lite_call *call,
                                         const cimc_window *window) {
  for (int i = 0; i < 2; i++)
    if (window->strides[i] < 1 || window->dilations[i] < 1 ||
        window->kernel[i] < 1)
      return cimc_lite_call_error(call,
                                  "%s has a kernel, stride or dilation below "
                                  "1; expected 1 or more",
                                  call->op->type);
  return mlirLogicalResultSuccess();
}

// SAME: as many results as strides, the odd pad behind. All are below 2^31.
void cimc_lite_place_window(const cimc_shape *x, int64_t padding,
                            cimc_window *window) {
  for (int i = 0; i < 2; i++) {
    int64_t size = x->dim[i + 1], stride = window->strides[i];
    int64_t reach = (window->kernel[i] - 1) * window->dilations[i] + 1;
    int64_t count = (size + stride - 1) / stride;
    int64_t total = (count - 1) * stride + reach - size;
    if (padding != CIMC_LITE_PADDING_SAME || total < 0)
      total = 0;
    window->pads[i] = total / 2;
    window->pads[i + 2] = total - total / 2;
  }
}
