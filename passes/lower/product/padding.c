// SPDX-License-Identifier: Apache-2.0
//
// The padded copy: see padding.h. It is written from front to back in whole
// vectors; what a vector writes too much, the next one overwrites, and the
// slack after the copy takes the rest. The input is read exactly.
#include "passes/lower/product/padding.h"

#include <stdio.h>

// The numbers of a copy are arguments, so that one kernel serves all layers;
// only rows narrower than a vector have their width burnt in.
enum {
  ARGUMENT_IN,
  ARGUMENT_OUT,
  ARGUMENT_FILL,      // a byte
  ARGUMENT_IMAGES,    // this and the rest: counts, or bytes
  ARGUMENT_ROWS,      // copied, at least 1
  ARGUMENT_COPIED,    // of a row
  ARGUMENT_IN_IMAGE,  // from one to the next
  ARGUMENT_IN_ROW,    //
  ARGUMENT_OUT_IMAGE, //
  ARGUMENT_OUT_ROW,   //
  ARGUMENT_HEAD,      // of an image before its first row
  ARGUMENT_TAIL,      // after its last row
  ARGUMENT_COUNT,
};

typedef struct padding {
  cimc_build b;
  int64_t vector; // bytes
  int64_t narrow; // bytes of a row when less than a vector, else -1
  bool flip;
  MlirValue fill;
} padding;

static MlirValue argument(padding *p, int index) {
  return cimc_build_argument(&p->b, index);
}

static MlirType vector_type(padding *p) {
  return cimc_build_vector_type(&p->b, p->vector, p->b.i8);
}

// pointer + iv * the argument.
static MlirValue advance(padding *p, MlirValue pointer, MlirValue iv,
                         int stride) {
  MlirValue bytes = cimc_build_mul(&p->b, iv, argument(p, stride));
  return cimc_build_offset(&p->b, pointer, bytes);
}

static void emit_fill(padding *p, MlirValue out, MlirValue bytes) {
  cimc_build *b = &p->b;
  cimc_loop loop = cimc_build_for(
      b, (cimc_range){cimc_build_index(b, 0), bytes, p->vector}, 0, NULL);
  cimc_build_store(b, p->fill, cimc_build_offset(b, out, loop.iv), 1);
  cimc_build_end_for(b, &loop, NULL);
}

static void emit_move(padding *p, MlirValue out, MlirValue in, int64_t count) {
  cimc_build *b = &p->b;
  MlirValue x = cimc_build_load_partial(b, vector_type(p), in, 1, count);
  if (p->flip)
    x = cimc_build_xor(b, x, cimc_build_int(b, vector_type(p), -128));
  cimc_build_store(b, x, out, 1);
}

static void emit_row(padding *p, MlirValue out, MlirValue in) {
  cimc_build *b = &p->b;
  if (p->narrow >= 0) {
    if (p->narrow > 0)
      emit_move(p, out, in, p->narrow);
    return;
  }
  // The last vector overlaps what is already copied.
  MlirValue last = cimc_build_sub(b, argument(p, ARGUMENT_COPIED),
                                  cimc_build_index(b, p->vector));
  cimc_loop loop = cimc_build_for(
      b, (cimc_range){cimc_build_index(b, 0), last, p->vector}, 0, NULL);
  emit_move(p, cimc_build_offset(b, out, loop.iv),
            cimc_build_offset(b, in, loop.iv), p->vector);
  cimc_build_end_for(b, &loop, NULL);
  emit_move(p, cimc_build_offset(b, out, last), cimc_build_offset(b, in, last),
            p->vector);
}

static void emit_image(padding *p, MlirValue out, MlirValue in) {
  cimc_build *b = &p->b;
  MlirValue copied = argument(p, ARGUMENT_COPIED);
  MlirValue gap = cimc_build_sub(b, argument(p, ARGUMENT_OUT_ROW), copied);
  MlirValue before =
      cimc_build_sub(b, argument(p, ARGUMENT_ROWS), cimc_build_index(b, 1));
  emit_fill(p, out, argument(p, ARGUMENT_HEAD));
  out = cimc_build_offset(b, out, argument(p, ARGUMENT_HEAD));
  cimc_loop row = cimc_build_for(
      b, (cimc_range){cimc_build_index(b, 0), before, 1}, 0, NULL);
  MlirValue to = advance(p, out, row.iv, ARGUMENT_OUT_ROW);
  emit_row(p, to, advance(p, in, row.iv, ARGUMENT_IN_ROW));
  emit_fill(p, cimc_build_offset(b, to, copied), gap);
  cimc_build_end_for(b, &row, NULL);
  // What a gap's fill writes too much belongs to the next row: the last row
  // has its own fill, which ends in the slack.
  to = advance(p, out, before, ARGUMENT_OUT_ROW);
  emit_row(p, to, advance(p, in, before, ARGUMENT_IN_ROW));
  emit_fill(p, cimc_build_offset(b, to, copied), argument(p, ARGUMENT_TAIL));
}

static void emit_body(padding *p) {
  cimc_build *b = &p->b;
  p->fill = cimc_build_splat(b, argument(p, ARGUMENT_FILL), p->vector);
  cimc_loop image = cimc_build_for(
      b, (cimc_range){cimc_build_index(b, 0), argument(p, ARGUMENT_IMAGES), 1},
      0, NULL);
  emit_image(
      p, advance(p, argument(p, ARGUMENT_OUT), image.iv, ARGUMENT_OUT_IMAGE),
      advance(p, argument(p, ARGUMENT_IN), image.iv, ARGUMENT_IN_IMAGE));
  cimc_build_end_for(b, &image, NULL);
  cimc_build_return(b, (MlirValue){NULL});
}

static int64_t least(int64_t x, int64_t y) { return x < y ? x : y; }

// Fills in the counts; returns the bytes of a row that are copied. Windows that
// see nothing but padding copy one row of nothing.
static int64_t measure(cimc_build *entry, const cimc_conv_shape *shape,
                       int64_t pixel, MlirValue *arguments) {
  int64_t top = shape->window.pads[0], left = shape->window.pads[1];
  int64_t rows = least(shape->height, shape->read_height - top);
  int64_t columns = least(shape->width, shape->read_width - left);
  bool none = rows <= 0 || columns <= 0;
  int64_t row = shape->read_width * pixel, image = shape->read_height * row;
  int64_t copied = none ? 0 : columns * pixel;
  int64_t head = none ? 0 : top * row + left * pixel;
  int64_t tail = none ? image : image - head - (rows - 1) * row - copied;
  const int64_t values[] = {[ARGUMENT_IMAGES] = shape->batch,
                            [ARGUMENT_ROWS] = none ? 1 : rows,
                            [ARGUMENT_COPIED] = copied,
                            [ARGUMENT_IN_IMAGE] =
                                shape->height * shape->width * pixel,
                            [ARGUMENT_IN_ROW] = shape->width * pixel,
                            [ARGUMENT_OUT_IMAGE] = image,
                            [ARGUMENT_OUT_ROW] = row,
                            [ARGUMENT_HEAD] = head,
                            [ARGUMENT_TAIL] = tail};
  for (int i = ARGUMENT_IMAGES; i < ARGUMENT_COUNT; i++)
    arguments[i] = cimc_build_index(entry, values[i]);
  return copied;
}

MlirValue cimc_padding_copy(cimc_lower *state, MlirOperation op,
                            const cimc_conv_shape *shape, MlirValue in,
                            bool flip) {
  cimc_build *entry = cimc_lower_entry(state);
  MlirValue out = cimc_lower_scratch(state, op);
  if (mlirValueIsNull(out))
    return out;
  cimc_element element =
      cimc_qgemm_element(mlirValueGetType(mlirOperationGetOperand(op, 0)));
  padding p = {.vector = 4 * entry->lanes, .narrow = -1, .flip = flip};
  // A zero point is one byte, and real 0 in f32 is zero bytes.
  int64_t fill = (int8_t)(uint8_t)(element.zero_point ^ (flip ? 0x80 : 0));
  MlirValue arguments[ARGUMENT_COUNT] = {
      [ARGUMENT_IN] = in,
      [ARGUMENT_OUT] = out,
      [ARGUMENT_FILL] = cimc_build_int(entry, entry->i8, fill)};
  int64_t pixel = shape->channels * cimc_storage_bytes(element.storage);
  int64_t copied = measure(entry, shape, pixel, arguments);
  if (copied < p.vector)
    p.narrow = copied;
  char key[CIMC_KERNEL_KEY_MAX];
  snprintf(key, sizeof key, "pad_f%d_c%jd", flip, (intmax_t)p.narrow + 1);
  cimc_kernel kernel = {.key = key,
                        .count = ARGUMENT_COUNT,
                        .arguments = arguments,
                        .noalias = true};
  if (cimc_lower_kernel(state, op, &kernel, &p.b))
    emit_body(&p);
  return out;
}
