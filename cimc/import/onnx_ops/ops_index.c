// SPDX-License-Identifier: Apache-2.0
//
// Gathers and scatters by constant indices, each as gathers of the flattened
// tensor; and masks.
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/term.h"

#include <inttypes.h>
#include <string.h>

// Element after element costs eight bytes of indices.
#define INDICES_MAX (INT64_C(1) << 22)
// So often may scattered elements meet at one place.
#define ROUNDS_MAX 16

// A list of int64 to fill in, `count` of them.
static MlirLogicalResult create_list(cimc_call *call, int64_t count,
                                     int64_t **out) {
  if (count < 1 || count > INDICES_MAX)
    return cimc_call_refuse(call, "%" PRId64 " indices", count);
  *out = cimc_arena_alloc(call->source->arena, (size_t)count, sizeof **out);
  return *out ? mlirLogicalResultSuccess()
              : cimc_call_error(call,
                                "the model needs more memory than is allowed");
}

// Rows of the flattened x: element i of the result is row at[i], of `inner`
// elements.
static cimc_term take_rows(cimc_call *call, cimc_term x, int64_t inner,
                           const int64_t *at, const cimc_shape *to) {
  int64_t count = cimc_ir_element_count(&x.shape);
  if (x.sound && count < 1) {
    cimc_call_refuse(call, "an input without elements");
    return CIMC_TERM_NONE;
  }
  cimc_shape rows = {.rank = 2, .dim = {count / inner, inner}};
  x = cimc_term_reshape(call, x, &rows);
  cimc_term_indices indices = {
      .axis = 0, .count = cimc_ir_element_count(to) / inner, .at = at};
  return cimc_term_reshape(call, cimc_term_take(call, x, &indices), to);
}

static MlirLogicalResult check_index(cimc_call *call, int64_t *index,
                                     int64_t size) {
  if (*index < -size || *index >= size)
    return cimc_call_error(call, "index %" PRId64 " of %" PRId64 " elements",
                           *index, size);
  *index += *index < 0 ? size : 0;
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult read_indices(cimc_call *call, size_t input,
                                      const cimc_tensor **out) {
  CIMC_TRY(cimc_call_constant(call, input, "indices", out));
  if ((*out)->elem != CIMC_ELEM_INT64 && (*out)->elem != CIMC_ELEM_INT32)
    return cimc_call_error(call, "indices of type %s; expected int64 or int32",
                           cimc_proto_elem_name((*out)->stored));
  return mlirLogicalResultSuccess();
}

static int64_t product(const cimc_shape *shape, int first, int last) {
  int64_t count = 1;
  for (int i = first; i < last; i++)
    count *= shape->dim[i];
  return count;
}

// -- GatherElements and ScatterElements --------------------------------------
// For each index, the element of `shape` that it means: the index along the
// axis, its own place along the others.
static MlirLogicalResult element_places(cimc_call *call,
                                        const cimc_shape *shape,
                                        const cimc_tensor *indices,
                                        int64_t axis, int64_t **out) {
  const cimc_shape *own = &indices->shape;
  bool fits = own->rank == shape->rank;
  for (int i = 0; fits && i < own->rank; i++)
    fits = i == axis || own->dim[i] <= shape->dim[i];
  if (!fits)
    return cimc_call_error(call, "the indices do not fit the input");
  CIMC_TRY(create_list(call, indices->count, out));
  int64_t at[CIMC_RANK_MAX] = {0};
  for (int64_t i = 0; i < indices->count; i++) {
    int64_t index = cimc_tensor_i64(indices, i), place = 0;
    CIMC_TRY(check_index(call, &index, shape->dim[axis]));
    for (int d = 0; d < own->rank; d++)
      place = place * shape->dim[d] + (d == axis ? index : at[d]);
    (*out)[i] = place;
    for (int d = own->rank - 1; d >= 0 && ++at[d] == own->dim[d]; d--)
      at[d] = 0;
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_index_gather_elements(cimc_call *call) {
  int64_t axis = 0, *at = NULL;
  const cimc_tensor *indices;
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  CIMC_TRY(read_indices(call, 1, &indices));
  if (!x.sound)
    return mlirLogicalResultFailure();
  CIMC_TRY(cimc_call_axis(call, x.shape.rank, &axis));
  CIMC_TRY(element_places(call, &x.shape, indices, axis, &at));
  return cimc_term_define(call, 0, take_rows(call, x, 1, at, &indices->shape));
}

// -- GatherND and ScatterND --------------------------------------------------
// Each row of the indices names a row of x behind `batch` dimensions.
typedef struct rows {
  int64_t count;
  int64_t inner; // elements of a row
  int64_t *at;
} rows;

static MlirLogicalResult read_rows(cimc_call *call, const cimc_shape *x,
                                   const cimc_tensor *indices, int64_t batch,
                                   rows *out) {
  int rank = indices->shape.rank;
  int64_t depth = rank > 0 ? indices->shape.dim[rank - 1] : 0;
  bool fits =
      rank > batch && batch >= 0 && depth > 0 && batch + depth <= x->rank;
  for (int i = 0; fits && i < batch; i++)
    fits = indices->shape.dim[i] == x->dim[i];
  if (!fits)
    return cimc_call_error(call, "the indices do not fit the input");
  out->count = indices->count / depth;
  out->inner = product(x, (int)(batch + depth), x->rank);
  int64_t batches = product(x, 0, (int)batch);
  if (out->inner < 1)
    return cimc_call_refuse(call, "an input without elements");
  CIMC_TRY(create_list(call, out->count, &out->at));
  for (int64_t i = 0; i < out->count; i++) {
    int64_t place = i / (out->count / batches);
    for (int64_t k = 0; k < depth; k++) {
      int64_t index = cimc_tensor_i64(indices, i * depth + k);
      CIMC_TRY(check_index(call, &index, x->dim[batch + k]));
      place = place * x->dim[batch + k] + index;
    }
    out->at[i] = place;
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_index_gather_nd(cimc_call *call) {
  int64_t batch = 0;
  rows of = {.at = NULL};
  const cimc_tensor *indices;
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(cimc_call_i64(call, "batch_dims", &batch));
  CIMC_TRY(read_indices(call, 1, &indices));
  if (!x.sound)
    return mlirLogicalResultFailure();
  CIMC_TRY(read_rows(call, &x.shape, indices, batch, &of));
  int rank = indices->shape.rank;
  int first = (int)(batch + indices->shape.dim[rank - 1]);
  cimc_shape to = {.rank = rank - 1};
  if (to.rank + x.shape.rank - first > CIMC_RANK_MAX)
    return cimc_call_refuse(call, "more than %d dimensions", CIMC_RANK_MAX);
  for (int i = 0; i < rank - 1; i++)
    to.dim[i] = indices->shape.dim[i];
  for (int i = first; i < x.shape.rank; i++)
    to.dim[to.rank++] = x.shape.dim[i];
  return cimc_term_define(call, 0, take_rows(call, x, of.inner, of.at, &to));
}

// -- Scattering --------------------------------------------------------------
typedef struct scatter {
  cimc_term x;          // seen as rows, of `of.inner` elements
  cimc_term updates;    // likewise
  rows of;              // where each update goes
  cimc_qgemm_kind kind; // NONE: the last update stays
} scatter;

static MlirLogicalResult read_kind(cimc_call *call, cimc_qgemm_kind *out) {
  static const struct {
    const char *name;
    cimc_qgemm_kind kind;
  } kinds[] = {{"none", CIMC_QGEMM_NONE},
               {"add", CIMC_QGEMM_ADD},
               {"mul", CIMC_QGEMM_MUL},
               {"max", CIMC_QGEMM_MAX},
               {"min", CIMC_QGEMM_MIN}};
  const char *name = "none";
  CIMC_TRY(cimc_call_text(call, "reduction", &name));
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp(kinds[i].name, name) == 0) {
      *out = kinds[i].kind;
      return mlirLogicalResultSuccess();
    }
  return cimc_call_error(call,
                         "reduction is '%.20s'; expected none, add, mul, "
                         "max or min",
                         name);
}

// One update at each place at most: which[i] for row i of x, -1 for none. x is
// replaced where there is one.
static cimc_term scatter_once(cimc_call *call, const scatter *self, cimc_term x,
                              int64_t *which) {
  unsigned char *data;
  cimc_shape column = {.rank = 2, .dim = {x.shape.dim[0], 1}};
  cimc_tensor *has =
      cimc_tensor_create(call->source, CIMC_ELEM_BOOL, &column, &data);
  for (int64_t i = 0; has && i < x.shape.dim[0]; i++) {
    data[i] = which[i] >= 0;
    which[i] = which[i] < 0 ? 0 : which[i];
  }
  cimc_term updates = cimc_term_take(
      call, self->updates,
      &(cimc_term_indices){.count = x.shape.dim[0], .at = which});
  if (self->kind != CIMC_QGEMM_NONE)
    updates = cimc_term_binary(call, self->kind, x, updates);
  return cimc_term_select(call, cimc_term_known(has), updates, x);
}

// Updates that meet at a place go in one after the other; without a reduction
// only the last one counts.
static MlirLogicalResult emit_scatter(cimc_call *call, const scatter *self,
                                      const cimc_shape *shape) {
  int64_t count = self->x.shape.dim[0], *seen = NULL, *which = NULL;
  CIMC_TRY(create_list(call, count, &seen));
  CIMC_TRY(create_list(call, count, &which));
  cimc_term x = self->x;
  bool last_only = self->kind == CIMC_QGEMM_NONE, more = true;
  for (int64_t round = 0; more; round++) {
    if (round == ROUNDS_MAX)
      return cimc_call_refuse(call, "more than %d updates of one element",
                              ROUNDS_MAX);
    more = false;
    for (int64_t i = 0; i < count; i++)
      seen[i] = 0, which[i] = -1;
    for (int64_t i = 0; i < self->of.count; i++) {
      int64_t turn = seen[self->of.at[i]]++;
      if (last_only || turn == round)
        which[self->of.at[i]] = i;
      more |= !last_only && turn > round;
    }
    x = scatter_once(call, self, x, which);
  }
  return cimc_term_define(call, 0, cimc_term_reshape(call, x, shape));
}

MlirLogicalResult cimc_ops_index_scatter_elements(cimc_call *call) {
  int64_t axis = 0;
  const cimc_tensor *indices;
  scatter self = {.x = cimc_term_input(call, 0),
                  .updates = cimc_term_input(call, 2),
                  .of = {.inner = 1}};
  CIMC_TRY(read_kind(call, &self.kind));
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  CIMC_TRY(read_indices(call, 1, &indices));
  if (!self.x.sound || !self.updates.sound)
    return mlirLogicalResultFailure();
  cimc_shape shape = self.x.shape;
  CIMC_TRY(cimc_call_axis(call, shape.rank, &axis));
  CIMC_TRY(element_places(call, &shape, indices, axis, &self.of.at));
  self.of.count = indices->count;
  if (!cimc_ir_shape_equal(&indices->shape, &self.updates.shape))
    return cimc_call_error(call, "the updates differ from the indices in "
                                 "shape; expected the same");
  cimc_shape column = {.rank = 2, .dim = {cimc_ir_element_count(&shape), 1}};
  self.x = cimc_term_reshape(call, self.x, &column);
  column.dim[0] = indices->count;
  self.updates = cimc_term_reshape(call, self.updates, &column);
  return emit_scatter(call, &self, &shape);
}

MlirLogicalResult cimc_ops_index_scatter_nd(cimc_call *call) {
  const cimc_tensor *indices;
  scatter self = {.x = cimc_term_input(call, 0),
                  .updates = cimc_term_input(call, 2)};
  CIMC_TRY(read_kind(call, &self.kind));
  CIMC_TRY(read_indices(call, 1, &indices));
  if (!self.x.sound || !self.updates.sound)
    return mlirLogicalResultFailure();
  cimc_shape shape = self.x.shape;
  CIMC_TRY(read_rows(call, &shape, indices, 0, &self.of));
  if (cimc_ir_element_count(&self.updates.shape) !=
      self.of.count * self.of.inner)
    return cimc_call_error(call, "the updates do not fit the indices");
  cimc_shape flat = {.rank = 2, .dim = {0, self.of.inner}};
  flat.dim[0] = cimc_ir_element_count(&shape) / self.of.inner;
  self.x = cimc_term_reshape(call, self.x, &flat);
  flat.dim[0] = self.of.count;
  self.updates = cimc_term_reshape(call, self.updates, &flat);
  return emit_scatter(call, &self, &shape);
}

// -- Trilu -------------------------------------------------------------------
MlirLogicalResult cimc_ops_index_trilu(cimc_call *call) {
  int64_t upper = 1, k = 0;
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(cimc_call_i64(call, "upper", &upper));
  if (cimc_call_has_input(call, 1)) {
    const cimc_tensor *tensor;
    CIMC_TRY(cimc_call_constant(call, 1, "k", &tensor));
    if (tensor->count != 1 || tensor->elem != CIMC_ELEM_INT64)
      return cimc_call_error(call, "'k' is not one int64; expected one");
    k = cimc_tensor_i64(tensor, 0);
  }
  if (!x.sound)
    return mlirLogicalResultFailure();
  int rank = x.shape.rank;
  if (rank < 2)
    return cimc_call_error(call, "the input has rank %d; expected 2 or more",
                           rank);
  cimc_shape matrix = {.rank = 2,
                       .dim = {x.shape.dim[rank - 2], x.shape.dim[rank - 1]}};
  unsigned char *data;
  cimc_tensor *mask =
      cimc_tensor_create(call->source, CIMC_ELEM_BOOL, &matrix, &data);
  for (int64_t i = 0; mask && i < mask->count; i++) {
    int64_t row = i / matrix.dim[1], column = i % matrix.dim[1];
    // row + k may pass 64 bits; the difference may not.
    data[i] = upper ? column - row >= k : column - row <= k;
  }
  return cimc_term_define(call, 0,
                          cimc_term_select(call, cimc_term_known(mask), x,
                                           cimc_term_number(call, x.elem, 0)));
}

// -- Compress and ReverseSequence --------------------------------------------
MlirLogicalResult cimc_ops_index_compress(cimc_call *call) {
  int64_t axis = 0, count = 0, *at = NULL;
  const cimc_tensor *condition;
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  CIMC_TRY(cimc_call_constant(call, 1, "condition", &condition));
  if (!x.sound)
    return mlirLogicalResultFailure();
  if (!cimc_call_attribute(call, "axis")) {
    cimc_shape flat = {.rank = 1, .dim = {cimc_ir_element_count(&x.shape)}};
    x = cimc_term_reshape(call, x, &flat);
  }
  CIMC_TRY(cimc_call_axis(call, x.shape.rank, &axis));
  if (condition->elem != CIMC_ELEM_BOOL || condition->count > x.shape.dim[axis])
    return cimc_call_error(call, "'condition' does not fit the axis");
  CIMC_TRY(create_list(call, condition->count, &at));
  for (int64_t i = 0; i < condition->count; i++)
    if (cimc_tensor_i64(condition, i) != 0)
      at[count++] = i;
  if (count == 0)
    return cimc_call_refuse(call, "a result without elements");
  return cimc_term_define(
      call, 0,
      cimc_term_take(
          call, x,
          &(cimc_term_indices){.axis = (int)axis, .count = count, .at = at}));
}

MlirLogicalResult cimc_ops_index_reverse_sequence(cimc_call *call) {
  int64_t batch = 1, time = 0, *at = NULL;
  const cimc_tensor *lengths;
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(cimc_call_i64(call, "batch_axis", &batch));
  CIMC_TRY(cimc_call_i64(call, "time_axis", &time));
  CIMC_TRY(read_indices(call, 1, &lengths));
  if (!x.sound)
    return mlirLogicalResultFailure();
  const cimc_shape *shape = &x.shape;
  if (shape->rank < 2 || batch < 0 || batch > 1 || time != 1 - batch ||
      lengths->count != shape->dim[batch])
    return cimc_call_error(call,
                           "axes %" PRId64 " and %" PRId64 " with %" PRId64
                           " lengths do not fit the input",
                           batch, time, lengths->count);
  CIMC_TRY(create_list(call, shape->dim[0] * shape->dim[1], &at));
  for (int64_t i = 0; i < shape->dim[0] * shape->dim[1]; i++) {
    int64_t row = i / shape->dim[1], column = i % shape->dim[1];
    int64_t place = time == 0 ? row : column;
    int64_t length = cimc_tensor_i64(lengths, time == 0 ? column : row);
    if (length < 0 || length > shape->dim[time])
      return cimc_call_error(call, "a length is %" PRId64, length);
    int64_t from = place < length ? length - 1 - place : place;
    at[i] =
        time == 0 ? from * shape->dim[1] + column : row * shape->dim[1] + from;
  }
  return cimc_term_define(
      call, 0, take_rows(call, x, product(shape, 2, shape->rank), at, shape));
}
