// SPDX-License-Identifier: Apache-2.0
//
// Quantize and dequantize, the arithmetic of ONNX's QuantizeLinear.
#include "runtime/core/quant.h"

#include "runtime/core/fixed.h"

typedef struct storage_range {
  int32_t low;
  int32_t high;
} storage_range;

static int range_of(cimrt_dtype dtype, storage_range *out) {
  switch (dtype) {
  case CIMRT_I8:
    *out = (storage_range){INT8_MIN, INT8_MAX};
    return 1;
  case CIMRT_U8:
    *out = (storage_range){0, UINT8_MAX};
    return 1;
  case CIMRT_I16:
    *out = (storage_range){INT16_MIN, INT16_MAX};
    return 1;
  default:
    return 0;
  }
}

static int multiply(size_t a, size_t b, size_t *out) {
  if (b != 0 && a > SIZE_MAX / b)
    return 0;
  *out = a * b;
  return 1;
}

// Everything both directions demand of a layout before they touch an element.
static cimrt_status check(const cimrt_quant_layout *layout, const void *values,
                          const void *out, size_t count, storage_range *range) {
  if (layout == NULL || layout->scales == NULL ||
      !range_of(layout->dtype, range))
    return CIMRT_INVALID_ARGUMENT;
  size_t total;
  if (!multiply(layout->outer, layout->channels, &total) ||
      !multiply(total, layout->inner, &total) || total != count)
    return CIMRT_INVALID_ARGUMENT;
  if (count != 0 && (values == NULL || out == NULL))
    return CIMRT_INVALID_ARGUMENT;
  for (size_t c = 0; c < layout->channels; ++c) {
    float scale = layout->scales[c];
    if (!(scale > 0 && scale <= 0x1.fffffep127f))
      return CIMRT_INVALID_ARGUMENT;
    int32_t zero = layout->zero_points ? layout->zero_points[c] : 0;
    if (zero < range->low || zero > range->high)
      return CIMRT_INVALID_ARGUMENT;
  }
  return CIMRT_OK;
}

cimrt_status cimrt_quant_layout_of(const cimrt_tensor_info *info,
                                   cimrt_quant_layout *out) {
  if (info == NULL || out == NULL || info->scales == NULL ||
      info->scale_count == 0 || info->channel_axis >= (int32_t)info->rank)
    return CIMRT_INVALID_ARGUMENT;
  if (info->rank != 0 && info->shape == NULL)
    return CIMRT_INVALID_ARGUMENT;
  int32_t axis = info->channel_axis;
  cimrt_quant_layout layout = {
      .dtype = (cimrt_dtype)info->dtype,
      .outer = 1,
      .channels = axis < 0 ? 1 : info->scale_count,
      .inner = 1,
      .scales = info->scales,
      .zero_points = info->zero_points,
  };
  for (int32_t d = 0; d < (int32_t)info->rank; ++d) {
    int64_t extent = info->shape[d];
    if (extent < 0 || (uint64_t)extent > SIZE_MAX)
      return CIMRT_INVALID_ARGUMENT;
    if (d == axis) {
      if ((uint64_t)extent != info->scale_count)
        return CIMRT_INVALID_ARGUMENT;
      continue;
    }
    size_t *side = d < axis ? &layout.outer : &layout.inner;
    if (!multiply(*side, (size_t)extent, side))
      return CIMRT_INVALID_ARGUMENT;
  }
  storage_range range;
  if (!range_of(layout.dtype, &range))
    return CIMRT_INVALID_ARGUMENT;
  *out = layout;
  return CIMRT_OK;
}

// One element. Clamped before it is rounded, which keeps infinities and huge
// quotients out of the conversion to int.
static int32_t quantize(float value, float scale, int32_t zero,
                        storage_range range) {
  float low = (float)(range.low - zero);
  float high = (float)(range.high - zero);
  float q = value / scale;
  q = q > low ? q : low; // NaN compares false: low
  q = q < high ? q : high;
  return (int32_t)cimrt_fixed_round_even(q) + zero;
}

static void store(cimrt_dtype dtype, void *out, size_t index, int32_t q) {
  if (dtype == CIMRT_I8)
    ((int8_t *)out)[index] = (int8_t)q;
  else if (dtype == CIMRT_U8)
    ((uint8_t *)out)[index] = (uint8_t)q;
  else
    ((int16_t *)out)[index] = (int16_t)q;
}

static int32_t load(cimrt_dtype dtype, const void *values, size_t index) {
  if (dtype == CIMRT_I8)
    return ((const int8_t *)values)[index];
  if (dtype == CIMRT_U8)
    return ((const uint8_t *)values)[index];
  return ((const int16_t *)values)[index];
}

// Neighbours that share a scale: elements [begin, begin + layout->inner).
typedef struct run {
  size_t begin;
  float scale;
  int32_t zero;
} run;

static run run_at(const cimrt_quant_layout *layout, size_t index) {
  size_t channel = index % layout->channels;
  return (run){
      .begin = index * layout->inner,
      .scale = layout->scales[channel],
      .zero = layout->zero_points ? layout->zero_points[channel] : 0,
  };
}

cimrt_status cimrt_quant_quantize(const cimrt_quant_layout *layout,
                                  const float *values, void *out,
                                  size_t count) {
  storage_range range;
  cimrt_status status = check(layout, values, out, count, &range);
  if (status != CIMRT_OK)
    return status;
  for (size_t r = 0; r < layout->outer * layout->channels; ++r) {
    run at = run_at(layout, r);
    for (size_t i = at.begin; i < at.begin + layout->inner; ++i)
      store(layout->dtype, out, i,
            quantize(values[i], at.scale, at.zero, range));
  }
  return CIMRT_OK;
}

cimrt_status cimrt_quant_dequantize(const cimrt_quant_layout *layout,
                                    const void *values, float *out,
                                    size_t count) {
  storage_range range;
  cimrt_status status = check(layout, values, out, count, &range);
  if (status != CIMRT_OK)
    return status;
  for (size_t r = 0; r < layout->outer * layout->channels; ++r) {
    run at = run_at(layout, r);
    for (size_t i = at.begin; i < at.begin + layout->inner; ++i)
      out[i] = (float)(load(layout->dtype, values, i) - at.zero) * at.scale;
  }
  return CIMRT_OK;
}
