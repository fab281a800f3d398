// SPDX-License-Identifier: Apache-2.0
//
// Averages in integers: see average.h.
#include "passes/lower/window/average.h"

#include "passes/lower/core/epilogue.h"
#include "passes/lower/core/nest.h"
#include "passes/lower/core/q31.h"

#include <inttypes.h>
#include <stdlib.h>

// Each has two words in the object's data.
#define COUNTS_MAX 65536

static MlirType operand_type(MlirOperation op) {
  return mlirValueGetType(mlirOperationGetOperand(op, 0));
}

static MlirType result_type(MlirOperation op) {
  return mlirValueGetType(mlirOperationGetResult(op, 0));
}

cimc_average cimc_average_of(MlirOperation op) {
  MlirStringRef word;
  if (!cimc_ir_get_str(op, "arithmetic", &word))
    return CIMC_AVERAGE_REAL;
  return cimc_ir_str_equal(word, "tflite") ? CIMC_AVERAGE_TFLITE
         : cimc_ir_str_equal(word, "tosa") ? CIMC_AVERAGE_TOSA
                                           : CIMC_AVERAGE_REAL;
}

static bool has_padding(const cimc_window *w) {
  return w->pads[0] || w->pads[1] || w->pads[2] || w->pads[3];
}

MlirLogicalResult cimc_average_check(MlirOperation op) {
  cimc_window w = cimc_qgemm_window(op);
  cimc_storage storage = cimc_qgemm_element(operand_type(op)).storage;
  int64_t count, most = cimc_storage_sum_max(storage) / 2; // + n / 2 fits too
  if (cimc_average_of(op) == CIMC_AVERAGE_TOSA && has_padding(&w))
    most = COUNTS_MAX;
  if (!__builtin_mul_overflow(w.kernel[0], w.kernel[1], &count) &&
      count <= most)
    return mlirLogicalResultSuccess();
  return cimc_error(mlirOperationGetLocation(op),
                    "a window of %" PRId64 "x%" PRId64
                    " elements averaged in integers; expected at most %" PRId64
                    " elements",
                    w.kernel[0], w.kernel[1], most);
}

// -- TOSA's reciprocals ------------------------------------------------------
// For count in [1, 2^31): multiplier / 2^shift is just above 1 / count.
static void reciprocal(int64_t count, int32_t out[CIMC_Q31_WORDS]) {
  int k = 0;
  while ((INT64_C(1) << k) < count)
    k++;
  out[0] = (int32_t)((((INT64_C(1) << 30) + 1) << k) / count);
  out[1] = 30 + k;
}

// Of all counts a window can have: one, or those from 1 on.
static MlirValue reciprocal_data(cimc_lower *state, const cimc_window *w) {
  int64_t most = w->kernel[0] * w->kernel[1];
  int64_t first = has_padding(w) ? 1 : most;
  size_t entries = (size_t)(most - first + 1);
  int32_t *data = calloc(entries, CIMC_Q31_BYTES);
  if (!data)
    abort();
  for (size_t i = 0; i < entries; i++)
    reciprocal(first + (int64_t)i, data + i * CIMC_Q31_WORDS);
  MlirValue address =
      cimc_lower_data(state, cimc_lower_entry(state)->i32,
                      (intptr_t)(entries * CIMC_Q31_WORDS), data);
  free(data);
  return address;
}

void cimc_average_arguments(cimc_scalars *scalars, MlirOperation op, char *key,
                            size_t key_size) {
  cimc_window w = cimc_qgemm_window(op);
  bool tosa = cimc_average_of(op) == CIMC_AVERAGE_TOSA;
  cimc_key_append(key, key_size, tosa ? "_tosa" : "_tflite");
  if (!tosa)
    return;
  cimc_scalars_address(scalars, reciprocal_data(scalars->state, &w));
  cimc_scalars_int(scalars, cimc_qgemm_zero_point(operand_type(op), 0));
  cimc_scalars_int(scalars, cimc_qgemm_zero_point(result_type(op), 0));
}

// -- In the kernel -----------------------------------------------------------
static MlirValue in_lanes(cimc_build *b, MlirValue scalar, MlirValue like) {
  bool vector = mlirTypeIsAVector(mlirValueGetType(like));
  return cimc_sweep_splat(b, scalar, vector ? cimc_build_count(like) : 0);
}

// The quotient by f32 is off by one at most, and then too large: the remainder
// says so. No target has a division of i32 vectors.
static MlirValue emit_tflite(cimc_build *b, MlirValue sum, MlirValue count) {
  MlirType type = mlirValueGetType(sum);
  MlirValue one = cimc_build_int(b, type, 1),
            last = cimc_build_int(b, type, 31);
  MlirValue n = in_lanes(b, count, sum);
  MlirValue sign = cimc_build_shr_signed(b, sum, last);
  MlirValue a = cimc_build_sub(b, cimc_build_xor(b, sum, sign), sign);
  a = cimc_build_add(b, a, cimc_build_shr_signed(b, n, one));
  MlirValue q =
      cimc_build_div(b, cimc_build_to_float(b, a), cimc_build_to_float(b, n));
  q = cimc_epilogue_round(b, q);
  MlirValue rest = cimc_build_sub(b, a, cimc_build_mul(b, q, n));
  q = cimc_build_add(b, q, cimc_build_shr_signed(b, rest, last));
  return cimc_build_sub(b, cimc_build_xor(b, q, sign), sign);
}

// The words of the reciprocal of `count`.
static MlirValue load_reciprocal(cimc_build *b, MlirValue table,
                                 MlirValue count, bool only_one) {
  if (!only_one) {
    MlirValue entry = cimc_build_sub(b, count, cimc_build_int(b, b->i32, 1));
    MlirValue bytes =
        cimc_build_mul(b, entry, cimc_build_int(b, b->i32, CIMC_Q31_BYTES));
    if (!mlirTypeEqual(b->index, b->i32))
      bytes = cimc_build_sext(b, bytes, b->index);
    table = cimc_build_offset(b, table, bytes);
  }
  return cimc_build_load(b, b->i64, table, 4);
}

static MlirValue emit_tosa(cimc_build *b, cimc_scalars *scalars,
                           MlirOperation op, MlirValue sum, MlirValue count) {
  cimc_window w = cimc_qgemm_window(op);
  cimc_storage storage = cimc_qgemm_element(result_type(op)).storage;
  MlirType type = mlirValueGetType(sum);
  MlirValue table = cimc_build_argument(b, scalars->next++);
  MlirValue zero = cimc_build_argument(b, scalars->next++);
  MlirValue words = load_reciprocal(b, table, count, !has_padding(&w));
  cimc_q31 by = cimc_q31_of(b, in_lanes(b, words, sum), false);
  zero = in_lanes(b, cimc_build_mul(b, zero, count), sum);
  MlirValue mean = cimc_q31_apply(b, &by, cimc_build_sub(b, sum, zero));
  mean = cimc_build_add(b, cimc_build_trunc(b, mean, b->i32),
                        cimc_scalars_next(b, scalars, sum));
  return cimc_build_clamp(b, mean,
                          cimc_build_int(b, type, cimc_storage_min(storage)),
                          cimc_build_int(b, type, cimc_storage_max(storage)));
}

MlirValue cimc_average_emit(cimc_build *b, cimc_scalars *scalars,
                            MlirOperation op, MlirValue sum, MlirValue count) {
  return cimc_average_of(op) == CIMC_AVERAGE_TOSA
             ? emit_tosa(b, scalars, op, sum, count)
             : emit_tflite(b, sum, count);
}
