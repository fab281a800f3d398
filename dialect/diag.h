// SPDX-License-Identifier: Apache-2.0
//
// The one sink of diagnostics: `file:line:col: error: found; expected`, with
// the source line and a caret where there is one, notes, colour. Nothing else
// in the compiler prints to the user. Knows no MLIR (the driver uses it
// without loading libMLIR); ir.h adds the forms that take an MlirLocation.
#ifndef CIMC_DIALECT_DIAG_H
#define CIMC_DIALECT_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__GNUC__)
#define CIMC_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#define CIMC_PRINTF(fmt, first)
#endif

typedef enum cimc_severity {
  CIMC_SEVERITY_ERROR,
  CIMC_SEVERITY_WARNING,
  CIMC_SEVERITY_NOTE,
} cimc_severity;

typedef enum cimc_color {
  CIMC_COLOR_AUTO, // a terminal on stderr, and no NO_COLOR in the environment
  CIMC_COLOR_ALWAYS,
  CIMC_COLOR_NEVER,
} cimc_color;

// A place in an input. Any field may be null or 0: unknown. For .onnx and
// .tflite there is no line; `node` names the graph node instead.
typedef struct cimc_place {
  const char *file;
  const char *node;
  unsigned line;
  unsigned column;
} cimc_place;

// quiet drops warnings and the notes that follow them (-q).
void cimc_diag_configure(cimc_color color, bool quiet);
// One JSON object a line instead of text, for tools: severity, file, node,
// line, column (what is known of them), message. A note follows what it is of.
void cimc_diag_set_json(bool json);
// Whether diagnostics are coloured, as configured and where stderr ends.
bool cimc_diag_uses_color(void);

// Text to show source lines from when `file` is not a readable file: the name
// "<stdin>" and its text. Borrowed until replaced; null, null, 0 clears it.
void cimc_diag_set_source(const char *file, const char *text, size_t bytes);

// The file that places in "-" are in: libMLIR calls text so that it parses
// without a name. Borrowed; null clears it.
void cimc_diag_set_unnamed(const char *file);

// Prints one diagnostic. `place` may be null: then the line begins "cimc:".
void cimc_diag_report(cimc_severity severity, const cimc_place *place,
                      const char *format, ...) CIMC_PRINTF(3, 4);

// Errors reported so far in this process.
unsigned cimc_diag_error_count(void);

// Shorthands without a line: about a file (or null), and a note without place.
#define cimc_diag_error(file_name, ...)                                        \
  cimc_diag_report(CIMC_SEVERITY_ERROR, &(cimc_place){.file = (file_name)},    \
                   __VA_ARGS__)
#define cimc_diag_note(...)                                                    \
  cimc_diag_report(CIMC_SEVERITY_NOTE, NULL, __VA_ARGS__)

#endif
