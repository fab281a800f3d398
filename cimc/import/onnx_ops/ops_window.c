// SPDX-License-Identifier: Apache-2.0
//
// Convolution and pooling. ONNX is channels-first and qgemm channels-last:
// each op stands between two transposes, which canonicalize removes. What has
// one spatial dimension is reshaped to have two.
#include "cimc/import/onnx_ops/ops_window.h"
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/scales.h"
#include "cimc/import/onnx_ops/weights.h"

#include <inttypes.h>
#include <string.h>

static const int64_t to_last[] = {0, 2, 3, 1};
static const int64_t to_first[] = {0, 3, 1, 2};

// [N, C, W] as [N, C, 1, W].
static cimc_shape with_height(const cimc_shape *shape) {
  if (shape->rank != 3)
    return *shape;
  return (cimc_shape){.rank = 4,
                      .dim = {shape->dim[0], shape->dim[1], 1, shape->dim[2]}};
}

MlirLogicalResult cimc_ops_window_last(cimc_call *call, MlirValue x,
                                       MlirValue *out) {
  const cimc_shape *shape = cimc_call_shape(call, 0);
  if (shape->rank < 3)
    return cimc_call_error(call, "the input has rank %d; expected [N, C, H, W]",
                           shape->rank);
  if (shape->rank > 4)
    return cimc_call_refuse(call, "%d spatial dimensions", shape->rank - 2);
  cimc_shape four = with_height(shape);
  x = cimc_builder_reshape(&call->builder, x, &four);
  *out = cimc_builder_transpose(&call->builder, x, to_last);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

static MlirLogicalResult input_last(cimc_call *call, MlirValue *out) {
  MlirValue x;
  CIMC_TRY(cimc_call_f32(call, 0, &x));
  return cimc_ops_window_last(call, x, out);
}

MlirValue cimc_ops_window_first(cimc_call *call, MlirValue result) {
  const cimc_builder *builder = &call->builder;
  result = cimc_builder_transpose(builder, result, to_first);
  if (!mlirValueIsNull(result) && cimc_call_shape(call, 0)->rank == 3) {
    cimc_shape four = cimc_builder_shape(result);
    cimc_shape three = {.rank = 3,
                        .dim = {four.dim[0], four.dim[1], four.dim[3]}};
    result = cimc_builder_reshape(builder, result, &three);
  }
  return result;
}

// Defines the output from a channels-last result.
static MlirLogicalResult define_first(cimc_call *call, MlirValue result) {
  return cimc_call_define(call, cimc_ops_window_first(call, result),
                          CIMC_ELEM_FLOAT);
}

// -- Conv --------------------------------------------------------------------
static MlirLogicalResult check_weights(cimc_call *call, size_t i) {
  if (!cimc_call_has_input(call, i))
    return cimc_call_error(
        call, "input %zu, the weights, is left out; expected it", i);
  const cimc_shape *weights = cimc_call_shape(call, i);
  const cimc_shape *input = cimc_call_shape(call, 0);
  if (weights->rank != input->rank)
    return cimc_call_error(call,
                           "the weights have rank %d and the input has "
                           "rank %d; expected the same",
                           weights->rank, input->rank);
  if (cimc_ir_element_count(weights) < 1)
    return cimc_call_error(call, "the weights have no elements; expected some");
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult check_channels(cimc_call *call, size_t i,
                                        int64_t groups) {
  const cimc_shape *weights = cimc_call_shape(call, i);
  int64_t c_in = cimc_call_shape(call, 0)->dim[1], c_out = weights->dim[0];
  if (groups < 1 || c_in % groups != 0 || c_out % groups != 0 ||
      weights->dim[1] != c_in / groups)
    return cimc_call_error(call,
                           "%" PRId64 " input channels in %" PRId64
                           " groups do not fit weights "
                           "of %" PRId64 "x%" PRId64 " channels",
                           c_in, groups, c_out, weights->dim[1]);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_window_read_conv(cimc_call *call, size_t weights,
                                            cimc_ops_conv *out) {
  out->groups = 1;
  CIMC_TRY(check_weights(call, weights));
  CIMC_TRY(cimc_call_i64(call, "group", &out->groups));
  CIMC_TRY(check_channels(call, weights, out->groups));
  return cimc_pads_read(call, cimc_call_shape(call, 0),
                        &cimc_call_shape(call, weights)->dim[2], &out->window);
}

MlirValue cimc_ops_window_weights(cimc_call *call, MlirValue weights) {
  if (mlirValueIsNull(weights))
    return weights;
  cimc_shape shape = cimc_builder_shape(weights);
  shape = with_height(&shape);
  weights = cimc_builder_reshape(&call->builder, weights, &shape);
  return cimc_builder_transpose(&call->builder, weights, to_last);
}

MlirValue cimc_ops_window_emit_conv(cimc_call *call, const cimc_ops_conv *conv,
                                    const MlirValue operands[3],
                                    MlirType element) {
  const cimc_builder *builder = &call->builder;
  const cimc_pads_window *window = &conv->window;
  return cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = CIMC_QGEMM_CONV2D,
          .operands = {operands[0], operands[1], operands[2]},
          .operand_count = mlirValueIsNull(operands[2]) ? 2 : 3,
          .element = element,
          .attributes = {cimc_builder_i64s(builder, "strides", 2,
                                           window->strides),
                         cimc_builder_i64s(builder, "pads", 4, window->pads),
                         cimc_builder_i64s(builder, "dilations", 2,
                                           window->dilations),
                         cimc_builder_i64(builder, "groups", conv->groups)},
          .attribute_count = 4});
}

MlirLogicalResult cimc_ops_window_conv_value(cimc_call *call, MlirValue *out) {
  cimc_ops_conv conv;
  MlirValue operands[3] = {{NULL}};
  CIMC_TRY(input_last(call, &operands[0]));
  CIMC_TRY(cimc_ops_window_read_conv(call, 1, &conv));
  cimc_weights_form form = {.shape = with_height(cimc_call_shape(call, 1)),
                            .perm = to_last,
                            .factor = 1.0f};
  CIMC_TRY(cimc_weights_emit(call, 1, &form, &operands[1]));
  if (cimc_call_has_input(call, 2))
    CIMC_TRY(cimc_call_f32(call, 2, &operands[2]));
  *out = cimc_ops_window_first(
      call, cimc_ops_window_emit_conv(call, &conv, operands, (MlirType){NULL}));
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_window_conv(cimc_call *call) {
  MlirValue result;
  CIMC_TRY(cimc_ops_window_conv_value(call, &result));
  return cimc_call_define(call, result, CIMC_ELEM_FLOAT);
}

// -- Pools -------------------------------------------------------------------
// Integers need no scale to find the largest of them: any will do. The type
// whose integers they are is best, since the casts then cancel.
static MlirType view_of(cimc_call *call, MlirValue x) {
  for (MlirOperation op = cimc_ir_defining_op(x); !mlirOperationIsNull(op);
       op = cimc_ir_defining_op(x)) {
    cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
    if (kind != CIMC_QGEMM_STORAGE_CAST && kind != CIMC_QGEMM_RESHAPE &&
        kind != CIMC_QGEMM_TRANSPOSE)
      break;
    x = mlirOperationGetOperand(op, 0);
    MlirType type = cimc_ir_element_type(mlirValueGetType(x));
    cimc_element element = cimc_qgemm_element(type);
    if (element.quantized && element.axis < 0)
      return type;
  }
  cimc_storage storage = cimc_call_storage(cimc_call_input(call, 0)->elem);
  return cimc_qgemm_quant_type(call->builder.context, storage, 1.0f, 0);
}

// A max pool's input: f32, or integers of 8 bits seen as quantized.
static MlirLogicalResult max_input(cimc_call *call, MlirValue *out) {
  if (!cimc_call_has_input(call, 0) ||
      (cimc_call_input(call, 0)->elem != CIMC_ELEM_INT8 &&
       cimc_call_input(call, 0)->elem != CIMC_ELEM_UINT8))
    return input_last(call, out);
  MlirValue x;
  CIMC_TRY(cimc_call_operand(call, 0, &x));
  CIMC_TRY(cimc_scales_view(call, 0, view_of(call, x), &x));
  return cimc_ops_window_last(call, x, out);
}

static MlirLogicalResult define_max(cimc_call *call, MlirValue result) {
  if (cimc_call_input(call, 0)->elem == CIMC_ELEM_FLOAT)
    return define_first(call, result);
  result = cimc_ops_window_first(call, result);
  if (mlirValueIsNull(result))
    return mlirLogicalResultFailure();
  cimc_shape shape = cimc_builder_shape(result);
  return cimc_scales_define(call, result, &shape);
}

static cimc_builder_op pool(const cimc_builder *builder, cimc_qgemm_kind kind,
                            MlirValue x, const cimc_pads_window *window) {
  return (cimc_builder_op){
      .kind = kind,
      .operands = {x},
      .operand_count = 1,
      .attributes = {cimc_builder_i64s(builder, "kernel", 2, window->kernel),
                     cimc_builder_i64s(builder, "strides", 2, window->strides),
                     cimc_builder_i64s(builder, "pads", 4, window->pads)},
      .attribute_count = 3};
}

static MlirLogicalResult read_pool(cimc_call *call, const cimc_shape *shape,
                                   cimc_pads_window *window) {
  CIMC_TRY(cimc_pads_read(call, shape, NULL, window));
  if (window->dilations[0] != 1 || window->dilations[1] != 1)
    return cimc_call_refuse(call, "dilations other than 1");
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_window_max_pool(cimc_call *call) {
  MlirValue x;
  cimc_pads_window window;
  CIMC_TRY(max_input(call, &x));
  CIMC_TRY(read_pool(call, cimc_call_shape(call, 0), &window));
  window.pads[2] += window.extra[0];
  window.pads[3] += window.extra[1];
  cimc_builder_op op = pool(&call->builder, CIMC_QGEMM_MAX_POOL2D, x, &window);
  return define_max(call, cimc_builder_create(&call->builder, &op));
}

bool cimc_ops_window_is_whole(cimc_call *call, const cimc_shape *shape) {
  const cimc_proto_attribute *kernel =
      cimc_call_attribute(call, "kernel_shape");
  const cimc_proto_attribute *pads = cimc_call_attribute(call, "pads");
  if (!kernel || (int64_t)kernel->int_count != shape->rank - 2)
    return false;
  for (int i = 2; i < shape->rank; i++)
    if (kernel->ints[i - 2] != shape->dim[i])
      return false;
  for (size_t i = 0; pads && i < pads->int_count; i++)
    if (pads->ints[i] != 0)
      return false;
  return true;
}

static MlirValue explicit_pad(const cimc_builder *builder, MlirValue x,
                              const int64_t *pads) {
  int64_t low[] = {0, pads[0], pads[1], 0};
  int64_t high[] = {0, pads[2], pads[3], 0};
  return cimc_builder_create(
      builder, &(cimc_builder_op){
                   .kind = CIMC_QGEMM_PAD,
                   .operands = {x},
                   .operand_count = 1,
                   .attributes = {cimc_builder_i64s(builder, "low", 4, low),
                                  cimc_builder_i64s(builder, "high", 4, high),
                                  cimc_builder_f32(builder, "value", 0.0f)},
                   .attribute_count = 3});
}

// What ceil_mode adds never counts, the pads themselves do when
// count_include_pad says so: they then become an explicit qgemm.pad.
MlirLogicalResult cimc_ops_window_emit_average(cimc_call *call,
                                               const cimc_ops_average *how,
                                               MlirValue *out) {
  MlirValue x = how->x;
  cimc_pads_window window;
  int64_t count_pads = 0;
  CIMC_TRY(read_pool(call, how->shape, &window));
  CIMC_TRY(cimc_call_i64(call, "count_include_pad", &count_pads));
  const cimc_builder *builder = &call->builder;
  bool extra = window.extra[0] > 0 || window.extra[1] > 0;
  if (count_pads != 0 && extra) {
    x = explicit_pad(builder, x, window.pads);
    memset(window.pads, 0, sizeof window.pads);
    count_pads = 0;
  }
  window.pads[2] += window.extra[0];
  window.pads[3] += window.extra[1];
  cimc_builder_op op = pool(builder, CIMC_QGEMM_AVG_POOL2D, x, &window);
  op.element = how->element;
  op.attributes[op.attribute_count++] =
      cimc_builder_bool(builder, "count_include_pad", count_pads != 0);
  *out = cimc_builder_create(builder, &op);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_window_average_pool(cimc_call *call) {
  MlirValue x, result;
  CIMC_TRY(input_last(call, &x));
  cimc_ops_average how = {.x = x, .shape = cimc_call_shape(call, 0)};
  CIMC_TRY(cimc_ops_window_emit_average(call, &how, &result));
  return define_first(call, result);
}

MlirLogicalResult cimc_ops_window_global_max(cimc_call *call) {
  MlirValue x;
  CIMC_TRY(max_input(call, &x));
  cimc_shape shape = cimc_builder_shape(x);
  cimc_pads_window window = {.kernel = {shape.dim[1], shape.dim[2]},
                             .strides = {1, 1}};
  cimc_builder_op op = pool(&call->builder, CIMC_QGEMM_MAX_POOL2D, x, &window);
  return define_max(call, cimc_builder_create(&call->builder, &op));
}

MlirLogicalResult cimc_ops_window_global_average(cimc_call *call) {
  MlirValue x;
  CIMC_TRY(input_last(call, &x));
  return define_first(
      call, cimc_builder_create(
                &call->builder,
                &(cimc_builder_op){.kind = CIMC_QGEMM_GLOBAL_AVG_POOL2D,
                                   .operands = {x},
                                   .operand_count = 1}));
}
