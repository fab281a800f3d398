// SPDX-License-Identifier: Apache-2.0
//
// Logarithm and power: see math.h.
//
// Source: log is Cephes' logf (S. Moshier). pow takes log2 x in two floats, the
// first of so few bits that its product with the upper half of y is exact; an
// error of the logarithm would come out multiplied by y. The polynomials of pow
// are least-maximum fits of our own.
#include "passes/lower/core/math.h"

#include <math.h>

#define MAGIC 0x1.8p23f // see epilogue.c
#define MAGIC_BITS 0x4B400000
#define ROOT_HALF_BITS 0x3F3504F3 // of sqrt(1/2)

static MlirValue number(cimc_build *b, MlirValue like, float value) {
  return cimc_math_number(b, like, value);
}

static MlirType integer_of(const cimc_build *b, MlirValue x) {
  return cimc_build_like(b, x, b->i32);
}

static MlirValue bits_of(cimc_build *b, MlirValue x) {
  return cimc_build_bitcast(b, x, integer_of(b, x));
}

// x = 2^exponent * mantissa, mantissa in [sqrt(1/2), sqrt 2), for a positive
// finite x; the exponent as a float.
typedef struct parts {
  MlirValue exponent;
  MlirValue mantissa;
} parts;

static parts split(cimc_build *b, MlirValue x) {
  MlirType integer = integer_of(b, x);
  MlirValue tiny = cimc_build_compare(b, CIMC_LT, x, number(b, x, 0x1p-126f));
  MlirValue scaled = cimc_build_mul(b, x, number(b, x, 0x1p23f));
  MlirValue bits = bits_of(b, cimc_build_select(b, tiny, scaled, x));
  MlirValue exponent = cimc_build_shr_signed(
      b, cimc_build_sub(b, bits, cimc_build_int(b, integer, ROOT_HALF_BITS)),
      cimc_build_int(b, integer, 23));
  MlirValue shifted =
      cimc_build_shl(b, exponent, cimc_build_int(b, integer, 23));
  MlirValue mantissa = cimc_build_bitcast(b, cimc_build_sub(b, bits, shifted),
                                          mlirValueGetType(x));
  MlirValue lower = cimc_build_sub(b, exponent, cimc_build_int(b, integer, 23));
  exponent = cimc_build_select(b, tiny, lower, exponent);
  return (parts){cimc_build_to_float(b, exponent), mantissa};
}

MlirValue cimc_math_log(cimc_build *b, MlirValue x) {
  static const float coefficients[] = {
      7.0376836292e-2f,  -1.1514610310e-1f, 1.1676998740e-1f,
      -1.2420140846e-1f, 1.4249322787e-1f,  -1.6668057665e-1f,
      2.0000714765e-1f,  -2.4999993993e-1f, 3.3333331174e-1f};
  parts p = split(b, x);
  MlirValue f = cimc_build_sub(b, p.mantissa, number(b, x, 1.0f));
  MlirValue square = cimc_build_mul(b, f, f);
  MlirValue y = cimc_math_polynomial(b, f, 9, coefficients);
  y = cimc_build_mul(b, cimc_build_mul(b, y, f), square);
  // ln 2 in two parts, as in exp.
  MlirValue low = cimc_build_mul(b, p.exponent, number(b, x, -2.12194440e-4f));
  MlirValue high = cimc_build_mul(b, p.exponent, number(b, x, 0.693359375f));
  y = cimc_build_add(b, low, y);
  MlirValue half = cimc_build_mul(b, square, number(b, x, -0.5f));
  y = cimc_build_add(b, half, y);
  y = cimc_build_add(b, high, cimc_build_add(b, f, y));
  MlirValue zero = number(b, x, 0.0f), infinity = number(b, x, INFINITY);
  y = cimc_build_select(b, cimc_build_compare(b, CIMC_EQ, x, infinity), x, y);
  MlirValue outside =
      cimc_build_select(b, cimc_build_compare(b, CIMC_EQ, x, zero),
                        number(b, x, -INFINITY), number(b, x, NAN));
  return cimc_build_select(b, cimc_build_compare(b, CIMC_GT, x, zero), y,
                           outside);
}

// -- Power -------------------------------------------------------------------
// The upper 12 bits of the mantissa: products of two such are exact.
static MlirValue upper(cimc_build *b, MlirValue x) {
  MlirValue mask = cimc_build_int(b, integer_of(b, x), -4096);
  return cimc_build_bitcast(b, cimc_build_and(b, bits_of(b, x), mask),
                            mlirValueGetType(x));
}

// high + low, high of 12 bits.
typedef struct pair {
  MlirValue high;
  MlirValue low;
} pair;

// s = (m - 1) / (m + 1) as a pair; the quotient's remainder is exact, since
// m - 1, and m + 1 in two floats, are. *out_s is s as one float.
static pair quotient(cimc_build *b, MlirValue m, MlirValue *out_s) {
  MlirValue one = number(b, m, 1.0f);
  MlirValue f = cimc_build_sub(b, m, one), d = cimc_build_add(b, m, one);
  MlirValue lost = cimc_build_sub(b, m, cimc_build_sub(b, d, one));
  MlirValue s = cimc_build_div(b, f, d);
  MlirValue s_high = upper(b, s), d_high = upper(b, d);
  MlirValue d_low = cimc_build_add(b, cimc_build_sub(b, d, d_high), lost);
  MlirValue rest = cimc_build_sub(b, f, cimc_build_mul(b, s_high, d_high));
  rest = cimc_build_sub(b, rest, cimc_build_mul(b, s_high, d_low));
  *out_s = s;
  return (pair){s_high, cimc_build_div(b, rest, d)};
}

// log2 of a positive finite x: 2 / ln 2 atanh(s), s^2 <= 0.03.
static pair log2_of(cimc_build *b, MlirValue x) {
  static const float coefficients[] = {1.17911324e-1f, 1.42686516e-1f,
                                       2.00001672e-1f, 3.33333313e-1f};
  // 2 / ln 2, whole and as 12 bits and the rest.
  MlirValue factor = number(b, x, 0x1.715476p+1f);
  MlirValue factor_high = number(b, x, 0x1.714p+1f);
  MlirValue factor_low = number(b, x, 0x1.47652cp-11f);
  parts p = split(b, x);
  MlirValue s;
  pair q = quotient(b, p.mantissa, &s);
  MlirValue square = cimc_build_mul(b, s, s);
  MlirValue t = cimc_math_polynomial(b, square, 4, coefficients);
  t = cimc_build_mul(b, cimc_build_mul(b, t, square), s);
  t = cimc_build_add(b, t, q.low);
  MlirValue high = cimc_build_mul(b, q.high, factor_high); // exact
  MlirValue low = cimc_build_add(b, cimc_build_mul(b, q.high, factor_low),
                                 cimc_build_mul(b, t, factor));
  MlirValue sum = cimc_build_add(b, p.exponent, high);
  MlirValue lost = cimc_build_sub(b, high, cimc_build_sub(b, sum, p.exponent));
  low = cimc_build_add(b, low, lost);
  MlirValue top = upper(b, cimc_build_add(b, sum, low));
  return (pair){top, cimc_build_sub(b, low, cimc_build_sub(b, top, sum))};
}

// 2^(high + low).
static MlirValue exp2_of(cimc_build *b, MlirValue high, MlirValue low) {
  static const float coefficients[] = {1.53533605e-4f, 1.33988750e-3f,
                                       9.61843692e-3f, 5.55033237e-2f,
                                       2.40226477e-1f, 6.93147182e-1f};
  MlirType integer = integer_of(b, high);
  MlirValue one = number(b, high, 1.0f), magic = number(b, high, MAGIC);
  MlirValue z =
      cimc_build_clamp(b, cimc_build_add(b, high, low),
                       number(b, high, -200.0f), number(b, high, 200.0f));
  MlirValue shifted = cimc_build_add(b, z, magic);
  MlirValue n = cimc_build_sub(b, bits_of(b, shifted),
                               cimc_build_int(b, integer, MAGIC_BITS));
  MlirValue f = cimc_build_add(
      b, cimc_build_sub(b, high, cimc_build_sub(b, shifted, magic)), low);
  // Where z was clamped any fraction will do.
  MlirValue sound = cimc_build_compare(b, CIMC_LE, cimc_math_abs(b, f), one);
  f = cimc_build_select(b, sound, f, number(b, f, 0.0f));
  MlirValue p = cimc_math_polynomial(b, f, 6, coefficients);
  p = cimc_build_add(b, cimc_build_mul(b, p, f), one);
  MlirValue half = cimc_build_shr_signed(b, n, cimc_build_int(b, integer, 1));
  p = cimc_build_mul(b, p, cimc_math_power_of_two(b, half));
  return cimc_build_mul(b, p,
                        cimc_math_power_of_two(b, cimc_build_sub(b, n, half)));
}

// |x|^y of a finite |x| that is not 0.
static MlirValue power(cimc_build *b, MlirValue x, MlirValue y) {
  pair log = log2_of(b, x);
  // log2 is 0 or at least 2^-24: more than 2^32 times that is out of range.
  y = cimc_build_clamp(b, y, number(b, y, -0x1p32f), number(b, y, 0x1p32f));
  MlirValue y_high = upper(b, y);
  MlirValue high = cimc_build_mul(b, y_high, log.high); // exact
  MlirValue low = cimc_build_mul(b, cimc_build_sub(b, y, y_high), log.high);
  low = cimc_build_add(b, low, cimc_build_mul(b, y, log.low));
  return exp2_of(b, high, low);
}

// Whether y is an integer, and an odd one (beyond 2^24 none is).
static void classify(cimc_build *b, MlirValue y, MlirValue *out_whole,
                     MlirValue *out_odd) {
  MlirType integer = integer_of(b, y);
  MlirValue one = cimc_build_int(b, integer, 1);
  MlirValue limit = number(b, y, 0x1p24f);
  MlirValue units =
      cimc_build_to_int(b, cimc_build_min(b, cimc_math_abs(b, y), limit));
  MlirValue last = cimc_build_and(b, units, one);
  *out_whole = cimc_build_compare(b, CIMC_EQ, cimc_math_round(b, y), y);
  *out_odd =
      cimc_build_and(b, *out_whole, cimc_build_compare(b, CIMC_EQ, last, one));
}

MlirValue cimc_math_pow(cimc_build *b, MlirValue x, MlirValue y) {
  MlirValue zero = number(b, x, 0.0f), infinity = number(b, x, INFINITY);
  MlirValue nan = number(b, x, NAN), a = cimc_math_abs(b, x);
  MlirValue is_zero = cimc_build_compare(b, CIMC_EQ, a, zero);
  MlirValue is_infinite = cimc_build_compare(b, CIMC_EQ, a, infinity);
  MlirValue falls = cimc_build_compare(b, CIMC_LT, y, zero);
  MlirValue result = power(b, a, y);
  MlirValue grows = cimc_build_compare(b, CIMC_EQ, is_zero, falls);
  MlirValue extreme = cimc_build_select(b, grows, infinity, zero);
  result = cimc_build_select(b, cimc_build_or(b, is_zero, is_infinite), extreme,
                             result);
  MlirValue whole, odd;
  classify(b, y, &whole, &odd);
  MlirValue negative = cimc_build_compare(b, CIMC_LT, x, zero);
  MlirValue finite = cimc_build_compare(b, CIMC_LT, a, infinity);
  MlirValue real = cimc_build_select(b, whole, result, nan);
  result =
      cimc_build_select(b, cimc_build_and(b, negative, finite), real, result);
  result = cimc_build_select(b, odd, cimc_math_copy_sign(b, result, x), result);
  MlirValue unknown = cimc_build_or(b, cimc_build_compare(b, CIMC_NE, x, x),
                                    cimc_build_compare(b, CIMC_NE, y, y));
  result = cimc_build_select(b, unknown, nan, result);
  MlirValue one = number(b, x, 1.0f);
  MlirValue is_one = cimc_build_or(b, cimc_build_compare(b, CIMC_EQ, x, one),
                                   cimc_build_compare(b, CIMC_EQ, y, zero));
  return cimc_build_select(b, is_one, one, result);
}
