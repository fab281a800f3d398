// SPDX-License-Identifier: Apache-2.0
//
// Pools of any rank, type and dilation, as slices along one dimension after
// the other: maxima and sums over a box separate. What qgemm's own pools
// compute goes to them (ops_window.c).
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/pads.h"
#include "cimc/import/onnx_ops/term.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

// Slices along one dimension: each is an op.
#define TAPS_MAX 256

// Whether qgemm's pools take the node.
static MlirLogicalResult is_plain(cimc_call *call, bool of_bytes, bool *out) {
  cimc_call_list dilations;
  *out = false;
  if (!cimc_call_has_input(call, 0))
    return cimc_call_error(call, "input 0 is left out; expected it");
  const cimc_shape *shape = cimc_call_shape(call, 0);
  int64_t elem = cimc_call_input(call, 0)->elem;
  CIMC_TRY(cimc_call_ints(call, SIZE_MAX, "dilations", &dilations));
  bool bytes = elem == CIMC_ELEM_INT8 || elem == CIMC_ELEM_UINT8;
  *out = shape->rank <= 4 && (elem == CIMC_ELEM_FLOAT || (of_bytes && bytes));
  for (int64_t i = 0; i < dilations.count; i++)
    *out &= dilations.at[i] == 1;
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult read_box(cimc_call *call, const cimc_term *x,
                                  cimc_pads_box *out) {
  if (!x->sound)
    return mlirLogicalResultFailure();
  if (x->shape.rank < 3)
    return cimc_call_error(call, "the input has rank %d; expected [N, C, H, W]",
                           x->shape.rank);
  CIMC_TRY(cimc_pads_read_box(call, &x->shape, NULL, out));
  for (int i = 0; i < out->spatial; i++)
    if (out->kernel[i] > TAPS_MAX)
      return cimc_call_refuse(call, "a kernel of %" PRId64, out->kernel[i]);
  return mlirLogicalResultSuccess();
}

// The windows' maxima or sums; what is outside has that value.
static cimc_term windows(cimc_call *call, cimc_term x, cimc_qgemm_kind kind,
                         const cimc_pads_box *box, float outside) {
  cimc_term_pads pads = {.value = outside};
  for (int i = 0; i < box->spatial; i++) {
    pads.low[2 + i] = box->before[i];
    pads.high[2 + i] = box->after[i] + box->extra[i];
  }
  x = cimc_term_pad(call, x, &pads);
  for (int i = 0; x.sound && i < box->spatial; i++) {
    cimc_term all = x;
    cimc_term_range range = cimc_term_whole(&all);
    range.size[2 + i] = box->out[i];
    range.step[2 + i] = box->out[i] > 1 ? box->strides[i] : 1;
    for (int64_t k = 0; k < box->kernel[i]; k++) {
      range.start[2 + i] = k * box->dilations[i];
      cimc_term tap = cimc_term_slice(call, all, &range);
      x = k == 0 ? tap : cimc_term_binary(call, kind, x, tap);
    }
  }
  return x;
}

// -- Maximum -----------------------------------------------------------------
static float least(int64_t elem) {
  if (elem == CIMC_ELEM_FLOAT)
    return -INFINITY;
  return (float)cimc_storage_min(cimc_call_storage(elem));
}

MlirLogicalResult cimc_ops_pool_max(cimc_call *call) {
  bool plain;
  cimc_pads_box box;
  CIMC_TRY(is_plain(call, true, &plain));
  if (plain)
    return cimc_ops_window_max_pool(call);
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(read_box(call, &x, &box));
  return cimc_term_define(
      call, 0, windows(call, x, CIMC_QGEMM_MAX, &box, least(x.elem)));
}

// -- Average -----------------------------------------------------------------
// How many elements of window i along a dimension count.
static int64_t count_of(const cimc_pads_box *box, int axis, int64_t i,
                        int64_t size, bool with_pads) {
  int64_t count = 0;
  int64_t low = with_pads ? -box->before[axis] : 0;
  int64_t high = size + (with_pads ? box->after[axis] : 0);
  for (int64_t k = 0; k < box->kernel[axis]; k++) {
    int64_t at =
        i * box->strides[axis] - box->before[axis] + k * box->dilations[axis];
    count += at >= low && at < high;
  }
  return count;
}

// x divided by the counts along one dimension.
static cimc_term divided(cimc_call *call, cimc_term x, int axis,
                         const int64_t *counts) {
  unsigned char *data;
  cimc_shape shape = {.rank = x.shape.rank};
  for (int i = 0; i < shape.rank; i++)
    shape.dim[i] = i == axis ? x.shape.dim[i] : 1;
  cimc_tensor *out =
      cimc_tensor_create(call->source, CIMC_ELEM_FLOAT, &shape, &data);
  for (int64_t i = 0; out && i < out->count; i++)
    cimc_tensor_put_f32(data, i, counts[i] > 0 ? (float)counts[i] : 1.0f);
  return cimc_term_binary(call, CIMC_QGEMM_DIV, x, cimc_term_known(out));
}

MlirLogicalResult cimc_ops_pool_average(cimc_call *call) {
  bool plain;
  int64_t with_pads = 0;
  cimc_pads_box box;
  CIMC_TRY(is_plain(call, false, &plain));
  if (plain)
    return cimc_ops_window_average_pool(call);
  cimc_term x = cimc_term_f32(call, 0);
  CIMC_TRY(read_box(call, &x, &box));
  CIMC_TRY(cimc_call_i64(call, "count_include_pad", &with_pads));
  cimc_shape shape = x.shape;
  x = windows(call, x, CIMC_QGEMM_ADD, &box, 0.0f);
  for (int i = 0; x.sound && i < box.spatial; i++) {
    int64_t *counts =
        cimc_arena_alloc(call->source->arena, (size_t)box.out[i], 8);
    if (!counts)
      return cimc_call_error(call,
                             "the model needs more memory than is allowed");
    for (int64_t k = 0; k < box.out[i]; k++)
      counts[k] = count_of(&box, i, k, shape.dim[2 + i], with_pads != 0);
    x = divided(call, x, 2 + i, counts);
  }
  return cimc_term_define(call, 0, x);
}

// -- Of the p-th powers ------------------------------------------------------
static cimc_term power(cimc_call *call, cimc_term x, int64_t p, bool root) {
  if (p == 1)
    return root ? x : cimc_term_unary(call, CIMC_QGEMM_ABS, x);
  if (p == 2)
    return root ? cimc_term_unary(call, CIMC_QGEMM_SQRT, x)
                : cimc_term_binary(call, CIMC_QGEMM_MUL, x, x);
  if (!root)
    x = cimc_term_unary(call, CIMC_QGEMM_ABS, x);
  return cimc_term_with(call, CIMC_QGEMM_POW, x,
                        root ? 1.0 / (double)p : (double)p);
}

static MlirLogicalResult read_power(cimc_call *call, int64_t *out) {
  *out = 2;
  CIMC_TRY(cimc_call_i64(call, "p", out));
  if (*out < 1 || *out > 1024)
    return cimc_call_error(call, "p is %" PRId64 "; expected 1 or more", *out);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_pool_lp(cimc_call *call) {
  int64_t p;
  cimc_pads_box box;
  cimc_term x = cimc_term_f32(call, 0);
  CIMC_TRY(read_box(call, &x, &box));
  CIMC_TRY(read_power(call, &p));
  x = windows(call, power(call, x, p, false), CIMC_QGEMM_ADD, &box, 0.0f);
  return cimc_term_define(call, 0, power(call, x, p, true));
}

// -- Over everything ---------------------------------------------------------
// All dimensions behind the channels.
static MlirLogicalResult spatial_axes(cimc_call *call, const cimc_term *x,
                                      cimc_term_axes *out) {
  *out = (cimc_term_axes){.keep = true};
  if (!x->sound)
    return mlirLogicalResultFailure();
  if (x->shape.rank < 3)
    return cimc_call_error(call, "the input has rank %d; expected [N, C, H, W]",
                           x->shape.rank);
  for (int i = 2; i < x->shape.rank; i++)
    out->at[i] = true;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_pool_global_lp(cimc_call *call) {
  int64_t p;
  cimc_term_axes axes;
  cimc_term x = cimc_term_f32(call, 0);
  CIMC_TRY(spatial_axes(call, &x, &axes));
  CIMC_TRY(read_power(call, &p));
  x = cimc_term_reduce(call, CIMC_QGEMM_REDUCE_SUM, power(call, x, p, false),
                       &axes);
  return cimc_term_define(call, 0, power(call, x, p, true));
}

MlirLogicalResult cimc_ops_pool_global_max(cimc_call *call) {
  bool plain;
  cimc_term_axes axes;
  CIMC_TRY(is_plain(call, true, &plain));
  if (plain)
    return cimc_ops_window_global_max(call);
  cimc_term x = cimc_term_input(call, 0);
  CIMC_TRY(spatial_axes(call, &x, &axes));
  return cimc_term_define(
      call, 0, cimc_term_reduce(call, CIMC_QGEMM_REDUCE_MAX, x, &axes));
}

MlirLogicalResult cimc_ops_pool_global_average(cimc_call *call) {
  bool plain;
  cimc_term_axes axes;
  CIMC_TRY(is_plain(call, false, &plain));
  if (plain)
    return cimc_ops_window_global_average(call);
  cimc_term x = cimc_term_f32(call, 0);
  CIMC_TRY(spatial_axes(call, &x, &axes));
  return cimc_term_define(
      call, 0, cimc_term_reduce(call, CIMC_QGEMM_REDUCE_MEAN, x, &axes));
}
