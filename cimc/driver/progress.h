// SPDX-License-Identifier: Apache-2.0
//
// One line on a terminal about work that takes more than a second.
#ifndef CIMC_DRIVER_PROGRESS_H
#define CIMC_DRIVER_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

enum { CIMC_PROGRESS_TICK_MS = 200 };

// Work begins, of `total` like steps (0: not known). Nothing is shown unless
// stderr is a terminal. `what` is borrowed until the end.
void cimc_progress_begin(const char *what, int64_t total);
// To be called every CIMC_PROGRESS_TICK_MS or so, by the thread that began: the
// part being worked on (null: none), the steps done.
void cimc_progress_tick(const char *part, int64_t done);
// Takes the line off the terminal, so that something else can be printed.
void cimc_progress_clear(void);
void cimc_progress_end(void);
// Whether ticks would ever show anything.
bool cimc_progress_is_on(void);

#endif
