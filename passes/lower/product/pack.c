// SPDX-License-Identifier: Apache-2.0
//
// Packing: see pack.h.
//
// With x' = x + shift (shift 128 where i8 is flipped to u8) and w' = w - zw,
//   sum (x - zx) * w' + bias = sum x' * w' + [bias - (zx + shift) * sum w'],
// and the bracket is known at compile time. All modulo 2^32, as the
// accumulators are.
#include "passes/lower/product/pack.h"

#include "passes/lower/product/finish.h"

#include <stdlib.h>
#include <string.h>

typedef struct pack_work {
  const cimc_matrix *matrix;
  cimc_element in, weights;
  int64_t count; // weights in all
  int32_t *w;    // w' in the constant's order (f32: the bits)
  unsigned char *packed;
  int32_t *bias; // f32: the bits
} pack_work;

static MlirType operand_type(MlirOperation op, intptr_t index) {
  return mlirValueGetType(mlirOperationGetOperand(op, index));
}

static int32_t read_element(const void *data, cimc_storage storage,
                            int64_t at) {
  switch (storage) {
  case CIMC_STORAGE_I8:
    return ((const int8_t *)data)[at];
  case CIMC_STORAGE_U8:
    return ((const uint8_t *)data)[at];
  default:
    return ((const int32_t *)data)[at]; // i32, or the bits of an f32
  }
}

// The elements of a constant operand as i32 (or bits of f32); null when memory
// is short. Caller frees.
static int32_t *read_constant(MlirOperation constant, cimc_storage storage,
                              int64_t count) {
  size_t each = (size_t)cimc_storage_bytes(storage);
  void *raw = malloc((size_t)count * each);
  int32_t *out = malloc((size_t)count * sizeof *out);
  if (!raw || !out)
    abort();
  cimc_qgemm_constant_copy(constant, raw);
  for (int64_t i = 0; i < count; i++)
    out[i] = read_element(raw, storage, i);
  free(raw);
  return out;
}

// Where w'[group][n][segment][k] is in the constant.
static int64_t weight_index(const cimc_matrix *m, int64_t channel,
                            int64_t segment, int64_t k) {
  return channel * m->n_stride + (segment * m->length + k) * m->k_stride;
}

static bool is_constant(MlirOperation op, intptr_t operand) {
  return cimc_qgemm_kind_of(cimc_ir_defining_op(
             mlirOperationGetOperand(op, operand))) == CIMC_QGEMM_CONSTANT;
}

static bool has_bias(MlirOperation op) {
  return mlirOperationGetNumOperands(op) > 2;
}

static MlirLogicalResult check(const pack_work *work) {
  MlirOperation op = work->matrix->op;
  MlirLocation location = mlirOperationGetLocation(op);
  if (!is_constant(op, 1))
    return cimc_error(location,
                      "the weights are computed at run time; expected a "
                      "qgemm.constant");
  if (has_bias(op) && !is_constant(op, 2))
    return cimc_error(location, "the bias is computed at run time; expected a "
                                "qgemm.constant");
  bool real = work->in.storage == CIMC_STORAGE_F32 &&
              work->weights.storage == CIMC_STORAGE_F32;
  bool bytes = (work->in.storage == CIMC_STORAGE_I8 ||
                work->in.storage == CIMC_STORAGE_U8) &&
               (work->weights.storage == CIMC_STORAGE_I8 ||
                work->weights.storage == CIMC_STORAGE_U8);
  if (!real && !bytes)
    return cimc_error(location,
                      "no kernel for these element types; expected f32, or "
                      "8-bit quantized input and weights");
  return mlirLogicalResultSuccess();
}

// Reads w' and says whether all of it fits i8.
static bool read_weights(pack_work *work) {
  const cimc_matrix *m = work->matrix;
  MlirOperation constant =
      cimc_ir_defining_op(mlirOperationGetOperand(m->op, 1));
  MlirType type = operand_type(m->op, 1);
  int64_t k_count = m->segments * m->length;
  int64_t channels = m->channels * m->groups;
  work->count = channels * k_count;
  work->w = read_constant(constant, work->weights.storage, work->count);
  bool fits = true;
  if (work->weights.storage == CIMC_STORAGE_F32)
    return fits;
  for (int64_t n = 0; n < channels; n++) {
    int32_t zero = cimc_qgemm_zero_point(type, work->weights.axis >= 0 ? n : 0);
    for (int64_t k = 0; k < k_count; k++) {
      int32_t *w = &work->w[weight_index(m, n, 0, k)];
      *w -= zero;
      fits &= *w >= INT8_MIN && *w <= INT8_MAX;
    }
  }
  return fits;
}

static void choose(const cimc_build *entry, const pack_work *work, bool fits,
                   cimc_packing *out) {
  MlirStringRef dot = cimc_ir_str(entry->cpu.dot);
  *out = (cimc_packing){.dot = CIMC_DOT_WIDEN,
                        .step = 1,
                        .lanes = entry->lanes,
                        .in = work->in.storage,
                        .wide = !fits};
  if (work->in.storage == CIMC_STORAGE_F32) {
    out->dot = CIMC_DOT_F32;
  } else if (work->matrix->plain) {
    out->dot = CIMC_DOT_WIDEN;
  } else if (cimc_ir_str_equal(dot, "vpdpbusd") && fits) {
    out->dot = CIMC_DOT_VPDPBUSD;
    out->step = 4;
    out->flip = work->in.storage == CIMC_STORAGE_I8;
  } else if (!cimc_ir_str_equal(dot, "widen")) {
    out->dot = CIMC_DOT_PMADDWD;
    out->step = 2;
  }
  int64_t element = out->dot == CIMC_DOT_F32 ? 4 : out->wide ? 2 : 1;
  const cimc_matrix *m = work->matrix;
  int64_t steps = (m->length + out->step - 1) / out->step;
  out->step_size = out->lanes * out->step * element;
  out->panel = m->segments * steps * out->step_size;
}

static void write_element(unsigned char *to, int64_t at, int64_t bytes,
                          int32_t value) {
  for (int64_t i = 0; i < bytes; i++) // little-endian, as all targets are
    to[at * bytes + i] = (unsigned char)((uint32_t)value >> (8 * i));
}

// One vector of output channels [first, first + lanes) of the whole matrix.
static void pack_panel(const pack_work *work, const cimc_packing *p,
                       int64_t first, int64_t channels, unsigned char *panel) {
  const cimc_matrix *m = work->matrix;
  int64_t bytes = p->step_size / (p->lanes * p->step);
  int64_t steps = (m->length + p->step - 1) / p->step;
  for (int64_t s = 0; s < m->segments; s++)
    for (int64_t k = 0; k < m->length; k++)
      for (int64_t lane = 0; lane < channels; lane++) {
        int64_t step = s * steps + k / p->step;
        int64_t at = (step * p->lanes + lane) * p->step + k % p->step;
        write_element(panel, at, bytes,
                      work->w[weight_index(m, first + lane, s, k)]);
      }
}

static void pack_all(pack_work *work, const cimc_packing *p, int64_t vectors) {
  const cimc_matrix *m = work->matrix;
  for (int64_t g = 0; g < m->groups; g++)
    for (int64_t v = 0; v < vectors; v++) {
      int64_t done = v * p->lanes;
      int64_t channels = m->channels - done;
      if (channels > p->lanes)
        channels = p->lanes;
      pack_panel(work, p, g * m->channels + done, channels,
                 work->packed + (g * vectors + v) * p->panel);
    }
}

static uint32_t sum_weights(const pack_work *work, int64_t channel) {
  const cimc_matrix *m = work->matrix;
  uint32_t sum = 0;
  for (int64_t k = 0; k < m->segments * m->length; k++)
    sum += (uint32_t)work->w[weight_index(m, channel, 0, k)];
  return sum;
}

static void fold_bias(pack_work *work, const cimc_packing *p, int64_t padded) {
  const cimc_matrix *m = work->matrix;
  int64_t channels = m->channels * m->groups;
  bool real = p->dot == CIMC_DOT_F32;
  int32_t *given = NULL;
  if (has_bias(m->op))
    given =
        read_constant(cimc_ir_defining_op(mlirOperationGetOperand(m->op, 2)),
                      real ? CIMC_STORAGE_F32 : CIMC_STORAGE_I32, channels);
  uint32_t zero = (uint32_t)(work->in.zero_point + (p->flip ? 128 : 0));
  for (int64_t c = 0; c < channels; c++) {
    int64_t to = c / m->channels * padded + c % m->channels;
    uint32_t bias = given ? (uint32_t)given[c] : 0;
    if (!real)
      bias -= zero * sum_weights(work, c);
    work->bias[to] = (int32_t)bias;
  }
  free(given);
}

static void emit(cimc_lower *state, pack_work *work, cimc_packed *out) {
  cimc_packing *p = &out->packing;
  cimc_build *entry = cimc_lower_entry(state);
  int64_t padded = out->vectors * p->lanes;
  int64_t all = padded * work->matrix->groups;
  int64_t bytes = out->vectors * work->matrix->groups * p->panel;
  work->packed = calloc((size_t)bytes, 1);
  work->bias = calloc((size_t)all, sizeof *work->bias);
  if (!work->packed || !work->bias)
    abort();
  pack_all(work, p, out->vectors);
  fold_bias(work, p, padded);
  bool real = p->dot == CIMC_DOT_F32;
  out->weights =
      real ? cimc_lower_data(state, entry->f32, bytes / 4, work->packed)
           : cimc_lower_data(state, entry->i8, bytes, work->packed);
  out->bias =
      cimc_lower_data(state, real ? entry->f32 : entry->i32, all, work->bias);
  out->scale = cimc_finish_scale_data(
      state, work->matrix->op,
      &(cimc_finish_channels){work->matrix->groups, work->matrix->channels,
                              padded});
}

MlirLogicalResult cimc_pack_weights(cimc_lower *state,
                                    const cimc_matrix *matrix,
                                    cimc_packed *out) {
  pack_work work = {.matrix = matrix,
                    .in = cimc_qgemm_element(operand_type(matrix->op, 0)),
                    .weights = cimc_qgemm_element(operand_type(matrix->op, 1))};
  *out = (cimc_packed){0};
  CIMC_TRY(check(&work));
  bool fits = read_weights(&work);
  choose(cimc_lower_entry(state), &work, fits, &out->packing);
  int64_t lanes = out->packing.lanes;
  out->vectors = (matrix->channels + lanes - 1) / lanes;
  emit(state, &work, out);
  free(work.w);
  free(work.packed);
  free(work.bias);
  return mlirLogicalResultSuccess();
}
