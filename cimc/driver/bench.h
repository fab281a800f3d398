// SPDX-License-Identifier: Apache-2.0
//
// --bench: the times of single calls, and where a cold start's time goes.
#ifndef CIMC_DRIVER_BENCH_H
#define CIMC_DRIVER_BENCH_H

#include "cimc/driver/cimc.h"
#include "runtime/core/status.h"

// Nanoseconds of the monotonic clock.
long long cimc_bench_now(void);

// The phases before the first result, in the order they happen.
typedef struct cimc_bench_cold {
  long long load_ns; // the compiler's libraries and its start
  long long parse_ns;
  long long passes_ns;
  long long codegen_ns;
  long long link_ns;
  long long first_call_ns;
} cimc_bench_cold;

typedef cimrt_status (*cimc_bench_fn)(void *user);

// Times fn(user) over and over for about `seconds` and prints on stdout.
cimc_result cimc_bench_run(cimc_bench_fn fn, void *user, double seconds);
void cimc_bench_print_cold(const cimc_bench_cold *cold);

#endif
