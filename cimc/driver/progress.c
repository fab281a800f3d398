// SPDX-License-Identifier: Apache-2.0
//
// One line on a terminal about work that takes more than a second.
#include "cimc/driver/progress.h"

#include "cimc/driver/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const long long shown_after_ns = 1000000000;

static struct {
  const char *what; // null: no work
  int64_t total;
  long long start_ns;
  bool shown;
} state;

bool cimc_progress_is_on(void) {
  const char *terminal = getenv("TERM");
  return state.what && isatty(STDERR_FILENO) &&
         !(terminal && strcmp(terminal, "dumb") == 0);
}

void cimc_progress_begin(const char *what, int64_t total) {
  state.what = what;
  state.total = total;
  state.start_ns = cimc_bench_now();
  state.shown = false;
}

// Names come from the user's files: what could steer the terminal is left out.
static void put_plain(const char *text, int most) {
  for (int i = 0; text[i] && i < most; ++i) {
    unsigned char byte = (unsigned char)text[i];
    fputc(byte < 0x20 || byte == 0x7f ? '?' : byte, stderr);
  }
}

void cimc_progress_tick(const char *part, int64_t done) {
  long long past = cimc_bench_now() - state.start_ns;
  if (past < shown_after_ns || !cimc_progress_is_on())
    return;
  fputs("\r\033[K", stderr);
  put_plain(state.what, 40);
  if (part && *part) {
    fputs(": ", stderr);
    put_plain(part, 24);
  }
  if (state.total > 0)
    fprintf(stderr, ": %" PRId64 " of %" PRId64, done, state.total);
  fprintf(stderr, ", %lld s", past / 1000000000);
  fflush(stderr);
  state.shown = true;
}

void cimc_progress_clear(void) {
  if (!state.shown)
    return;
  fputs("\r\033[K", stderr);
  fflush(stderr);
  state.shown = false;
}

void cimc_progress_end(void) {
  cimc_progress_clear();
  state.what = NULL;
}
