// SPDX-License-Identifier: Apache-2.0
//
// softmax along one axis, f32 and quantized (8 to 8 bits: qsoftmax.c).
//
// For each row: the largest element m, then e[i] = exp(x[i] - m), their sum in
// order of index from 0, then e[i] / sum. All in f32, no step fused; quantized
// rows are dequantized first. An f32 result holds e[i] in between; a quantized
// one computes e[i] twice, which needs no scratch memory.
#include "passes/lower/core/epilogue.h"
#include "passes/lower/core/math.h"
#include "passes/lower/core/nest.h"
#include "passes/lower/core/scalars.h"
#include "passes/lower/kernels.h"
#include "passes/lower/window/isoftmax.h"
#include "passes/lower/window/qsoftmax.h"

#include <math.h>

typedef struct softmax {
  cimc_element in, out;
  int64_t outer, count, inner; // the axis has `count` elements `inner` apart
  cimc_scalars scalars;
  MlirValue from, to; // of the row (or of the column block's row)
} softmax;

// -- Elements ----------------------------------------------------------------
static MlirValue address(cimc_build *b, const softmax *s, bool result,
                         MlirValue index) {
  int64_t bytes =
      cimc_storage_bytes(result ? s->out.storage : s->in.storage) * s->inner;
  return cimc_sweep_at(b, result ? s->to : s->from, index, bytes);
}

static MlirValue load_real(cimc_build *b, softmax *s, MlirValue index,
                           int64_t lanes) {
  MlirValue x = cimc_epilogue_load(
      b, s->in.storage, address(b, s, false, index), lanes, lanes ? lanes : 1);
  cimc_scalars_rewind(&s->scalars);
  return cimc_scalars_to_real(b, &s->scalars, &s->in, x);
}

static MlirValue load_exp(cimc_build *b, softmax *s, MlirValue index,
                          MlirValue largest, int64_t lanes) {
  MlirValue x = load_real(b, s, index, lanes);
  return cimc_math_exp(b, cimc_build_sub(b, x, largest));
}

static void keep_exp(cimc_build *b, const softmax *s, MlirValue index,
                     MlirValue e) {
  if (!s->out.quantized)
    cimc_build_store(b, e, address(b, s, true, index), 4);
}

// What a row (or a vector of rows) is divided by, and its largest element.
typedef struct row_values {
  softmax *s;
  MlirValue largest, sum;
} row_values;

// Stores e / sum, e as kept or computed again.
static void store_share(cimc_build *b, const row_values *row, MlirValue index,
                        int64_t lanes) {
  softmax *s = row->s;
  MlirValue at = address(b, s, true, index), e;
  if (s->out.quantized)
    e = load_exp(b, s, index, row->largest, lanes);
  else
    e = cimc_epilogue_load(b, CIMC_STORAGE_F32, at, lanes, lanes ? lanes : 1);
  MlirValue share = cimc_build_div(b, e, row->sum);
  cimc_scalars_rewind(&s->scalars);
  if (s->in.quantized)
    s->scalars.next += 2;
  share = cimc_scalars_from_real(b, &s->scalars, &s->out, share);
  cimc_epilogue_store(b, s->out.storage, share, at, lanes ? lanes : 1);
}

static cimc_loop loop_from(cimc_build *b, int64_t low, int64_t high,
                           int64_t step, MlirValue *carried) {
  return cimc_build_for(
      b,
      (cimc_range){cimc_build_index(b, low), cimc_build_index(b, high), step},
      carried ? 1 : 0, carried);
}

// -- Rows whose elements are neighbours --------------------------------------
// The part of a row that vectors cover; 0 lanes: none.
typedef struct row_split {
  int64_t lanes;
  int64_t covered;
} row_split;

static row_split split_row(const cimc_build *b, int64_t count) {
  int64_t lanes = cimc_sweep_lanes(b, 4);
  while (lanes > count)
    lanes /= 2;
  if (lanes < 4)
    return (row_split){0, 0};
  return (row_split){lanes, count - count % lanes};
}

static MlirValue row_largest(cimc_build *b, softmax *s, row_split split) {
  MlirValue largest = cimc_build_float(b, b->f32, -INFINITY);
  if (split.lanes) {
    MlirValue wide = cimc_build_splat(b, largest, split.lanes);
    cimc_loop l = loop_from(b, 0, split.covered, split.lanes, &wide);
    MlirValue x = load_real(b, s, l.iv, split.lanes);
    MlirValue next = cimc_build_max(b, x, l.value[0]);
    cimc_build_end_for(b, &l, &next);
    largest = cimc_build_reduce(b, l.value[0], cimc_build_max);
  }
  if (split.covered == s->count)
    return largest;
  cimc_loop l = loop_from(b, split.covered, s->count, 1, &largest);
  MlirValue next = cimc_build_max(b, load_real(b, s, l.iv, 0), l.value[0]);
  cimc_build_end_for(b, &l, &next);
  return l.value[0];
}

static MlirValue row_sum(cimc_build *b, softmax *s, row_split split,
                         MlirValue largest) {
  MlirValue sum = cimc_build_float(b, b->f32, 0.0f);
  if (split.lanes) {
    MlirValue wide = cimc_build_splat(b, largest, split.lanes);
    cimc_loop l = loop_from(b, 0, split.covered, split.lanes, &sum);
    MlirValue e = load_exp(b, s, l.iv, wide, split.lanes);
    keep_exp(b, s, l.iv, e);
    MlirValue next = l.value[0];
    for (int64_t i = 0; i < split.lanes; i++) // in order: see the file's head
      next = cimc_build_add(b, next, cimc_build_extract(b, e, i));
    cimc_build_end_for(b, &l, &next);
    sum = l.value[0];
  }
  if (split.covered == s->count)
    return sum;
  cimc_loop l = loop_from(b, split.covered, s->count, 1, &sum);
  MlirValue e = load_exp(b, s, l.iv, largest, 0);
  keep_exp(b, s, l.iv, e);
  MlirValue next = cimc_build_add(b, l.value[0], e);
  cimc_build_end_for(b, &l, &next);
  return l.value[0];
}

static void share_body(cimc_build *b, MlirValue first, int64_t lanes,
                       void *user) {
  const row_values *row = user;
  row_values wide = {row->s, cimc_sweep_splat(b, row->largest, lanes),
                     cimc_sweep_splat(b, row->sum, lanes)};
  store_share(b, &wide, first, lanes);
}

static void emit_row(cimc_build *b, softmax *s) {
  row_split split = split_row(b, s->count);
  row_values row = {.s = s};
  row.largest = row_largest(b, s, split);
  row.sum = row_sum(b, s, split, row.largest);
  cimc_sweep_emit(b, s->count, cimc_sweep_lanes(b, 4), share_body, &row);
}

// -- Rows whose elements are `inner` apart: a vector of rows at a time --------
static void column_body(cimc_build *b, MlirValue first, int64_t lanes,
                        void *user) {
  softmax s = *(softmax *)user;
  s.from = cimc_sweep_at(b, s.from, first, cimc_storage_bytes(s.in.storage));
  s.to = cimc_sweep_at(b, s.to, first, cimc_storage_bytes(s.out.storage));
  MlirValue init = cimc_build_float(b, b->f32, -INFINITY);
  init = cimc_sweep_splat(b, init, lanes);
  cimc_loop l = loop_from(b, 0, s.count, 1, &init);
  MlirValue next = load_real(b, &s, l.iv, lanes);
  next = cimc_build_max(b, next, l.value[0]);
  cimc_build_end_for(b, &l, &next);
  MlirValue largest = l.value[0];
  init = cimc_sweep_splat(b, cimc_build_float(b, b->f32, 0.0f), lanes);
  l = loop_from(b, 0, s.count, 1, &init);
  MlirValue e = load_exp(b, &s, l.iv, largest, lanes);
  keep_exp(b, &s, l.iv, e);
  next = cimc_build_add(b, l.value[0], e);
  cimc_build_end_for(b, &l, &next);
  row_values row = {&s, largest, l.value[0]};
  l = loop_from(b, 0, s.count, 1, NULL);
  store_share(b, &row, l.iv, lanes);
  cimc_build_end_for(b, &l, NULL);
}

// -- The kernel --------------------------------------------------------------
static void emit(cimc_build *b, void *user) {
  softmax *s = user;
  cimc_scalars_enter(&s->scalars, b, 2);
  s->from = cimc_build_argument(b, 0);
  s->to = cimc_build_argument(b, 1);
  cimc_loop outer = cimc_build_repeat(b, s->outer, 1);
  int64_t row = s->count * s->inner;
  s->from = cimc_sweep_at(b, s->from, outer.iv,
                          row * cimc_storage_bytes(s->in.storage));
  s->to = cimc_sweep_at(b, s->to, outer.iv,
                        row * cimc_storage_bytes(s->out.storage));
  if (s->inner == 1)
    emit_row(b, s);
  else
    cimc_sweep_emit(b, s->inner, cimc_sweep_lanes(b, 4), column_body, s);
  cimc_build_end_for(b, &outer, NULL);
  cimc_build_return(b, (MlirValue){NULL});
}

MlirLogicalResult cimc_softmax_lower(cimc_lower *state, MlirOperation op) {
  if (cimc_isoftmax_fits(op))
    return cimc_isoftmax_lower(state, op);
  if (cimc_qsoftmax_fits(op))
    return cimc_qsoftmax_lower(state, op);
  CIMC_TRY(cimc_scalars_check(op));
  MlirValue operand = mlirOperationGetOperand(op, 0);
  MlirValue result = mlirOperationGetResult(op, 0);
  softmax s = {.in = cimc_qgemm_element(mlirValueGetType(operand)),
               .out = cimc_qgemm_element(mlirValueGetType(result))};
  cimc_nest_split(op, &s.outer, &s.count, &s.inner);
  char key[CIMC_KERNEL_KEY_MAX] = "softmax";
  cimc_key_append(key, sizeof(key), "_%lldx%lldx%lld_%s_%s", (long long)s.outer,
                  (long long)s.count, (long long)s.inner,
                  cimc_key_storage(s.in.storage),
                  cimc_key_storage(s.out.storage));
  cimc_scalars_begin(&s.scalars, state);
  cimc_scalars_pointer(&s.scalars, operand);
  cimc_scalars_pointer(&s.scalars, result);
  cimc_scalars_add_input(&s.scalars, &s.in);
  cimc_scalars_add_output(&s.scalars, op, key, sizeof(key));
  return cimc_scalars_call(
      &s.scalars, op,
      &(cimc_scalars_kernel){
          .key = key, .noalias = false, .emit = emit, .user = &s});
}
