// SPDX-License-Identifier: Apache-2.0
//
// A small builder of loops and vectors over mlir-c, so that kernels read as
// the arithmetic they emit. One cimc_build emits one llvm.func.
//
// Values are scalars or 1-D vectors; every function takes either. Integer or
// float forms are chosen by the operand's type; integers are signed unless the
// name says otherwise. Nothing here becomes a call of libm on any target.
#ifndef CIMC_LOWER_BUILD_H
#define CIMC_LOWER_BUILD_H

#include "dialect/qgemm.h"
#include "passes/passes.h"

#define CIMC_BUILD_CONSTANTS_MAX 64
#define CIMC_LOOP_VALUES_MAX 64

// The emitter: where ops go (the end of `block`), and the types kernels use.
typedef struct cimc_build {
  MlirContext context;
  MlirLocation location;
  MlirOperation function; // the llvm.func
  MlirBlock entry;        // its first block
  MlirBlock block;        // insertion point
  cimc_cpu cpu;
  int64_t lanes;  // 32-bit lanes of a vector register, at least 1
  MlirType index; // of addresses and loop counters: i64, or i32
  MlirType i1, i8, i16, i32, i64, f32, ptr;
  // Constants are made once, at the top of the function.
  int constant_count;
  MlirAttribute constant_key[CIMC_BUILD_CONSTANTS_MAX];
  MlirValue constant[CIMC_BUILD_CONSTANTS_MAX];
} cimc_build;

// -- Functions and globals ---------------------------------------------------
typedef struct cimc_function_desc {
  const char *name;
  intptr_t argument_count;
  const MlirType *arguments;
  MlirType result; // null: void
  bool internal;   // and then noinline
  bool noalias;    // no pointer argument overlaps another that is written
} cimc_function_desc;

// Appends an empty llvm.func to the module and points `out` at its body.
void cimc_build_function(MlirOperation module, MlirLocation location,
                         const cimc_cpu *cpu, const cimc_function_desc *desc,
                         cimc_build *out);
// Declares an external function.
void cimc_build_declare(MlirOperation module, const cimc_function_desc *desc);
MlirValue cimc_build_argument(const cimc_build *b, intptr_t index);
// llvm.return of a value, or of nothing for a null value.
void cimc_build_return(cimc_build *b, MlirValue value);
// Data for a global: `count` elements of i8 to i64 or f32 as raw bytes.
// Equal data gives the equal attribute.
MlirAttribute cimc_build_data(MlirType element, intptr_t count,
                              const void *data);
// Appends an internal constant global, 64-byte aligned.
void cimc_build_global(MlirOperation module, const char *name,
                       MlirAttribute data);
MlirValue cimc_build_address(cimc_build *b, const char *global);
// A new block of the function, after the others; ends nothing.
MlirBlock cimc_build_block(cimc_build *b);
void cimc_build_branch_if(cimc_build *b, MlirValue condition, MlirBlock yes,
                          MlirBlock no);

// -- Types -------------------------------------------------------------------
MlirType cimc_build_vector_type(const cimc_build *b, int64_t count,
                                MlirType element);
// Lanes of a vector, 1 for a scalar.
int64_t cimc_build_count(MlirValue value);
// `element`, or a vector of it with as many lanes as `like` has.
MlirType cimc_build_like(const cimc_build *b, MlirValue like, MlirType element);
// The type one element of the storage has in memory (u8 -> i8, …).
MlirType cimc_build_storage_type(const cimc_build *b, cimc_storage storage);

// -- Constants: of a scalar type, or a splat of a vector type ----------------
MlirValue cimc_build_index(cimc_build *b, int64_t value);
MlirValue cimc_build_int(cimc_build *b, MlirType type, int64_t value);
MlirValue cimc_build_float(cimc_build *b, MlirType type, float value);

MlirValue cimc_build_null(cimc_build *b); // the null pointer

// -- Arithmetic --------------------------------------------------------------
MlirValue cimc_build_add(cimc_build *b, MlirValue x, MlirValue y);
MlirValue cimc_build_sub(cimc_build *b, MlirValue x, MlirValue y);
MlirValue cimc_build_mul(cimc_build *b, MlirValue x, MlirValue y);
// Float: a real division. Integer: signed, towards zero.
MlirValue cimc_build_div(cimc_build *b, MlirValue x, MlirValue y);
// x * y + z: fused where the target can (results then differ by target), else
// two roundings. Only for f32 models, where that is allowed.
MlirValue cimc_build_muladd(cimc_build *b, MlirValue x, MlirValue y,
                            MlirValue z);
// Float: `x < y ? x : y` and `x > y ? x : y`, so a NaN in x gives y.
MlirValue cimc_build_min(cimc_build *b, MlirValue x, MlirValue y);
MlirValue cimc_build_max(cimc_build *b, MlirValue x, MlirValue y);
// min(max(x, low), high); a NaN gives low.
MlirValue cimc_build_clamp(cimc_build *b, MlirValue x, MlirValue low,
                           MlirValue high);
MlirValue cimc_build_and(cimc_build *b, MlirValue x, MlirValue y);
MlirValue cimc_build_or(cimc_build *b, MlirValue x, MlirValue y);
MlirValue cimc_build_xor(cimc_build *b, MlirValue x, MlirValue y);
MlirValue cimc_build_shl(cimc_build *b, MlirValue x, MlirValue y);
MlirValue cimc_build_shr_signed(cimc_build *b, MlirValue x, MlirValue y);
MlirValue cimc_build_shr_unsigned(cimc_build *b, MlirValue x, MlirValue y);
// Of a float, rounded correctly.
MlirValue cimc_build_sqrt(cimc_build *b, MlirValue x);
// How many of an integer's highest bits are 0: all of them for 0.
MlirValue cimc_build_leading_zeros(cimc_build *b, MlirValue x);

typedef enum cimc_compare {
  CIMC_EQ,
  CIMC_NE,
  CIMC_LT,
  CIMC_LE,
  CIMC_GT,
  CIMC_GE,
  CIMC_UNSIGNED_GE, // of integers
} cimc_compare;
// Signed integers; floats ordered (false on NaN), but NE is true on NaN.
MlirValue cimc_build_compare(cimc_build *b, cimc_compare how, MlirValue x,
                             MlirValue y);
MlirValue cimc_build_select(cimc_build *b, MlirValue condition, MlirValue yes,
                            MlirValue no);

// -- Conversions: the target is an element type; lanes are kept --------------
MlirValue cimc_build_to_float(cimc_build *b, MlirValue x); // signed int -> f32
// f32 -> i32 towards zero; x must be within an i32's range.
MlirValue cimc_build_to_int(cimc_build *b, MlirValue x);
MlirValue cimc_build_sext(cimc_build *b, MlirValue x, MlirType element);
MlirValue cimc_build_zext(cimc_build *b, MlirValue x, MlirType element);
MlirValue cimc_build_trunc(cimc_build *b, MlirValue x, MlirType element);
// Same bits as another scalar or vector type (full type, not element).
MlirValue cimc_build_bitcast(cimc_build *b, MlirValue x, MlirType type);

// -- Vectors -----------------------------------------------------------------
// A scalar in every lane of a vector of `count`.
MlirValue cimc_build_splat(cimc_build *b, MlirValue scalar, int64_t count);
MlirValue cimc_build_extract(cimc_build *b, MlirValue vector, int64_t lane);
// Lanes of x then y, chosen by `mask` (-1: don't care).
MlirValue cimc_build_shuffle(cimc_build *b, MlirValue x, MlirValue y,
                             int64_t count, const int32_t *mask);
// Lanes [first, first + count).
MlirValue cimc_build_slice(cimc_build *b, MlirValue x, int64_t first,
                           int64_t count);
// Combines all lanes into one scalar by halves, in a fixed order; the count is
// a power of two. `combine` is cimc_build_add, _max, ….
MlirValue cimc_build_reduce(cimc_build *b, MlirValue vector,
                            MlirValue (*combine)(cimc_build *, MlirValue,
                                                 MlirValue));

// -- Memory ------------------------------------------------------------------
// pointer + bytes; bytes is of type b->index.
MlirValue cimc_build_offset(cimc_build *b, MlirValue pointer, MlirValue bytes);
MlirValue cimc_build_offset_by(cimc_build *b, MlirValue pointer, int64_t bytes);
// A pointer's address as an integer of type b->index.
MlirValue cimc_build_pointer_bits(cimc_build *b, MlirValue pointer);
// Loads and stores of a scalar or vector, `align` in bytes (1: any address).
MlirValue cimc_build_load(cimc_build *b, MlirType type, MlirValue pointer,
                          int64_t align);
void cimc_build_store(cimc_build *b, MlirValue value, MlirValue pointer,
                      int64_t align);
// The first `count` lanes only, in pieces of powers of two: touches no byte
// beyond. The lanes past `count` of a partial load are zero.
MlirValue cimc_build_load_partial(cimc_build *b, MlirType type,
                                  MlirValue pointer, int64_t align,
                                  int64_t count);
void cimc_build_store_partial(cimc_build *b, MlirValue value, MlirValue pointer,
                              int64_t align, int64_t count);

// -- Control -----------------------------------------------------------------
// A loop with carried values:
//   cimc_loop l = cimc_build_for(b, (cimc_range){lo, hi, 1}, n, inits);
//   … uses l.iv and l.value[i], emits the body …
//   cimc_build_end_for(b, &l, next);       now l.value[i] is the final value
typedef struct cimc_loop {
  MlirOperation op;
  MlirBlock outer;
  MlirValue iv; // of type b->index
  intptr_t count;
  MlirValue value[CIMC_LOOP_VALUES_MAX];
} cimc_loop;
// [low, high) by steps of `step`, which is positive.
typedef struct cimc_range {
  MlirValue low, high;
  int64_t step;
} cimc_range;
cimc_loop cimc_build_for(cimc_build *b, cimc_range range, intptr_t count,
                         const MlirValue *init);
// A loop over [0, high) without carried values, with constant bounds.
cimc_loop cimc_build_repeat(cimc_build *b, int64_t high, int64_t step);
void cimc_build_end_for(cimc_build *b, cimc_loop *loop, const MlirValue *next);

// llvm.call of a function by name; result null for void.
MlirValue cimc_build_call(cimc_build *b, const char *callee, MlirType result,
                          intptr_t count, const MlirValue *arguments);
// llvm.call_intrinsic, e.g. "llvm.x86.avx512.vpdpbusd.512".
MlirValue cimc_build_intrinsic(cimc_build *b, const char *name, MlirType result,
                               intptr_t count, const MlirValue *arguments);

#endif
