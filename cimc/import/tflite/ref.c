// SPDX-License-Identifier: Apache-2.0
//
// LiteRT's reference arithmetic on integers.
#include "cimc/import/tflite/ref.h"

#include "cimc/import/tflite/fuse.h"
#include "cimc/import/tflite/weights.h"

#include <math.h>
#include <stdlib.h>

enum { TABLE_SIZE = 256 };

// -- Factors -----------------------------------------------------------------
bool cimc_lite_q31_of(double factor, cimc_lite_q31 *out) {
  int exponent;
  if (!(factor >= 0.0 && factor < 0x1p30))
    return false;
  double fraction = frexp(factor, &exponent);
  int64_t multiplier = (int64_t)round(fraction * 0x1p31);
  if (multiplier == INT64_C(1) << 31) {
    multiplier /= 2;
    exponent++;
  }
  if (exponent < -31) { // nothing is left of it
    multiplier = 0;
    exponent = 0;
  }
  *out = (cimc_lite_q31){.multiplier = multiplier, .shift = 31 - exponent};
  return out->shift >= 1;
}

// A shift right of a negative int64 is arithmetic with every compiler we use.
int32_t cimc_lite_q31_apply(int32_t value, cimc_lite_q31 by) {
  int64_t round = INT64_C(1) << (by.shift - 1);
  if (by.shift > 31)
    round += value >= 0 ? INT64_C(1) << 30 : -(INT64_C(1) << 30);
  return (int32_t)((value * by.multiplier + round) >> by.shift);
}

// -- Bounds ------------------------------------------------------------------
void cimc_lite_ref_bounds(const cimc_lite_tensor *tensor, int64_t activation,
                          int64_t out[2]) {
  bool is_signed = tensor->type == CIMC_LITE_INT8;
  int64_t least = is_signed ? -128 : 0, most = is_signed ? 127 : 255;
  out[0] = least;
  out[1] = most;
  if (activation == CIMC_LITE_ACTIVATION_NONE)
    return;
  float scale = tensor->scales.scales[0];
  int64_t zero = tensor->scales.zero_points[0];
  float low = activation == CIMC_LITE_ACTIVATION_RELU_N1_TO_1 ? -1.0f : 0.0f;
  float high = activation == CIMC_LITE_ACTIVATION_RELU6          ? 6.0f
               : activation == CIMC_LITE_ACTIVATION_RELU_N1_TO_1 ? 1.0f
                                                                 : INFINITY;
  float from = (float)zero + roundf(low / scale);
  float to = (float)zero + roundf(high / scale);
  if (from > (float)least)
    out[0] = from < (float)most ? (int64_t)from : most;
  if (to < (float)most)
    out[1] = to > (float)least ? (int64_t)to : least;
}

// -- Tables ------------------------------------------------------------------
static MlirValue look_up(const cimc_lite_call *call, MlirValue x,
                         MlirType element, const void *entries, size_t bytes) {
  cimc_shape shape = {.rank = 1, .dim = {TABLE_SIZE}};
  MlirValue table = cimc_builder_constant(
      &call->builder, cimc_ir_tensor_type(&shape, element), entries, bytes);
  return cimc_builder_create(&call->builder,
                             &(cimc_builder_op){.kind = CIMC_QGEMM_TABLE,
                                                .operands = {x, table},
                                                .operand_count = 2,
                                                .element = element});
}

MlirLogicalResult cimc_lite_ref_bytes(cimc_lite_call *call, size_t input,
                                      cimc_lite_ref_function function,
                                      const void *state, MlirValue *out) {
  MlirValue x;
  MlirType element;
  uint8_t entries[TABLE_SIZE];
  CIMC_TRY(cimc_lite_call_operand(call, input, &x));
  CIMC_TRY(cimc_lite_call_result(call, 0, &element));
  int least =
      cimc_lite_call_input(call, input)->type == CIMC_LITE_INT8 ? -128 : 0;
  for (int i = 0; i < TABLE_SIZE; i++)
    entries[i] = (uint8_t)function(state, least + i);
  *out = look_up(call, x, element, entries, sizeof entries);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_ref_table(cimc_lite_call *call, size_t input,
                                      cimc_lite_ref_function function,
                                      const void *state) {
  MlirValue y;
  CIMC_TRY(cimc_lite_ref_bytes(call, input, function, state, &y));
  return cimc_lite_call_define(call, 0, y);
}

// A constant is looked up now.
static MlirLogicalResult wide_constant(cimc_lite_call *call, size_t input,
                                       cimc_lite_ref_function function,
                                       const void *state, MlirValue *out) {
  const cimc_lite_tensor *tensor = cimc_lite_call_input(call, input);
  cimc_lite_array array;
  CIMC_TRY(cimc_lite_weights_load(call, tensor, false, &array));
  int32_t *wide = malloc((size_t)array.count * sizeof *wide);
  if (!wide) {
    free(array.data);
    return cimc_lite_call_no_memory(call);
  }
  for (int64_t i = 0; i < array.count; i++)
    wide[i] = function(state, (int32_t)cimc_lite_array_at(&array, i));
  free(array.data);
  array.data = wide;
  array.storage = CIMC_STORAGE_I32;
  return cimc_lite_weights_emit(call, tensor, &array, (MlirType){NULL}, out);
}

MlirLogicalResult cimc_lite_ref_wide(cimc_lite_call *call, size_t input,
                                     cimc_lite_ref_function function,
                                     const void *state, MlirValue *out) {
  MlirValue x;
  int32_t entries[TABLE_SIZE];
  const cimc_lite_tensor *tensor = cimc_lite_call_input(call, input);
  if (tensor && tensor->data.bytes)
    return wide_constant(call, input, function, state, out);
  CIMC_TRY(cimc_lite_call_operand(call, input, &x));
  int least = tensor->type == CIMC_LITE_INT8 ? -128 : 0;
  for (int i = 0; i < TABLE_SIZE; i++)
    entries[i] = function(state, least + i);
  *out = look_up(call, x,
                 cimc_storage_type(call->builder.context, CIMC_STORAGE_I32),
                 entries, sizeof entries);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

// -- Back to 8 bits ----------------------------------------------------------
static MlirValue bound(const cimc_lite_call *call, MlirValue x,
                       cimc_qgemm_kind kind, int64_t value) {
  cimc_shape one = {.rank = 1, .dim = {1}};
  uint8_t byte = (uint8_t)value;
  if (mlirValueIsNull(x))
    return x;
  MlirType element = cimc_ir_element_type(mlirValueGetType(x));
  MlirValue limit = cimc_builder_constant(
      &call->builder, cimc_ir_tensor_type(&one, element), &byte, 1);
  return cimc_builder_binary(&call->builder, kind, x, limit);
}

static MlirLogicalResult narrow(cimc_lite_call *call, MlirValue x,
                                cimc_lite_q31 q, int64_t activation) {
  const cimc_lite_tensor *y = cimc_lite_call_output(call, 0);
  const cimc_builder *builder = &call->builder;
  bool is_signed = y->type == CIMC_LITE_INT8;
  int64_t bounds[2];
  x = cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = CIMC_QGEMM_RESCALE,
          .operands = {x},
          .operand_count = 1,
          .element = cimc_storage_type(
              builder->context, is_signed ? CIMC_STORAGE_I8 : CIMC_STORAGE_U8),
          .attributes =
              {cimc_builder_i64s(builder, "multipliers", 1, &q.multiplier),
               cimc_builder_i64s(builder, "shifts", 1, &q.shift),
               cimc_ir_attr(builder->context, "rounding",
                            cimc_ir_attr_str(builder->context, "double")),
               cimc_builder_i64(builder, "input_zp", 0),
               cimc_builder_i64(builder, "output_zp",
                                y->scales.zero_points[0])},
          .attribute_count = 5});
  cimc_lite_ref_bounds(y, activation, bounds);
  if (bounds[0] > (is_signed ? -128 : 0))
    x = bound(call, x, CIMC_QGEMM_MAX, bounds[0]);
  if (bounds[1] < (is_signed ? 127 : 255))
    x = bound(call, x, CIMC_QGEMM_MIN, bounds[1]);
  return cimc_lite_call_define(call, 0, x);
}

static MlirLogicalResult too_large(cimc_lite_call *call) {
  return cimc_lite_call_error(call, "the scales need a factor of 2^30 or more; "
                                    "expected less");
}

MlirLogicalResult cimc_lite_ref_narrow(cimc_lite_call *call, MlirValue x,
                                       double factor, int64_t activation) {
  cimc_lite_q31 q;
  if (!cimc_lite_q31_of(factor, &q))
    return too_large(call);
  return narrow(call, x, q, activation);
}

MlirLogicalResult cimc_lite_ref_narrow_by(cimc_lite_call *call, MlirValue x,
                                          double factor, int64_t count) {
  cimc_lite_q31 q;
  int64_t shift = 0;
  if (!cimc_lite_q31_of(factor, &q))
    return too_large(call);
  // As many bits as the count has are kept, and no shift passes 62.
  while (shift < 32 && count >> (shift + 1) > 0)
    shift++;
  if (shift > 62 - q.shift)
    shift = 62 - q.shift;
  q.multiplier = (q.multiplier << shift) / count;
  q.shift += shift;
  return narrow(call, x, q, CIMC_LITE_ACTIVATION_NONE);
}
