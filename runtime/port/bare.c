// SPDX-License-Identifier: Apache-2.0
//
// The port layer without an operating system: the compiler's flags are the
// only source, and right, since firmware is built for its one board.
#include "runtime/port/port.h"

#include "runtime/core/abi.h"

#include <stddef.h>

const char *cimrt_port_isa(void) { return NULL; }

uint64_t cimrt_port_cpu_features(void) {
  uint64_t features = 0;
#if defined(__ARM_NEON)
  features |= CIMRT_CPU_NEON;
#endif
#if defined(__ARM_FEATURE_DOTPROD)
  features |= CIMRT_CPU_DOTPROD;
#endif
#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
  features |= CIMRT_CPU_ARM_DSP;
#endif
  return features;
}
