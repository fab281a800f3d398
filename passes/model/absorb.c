// SPDX-License-Identifier: Apache-2.0
//
// What convolutions, products and their like take into themselves.
#include "passes/model/absorb.h"
#include "passes/model/literal.h"

#include <math.h>
#include <string.h>

#define NO_MATCH mlirLogicalResultFailure()

// -- Activation --------------------------------------------------------------
static bool takes_activation(cimc_qgemm_kind kind) {
  switch (kind) {
  case CIMC_QGEMM_CONV2D:
  case CIMC_QGEMM_CONV2D_ADD:
  case CIMC_QGEMM_MATMUL:
  case CIMC_QGEMM_BATCH_MATMUL:
  case CIMC_QGEMM_ADD:
  case CIMC_QGEMM_SUB:
  case CIMC_QGEMM_MUL:
  case CIMC_QGEMM_REQUANTIZE:
    return true;
  default:
    return false;
  }
}

static float bound(float value, cimc_bounds bounds) {
  value = value > bounds.low ? value : bounds.low;
  return value < bounds.high ? value : bounds.high;
}

// The bounds of clamping to `first`, then to `second`.
static cimc_bounds chain(cimc_bounds first, cimc_bounds second) {
  return (cimc_bounds){bound(first.low, second), bound(first.high, second)};
}

static MlirValue build_clamp(MlirRewriterBase rewriter, MlirOperation op,
                             MlirValue x, cimc_bounds bounds) {
  MlirContext context = mlirOperationGetContext(op);
  bool relu = bounds.low == 0.0f && isinf(bounds.high) && bounds.high > 0;
  cimc_edit edit = {
      .kind = relu ? CIMC_QGEMM_RELU : CIMC_QGEMM_CLAMP,
      .location = mlirOperationGetLocation(op),
      .type = cimc_edit_type(op),
      .operand_count = 1,
      .operands = {x},
  };
  if (!relu) {
    cimc_edit_set(&edit, "clamp_min", cimc_ir_attr_f32(context, bounds.low));
    cimc_edit_set(&edit, "clamp_max", cimc_ir_attr_f32(context, bounds.high));
  }
  return cimc_edit_build(rewriter, &edit);
}

// Exact for quantized types too, when nothing is requantized between: rounding
// to steps keeps the order, and the bound's own step is the limit.
static MlirLogicalResult
absorb_activation(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  MlirValue x = cimc_edit_operand(op, 0);
  MlirOperation from = cimc_ir_defining_op(x);
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(from); // of none for an argument
  cimc_bounds own = cimc_qgemm_bounds(op);
  if (!mlirTypeEqual(mlirValueGetType(x), cimc_edit_type(op)))
    return NO_MATCH;
  if (isinf(own.low) && isinf(own.high))
    return cimc_edit_replace(rewriter, op, x);
  if (kind == CIMC_QGEMM_RELU || kind == CIMC_QGEMM_CLAMP)
    return cimc_edit_replace(rewriter, op,
                             build_clamp(rewriter, op,
                                         cimc_edit_operand(from, 0),
                                         chain(cimc_qgemm_bounds(from), own)));
  if (!takes_activation(kind) || !cimc_ir_has_one_use(x))
    return NO_MATCH;
  cimc_edit edit = cimc_edit_copy(from);
  cimc_edit_set_bounds(&edit, chain(cimc_qgemm_bounds(from), own));
  return cimc_edit_replace(rewriter, op, cimc_edit_build(rewriter, &edit));
}

static bool has_activation(MlirOperation op) {
  cimc_bounds bounds = cimc_qgemm_bounds(op);
  return !isinf(bounds.low) || !isinf(bounds.high);
}

// -- Scale and bias after a convolution or product ---------------------------
typedef struct affine {
  MlirOperation op;     // the add, sub or mul
  MlirOperation linear; // the f32 conv2d or matmul before it
  MlirValue constant;   // the other operand
  int64_t channels;
} affine;

static bool is_linear(MlirOperation op) {
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  return kind == CIMC_QGEMM_CONV2D || kind == CIMC_QGEMM_MATMUL;
}

// One value a channel, or one for all.
static bool is_per_channel(MlirValue value, int64_t channels) {
  cimc_shape shape;
  if (!cimc_ir_tensor_shape(mlirValueGetType(value), &shape))
    return false;
  int64_t count = cimc_ir_element_count(&shape);
  return count == 1 || (count == channels && shape.rank > 0 &&
                        shape.dim[shape.rank - 1] == channels);
}

static bool match_affine(MlirOperation op, affine *out) {
  cimc_shape shape;
  MlirType type = cimc_edit_type(op);
  if (!cimc_edit_is_f32(type) || !cimc_ir_tensor_shape(type, &shape) ||
      shape.rank == 0 || shape.dim[shape.rank - 1] < 0)
    return false;
  for (int side = 0; side < 2; side++) {
    MlirValue x = cimc_edit_operand(op, side);
    MlirValue constant = cimc_edit_operand(op, 1 - side);
    MlirOperation linear = cimc_ir_defining_op(x);
    if (side == 1 && cimc_qgemm_kind_of(op) == CIMC_QGEMM_SUB)
      return false;
    if (!is_linear(linear) || !cimc_ir_has_one_use(x) ||
        has_activation(linear) || !mlirTypeEqual(mlirValueGetType(x), type) ||
        !cimc_edit_is_constant_like(constant) ||
        !is_per_channel(constant, shape.dim[shape.rank - 1]))
      continue;
    *out = (affine){op, linear, constant, shape.dim[shape.rank - 1]};
    return true;
  }
  return false;
}

static MlirType vector_type(const affine *self) {
  cimc_shape shape = {.rank = 1, .dim = {self->channels}};
  return cimc_ir_tensor_type(&shape,
                             mlirF32TypeGet(mlirOperationGetContext(self->op)));
}

static bool has_bias(MlirOperation linear) {
  return mlirOperationGetNumOperands(linear) > 2;
}

// The linear op's bias as an array; zeros when it has none.
static bool read_bias(const affine *self, cimc_literal *out) {
  if (!has_bias(self->linear))
    return cimc_literal_create(vector_type(self), out);
  return cimc_literal_read(cimc_edit_operand(self->linear, 2), out);
}

// The linear op again, with another activation (that of the op it absorbs).
static cimc_edit rebuild(const affine *self) {
  cimc_edit edit = cimc_edit_copy(self->linear);
  cimc_edit_set_bounds(&edit, cimc_qgemm_bounds(self->op));
  return edit;
}

static MlirLogicalResult finish(const affine *self, MlirRewriterBase rewriter,
                                cimc_edit *edit) {
  return cimc_edit_replace(rewriter, self->op, cimc_edit_build(rewriter, edit));
}

static size_t channel_at(const cimc_literal *values, size_t channel) {
  return values->count == 1 ? 0 : channel;
}

static void add_to_bias(const affine *self, const cimc_literal *values,
                        cimc_literal *bias) {
  float sign = cimc_qgemm_kind_of(self->op) == CIMC_QGEMM_SUB ? -1.0f : 1.0f;
  float *to = bias->data;
  const float *from = values->data;
  for (size_t c = 0; c < bias->count; c++)
    to[c] += sign * from[channel_at(values, c)];
}

// linear + constant: into the bias.
static MlirLogicalResult absorb_constant_bias(const affine *self,
                                              MlirRewriterBase rewriter) {
  cimc_literal values, bias;
  if (!cimc_literal_read(self->constant, &values))
    return NO_MATCH;
  bool fits = cimc_edit_is_f32(values.type) && read_bias(self, &bias);
  if (fits) {
    add_to_bias(self, &values, &bias);
    cimc_edit edit = rebuild(self);
    edit.operand_count = 3;
    edit.operands[2] = cimc_literal_insert(rewriter, &bias, edit.location);
    cimc_literal_destroy(&bias);
    finish(self, rewriter, &edit);
  }
  cimc_literal_destroy(&values);
  return fits ? mlirLogicalResultSuccess() : NO_MATCH;
}

// linear + dequantize(constant) becomes the bias as it is, for `fuse` to see.
static MlirLogicalResult absorb_quantized_bias(const affine *self,
                                               MlirRewriterBase rewriter) {
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(mlirValueGetType(self->constant), &shape);
  if (has_bias(self->linear) ||
      cimc_qgemm_kind_of(self->op) != CIMC_QGEMM_ADD ||
      cimc_ir_element_count(&shape) != self->channels)
    return NO_MATCH;
  cimc_edit edit = rebuild(self);
  edit.operand_count = 3;
  edit.operands[2] =
      shape.rank == 1
          ? self->constant
          : cimc_edit_unary(rewriter, CIMC_QGEMM_RESHAPE, self->constant,
                            vector_type(self), edit.location);
  return finish(self, rewriter, &edit);
}

static MlirLogicalResult absorb_bias(MlirOperation op,
                                     MlirRewriterBase rewriter, void *user) {
  (void)user;
  affine self;
  if (!match_affine(op, &self))
    return NO_MATCH;
  if (cimc_edit_is_constant(self.constant))
    return absorb_constant_bias(&self, rewriter);
  return absorb_quantized_bias(&self, rewriter);
}

// The weights' output channel is dimension 0 of a convolution's, 1 of a
// product's.
static void scale_weights(const affine *self, const cimc_literal *values,
                          cimc_literal *weights) {
  bool is_conv = cimc_qgemm_kind_of(self->linear) == CIMC_QGEMM_CONV2D;
  size_t channels = (size_t)self->channels;
  size_t inner = is_conv ? weights->count / channels : 1;
  float *to = weights->data;
  const float *from = values->data;
  for (size_t i = 0; i < weights->count; i++)
    to[i] *= from[channel_at(values, i / inner % channels)];
}

static bool rescale(const affine *self, MlirRewriterBase rewriter,
                    const cimc_literal *values, cimc_literal *weights) {
  cimc_literal bias;
  cimc_edit edit = rebuild(self);
  if (has_bias(self->linear)) {
    if (!cimc_literal_read(edit.operands[2], &bias))
      return false;
    for (size_t c = 0; c < bias.count; c++)
      ((float *)bias.data)[c] *=
          ((const float *)values->data)[channel_at(values, c)];
    edit.operands[2] = cimc_literal_insert(rewriter, &bias, edit.location);
    cimc_literal_destroy(&bias);
  }
  scale_weights(self, values, weights);
  edit.operands[1] = cimc_literal_insert(rewriter, weights, edit.location);
  finish(self, rewriter, &edit);
  return true;
}

// linear * constant, of a BatchNorm: into weights and bias.
static MlirLogicalResult absorb_scale(MlirOperation op,
                                      MlirRewriterBase rewriter, void *user) {
  (void)user;
  affine self;
  cimc_literal values, weights;
  if (!match_affine(op, &self) || !cimc_literal_read(self.constant, &values))
    return NO_MATCH;
  bool done = false;
  if (cimc_edit_is_f32(values.type) &&
      cimc_literal_read(cimc_edit_operand(self.linear, 1), &weights)) {
    done = cimc_edit_is_f32(weights.type) &&
           rescale(&self, rewriter, &values, &weights);
    cimc_literal_destroy(&weights);
  }
  cimc_literal_destroy(&values);
  return done ? mlirLogicalResultSuccess() : NO_MATCH;
}

// -- Pads --------------------------------------------------------------------
static bool all_zero(const int64_t *values, int count) {
  for (int i = 0; i < count; i++)
    if (values[i] != 0)
      return false;
  return true;
}

// Padding between elements; none without the attribute.
static bool has_interior(MlirOperation pad, int rank) {
  int64_t interior[CIMC_RANK_MAX] = {0};
  cimc_ir_get_i64s(pad, "interior", rank, interior);
  return !all_zero(interior, rank);
}

static MlirLogicalResult drop_dead_pad(MlirOperation op,
                                       MlirRewriterBase rewriter, void *user) {
  (void)user;
  cimc_shape shape;
  int64_t low[CIMC_RANK_MAX], high[CIMC_RANK_MAX];
  if (!cimc_ir_tensor_shape(cimc_edit_type(op), &shape) ||
      !cimc_ir_get_i64s(op, "low", shape.rank, low) ||
      !cimc_ir_get_i64s(op, "high", shape.rank, high) ||
      !all_zero(low, shape.rank) || !all_zero(high, shape.rank) ||
      has_interior(op, shape.rank))
    return NO_MATCH;
  return cimc_edit_replace(rewriter, op, cimc_edit_operand(op, 0));
}

// A pad above a window op: directly, or above a transpose and a dequantize.
typedef struct pad_above {
  MlirOperation pad;
  cimc_perm perm;           // between them; of rank 0: none
  MlirOperation dequantize; // may be null
  int64_t pads[4];          // top, left, bottom, right as the window sees them
  float value;
} pad_above;

static const cimc_perm identity = {4, {0, 1, 2, 3}};
static const cimc_perm nchw_to_nhwc = {4, {0, 2, 3, 1}};

static bool read_pads(pad_above *self) {
  const cimc_perm *perm = self->perm.rank > 0 ? &self->perm : &identity;
  int64_t low[CIMC_RANK_MAX], high[CIMC_RANK_MAX];
  if (!cimc_ir_get_i64s(self->pad, "low", 4, low) ||
      !cimc_ir_get_i64s(self->pad, "high", 4, high) ||
      !cimc_ir_get_f32(self->pad, "value", &self->value) ||
      has_interior(self->pad, 4))
    return false;
  for (int i = 0; i < 4; i++) {
    int64_t from = perm->at[i];
    bool spatial = i == 1 || i == 2;
    if (low[from] < 0 || high[from] < 0 ||
        (!spatial && (low[from] > 0 || high[from] > 0)))
      return false;
  }
  for (int i = 0; i < 2; i++) {
    self->pads[i] = low[perm->at[i + 1]];
    self->pads[i + 2] = high[perm->at[i + 1]];
  }
  return true;
}

// What moves the dimensions between the pad and the window: a transpose, or
// the reshape that one channel makes of it. False when neither does.
static bool find_perm(MlirOperation op, cimc_perm *out) {
  cimc_shape from, to;
  if (cimc_qgemm_kind_of(op) != CIMC_QGEMM_RESHAPE)
    return cimc_edit_perm(op, out) && out->rank == 4;
  *out = nchw_to_nhwc;
  if (!cimc_ir_tensor_shape(mlirValueGetType(cimc_edit_operand(op, 0)),
                            &from) ||
      !cimc_ir_tensor_shape(cimc_edit_type(op), &to) || from.rank != 4)
    return false;
  cimc_shape permuted = cimc_edit_permute_shape(&from, out);
  return cimc_ir_shape_equal(&permuted, &to) &&
         cimc_edit_perm_is_reshape(out, &from);
}

static bool find_pad(MlirValue value, pad_above *out) {
  *out = (pad_above){.value = 0};
  out->dequantize = cimc_edit_def(value, CIMC_QGEMM_DEQUANTIZE);
  if (!mlirOperationIsNull(out->dequantize))
    value = cimc_edit_operand(out->dequantize, 0);
  MlirOperation op = cimc_ir_defining_op(value);
  if (cimc_qgemm_kind_of(op) != CIMC_QGEMM_PAD) {
    if (!find_perm(op, &out->perm))
      return false;
    value = cimc_edit_operand(op, 0);
  }
  out->pad = cimc_edit_def(value, CIMC_QGEMM_PAD);
  return !mlirOperationIsNull(out->pad) && read_pads(out);
}

static MlirValue without_pad(MlirRewriterBase rewriter, const pad_above *self) {
  MlirValue x = cimc_edit_operand(self->pad, 0);
  MlirLocation location = mlirOperationGetLocation(self->pad);
  if (self->perm.rank > 0)
    x = cimc_edit_transpose(rewriter, x, &self->perm, location);
  if (!mlirOperationIsNull(self->dequantize))
    x = cimc_edit_unary(rewriter, CIMC_QGEMM_DEQUANTIZE, x,
                        cimc_edit_as_f32(mlirValueGetType(x)), location);
  return x;
}

// Whether the window op's own padding does the same as the pad's value.
static bool pads_alike(MlirOperation op, const pad_above *self) {
  int64_t pads[4];
  bool counts = false;
  switch (cimc_qgemm_kind_of(op)) {
  case CIMC_QGEMM_MAX_POOL2D:
    return isinf(self->value) && self->value < 0;
  case CIMC_QGEMM_AVG_POOL2D:
    cimc_ir_get_bool(op, "count_include_pad", &counts);
    return self->value == 0.0f && cimc_ir_get_i64s(op, "pads", 4, pads) &&
           (counts || all_zero(pads, 4));
  default:
    return self->value == 0.0f;
  }
}

// A pool's window must touch its input; and the attribute has its limit.
static bool pads_fit(MlirOperation op, const int64_t *pads) {
  int64_t kernel[2] = {INT32_MAX, INT32_MAX};
  cimc_ir_get_i64s(op, "kernel", 2, kernel);
  for (int i = 0; i < 4; i++)
    if (pads[i] >= kernel[i % 2])
      return false;
  return true;
}

static MlirLogicalResult absorb_pad(MlirOperation op, MlirRewriterBase rewriter,
                                    void *user) {
  (void)user;
  pad_above above;
  int64_t pads[4];
  if (!find_pad(cimc_edit_operand(op, 0), &above) || !pads_alike(op, &above) ||
      !cimc_ir_get_i64s(op, "pads", 4, pads))
    return NO_MATCH;
  for (int i = 0; i < 4; i++)
    if (__builtin_add_overflow(pads[i], above.pads[i], &pads[i]))
      return NO_MATCH;
  if (!pads_fit(op, pads))
    return NO_MATCH;
  MlirContext context = mlirOperationGetContext(op);
  cimc_edit edit = cimc_edit_copy(op);
  edit.operands[0] = without_pad(rewriter, &above);
  cimc_edit_set(&edit, "pads", cimc_ir_attr_i64s(context, 4, pads));
  if (edit.kind == CIMC_QGEMM_AVG_POOL2D)
    cimc_edit_set(&edit, "count_include_pad", mlirBoolAttrGet(context, 1));
  return cimc_edit_replace(rewriter, op, cimc_edit_build(rewriter, &edit));
}

// -- Table -------------------------------------------------------------------
// Activations first: a bias that moves takes its activation along.
static const cimc_pattern patterns[] = {
    {"qgemm.relu", absorb_activation}, {"qgemm.clamp", absorb_activation},
    {"qgemm.mul", absorb_scale},       {"qgemm.add", absorb_bias},
    {"qgemm.sub", absorb_bias},        {"qgemm.pad", drop_dead_pad},
    {"qgemm.conv2d", absorb_pad},      {"qgemm.conv2d_add", absorb_pad},
    {"qgemm.max_pool2d", absorb_pad},  {"qgemm.avg_pool2d", absorb_pad},
};
_Static_assert(sizeof patterns / sizeof *patterns <= CIMC_ABSORB_PATTERNS_MAX,
               "room for the patterns");

size_t cimc_absorb_patterns(cimc_pattern *out) {
  memcpy(out, patterns, sizeof patterns);
  return sizeof patterns / sizeof *patterns;
}
