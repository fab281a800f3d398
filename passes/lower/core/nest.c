// SPDX-License-Identifier: Apache-2.0
//
// Loop nests over strided operands: see nest.h.
//
// Why pieces and not masked vectors: the sizes are known, so the remainder is
// straight code, on every target the same, and no lane is read that is not
// the caller's.
#include "passes/lower/core/nest.h"

#include "passes/lower/core/epilogue.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// -- Keys --------------------------------------------------------------------
void cimc_key_append(char *key, size_t size, const char *format, ...) {
  size_t used = strlen(key);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(key + used, size - used, format, arguments);
  va_end(arguments);
}

const char *cimc_key_storage(cimc_storage storage) {
  switch (storage) {
  case CIMC_STORAGE_F32:
    return "f32";
  case CIMC_STORAGE_I8:
    return "i8";
  case CIMC_STORAGE_U8:
    return "u8";
  case CIMC_STORAGE_I16:
    return "i16";
  case CIMC_STORAGE_U16:
    return "u16";
  case CIMC_STORAGE_I32:
    return "i32";
  case CIMC_STORAGE_I64:
    return "i64";
  default:
    return "other";
  }
}

void cimc_nest_key(const cimc_nest *nest, char *key, size_t size) {
  for (int i = 0; i < nest->rank; i++)
    cimc_key_append(key, size, i ? "x%lld" : "_%lld", (long long)nest->dim[i]);
  for (int k = 0; k < nest->operand_count; k++) {
    unsigned broadcast = 0;
    for (int i = 0; i < nest->rank; i++)
      if (nest->operand[k].stride[i] == 0)
        broadcast |= 1u << i;
    cimc_key_append(key, size, "_%s",
                    cimc_key_storage(nest->operand[k].storage));
    if (broadcast)
      cimc_key_append(key, size, "b%u", broadcast);
  }
}

// -- Building a nest ---------------------------------------------------------
cimc_nest cimc_nest_over(const cimc_shape *shape) {
  cimc_nest nest = {.rank = shape->rank};
  memcpy(nest.dim, shape->dim, sizeof(nest.dim));
  return nest;
}

void cimc_nest_broadcast(cimc_nest *nest, cimc_storage storage,
                         const cimc_shape *shape) {
  cimc_nest_operand *operand = &nest->operand[nest->operand_count++];
  *operand = (cimc_nest_operand){.storage = storage};
  int64_t stride = 1;
  for (int i = shape->rank - 1; i >= 0; i--) {
    int at = i + nest->rank - shape->rank;
    // A dimension of 1 is dropped or broadcast: no step in either case.
    operand->stride[at] = shape->dim[i] == 1 ? 0 : stride;
    stride *= shape->dim[i];
  }
}

static void remove_dim(cimc_nest *nest, int at) {
  nest->rank--;
  for (int i = at; i < nest->rank; i++) {
    nest->dim[i] = nest->dim[i + 1];
    for (int k = 0; k < nest->operand_count; k++)
      nest->operand[k].stride[i] = nest->operand[k].stride[i + 1];
  }
}

static bool mergeable(const cimc_nest *nest, int outer) {
  for (int k = 0; k < nest->operand_count; k++) {
    const int64_t *stride = nest->operand[k].stride;
    if (stride[outer] != stride[outer + 1] * nest->dim[outer + 1])
      return false;
  }
  return true;
}

void cimc_nest_simplify(cimc_nest *nest) {
  for (int i = nest->rank - 1; i >= 0; i--)
    if (nest->dim[i] == 1)
      remove_dim(nest, i);
  for (int i = nest->rank - 2; i >= 0; i--) {
    if (!mergeable(nest, i))
      continue;
    nest->dim[i + 1] *= nest->dim[i];
    remove_dim(nest, i);
  }
  if (nest->rank > 0)
    return;
  nest->rank = 1;
  nest->dim[0] = 1;
  for (int k = 0; k < nest->operand_count; k++)
    nest->operand[k].stride[0] = 0;
  // The result is written, never broadcast.
  if (nest->operand_count > 0)
    nest->operand[nest->operand_count - 1].stride[0] = 1;
}

void cimc_nest_split(MlirOperation op, int64_t *outer, int64_t *count,
                     int64_t *inner) {
  cimc_shape shape = {0};
  int64_t axis = 0;
  cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetOperand(op, 0)),
                       &shape);
  cimc_ir_get_i64(op, "axis", &axis);
  *outer = *count = *inner = 1;
  for (int i = 0; i < shape.rank; i++)
    *(i < axis ? outer : i == axis ? count : inner) *= shape.dim[i];
}

// -- Sweeps ------------------------------------------------------------------
int64_t cimc_sweep_lanes(const cimc_build *b, int bytes) {
  return b->lanes > 1 ? b->lanes * 4 / bytes : 0;
}

MlirValue cimc_sweep_splat(cimc_build *b, MlirValue scalar, int64_t lanes) {
  return lanes ? cimc_build_splat(b, scalar, lanes) : scalar;
}

MlirValue cimc_sweep_at(cimc_build *b, MlirValue pointer, MlirValue element,
                        int64_t bytes) {
  if (bytes != 1)
    element = cimc_build_mul(b, element, cimc_build_index(b, bytes));
  return cimc_build_offset(b, pointer, element);
}

static int64_t power_below(int64_t value) {
  int64_t power = 1;
  while (power <= value / 2)
    power *= 2;
  return power;
}

// One piece: vectors of `lanes` over [first, end).
typedef struct piece {
  int64_t first, end;
  int64_t lanes;
} piece;

static void sweep_piece(cimc_build *b, const piece *p, cimc_sweep_body body,
                        void *user) {
  int64_t step = p->lanes ? p->lanes : 1;
  MlirValue first = cimc_build_index(b, p->first);
  if (p->end - p->first == step) {
    body(b, first, p->lanes, user);
    return;
  }
  cimc_range range = {first, cimc_build_index(b, p->end), step};
  cimc_loop loop = cimc_build_for(b, range, 0, NULL);
  body(b, loop.iv, p->lanes, user);
  cimc_build_end_for(b, &loop, NULL);
}

void cimc_sweep_emit(cimc_build *b, int64_t count, int64_t lanes,
                     cimc_sweep_body body, void *user) {
  int64_t done = 0;
  // The second round is the shorter vector; less than 4 lanes do not pay.
  for (int round = 0; round < 2 && count - done >= 4 && lanes >= 4; round++) {
    int64_t width = power_below(count - done);
    if (width > lanes)
      width = lanes;
    int64_t end = count - (count - done) % width;
    sweep_piece(b, &(piece){done, end, width}, body, user);
    done = end;
  }
  if (done < count)
    sweep_piece(b, &(piece){done, count, 0}, body, user);
}

// -- Emission ----------------------------------------------------------------
typedef struct nest_state {
  const cimc_nest *nest;
  MlirValue pointer[CIMC_NEST_OPERANDS_MAX]; // of the innermost dimension
  // What is broadcast over the innermost dimension, loaded once before it (no
  // such operand shares memory with the result).
  MlirValue scalar[CIMC_NEST_OPERANDS_MAX];
  cimc_nest_body body;
  void *user;
} nest_state;

static int64_t inner_stride(const cimc_nest *nest, int operand) {
  return nest->operand[operand].stride[nest->rank - 1];
}

static MlirValue load(cimc_build *b, const cimc_nest *nest, int k,
                      MlirValue pointer, int64_t lanes) {
  cimc_storage storage = nest->operand[k].storage;
  if (!nest->raw)
    return cimc_epilogue_load(b, storage, pointer, lanes, lanes ? lanes : 1);
  MlirType type = cimc_build_storage_type(b, storage);
  if (lanes)
    type = cimc_build_vector_type(b, lanes, type);
  return cimc_build_load(b, type, pointer, cimc_storage_bytes(storage));
}

// The elements at `first` of operand k, which is contiguous, broadcast, or
// (with scalars only) strided along the inner dimension.
static MlirValue load_element(cimc_build *b, const nest_state *state, int k,
                              MlirValue first, int64_t lanes) {
  const cimc_nest *nest = state->nest;
  int64_t stride = inner_stride(nest, k);
  MlirValue pointer = state->pointer[k];
  if (stride == 0)
    return cimc_sweep_splat(b, state->scalar[k], lanes);
  int64_t bytes = cimc_storage_bytes(nest->operand[k].storage);
  pointer = cimc_sweep_at(b, pointer, first, stride * bytes);
  return load(b, nest, k, pointer, lanes);
}

static void inner_body(cimc_build *b, MlirValue first, int64_t lanes,
                       void *user) {
  const nest_state *state = user;
  const cimc_nest *nest = state->nest;
  int result = nest->operand_count - 1;
  MlirValue element[CIMC_NEST_OPERANDS_MAX];
  for (int k = 0; k < result; k++)
    element[k] = load_element(b, state, k, first, lanes);
  // A body without operands learns the lanes from a splat of the result's kind.
  if (result == 0)
    element[0] = cimc_sweep_splat(b, cimc_build_int(b, b->i32, 0), lanes);
  MlirValue value = state->body(b, element, state->user);
  cimc_storage storage = nest->operand[result].storage;
  int64_t bytes = cimc_storage_bytes(storage);
  MlirValue pointer = cimc_sweep_at(b, state->pointer[result], first,
                                    inner_stride(nest, result) * bytes);
  if (nest->raw)
    cimc_build_store(b, value, pointer, bytes);
  else
    cimc_epilogue_store(b, storage, value, pointer, lanes ? lanes : 1);
}

// The widest vectors that the inner dimension's strides allow.
static int64_t inner_lanes(const cimc_build *b, const cimc_nest *nest) {
  int result = nest->operand_count - 1;
  if (nest->scalar || inner_stride(nest, result) != 1)
    return 0;
  int bytes = nest->raw ? cimc_storage_bytes(nest->operand[result].storage) : 4;
  for (int k = 0; k < result; k++)
    if (inner_stride(nest, k) != 0 && inner_stride(nest, k) != 1)
      return 0;
  return cimc_sweep_lanes(b, bytes);
}

void cimc_nest_emit(cimc_build *b, const cimc_nest *nest,
                    const MlirValue *pointers, cimc_nest_body body,
                    void *user) {
  nest_state state = {.nest = nest, .body = body, .user = user};
  for (int k = 0; k < nest->operand_count; k++)
    state.pointer[k] = pointers[k];
  cimc_loop loops[CIMC_RANK_MAX];
  int inner = nest->rank - 1;
  for (int i = 0; i < inner; i++) {
    loops[i] = cimc_build_repeat(b, nest->dim[i], 1);
    for (int k = 0; k < nest->operand_count; k++) {
      int64_t stride = nest->operand[k].stride[i];
      int64_t bytes = cimc_storage_bytes(nest->operand[k].storage);
      if (stride != 0)
        state.pointer[k] =
            cimc_sweep_at(b, state.pointer[k], loops[i].iv, stride * bytes);
    }
  }
  for (int k = 0; k < nest->operand_count - 1; k++)
    if (inner_stride(nest, k) == 0)
      state.scalar[k] = load(b, nest, k, state.pointer[k], 0);
  cimc_sweep_emit(b, nest->dim[inner], inner_lanes(b, nest), inner_body,
                  &state);
  for (int i = inner - 1; i >= 0; i--)
    cimc_build_end_for(b, &loops[i], NULL);
}
