// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of runtime/core/guard.c: each fault is made on purpose.
#include "runtime/core/guard.h"

#include "test/runtime/unit.h"

#include <string.h>

static _Alignas(64) unsigned char memory[8192];
static cimrt_guard guard;
static cimrt_guard_report seen[16];
static size_t seen_count;

static void remember(void *user, const cimrt_guard_report *report) {
  assert_ptr_equal(user, memory);
  if (seen_count < 16)
    seen[seen_count] = *report;
  ++seen_count;
}

static void start(size_t bytes) {
  seen_count = 0;
  assert_int_equal(cimrt_guard_init(&guard, memory, bytes, remember, memory),
                   CIMRT_OK);
}

static unsigned char *take(size_t bytes) {
  void *p;
  assert_int_equal(cimrt_guard_alloc(&guard, bytes, 8, &p), CIMRT_OK);
  assert_int_equal((uintptr_t)p % 8, 0);
  return p;
}

static void check_seen(cimrt_guard_fault fault, const void *block, size_t bytes,
                       ptrdiff_t offset) {
  assert_int_equal(seen_count, 1);
  assert_int_equal(seen[0].fault, fault);
  assert_ptr_equal(seen[0].block, block);
  assert_int_equal(seen[0].bytes, bytes);
  assert_int_equal(seen[0].offset, offset);
  assert_memory_equal(&guard.last, &seen[0], sizeof seen[0]);
  seen_count = 0;
}

static void good_use_is_silent(void **state) {
  (void)state;
  start(sizeof memory);
  for (size_t bytes = 0; bytes < 40; ++bytes) {
    unsigned char *p = take(bytes), *q = take(3);
    memset(p, 1, bytes);
    memset(q, 2, 3);
    assert_int_equal(cimrt_guard_check(&guard), CIMRT_OK);
    assert_int_equal(cimrt_guard_free(&guard, p), CIMRT_OK);
    assert_int_equal(cimrt_guard_free(&guard, q), CIMRT_OK);
  }
  assert_int_equal(cimrt_guard_free(&guard, NULL), CIMRT_OK);
  assert_int_equal(cimrt_guard_finish(&guard), CIMRT_OK);
  assert_int_equal(guard.faults, 0);
  assert_int_equal(guard.serial, 80);
}

static void a_write_beyond_either_end_is_found(void **state) {
  (void)state;
  for (ptrdiff_t offset = -16; offset < 10 + 16; ++offset) {
    start(sizeof memory);
    take(20);
    unsigned char *p = take(10);
    take(20);
    p[offset] ^= 1; // the least damage there is
    if (offset >= 0 && offset < 10) {
      assert_int_equal(cimrt_guard_check(&guard), CIMRT_OK);
      continue;
    }
    assert_int_equal(cimrt_guard_check(&guard), CIMRT_MISUSE);
    assert_int_equal(seen[0].serial, 2);
    check_seen(offset < 0 ? CIMRT_GUARD_UNDERFLOW : CIMRT_GUARD_OVERFLOW, p, 10,
               offset);
    // Reported once.
    assert_int_equal(cimrt_guard_check(&guard), CIMRT_OK);
  }
}

static void a_free_reports_the_damage_and_frees(void **state) {
  (void)state;
  start(sizeof memory);
  unsigned char *p = take(10);
  p[10] = p[11] = 0;
  assert_int_equal(cimrt_guard_free(&guard, p), CIMRT_MISUSE);
  check_seen(CIMRT_GUARD_OVERFLOW, p, 10, 10);
  assert_int_equal(cimrt_guard_finish(&guard), CIMRT_OK);
}

static void both_ends_are_reported(void **state) {
  (void)state;
  start(sizeof memory);
  unsigned char *p = take(10);
  p[10] ^= 255;
  p[-1] ^= 255;
  assert_int_equal(cimrt_guard_check(&guard), CIMRT_MISUSE);
  assert_int_equal(seen_count, 2);
  assert_int_equal(guard.faults, 2);
}

static void a_second_free_is_found(void **state) {
  (void)state;
  start(sizeof memory);
  unsigned char *p = take(10);
  assert_int_equal(cimrt_guard_free(&guard, p), CIMRT_OK);
  assert_int_equal(cimrt_guard_free(&guard, p), CIMRT_MISUSE);
  check_seen(CIMRT_GUARD_DOUBLE_FREE, p, 10, 0);
}

static void a_foreign_pointer_is_found(void **state) {
  (void)state;
  start(sizeof memory);
  unsigned char *p = take(10);
  assert_int_equal(cimrt_guard_free(&guard, p + 1), CIMRT_MISUSE);
  check_seen(CIMRT_GUARD_FOREIGN_POINTER, p + 1, 0, 0);
  assert_int_equal(cimrt_guard_free(&guard, &guard), CIMRT_MISUSE);
  check_seen(CIMRT_GUARD_FOREIGN_POINTER, &guard, 0, 0);
  assert_int_equal(cimrt_guard_free(&guard, p), CIMRT_OK);
}

static void a_write_after_free_is_found(void **state) {
  (void)state;
  start(sizeof memory);
  unsigned char *p = take(10);
  assert_int_equal(cimrt_guard_free(&guard, p), CIMRT_OK);
  p[4] = 7;
  assert_int_equal(cimrt_guard_check(&guard), CIMRT_MISUSE);
  check_seen(CIMRT_GUARD_USE_AFTER_FREE, p, 10, 4);
  assert_int_equal(cimrt_guard_check(&guard), CIMRT_OK);
}

static void leaks_are_named(void **state) {
  (void)state;
  start(sizeof memory);
  unsigned char *p = take(10), *q = take(20);
  assert_int_equal(cimrt_guard_free(&guard, p), CIMRT_OK);
  assert_int_equal(cimrt_guard_finish(&guard), CIMRT_MISUSE);
  assert_int_equal(seen[0].serial, 2);
  check_seen(CIMRT_GUARD_LEAK, q, 20, 0);
}

static void
the_first_freed_block_is_taken_again_when_memory_is_short(void **state) {
  (void)state;
  start(1024);
  void *held[16], *again;
  size_t count = 0;
  while (cimrt_guard_alloc(&guard, 32, 8, &held[count]) == CIMRT_OK)
    ++count;
  assert_true(count >= 4);
  assert_null(held[count]);
  assert_int_equal(cimrt_guard_free(&guard, held[2]), CIMRT_OK);
  assert_int_equal(cimrt_guard_free(&guard, held[1]), CIMRT_OK);
  assert_int_equal(cimrt_guard_free(&guard, held[3]), CIMRT_OK);
  // Too large for any of them, or too finely aligned.
  assert_int_equal(cimrt_guard_alloc(&guard, 100, 8, &again),
                   CIMRT_OUT_OF_MEMORY);
  assert_int_equal(cimrt_guard_alloc(&guard, 32, 2048, &again),
                   CIMRT_OUT_OF_MEMORY);
  ((unsigned char *)held[2])[0] = 1;
  assert_int_equal(cimrt_guard_alloc(&guard, 20, 8, &again), CIMRT_OK);
  check_seen(CIMRT_GUARD_USE_AFTER_FREE, held[2], 32, 0);
  assert_true(again >= held[2] && (char *)again < (char *)held[2] + 32);
  // The smaller block has its fence inside the larger one.
  ((unsigned char *)again)[20] ^= 1;
  assert_int_equal(cimrt_guard_free(&guard, again), CIMRT_MISUSE);
  check_seen(CIMRT_GUARD_OVERFLOW, again, 20, 20);
  assert_int_equal(cimrt_guard_alloc(&guard, 32, 8, &again), CIMRT_OK);
  assert_ptr_equal(again, held[1]);
}

static void alignment_holds_on_odd_memory(void **state) {
  (void)state;
  for (size_t skew = 0; skew < 9; ++skew)
    for (size_t alignment = 1; alignment <= 256; alignment *= 2) {
      void *p;
      assert_int_equal(
          cimrt_guard_init(&guard, memory + skew, 2048, NULL, NULL), CIMRT_OK);
      assert_int_equal(cimrt_guard_alloc(&guard, 33, alignment, &p), CIMRT_OK);
      assert_int_equal((uintptr_t)p % alignment, 0);
      ((unsigned char *)p)[33] ^= 1;
      assert_int_equal(cimrt_guard_free(&guard, p), CIMRT_MISUSE);
      assert_int_equal(guard.last.fault, CIMRT_GUARD_OVERFLOW);
    }
}

static void nothing_is_written_outside_the_memory(void **state) {
  (void)state;
  for (size_t bytes = 0; bytes < 400; ++bytes) {
    memset(memory, 0x55, sizeof memory);
    assert_int_equal(cimrt_guard_init(&guard, memory + 9, bytes, NULL, NULL),
                     CIMRT_OK);
    void *p;
    size_t alignment = (size_t)4 << bytes % 6;
    while (cimrt_guard_alloc(&guard, 5, alignment, &p) == CIMRT_OK)
      memset(p, 0, 5);
    assert_int_equal(cimrt_guard_check(&guard), CIMRT_OK);
    assert_int_equal(memory[8], 0x55);
    assert_int_equal(memory[9 + bytes], 0x55);
  }
}

static void what_makes_no_sense_is_refused(void **state) {
  (void)state;
  void *p = &guard;
  const cimrt_status bad = CIMRT_INVALID_ARGUMENT;
  assert_int_equal(cimrt_guard_init(NULL, memory, 64, NULL, NULL), bad);
  assert_int_equal(cimrt_guard_init(&guard, NULL, 64, NULL, NULL), bad);
  start(sizeof memory);
  assert_int_equal(cimrt_guard_alloc(NULL, 1, 1, &p), bad);
  assert_null(p);
  assert_int_equal(cimrt_guard_alloc(&guard, 1, 0, &p), bad);
  assert_int_equal(cimrt_guard_alloc(&guard, 1, 3, &p), bad);
  assert_int_equal(cimrt_guard_alloc(&guard, 1, 1, NULL), bad);
  assert_int_equal(cimrt_guard_alloc(&guard, SIZE_MAX, 1, &p),
                   CIMRT_OUT_OF_MEMORY);
  assert_int_equal(cimrt_guard_alloc(&guard, SIZE_MAX - 20, 1, &p),
                   CIMRT_OUT_OF_MEMORY);
  assert_int_equal(cimrt_guard_free(NULL, p), bad);
  assert_int_equal(cimrt_guard_check(NULL), bad);
  assert_int_equal(cimrt_guard_finish(NULL), bad);
}

static void every_fault_has_its_own_name(void **state) {
  (void)state;
  for (int a = CIMRT_GUARD_NONE; a <= CIMRT_GUARD_LEAK; ++a) {
    const char *name = cimrt_guard_fault_name((cimrt_guard_fault)a);
    assert_true(strcmp(name, "unknown fault") != 0);
    for (int b = CIMRT_GUARD_NONE; b < a; ++b)
      assert_true(strcmp(name, cimrt_guard_fault_name((cimrt_guard_fault)b)) !=
                  0);
  }
  assert_string_equal(cimrt_guard_fault_name((cimrt_guard_fault)99),
                      "unknown fault");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(good_use_is_silent),
      cmocka_unit_test(a_write_beyond_either_end_is_found),
      cmocka_unit_test(a_free_reports_the_damage_and_frees),
      cmocka_unit_test(both_ends_are_reported),
      cmocka_unit_test(a_second_free_is_found),
      cmocka_unit_test(a_foreign_pointer_is_found),
      cmocka_unit_test(a_write_after_free_is_found),
      cmocka_unit_test(leaks_are_named),
      cmocka_unit_test(
          the_first_freed_block_is_taken_again_when_memory_is_short),
      cmocka_unit_test(alignment_holds_on_odd_memory),
      cmocka_unit_test(nothing_is_written_outside_the_memory),
      cmocka_unit_test(what_makes_no_sense_is_refused),
      cmocka_unit_test(every_fault_has_its_own_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
