// SPDX-License-Identifier: Apache-2.0
//
// Typed readers and makers of qgemm's ops and types.
#include "dialect/qgemm.h"

#include "dialect/qgemm_check.h"

#include <mlir-c/Dialect/Quant.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "qgemm."

cimc_qgemm_kind cimc_qgemm_kind_of(MlirOperation op) {
  if (mlirOperationIsNull(op))
    return CIMC_QGEMM_NONE;
  MlirStringRef name = cimc_ir_op_name(op);
  size_t prefix = strlen(PREFIX);
  if (name.length <= prefix || memcmp(name.data, PREFIX, prefix) != 0)
    return CIMC_QGEMM_NONE;
  for (int kind = CIMC_QGEMM_NONE + 1; kind < CIMC_QGEMM_KIND_COUNT; ++kind)
    if (cimc_ir_str_equal(name, cimc_qgemm_name((cimc_qgemm_kind)kind)))
      return (cimc_qgemm_kind)kind;
  return CIMC_QGEMM_NONE;
}

const char *cimc_qgemm_name(cimc_qgemm_kind kind) {
  return cimc_qgemm_row_of(kind)->name;
}

bool cimc_qgemm_is_view(cimc_qgemm_kind kind) {
  return cimc_qgemm_row_of(kind)->view;
}

// -- Storage -----------------------------------------------------------------
static const struct {
  int bytes;
  bool is_signed;
  int64_t min;
  int64_t max;
} storages[] = {
    [CIMC_STORAGE_OTHER] = {0, false, 0, 0},
    [CIMC_STORAGE_F32] = {4, true, 0, 0},
    [CIMC_STORAGE_I8] = {1, true, INT8_MIN, INT8_MAX},
    [CIMC_STORAGE_U8] = {1, false, 0, UINT8_MAX},
    [CIMC_STORAGE_I16] = {2, true, INT16_MIN, INT16_MAX},
    [CIMC_STORAGE_U16] = {2, false, 0, UINT16_MAX},
    [CIMC_STORAGE_I32] = {4, true, INT32_MIN, INT32_MAX},
    [CIMC_STORAGE_I64] = {8, true, INT64_MIN, INT64_MAX},
};

int cimc_storage_bytes(cimc_storage storage) { return storages[storage].bytes; }
int64_t cimc_storage_min(cimc_storage storage) { return storages[storage].min; }
int64_t cimc_storage_max(cimc_storage storage) { return storages[storage].max; }

int64_t cimc_storage_sum_max(cimc_storage storage) {
  return INT32_MAX / (storages[storage].max - storages[storage].min);
}

MlirType cimc_storage_type(MlirContext context, cimc_storage storage) {
  if (storage == CIMC_STORAGE_OTHER)
    return (MlirType){NULL};
  if (storage == CIMC_STORAGE_F32)
    return mlirF32TypeGet(context);
  unsigned bits = 8u * (unsigned)storages[storage].bytes;
  return storages[storage].is_signed
             ? mlirIntegerTypeGet(context, bits)
             : mlirIntegerTypeUnsignedGet(context, bits);
}

static cimc_storage integer_storage(unsigned bits, bool is_signed) {
  for (int s = CIMC_STORAGE_I8; s <= CIMC_STORAGE_I64; ++s)
    if (bits == 8u * (unsigned)storages[s].bytes &&
        is_signed == storages[s].is_signed)
      return (cimc_storage)s;
  return CIMC_STORAGE_OTHER;
}

static cimc_storage plain_storage(MlirType type) {
  if (mlirTypeIsAF32(type))
    return CIMC_STORAGE_F32;
  if (!mlirTypeIsAInteger(type))
    return CIMC_STORAGE_OTHER;
  return integer_storage(mlirIntegerTypeGetWidth(type),
                         !mlirIntegerTypeIsUnsigned(type));
}

// -- Quantized types ---------------------------------------------------------
static MlirType element_of(MlirType type) {
  return mlirTypeIsAShaped(type) ? mlirShapedTypeGetElementType(type) : type;
}

cimc_element cimc_qgemm_element(MlirType type) {
  type = element_of(type);
  cimc_element element = {.axis = -1};
  if (!mlirTypeIsAQuantizedType(type)) {
    element.storage = plain_storage(type);
    return element;
  }
  element.quantized = true;
  bool per_axis = mlirTypeIsAUniformQuantizedPerAxisType(type);
  if (!per_axis && !mlirTypeIsAUniformQuantizedType(type))
    return element;
  if (!mlirTypeIsAF32(mlirQuantizedTypeGetExpressedType(type)))
    return element;
  element.storage =
      integer_storage(mlirQuantizedTypeGetStorageTypeIntegralWidth(type),
                      mlirQuantizedTypeIsSigned(type));
  element.scale_count = 1;
  if (per_axis) {
    element.axis = mlirUniformQuantizedPerAxisTypeGetQuantizedDimension(type);
    element.scale_count = mlirUniformQuantizedPerAxisTypeGetNumDims(type);
  }
  element.scale = cimc_qgemm_scale(type, 0);
  element.zero_point = cimc_qgemm_zero_point(type, 0);
  return element;
}

float cimc_qgemm_scale(MlirType type, int64_t channel) {
  type = element_of(type);
  if (mlirTypeIsAUniformQuantizedType(type))
    return (float)mlirUniformQuantizedTypeGetScale(type);
  return (float)mlirUniformQuantizedPerAxisTypeGetScale(type, channel);
}

int32_t cimc_qgemm_zero_point(MlirType type, int64_t channel) {
  type = element_of(type);
  if (mlirTypeIsAUniformQuantizedType(type))
    return (int32_t)mlirUniformQuantizedTypeGetZeroPoint(type);
  return (int32_t)mlirUniformQuantizedPerAxisTypeGetZeroPoint(type, channel);
}

// The quant dialect wants a signless storage type, and the sign as a flag.
static MlirType signless_type(MlirContext context, cimc_storage storage) {
  return mlirIntegerTypeGet(context, 8u * (unsigned)storages[storage].bytes);
}

static unsigned sign_flag(cimc_storage storage) {
  return storages[storage].is_signed ? mlirQuantizedTypeGetSignedFlag() : 0;
}

MlirType cimc_qgemm_quant_type(MlirContext context, cimc_storage storage,
                               float scale, int32_t zero_point) {
  return mlirUniformQuantizedTypeGet(
      sign_flag(storage), signless_type(context, storage),
      mlirF32TypeGet(context), (double)scale, zero_point, storages[storage].min,
      storages[storage].max);
}

MlirType cimc_qgemm_quant_axis_type(MlirContext context, cimc_storage storage,
                                    const cimc_axis_scales *from) {
  MlirType type = {NULL};
  size_t count = (size_t)from->count;
  double *scales = calloc(count + 1, sizeof *scales);
  int64_t *points = calloc(count + 1, sizeof *points);
  if (scales != NULL && points != NULL) {
    for (size_t i = 0; i < count; ++i) {
      scales[i] = (double)from->scales[i];
      points[i] = from->zero_points[i];
    }
    type = mlirUniformQuantizedPerAxisTypeGet(
        sign_flag(storage), signless_type(context, storage),
        mlirF32TypeGet(context), from->count, scales, points, from->axis,
        storages[storage].min, storages[storage].max);
  }
  free(scales);
  free(points);
  return type;
}

// -- Attributes --------------------------------------------------------------
static const char *const activation_names[] = {
    [CIMC_ACTIVATION_NONE] = "none",
    [CIMC_ACTIVATION_RELU] = "relu",
    [CIMC_ACTIVATION_RELU6] = "relu6",
    [CIMC_ACTIVATION_CLAMP] = "clamp",
};

bool cimc_qgemm_activation(MlirOperation op, cimc_activation *out) {
  MlirStringRef word;
  *out = CIMC_ACTIVATION_NONE;
  if (!cimc_ir_has_attr(op, "activation"))
    return true;
  if (!cimc_ir_get_str(op, "activation", &word))
    return false;
  for (int i = 0; i <= CIMC_ACTIVATION_CLAMP; ++i) {
    if (cimc_ir_str_equal(word, activation_names[i])) {
      *out = (cimc_activation)i;
      return true;
    }
  }
  return false;
}

cimc_bounds cimc_qgemm_bounds(MlirOperation op) {
  cimc_bounds bounds = {-INFINITY, INFINITY};
  cimc_activation activation = CIMC_ACTIVATION_NONE;
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  if (kind == CIMC_QGEMM_NONE) // a null op too: a function's argument
    return bounds;
  if (kind == CIMC_QGEMM_RELU)
    activation = CIMC_ACTIVATION_RELU;
  else if (kind == CIMC_QGEMM_CLAMP)
    activation = CIMC_ACTIVATION_CLAMP;
  else
    cimc_qgemm_activation(op, &activation);
  switch (activation) {
  case CIMC_ACTIVATION_NONE:
    break;
  case CIMC_ACTIVATION_RELU:
    bounds.low = 0.0f;
    break;
  case CIMC_ACTIVATION_RELU6:
    bounds.low = 0.0f;
    bounds.high = 6.0f;
    break;
  case CIMC_ACTIVATION_CLAMP:
    cimc_ir_get_f32(op, "clamp_min", &bounds.low);
    cimc_ir_get_f32(op, "clamp_max", &bounds.high);
    break;
  }
  return bounds;
}

// The tolerance is ONNX Runtime's, which leaves out a Clip by the same test.
bool cimc_qgemm_bounds_are_idle(cimc_bounds bounds, MlirType quantized) {
  cimc_element e = cimc_qgemm_element(quantized);
  float low =
      e.scale * (float)(cimc_storage_min(e.storage) - (int64_t)e.zero_point);
  float high =
      e.scale * (float)(cimc_storage_max(e.storage) - (int64_t)e.zero_point);
  return bounds.low - low <= FLT_EPSILON && high - bounds.high <= FLT_EPSILON;
}

MlirNamedAttribute cimc_qgemm_segments(MlirContext context, intptr_t count) {
  int32_t sizes[CIMC_QGEMM_OPERANDS_MAX] = {0};
  for (intptr_t i = 0; i < count && i < CIMC_QGEMM_OPERANDS_MAX; ++i)
    sizes[i] = 1;
  return cimc_ir_attr(
      context, "operandSegmentSizes",
      mlirDenseI32ArrayGet(context, CIMC_QGEMM_OPERANDS_MAX, sizes));
}

cimc_window cimc_qgemm_window(MlirOperation op) {
  cimc_window window = {{1, 1}, {1, 1}, {0, 0, 0, 0}, {1, 1}, 1};
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  if (kind == CIMC_QGEMM_CONV2D || kind == CIMC_QGEMM_CONV2D_ADD) {
    cimc_shape weights = {0};
    cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetOperand(op, 1)),
                         &weights);
    window.kernel[0] = weights.dim[1];
    window.kernel[1] = weights.dim[2];
    cimc_ir_get_i64s(op, "dilations", 2, window.dilations);
    cimc_ir_get_i64(op, "groups", &window.groups);
  } else {
    cimc_ir_get_i64s(op, "kernel", 2, window.kernel);
  }
  cimc_ir_get_i64s(op, "strides", 2, window.strides);
  cimc_ir_get_i64s(op, "pads", 4, window.pads);
  return window;
}

// -- Constants ---------------------------------------------------------------
static MlirAttribute constant_value(MlirOperation constant) {
  return mlirOperationGetAttributeByName(constant, cimc_ir_str("value"));
}

const void *cimc_qgemm_constant_data(MlirOperation constant, bool *out_splat) {
  MlirAttribute value = constant_value(constant);
  *out_splat = mlirDenseElementsAttrIsSplat(value);
  return mlirDenseElementsAttrGetRawData(value);
}

void cimc_qgemm_constant_copy(MlirOperation constant, void *out) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(constant, 0));
  cimc_shape shape;
  if (!cimc_ir_tensor_shape(type, &shape))
    return;
  size_t count = (size_t)cimc_ir_element_count(&shape);
  size_t bytes = (size_t)cimc_storage_bytes(cimc_qgemm_element(type).storage);
  bool splat;
  const void *data = cimc_qgemm_constant_data(constant, &splat);
  if (!splat) {
    memcpy(out, data, count * bytes);
    return;
  }
  // One element, then what is there again and again: a text can name any size.
  size_t done = bytes, all = count * bytes;
  if (count > 0)
    memcpy(out, data, bytes);
  for (; done < all; done *= 2)
    memcpy((char *)out + done, out, done < all - done ? done : all - done);
}

MlirOperation cimc_qgemm_constant_create(MlirLocation location, MlirType type,
                                         const void *data, size_t bytes) {
  MlirContext context = mlirLocationGetContext(location);
  cimc_element element = cimc_qgemm_element(type);
  cimc_shape shape;
  MlirType value_type = type;
  if (cimc_ir_tensor_shape(type, &shape) && element.quantized)
    value_type =
        cimc_ir_tensor_type(&shape, signless_type(context, element.storage));
  MlirAttribute value =
      mlirDenseElementsAttrRawBufferGet(value_type, bytes, data);
  if (mlirAttributeIsNull(value)) {
    cimc_error(location,
               "%zu bytes of constant data; its type holds another "
               "number",
               bytes);
    return (MlirOperation){NULL};
  }
  MlirNamedAttribute attribute = cimc_ir_attr(context, "value", value);
  return cimc_ir_op_create(&(cimc_op_desc){
      .name = cimc_qgemm_name(CIMC_QGEMM_CONSTANT),
      .location = location,
      .result_count = 1,
      .results = &type,
      .attribute_count = 1,
      .attributes = &attribute,
  });
}
