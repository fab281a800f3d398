// SPDX-License-Identifier: Apache-2.0
//
// From accumulator to stored element: see finish.h.
#include "passes/lower/product/finish.h"

#include "passes/lower/core/epilogue.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static MlirType operand_type(MlirOperation op, intptr_t index) {
  return mlirValueGetType(mlirOperationGetOperand(op, index));
}

static MlirType result_type(MlirOperation op) {
  return mlirValueGetType(mlirOperationGetResult(op, 0));
}

// The type the convolution's own result would have had.
static MlirType mid_type(MlirOperation op) {
  return mlirTypeAttrGetValue(
      mlirOperationGetAttributeByName(op, cimc_ir_str("mid")));
}

static bool rounds_twice(MlirOperation op) {
  MlirAttribute word =
      mlirOperationGetAttributeByName(op, cimc_ir_str("rounding"));
  return cimc_ir_str_equal(mlirStringAttrGetValue(word), "double");
}

static int64_t smallest_shift(MlirOperation op) {
  MlirAttribute shifts =
      mlirOperationGetAttributeByName(op, cimc_ir_str("shifts"));
  int64_t smallest = INT64_MAX;
  for (intptr_t i = 0; i < mlirDenseArrayGetNumElements(shifts); i++) {
    int64_t shift = mlirDenseI64ArrayGetElement(shifts, i);
    smallest = shift < smallest ? shift : smallest;
  }
  return smallest;
}

cimc_finish cimc_finish_of(MlirOperation op) {
  cimc_element out = cimc_qgemm_element(result_type(op));
  cimc_bounds bounds = cimc_qgemm_bounds(op);
  cimc_finish finish = {.out = out.storage,
                        .quantized =
                            cimc_qgemm_element(operand_type(op, 0)).quantized,
                        .q31 = cimc_ir_has_attr(op, "multipliers"),
                        .low = bounds.low > -INFINITY,
                        .high = bounds.high < INFINITY};
  finish.sums = finish.quantized && !out.quantized;
  if (finish.q31) {
    finish.twice = rounds_twice(op);
    finish.wide = smallest_shift(op) < 31;
  }
  if (cimc_qgemm_kind_of(op) == CIMC_QGEMM_CONV2D_ADD) {
    finish.add = true;
    finish.residual = cimc_qgemm_element(operand_type(op, 3)).storage;
    finish.mid = cimc_qgemm_element(mid_type(op)).storage;
    finish.reciprocal = cimc_epilogue_exact_reciprocal(out.scale);
    finish.fused = out.quantized && cimc_fused_form(op);
    cimc_ir_get_bool(op, "residual_first", &finish.residual_first);
  }
  return finish;
}

void cimc_finish_key(const cimc_finish *finish, char out[CIMC_FINISH_KEY_MAX]) {
  int bounds = finish->quantized ? 0 : finish->low + 2 * finish->high;
  int used =
      snprintf(out, CIMC_FINISH_KEY_MAX, "o%db%d", (int)finish->out, bounds);
  if (finish->q31)
    snprintf(out + used, (size_t)(CIMC_FINISH_KEY_MAX - used), "q%d%d",
             finish->twice, finish->wide);
  if (finish->add)
    used +=
        snprintf(out + used, (size_t)(CIMC_FINISH_KEY_MAX - used), "a%d_%d_%d",
                 (int)finish->mid, (int)finish->residual, finish->reciprocal);
  if (finish->fused)
    snprintf(out + used, (size_t)(CIMC_FINISH_KEY_MAX - used), "f%d",
             finish->residual_first);
}

// -- Arguments ---------------------------------------------------------------
typedef struct scalar_list {
  cimc_build *entry;
  MlirValue *values;
  intptr_t count;
} scalar_list;

static void push_float(scalar_list *list, float value) {
  list->values[list->count++] =
      cimc_build_float(list->entry, list->entry->f32, value);
}

static void push_int(scalar_list *list, int64_t value) {
  list->values[list->count++] =
      cimc_build_int(list->entry, list->entry->i32, value);
}

static void push_clamp(scalar_list *list, MlirType type, cimc_bounds bounds) {
  cimc_clamp clamp = cimc_epilogue_clamp(type, bounds);
  push_float(list, clamp.low);
  push_float(list, clamp.high);
}

static void push_fused(scalar_list *list, MlirOperation op,
                       const cimc_finish *finish) {
  MlirType mid = mid_type(op);
  cimc_element a = cimc_qgemm_element(mid);
  cimc_element b = cimc_qgemm_element(operand_type(op, 3));
  bool swap = finish->residual_first;
  cimc_fused_add add = cimc_fused_add_of(
      swap ? &b : &a, swap ? &a : &b, result_type(op), cimc_qgemm_bounds(op));
  push_clamp(list, mid, (cimc_bounds){-INFINITY, INFINITY});
  push_int(list, a.zero_point);
  push_float(list, add.ra);
  push_float(list, add.rb);
  push_float(list, add.fix);
  push_float(list, add.low);
  push_float(list, add.high);
}

intptr_t cimc_finish_arguments(cimc_lower *state, MlirOperation op,
                               const cimc_finish *finish, MlirValue *out) {
  scalar_list list = {cimc_lower_entry(state), out, 0};
  cimc_bounds bounds = cimc_qgemm_bounds(op);
  if (!finish->quantized) {
    push_float(&list, bounds.low);
    push_float(&list, bounds.high);
    return list.count;
  }
  if (finish->sums)
    return 0;
  if (finish->fused) {
    push_fused(&list, op, finish);
    return list.count;
  }
  MlirType type = result_type(op);
  if (finish->q31) {
    cimc_clamp clamp = cimc_epilogue_clamp(type, bounds);
    push_int(&list, (int64_t)clamp.low);
    push_int(&list, (int64_t)clamp.high);
    push_int(&list, cimc_qgemm_zero_point(type, 0));
    return list.count;
  }
  push_clamp(&list, type, bounds);
  push_int(&list, cimc_qgemm_zero_point(type, 0));
  if (!finish->add)
    return list.count;
  MlirType mid = mid_type(op), residual = operand_type(op, 3);
  push_clamp(&list, mid, (cimc_bounds){-INFINITY, INFINITY});
  push_float(&list, cimc_qgemm_scale(mid, 0));
  push_int(&list, cimc_qgemm_zero_point(residual, 0));
  push_float(&list, cimc_qgemm_scale(residual, 0));
  float scale = cimc_qgemm_scale(type, 0);
  push_float(&list, finish->reciprocal ? 1.0f / scale : scale);
  return list.count;
}

// -- Scale data --------------------------------------------------------------
int64_t cimc_finish_scale_bytes(const cimc_finish *finish) {
  return finish->q31 ? CIMC_Q31_BYTES : 4;
}

static float multiplier_of(MlirOperation op, int64_t channel) {
  MlirType in = operand_type(op, 0), weights = operand_type(op, 1);
  bool add = cimc_qgemm_kind_of(op) == CIMC_QGEMM_CONV2D_ADD;
  float scale = cimc_qgemm_scale(add ? mid_type(op) : result_type(op), 0);
  bool per_axis = cimc_qgemm_element(weights).axis >= 0;
  float product = cimc_qgemm_scale(in, 0) *
                  cimc_qgemm_scale(weights, per_axis ? channel : 0);
  return product / scale;
}

static int32_t list_element(MlirOperation op, const char *name,
                            int64_t channel) {
  MlirAttribute list = mlirOperationGetAttributeByName(op, cimc_ir_str(name));
  intptr_t count = mlirDenseArrayGetNumElements(list);
  return (int32_t)mlirDenseI64ArrayGetElement(list, count > 1 ? channel : 0);
}

MlirValue cimc_finish_scale_data(cimc_lower *state, MlirOperation op,
                                 const cimc_finish_channels *channels) {
  const cimc_build *entry = cimc_lower_entry(state);
  cimc_finish finish = cimc_finish_of(op);
  if (!finish.quantized || finish.sums)
    return (MlirValue){NULL};
  int64_t all = channels->groups * channels->padded;
  int64_t words = finish.q31 ? CIMC_Q31_WORDS : 1;
  int32_t *data = calloc((size_t)(all * words), sizeof *data);
  if (!data)
    abort();
  for (int64_t c = 0; c < channels->groups * channels->count; c++) {
    int64_t group = c / channels->count, place = c % channels->count;
    int32_t *to = data + (group * channels->padded + place) * words;
    float multiplier;
    if (finish.q31) {
      to[0] = list_element(op, "multipliers", c);
      to[1] = list_element(op, "shifts", c);
    } else {
      multiplier = multiplier_of(op, c);
      memcpy(to, &multiplier, sizeof multiplier);
    }
  }
  MlirType element = finish.q31 ? entry->i32 : entry->f32;
  MlirValue address = cimc_lower_data(state, element, all * words, data);
  free(data);
  return address;
}

cimc_finish_scale cimc_finish_load_scale(cimc_build *b,
                                         const cimc_finish *finish,
                                         const cimc_finish_at *at) {
  cimc_finish_scale scale = {.multiplier = {NULL}};
  if (!finish->quantized || finish->sums)
    return scale;
  MlirType element = finish->q31 ? b->i64 : b->f32;
  MlirType type = cimc_build_vector_type(b, at->lanes, element);
  int64_t bytes = at->lanes * cimc_finish_scale_bytes(finish);
  // In the global the vectors follow one another.
  int64_t align = at->align < at->lanes * 4 ? at->align : bytes;
  MlirValue pointer = cimc_build_offset_by(b, at->pointer, at->vector * bytes);
  MlirValue data = cimc_build_load(b, type, pointer, align < 64 ? align : 64);
  if (finish->q31)
    scale.q31 = cimc_q31_of(b, data, finish->twice);
  else
    scale.multiplier = data;
  return scale;
}

cimc_finish_values cimc_finish_load(cimc_build *b, const cimc_finish *finish,
                                    intptr_t first, int64_t lanes) {
  MlirValue v[CIMC_FINISH_ARGUMENTS_MAX] = {{NULL}};
  intptr_t count = !finish->quantized ? 2
                   : finish->sums     ? 0
                   : finish->fused    ? 8
                   : finish->add      ? 9
                                      : 3;
  for (intptr_t i = 0; i < count; i++)
    v[i] = cimc_build_splat(b, cimc_build_argument(b, first + i), lanes);
  if (finish->fused)
    return (cimc_finish_values){.mid_low = v[0],
                                .mid_high = v[1],
                                .mid_zero_point = v[2],
                                .sum = {v[3], v[4], v[5], v[6], v[7]}};
  return (cimc_finish_values){.low = v[0],
                              .high = v[1],
                              .zero_point = v[2],
                              .mid_low = v[3],
                              .mid_high = v[4],
                              .mid_scale = v[5],
                              .residual_zero_point = v[6],
                              .residual_scale = v[7],
                              .scale = v[8]};
}

// -- In the kernel -----------------------------------------------------------
static MlirValue finish_float(cimc_build *b, const cimc_finish *finish,
                              const cimc_finish_values *values, MlirValue x,
                              const cimc_finish_place *place) {
  if (finish->add)
    x = cimc_build_add(b, x,
                       cimc_epilogue_load(b, finish->residual, place->residual,
                                          cimc_build_count(x), place->count));
  // The bound comes first, so that a NaN in x stays one.
  if (finish->low)
    x = cimc_build_max(b, values->low, x);
  if (finish->high)
    x = cimc_build_min(b, values->high, x);
  return x;
}

// m: the convolution's own rounding, without its zero point.
static MlirValue finish_fused(cimc_build *b, const cimc_finish *finish,
                              const cimc_finish_values *v, MlirValue m,
                              MlirValue residual) {
  m = cimc_build_to_float(b, cimc_build_add(b, m, v->mid_zero_point));
  residual = cimc_build_to_float(b, residual);
  bool swap = finish->residual_first;
  return cimc_fused_add_emit(b, &v->sum, swap ? residual : m,
                             swap ? m : residual);
}

static MlirValue finish_q31(cimc_build *b, const cimc_finish *finish,
                            const cimc_finish_values *v, MlirValue x,
                            const cimc_finish_place *place) {
  x = cimc_q31_apply(b, &place->scale.q31, x);
  if (finish->wide) // 64-bit comparisons are dear on most machines
    x = cimc_build_clamp(b, x, cimc_build_sext(b, v->low, b->i64),
                         cimc_build_sext(b, v->high, b->i64));
  x = cimc_build_trunc(b, x, b->i32);
  if (!finish->wide)
    x = cimc_build_clamp(b, x, v->low, v->high);
  return cimc_build_add(b, x, v->zero_point);
}

static MlirValue finish_quantized(cimc_build *b, const cimc_finish *finish,
                                  const cimc_finish_values *v, MlirValue x,
                                  const cimc_finish_place *place) {
  if (finish->q31)
    return finish_q31(b, finish, v, x, place);
  x = cimc_build_mul(b, cimc_build_to_float(b, x), place->scale.multiplier);
  if (finish->add) {
    x = cimc_epilogue_round(b, cimc_build_clamp(b, x, v->mid_low, v->mid_high));
    MlirValue residual =
        cimc_epilogue_load(b, finish->residual, place->residual,
                           cimc_build_count(x), place->count);
    if (finish->fused)
      return finish_fused(b, finish, v, x, residual);
    // As reals again: the zero point would be added and subtracted.
    x = cimc_build_mul(b, cimc_build_to_float(b, x), v->mid_scale);
    residual = cimc_epilogue_dequantize(b, residual, v->residual_zero_point,
                                        v->residual_scale);
    x = cimc_build_add(b, x, residual);
    x = finish->reciprocal ? cimc_build_mul(b, x, v->scale)
                           : cimc_build_div(b, x, v->scale);
  }
  return cimc_epilogue_quantize(b, x, v->low, v->high, v->zero_point);
}

void cimc_finish_store(cimc_build *b, const cimc_finish *finish,
                       const cimc_finish_values *values, MlirValue accumulator,
                       const cimc_finish_place *place) {
  MlirValue x = accumulator;
  if (finish->quantized && !finish->sums)
    x = finish_quantized(b, finish, values, x, place);
  else if (!finish->quantized)
    x = finish_float(b, finish, values, x, place);
  cimc_epilogue_store(b, finish->out, x, place->out, place->count);
}
