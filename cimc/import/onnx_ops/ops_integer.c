// SPDX-License-Identifier: Apache-2.0
//
// Products whose result is the int32 sum itself, and quantization with a
// scale found at run time: what dynamically quantized models are made of.
//
// A zero point known now is part of the operand's type. One known only at run
// time is taken off the sum, exactly: sum (a - za)(b - zb) is
// sum a b - za sum b - zb sum a + K za zb, and all int32 wrap around alike.
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/ops_linear.h"
#include "cimc/import/onnx_ops/ops_window.h"
#include "cimc/import/onnx_ops/scales.h"

#include <inttypes.h>
#include <stdlib.h>

static MlirType i32_type(const cimc_call *call) {
  return cimc_storage_type(call->builder.context, CIMC_STORAGE_I32);
}

static MlirType f32_type(const cimc_call *call) {
  return mlirF32TypeGet(call->builder.context);
}

static MlirValue cast(const cimc_call *call, MlirValue x, MlirType to) {
  return cimc_builder_convert(&call->builder, CIMC_QGEMM_CAST, x, to);
}

static MlirValue binary(const cimc_call *call, cimc_qgemm_kind kind,
                        MlirValue lhs, MlirValue rhs) {
  return cimc_builder_binary(&call->builder, kind, lhs, rhs);
}

static MlirLogicalResult i32_constant(cimc_call *call, const cimc_shape *shape,
                                      const int32_t *data, MlirValue *out) {
  int64_t count = cimc_ir_element_count(shape);
  if (!cimc_tensor_charge(call->source, count, sizeof *data))
    return mlirLogicalResultFailure();
  *out = cimc_builder_constant(&call->builder,
                               cimc_ir_tensor_type(shape, i32_type(call)), data,
                               (size_t)count * sizeof *data);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

static MlirLogicalResult i32_number(cimc_call *call, int64_t value,
                                    MlirValue *out) {
  int32_t narrow = (int32_t)(uint32_t)value;
  return i32_constant(call, &(cimc_shape){.rank = 1, .dim = {1}}, &narrow, out);
}

// -- Operands ----------------------------------------------------------------
// One operand of a product of integers.
typedef struct factor {
  MlirValue q;    // with the zero point known now, or 0
  MlirValue zero; // int32[1], the one known at run time; null: none
  cimc_shape shape;
  const cimc_tensor *constant; // null: known at run time
  const cimc_tensor *point;    // the zero point known now; null: 0
} factor;

static int64_t point_of(const factor *f, int64_t channel) {
  if (!f->point)
    return 0;
  return cimc_tensor_i64(f->point, f->point->count == 1 ? 0 : channel);
}

static MlirLogicalResult check_point(cimc_call *call, size_t zero,
                                     int64_t elem) {
  const cimc_graph_value *value = cimc_call_input(call, zero);
  if (value->elem != elem)
    return cimc_call_error(call,
                           "input %zu is a zero point of type %s; expected "
                           "%s, as the integers",
                           zero, cimc_proto_elem_name(value->elem),
                           cimc_proto_elem_name(elem));
  return mlirLogicalResultSuccess();
}

// A type whose scale is 1, and its zero points those of input `zero`.
static MlirLogicalResult unit_type(cimc_call *call, const factor *f,
                                   int64_t elem, int64_t axis, MlirType *out) {
  cimc_scales scales = {.zero_point = f->point, .elem = elem, .axis = axis};
  cimc_shape one = {.rank = 1, .dim = {f->point ? f->point->count : 1}};
  unsigned char *data;
  cimc_tensor *ones =
      cimc_tensor_create(call->source, CIMC_ELEM_FLOAT, &one, &data);
  if (!ones)
    return mlirLogicalResultFailure();
  for (int64_t i = 0; i < ones->count; i++)
    cimc_tensor_put_f32(data, i, 1.0f);
  scales.scale = ones;
  return cimc_scales_type(call, &scales, &f->shape, out);
}

// Input `i` with the zero point at input `zero`, of several along `axis`.
static MlirLogicalResult read_factor(cimc_call *call, size_t i, size_t zero,
                                     int64_t axis, factor *out) {
  MlirType type;
  *out = (factor){.point = NULL};
  CIMC_TRY(cimc_call_tensor(call, i, &out->constant));
  int64_t elem = cimc_call_input(call, i)->elem;
  out->shape = *cimc_call_shape(call, i);
  if (elem != CIMC_ELEM_INT8 && elem != CIMC_ELEM_UINT8)
    return cimc_call_refuse(call, "input %zu of type %s", i,
                            cimc_proto_elem_name(elem));
  if (cimc_call_has_input(call, zero)) {
    CIMC_TRY(check_point(call, zero, elem));
    CIMC_TRY(cimc_call_tensor(call, zero, &out->point));
    if (!out->point) {
      if (cimc_ir_element_count(cimc_call_shape(call, zero)) != 1)
        return cimc_call_refuse(call, "several zero points known at run time");
      CIMC_TRY(cimc_call_operand(call, zero, &out->zero));
      cimc_shape one = {.rank = 1, .dim = {1}};
      out->zero =
          cast(call, cimc_builder_reshape(&call->builder, out->zero, &one),
               i32_type(call));
    }
  }
  CIMC_TRY(unit_type(call, out, elem, axis, &type));
  return cimc_scales_view(call, i, type, &out->q);
}

// -- Products ----------------------------------------------------------------
// The sum of (b - zb) along K of a constant: [.., 1, N].
static MlirLogicalResult column_sums(cimc_call *call, const factor *b,
                                     MlirValue *out) {
  cimc_shape shape = b->shape;
  int64_t depth = shape.dim[shape.rank - 2],
          columns = shape.dim[shape.rank - 1];
  shape.dim[shape.rank - 2] = 1;
  int64_t count = cimc_ir_element_count(&shape);
  int32_t *sums = calloc((size_t)count + 1, sizeof *sums);
  if (!sums)
    return cimc_call_error(call, "there is not enough memory");
  for (int64_t i = 0; i < count; i++) {
    int64_t column = i % columns, sum = 0;
    for (int64_t k = 0; k < depth; k++)
      sum += cimc_tensor_i64(b->constant,
                             (i / columns * depth + k) * columns + column) -
             point_of(b, column);
    sums[i] = (int32_t)(uint32_t)sum;
  }
  MlirLogicalResult result = i32_constant(call, &shape, sums, out);
  free(sums);
  return result;
}

// The sum of (x - point) along a dimension, which stays with size 1.
static MlirLogicalResult sums_along(cimc_call *call, const factor *x,
                                    int64_t axis, MlirValue *out) {
  const cimc_builder *builder = &call->builder;
  cimc_storage storage = cimc_qgemm_element(mlirValueGetType(x->q)).storage;
  MlirValue plain =
      cimc_builder_convert(builder, CIMC_QGEMM_STORAGE_CAST, x->q,
                           cimc_storage_type(builder->context, storage));
  MlirValue sums = cimc_builder_create(
      builder, &(cimc_builder_op){
                   .kind = CIMC_QGEMM_REDUCE_SUM,
                   .operands = {cast(call, plain, i32_type(call))},
                   .operand_count = 1,
                   .attributes = {cimc_builder_i64s(builder, "axes", 1, &axis),
                                  cimc_builder_bool(builder, "keepdims", true)},
                   .attribute_count = 2});
  MlirValue offset;
  if (x->point && x->point->count > 1)
    return cimc_call_refuse(call, "zero points per axis beside one known at "
                                  "run time");
  CIMC_TRY(i32_number(call, x->shape.dim[axis] * point_of(x, 0), &offset));
  *out = x->point ? binary(call, CIMC_QGEMM_SUB, sums, offset) : sums;
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

// Takes what zero points known at run time add off the sum.
static MlirLogicalResult correct(cimc_call *call, const factor *a,
                                 const factor *b, MlirValue *sum) {
  MlirValue sums, both;
  bool has_a = !mlirValueIsNull(a->zero), has_b = !mlirValueIsNull(b->zero);
  if (!has_a && !has_b)
    return mlirLogicalResultSuccess();
  if (a->shape.rank < 2 || b->shape.rank < 2)
    return cimc_call_refuse(call, "a vector with a zero point known at run "
                                  "time");
  if (has_a) {
    CIMC_TRY(b->constant ? column_sums(call, b, &sums)
                         : sums_along(call, b, b->shape.rank - 2, &sums));
    *sum = binary(call, CIMC_QGEMM_SUB, *sum,
                  binary(call, CIMC_QGEMM_MUL, sums, a->zero));
  }
  if (has_b) {
    CIMC_TRY(sums_along(call, a, a->shape.rank - 1, &sums));
    *sum = binary(call, CIMC_QGEMM_SUB, *sum,
                  binary(call, CIMC_QGEMM_MUL, sums, b->zero));
  }
  if (has_a && has_b) {
    CIMC_TRY(i32_number(call, b->shape.dim[b->shape.rank - 2], &both));
    both = binary(call, CIMC_QGEMM_MUL, both, a->zero);
    *sum = binary(call, CIMC_QGEMM_ADD, *sum,
                  binary(call, CIMC_QGEMM_MUL, both, b->zero));
  }
  return mlirValueIsNull(*sum) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

static MlirLogicalResult multiply(cimc_call *call, const factor *a,
                                  const factor *b, MlirValue *out,
                                  cimc_shape *out_shape) {
  cimc_ops_product product = {.lhs = a->q,
                              .rhs = b->q,
                              .lhs_shape = &a->shape,
                              .rhs_shape = &b->shape,
                              .element = i32_type(call)};
  if (a->point && a->point->count > 1)
    return cimc_call_refuse(call, "a zero point for each row");
  CIMC_TRY(cimc_ops_linear_product(call, &product, out, out_shape));
  return correct(call, a, b, out);
}

MlirLogicalResult cimc_ops_integer_matmul(cimc_call *call) {
  factor a, b;
  MlirValue sum;
  cimc_shape shape;
  CIMC_TRY(read_factor(call, 0, 2, 0, &a));
  CIMC_TRY(read_factor(call, 1, 3, 1, &b));
  CIMC_TRY(multiply(call, &a, &b, &sum, &shape));
  return cimc_call_define_shape(call, sum, CIMC_ELEM_INT32, &shape);
}

// -- ConvInteger -------------------------------------------------------------
// The sums of (w - zw) over the part of the window that lies in the input, for
// each pixel of the result: what an input's zero point is multiplied by.
typedef struct window_sums {
  const cimc_ops_conv *conv;
  const int64_t *taps; // [O, KH, KW]: sums over the channels
  int64_t in[2];
  cimc_shape out; // NHWC
} window_sums;

static int64_t sum_at(const window_sums *self, int64_t y, int64_t x,
                      int64_t channel) {
  const cimc_pads_window *w = &self->conv->window;
  int64_t sum = 0;
  for (int64_t i = 0; i < w->kernel[0]; i++)
    for (int64_t j = 0; j < w->kernel[1]; j++) {
      int64_t row = y * w->strides[0] + i * w->dilations[0] - w->pads[0];
      int64_t column = x * w->strides[1] + j * w->dilations[1] - w->pads[1];
      if (row >= 0 && row < self->in[0] && column >= 0 && column < self->in[1])
        sum += self->taps[(channel * w->kernel[0] + i) * w->kernel[1] + j];
    }
  return sum;
}

static MlirLogicalResult
emit_window_sums(cimc_call *call, const window_sums *self, MlirValue *out) {
  const int64_t *dim = self->out.dim;
  int32_t *sums =
      calloc((size_t)cimc_ir_element_count(&self->out) + 1, sizeof *sums);
  if (!sums)
    return cimc_call_error(call, "there is not enough memory");
  size_t at = 0;
  for (int64_t y = 0; y < dim[1]; y++)
    for (int64_t x = 0; x < dim[2]; x++)
      for (int64_t c = 0; c < dim[3]; c++)
        sums[at++] = (int32_t)(uint32_t)sum_at(self, y, x, c);
  MlirLogicalResult result = i32_constant(call, &self->out, sums, out);
  free(sums);
  return result;
}

static MlirLogicalResult conv_sums(cimc_call *call, const cimc_ops_conv *conv,
                                   const factor *w, cimc_shape result,
                                   MlirValue *out) {
  const int64_t *kernel = conv->window.kernel, *pads = conv->window.pads;
  const cimc_shape *input = cimc_call_shape(call, 0);
  int64_t depth = w->shape.dim[1], area = kernel[0] * kernel[1];
  int64_t *taps = calloc((size_t)(w->shape.dim[0] * area) + 1, sizeof *taps);
  if (!taps)
    return cimc_call_error(call, "there is not enough memory");
  for (int64_t i = 0; i < w->constant->count; i++) {
    int64_t channel = i / area / depth;
    taps[channel * area + i % area] +=
        cimc_tensor_i64(w->constant, i) - point_of(w, channel);
  }
  result.dim[0] = 1;
  if (pads[0] == 0 && pads[1] == 0 && pads[2] == 0 && pads[3] == 0)
    result.dim[1] = result.dim[2] = 1; // the same for every pixel
  window_sums sums = {
      .conv = conv,
      .taps = taps,
      .in = {input->rank == 4 ? input->dim[2] : 1, input->dim[input->rank - 1]},
      .out = result};
  MlirLogicalResult done = emit_window_sums(call, &sums, out);
  free(taps);
  return done;
}

MlirLogicalResult cimc_ops_integer_conv(cimc_call *call) {
  factor x, w;
  cimc_ops_conv conv;
  const cimc_tensor *constant;
  MlirValue operands[3] = {{NULL}}, sums;
  CIMC_TRY(read_factor(call, 0, 2, 0, &x));
  if (x.point && x.point->count > 1)
    return cimc_call_refuse(call, "several zero points of the input");
  CIMC_TRY(cimc_ops_window_last(call, x.q, &operands[0]));
  CIMC_TRY(cimc_ops_window_read_conv(call, 1, &conv));
  CIMC_TRY(cimc_call_constant(call, 1, "the weight tensor", &constant));
  CIMC_TRY(read_factor(call, 1, 3, 0, &w));
  if (!mlirValueIsNull(w.zero))
    return cimc_call_refuse(call, "the weights' zero point is not a constant");
  operands[1] = cimc_ops_window_weights(call, w.q);
  MlirValue sum =
      cimc_ops_window_emit_conv(call, &conv, operands, i32_type(call));
  if (mlirValueIsNull(sum))
    return mlirLogicalResultFailure();
  if (!mlirValueIsNull(x.zero)) {
    CIMC_TRY(conv_sums(call, &conv, &w, cimc_builder_shape(sum), &sums));
    sum = binary(call, CIMC_QGEMM_SUB, sum,
                 binary(call, CIMC_QGEMM_MUL, sums, x.zero));
  }
  return cimc_call_define(call, cimc_ops_window_first(call, sum),
                          CIMC_ELEM_INT32);
}

// -- DynamicQuantizeLinear ---------------------------------------------------
// Quantized to uint8 with the scale that the values themselves ask for.
typedef struct dynamic {
  MlirValue q;     // ui8
  MlirValue scale; // f32[1]
  MlirValue zero;  // ui8[1]
} dynamic;

// The largest or smallest value of all, [1], zero among them.
static MlirValue extreme(const cimc_call *call, MlirValue flat, bool largest) {
  const cimc_builder *builder = &call->builder;
  int64_t axis = 0;
  MlirValue found = cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = largest ? CIMC_QGEMM_REDUCE_MAX : CIMC_QGEMM_REDUCE_MIN,
          .operands = {flat},
          .operand_count = 1,
          .attributes = {cimc_builder_i64s(builder, "axes", 1, &axis),
                         cimc_builder_bool(builder, "keepdims", true)},
          .attribute_count = 2});
  return binary(call, largest ? CIMC_QGEMM_MAX : CIMC_QGEMM_MIN, found,
                cimc_builder_number(builder, 0.0f));
}

static MlirValue clamp_to_byte(const cimc_call *call, MlirValue x) {
  const cimc_builder *builder = &call->builder;
  return cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = CIMC_QGEMM_CLAMP,
          .operands = {x},
          .operand_count = 1,
          .attributes = {cimc_builder_f32(builder, "clamp_min", 0.0f),
                         cimc_builder_f32(builder, "clamp_max", 255.0f)},
          .attribute_count = 2});
}

// scale = (max - min) / 255, or 1 where that is 0.
static MlirValue dynamic_scale(const cimc_call *call, MlirValue low,
                               MlirValue high) {
  const cimc_builder *builder = &call->builder;
  MlirValue range = binary(call, CIMC_QGEMM_SUB, high, low);
  MlirValue scale =
      binary(call, CIMC_QGEMM_DIV, range, cimc_builder_number(builder, 255.0f));
  MlirValue is_zero = cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = CIMC_QGEMM_COMPARE,
          .operands = {range, cimc_builder_number(builder, 0.0f)},
          .operand_count = 2,
          .attributes = {cimc_builder_text(builder, "predicate", "eq")},
          .attribute_count = 1,
          .element = cimc_storage_type(builder->context, CIMC_STORAGE_U8)});
  return cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = CIMC_QGEMM_SELECT,
          .operands = {is_zero, cimc_builder_number(builder, 1.0f), scale},
          .operand_count = 3,
          .element = f32_type(call)});
}

static MlirLogicalResult quantize_dynamically(const cimc_call *call,
                                              MlirValue x, dynamic *out) {
  const cimc_builder *builder = &call->builder;
  MlirType byte = cimc_storage_type(builder->context, CIMC_STORAGE_U8);
  cimc_shape shape = cimc_builder_shape(x);
  cimc_shape flat = {.rank = 1, .dim = {cimc_ir_element_count(&shape)}};
  MlirValue all = cimc_builder_reshape(builder, x, &flat);
  MlirValue low = extreme(call, all, false), high = extreme(call, all, true);
  out->scale = dynamic_scale(call, low, high);
  MlirValue zero =
      binary(call, CIMC_QGEMM_SUB, cimc_builder_number(builder, 0.0f),
             binary(call, CIMC_QGEMM_DIV, low, out->scale));
  zero =
      cimc_builder_unary(builder, CIMC_QGEMM_ROUND, clamp_to_byte(call, zero));
  MlirValue steps = cimc_builder_unary(
      builder, CIMC_QGEMM_ROUND, binary(call, CIMC_QGEMM_DIV, x, out->scale));
  out->zero = cast(call, zero, byte);
  out->q =
      cast(call, clamp_to_byte(call, binary(call, CIMC_QGEMM_ADD, steps, zero)),
           byte);
  return mlirValueIsNull(out->q) || mlirValueIsNull(out->zero)
             ? mlirLogicalResultFailure()
             : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_integer_dynamic(cimc_call *call) {
  MlirValue x;
  dynamic made;
  cimc_shape scalar = {.rank = 0};
  CIMC_TRY(cimc_call_f32(call, 0, &x));
  CIMC_TRY(quantize_dynamically(call, x, &made));
  CIMC_TRY(cimc_call_define_shape(call, made.q, CIMC_ELEM_UINT8,
                                  cimc_call_shape(call, 0)));
  call->output = 1;
  CIMC_TRY(cimc_call_define_shape(call, made.scale, CIMC_ELEM_FLOAT, &scalar));
  call->output = 2;
  return cimc_call_define_shape(call, made.zero, CIMC_ELEM_UINT8, &scalar);
}

// -- Products of integers as float32 -----------------------------------------
// sum * (scale_a * scale_b) + bias; the bias is input `bias`.
static MlirLogicalResult define_scaled(cimc_call *call, MlirValue sum,
                                       MlirValue scale, size_t bias,
                                       const cimc_shape *shape) {
  MlirValue addend;
  sum = binary(call, CIMC_QGEMM_MUL, cast(call, sum, f32_type(call)), scale);
  if (cimc_call_has_input(call, bias)) {
    CIMC_TRY(cimc_call_f32(call, bias, &addend));
    sum = binary(call, CIMC_QGEMM_ADD, sum, addend);
  }
  return cimc_call_define_shape(call, sum, CIMC_ELEM_FLOAT, shape);
}

MlirLogicalResult cimc_ops_integer_to_float(cimc_call *call) {
  factor a, b;
  MlirValue sum, scale_a, scale_b;
  cimc_shape shape;
  CIMC_TRY(read_factor(call, 0, 4, 0, &a));
  CIMC_TRY(read_factor(call, 1, 5, 1, &b));
  CIMC_TRY(cimc_call_f32(call, 2, &scale_a));
  CIMC_TRY(cimc_call_f32(call, 3, &scale_b));
  if (cimc_ir_element_count(cimc_call_shape(call, 2)) != 1)
    return cimc_call_refuse(call, "a scale for each row");
  CIMC_TRY(multiply(call, &a, &b, &sum, &shape));
  return define_scaled(
      call, sum, binary(call, CIMC_QGEMM_MUL, scale_a, scale_b), 6, &shape);
}

MlirLogicalResult cimc_ops_integer_dynamic_matmul(cimc_call *call) {
  dynamic made;
  factor a = {.point = NULL}, b;
  MlirValue x, sum, scale;
  cimc_shape shape;
  CIMC_TRY(cimc_call_f32(call, 0, &x));
  CIMC_TRY(read_factor(call, 1, 3, 1, &b));
  CIMC_TRY(cimc_call_f32(call, 2, &scale));
  CIMC_TRY(quantize_dynamically(call, x, &made));
  const cimc_builder *builder = &call->builder;
  a.shape = *cimc_call_shape(call, 0);
  a.zero = cast(call, made.zero, i32_type(call));
  a.q = cimc_builder_convert(
      builder, CIMC_QGEMM_STORAGE_CAST, made.q,
      cimc_qgemm_quant_type(builder->context, CIMC_STORAGE_U8, 1.0f, 0));
  CIMC_TRY(multiply(call, &a, &b, &sum, &shape));
  return define_scaled(
      call, sum, binary(call, CIMC_QGEMM_MUL, made.scale, scale), 4, &shape);
}
