// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic, logic and comparison, element by element.
#include "cimc/import/onnx_ops/ops.h"
#include "cimc/import/onnx_ops/term.h"

#include <math.h>
#include <string.h>

static bool is_whole(const cimc_term *x) {
  return x->sound && x->elem != CIMC_ELEM_FLOAT && x->elem != CIMC_ELEM_BOOL;
}

static bool is_unsigned(const cimc_term *x) {
  return x->elem == CIMC_ELEM_UINT8 || x->elem == CIMC_ELEM_UINT16;
}

// -- One operand -------------------------------------------------------------
MlirLogicalResult cimc_ops_elementwise_unary(cimc_call *call) {
  static const struct {
    const char *name;
    cimc_qgemm_kind kind;
  } kinds[] = {
      {"Abs", CIMC_QGEMM_ABS},
      {"Ceil", CIMC_QGEMM_CEIL},
      {"Cos", CIMC_QGEMM_COS},
      {"Erf", CIMC_QGEMM_ERF},
      {"Exp", CIMC_QGEMM_EXP},
      {"Floor", CIMC_QGEMM_FLOOR},
      {"Log", CIMC_QGEMM_LOG},
      {"Neg", CIMC_QGEMM_NEG},
      {"Round", CIMC_QGEMM_ROUND},
      {"Sigmoid", CIMC_QGEMM_SIGMOID},
      {"Sign", CIMC_QGEMM_SIGN},
      {"Sin", CIMC_QGEMM_SIN},
      {"Sqrt", CIMC_QGEMM_SQRT},
      {"Tanh", CIMC_QGEMM_TANH},
      {"Relu", CIMC_QGEMM_RELU},
      {"HardSwish", CIMC_QGEMM_HARD_SWISH},
      {"Reciprocal", CIMC_QGEMM_RECIPROCAL},
  };
  cimc_term x = cimc_term_input(call, 0);
  size_t i = 0;
  while (strcmp(kinds[i].name, call->node->proto->op_type) != 0)
    i++;
  x = kinds[i].kind == CIMC_QGEMM_RELU && is_whole(&x)
          ? cimc_term_with(call, CIMC_QGEMM_MAX, x, 0)
          : cimc_term_unary(call, kinds[i].kind, x);
  return cimc_term_define(call, 0, x);
}

// All bits but the lowest of a bool stay 0.
static cimc_term invert(cimc_call *call, cimc_term x) {
  return cimc_term_with(call, CIMC_QGEMM_BIT_XOR, x,
                        x.elem == CIMC_ELEM_BOOL ? 1 : -1);
}

MlirLogicalResult cimc_ops_elementwise_not(cimc_call *call) {
  return cimc_term_define(call, 0, invert(call, cimc_term_input(call, 0)));
}

MlirLogicalResult cimc_ops_elementwise_is_nan(cimc_call *call) {
  cimc_term x = cimc_term_f32(call, 0);
  return cimc_term_define(call, 0, cimc_term_compare(call, "ne", x, x));
}

MlirLogicalResult cimc_ops_elementwise_is_inf(cimc_call *call) {
  int64_t negative = 1, positive = 1;
  cimc_term x = cimc_term_f32(call, 0);
  CIMC_TRY(cimc_call_i64(call, "detect_negative", &negative));
  CIMC_TRY(cimc_call_i64(call, "detect_positive", &positive));
  if (negative && positive)
    x = cimc_term_unary(call, CIMC_QGEMM_ABS, x);
  else if (!negative && !positive)
    return cimc_call_refuse(call, "neither sign of infinity");
  cimc_term infinity = cimc_term_number(
      call, CIMC_ELEM_FLOAT, negative && !positive ? -INFINITY : INFINITY);
  return cimc_term_define(call, 0, cimc_term_compare(call, "eq", x, infinity));
}

// -- Two operands ------------------------------------------------------------
// Input 1. Until opset 6 its dimensions may stand at an axis of the other's.
static cimc_term second(cimc_call *call, const cimc_term *first) {
  cimc_term y = cimc_term_input(call, 1);
  if (call->opset > 6 || !cimc_call_attribute(call, "axis") || !first->sound ||
      !y.sound)
    return y;
  int64_t axis = 0;
  int rank = first->shape.rank;
  if (mlirLogicalResultIsFailure(cimc_call_i64(call, "axis", &axis)) ||
      mlirLogicalResultIsFailure(cimc_call_axis(call, rank, &axis)))
    return CIMC_TERM_NONE;
  cimc_shape shape = y.shape;
  if (shape.rank > rank - (int)axis) {
    cimc_call_error(call, "input 1 has rank %d; expected at most %d",
                    shape.rank, rank - (int)axis);
    return CIMC_TERM_NONE;
  }
  while (shape.rank < rank - (int)axis)
    shape.dim[shape.rank++] = 1;
  return cimc_term_reshape(call, y, &shape);
}

typedef struct binary_row {
  const char *name;
  cimc_qgemm_kind kind;
} binary_row;

// Add and its like, and those that take two or more.
static const binary_row binaries[] = {
    {"Add", CIMC_QGEMM_ADD},
    {"Sub", CIMC_QGEMM_SUB},
    {"Mul", CIMC_QGEMM_MUL},
    {"And", CIMC_QGEMM_BIT_AND},
    {"Or", CIMC_QGEMM_BIT_OR},
    {"Xor", CIMC_QGEMM_BIT_XOR},
    {"BitwiseAnd", CIMC_QGEMM_BIT_AND},
    {"BitwiseOr", CIMC_QGEMM_BIT_OR},
    {"BitwiseXor", CIMC_QGEMM_BIT_XOR},
    {"Max", CIMC_QGEMM_MAX},
    {"Min", CIMC_QGEMM_MIN},
    {"Sum", CIMC_QGEMM_ADD},
    {"Mean", CIMC_QGEMM_ADD},
};

static cimc_qgemm_kind binary_kind(const cimc_call *call) {
  size_t i = 0;
  while (strcmp(binaries[i].name, call->node->proto->op_type) != 0)
    i++;
  return binaries[i].kind;
}

MlirLogicalResult cimc_ops_elementwise_binary(cimc_call *call) {
  cimc_qgemm_kind kind = binary_kind(call);
  cimc_term result = cimc_term_input(call, 0);
  for (size_t i = 1; i < call->node->proto->input_count; i++)
    result = cimc_term_binary(call, kind, result,
                              i == 1 ? second(call, &result)
                                     : cimc_term_input(call, i));
  return cimc_term_define(call, 0, result);
}

MlirLogicalResult cimc_ops_elementwise_mean(cimc_call *call) {
  size_t count = call->node->proto->input_count;
  cimc_term sum = cimc_term_f32(call, 0);
  for (size_t i = 1; i < count; i++)
    sum = cimc_term_binary(call, CIMC_QGEMM_ADD, sum, cimc_term_f32(call, i));
  if (count > 1)
    sum = cimc_term_with(call, CIMC_QGEMM_DIV, sum, (double)count);
  return cimc_term_define(call, 0, sum);
}

// 1 / x where every reciprocal is a normal number; else not sound, and nothing
// is reported.
static cimc_term normal_reciprocal(cimc_call *call, const cimc_term *x) {
  unsigned char *data;
  cimc_tensor *out = cimc_tensor_create(call->source, CIMC_ELEM_FLOAT,
                                        &x->known->shape, &data);
  for (int64_t i = 0; out && i < out->count; i++) {
    float c = cimc_tensor_f32(x->known, i);
    float inverse = c == 0.0f ? INFINITY : 1.0f / c;
    if (!isnormal(inverse))
      return CIMC_TERM_NONE;
    cimc_tensor_put_f32(data, i, inverse);
  }
  return cimc_term_known(out);
}

// By a constant as x * (1 / c): off by at most 1.5 units in the last place.
// Where the reciprocal is not a normal number there is no such bound.
MlirLogicalResult cimc_ops_elementwise_div(cimc_call *call) {
  cimc_term x = cimc_term_input(call, 0), y = second(call, &x);
  bool real = y.sound && y.elem == CIMC_ELEM_FLOAT;
  cimc_term inverse = {.sound = false};
  if (x.sound && real && !x.known && y.known)
    inverse = normal_reciprocal(call, &y);
  for (int64_t i = 0; y.sound && !real && y.known && i < y.known->count; i++)
    if (cimc_tensor_i64(y.known, i) == 0)
      return cimc_call_error(call, "element %lld of the divisor is 0",
                             (long long)i);
  return cimc_term_define(
      call, 0,
      inverse.sound ? cimc_term_binary(call, CIMC_QGEMM_MUL, x, inverse)
                    : cimc_term_binary(call, CIMC_QGEMM_DIV, x, y));
}

// The remainder has the divisor's sign, or with fmod the dividend's.
MlirLogicalResult cimc_ops_elementwise_mod(cimc_call *call) {
  int64_t like_c = 0;
  cimc_term a = cimc_term_input(call, 0), b = cimc_term_input(call, 1);
  CIMC_TRY(cimc_call_i64(call, "fmod", &like_c));
  if (a.sound && !is_whole(&a))
    return cimc_call_refuse(call, "operands of type %s",
                            cimc_proto_elem_name(a.elem));
  cimc_term whole = cimc_term_binary(call, CIMC_QGEMM_DIV, a, b);
  cimc_term rest =
      cimc_term_binary(call, CIMC_QGEMM_SUB, a,
                       cimc_term_binary(call, CIMC_QGEMM_MUL, whole, b));
  if (!rest.sound || like_c != 0 || is_unsigned(&a))
    return cimc_term_define(call, 0, rest);
  // Of other signs when the exclusive or is negative; then the rest is not 0.
  cimc_term zero = cimc_term_number(call, a.elem, 0);
  cimc_term differ = cimc_term_compare(
      call, "lt", cimc_term_binary(call, CIMC_QGEMM_BIT_XOR, rest, b), zero);
  cimc_term some = cimc_term_compare(call, "ne", rest, zero);
  cimc_term fix = cimc_term_binary(call, CIMC_QGEMM_BIT_AND, differ, some);
  return cimc_term_define(
      call, 0,
      cimc_term_select(call, fix,
                       cimc_term_binary(call, CIMC_QGEMM_ADD, rest, b), rest));
}

MlirLogicalResult cimc_ops_elementwise_bit_shift(cimc_call *call) {
  const char *direction = "";
  CIMC_TRY(cimc_call_text(call, "direction", &direction));
  bool left = strcmp(direction, "LEFT") == 0;
  if (!left && strcmp(direction, "RIGHT") != 0)
    return cimc_call_error(call, "direction is '%.20s'; expected LEFT or RIGHT",
                           direction);
  return cimc_term_define(
      call, 0,
      cimc_term_binary(call,
                       left ? CIMC_QGEMM_SHIFT_LEFT : CIMC_QGEMM_SHIFT_RIGHT,
                       cimc_term_input(call, 0), cimc_term_input(call, 1)));
}

MlirLogicalResult cimc_ops_elementwise_compare(cimc_call *call) {
  static const char *const names[][2] = {
      {"Equal", "eq"},          {"Greater", "gt"},     {"Less", "lt"},
      {"GreaterOrEqual", "ge"}, {"LessOrEqual", "le"},
  };
  size_t i = 0;
  while (strcmp(names[i][0], call->node->proto->op_type) != 0)
    i++;
  cimc_term x = cimc_term_input(call, 0);
  return cimc_term_define(
      call, 0, cimc_term_compare(call, names[i][1], x, second(call, &x)));
}

MlirLogicalResult cimc_ops_elementwise_where(cimc_call *call) {
  cimc_term condition = cimc_term_input(call, 0);
  if (condition.sound && condition.elem != CIMC_ELEM_BOOL)
    return cimc_call_error(call, "the condition is %s; expected bool",
                           cimc_proto_elem_name(condition.elem));
  return cimc_term_define(call, 0,
                          cimc_term_select(call, condition,
                                           cimc_term_input(call, 1),
                                           cimc_term_input(call, 2)));
}

// -- Pow ---------------------------------------------------------------------
// The exponents as whole numbers; false when one is not, or below 0.
static bool whole_exponents(const cimc_term *y, int64_t *out_most) {
  *out_most = 0;
  for (int64_t i = 0; y->known && i < y->known->count; i++) {
    bool real = y->elem == CIMC_ELEM_FLOAT;
    float x = real ? cimc_tensor_f32(y->known, i) : 0.0f;
    if (real && !(x >= 0.0f && x <= 64.0f && floorf(x) == x))
      return false;
    int64_t n = real ? (int64_t)x : cimc_tensor_i64(y->known, i);
    if (n < 0)
      return false;
    *out_most = n > *out_most ? n : *out_most;
  }
  return y->known != NULL;
}

// By squaring: exact, as whole numbers wrap around.
static cimc_term whole_power(cimc_call *call, cimc_term x, cimc_term y,
                             int64_t most) {
  y = cimc_term_cast(call, y, CIMC_ELEM_INT64);
  cimc_term result = cimc_term_number(call, x.elem, 1);
  cimc_term zero = cimc_term_number(call, CIMC_ELEM_INT64, 0);
  for (int64_t bit = 1; bit <= most; bit *= 2) {
    cimc_term has = cimc_term_compare(
        call, "ne", cimc_term_with(call, CIMC_QGEMM_BIT_AND, y, (double)bit),
        zero);
    cimc_term more = cimc_term_binary(call, CIMC_QGEMM_MUL, result, x);
    result = cimc_term_select(call, has, more, result);
    if (bit <= most / 2)
      x = cimc_term_binary(call, CIMC_QGEMM_MUL, x, x);
  }
  return result;
}

MlirLogicalResult cimc_ops_elementwise_pow(cimc_call *call) {
  cimc_term x = cimc_term_input(call, 0), y = second(call, &x);
  int64_t most, elem = x.elem;
  if (!x.sound || !y.sound)
    return mlirLogicalResultFailure();
  if (x.elem == CIMC_ELEM_BOOL || y.elem == CIMC_ELEM_BOOL)
    return cimc_call_refuse(call, "operands of type bool");
  bool whole = whole_exponents(&y, &most);
  if (is_whole(&x) && whole && most > 0 && most < INT64_C(1) << 32)
    return cimc_term_define(call, 0, whole_power(call, x, y, most));
  if (is_whole(&x) && is_whole(&y))
    return cimc_call_refuse(call, "whole numbers to powers that are not "
                                  "constants above 0");
  if (!is_whole(&x) && whole && y.known->count == 1 && most == 2 &&
      y.shape.rank <= x.shape.rank)
    return cimc_term_define(call, 0,
                            cimc_term_binary(call, CIMC_QGEMM_MUL, x, x));
  x = cimc_term_cast(call, x, CIMC_ELEM_FLOAT);
  y = cimc_term_cast(call, y, CIMC_ELEM_FLOAT);
  x = cimc_term_binary(call, CIMC_QGEMM_POW, x, y);
  return cimc_term_define(call, 0, cimc_term_cast(call, x, elem));
}

// -- Clip of what qgemm.clamp does not take ----------------------------------
MlirLogicalResult cimc_ops_elementwise_clip(cimc_call *call) {
  cimc_term x = cimc_term_input(call, 0);
  static const cimc_qgemm_kind kinds[] = {CIMC_QGEMM_MAX, CIMC_QGEMM_MIN};
  bool clamps = x.sound && x.elem == CIMC_ELEM_FLOAT;
  for (size_t i = 1; i < 3; i++) {
    const cimc_graph_value *bound = cimc_call_input(call, i);
    clamps &= !bound || bound->constant || bound->initializer;
  }
  if (clamps)
    return cimc_ops_math_clip(call);
  for (size_t i = 1; i < 3; i++)
    if (cimc_call_has_input(call, i))
      x = cimc_term_binary(call, kinds[i - 1], x, cimc_term_input(call, i));
  return cimc_term_define(call, 0, x);
}

// -- Casts -------------------------------------------------------------------
static MlirLogicalResult cast_to(cimc_call *call, int64_t stored) {
  cimc_term x = cimc_term_input(call, 0);
  int64_t to = cimc_tensor_widened(stored);
  if (!x.sound)
    return mlirLogicalResultFailure();
  // Widened constants (float16 weights) have the type already.
  if (to == CIMC_ELEM_UNDEFINED || (to != stored && !x.known))
    return cimc_call_refuse(call, "%s to %s", cimc_proto_elem_name(x.elem),
                            cimc_proto_elem_name(stored));
  return to == x.elem ? cimc_call_forward(call, 0)
                      : cimc_term_define(call, 0, cimc_term_cast(call, x, to));
}

MlirLogicalResult cimc_ops_elementwise_cast(cimc_call *call) {
  int64_t stored = 0;
  CIMC_TRY(cimc_call_i64(call, "to", &stored));
  return cast_to(call, stored);
}

MlirLogicalResult cimc_ops_elementwise_cast_like(cimc_call *call) {
  if (!cimc_call_has_input(call, 1))
    return cimc_call_error(call, "input 1 is left out; expected it");
  const cimc_graph_value *like = cimc_call_input(call, 1);
  return cast_to(call,
                 like->initializer ? like->initializer->elem : like->elem);
}
