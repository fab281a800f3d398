// SPDX-License-Identifier: Apache-2.0
//
// ConvTranspose: zeros between the input's pixels, then a convolution of
// stride 1 with the weights turned round.
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/term.h"
#include "cimc/import/onnx_ops/weights.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// Height and width; what has one spatial dimension has height 1.
typedef struct transposed {
  int64_t groups;
  int64_t channels_in; // of a group, as the next
  int64_t channels_out;
  int64_t kernel[2];
  int64_t strides[2];
  int64_t dilations[2];
  int64_t before[2]; // what is cut off the result
  int64_t after[2];
  int64_t more[2]; // output_padding
} transposed;

static MlirLogicalResult read_list(cimc_call *call, const char *name,
                                   int64_t count, int64_t least, int64_t *out) {
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
    if (list.at[i] < least || list.at[i] > 1 << 20)
      return cimc_call_refuse(call, "%s of %" PRId64, name, list.at[i]);
    out[i] = list.at[i];
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult read_weights(cimc_call *call, const cimc_shape *input,
                                      const cimc_tensor *weights,
                                      transposed *out) {
  out->groups = 1;
  CIMC_TRY(cimc_call_i64(call, "group", &out->groups));
  const int64_t *dim = weights->shape.dim;
  if (weights->elem != CIMC_ELEM_FLOAT || weights->shape.rank != input->rank ||
      weights->count < 1 || out->groups < 1 || dim[0] != input->dim[1] ||
      dim[0] % out->groups != 0)
    return cimc_call_error(call,
                           "the weights do not fit %" PRId64
                           " input channels in %" PRId64 " groups",
                           input->dim[1], out->groups);
  out->channels_in = dim[0] / out->groups;
  out->channels_out = dim[1];
  int first = 4 - input->rank;
  for (int i = 0; i < 2; i++) {
    out->kernel[i] = i < first ? 1 : dim[2 + i - first];
    out->strides[i] = out->dilations[i] = 1;
    if (out->kernel[i] > 1 << 20)
      return cimc_call_refuse(call, "a kernel of %" PRId64, out->kernel[i]);
  }
  return mlirLogicalResultSuccess();
}

// Where the result's size is wanted, or auto_pad says it, pads follow from it.
static void pad_to(transposed *self, int axis, int64_t in, int64_t wanted,
                   bool upper) {
  int64_t span = (self->kernel[axis] - 1) * self->dilations[axis] + 1;
  int64_t total =
      (in - 1) * self->strides[axis] + self->more[axis] + span - wanted;
  if (total < 0) { // the result is longer than what the kernel reaches
    self->more[axis] -= total;
    total = 0;
  }
  self->before[axis] = upper ? total / 2 : total - total / 2;
  self->after[axis] = total - self->before[axis];
}

static MlirLogicalResult read_pads(cimc_call *call, const cimc_shape *input,
                                   transposed *self) {
  const char *mode = "NOTSET";
  int spatial = input->rank - 2, first = 2 - spatial;
  int64_t pads[4] = {0}, wanted[2] = {0, 0};
  CIMC_TRY(cimc_call_text(call, "auto_pad", &mode));
  CIMC_TRY(read_list(call, "strides", spatial, 1, &self->strides[first]));
  CIMC_TRY(read_list(call, "dilations", spatial, 1, &self->dilations[first]));
  CIMC_TRY(read_list(call, "output_padding", spatial, 0, &self->more[first]));
  CIMC_TRY(read_list(call, "pads", 2 * (int64_t)spatial, 0, pads));
  CIMC_TRY(read_list(call, "output_shape", spatial, 1, &wanted[first]));
  bool upper = strcmp(mode, "SAME_UPPER") == 0;
  bool same = upper || strcmp(mode, "SAME_LOWER") == 0;
  if (!same && strcmp(mode, "NOTSET") != 0 && strcmp(mode, "VALID") != 0 &&
      mode[0] != '\0')
    return cimc_call_error(call, "auto_pad is '%.20s'", mode);
  for (int i = 0; i < spatial; i++) {
    int axis = first + i;
    int64_t in = input->dim[2 + i];
    if (mode[0] != 'V') {
      self->before[axis] = pads[i];
      self->after[axis] = pads[spatial + i];
    }
    if (wanted[axis] != 0)
      pad_to(self, axis, in, wanted[axis], upper);
    else if (same)
      pad_to(self, axis, in, in * self->strides[axis], upper);
  }
  return mlirLogicalResultSuccess();
}

// [C_in, O, KH, KW] in groups becomes [groups * O, KH, KW, C_in / groups],
// turned by half a turn.
static MlirLogicalResult turn_weights(cimc_call *call, const transposed *self,
                                      const cimc_tensor *from, MlirValue *out) {
  int64_t in = self->channels_in, o = self->channels_out;
  int64_t h = self->kernel[0], w = self->kernel[1];
  cimc_shape shape = {.rank = 4, .dim = {self->groups * o, h, w, in}};
  float *data = malloc((size_t)from->count * sizeof *data);
  if (!data)
    return cimc_call_error(call, "there is not enough memory");
  int64_t to = 0;
  for (int64_t c = 0; c < self->groups * o; c++)
    for (int64_t y = h - 1; y >= 0; y--)
      for (int64_t x = w - 1; x >= 0; x--)
        for (int64_t i = 0; i < in; i++)
          data[to++] = cimc_tensor_f32(
              from, (((c / o * in + i) * o + c % o) * h + y) * w + x);
  MlirLogicalResult result = cimc_weights_create(call, &shape, data, out);
  free(data);
  return result;
}

// The input, channels last, with zeros between and around its pixels: as many
// around as the kernel reaches, less what would be cut off again.
static cimc_term spread(cimc_call *call, cimc_term x, transposed *self) {
  static const int64_t to_last[] = {0, 2, 3, 1};
  cimc_shape four = x.shape;
  if (four.rank == 3)
    four = (cimc_shape){.rank = 4,
                        .dim = {four.dim[0], four.dim[1], 1, four.dim[2]}};
  x = cimc_term_reshape(call, x, &four);
  x = cimc_term_transpose(call, x, to_last);
  cimc_term_pads pads = {.value = 0.0f};
  for (int i = 0; i < 2; i++) {
    int64_t reach = (self->kernel[i] - 1) * self->dilations[i];
    int64_t low = self->before[i] < reach ? self->before[i] : reach;
    int64_t high = self->after[i] < reach ? self->after[i] : reach;
    pads.interior[1 + i] = self->strides[i] - 1;
    pads.low[1 + i] = reach - low;
    pads.high[1 + i] = reach - high + self->more[i];
    self->before[i] -= low;
    self->after[i] -= high;
  }
  return x.sound ? cimc_term_pad(call, x, &pads) : x;
}

static cimc_term convolve(cimc_call *call, cimc_term x, const transposed *self,
                          const cimc_tensor *weights) {
  static const int64_t ones[] = {1, 1}, zeros[] = {0, 0, 0, 0};
  const cimc_builder *b = &call->builder;
  cimc_builder_op op = {
      .kind = CIMC_QGEMM_CONV2D,
      .operand_count = cimc_call_has_input(call, 2) ? 3 : 2,
      .attributes = {cimc_builder_i64s(b, "strides", 2, ones),
                     cimc_builder_i64s(b, "pads", 4, zeros),
                     cimc_builder_i64s(b, "dilations", 2, self->dilations),
                     cimc_builder_i64(b, "groups", self->groups)},
      .attribute_count = 4};
  if (mlirLogicalResultIsFailure(cimc_term_value(call, &x, op.operands)) ||
      mlirLogicalResultIsFailure(
          turn_weights(call, self, weights, &op.operands[1])) ||
      (op.operand_count == 3 &&
       mlirLogicalResultIsFailure(cimc_call_f32(call, 2, &op.operands[2]))))
    return CIMC_TERM_NONE;
  MlirValue made = cimc_builder_create(b, &op);
  if (mlirValueIsNull(made))
    return CIMC_TERM_NONE;
  cimc_shape shape = cimc_builder_shape(made);
  return cimc_term_made(made, CIMC_ELEM_FLOAT, &shape);
}

MlirLogicalResult cimc_ops_transposed_conv(cimc_call *call) {
  static const int64_t to_first[] = {0, 3, 1, 2};
  transposed self = {.groups = 1};
  const cimc_tensor *weights;
  cimc_term x = cimc_term_f32(call, 0);
  CIMC_TRY(cimc_call_constant(call, 1, "the weights", &weights));
  if (!x.sound)
    return mlirLogicalResultFailure();
  cimc_shape input = x.shape;
  if (input.rank < 3)
    return cimc_call_error(call, "the input has rank %d; expected [N, C, H, W]",
                           input.rank);
  if (input.rank > 4)
    return cimc_call_refuse(call, "%d spatial dimensions", input.rank - 2);
  CIMC_TRY(read_weights(call, &input, weights, &self));
  CIMC_TRY(read_pads(call, &input, &self));
  x = convolve(call, spread(call, x, &self), &self, weights);
  if (!x.sound)
    return mlirLogicalResultFailure();
  cimc_term_range range = cimc_term_whole(&x);
  for (int i = 0; i < 2; i++) {
    range.start[1 + i] = self.before[i];
    range.size[1 + i] -= self.before[i] + self.after[i];
    if (range.size[1 + i] < 1)
      return cimc_call_error(call, "the pads leave nothing of the result");
  }
  x = cimc_term_transpose(call, cimc_term_slice(call, x, &range), to_first);
  if (x.sound && input.rank == 3) {
    cimc_shape three = {
        .rank = 3, .dim = {x.shape.dim[0], x.shape.dim[1], x.shape.dim[3]}};
    x = cimc_term_reshape(call, x, &three);
  }
  return cimc_term_define(call, 0, x);
}
