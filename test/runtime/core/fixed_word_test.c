// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of the Qm.n arithmetic in runtime/core/fixed.c: 8 bits
// exhaustively, 16 and 32 bits at the edges and at random, against formulas
// with division where the code shifts.
#include "runtime/core/fixed.h"

#include "test/runtime/unit.h"

#include <math.h>
#include <string.h>

static const cimrt_fixed_format formats[] = {
    CIMRT_FIXED_Q15, CIMRT_FIXED_Q7_8, {16, 0}, {16, 3},
    CIMRT_FIXED_Q31, {32, 0},          {32, 1}, {32, 16}};
enum { FORMATS = sizeof formats / sizeof *formats };

// -- The oracle --------------------------------------------------------------

// floor(value / 2^n + 1/2) by quotient and remainder.
static int64_t nearest(int64_t value, int n) {
  if (n > 62)
    return 0;
  int64_t by = INT64_C(1) << n;
  int64_t quotient = value / by, rest = value % by;
  if (rest < 0) {
    rest += by;
    --quotient;
  }
  return rest >= by - rest ? quotient + 1 : quotient;
}

static int32_t clip(cimrt_fixed_format format, int64_t value) {
  int64_t high = format.bits == 8    ? INT8_MAX
                 : format.bits == 16 ? INT16_MAX
                                     : INT32_MAX;
  return (int32_t)(value > high ? high : value < -high - 1 ? -high - 1 : value);
}

static uint64_t next_random(uint64_t *seed) {
  *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *seed >> 16;
}

// A word: any, small, or within 3 of an end or of zero.
static int32_t next_word(cimrt_fixed_format format, uint64_t *seed) {
  int64_t edges[] = {-(INT64_C(1) << (format.bits - 1)), 0,
                     (INT64_C(1) << (format.bits - 1)) - 1};
  int64_t random = (int64_t)(next_random(seed) & 0xffffffff) + INT32_MIN;
  switch (next_random(seed) % 3) {
  case 0:
    return clip(format, edges[next_random(seed) % 3] + random % 4);
  case 1:
    return clip(format, random >> (next_random(seed) % 32));
  default:
    return clip(format, random >> (32 - format.bits));
  }
}

// -- One pair under every operation ------------------------------------------

static void check_pair(cimrt_fixed_format f, int32_t a, int32_t b) {
  int32_t got;
  assert_int_equal(cimrt_fixed_add(f, a, b, &got), CIMRT_OK);
  assert_int_equal(got, clip(f, (int64_t)a + b));
  assert_int_equal(cimrt_fixed_sub(f, a, b, &got), CIMRT_OK);
  assert_int_equal(got, clip(f, (int64_t)a - b));
  assert_int_equal(cimrt_fixed_mul(f, a, b, &got), CIMRT_OK);
  assert_int_equal(got, clip(f, nearest((int64_t)a * b, f.fraction_bits)));
  cimrt_fixed_wide sum = {0, 0};
  assert_int_equal(cimrt_fixed_mac(&sum, a, b), CIMRT_OK);
  assert_int_equal(sum.high, (int64_t)a * b < 0 ? -1 : 0);
  assert_true(sum.low == (uint64_t)((int64_t)a * b));
  // A chain of two, rounded once; 2^63 at most, which is one too many.
  assert_int_equal(cimrt_fixed_mac(&sum, b, a), CIMRT_OK);
  assert_int_equal(cimrt_fixed_narrow(f, sum, &got), CIMRT_OK);
  int64_t product = (int64_t)a * b;
  int64_t twice = product > INT64_MAX / 2 ? INT64_MAX : 2 * product;
  assert_int_equal(got, clip(f, nearest(twice, f.fraction_bits)));
}

static void check_word(cimrt_fixed_format f, int32_t a) {
  int32_t got;
  assert_int_equal(cimrt_fixed_relu(f, a, &got), CIMRT_OK);
  assert_int_equal(got, a < 0 ? 0 : a);
  for (uint32_t by = 0; by < 36; ++by) {
    assert_int_equal(cimrt_fixed_shift_right(f, a, by, &got), CIMRT_OK);
    assert_int_equal(got, clip(f, nearest(a, (int)by)));
    assert_int_equal(cimrt_fixed_shift_left(f, a, by, &got), CIMRT_OK);
    int64_t scale = by < 32 ? INT64_C(1) << by : INT64_C(1) << 32;
    assert_int_equal(got, clip(f, a * scale));
  }
  float back;
  assert_int_equal(cimrt_fixed_to_f32(f, a, &back), CIMRT_OK);
  assert_true(back == (float)ldexp((double)a, -f.fraction_bits));
}

static void every_pair_of_8_bits(void **state) {
  (void)state;
  for (uint8_t n = 0; n < 8; ++n) {
    cimrt_fixed_format format = {8, n};
    for (int32_t a = INT8_MIN; a <= INT8_MAX; ++a) {
      check_word(format, a);
      for (int32_t b = INT8_MIN; b <= INT8_MAX; ++b)
        check_pair(format, a, b);
    }
  }
}

static void pairs_of_16_and_32_bits(void **state) {
  (void)state;
  uint64_t seed = 1;
  for (int k = 0; k < 20000; ++k)
    for (int i = 0; i < FORMATS; ++i) {
      int32_t a = next_word(formats[i], &seed);
      int32_t b = next_word(formats[i], &seed);
      check_pair(formats[i], a, b);
      if (k % 16 == 0)
        check_word(formats[i], a);
    }
}

static void known_ties_go_up(void **state) {
  (void)state;
  const cimrt_fixed_format q7 = CIMRT_FIXED_Q7;
  int32_t got;
  // 3/128 * 64/128 = 1.5/128, and its negative.
  assert_int_equal(cimrt_fixed_mul(q7, 3, 64, &got), CIMRT_OK);
  assert_int_equal(got, 2);
  assert_int_equal(cimrt_fixed_mul(q7, -3, 64, &got), CIMRT_OK);
  assert_int_equal(got, -1);
  assert_int_equal(cimrt_fixed_mul(q7, -128, -128, &got), CIMRT_OK);
  assert_int_equal(got, 127); // 1 is no Q7
  assert_int_equal(cimrt_fixed_shift_right(q7, -5, 1, &got), CIMRT_OK);
  assert_int_equal(got, -2);
  assert_int_equal(cimrt_fixed_shift_right(q7, INT32_MIN, UINT32_MAX, &got),
                   CIMRT_OK);
  assert_int_equal(got, 0);
  assert_int_equal(cimrt_fixed_shift_left(q7, -1, UINT32_MAX, &got), CIMRT_OK);
  assert_int_equal(got, -128);
  assert_int_equal(cimrt_fixed_shift_left(q7, 0, UINT32_MAX, &got), CIMRT_OK);
  assert_int_equal(got, 0);
}

// -- Long sums ---------------------------------------------------------------

static void a_long_sum_is_exact_beyond_64_bits(void **state) {
  (void)state;
  const cimrt_fixed_format q31 = CIMRT_FIXED_Q31;
  uint64_t seed = 2;
  for (int sign = -1; sign <= 1; ++sign) {
    // The oracle keeps both halves of each product apart.
    cimrt_fixed_wide sum = {0, 0};
    int64_t high = 0, low = 0;
    for (int k = 0; k < 3000; ++k) {
      int32_t a = next_word(q31, &seed);
      int32_t b = sign == 0               ? next_word(q31, &seed)
                  : (a < 0) == (sign < 0) ? INT32_MAX
                                          : INT32_MIN;
      assert_int_equal(cimrt_fixed_mac(&sum, a, b), CIMRT_OK);
      uint64_t product = (uint64_t)((int64_t)a * b);
      low += (int64_t)(product & 0xffffffff);
      high += (int32_t)(uint32_t)(product >> 32);
    }
    high += low >> 32;
    assert_true(sum.low ==
                ((uint64_t)high << 32 | (uint64_t)(low & 0xffffffff)));
    assert_true(sum.high == high >> 32);
    int32_t got;
    assert_int_equal(cimrt_fixed_narrow(q31, sum, &got), CIMRT_OK);
    if (sign != 0)
      assert_int_equal(got, sign < 0 ? INT32_MIN : INT32_MAX);
  }
}

static void a_sum_is_narrowed_by_its_sign_when_it_is_huge(void **state) {
  (void)state;
  const cimrt_fixed_format q15 = CIMRT_FIXED_Q15;
  const struct {
    cimrt_fixed_wide sum;
    int32_t expected;
  } cases[] = {
      {{0, UINT64_C(3) << 14}, 2},
      {{-1, ~UINT64_C(0) << 14}, 0},
      {{-1, ~UINT64_C(0) << 15}, -1},
      {{0, UINT64_C(1) << 63}, 32767},
      {{-1, UINT64_C(1) << 63}, -32768},
      {{-1, INT64_MAX}, -32768},
      {{1, 0}, 32767},
      {{-2, 0}, -32768},
      {{INT64_MAX, UINT64_MAX}, 32767},
      {{INT64_MIN, 0}, -32768},
      {{0, INT64_MAX}, 32767},
      {{0, 0}, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    int32_t got;
    assert_int_equal(cimrt_fixed_narrow(q15, cases[i].sum, &got), CIMRT_OK);
    assert_int_equal(got, cases[i].expected);
  }
}

// -- Conversions -------------------------------------------------------------

static void check_float(cimrt_fixed_format format, float value) {
  // Exact in double but for what rounds to 0 or saturates anyway.
  double scaled = floor(ldexp((double)value, format.fraction_bits) + 0.5);
  int64_t wide = scaled > 0x1p40    ? INT64_MAX
                 : scaled < -0x1p40 ? INT64_MIN
                                    : (int64_t)scaled;
  int32_t got;
  assert_int_equal(cimrt_fixed_from_f32(format, value, &got), CIMRT_OK);
  assert_int_equal(got, clip(format, wide));
}

static void floats_become_the_nearest_word(void **state) {
  (void)state;
  const cimrt_fixed_format some[] = {CIMRT_FIXED_Q7,  CIMRT_FIXED_Q4_4,
                                     CIMRT_FIXED_Q15, CIMRT_FIXED_Q7_8,
                                     CIMRT_FIXED_Q31, {32, 0}};
  for (size_t i = 0; i < sizeof some / sizeof *some; ++i) {
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += 65521) {
      uint32_t word = (uint32_t)bits;
      float value;
      memcpy(&value, &word, sizeof value);
      if (!isnan(value))
        check_float(some[i], value);
    }
    // Ties and their neighbours.
    for (int k = -300; k <= 300; ++k) {
      float tie = ldexpf((float)k + 0.5f, -some[i].fraction_bits);
      check_float(some[i], tie);
      check_float(some[i], nextafterf(tie, INFINITY));
      check_float(some[i], nextafterf(tie, -INFINITY));
    }
    check_float(some[i], INFINITY);
    check_float(some[i], -INFINITY);
    int32_t got;
    assert_int_equal(cimrt_fixed_from_f32(some[i], NAN, &got), CIMRT_OK);
    assert_int_equal(got, 0);
  }
}

static void words_change_their_format(void **state) {
  (void)state;
  uint64_t seed = 3;
  for (int i = 0; i < FORMATS; ++i)
    for (int j = 0; j < FORMATS; ++j)
      for (int k = 0; k < 500; ++k) {
        int32_t q = next_word(formats[i], &seed), got;
        int more = formats[j].fraction_bits - formats[i].fraction_bits;
        int64_t wide = more < 0 ? nearest(q, -more) : q * (INT64_C(1) << more);
        assert_int_equal(cimrt_fixed_convert(formats[i], q, formats[j], &got),
                         CIMRT_OK);
        assert_int_equal(got, clip(formats[j], wide));
      }
}

static void any_integer_saturates(void **state) {
  (void)state;
  const cimrt_fixed_format q7 = CIMRT_FIXED_Q7;
  const int64_t values[] = {INT64_MIN, -129, -128, -1, 0, 127, 128, INT64_MAX};
  for (size_t i = 0; i < sizeof values / sizeof *values; ++i) {
    int32_t got;
    assert_int_equal(cimrt_fixed_saturate(q7, values[i], &got), CIMRT_OK);
    assert_int_equal(got, clip(q7, values[i]));
  }
}

// -- Formats -----------------------------------------------------------------

static void a_format_has_8_16_or_32_bits(void **state) {
  (void)state;
  for (uint32_t m = 0; m < 40; ++m)
    for (uint32_t n = 0; n < 40; ++n) {
      uint32_t bits = m + n + 1;
      cimrt_fixed_format format = {0, 0};
      int good = bits == 8 || bits == 16 || bits == 32;
      assert_int_equal(cimrt_fixed_format_of(m, n, &format),
                       good ? CIMRT_OK : CIMRT_INVALID_ARGUMENT);
      assert_int_equal(format.bits, good ? bits : 0);
      assert_int_equal(format.fraction_bits, good ? n : 0);
    }
  cimrt_fixed_format format;
  assert_int_equal(cimrt_fixed_format_of(UINT32_MAX, 8, &format),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_fixed_format_of(0, 7, NULL), CIMRT_INVALID_ARGUMENT);
}

static void check_refused(cimrt_fixed_format f, int32_t *out) {
  const cimrt_fixed_format q7 = CIMRT_FIXED_Q7;
  const cimrt_fixed_wide sum = {0, 0};
  const cimrt_status refused[] = {cimrt_fixed_from_f32(f, 1, out),
                                  cimrt_fixed_convert(q7, 1, f, out),
                                  cimrt_fixed_saturate(f, 1, out),
                                  cimrt_fixed_add(f, 1, 1, out),
                                  cimrt_fixed_sub(f, 1, 1, out),
                                  cimrt_fixed_mul(f, 1, 1, out),
                                  cimrt_fixed_relu(f, 1, out),
                                  cimrt_fixed_narrow(f, sum, out),
                                  cimrt_fixed_shift_right(f, 1, 1, out),
                                  cimrt_fixed_shift_left(f, 1, 1, out)};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; ++i)
    assert_int_equal(refused[i], CIMRT_INVALID_ARGUMENT);
}

static void bad_formats_are_refused_and_write_nothing(void **state) {
  (void)state;
  const cimrt_fixed_format q7 = CIMRT_FIXED_Q7;
  const cimrt_fixed_format bad[] = {{0, 0},   {7, 3},  {8, 8},  {16, 16},
                                    {32, 32}, {64, 8}, {8, 255}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    int32_t out = 77;
    float value = 77;
    check_refused(bad[i], &out);
    assert_int_equal(cimrt_fixed_convert(bad[i], 1, q7, &out),
                     CIMRT_INVALID_ARGUMENT);
    assert_int_equal(cimrt_fixed_to_f32(bad[i], 1, &value),
                     CIMRT_INVALID_ARGUMENT);
    assert_int_equal(out, 77);
    assert_true(value == 77);
  }
  check_refused(q7, NULL);
  assert_int_equal(cimrt_fixed_to_f32(q7, 1, NULL), CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_fixed_mac(NULL, 1, 1), CIMRT_INVALID_ARGUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_pair_of_8_bits),
      cmocka_unit_test(pairs_of_16_and_32_bits),
      cmocka_unit_test(known_ties_go_up),
      cmocka_unit_test(a_long_sum_is_exact_beyond_64_bits),
      cmocka_unit_test(a_sum_is_narrowed_by_its_sign_when_it_is_huge),
      cmocka_unit_test(floats_become_the_nearest_word),
      cmocka_unit_test(words_change_their_format),
      cmocka_unit_test(any_integer_saturates),
      cmocka_unit_test(a_format_has_8_16_or_32_bits),
      cmocka_unit_test(bad_formats_are_refused_and_write_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
