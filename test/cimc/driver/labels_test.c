// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of cimc/driver/labels.c: the Wilson interval against published
// values, and what counts as right.
#include "cimc/driver/labels.h"

#include "test/runtime/unit.h"

#include <math.h>

static void check_wilson(int64_t right, int64_t count, double low,
                         double high) {
  double found_low, found_high;
  cimc_labels_wilson(right, count, &found_low, &found_high);
  assert_true(fabs(found_low - low) < 5e-5);
  assert_true(fabs(found_high - high) < 5e-5);
}

// R. G. Newcombe, "Two-sided confidence intervals for the single proportion",
// Statistics in Medicine 17 (1998), table I, method 3.
static void wilson_intervals_are_those_of_newcombe(void **state) {
  (void)state;
  check_wilson(81, 263, 0.2553, 0.3662);
  check_wilson(15, 148, 0.0624, 0.1605);
  check_wilson(0, 20, 0.0000, 0.1611);
  check_wilson(1, 29, 0.0061, 0.1718);
  check_wilson(20, 20, 0.8389, 1.0000);
}

static void scores_and_labels_must_fit(void **state) {
  (void)state;
  int8_t scores[] = {1, 5, 5, -3, -2, -1};
  uint8_t right[] = {1, 2}, many[] = {1, 2, 3}, high[] = {1, 3};
  float real[] = {1, 2};
  cimc_npy s = {.dtype = CIMRT_I8, .bytes = 6, .data = scores};
  cimc_npy l = {.dtype = CIMRT_U8, .bytes = 2, .data = right};
  assert_true(cimc_labels_print("l.npy", &l, &s, 2));
  l.data = high;
  assert_false(cimc_labels_print("l.npy", &l, &s, 2));
  l = (cimc_npy){.dtype = CIMRT_U8, .bytes = 3, .data = many};
  assert_false(cimc_labels_print("l.npy", &l, &s, 2));
  l = (cimc_npy){.dtype = CIMRT_F32, .bytes = 8, .data = real};
  assert_false(cimc_labels_print("l.npy", &l, &s, 2));
  l = (cimc_npy){.dtype = CIMRT_U8, .bytes = 0, .data = right};
  assert_false(cimc_labels_print("l.npy", &l, &s, 0));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wilson_intervals_are_those_of_newcombe),
      cmocka_unit_test(scores_and_labels_must_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
