// SPDX-License-Identifier: Apache-2.0
//
// Resize and Upsample: along one dimension after the other, a few gathers by
// constant indices times constant weights. Formulas: the ONNX operator
// reference of Resize, and the Python reference implementation where that
// leaves a choice.
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/term.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

// Elements that one of the result is made of, along one dimension.
#define TAPS_MAX 64
#define SIZE_MAX_OUT (INT64_C(1) << 24)

typedef struct resize {
  const char *mode;        // nearest, linear, cubic
  const char *coordinates; // coordinate_transformation_mode
  const char *nearest;     // nearest_mode
  const char *policy;      // keep_aspect_ratio_policy
  double cubic;            // cubic_coeff_a
  float outside;           // extrapolation_value
  bool antialias;
  bool exclude; // exclude_outside
  double scale[CIMC_RANK_MAX];
  int64_t size[CIMC_RANK_MAX];
  double roi[2 * CIMC_RANK_MAX]; // starts, then ends
} resize;

static MlirLogicalResult read_attributes(cimc_call *call, resize *self) {
  bool old = call->opset < 11; // Resize of opset 10, and Upsample
  int64_t antialias = 0, exclude = 0;
  float cubic = -0.75f;
  self->mode = "nearest";
  self->coordinates = old ? "asymmetric" : "half_pixel";
  self->nearest = old ? "floor" : "round_prefer_floor";
  self->policy = "stretch";
  self->outside = 0.0f;
  CIMC_TRY(cimc_call_text(call, "mode", &self->mode));
  CIMC_TRY(cimc_call_text(call, "coordinate_transformation_mode",
                          &self->coordinates));
  CIMC_TRY(cimc_call_text(call, "nearest_mode", &self->nearest));
  CIMC_TRY(cimc_call_text(call, "keep_aspect_ratio_policy", &self->policy));
  CIMC_TRY(cimc_call_real(call, "cubic_coeff_a", &cubic));
  CIMC_TRY(cimc_call_real(call, "extrapolation_value", &self->outside));
  CIMC_TRY(cimc_call_i64(call, "antialias", &antialias));
  CIMC_TRY(cimc_call_i64(call, "exclude_outside", &exclude));
  self->cubic = (double)cubic;
  self->antialias = antialias != 0;
  self->exclude = exclude != 0;
  if (strcmp(self->mode, "nearest") != 0 && strcmp(self->mode, "linear") != 0 &&
      strcmp(self->mode, "cubic") != 0)
    return cimc_call_error(call,
                           "mode is '%.20s'; expected nearest, linear or "
                           "cubic",
                           self->mode);
  return mlirLogicalResultSuccess();
}

// -- Sizes -------------------------------------------------------------------
// Which dimensions the lists are about.
static MlirLogicalResult read_axes(cimc_call *call, int rank,
                                   cimc_call_list *out) {
  CIMC_TRY(cimc_call_axes(call, SIZE_MAX, rank, out));
  if (out->count < 0) {
    out->count = rank;
    for (int i = 0; i < rank; i++)
      out->at[i] = i;
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult read_reals(cimc_call *call, size_t input,
                                    const char *what, int64_t count,
                                    double *out) {
  const cimc_tensor *tensor;
  CIMC_TRY(cimc_call_constant(call, input, what, &tensor));
  if (tensor->elem != CIMC_ELEM_FLOAT || tensor->count != count)
    return cimc_call_error(
        call, "'%s' is not a list of %" PRId64 " float32; expected one", what,
        count);
  for (int64_t i = 0; i < count; i++) {
    out[i] = (double)cimc_tensor_f32(tensor, i);
    if (!isfinite(out[i]))
      return cimc_call_error(call, "'%s' has a number that is not finite",
                             what);
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult check_sizes(cimc_call *call, const resize *self,
                                     int rank) {
  for (int i = 0; i < rank; i++)
    if (!(self->scale[i] > 0) || self->size[i] < 1 ||
        self->size[i] > SIZE_MAX_OUT)
      return cimc_call_error(
          call, "dimension %d becomes %" PRId64 "; expected 1 to 2^24", i,
          self->size[i]);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult from_scales(cimc_call *call, size_t input,
                                     const cimc_shape *shape,
                                     const cimc_call_list *axes, resize *self) {
  double scales[2 * CIMC_RANK_MAX];
  CIMC_TRY(read_reals(call, input, "scales", axes->count, scales));
  for (int64_t i = 0; i < axes->count; i++) {
    double size = floor(scales[i] * (double)shape->dim[axes->at[i]]);
    self->scale[axes->at[i]] = scales[i];
    self->size[axes->at[i]] =
        size < (double)SIZE_MAX_OUT ? (int64_t)size : SIZE_MAX_OUT + 1;
  }
  return check_sizes(call, self, shape->rank);
}

static MlirLogicalResult from_sizes(cimc_call *call, const cimc_shape *shape,
                                    const cimc_call_list *axes, resize *self) {
  cimc_call_list sizes;
  bool smaller = strcmp(self->policy, "not_larger") == 0;
  bool stretch = strcmp(self->policy, "stretch") == 0;
  double scale = 0;
  CIMC_TRY(cimc_call_ints(call, 3, "sizes", &sizes));
  if (sizes.count != axes->count)
    return cimc_call_error(call, "%" PRId64 " sizes; expected %" PRId64,
                           sizes.count, axes->count);
  for (int64_t i = 0; i < axes->count; i++) {
    int64_t axis = axes->at[i];
    double one = (double)sizes.at[i] / (double)shape->dim[axis];
    self->size[axis] = sizes.at[i];
    self->scale[axis] = one;
    if (i == 0 || (smaller ? one < scale : one > scale))
      scale = one;
  }
  for (int64_t i = 0; i < axes->count && !stretch; i++) {
    double size = scale * (double)shape->dim[axes->at[i]] + 0.5;
    self->scale[axes->at[i]] = scale;
    self->size[axes->at[i]] =
        size < (double)SIZE_MAX_OUT ? (int64_t)size : SIZE_MAX_OUT + 1;
  }
  return check_sizes(call, self, shape->rank);
}

// The part of the input that tf_crop_and_resize takes.
static MlirLogicalResult read_roi(cimc_call *call, int rank,
                                  const cimc_call_list *axes, resize *self) {
  double roi[2 * CIMC_RANK_MAX];
  for (int i = 0; i < rank; i++) {
    self->roi[i] = 0;
    self->roi[CIMC_RANK_MAX + i] = 1;
  }
  if (strcmp(self->coordinates, "tf_crop_and_resize") != 0)
    return mlirLogicalResultSuccess();
  CIMC_TRY(read_reals(call, 1, "roi", 2 * axes->count, roi));
  for (int64_t i = 0; i < axes->count; i++) {
    self->roi[axes->at[i]] = roi[i];
    self->roi[CIMC_RANK_MAX + axes->at[i]] = roi[axes->count + i];
  }
  return mlirLogicalResultSuccess();
}

// -- Where an element of the result stands in the input ----------------------
// In float32, as ONNX Runtime: where a neighbour is chosen by rounding, the
// last bit decides.
static bool coordinate(const resize *self, int axis, int64_t in, int64_t at,
                       double *out) {
  const char *how = self->coordinates;
  float x = (float)at, scale = (float)self->scale[axis], size = (float)in;
  double wide = self->scale[axis] * (double)in;
  float width = (float)wide, half = (x + 0.5f) / scale - 0.5f, found;
  if (strcmp(how, "half_pixel") == 0)
    found = half;
  else if (strcmp(how, "pytorch_half_pixel") == 0)
    found = width == 1 ? -0.5f : half;
  else if (strcmp(how, "asymmetric") == 0)
    found = x / scale;
  else if (strcmp(how, "align_corners") == 0)
    found = width == 1 ? 0 : x * (size - 1) / (width - 1);
  else if (strcmp(how, "tf_half_pixel_for_nn") == 0)
    found = (x + 0.5f) / scale;
  else if (strcmp(how, "half_pixel_symmetric") == 0)
    found = size / 2 * (1 - (float)((double)self->size[axis] / wide)) + half;
  else if (strcmp(how, "tf_crop_and_resize") == 0) {
    float start = (float)self->roi[axis];
    float end = (float)self->roi[CIMC_RANK_MAX + axis];
    found = start * (size - 1) +
            (width == 1 ? (end - start) * (size - 1) / 2
                        : x * (end - start) * (size - 1) / (width - 1));
  } else {
    return false;
  }
  *out = (double)found;
  return true;
}

// -- Weights -----------------------------------------------------------------
static double cubic_weight(double a, double x) {
  x = fabs(x);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

static double linear_weight(double x) {
  x = 1 - fabs(x);
  return x > 0 ? x : 0;
}

// The number of neighbours, half of them on either side, that count.
static int64_t tap_count(const resize *self, int axis) {
  double reach = strcmp(self->mode, "cubic") == 0 ? 2 : 1;
  double scale =
      self->antialias && self->scale[axis] < 1 ? self->scale[axis] : 1;
  double half = 1 - (floor(-reach / scale) + 1);
  return half < TAPS_MAX ? 2 * (int64_t)half : 2 * TAPS_MAX;
}

// The neighbours of x and their weights, which sum up to 1.
typedef struct taps {
  int64_t count;
  int64_t at[TAPS_MAX]; // in [0, in)
  double weight[TAPS_MAX];
} taps;

static int64_t inside(int64_t i, int64_t size) {
  return i < 0 ? 0 : i >= size ? size - 1 : i;
}

static void nearest_tap(const resize *self, double x, int64_t in, taps *out) {
  double low = floor(x), rest = x - low;
  bool up = rest > 0.5;
  if (strcmp(self->nearest, "round_prefer_ceil") == 0)
    up = rest >= 0.5;
  else if (strcmp(self->nearest, "floor") == 0)
    up = false;
  else if (strcmp(self->nearest, "ceil") == 0)
    up = rest > 0;
  out->count = 1;
  out->at[0] = inside((int64_t)low + up, in);
  out->weight[0] = 1;
}

static void weighted_taps(const resize *self, int axis, double x, int64_t in,
                          taps *out) {
  bool cubic = strcmp(self->mode, "cubic") == 0;
  double scale =
      self->antialias && self->scale[axis] < 1 ? self->scale[axis] : 1;
  int64_t first = (int64_t)ceil(x) - out->count / 2, edge = out->count / 2;
  double sum = 0;
  // The nearest are looked for in the input with its edges repeated.
  if (first < -edge)
    first = -edge;
  if (first > in + edge - out->count)
    first = in + edge - out->count;
  double left = ceil(x) - (double)(out->count / 2);
  for (int64_t k = 0; k < out->count; k++) {
    double distance = (left + (double)k - x) * scale;
    out->weight[k] =
        cubic ? cubic_weight(self->cubic, distance) : linear_weight(distance);
    if (self->exclude && (first + k < 0 || first + k >= in))
      out->weight[k] = 0;
    out->at[k] = inside(first + k, in);
    sum += out->weight[k];
  }
  for (int64_t k = 0; k < out->count && (self->antialias || self->exclude); k++)
    out->weight[k] /= sum;
}

// -- One dimension -----------------------------------------------------------
// Tables for each tap: which element, how much of it.
typedef struct plan {
  int64_t taps;
  int64_t count;
  int64_t *at;    // [taps][count]
  float *weights; // likewise
  bool *outside;  // [count]: the result is the extrapolation value
  bool any_outside;
  bool idle; // the result is the input
} plan;

static bool make_plan(cimc_call *call, const resize *self, int64_t in, int axis,
                      plan *out) {
  bool nearest = strcmp(self->mode, "nearest") == 0;
  bool crops = strcmp(self->coordinates, "tf_crop_and_resize") == 0;
  taps one = {.count = nearest ? 1 : tap_count(self, axis)};
  size_t count = (size_t)self->size[axis];
  cimc_arena *arena = call->source->arena;
  if (one.count > TAPS_MAX) {
    cimc_call_refuse(call, "antialias over more than %d elements", TAPS_MAX);
    return false;
  }
  *out = (plan){.taps = one.count, .count = (int64_t)count};
  out->at = cimc_arena_alloc(arena, count * (size_t)one.count, 8);
  out->weights = cimc_arena_alloc(arena, count * (size_t)one.count, 4);
  out->outside = cimc_arena_alloc(arena, count, 1);
  if (!out->at || !out->weights || !out->outside) {
    cimc_call_error(call, "the model needs more memory than is allowed");
    return false;
  }
  out->idle = out->count == in;
  for (int64_t i = 0; i < out->count; i++) {
    double x = 0;
    if (!coordinate(self, axis, in, i, &x) || !(fabs(x) < 0x1p40)) {
      cimc_call_refuse(call, "coordinate_transformation_mode '%.40s'",
                       self->coordinates);
      return false;
    }
    out->outside[i] = crops && (x < 0 || x > (double)(in - 1));
    out->any_outside |= out->outside[i];
    out->idle &= x == (double)i;
    if (nearest)
      nearest_tap(self, x, in, &one);
    else
      weighted_taps(self, axis, x, in, &one);
    for (int64_t k = 0; k < one.count; k++) {
      out->at[k * out->count + i] = one.at[k];
      out->weights[k * out->count + i] = (float)one.weight[k];
    }
  }
  return true;
}

// As many elements of the type as the shape has, which has one long dimension.
static cimc_term along(cimc_call *call, int64_t elem, const cimc_shape *shape,
                       const void *values) {
  unsigned char *data;
  cimc_tensor *out = cimc_tensor_create(call->source, elem, shape, &data);
  if (out)
    memcpy(data, values, (size_t)out->count * cimc_tensor_elem_bytes(elem));
  return cimc_term_known(out);
}

static cimc_term resize_axis(cimc_call *call, cimc_term x, const resize *self,
                             int axis) {
  plan of;
  cimc_shape line = {.rank = x.shape.rank};
  if (!make_plan(call, self, x.shape.dim[axis], axis, &of))
    return CIMC_TERM_NONE;
  for (int i = 0; i < line.rank; i++)
    line.dim[i] = i == axis ? of.count : 1;
  if (of.idle && !of.any_outside)
    return x;
  cimc_term sum = CIMC_TERM_NONE;
  for (int64_t k = 0; k < of.taps; k++) {
    const float *weights = of.weights + k * of.count;
    bool all = true, none = true;
    for (int64_t i = 0; i < of.count; i++) {
      all &= weights[i] == 1.0f;
      none &= weights[i] == 0.0f;
    }
    if (none)
      continue;
    cimc_term tap = cimc_term_take(
        call, x,
        &(cimc_term_indices){
            .axis = axis, .count = of.count, .at = of.at + k * of.count});
    if (!all)
      tap = cimc_term_binary(call, CIMC_QGEMM_MUL, tap,
                             along(call, CIMC_ELEM_FLOAT, &line, weights));
    sum = sum.sound ? cimc_term_binary(call, CIMC_QGEMM_ADD, sum, tap) : tap;
    if (!sum.sound)
      return sum;
  }
  if (!of.any_outside)
    return sum;
  return cimc_term_select(call, along(call, CIMC_ELEM_BOOL, &line, of.outside),
                          cimc_term_number(call, x.elem, (double)self->outside),
                          sum);
}

static MlirLogicalResult emit(cimc_call *call, cimc_term x,
                              const resize *self) {
  int64_t elem = x.elem;
  bool bytes = elem == CIMC_ELEM_INT8 || elem == CIMC_ELEM_UINT8;
  // ONNX Runtime cuts what lies between bytes towards zero.
  if (strcmp(self->mode, "linear") == 0 && bytes)
    x = cimc_term_cast(call, x, CIMC_ELEM_FLOAT);
  else if (strcmp(self->mode, "nearest") != 0 && elem != CIMC_ELEM_FLOAT)
    return cimc_call_refuse(call, "mode %s of %s", self->mode,
                            cimc_proto_elem_name(x.elem));
  if (x.shape.rank == 0)
    return cimc_call_refuse(call, "a scalar");
  for (int axis = 0; x.sound && axis < x.shape.rank; axis++)
    x = resize_axis(call, x, self, axis);
  return cimc_term_define(call, 0, cimc_term_cast(call, x, elem));
}

// -- The operators -----------------------------------------------------------
static void keep_sizes(const cimc_shape *shape, resize *self) {
  for (int i = 0; i < shape->rank; i++) {
    self->scale[i] = 1;
    self->size[i] = shape->dim[i];
  }
}

// An input that is there and has elements.
static bool is_given(cimc_call *call, size_t i) {
  const cimc_graph_value *value = cimc_call_input(call, i);
  return value && cimc_ir_element_count(&value->shape) > 0;
}

MlirLogicalResult cimc_ops_resize_resize(cimc_call *call) {
  resize self = {.mode = NULL};
  cimc_call_list axes;
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(read_attributes(call, &self));
  if (!x.sound)
    return mlirLogicalResultFailure();
  CIMC_TRY(read_axes(call, x.shape.rank, &axes));
  CIMC_TRY(read_roi(call, x.shape.rank, &axes, &self));
  keep_sizes(&x.shape, &self);
  size_t scales = call->opset < 11 ? 1 : 2;
  if (scales == 2 && is_given(call, 3))
    CIMC_TRY(from_sizes(call, &x.shape, &axes, &self));
  else
    CIMC_TRY(from_scales(call, scales, &x.shape, &axes, &self));
  return emit(call, x, &self);
}

// Before opset 9 the scales are an attribute.
MlirLogicalResult cimc_ops_resize_upsample(cimc_call *call) {
  resize self = {.mode = NULL};
  cimc_call_list axes;
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(read_attributes(call, &self));
  self.coordinates = "asymmetric";
  self.nearest = "floor";
  if (!x.sound)
    return mlirLogicalResultFailure();
  CIMC_TRY(read_axes(call, x.shape.rank, &axes));
  keep_sizes(&x.shape, &self);
  const cimc_proto_attribute *scales = cimc_call_attribute(call, "scales");
  if (!scales) {
    CIMC_TRY(from_scales(call, 1, &x.shape, &axes, &self));
    return emit(call, x, &self);
  }
  if (scales->float_count != (size_t)x.shape.rank)
    return cimc_call_error(call, "%zu scales for rank %d; expected as many",
                           scales->float_count, x.shape.rank);
  for (int i = 0; i < x.shape.rank; i++) {
    double size = (double)scales->floats[i] * (double)x.shape.dim[i];
    self.scale[i] = (double)scales->floats[i];
    self.size[i] = size >= 0 && size < 0x1p30 ? (int64_t)size : 0;
  }
  CIMC_TRY(check_sizes(call, &self, x.shape.rank));
  return emit(call, x, &self);
}
