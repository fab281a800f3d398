// SPDX-License-Identifier: Apache-2.0
//
// The builder's types, constants, arithmetic, conversions and vector ops: see
// build.h.
#include "passes/lower/core/build.h"

#include <assert.h>
#include <mlir-c/Dialect/LLVM.h>

// -- Ops ---------------------------------------------------------------------
typedef struct op_form {
  const char *name;
  MlirType result;
  const char *attribute; // null: none
  MlirAttribute value;
} op_form;

static MlirOperation create(cimc_build *b, const op_form *form,
                            intptr_t operand_count, const MlirValue *operands) {
  MlirOperationState state =
      mlirOperationStateGet(cimc_ir_str(form->name), b->location);
  mlirOperationStateAddResults(&state, 1, &form->result);
  mlirOperationStateAddOperands(&state, operand_count, operands);
  if (form->attribute) {
    MlirNamedAttribute named =
        cimc_ir_attr(b->context, form->attribute, form->value);
    mlirOperationStateAddAttributes(&state, 1, &named);
  }
  return mlirOperationCreate(&state);
}

static MlirValue emit(cimc_build *b, const op_form *form,
                      intptr_t operand_count, const MlirValue *operands) {
  MlirOperation op = create(b, form, operand_count, operands);
  mlirBlockAppendOwnedOperation(b->block, op);
  return mlirOperationGetResult(op, 0);
}

static MlirValue unary(cimc_build *b, const char *name, MlirType result,
                       MlirValue x) {
  return emit(b, &(op_form){.name = name, .result = result}, 1, &x);
}

static MlirValue binary(cimc_build *b, const char *name, MlirValue x,
                        MlirValue y) {
  MlirValue operands[] = {x, y};
  op_form form = {.name = name, .result = mlirValueGetType(x)};
  return emit(b, &form, 2, operands);
}

// -- Types -------------------------------------------------------------------
MlirType cimc_build_vector_type(const cimc_build *b, int64_t count,
                                MlirType element) {
  (void)b;
  return mlirVectorTypeGet(1, &count, element);
}

static MlirType element_of(MlirType type) {
  return mlirTypeIsAVector(type) ? mlirShapedTypeGetElementType(type) : type;
}

static bool is_float(MlirValue value) {
  return mlirTypeIsAF32(element_of(mlirValueGetType(value)));
}

int64_t cimc_build_count(MlirValue value) {
  MlirType type = mlirValueGetType(value);
  return mlirTypeIsAVector(type) ? mlirShapedTypeGetDimSize(type, 0) : 1;
}

MlirType cimc_build_like(const cimc_build *b, MlirValue like,
                         MlirType element) {
  if (!mlirTypeIsAVector(mlirValueGetType(like)))
    return element;
  return cimc_build_vector_type(b, cimc_build_count(like), element);
}

MlirType cimc_build_storage_type(const cimc_build *b, cimc_storage storage) {
  switch (storage) {
  case CIMC_STORAGE_I8:
  case CIMC_STORAGE_U8:
    return b->i8;
  case CIMC_STORAGE_I16:
  case CIMC_STORAGE_U16:
    return b->i16;
  case CIMC_STORAGE_I32:
    return b->i32;
  case CIMC_STORAGE_I64:
    return b->i64;
  default:
    return b->f32;
  }
}

// -- Constants ---------------------------------------------------------------
static MlirValue constant(cimc_build *b, MlirType type, MlirAttribute scalar) {
  MlirAttribute value = mlirTypeIsAVector(type)
                            ? mlirDenseElementsAttrSplatGet(type, scalar)
                            : scalar;
  for (int i = 0; i < b->constant_count; i++)
    if (mlirAttributeEqual(b->constant_key[i], value))
      return b->constant[i];
  op_form form = {.name = "arith.constant",
                  .result = type,
                  .attribute = "value",
                  .value = value};
  MlirOperation op = create(b, &form, 0, NULL);
  mlirBlockInsertOwnedOperation(b->entry, 0, op);
  MlirValue result = mlirOperationGetResult(op, 0);
  if (b->constant_count < CIMC_BUILD_CONSTANTS_MAX) {
    b->constant_key[b->constant_count] = value;
    b->constant[b->constant_count++] = result;
  }
  return result;
}

MlirValue cimc_build_index(cimc_build *b, int64_t value) {
  return cimc_build_int(b, b->index, value);
}

MlirValue cimc_build_int(cimc_build *b, MlirType type, int64_t value) {
  return constant(b, type, mlirIntegerAttrGet(element_of(type), value));
}

MlirValue cimc_build_float(cimc_build *b, MlirType type, float value) {
  return constant(b, type,
                  mlirFloatAttrDoubleGet(b->context, b->f32, (double)value));
}

MlirValue cimc_build_null(cimc_build *b) {
  op_form form = {.name = "llvm.mlir.zero", .result = b->ptr};
  return emit(b, &form, 0, NULL);
}

// -- Arithmetic --------------------------------------------------------------
MlirValue cimc_build_add(cimc_build *b, MlirValue x, MlirValue y) {
  return binary(b, is_float(x) ? "arith.addf" : "arith.addi", x, y);
}

MlirValue cimc_build_sub(cimc_build *b, MlirValue x, MlirValue y) {
  return binary(b, is_float(x) ? "arith.subf" : "arith.subi", x, y);
}

MlirValue cimc_build_mul(cimc_build *b, MlirValue x, MlirValue y) {
  return binary(b, is_float(x) ? "arith.mulf" : "arith.muli", x, y);
}

MlirValue cimc_build_div(cimc_build *b, MlirValue x, MlirValue y) {
  return binary(b, is_float(x) ? "arith.divf" : "arith.divsi", x, y);
}

MlirValue cimc_build_muladd(cimc_build *b, MlirValue x, MlirValue y,
                            MlirValue z) {
  MlirValue operands[] = {x, y, z};
  op_form form = {.name = "llvm.intr.fmuladd", .result = mlirValueGetType(x)};
  return emit(b, &form, 3, operands);
}

MlirValue cimc_build_min(cimc_build *b, MlirValue x, MlirValue y) {
  if (!is_float(x))
    return binary(b, "arith.minsi", x, y);
  return cimc_build_select(b, cimc_build_compare(b, CIMC_LT, x, y), x, y);
}

MlirValue cimc_build_max(cimc_build *b, MlirValue x, MlirValue y) {
  if (!is_float(x))
    return binary(b, "arith.maxsi", x, y);
  return cimc_build_select(b, cimc_build_compare(b, CIMC_GT, x, y), x, y);
}

MlirValue cimc_build_clamp(cimc_build *b, MlirValue x, MlirValue low,
                           MlirValue high) {
  return cimc_build_min(b, cimc_build_max(b, x, low), high);
}

MlirValue cimc_build_and(cimc_build *b, MlirValue x, MlirValue y) {
  return binary(b, "arith.andi", x, y);
}

MlirValue cimc_build_or(cimc_build *b, MlirValue x, MlirValue y) {
  return binary(b, "arith.ori", x, y);
}

MlirValue cimc_build_xor(cimc_build *b, MlirValue x, MlirValue y) {
  return binary(b, "arith.xori", x, y);
}

MlirValue cimc_build_shl(cimc_build *b, MlirValue x, MlirValue y) {
  return binary(b, "arith.shli", x, y);
}

MlirValue cimc_build_shr_signed(cimc_build *b, MlirValue x, MlirValue y) {
  return binary(b, "arith.shrsi", x, y);
}

MlirValue cimc_build_shr_unsigned(cimc_build *b, MlirValue x, MlirValue y) {
  return binary(b, "arith.shrui", x, y);
}

MlirValue cimc_build_sqrt(cimc_build *b, MlirValue x) {
  return unary(b, "llvm.intr.sqrt", mlirValueGetType(x), x);
}

MlirValue cimc_build_leading_zeros(cimc_build *b, MlirValue x) {
  op_form form = {.name = "llvm.intr.ctlz",
                  .result = mlirValueGetType(x),
                  .attribute = "is_zero_poison",
                  .value = mlirIntegerAttrGet(b->i1, 0)};
  return emit(b, &form, 1, &x);
}

MlirValue cimc_build_compare(cimc_build *b, cimc_compare how, MlirValue x,
                             MlirValue y) {
  // arith::CmpIPredicate and arith::CmpFPredicate (ordered, but une).
  static const int64_t integer[] = {0, 1, 2, 3, 4, 5, 9};
  static const int64_t real[] = {1, 13, 4, 5, 2, 3, 3};
  bool floats = is_float(x);
  MlirValue operands[] = {x, y};
  op_form form = {
      .name = floats ? "arith.cmpf" : "arith.cmpi",
      .result = cimc_build_like(b, x, b->i1),
      .attribute = "predicate",
      .value = mlirIntegerAttrGet(b->i64, floats ? real[how] : integer[how])};
  if (mlirTypeIsALLVMPointerType(mlirValueGetType(x)))
    form.name = "llvm.icmp"; // of pointers: eq and ne have the same codes
  return emit(b, &form, 2, operands);
}

MlirValue cimc_build_select(cimc_build *b, MlirValue condition, MlirValue yes,
                            MlirValue no) {
  MlirValue operands[] = {condition, yes, no};
  op_form form = {.name = "arith.select", .result = mlirValueGetType(yes)};
  return emit(b, &form, 3, operands);
}

// -- Conversions -------------------------------------------------------------
MlirValue cimc_build_to_float(cimc_build *b, MlirValue x) {
  return unary(b, "arith.sitofp", cimc_build_like(b, x, b->f32), x);
}

MlirValue cimc_build_to_int(cimc_build *b, MlirValue x) {
  return unary(b, "arith.fptosi", cimc_build_like(b, x, b->i32), x);
}

MlirValue cimc_build_sext(cimc_build *b, MlirValue x, MlirType element) {
  return unary(b, "arith.extsi", cimc_build_like(b, x, element), x);
}

MlirValue cimc_build_zext(cimc_build *b, MlirValue x, MlirType element) {
  return unary(b, "arith.extui", cimc_build_like(b, x, element), x);
}

MlirValue cimc_build_trunc(cimc_build *b, MlirValue x, MlirType element) {
  return unary(b, "arith.trunci", cimc_build_like(b, x, element), x);
}

MlirValue cimc_build_bitcast(cimc_build *b, MlirValue x, MlirType type) {
  return unary(b, "llvm.bitcast", type, x);
}

MlirValue cimc_build_pointer_bits(cimc_build *b, MlirValue pointer) {
  return unary(b, "llvm.ptrtoint", b->index, pointer);
}

// -- Vectors -----------------------------------------------------------------
MlirValue cimc_build_splat(cimc_build *b, MlirValue scalar, int64_t count) {
  MlirType type = cimc_build_vector_type(b, count, mlirValueGetType(scalar));
  return unary(b, "vector.broadcast", type, scalar);
}

MlirValue cimc_build_extract(cimc_build *b, MlirValue vector, int64_t lane) {
  MlirValue operands[] = {vector, cimc_build_int(b, b->i32, lane)};
  op_form form = {.name = "llvm.extractelement",
                  .result = element_of(mlirValueGetType(vector))};
  return emit(b, &form, 2, operands);
}

MlirValue cimc_build_shuffle(cimc_build *b, MlirValue x, MlirValue y,
                             int64_t count, const int32_t *mask) {
  MlirValue operands[] = {x, y};
  MlirType type =
      cimc_build_vector_type(b, count, element_of(mlirValueGetType(x)));
  op_form form = {.name = "llvm.shufflevector",
                  .result = type,
                  .attribute = "mask",
                  .value = mlirDenseI32ArrayGet(b->context, count, mask)};
  return emit(b, &form, 2, operands);
}

MlirValue cimc_build_slice(cimc_build *b, MlirValue x, int64_t first,
                           int64_t count) {
  int32_t mask[64];
  assert(count <= 64);
  for (int64_t i = 0; i < count; i++)
    mask[i] = (int32_t)(first + i);
  return cimc_build_shuffle(b, x, x, count, mask);
}

MlirValue cimc_build_reduce(cimc_build *b, MlirValue vector,
                            MlirValue (*combine)(cimc_build *, MlirValue,
                                                 MlirValue)) {
  int64_t count = cimc_build_count(vector);
  while (count > 1) {
    count /= 2;
    MlirValue low = cimc_build_slice(b, vector, 0, count);
    MlirValue high = cimc_build_slice(b, vector, count, count);
    vector = combine(b, low, high);
  }
  return cimc_build_extract(b, vector, 0);
}
