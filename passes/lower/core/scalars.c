// SPDX-License-Identifier: Apache-2.0
//
// Arguments of kernels in real numbers: see scalars.h.
#include "passes/lower/core/scalars.h"

#include "passes/lower/core/epilogue.h"
#include "passes/lower/core/nest.h"

#include <assert.h>
#include <math.h>

static bool supported(MlirType type, bool result) {
  cimc_element e = cimc_qgemm_element(type);
  if (!e.quantized)
    return e.storage == CIMC_STORAGE_F32;
  return e.axis < 0 && (cimc_storage_bytes(e.storage) <= 2 ||
                        (!result && e.storage == CIMC_STORAGE_I32));
}

MlirLogicalResult cimc_scalars_check(MlirOperation op) {
  bool good = supported(mlirValueGetType(mlirOperationGetResult(op, 0)), true);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++)
    good = good &&
           supported(mlirValueGetType(mlirOperationGetOperand(op, i)), false);
  if (good)
    return mlirLogicalResultSuccess();
  return cimc_error(mlirOperationGetLocation(op),
                    "no kernel for these element types; expected f32 or types "
                    "quantized per tensor in 8 or 16 bits");
}

// -- At the call -------------------------------------------------------------
void cimc_scalars_begin(cimc_scalars *s, cimc_lower *state) {
  *s = (cimc_scalars){.state = state};
}

static void append(cimc_scalars *s, MlirValue value) {
  assert(s->count < CIMC_KERNEL_ARGUMENTS_MAX);
  s->missing = s->missing || mlirValueIsNull(value);
  s->argument[s->count++] = value;
}

void cimc_scalars_pointer(cimc_scalars *s, MlirValue value) {
  append(s, cimc_lower_value(s->state, value));
}

void cimc_scalars_address(cimc_scalars *s, MlirValue address) {
  append(s, address);
}

void cimc_scalars_data(cimc_scalars *s, intptr_t count, const float *data) {
  MlirType element = cimc_lower_entry(s->state)->f32;
  append(s, cimc_lower_data(s->state, element, count, data));
}

void cimc_scalars_float(cimc_scalars *s, float value) {
  cimc_build *entry = cimc_lower_entry(s->state);
  append(s, cimc_build_float(entry, entry->f32, value));
}

void cimc_scalars_int(cimc_scalars *s, int32_t value) {
  cimc_build *entry = cimc_lower_entry(s->state);
  append(s, cimc_build_int(entry, entry->i32, value));
}

void cimc_scalars_add_input(cimc_scalars *s, const cimc_element *element) {
  if (!element->quantized)
    return;
  cimc_scalars_int(s, element->zero_point);
  cimc_scalars_float(s, element->scale);
}

void cimc_scalars_add_output(cimc_scalars *s, MlirOperation op, char *key,
                             size_t key_size) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  cimc_element element = cimc_qgemm_element(type);
  cimc_bounds bounds = cimc_qgemm_bounds(op);
  if (element.quantized) {
    cimc_clamp clamp = cimc_epilogue_clamp(type, bounds);
    cimc_scalars_float(s, element.scale);
    cimc_scalars_float(s, clamp.low);
    cimc_scalars_float(s, clamp.high);
    cimc_scalars_int(s, element.zero_point);
    return;
  }
  s->low = bounds.low > -INFINITY;
  s->high = bounds.high < INFINITY;
  if (s->low)
    cimc_scalars_float(s, bounds.low);
  if (s->high)
    cimc_scalars_float(s, bounds.high);
  cimc_key_append(key, key_size, "%s%s", s->low ? "_low" : "",
                  s->high ? "_high" : "");
}

MlirLogicalResult cimc_scalars_call(const cimc_scalars *s, MlirOperation op,
                                    const cimc_scalars_kernel *kernel) {
  if (s->missing)
    return mlirLogicalResultFailure();
  cimc_kernel call = {.key = kernel->key,
                      .count = s->count,
                      .arguments = s->argument,
                      .noalias = kernel->noalias};
  cimc_build b;
  if (cimc_lower_kernel(s->state, op, &call, &b))
    kernel->emit(&b, kernel->user);
  return mlirLogicalResultSuccess();
}

// -- In the kernel -----------------------------------------------------------
void cimc_scalars_enter(cimc_scalars *s, const cimc_build *b, intptr_t first) {
  for (intptr_t i = first; i < s->count; i++)
    s->argument[i] = cimc_build_argument(b, i);
  s->first = s->next = first;
}

void cimc_scalars_rewind(cimc_scalars *s) { s->next = s->first; }

MlirValue cimc_scalars_next(cimc_build *b, cimc_scalars *s, MlirValue like) {
  assert(s->next < s->count);
  bool vector = mlirTypeIsAVector(mlirValueGetType(like));
  return cimc_sweep_splat(b, s->argument[s->next++],
                          vector ? cimc_build_count(like) : 0);
}

MlirValue cimc_scalars_to_real(cimc_build *b, cimc_scalars *s,
                               const cimc_element *element, MlirValue x) {
  if (!element->quantized)
    return x;
  MlirValue zero_point = cimc_scalars_next(b, s, x);
  MlirValue scale = cimc_scalars_next(b, s, x);
  return cimc_epilogue_dequantize(b, x, zero_point, scale);
}

MlirValue cimc_scalars_from_real(cimc_build *b, cimc_scalars *s,
                                 const cimc_element *element, MlirValue x) {
  if (element->quantized) {
    MlirValue scale = cimc_scalars_next(b, s, x);
    MlirValue low = cimc_scalars_next(b, s, x);
    MlirValue high = cimc_scalars_next(b, s, x);
    MlirValue zero_point = cimc_scalars_next(b, s, x);
    return cimc_epilogue_quantize(b, cimc_build_div(b, x, scale), low, high,
                                  zero_point);
  }
  if (s->low)
    x = cimc_build_max(b, x, cimc_scalars_next(b, s, x));
  if (s->high)
    x = cimc_build_min(b, x, cimc_scalars_next(b, s, x));
  return x;
}
