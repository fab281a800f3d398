// SPDX-License-Identifier: Apache-2.0
//
// The generator of matrix kernels: see micro.h.
//
// Loops: blocks of nr vectors of channels, then images, rows, tiles of mr
// columns, then K. So a block's weights stay in the first-level cache while
// all positions pass. The last block and the last tile of a row are bodies of
// their own, as wide as what is left.
#include "passes/lower/product/micro.h"

#include "passes/lower/product/dot.h"

#include <stdio.h>

// The kernel's parameters, in order; the finish's scalars come after.
enum {
  ARGUMENT_IN,
  ARGUMENT_WEIGHTS,
  ARGUMENT_BIAS,
  ARGUMENT_SCALE, // without one: the bias again
  ARGUMENT_OUT,
  ARGUMENT_RESIDUAL, // without one: the output again
  ARGUMENT_FINISH,
};

typedef struct micro_body {
  cimc_build b;
  const cimc_micro *micro;
  const cimc_packing *packing;
  cimc_finish finish;
  cimc_finish_values values;
  int64_t out_size; // bytes of an element of the result, and of the residual
  int64_t residual_size;
} micro_body;

// A block of channels: `vectors` of them, the last one `last` lanes wide.
typedef struct micro_block {
  int64_t vectors;
  int64_t last;
  MlirValue weights, bias, scale, out, residual;
} micro_block;

// A tile of `rows` output positions.
typedef struct micro_tile {
  int64_t rows;
  MlirValue in, out, residual;
} micro_tile;

static int64_t in_size(const micro_body *k) {
  return cimc_storage_bytes(k->packing->in);
}

// pointer + iv * bytes.
static MlirValue advance(cimc_build *b, MlirValue pointer, MlirValue iv,
                         int64_t bytes) {
  MlirValue scaled = cimc_build_mul(b, iv, cimc_build_index(b, bytes));
  return cimc_build_offset(b, pointer, scaled);
}

// A loop that is not emitted when it runs once.
typedef struct maybe_loop {
  bool real;
  cimc_loop loop;
} maybe_loop;

static maybe_loop begin_loop(cimc_build *b, int64_t trips, intptr_t count,
                             MlirValue *values) {
  maybe_loop out = {.real = trips > 1};
  if (!out.real)
    return out;
  out.loop = cimc_build_for(
      b, (cimc_range){cimc_build_index(b, 0), cimc_build_index(b, trips), 1},
      count, values);
  for (intptr_t i = 0; i < count; i++)
    values[i] = out.loop.value[i];
  return out;
}

static MlirValue step_pointer(cimc_build *b, const maybe_loop *loop,
                              MlirValue pointer, int64_t bytes) {
  return loop->real ? advance(b, pointer, loop->loop.iv, bytes) : pointer;
}

static void end_loop(cimc_build *b, maybe_loop *out, MlirValue *values) {
  if (!out->real)
    return;
  cimc_build_end_for(b, &out->loop, values);
  for (intptr_t i = 0; i < out->loop.count; i++)
    values[i] = out->loop.value[i];
}

// The accumulators of `rows` output positions by a block's vectors.
typedef struct micro_work {
  const micro_block *block;
  int64_t rows;
  intptr_t count;
  MlirValue acc[CIMC_LOOP_VALUES_MAX];
} micro_work;

// -- K -----------------------------------------------------------------------
static void emit_step(micro_body *k, micro_work *work, MlirValue in,
                      MlirValue weights, int64_t count) {
  cimc_build *b = &k->b;
  int64_t vectors = work->block->vectors;
  MlirValue w[CIMC_TILE_MAX];
  for (int64_t v = 0; v < vectors; v++)
    w[v] = cimc_dot_weights(
        b, k->packing, cimc_build_offset_by(b, weights, v * k->packing->panel));
  for (int64_t r = 0; r < work->rows; r++) {
    MlirValue at = cimc_build_offset_by(b, in, r * k->micro->column_stride);
    MlirValue x =
        cimc_dot_activation(b, k->packing, at, count, k->micro->flipped);
    for (int64_t v = 0; v < vectors; v++) {
      MlirValue *acc = &work->acc[r * vectors + v];
      *acc = cimc_dot_step(b, k->packing, *acc, x, w[v]);
    }
  }
}

static void emit_segment(micro_body *k, micro_work *work, MlirValue in,
                         MlirValue weights) {
  cimc_build *b = &k->b;
  const cimc_packing *p = k->packing;
  int64_t rest = k->micro->length % p->step;
  int64_t steps = k->micro->length / p->step;
  if (rest && k->micro->over_read) {
    steps++;
    rest = 0;
  }
  if (steps > 0) {
    maybe_loop loop = begin_loop(b, steps, work->count, work->acc);
    emit_step(k, work, step_pointer(b, &loop, in, p->step * in_size(k)),
              step_pointer(b, &loop, weights, p->step_size), p->step);
    end_loop(b, &loop, work->acc);
  }
  if (rest)
    emit_step(k, work,
              cimc_build_offset_by(b, in, steps * p->step * in_size(k)),
              cimc_build_offset_by(b, weights, steps * p->step_size), rest);
}

static void emit_walk(micro_body *k, micro_work *work, MlirValue in) {
  cimc_build *b = &k->b;
  const cimc_micro *m = k->micro;
  int64_t segment = k->packing->panel / (m->outer * m->inner);
  maybe_loop outer = begin_loop(b, m->outer, work->count, work->acc);
  in = step_pointer(b, &outer, in, m->outer_stride);
  MlirValue weights =
      step_pointer(b, &outer, work->block->weights, segment * m->inner);
  maybe_loop inner = begin_loop(b, m->inner, work->count, work->acc);
  in = step_pointer(b, &inner, in, m->inner_stride);
  weights = step_pointer(b, &inner, weights, segment);
  emit_segment(k, work, in, weights);
  end_loop(b, &inner, work->acc);
  end_loop(b, &outer, work->acc);
}

// -- A tile ------------------------------------------------------------------
static MlirValue load_channels(micro_body *k, MlirValue pointer, int64_t vector,
                               MlirType element) {
  cimc_build *b = &k->b;
  int64_t bytes = k->packing->lanes * 4;
  return cimc_build_load(b,
                         cimc_build_vector_type(b, k->packing->lanes, element),
                         cimc_build_offset_by(b, pointer, vector * bytes),
                         bytes < 64 ? bytes : 64);
}

static void store_tile(micro_body *k, const micro_work *work,
                       const micro_tile *tile) {
  cimc_build *b = &k->b;
  const micro_block *block = work->block;
  int64_t lanes = k->packing->lanes, apart = k->micro->out_channels;
  for (int64_t v = 0; v < block->vectors; v++) {
    cimc_finish_place place = {.count = v + 1 == block->vectors ? block->last
                                                                : lanes};
    cimc_finish_at at = {.pointer = block->scale,
                         .vector = v,
                         .lanes = lanes,
                         .align = lanes * 4};
    place.scale = cimc_finish_load_scale(b, &k->finish, &at);
    for (int64_t r = 0; r < work->rows; r++) {
      int64_t element = r * apart + v * lanes;
      place.out = cimc_build_offset_by(b, tile->out, element * k->out_size);
      if (k->finish.add)
        place.residual =
            cimc_build_offset_by(b, tile->residual, element * k->residual_size);
      cimc_finish_store(b, &k->finish, &k->values,
                        work->acc[r * block->vectors + v], &place);
    }
  }
}

static void emit_tile(micro_body *k, const micro_block *block,
                      const micro_tile *tile) {
  cimc_build *b = &k->b;
  micro_work work = {.block = block,
                     .rows = tile->rows,
                     .count = (intptr_t)(tile->rows * block->vectors)};
  MlirType element = k->finish.quantized ? b->i32 : b->f32;
  for (int64_t v = 0; v < block->vectors; v++) {
    MlirValue bias = load_channels(k, block->bias, v, element);
    for (int64_t r = 0; r < tile->rows; r++)
      work.acc[r * block->vectors + v] = bias;
  }
  emit_walk(k, &work, tile->in);
  store_tile(k, &work, tile);
}

// -- Positions ---------------------------------------------------------------
// Moves a tile `loop` steps of `positions` output positions and `bytes` input.
static micro_tile move_tile(micro_body *k, const maybe_loop *loop,
                            micro_tile tile, int64_t bytes, int64_t positions) {
  cimc_build *b = &k->b;
  int64_t elements = positions * k->micro->out_channels;
  tile.in = step_pointer(b, loop, tile.in, bytes);
  tile.out = step_pointer(b, loop, tile.out, elements * k->out_size);
  if (k->finish.add)
    tile.residual =
        step_pointer(b, loop, tile.residual, elements * k->residual_size);
  return tile;
}

static void emit_columns(micro_body *k, const micro_block *block,
                         micro_tile row) {
  cimc_build *b = &k->b;
  const cimc_micro *m = k->micro;
  int64_t tiles = m->columns / m->mr, rest = m->columns % m->mr;
  maybe_loop loop = begin_loop(b, tiles, 0, NULL);
  micro_tile tile = move_tile(k, &loop, row, m->mr * m->column_stride, m->mr);
  tile.rows = m->mr;
  emit_tile(k, block, &tile);
  end_loop(b, &loop, NULL);
  if (rest == 0)
    return;
  int64_t done = tiles * m->mr, elements = done * m->out_channels;
  tile = row;
  tile.rows = rest;
  tile.in = cimc_build_offset_by(b, row.in, done * m->column_stride);
  tile.out = cimc_build_offset_by(b, row.out, elements * k->out_size);
  if (k->finish.add)
    tile.residual =
        cimc_build_offset_by(b, row.residual, elements * k->residual_size);
  emit_tile(k, block, &tile);
}

static void emit_positions(micro_body *k, const micro_block *block) {
  cimc_build *b = &k->b;
  const cimc_micro *m = k->micro;
  micro_tile all = {.in = cimc_build_argument(b, ARGUMENT_IN),
                    .out = block->out,
                    .residual = block->residual};
  maybe_loop images = begin_loop(b, m->images, 0, NULL);
  micro_tile image =
      move_tile(k, &images, all, m->image_stride, m->rows * m->columns);
  maybe_loop rows = begin_loop(b, m->rows, 0, NULL);
  emit_columns(k, block, move_tile(k, &rows, image, m->row_stride, m->columns));
  end_loop(b, &rows, NULL);
  end_loop(b, &images, NULL);
}

// -- Channels ----------------------------------------------------------------
// Moves a block `vectors` vectors on, times the loop's counter.
static micro_block move_block(micro_body *k, const maybe_loop *loop,
                              micro_block block, int64_t vectors) {
  cimc_build *b = &k->b;
  int64_t lanes = vectors * k->packing->lanes;
  block.weights =
      step_pointer(b, loop, block.weights, vectors * k->packing->panel);
  block.bias = step_pointer(b, loop, block.bias, lanes * 4);
  block.scale = step_pointer(b, loop, block.scale,
                             lanes * cimc_finish_scale_bytes(&k->finish));
  block.out = step_pointer(b, loop, block.out, lanes * k->out_size);
  block.residual =
      step_pointer(b, loop, block.residual, lanes * k->residual_size);
  return block;
}

static void emit_last_block(micro_body *k, micro_block block, int64_t done) {
  cimc_build *b = &k->b;
  int64_t lanes = done * k->packing->lanes;
  int64_t left = k->micro->channels - lanes;
  if (left == 0)
    return;
  block.vectors = (left + k->packing->lanes - 1) / k->packing->lanes;
  block.last = left - (block.vectors - 1) * k->packing->lanes;
  block.weights =
      cimc_build_offset_by(b, block.weights, done * k->packing->panel);
  block.bias = cimc_build_offset_by(b, block.bias, lanes * 4);
  block.scale = cimc_build_offset_by(
      b, block.scale, lanes * cimc_finish_scale_bytes(&k->finish));
  block.out = cimc_build_offset_by(b, block.out, lanes * k->out_size);
  block.residual =
      cimc_build_offset_by(b, block.residual, lanes * k->residual_size);
  emit_positions(k, &block);
}

static void emit_body(micro_body *k) {
  cimc_build *b = &k->b;
  const cimc_micro *m = k->micro;
  k->values =
      cimc_finish_load(b, &k->finish, ARGUMENT_FINISH, k->packing->lanes);
  micro_block all = {.weights = cimc_build_argument(b, ARGUMENT_WEIGHTS),
                     .bias = cimc_build_argument(b, ARGUMENT_BIAS),
                     .scale = cimc_build_argument(b, ARGUMENT_SCALE),
                     .out = cimc_build_argument(b, ARGUMENT_OUT),
                     .residual = cimc_build_argument(b, ARGUMENT_RESIDUAL)};
  int64_t full = m->channels / (m->nr * k->packing->lanes);
  if (full > 0) {
    maybe_loop loop = begin_loop(b, full, 0, NULL);
    micro_block block = move_block(k, &loop, all, m->nr);
    block.vectors = m->nr;
    block.last = k->packing->lanes;
    emit_positions(k, &block);
    end_loop(b, &loop, NULL);
  }
  emit_last_block(k, all, full * m->nr);
  cimc_build_return(b, (MlirValue){NULL});
}

// -- The call ----------------------------------------------------------------
// Joins rows that follow one another in memory: a 1x1 convolution is one long
// row, so that no tile is cut short at the end of each.
static cimc_micro normalize(const cimc_micro *given,
                            const cimc_packed *packed) {
  cimc_micro m = *given;
  if (m.row_stride == m.columns * m.column_stride || m.rows == 1) {
    if (m.rows == 1)
      m.row_stride = m.columns * m.column_stride;
    m.columns *= m.rows;
    m.rows = 1;
    if (m.image_stride == m.columns * m.column_stride || m.images == 1) {
      m.columns *= m.images;
      m.images = 1;
    }
  }
  if (m.inner == 1 && m.outer > 1 &&
      m.outer_stride == m.length * cimc_storage_bytes(packed->packing.in) &&
      m.length % packed->packing.step == 0) {
    m.length *= m.outer;
    m.outer = 1;
  }
  if (m.mr > m.columns)
    m.mr = m.columns;
  if (m.nr > packed->vectors)
    m.nr = packed->vectors;
  return m;
}

static void format_key(const cimc_micro *m, const cimc_micro_call *call,
                       const cimc_finish *finish, char *out) {
  const cimc_packing *p = &call->packed->packing;
  char tail[CIMC_FINISH_KEY_MAX];
  cimc_finish_key(finish, tail);
  snprintf(out, CIMC_KERNEL_KEY_MAX,
           "%s_d%dw%di%df%d_m%jdx%jdx%jd_s%jd_%jd_%jd_k%jdx%jdx%jd_s%jd_%jd_n%"
           "jd_%jd_t%jdx%jd_r%d_%s",
           call->name, (int)p->dot, p->wide, (int)p->in, p->flip && !m->flipped,
           (intmax_t)m->images, (intmax_t)m->rows, (intmax_t)m->columns,
           (intmax_t)m->image_stride, (intmax_t)m->row_stride,
           (intmax_t)m->column_stride, (intmax_t)m->outer, (intmax_t)m->inner,
           (intmax_t)m->length, (intmax_t)m->outer_stride,
           (intmax_t)m->inner_stride, (intmax_t)m->channels,
           (intmax_t)m->out_channels, (intmax_t)m->mr, (intmax_t)m->nr,
           m->over_read, tail);
}

void cimc_micro_emit(cimc_lower *state, const cimc_micro *micro,
                     const cimc_micro_call *call) {
  cimc_micro m = normalize(micro, call->packed);
  micro_body body = {.micro = &m,
                     .packing = &call->packed->packing,
                     .finish = cimc_finish_of(call->op)};
  body.out_size = cimc_storage_bytes(body.finish.out);
  body.residual_size = body.finish.add
                           ? cimc_storage_bytes(body.finish.residual)
                           : body.out_size;
  char key[CIMC_KERNEL_KEY_MAX];
  format_key(&m, call, &body.finish, key);
  bool residual = !mlirValueIsNull(call->residual);
  bool scale = !mlirValueIsNull(call->scale);
  MlirValue arguments[ARGUMENT_FINISH + CIMC_FINISH_ARGUMENTS_MAX] = {
      [ARGUMENT_IN] = call->in,
      [ARGUMENT_WEIGHTS] = call->weights,
      [ARGUMENT_BIAS] = call->bias,
      [ARGUMENT_SCALE] = scale ? call->scale : call->bias,
      [ARGUMENT_OUT] = call->out,
      [ARGUMENT_RESIDUAL] = residual ? call->residual : call->out};
  intptr_t count =
      ARGUMENT_FINISH + cimc_finish_arguments(state, call->op, &body.finish,
                                              arguments + ARGUMENT_FINISH);
  cimc_kernel kernel = {
      .key = key, .count = count, .arguments = arguments, .noalias = true};
  if (cimc_lower_kernel(state, call->op, &kernel, &body.b))
    emit_body(&body);
}
