// SPDX-License-Identifier: Apache-2.0
//
// The port layer on Linux and other POSIX systems.
#include "runtime/port/port.h"

#include "runtime/core/abi.h"

#include <stdlib.h>

#if defined(__linux__) && (defined(__aarch64__) || defined(__arm__))
#include <sys/auxv.h>
#endif

const char *cimrt_port_isa(void) { return getenv("CIMC_ISA"); }

// Bits of AT_HWCAP, from the kernel's <asm/hwcap.h> of either architecture;
// written out because old headers lack the newer ones.
uint64_t cimrt_port_cpu_features(void) {
  uint64_t features = 0;
#if defined(__linux__) && defined(__aarch64__)
  unsigned long caps = getauxval(AT_HWCAP);
  if (caps & (1UL << 1)) // HWCAP_ASIMD
    features |= CIMRT_CPU_NEON;
  if (caps & (1UL << 20)) // HWCAP_ASIMDDP
    features |= CIMRT_CPU_DOTPROD;
#elif defined(__linux__) && defined(__arm__)
  unsigned long caps = getauxval(AT_HWCAP);
  // A Cortex-A8 or A9 has NEON, and dies of vfma and sdiv.
  const unsigned long neon = 1UL << 12 | 1UL << 16 | // HWCAP_NEON, HWCAP_VFPv4
                             1UL << 17 | 1UL << 18;  // HWCAP_IDIVA, HWCAP_IDIVT
  if ((caps & neon) == neon)
    features |= CIMRT_CPU_NEON;
  if (caps & (1UL << 24)) // HWCAP_ASIMDDP
    features |= CIMRT_CPU_DOTPROD;
  if (caps & (1UL << 7)) // HWCAP_EDSP
    features |= CIMRT_CPU_ARM_DSP;
#endif
  return features;
}
