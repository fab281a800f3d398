// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of runtime/core/fixed_batch.c: every element is the scalar call's
// (which fixed_word_test.c checks), whatever the length; 8 bits exhaustively.
#include "runtime/core/fixed_batch.h"

#include "test/runtime/unit.h"

#include <math.h>
#include <string.h>

static const cimrt_fixed_format formats[] = {CIMRT_FIXED_Q7,  CIMRT_FIXED_Q4_4,
                                             CIMRT_FIXED_Q15, CIMRT_FIXED_Q7_8,
                                             CIMRT_FIXED_Q31, {32, 8}};
enum { FORMATS = sizeof formats / sizeof *formats, WORDS = 200 };

static int32_t left[WORDS], right[WORDS], result[WORDS];

static int32_t word_at(cimrt_fixed_format format, const void *words, size_t i) {
  return format.bits == 8    ? ((const int8_t *)words)[i]
         : format.bits == 16 ? ((const int16_t *)words)[i]
                             : ((const int32_t *)words)[i];
}

// Bytes that are words of any width.
static void fill(void *words, size_t bytes, uint64_t seed) {
  for (size_t i = 0; i < bytes; ++i) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint8_t byte = (uint8_t)(seed >> 40);
    // Extremes are frequent.
    ((uint8_t *)words)[i] = seed >> 62 == 0   ? 0x80
                            : seed >> 62 == 1 ? 0x7f
                                              : byte;
  }
}

static void check_all(cimrt_fixed_format f, size_t count) {
  int32_t want;
  memset(result, 0x55, sizeof result);
  assert_int_equal(cimrt_fixed_batch_add(f, left, right, result, count), 0);
  for (size_t i = 0; i < count; ++i) {
    cimrt_fixed_add(f, word_at(f, left, i), word_at(f, right, i), &want);
    assert_int_equal(word_at(f, result, i), want);
  }
  assert_int_equal(((uint8_t *)result)[count * f.bits / 8], 0x55);
  assert_int_equal(cimrt_fixed_batch_sub(f, left, right, result, count), 0);
  for (size_t i = 0; i < count; ++i) {
    cimrt_fixed_sub(f, word_at(f, left, i), word_at(f, right, i), &want);
    assert_int_equal(word_at(f, result, i), want);
  }
  assert_int_equal(cimrt_fixed_batch_mul(f, left, right, result, count), 0);
  cimrt_fixed_wide sum = {3, 4}, wide = sum;
  assert_int_equal(cimrt_fixed_batch_mac(f, left, right, count, &wide), 0);
  for (size_t i = 0; i < count; ++i) {
    cimrt_fixed_mul(f, word_at(f, left, i), word_at(f, right, i), &want);
    assert_int_equal(word_at(f, result, i), want);
    cimrt_fixed_mac(&sum, word_at(f, left, i), word_at(f, right, i));
  }
  assert_true(sum.high == wide.high && sum.low == wide.low);
}

static void check_unary(cimrt_fixed_format f, size_t count) {
  int32_t want;
  assert_int_equal(cimrt_fixed_batch_relu(f, left, result, count), 0);
  for (size_t i = 0; i < count; ++i) {
    cimrt_fixed_relu(f, word_at(f, left, i), &want);
    assert_int_equal(word_at(f, result, i), want);
  }
  assert_int_equal(cimrt_fixed_batch_saturate(f, left, result, count), 0);
  for (size_t i = 0; i < count; ++i) {
    cimrt_fixed_saturate(f, left[i], &want);
    assert_int_equal(word_at(f, result, i), want);
  }
  for (uint32_t by = 0; by < 40; by += 3) {
    assert_int_equal(cimrt_fixed_batch_shift_right(f, left, by, result, count),
                     0);
    for (size_t i = 0; i < count; ++i) {
      cimrt_fixed_shift_right(f, word_at(f, left, i), by, &want);
      assert_int_equal(word_at(f, result, i), want);
    }
    assert_int_equal(cimrt_fixed_batch_shift_left(f, left, by, result, count),
                     0);
    for (size_t i = 0; i < count; ++i) {
      cimrt_fixed_shift_left(f, word_at(f, left, i), by, &want);
      assert_int_equal(word_at(f, result, i), want);
    }
  }
}

static void every_length_gives_the_scalars_words(void **state) {
  (void)state;
  const size_t counts[] = {0, 1, 2, 63, 64, 65, 128, 199};
  fill(left, sizeof left, 1);
  fill(right, sizeof right, 2);
  for (int i = 0; i < FORMATS; ++i)
    for (size_t n = 0; n < sizeof counts / sizeof *counts; ++n) {
      check_all(formats[i], counts[n]);
      check_unary(formats[i], counts[n]);
    }
}

static void every_pair_of_8_bits(void **state) {
  (void)state;
  static int8_t a[256], b[256], sum[256], difference[256], product[256];
  for (uint8_t n = 0; n < 8; ++n) {
    cimrt_fixed_format f = {8, n};
    for (int left_word = -128; left_word <= 127; ++left_word) {
      for (int i = 0; i < 256; ++i) {
        a[i] = (int8_t)left_word;
        b[i] = (int8_t)(i - 128);
      }
      assert_int_equal(cimrt_fixed_batch_add(f, a, b, sum, 256), 0);
      assert_int_equal(cimrt_fixed_batch_sub(f, a, b, difference, 256), 0);
      assert_int_equal(cimrt_fixed_batch_mul(f, a, b, product, 256), 0);
      for (int i = 0; i < 256; ++i) {
        int32_t want;
        cimrt_fixed_add(f, a[i], b[i], &want);
        assert_int_equal(sum[i], want);
        cimrt_fixed_sub(f, a[i], b[i], &want);
        assert_int_equal(difference[i], want);
        cimrt_fixed_mul(f, a[i], b[i], &want);
        assert_int_equal(product[i], want);
      }
    }
  }
}

static void floats_come_and_go(void **state) {
  (void)state;
  float values[130], back[130];
  for (int i = 0; i < 130; ++i)
    values[i] = i == 7 ? NAN : i == 8 ? INFINITY : ((float)i - 65) * 0.0317f;
  for (int i = 0; i < FORMATS; ++i) {
    cimrt_fixed_format f = formats[i];
    assert_int_equal(cimrt_fixed_batch_from_f32(f, values, result, 130), 0);
    assert_int_equal(cimrt_fixed_batch_to_f32(f, result, back, 130), 0);
    for (size_t k = 0; k < 130; ++k) {
      int32_t q;
      float value;
      cimrt_fixed_from_f32(f, values[k], &q);
      cimrt_fixed_to_f32(f, q, &value);
      assert_int_equal(word_at(f, result, k), q);
      assert_true(back[k] == value);
    }
  }
}

static void formats_are_converted(void **state) {
  (void)state;
  fill(left, sizeof left, 5);
  for (int i = 0; i < FORMATS; ++i)
    for (int j = 0; j < FORMATS; ++j) {
      assert_int_equal(cimrt_fixed_batch_convert(formats[i], left, formats[j],
                                                 result, WORDS),
                       0);
      for (size_t k = 0; k < WORDS; ++k) {
        int32_t want;
        cimrt_fixed_convert(formats[i], word_at(formats[i], left, k),
                            formats[j], &want);
        assert_int_equal(word_at(formats[j], result, k), want);
      }
    }
}

static void in_place_is_the_same(void **state) {
  (void)state;
  const cimrt_fixed_format q15 = CIMRT_FIXED_Q15, q7_8 = CIMRT_FIXED_Q7_8;
  int16_t a[100], b[100], apart[100];
  fill(a, sizeof a, 6);
  fill(b, sizeof b, 7);
  assert_int_equal(cimrt_fixed_batch_mul(q15, a, b, apart, 100), 0);
  assert_int_equal(cimrt_fixed_batch_mul(q15, a, b, b, 100), 0);
  assert_memory_equal(b, apart, sizeof b);
  assert_int_equal(cimrt_fixed_batch_mul(q15, a, a, apart, 100), 0);
  assert_int_equal(cimrt_fixed_batch_mul(q15, a, a, a, 100), 0);
  assert_memory_equal(a, apart, sizeof a);
  assert_int_equal(cimrt_fixed_batch_convert(q15, a, q7_8, a, 100), 0);
  assert_int_equal(cimrt_fixed_batch_relu(q7_8, a, a, 100), 0);
  // Inputs may overlap each other.
  assert_int_equal(cimrt_fixed_batch_add(q15, a, a + 1, b, 99), 0);
}

static void other_overlaps_are_refused(void **state) {
  (void)state;
  const cimrt_fixed_format q7 = CIMRT_FIXED_Q7, q15 = CIMRT_FIXED_Q15;
  const cimrt_fixed_format q31 = CIMRT_FIXED_Q31;
  const cimrt_status bad = CIMRT_INVALID_ARGUMENT;
  int16_t *a = (int16_t *)left;
  assert_int_equal(cimrt_fixed_batch_add(q15, a, right, a + 1, 10), bad);
  assert_int_equal(cimrt_fixed_batch_add(q15, right, a + 1, a, 10), bad);
  assert_int_equal(cimrt_fixed_batch_add(q15, a, right, a + 9, 10), bad);
  assert_int_equal(cimrt_fixed_batch_add(q15, a, right, a + 10, 10), 0);
  assert_int_equal(cimrt_fixed_batch_add(q15, a + 10, right, a, 10), 0);
  assert_int_equal(cimrt_fixed_batch_convert(q15, a, q7, a, 10), bad);
  assert_int_equal(cimrt_fixed_batch_convert(q7, a, q15, a, 10), bad);
  // Words of two widths: each side counts its own bytes.
  char *bytes = (char *)left;
  assert_int_equal(cimrt_fixed_batch_convert(q7, bytes, q15, bytes + 10, 10),
                   0);
  assert_int_equal(cimrt_fixed_batch_convert(q7, bytes, q15, bytes + 8, 10),
                   bad);
  assert_int_equal(cimrt_fixed_batch_convert(q15, bytes, q7, bytes + 19, 10),
                   bad);
  assert_int_equal(cimrt_fixed_batch_convert(q15, bytes, q7, bytes + 20, 10),
                   0);
  assert_int_equal(cimrt_fixed_batch_convert(q7, bytes + 19, q15, bytes, 10),
                   bad);
  assert_int_equal(cimrt_fixed_batch_convert(q7, bytes + 20, q15, bytes, 10),
                   0);
  assert_int_equal(cimrt_fixed_batch_saturate(q15, left, left, 10), bad);
  assert_int_equal(cimrt_fixed_batch_saturate(q31, left, left, 10), 0);
  float values[4] = {0};
  assert_int_equal(cimrt_fixed_batch_from_f32(q31, values, values, 4), bad);
  assert_int_equal(cimrt_fixed_batch_to_f32(q31, values, values, 4), bad);
}

static void bad_formats_and_arrays_are_refused(void **state) {
  (void)state;
  const cimrt_fixed_format q15 = CIMRT_FIXED_Q15, none = {12, 4};
  const cimrt_status bad = CIMRT_INVALID_ARGUMENT;
  int32_t *a = left, *b = right, *out = result;
  cimrt_fixed_wide sum = {0, 0};
  float values[2] = {0};
  assert_int_equal(cimrt_fixed_batch_from_f32(none, values, out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_to_f32(none, a, values, 2), bad);
  assert_int_equal(cimrt_fixed_batch_convert(none, a, q15, out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_convert(q15, a, none, out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_saturate(none, a, out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_add(none, a, b, out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_sub(none, a, b, out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_mul(none, a, b, out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_relu(none, a, out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_shift_right(none, a, 1, out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_shift_left(none, a, 1, out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_mac(none, a, b, 2, &sum), bad);
  assert_int_equal(cimrt_fixed_batch_from_f32(q15, NULL, out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_to_f32(q15, NULL, values, 2), bad);
  assert_int_equal(cimrt_fixed_batch_convert(q15, NULL, q15, out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_add(q15, a, NULL, out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_add(q15, a, b, NULL, 2), bad);
  assert_int_equal(cimrt_fixed_batch_relu(q15, NULL, out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_mac(q15, NULL, b, 2, &sum), bad);
  assert_int_equal(cimrt_fixed_batch_mac(q15, a, NULL, 2, &sum), bad);
  assert_int_equal(cimrt_fixed_batch_mac(q15, a, b, 2, NULL), bad);
  assert_int_equal(cimrt_fixed_batch_mac(q15, a, b, SIZE_MAX, &sum), bad);
  assert_int_equal(cimrt_fixed_batch_add(q15, a, b, out, SIZE_MAX), bad);
  const cimrt_fixed_format q7 = CIMRT_FIXED_Q7;
  assert_int_equal(cimrt_fixed_batch_saturate(q7, a, out, SIZE_MAX), bad);
  assert_int_equal(cimrt_fixed_batch_add(q15, NULL, NULL, NULL, 0), 0);
  assert_int_equal(cimrt_fixed_batch_mac(q15, NULL, NULL, 0, &sum), 0);
}

static void arrays_must_be_aligned(void **state) {
  (void)state;
  const cimrt_fixed_format q15 = CIMRT_FIXED_Q15, q7 = CIMRT_FIXED_Q7;
  const cimrt_status bad = CIMRT_MISALIGNED;
  void *odd = (char *)left + 1, *odd_out = (char *)result + 1;
  cimrt_fixed_wide sum = {0, 0};
  assert_int_equal(cimrt_fixed_batch_add(q15, odd, right, result, 2), bad);
  assert_int_equal(cimrt_fixed_batch_add(q15, right, odd, result, 2), bad);
  assert_int_equal(cimrt_fixed_batch_add(q15, left, right, odd_out, 2), bad);
  assert_int_equal(cimrt_fixed_batch_add(q7, odd, right, odd_out, 2), 0);
  assert_int_equal(cimrt_fixed_batch_mac(q15, odd, right, 2, &sum), bad);
  assert_int_equal(cimrt_fixed_batch_mac(q15, right, odd, 2, &sum), bad);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_length_gives_the_scalars_words),
      cmocka_unit_test(every_pair_of_8_bits),
      cmocka_unit_test(floats_come_and_go),
      cmocka_unit_test(formats_are_converted),
      cmocka_unit_test(in_place_is_the_same),
      cmocka_unit_test(other_overlaps_are_refused),
      cmocka_unit_test(bad_formats_and_arrays_are_refused),
      cmocka_unit_test(arrays_must_be_aligned),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
