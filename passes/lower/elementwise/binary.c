// SPDX-License-Identifier: Apache-2.0
//
// add, sub, mul, div, min, max and pow of f32 or quantized values: see
// binary.h.
//
// Three arithmetics:
//   fused add   rne(fma(ra, a, fma(rb, b, fix))): see fused.h
//   fused mul   rne((a - za)(b - zb) r + zo), r = (sa sb)/so
//   all others  operands to real, the op, bounds, back to storage
// each f32 step rounded once. Why: these are what ONNX Runtime computes, bit
// for bit, and fused.h says where (its kernels add the zero point before they
// round).
#include "passes/lower/elementwise/binary.h"

#include "passes/lower/core/apply.h"
#include "passes/lower/core/epilogue.h"
#include "passes/lower/core/formula.h"
#include "passes/lower/core/fused.h"

typedef struct binary {
  MlirOperation op;
  cimc_qgemm_kind kind;
  cimc_element a, b, out;
  cimc_apply apply;
} binary;

// -- Bodies ------------------------------------------------------------------
static MlirValue fused_add(cimc_build *b, const MlirValue *element,
                           void *user) {
  binary *o = user;
  cimc_scalars *s = &o->apply.scalars;
  cimc_scalars_rewind(s);
  MlirValue x = cimc_build_to_float(b, element[0]);
  MlirValue y = cimc_build_to_float(b, element[1]);
  cimc_fused_add_values v;
  v.ra = cimc_scalars_next(b, s, x);
  v.rb = cimc_scalars_next(b, s, x);
  v.fix = cimc_scalars_next(b, s, x);
  v.low = cimc_scalars_next(b, s, x);
  v.high = cimc_scalars_next(b, s, x);
  return cimc_fused_add_emit(b, &v, x, y);
}

static MlirValue fused_mul(cimc_build *b, const MlirValue *element,
                           void *user) {
  binary *o = user;
  cimc_scalars *s = &o->apply.scalars;
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
  return cimc_epilogue_round(b, product);
}

static MlirValue real(cimc_build *b, const MlirValue *element, void *user) {
  binary *o = user;
  cimc_scalars *s = &o->apply.scalars;
  cimc_scalars_rewind(s);
  MlirValue x = cimc_scalars_to_real(b, s, &o->a, element[0]);
  MlirValue y = cimc_scalars_to_real(b, s, &o->b, element[1]);
  MlirValue z = cimc_formula_binary(b, o->kind, x, y);
  return cimc_scalars_from_real(b, s, &o->out, z);
}

// -- The call ----------------------------------------------------------------
static MlirType result_type(const binary *o) {
  return mlirValueGetType(mlirOperationGetResult(o->op, 0));
}

static void add_fused_add(binary *o) {
  cimc_fused_add add =
      cimc_fused_add_of(&o->a, &o->b, result_type(o), cimc_qgemm_bounds(o->op));
  const float values[] = {add.ra, add.rb, add.fix, add.low, add.high};
  for (int i = 0; i < 5; i++)
    cimc_scalars_float(&o->apply.scalars, values[i]);
}

// Each step rounds to f32: separate statements, so that no compiler fuses.
static void add_fused_mul(binary *o) {
  float scale = o->a.scale * o->b.scale;
  float zero_point = (float)o->out.zero_point;
  cimc_clamp clamp =
      cimc_epilogue_clamp(result_type(o), cimc_qgemm_bounds(o->op));
  cimc_scalars_int(&o->apply.scalars, o->a.zero_point);
  cimc_scalars_int(&o->apply.scalars, o->b.zero_point);
  cimc_scalars_float(&o->apply.scalars, scale / o->out.scale);
  cimc_scalars_float(&o->apply.scalars, zero_point);
  cimc_scalars_float(&o->apply.scalars, clamp.low + zero_point);
  cimc_scalars_float(&o->apply.scalars, clamp.high + zero_point);
}

// Adds the scalars and chooses the body that reads them.
static cimc_nest_body choose(binary *o) {
  cimc_apply *a = &o->apply;
  bool may_fuse = o->kind == CIMC_QGEMM_ADD || o->kind == CIMC_QGEMM_MUL;
  if (may_fuse && cimc_fused_form(o->op)) {
    cimc_key_append(a->key, sizeof(a->key), "_fused");
    if (o->kind == CIMC_QGEMM_ADD) {
      add_fused_add(o);
      return fused_add;
    }
    add_fused_mul(o);
    return fused_mul;
  }
  cimc_scalars_add_input(&a->scalars, &o->a);
  cimc_scalars_add_input(&a->scalars, &o->b);
  cimc_scalars_add_output(&a->scalars, o->op, a->key, sizeof(a->key));
  return real;
}

MlirLogicalResult cimc_binary_lower(cimc_lower *state, MlirOperation op) {
  CIMC_TRY(cimc_scalars_check(op));
  MlirType lhs = mlirValueGetType(mlirOperationGetOperand(op, 0));
  MlirType rhs = mlirValueGetType(mlirOperationGetOperand(op, 1));
  binary o = {.op = op,
              .kind = cimc_qgemm_kind_of(op),
              .a = cimc_qgemm_element(lhs),
              .b = cimc_qgemm_element(rhs)};
  o.out = cimc_qgemm_element(result_type(&o));
  cimc_apply_all(&o.apply, state, op);
  cimc_nest_body body = choose(&o);
  return cimc_apply_emit(&o.apply, body, &o);
}
