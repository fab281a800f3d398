// SPDX-License-Identifier: Apache-2.0
//
// arg_max and arg_min: the index of the largest or smallest element along an
// axis.
//
// Stored values are compared: a quantized type keeps their order. A NaN is
// never chosen; where there is nothing else the index is 0. Vectors run over
// what lies behind the axis.
#include "passes/lower/core/epilogue.h"
#include "passes/lower/core/nest.h"
#include "passes/lower/kernels.h"

#include <math.h>

#define CIMC_ARG_LANES_MAX 64

typedef struct arg {
  cimc_storage in, out;
  bool max;
  bool last; // of equal elements
  int64_t outer, count, inner;
  MlirValue from, to; // of one outer index
} arg;

typedef struct piece {
  int64_t first, end;
  int64_t lanes; // 0: scalars
} piece;

// The worst element there is, which every other one beats.
static MlirValue worst(cimc_build *b, const arg *a, int64_t lanes) {
  MlirValue x;
  if (a->in == CIMC_STORAGE_F32)
    x = cimc_build_float(b, b->f32, a->max ? -INFINITY : INFINITY);
  else
    x = cimc_build_int(b, a->in == CIMC_STORAGE_I64 ? b->i64 : b->i32,
                       a->max ? cimc_storage_min(a->in)
                              : cimc_storage_max(a->in));
  return cimc_sweep_splat(b, x, lanes);
}

static cimc_compare comparison(const arg *a) {
  if (a->max)
    return a->last ? CIMC_GE : CIMC_GT;
  return a->last ? CIMC_LE : CIMC_LT;
}

static MlirValue to_i32(cimc_build *b, MlirValue index) {
  return mlirTypeEqual(b->index, b->i32) ? index
                                         : cimc_build_trunc(b, index, b->i32);
}

static void inner_body(cimc_build *b, MlirValue first, int64_t lanes,
                       void *user) {
  const arg *a = user;
  int64_t bytes = cimc_storage_bytes(a->in);
  MlirValue from = cimc_sweep_at(b, a->from, first, bytes);
  MlirValue zero = cimc_sweep_splat(b, cimc_build_int(b, b->i32, 0), lanes);
  MlirValue best[] = {worst(b, a, lanes), zero};
  cimc_range range = {cimc_build_index(b, 0), cimc_build_index(b, a->count), 1};
  cimc_loop loop = cimc_build_for(b, range, 2, best);
  MlirValue x = cimc_epilogue_load(
      b, a->in, cimc_sweep_at(b, from, loop.iv, a->inner * bytes), lanes,
      lanes ? lanes : 1);
  MlirValue index = cimc_sweep_splat(b, to_i32(b, loop.iv), lanes);
  MlirValue better = cimc_build_compare(b, comparison(a), x, loop.value[0]);
  best[0] = cimc_build_select(b, better, x, loop.value[0]);
  best[1] = cimc_build_select(b, better, index, loop.value[1]);
  cimc_build_end_for(b, &loop, best);
  index = loop.value[1];
  if (a->out == CIMC_STORAGE_I64)
    index = cimc_build_sext(b, index, b->i64);
  cimc_epilogue_store(
      b, a->out, index,
      cimc_sweep_at(b, a->to, first, cimc_storage_bytes(a->out)),
      lanes ? lanes : 1);
}

// -- Along the last axis -----------------------------------------------------
// An i32 that is no index, behind or before all of them; lanes are added to it.
static int64_t no_index(const arg *a) {
  return a->last ? INT32_MIN : INT32_MAX - CIMC_ARG_LANES_MAX;
}

// The better of two elements, the one that counts of two indices.
static MlirValue better_of(cimc_build *b, const arg *a, MlirValue x,
                           MlirValue y) {
  return a->max ? cimc_build_max(b, x, y) : cimc_build_min(b, x, y);
}

static MlirValue later_of(cimc_build *b, const arg *a, MlirValue x,
                          MlirValue y) {
  return a->last ? cimc_build_max(b, x, y) : cimc_build_min(b, x, y);
}

// Goes over [first, end), `lanes` at a time (0: one): the best element, or when
// it is known, where it is. An index in a vector is without its lane.
static MlirValue sweep(cimc_build *b, const arg *a, const piece *p,
                       MlirValue carried, MlirValue best) {
  int64_t step = p->lanes ? p->lanes : 1;
  cimc_range range = {cimc_build_index(b, p->first),
                      cimc_build_index(b, p->end), step};
  cimc_loop loop = cimc_build_for(b, range, 1, &carried);
  MlirValue x = cimc_epilogue_load(
      b, a->in, cimc_sweep_at(b, a->from, loop.iv, cimc_storage_bytes(a->in)),
      p->lanes, step);
  MlirValue next;
  if (mlirValueIsNull(best)) {
    next = better_of(b, a, x, loop.value[0]);
  } else {
    MlirValue index = cimc_sweep_splat(b, to_i32(b, loop.iv), p->lanes);
    MlirValue none = cimc_build_int(b, mlirValueGetType(index), no_index(a));
    MlirValue same =
        cimc_build_compare(b, CIMC_EQ, x, cimc_sweep_splat(b, best, p->lanes));
    next =
        later_of(b, a, cimc_build_select(b, same, index, none), loop.value[0]);
  }
  cimc_build_end_for(b, &loop, &next);
  return loop.value[0];
}

// Folds a vector of elements, or of indices, to which their lane is added.
static MlirValue fold(cimc_build *b, const arg *a, MlirValue vector,
                      bool is_index) {
  MlirValue all = cimc_build_extract(b, vector, 0);
  for (int64_t i = 1; i < cimc_build_count(vector); i++) {
    MlirValue x = cimc_build_extract(b, vector, i);
    if (is_index)
      x = cimc_build_add(b, x, cimc_build_int(b, b->i32, i));
    all = is_index ? later_of(b, a, x, all) : better_of(b, a, x, all);
  }
  return all;
}

static void emit_last(cimc_build *b, const arg *a, int64_t lanes) {
  piece most = {0, a->count - a->count % lanes, lanes};
  piece rest = {most.end, a->count, 0};
  MlirValue unknown = {NULL};
  MlirValue best =
      fold(b, a, sweep(b, a, &most, worst(b, a, lanes), unknown), false);
  if (rest.first < rest.end)
    best = sweep(b, a, &rest, best, unknown);
  MlirValue none = cimc_build_int(b, b->i32, no_index(a));
  MlirValue zero = cimc_build_int(b, b->i32, 0);
  MlirValue index = fold(
      b, a, sweep(b, a, &most, cimc_build_splat(b, none, lanes), best), true);
  if (rest.first < rest.end)
    index = sweep(b, a, &rest, index, best);
  // Nothing but NaN: nothing is found. A first one that is but the worst there
  // is may come behind a NaN.
  MlirValue nowhere = cimc_build_compare(b, CIMC_EQ, best, worst(b, a, 0));
  index = a->last ? cimc_build_max(b, index, zero)
                  : cimc_build_select(b, nowhere, zero, index);
  if (a->out == CIMC_STORAGE_I64)
    index = cimc_build_sext(b, index, b->i64);
  cimc_epilogue_store(b, a->out, index, a->to, 1);
}

static void emit(cimc_build *b, arg *a) {
  cimc_loop outer = cimc_build_repeat(b, a->outer, 1);
  a->from = cimc_sweep_at(b, cimc_build_argument(b, 0), outer.iv,
                          a->count * a->inner * cimc_storage_bytes(a->in));
  a->to = cimc_sweep_at(b, cimc_build_argument(b, 1), outer.iv,
                        a->inner * cimc_storage_bytes(a->out));
  int64_t lanes = cimc_sweep_lanes(b, a->in == CIMC_STORAGE_I64 ? 8 : 4);
  if (a->inner == 1 && lanes > 1 && a->count >= 2 * lanes)
    emit_last(b, a, lanes);
  else
    cimc_sweep_emit(b, a->inner, lanes, inner_body, a);
  cimc_build_end_for(b, &outer, NULL);
  cimc_build_return(b, (MlirValue){NULL});
}

MlirLogicalResult cimc_arg_lower(cimc_lower *state, MlirOperation op) {
  MlirValue operand = mlirOperationGetOperand(op, 0);
  MlirValue result = mlirOperationGetResult(op, 0);
  arg a = {.in = cimc_qgemm_element(mlirValueGetType(operand)).storage,
           .out = cimc_qgemm_element(mlirValueGetType(result)).storage,
           .max = cimc_qgemm_kind_of(op) == CIMC_QGEMM_ARG_MAX};
  cimc_ir_get_bool(op, "last", &a.last);
  cimc_nest_split(op, &a.outer, &a.count, &a.inner);
  if (a.count > INT32_MAX)
    return cimc_error(mlirOperationGetLocation(op),
                      "an axis of %lld elements; expected at most 2147483647",
                      (long long)a.count);
  MlirValue arguments[] = {cimc_lower_value(state, operand),
                           cimc_lower_value(state, result)};
  if (mlirValueIsNull(arguments[0]) || mlirValueIsNull(arguments[1]))
    return mlirLogicalResultFailure();
  char key[CIMC_KERNEL_KEY_MAX] = "arg";
  cimc_key_append(key, sizeof(key), "%s%s_%s_%s_%lldx%lldx%lld",
                  a.max ? "max" : "min", a.last ? "_last" : "",
                  cimc_key_storage(a.in), cimc_key_storage(a.out),
                  (long long)a.outer, (long long)a.count, (long long)a.inner);
  cimc_kernel kernel = {
      .key = key, .count = 2, .arguments = arguments, .noalias = true};
  cimc_build b;
  if (cimc_lower_kernel(state, op, &kernel, &b))
    emit(&b, &a);
  return mlirLogicalResultSuccess();
}
