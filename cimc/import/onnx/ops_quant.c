// SPDX-License-Identifier: Apache-2.0
//
// QuantizeLinear and DequantizeLinear. The scales become a quantized type; the
// integer tensors between the two keep their plain type, with storage_cast on
// either side, which canonicalize removes.
#include "cimc/import/onnx/ops.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

typedef struct quantization {
  const cimc_tensor *scale;
  const cimc_tensor *zero_point; // null: zero
  int64_t stored;                // ONNX's type of the integers
  int64_t elem;                  // as cimc holds it
  int64_t axis;                  // of a per-axis quantization
} quantization;

static MlirLogicalResult read_parameters(cimc_call *call, quantization *out) {
  int64_t block = 0, precision = 0;
  out->axis = 1;
  CIMC_TRY(cimc_call_i64(call, "axis", &out->axis));
  CIMC_TRY(cimc_call_i64(call, "block_size", &block));
  CIMC_TRY(cimc_call_i64(call, "precision", &precision));
  if (block != 0)
    return cimc_call_refuse(call, "scales per block");
  if (precision != 0 && precision != CIMC_ELEM_FLOAT)
    return cimc_call_refuse(call, "precision %s",
                            cimc_proto_elem_name(precision));
  CIMC_TRY(cimc_call_constant(call, 1, "the scale", &out->scale));
  if (out->scale->elem != CIMC_ELEM_FLOAT)
    return cimc_call_refuse(call, "a scale of type %s",
                            cimc_proto_elem_name(out->scale->stored));
  if (cimc_call_has_input(call, 2))
    CIMC_TRY(cimc_call_constant(call, 2, "the zero point", &out->zero_point));
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult check_channel(cimc_call *call, const quantization *q,
                                       int64_t i) {
  float scale = cimc_tensor_f32(q->scale, i);
  if (!(isnormal(scale) && scale > 0.0f)) {
    cimc_call_error(call,
                    "the scale of channel %" PRId64 " is %g; expected a "
                    "normal number above 0",
                    i, (double)scale);
    cimc_call_note(call, "a channel whose weights are all zero may have any "
                         "scale, for example 1");
    return mlirLogicalResultFailure();
  }
  int64_t zero = q->zero_point ? cimc_tensor_i64(q->zero_point, i) : 0;
  if (q->elem == CIMC_ELEM_INT32 && zero != 0)
    return cimc_call_error(
        call, "the zero point of int32 is %" PRId64 "; expected 0", zero);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult check_parameters(cimc_call *call,
                                          const quantization *q) {
  int64_t count = q->scale->count;
  if (q->scale->shape.rank > 1)
    return cimc_call_refuse(call, "a scale of rank %d", q->scale->shape.rank);
  if (count < 1)
    return cimc_call_error(call, "the scale has no elements; expected some");
  if (q->zero_point && q->zero_point->count != count)
    return cimc_call_error(call,
                           "%" PRId64 " zero points for %" PRId64
                           " scales; expected as many",
                           q->zero_point->count, count);
  for (int64_t i = 0; i < count; i++)
    CIMC_TRY(check_channel(call, q, i));
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult axis_type(cimc_call *call, const quantization *q,
                                   cimc_storage storage, MlirType *out) {
  const cimc_shape *shape = cimc_call_shape(call, 0);
  int64_t axis = q->axis, count = q->scale->count;
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
      scales[i] = cimc_tensor_f32(q->scale, i);
      zeros[i] = q->zero_point ? (int32_t)cimc_tensor_i64(q->zero_point, i) : 0;
    }
    *out = cimc_qgemm_quant_axis_type(
        call->builder.context, storage,
        &(cimc_axis_scales){(int)axis, count, scales, zeros});
  }
  free(scales);
  free(zeros);
  return mlirTypeIsNull(*out)
             ? cimc_call_error(call, "there is not enough memory")
             : mlirLogicalResultSuccess();
}

// The quantized element type; one scale, also in a list of one, is per tensor.
static MlirLogicalResult element_type(cimc_call *call, const quantization *q,
                                      MlirType *out) {
  cimc_storage storage = cimc_call_storage(q->elem);
  if (storage == CIMC_STORAGE_OTHER || storage == CIMC_STORAGE_F32)
    return cimc_call_refuse(call, "integers of type %s",
                            cimc_proto_elem_name(q->stored));
  CIMC_TRY(check_parameters(call, q));
  if (q->scale->count > 1)
    return axis_type(call, q, storage, out);
  int64_t zero = q->zero_point ? cimc_tensor_i64(q->zero_point, 0) : 0;
  *out = cimc_qgemm_quant_type(call->builder.context, storage,
                               cimc_tensor_f32(q->scale, 0), (int32_t)zero);
  return mlirLogicalResultSuccess();
}

// -- QuantizeLinear ----------------------------------------------------------
static MlirLogicalResult quantized_to(cimc_call *call, quantization *q) {
  int64_t wanted = 0;
  CIMC_TRY(cimc_call_i64(call, "output_dtype", &wanted));
  q->stored = q->zero_point ? q->zero_point->stored
              : wanted      ? wanted
                            : CIMC_ELEM_UINT8;
  if (wanted != 0 && wanted != q->stored)
    return cimc_call_error(call, "output_dtype is %s but the zero point is %s",
                           cimc_proto_elem_name(wanted),
                           cimc_proto_elem_name(q->stored));
  q->elem = cimc_tensor_widened(q->stored);
  if (q->elem != q->stored) // four bits would have to saturate as such
    return cimc_call_refuse(call, "integers of type %s",
                            cimc_proto_elem_name(q->stored));
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_quant_quantize(cimc_call *call) {
  quantization q = {.scale = NULL};
  MlirValue x;
  MlirType type;
  CIMC_TRY(cimc_call_f32(call, 0, &x));
  CIMC_TRY(read_parameters(call, &q));
  CIMC_TRY(quantized_to(call, &q));
  CIMC_TRY(element_type(call, &q, &type));
  const cimc_builder *builder = &call->builder;
  x = cimc_builder_convert(builder, CIMC_QGEMM_QUANTIZE, x, type);
  x = cimc_builder_convert(
      builder, CIMC_QGEMM_STORAGE_CAST, x,
      cimc_storage_type(builder->context, cimc_call_storage(q.elem)));
  return cimc_call_define_shape(call, x, q.elem, cimc_call_shape(call, 0));
}

// -- DequantizeLinear --------------------------------------------------------
static MlirLogicalResult quantized_constant(cimc_call *call,
                                            const cimc_tensor *tensor,
                                            MlirType element, MlirValue *out) {
  cimc_graph_value *value = cimc_call_input(call, 0);
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

MlirLogicalResult cimc_ops_quant_dequantize(cimc_call *call) {
  quantization q = {.scale = NULL};
  const cimc_tensor *tensor;
  MlirValue x;
  MlirType type;
  int64_t wanted = 0;
  CIMC_TRY(cimc_call_tensor(call, 0, &tensor));
  CIMC_TRY(cimc_call_i64(call, "output_dtype", &wanted));
  if (wanted != 0 && wanted != CIMC_ELEM_FLOAT)
    return cimc_call_refuse(call, "output_dtype %s",
                            cimc_proto_elem_name(wanted));
  CIMC_TRY(read_parameters(call, &q));
  q.elem = q.stored = cimc_call_input(call, 0)->elem;
  if (q.zero_point && q.zero_point->elem != q.elem)
    return cimc_call_error(call,
                           "the input is %s but the zero point is %s; "
                           "expected the same",
                           cimc_proto_elem_name(q.elem),
                           cimc_proto_elem_name(q.zero_point->elem));
  CIMC_TRY(element_type(call, &q, &type));
  const cimc_builder *builder = &call->builder;
  if (tensor) {
    CIMC_TRY(quantized_constant(call, tensor, type, &x));
  } else {
    CIMC_TRY(cimc_call_operand(call, 0, &x));
    x = cimc_builder_convert(builder, CIMC_QGEMM_STORAGE_CAST, x, type);
  }
  x = cimc_builder_convert(builder, CIMC_QGEMM_DEQUANTIZE, x,
                           mlirF32TypeGet(builder->context));
  return cimc_call_define_shape(call, x, CIMC_ELEM_FLOAT,
                                cimc_call_shape(call, 0));
}
