// SPDX-License-Identifier: Apache-2.0
//
// Convolutions and the fully connected layer. Activations are channels-last
// and weights [output, height, width, input], as qgemm has them.
#include "cimc/import/tflite/fuse.h"
#include "cimc/import/tflite/ops.h"
#include "cimc/import/tflite/ref.h"
#include "cimc/import/tflite/weights.h"

#include <inttypes.h>
#include <stdlib.h>

// A product of an input and constant weights.
typedef struct product {
  cimc_qgemm_kind kind;
  size_t input;         // what is multiplied, most often input 0
  size_t weights;       // their input
  const int64_t *perm;  // from the file's dimensions
  int rank;             // of the weights
  int64_t channel_axis; // of qgemm's weights
  int64_t bias;         // its input
  int64_t activation;
  bool turned;      // of a transposed convolution
  bool once;        // reference: rounded once, not twice
  cimc_shape shape; // of qgemm's weights
  int64_t channels;
  cimc_lite_scales scales;
} product;

// -- Weights and bias --------------------------------------------------------
static bool is_integer(const cimc_lite_call *call, const product *p) {
  return cimc_lite_is_quantized(cimc_lite_call_input(call, p->input));
}

static MlirLogicalResult check_weights(cimc_lite_call *call, const product *p) {
  const cimc_lite_tensor *w = cimc_lite_call_input(call, p->weights);
  if (!w || !cimc_lite_call_input(call, p->input))
    return cimc_lite_call_error(call, "%s: an input is left out; expected it",
                                call->op->type);
  if (!w->data.bytes)
    return cimc_lite_call_refuse(call, "weights that are not constant");
  if (w->is_sparse)
    return cimc_lite_call_refuse(call, "sparse weights");
  if (w->shape.rank != p->rank)
    return cimc_lite_call_error(call, "the weights have rank %d; expected %d",
                                w->shape.rank, p->rank);
  if (is_integer(call, p) && !cimc_lite_is_quantized(w))
    return cimc_lite_call_error(call,
                                "the input is quantized but the weights "
                                "are %s without scales",
                                cimc_lite_type_name(w->type));
  if (!is_integer(call, p) &&
      !cimc_lite_is_real(cimc_lite_call_input(call, p->input)))
    return cimc_lite_call_refuse(
        call, "an input of %s",
        cimc_lite_type_name(cimc_lite_call_input(call, p->input)->type));
  return mlirLogicalResultSuccess();
}

// The window from its last element to its first.
static void turn(cimc_lite_array *w) {
  size_t bytes = (size_t)cimc_storage_bytes(w->storage);
  int64_t plane = w->shape.dim[1] * w->shape.dim[2], inner = w->shape.dim[3];
  size_t row = (size_t)inner * bytes;
  for (int64_t o = 0; o < w->shape.dim[0]; o++) {
    char *at = (char *)w->data + (size_t)(o * plane) * row;
    for (int64_t i = 0, j = plane - 1; i < j; i++, j--)
      for (size_t b = 0; b < row; b++) {
        char swap = at[(size_t)i * row + b];
        at[(size_t)i * row + b] = at[(size_t)j * row + b];
        at[(size_t)j * row + b] = swap;
      }
  }
}

// Weights of quantized layers keep their type; under float activations they
// are dequantized here, as XNNPACK does.
static MlirLogicalResult emit_weights(cimc_lite_call *call, product *p,
                                      MlirValue *out) {
  const cimc_lite_tensor *w = cimc_lite_call_input(call, p->weights);
  cimc_lite_array array;
  MlirType element = {NULL};
  CIMC_TRY(check_weights(call, p));
  CIMC_TRY(cimc_lite_weights_load(call, w, !is_integer(call, p), &array));
  if (p->perm)
    CIMC_TRY(cimc_lite_weights_permute(call, &array, p->perm));
  if (p->turned)
    turn(&array);
  p->shape = array.shape;
  p->channels = array.shape.dim[p->channel_axis];
  p->scales = w->scales;
  p->scales.axis = p->channel_axis;
  MlirLogicalResult result = mlirLogicalResultSuccess();
  if (is_integer(call, p)) {
    if (p->scales.count > 1 && p->scales.count != p->channels)
      result = cimc_lite_call_error(
          call,
          "the weights have %" PRId64 " scales for %" PRId64
          " output channels; expected one, or as many",
          p->scales.count, p->channels);
    else
      result =
          cimc_lite_weights_type(call, w, &p->scales, array.storage, &element);
  } else if (array.storage != CIMC_STORAGE_F32) {
    result = cimc_lite_call_refuse(call, "weights of %s",
                                   cimc_lite_type_name(w->type));
  }
  if (mlirLogicalResultIsFailure(result)) {
    free(array.data);
    return result;
  }
  return cimc_lite_weights_emit(call, w, &array, element, out);
}

// The type of an accumulator: steps of the input's scale times the weights'.
static MlirLogicalResult bias_type(cimc_lite_call *call, const product *p,
                                   MlirType *out) {
  const cimc_lite_tensor *x = cimc_lite_call_input(call, p->input);
  size_t count = (size_t)p->scales.count;
  float *scales = calloc(count, sizeof *scales);
  int32_t *zeros = calloc(count, sizeof *zeros);
  MlirLogicalResult result;
  if (scales && zeros) {
    for (size_t i = 0; i < count; i++)
      scales[i] = x->scales.scales[0] * p->scales.scales[i];
    cimc_lite_scales steps = {
        .count = p->scales.count, .scales = scales, .zero_points = zeros};
    result = cimc_lite_weights_type(call,
                                    cimc_lite_call_input(call, (size_t)p->bias),
                                    &steps, CIMC_STORAGE_I32, out);
  } else {
    result = cimc_lite_call_no_memory(call);
  }
  free(scales);
  free(zeros);
  return result;
}

static MlirLogicalResult emit_bias(cimc_lite_call *call, const product *p,
                                   MlirValue *out) {
  const cimc_lite_tensor *b = cimc_lite_call_input(call, (size_t)p->bias);
  cimc_lite_array array;
  MlirType element = {NULL};
  *out = (MlirValue){NULL};
  if (!b)
    return mlirLogicalResultSuccess();
  if (!b->data.bytes)
    return cimc_lite_call_refuse(call, "a bias that is not constant");
  cimc_storage wanted =
      is_integer(call, p) ? CIMC_STORAGE_I32 : CIMC_STORAGE_F32;
  CIMC_TRY(cimc_lite_weights_load(call, b, !is_integer(call, p), &array));
  MlirLogicalResult result = mlirLogicalResultSuccess();
  if (array.count != p->channels)
    result = cimc_lite_call_error(call,
                                  "the bias has %" PRId64 " elements; expected "
                                  "%" PRId64 ", one for each output channel",
                                  array.count, p->channels);
  else if (array.storage != wanted)
    result = cimc_lite_call_refuse(call, "a bias of %s",
                                   cimc_lite_type_name(b->type));
  else if (is_integer(call, p))
    result = bias_type(call, p, &element);
  if (mlirLogicalResultIsFailure(result)) {
    free(array.data);
    return result;
  }
  array.shape = (cimc_shape){.rank = 1, .dim = {array.count}};
  return cimc_lite_weights_emit(call, b, &array, element, out);
}

// -- The reference's factors -------------------------------------------------
// LiteRT multiplies the two scales as doubles, but as floats for a fully
// connected layer of one scale and for every product of uint8.
static MlirLogicalResult add_factors(cimc_lite_call *call, const product *p,
                                     cimc_builder_op *op) {
  const cimc_lite_tensor *x = cimc_lite_call_input(call, p->input);
  const cimc_lite_tensor *y = cimc_lite_call_output(call, 0);
  const cimc_builder *builder = &call->builder;
  size_t count = (size_t)p->scales.count;
  int64_t *all = calloc(count, 2 * sizeof *all);
  if (!all)
    return cimc_lite_call_no_memory(call);
  bool sound = true;
  bool floats = count == 1 && (p->once || x->type == CIMC_LITE_UINT8);
  for (size_t i = 0; i < count; i++) {
    cimc_lite_q31 q = {0, 1};
    float sx = x->scales.scales[0], sw = p->scales.scales[i];
    double both = floats ? (double)(sx * sw) : (double)sx * (double)sw;
    sound &= cimc_lite_q31_of(both / (double)y->scales.scales[0], &q);
    all[i] = q.multiplier;
    all[count + i] = q.shift;
  }
  op->attributes[op->attribute_count++] =
      cimc_builder_i64s(builder, "multipliers", (int)count, all);
  op->attributes[op->attribute_count++] =
      cimc_builder_i64s(builder, "shifts", (int)count, all + count);
  op->attributes[op->attribute_count++] = cimc_ir_attr(
      builder->context, "rounding",
      cimc_ir_attr_str(builder->context, p->once ? "single" : "double"));
  free(all);
  return sound
             ? mlirLogicalResultSuccess()
             : cimc_lite_call_error(call, "the scales need a factor of 2^30 or "
                                          "more; expected less");
}

// The product with its bias, activation and result type, not yet defined.
static MlirLogicalResult multiply(cimc_lite_call *call, const product *p,
                                  cimc_builder_op *op, MlirValue *out) {
  MlirValue bias;
  CIMC_TRY(emit_bias(call, p, &bias));
  op->kind = p->kind;
  op->operand_count = 2;
  if (!mlirValueIsNull(bias))
    op->operands[op->operand_count++] = bias;
  CIMC_TRY(cimc_lite_call_result(call, 0, &op->element));
  if (is_integer(call, p) !=
      cimc_lite_is_quantized(cimc_lite_call_output(call, 0)))
    return cimc_lite_call_refuse(
        call, "%s to %s",
        cimc_lite_type_name(cimc_lite_call_input(call, p->input)->type),
        cimc_lite_type_name(cimc_lite_call_output(call, 0)->type));
  CIMC_TRY(cimc_lite_fuse(call, p->activation, op));
  if (is_integer(call, p) && call->reference)
    CIMC_TRY(add_factors(call, p, op));
  *out = cimc_builder_create(&call->builder, op);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

// -- Convolutions ------------------------------------------------------------
static MlirLogicalResult read_window(cimc_lite_call *call, bool depthwise,
                                     cimc_window *out, int64_t *padding) {
  unsigned dilation = depthwise ? 5 : 4;
  *padding = cimc_lite_call_option(call, 0, CIMC_FLAT_I8, 0);
  out->strides[1] = cimc_lite_call_option(call, 1, CIMC_FLAT_I32, 0);
  out->strides[0] = cimc_lite_call_option(call, 2, CIMC_FLAT_I32, 0);
  out->dilations[1] = cimc_lite_call_option(call, dilation, CIMC_FLAT_I32, 1);
  out->dilations[0] =
      cimc_lite_call_option(call, dilation + 1, CIMC_FLAT_I32, 1);
  return cimc_lite_check_window(call, out);
}

static MlirLogicalResult convolve(cimc_lite_call *call, product *p,
                                  bool depthwise) {
  cimc_window window = {.groups = 1};
  int64_t padding;
  cimc_builder_op op = {.kind = CIMC_QGEMM_CONV2D};
  const cimc_builder *builder = &call->builder;
  MlirValue y;
  CIMC_TRY(cimc_lite_call_operand(call, 0, &op.operands[0]));
  CIMC_TRY(emit_weights(call, p, &op.operands[1]));
  cimc_shape x = *cimc_lite_call_shape(call, 0);
  if (x.rank != 4)
    return cimc_lite_call_refuse(call, "an input of rank %d", x.rank);
  window.kernel[0] = p->shape.dim[1];
  window.kernel[1] = p->shape.dim[2];
  CIMC_TRY(read_window(call, depthwise, &window, &padding));
  cimc_lite_place_window(&x, padding, &window);
  int64_t inner = p->shape.dim[3];
  if (x.dim[3] % inner != 0)
    return cimc_lite_call_error(call,
                                "weights of %" PRId64
                                " input channels for %" PRId64
                                "; expected a divisor of them",
                                inner, x.dim[3]);
  window.groups = x.dim[3] / inner;
  op.attributes[0] = cimc_builder_i64s(builder, "strides", 2, window.strides);
  op.attributes[1] = cimc_builder_i64s(builder, "pads", 4, window.pads);
  op.attributes[2] =
      cimc_builder_i64s(builder, "dilations", 2, window.dilations);
  op.attributes[3] = cimc_builder_i64(builder, "groups", window.groups);
  op.attribute_count = 4;
  CIMC_TRY(multiply(call, p, &op, &y));
  return cimc_lite_call_define(call, 0, y);
}

MlirLogicalResult cimc_lite_ops_conv(cimc_lite_call *call) {
  product p = {.kind = CIMC_QGEMM_CONV2D,
               .weights = 1,
               .rank = 4,
               .bias = 2,
               .activation = cimc_lite_call_option(call, 3, CIMC_FLAT_I8, 0)};
  return convolve(call, &p, false);
}

// The file has [1, height, width, channels * multiplier].
MlirLogicalResult cimc_lite_ops_depthwise(cimc_lite_call *call) {
  static const int64_t perm[] = {3, 1, 2, 0};
  product p = {.kind = CIMC_QGEMM_CONV2D,
               .weights = 1,
               .perm = perm,
               .rank = 4,
               .bias = 2,
               .activation = cimc_lite_call_option(call, 4, CIMC_FLAT_I8, 0)};
  return convolve(call, &p, true);
}

// -- FULLY_CONNECTED ---------------------------------------------------------
// The input is [rows, K] however many dimensions it has.
static MlirLogicalResult flatten(cimc_lite_call *call, const cimc_shape *x,
                                 int64_t depth, cimc_shape *out) {
  int64_t count = cimc_ir_element_count(x);
  if (depth < 1 || count % depth != 0)
    return cimc_lite_call_error(call,
                                "weights of %" PRId64 " columns for an input "
                                "of %" PRId64 " elements; expected a divisor",
                                depth, count);
  *out = (cimc_shape){.rank = 2, .dim = {count / depth, depth}};
  return mlirLogicalResultSuccess();
}

// Weights that are computed: a product of two values.
static MlirLogicalResult computed(cimc_lite_call *call, product *p,
                                  cimc_builder_op *op) {
  static const int64_t swap[] = {1, 0};
  if (!cimc_lite_is_real(cimc_lite_call_input(call, 1)) || is_integer(call, p))
    return cimc_lite_call_refuse(call, "quantized weights that are not "
                                       "constant");
  CIMC_TRY(cimc_lite_call_operand(call, 1, &op->operands[1]));
  if (cimc_lite_call_shape(call, 1)->rank != 2)
    return cimc_lite_call_refuse(call, "weights of rank %d",
                                 cimc_lite_call_shape(call, 1)->rank);
  op->operands[1] =
      cimc_builder_transpose(&call->builder, op->operands[1], swap);
  p->shape = cimc_builder_shape(op->operands[1]);
  p->channels = p->shape.dim[1];
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_ops_fully_connected(cimc_lite_call *call) {
  static const int64_t swap[] = {1, 0};
  product p = {.kind = CIMC_QGEMM_MATMUL,
               .weights = 1,
               .perm = swap,
               .rank = 2,
               .channel_axis = 1,
               .bias = 2,
               .once = true,
               .activation = cimc_lite_call_option(call, 0, CIMC_FLAT_I8, 0)};
  bool keep = cimc_lite_call_option(call, 2, CIMC_FLAT_U8, 0) != 0;
  cimc_builder_op op = {.kind = CIMC_QGEMM_MATMUL};
  cimc_shape rows;
  MlirValue y;
  if (cimc_lite_call_option(call, 1, CIMC_FLAT_I8, 0) != 0)
    return cimc_lite_call_refuse(call, "shuffled weights");
  CIMC_TRY(cimc_lite_call_operand(call, 0, &op.operands[0]));
  const cimc_lite_tensor *w = cimc_lite_call_input(call, 1);
  if (w && !w->data.bytes)
    CIMC_TRY(computed(call, &p, &op));
  else
    CIMC_TRY(emit_weights(call, &p, &op.operands[1]));
  cimc_shape x = *cimc_lite_call_shape(call, 0);
  CIMC_TRY(flatten(call, &x, p.shape.dim[0], &rows));
  op.operands[0] = cimc_builder_reshape(&call->builder, op.operands[0], &rows);
  CIMC_TRY(multiply(call, &p, &op, &y));
  if (keep && x.rank > 0) {
    x.dim[x.rank - 1] = p.channels;
    y = cimc_builder_reshape(&call->builder, y, &x);
  }
  return cimc_lite_call_define(call, 0, y);
}

// -- TRANSPOSE_CONV ----------------------------------------------------------
// A convolution of the input with zeros between its elements, by the weights
// turned around.
typedef struct spread {
  int64_t low[4];
  int64_t high[4];
  int64_t interior[4];
} spread;

// The file gives the shape of the result; SAME and VALID place it.
static MlirLogicalResult plan_spread(cimc_lite_call *call, const product *p,
                                     spread *out) {
  const cimc_shape *x = cimc_lite_call_shape(call, 2);
  int64_t padding = cimc_lite_call_option(call, 0, CIMC_FLAT_I8, 0);
  cimc_lite_list to;
  CIMC_TRY(cimc_lite_call_ints(call, 0, "the result's shape", &to));
  if (to.count != 4 || x->rank != 4)
    return cimc_lite_call_refuse(call, "other than 4 dimensions");
  *out = (spread){.low = {0}};
  for (int i = 0; i < 2; i++) {
    int64_t stride =
        cimc_lite_call_option(call, 2 - (unsigned)i, CIMC_FLAT_I32, 0);
    int64_t kernel = p->shape.dim[i + 1], size = x->dim[i + 1];
    if (stride < 1 || to.at[i + 1] < 1 || to.at[i + 1] > INT32_MAX)
      return cimc_lite_call_error(call, "a stride or size is below 1; expected "
                                        "1 or more");
    int64_t wide = (size - 1) * stride + 1;
    int64_t total = padding == CIMC_LITE_PADDING_SAME
                        ? wide + kernel - 1 - to.at[i + 1]
                        : 0;
    int64_t before = total > 0 ? total / 2 : 0;
    out->interior[i + 1] = stride - 1;
    out->low[i + 1] = kernel - 1 - before;
    out->high[i + 1] = to.at[i + 1] + kernel - 1 - wide - out->low[i + 1];
    if (out->low[i + 1] < 0 || out->high[i + 1] < 0)
      return cimc_lite_call_refuse(call, "a result smaller than the strides "
                                         "make it");
  }
  return mlirLogicalResultSuccess();
}

static MlirValue spread_out(const cimc_builder *builder, MlirValue x,
                            const spread *by) {
  return cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = CIMC_QGEMM_PAD,
          .operands = {x},
          .operand_count = 1,
          .attributes = {cimc_builder_i64s(builder, "low", 4, by->low),
                         cimc_builder_i64s(builder, "high", 4, by->high),
                         cimc_builder_i64s(builder, "interior", 4,
                                           by->interior),
                         cimc_builder_f32(builder, "value", 0.0f)},
          .attribute_count = 4});
}

MlirLogicalResult cimc_lite_ops_transpose_conv(cimc_lite_call *call) {
  static const int64_t ones[] = {1, 1}, none[4] = {0};
  product p = {.kind = CIMC_QGEMM_CONV2D,
               .input = 2,
               .weights = 1,
               .rank = 4,
               .bias = 3,
               .turned = true,
               .activation = cimc_lite_call_option(call, 3, CIMC_FLAT_I8, 0)};
  const cimc_builder *builder = &call->builder;
  cimc_builder_op op = {.kind = CIMC_QGEMM_CONV2D};
  spread by;
  MlirValue x, y;
  CIMC_TRY(cimc_lite_call_operand(call, 2, &x));
  CIMC_TRY(emit_weights(call, &p, &op.operands[1]));
  CIMC_TRY(plan_spread(call, &p, &by));
  op.operands[0] = spread_out(builder, x, &by);
  op.attributes[0] = cimc_builder_i64s(builder, "strides", 2, ones);
  op.attributes[1] = cimc_builder_i64s(builder, "pads", 4, none);
  op.attributes[2] = cimc_builder_i64s(builder, "dilations", 2, ones);
  op.attributes[3] = cimc_builder_i64(builder, "groups", 1);
  op.attribute_count = 4;
  CIMC_TRY(multiply(call, &p, &op, &y));
  return cimc_lite_call_define(call, 0, y);
}

// -- BATCH_MATMUL ------------------------------------------------------------
// Input `i`, its last two dimensions exchanged where the option says so.
static MlirLogicalResult factor(cimc_lite_call *call, size_t i,
                                MlirValue *out) {
  int64_t perm[CIMC_RANK_MAX];
  int rank = cimc_lite_call_shape(call, i)->rank;
  CIMC_TRY(cimc_lite_call_operand(call, i, out));
  if (rank < 2)
    return cimc_lite_call_refuse(call, "an input of rank %d", rank);
  if (cimc_lite_call_option(call, (unsigned)i, CIMC_FLAT_U8, 0) == 0)
    return mlirLogicalResultSuccess();
  for (int d = 0; d < rank; d++)
    perm[d] = d < rank - 2 ? d : 2 * rank - 3 - d;
  *out = cimc_builder_transpose(&call->builder, *out, perm);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_ops_batch_matmul(cimc_lite_call *call) {
  cimc_builder_op op = {.kind = CIMC_QGEMM_BATCH_MATMUL, .operand_count = 2};
  product p = {.kind = op.kind};
  for (size_t i = 0; i < 2; i++)
    CIMC_TRY(factor(call, i, &op.operands[i]));
  const cimc_lite_tensor *w = cimc_lite_call_input(call, 1);
  const cimc_lite_tensor *y = cimc_lite_call_output(call, 0);
  if (is_integer(call, &p) != cimc_lite_is_quantized(w) ||
      is_integer(call, &p) != cimc_lite_is_quantized(y) || w->scales.count > 1)
    return cimc_lite_call_refuse(
        call, "%s times %s",
        cimc_lite_type_name(cimc_lite_call_input(call, 0)->type),
        cimc_lite_type_name(w->type));
  cimc_shape a = cimc_builder_shape(op.operands[0]);
  cimc_shape b = cimc_builder_shape(op.operands[1]);
  bool same = a.rank == b.rank;
  for (int d = 0; same && d < a.rank - 2; d++)
    same = a.dim[d] == b.dim[d];
  if (b.rank == 2)
    op.kind = CIMC_QGEMM_MATMUL;
  else if (!same)
    return cimc_lite_call_refuse(call, "batches that broadcast");
  CIMC_TRY(cimc_lite_call_result(call, 0, &op.element));
  p.scales = w->scales;
  if (is_integer(call, &p) && call->reference)
    CIMC_TRY(add_factors(call, &p, &op));
  return cimc_lite_call_define(call, 0,
                               cimc_builder_create(&call->builder, &op));
}
