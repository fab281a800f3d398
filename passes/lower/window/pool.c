// SPDX-License-Identifier: Apache-2.0
//
// max_pool2d and avg_pool2d on NHWC, vectors over channels.
//
// The window is clipped to the image. max: the padding is never the largest;
// quantized values compare as they are stored. avg: f32 sum of the dequantized
// elements, divided by their number (that of the whole window with
// count_include_pad). The order is ONNX Runtime's: it sums each column of the
// window from 0, top down, and then these sums. Where it has one kernel for a
// quantized avg (fused.h), it sums in row-major order instead, and adds the
// zero point before rounding: rne(v / scale + zero_point); else after. With an
// `arithmetic` of integers the elements are summed as they are stored.
#include "passes/lower/core/epilogue.h"
#include "passes/lower/core/fused.h"
#include "passes/lower/core/nest.h"
#include "passes/lower/core/scalars.h"
#include "passes/lower/kernels.h"
#include "passes/lower/window/average.h"

#include <math.h>

typedef struct pool {
  MlirOperation op;
  bool average;
  bool integer; // see average.h
  bool include_pad;
  bool fused; // see fused.h
  cimc_element in, out;
  cimc_shape from, to; // NHWC
  cimc_window window;
  cimc_scalars scalars;
} pool;

// Where one output element's window lies, in the kernel.
typedef struct pool_place {
  pool *p;
  MlirValue corner; // address of window element (0, 0), maybe in the padding
  MlirValue result;
  MlirValue low[2], high[2]; // the part of the window inside the image
  MlirValue count; // of elements, as f32 or, for integers, i32; avg only
} pool_place;

// -- Elements ----------------------------------------------------------------
// Unsigned integers compare as signed ones with the highest bit flipped.
static MlirValue flip(cimc_build *b, cimc_storage storage, MlirValue x) {
  if (storage != CIMC_STORAGE_U8 && storage != CIMC_STORAGE_U16)
    return x;
  int64_t bit = storage == CIMC_STORAGE_U8 ? INT8_MIN : INT16_MIN;
  return cimc_build_xor(b, x, cimc_build_int(b, mlirValueGetType(x), bit));
}

static MlirValue max_init(cimc_build *b, cimc_storage storage) {
  MlirType type = cimc_build_storage_type(b, storage);
  int64_t bits = 8 * cimc_storage_bytes(storage);
  return storage == CIMC_STORAGE_F32
             ? cimc_build_float(b, type, -INFINITY)
             : cimc_build_int(b, type,
                              (int64_t)(-1) * (INT64_C(1) << (bits - 1)));
}

// acc combined with the element at `pointer`.
static MlirValue combine(cimc_build *b, pool *p, MlirValue pointer,
                         int64_t lanes, MlirValue acc) {
  cimc_storage storage = p->in.storage;
  if (p->average) {
    MlirValue x =
        cimc_epilogue_load(b, storage, pointer, lanes, lanes ? lanes : 1);
    if (p->integer)
      return cimc_build_add(b, acc, x);
    cimc_scalars_rewind(&p->scalars);
    x = cimc_scalars_to_real(b, &p->scalars, &p->in, x);
    return cimc_build_add(b, acc, x);
  }
  MlirType type = mlirValueGetType(acc);
  MlirValue x = cimc_build_load(b, type, pointer, cimc_storage_bytes(storage));
  return cimc_build_max(b, flip(b, storage, x), acc);
}

// rne(mean / scale + zero_point) within its bounds.
static MlirValue store_fused(cimc_build *b, pool *p, MlirValue mean) {
  cimc_scalars *s = &p->scalars;
  mean = cimc_build_div(b, mean, cimc_scalars_next(b, s, mean));
  mean = cimc_build_add(b, mean, cimc_scalars_next(b, s, mean));
  MlirValue low = cimc_scalars_next(b, s, mean);
  MlirValue high = cimc_scalars_next(b, s, mean);
  return cimc_epilogue_round(b, cimc_build_clamp(b, mean, low, high));
}

static void store(cimc_build *b, const pool_place *at, MlirValue pointer,
                  MlirValue acc, int64_t lanes) {
  pool *p = at->p;
  cimc_storage storage = p->out.storage;
  if (!p->average) {
    cimc_build_store(b, flip(b, storage, acc), pointer,
                     cimc_storage_bytes(storage));
    return;
  }
  cimc_scalars_rewind(&p->scalars);
  MlirValue mean;
  if (p->integer) {
    mean = cimc_average_emit(b, &p->scalars, p->op, acc, at->count);
    cimc_epilogue_store(b, storage, mean, pointer, lanes ? lanes : 1);
    return;
  }
  mean = cimc_build_div(b, acc, cimc_sweep_splat(b, at->count, lanes));
  if (p->in.quantized)
    p->scalars.next += 2;
  if (p->fused)
    mean = store_fused(b, p, mean);
  else
    mean = cimc_scalars_from_real(b, &p->scalars, &p->out, mean);
  cimc_epilogue_store(b, storage, mean, pointer, lanes ? lanes : 1);
}

// -- One window, a block of channels -----------------------------------------
// Element (0, 0) of the window in a block of channels.
typedef struct pool_block {
  const pool_place *at;
  MlirValue corner;
  MlirValue init;
  int64_t lanes;
  int64_t step[2]; // bytes from row to row, from column to column
} pool_block;

static cimc_range clipped(const pool_place *at, int dim) {
  return (cimc_range){at->low[dim], at->high[dim], 1};
}

static MlirValue reduce_rows(cimc_build *b, const pool_block *block) {
  const pool_place *at = block->at;
  cimc_loop y = cimc_build_for(b, clipped(at, 0), 1, &block->init);
  MlirValue line = cimc_sweep_at(b, block->corner, y.iv, block->step[0]);
  cimc_loop x = cimc_build_for(b, clipped(at, 1), 1, y.value);
  MlirValue pointer = cimc_sweep_at(b, line, x.iv, block->step[1]);
  MlirValue next = combine(b, at->p, pointer, block->lanes, x.value[0]);
  cimc_build_end_for(b, &x, &next);
  cimc_build_end_for(b, &y, x.value);
  return y.value[0];
}

static MlirValue sum_columns(cimc_build *b, const pool_block *block) {
  const pool_place *at = block->at;
  cimc_loop x = cimc_build_for(b, clipped(at, 1), 1, &block->init);
  MlirValue column = cimc_sweep_at(b, block->corner, x.iv, block->step[1]);
  cimc_loop y = cimc_build_for(b, clipped(at, 0), 1, &block->init);
  MlirValue pointer = cimc_sweep_at(b, column, y.iv, block->step[0]);
  MlirValue next = combine(b, at->p, pointer, block->lanes, y.value[0]);
  cimc_build_end_for(b, &y, &next);
  next = cimc_build_add(b, x.value[0], y.value[0]);
  cimc_build_end_for(b, &x, &next);
  return x.value[0];
}

static void window_body(cimc_build *b, MlirValue first, int64_t lanes,
                        void *user) {
  const pool_place *at = user;
  pool *p = at->p;
  int64_t bytes = cimc_storage_bytes(p->in.storage);
  int64_t pixel = p->from.dim[3] * bytes;
  pool_block block = {.at = at,
                      .corner = cimc_sweep_at(b, at->corner, first, bytes),
                      .lanes = lanes,
                      .step = {p->from.dim[2] * pixel, pixel}};
  block.init = p->integer   ? cimc_build_int(b, b->i32, 0)
               : p->average ? cimc_build_float(b, b->f32, 0.0f)
                            : max_init(b, p->in.storage);
  block.init = cimc_sweep_splat(b, block.init, lanes);
  bool columns = p->average && !p->fused && !p->integer;
  MlirValue all = columns ? sum_columns(b, &block) : reduce_rows(b, &block);
  MlirValue to =
      cimc_sweep_at(b, at->result, first, cimc_storage_bytes(p->out.storage));
  store(b, at, to, all, lanes);
}

// The part of the window that starts at `start` in an image of `size`.
static void clip(cimc_build *b, pool_place *at, int dim, MlirValue start) {
  const cimc_window *w = &at->p->window;
  MlirValue zero = cimc_build_index(b, 0);
  MlirValue kernel = cimc_build_index(b, w->kernel[dim]);
  at->low[dim] = zero;
  at->high[dim] = kernel;
  if (w->pads[dim] == 0 && w->pads[dim + 2] == 0)
    return; // no window crosses an edge
  MlirValue size = cimc_build_index(b, at->p->from.dim[1 + dim]);
  at->low[dim] = cimc_build_max(b, zero, cimc_build_sub(b, zero, start));
  at->high[dim] = cimc_build_min(b, kernel, cimc_build_sub(b, size, start));
}

static MlirValue element_count(cimc_build *b, const pool_place *at) {
  const cimc_window *w = &at->p->window;
  if (at->p->include_pad)
    return cimc_build_float(b, b->f32, (float)(w->kernel[0] * w->kernel[1]));
  MlirValue rows = cimc_build_sub(b, at->high[0], at->low[0]);
  MlirValue columns = cimc_build_sub(b, at->high[1], at->low[1]);
  MlirValue count = cimc_build_mul(b, rows, columns);
  if (!at->p->integer)
    return cimc_build_to_float(b, count);
  return mlirTypeEqual(b->index, b->i32) ? count
                                         : cimc_build_trunc(b, count, b->i32);
}

// First image coordinate of the window of output coordinate `out`.
static MlirValue window_start(cimc_build *b, const pool *p, int dim,
                              MlirValue out) {
  MlirValue start =
      cimc_build_mul(b, out, cimc_build_index(b, p->window.strides[dim]));
  return cimc_build_sub(b, start, cimc_build_index(b, p->window.pads[dim]));
}

static void emit(cimc_build *b, void *user) {
  pool *p = user;
  cimc_scalars_enter(&p->scalars, b, 2);
  int64_t channels = p->from.dim[3];
  int64_t in_bytes = cimc_storage_bytes(p->in.storage) * channels;
  int64_t out_bytes = cimc_storage_bytes(p->out.storage) * channels;
  int64_t in_row = p->from.dim[2] * in_bytes;
  int64_t out_row = p->to.dim[2] * out_bytes;
  pool_place at = {.p = p};
  cimc_loop n = cimc_build_repeat(b, p->to.dim[0], 1);
  MlirValue image = cimc_sweep_at(b, cimc_build_argument(b, 0), n.iv,
                                  p->from.dim[1] * in_row);
  MlirValue result =
      cimc_sweep_at(b, cimc_build_argument(b, 1), n.iv, p->to.dim[1] * out_row);
  cimc_loop y = cimc_build_repeat(b, p->to.dim[1], 1);
  MlirValue start = window_start(b, p, 0, y.iv);
  clip(b, &at, 0, start);
  MlirValue line = cimc_sweep_at(b, image, start, in_row);
  MlirValue result_line = cimc_sweep_at(b, result, y.iv, out_row);
  cimc_loop x = cimc_build_repeat(b, p->to.dim[2], 1);
  start = window_start(b, p, 1, x.iv);
  clip(b, &at, 1, start);
  at.corner = cimc_sweep_at(b, line, start, in_bytes);
  at.result = cimc_sweep_at(b, result_line, x.iv, out_bytes);
  if (p->average)
    at.count = element_count(b, &at);
  int bytes = p->average ? 4 : cimc_storage_bytes(p->in.storage);
  cimc_sweep_emit(b, channels, cimc_sweep_lanes(b, bytes), window_body, &at);
  cimc_build_end_for(b, &x, NULL);
  cimc_build_end_for(b, &y, NULL);
  cimc_build_end_for(b, &n, NULL);
  cimc_build_return(b, (MlirValue){NULL});
}

// -- The call ----------------------------------------------------------------
static void append_key(const pool *p, char *key, size_t size) {
  const cimc_window *w = &p->window;
  cimc_key_append(key, size, "%s%s", p->average ? "avgpool" : "maxpool",
                  p->include_pad ? "_padded" : "");
  for (int i = 0; i < 4; i++)
    cimc_key_append(key, size, i ? "x%lld" : "_%lld",
                    (long long)p->from.dim[i]);
  for (int i = 1; i < 3; i++)
    cimc_key_append(key, size, "_%lld", (long long)p->to.dim[i]);
  cimc_key_append(key, size, "_k%lldx%lld_s%lldx%lld_p",
                  (long long)w->kernel[0], (long long)w->kernel[1],
                  (long long)w->strides[0], (long long)w->strides[1]);
  for (int i = 0; i < 4; i++)
    cimc_key_append(key, size, i ? "x%lld" : "%lld", (long long)w->pads[i]);
  cimc_key_append(key, size, "_%s_%s", cimc_key_storage(p->in.storage),
                  cimc_key_storage(p->out.storage));
}

static void add_scalars(pool *p, MlirOperation op, char *key, size_t key_size) {
  cimc_scalars *s = &p->scalars;
  MlirValue result = mlirOperationGetResult(op, 0);
  cimc_scalars_pointer(s, mlirOperationGetOperand(op, 0));
  cimc_scalars_pointer(s, result);
  if (!p->average)
    return;
  if (p->integer) {
    cimc_average_arguments(s, op, key, key_size);
    return;
  }
  cimc_scalars_add_input(s, &p->in);
  p->fused = cimc_fused_form(op);
  if (!p->fused) {
    cimc_scalars_add_output(s, op, key, key_size);
    return;
  }
  cimc_key_append(key, key_size, "_fused");
  cimc_clamp clamp =
      cimc_epilogue_clamp(mlirValueGetType(result), cimc_qgemm_bounds(op));
  float zero_point = (float)p->out.zero_point;
  cimc_scalars_float(s, p->out.scale);
  cimc_scalars_float(s, zero_point);
  cimc_scalars_float(s, clamp.low + zero_point);
  cimc_scalars_float(s, clamp.high + zero_point);
}

MlirLogicalResult cimc_pool_lower(cimc_lower *state, MlirOperation op) {
  MlirType from = mlirValueGetType(mlirOperationGetOperand(op, 0));
  MlirType to = mlirValueGetType(mlirOperationGetResult(op, 0));
  pool p = {.op = op,
            .average = cimc_qgemm_kind_of(op) == CIMC_QGEMM_AVG_POOL2D,
            .in = cimc_qgemm_element(from),
            .out = cimc_qgemm_element(to),
            .window = cimc_qgemm_window(op)};
  p.integer = p.average && cimc_average_of(op) != CIMC_AVERAGE_REAL;
  CIMC_TRY(cimc_scalars_check(op));
  if (p.integer)
    CIMC_TRY(cimc_average_check(op));
  if (p.average)
    cimc_ir_get_bool(op, "count_include_pad", &p.include_pad);
  cimc_ir_tensor_shape(from, &p.from);
  cimc_ir_tensor_shape(to, &p.to);
  char key[CIMC_KERNEL_KEY_MAX] = "";
  append_key(&p, key, sizeof(key));
  cimc_scalars_begin(&p.scalars, state);
  add_scalars(&p, op, key, sizeof(key));
  return cimc_scalars_call(
      &p.scalars, op,
      &(cimc_scalars_kernel){
          .key = key, .noalias = true, .emit = emit, .user = &p});
}
