// SPDX-License-Identifier: Apache-2.0
//
// Sine and cosine: see math.h.
//
// The quarter turns of x are a product of integers: x's 24 bits and the 64 bits
// of 2/pi that matter for x's exponent (those above only count whole turns, and
// drop out of a 64-bit product). Why not subtract multiples of pi/2 in floats:
// that holds for small x only, needs fused multiply-adds to be exact, and this
// costs no more. The polynomials are those of Cephes' sinf and cosf.
#include "passes/lower/core/math.h"

#include <math.h>

#define PI_HALF 1.57079632679489662

// 2/pi in binary, behind 32 bits of 0.
static const uint32_t two_over_pi[] = {
    0, 0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599, 0x3C439041};
#define WINDOWS 5 // of two words and a third, one for each word to begin in

// The 64 bits of 2/pi from bit `first` (i32) on.
static MlirValue window(cimc_build *b, MlirValue first) {
  MlirType integer = mlirValueGetType(first);
  MlirType wide = cimc_build_like(b, first, b->i64);
  MlirValue word =
      cimc_build_shr_signed(b, first, cimc_build_int(b, integer, 5));
  MlirValue high = cimc_build_int(b, wide, 0), low = high;
  for (int i = 0; i < WINDOWS; i++) {
    MlirValue here =
        cimc_build_compare(b, CIMC_EQ, word, cimc_build_int(b, integer, i));
    uint64_t bits = (uint64_t)two_over_pi[i] << 32 | two_over_pi[i + 1];
    high = cimc_build_select(b, here, cimc_build_int(b, wide, (int64_t)bits),
                             high);
    low = cimc_build_select(b, here,
                            cimc_build_int(b, wide, two_over_pi[i + 2]), low);
  }
  MlirValue shift = cimc_build_zext(
      b, cimc_build_and(b, first, cimc_build_int(b, integer, 31)), b->i64);
  MlirValue rest = cimc_build_sub(b, cimc_build_int(b, wide, 32), shift);
  return cimc_build_or(b, cimc_build_shl(b, high, shift),
                       cimc_build_shr_unsigned(b, low, rest));
}

// |x| = (quarter + fraction) quarter turns, |fraction| <= 1/2: the quarter's
// last two bits, and the fraction in radians.
typedef struct angle {
  MlirValue quarter;
  MlirValue radians;
} angle;

static MlirValue to_radians(cimc_build *b, MlirValue fixed) {
  // A signed count of 2^-62 quarters, as two numbers that floats can take.
  MlirType wide = mlirValueGetType(fixed);
  MlirValue thirty = cimc_build_int(b, wide, 30);
  MlirValue half = cimc_build_int(b, wide, 1 << 29);
  MlirValue high =
      cimc_build_shr_signed(b, cimc_build_add(b, fixed, half), thirty);
  MlirValue low = cimc_build_sub(b, fixed, cimc_build_shl(b, high, thirty));
  high = cimc_build_to_float(b, cimc_build_trunc(b, high, b->i32));
  low = cimc_build_to_float(b, cimc_build_trunc(b, low, b->i32));
  MlirValue one = cimc_math_number(b, high, (float)(PI_HALF * 0x1p-32));
  MlirValue other = cimc_math_number(b, low, (float)(PI_HALF * 0x1p-62));
  return cimc_build_add(b, cimc_build_mul(b, high, one),
                        cimc_build_mul(b, low, other));
}

static angle reduce(cimc_build *b, MlirValue magnitude) {
  MlirType integer = cimc_build_like(b, magnitude, b->i32);
  MlirType wide = cimc_build_like(b, magnitude, b->i64);
  MlirValue bits = cimc_build_bitcast(b, magnitude, integer);
  MlirValue exponent =
      cimc_build_shr_signed(b, bits, cimc_build_int(b, integer, 23));
  // Below 1/2 the result is not used.
  exponent = cimc_build_max(b, exponent, cimc_build_int(b, integer, 126));
  MlirValue mantissa = cimc_build_or(
      b, cimc_build_and(b, bits, cimc_build_int(b, integer, 0x7FFFFF)),
      cimc_build_int(b, integer, 0x800000));
  // x is mantissa 2^(exponent - 150); the window's last bit stands for 2^-62.
  MlirValue first =
      cimc_build_sub(b, exponent, cimc_build_int(b, integer, 120));
  MlirValue turns =
      cimc_build_mul(b, cimc_build_zext(b, mantissa, b->i64), window(b, first));
  MlirValue nearest =
      cimc_build_add(b, turns, cimc_build_int(b, wide, (int64_t)1 << 61));
  nearest = cimc_build_shr_unsigned(b, nearest, cimc_build_int(b, wide, 62));
  MlirValue whole = cimc_build_shl(b, nearest, cimc_build_int(b, wide, 62));
  MlirValue radians = to_radians(b, cimc_build_sub(b, turns, whole));
  // Small angles are as they are.
  MlirValue small =
      cimc_build_compare(b, CIMC_LT, magnitude,
                         cimc_math_number(b, magnitude, (float)(PI_HALF / 2)));
  return (angle){cimc_build_select(b, small, cimc_build_int(b, integer, 0),
                                   cimc_build_trunc(b, nearest, b->i32)),
                 cimc_build_select(b, small, magnitude, radians)};
}

// sin(|x| + quarters * pi/2), its sign bit flipped by `sign`.
static MlirValue sine(cimc_build *b, MlirValue x, int quarters,
                      MlirValue sign) {
  static const float odd[] = {-1.9515295891e-4f, 8.3321608736e-3f,
                              -1.6666654611e-1f};
  static const float even[] = {2.443315711809948e-5f, -1.388731625493765e-3f,
                               4.166664568298827e-2f};
  MlirType integer = cimc_build_like(b, x, b->i32);
  MlirValue one = cimc_build_int(b, integer, 1);
  MlirValue two = cimc_build_int(b, integer, 2);
  angle a = reduce(b, cimc_math_abs(b, x));
  MlirValue quarter =
      cimc_build_add(b, a.quarter, cimc_build_int(b, integer, quarters));
  MlirValue r = a.radians, square = cimc_build_mul(b, r, r);
  MlirValue s = cimc_math_polynomial(b, square, 3, odd);
  s = cimc_build_mul(b, cimc_build_mul(b, s, square), r);
  s = cimc_build_add(b, s, r);
  MlirValue c = cimc_math_polynomial(b, square, 3, even);
  c = cimc_build_mul(b, c, cimc_build_mul(b, square, square));
  MlirValue half = cimc_build_mul(b, square, cimc_math_number(b, x, 0.5f));
  c = cimc_build_add(b, c,
                     cimc_build_sub(b, cimc_math_number(b, x, 1.0f), half));
  MlirValue is_odd =
      cimc_build_compare(b, CIMC_EQ, cimc_build_and(b, quarter, one), one);
  MlirValue value = cimc_build_select(b, is_odd, c, s);
  MlirValue flip = cimc_build_shl(b, cimc_build_and(b, quarter, two),
                                  cimc_build_int(b, integer, 30));
  if (!mlirValueIsNull(sign))
    flip = cimc_build_xor(b, flip, sign);
  value = cimc_build_xor(b, cimc_build_bitcast(b, value, integer), flip);
  MlirValue finite = cimc_build_compare(b, CIMC_LT, cimc_math_abs(b, x),
                                        cimc_math_number(b, x, INFINITY));
  return cimc_build_select(b, finite,
                           cimc_build_bitcast(b, value, mlirValueGetType(x)),
                           cimc_math_number(b, x, NAN));
}

MlirValue cimc_math_sin(cimc_build *b, MlirValue x) {
  return sine(b, x, 0, cimc_math_sign_bit(b, x));
}

MlirValue cimc_math_cos(cimc_build *b, MlirValue x) {
  return sine(b, x, 1, (MlirValue){NULL});
}
