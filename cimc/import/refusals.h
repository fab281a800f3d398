// SPDX-License-Identifier: Apache-2.0
//
// What of a model is not supported: gathered while it is imported, for one
// error about all of it.
#ifndef CIMC_IMPORT_REFUSALS_H
#define CIMC_IMPORT_REFUSALS_H

#include "cimc/import/arena.h"
#include "dialect/diag.h"

#include <stdarg.h>

// One operator that is not supported. Text is borrowed.
typedef struct cimc_refusal {
  const char *type; // of the operator, with its domain
  const char *node;
  const char *why; // null: the operator itself
} cimc_refusal;

typedef struct cimc_refusals {
  cimc_refusal *all; // room for one of each operator
  size_t count;
} cimc_refusals;

// Adds one; `format` null: the operator itself. The text is kept in the arena.
void cimc_refusals_add(cimc_refusals *refusals, cimc_arena *arena,
                       const cimc_refusal *refusal, const char *format,
                       va_list arguments) CIMC_PRINTF(4, 0);
// The error, with as many of them as are worth a screen.
void cimc_refusals_report(const cimc_refusals *refusals, const char *file);

#endif
