// SPDX-License-Identifier: Apache-2.0
//
// Depthwise convolutions: vectors over channels, taps inside, a few columns at
// a time so that the taps they share are loaded once.
//
// Products: 8-bit values extended to 32 bits. Where the CPU has pmaddwd, the
// activation is the low half of its lane and the weight's high half is zero, so
// that one instruction gives the exact 32-bit product.
#include "passes/lower/product/depthwise.h"

#include "passes/lower/core/epilogue.h"
#include "passes/lower/product/dot.h"
#include "passes/lower/product/finish.h"

#include <stdio.h>
#include <string.h>

// More taps than this are walked by loops.
#define UNROLLED_TAPS_MAX 32
#define COLUMNS_MAX 8

enum {
  ARGUMENT_IN,
  ARGUMENT_WEIGHTS,
  ARGUMENT_BIAS,
  ARGUMENT_SCALE,
  ARGUMENT_OUT,
  ARGUMENT_RESIDUAL,
  ARGUMENT_FINISH,
};

typedef struct depthwise {
  cimc_build b;
  const cimc_conv_shape *shape;
  cimc_packing packing;
  bool pairs; // products by pmaddwd
  cimc_finish finish;
  cimc_finish_values values;
  int64_t columns; // computed together
  int64_t in_size, out_size, residual_size;
} depthwise;

// A vector of channels: `count` lanes of it exist.
typedef struct channel_block {
  int64_t count;
  MlirValue in, weights, bias, scale_data, out, residual;
  cimc_finish_scale scale;
  bool kept; // weights are in registers:
  MlirValue tap[UNROLLED_TAPS_MAX];
} channel_block;

static MlirValue advance(cimc_build *b, MlirValue pointer, MlirValue iv,
                         int64_t bytes) {
  MlirValue scaled = cimc_build_mul(b, iv, cimc_build_index(b, bytes));
  return cimc_build_offset(b, pointer, scaled);
}

static int64_t taps(const depthwise *d) {
  return d->shape->window.kernel[0] * d->shape->window.kernel[1];
}

static int64_t pixel(const depthwise *d) {
  return d->shape->channels * d->in_size;
}

// The accumulators of some columns of a block.
typedef struct column_work {
  const channel_block *block;
  int64_t columns;
  MlirValue acc[COLUMNS_MAX];
} column_work;

// -- Taps --------------------------------------------------------------------
// A tap's weights, ready for `product`.
static MlirValue load_weights(depthwise *d, MlirValue pointer) {
  cimc_build *b = &d->b;
  MlirValue w = cimc_dot_weights(b, &d->packing, pointer);
  if (!d->pairs)
    return w;
  MlirType type = mlirValueGetType(w);
  w = cimc_build_and(b, w, cimc_build_int(b, type, 0xffff));
  return cimc_build_bitcast(
      b, w, cimc_build_vector_type(b, 2 * d->packing.lanes, b->i16));
}

static MlirValue multiply_add(depthwise *d, MlirValue acc, MlirValue x,
                              MlirValue w) {
  if (!d->pairs)
    return cimc_dot_step(&d->b, &d->packing, acc, x, w);
  cimc_packing packing = d->packing;
  packing.dot = CIMC_DOT_PMADDWD;
  return cimc_dot_step(&d->b, &packing, acc, x, w);
}

static MlirValue load_input(depthwise *d, MlirValue pointer, int64_t count) {
  cimc_build *b = &d->b;
  MlirValue x =
      cimc_epilogue_load(b, d->packing.in, pointer, d->packing.lanes, count);
  if (!d->pairs)
    return x;
  return cimc_build_bitcast(
      b, x, cimc_build_vector_type(b, 2 * d->packing.lanes, b->i16));
}

// All columns of one tap; `in` is where the first column reads it.
static void emit_tap(depthwise *d, column_work *work, MlirValue in,
                     MlirValue w) {
  int64_t apart = d->shape->window.strides[1] * pixel(d);
  for (int64_t c = 0; c < work->columns; c++) {
    MlirValue at = cimc_build_offset_by(&d->b, in, c * apart);
    MlirValue x = load_input(d, at, work->block->count);
    work->acc[c] = multiply_add(d, work->acc[c], x, w);
  }
}

static void emit_unrolled(depthwise *d, column_work *work) {
  cimc_build *b = &d->b;
  const channel_block *block = work->block;
  const cimc_window *w = &d->shape->window;
  int64_t row = d->shape->read_width * pixel(d), size = d->packing.step_size;
  for (int64_t t = 0; t < taps(d); t++) {
    int64_t y = t / w->kernel[1] * w->dilations[0];
    int64_t x = t % w->kernel[1] * w->dilations[1];
    MlirValue at = cimc_build_offset_by(b, block->in, y * row + x * pixel(d));
    MlirValue from = cimc_build_offset_by(b, block->weights, t * size);
    emit_tap(d, work, at, block->kept ? block->tap[t] : load_weights(d, from));
  }
}

static void emit_looped(depthwise *d, column_work *work) {
  cimc_build *b = &d->b;
  const channel_block *block = work->block;
  const cimc_window *w = &d->shape->window;
  int64_t row = d->shape->read_width * pixel(d), size = d->packing.step_size;
  size_t bytes = (size_t)work->columns * sizeof *work->acc;
  MlirValue zero = cimc_build_index(b, 0);
  cimc_range down = {zero, cimc_build_index(b, w->kernel[0]), 1};
  cimc_range across = {zero, cimc_build_index(b, w->kernel[1]), 1};
  cimc_loop y = cimc_build_for(b, down, work->columns, work->acc);
  MlirValue in = advance(b, block->in, y.iv, w->dilations[0] * row);
  MlirValue weights = advance(b, block->weights, y.iv, w->kernel[1] * size);
  cimc_loop x = cimc_build_for(b, across, work->columns, y.value);
  memcpy(work->acc, x.value, bytes);
  emit_tap(d, work, advance(b, in, x.iv, w->dilations[1] * pixel(d)),
           load_weights(d, advance(b, weights, x.iv, size)));
  cimc_build_end_for(b, &x, work->acc);
  cimc_build_end_for(b, &y, x.value);
  memcpy(work->acc, y.value, bytes);
}

// -- Positions ---------------------------------------------------------------
static MlirValue load_channels(depthwise *d, MlirValue pointer,
                               MlirType element) {
  cimc_build *b = &d->b;
  return cimc_build_load(
      b, cimc_build_vector_type(b, d->packing.lanes, element), pointer, 4);
}

// `columns` output positions from the block's pointers on.
static void emit_columns(depthwise *d, const channel_block *block,
                         int64_t columns) {
  cimc_build *b = &d->b;
  column_work work = {.block = block, .columns = columns};
  for (int64_t c = 0; c < columns; c++)
    work.acc[c] = block->bias;
  if (taps(d) <= UNROLLED_TAPS_MAX)
    emit_unrolled(d, &work);
  else
    emit_looped(d, &work);
  for (int64_t c = 0; c < columns; c++) {
    int64_t at = c * d->shape->out_channels;
    cimc_finish_place place = {.scale = block->scale, .count = block->count};
    place.out = cimc_build_offset_by(b, block->out, at * d->out_size);
    place.residual =
        cimc_build_offset_by(b, block->residual, at * d->residual_size);
    cimc_finish_store(b, &d->finish, &d->values, work.acc[c], &place);
  }
}

// The block moved on by `iv` times so many output positions and input bytes.
static channel_block moved(depthwise *d, const channel_block *block,
                           MlirValue iv, int64_t positions, int64_t bytes) {
  cimc_build *b = &d->b;
  channel_block to = *block;
  int64_t elements = positions * d->shape->out_channels;
  to.in = advance(b, block->in, iv, bytes);
  to.out = advance(b, block->out, iv, elements * d->out_size);
  to.residual = advance(b, block->residual, iv, elements * d->residual_size);
  return to;
}

static void emit_row(depthwise *d, const channel_block *row) {
  cimc_build *b = &d->b;
  const cimc_conv_shape *s = d->shape;
  int64_t bytes = s->window.strides[1] * pixel(d);
  int64_t groups = s->out_width / d->columns, rest = s->out_width % d->columns;
  cimc_loop loop = cimc_build_repeat(b, groups, 1);
  channel_block at = moved(d, row, loop.iv, d->columns, d->columns * bytes);
  emit_columns(d, &at, d->columns);
  cimc_build_end_for(b, &loop, NULL);
  if (rest == 0)
    return;
  MlirValue done = cimc_build_index(b, groups * d->columns);
  at = moved(d, row, done, 1, bytes);
  emit_columns(d, &at, rest);
}

static void emit_block(depthwise *d, channel_block block) {
  cimc_build *b = &d->b;
  const cimc_conv_shape *s = d->shape;
  block.bias =
      load_channels(d, block.bias, d->finish.quantized ? b->i32 : b->f32);
  cimc_finish_at at = {
      .pointer = block.scale_data, .lanes = d->packing.lanes, .align = 4};
  block.scale = cimc_finish_load_scale(b, &d->finish, &at);
  block.kept = taps(d) <= 16;
  for (int64_t t = 0; block.kept && t < taps(d); t++)
    block.tap[t] = load_weights(
        d, cimc_build_offset_by(b, block.weights, t * d->packing.step_size));
  int64_t row_bytes = s->read_width * pixel(d);
  cimc_loop image = cimc_build_repeat(b, s->batch, 1);
  channel_block in_image =
      moved(d, &block, image.iv, s->out_height * s->out_width,
            s->read_height * row_bytes);
  cimc_loop row = cimc_build_repeat(b, s->out_height, 1);
  channel_block in_row = moved(d, &in_image, row.iv, s->out_width,
                               s->window.strides[0] * row_bytes);
  emit_row(d, &in_row);
  cimc_build_end_for(b, &row, NULL);
  cimc_build_end_for(b, &image, NULL);
}

static channel_block block_at(depthwise *d, MlirValue vector, int64_t count) {
  cimc_build *b = &d->b;
  int64_t lanes = d->packing.lanes;
  return (channel_block){
      .count = count,
      .in = advance(b, cimc_build_argument(b, ARGUMENT_IN), vector,
                    lanes * d->in_size),
      .weights = advance(b, cimc_build_argument(b, ARGUMENT_WEIGHTS), vector,
                         d->packing.panel),
      .bias =
          advance(b, cimc_build_argument(b, ARGUMENT_BIAS), vector, lanes * 4),
      .scale_data = advance(b, cimc_build_argument(b, ARGUMENT_SCALE), vector,
                            lanes * cimc_finish_scale_bytes(&d->finish)),
      .out = advance(b, cimc_build_argument(b, ARGUMENT_OUT), vector,
                     lanes * d->out_size),
      .residual = advance(b, cimc_build_argument(b, ARGUMENT_RESIDUAL), vector,
                          lanes * d->residual_size)};
}

static void emit_body(depthwise *d) {
  cimc_build *b = &d->b;
  int64_t lanes = d->packing.lanes;
  d->values = cimc_finish_load(b, &d->finish, ARGUMENT_FINISH, lanes);
  int64_t full = d->shape->channels / lanes, rest = d->shape->channels % lanes;
  if (full > 0) {
    cimc_loop loop = cimc_build_repeat(b, full, 1);
    emit_block(d, block_at(d, loop.iv, lanes));
    cimc_build_end_for(b, &loop, NULL);
  }
  if (rest > 0)
    emit_block(d, block_at(d, cimc_build_index(b, full), rest));
  cimc_build_return(b, (MlirValue){NULL});
}

// -- The call ----------------------------------------------------------------
bool cimc_depthwise_accepts(const cimc_conv_shape *shape) {
  return shape->depthwise && shape->out_channels == shape->channels;
}

static void format_key(const depthwise *d, char *out) {
  const cimc_conv_shape *s = d->shape;
  const cimc_window *w = &s->window;
  char tail[CIMC_FINISH_KEY_MAX];
  cimc_finish_key(&d->finish, tail);
  snprintf(
      out, CIMC_KERNEL_KEY_MAX,
      "depthwise_i%dw%d_b%jd_%jdx%jd_c%jd_o%jdx%jd_k%jdx%jd_s%jdx%jd_d%"
      "jdx%jd_%s",
      (int)d->packing.in, d->packing.wide, (intmax_t)s->batch,
      (intmax_t)s->read_height, (intmax_t)s->read_width, (intmax_t)s->channels,
      (intmax_t)s->out_height, (intmax_t)s->out_width, (intmax_t)w->kernel[0],
      (intmax_t)w->kernel[1], (intmax_t)w->strides[0], (intmax_t)w->strides[1],
      (intmax_t)w->dilations[0], (intmax_t)w->dilations[1], tail);
}

static MlirLogicalResult call(cimc_lower *state, MlirOperation op, depthwise *d,
                              const cimc_packed *packed, MlirValue in) {
  MlirValue out = cimc_lower_value(state, mlirOperationGetResult(op, 0));
  MlirValue residual =
      d->finish.add ? cimc_lower_value(state, mlirOperationGetOperand(op, 3))
                    : out;
  if (mlirValueIsNull(out) || mlirValueIsNull(residual))
    return mlirLogicalResultFailure();
  bool scale = !mlirValueIsNull(packed->scale);
  MlirValue arguments[ARGUMENT_FINISH + CIMC_FINISH_ARGUMENTS_MAX] = {
      [ARGUMENT_IN] = in,
      [ARGUMENT_WEIGHTS] = packed->weights,
      [ARGUMENT_BIAS] = packed->bias,
      [ARGUMENT_SCALE] = scale ? packed->scale : packed->bias,
      [ARGUMENT_OUT] = out,
      [ARGUMENT_RESIDUAL] = residual};
  intptr_t count =
      ARGUMENT_FINISH +
      cimc_finish_arguments(state, op, &d->finish, arguments + ARGUMENT_FINISH);
  char key[CIMC_KERNEL_KEY_MAX];
  format_key(d, key);
  cimc_kernel kernel = {
      .key = key, .count = count, .arguments = arguments, .noalias = true};
  if (cimc_lower_kernel(state, op, &kernel, &d->b))
    emit_body(d);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_depthwise_lower(cimc_lower *state, MlirOperation op,
                                       const cimc_conv_shape *shape,
                                       MlirValue in) {
  cimc_matrix matrix = {
      .op = op,
      .channels = shape->channels,
      .groups = 1,
      .segments = 1,
      .length = shape->window.kernel[0] * shape->window.kernel[1],
      .n_stride = shape->window.kernel[0] * shape->window.kernel[1],
      .k_stride = 1,
      .plain = true};
  cimc_packed packed;
  CIMC_TRY(cimc_pack_weights(state, &matrix, &packed));
  cimc_finish finish = cimc_finish_of(op);
  int64_t columns = shape->out_width < 4 ? shape->out_width : 4;
  depthwise d = {
      .shape = shape,
      .packing = packed.packing,
      .pairs = packed.packing.dot == CIMC_DOT_WIDEN &&
               !cimc_ir_str_equal(cimc_ir_str(cimc_lower_entry(state)->cpu.dot),
                                  "widen"),
      .finish = finish,
      .columns = columns,
      .in_size = cimc_storage_bytes(packed.packing.in),
      .out_size = cimc_storage_bytes(finish.out),
      .residual_size =
          cimc_storage_bytes(finish.add ? finish.residual : finish.out)};
  return call(state, op, &d, &packed, in);
}
