// SPDX-License-Identifier: Apache-2.0
//
// Blocks of height and width that become channels or batches, and back:
// reshape, transpose, reshape.
#include "cimc/import/tflite/move.h"
#include "cimc/import/tflite/ops.h"

#include <inttypes.h>

// Splits x into `six` dimensions, permutes them, and gives it shape `to`.
static MlirValue shuffle(const cimc_lite_call *call, MlirValue x,
                         const cimc_shape *split, const int64_t *perm,
                         const cimc_shape *to) {
  x = cimc_lite_move_reshape(call, x, split);
  x = cimc_builder_transpose(&call->builder, x, perm);
  return cimc_lite_move_reshape(call, x, to);
}

static MlirLogicalResult need_image(cimc_lite_call *call, MlirValue *x) {
  CIMC_TRY(cimc_lite_call_operand(call, 0, x));
  int rank = cimc_lite_call_shape(call, 0)->rank;
  return rank == 4 ? mlirLogicalResultSuccess()
                   : cimc_lite_call_refuse(call, "an input of rank %d", rank);
}

static MlirLogicalResult indivisible(cimc_lite_call *call, int64_t size,
                                     int64_t block) {
  return cimc_lite_call_error(call,
                              "%" PRId64 " elements in blocks of %" PRId64
                              "; expected a multiple",
                              size, block);
}

MlirLogicalResult cimc_lite_ops_depth_to_space(cimc_lite_call *call) {
  static const int64_t perm[] = {0, 1, 3, 2, 4, 5};
  int64_t b = cimc_lite_call_option(call, 0, CIMC_FLAT_I32, 0);
  MlirValue x;
  CIMC_TRY(need_image(call, &x));
  const int64_t *d = cimc_lite_call_shape(call, 0)->dim;
  if (b < 1 || b > INT16_MAX || d[3] % (b * b) != 0)
    return indivisible(call, d[3], b * b);
  int64_t rest = d[3] / (b * b);
  cimc_shape split = {.rank = 6, .dim = {d[0], d[1], d[2], b, b, rest}};
  cimc_shape to = {.rank = 4, .dim = {d[0], d[1] * b, d[2] * b, rest}};
  return cimc_lite_call_define(call, 0, shuffle(call, x, &split, perm, &to));
}

MlirLogicalResult cimc_lite_ops_space_to_depth(cimc_lite_call *call) {
  static const int64_t perm[] = {0, 1, 3, 2, 4, 5};
  int64_t b = cimc_lite_call_option(call, 0, CIMC_FLAT_I32, 0);
  MlirValue x;
  CIMC_TRY(need_image(call, &x));
  const int64_t *d = cimc_lite_call_shape(call, 0)->dim;
  if (b < 1 || b > INT16_MAX || d[1] % b != 0 || d[2] % b != 0)
    return indivisible(call, b > 0 && d[1] % b ? d[1] : d[2], b);
  cimc_shape split = {.rank = 6, .dim = {d[0], d[1] / b, b, d[2] / b, b, d[3]}};
  cimc_shape to = {.rank = 4, .dim = {d[0], d[1] / b, d[2] / b, d[3] * b * b}};
  // [N, H, b, W, b, C] to [N, H, W, b, b, C].
  return cimc_lite_call_define(call, 0, shuffle(call, x, &split, perm, &to));
}

// -- Batches -----------------------------------------------------------------
typedef struct blocks {
  int64_t size[2];
  int64_t edge[4]; // top, bottom, left, right: pads or crops
} blocks;

static MlirLogicalResult read_blocks(cimc_lite_call *call, blocks *out) {
  cimc_lite_list sizes, edges;
  CIMC_TRY(cimc_lite_call_ints(call, 1, "the block", &sizes));
  CIMC_TRY(cimc_lite_call_ints(call, 2, "the edges", &edges));
  if (sizes.count != 2 || edges.count != 4)
    return cimc_lite_call_refuse(call, "%" PRId64 " block dimensions",
                                 sizes.count);
  for (int i = 0; i < 4; i++) {
    if (i < 2)
      out->size[i] = sizes.at[i];
    out->edge[i] = edges.at[i];
    if (edges.at[i] < 0 || edges.at[i] > INT32_MAX ||
        (i < 2 && (sizes.at[i] < 1 || sizes.at[i] > INT16_MAX)))
      return cimc_lite_call_error(call, "a block or an edge is out of range; "
                                        "expected sizes of 1 and edges of 0 or "
                                        "more");
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_ops_space_to_batch(cimc_lite_call *call) {
  static const int64_t perm[] = {2, 4, 0, 1, 3, 5};
  blocks b;
  MlirValue x;
  CIMC_TRY(need_image(call, &x));
  CIMC_TRY(read_blocks(call, &b));
  int64_t low[] = {0, b.edge[0], b.edge[2], 0};
  int64_t high[] = {0, b.edge[1], b.edge[3], 0};
  x = cimc_lite_move_pad(call, x, low, high, 0.0f);
  if (mlirValueIsNull(x))
    return mlirLogicalResultFailure();
  cimc_shape shape = cimc_builder_shape(x);
  const int64_t *d = shape.dim;
  for (int i = 0; i < 2; i++)
    if (d[i + 1] % b.size[i] != 0)
      return indivisible(call, d[i + 1], b.size[i]);
  int64_t h = d[1] / b.size[0], w = d[2] / b.size[1];
  cimc_shape split = {.rank = 6,
                      .dim = {d[0], h, b.size[0], w, b.size[1], d[3]}};
  cimc_shape to = {.rank = 4,
                   .dim = {d[0] * b.size[0] * b.size[1], h, w, d[3]}};
  return cimc_lite_call_define(call, 0, shuffle(call, x, &split, perm, &to));
}

MlirLogicalResult cimc_lite_ops_batch_to_space(cimc_lite_call *call) {
  static const int64_t perm[] = {2, 3, 0, 4, 1, 5};
  blocks b;
  MlirValue x;
  CIMC_TRY(need_image(call, &x));
  CIMC_TRY(read_blocks(call, &b));
  const int64_t *d = cimc_lite_call_shape(call, 0)->dim;
  int64_t both = b.size[0] * b.size[1];
  if (d[0] % both != 0)
    return indivisible(call, d[0], both);
  cimc_shape split = {
      .rank = 6, .dim = {b.size[0], b.size[1], d[0] / both, d[1], d[2], d[3]}};
  cimc_shape to = {
      .rank = 4,
      .dim = {d[0] / both, d[1] * b.size[0], d[2] * b.size[1], d[3]}};
  cimc_lite_range range = cimc_lite_range_all(&to);
  for (int i = 0; i < 2; i++) {
    range.start[i + 1] = b.edge[2 * i];
    range.size[i + 1] -= b.edge[2 * i] + b.edge[2 * i + 1];
    if (range.size[i + 1] < 1)
      return cimc_lite_call_error(call,
                                  "the crops leave nothing; expected "
                                  "less than dimension %d",
                                  i + 1);
  }
  x = shuffle(call, x, &split, perm, &to);
  return cimc_lite_call_define(call, 0, cimc_lite_move_slice(call, x, &range));
}
