// SPDX-License-Identifier: Apache-2.0
//
// add, sub and mul: see binary.h.
//
// Three arithmetics:
//   fused add   rne(fma(ra, a, fma(rb, b, fix))): see fused.h
//   fused mul   rne((a - za)(b - zb) r + zo), r = (sa sb)/so
//   all others  operands to real, the op, bounds, back to storage
// each f32 step rounded once. Why: these are what ONNX Runtime computes, bit
// for bit, and fused.h says where (its kernels add the zero point before they
// round, on bytes that may be unsigned by then).
#include "passes/lower/binary.h"

#include "passes/lower/epilogue.h"
#include "passes/lower/fused.h"
#include "passes/lower/nest.h"
#include "passes/lower/scalars.h"

typedef struct binary {
  MlirOperation op;
  cimc_qgemm_kind kind;
  cimc_element a, b, out;
  int32_t offset; // of fused.h
  cimc_nest nest;
  cimc_scalars scalars;
} binary;

// -- Bodies ------------------------------------------------------------------
// x plus the offset, which may be negative.
static MlirValue shift(cimc_build *b, MlirValue x, int32_t offset) {
  if (offset == 0)
    return x;
  return cimc_build_add(b, x, cimc_build_int(b, mlirValueGetType(x), offset));
}

static MlirValue fused_add(cimc_build *b, const MlirValue *element,
                           void *user) {
  binary *o = user;
  cimc_scalars *s = &o->scalars;
  cimc_scalars_rewind(s);
  MlirValue x = cimc_build_to_float(b, shift(b, element[0], o->offset));
  MlirValue y = cimc_build_to_float(b, shift(b, element[1], o->offset));
  cimc_fused_add_values v;
  v.ra = cimc_scalars_next(b, s, x);
  v.rb = cimc_scalars_next(b, s, x);
  v.fix = cimc_scalars_next(b, s, x);
  v.low = cimc_scalars_next(b, s, x);
  v.high = cimc_scalars_next(b, s, x);
  return shift(b, cimc_fused_add_emit(b, &v, x, y), -o->offset);
}

static MlirValue fused_mul(cimc_build *b, const MlirValue *element,
                           void *user) {
  binary *o = user;
  cimc_scalars *s = &o->scalars;
  cimc_scalars_rewind(s);
  MlirValue x = element[0], y = element[1];
  x = cimc_build_sub(b, x, cimc_scalars_next(b, s, x));
  y = cimc_build_sub(b, y, cimc_scalars_next(b, s, y));
  // The factors and their product are exact as floats.
  MlirValue product =
      cimc_build_mul(b, cimc_build_to_float(b, x), cimc_build_to_float(b, y));
  product = cimc_build_mul(b, product, cimc_scalars_next(b, s, product));
  product = cimc_build_add(b, product, cimc_scalars_next(b, s, product));
  MlirValue low = cimc_scalars_next(b, s, product);
  MlirValue high = cimc_scalars_next(b, s, product);
  product = cimc_build_clamp(b, product, low, high);
  return shift(b, cimc_epilogue_round(b, product), -o->offset);
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
static MlirType result_type(const binary *o) {
  return mlirValueGetType(mlirOperationGetResult(o->op, 0));
}

static void add_fused_add(binary *o) {
  cimc_fused_add add = cimc_fused_add_of(&o->a, &o->b, result_type(o),
                                         cimc_qgemm_bounds(o->op), o->offset);
  const float values[] = {add.ra, add.rb, add.fix, add.low, add.high};
  for (int i = 0; i < 5; i++)
    cimc_scalars_float(&o->scalars, values[i]);
}

// Each step rounds to f32: separate statements, so that no compiler fuses.
static void add_fused_mul(binary *o) {
  float scale = o->a.scale * o->b.scale;
  float zero_point = (float)(o->out.zero_point + o->offset);
  cimc_clamp clamp =
      cimc_epilogue_clamp(result_type(o), cimc_qgemm_bounds(o->op));
  cimc_scalars_int(&o->scalars, o->a.zero_point);
  cimc_scalars_int(&o->scalars, o->b.zero_point);
  cimc_scalars_float(&o->scalars, scale / o->out.scale);
  cimc_scalars_float(&o->scalars, zero_point);
  cimc_scalars_float(&o->scalars, clamp.low + zero_point);
  cimc_scalars_float(&o->scalars, clamp.high + zero_point);
}

// Adds the scalars and chooses the body that reads them.
static cimc_nest_body choose(binary *o, char *key, size_t key_size) {
  if (o->kind != CIMC_QGEMM_SUB && cimc_fused_form(o->op, &o->offset)) {
    cimc_key_append(key, key_size, "_fused%d", (int)o->offset);
    if (o->kind == CIMC_QGEMM_ADD) {
      add_fused_add(o);
      return fused_add;
    }
    add_fused_mul(o);
    return fused_mul;
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
