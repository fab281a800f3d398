// SPDX-License-Identifier: Apache-2.0
//
// add, sub and mul: see binary.h.
//
// Three arithmetics, each f32 step rounded once and none fused:
//   quantized add  rne((ra a + rb b) + fix), ra = sa/so, rb = sb/so,
//                  fix = zo - (ra za + rb zb)
//   quantized mul  rne((a - za)(b - zb) r + zo), r = (sa sb)/so
//   all others     operands to real, the op, bounds, back to storage
// Why: the first two are what ONNX Runtime computes, bit for bit (it adds the
// zero point before it rounds); measured on 200,000 elements with forced ties.
#include "passes/lower/binary.h"

#include "passes/lower/epilogue.h"
#include "passes/lower/nest.h"
#include "passes/lower/scalars.h"

typedef struct binary {
  MlirOperation op;
  cimc_qgemm_kind kind;
  cimc_element a, b, out;
  cimc_nest nest;
  cimc_scalars scalars;
} binary;

// -- Bodies ------------------------------------------------------------------
// rne(clamp(x, low, high)): the bounds are the stored integers themselves.
static MlirValue round_within(cimc_build *b, cimc_scalars *s, MlirValue x) {
  MlirValue low = cimc_scalars_next(b, s, x);
  MlirValue high = cimc_scalars_next(b, s, x);
  return cimc_epilogue_round(b, cimc_build_clamp(b, x, low, high));
}

static MlirValue quantized_add(cimc_build *b, const MlirValue *element,
                               void *user) {
  cimc_scalars *s = &((binary *)user)->scalars;
  cimc_scalars_rewind(s);
  MlirValue x = cimc_build_to_float(b, element[0]);
  MlirValue y = cimc_build_to_float(b, element[1]);
  x = cimc_build_mul(b, x, cimc_scalars_next(b, s, x));
  y = cimc_build_mul(b, y, cimc_scalars_next(b, s, y));
  MlirValue sum = cimc_build_add(b, x, y);
  sum = cimc_build_add(b, sum, cimc_scalars_next(b, s, sum));
  return round_within(b, s, sum);
}

// The factors as floats are exact, so their product is the integer product
// rounded once.
static MlirValue quantized_mul(cimc_build *b, const MlirValue *element,
                               void *user) {
  cimc_scalars *s = &((binary *)user)->scalars;
  cimc_scalars_rewind(s);
  MlirValue x = element[0], y = element[1];
  x = cimc_build_sub(b, x, cimc_scalars_next(b, s, x));
  y = cimc_build_sub(b, y, cimc_scalars_next(b, s, y));
  MlirValue product =
      cimc_build_mul(b, cimc_build_to_float(b, x), cimc_build_to_float(b, y));
  product = cimc_build_mul(b, product, cimc_scalars_next(b, s, product));
  product = cimc_build_add(b, product, cimc_scalars_next(b, s, product));
  return round_within(b, s, product);
}

static MlirValue real(cimc_build *b, const MlirValue *element, void *user) {
  binary *o = user;
  cimc_scalars *s = &o->scalars;
  cimc_scalars_rewind(s);
  MlirValue x = cimc_scalars_to_real(b, s, &o->a, element[0]);
  MlirValue y = cimc_scalars_to_real(b, s, &o->b, element[1]);
  MlirValue z = o->kind == CIMC_QGEMM_ADD   ? cimc_build_add(b, x, y)
                : o->kind == CIMC_QGEMM_SUB ? cimc_build_sub(b, x, y)
                                            : cimc_build_mul(b, x, y);
  return cimc_scalars_from_real(b, s, &o->out, z);
}

// -- The call ----------------------------------------------------------------
// The stored integers between which the result lies, as round_within reads
// them.
static void add_bounds(binary *o) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(o->op, 0));
  cimc_clamp clamp = cimc_epilogue_clamp(type, cimc_qgemm_bounds(o->op));
  float zero_point = (float)o->out.zero_point;
  cimc_scalars_float(&o->scalars, clamp.low + zero_point);
  cimc_scalars_float(&o->scalars, clamp.high + zero_point);
}

// Each step rounds to f32: separate statements, so that no compiler fuses.
static void add_quantized_add(binary *o) {
  float ra = o->a.scale / o->out.scale;
  float rb = o->b.scale / o->out.scale;
  float offset_a = ra * (float)o->a.zero_point;
  float offset_b = rb * (float)o->b.zero_point;
  float offset = offset_a + offset_b;
  cimc_scalars_float(&o->scalars, ra);
  cimc_scalars_float(&o->scalars, rb);
  cimc_scalars_float(&o->scalars, (float)o->out.zero_point - offset);
  add_bounds(o);
}

static void add_quantized_mul(binary *o) {
  float scale = o->a.scale * o->b.scale;
  cimc_scalars_int(&o->scalars, o->a.zero_point);
  cimc_scalars_int(&o->scalars, o->b.zero_point);
  cimc_scalars_float(&o->scalars, scale / o->out.scale);
  cimc_scalars_float(&o->scalars, (float)o->out.zero_point);
  add_bounds(o);
}

// Adds the scalars and chooses the body that reads them.
static cimc_nest_body choose(binary *o, char *key, size_t key_size) {
  bool quantized = o->a.quantized && o->b.quantized && o->out.quantized;
  if (quantized && o->kind == CIMC_QGEMM_ADD) {
    add_quantized_add(o);
    return quantized_add;
  }
  if (quantized && o->kind == CIMC_QGEMM_MUL) {
    add_quantized_mul(o);
    return quantized_mul;
  }
  cimc_scalars_add_input(&o->scalars, &o->a);
  cimc_scalars_add_input(&o->scalars, &o->b);
  cimc_scalars_add_output(&o->scalars, o->op, key, key_size);
  return real;
}

static cimc_nest make_nest(const binary *o) {
  cimc_shape a, b, out;
  cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetOperand(o->op, 0)), &a);
  cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetOperand(o->op, 1)), &b);
  cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetResult(o->op, 0)),
                       &out);
  cimc_nest nest = cimc_nest_over(&out);
  cimc_nest_broadcast(&nest, o->a.storage, &a);
  cimc_nest_broadcast(&nest, o->b.storage, &b);
  cimc_nest_broadcast(&nest, o->out.storage, &out);
  cimc_nest_simplify(&nest);
  return nest;
}

MlirLogicalResult cimc_binary_lower(cimc_lower *state, MlirOperation op) {
  CIMC_TRY(cimc_scalars_check(op));
  MlirValue lhs = mlirOperationGetOperand(op, 0);
  MlirValue rhs = mlirOperationGetOperand(op, 1);
  MlirValue result = mlirOperationGetResult(op, 0);
  binary o = {.op = op,
              .kind = cimc_qgemm_kind_of(op),
              .a = cimc_qgemm_element(mlirValueGetType(lhs)),
              .b = cimc_qgemm_element(mlirValueGetType(rhs)),
              .out = cimc_qgemm_element(mlirValueGetType(result))};
  o.nest = make_nest(&o);
  char key[CIMC_KERNEL_KEY_MAX] = "";
  cimc_key_append(key, sizeof(key), "%s",
                  cimc_qgemm_name(o.kind) + sizeof("qgemm"));
  cimc_nest_key(&o.nest, key, sizeof(key));
  cimc_scalars_begin(&o.scalars, state);
  cimc_scalars_pointer(&o.scalars, lhs);
  cimc_scalars_pointer(&o.scalars, rhs);
  cimc_scalars_pointer(&o.scalars, result);
  cimc_nest_body body = choose(&o, key, sizeof(key));
  if (o.scalars.missing)
    return mlirLogicalResultFailure();
  cimc_kernel kernel = {
      .key = key, .count = o.scalars.count, .arguments = o.scalars.argument};
  cimc_build b;
  if (cimc_lower_kernel(state, op, &kernel, &b)) {
    MlirValue pointers[] = {cimc_build_argument(&b, 0),
                            cimc_build_argument(&b, 1),
                            cimc_build_argument(&b, 2)};
    cimc_scalars_enter(&o.scalars, &b, 3);
    cimc_nest_emit(&b, &o.nest, pointers, body, &o);
    cimc_build_return(&b, (MlirValue){NULL});
  }
  return mlirLogicalResultSuccess();
}
