// SPDX-License-Identifier: Apache-2.0
//
// The element types of qgemm: whether a type is sound by itself, and how the
// types of an op's operands and result must relate.
#include "dialect/qgemm_check.h"

#include <mlir-c/Dialect/Quant.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// A bias scale is the product of two others, computed by whoever wrote the
// model in f32 or in double: they may differ in the last places.
#define BIAS_SCALE_TOLERANCE 1e-5
// What a model of any format may hold: see docs/hostile_input.md.
#define CONSTANT_BYTES_MAX (INT64_C(1) << 30)

// -- Text of types -----------------------------------------------------------
typedef struct type_text {
  char text[120];
  size_t used;
} type_text;

static void append(MlirStringRef part, void *user) {
  type_text *out = user;
  size_t space = sizeof out->text - 1 - out->used;
  size_t length = part.length < space ? part.length : space;
  memcpy(out->text + out->used, part.data, length);
  out->used += length;
  if (length < part.length) // cut: a per-axis type can have 2,000 scales
    memcpy(out->text + out->used - 3, "...", 3);
  out->text[out->used] = '\0';
}

static const char *print_type(MlirType type, type_text *out) {
  out->used = 0;
  out->text[0] = '\0';
  mlirTypePrint(type, append, out);
  return out->text;
}

#define TYPE(type) print_type((type), &(type_text){.used = 0})
#define ELEMENT(type) TYPE(mlirShapedTypeGetElementType(type))

// -- A type by itself --------------------------------------------------------
// Where a type stands, for messages; silent when `report` is false.
typedef struct subject {
  MlirLocation location;
  const char *what;
  bool report;
} subject;

#define FAIL(subject_, ...)                                                    \
  do {                                                                         \
    if ((subject_)->report)                                                    \
      cimc_error((subject_)->location, __VA_ARGS__);                           \
    return mlirLogicalResultFailure();                                         \
  } while (0)

static MlirLogicalResult check_scale(const subject *self, double scale,
                                     int64_t channel) {
  float narrow = (float)scale;
  if (isfinite(narrow) && narrow > 0.0f)
    return mlirLogicalResultSuccess();
  FAIL(self,
       "%s: the scale of channel %" PRId64
       " is %g, as f32 %g; expected a finite number above 0",
       self->what, channel, scale, (double)narrow);
}

static MlirLogicalResult check_zero_point(const subject *self,
                                          cimc_storage storage, int64_t zero,
                                          int64_t channel) {
  int64_t low = cimc_storage_min(storage), high = cimc_storage_max(storage);
  if (zero >= low && zero <= high)
    return mlirLogicalResultSuccess();
  FAIL(self,
       "%s: the zero point of channel %" PRId64 " is %" PRId64
       "; expected %" PRId64 " to %" PRId64 ", what its storage can hold",
       self->what, channel, zero, low, high);
}

static MlirLogicalResult check_quantized(const subject *self, MlirType type,
                                         const cimc_element *element) {
  cimc_storage storage = element->storage;
  if (mlirQuantizedTypeGetStorageTypeMin(type) != cimc_storage_min(storage) ||
      mlirQuantizedTypeGetStorageTypeMax(type) != cimc_storage_max(storage))
    FAIL(self,
         "%s: %s narrows its storage range; expected the whole range of the "
         "storage type, without <low:high>",
         self->what, TYPE(type));
  if (element->axis < 0) {
    CIMC_TRY(check_scale(self, mlirUniformQuantizedTypeGetScale(type), 0));
    return check_zero_point(self, storage,
                            mlirUniformQuantizedTypeGetZeroPoint(type), 0);
  }
  for (int64_t i = 0; i < element->scale_count; ++i) {
    CIMC_TRY(
        check_scale(self, mlirUniformQuantizedPerAxisTypeGetScale(type, i), i));
    CIMC_TRY(check_zero_point(
        self, storage, mlirUniformQuantizedPerAxisTypeGetZeroPoint(type, i),
        i));
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult check_element(const subject *self, MlirType type) {
  cimc_element element = cimc_qgemm_element(type);
  if (element.storage == CIMC_STORAGE_OTHER) {
    if (self->report) {
      cimc_error(self->location,
                 "%s: element type %s is not supported; expected f32, an "
                 "integer of 8, 16, 32 or 64 bits, or a quantized type",
                 self->what, TYPE(type));
      cimc_note(self->location,
                "quantized types are !quant.uniform<S:f32, scale:zero_point> "
                "with S one of i8, u8, i16, u16, i32");
    }
    return mlirLogicalResultFailure();
  }
  if (!element.quantized)
    return mlirLogicalResultSuccess();
  return check_quantized(self, type, &element);
}

static MlirLogicalResult check_axis(const subject *self, MlirType type,
                                    const cimc_shape *shape) {
  cimc_element element = cimc_qgemm_element(type);
  if (element.axis < 0)
    return mlirLogicalResultSuccess();
  char text[192];
  cimc_qgemm_shape_text(shape, text, sizeof text);
  if (element.axis >= shape->rank)
    FAIL(self,
         "%s: quantized along dimension %d of shape %s; expected one of 0 to "
         "%d",
         self->what, element.axis, text, shape->rank - 1);
  int64_t size = shape->dim[element.axis];
  if (size == element.scale_count)
    return mlirLogicalResultSuccess();
  if (size < 0)
    FAIL(self,
         "%s: quantized along dimension %d of shape %s; expected its "
         "size to be known",
         self->what, element.axis, text);
  FAIL(self,
       "%s: %" PRId64 " scales for dimension %d of shape %s; expected %" PRId64,
       self->what, element.scale_count, element.axis, text, size);
}

MlirLogicalResult cimc_qgemm_types_check_tensor(MlirLocation location,
                                                const char *what, MlirType type,
                                                bool report) {
  subject self = {location, what, report};
  cimc_shape shape;
  if (!cimc_ir_tensor_shape(type, &shape))
    FAIL(&self,
         "%s: type %s; expected a ranked tensor of at most %d dimensions", what,
         TYPE(type), CIMC_RANK_MAX);
  if (!mlirAttributeIsNull(mlirRankedTensorTypeGetEncoding(type)))
    FAIL(&self, "%s: type %s has an encoding; expected none", what, TYPE(type));
  int64_t bytes = 8;
  for (int i = 0; i < shape.rank; ++i) {
    if (shape.dim[i] == 0)
      FAIL(&self, "%s: dimension %d of %s is 0; expected 1 or more", what, i,
           TYPE(type));
    if (shape.dim[i] > 0 && __builtin_mul_overflow(bytes, shape.dim[i], &bytes))
      FAIL(&self,
           "%s: %s has more bytes than an address can count; expected fewer",
           what, TYPE(type));
  }
  MlirType element = mlirShapedTypeGetElementType(type);
  CIMC_TRY(check_element(&self, element));
  return check_axis(&self, element, &shape);
}

// -- Types of an op ----------------------------------------------------------
typedef cimc_qgemm_value value_type;

cimc_qgemm_value cimc_qgemm_value_operand(const cimc_qgemm_check *self, int i) {
  MlirType type = mlirValueGetType(mlirOperationGetOperand(self->op, i));
  return (value_type){self->row->operands[i], type, cimc_qgemm_element(type)};
}

cimc_qgemm_value cimc_qgemm_value_result(const cimc_qgemm_check *self) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(self->op, 0));
  return (value_type){"the result", type, cimc_qgemm_element(type)};
}

bool cimc_qgemm_value_has(const cimc_qgemm_check *self, int i) {
  return mlirOperationGetNumOperands(self->op) > i;
}

static bool is_f32(const value_type *value) {
  return value->element.storage == CIMC_STORAGE_F32;
}

// Integers of 8 or 16 bits with scales: what kernels read and write.
bool cimc_qgemm_value_is_narrow(const value_type *value) {
  return value->element.quantized &&
         cimc_storage_bytes(value->element.storage) <= 2;
}

MlirLogicalResult cimc_qgemm_value_expected(const cimc_qgemm_check *self,
                                            const value_type *value,
                                            const char *what) {
  return cimc_error(self->location, "%s: %s has element type %s; expected %s",
                    self->name, value->what, ELEMENT(value->type), what);
}

static MlirLogicalResult need_f32(const cimc_qgemm_check *self,
                                  value_type value) {
  return is_f32(&value) ? mlirLogicalResultSuccess()
                        : cimc_qgemm_value_expected(self, &value, "f32");
}

static MlirLogicalResult need_quantized(const cimc_qgemm_check *self,
                                        value_type value) {
  return value.element.quantized
             ? mlirLogicalResultSuccess()
             : cimc_qgemm_value_expected(self, &value,
                                         "a quantized type, !quant.uniform<…>");
}

static MlirLogicalResult need_narrow(const cimc_qgemm_check *self,
                                     value_type value) {
  return cimc_qgemm_value_is_narrow(&value)
             ? mlirLogicalResultSuccess()
             : cimc_qgemm_value_expected(
                   self, &value, "a quantized type of i8, u8, i16 or u16");
}

MlirLogicalResult cimc_qgemm_value_per_tensor(const cimc_qgemm_check *self,
                                              value_type value) {
  if (value.element.axis < 0)
    return mlirLogicalResultSuccess();
  cimc_qgemm_value_expected(self, &value, "one scale for the whole tensor");
  cimc_note(self->location,
            "scales per channel are for weights and biases only");
  return mlirLogicalResultFailure();
}

// f32 like the first operand, or quantized like it, with one scale.
static MlirLogicalResult need_class_of(const cimc_qgemm_check *self,
                                       const value_type *first,
                                       value_type value) {
  if (is_f32(first) ? is_f32(&value) : cimc_qgemm_value_is_narrow(&value))
    return cimc_qgemm_value_per_tensor(self, value);
  cimc_error(self->location,
             "%s: %s has element type %s and %s has %s; expected all f32, or "
             "all quantized to 8 or 16 bits",
             self->name, first->what, ELEMENT(first->type), value.what,
             ELEMENT(value.type));
  cimc_note(self->location,
            "put qgemm.quantize or qgemm.dequantize between, or qgemm."
            "storage_cast for integers without scales");
  return mlirLogicalResultFailure();
}

static MlirLogicalResult check_first(const cimc_qgemm_check *self,
                                     const value_type *first) {
  if (!is_f32(first) && !cimc_qgemm_value_is_narrow(first))
    return cimc_qgemm_value_expected(
        self, first, "f32, or a quantized type of i8, u8, i16 or u16");
  return cimc_qgemm_value_per_tensor(self, *first);
}

MlirLogicalResult cimc_qgemm_types_uniform(const cimc_qgemm_check *self) {
  value_type first = cimc_qgemm_value_operand(self, 0);
  CIMC_TRY(check_first(self, &first));
  for (int i = 1; cimc_qgemm_value_has(self, i); ++i)
    CIMC_TRY(need_class_of(self, &first, cimc_qgemm_value_operand(self, i)));
  return need_class_of(self, &first, cimc_qgemm_value_result(self));
}

// -- matmul and conv2d -------------------------------------------------------
static MlirLogicalResult check_bias_scales(const cimc_qgemm_check *self,
                                           const value_type *input,
                                           const value_type *weights,
                                           const value_type *bias) {
  int64_t channels = bias->element.scale_count;
  if (bias->element.axis < 0)
    channels = weights->element.scale_count;
  else if (weights->element.axis >= 0 &&
           weights->element.scale_count != channels)
    return mlirLogicalResultFailure(); // reported with the shapes
  for (int64_t c = 0; c < channels; ++c) {
    double sx = (double)input->element.scale;
    double sw = (double)cimc_qgemm_scale(weights->type,
                                         weights->element.axis < 0 ? 0 : c);
    double found =
        (double)cimc_qgemm_scale(bias->type, bias->element.axis < 0 ? 0 : c);
    if (fabs(found - sx * sw) > BIAS_SCALE_TOLERANCE * sx * sw) {
      cimc_error(self->location,
                 "%s: the bias's scale of channel %" PRId64
                 " is %.7g; expected %.7g, %s's scale %.7g times %s's %.7g",
                 self->name, c, found, sx * sw, input->what, sx, weights->what,
                 sw);
      cimc_note(self->location, "a bias is added to the int32 accumulator, so "
                                "its steps are the accumulator's");
      return mlirLogicalResultFailure();
    }
    int32_t zero =
        cimc_qgemm_zero_point(bias->type, bias->element.axis < 0 ? 0 : c);
    if (zero != 0)
      return cimc_error(self->location,
                        "%s: the bias's zero point of channel %" PRId64
                        " is %" PRId32 "; expected 0",
                        self->name, c, zero);
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult check_bias(const cimc_qgemm_check *self,
                                    const value_type *input,
                                    const value_type *weights) {
  value_type bias = cimc_qgemm_value_operand(self, 2);
  if (is_f32(input))
    return need_class_of(self, input, bias);
  if (!bias.element.quantized || bias.element.storage != CIMC_STORAGE_I32) {
    cimc_qgemm_value_expected(self, &bias, "a quantized i32");
    cimc_note(self->location,
              "write it as !quant.uniform<i32:f32, s> with s the scale of %s "
              "times that of %s, or i32:f32:0, {…} with a scale per channel",
              input->what, weights->what);
    return mlirLogicalResultFailure();
  }
  return check_bias_scales(self, input, weights, &bias);
}

// Of the operands' class, or the accumulators themselves.
static MlirLogicalResult need_product(const cimc_qgemm_check *self,
                                      const value_type *input) {
  value_type result = cimc_qgemm_value_result(self);
  CIMC_TRY(cimc_qgemm_check_fractions(self));
  bool sums =
      result.element.storage == CIMC_STORAGE_I32 && !result.element.quantized;
  if (!sums || is_f32(input) || self->kind == CIMC_QGEMM_CONV2D_ADD)
    return need_class_of(self, input, result);
  if (cimc_storage_bytes(input->element.storage) != 1)
    return cimc_qgemm_value_expected(
        self, input, "8 bits: only their sums are given as i32");
  cimc_bounds bounds = cimc_qgemm_bounds(self->op);
  if (bounds.low == -INFINITY && bounds.high == INFINITY)
    return mlirLogicalResultSuccess();
  return cimc_error(self->location,
                    "%s: an activation on a result of i32 sums; expected none",
                    self->name);
}

MlirLogicalResult cimc_qgemm_types_product(const cimc_qgemm_check *self) {
  int axis = self->kind == CIMC_QGEMM_MATMUL ? 1 : 0;
  value_type input = cimc_qgemm_value_operand(self, 0),
             weights = cimc_qgemm_value_operand(self, 1);
  CIMC_TRY(check_first(self, &input));
  value_type any_axis = weights;
  any_axis.element.axis = -1;
  CIMC_TRY(need_class_of(self, &input, any_axis));
  if (weights.element.axis >= 0 && weights.element.axis != axis)
    return cimc_error(self->location,
                      "%s: %s is quantized along dimension %d; expected %d, "
                      "that of the output channels, or one scale",
                      self->name, weights.what, weights.element.axis, axis);
  if (cimc_qgemm_value_has(self, 2))
    CIMC_TRY(check_bias(self, &input, &weights));
  return need_product(self, &input);
}

MlirLogicalResult cimc_qgemm_types_batch_matmul(const cimc_qgemm_check *self) {
  value_type lhs = cimc_qgemm_value_operand(self, 0);
  CIMC_TRY(check_first(self, &lhs));
  CIMC_TRY(need_class_of(self, &lhs, cimc_qgemm_value_operand(self, 1)));
  return need_product(self, &lhs);
}

MlirLogicalResult cimc_qgemm_types_conv2d_add(const cimc_qgemm_check *self) {
  CIMC_TRY(cimc_qgemm_types_product(self));
  value_type input = cimc_qgemm_value_operand(self, 0);
  CIMC_TRY(need_class_of(self, &input, cimc_qgemm_value_operand(self, 3)));
  MlirType mid = mlirTypeAttrGetValue(
      mlirOperationGetAttributeByName(self->op, cimc_ir_str("mid")));
  subject mid_subject = {self->location, "'mid'", true};
  CIMC_TRY(check_element(&mid_subject, mid));
  // As the tensor the convolution alone would give: messages want a tensor.
  int64_t one = 1;
  MlirType tensor =
      mlirRankedTensorTypeGet(1, &one, mid, mlirAttributeGetNull());
  value_type value = {"'mid'", tensor, cimc_qgemm_element(tensor)};
  return need_class_of(self, &input, value);
}

// -- Casts -------------------------------------------------------------------
MlirLogicalResult cimc_qgemm_types_splat(const cimc_qgemm_check *self) {
  MlirType scalar = mlirValueGetType(mlirOperationGetOperand(self->op, 0));
  cimc_storage storage = cimc_qgemm_element(scalar).storage;
  if (mlirTypeIsAShaped(scalar) ||
      (storage != CIMC_STORAGE_F32 && storage != CIMC_STORAGE_I32))
    return cimc_error(self->location,
                      "%s: the operand has type %s; expected the scalar f32 "
                      "or i32",
                      self->name, TYPE(scalar));
  value_type result = cimc_qgemm_value_result(self);
  if (mlirTypeEqual(mlirShapedTypeGetElementType(result.type), scalar))
    return mlirLogicalResultSuccess();
  return cimc_qgemm_value_expected(self, &result, TYPE(scalar));
}

MlirLogicalResult cimc_qgemm_types_storage_cast(const cimc_qgemm_check *self) {
  value_type from = cimc_qgemm_value_operand(self, 0),
             to = cimc_qgemm_value_result(self);
  cimc_storage a = from.element.storage, b = to.element.storage;
  bool fits = a == b;
  if (from.element.quantized == to.element.quantized)
    fits = cimc_storage_bytes(a) == cimc_storage_bytes(b);
  if (fits && a != CIMC_STORAGE_F32 && b != CIMC_STORAGE_F32)
    return mlirLogicalResultSuccess();
  cimc_error(self->location,
             "%s: from element type %s to %s; expected a quantized type and "
             "the integer it is stored in",
             self->name, ELEMENT(from.type), ELEMENT(to.type));
  cimc_note(self->location, "!quant.uniform<i8:…> is stored in i8, <u8:…> in "
                            "ui8, <i16:…> in i16, <u16:…> in ui16; to compute "
                            "values use qgemm.quantize or qgemm.dequantize");
  return mlirLogicalResultFailure();
}

MlirLogicalResult cimc_qgemm_types_quantize(const cimc_qgemm_check *self) {
  CIMC_TRY(need_f32(self, cimc_qgemm_value_operand(self, 0)));
  return need_narrow(self, cimc_qgemm_value_result(self));
}

MlirLogicalResult cimc_qgemm_types_dequantize(const cimc_qgemm_check *self) {
  CIMC_TRY(need_quantized(self, cimc_qgemm_value_operand(self, 0)));
  return need_f32(self, cimc_qgemm_value_result(self));
}

MlirLogicalResult cimc_qgemm_types_requantize(const cimc_qgemm_check *self) {
  CIMC_TRY(need_narrow(self, cimc_qgemm_value_operand(self, 0)));
  CIMC_TRY(
      cimc_qgemm_value_per_tensor(self, cimc_qgemm_value_operand(self, 0)));
  CIMC_TRY(need_narrow(self, cimc_qgemm_value_result(self)));
  return cimc_qgemm_value_per_tensor(self, cimc_qgemm_value_result(self));
}

// -- Movement of data --------------------------------------------------------
MlirLogicalResult cimc_qgemm_types_same(const cimc_qgemm_check *self) {
  value_type x = cimc_qgemm_value_operand(self, 0),
             result = cimc_qgemm_value_result(self);
  CIMC_TRY(cimc_qgemm_value_per_tensor(self, x));
  if (mlirTypeEqual(mlirShapedTypeGetElementType(x.type),
                    mlirShapedTypeGetElementType(result.type)))
    return mlirLogicalResultSuccess();
  cimc_error(self->location,
             "%s: x has element type %s, the result %s; expected the same",
             self->name, ELEMENT(x.type), ELEMENT(result.type));
  cimc_note(self->location, "to change the scale, use qgemm.requantize");
  return mlirLogicalResultFailure();
}

MlirLogicalResult cimc_qgemm_types_same_uniform(const cimc_qgemm_check *self) {
  CIMC_TRY(cimc_qgemm_types_same(self));
  return cimc_qgemm_types_uniform(self);
}

// The quantized sum is taken in an int32.
MlirLogicalResult cimc_qgemm_types_global_pool(const cimc_qgemm_check *self) {
  value_type x = cimc_qgemm_value_operand(self, 0);
  cimc_shape shape;
  CIMC_TRY(cimc_qgemm_types_uniform(self));
  if (!x.element.quantized || !cimc_ir_tensor_shape(x.type, &shape) ||
      shape.rank != 4 || shape.dim[1] < 0 || shape.dim[2] < 0)
    return mlirLogicalResultSuccess();
  int64_t count = shape.dim[1] * shape.dim[2];
  int64_t most = cimc_storage_sum_max(x.element.storage);
  if (count <= most)
    return mlirLogicalResultSuccess();
  cimc_error(self->location,
             "%s: an int32 may not hold the sum of %" PRId64
             " pixels; expected at most %" PRId64,
             self->name, count, most);
  cimc_note(self->location, "put it between a qgemm.dequantize and a "
                            "qgemm.quantize: then the sum is f32");
  return mlirLogicalResultFailure();
}

// The axis of the scales moves with its dimension.
MlirLogicalResult cimc_qgemm_types_transpose(const cimc_qgemm_check *self) {
  value_type x = cimc_qgemm_value_operand(self, 0),
             result = cimc_qgemm_value_result(self);
  if (x.element.axis < 0)
    return cimc_qgemm_types_same(self);
  int64_t perm[CIMC_RANK_MAX] = {0};
  int64_t rank = mlirShapedTypeGetRank(x.type);
  cimc_ir_get_i64s(self->op, "perm", rank, perm);
  int axis = -1;
  for (int i = 0; i < rank; ++i)
    if (perm[i] == x.element.axis)
      axis = i;
  bool same = result.element.axis == axis &&
              result.element.storage == x.element.storage &&
              result.element.scale_count == x.element.scale_count;
  for (int64_t i = 0; same && i < x.element.scale_count; ++i)
    same = cimc_qgemm_scale(x.type, i) == cimc_qgemm_scale(result.type, i) &&
           cimc_qgemm_zero_point(x.type, i) ==
               cimc_qgemm_zero_point(result.type, i);
  if (same)
    return mlirLogicalResultSuccess();
  return cimc_error(self->location,
                    "%s: x has element type %s, the result %s; expected the "
                    "same scales along dimension %d",
                    self->name, ELEMENT(x.type), ELEMENT(result.type), axis);
}

// -- constant ----------------------------------------------------------------
MlirLogicalResult cimc_qgemm_types_constant(const cimc_qgemm_check *self) {
  value_type result = cimc_qgemm_value_result(self);
  MlirAttribute value =
      mlirOperationGetAttributeByName(self->op, cimc_ir_str("value"));
  cimc_shape shape;
  cimc_ir_tensor_shape(result.type, &shape);
  int64_t count = cimc_ir_element_count(&shape);
  if (count < 0)
    return cimc_error(self->location,
                      "%s: the result has dynamic dimensions; expected none",
                      self->name);
  int64_t bytes = cimc_storage_bytes(result.element.storage);
  if (count > CONSTANT_BYTES_MAX / bytes)
    return cimc_error(self->location,
                      "%s: %" PRId64 " elements of %" PRId64
                      " bytes; expected at most 1 GiB of data",
                      self->name, count, bytes);
  MlirType wanted = result.type;
  if (result.element.quantized)
    wanted = cimc_ir_tensor_type(
        &shape, mlirIntegerTypeGet(mlirOperationGetContext(self->op),
                                   8u * (unsigned)bytes));
  MlirType found = mlirAttributeGetType(value);
  if (mlirTypeEqual(found, wanted))
    return mlirLogicalResultSuccess();
  cimc_error(self->location, "%s: 'value' has type %s; expected %s", self->name,
             TYPE(found), TYPE(wanted));
  if (result.element.quantized)
    cimc_note(self->location,
              "the value of a quantized constant is its stored bits, as "
              "signless integers (of u8 too: 255 is written -1 or 255)");
  return mlirLogicalResultFailure();
}
