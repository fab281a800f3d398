// SPDX-License-Identifier: Apache-2.0
//
// rescale: integers times exact fractions (q31.h).
//
// The products are i64, where nothing overflows; values that surely fit an i32
// after the shift are bounded there, since 64-bit comparisons are dear on most
// machines.
#include "passes/lower/core/apply.h"
#include "passes/lower/core/q31.h"
#include "passes/lower/kernels.h"

#include <stdlib.h>

typedef struct rescale {
  MlirOperation op;
  cimc_storage from, to;
  int64_t input_zp, output_zp;
  intptr_t channels; // 1: one multiplier for all
  bool twice;
  bool narrow; // the shifted values fit an i32, with the zero point too
  cimc_apply apply;
} rescale;

static MlirValue number(cimc_build *b, MlirValue like, int64_t value) {
  return cimc_build_int(b, mlirValueGetType(like), value);
}

// element: x, and the words of its fraction.
static MlirValue body(cimc_build *b, const MlirValue *element, void *user) {
  rescale *r = user;
  cimc_scalars *s = &r->apply.scalars;
  cimc_scalars_rewind(s);
  MlirValue x = element[0], v;
  MlirValue input_zp = cimc_scalars_next(b, s, x);
  MlirValue output_zp = cimc_scalars_next(b, s, x);
  cimc_q31 by = cimc_q31_of(b, element[1], r->twice);
  if (r->from == CIMC_STORAGE_I32 && r->input_zp != 0) {
    // The difference of 32-bit integers has 33 bits.
    v = cimc_build_sub(b, cimc_build_sext(b, x, b->i64),
                       cimc_build_sext(b, input_zp, b->i64));
    v = cimc_q31_apply_wide(b, &by, v);
  } else {
    v = cimc_q31_apply(b, &by, cimc_build_sub(b, x, input_zp));
  }
  if (r->narrow)
    v = cimc_build_add(b, cimc_build_trunc(b, v, b->i32), output_zp);
  else
    v = cimc_build_add(b, v, cimc_build_sext(b, output_zp, b->i64));
  v = cimc_build_clamp(b, v, number(b, v, cimc_storage_min(r->to)),
                       number(b, v, cimc_storage_max(r->to)));
  return r->narrow ? v : cimc_build_trunc(b, v, b->i32);
}

static int64_t element(const rescale *r, const char *name, intptr_t at) {
  return mlirDenseI64ArrayGetElement(
      mlirOperationGetAttributeByName(r->op, cimc_ir_str(name)), at);
}

// Whether every result fits 30 bits: then so does it with a zero point of 16.
static bool is_narrow(const rescale *r) {
  int64_t low = cimc_storage_min(r->from), high = cimc_storage_max(r->from);
  int64_t below = r->input_zp - low, above = high - r->input_zp;
  int64_t reach = below > above ? below : above;
  bool narrow = cimc_storage_bytes(r->to) < 4 || r->output_zp == 0;
  for (intptr_t i = 0; i < r->channels; i++) {
    int64_t m = element(r, "multipliers", i), s = element(r, "shifts", i);
    // reach has 33 bits and m 31: no overflow before the shift.
    narrow = narrow && ((uint64_t)reach * (uint64_t)m) >> s < (1 << 29);
  }
  return narrow;
}

// The fractions as data, read along the last dimension.
static bool add_fractions(rescale *r) {
  int32_t *words = calloc((size_t)r->channels, CIMC_Q31_WORDS * sizeof(*words));
  if (!words)
    return false;
  for (intptr_t i = 0; i < r->channels; i++) {
    words[CIMC_Q31_WORDS * i] = (int32_t)element(r, "multipliers", i);
    words[CIMC_Q31_WORDS * i + 1] = (int32_t)element(r, "shifts", i);
  }
  cimc_lower *state = r->apply.scalars.state;
  MlirType i64 = cimc_lower_entry(state)->i64;
  // One for all broadcasts to a scalar too.
  cimc_shape shape = {.rank = r->channels > 1, .dim = {r->channels}};
  cimc_apply_data(&r->apply, CIMC_STORAGE_I64, &shape,
                  cimc_lower_data(state, i64, r->channels, words));
  free(words);
  return true;
}

static MlirLogicalResult lower(rescale *r, cimc_lower *state) {
  cimc_apply *a = &r->apply;
  cimc_apply_begin(a, state, r->op);
  cimc_apply_operand(a, mlirOperationGetOperand(r->op, 0));
  if (!add_fractions(r))
    return cimc_error(mlirOperationGetLocation(r->op), "out of memory");
  cimc_apply_result(a);
  cimc_key_append(a->key, sizeof(a->key), "%s%s%s", r->twice ? "_double" : "",
                  r->narrow ? "_narrow" : "", r->input_zp ? "_zp" : "");
  cimc_scalars_int(&a->scalars, (int32_t)r->input_zp);
  cimc_scalars_int(&a->scalars, (int32_t)r->output_zp);
  return cimc_apply_emit(a, body, r);
}

MlirLogicalResult cimc_rescale_lower(cimc_lower *state, MlirOperation op) {
  MlirStringRef rounding = {NULL, 0};
  MlirType from = mlirValueGetType(mlirOperationGetOperand(op, 0));
  MlirType to = mlirValueGetType(mlirOperationGetResult(op, 0));
  rescale r = {.op = op,
               .from = cimc_qgemm_element(from).storage,
               .to = cimc_qgemm_element(to).storage};
  cimc_ir_get_i64(op, "input_zp", &r.input_zp);
  cimc_ir_get_i64(op, "output_zp", &r.output_zp);
  cimc_ir_get_str(op, "rounding", &rounding);
  r.twice = cimc_ir_str_equal(rounding, "double");
  r.channels = mlirDenseArrayGetNumElements(
      mlirOperationGetAttributeByName(op, cimc_ir_str("multipliers")));
  r.narrow = is_narrow(&r);
  return lower(&r, state);
}
