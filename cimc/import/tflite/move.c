// SPDX-License-Identifier: Apache-2.0
//
// Elements moved about.
#include "cimc/import/tflite/move.h"

#include "cimc/import/tflite/weights.h"

MlirValue cimc_lite_move_pick(const cimc_lite_call *call, MlirValue x,
                              int64_t axis, const cimc_shape *count,
                              const int32_t *at) {
  const cimc_builder *builder = &call->builder;
  MlirValue indices = cimc_lite_weights_i32(call, count, at);
  return cimc_builder_create(
      builder, &(cimc_builder_op){
                   .kind = CIMC_QGEMM_GATHER,
                   .operands = {x, indices},
                   .operand_count = 2,
                   .attributes = {cimc_builder_i64(builder, "axis", axis)},
                   .attribute_count = 1});
}

cimc_lite_range cimc_lite_range_all(const cimc_shape *shape) {
  cimc_lite_range range = {.start = {0}};
  for (int i = 0; i < shape->rank; i++) {
    range.size[i] = shape->dim[i];
    range.step[i] = 1;
  }
  return range;
}

MlirValue cimc_lite_move_slice(const cimc_lite_call *call, MlirValue x,
                               const cimc_lite_range *range) {
  const cimc_builder *builder = &call->builder;
  if (mlirValueIsNull(x))
    return x;
  cimc_shape shape = cimc_builder_shape(x);
  bool all = true;
  for (int i = 0; i < shape.rank; i++)
    all &= range->start[i] == 0 && range->step[i] == 1 &&
           range->size[i] == shape.dim[i];
  if (all)
    return x;
  return cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = CIMC_QGEMM_SLICE,
          .operands = {x},
          .operand_count = 1,
          .attributes =
              {cimc_builder_i64s(builder, "starts", shape.rank, range->start),
               cimc_builder_i64s(builder, "sizes", shape.rank, range->size),
               cimc_builder_i64s(builder, "steps", shape.rank, range->step)},
          .attribute_count = 3});
}

MlirValue cimc_lite_move_pad(const cimc_lite_call *call, MlirValue x,
                             const int64_t *low, const int64_t *high,
                             float value) {
  const cimc_builder *builder = &call->builder;
  if (mlirValueIsNull(x))
    return x;
  int rank = cimc_builder_shape(x).rank;
  bool none = true;
  for (int i = 0; i < rank; i++)
    none &= low[i] == 0 && high[i] == 0;
  if (none)
    return x;
  return cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = CIMC_QGEMM_PAD,
          .operands = {x},
          .operand_count = 1,
          .attributes = {cimc_builder_i64s(builder, "low", rank, low),
                         cimc_builder_i64s(builder, "high", rank, high),
                         cimc_builder_f32(builder, "value", value)},
          .attribute_count = 3});
}

// Of more operands than an op has, groups; twice is enough for a list.
MlirValue cimc_lite_move_concat(const cimc_lite_call *call,
                                const MlirValue *values, size_t count,
                                int64_t axis) {
  const cimc_builder *builder = &call->builder;
  MlirValue whole = {NULL};
  for (size_t i = 0; i < count;) {
    cimc_builder_op op = {
        .kind = CIMC_QGEMM_CONCAT,
        .attributes = {cimc_builder_i64(builder, "axis", axis)},
        .attribute_count = 1};
    if (i > 0)
      op.operands[op.operand_count++] = whole;
    while (i < count && op.operand_count < CIMC_BUILDER_OPERANDS_MAX)
      op.operands[op.operand_count++] = values[i++];
    whole = op.operand_count == 1 ? op.operands[0]
                                  : cimc_builder_create(builder, &op);
  }
  return whole;
}

MlirValue cimc_lite_move_reshape(const cimc_lite_call *call, MlirValue x,
                                 const cimc_shape *shape) {
  cimc_shape held = *shape;
  if (held.rank == 0)
    held = (cimc_shape){.rank = 1, .dim = {1}};
  return cimc_builder_reshape(&call->builder, x, &held);
}
