// SPDX-License-Identifier: Apache-2.0
//
// Decodes the constants of a .tflite file.
#include "cimc/import/tflite/weights.h"

#include "runtime/core/half.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// -- Types -------------------------------------------------------------------
MlirLogicalResult cimc_lite_weights_type(cimc_lite_call *call,
                                         const cimc_lite_tensor *tensor,
                                         const cimc_lite_scales *scales,
                                         cimc_storage storage, MlirType *out) {
  for (int64_t i = 0; i < scales->count; i++) {
    if (!(isnormal(scales->scales[i]) && scales->scales[i] > 0.0f))
      return cimc_lite_call_error(call,
                                  "scale %" PRId64
                                  " of '%s' is %g; expected a normal number "
                                  "above 0",
                                  i, tensor->name, (double)scales->scales[i]);
    int32_t zero = scales->zero_points[i];
    if (zero < cimc_storage_min(storage) || zero > cimc_storage_max(storage))
      return cimc_lite_call_error(
          call,
          "zero point %" PRId64 " of '%s' is %" PRId32 "; expected "
          "%" PRId64 " to %" PRId64,
          i, tensor->name, zero, cimc_storage_min(storage),
          cimc_storage_max(storage));
  }
  if (scales->count == 1) {
    *out = cimc_qgemm_quant_type(call->builder.context, storage,
                                 scales->scales[0], scales->zero_points[0]);
    return mlirLogicalResultSuccess();
  }
  *out = cimc_qgemm_quant_axis_type(
      call->builder.context, storage,
      &(cimc_axis_scales){(int)scales->axis, scales->count, scales->scales,
                          scales->zero_points});
  return mlirTypeIsNull(*out) ? cimc_lite_call_no_memory(call)
                              : mlirLogicalResultSuccess();
}

// -- Decoding ----------------------------------------------------------------
static cimc_storage storage_of(int64_t type) {
  switch (type) {
  case CIMC_LITE_FLOAT32:
  case CIMC_LITE_FLOAT16:
    return CIMC_STORAGE_F32;
  case CIMC_LITE_INT8:
  case CIMC_LITE_INT4:
    return CIMC_STORAGE_I8;
  case CIMC_LITE_UINT8:
  case CIMC_LITE_BOOL:
    return CIMC_STORAGE_U8;
  case CIMC_LITE_INT16:
    return CIMC_STORAGE_I16;
  case CIMC_LITE_UINT16:
    return CIMC_STORAGE_U16;
  case CIMC_LITE_INT32:
    return CIMC_STORAGE_I32;
  case CIMC_LITE_INT64:
    return CIMC_STORAGE_I64;
  default:
    return CIMC_STORAGE_OTHER;
  }
}

static void decode(const cimc_lite_data *data, cimc_lite_array *out) {
  const unsigned char *from = data->bytes;
  if (data->type == CIMC_LITE_FLOAT16) {
    float *to = out->data;
    for (int64_t i = 0; i < out->count; i++)
      to[i] = cimrt_half_to_f32((uint16_t)(from[2 * i] | from[2 * i + 1] << 8));
  } else if (data->type == CIMC_LITE_INT4) { // two in a byte, the low one first
    int8_t *to = out->data;
    for (int64_t i = 0; i < out->count; i++) {
      int nibble = from[i / 2] >> (i % 2 * 4) & 15;
      to[i] = (int8_t)(nibble >= 8 ? nibble - 16 : nibble);
    }
  } else {
    memcpy(out->data, from, data->size);
  }
}

int64_t cimc_lite_array_at(const cimc_lite_array *array, int64_t i) {
  switch (array->storage) {
  case CIMC_STORAGE_I8:
    return ((const int8_t *)array->data)[i];
  case CIMC_STORAGE_U8:
    return ((const uint8_t *)array->data)[i];
  case CIMC_STORAGE_I16:
    return ((const int16_t *)array->data)[i];
  case CIMC_STORAGE_U16:
    return ((const uint16_t *)array->data)[i];
  case CIMC_STORAGE_I32:
    return ((const int32_t *)array->data)[i];
  default:
    return ((const int64_t *)array->data)[i];
  }
}

// Which dimension's index counts channels, and how many there are.
static MlirLogicalResult check_axis(cimc_lite_call *call,
                                    const cimc_lite_tensor *tensor,
                                    const cimc_lite_scales *scales) {
  if (scales->count <= 1)
    return mlirLogicalResultSuccess();
  if (scales->axis < 0 || scales->axis >= tensor->shape.rank ||
      tensor->shape.dim[scales->axis] != scales->count)
    return cimc_lite_call_error(call,
                                "'%s' has %" PRId64
                                " scales along dimension %" PRId64
                                "; expected one for each of its elements",
                                tensor->name, scales->count, scales->axis);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult dequantize(cimc_lite_call *call,
                                    const cimc_lite_scales *scales,
                                    cimc_lite_array *array) {
  float *to = malloc((size_t)array->count * sizeof *to);
  if (!to)
    return cimc_lite_call_no_memory(call);
  int64_t inner = 1;
  for (int d = array->shape.rank; scales->count > 1 && --d > scales->axis;)
    inner *= array->shape.dim[d];
  for (int64_t i = 0; i < array->count; i++) {
    int64_t c = i / inner % scales->count;
    to[i] = (float)(cimc_lite_array_at(array, i) - scales->zero_points[c]) *
            scales->scales[c];
  }
  free(array->data);
  array->data = to;
  array->storage = CIMC_STORAGE_F32;
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult check_size(cimc_lite_call *call,
                                    const cimc_lite_tensor *tensor,
                                    int64_t count) {
  const cimc_lite_data *data = &tensor->data;
  size_t bytes = cimc_lite_type_bytes(data->type), wanted;
  if (bytes == 0)
    return cimc_lite_call_refuse(call, "'%.100s' is %s", tensor->name,
                                 cimc_lite_type_name(data->type));
  if (count < 1)
    return cimc_lite_call_error(call,
                                "'%s' has no elements, or too many; expected "
                                "1 to 2^31",
                                tensor->name);
  wanted =
      data->type == CIMC_LITE_INT4 ? ((size_t)count + 1) / 2 : (size_t)count;
  if (__builtin_mul_overflow(wanted, bytes, &wanted) || wanted != data->size)
    return cimc_lite_call_error(
        call, "'%s' has %zu bytes of data for %" PRId64 " elements of %s",
        tensor->name, data->size, count, cimc_lite_type_name(data->type));
  return mlirLogicalResultSuccess();
}

// No tensor is worth more than 4 bytes an element but int64, which is small.
static MlirLogicalResult charge(const cimc_lite_call *call, int64_t count,
                                size_t bytes) {
  size_t size;
  if (__builtin_mul_overflow((size_t)count, bytes, &size) ||
      size > *call->budget)
    return cimc_lite_call_error(call, "the model's constants are too large; "
                                      "expected at most 1 GiB of them");
  *call->budget -= size;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_weights_load(cimc_lite_call *call,
                                         const cimc_lite_tensor *tensor,
                                         bool real, cimc_lite_array *out) {
  const cimc_lite_scales *scales = &tensor->data.scales;
  int64_t count = cimc_ir_element_count(&tensor->shape);
  *out = (cimc_lite_array){.data = NULL};
  CIMC_TRY(check_size(call, tensor, count));
  CIMC_TRY(check_axis(call, tensor, scales));
  out->storage = storage_of(tensor->data.type);
  out->shape = tensor->shape;
  out->count = count;
  size_t bytes = (size_t)cimc_storage_bytes(out->storage);
  CIMC_TRY(charge(call, count, bytes));
  out->data = malloc((size_t)count * bytes);
  if (!out->data)
    return cimc_lite_call_no_memory(call);
  decode(&tensor->data, out);
  bool stored_less =
      tensor->type == CIMC_LITE_FLOAT32 && out->storage != CIMC_STORAGE_F32;
  if ((!stored_less && !(real && scales->count > 0)) ||
      out->storage == CIMC_STORAGE_F32)
    return mlirLogicalResultSuccess();
  MlirLogicalResult result =
      scales->count > 0
          ? dequantize(call, scales, out)
          : cimc_lite_call_error(call,
                                 "'%s' is %s without scales; expected "
                                 "some",
                                 tensor->name,
                                 cimc_lite_type_name(tensor->data.type));
  if (mlirLogicalResultIsFailure(result))
    free(out->data);
  return result;
}

// Element by element in the order of the result: an odometer over its indices.
MlirLogicalResult cimc_lite_weights_permute(cimc_lite_call *call,
                                            cimc_lite_array *array,
                                            const int64_t *perm) {
  int64_t stride[CIMC_RANK_MAX], step[CIMC_RANK_MAX];
  int64_t index[CIMC_RANK_MAX] = {0}, at = 0;
  int rank = array->shape.rank;
  cimc_shape to = {.rank = rank};
  size_t bytes = (size_t)cimc_storage_bytes(array->storage);
  char *data = malloc((size_t)array->count * bytes);
  if (!data) {
    free(array->data);
    return cimc_lite_call_no_memory(call);
  }
  for (int64_t i = rank - 1, size = 1; i >= 0; size *= array->shape.dim[i--])
    stride[i] = size;
  for (int i = 0; i < rank; i++) {
    step[i] = stride[perm[i]];
    to.dim[i] = array->shape.dim[perm[i]];
  }
  for (int64_t i = 0; i < array->count; i++) {
    memcpy(data + (size_t)i * bytes,
           (const char *)array->data + (size_t)at * bytes, bytes);
    for (int d = rank - 1; d >= 0; d--) {
      at += step[d];
      if (++index[d] < to.dim[d])
        break;
      at -= step[d] * to.dim[d];
      index[d] = 0;
    }
  }
  free(array->data);
  array->data = data;
  array->shape = to;
  return mlirLogicalResultSuccess();
}

// -- Constants ---------------------------------------------------------------
MlirLogicalResult cimc_lite_weights_emit(cimc_lite_call *call,
                                         const cimc_lite_tensor *tensor,
                                         cimc_lite_array *array,
                                         MlirType element, MlirValue *out) {
  cimc_builder builder = call->builder;
  builder.location =
      cimc_ir_node_location(builder.context, call->graph->file, tensor->name);
  cimc_shape shape = array->shape;
  if (shape.rank == 0)
    shape = (cimc_shape){.rank = 1, .dim = {1}};
  if (mlirTypeIsNull(element))
    element = cimc_storage_type(builder.context, array->storage);
  *out = cimc_builder_constant(
      &builder, cimc_ir_tensor_type(&shape, element), array->data,
      (size_t)array->count * (size_t)cimc_storage_bytes(array->storage));
  free(array->data);
  array->data = NULL;
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

static MlirValue constant(const cimc_lite_call *call, const cimc_shape *shape,
                          cimc_storage storage, const void *data) {
  if (mlirLogicalResultIsFailure(charge(call, cimc_ir_element_count(shape), 4)))
    return (MlirValue){NULL};
  MlirType type = cimc_ir_tensor_type(
      shape, cimc_storage_type(call->builder.context, storage));
  return cimc_builder_constant(&call->builder, type, data,
                               (size_t)cimc_ir_element_count(shape) * 4);
}

MlirValue cimc_lite_weights_i32(const cimc_lite_call *call,
                                const cimc_shape *shape, const int32_t *data) {
  return constant(call, shape, CIMC_STORAGE_I32, data);
}

MlirValue cimc_lite_weights_f32(const cimc_lite_call *call,
                                const cimc_shape *shape, const float *data) {
  return constant(call, shape, CIMC_STORAGE_F32, data);
}
