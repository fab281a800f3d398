// SPDX-License-Identifier: Apache-2.0
//
// Resizing of images: elements picked and, for bilinear, mixed, first along
// the height, then along the width.
#include "cimc/import/tflite/move.h"
#include "cimc/import/tflite/ops.h"
#include "cimc/import/tflite/weights.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define SIZE_LIMIT (1 << 20)

typedef struct resize {
  int64_t to[2]; // height, width
  bool corners;
  bool half;
} resize;

static MlirLogicalResult read_resize(cimc_lite_call *call, unsigned slot,
                                     resize *out) {
  cimc_lite_list size;
  CIMC_TRY(cimc_lite_call_ints(call, 1, "the size", &size));
  int rank = cimc_lite_call_shape(call, 0)->rank;
  if (rank != 4)
    return cimc_lite_call_refuse(call, "an input of rank %d", rank);
  if (size.count != 2)
    return cimc_lite_call_error(call,
                                "a size of %" PRId64 " elements; "
                                "expected height and width",
                                size.count);
  for (int i = 0; i < 2; i++) {
    out->to[i] = size.at[i];
    if (size.at[i] < 1 || size.at[i] > SIZE_LIMIT)
      return cimc_lite_call_error(call,
                                  "a size of %" PRId64 "; expected 1 to "
                                  "2^20",
                                  size.at[i]);
  }
  out->corners = cimc_lite_call_option(call, slot, CIMC_FLAT_U8, 0) != 0;
  out->half = cimc_lite_call_option(call, slot + 1, CIMC_FLAT_U8, 0) != 0;
  return mlirLogicalResultSuccess();
}

static float step_of(int64_t from, int64_t to, bool corners) {
  return corners && to > 1 ? (float)(from - 1) / (float)(to - 1)
                           : (float)from / (float)to;
}

// -- Nearest -----------------------------------------------------------------
static int64_t nearest(int64_t i, int64_t from, int64_t to, const resize *by) {
  float at =
      ((float)i + (by->half ? 0.5f : 0.0f)) * step_of(from, to, by->corners);
  int64_t chosen = (int64_t)(by->corners ? roundf(at) : floorf(at));
  if (chosen > from - 1)
    chosen = from - 1;
  return chosen < 0 ? 0 : chosen;
}

MlirLogicalResult cimc_lite_ops_resize_nearest(cimc_lite_call *call) {
  resize by = {0};
  MlirValue x;
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  CIMC_TRY(read_resize(call, 0, &by));
  for (int d = 0; d < 2; d++) {
    int64_t from = cimc_lite_call_shape(call, 0)->dim[d + 1];
    cimc_shape count = {.rank = 1, .dim = {by.to[d]}};
    int32_t *at = calloc((size_t)by.to[d], sizeof *at);
    if (!at)
      return cimc_lite_call_no_memory(call);
    for (int64_t i = 0; i < by.to[d]; i++)
      at[i] = (int32_t)nearest(i, from, by.to[d], &by);
    x = cimc_lite_move_pick(call, x, d + 1, &count, at);
    free(at);
  }
  return cimc_lite_call_define(call, 0, x);
}

// -- Bilinear ----------------------------------------------------------------
// Which two elements make each result, and how much of the second.
typedef struct mixture {
  int64_t count;
  int32_t *low;
  int32_t *high;
  float *part;    // of high, from 0 to 1
  int32_t *whole; // in 1024ths, as the reference has it
} mixture;

static void fill_float(int64_t from, const resize *by, mixture *m) {
  float step = step_of(from, m->count, by->corners);
  for (int64_t i = 0; i < m->count; i++) {
    float at = by->half ? ((float)i + 0.5f) * step - 0.5f : (float)i * step;
    float low = floorf(at);
    m->low[i] = (int32_t)(low < 0.0f ? 0.0f : low);
    m->high[i] = (int32_t)ceilf(at);
    if (m->high[i] > from - 1)
      m->high[i] = (int32_t)(from - 1);
    m->part[i] = at - (float)m->low[i];
  }
}

static void fill_integer(int64_t from, const resize *by, mixture *m) {
  int64_t to = m->count, one = 1 << 10;
  int64_t step = by->corners && to > 1
                     ? (one * (from - 1) + (to - 1) / 2) / (to - 1)
                     : (one * from + to / 2) / to;
  for (int64_t i = 0; i < to; i++) {
    int64_t at = by->half ? i * step + step / 2 - one / 2 : i * step;
    int64_t low = at / one, high = (at + one - 1) / one;
    m->low[i] = (int32_t)(low < 0 ? 0 : low);
    m->high[i] = (int32_t)(high > from - 1 ? from - 1 : high);
    m->whole[i] = (int32_t)(at - one * m->low[i]);
  }
}

// The two operands along dimension d + 1, times what there is of each, added.
static MlirValue mix(cimc_lite_call *call, MlirValue x, int d, bool integer,
                     mixture *m) {
  const cimc_builder *builder = &call->builder;
  cimc_shape count = {.rank = 1, .dim = {m->count}};
  cimc_shape shape = {.rank = 4, .dim = {1, 1, 1, 1}};
  shape.dim[d + 1] = m->count;
  MlirValue both[2], share[2];
  both[0] = cimc_lite_move_pick(call, x, d + 1, &count, m->low);
  both[1] = cimc_lite_move_pick(call, x, d + 1, &count, m->high);
  share[1] = integer ? cimc_lite_weights_i32(call, &shape, m->whole)
                     : cimc_lite_weights_f32(call, &shape, m->part);
  for (int64_t i = 0; i < m->count; i++) {
    m->part[i] = 1.0f - m->part[i];
    m->whole[i] = (1 << 10) - m->whole[i];
  }
  share[0] = integer ? cimc_lite_weights_i32(call, &shape, m->whole)
                     : cimc_lite_weights_f32(call, &shape, m->part);
  for (int i = 0; i < 2; i++)
    both[i] = cimc_builder_binary(builder, CIMC_QGEMM_MUL, both[i], share[i]);
  return cimc_builder_binary(builder, CIMC_QGEMM_ADD, both[0], both[1]);
}

static MlirLogicalResult mix_both(cimc_lite_call *call, const resize *by,
                                  bool integer, MlirValue *x) {
  for (int d = 0; d < 2; d++) {
    int64_t from = cimc_lite_call_shape(call, 0)->dim[d + 1];
    size_t count = (size_t)by->to[d];
    mixture m = {.count = by->to[d],
                 .low = calloc(count, sizeof *m.low),
                 .high = calloc(count, sizeof *m.high),
                 .part = calloc(count, sizeof *m.part),
                 .whole = calloc(count, sizeof *m.whole)};
    bool enough = m.low && m.high && m.part && m.whole;
    if (enough && integer)
      fill_integer(from, by, &m);
    else if (enough)
      fill_float(from, by, &m);
    if (enough)
      *x = mix(call, *x, d, integer, &m);
    free(m.low);
    free(m.high);
    free(m.part);
    free(m.whole);
    if (!enough)
      return cimc_lite_call_no_memory(call);
  }
  return mlirValueIsNull(*x) ? mlirLogicalResultFailure()
                             : mlirLogicalResultSuccess();
}

// Sums of 2^20ths, rounded half away from zero.
static MlirValue to_bytes(const cimc_lite_call *call, MlirValue x) {
  static const int32_t zero = 0, up = 1 << 19, down = -(1 << 19), one = 1 << 20;
  const cimc_builder *builder = &call->builder;
  cimc_shape shape = {.rank = 1, .dim = {1}};
  MlirValue positive = cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = CIMC_QGEMM_COMPARE,
          .operands = {x, cimc_lite_weights_i32(call, &shape, &zero)},
          .operand_count = 2,
          .element = cimc_storage_type(builder->context, CIMC_STORAGE_U8),
          .attributes = {cimc_ir_attr(
              builder->context, "predicate",
              cimc_ir_attr_str(builder->context, "gt"))},
          .attribute_count = 1});
  MlirValue half = cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = CIMC_QGEMM_SELECT,
          .operands = {positive, cimc_lite_weights_i32(call, &shape, &up),
                       cimc_lite_weights_i32(call, &shape, &down)},
          .operand_count = 3,
          .element = cimc_storage_type(builder->context, CIMC_STORAGE_I32)});
  x = cimc_builder_binary(builder, CIMC_QGEMM_ADD, x, half);
  x = cimc_builder_binary(builder, CIMC_QGEMM_DIV, x,
                          cimc_lite_weights_i32(call, &shape, &one));
  return cimc_builder_convert(
      builder, CIMC_QGEMM_CAST, x,
      cimc_storage_type(builder->context, CIMC_STORAGE_I8));
}

MlirLogicalResult cimc_lite_ops_resize_bilinear(cimc_lite_call *call) {
  resize by = {0};
  MlirValue x;
  CIMC_TRY(read_resize(call, 2, &by));
  bool quantized = cimc_lite_is_quantized(cimc_lite_call_input(call, 0));
  bool integer = call->reference && quantized;
  if (!integer) {
    CIMC_TRY(cimc_lite_call_real(call, 0, &x));
    CIMC_TRY(mix_both(call, &by, false, &x));
    return cimc_lite_call_define_real(call, 0, x);
  }
  if (cimc_lite_call_input(call, 0)->type != CIMC_LITE_INT8)
    return cimc_lite_call_no_reference(call);
  CIMC_TRY(cimc_lite_call_plain(call, 0, &x));
  x = cimc_builder_convert(
      &call->builder, CIMC_QGEMM_CAST, x,
      cimc_storage_type(call->builder.context, CIMC_STORAGE_I32));
  CIMC_TRY(mix_both(call, &by, true, &x));
  return cimc_lite_call_define(call, 0, to_bytes(call, x));
}
