// SPDX-License-Identifier: Apache-2.0
//
// softmax in fixed point: see isoftmax.h.
//
// Source: reference_ops::Softmax of LiteRT and the functions of gemmlowp's
// fixedpoint.h it calls. The exponential of a difference of two bytes is one of
// 256 numbers, made at compile time; the reciprocal of a row's sum is Newton's
// iteration at run time. Numbers with i integer bits are int32 of 31 - i
// fraction bits. mul(a, b) = (a b + 2^30) >> 31 is gemmlowp's
// SaturatingRoundingDoublingHighMul, which never saturates here.
#include "passes/lower/window/isoftmax.h"

#include "passes/lower/core/epilogue.h"
#include "passes/lower/core/nest.h"
#include "passes/lower/core/scalars.h"

#include <math.h>

#define STEPS 256          // differences of two bytes
#define SCALED_BITS 5      // integer bits of a scaled difference
#define SUM_BITS 12        // of a row's sum
#define COUNT_MAX 4095     // of exponentials up to 1 in such a sum
#define SCALE_MIN 0x1p-26f // of the input: LiteRT's multiplier is above 1

// -- At compile time: exponentials -------------------------------------------
// By 2^by; by in [1, 31]; floor, which a negative number's >> need not be.
static int32_t shift_right(int64_t value, int by) {
  return (int32_t)(value >= 0 ? value >> by : ~(~value >> by));
}

static int32_t mul(int32_t a, int32_t b) {
  return shift_right((int64_t)a * b + (INT64_C(1) << 30), 31);
}

// value / 2^by rounded, ties away from zero.
static int32_t divide(int32_t value, int by) {
  int64_t half = INT64_C(1) << (by - 1);
  return shift_right(value + half - (value < 0), by);
}

// e^(a - 1/8 + 1/8) for a in [-1/4, 0), no integer bits: Taylor around -1/8.
static int32_t exp_of_quarter(int32_t a) {
  const int32_t exp_eighth = 1895147668, third = 715827883;
  int32_t x = a + (1 << 28);
  int32_t x2 = mul(x, x), x3 = mul(x2, x), x4 = mul(x2, x2);
  int32_t high = divide(mul(divide(x4, 2) + x3, third) + x2, 1);
  return exp_eighth + mul(exp_eighth, x + high);
}

// e^a for a <= 0 of SCALED_BITS integer bits; none in the result.
static int32_t exp_of(int32_t a) {
  // e^-2^k for k = -2 … 4.
  static const int32_t factors[] = {
      1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  const int32_t quarter = 1 << 24;
  if (a == 0)
    return INT32_MAX;
  int32_t rest = (a & (quarter - 1)) - quarter;
  int32_t result = exp_of_quarter(rest * (1 << SCALED_BITS));
  int32_t quarters = (rest - a) / quarter;
  for (int k = 0; k < 7; k++)
    if (quarters >> k & 1)
      result = mul(result, factors[k]);
  return result;
}

// exps[d] = e^(-d * scale), 0 where LiteRT leaves it out; sums[d] with SUM_BITS
// integer bits.
static void fill(float scale, int32_t exps[STEPS], int32_t sums[STEPS]) {
  const double most = 2147483647.0; // 2^31 - 1
  int shift;
  double real = fmin((double)scale * (1 << (31 - SCALED_BITS)), most);
  double mantissa = round(frexp(real, &shift) * 0x1p31);
  if (mantissa == 0x1p31) {
    mantissa /= 2;
    shift++;
  }
  int64_t reach = ((INT64_C(1) << SCALED_BITS) - 1) << (31 - SCALED_BITS);
  for (int d = 0; d < STEPS; d++) {
    bool kept = d <= reach >> shift;
    int32_t scaled =
        kept ? mul((int32_t)(-d * (INT64_C(1) << shift)), (int32_t)mantissa)
             : 0;
    exps[d] = kept ? exp_of(scaled) : 0;
    sums[d] = divide(exps[d], SUM_BITS);
  }
}

// -- The kernel --------------------------------------------------------------
typedef struct isoftmax {
  cimc_storage storage;
  int64_t outer, count, inner; // the axis has `count` elements `inner` apart
  MlirValue from, to, table;   // in the kernel, of the row
} isoftmax;

static MlirValue number(cimc_build *b, int64_t value) {
  return cimc_build_int(b, b->i32, value);
}

static MlirValue wide(cimc_build *b, int64_t value) {
  return cimc_build_int(b, b->i64, value);
}

static MlirValue emit_mul(cimc_build *b, MlirValue x, MlirValue y) {
  MlirValue product = cimc_build_mul(b, cimc_build_sext(b, x, b->i64),
                                     cimc_build_sext(b, y, b->i64));
  product = cimc_build_add(b, product, wide(b, INT64_C(1) << 30));
  return cimc_build_trunc(b, cimc_build_shr_signed(b, product, wide(b, 31)),
                          b->i32);
}

// 1 / (1 + x) for x in [0, 1), neither with integer bits.
static MlirValue emit_reciprocal(cimc_build *b, MlirValue x) {
  // (1 + x) / 2; from here on numbers with 2 integer bits.
  MlirValue half = cimc_build_add(b, cimc_build_shr_signed(b, x, number(b, 1)),
                                  number(b, 1 << 30));
  MlirValue y = cimc_build_add(
      b, number(b, 1515870810),                            // 48 / 17
      emit_mul(b, half, number(b, INT64_C(-1010580540)))); // -32 / 17
  for (int i = 0; i < 3; i++) {
    MlirValue error =
        cimc_build_sub(b, number(b, 1 << 29), emit_mul(b, half, y));
    // The product has 4 integer bits; it is far too small to saturate.
    error = cimc_build_shl(b, emit_mul(b, y, error), number(b, 2));
    y = cimc_build_add(b, y, error);
  }
  // y / 2 without integer bits.
  MlirValue fits = cimc_build_compare(b, CIMC_LT, y, number(b, 1 << 30));
  return cimc_build_select(b, fits, cimc_build_shl(b, y, number(b, 1)),
                           number(b, INT32_MAX));
}

static MlirValue load(cimc_build *b, const isoftmax *s, MlirValue index) {
  MlirValue at = cimc_sweep_at(b, s->from, index, s->inner);
  return cimc_epilogue_load(b, s->storage, at, 0, 1);
}

static cimc_loop begin_row(cimc_build *b, const isoftmax *s, intptr_t count,
                           const MlirValue *init) {
  cimc_range range = {cimc_build_index(b, 0), cimc_build_index(b, s->count), 1};
  return cimc_build_for(b, range, count, init);
}

static MlirValue row_largest(cimc_build *b, const isoftmax *s) {
  MlirValue largest = number(b, INT8_MIN);
  cimc_loop l = begin_row(b, s, 1, &largest);
  MlirValue next = cimc_build_max(b, load(b, s, l.iv), l.value[0]);
  cimc_build_end_for(b, &l, &next);
  return l.value[0];
}

// The entry of the element's distance; `first` is the table's.
static MlirValue look_up(cimc_build *b, const isoftmax *s, MlirValue index,
                         MlirValue largest, int64_t first) {
  MlirValue distance = cimc_build_sub(b, largest, load(b, s, index));
  if (!mlirTypeEqual(b->index, b->i32))
    distance = cimc_build_zext(b, distance, b->index);
  MlirValue table = cimc_build_offset_by(b, s->table, first * 4);
  return cimc_build_load(b, b->i32, cimc_sweep_at(b, table, distance, 4), 4);
}

// e * scale / 2^shift, rounded twice, as a stored byte.
static MlirValue emit_share(cimc_build *b, const isoftmax *s, MlirValue share,
                            MlirValue shift) {
  share = cimc_build_sext(b, share, b->i64); // the shift may pass 31
  MlirValue half =
      cimc_build_shl(b, wide(b, 1), cimc_build_sub(b, shift, wide(b, 1)));
  share = cimc_build_shr_signed(b, cimc_build_add(b, share, half), shift);
  share = cimc_build_trunc(b, share, b->i32);
  share = cimc_build_min(b, share, number(b, STEPS - 1));
  return cimc_build_add(b, share, number(b, cimc_storage_min(s->storage)));
}

static void emit_row(cimc_build *b, const isoftmax *s) {
  MlirValue largest = row_largest(b, s), sum = number(b, 0);
  cimc_loop l = begin_row(b, s, 1, &sum);
  MlirValue next =
      cimc_build_add(b, l.value[0], look_up(b, s, l.iv, largest, STEPS));
  cimc_build_end_for(b, &l, &next);
  sum = l.value[0];
  // sum = 2^(SUM_BITS - zeros) * (1 + x)
  MlirValue zeros = cimc_build_leading_zeros(b, sum);
  MlirValue x =
      cimc_build_xor(b, cimc_build_shl(b, sum, zeros), number(b, INT32_MIN));
  MlirValue scale = emit_reciprocal(b, x);
  MlirValue shift = cimc_build_sub(b, number(b, SUM_BITS + 31 - 8), zeros);
  shift = cimc_build_sext(b, shift, b->i64);
  l = begin_row(b, s, 0, NULL);
  MlirValue share = emit_mul(b, scale, look_up(b, s, l.iv, largest, 0));
  share = emit_share(b, s, share, shift);
  cimc_epilogue_store(b, s->storage, share,
                      cimc_sweep_at(b, s->to, l.iv, s->inner), 1);
  cimc_build_end_for(b, &l, NULL);
}

static void emit(cimc_build *b, isoftmax *s) {
  s->table = cimc_build_argument(b, 2);
  cimc_loop outer = cimc_build_repeat(b, s->outer, 1);
  int64_t row = s->count * s->inner;
  MlirValue from = cimc_sweep_at(b, cimc_build_argument(b, 0), outer.iv, row);
  MlirValue to = cimc_sweep_at(b, cimc_build_argument(b, 1), outer.iv, row);
  cimc_loop inner = cimc_build_repeat(b, s->inner, 1);
  s->from = cimc_sweep_at(b, from, inner.iv, 1);
  s->to = cimc_sweep_at(b, to, inner.iv, 1);
  emit_row(b, s);
  cimc_build_end_for(b, &inner, NULL);
  cimc_build_end_for(b, &outer, NULL);
  cimc_build_return(b, (MlirValue){NULL});
}

// -- The call ----------------------------------------------------------------
bool cimc_isoftmax_fits(MlirOperation op) {
  MlirStringRef word;
  return cimc_ir_get_str(op, "arithmetic", &word) &&
         cimc_ir_str_equal(word, "tflite");
}

static MlirLogicalResult check(const isoftmax *s, MlirOperation op,
                               float scale) {
  MlirLocation location = mlirOperationGetLocation(op);
  if (s->count > COUNT_MAX)
    return cimc_error(location,
                      "softmax of %lld elements with arithmetic \"tflite\"; "
                      "expected at most %d, whose sum its int32 holds",
                      (long long)s->count, COUNT_MAX);
  if (scale <= SCALE_MIN)
    return cimc_error(location,
                      "softmax with arithmetic \"tflite\" of the scale %g; "
                      "expected more than %g",
                      (double)scale, (double)SCALE_MIN);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_isoftmax_lower(cimc_lower *state, MlirOperation op) {
  MlirValue operand = mlirOperationGetOperand(op, 0);
  MlirValue result = mlirOperationGetResult(op, 0);
  cimc_element in = cimc_qgemm_element(mlirValueGetType(operand));
  isoftmax s = {.storage = in.storage};
  int32_t tables[2 * STEPS];
  cimc_nest_split(op, &s.outer, &s.count, &s.inner);
  CIMC_TRY(check(&s, op, in.scale));
  fill(in.scale, tables, tables + STEPS);
  char key[CIMC_KERNEL_KEY_MAX] = "isoftmax";
  cimc_key_append(key, sizeof(key), "_%lldx%lldx%lld_%s", (long long)s.outer,
                  (long long)s.count, (long long)s.inner,
                  cimc_key_storage(s.storage));
  MlirValue arguments[] = {
      cimc_lower_value(state, operand), cimc_lower_value(state, result),
      cimc_lower_data(state, cimc_lower_entry(state)->i32, 2 * STEPS, tables)};
  if (mlirValueIsNull(arguments[0]) || mlirValueIsNull(arguments[1]))
    return mlirLogicalResultFailure();
  cimc_kernel kernel = {.key = key, .count = 3, .arguments = arguments};
  cimc_build b;
  if (cimc_lower_kernel(state, op, &kernel, &b))
    emit(&b, &s);
  return mlirLogicalResultSuccess();
}
