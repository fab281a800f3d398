// SPDX-License-Identifier: Apache-2.0
//
// QuantizeLinear and DequantizeLinear. Constants with a scale for each block
// are dequantized while importing.
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/scales.h"

#include <inttypes.h>

static MlirLogicalResult check_precision(cimc_call *call) {
  int64_t precision = 0;
  CIMC_TRY(cimc_call_i64(call, "precision", &precision));
  if (precision != 0 && precision != CIMC_ELEM_FLOAT)
    return cimc_call_refuse(call, "precision %s",
                            cimc_proto_elem_name(precision));
  return mlirLogicalResultSuccess();
}

// -- Scales known at run time ------------------------------------------------
// Whether the scale or zero point is only known at run time.
static MlirLogicalResult is_dynamic(cimc_call *call, bool *out) {
  const cimc_tensor *scale, *zero = NULL;
  CIMC_TRY(cimc_call_tensor(call, 1, &scale));
  *out = !scale;
  if (!cimc_call_has_input(call, 2))
    return mlirLogicalResultSuccess();
  CIMC_TRY(cimc_call_tensor(call, 2, &zero));
  *out = *out || !zero;
  return mlirLogicalResultSuccess();
}

// Input `i`, one element, as element type `to`.
static MlirLogicalResult number(cimc_call *call, size_t i, MlirType to,
                                MlirValue *out) {
  if (cimc_ir_element_count(cimc_call_shape(call, i)) != 1)
    return cimc_call_refuse(call, "several scales known at run time");
  CIMC_TRY(cimc_call_operand(call, i, out));
  cimc_shape one = {.rank = 1, .dim = {1}};
  *out = cimc_builder_reshape(&call->builder, *out, &one);
  if (!mlirTypeEqual(cimc_ir_element_type(mlirValueGetType(*out)), to))
    *out = cimc_builder_convert(&call->builder, CIMC_QGEMM_CAST, *out, to);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

// clamp(round(x / scale) + zero) in f32, which holds it exactly.
static MlirLogicalResult quantize_dynamically(cimc_call *call, MlirValue x) {
  const cimc_builder *builder = &call->builder;
  MlirType f32 = mlirF32TypeGet(builder->context);
  int64_t elem = CIMC_ELEM_UINT8;
  const cimc_tensor *point;
  MlirValue scale, zero;
  CIMC_TRY(cimc_call_i64(call, "output_dtype", &elem));
  CIMC_TRY(number(call, 1, f32, &scale));
  x = cimc_builder_binary(builder, CIMC_QGEMM_DIV, x, scale);
  x = cimc_builder_unary(builder, CIMC_QGEMM_ROUND, x);
  if (cimc_call_has_input(call, 2)) {
    CIMC_TRY(cimc_call_tensor(call, 2, &point));
    elem = point ? point->stored : cimc_call_input(call, 2)->elem;
    CIMC_TRY(number(call, 2, f32, &zero));
    x = cimc_builder_binary(builder, CIMC_QGEMM_ADD, x, zero);
  }
  cimc_storage storage = cimc_call_storage(elem);
  if (storage == CIMC_STORAGE_OTHER || cimc_storage_bytes(storage) > 2)
    return cimc_call_refuse(call, "integers of type %s",
                            cimc_proto_elem_name(elem));
  x = cimc_builder_convert(builder, CIMC_QGEMM_CAST, x, // saturates
                           cimc_storage_type(builder->context, storage));
  return cimc_call_define_shape(call, x, elem, cimc_call_shape(call, 0));
}

// (float)(x - zero) * scale
static MlirLogicalResult dequantize_dynamically(cimc_call *call) {
  const cimc_builder *builder = &call->builder;
  MlirType f32 = mlirF32TypeGet(builder->context);
  MlirType i32 = cimc_storage_type(builder->context, CIMC_STORAGE_I32);
  int64_t elem = cimc_call_input(call, 0)->elem;
  MlirValue x, scale, zero;
  CIMC_TRY(number(call, 1, f32, &scale));
  CIMC_TRY(cimc_call_operand(call, 0, &x));
  if (elem != CIMC_ELEM_INT32)
    x = cimc_builder_convert(builder, CIMC_QGEMM_CAST, x, i32);
  if (cimc_call_has_input(call, 2)) {
    CIMC_TRY(number(call, 2, i32, &zero));
    x = cimc_builder_binary(builder, CIMC_QGEMM_SUB, x, zero);
  }
  x = cimc_builder_convert(builder, CIMC_QGEMM_CAST, x, f32);
  return cimc_call_define_shape(
      call, cimc_builder_binary(builder, CIMC_QGEMM_MUL, x, scale),
      CIMC_ELEM_FLOAT, cimc_call_shape(call, 0));
}

// -- QuantizeLinear ----------------------------------------------------------
static MlirLogicalResult quantized_to(cimc_call *call, cimc_scales *scales) {
  int64_t wanted = 0, stored;
  CIMC_TRY(cimc_call_i64(call, "output_dtype", &wanted));
  stored = scales->zero_point ? scales->zero_point->stored
           : wanted           ? wanted
                              : CIMC_ELEM_UINT8;
  if (wanted != 0 && wanted != stored)
    return cimc_call_error(call, "output_dtype is %s but the zero point is %s",
                           cimc_proto_elem_name(wanted),
                           cimc_proto_elem_name(stored));
  scales->elem = cimc_tensor_widened(stored);
  if (scales->elem != stored) // four bits would have to saturate as such
    return cimc_call_refuse(call, "integers of type %s",
                            cimc_proto_elem_name(stored));
  return mlirLogicalResultSuccess();
}

// ONNX Runtime makes a signed tensor unsigned where one op alone reads it, by
// a DequantizeLinear: f32 sums with a zero point of 128 then round otherwise
// than with one of 0. So that all round alike, so does this.
static void flip(cimc_call *call, cimc_scales *scales) {
  if (!cimc_call_has_output(call, 0) || scales->elem != CIMC_ELEM_INT8 ||
      scales->scale->count > 1)
    return;
  cimc_graph_value *output = &call->values[call->node->outputs[0]];
  if (output->through != 1)
    return;
  scales->elem = CIMC_ELEM_UINT8;
  scales->flipped = output->flipped = true;
}

MlirLogicalResult cimc_ops_quant_quantize(cimc_call *call) {
  cimc_scales scales;
  int64_t block = 0;
  MlirValue x;
  MlirType type;
  CIMC_TRY(cimc_call_f32(call, 0, &x));
  CIMC_TRY(check_precision(call));
  CIMC_TRY(cimc_call_i64(call, "block_size", &block));
  if (block != 0)
    return cimc_call_refuse(call, "scales per block");
  bool dynamic;
  CIMC_TRY(is_dynamic(call, &dynamic));
  if (dynamic)
    return quantize_dynamically(call, x);
  CIMC_TRY(cimc_scales_read(call, 1, &scales));
  CIMC_TRY(cimc_call_i64(call, "axis", &scales.axis));
  CIMC_TRY(quantized_to(call, &scales));
  flip(call, &scales);
  const cimc_shape *shape = cimc_call_shape(call, 0);
  CIMC_TRY(cimc_scales_type(call, &scales, shape, &type));
  x = cimc_builder_convert(&call->builder, CIMC_QGEMM_QUANTIZE, x, type);
  return cimc_scales_define(call, x, shape);
}

// -- DequantizeLinear --------------------------------------------------------
static MlirLogicalResult check_output_type(cimc_call *call) {
  int64_t wanted = 0;
  CIMC_TRY(cimc_call_i64(call, "output_dtype", &wanted));
  if (wanted != 0 && wanted != CIMC_ELEM_FLOAT)
    return cimc_call_refuse(call, "output_dtype %s",
                            cimc_proto_elem_name(wanted));
  return check_precision(call);
}

// The scales of a tensor of which `block` elements along an axis share one:
// its shape, but for that axis.
static bool fits_blocks(const cimc_shape *of, const cimc_shape *whole,
                        int64_t axis, int64_t block) {
  cimc_shape wanted = *whole;
  wanted.dim[axis] = (whole->dim[axis] - 1) / block + 1;
  return cimc_ir_shape_equal(of, &wanted);
}

static void dequantize_blocks(const cimc_tensor *x, const cimc_scales *scales,
                              int64_t block, unsigned char *out) {
  int64_t length = x->shape.dim[scales->axis], inner = 1;
  int64_t blocks = scales->scale->shape.dim[scales->axis];
  for (int i = (int)scales->axis + 1; i < x->shape.rank; i++)
    inner *= x->shape.dim[i];
  for (int64_t i = 0; i < x->count; i++) {
    int64_t along = i / inner % length, outer = i / inner / length;
    int64_t at = (outer * blocks + along / block) * inner + i % inner;
    int64_t zero =
        scales->zero_point ? cimc_tensor_i64(scales->zero_point, at) : 0;
    float steps = (float)(cimc_tensor_i64(x, i) - zero);
    cimc_tensor_put_f32(out, i, steps * cimc_tensor_f32(scales->scale, at));
  }
}

static MlirLogicalResult fold_blocks(cimc_call *call, const cimc_scales *scales,
                                     int64_t block) {
  const cimc_tensor *x;
  unsigned char *data;
  CIMC_TRY(cimc_call_constant(call, 0, "the input of scales per block", &x));
  if (block < 1 || x->count < 1)
    return cimc_call_error(call,
                           "block_size is %" PRId64 " over %" PRId64
                           " elements; expected both above 0",
                           block, x->count);
  bool whole =
      x->elem != CIMC_ELEM_FLOAT && scales->scale->count > 0 &&
      (!scales->zero_point || (scales->elem == x->elem &&
                               cimc_ir_shape_equal(&scales->zero_point->shape,
                                                   &scales->scale->shape)));
  if (!whole ||
      !fits_blocks(&scales->scale->shape, &x->shape, scales->axis, block))
    return cimc_call_error(call,
                           "the scales or zero points do not fit blocks of "
                           "%" PRId64 " along axis %" PRId64,
                           block, scales->axis);
  cimc_tensor *result =
      cimc_tensor_create(call->source, CIMC_ELEM_FLOAT, &x->shape, &data);
  if (!result)
    return mlirLogicalResultFailure();
  dequantize_blocks(x, scales, block, data);
  return cimc_call_define_constant(call, result);
}

MlirLogicalResult cimc_ops_quant_dequantize(cimc_call *call) {
  cimc_scales scales;
  int64_t block = 0, axis = 1;
  MlirValue x;
  CIMC_TRY(check_output_type(call));
  CIMC_TRY(cimc_call_i64(call, "block_size", &block));
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  if (block != 0) {
    const cimc_tensor *tensor;
    CIMC_TRY(cimc_call_tensor(call, 0, &tensor)); // reports one left out
    CIMC_TRY(cimc_scales_read(call, 1, &scales));
    CIMC_TRY(cimc_call_axis(call, cimc_call_shape(call, 0)->rank, &axis));
    scales.axis = axis;
    return fold_blocks(call, &scales, block);
  }
  bool dynamic;
  CIMC_TRY(is_dynamic(call, &dynamic));
  if (dynamic && cimc_call_has_input(call, 0) &&
      !cimc_call_input(call, 0)->flipped)
    return dequantize_dynamically(call);
  CIMC_TRY(cimc_scales_operand(call, 0, 1, axis, &x));
  x = cimc_builder_convert(&call->builder, CIMC_QGEMM_DEQUANTIZE, x,
                           mlirF32TypeGet(call->builder.context));
  CIMC_TRY(cimc_call_define_shape(call, x, CIMC_ELEM_FLOAT,
                                  cimc_call_shape(call, 0)));
  return cimc_scales_remember(call, axis);
}
