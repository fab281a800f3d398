// SPDX-License-Identifier: Apache-2.0
//
// tosa's ops of quantized arithmetic: rescale, table, clamp, negate, cast, and
// the pools.
#include "passes/model/raise/raise_op.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static bool is_float(MlirValue value) {
  return cimc_raise_storage(value) == CIMC_STORAGE_F32;
}

// -- rescale -----------------------------------------------------------------
static cimc_storage without_sign(cimc_storage storage) {
  return storage == CIMC_STORAGE_I8    ? CIMC_STORAGE_U8
         : storage == CIMC_STORAGE_I16 ? CIMC_STORAGE_U16
                                       : storage;
}

static bool is_rescaled(cimc_storage storage) {
  return storage != CIMC_STORAGE_F32 && cimc_storage_bytes(storage) <= 4;
}

// A zero point is stored in the bits of the tensor's type.
static int64_t read_point(int64_t stored, cimc_storage storage) {
  return storage == CIMC_STORAGE_U8    ? (uint8_t)stored
         : storage == CIMC_STORAGE_U16 ? (uint16_t)stored
                                       : stored;
}

// The elements of a constant operand as an attribute, each in a range.
static MlirLogicalResult read_list(cimc_raise *self, intptr_t operand,
                                   int64_t high, MlirAttribute *out) {
  cimc_literal literal;
  MlirValue value = cimc_raise_operand(self, operand);
  if (!cimc_literal_read(value, &literal))
    return cimc_raise_refuse(self, "multiplier and shift are not known; "
                                   "expected constants");
  int64_t *list = malloc((literal.count + 1) * sizeof *list);
  int64_t wrong = 0;
  for (size_t i = 0; list && i < literal.count; i++) {
    list[i] = cimc_literal_get(&literal, i);
    if (list[i] < 0 || list[i] > high)
      wrong = list[i];
  }
  if (list)
    *out = cimc_ir_attr_i64s(self->context, (intptr_t)literal.count, list);
  cimc_literal_destroy(&literal);
  free(list);
  if (!list)
    return cimc_raise_refuse(self, "out of memory");
  if (wrong == 0)
    return mlirLogicalResultSuccess();
  return cimc_raise_refuse(
      self, "a multiplier or shift of %" PRId64 "; expected 0 to %" PRId64,
      wrong, high);
}

typedef struct points {
  cimc_storage from, to;
  int64_t input, output;
} points;

static MlirLogicalResult read_points(cimc_raise *self, points *out) {
  out->from = cimc_raise_storage(cimc_raise_operand(self, 0));
  out->to = cimc_qgemm_element(cimc_raise_result(self)).storage;
  if (!is_rescaled(out->from) || !is_rescaled(out->to))
    return cimc_raise_refuse(self, "a rescale of other than i8, i16 and i32; "
                                   "expected these");
  if (cimc_raise_bool(self, "input_unsigned"))
    out->from = without_sign(out->from);
  if (cimc_raise_bool(self, "output_unsigned"))
    out->to = without_sign(out->to);
  CIMC_TRY(cimc_raise_number(self, 3, "the input's zero point", &out->input));
  CIMC_TRY(cimc_raise_number(self, 4, "the output's zero point", &out->output));
  out->input = read_point(out->input, out->from);
  out->output = read_point(out->output, out->to);
  return mlirLogicalResultSuccess();
}

// A multiplier of 16 bits is used as it is: the formula is the same. "Inexact"
// leaves the rounding to the implementation.
static MlirLogicalResult rescale(cimc_raise *self) {
  points zero;
  MlirAttribute multipliers = {NULL}, shifts = {NULL};
  CIMC_TRY(read_points(self, &zero));
  CIMC_TRY(read_list(self, 1, INT32_MAX, &multipliers));
  CIMC_TRY(read_list(self, 2, 62, &shifts));
  bool twice = cimc_raise_says(self, "rounding_mode", "DOUBLE");
  if (twice && !cimc_raise_bool(self, "scale32"))
    return cimc_raise_refuse(self, "double rounding with 16-bit multipliers; "
                                   "expected scale32");
  MlirValue x = cimc_raise_cast(self, cimc_raise_operand(self, 0), zero.from);
  cimc_shape shape = cimc_raise_shape(x);
  cimc_edit edit = {
      .kind = CIMC_QGEMM_RESCALE,
      .type = cimc_ir_tensor_type(&shape, cimc_raise_element(self, zero.to)),
      .operand_count = 1,
      .operands = {x}};
  cimc_edit_set(&edit, "multipliers", multipliers);
  cimc_edit_set(&edit, "shifts", shifts);
  cimc_edit_set(&edit, "rounding",
                cimc_ir_attr_str(self->context, twice ? "double" : "single"));
  cimc_edit_set(&edit, "input_zp", cimc_ir_attr_i64(self->context, zero.input));
  cimc_edit_set(&edit, "output_zp",
                cimc_ir_attr_i64(self->context, zero.output));
  MlirValue y = cimc_raise_build(self, &edit);
  return cimc_raise_done(
      self, cimc_raise_cast(
                self, y, cimc_qgemm_element(cimc_raise_result(self)).storage));
}

// -- table -------------------------------------------------------------------
static MlirLogicalResult table(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  MlirValue entries = cimc_raise_operand(self, 1);
  if (!cimc_edit_is_constant(entries))
    return cimc_raise_refuse(self, "a table that is computed; expected a "
                                   "constant");
  return cimc_raise_done(
      self, cimc_raise_build(self, &(cimc_edit){.kind = CIMC_QGEMM_TABLE,
                                                .type = cimc_raise_result(self),
                                                .operand_count = 2,
                                                .operands = {x, entries}}));
}

// -- clamp -------------------------------------------------------------------
MlirLogicalResult cimc_raise_check_nan(cimc_raise *self, MlirValue x) {
  if (!is_float(x) || !cimc_raise_says(self, "nan_mode", "IGNORE"))
    return mlirLogicalResultSuccess();
  return cimc_raise_refuse(self, "nan_mode IGNORE; expected PROPAGATE");
}

static MlirValue build_clamp(cimc_raise *self, MlirValue x, float low,
                             float high) {
  cimc_edit edit = {.kind = CIMC_QGEMM_CLAMP,
                    .type = mlirValueGetType(x),
                    .operand_count = 1,
                    .operands = {x}};
  cimc_edit_set(&edit, "clamp_min", cimc_ir_attr_f32(self->context, low));
  cimc_edit_set(&edit, "clamp_max", cimc_ir_attr_f32(self->context, high));
  return cimc_raise_build(self, &edit);
}

// 8 bits as reals with scale 1, which a product may take as its activation.
MlirValue cimc_raise_clamp(cimc_raise *self, MlirValue x, double low,
                           double high) {
  if (is_float(x))
    return build_clamp(self, x, (float)low, (float)high);
  cimc_storage storage = cimc_raise_storage(x);
  double least = (double)cimc_storage_min(storage);
  double most = (double)cimc_storage_max(storage);
  low = fmin(fmax(low, least), most);
  high = fmin(fmax(high, least), most);
  if (low == least && high == most)
    return x;
  if (cimc_storage_bytes(storage) == 1)
    return cimc_raise_plain(self,
                            build_clamp(self, cimc_raise_quantized(self, x, 0),
                                        (float)low, (float)high));
  x = cimc_raise_binary(self, CIMC_QGEMM_MAX, x,
                        cimc_raise_scalar(self, x, low));
  return cimc_raise_binary(self, CIMC_QGEMM_MIN, x,
                           cimc_raise_scalar(self, x, high));
}

static MlirLogicalResult clamp(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  CIMC_TRY(cimc_raise_check_nan(self, x));
  float low = 0, high = 0;
  int64_t least = 0, most = 0;
  bool known = is_float(x) ? cimc_ir_get_f32(self->op, "min_val", &low) &&
                                 cimc_ir_get_f32(self->op, "max_val", &high)
                           : cimc_ir_get_i64(self->op, "min_val", &least) &&
                                 cimc_ir_get_i64(self->op, "max_val", &most);
  if (!known)
    return cimc_raise_refuse(self, "bounds of another type than the tensor; "
                                   "expected the same");
  return cimc_raise_done(
      self, is_float(x)
                ? cimc_raise_clamp(self, x, (double)low, (double)high)
                : cimc_raise_clamp(self, x, (double)least, (double)most));
}

// -- negate ------------------------------------------------------------------
// It saturates: of integers without zero points, the smallest is first made the
// one after it.
static MlirLogicalResult negate(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  int64_t input, output;
  CIMC_TRY(cimc_raise_number(self, 1, "the input's zero point", &input));
  CIMC_TRY(cimc_raise_number(self, 2, "the output's zero point", &output));
  cimc_storage storage = cimc_raise_storage(x);
  if (input == 0 && output == 0) {
    if (!is_float(x))
      x = cimc_raise_binary(
          self, CIMC_QGEMM_MAX, x,
          cimc_raise_scalar(self, x, -(double)cimc_storage_max(storage)));
    return cimc_raise_done(self, cimc_raise_unary(self, CIMC_QGEMM_NEG, x));
  }
  if (cimc_storage_bytes(storage) > 2)
    return cimc_raise_refuse(self, "zero points of a tensor of more than 16 "
                                   "bits; expected 0");
  MlirValue wide = cimc_raise_cast(self, x, CIMC_STORAGE_I32);
  MlirValue sum = cimc_raise_scalar(self, wide, (double)(input + output));
  wide = cimc_raise_binary(self, CIMC_QGEMM_SUB, sum, wide);
  wide = cimc_raise_binary(
      self, CIMC_QGEMM_MAX, wide,
      cimc_raise_scalar(self, wide, (double)cimc_storage_min(storage)));
  wide = cimc_raise_binary(
      self, CIMC_QGEMM_MIN, wide,
      cimc_raise_scalar(self, wide, (double)cimc_storage_max(storage)));
  return cimc_raise_done(self, cimc_raise_cast(self, wide, storage));
}

// -- cast --------------------------------------------------------------------
static bool is_i1(MlirType tensor) {
  MlirType element = cimc_ir_element_type(tensor);
  return mlirTypeIsAInteger(element) && mlirIntegerTypeGetWidth(element) == 1;
}

static MlirLogicalResult cast(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  if (is_i1(cimc_edit_type(self->op)))
    return cimc_raise_done(
        self, cimc_raise_compare(self, "ne", x, cimc_raise_scalar(self, x, 0)));
  cimc_storage to = cimc_qgemm_element(cimc_raise_result(self)).storage;
  if (is_float(x) && to != CIMC_STORAGE_F32)
    x = cimc_raise_unary(self, CIMC_QGEMM_ROUND, x);
  return cimc_raise_done(self, cimc_raise_cast(self, x, to));
}

// -- Pools -------------------------------------------------------------------
MlirValue cimc_raise_pool2d(cimc_raise *self, const cimc_raise_pool *pool,
                            cimc_edit *edit) {
  cimc_edit_set(edit, "kernel",
                cimc_ir_attr_i64s(self->context, 2, pool->kernel));
  cimc_edit_set(edit, "strides",
                cimc_ir_attr_i64s(self->context, 2, pool->strides));
  cimc_edit_set(edit, "pads", cimc_ir_attr_i64s(self->context, 4, pool->pads));
  return cimc_raise_build(self, edit);
}

static MlirLogicalResult read_pool(cimc_raise *self, cimc_raise_pool *out) {
  CIMC_TRY(cimc_raise_list(self, "kernel", 2, out->kernel));
  CIMC_TRY(cimc_raise_list(self, "stride", 2, out->strides));
  int64_t pads[4];
  CIMC_TRY(cimc_raise_list(self, "pad", 4, pads));
  out->pads[0] = pads[0];
  out->pads[1] = pads[2];
  out->pads[2] = pads[1];
  out->pads[3] = pads[3];
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult max_pool2d(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  cimc_raise_pool pool;
  CIMC_TRY(cimc_raise_check_nan(self, x));
  CIMC_TRY(read_pool(self, &pool));
  bool whole = !is_float(x);
  if (whole && cimc_storage_bytes(cimc_raise_storage(x)) > 2)
    return cimc_raise_refuse(self, "a pool of i32; expected i8, i16 or f32");
  if (whole)
    x = cimc_raise_quantized(self, x, 0);
  cimc_edit edit = {.kind = CIMC_QGEMM_MAX_POOL2D,
                    .type = cimc_edit_with_element_of(cimc_raise_result(self),
                                                      mlirValueGetType(x)),
                    .operand_count = 1,
                    .operands = {x}};
  MlirValue y = cimc_raise_pool2d(self, &pool, &edit);
  return cimc_raise_done(self, whole ? cimc_raise_plain(self, y) : y);
}

static MlirLogicalResult avg_pool2d(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  cimc_raise_pool pool;
  int64_t input, output;
  CIMC_TRY(cimc_raise_number(self, 1, "the input's zero point", &input));
  CIMC_TRY(cimc_raise_number(self, 2, "the output's zero point", &output));
  CIMC_TRY(read_pool(self, &pool));
  cimc_edit edit = {.kind = CIMC_QGEMM_AVG_POOL2D,
                    .type = cimc_raise_result(self),
                    .operand_count = 1,
                    .operands = {x}};
  cimc_edit_set(&edit, "count_include_pad", mlirBoolAttrGet(self->context, 0));
  if (is_float(x))
    return cimc_raise_done(self, cimc_raise_pool2d(self, &pool, &edit));
  cimc_storage storage = cimc_raise_storage(x);
  if (cimc_storage_bytes(storage) > 2)
    return cimc_raise_refuse(self, "a pool of i32; expected i8, i16 or f32");
  edit.operands[0] = cimc_raise_quantized(self, x, input);
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(edit.type, &shape);
  edit.type =
      cimc_ir_tensor_type(&shape, cimc_qgemm_quant_type(self->context, storage,
                                                        1.0f, (int32_t)output));
  cimc_edit_set(&edit, "arithmetic", cimc_ir_attr_str(self->context, "tosa"));
  return cimc_raise_done(
      self, cimc_raise_plain(self, cimc_raise_pool2d(self, &pool, &edit)));
}

const cimc_raise_row cimc_raise_rows_tosa_quant[] = {
    {.name = "tosa.avg_pool2d", .raise = avg_pool2d},
    {.name = "tosa.cast", .raise = cast},
    {.name = "tosa.clamp", .raise = clamp},
    {.name = "tosa.max_pool2d", .raise = max_pool2d},
    {.name = "tosa.negate", .raise = negate},
    {.name = "tosa.rescale", .raise = rescale},
    {.name = "tosa.table", .raise = table},
    {.name = NULL},
};
