// SPDX-License-Identifier: Apache-2.0
//
// Quant-fusion: dequantize -> op -> quantize becomes one quantized op, and a
// convolution whose only user is an addition takes it in.
//
// In: QDQ form, activations already in their ops (canonicalize). Out: integer
// ops; f32 only where the model leaves it, between a dequantize and a quantize.
// Why so shy: whatever does not match exactly stays f32, which is always right.
#include "passes/model/fuse.h"
#include "passes/model/dead.h"
#include "passes/model/fuse_move.h"
#include "passes/model/fuse_rescale.h"
#include "passes/model/linear.h"
#include "passes/model/literal.h"

#include <math.h>

#define NO_MATCH mlirLogicalResultFailure()

// -- Matching ----------------------------------------------------------------
static bool dequantized(MlirValue value, MlirValue *out) {
  MlirOperation op = cimc_edit_def(value, CIMC_QGEMM_DEQUANTIZE);
  if (mlirOperationIsNull(op))
    return false;
  *out = cimc_edit_operand(op, 0);
  return true;
}

// Then the f32 op goes once each of them has its own quantized one.
static bool all_users_quantize(MlirValue value) {
  for (MlirOpOperand use = mlirValueGetFirstUse(value);
       !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use))
    if (cimc_qgemm_kind_of(mlirOpOperandGetOwner(use)) != CIMC_QGEMM_QUANTIZE)
      return false;
  return true;
}

static bool same_element(MlirType a, MlirType b) {
  return mlirTypeEqual(cimc_ir_element_type(a), cimc_ir_element_type(b));
}

static MlirValue build_requantize(MlirRewriterBase rewriter, MlirOperation op,
                                  MlirValue q, cimc_bounds bounds) {
  cimc_edit edit = {
      .kind = CIMC_QGEMM_REQUANTIZE,
      .location = mlirOperationGetLocation(op),
      .type = cimc_edit_type(op),
      .operand_count = 1,
      .operands = {q},
  };
  cimc_edit_set_bounds(&edit, bounds);
  return cimc_edit_build(rewriter, &edit);
}

// -- One quantized op --------------------------------------------------------
// `from` is the f32 op, `to` the quantize that reads it.
typedef struct fusion {
  MlirOperation from;
  MlirOperation to;
  MlirRewriterBase rewriter;
} fusion;

typedef bool (*fuse_function)(const fusion *self, MlirValue *out);

// The same op on the quantized operands.
static bool fuse_plain(const fusion *self, MlirValue *out) {
  cimc_edit edit = cimc_edit_copy(self->from);
  for (int i = 0; i < edit.operand_count; i++)
    if (!dequantized(edit.operands[i], &edit.operands[i]) ||
        !cimc_edit_is_int8_tensor(mlirValueGetType(edit.operands[i])))
      return false;
  edit.type = cimc_edit_type(self->to);
  *out = cimc_edit_build(self->rewriter, &edit);
  return true;
}

static bool fuse_linear(const fusion *self, MlirValue *out) {
  return cimc_linear_quantize(self->from, self->rewriter,
                              cimc_edit_type(self->to), out);
}

// relu and clamp keep their type; with another scale they are a requantize.
static bool fuse_bounds(const fusion *self, MlirValue *out) {
  MlirValue q;
  if (!dequantized(cimc_edit_operand(self->from, 0), &q) ||
      !cimc_edit_is_int8_tensor(mlirValueGetType(q)))
    return false;
  if (same_element(mlirValueGetType(q), cimc_edit_type(self->to)))
    return fuse_plain(self, out);
  *out = build_requantize(self->rewriter, self->to, q,
                          cimc_qgemm_bounds(self->from));
  return true;
}

// As fuse_plain, while an int32 holds the sum.
static bool fuse_global_pool(const fusion *self, MlirValue *out) {
  MlirType x = mlirValueGetType(cimc_edit_operand(self->from, 0));
  cimc_shape shape;
  return cimc_ir_tensor_shape(x, &shape) &&
         shape.dim[1] * shape.dim[2] <= cimc_storage_sum_max(CIMC_STORAGE_I8) &&
         fuse_plain(self, out);
}

// One window that is the whole input, without pads: ONNX Runtime takes its
// kernel of global pools, which rounds once.
static bool is_whole(MlirOperation op) {
  cimc_window window = cimc_qgemm_window(op);
  cimc_shape shape;
  return cimc_ir_tensor_shape(mlirValueGetType(cimc_edit_operand(op, 0)),
                              &shape) &&
         window.kernel[0] == shape.dim[1] && window.kernel[1] == shape.dim[2] &&
         window.pads[0] + window.pads[1] + window.pads[2] + window.pads[3] ==
             0 &&
         shape.dim[1] * shape.dim[2] <= cimc_storage_sum_max(CIMC_STORAGE_I8);
}

static bool fuse_average(const fusion *self, MlirValue *out) {
  MlirValue q;
  MlirType type = cimc_edit_type(self->to);
  if (!dequantized(cimc_edit_operand(self->from, 0), &q) ||
      !is_whole(self->from) ||
      cimc_qgemm_element(mlirValueGetType(q)).storage !=
          cimc_qgemm_element(type).storage ||
      !cimc_edit_is_int8_tensor(mlirValueGetType(q)))
    return fuse_plain(self, out);
  *out = cimc_edit_unary(self->rewriter, CIMC_QGEMM_GLOBAL_AVG_POOL2D, q, type,
                         mlirOperationGetLocation(self->from));
  return true;
}

static const fuse_function fuse_functions[CIMC_QGEMM_KIND_COUNT] = {
    [CIMC_QGEMM_CONV2D] = fuse_linear,
    [CIMC_QGEMM_MATMUL] = fuse_linear,
    [CIMC_QGEMM_BATCH_MATMUL] = fuse_linear,
    [CIMC_QGEMM_ADD] = fuse_plain,
    [CIMC_QGEMM_SUB] = fuse_plain,
    [CIMC_QGEMM_MUL] = fuse_plain,
    [CIMC_QGEMM_RELU] = fuse_bounds,
    [CIMC_QGEMM_CLAMP] = fuse_bounds,
    [CIMC_QGEMM_SIGMOID] = fuse_plain,
    [CIMC_QGEMM_TANH] = fuse_plain,
    [CIMC_QGEMM_SOFTMAX] = fuse_plain,
    [CIMC_QGEMM_AVG_POOL2D] = fuse_average,
    [CIMC_QGEMM_GLOBAL_AVG_POOL2D] = fuse_global_pool,
    [CIMC_QGEMM_REDUCE_MEAN] = fuse_plain,
    [CIMC_QGEMM_ABS] = fuse_plain,
    [CIMC_QGEMM_NEG] = fuse_plain,
    [CIMC_QGEMM_SIGN] = fuse_plain,
    [CIMC_QGEMM_EXP] = fuse_plain,
    [CIMC_QGEMM_LOG] = fuse_plain,
    [CIMC_QGEMM_SQRT] = fuse_plain,
    [CIMC_QGEMM_RSQRT] = fuse_plain,
    [CIMC_QGEMM_RECIPROCAL] = fuse_plain,
    [CIMC_QGEMM_FLOOR] = fuse_plain,
    [CIMC_QGEMM_CEIL] = fuse_plain,
    [CIMC_QGEMM_ROUND] = fuse_plain,
    [CIMC_QGEMM_ERF] = fuse_plain,
    [CIMC_QGEMM_SIN] = fuse_plain,
    [CIMC_QGEMM_COS] = fuse_plain,
    [CIMC_QGEMM_HARD_SWISH] = fuse_plain,
    [CIMC_QGEMM_GELU] = fuse_plain,
    [CIMC_QGEMM_HARD_SIGMOID] = fuse_plain,
    [CIMC_QGEMM_LEAKY_RELU] = fuse_plain,
    [CIMC_QGEMM_ELU] = fuse_plain,
    [CIMC_QGEMM_DIV] = fuse_plain,
    [CIMC_QGEMM_MIN] = fuse_plain,
    [CIMC_QGEMM_MAX] = fuse_plain,
    [CIMC_QGEMM_POW] = fuse_plain,
};

static MlirLogicalResult fuse_op(MlirOperation op, MlirRewriterBase rewriter,
                                 void *user) {
  (void)user;
  MlirValue x = cimc_edit_operand(op, 0), value;
  fusion self = {cimc_ir_defining_op(x), op, rewriter};
  fuse_function function = fuse_functions[cimc_qgemm_kind_of(self.from)];
  if (!function || !cimc_edit_is_int8_tensor(cimc_edit_type(op)) ||
      !all_users_quantize(x) || !function(&self, &value))
    return NO_MATCH;
  return cimc_edit_replace(rewriter, op, value);
}

// quantize(dequantize(q)): q itself, or the same numbers in another scale.
// Dividing by the scale what was multiplied by it gives the step back for 8 and
// 16 bits: the error of two f32 roundings is far below half a step.
static MlirLogicalResult fuse_pair(MlirOperation op, MlirRewriterBase rewriter,
                                   void *user) {
  (void)user;
  MlirValue q;
  MlirType type = cimc_edit_type(op);
  if (!dequantized(cimc_edit_operand(op, 0), &q))
    return NO_MATCH;
  if (mlirTypeEqual(mlirValueGetType(q), type))
    return cimc_edit_replace(rewriter, op, q);
  if (!cimc_edit_is_int8_tensor(mlirValueGetType(q)) ||
      !cimc_edit_is_int8_tensor(type))
    return NO_MATCH;
  return cimc_edit_replace(
      rewriter, op,
      build_requantize(rewriter, op, q, (cimc_bounds){-INFINITY, INFINITY}));
}

// Bounds that the quantize has anyhow, so that the op before meets it.
static MlirLogicalResult
drop_idle_bounds(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  MlirValue x = cimc_edit_operand(op, 0);
  MlirOperation from = cimc_ir_defining_op(x);
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(from);
  MlirType type = cimc_edit_type(op);
  if ((kind != CIMC_QGEMM_RELU && kind != CIMC_QGEMM_CLAMP) ||
      !cimc_ir_has_one_use(x) || !cimc_edit_is_int8_tensor(type) ||
      !cimc_qgemm_bounds_are_idle(cimc_qgemm_bounds(from), type))
    return NO_MATCH;
  return cimc_edit_replace(rewriter, op,
                           cimc_edit_unary(rewriter, CIMC_QGEMM_QUANTIZE,
                                           cimc_edit_operand(from, 0), type,
                                           mlirOperationGetLocation(op)));
}

// -- Moving data as integers -------------------------------------------------
// Ops that give some of their first operand's elements.
static bool picks_elements(cimc_qgemm_kind kind) {
  switch (kind) {
  case CIMC_QGEMM_MAX_POOL2D:
  case CIMC_QGEMM_PAD:
  case CIMC_QGEMM_SLICE:
  case CIMC_QGEMM_GATHER:
  case CIMC_QGEMM_REDUCE_MAX:
  case CIMC_QGEMM_REDUCE_MIN:
    return true;
  default:
    return false;
  }
}

// quantize(op(x)) -> op(quantize(x)) for these ops, when x comes from an op
// that can then be quantized. Exact: rounding to steps keeps the order.
static MlirLogicalResult raise_quantize(MlirOperation op,
                                        MlirRewriterBase rewriter, void *user) {
  (void)user;
  MlirValue moved = cimc_edit_operand(op, 0);
  MlirOperation from = cimc_ir_defining_op(moved);
  MlirType type = cimc_edit_type(op);
  if (!picks_elements(cimc_qgemm_kind_of(from)) ||
      !cimc_ir_has_one_use(moved) || !cimc_edit_is_int8_tensor(type))
    return NO_MATCH;
  MlirValue x = cimc_edit_operand(from, 0);
  MlirOperation producer = cimc_ir_defining_op(x);
  if (!fuse_functions[cimc_qgemm_kind_of(producer)] || !cimc_ir_has_one_use(x))
    return NO_MATCH;
  cimc_edit edit = cimc_edit_copy(from);
  edit.operands[0] =
      cimc_edit_unary(rewriter, CIMC_QGEMM_QUANTIZE, x,
                      cimc_edit_with_element_of(mlirValueGetType(x), type),
                      mlirOperationGetLocation(op));
  edit.type = type;
  return cimc_edit_replace(rewriter, op, cimc_edit_build(rewriter, &edit));
}

// -- Residual ----------------------------------------------------------------
static bool is_plain_convolution(MlirOperation op) {
  if (cimc_qgemm_kind_of(op) != CIMC_QGEMM_CONV2D)
    return false;
  cimc_bounds bounds = cimc_qgemm_bounds(op);
  cimc_element element = cimc_qgemm_element(cimc_edit_type(op));
  return isinf(bounds.low) && isinf(bounds.high) &&
         (element.quantized || element.storage == CIMC_STORAGE_F32) &&
         !cimc_ir_has_attr(op, "multipliers") &&
         cimc_ir_has_one_use(cimc_edit_result(op));
}

// Which operand of an add is the convolution to take it in: the later of two,
// so that less lives while it runs. -1: none.
static int find_convolution(MlirOperation add) {
  MlirOperation ops[2];
  bool fits[2];
  cimc_shape shapes[2];
  for (int i = 0; i < 2; i++) {
    MlirValue operand = cimc_edit_operand(add, i);
    ops[i] = cimc_ir_defining_op(operand);
    fits[i] = is_plain_convolution(ops[i]);
    if (!cimc_ir_tensor_shape(mlirValueGetType(operand), &shapes[i]))
      return -1;
  }
  if (!cimc_ir_shape_equal(&shapes[0], &shapes[1]))
    return -1;
  if (fits[0] && fits[1] &&
      mlirBlockEqual(mlirOperationGetBlock(ops[0]),
                     mlirOperationGetBlock(ops[1])))
    return mlirOperationIsBeforeInBlock(ops[0], ops[1]) ? 1 : 0;
  return fits[0] ? 0 : fits[1] ? 1 : -1;
}

static MlirLogicalResult fuse_residual(MlirOperation op,
                                       MlirRewriterBase rewriter, void *user) {
  (void)user;
  int side = find_convolution(op);
  if (side < 0)
    return NO_MATCH;
  MlirOperation convolution = cimc_ir_defining_op(cimc_edit_operand(op, side));
  cimc_edit edit = cimc_edit_copy(convolution);
  if (edit.operand_count < 3 &&
      !cimc_linear_zero_bias(convolution, rewriter, &edit.operands[2]))
    return NO_MATCH;
  edit.kind = CIMC_QGEMM_CONV2D_ADD;
  edit.location = mlirOperationGetLocation(op);
  edit.operands[3] = cimc_edit_operand(op, 1 - side);
  edit.operand_count = 4;
  edit.type = cimc_edit_type(op);
  cimc_edit_set(
      &edit, "mid",
      mlirTypeAttrGet(cimc_ir_element_type(cimc_edit_type(convolution))));
  if (side == 1)
    cimc_edit_set(&edit, "residual_first",
                  mlirBoolAttrGet(mlirOperationGetContext(op), true));
  cimc_edit_set_bounds(&edit, cimc_qgemm_bounds(op));
  return cimc_edit_replace(rewriter, op, cimc_edit_build(rewriter, &edit));
}

// -- Pass --------------------------------------------------------------------
static const cimc_pattern own_patterns[] = {
    {"qgemm.quantize", fuse_pair},
    {"qgemm.quantize", drop_idle_bounds},
    {"qgemm.quantize", fuse_op},
    {"qgemm.quantize", raise_quantize},
};
#define OWN_COUNT (sizeof own_patterns / sizeof *own_patterns)

static const cimc_pattern residual_pattern = {"qgemm.add", fuse_residual};

// The residual goes second: an f32 add about to be quantized must not be taken
// into its f32 convolution first.
static MlirLogicalResult run(MlirOperation module,
                             const cimc_pass_values *values) {
  (void)values;
  cimc_pattern patterns[CIMC_QGEMM_KIND_COUNT + OWN_COUNT +
                        CIMC_FUSE_RESCALE_COUNT + CIMC_FUSE_MOVE_PATTERNS_MAX];
  size_t dead = cimc_dead_patterns(patterns);
  size_t count = dead;
  for (size_t i = 0; i < OWN_COUNT; i++)
    patterns[count++] = own_patterns[i];
  for (size_t i = 0; i < CIMC_FUSE_RESCALE_COUNT; i++)
    patterns[count++] = cimc_fuse_rescale_patterns[i];
  count += cimc_fuse_move_patterns(patterns + count);
  CIMC_TRY(cimc_pass_rewrite(module, patterns, count, NULL));
  patterns[dead] = residual_pattern;
  return cimc_pass_rewrite(module, patterns, dead + 1, NULL);
}

const cimc_pass cimc_fuse_pass = {
    .name = "fuse",
    .stage = "model",
    .summary = "makes dequantize, op, quantize one quantized op, and a "
               "convolution and the addition after it one op",
    .run = run,
};
