// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of passes/map/best_fit.c.
#include "passes/map/best_fit.h"

#include "test/runtime/unit.h"

#define COUNT 200
#define STEPS 100

static uint32_t random_state;

static int64_t random_below(int64_t bound) {
  random_state = random_state * 1664525u + 1013904223u;
  return (int64_t)(random_state >> 8) % bound;
}

static void fill(cimc_best_fit_buffer *buffers, uint32_t seed) {
  random_state = seed;
  for (int i = 0; i < COUNT; i++) {
    int64_t first = random_below(STEPS);
    int64_t last = first + random_below(6);
    buffers[i] = (cimc_best_fit_buffer){
        .bytes = 1 + random_below(5000),
        .first = first,
        .last = last < STEPS ? last : STEPS - 1,
    };
  }
}

static void buffers_alive_together_do_not_overlap(void **state) {
  (void)state;
  static cimc_best_fit_buffer b[COUNT];
  for (uint32_t seed = 1; seed <= 50; seed++) {
    int64_t bytes, bound;
    fill(b, seed);
    assert_true(cimc_best_fit_place(b, COUNT, &bytes));
    assert_true(cimc_best_fit_lower_bound(b, COUNT, STEPS, &bound));
    assert_true(bytes >= bound);
    for (int i = 0; i < COUNT; i++) {
      assert_int_equal(b[i].offset % CIMC_BEST_FIT_ALIGNMENT, 0);
      assert_true(b[i].offset + b[i].bytes <= bytes);
      for (int k = 0; k < i; k++)
        assert_true(b[i].first > b[k].last || b[k].first > b[i].last ||
                    b[i].offset + b[i].bytes <= b[k].offset ||
                    b[k].offset + b[k].bytes <= b[i].offset);
    }
  }
}

static void the_same_buffers_get_the_same_places(void **state) {
  (void)state;
  static cimc_best_fit_buffer a[COUNT], b[COUNT];
  int64_t bytes_a, bytes_b;
  fill(a, 7);
  fill(b, 7);
  assert_true(cimc_best_fit_place(a, COUNT, &bytes_a));
  assert_true(cimc_best_fit_place(b, COUNT, &bytes_b));
  assert_int_equal(bytes_a, bytes_b);
  for (int i = 0; i < COUNT; i++)
    assert_int_equal(a[i].offset, b[i].offset);
}

static void a_chain_with_a_long_residual_reaches_the_bound(void **state) {
  (void)state;
  cimc_best_fit_buffer b[] = {
      {.bytes = 640, .first = 0, .last = 5},
      {.bytes = 1280, .first = 1, .last = 2},
      {.bytes = 320, .first = 2, .last = 3},
      {.bytes = 1280, .first = 3, .last = 4},
      {.bytes = 320, .first = 4, .last = 5},
  };
  int64_t bytes, bound;
  assert_true(cimc_best_fit_place(b, 5, &bytes));
  assert_true(cimc_best_fit_lower_bound(b, 5, 6, &bound));
  assert_int_equal(bound, 2240);
  assert_int_equal(bytes, bound);
}

static void tiny_buffers_are_aligned_to_what_they_must(void **state) {
  (void)state;
  cimc_best_fit_buffer b[] = {
      {.bytes = 10, .first = 0, .last = 1, .alignment = 1},
      {.bytes = 12, .first = 0, .last = 2, .alignment = 4},
      {.bytes = 8, .first = 1, .last = 2, .alignment = 8},
  };
  int64_t bytes;
  assert_true(cimc_best_fit_place(b, 3, &bytes));
  assert_true(bytes <= 33);
  assert_int_equal(b[1].offset % 4, 0);
  assert_int_equal(b[2].offset % 8, 0);
}

static void large_buffers_keep_the_wide_alignment(void **state) {
  (void)state;
  cimc_best_fit_buffer b[] = {
      {.bytes = 1001, .first = 0, .last = 1, .alignment = 1},
      {.bytes = 1001, .first = 0, .last = 1, .alignment = 1},
  };
  int64_t bytes;
  assert_true(cimc_best_fit_place(b, 2, &bytes));
  assert_int_equal(bytes, 1024 + 1001);
}

static void nothing_needs_nothing(void **state) {
  (void)state;
  int64_t bytes = 1;
  assert_true(cimc_best_fit_place(NULL, 0, &bytes));
  assert_int_equal(bytes, 0);
}

static void sizes_that_overflow_are_refused(void **state) {
  (void)state;
  cimc_best_fit_buffer b[] = {
      {.bytes = INT64_MAX - 70, .first = 0, .last = 1},
      {.bytes = INT64_MAX - 70, .first = 0, .last = 1},
  };
  int64_t bytes;
  assert_false(cimc_best_fit_place(b, 2, &bytes));
  assert_false(cimc_best_fit_lower_bound(b, 2, 2, &bytes));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(buffers_alive_together_do_not_overlap),
      cmocka_unit_test(the_same_buffers_get_the_same_places),
      cmocka_unit_test(a_chain_with_a_long_residual_reaches_the_bound),
      cmocka_unit_test(tiny_buffers_are_aligned_to_what_they_must),
      cmocka_unit_test(large_buffers_keep_the_wide_alignment),
      cmocka_unit_test(nothing_needs_nothing),
      cmocka_unit_test(sizes_that_overflow_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
