// SPDX-License-Identifier: Apache-2.0
//
// What the runtime asks of the system under it. Exactly one of posix.c and
// bare.c is linked.
#ifndef CIMRT_PORT_PORT_H
#define CIMRT_PORT_PORT_H

#include <stdint.h>

// The value of the environment variable CIMC_ISA; null when it is not set or
// there is no environment.
const char *cimrt_port_isa(void);

// CIMRT_CPU_* bits that only the operating system (or the compiler's flags, on
// bare metal) can tell: those of ARM. 0 on x86, where the CPU itself is asked.
uint64_t cimrt_port_cpu_features(void);

#endif
