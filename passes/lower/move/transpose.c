// SPDX-License-Identifier: Apache-2.0
//
// Transposes by blocks: see transpose.h.
//
// Why: one element at a time costs a load and a store each; a block of n rows
// of n costs 2 n of them and n log2(n) shuffles.
#include "passes/lower/move/transpose.h"

#define BLOCK_MAX 16

typedef struct transpose {
  const cimc_nest *nest;
  int row;    // dimension along which the operand is contiguous
  int column; // the result is: the innermost
  int64_t block;
  int bytes; // of an element
  MlirType vector;
} transpose;

static int64_t from_stride(const transpose *t, int dimension) {
  return t->nest->operand[0].stride[dimension] * t->bytes;
}

static int64_t to_stride(const transpose *t, int dimension) {
  return t->nest->operand[1].stride[dimension] * t->bytes;
}

// Interleaves the lower (or upper) halves of two vectors.
static MlirValue zip(cimc_build *b, MlirValue x, MlirValue y, bool upper) {
  int32_t mask[BLOCK_MAX];
  int32_t n = (int32_t)cimc_build_count(x), first = upper ? n / 2 : 0;
  for (int32_t i = 0; i < n; i++)
    mask[i] = first + i / 2 + (i % 2 ? n : 0);
  return cimc_build_shuffle(b, x, y, n, mask);
}

// A block at two addresses. Zipping row i with row i + n / 2, log2(n) times,
// turns it.
static void emit_block(cimc_build *b, const transpose *t, MlirValue from,
                       MlirValue to) {
  MlirValue v[BLOCK_MAX], next[BLOCK_MAX];
  int64_t n = t->block;
  for (int64_t i = 0; i < n; i++)
    v[i] = cimc_build_load(
        b, t->vector,
        cimc_build_offset_by(b, from, i * from_stride(t, t->column)), t->bytes);
  for (int64_t stage = 1; stage < n; stage *= 2) {
    for (int64_t i = 0; i < n; i++)
      next[i] = zip(b, v[i / 2], v[i / 2 + n / 2], i % 2 == 1);
    for (int64_t i = 0; i < n; i++)
      v[i] = next[i];
  }
  for (int64_t i = 0; i < n; i++)
    cimc_build_store(b, v[i],
                     cimc_build_offset_by(b, to, i * to_stride(t, t->row)),
                     t->bytes);
}

// All whole blocks: loops over the other dimensions, then over the two.
static void emit_blocks(cimc_build *b, const transpose *t, MlirValue from,
                        MlirValue to) {
  cimc_loop loops[CIMC_RANK_MAX];
  int count = 0;
  int order[CIMC_RANK_MAX];
  for (int i = 0; i < t->nest->rank; i++)
    if (i != t->row && i != t->column)
      order[count++] = i;
  order[count++] = t->row;
  order[count++] = t->column;
  for (int i = 0; i < count; i++) {
    int d = order[i];
    int64_t step = i < count - 2 ? 1 : t->block;
    int64_t size = t->nest->dim[d];
    loops[i] = cimc_build_repeat(b, size - size % step, step);
    from = cimc_sweep_at(b, from, loops[i].iv, from_stride(t, d));
    to = cimc_sweep_at(b, to, loops[i].iv, to_stride(t, d));
  }
  emit_block(b, t, from, to);
  for (int i = count - 1; i >= 0; i--)
    cimc_build_end_for(b, &loops[i], NULL);
}

static MlirValue copy_body(cimc_build *b, const MlirValue *element,
                           void *user) {
  (void)b;
  (void)user;
  return element[0];
}

typedef struct addresses {
  MlirValue from, to;
} addresses;

// What is left at the end of dimension `d`, one element at a time.
static void emit_rest(cimc_build *b, const transpose *t, cimc_nest nest, int d,
                      addresses at) {
  int64_t rest = nest.dim[d] % t->block, done = nest.dim[d] - rest;
  if (rest == 0)
    return;
  MlirValue pointers[] = {
      cimc_build_offset_by(b, at.from, done * from_stride(t, d)),
      cimc_build_offset_by(b, at.to, done * to_stride(t, d))};
  nest.dim[d] = rest;
  cimc_nest_emit(b, &nest, pointers, copy_body, NULL);
}

// The dimension along which the operand is contiguous; -1: none but the
// innermost, or too short.
static int find_row(const cimc_nest *nest, int64_t block) {
  for (int i = 0; i + 1 < nest->rank; i++)
    if (nest->operand[0].stride[i] == 1 && nest->dim[i] >= block)
      return i;
  return -1;
}

bool cimc_transpose_emit(cimc_build *b, const cimc_nest *nest, MlirValue from,
                         MlirValue to) {
  transpose t = {.nest = nest,
                 .column = nest->rank - 1,
                 .bytes = cimc_storage_bytes(nest->operand[1].storage)};
  t.block = 16 / t.bytes; // a vector of 128 bits, which all have that have any
  t.row = find_row(nest, t.block);
  if (b->lanes < 4 || t.block < 4 || t.row < 0 ||
      nest->dim[t.column] < t.block || nest->operand[1].stride[t.column] != 1)
    return false;
  t.vector = cimc_build_vector_type(
      b, t.block, cimc_build_storage_type(b, nest->operand[1].storage));
  emit_blocks(b, &t, from, to);
  emit_rest(b, &t, *nest, t.row, (addresses){from, to});
  cimc_nest whole_rows = *nest;
  whole_rows.dim[t.row] -= nest->dim[t.row] % t.block;
  emit_rest(b, &t, whole_rows, t.column, (addresses){from, to});
  return true;
}
