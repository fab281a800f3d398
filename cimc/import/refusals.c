// SPDX-License-Identifier: Apache-2.0
//
// The one error about all that a model has and cimc does not support.
#include "cimc/import/refusals.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 20
#define TEXT_BYTES 1500

void cimc_refusals_add(cimc_refusals *refusals, cimc_arena *arena,
                       const cimc_refusal *refusal, const char *format,
                       va_list arguments) {
  char text[200] = "";
  if (format)
    vsnprintf(text, sizeof text, format, arguments);
  cimc_refusal *added = &refusals->all[refusals->count++];
  *added = *refusal;
  added->why =
      text[0] != '\0' ? cimc_arena_copy_text(arena, text, strlen(text)) : NULL;
}

void cimc_refusals_report(const cimc_refusals *refusals, const char *file) {
  char text[TEXT_BYTES];
  size_t used = 0, shown = 0;
  for (; shown < refusals->count && shown < SHOWN_MAX; shown++) {
    const cimc_refusal *refusal = &refusals->all[shown];
    int length = snprintf(
        text + used, sizeof text - used, "%s%.60s (node '%.100s'%s%.200s)",
        shown > 0 ? ", " : "", refusal->type, refusal->node,
        refusal->why ? ": " : "", refusal->why ? refusal->why : "");
    if (length < 0 || (size_t)length >= sizeof text - used)
      break;
    used += (size_t)length;
  }
  text[used] = '\0';
  char rest[40] = "";
  if (shown < refusals->count)
    snprintf(rest, sizeof rest, " and %zu more", refusals->count - shown);
  cimc_diag_error(file, "%zu operator%s not supported: %s%s", refusals->count,
                  refusals->count == 1 ? " is" : "s are", text, rest);
  cimc_diag_note("cimc --list-ops shows what is supported");
}
