// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of runtime/core/cpu.c. Detection happens once a process, so that
// the suite runs this program again under each CIMC_ISA.
#include "runtime/core/abi.h"

#include "test/runtime/unit.h"

#include <stdlib.h>
#include <string.h>

static void needing_nothing_is_always_met(void **state) {
  (void)state;
  assert_int_equal(cimrt_cpu_has(0), 1);
}

static void an_unknown_feature_is_never_met(void **state) {
  (void)state;
  assert_int_equal(cimrt_cpu_has(UINT64_C(1) << 31), 0);
  assert_int_equal(cimrt_cpu_has(UINT64_C(1) << 40), 0);
  assert_int_equal(cimrt_cpu_has(UINT64_MAX), 0);
}

static void a_level_has_all_lower_ones(void **state) {
  (void)state;
  const uint64_t levels[] = {CIMRT_CPU_SSE41, CIMRT_CPU_AVX2_FMA,
                             CIMRT_CPU_AVX512, CIMRT_CPU_AVX512_VNNI};
  uint64_t all = 0;
  for (int i = 0; i < 4; ++i) {
    all |= levels[i];
    assert_int_equal(cimrt_cpu_has(levels[i]), cimrt_cpu_has(all));
  }
}

static void cimc_isa_lowers_the_level(void **state) {
  (void)state;
  const char *isa = getenv("CIMC_ISA");
  if (isa == NULL)
    skip();
  if (strcmp(isa, "x86-64-v2") == 0)
    assert_int_equal(cimrt_cpu_has(CIMRT_CPU_AVX2_FMA), 0);
  if (strcmp(isa, "x86-64-v2") == 0 || strcmp(isa, "x86-64-v3") == 0)
    assert_int_equal(cimrt_cpu_has(CIMRT_CPU_AVX512), 0);
  if (strncmp(isa, "x86-64-v", 8) == 0 && strcmp(isa, "x86-64-vnni") != 0)
    assert_int_equal(cimrt_cpu_has(CIMRT_CPU_AVX512_VNNI), 0);
}

static void it_says_what_the_compiler_builtin_says(void **state) {
  (void)state;
#if defined(__x86_64__) && defined(__GNUC__)
  if (getenv("CIMC_ISA") != NULL)
    skip();
  assert_int_equal(cimrt_cpu_has(CIMRT_CPU_SSE41),
                   __builtin_cpu_supports("sse4.2") &&
                       __builtin_cpu_supports("popcnt"));
  assert_int_equal(cimrt_cpu_has(CIMRT_CPU_AVX2_FMA),
                   __builtin_cpu_supports("avx2") &&
                       __builtin_cpu_supports("fma") &&
                       __builtin_cpu_supports("bmi2"));
  assert_int_equal(cimrt_cpu_has(CIMRT_CPU_AVX512),
                   __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("avx512vl") &&
                       __builtin_cpu_supports("avx512dq"));
  assert_int_equal(cimrt_cpu_has(CIMRT_CPU_AVX512_VNNI),
                   __builtin_cpu_supports("avx512vnni") != 0);
#elif defined(__aarch64__)
  assert_int_equal(cimrt_cpu_has(CIMRT_CPU_NEON), 1);
#endif
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(needing_nothing_is_always_met),
      cmocka_unit_test(an_unknown_feature_is_never_met),
      cmocka_unit_test(a_level_has_all_lower_ones),
      cmocka_unit_test(cimc_isa_lowers_the_level),
      cmocka_unit_test(it_says_what_the_compiler_builtin_says),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
