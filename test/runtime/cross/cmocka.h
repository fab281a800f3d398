// SPDX-License-Identifier: Apache-2.0
//
// The few names of cmocka that our unit tests use, for targets that have no
// cmocka: the same test files then run under QEMU.
#ifndef TEST_RUNTIME_CROSS_CMOCKA_H
#define TEST_RUNTIME_CROSS_CMOCKA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
  const char *name;
  void (*run)(void **state);
};

static inline void check(int holds, const char *file, int line,
                         const char *what) {
  if (holds)
    return;
  printf("%s:%d: %s\n", file, line, what);
  exit(1);
}

#define CHECK(holds) check(holds, __FILE__, __LINE__, #holds)
#define assert_true(a) CHECK(!!(a))
#define assert_false(a) CHECK(!(a))
#define assert_null(a) CHECK((a) == NULL)
#define assert_non_null(a) CHECK((a) != NULL)
#define assert_int_equal(a, b) CHECK((long long)(a) == (long long)(b))
#define assert_int_not_equal(a, b) CHECK((long long)(a) != (long long)(b))
#define assert_ptr_equal(a, b) CHECK((const void *)(a) == (const void *)(b))
#define assert_string_equal(a, b) CHECK(strcmp(a, b) == 0)
#define assert_memory_equal(a, b, n) CHECK(memcmp(a, b, n) == 0)
#define skip() return
#define cmocka_unit_test(f) {#f, f}

static inline int run_all(const struct CMUnitTest *tests, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    void *state = NULL;
    tests[i].run(&state);
    printf("ok %s\n", tests[i].name);
  }
  return 0;
}
#define cmocka_run_group_tests(tests, setup, teardown)                         \
  run_all(tests, sizeof(tests) / sizeof(tests)[0])

#endif
