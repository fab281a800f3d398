// SPDX-License-Identifier: Apache-2.0
//
// Operators that move elements: concatenation, slices, gathers, padding.
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/term.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

// -- Concat and Split --------------------------------------------------------
MlirLogicalResult cimc_ops_move_concat(cimc_call *call) {
  int64_t axis = 0;
  size_t count = call->node->proto->input_count;
  cimc_term *parts =
      cimc_arena_alloc(call->source->arena, count, sizeof *parts);
  if (!parts)
    return cimc_call_error(call, "the model needs more memory than is allowed");
  for (size_t i = 0; i < count; i++) {
    parts[i] = cimc_term_input(call, i);
    if (!parts[i].sound)
      return mlirLogicalResultFailure();
  }
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  CIMC_TRY(cimc_call_axis(call, parts[0].shape.rank, &axis));
  return cimc_term_define(call, 0,
                          cimc_term_concat(call, parts, count, (int)axis));
}

// The size of part i: given, or equal shares, the last one smaller.
static MlirLogicalResult read_sizes(cimc_call *call, const cimc_tensor **given,
                                    const cimc_proto_attribute **listed,
                                    size_t *out_count) {
  *given = NULL;
  *listed = cimc_call_attribute(call, "split");
  size_t outputs = call->node->proto->output_count;
  int64_t wanted = (int64_t)outputs;
  CIMC_TRY(cimc_call_i64(call, "num_outputs", &wanted));
  if (cimc_call_has_input(call, 1))
    CIMC_TRY(cimc_call_constant(call, 1, "split", given));
  *out_count = *given    ? (size_t)(*given)->count
               : *listed ? (*listed)->int_count
                         : (size_t)wanted;
  if (*out_count != outputs || (*given && (*given)->elem != CIMC_ELEM_INT64))
    return cimc_call_error(call, "%zu parts for %zu outputs; expected as many",
                           *out_count, outputs);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_move_split(cimc_call *call) {
  int64_t axis = 0, start = 0;
  const cimc_tensor *given;
  const cimc_proto_attribute *listed;
  size_t count;
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  CIMC_TRY(read_sizes(call, &given, &listed, &count));
  if (!x.sound)
    return mlirLogicalResultFailure();
  CIMC_TRY(cimc_call_axis(call, x.shape.rank, &axis));
  int64_t size = x.shape.dim[axis], whole = (int64_t)count;
  int64_t share = (size + whole - 1) / whole;
  for (size_t i = 0; i < count; i++) {
    int64_t part = given                  ? cimc_tensor_i64(given, (int64_t)i)
                   : listed               ? listed->ints[i]
                   : share < size - start ? share
                                          : size - start;
    if (part < 0 || part > size - start)
      return cimc_call_error(
          call, "part %zu has %" PRId64 " elements of the %" PRId64 " left", i,
          part, size - start);
    if (cimc_call_has_output(call, i))
      CIMC_TRY(cimc_term_define(
          call, i, cimc_term_part(call, x, (int)axis, start, part)));
    start += part;
  }
  if (start != size)
    return cimc_call_error(call,
                           "the parts have %" PRId64 " of %" PRId64
                           " elements; expected all",
                           start, size);
  return mlirLogicalResultSuccess();
}

// -- Slice -------------------------------------------------------------------
static int64_t clamp(int64_t x, int64_t low, int64_t high) {
  return x < low ? low : x > high ? high : x;
}

// One dimension of `size` elements, of which [start, end) in steps are taken.
static void narrow(cimc_term_range *range, int axis, int64_t size,
                   const int64_t bounds[3]) {
  int64_t start = bounds[0], end = bounds[1], step = bounds[2];
  start += start < 0 ? size : 0;
  end += end < 0 ? size : 0;
  int64_t first = step > 0 ? 0 : -1;
  start = clamp(start, 0, step > 0 ? size : size - 1);
  end = clamp(end, first, step > 0 ? size : size - 1);
  int64_t span = step > 0 ? end - start : start - end;
  int64_t stride = step > 0 ? step : -step;
  range->start[axis] = start;
  range->size[axis] = span > 0 ? (span - 1) / stride + 1 : 0;
  // A step of more than the dimension takes one element.
  range->step[axis] = range->size[axis] > 1 ? step : 1;
}

MlirLogicalResult cimc_ops_move_slice(cimc_call *call) {
  static const char *const names[] = {"starts", "ends", "axes", "steps"};
  cimc_call_list lists[4];
  cimc_term x = cimc_term_input(call, 0);
  for (size_t i = 0; i < 4; i++)
    CIMC_TRY(cimc_call_ints(call, i + 1, names[i], &lists[i]));
  if (!x.sound)
    return mlirLogicalResultFailure();
  if (lists[2].count >= 0)
    CIMC_TRY(cimc_call_axes(call, 3, x.shape.rank, &lists[2]));
  int64_t count = lists[0].count;
  for (int i = 1; i < 4; i++)
    if (count < 0 ||
        (lists[i].count != count && (i == 1 || lists[i].count >= 0)))
      return cimc_call_error(call,
                             "'starts' and '%s' differ in length; "
                             "expected the same",
                             names[i]);
  if (count > x.shape.rank)
    return cimc_call_error(call, "%" PRId64 " axes of a tensor of rank %d",
                           count, x.shape.rank);
  cimc_term_range range = cimc_term_whole(&x);
  for (int64_t i = 0; i < count; i++) {
    int axis = lists[2].count >= 0 ? (int)lists[2].at[i] : (int)i;
    int64_t bounds[] = {lists[0].at[i], lists[1].at[i],
                        lists[3].count >= 0 ? lists[3].at[i] : 1};
    if (bounds[2] == 0 || bounds[2] == INT64_MIN)
      return cimc_call_error(call, "a step is 0; expected another");
    narrow(&range, axis, x.shape.dim[axis], bounds);
  }
  return cimc_term_define(call, 0, cimc_term_slice(call, x, &range));
}

// -- Gather, Expand, Tile, Transpose -----------------------------------------
MlirLogicalResult cimc_ops_move_gather(cimc_call *call) {
  int64_t axis = 0;
  cimc_term x = cimc_term_input(call, 0), at = cimc_term_input(call, 1);
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  if (!x.sound)
    return mlirLogicalResultFailure();
  CIMC_TRY(cimc_call_axis(call, x.shape.rank, &axis));
  return cimc_term_define(call, 0, cimc_term_gather(call, x, at, (int)axis));
}

// The wanted shape is broadcast with x's own.
MlirLogicalResult cimc_ops_move_expand(cimc_call *call) {
  cimc_call_list wanted;
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(cimc_call_ints(call, 1, "shape", &wanted));
  if (!x.sound || wanted.count < 0)
    return cimc_call_error(call, "an input is left out; expected two");
  if (wanted.count > CIMC_RANK_MAX)
    return cimc_call_refuse(call, "more than %d dimensions", CIMC_RANK_MAX);
  cimc_shape to = {.rank = (int)wanted.count};
  if (to.rank < x.shape.rank)
    to.rank = x.shape.rank;
  for (int i = 0; i < to.rank; i++) {
    int from = x.shape.rank - to.rank + i;
    int64_t own = from < 0 ? 1 : x.shape.dim[from];
    int64_t k = wanted.count - to.rank + i;
    int64_t other = k < 0 ? 1 : wanted.at[k];
    if (own != other && own != 1 && other != 1)
      return cimc_call_error(
          call, "dimension %d is %" PRId64 " and shall become %" PRId64, i, own,
          other);
    to.dim[i] = own == 1 ? other : own;
  }
  if (cimc_ir_element_count(&to) < 1)
    return cimc_call_refuse(call, "a result without elements");
  return cimc_term_define(call, 0, cimc_term_expand(call, x, &to));
}

MlirLogicalResult cimc_ops_move_tile(cimc_call *call) {
  cimc_call_list repeats;
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(cimc_call_ints(call, 1, "repeats", &repeats));
  if (!x.sound)
    return mlirLogicalResultFailure();
  if (repeats.count != x.shape.rank)
    return cimc_call_error(call,
                           "%" PRId64 " repeats for rank %d; expected as "
                           "many",
                           repeats.count, x.shape.rank);
  for (int i = 0; x.sound && i < x.shape.rank; i++) {
    int64_t size = x.shape.dim[i], count;
    if (repeats.at[i] < 1 ||
        __builtin_mul_overflow(size, repeats.at[i], &count))
      return cimc_call_refuse(call, "%" PRId64 " repeats", repeats.at[i]);
    int64_t *at = cimc_arena_alloc(call->source->arena, (size_t)count, 8);
    if (!at)
      return cimc_call_error(call,
                             "the model needs more memory than is allowed");
    for (int64_t k = 0; k < count; k++)
      at[k] = k % size;
    x = cimc_term_take(
        call, x, &(cimc_term_indices){.axis = i, .count = count, .at = at});
  }
  return cimc_term_define(call, 0, x);
}

// -- Between depth and space -------------------------------------------------
// x seen as `shape` of rank 6, permuted, and seen as `to`.
static MlirLogicalResult regroup(cimc_call *call, cimc_term x,
                                 const int64_t dims[6], const int64_t perm[6],
                                 const cimc_shape *to) {
  cimc_shape six = {.rank = 6};
  memcpy(six.dim, dims, 6 * sizeof *dims);
  x = cimc_term_transpose(call, cimc_term_reshape(call, x, &six), perm);
  return cimc_term_define(call, 0, cimc_term_reshape(call, x, to));
}

static MlirLogicalResult read_block(cimc_call *call, cimc_term *x,
                                    int64_t *out) {
  *out = 0;
  *x = cimc_term_input(call, 0);
  CIMC_TRY(cimc_call_i64(call, "blocksize", out));
  if (!x->sound)
    return mlirLogicalResultFailure();
  if (x->shape.rank != 4)
    return cimc_call_error(call, "the input has rank %d; expected 4",
                           x->shape.rank);
  if (*out < 1 || *out > 1 << 15)
    return cimc_call_error(call, "blocksize is %" PRId64 "; expected 1 or more",
                           *out);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_move_depth_to_space(cimc_call *call) {
  static const int64_t dcr[] = {0, 3, 4, 1, 5, 2}, crd[] = {0, 1, 4, 2, 5, 3};
  const char *mode = "DCR";
  int64_t b;
  cimc_term x;
  CIMC_TRY(read_block(call, &x, &b));
  CIMC_TRY(cimc_call_text(call, "mode", &mode));
  const int64_t *d = x.shape.dim;
  bool depth_first = strcmp(mode, "DCR") == 0;
  if (!depth_first && strcmp(mode, "CRD") != 0)
    return cimc_call_error(call, "mode is '%.20s'; expected DCR or CRD", mode);
  if (d[1] % (b * b) != 0)
    return cimc_call_error(call,
                           "%" PRId64 " channels for blocks of %" PRId64
                           "; expected a multiple of its square",
                           d[1], b);
  int64_t c = d[1] / (b * b);
  cimc_shape to = {.rank = 4, .dim = {d[0], c, d[2] * b, d[3] * b}};
  int64_t first[] = {d[0], b, b, c, d[2], d[3]};
  int64_t last[] = {d[0], c, b, b, d[2], d[3]};
  return regroup(call, x, depth_first ? first : last, depth_first ? dcr : crd,
                 &to);
}

MlirLogicalResult cimc_ops_move_space_to_depth(cimc_call *call) {
  static const int64_t perm[] = {0, 3, 5, 1, 2, 4};
  int64_t b;
  cimc_term x;
  CIMC_TRY(read_block(call, &x, &b));
  const int64_t *d = x.shape.dim;
  if (d[2] % b != 0 || d[3] % b != 0)
    return cimc_call_error(call,
                           "%" PRId64 "x%" PRId64 " pixels for blocks of "
                           "%" PRId64 "; expected multiples",
                           d[2], d[3], b);
  cimc_shape to = {.rank = 4, .dim = {d[0], d[1] * b * b, d[2] / b, d[3] / b}};
  int64_t dims[] = {d[0], d[1], d[2] / b, b, d[3] / b, b};
  return regroup(call, x, dims, perm, &to);
}

// -- Pad ---------------------------------------------------------------------
// The padding of each dimension, of all or of those that `axes` names.
static MlirLogicalResult read_pads(cimc_call *call, int rank,
                                   cimc_term_pads *out) {
  cimc_call_list pads, axes = {.count = -1};
  CIMC_TRY(cimc_call_ints(call, 1, "pads", &pads));
  if (cimc_call_has_input(call, 3))
    CIMC_TRY(cimc_call_axes(call, 3, rank, &axes));
  int64_t count = axes.count >= 0 ? axes.count : rank;
  if (pads.count != 2 * count)
    return cimc_call_error(call,
                           "'pads' has %" PRId64 " elements; expected "
                           "%" PRId64 ", two for each axis",
                           pads.count < 0 ? 0 : pads.count, 2 * count);
  for (int64_t i = 0; i < count; i++) {
    int64_t axis = axes.count >= 0 ? axes.at[i] : i;
    out->low[axis] = pads.at[i];
    out->high[axis] = pads.at[count + i];
    if (out->low[axis] > INT32_MAX || out->high[axis] > INT32_MAX ||
        out->low[axis] < -INT32_MAX || out->high[axis] < -INT32_MAX)
      return cimc_call_error(call, "a pad is beyond 2^31");
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult read_value(cimc_call *call, const cimc_term *x,
                                    float *out) {
  const cimc_tensor *tensor;
  CIMC_TRY(cimc_call_real(call, "value", out));
  if (cimc_call_has_input(call, 2)) {
    CIMC_TRY(cimc_call_constant(call, 2, "constant_value", &tensor));
    if (tensor->count != 1 || tensor->elem != x->elem)
      return cimc_call_error(call,
                             "'constant_value' is not one %s; expected "
                             "one",
                             cimc_proto_elem_name(x->elem));
    bool real = x->elem == CIMC_ELEM_FLOAT;
    int64_t whole = real ? 0 : cimc_tensor_i64(tensor, 0);
    *out = real ? cimc_tensor_f32(tensor, 0) : (float)whole;
    if (whole > 1 << 24 || whole < -(1 << 24))
      return cimc_call_refuse(call, "a padding value above 2^24");
  }
  if (isnan(*out))
    return cimc_call_error(call, "the padding value is not a number; expected "
                                 "one");
  return mlirLogicalResultSuccess();
}

// Which element of `size` stands at place i, outside of them too.
static int64_t source_of(char mode, int64_t i, int64_t size) {
  int64_t period = mode == 'w' ? size : 2 * (size - 1);
  if (mode == 'e')
    return clamp(i, 0, size - 1);
  if (period == 0)
    return 0;
  i = (i % period + period) % period;
  return i < size ? i : period - i;
}

static cimc_term pad_by_index(cimc_call *call, cimc_term x,
                              const cimc_term_pads *pads, char mode) {
  for (int axis = 0; x.sound && axis < x.shape.rank; axis++) {
    int64_t size = x.shape.dim[axis];
    int64_t count = size + pads->low[axis] + pads->high[axis];
    int64_t *at = count < 1
                      ? NULL
                      : cimc_arena_alloc(call->source->arena, (size_t)count, 8);
    if (!at) {
      cimc_call_error(call, "a dimension becomes %" PRId64, count);
      return CIMC_TERM_NONE;
    }
    for (int64_t i = 0; i < count; i++)
      at[i] = source_of(mode, i - pads->low[axis], size);
    x = cimc_term_take(
        call, x, &(cimc_term_indices){.axis = axis, .count = count, .at = at});
  }
  return x;
}

// Negative pads cut off.
static cimc_term pad_by_value(cimc_call *call, cimc_term x,
                              cimc_term_pads *pads) {
  cimc_term_range range = cimc_term_whole(&x);
  for (int i = 0; i < x.shape.rank; i++) {
    int64_t *both[] = {&pads->low[i], &pads->high[i]};
    for (int k = 0; k < 2; k++)
      if (*both[k] < 0) {
        range.start[i] -= k == 0 ? *both[k] : 0;
        range.size[i] += *both[k];
        *both[k] = 0;
      }
    if (range.size[i] < 1) {
      cimc_call_refuse(call, "negative pads that leave nothing");
      return CIMC_TERM_NONE;
    }
  }
  x = cimc_term_slice(call, x, &range);
  return x.sound ? cimc_term_pad(call, x, pads) : x;
}

MlirLogicalResult cimc_ops_move_pad(cimc_call *call) {
  const char *mode = "constant";
  cimc_term_pads pads = {.value = 0.0f};
  cimc_term x = cimc_term_input(call, 0);
  if (!x.sound)
    return mlirLogicalResultFailure();
  CIMC_TRY(cimc_call_text(call, "mode", &mode));
  CIMC_TRY(read_pads(call, x.shape.rank, &pads));
  if (strcmp(mode, "edge") == 0 || strcmp(mode, "reflect") == 0 ||
      strcmp(mode, "wrap") == 0)
    return cimc_term_define(call, 0, pad_by_index(call, x, &pads, mode[0]));
  if (strcmp(mode, "constant") != 0)
    return cimc_call_error(call,
                           "mode is '%.20s'; expected constant, edge, "
                           "reflect or wrap",
                           mode);
  CIMC_TRY(read_value(call, &x, &pads.value));
  return cimc_term_define(call, 0, pad_by_value(call, x, &pads));
}

// -- CenterCropPad -----------------------------------------------------------
MlirLogicalResult cimc_ops_move_center(cimc_call *call) {
  cimc_call_list wanted, axes;
  cimc_term_pads pads = {.value = 0.0f};
  cimc_term x = cimc_term_input(call, 0);
  if (!x.sound)
    return mlirLogicalResultFailure();
  CIMC_TRY(cimc_call_ints(call, 1, "shape", &wanted));
  CIMC_TRY(cimc_call_axes(call, SIZE_MAX, x.shape.rank, &axes));
  if (wanted.count != (axes.count >= 0 ? axes.count : x.shape.rank))
    return cimc_call_error(call,
                           "%" PRId64 " sizes; expected one for each "
                           "axis",
                           wanted.count);
  for (int64_t i = 0; i < wanted.count; i++) {
    int64_t axis = axes.count >= 0 ? axes.at[i] : i;
    int64_t more = wanted.at[i] - x.shape.dim[axis];
    if (wanted.at[i] < 1 || wanted.at[i] > INT32_MAX)
      return cimc_call_error(call, "a size is %" PRId64 "; expected 1 or more",
                             wanted.at[i]);
    // The odd one is after when padding, and when cutting too.
    pads.low[axis] = more > 0 ? more / 2 : -(-more / 2);
    pads.high[axis] = more - pads.low[axis];
  }
  return cimc_term_define(call, 0, pad_by_value(call, x, &pads));
}
