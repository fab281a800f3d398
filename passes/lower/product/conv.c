// SPDX-License-Identifier: Apache-2.0
//
// conv2d and conv2d_add: an implicit GEMM over NHWC. No im2col buffer: K is
// walked in segments that lie contiguous in the input, one per kernel row (or
// one per tap, when dilated or grouped). Padding needs a padded copy of the
// input; a 1x1 convolution reads the input itself.
#include "passes/lower/kernels.h"

#include "passes/lower/product/depthwise.h"
#include "passes/lower/product/micro.h"
#include "passes/lower/product/padding.h"

static MlirValue residual_of(cimc_lower *state, MlirOperation op) {
  if (cimc_qgemm_kind_of(op) != CIMC_QGEMM_CONV2D_ADD)
    return (MlirValue){NULL};
  return cimc_lower_value(state, mlirOperationGetOperand(op, 3));
}

static cimc_micro describe(const cimc_conv_shape *s, int64_t size,
                           cimc_tile tile) {
  const cimc_window *w = &s->window;
  int64_t pixel = s->channels * size, row = s->read_width * pixel;
  cimc_micro micro = {.images = s->batch,
                      .rows = s->out_height,
                      .columns = s->out_width,
                      .image_stride = s->read_height * row,
                      .row_stride = w->strides[0] * row,
                      .column_stride = w->strides[1] * pixel,
                      .outer = w->kernel[0],
                      .outer_stride = w->dilations[0] * row,
                      .inner = w->kernel[1],
                      .inner_stride = w->dilations[1] * pixel,
                      .length = s->channels / w->groups,
                      .over_read = s->padded,
                      .channels = s->out_channels / w->groups,
                      .out_channels = s->out_channels,
                      .mr = tile.mr,
                      .nr = tile.nr};
  if (w->groups == 1 && (w->dilations[1] == 1 || w->kernel[1] == 1)) {
    micro.length *= micro.inner; // a kernel row is contiguous
    micro.inner = 1;
  }
  return micro;
}

// Moves a pointer on by `bytes` for each group.
static MlirValue group_pointer(cimc_build *b, MlirValue pointer,
                               MlirValue group, int64_t bytes) {
  if (mlirValueIsNull(pointer))
    return pointer;
  MlirValue scaled = cimc_build_mul(b, group, cimc_build_index(b, bytes));
  return cimc_build_offset(b, pointer, scaled);
}

static void emit_groups(cimc_lower *state, const cimc_micro *micro,
                        const cimc_micro_call *call, int64_t groups) {
  cimc_build *b = cimc_lower_entry(state);
  const cimc_packed *packed = call->packed;
  cimc_finish finish = cimc_finish_of(call->op);
  int64_t lanes = packed->vectors * packed->packing.lanes;
  cimc_loop loop = cimc_build_repeat(b, groups, 1);
  cimc_micro_call one = *call;
  one.in =
      group_pointer(b, call->in, loop.iv,
                    micro->length * cimc_storage_bytes(packed->packing.in));
  one.out = group_pointer(b, call->out, loop.iv,
                          micro->channels * cimc_storage_bytes(finish.out));
  one.residual =
      group_pointer(b, call->residual, loop.iv,
                    micro->channels * cimc_storage_bytes(finish.residual));
  one.weights = group_pointer(b, call->weights, loop.iv,
                              packed->vectors * packed->packing.panel);
  one.bias = group_pointer(b, call->bias, loop.iv, lanes * 4);
  one.scale = group_pointer(b, call->scale, loop.iv,
                            lanes * cimc_finish_scale_bytes(&finish));
  cimc_micro_emit(state, micro, &one);
  cimc_build_end_for(b, &loop, NULL);
}

static MlirLogicalResult lower_matrix(cimc_lower *state, MlirOperation op,
                                      const cimc_conv_shape *shape,
                                      MlirValue in) {
  cimc_element element =
      cimc_qgemm_element(mlirValueGetType(mlirOperationGetOperand(op, 0)));
  int64_t size = cimc_storage_bytes(element.storage);
  cimc_micro micro = describe(shape, size, cimc_geometry_tile(op));
  cimc_matrix matrix = {.op = op,
                        .channels = micro.channels,
                        .groups = shape->window.groups,
                        .segments = micro.outer * micro.inner,
                        .length = micro.length,
                        .n_stride = micro.outer * micro.inner * micro.length,
                        .k_stride = 1};
  cimc_packed packed;
  CIMC_TRY(cimc_pack_weights(state, &matrix, &packed));
  if (shape->padded) {
    in = cimc_padding_copy(state, op, shape, in, packed.packing.flip);
    micro.flipped = packed.packing.flip;
  }
  cimc_micro_call call = {
      .op = op,
      .name = "conv2d",
      .packed = &packed,
      .in = in,
      .out = cimc_lower_value(state, mlirOperationGetResult(op, 0)),
      .residual = residual_of(state, op),
      .weights = packed.weights,
      .bias = packed.bias,
      .scale = packed.scale};
  if (mlirValueIsNull(in) || mlirValueIsNull(call.out))
    return mlirLogicalResultFailure();
  if (matrix.groups == 1)
    cimc_micro_emit(state, &micro, &call);
  else
    emit_groups(state, &micro, &call, matrix.groups);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_conv_lower(cimc_lower *state, MlirOperation op) {
  cimc_conv_shape shape = cimc_geometry_conv(op);
  MlirValue in = cimc_lower_value(state, mlirOperationGetOperand(op, 0));
  if (mlirValueIsNull(in))
    return mlirLogicalResultFailure();
  if (!cimc_depthwise_accepts(&shape))
    return lower_matrix(state, op, &shape, in);
  if (shape.padded)
    in = cimc_padding_copy(state, op, &shape, in, false);
  if (mlirValueIsNull(in))
    return mlirLogicalResultFailure();
  return cimc_depthwise_lower(state, op, &shape, in);
}
