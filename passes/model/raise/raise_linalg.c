// SPDX-License-Identifier: Apache-2.0
//
// linalg's named ops: products, convolutions, pools, and movement. What the
// output operand holds is added to the result.
#include "passes/model/raise/raise_op.h"

#include <string.h>

// -- The output operand ------------------------------------------------------
// Whether combining with it changes nothing.
static bool is_neutral(cimc_qgemm_kind combine, MlirValue init) {
  MlirOperation maker = cimc_edit_def(init, CIMC_QGEMM_CONSTANT);
  cimc_storage storage = cimc_raise_storage(init);
  bool splat = false, is_float = storage == CIMC_STORAGE_F32;
  if (mlirOperationIsNull(maker))
    return false;
  const void *data = cimc_qgemm_constant_data(maker, &splat);
  if (!splat)
    return false;
  int64_t bits = 0;
  float real = 0;
  memcpy(is_float ? (void *)&real : &bits, data,
         (size_t)cimc_storage_bytes(storage));
  cimc_literal one = {.element = {.storage = storage}, .data = &bits};
  double value = is_float ? (double)real : (double)cimc_literal_get(&one, 0);
  double least = is_float ? -3.4e38 : (double)cimc_storage_min(storage);
  double most = is_float ? 3.4e38 : (double)cimc_storage_max(storage);
  switch (combine) {
  case CIMC_QGEMM_ADD:
    return value == 0;
  case CIMC_QGEMM_MUL:
    return value == 1;
  case CIMC_QGEMM_MAX:
    return value <= least;
  case CIMC_QGEMM_MIN:
    return value >= most;
  default:
    return false;
  }
}

MlirValue cimc_raise_accumulate(cimc_raise *self, cimc_qgemm_kind combine,
                                MlirValue x, MlirValue init) {
  return is_neutral(combine, init) ? x
                                   : cimc_raise_binary(self, combine, x, init);
}

static MlirLogicalResult add_init(cimc_raise *self, MlirValue x,
                                  intptr_t operand) {
  return cimc_raise_done(
      self, cimc_raise_accumulate(self, CIMC_QGEMM_ADD, x,
                                  cimc_raise_operand(self, operand)));
}

// -- Movement ----------------------------------------------------------------
static MlirLogicalResult fill(cimc_raise *self) {
  double value = 0;
  if (!cimc_raise_scalar_value(cimc_raise_operand(self, 0), &value))
    return cimc_raise_refuse(self, "a value that is computed; expected an "
                                   "arith.constant of at most 64 bits");
  return cimc_raise_done(
      self, cimc_raise_splat(self, cimc_raise_result(self), value));
}

static MlirLogicalResult transpose(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  int64_t perm[CIMC_RANK_MAX];
  CIMC_TRY(
      cimc_raise_list(self, "permutation", cimc_raise_shape(x).rank, perm));
  return cimc_raise_done(self, cimc_raise_transpose(self, x, perm));
}

static MlirLogicalResult broadcast(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  cimc_shape from = cimc_raise_shape(x), to = {0}, shape;
  int64_t added[CIMC_RANK_MAX];
  unsigned is_new = 0;
  cimc_ir_tensor_shape(cimc_raise_result(self), &to);
  CIMC_TRY(cimc_raise_list(self, "dimensions", to.rank - from.rank, added));
  for (int i = 0; i < to.rank - from.rank; i++)
    if (added[i] >= 0 && added[i] < to.rank)
      is_new |= 1u << added[i];
  shape = to;
  for (int i = 0; i < to.rank; i++)
    if (is_new & (1u << i))
      shape.dim[i] = 1;
  if (cimc_ir_element_count(&shape) != cimc_ir_element_count(&from))
    return cimc_raise_refuse(self, "'dimensions' that are not those the "
                                   "operand lacks");
  x = cimc_raise_reshape(self, x, &shape);
  return cimc_raise_done(self, cimc_raise_expand(self, x, &to));
}

// -- Products ----------------------------------------------------------------
static bool is_dim(MlirAffineMap map, intptr_t result, intptr_t position) {
  MlirAffineExpr expr = mlirAffineMapGetResult(map, result);
  return mlirAffineExprIsADim(expr) &&
         mlirAffineDimExprGetPosition(expr) == position;
}

// Transposes an operand whose map names its two last dimensions in the other
// order. `first` and `second` are the loops they should run along.
static MlirLogicalResult orient(cimc_raise *self, intptr_t operand,
                                intptr_t first, intptr_t second, MlirValue *x) {
  MlirAttribute maps =
      mlirOperationGetAttributeByName(self->op, cimc_ir_str("indexing_maps"));
  if (mlirAttributeIsNull(maps))
    return mlirLogicalResultSuccess();
  MlirAffineMap map =
      mlirAffineMapAttrGetValue(mlirArrayAttrGetElement(maps, operand));
  intptr_t rank = cimc_raise_shape(*x).rank;
  if (mlirAffineMapGetNumResults(map) == rank && rank >= 2) {
    bool leading = rank == 2 || is_dim(map, 0, 0);
    if (leading && is_dim(map, rank - 2, first) &&
        is_dim(map, rank - 1, second))
      return mlirLogicalResultSuccess();
    if (leading && is_dim(map, rank - 2, second) &&
        is_dim(map, rank - 1, first)) {
      int64_t perm[] = {0, 1, 2};
      perm[rank - 2] = rank - 1;
      perm[rank - 1] = rank - 2;
      *x = cimc_raise_folded(self, cimc_raise_transpose(self, *x, perm));
      return mlirLogicalResultSuccess();
    }
  }
  return cimc_raise_refuse(self, "an indexing map that broadcasts; expected a "
                                 "matrix or its transpose");
}

static MlirLogicalResult check_signed(cimc_raise *self) {
  if (!cimc_raise_says(self, "cast", "unsigned"))
    return mlirLogicalResultSuccess();
  return cimc_raise_refuse(self, "operands taken as unsigned; expected "
                                 "cast_signed");
}

// Scalar i32 operands at `at` and behind it.
static MlirLogicalResult read_points(cimc_raise *self, intptr_t at,
                                     int64_t *out) {
  for (int i = 0; i < 2; i++) {
    double value;
    if (!cimc_raise_scalar_value(cimc_raise_operand(self, at + i), &value))
      return cimc_raise_refuse(self, "a zero point that is computed; expected "
                                     "an arith.constant");
    if (!(value >= -32768 && value <= 65535))
      return cimc_raise_refuse(self,
                               "a zero point of %.0f; expected what the "
                               "operand can hold",
                               value);
    out[i] = (int64_t)value;
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult matmul(cimc_raise *self) {
  MlirValue a = cimc_raise_operand(self, 0), b = cimc_raise_operand(self, 1);
  bool batched = cimc_raise_shape(a).rank == 3;
  intptr_t init = mlirOperationGetNumOperands(self->op) - 1;
  int64_t zps[2] = {0, 0};
  CIMC_TRY(check_signed(self));
  if (self->row->word)
    CIMC_TRY(read_points(self, 2, zps));
  CIMC_TRY(orient(self, 0, batched, batched + 2, &a));
  CIMC_TRY(orient(self, 1, batched + 2, batched + 1, &b));
  CIMC_TRY(cimc_raise_batch_matmul(self, a, b, zps));
  return add_init(self, self->result, init);
}

// -- Convolutions ------------------------------------------------------------
static MlirLogicalResult read_steps(cimc_raise *self, const char *name,
                                    int64_t *out) {
  out[0] = out[1] = 1;
  if (!cimc_ir_has_attr(self->op, name))
    return mlirLogicalResultSuccess();
  return cimc_raise_list(self, name, 2, out);
}

// How the op lays out its operands: permutations to NHWC and OHWI, null for
// what stands so already; for a depthwise one the weights have no O.
typedef struct layout {
  const int64_t *input, *weights, *result;
} layout;

static const int64_t from_nchw[] = {0, 2, 3, 1}, to_nchw[] = {0, 3, 1, 2};
static const int64_t from_hwcf[] = {3, 0, 1, 2};
static const int64_t from_hwcm[] = {2, 3, 0, 1}, from_hwc[] = {2, 0, 1};

static layout layout_of(const char *word) {
  switch (word[0]) {
  case 'f': // NHWC and FHWC
    return (layout){NULL, NULL, NULL};
  case 'c': // NCHW and FCHW
    return (layout){from_nchw, from_nchw, to_nchw};
  case 'm': // depthwise, HWCM
    return (layout){NULL, from_hwcm, NULL};
  case 'd': // depthwise, HWC
    return (layout){NULL, from_hwc, NULL};
  default: // NHWC and HWCF
    return (layout){NULL, from_hwcf, NULL};
  }
}

static MlirValue arrange(cimc_raise *self, MlirValue x, const int64_t *perm) {
  return perm ? cimc_raise_folded(self, cimc_raise_transpose(self, x, perm))
              : x;
}

// Depthwise weights [C, M, KH, KW] or [C, KH, KW] as [C * M, KH, KW, 1].
static MlirValue as_depthwise(cimc_raise *self, MlirValue weights,
                              int64_t *groups) {
  cimc_shape old = cimc_raise_shape(weights);
  int64_t many = old.rank == 4 ? old.dim[1] : 1;
  cimc_shape shape = {
      4, {old.dim[0] * many, old.dim[old.rank - 2], old.dim[old.rank - 1], 1}};
  *groups = old.dim[0];
  return cimc_raise_folded(self, cimc_raise_reshape(self, weights, &shape));
}

// Its row's word: the layout's letter, then q for zero points.
static MlirLogicalResult conv(cimc_raise *self) {
  const char *word = self->row->word;
  layout how = layout_of(word);
  intptr_t init = mlirOperationGetNumOperands(self->op) - 1;
  int64_t zps[2] = {0, 0};
  cimc_raise_conv conv = {.groups = 1};
  cimc_shape shape = {0};
  MlirValue y;
  CIMC_TRY(read_steps(self, "strides", conv.strides));
  CIMC_TRY(read_steps(self, "dilations", conv.dilations));
  if (word[1] == 'q')
    CIMC_TRY(read_points(self, 2, zps));
  conv.input_zp = zps[0];
  conv.weight_zp = zps[1];
  conv.input = arrange(self, cimc_raise_operand(self, 0), how.input);
  conv.weights = arrange(self, cimc_raise_operand(self, 1), how.weights);
  if (word[0] == 'd' || word[0] == 'm')
    conv.weights = as_depthwise(self, conv.weights, &conv.groups);
  CIMC_TRY(cimc_raise_conv2d(self, &conv, (MlirValue){NULL}, &y));
  y = arrange(self, y, how.result);
  cimc_ir_tensor_shape(cimc_raise_result(self), &shape);
  cimc_shape given = cimc_raise_shape(y);
  if (cimc_ir_element_count(&given) != cimc_ir_element_count(&shape))
    return cimc_raise_refuse(self, "a result whose shape does not follow from "
                                   "the operands'");
  return add_init(self, cimc_raise_reshape(self, y, &shape), init);
}

// -- Pools -------------------------------------------------------------------
static MlirLogicalResult read_pool(cimc_raise *self, cimc_raise_pool *out) {
  int64_t dilations[2];
  cimc_shape window = cimc_raise_shape(cimc_raise_operand(self, 1));
  *out = (cimc_raise_pool){.kernel = {window.dim[0], window.dim[1]}};
  CIMC_TRY(read_steps(self, "strides", out->strides));
  CIMC_TRY(read_steps(self, "dilations", dilations));
  if (dilations[0] == 1 && dilations[1] == 1)
    return mlirLogicalResultSuccess();
  return cimc_raise_refuse(self, "a pool with dilations; expected 1");
}

static cimc_shape pooled(const cimc_shape *from, const cimc_raise_pool *pool) {
  cimc_shape to = *from;
  for (int i = 0; i < 2; i++)
    to.dim[i + 1] =
        pool->strides[i] < 1 || from->dim[i + 1] < pool->kernel[i]
            ? 1
            : (from->dim[i + 1] - pool->kernel[i]) / pool->strides[i] + 1;
  return to;
}

static MlirValue max_pool(cimc_raise *self, MlirValue x,
                          const cimc_raise_pool *pool) {
  bool whole = cimc_raise_storage(x) != CIMC_STORAGE_F32;
  if (whole)
    x = cimc_raise_quantized(self, x, 0);
  cimc_shape from = cimc_raise_shape(x), to = pooled(&from, pool);
  MlirType element = cimc_ir_element_type(mlirValueGetType(x));
  cimc_edit edit = {.kind = CIMC_QGEMM_MAX_POOL2D,
                    .type = cimc_ir_tensor_type(&to, element),
                    .operand_count = 1,
                    .operands = {x}};
  MlirValue y = cimc_raise_pool2d(self, pool, &edit);
  return whole ? cimc_raise_plain(self, y) : y;
}

// The smallest is the mirror of the largest of the mirrored: -x, or ~x, which
// unlike -x every integer has.
static MlirValue mirror(cimc_raise *self, MlirValue x) {
  if (cimc_raise_storage(x) == CIMC_STORAGE_F32)
    return cimc_raise_unary(self, CIMC_QGEMM_NEG, x);
  return cimc_raise_binary(self, CIMC_QGEMM_BIT_XOR, x,
                           cimc_raise_scalar(self, x, -1));
}

static MlirLogicalResult pool_extreme(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  bool nchw = self->row->word, least = self->row->kind == CIMC_QGEMM_MIN;
  cimc_storage storage = cimc_raise_storage(x);
  cimc_raise_pool pool;
  CIMC_TRY(read_pool(self, &pool));
  if (storage != CIMC_STORAGE_F32 && cimc_storage_bytes(storage) > 2)
    return cimc_raise_refuse(self, "a pool of i32 or i64; expected i8, i16 or "
                                   "f32");
  x = arrange(self, x, nchw ? from_nchw : NULL);
  if (least)
    x = mirror(self, x);
  x = max_pool(self, x, &pool);
  if (least)
    x = mirror(self, x);
  x = arrange(self, x, nchw ? to_nchw : NULL);
  x = cimc_raise_cast(self, x, cimc_raise_result_storage(self));
  return cimc_raise_done(self,
                         cimc_raise_accumulate(self, self->row->kind, x,
                                               cimc_raise_operand(self, 2)));
}

// A sum over a window is a depthwise convolution with weights of 1.
static MlirLogicalResult pool_sum(cimc_raise *self) {
  bool nchw = self->row->word;
  cimc_raise_pool pool;
  cimc_raise_conv conv = {.dilations = {1, 1}};
  MlirValue y;
  CIMC_TRY(read_pool(self, &pool));
  conv.input =
      arrange(self, cimc_raise_operand(self, 0), nchw ? from_nchw : NULL);
  conv.groups = cimc_raise_shape(conv.input).dim[3];
  conv.strides[0] = pool.strides[0];
  conv.strides[1] = pool.strides[1];
  cimc_shape shape = {4, {conv.groups, pool.kernel[0], pool.kernel[1], 1}};
  conv.weights = cimc_raise_splat(
      self,
      cimc_ir_tensor_type(&shape,
                          cimc_ir_element_type(mlirValueGetType(conv.input))),
      1);
  CIMC_TRY(cimc_raise_conv2d(self, &conv, (MlirValue){NULL}, &y));
  return add_init(self, arrange(self, y, nchw ? to_nchw : NULL), 2);
}

#define ROW(name, function, kind, word)                                        \
  {"linalg." name, function, CIMC_QGEMM_##kind, word}
const cimc_raise_row cimc_raise_rows_linalg[] = {
    ROW("batch_matmul", matmul, NONE, NULL),
    ROW("broadcast", broadcast, NONE, NULL),
    ROW("conv_2d_nchw_fchw", conv, NONE, "c"),
    ROW("conv_2d_nchw_fchw_q", conv, NONE, "cq"),
    ROW("conv_2d_nhwc_fhwc", conv, NONE, "f"),
    ROW("conv_2d_nhwc_fhwc_q", conv, NONE, "fq"),
    ROW("conv_2d_nhwc_hwcf", conv, NONE, "h"),
    ROW("conv_2d_nhwc_hwcf_q", conv, NONE, "hq"),
    ROW("depthwise_conv_2d_nhwc_hwc", conv, NONE, "d"),
    ROW("depthwise_conv_2d_nhwc_hwc_q", conv, NONE, "dq"),
    ROW("depthwise_conv_2d_nhwc_hwcm", conv, NONE, "m"),
    ROW("depthwise_conv_2d_nhwc_hwcm_q", conv, NONE, "mq"),
    ROW("fill", fill, NONE, NULL),
    ROW("matmul", matmul, NONE, NULL),
    ROW("pooling_nchw_max", pool_extreme, MAX, "c"),
    ROW("pooling_nchw_sum", pool_sum, NONE, "c"),
    ROW("pooling_nhwc_max", pool_extreme, MAX, NULL),
    ROW("pooling_nhwc_min", pool_extreme, MIN, NULL),
    ROW("pooling_nhwc_sum", pool_sum, NONE, NULL),
    ROW("quantized_batch_matmul", matmul, NONE, "q"),
    ROW("quantized_matmul", matmul, NONE, "q"),
    ROW("transpose", transpose, NONE, NULL),
    {.name = NULL},
};
