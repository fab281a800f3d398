// SPDX-License-Identifier: Apache-2.0
//
// What x86's cpuid means for us, apart from asking it: so that machines we do
// not have can be tested. Internal.
#ifndef CIMRT_CORE_CPU_H
#define CIMRT_CORE_CPU_H

#include <stdint.h>

// The words that tell; 0 where the CPU has no such leaf.
typedef struct cimrt_cpu_words {
  uint32_t leaf1_ecx;
  uint32_t leaf7_ebx;
  uint32_t leaf7_ecx;
  uint32_t extended_ecx; // leaf 0x80000001
  uint32_t xcr0;         // what the operating system saves; 0 without xgetbv
} cimrt_cpu_words;

// CIMRT_CPU_* bits of a CPU that says so. Each level needs all lower ones.
uint64_t cimrt_cpu_features_of(const cimrt_cpu_words *words);

#endif
