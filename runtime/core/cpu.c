// SPDX-License-Identifier: Apache-2.0
//
// What this CPU can do, asked once. On x86 by cpuid and xgetbv, because the
// operating system must save the wide registers too; elsewhere by the port.
#include "runtime/core/cpu.h"

#include "runtime/core/abi.h"
#include "runtime/port/port.h"

#include <stdatomic.h>
#include <string.h>

enum {
  // cpuid leaf 1, ecx: SSE3, SSSE3, CX16, SSE4.1, SSE4.2, POPCNT.
  V2_LEAF1_ECX = 1 << 0 | 1 << 9 | 1 << 13 | 1 << 19 | 1 << 20 | 1 << 23,
  // leaf 1, ecx: FMA, MOVBE, OSXSAVE, AVX, F16C.
  V3_LEAF1_ECX = 1 << 12 | 1 << 22 | 1 << 27 | 1 << 28 | 1 << 29,
  // leaf 7, ebx: BMI1, AVX2, BMI2.
  V3_LEAF7_EBX = 1 << 3 | 1 << 5 | 1 << 8,
  // leaf 0x80000001, ecx: LAHF (v2), LZCNT (v3).
  V2_EXTENDED_ECX = 1 << 0,
  V3_EXTENDED_ECX = 1 << 5,
  // leaf 7, ecx: AVX512_VNNI.
  VNNI_LEAF7_ECX = 1 << 11,
  // xcr0: SSE and AVX state; the three parts of AVX-512 state.
  XCR0_AVX = 0x6,
  XCR0_AVX512 = 0xe6,
  OSXSAVE = 1 << 27,
};
// leaf 7, ebx: AVX512 F, DQ, CD, BW, VL.
#define V4_LEAF7_EBX (1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31)

static int has_all(uint32_t value, uint32_t bits) {
  return (value & bits) == bits;
}

uint64_t cimrt_cpu_features_of(const cimrt_cpu_words *words) {
  uint64_t features = 0;
  if (!has_all(words->leaf1_ecx, V2_LEAF1_ECX) ||
      !has_all(words->extended_ecx, V2_EXTENDED_ECX))
    return features;
  features |= CIMRT_CPU_SSE41;
  if (!has_all(words->leaf1_ecx, V3_LEAF1_ECX) ||
      !has_all(words->extended_ecx, V3_EXTENDED_ECX) ||
      !has_all(words->leaf7_ebx, V3_LEAF7_EBX) ||
      !has_all(words->xcr0, XCR0_AVX))
    return features;
  features |= CIMRT_CPU_AVX2_FMA;
  if (!has_all(words->leaf7_ebx, V4_LEAF7_EBX) ||
      !has_all(words->xcr0, XCR0_AVX512))
    return features;
  features |= CIMRT_CPU_AVX512;
  if (has_all(words->leaf7_ecx, VNNI_LEAF7_ECX))
    features |= CIMRT_CPU_AVX512_VNNI;
  return features;
}

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

static uint64_t detect(void) {
  cimrt_cpu_words words = {0};
  uint32_t eax, ebx, edx;
  // A leaf that the CPU does not have leaves its words at 0.
  (void)__get_cpuid(1, &eax, &ebx, &words.leaf1_ecx, &edx);
  (void)__get_cpuid(0x80000001u, &eax, &ebx, &words.extended_ecx, &edx);
  (void)__get_cpuid_count(7, 0, &eax, &words.leaf7_ebx, &words.leaf7_ecx, &edx);
  if (has_all(words.leaf1_ecx, OSXSAVE)) // else xgetbv would fault
    __asm__ volatile("xgetbv" : "=a"(words.xcr0), "=d"(edx) : "c"(0));
  return cimrt_cpu_features_of(&words);
}
#else
static uint64_t detect(void) { return cimrt_port_cpu_features(); }
#endif

// The features that CIMC_ISA leaves. An unknown name lowers nothing.
static uint64_t limit_of(const char *isa) {
  const uint64_t v2 = CIMRT_CPU_SSE41;
  const uint64_t v3 = v2 | CIMRT_CPU_AVX2_FMA;
  const uint64_t v4 = v3 | CIMRT_CPU_AVX512;
  if (isa == NULL)
    return UINT64_MAX;
  if (strcmp(isa, "x86-64-v2") == 0)
    return v2;
  if (strcmp(isa, "x86-64-v3") == 0)
    return v3;
  if (strcmp(isa, "x86-64-v4") == 0)
    return v4;
  return UINT64_MAX;
}

// 32 bits, since a 64-bit atomic is a library call on Cortex-M. Threads that
// race here all store the same value.
#define KNOWN (UINT32_C(1) << 31)

int32_t cimrt_cpu_has(uint64_t features) {
  static _Atomic uint32_t cache;
  uint32_t found = atomic_load_explicit(&cache, memory_order_relaxed);
  if (!(found & KNOWN)) {
    found = (uint32_t)(detect() & limit_of(cimrt_port_isa())) | KNOWN;
    atomic_store_explicit(&cache, found, memory_order_relaxed);
  }
  uint64_t have = found & ~KNOWN;
  return (features & ~have) == 0;
}
