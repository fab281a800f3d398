// SPDX-License-Identifier: Apache-2.0
//
// Elementwise operators of two inputs.
#include "cimc/import/tflite/fuse.h"
#include "cimc/import/tflite/ops.h"
#include "cimc/import/tflite/ref.h"

#include <string.h>

// -- Operands ----------------------------------------------------------------
// An operand of more than one dimension gets the rank of the other: passes
// that move transposes then need not align ranks.
static MlirLogicalResult align(cimc_lite_call *call, size_t i,
                               MlirValue *value) {
  const cimc_shape *mine = cimc_lite_call_shape(call, i);
  const cimc_shape *other = cimc_lite_call_shape(call, 1 - i);
  if (mine->rank <= 1 || mine->rank >= other->rank)
    return mlirLogicalResultSuccess();
  cimc_shape shape = {.rank = other->rank};
  int missing = other->rank - mine->rank;
  for (int d = 0; d < other->rank; d++)
    shape.dim[d] = d < missing ? 1 : mine->dim[d - missing];
  *value = cimc_builder_reshape(&call->builder, *value, &shape);
  return mlirValueIsNull(*value) ? mlirLogicalResultFailure()
                                 : mlirLogicalResultSuccess();
}

static MlirLogicalResult operands(cimc_lite_call *call, cimc_builder_op *op) {
  op->operand_count = 2;
  for (size_t i = 0; i < 2; i++)
    CIMC_TRY(cimc_lite_call_operand(call, i, &op->operands[i]));
  for (size_t i = 0; i < 2; i++)
    CIMC_TRY(align(call, i, &op->operands[i]));
  if (cimc_lite_call_input(call, 0)->type !=
      cimc_lite_call_input(call, 1)->type)
    return cimc_lite_call_error(
        call, "%s of %s and %s; expected one type", call->op->type,
        cimc_lite_type_name(cimc_lite_call_input(call, 0)->type),
        cimc_lite_type_name(cimc_lite_call_input(call, 1)->type));
  return mlirLogicalResultSuccess();
}

static bool is_quantized(const cimc_lite_call *call) {
  return cimc_lite_is_quantized(cimc_lite_call_input(call, 0)) &&
         cimc_lite_is_quantized(cimc_lite_call_input(call, 1)) &&
         cimc_lite_is_quantized(cimc_lite_call_output(call, 0));
}

// The op itself, on floats, quantized tensors or plain integers.
static MlirLogicalResult direct(cimc_lite_call *call, int64_t activation) {
  cimc_builder_op op = {.kind = call->kind};
  CIMC_TRY(cimc_lite_call_uniform(call, 2));
  CIMC_TRY(operands(call, &op));
  CIMC_TRY(cimc_lite_call_result(call, 0, &op.element));
  cimc_element element = cimc_qgemm_element(op.element);
  bool fused = element.quantized || element.storage == CIMC_STORAGE_F32;
  if (fused)
    CIMC_TRY(cimc_lite_fuse(call, activation, &op));
  MlirValue y = cimc_builder_create(&call->builder, &op);
  if (!fused)
    CIMC_TRY(cimc_lite_activate(call, activation, &y));
  return cimc_lite_call_define(call, 0, y);
}

// -- The reference -----------------------------------------------------------
typedef struct offset {
  int32_t zero;
} offset;

static int32_t without_zero(const void *state, int32_t stored) {
  const offset *self = state;
  return stored - self->zero;
}

// An operand of a sum: 20 bits up, then to twice the larger scale.
typedef struct addend {
  int32_t zero;
  cimc_lite_q31 by;
} addend;

enum { ADD_SHIFT = 20 };

static int32_t scaled(const void *state, int32_t stored) {
  const addend *self = state;
  return cimc_lite_q31_apply((stored - self->zero) * (1 << ADD_SHIFT),
                             self->by);
}

static MlirLogicalResult wide_pair(cimc_lite_call *call, const addend pair[2],
                                   cimc_lite_ref_function function,
                                   MlirValue *out) {
  MlirValue both[2];
  for (size_t i = 0; i < 2; i++) {
    const offset zero = {pair[i].zero};
    const void *state = function == scaled ? (const void *)&pair[i] : &zero;
    CIMC_TRY(cimc_lite_ref_wide(call, i, function, state, &both[i]));
    CIMC_TRY(align(call, i, &both[i]));
  }
  *out = cimc_builder_binary(&call->builder, call->kind, both[0], both[1]);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

static MlirLogicalResult check_types(cimc_lite_call *call) {
  for (size_t i = 0; i < 2; i++) {
    MlirType element;
    const cimc_lite_tensor *x = cimc_lite_call_input(call, i);
    CIMC_TRY(cimc_lite_call_element(call, x, &element));
    if (x->scales.count != 1)
      return cimc_lite_call_refuse(call, "'%.100s' has several scales",
                                   x->name);
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult exact_sum(cimc_lite_call *call, int64_t activation) {
  double scale[2], twice;
  addend pair[2];
  MlirValue sum;
  CIMC_TRY(check_types(call));
  for (size_t i = 0; i < 2; i++)
    scale[i] = (double)cimc_lite_call_input(call, i)->scales.scales[0];
  twice = 2.0 * (scale[0] > scale[1] ? scale[0] : scale[1]);
  for (size_t i = 0; i < 2; i++) {
    pair[i].zero = cimc_lite_call_input(call, i)->scales.zero_points[0];
    cimc_lite_q31_of(scale[i] / twice, &pair[i].by); // below 1
  }
  CIMC_TRY(wide_pair(call, pair, scaled, &sum));
  double result = (double)cimc_lite_call_output(call, 0)->scales.scales[0];
  return cimc_lite_ref_narrow(
      call, sum, twice / ((double)(1 << ADD_SHIFT) * result), activation);
}

static MlirLogicalResult exact_product(cimc_lite_call *call,
                                       int64_t activation) {
  addend pair[2];
  MlirValue product;
  CIMC_TRY(check_types(call));
  const cimc_lite_tensor *a = cimc_lite_call_input(call, 0);
  const cimc_lite_tensor *b = cimc_lite_call_input(call, 1);
  pair[0].zero = a->scales.zero_points[0];
  pair[1].zero = b->scales.zero_points[0];
  CIMC_TRY(wide_pair(call, pair, without_zero, &product));
  float factor = a->scales.scales[0] * b->scales.scales[0] /
                 cimc_lite_call_output(call, 0)->scales.scales[0];
  return cimc_lite_ref_narrow(call, product, (double)factor, activation);
}

MlirLogicalResult cimc_lite_ops_add(cimc_lite_call *call) {
  int64_t activation = cimc_lite_call_option(call, 0, CIMC_FLAT_I8, 0);
  return call->reference && is_quantized(call) ? exact_sum(call, activation)
                                               : direct(call, activation);
}

MlirLogicalResult cimc_lite_ops_mul(cimc_lite_call *call) {
  int64_t activation = cimc_lite_call_option(call, 0, CIMC_FLAT_I8, 0);
  return call->reference && is_quantized(call) ? exact_product(call, activation)
                                               : direct(call, activation);
}

// -- Others ------------------------------------------------------------------
MlirLogicalResult cimc_lite_ops_div(cimc_lite_call *call) {
  cimc_builder_op op = {.kind = CIMC_QGEMM_DIV};
  CIMC_TRY(cimc_lite_call_uniform(call, 2));
  if (is_quantized(call))
    CIMC_TRY(cimc_lite_call_no_reference(call));
  CIMC_TRY(operands(call, &op));
  CIMC_TRY(cimc_lite_call_result(call, 0, &op.element));
  MlirValue y = cimc_builder_create(&call->builder, &op);
  CIMC_TRY(cimc_lite_activate(
      call, cimc_lite_call_option(call, 0, CIMC_FLAT_I8, 0), &y));
  return cimc_lite_call_define(call, 0, y);
}

// MAXIMUM and MINIMUM: of stored values where all have one scale.
MlirLogicalResult cimc_lite_ops_extreme(cimc_lite_call *call) {
  cimc_builder_op op = {.kind = call->kind};
  CIMC_TRY(cimc_lite_call_uniform(call, 2));
  const cimc_lite_tensor *y = cimc_lite_call_output(call, 0);
  bool same = cimc_lite_is_same(cimc_lite_call_input(call, 0), y) &&
              cimc_lite_is_same(cimc_lite_call_input(call, 1), y);
  if (!same && is_quantized(call))
    CIMC_TRY(cimc_lite_call_no_reference(call));
  CIMC_TRY(operands(call, &op));
  if (same && is_quantized(call)) {
    for (size_t i = 0; i < 2; i++) {
      CIMC_TRY(cimc_lite_call_plain(call, i, &op.operands[i]));
      CIMC_TRY(align(call, i, &op.operands[i]));
    }
  } else {
    CIMC_TRY(cimc_lite_call_result(call, 0, &op.element));
  }
  return cimc_lite_call_define(call, 0,
                               cimc_builder_create(&call->builder, &op));
}

// Both inputs as floats.
static MlirLogicalResult reals(cimc_lite_call *call, MlirValue out[2]) {
  if (call->reference &&
      (cimc_lite_is_quantized(cimc_lite_call_input(call, 0)) ||
       is_quantized(call)))
    CIMC_TRY(cimc_lite_call_no_reference(call));
  for (size_t i = 0; i < 2; i++) {
    CIMC_TRY(cimc_lite_call_real(call, i, &out[i]));
    CIMC_TRY(align(call, i, &out[i]));
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_ops_pow(cimc_lite_call *call) {
  MlirValue x[2];
  CIMC_TRY(reals(call, x));
  return cimc_lite_call_define_real(
      call, 0, cimc_builder_binary(&call->builder, CIMC_QGEMM_POW, x[0], x[1]));
}

MlirLogicalResult cimc_lite_ops_squared_difference(cimc_lite_call *call) {
  MlirValue x[2];
  CIMC_TRY(reals(call, x));
  MlirValue d = cimc_builder_binary(&call->builder, CIMC_QGEMM_SUB, x[0], x[1]);
  return cimc_lite_call_define_real(
      call, 0, cimc_builder_binary(&call->builder, CIMC_QGEMM_MUL, d, d));
}

MlirLogicalResult cimc_lite_ops_square(cimc_lite_call *call) {
  MlirValue x;
  CIMC_TRY(cimc_lite_call_real(call, 0, &x));
  return cimc_lite_call_define_real(
      call, 0, cimc_builder_binary(&call->builder, CIMC_QGEMM_MUL, x, x));
}

static MlirValue compare(const cimc_builder *builder, MlirValue a, MlirValue b,
                         const char *predicate) {
  return cimc_builder_create(
      builder,
      &(cimc_builder_op){
          .kind = CIMC_QGEMM_COMPARE,
          .operands = {a, b},
          .operand_count = 2,
          .element = cimc_storage_type(builder->context, CIMC_STORAGE_U8),
          .attributes = {cimc_ir_attr(
              builder->context, "predicate",
              cimc_ir_attr_str(builder->context, predicate))},
          .attribute_count = 1});
}

static MlirValue choose(const cimc_builder *builder, MlirValue condition,
                        MlirValue a, MlirValue b) {
  if (mlirValueIsNull(a))
    return a;
  return cimc_builder_create(
      builder,
      &(cimc_builder_op){.kind = CIMC_QGEMM_SELECT,
                         .operands = {condition, a, b},
                         .operand_count = 3,
                         .element = cimc_ir_element_type(mlirValueGetType(a))});
}

// x where it is 0 or more, else x * alpha.
MlirLogicalResult cimc_lite_ops_prelu(cimc_lite_call *call) {
  MlirValue x[2];
  const cimc_builder *builder = &call->builder;
  CIMC_TRY(reals(call, x));
  MlirValue at_least =
      compare(builder, x[0], cimc_builder_number(builder, 0.0f), "ge");
  MlirValue below = cimc_builder_binary(builder, CIMC_QGEMM_MUL, x[0], x[1]);
  return cimc_lite_call_define_real(call, 0,
                                    choose(builder, at_least, x[0], below));
}

// -- Comparisons and choices -------------------------------------------------
static const char *predicate_of(const char *type) {
  static const char *const words[][2] = {
      {"EQUAL", "eq"},      {"NOT_EQUAL", "ne"}, {"LESS", "lt"},
      {"LESS_EQUAL", "le"}, {"GREATER", "gt"},   {"GREATER_EQUAL", "ge"},
  };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(words[i][0], type) == 0)
      return words[i][1];
  return "eq";
}

// Of different scales: as floats, which the reference does in integers.
MlirLogicalResult cimc_lite_ops_compare(cimc_lite_call *call) {
  cimc_builder_op op = {.kind = CIMC_QGEMM_COMPARE};
  const cimc_lite_tensor *a = cimc_lite_call_input(call, 0);
  const cimc_lite_tensor *b = cimc_lite_call_input(call, 1);
  CIMC_TRY(operands(call, &op));
  if (cimc_lite_is_quantized(a) && !cimc_lite_is_same(a, b))
    CIMC_TRY(reals(call, op.operands));
  return cimc_lite_call_define(call, 0,
                               compare(&call->builder, op.operands[0],
                                       op.operands[1],
                                       predicate_of(call->op->type)));
}

// SELECT and SELECT_V2, whose inputs broadcast; SELECT's condition may be of
// the first dimension only.
MlirLogicalResult cimc_lite_ops_select(cimc_lite_call *call) {
  MlirValue condition, x[2];
  MlirType element;
  CIMC_TRY(cimc_lite_call_operand(call, 0, &condition));
  CIMC_TRY(cimc_lite_call_result(call, 0, &element));
  if (cimc_lite_call_input(call, 0)->type != CIMC_LITE_BOOL)
    return cimc_lite_call_refuse(
        call, "a condition of %s",
        cimc_lite_type_name(cimc_lite_call_input(call, 0)->type));
  for (size_t i = 0; i < 2; i++) {
    CIMC_TRY(cimc_lite_call_operand(call, i + 1, &x[i]));
    if (!mlirTypeEqual(cimc_ir_element_type(mlirValueGetType(x[i])), element))
      return cimc_lite_call_refuse(call, "inputs of another type or scale than "
                                         "the output");
  }
  cimc_shape to = *cimc_lite_call_shape(call, 0);
  const cimc_shape *shape = cimc_lite_call_shape(call, 1);
  if (strcmp(call->op->type, "SELECT") == 0 && to.rank == 1)
    while (to.rank < shape->rank)
      to.dim[to.rank++] = 1;
  condition = cimc_builder_reshape(
      &call->builder, condition,
      to.rank > 0 ? &to : &(cimc_shape){.rank = 1, .dim = {1}});
  return cimc_lite_call_define(call, 0,
                               choose(&call->builder, condition, x[0], x[1]));
}

// LOGICAL_AND and LOGICAL_OR of bools, which are 0 or 1.
MlirLogicalResult cimc_lite_ops_logical(cimc_lite_call *call) {
  cimc_builder_op op = {.kind = call->kind};
  CIMC_TRY(cimc_lite_call_uniform(call, 2));
  CIMC_TRY(operands(call, &op));
  return cimc_lite_call_define(call, 0,
                               cimc_builder_create(&call->builder, &op));
}

MlirLogicalResult cimc_lite_ops_logical_not(cimc_lite_call *call) {
  static const uint8_t one = 1;
  MlirValue x;
  const cimc_builder *builder = &call->builder;
  cimc_shape shape = {.rank = 1, .dim = {1}};
  CIMC_TRY(cimc_lite_call_operand(call, 0, &x));
  MlirValue flip = cimc_builder_constant(
      builder,
      cimc_ir_tensor_type(&shape,
                          cimc_storage_type(builder->context, CIMC_STORAGE_U8)),
      &one, 1);
  return cimc_lite_call_define(
      call, 0, cimc_builder_binary(builder, CIMC_QGEMM_BIT_XOR, x, flip));
}
