// SPDX-License-Identifier: Apache-2.0
//
// Convolution and pooling. ONNX is channels-first and qgemm channels-last:
// each op stands between two transposes, which canonicalize removes. What has
// one spatial dimension is reshaped to have two.
#include "cimc/import/onnx/ops.h"
#include "cimc/import/onnx/pads.h"
#include "cimc/import/onnx/weights.h"

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

// The input, channels last, after checking its rank.
static MlirLogicalResult input_last(cimc_call *call, MlirValue *out) {
  MlirValue x;
  CIMC_TRY(cimc_call_f32(call, 0, &x));
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

// Defines the output from a channels-last result.
static MlirLogicalResult define_first(cimc_call *call, MlirValue result) {
  const cimc_builder *builder = &call->builder;
  result = cimc_builder_transpose(builder, result, to_first);
  if (!mlirValueIsNull(result) && cimc_call_shape(call, 0)->rank == 3) {
    cimc_shape four = cimc_builder_shape(result);
    cimc_shape three = {.rank = 3,
                        .dim = {four.dim[0], four.dim[1], four.dim[3]}};
    result = cimc_builder_reshape(builder, result, &three);
  }
  return cimc_call_define(call, result, CIMC_ELEM_FLOAT);
}

// -- Conv --------------------------------------------------------------------
static MlirLogicalResult check_weights(cimc_call *call) {
  if (!cimc_call_has_input(call, 1))
    return cimc_call_error(call, "input 1, the weights, is left out; expected "
                                 "it");
  const cimc_shape *weights = cimc_call_shape(call, 1);
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

static MlirLogicalResult check_channels(cimc_call *call, int64_t groups) {
  const cimc_shape *weights = cimc_call_shape(call, 1);
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

static MlirLogicalResult emit_conv(cimc_call *call, MlirValue x,
                                   const cimc_pads_window *window,
                                   int64_t groups) {
  MlirValue weights, bias = {NULL};
  cimc_weights_form form = {.shape = with_height(cimc_call_shape(call, 1)),
                            .perm = to_last,
                            .factor = 1.0f};
  CIMC_TRY(cimc_weights_emit(call, 1, &form, &weights));
  bool has_bias = cimc_call_has_input(call, 2);
  if (has_bias)
    CIMC_TRY(cimc_call_f32(call, 2, &bias));
  const cimc_builder *builder = &call->builder;
  return define_first(
      call, cimc_builder_create(
                builder,
                &(cimc_builder_op){
                    .kind = CIMC_QGEMM_CONV2D,
                    .operands = {x, weights, bias},
                    .operand_count = has_bias ? 3 : 2,
                    .attributes = {cimc_builder_i64s(builder, "strides", 2,
                                                     window->strides),
                                   cimc_builder_i64s(builder, "pads", 4,
                                                     window->pads),
                                   cimc_builder_i64s(builder, "dilations", 2,
                                                     window->dilations),
                                   cimc_builder_i64(builder, "groups", groups)},
                    .attribute_count = 4}));
}

MlirLogicalResult cimc_ops_window_conv(cimc_call *call) {
  int64_t groups = 1;
  MlirValue x;
  cimc_pads_window window;
  CIMC_TRY(input_last(call, &x));
  CIMC_TRY(check_weights(call));
  CIMC_TRY(cimc_call_i64(call, "group", &groups));
  CIMC_TRY(check_channels(call, groups));
  CIMC_TRY(cimc_pads_read(call, cimc_call_shape(call, 0),
                          &cimc_call_shape(call, 1)->dim[2], &window));
  return emit_conv(call, x, &window, groups);
}

// -- Pools -------------------------------------------------------------------
static MlirValue pool(const cimc_builder *builder, cimc_qgemm_kind kind,
                      MlirValue x, const cimc_pads_window *window,
                      bool count_pads) {
  cimc_builder_op op = {
      .kind = kind,
      .operands = {x},
      .operand_count = 1,
      .attributes = {cimc_builder_i64s(builder, "kernel", 2, window->kernel),
                     cimc_builder_i64s(builder, "strides", 2, window->strides),
                     cimc_builder_i64s(builder, "pads", 4, window->pads)},
      .attribute_count = 3};
  if (kind == CIMC_QGEMM_AVG_POOL2D)
    op.attributes[op.attribute_count++] =
        cimc_builder_bool(builder, "count_include_pad", count_pads);
  return cimc_builder_create(builder, &op);
}

static MlirLogicalResult read_pool(cimc_call *call, MlirValue *out_x,
                                   cimc_pads_window *window) {
  CIMC_TRY(input_last(call, out_x));
  CIMC_TRY(cimc_pads_read(call, cimc_call_shape(call, 0), NULL, window));
  if (window->dilations[0] != 1 || window->dilations[1] != 1)
    return cimc_call_refuse(call, "dilations other than 1");
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_window_max_pool(cimc_call *call) {
  MlirValue x;
  cimc_pads_window window;
  CIMC_TRY(read_pool(call, &x, &window));
  window.pads[2] += window.extra[0];
  window.pads[3] += window.extra[1];
  return define_first(
      call, pool(&call->builder, CIMC_QGEMM_MAX_POOL2D, x, &window, false));
}

// What ceil_mode adds never counts, the pads themselves do when
// count_include_pad says so: they then become an explicit qgemm.pad.
MlirLogicalResult cimc_ops_window_average_pool(cimc_call *call) {
  MlirValue x;
  cimc_pads_window window;
  int64_t count_pads = 0;
  CIMC_TRY(read_pool(call, &x, &window));
  CIMC_TRY(cimc_call_i64(call, "count_include_pad", &count_pads));
  const cimc_builder *builder = &call->builder;
  bool extra = window.extra[0] > 0 || window.extra[1] > 0;
  if (count_pads != 0 && extra) {
    int64_t low[] = {0, window.pads[0], window.pads[1], 0};
    int64_t high[] = {0, window.pads[2], window.pads[3], 0};
    x = cimc_builder_create(
        builder, &(cimc_builder_op){
                     .kind = CIMC_QGEMM_PAD,
                     .operands = {x},
                     .operand_count = 1,
                     .attributes = {cimc_builder_i64s(builder, "low", 4, low),
                                    cimc_builder_i64s(builder, "high", 4, high),
                                    cimc_builder_f32(builder, "value", 0.0f)},
                     .attribute_count = 3});
    memset(window.pads, 0, sizeof window.pads);
    count_pads = 0;
  }
  window.pads[2] += window.extra[0];
  window.pads[3] += window.extra[1];
  return define_first(
      call, pool(builder, CIMC_QGEMM_AVG_POOL2D, x, &window, count_pads != 0));
}

MlirLogicalResult cimc_ops_window_global_max(cimc_call *call) {
  MlirValue x;
  CIMC_TRY(input_last(call, &x));
  cimc_shape shape = cimc_builder_shape(x);
  cimc_pads_window window = {.kernel = {shape.dim[1], shape.dim[2]},
                             .strides = {1, 1}};
  return define_first(
      call, pool(&call->builder, CIMC_QGEMM_MAX_POOL2D, x, &window, false));
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
