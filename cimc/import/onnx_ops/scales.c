// SPDX-License-Identifier: Apache-2.0
//
// Quantized types from constant scales. Integer tensors keep their plain type
// between nodes, with a storage_cast on either side of an op, which
// canonicalize removes.
#include "cimc/import/onnx_ops/scales.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

// -- Reading -----------------------------------------------------------------
MlirLogicalResult cimc_scales_read(cimc_call *call, size_t input,
                                   cimc_scales *out) {
  *out = (cimc_scales){.elem = CIMC_ELEM_UNDEFINED, .axis = 1};
  CIMC_TRY(cimc_call_constant(call, input, "the scale", &out->scale));
  if (out->scale->elem != CIMC_ELEM_FLOAT)
    return cimc_call_refuse(call, "a scale of type %s",
                            cimc_proto_elem_name(out->scale->stored));
  if (!cimc_call_has_input(call, input + 1))
    return mlirLogicalResultSuccess();
  CIMC_TRY(
      cimc_call_constant(call, input + 1, "the zero point", &out->zero_point));
  out->elem = out->zero_point->elem;
  return mlirLogicalResultSuccess();
}

// One zero point may serve many scales.
static int64_t zero_point(const cimc_scales *scales, int64_t i) {
  int64_t more = scales->flipped ? 128 : 0;
  if (!scales->zero_point)
    return more;
  return cimc_tensor_i64(scales->zero_point,
                         scales->zero_point->count == 1 ? 0 : i) +
         more;
}

static MlirLogicalResult check_channel(cimc_call *call,
                                       const cimc_scales *scales, int64_t i) {
  float scale = cimc_tensor_f32(scales->scale, i);
  if (!(isnormal(scale) && scale > 0.0f)) {
    cimc_call_error(call,
                    "the scale of channel %" PRId64 " is %g; expected a "
                    "normal number above 0",
                    i, (double)scale);
    cimc_call_note(call, "a channel whose weights are all zero may have any "
                         "scale, for example 1");
    return mlirLogicalResultFailure();
  }
  int64_t zero = zero_point(scales, i);
  if (scales->elem == CIMC_ELEM_INT32 && zero != 0)
    return cimc_call_error(
        call, "the zero point of int32 is %" PRId64 "; expected 0", zero);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult check(cimc_call *call, const cimc_scales *scales) {
  int64_t count = scales->scale->count;
  if (scales->scale->shape.rank > 1 && count > 1)
    return cimc_call_refuse(call, "a scale of rank %d",
                            scales->scale->shape.rank);
  if (count < 1)
    return cimc_call_error(call, "the scale has no elements; expected some");
  if (scales->zero_point && scales->zero_point->count != count &&
      scales->zero_point->count != 1)
    return cimc_call_error(call,
                           "%" PRId64 " zero points for %" PRId64
                           " scales; expected as many",
                           scales->zero_point->count, count);
  for (int64_t i = 0; i < count; i++)
    CIMC_TRY(check_channel(call, scales, i));
  return mlirLogicalResultSuccess();
}

// -- Types -------------------------------------------------------------------
static MlirLogicalResult axis_type(cimc_call *call, const cimc_scales *from,
                                   const cimc_shape *shape, MlirType *out) {
  int64_t axis = from->axis, count = from->scale->count;
  CIMC_TRY(cimc_call_axis(call, shape->rank, &axis));
  if (shape->dim[axis] != count)
    return cimc_call_error(call,
                           "%" PRId64 " scales for the %" PRId64
                           " elements of axis %" PRId64
                           "; expected as many, or one",
                           count, shape->dim[axis], axis);
  float *scales = calloc((size_t)count, sizeof *scales);
  int32_t *zeros = calloc((size_t)count, sizeof *zeros);
  *out = (MlirType){NULL};
  if (scales && zeros) {
    for (int64_t i = 0; i < count; i++) {
      scales[i] = cimc_tensor_f32(from->scale, i);
      zeros[i] = (int32_t)zero_point(from, i);
    }
    *out = cimc_qgemm_quant_axis_type(
        call->builder.context, cimc_call_storage(from->elem),
        &(cimc_axis_scales){(int)axis, count, scales, zeros});
  }
  free(scales);
  free(zeros);
  return mlirTypeIsNull(*out)
             ? cimc_call_error(call, "there is not enough memory")
             : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_scales_type(cimc_call *call, const cimc_scales *scales,
                                   const cimc_shape *shape, MlirType *out) {
  cimc_storage storage = cimc_call_storage(scales->elem);
  if (storage == CIMC_STORAGE_OTHER || storage == CIMC_STORAGE_F32 ||
      storage == CIMC_STORAGE_I64)
    return cimc_call_refuse(call, "integers of type %s",
                            cimc_proto_elem_name(scales->elem));
  CIMC_TRY(check(call, scales));
  if (scales->scale->count > 1)
    return axis_type(call, scales, shape, out);
  *out = cimc_qgemm_quant_type(call->builder.context, storage,
                               cimc_tensor_f32(scales->scale, 0),
                               (int32_t)zero_point(scales, 0));
  return mlirLogicalResultSuccess();
}

// -- Values ------------------------------------------------------------------
static MlirLogicalResult constant(cimc_call *call,
                                  const cimc_graph_value *value,
                                  MlirType element, MlirValue *out) {
  const cimc_tensor *tensor = value->constant;
  size_t size = cimc_tensor_elem_bytes(tensor->elem);
  if (tensor->count == 0)
    return cimc_call_error(call, "'%s' has no elements; expected some",
                           value->name);
  if (!cimc_tensor_charge(call->source, tensor->count, size))
    return mlirLogicalResultFailure();
  cimc_shape shape = tensor->shape;
  if (shape.rank == 0)
    shape = (cimc_shape){.rank = 1, .dim = {1}};
  cimc_builder builder = call->builder;
  builder.location =
      cimc_ir_node_location(builder.context, call->source->file, value->name);
  *out = cimc_builder_constant(&builder, cimc_ir_tensor_type(&shape, element),
                               tensor->data, (size_t)tensor->count * size);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_scales_view(cimc_call *call, size_t i, MlirType element,
                                   MlirValue *out) {
  const cimc_tensor *tensor;
  MlirValue x;
  CIMC_TRY(cimc_call_tensor(call, i, &tensor));
  if (tensor)
    return constant(call, cimc_call_input(call, i), element, out);
  CIMC_TRY(cimc_call_operand(call, i, &x));
  *out =
      cimc_builder_convert(&call->builder, CIMC_QGEMM_STORAGE_CAST, x, element);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_scales_operand(cimc_call *call, size_t i, size_t scale,
                                      int64_t axis, MlirValue *out) {
  cimc_scales scales;
  const cimc_tensor *tensor;
  MlirType type;
  CIMC_TRY(cimc_call_tensor(call, i, &tensor)); // reports one left out
  CIMC_TRY(cimc_scales_read(call, scale, &scales));
  int64_t elem = cimc_call_input(call, i)->elem;
  scales.flipped = cimc_call_input(call, i)->flipped;
  int64_t wanted = scales.flipped ? CIMC_ELEM_INT8 : elem;
  if (scales.zero_point && scales.elem != wanted)
    return cimc_call_error(
        call, "input %zu is %s but its zero point is %s; expected the same", i,
        cimc_proto_elem_name(wanted), cimc_proto_elem_name(scales.elem));
  scales.elem = elem;
  scales.axis = axis;
  CIMC_TRY(cimc_scales_type(call, &scales, cimc_call_shape(call, i), &type));
  return cimc_scales_view(call, i, type, out);
}

MlirLogicalResult cimc_scales_remember(cimc_call *call, int64_t axis) {
  cimc_scales scales;
  const cimc_tensor *numbers;
  CIMC_TRY(cimc_call_tensor(call, 0, &numbers));
  if (!numbers || !cimc_call_has_output(call, 0))
    return mlirLogicalResultSuccess();
  CIMC_TRY(cimc_scales_read(call, 1, &scales));
  if (scales.scale->count > 1)
    CIMC_TRY(cimc_call_axis(call, numbers->shape.rank, &axis));
  cimc_graph_steps *steps =
      cimc_arena_alloc(call->source->arena, 1, sizeof *steps);
  if (!steps)
    return cimc_call_error(call, "the model needs more memory than is allowed");
  *steps = (cimc_graph_steps){numbers, scales.scale, scales.zero_point, axis};
  call->values[call->node->outputs[0]].steps = steps;
  return mlirLogicalResultSuccess();
}

const cimc_tensor *cimc_scales_fold(cimc_call *call,
                                    const cimc_graph_steps *steps) {
  unsigned char *data;
  const cimc_tensor *zero = steps->zero_point;
  const cimc_shape *shape = &steps->numbers->shape;
  int64_t channels = steps->scale->count, inner = 1;
  cimc_tensor *out =
      cimc_tensor_create(call->source, CIMC_ELEM_FLOAT, shape, &data);
  for (int64_t d = steps->axis + 1; channels > 1 && d < shape->rank; d++)
    inner *= shape->dim[d];
  for (int64_t i = 0; out && i < out->count; i++) {
    int64_t c = i / inner % channels;
    int64_t z = zero ? cimc_tensor_i64(zero, zero->count == 1 ? 0 : c) : 0;
    float number = (float)(cimc_tensor_i64(steps->numbers, i) - z);
    cimc_tensor_put_f32(data, i, number * cimc_tensor_f32(steps->scale, c));
  }
  return out;
}

MlirLogicalResult cimc_scales_result(cimc_call *call, size_t scale,
                                     int64_t elem, MlirType *out) {
  cimc_scales scales;
  CIMC_TRY(cimc_scales_read(call, scale, &scales));
  if (!scales.zero_point)
    scales.elem = elem;
  if (scales.scale->count > 1)
    return cimc_call_refuse(call, "a result with a scale per channel");
  return cimc_scales_type(call, &scales, &scales.scale->shape, out);
}

MlirLogicalResult cimc_scales_define(cimc_call *call, MlirValue value,
                                     const cimc_shape *shape) {
  if (mlirValueIsNull(value))
    return mlirLogicalResultFailure();
  cimc_storage storage = cimc_qgemm_element(mlirValueGetType(value)).storage;
  value =
      cimc_builder_convert(&call->builder, CIMC_QGEMM_STORAGE_CAST, value,
                           cimc_storage_type(call->builder.context, storage));
  return cimc_call_define_shape(call, value, cimc_call_elem(storage), shape);
}
