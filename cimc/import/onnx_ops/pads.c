// SPDX-License-Identifier: Apache-2.0
//
// auto_pad and ceil_mode as explicit pads. Formulas: the ONNX operator
// reference of Conv and MaxPool.
#include "cimc/import/onnx_ops/pads.h"

#include <inttypes.h>
#include <string.h>

// Reads a list attribute of `count` elements, each in [low, 2^31).
static MlirLogicalResult read_list(cimc_call *call, const char *name,
                                   int64_t count, int64_t low, int64_t *out) {
  cimc_call_list list;
  CIMC_TRY(cimc_call_ints(call, SIZE_MAX, name, &list));
  if (list.count < 0)
    return mlirLogicalResultSuccess();
  if (list.count != count)
    return cimc_call_error(call,
                           "'%s' has %" PRId64 " elements; expected "
                           "%" PRId64,
                           name, list.count, count);
  for (int64_t i = 0; i < count; i++) {
    if (list.at[i] < 0 && low == 0)
      return cimc_call_refuse(call, "negative %s", name);
    if (list.at[i] < low || list.at[i] > INT32_MAX)
      return cimc_call_error(
          call, "'%s' has %" PRId64 "; expected %" PRId64 " to 2^31 - 1", name,
          list.at[i], low);
    out[i] = list.at[i];
  }
  return mlirLogicalResultSuccess();
}

typedef struct padding {
  bool same;
  bool lower; // the odd one goes before, not after
  bool ceil;
} padding;

static MlirLogicalResult read_padding(cimc_call *call, padding *out,
                                      cimc_pads_box *box) {
  const char *mode = "NOTSET";
  int64_t ceil = 0;
  CIMC_TRY(cimc_call_text(call, "auto_pad", &mode));
  CIMC_TRY(cimc_call_i64(call, "ceil_mode", &ceil));
  out->lower = strcmp(mode, "SAME_LOWER") == 0;
  out->same = out->lower || strcmp(mode, "SAME_UPPER") == 0;
  out->ceil = ceil != 0 && !out->same;
  if (out->same || strcmp(mode, "VALID") == 0) {
    memset(box->before, 0, sizeof box->before);
    memset(box->after, 0, sizeof box->after);
  } else if (strcmp(mode, "NOTSET") != 0 && mode[0] != '\0') {
    return cimc_call_error(call,
                           "auto_pad is '%s'; expected NOTSET, "
                           "SAME_UPPER, SAME_LOWER or VALID",
                           mode);
  }
  return mlirLogicalResultSuccess();
}

// One spatial dimension: fills the pads of SAME, the extra of ceil_mode and
// the result's size.
static MlirLogicalResult pad_axis(cimc_call *call, const padding *how,
                                  int64_t in, int axis, cimc_pads_box *w) {
  int64_t *before = &w->before[axis], *after = &w->after[axis];
  int64_t stride = w->strides[axis];
  int64_t span = (w->kernel[axis] - 1) * w->dilations[axis] + 1;
  if (how->same) {
    int64_t out = (in + stride - 1) / stride;
    int64_t total = (out - 1) * stride + span - in;
    total = total > 0 ? total : 0;
    *before = how->lower ? total - total / 2 : total / 2;
    *after = total - *before;
  }
  int64_t padded = in + *before + *after;
  if (span > padded)
    return cimc_call_error(call,
                           "the kernel spans %" PRId64 " of a padded "
                           "input of %" PRId64 "; expected it to fit",
                           span, padded);
  w->out[axis] = (padded - span) / stride + 1;
  if (!how->ceil)
    return mlirLogicalResultSuccess();
  int64_t out = (padded - span + stride - 1) / stride + 1;
  if ((out - 1) * stride >= in + *before)
    out--; // a window that would start beyond the input does not count
  int64_t needed = (out - 1) * stride + span - padded;
  w->extra[axis] = needed > 0 ? needed : 0;
  w->out[axis] = out;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_pads_read_box(cimc_call *call, const cimc_shape *input,
                                     const int64_t *kernel,
                                     cimc_pads_box *out) {
  int spatial = input->rank - 2;
  int64_t pads[2 * CIMC_RANK_MAX] = {0}, given[CIMC_RANK_MAX] = {0};
  *out = (cimc_pads_box){.spatial = spatial};
  for (int i = 0; i < spatial; i++)
    out->strides[i] = out->dilations[i] = 1;
  CIMC_TRY(read_list(call, "kernel_shape", spatial, 1, given));
  CIMC_TRY(read_list(call, "strides", spatial, 1, out->strides));
  CIMC_TRY(read_list(call, "dilations", spatial, 1, out->dilations));
  CIMC_TRY(read_list(call, "pads", 2 * (int64_t)spatial, 0, pads));
  for (int i = 0; i < spatial; i++) {
    if (kernel && given[i] != 0 && given[i] != kernel[i])
      return cimc_call_error(call,
                             "kernel_shape says %" PRId64 " but the "
                             "weights have %" PRId64,
                             given[i], kernel[i]);
    out->kernel[i] = kernel ? kernel[i] : given[i];
    if (out->kernel[i] < 1 || out->kernel[i] > INT32_MAX)
      return cimc_call_error(
          call, "the kernel's size is %" PRId64 "; expected 1 to 2^31 - 1",
          out->kernel[i]);
    out->before[i] = pads[i];
    out->after[i] = pads[spatial + i];
  }
  padding how;
  CIMC_TRY(read_padding(call, &how, out));
  for (int i = 0; i < spatial; i++)
    CIMC_TRY(pad_axis(call, &how, input->dim[2 + i], i, out));
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_pads_read(cimc_call *call, const cimc_shape *input,
                                 const int64_t *kernel, cimc_pads_window *out) {
  cimc_pads_box box;
  CIMC_TRY(cimc_pads_read_box(call, input, kernel, &box));
  *out = (cimc_pads_window){
      .kernel = {1, 1}, .strides = {1, 1}, .dilations = {1, 1}};
  int first = 2 - box.spatial;
  for (int i = 0; i < box.spatial; i++) {
    out->kernel[first + i] = box.kernel[i];
    out->strides[first + i] = box.strides[i];
    out->dilations[first + i] = box.dilations[i];
    out->pads[first + i] = box.before[i];
    out->pads[2 + first + i] = box.after[i];
    out->extra[first + i] = box.extra[i];
  }
  return mlirLogicalResultSuccess();
}
