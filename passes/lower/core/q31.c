// SPDX-License-Identifier: Apache-2.0
//
// Multiplication by m / 2^shift: see q31.h.
//
// With tie = 2^30 where shift > 31 (double rounding only), else 0:
//   (x * m + 2^(shift-1) + (x < 0 ? -tie : tie)) >> shift
// All but the product, its sum and shift is the same for all rows of a channel.
#include "passes/lower/core/q31.h"

cimc_q31 cimc_q31_of(cimc_build *b, MlirValue words, bool twice) {
  MlirType type = mlirValueGetType(words);
  MlirValue one = cimc_build_int(b, type, 1);
  MlirValue low = cimc_build_int(b, type, 32);
  // A sign extension of the low half in this form is moved next to the product
  // by LLVM's x86 backend, and then costs nothing: pmuldq reads low halves.
  MlirValue multiplier =
      cimc_build_shr_signed(b, cimc_build_shl(b, words, low), low);
  MlirValue shift = cimc_build_shr_signed(b, words, low);
  MlirValue half = cimc_build_shl(b, one, cimc_build_sub(b, shift, one));
  if (!twice)
    return (cimc_q31){multiplier, shift, half, {NULL}};
  MlirValue far =
      cimc_build_compare(b, CIMC_GT, shift, cimc_build_int(b, type, 31));
  MlirValue zero = cimc_build_int(b, type, 0);
  MlirValue tie = cimc_build_select(
      b, far, cimc_build_int(b, type, INT64_C(1) << 30), zero);
  return (cimc_q31){multiplier, shift, cimc_build_add(b, half, tie),
                    cimc_build_add(b, tie, tie)};
}

MlirValue cimc_q31_apply(cimc_build *b, const cimc_q31 *by, MlirValue x) {
  return cimc_q31_apply_wide(b, by, cimc_build_sext(b, x, b->i64));
}

MlirValue cimc_q31_apply_wide(cimc_build *b, const cimc_q31 *by,
                              MlirValue wide) {
  MlirValue sum = cimc_build_mul(b, wide, by->multiplier);
  sum = cimc_build_add(b, sum, by->half);
  if (!mlirValueIsNull(by->less)) {
    MlirValue sign = cimc_build_shr_signed(
        b, wide, cimc_build_int(b, mlirValueGetType(wide), 63));
    sum = cimc_build_sub(b, sum, cimc_build_and(b, sign, by->less));
  }
  return cimc_build_shr_signed(b, sum, by->shift);
}
