// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of runtime/core/pool.c.
#include "runtime/core/pool.h"

#include "test/runtime/unit.h"

#include <string.h>

static _Alignas(64) unsigned char memory[1024];

static void blocks_fill_the_memory_and_nothing_else(void **state) {
  (void)state;
  for (size_t bytes = 0; bytes < 600; ++bytes)
    for (size_t size = 1; size < 40; size += 7)
      for (size_t skew = 0; skew < 3; ++skew) {
        cimrt_pool pool;
        const cimrt_pool_block block = {size, 8};
        memset(memory, 0x55, sizeof memory);
        cimrt_status status =
            cimrt_pool_init(&pool, memory + skew, bytes, block);
        size_t stride = (size + 7) / 8 * 8, padding = (8 - skew) % 8;
        size_t count = 0; // the most that fit, by trying
        while (padding + (count + 1) * stride + (count + 8) / 8 <= bytes)
          ++count;
        assert_int_equal(status, count ? CIMRT_OK : CIMRT_TOO_SMALL);
        void *p;
        for (size_t i = 0; i < count; ++i) {
          assert_int_equal(cimrt_pool_alloc(&pool, &p), CIMRT_OK);
          assert_int_equal((uintptr_t)p % 8, 0);
          memset(p, 0xff, size);
        }
        if (count != 0) {
          assert_int_equal(cimrt_pool_alloc(&pool, &p), CIMRT_OUT_OF_MEMORY);
          assert_null(p);
          assert_int_equal(pool.used, count);
        }
        assert_int_equal(memory[skew + bytes], 0x55);
      }
}

static void a_freed_block_is_the_next_one(void **state) {
  (void)state;
  cimrt_pool pool;
  void *p[4], *q;
  assert_int_equal(
      cimrt_pool_init(&pool, memory, 256, (cimrt_pool_block){16, 16}),
      CIMRT_OK);
  for (int i = 0; i < 4; ++i)
    assert_int_equal(cimrt_pool_alloc(&pool, &p[i]), CIMRT_OK);
  assert_int_equal(cimrt_pool_free(&pool, p[1]), CIMRT_OK);
  assert_int_equal(cimrt_pool_free(&pool, p[3]), CIMRT_OK);
  assert_int_equal(pool.used, 2);
  assert_int_equal(pool.peak, 4);
  assert_int_equal(cimrt_pool_alloc(&pool, &q), CIMRT_OK);
  assert_ptr_equal(q, p[3]);
  assert_int_equal(cimrt_pool_alloc(&pool, &q), CIMRT_OK);
  assert_ptr_equal(q, p[1]);
  assert_int_equal(cimrt_pool_alloc(&pool, &q), CIMRT_OK);
  assert_ptr_equal(q, (char *)p[3] + 16);
}

static void blocks_never_overlap_whatever_the_order(void **state) {
  (void)state;
  cimrt_pool pool;
  void *held[128] = {NULL};
  uint64_t seed = 1;
  assert_int_equal(
      cimrt_pool_init(&pool, memory, sizeof memory, (cimrt_pool_block){24, 4}),
      CIMRT_OK);
  for (int step = 0; step < 20000; ++step) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    size_t i = (seed >> 40) % pool.count;
    if (held[i] == NULL) {
      assert_int_equal(cimrt_pool_alloc(&pool, &held[i]), CIMRT_OK);
      memset(held[i], (int)i, 24);
    } else {
      for (size_t k = 0; k < 24; ++k)
        assert_int_equal(((unsigned char *)held[i])[k], i);
      assert_int_equal(cimrt_pool_free(&pool, held[i]), CIMRT_OK);
      held[i] = NULL;
    }
  }
}

static void only_blocks_in_use_are_freed(void **state) {
  (void)state;
  cimrt_pool pool;
  void *p, *q;
  const cimrt_status bad = CIMRT_INVALID_ARGUMENT;
  assert_int_equal(
      cimrt_pool_init(&pool, memory + 64, 256, (cimrt_pool_block){16, 16}),
      CIMRT_OK);
  assert_int_equal(cimrt_pool_alloc(&pool, &p), CIMRT_OK);
  assert_int_equal(cimrt_pool_alloc(&pool, &q), CIMRT_OK);
  assert_int_equal(cimrt_pool_free(&pool, q), CIMRT_OK);
  assert_int_equal(cimrt_pool_free(&pool, q), bad);               // twice
  assert_int_equal(cimrt_pool_free(&pool, (char *)p + 1), bad);   // inside
  assert_int_equal(cimrt_pool_free(&pool, (char *)p + 32), bad);  // never used
  assert_int_equal(cimrt_pool_free(&pool, (char *)p - 16), bad);  // before
  assert_int_equal(cimrt_pool_free(&pool, (char *)p + 512), bad); // behind
  assert_int_equal(cimrt_pool_free(&pool, &pool), bad);
  assert_int_equal(cimrt_pool_free(NULL, p), bad);
  assert_int_equal(pool.used, 1);
  assert_int_equal(cimrt_pool_free(&pool, NULL), CIMRT_OK);
  assert_int_equal(cimrt_pool_free(&pool, p), CIMRT_OK);
  assert_int_equal(pool.used, 0);
}

static void reset_frees_all(void **state) {
  (void)state;
  cimrt_pool pool;
  void *p, *first;
  assert_int_equal(
      cimrt_pool_init(&pool, memory, 256, (cimrt_pool_block){16, 16}),
      CIMRT_OK);
  assert_int_equal(cimrt_pool_alloc(&pool, &first), CIMRT_OK);
  while (cimrt_pool_alloc(&pool, &p) == CIMRT_OK)
    ;
  assert_int_equal(cimrt_pool_free(&pool, first), CIMRT_OK);
  cimrt_pool_reset(&pool);
  cimrt_pool_reset(NULL);
  assert_int_equal(pool.used, 0);
  assert_int_equal(cimrt_pool_free(&pool, first), CIMRT_INVALID_ARGUMENT);
  for (size_t i = 0; i < pool.count; ++i) {
    assert_int_equal(cimrt_pool_alloc(&pool, &p), CIMRT_OK);
    assert_ptr_equal(p, (char *)first + 16 * i);
  }
  assert_int_equal(pool.peak, pool.count);
}

static void what_makes_no_sense_is_refused(void **state) {
  (void)state;
  cimrt_pool pool;
  void *p = &pool;
  const cimrt_pool_block block = {16, 16};
  const struct {
    size_t bytes;
    cimrt_pool_block block;
    cimrt_status expected;
  } cases[] = {
      {256, {0, 16}, CIMRT_INVALID_ARGUMENT},
      {256, {16, 0}, CIMRT_INVALID_ARGUMENT},
      {256, {16, 24}, CIMRT_INVALID_ARGUMENT},
      {0, {16, 16}, CIMRT_TOO_SMALL},
      {16, {16, 16}, CIMRT_TOO_SMALL},
      {256, {SIZE_MAX, 1}, CIMRT_TOO_SMALL},
      {SIZE_MAX, {SIZE_MAX, 1}, CIMRT_TOO_SMALL},
      {SIZE_MAX, {16, SIZE_MAX / 2 + 1}, CIMRT_TOO_SMALL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i)
    assert_int_equal(
        cimrt_pool_init(&pool, memory, cases[i].bytes, cases[i].block),
        cases[i].expected);
  assert_int_equal(
      cimrt_pool_init(&pool, memory + 1, 8, (cimrt_pool_block){1, 16}),
      CIMRT_TOO_SMALL);
  assert_int_equal(cimrt_pool_init(NULL, memory, 256, block),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_pool_init(&pool, NULL, 256, block),
                   CIMRT_INVALID_ARGUMENT);
  assert_int_equal(cimrt_pool_alloc(NULL, &p), CIMRT_INVALID_ARGUMENT);
  assert_null(p);
  assert_int_equal(cimrt_pool_alloc(&pool, NULL), CIMRT_INVALID_ARGUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks_fill_the_memory_and_nothing_else),
      cmocka_unit_test(a_freed_block_is_the_next_one),
      cmocka_unit_test(blocks_never_overlap_whatever_the_order),
      cmocka_unit_test(only_blocks_in_use_are_freed),
      cmocka_unit_test(reset_frees_all),
      cmocka_unit_test(what_makes_no_sense_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
