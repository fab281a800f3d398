// SPDX-License-Identifier: Apache-2.0
//
// --bench: the times of single calls, and where a cold start's time goes.
#include "cimc/driver/bench.h"

#include "dialect/diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
  CALLS_MAX = 1000000, // 8 MB of times; a longer run adds nothing
  WARM_UP_PARTS = 20,  // the part of the time that is not counted
};

long long cimc_bench_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int compare_times(const void *a, const void *b) {
  long long left = *(const long long *)a, right = *(const long long *)b;
  return (left > right) - (left < right);
}

static void print_time(const char *label, long long ns) {
  double value = (double)ns;
  const char *const units[] = {"ns", "us", "ms", "s"};
  int unit = 0;
  for (; unit < 3 && value >= 1000.0; ++unit)
    value /= 1000.0;
  printf("%-8s %8.*f %s", label, unit ? 3 : 0, value, units[unit]);
}

static void print_calls(long long *times, size_t count, long long total) {
  qsort(times, count, sizeof *times, compare_times);
  size_t high = (count * 99 + 99) / 100 - 1; // nearest rank
  long long median = count % 2 ? times[count / 2]
                               : (times[count / 2 - 1] + times[count / 2]) / 2;
  print_time("median", median);
  printf("  of %zu calls in %.2f s, one thread\n", count, (double)total / 1e9);
  print_time("min", times[0]);
  putchar('\n');
  print_time("p99", times[high]);
  putchar('\n');
}

static cimc_result measure(cimc_bench_fn fn, void *user, long long wanted_ns,
                           long long *times) {
  long long start = cimc_bench_now();
  while (cimc_bench_now() - start < wanted_ns / WARM_UP_PARTS)
    if (fn(user) != CIMRT_OK)
      return CIMC_INTERNAL;
  size_t count = 0;
  start = cimc_bench_now();
  long long before = start;
  while (count < CALLS_MAX && (count == 0 || before - start < wanted_ns)) {
    cimrt_status status = fn(user);
    long long after = cimc_bench_now();
    times[count++] = after - before;
    before = after;
    if (status != CIMRT_OK)
      return CIMC_INTERNAL;
  }
  print_calls(times, count, before - start);
  return CIMC_DONE;
}

cimc_result cimc_bench_run(cimc_bench_fn fn, void *user, double seconds) {
  long long *times = malloc(CALLS_MAX * sizeof *times);
  if (!times) {
    cimc_diag_error(NULL, "not enough memory for --bench");
    return CIMC_INTERNAL;
  }
  cimc_result result = measure(fn, user, (long long)(seconds * 1e9), times);
  free(times);
  return result;
}

void cimc_bench_print_cold(const cimc_bench_cold *cold) {
  const struct {
    const char *name;
    long long ns;
    const char *meaning;
  } phases[] = {
      {"load", cold->load_ns, "the compiler's libraries"},
      {"parse", cold->parse_ns, "the model file"},
      {"passes", cold->passes_ns, "fuse, tile, plan memory, lower"},
      {"codegen", cold->codegen_ns, "LLVM, to an object"},
      {"link", cold->link_ns, "in memory"},
      {"first call", cold->first_call_ns, ""},
  };
  const size_t count = sizeof phases / sizeof phases[0];
  long long total = 0;
  for (size_t i = 0; i < count; ++i)
    total += phases[i].ns;
  printf("\ncold start %9.3f ms\n", (double)total / 1e6);
  for (size_t i = 0; i < count; ++i)
    printf("  %-10s %7.3f ms%s%s\n", phases[i].name, (double)phases[i].ns / 1e6,
           *phases[i].meaning ? "  " : "", phases[i].meaning);
}
