// SPDX-License-Identifier: Apache-2.0
//
// softmax on 8-bit values by table: see qsoftmax.h.
//
// With m the row's largest element and T[d] proportional to exp(-d * sx):
//   q = rne((T[m - x] * floor(1 / so)) / sum T[m - x]) + zo
// in f32, the sum in order of index from 0; saturated. Why the floor, which
// loses a step of the result's scale where 1 / so is no whole number: ONNX
// Runtime computes a quantized softmax so (com.microsoft QLinearSoftmax), and
// results are to equal its; measured on 40 million elements, of which 19
// differ, all within 1e-5 of a tie.
#include "passes/lower/window/qsoftmax.h"

#include "passes/lower/core/epilogue.h"
#include "passes/lower/core/fused.h"
#include "passes/lower/core/nest.h"
#include "passes/lower/core/scalars.h"

#include <float.h>
#include <math.h>

typedef struct qsoftmax {
  cimc_storage storage;
  int64_t outer, count, inner; // the axis has `count` elements `inner` apart
  cimc_scalars scalars;
  MlirValue from, to, table; // in the kernel, of the row
} qsoftmax;

bool cimc_qsoftmax_fits(MlirOperation op) { return cimc_fused_form(op); }

// T[d] for d = 0 … 255. The common factor, as large as the sum of a row
// allows, changes how the entries round, so it belongs to the arithmetic.
static void fill(float scale, int64_t count, float *table) {
  float largest_sum = FLT_MAX / (float)count;
  double room = fmax(0.0, (double)logf(largest_sum) - 5.0) / (double)scale;
  for (int d = 0; d < 256; d++)
    table[d] = (float)exp(((double)-d + room) * (double)scale);
}

// -- The kernel --------------------------------------------------------------
static MlirValue load(cimc_build *b, const qsoftmax *s, MlirValue index) {
  MlirValue at = cimc_sweep_at(b, s->from, index, s->inner);
  return cimc_epilogue_load(b, s->storage, at, 0, 1);
}

static MlirValue row_largest(cimc_build *b, const qsoftmax *s) {
  MlirValue largest = cimc_build_int(b, b->i32, INT8_MIN);
  cimc_loop l = cimc_build_for(
      b, (cimc_range){cimc_build_index(b, 0), cimc_build_index(b, s->count), 1},
      1, &largest);
  MlirValue next = cimc_build_max(b, load(b, s, l.iv), l.value[0]);
  cimc_build_end_for(b, &l, &next);
  return l.value[0];
}

static MlirValue look_up(cimc_build *b, const qsoftmax *s, MlirValue index,
                         MlirValue largest) {
  MlirValue distance = cimc_build_sub(b, largest, load(b, s, index));
  if (!mlirTypeEqual(b->index, b->i32))
    distance = cimc_build_zext(b, distance, b->index);
  return cimc_build_load(b, b->f32, cimc_sweep_at(b, s->table, distance, 4), 4);
}

static void emit_row(cimc_build *b, qsoftmax *s) {
  MlirValue zero = cimc_build_index(b, 0);
  MlirValue count = cimc_build_index(b, s->count);
  MlirValue largest = row_largest(b, s);
  MlirValue sum = cimc_build_float(b, b->f32, 0.0f);
  cimc_loop l = cimc_build_for(b, (cimc_range){zero, count, 1}, 1, &sum);
  MlirValue next = cimc_build_add(b, l.value[0], look_up(b, s, l.iv, largest));
  cimc_build_end_for(b, &l, &next);
  sum = l.value[0];
  l = cimc_build_for(b, (cimc_range){zero, count, 1}, 0, NULL);
  MlirValue e = look_up(b, s, l.iv, largest);
  cimc_scalars_rewind(&s->scalars);
  MlirValue x = cimc_build_mul(b, e, cimc_scalars_next(b, &s->scalars, e));
  x = cimc_build_div(b, x, sum);
  MlirValue low = cimc_scalars_next(b, &s->scalars, x);
  MlirValue high = cimc_scalars_next(b, &s->scalars, x);
  MlirValue zero_point = cimc_scalars_next(b, &s->scalars, x);
  x = cimc_epilogue_quantize(b, x, low, high, zero_point);
  cimc_epilogue_store(b, s->storage, x, cimc_sweep_at(b, s->to, l.iv, s->inner),
                      1);
  cimc_build_end_for(b, &l, NULL);
}

static void emit(cimc_build *b, void *user) {
  qsoftmax *s = user;
  cimc_scalars_enter(&s->scalars, b, 3);
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
static void add_arguments(qsoftmax *s, cimc_lower *state, MlirOperation op) {
  MlirValue operand = mlirOperationGetOperand(op, 0);
  MlirValue result = mlirOperationGetResult(op, 0);
  cimc_element out = cimc_qgemm_element(mlirValueGetType(result));
  cimc_clamp clamp =
      cimc_epilogue_clamp(mlirValueGetType(result), cimc_qgemm_bounds(op));
  float table[256];
  fill(cimc_qgemm_scale(mlirValueGetType(operand), 0), s->count, table);
  cimc_scalars_begin(&s->scalars, state);
  cimc_scalars_pointer(&s->scalars, operand);
  cimc_scalars_pointer(&s->scalars, result);
  cimc_scalars_data(&s->scalars, 256, table);
  cimc_scalars_float(&s->scalars, floorf(1.0f / out.scale));
  cimc_scalars_float(&s->scalars, clamp.low);
  cimc_scalars_float(&s->scalars, clamp.high);
  cimc_scalars_int(&s->scalars, out.zero_point);
}

MlirLogicalResult cimc_qsoftmax_lower(cimc_lower *state, MlirOperation op) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  qsoftmax s = {.storage = cimc_qgemm_element(type).storage};
  cimc_nest_split(op, &s.outer, &s.count, &s.inner);
  char key[CIMC_KERNEL_KEY_MAX] = "qsoftmax";
  cimc_key_append(key, sizeof(key), "_%lldx%lldx%lld_%s", (long long)s.outer,
                  (long long)s.count, (long long)s.inner,
                  cimc_key_storage(s.storage));
  add_arguments(&s, state, op);
  return cimc_scalars_call(
      &s.scalars, op,
      &(cimc_scalars_kernel){
          .key = key, .noalias = false, .emit = emit, .user = &s});
}
