// SPDX-License-Identifier: Apache-2.0
//
// Copies between strided places: see move.h.
//
// Elements are moved by their width: one kernel serves all types of a width.
#include "passes/lower/move/move.h"

#include "passes/lower/core/nest.h"
#include "passes/lower/move/transpose.h"

#include <string.h>

void cimc_move_strides(const cimc_shape *shape, int64_t *out) {
  int64_t stride = 1;
  for (int i = shape->rank - 1; i >= 0; i--) {
    out[i] = stride;
    stride *= shape->dim[i];
  }
}

cimc_storage cimc_move_storage(int element_bytes) {
  switch (element_bytes) {
  case 1:
    return CIMC_STORAGE_I8;
  case 2:
    return CIMC_STORAGE_I16;
  case 8:
    return CIMC_STORAGE_I64;
  default:
    return CIMC_STORAGE_I32;
  }
}

cimc_move cimc_move_over(const cimc_shape *shape, MlirType element) {
  cimc_move move = {.element_bytes =
                        cimc_storage_bytes(cimc_qgemm_element(element).storage),
                    .rank = shape->rank};
  memcpy(move.dim, shape->dim, sizeof(move.dim));
  cimc_move_strides(shape, move.from);
  cimc_move_strides(shape, move.to);
  return move;
}

// The move as a nest of two operands, simplified.
static cimc_nest nest_of(const cimc_move *move) {
  cimc_nest nest = {.rank = move->rank, .operand_count = 2, .raw = true};
  cimc_storage storage = cimc_move_storage(move->element_bytes);
  nest.operand[0].storage = nest.operand[1].storage = storage;
  for (int i = 0; i < move->rank; i++) {
    nest.dim[i] = move->dim[i];
    nest.operand[0].stride[i] = move->from[i];
    nest.operand[1].stride[i] = move->to[i];
  }
  cimc_nest_simplify(&nest);
  return nest;
}

static MlirValue body(cimc_build *b, const MlirValue *element, void *user) {
  (void)b;
  (void)user;
  return element[0];
}

void cimc_move_emit(cimc_build *b, cimc_move move, MlirValue from,
                    MlirValue to) {
  cimc_nest nest = nest_of(&move);
  MlirValue pointers[] = {from, to};
  if (!cimc_transpose_emit(b, &nest, from, to))
    cimc_nest_emit(b, &nest, pointers, body, NULL);
}

static void append_stride(char *key, size_t size, int64_t stride) {
  cimc_key_append(key, size, stride < 0 ? "_m%lld" : "_%lld",
                  (long long)(stride < 0 ? -stride : stride));
}

void cimc_move_lower(cimc_lower *state, MlirOperation op, cimc_move move,
                     MlirValue from, MlirValue to) {
  cimc_nest nest = nest_of(&move);
  const int64_t *strides[] = {nest.operand[0].stride, nest.operand[1].stride};
  bool run = strides[0][0] == 1 && strides[1][0] == 1;
  if (nest.rank == 1 && (run || nest.dim[0] == 1)) {
    cimc_lower_copy(state, to, from, nest.dim[0] * move.element_bytes);
    return;
  }
  char key[CIMC_KERNEL_KEY_MAX] = "move";
  cimc_key_append(key, sizeof(key), "_%d", move.element_bytes);
  for (int i = 0; i < nest.rank; i++) {
    cimc_key_append(key, sizeof(key), "_%lld", (long long)nest.dim[i]);
    for (int k = 0; k < 2; k++)
      append_stride(key, sizeof(key), strides[k][i]);
  }
  MlirValue arguments[] = {from, to};
  cimc_kernel kernel = {
      .key = key, .count = 2, .arguments = arguments, .noalias = true};
  cimc_build b;
  if (!cimc_lower_kernel(state, op, &kernel, &b))
    return;
  cimc_move_emit(&b, move, cimc_build_argument(&b, 0),
                 cimc_build_argument(&b, 1));
  cimc_build_return(&b, (MlirValue){NULL});
}
