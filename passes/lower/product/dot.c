// SPDX-License-Identifier: Apache-2.0
//
// The inner step on each CPU: see dot.h. vpmaddubsw saturates its 16-bit sums,
// so it is never used: results are exact everywhere.
#include "passes/lower/product/dot.h"

#include <stdio.h>

// -- Activations -------------------------------------------------------------
// Up to four bytes as the low bytes of an i32, the others zero.
static MlirValue load_bytes(cimc_build *b, MlirValue pointer, int64_t count) {
  if (count == 4)
    return cimc_build_load(b, b->i32, pointer, 1);
  if (count == 1)
    return cimc_build_zext(b, cimc_build_load(b, b->i8, pointer, 1), b->i32);
  MlirValue low =
      cimc_build_zext(b, cimc_build_load(b, b->i16, pointer, 1), b->i32);
  if (count == 2)
    return low;
  MlirValue third =
      cimc_build_load(b, b->i8, cimc_build_offset_by(b, pointer, 2), 1);
  third = cimc_build_shl(b, cimc_build_zext(b, third, b->i32),
                         cimc_build_int(b, b->i32, 16));
  return cimc_build_or(b, low, third);
}

static MlirValue activation_bytes(cimc_build *b, const cimc_packing *packing,
                                  MlirValue pointer, int64_t count,
                                  bool flipped) {
  MlirValue word = load_bytes(b, pointer, count);
  MlirValue words = cimc_build_splat(b, word, packing->lanes);
  if (packing->flip && !flipped) {
    MlirType type = mlirValueGetType(words);
    words =
        cimc_build_xor(b, words, cimc_build_int(b, type, INT32_C(-0x7f7f7f80)));
  }
  MlirType bytes = cimc_build_vector_type(b, 4 * packing->lanes, b->i8);
  return cimc_build_bitcast(b, words, bytes);
}

static MlirValue extend(cimc_build *b, cimc_storage storage, MlirValue x,
                        MlirType element) {
  return storage == CIMC_STORAGE_U8 ? cimc_build_zext(b, x, element)
                                    : cimc_build_sext(b, x, element);
}

// Two elements as a pair of i16 in an i32.
static MlirValue activation_pair(cimc_build *b, const cimc_packing *packing,
                                 MlirValue pointer, int64_t count) {
  MlirValue word;
  if (count == 1) {
    MlirValue x = cimc_build_load(b, b->i8, pointer, 1);
    word = cimc_build_zext(b, extend(b, packing->in, x, b->i16), b->i32);
  } else {
    MlirType pair = cimc_build_vector_type(b, 2, b->i8);
    MlirValue x = cimc_build_load(b, pair, pointer, 1);
    word = cimc_build_bitcast(b, extend(b, packing->in, x, b->i16), b->i32);
  }
  MlirValue words = cimc_build_splat(b, word, packing->lanes);
  MlirType shorts = cimc_build_vector_type(b, 2 * packing->lanes, b->i16);
  return cimc_build_bitcast(b, words, shorts);
}

MlirValue cimc_dot_activation(cimc_build *b, const cimc_packing *packing,
                              MlirValue pointer, int64_t count, bool flipped) {
  MlirValue x;
  switch (packing->dot) {
  case CIMC_DOT_VPDPBUSD:
    return activation_bytes(b, packing, pointer, count, flipped);
  case CIMC_DOT_PMADDWD:
    return activation_pair(b, packing, pointer, count);
  case CIMC_DOT_WIDEN:
    x = cimc_build_load(b, b->i8, pointer, 1);
    x = extend(b, packing->in, x, b->i32);
    return cimc_build_splat(b, x, packing->lanes);
  case CIMC_DOT_F32:
    break;
  }
  x = cimc_build_load(b, b->f32, pointer, 4);
  return cimc_build_splat(b, x, packing->lanes);
}

// -- Weights -----------------------------------------------------------------
MlirValue cimc_dot_weights(cimc_build *b, const cimc_packing *packing,
                           MlirValue pointer) {
  int64_t count = packing->lanes * packing->step;
  MlirType element = packing->dot == CIMC_DOT_F32 ? b->f32
                     : packing->wide              ? b->i16
                                                  : b->i8;
  // Every step of a panel starts at a multiple of the step's size.
  int64_t align = packing->step_size < 64 ? packing->step_size : 64;
  MlirValue w = cimc_build_load(b, cimc_build_vector_type(b, count, element),
                                pointer, align);
  if (packing->dot == CIMC_DOT_WIDEN)
    return cimc_build_sext(b, w, b->i32);
  if (packing->dot == CIMC_DOT_PMADDWD && !packing->wide)
    return cimc_build_sext(b, w, b->i16);
  return w;
}

// -- Multiply-add ------------------------------------------------------------
static const char *pmaddwd_name(int64_t lanes) {
  switch (lanes) {
  case 16:
    return "llvm.x86.avx512.pmaddw.d.512";
  case 8:
    return "llvm.x86.avx2.pmadd.wd";
  default:
    return "llvm.x86.sse2.pmadd.wd";
  }
}

MlirValue cimc_dot_step(cimc_build *b, const cimc_packing *packing,
                        MlirValue accumulator, MlirValue activation,
                        MlirValue weights) {
  MlirType type = mlirValueGetType(accumulator);
  MlirValue operands[] = {accumulator, activation, weights};
  char name[48];
  switch (packing->dot) {
  case CIMC_DOT_VPDPBUSD:
    snprintf(name, sizeof name, "llvm.x86.avx512.vpdpbusd.%d",
             (int)packing->lanes * 32);
    return cimc_build_intrinsic(b, name, type, 3, operands);
  case CIMC_DOT_PMADDWD:
    return cimc_build_add(b, accumulator,
                          cimc_build_intrinsic(b, pmaddwd_name(packing->lanes),
                                               type, 2, operands + 1));
  case CIMC_DOT_WIDEN:
    return cimc_build_add(b, accumulator,
                          cimc_build_mul(b, activation, weights));
  case CIMC_DOT_F32:
    break;
  }
  return cimc_build_muladd(b, activation, weights, accumulator);
}
