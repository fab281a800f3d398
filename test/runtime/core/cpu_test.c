// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of runtime/core/cpu.c. Detection happens once a process, so that
// the suite runs this program again under each CIMC_ISA.
#include "runtime/core/abi.h"
#include "runtime/core/cpu.h"

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

// The words of a CPU with everything; taking any one bit away costs the level
// that needs it, and all above.
static void each_level_needs_its_bits(void **state) {
  (void)state;
  const uint64_t v2 = CIMRT_CPU_SSE41, v3 = v2 | CIMRT_CPU_AVX2_FMA;
  const uint64_t v4 = v3 | CIMRT_CPU_AVX512;
  const uint64_t vnni = v4 | CIMRT_CPU_AVX512_VNNI;
  const cimrt_cpu_words all = {0x38d83201, 0xd0030128, 0x800, 0x21, 0xe6};
  assert_int_equal(cimrt_cpu_features_of(&all), vnni);
  const struct {
    cimrt_cpu_words missing;
    uint64_t left;
  } cases[] = {
      {{1 << 0, 0, 0, 0, 0}, 0},    // SSE3
      {{1 << 9, 0, 0, 0, 0}, 0},    // SSSE3
      {{1 << 13, 0, 0, 0, 0}, 0},   // CMPXCHG16B
      {{1 << 19, 0, 0, 0, 0}, 0},   // SSE4.1
      {{1 << 20, 0, 0, 0, 0}, 0},   // SSE4.2
      {{1 << 23, 0, 0, 0, 0}, 0},   // POPCNT
      {{0, 0, 0, 1 << 0, 0}, 0},    // LAHF
      {{1 << 12, 0, 0, 0, 0}, v2},  // FMA
      {{1 << 22, 0, 0, 0, 0}, v2},  // MOVBE
      {{1 << 27, 0, 0, 0, 0}, v2},  // OSXSAVE
      {{1 << 28, 0, 0, 0, 0}, v2},  // AVX
      {{1 << 29, 0, 0, 0, 0}, v2},  // F16C
      {{0, 1 << 3, 0, 0, 0}, v2},   // BMI1
      {{0, 1 << 5, 0, 0, 0}, v2},   // AVX2
      {{0, 1 << 8, 0, 0, 0}, v2},   // BMI2
      {{0, 0, 0, 1 << 5, 0}, v2},   // LZCNT
      {{0, 0, 0, 0, 1 << 2}, v2},   // the system does not save ymm
      {{0, 1 << 16, 0, 0, 0}, v3},  // AVX512F
      {{0, 1 << 17, 0, 0, 0}, v3},  // DQ
      {{0, 1 << 28, 0, 0, 0}, v3},  // CD
      {{0, 1 << 30, 0, 0, 0}, v3},  // BW
      {{0, 1u << 31, 0, 0, 0}, v3}, // VL
      {{0, 0, 0, 0, 1 << 5}, v3},   // the system does not save zmm
      {{0, 0, 1 << 11, 0, 0}, v4},  // VNNI
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    cimrt_cpu_words words = all;
    words.leaf1_ecx &= ~cases[i].missing.leaf1_ecx;
    words.leaf7_ebx &= ~cases[i].missing.leaf7_ebx;
    words.leaf7_ecx &= ~cases[i].missing.leaf7_ecx;
    words.extended_ecx &= ~cases[i].missing.extended_ecx;
    words.xcr0 &= ~cases[i].missing.xcr0;
    assert_int_equal(cimrt_cpu_features_of(&words), cases[i].left);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(needing_nothing_is_always_met),
      cmocka_unit_test(an_unknown_feature_is_never_met),
      cmocka_unit_test(a_level_has_all_lower_ones),
      cmocka_unit_test(cimc_isa_lowers_the_level),
      cmocka_unit_test(each_level_needs_its_bits),
      cmocka_unit_test(it_says_what_the_compiler_builtin_says),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
