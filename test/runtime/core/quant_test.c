// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of runtime/core/quant.c: every 8-bit and 16-bit value, ties, the
// ends, and what is refused.
#include "runtime/core/quant.h"

#include "test/runtime/unit.h"

#include <math.h>

static cimrt_quant_layout per_tensor(cimrt_dtype dtype, size_t count,
                                     const float *scale, const int32_t *zero) {
  return (cimrt_quant_layout){dtype, 1, 1, count, scale, zero};
}

// Every q comes back from its own real value, for every zero point of 8 bits.
static void every_8_bit_value_survives_the_round_trip(void **state) {
  (void)state;
  const float scales[] = {1.0f, 0.1f, 0.0039215689f, 0.5847029f, 1e-20f, 1e20f};
  for (size_t s = 0; s < sizeof scales / sizeof *scales; ++s) {
    for (int32_t zero = -128; zero <= 127; ++zero) {
      int8_t q[256], back[256];
      uint8_t u[256], u_back[256];
      float real[256];
      int32_t u_zero = zero + 128;
      for (int i = 0; i < 256; ++i) {
        q[i] = (int8_t)(i - 128);
        u[i] = (uint8_t)i;
      }
      cimrt_quant_layout l = per_tensor(CIMRT_I8, 256, &scales[s], &zero);
      assert_int_equal(cimrt_quant_dequantize(&l, q, real, 256), CIMRT_OK);
      for (int i = 0; i < 256; ++i)
        assert_true(real[i] == (float)(i - 128 - zero) * scales[s]);
      assert_int_equal(cimrt_quant_quantize(&l, real, back, 256), CIMRT_OK);
      assert_memory_equal(q, back, sizeof q);
      l = per_tensor(CIMRT_U8, 256, &scales[s], &u_zero);
      assert_int_equal(cimrt_quant_dequantize(&l, u, real, 256), CIMRT_OK);
      assert_int_equal(cimrt_quant_quantize(&l, real, u_back, 256), CIMRT_OK);
      assert_memory_equal(u, u_back, sizeof u);
    }
  }
}

static void every_16_bit_value_survives_the_round_trip(void **state) {
  (void)state;
  static int16_t q[65536], back[65536];
  static float real[65536];
  const float scale = 0.000123f;
  const int32_t zeros[] = {0, -32768, 32767, 77};
  for (int i = 0; i < 65536; ++i)
    q[i] = (int16_t)(i - 32768);
  for (int z = 0; z < 4; ++z) {
    cimrt_quant_layout l = per_tensor(CIMRT_I16, 65536, &scale, &zeros[z]);
    assert_int_equal(cimrt_quant_dequantize(&l, q, real, 65536), CIMRT_OK);
    assert_int_equal(cimrt_quant_quantize(&l, real, back, 65536), CIMRT_OK);
    assert_memory_equal(q, back, sizeof q);
  }
}

static void quantize_divides_and_rounds_ties_to_even(void **state) {
  (void)state;
  const float scale = 0.3f;
  const int32_t zero = 3;
  for (int k = -3000; k <= 3000; ++k) {
    float x = (float)k * 0.05f;
    float q = rintf(x / scale) + 3.0f;
    int expected = q < -128 ? -128 : q > 127 ? 127 : (int)q;
    int8_t got;
    cimrt_quant_layout l = per_tensor(CIMRT_I8, 1, &scale, &zero);
    assert_int_equal(cimrt_quant_quantize(&l, &x, &got, 1), CIMRT_OK);
    assert_int_equal(got, expected);
  }
  const float one = 1.0f;
  const float ties[] = {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f};
  const int8_t even[] = {0, 2, 2, 0, -2, -2};
  int8_t got[6];
  cimrt_quant_layout l = per_tensor(CIMRT_I8, 6, &one, NULL);
  assert_int_equal(cimrt_quant_quantize(&l, ties, got, 6), CIMRT_OK);
  assert_memory_equal(got, even, sizeof even);
}

static void extremes_saturate_and_nan_is_low(void **state) {
  (void)state;
  const float scale = 0.5f;
  const int32_t zero = 10;
  const float x[] = {INFINITY, -INFINITY, 3e38f, -3e38f, NAN};
  const uint8_t expected[] = {255, 0, 255, 0, 0};
  uint8_t got[5];
  cimrt_quant_layout l = per_tensor(CIMRT_U8, 5, &scale, &zero);
  assert_int_equal(cimrt_quant_quantize(&l, x, got, 5), CIMRT_OK);
  assert_memory_equal(got, expected, sizeof expected);
}

static void channels_have_their_own_scale(void **state) {
  (void)state;
  const float scales[] = {1.0f, 0.5f, 0.25f};
  const int32_t zeros[] = {0, 1, -1};
  const float x[12] = {1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4};
  const int8_t expected[12] = {1, 2, 3, 5, 3, 7, 3, 4, 7, 9, 11, 15};
  cimrt_quant_layout l = {CIMRT_I8, 2, 3, 2, scales, zeros};
  int8_t q[12];
  float back[12];
  assert_int_equal(cimrt_quant_quantize(&l, x, q, 12), CIMRT_OK);
  assert_memory_equal(q, expected, sizeof q);
  assert_int_equal(cimrt_quant_dequantize(&l, q, back, 12), CIMRT_OK);
  assert_memory_equal(back, x, sizeof x);
}

static void a_layout_comes_from_the_descriptor(void **state) {
  (void)state;
  const int64_t shape[] = {4, 3, 2, 5};
  const float scales[] = {1, 2, 3};
  const int32_t zeros[] = {0, 0, 0};
  cimrt_tensor_info info = {.shape = shape,
                            .scales = scales,
                            .zero_points = zeros,
                            .scale_count = 3,
                            .channel_axis = 1,
                            .dtype = CIMRT_I8,
                            .rank = 4};
  cimrt_quant_layout l;
  assert_int_equal(cimrt_quant_layout_of(&info, &l), CIMRT_OK);
  assert_int_equal(l.outer, 4);
  assert_int_equal(l.channels, 3);
  assert_int_equal(l.inner, 10);
  info.channel_axis = -1;
  info.scale_count = 1;
  assert_int_equal(cimrt_quant_layout_of(&info, &l), CIMRT_OK);
  assert_int_equal(l.outer * l.channels * l.inner, 120);
  info.channel_axis = 2;
  assert_int_equal(cimrt_quant_layout_of(&info, &l), CIMRT_INVALID_ARGUMENT);
  info.channel_axis = 4;
  assert_int_equal(cimrt_quant_layout_of(&info, &l), CIMRT_INVALID_ARGUMENT);
  info.channel_axis = -1;
  info.dtype = CIMRT_F32;
  assert_int_equal(cimrt_quant_layout_of(&info, &l), CIMRT_INVALID_ARGUMENT);
  info.dtype = CIMRT_I8;
  info.scale_count = 0;
  assert_int_equal(cimrt_quant_layout_of(&info, &l), CIMRT_INVALID_ARGUMENT);
}

static void what_makes_no_sense_is_refused(void **state) {
  (void)state;
  const float bad[] = {0.0f, -1.0f, INFINITY, NAN};
  const float one = 1.0f;
  const int32_t far = 128;
  float x = 1;
  int8_t q;
  for (int i = 0; i < 4; ++i) {
    cimrt_quant_layout l = per_tensor(CIMRT_I8, 1, &bad[i], NULL);
    assert_int_equal(cimrt_quant_quantize(&l, &x, &q, 1),
                     CIMRT_INVALID_ARGUMENT);
  }
  cimrt_quant_layout l = per_tensor(CIMRT_I8, 1, &one, &far);
  assert_int_equal(cimrt_quant_quantize(&l, &x, &q, 1), CIMRT_INVALID_ARGUMENT);
  l = per_tensor(CIMRT_I8, 1, &one, NULL);
  assert_int_equal(cimrt_quant_quantize(&l, &x, &q, 2), CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_quant_quantize(&l, NULL, &q, 1),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_quant_dequantize(&l, &q, NULL, 1),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_quant_quantize(NULL, &x, &q, 1),
                   CIMRT_INVALID_ARGUMENT);
  l = (cimrt_quant_layout){CIMRT_I8, SIZE_MAX, 2, 2, &one, NULL};
  assert_int_equal(cimrt_quant_quantize(&l, &x, &q, 1), CIMRT_INVALID_ARGUMENT);
  l = per_tensor(CIMRT_F32, 1, &one, NULL);
  assert_int_equal(cimrt_quant_quantize(&l, &x, &q, 1), CIMRT_INVALID_ARGUMENT);
}

static void other_descriptors_are_refused(void **state) {
  (void)state;
  const int64_t shape[] = {2, 3}, negative[] = {-1, 3};
  const int64_t huge[] = {INT64_MAX, 3}, vast[] = {INT64_MAX, 3, INT64_MAX};
  const float scales[] = {1, 2, 3};
  const cimrt_tensor_info good = {.shape = shape,
                                  .scales = scales,
                                  .scale_count = 3,
                                  .channel_axis = 1,
                                  .dtype = CIMRT_I8,
                                  .rank = 2};
  cimrt_quant_layout layout;
  assert_int_equal(cimrt_quant_layout_of(&good, &layout), CIMRT_OK);
  assert_int_equal(cimrt_quant_layout_of(NULL, &layout),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_quant_layout_of(&good, NULL), CIMRT_INVALID_ARGUMENT);
  cimrt_tensor_info bad[10];
  for (int i = 0; i < 10; ++i)
    bad[i] = good;
  bad[0].scales = NULL;
  bad[1].scale_count = 0;
  bad[2].channel_axis = 2;
  bad[3].shape = NULL;
  bad[4].shape = negative;
  bad[5].scale_count = 2;
  bad[6].dtype = CIMRT_F32;
  bad[7].shape = huge; // more than an address reaches on 32 bits
  bad[7].channel_axis = 0;
  bad[8].shape = vast;
  bad[8].rank = 3;
  bad[8].channel_axis = -1;
  bad[9].channel_axis = -1;
  bad[9].dtype = 99;
  for (int i = 0; i < 10; ++i)
    assert_int_equal(cimrt_quant_layout_of(&bad[i], &layout),
                     CIMRT_INVALID_ARGUMENT);
  const cimrt_tensor_info scalar = {.scales = scales,
                                    .scale_count = 1,
                                    .channel_axis = -1,
                                    .dtype = CIMRT_U8};
  assert_int_equal(cimrt_quant_layout_of(&scalar, &layout), CIMRT_OK);
}

static void other_layouts_are_refused(void **state) {
  (void)state;
  const float scale = 1;
  const int32_t low = -129, high = 128;
  int8_t q[2];
  float x[2] = {0, 0};
  cimrt_quant_layout l = {CIMRT_I8, SIZE_MAX, 2, 1, &scale, NULL};
  const cimrt_status bad = CIMRT_INVALID_ARGUMENT;
  assert_int_equal(cimrt_quant_quantize(&l, x, q, 2), bad);
  l = (cimrt_quant_layout){CIMRT_I8, 1, 2, SIZE_MAX, &scale, NULL};
  assert_int_equal(cimrt_quant_dequantize(&l, q, x, 2), bad);
  l = per_tensor(CIMRT_I8, 2, &scale, &low);
  assert_int_equal(cimrt_quant_quantize(&l, x, q, 2), bad);
  l.zero_points = &high;
  assert_int_equal(cimrt_quant_quantize(&l, x, q, 2), bad);
  l.zero_points = NULL;
  assert_int_equal(cimrt_quant_quantize(&l, x, q, 1), bad);
  assert_int_equal(cimrt_quant_quantize(&l, NULL, q, 2), bad);
  assert_int_equal(cimrt_quant_quantize(&l, x, NULL, 2), bad);
  assert_int_equal(cimrt_quant_quantize(NULL, x, q, 2), bad);
  assert_int_equal(cimrt_quant_quantize(&l, x, q, 2), CIMRT_OK);
  l.scales = NULL;
  assert_int_equal(cimrt_quant_quantize(&l, x, q, 2), bad);
}

static void nothing_is_quantized_to_nothing(void **state) {
  (void)state;
  const float one = 1.0f;
  cimrt_quant_layout l = per_tensor(CIMRT_I8, 0, &one, NULL);
  assert_int_equal(cimrt_quant_quantize(&l, NULL, NULL, 0), CIMRT_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_8_bit_value_survives_the_round_trip),
      cmocka_unit_test(every_16_bit_value_survives_the_round_trip),
      cmocka_unit_test(quantize_divides_and_rounds_ties_to_even),
      cmocka_unit_test(extremes_saturate_and_nan_is_low),
      cmocka_unit_test(channels_have_their_own_scale),
      cmocka_unit_test(a_layout_comes_from_the_descriptor),
      cmocka_unit_test(what_makes_no_sense_is_refused),
      cmocka_unit_test(other_descriptors_are_refused),
      cmocka_unit_test(other_layouts_are_refused),
      cmocka_unit_test(nothing_is_quantized_to_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
