// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of runtime/core/status.c.
#include "runtime/core/status.h"

#include "test/runtime/unit.h"

#include <string.h>

static void every_status_has_its_own_name(void **state) {
  (void)state;
  for (int a = CIMRT_OK; a <= CIMRT_MISUSE; ++a) {
    const char *name = cimrt_status_name((cimrt_status)a);
    assert_true(strlen(name) > 1);
    assert_true(strcmp(name, "unknown status") != 0);
    for (int b = CIMRT_OK; b < a; ++b)
      assert_true(strcmp(name, cimrt_status_name((cimrt_status)b)) != 0);
  }
}

static void an_unknown_status_still_has_a_name(void **state) {
  (void)state;
  assert_string_equal(cimrt_status_name((cimrt_status)99), "unknown status");
}

static void values_are_part_of_the_abi(void **state) {
  (void)state;
  assert_int_equal(CIMRT_OK, 0);
  assert_int_equal(CIMRT_INVALID_ARGUMENT, 1);
  assert_int_equal(CIMRT_MISALIGNED, 2);
  assert_int_equal(CIMRT_TOO_SMALL, 3);
  assert_int_equal(CIMRT_OUT_OF_MEMORY, 4);
  assert_int_equal(CIMRT_UNSUPPORTED_CPU, 5);
  assert_int_equal(CIMRT_VERSION, 6);
  assert_int_equal(CIMRT_DEVICE, 7);
  assert_int_equal(CIMRT_CANCELLED, 8);
  assert_int_equal(CIMRT_MISUSE, 9);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_status_has_its_own_name),
      cmocka_unit_test(an_unknown_status_still_has_a_name),
      cmocka_unit_test(values_are_part_of_the_abi),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
