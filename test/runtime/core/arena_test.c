// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of runtime/core/arena.c.
#include "runtime/core/arena.h"

#include "test/runtime/unit.h"

static _Alignas(64) unsigned char memory[256];

static void allocations_follow_each_other_aligned(void **state) {
  (void)state;
  cimrt_arena arena;
  void *a, *b, *c;
  assert_int_equal(cimrt_arena_init(&arena, memory, 256), CIMRT_OK);
  assert_int_equal(cimrt_arena_alloc(&arena, 3, 1, &a), CIMRT_OK);
  assert_int_equal(cimrt_arena_alloc(&arena, 8, 16, &b), CIMRT_OK);
  assert_int_equal(cimrt_arena_alloc(&arena, 64, 64, &c), CIMRT_OK);
  assert_ptr_equal(a, memory);
  assert_ptr_equal(b, memory + 16);
  assert_ptr_equal(c, memory + 64);
  assert_int_equal(cimrt_arena_mark(&arena), 128);
}

static void the_address_is_aligned_on_odd_memory_too(void **state) {
  (void)state;
  cimrt_arena arena;
  void *p;
  for (size_t skew = 0; skew < 64; ++skew) {
    assert_int_equal(cimrt_arena_init(&arena, memory + skew, 192), CIMRT_OK);
    for (size_t alignment = 1; alignment <= 64; alignment *= 2) {
      cimrt_arena_reset(&arena);
      assert_int_equal(cimrt_arena_alloc(&arena, 1, alignment, &p), CIMRT_OK);
      assert_int_equal((uintptr_t)p % alignment, 0);
    }
  }
}

static void a_full_arena_says_so_and_stays_as_it_was(void **state) {
  (void)state;
  cimrt_arena arena;
  void *p = memory;
  assert_int_equal(cimrt_arena_init(&arena, memory, 100), CIMRT_OK);
  assert_int_equal(cimrt_arena_alloc(&arena, 60, 1, &p), CIMRT_OK);
  assert_int_equal(cimrt_arena_alloc(&arena, 41, 1, &p), CIMRT_OUT_OF_MEMORY);
  assert_null(p);
  assert_int_equal(cimrt_arena_alloc(&arena, 37, 64, &p), CIMRT_OUT_OF_MEMORY);
  assert_int_equal(cimrt_arena_mark(&arena), 60);
  assert_int_equal(cimrt_arena_alloc(&arena, 40, 1, &p), CIMRT_OK);
  assert_int_equal(cimrt_arena_alloc(&arena, 1, 1, &p), CIMRT_OUT_OF_MEMORY);
  assert_int_equal(cimrt_arena_alloc(&arena, 0, 1, &p), CIMRT_OK);
}

static void sizes_that_would_wrap_are_out_of_memory(void **state) {
  (void)state;
  cimrt_arena arena;
  void *p;
  assert_int_equal(cimrt_arena_init(&arena, memory + 1, 100), CIMRT_OK);
  assert_int_equal(cimrt_arena_alloc(&arena, SIZE_MAX, 64, &p),
                   CIMRT_OUT_OF_MEMORY);
  assert_int_equal(cimrt_arena_alloc(&arena, SIZE_MAX - 62, 64, &p),
                   CIMRT_OUT_OF_MEMORY);
  assert_int_equal(cimrt_arena_alloc(&arena, 1, SIZE_MAX / 2 + 1, &p),
                   CIMRT_OUT_OF_MEMORY);
}

static void release_goes_back_to_a_mark(void **state) {
  (void)state;
  cimrt_arena arena;
  void *a, *b;
  assert_int_equal(cimrt_arena_init(&arena, memory, 256), CIMRT_OK);
  assert_int_equal(cimrt_arena_alloc(&arena, 10, 1, &a), CIMRT_OK);
  size_t mark = cimrt_arena_mark(&arena);
  assert_int_equal(cimrt_arena_alloc(&arena, 100, 1, &a), CIMRT_OK);
  assert_int_equal(cimrt_arena_release(&arena, mark), CIMRT_OK);
  assert_int_equal(cimrt_arena_alloc(&arena, 20, 1, &b), CIMRT_OK);
  assert_ptr_equal(a, b);
  assert_int_equal(arena.peak, 110);
  cimrt_arena_reset(&arena);
  assert_int_equal(cimrt_arena_mark(&arena), 0);
  assert_int_equal(cimrt_arena_release(&arena, mark), CIMRT_INVALID_ARGUMENT);
}

static void what_makes_no_sense_is_refused(void **state) {
  (void)state;
  cimrt_arena arena;
  void *p;
  assert_int_equal(cimrt_arena_init(NULL, memory, 1), CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_arena_init(&arena, NULL, 1), CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_arena_init(&arena, NULL, 0), CIMRT_OK);
  assert_int_equal(cimrt_arena_alloc(&arena, 1, 1, &p), CIMRT_OUT_OF_MEMORY);
  assert_int_equal(cimrt_arena_init(&arena, memory, 256), CIMRT_OK);
  assert_int_equal(cimrt_arena_alloc(&arena, 1, 0, &p), CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_arena_alloc(&arena, 1, 24, &p),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_arena_alloc(&arena, 1, 1, NULL),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_arena_alloc(NULL, 1, 1, &p), CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_arena_mark(NULL), 0);
  cimrt_arena_reset(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(allocations_follow_each_other_aligned),
      cmocka_unit_test(the_address_is_aligned_on_odd_memory_too),
      cmocka_unit_test(a_full_arena_says_so_and_stays_as_it_was),
      cmocka_unit_test(sizes_that_would_wrap_are_out_of_memory),
      cmocka_unit_test(release_goes_back_to_a_mark),
      cmocka_unit_test(what_makes_no_sense_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
