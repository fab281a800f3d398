// SPDX-License-Identifier: Apache-2.0
//
// Diagnostics at an MlirLocation: finds file, line, column and node name in
// it, and forwards MLIR's own diagnostics to the sink.
#include "dialect/ir.h"

#include <mlir-c/Diagnostics.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Text of one diagnostic; longer is cut, so that an error is one screen.
#define TEXT_BYTES 2000
// Locations nest (a call site of a fusion of a name …); deeper is ignored.
#define LOCATION_DEPTH_MAX 16

typedef struct located {
  char file[512];
  char node[256];
  cimc_place place;
} located;

static void copy_name(MlirStringRef from, char *to, size_t capacity) {
  size_t length = from.length < capacity - 1 ? from.length : capacity - 1;
  memcpy(to, from.data, length);
  to[length] = '\0';
}

static MlirLocation first_of_fused(MlirLocation location) {
  unsigned count = mlirLocationFusedGetNumLocations(location);
  if (count == 0)
    return mlirLocationUnknownGet(mlirLocationGetContext(location));
  MlirLocation *all = calloc(count, sizeof *all);
  if (!all)
    return mlirLocationUnknownGet(mlirLocationGetContext(location));
  mlirLocationFusedGetLocations(location, all);
  MlirLocation first = all[0];
  free(all);
  return first;
}

static void locate(MlirLocation location, located *out) {
  memset(out, 0, sizeof *out);
  for (int depth = 0; depth < LOCATION_DEPTH_MAX; depth++) {
    if (mlirLocationIsAName(location)) {
      if (out->node[0] == '\0')
        copy_name(mlirIdentifierStr(mlirLocationNameGetName(location)),
                  out->node, sizeof out->node);
      location = mlirLocationNameGetChildLoc(location);
    } else if (mlirLocationIsACallSite(location)) {
      location = mlirLocationCallSiteGetCallee(location);
    } else if (mlirLocationIsAFused(location)) {
      location = first_of_fused(location);
    } else {
      break;
    }
  }
  if (mlirLocationIsAFileLineColRange(location)) {
    copy_name(
        mlirIdentifierStr(mlirLocationFileLineColRangeGetFilename(location)),
        out->file, sizeof out->file);
    int line = mlirLocationFileLineColRangeGetStartLine(location);
    int column = mlirLocationFileLineColRangeGetStartColumn(location);
    out->place.line = line > 0 ? (unsigned)line : 0;
    out->place.column = column > 0 ? (unsigned)column : 0;
  }
  out->place.file = out->file[0] ? out->file : NULL;
  out->place.node = out->node[0] ? out->node : NULL;
}

static void report(cimc_severity severity, MlirLocation location,
                   const char *format, va_list arguments) {
  char text[TEXT_BYTES];
  vsnprintf(text, sizeof text, format, arguments);
  located where;
  locate(location, &where);
  cimc_diag_report(severity, &where.place, "%s", text);
}

MlirLogicalResult cimc_error(MlirLocation location, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  report(CIMC_SEVERITY_ERROR, location, format, arguments);
  va_end(arguments);
  return mlirLogicalResultFailure();
}

void cimc_warn(MlirLocation location, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  report(CIMC_SEVERITY_WARNING, location, format, arguments);
  va_end(arguments);
}

void cimc_note(MlirLocation location, const char *format, ...) {
  (void)location; // a note mends the error above it, whose place is shown
  char text[TEXT_BYTES];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  cimc_diag_report(CIMC_SEVERITY_NOTE, NULL, "%s", text);
}

// -- MLIR's own diagnostics --------------------------------------------------
typedef struct text_buffer {
  char text[TEXT_BYTES];
  size_t length;
} text_buffer;

static void append(MlirStringRef piece, void *user) {
  text_buffer *buffer = user;
  size_t room = sizeof buffer->text - 1 - buffer->length;
  size_t length = piece.length < room ? piece.length : room;
  memcpy(buffer->text + buffer->length, piece.data, length);
  buffer->length += length;
  buffer->text[buffer->length] = '\0';
}

// MLIR's words for an op that a dialect it knows does not have.
#define UNKNOWN_OP "unregistered operation 'qgemm."

static void forward(MlirDiagnostic diagnostic) {
  text_buffer buffer = {.length = 0};
  mlirDiagnosticPrint(diagnostic, append, &buffer);
  located where;
  locate(mlirDiagnosticGetLocation(diagnostic), &where);
  MlirDiagnosticSeverity severity = mlirDiagnosticGetSeverity(diagnostic);
  cimc_severity ours = severity == MlirDiagnosticError ? CIMC_SEVERITY_ERROR
                       : severity == MlirDiagnosticWarning
                           ? CIMC_SEVERITY_WARNING
                           : CIMC_SEVERITY_NOTE;
  cimc_diag_report(ours, &where.place, "%s", buffer.text);
  if (strncmp(buffer.text, UNKNOWN_OP, sizeof UNKNOWN_OP - 1) == 0)
    cimc_diag_note("docs/dialect.md lists the ops of qgemm");
}

MlirLogicalResult cimc_locate_handler(MlirDiagnostic diagnostic, void *user) {
  (void)user;
  forward(diagnostic);
  for (intptr_t i = 0; i < mlirDiagnosticGetNumNotes(diagnostic); i++) {
    MlirDiagnostic note = mlirDiagnosticGetNote(diagnostic, i);
    text_buffer buffer = {.length = 0};
    mlirDiagnosticPrint(note, append, &buffer);
    // "see current operation" dumps the op, weights and all: not for users.
    if (strncmp(buffer.text, "see current operation", 21) != 0)
      forward(note);
  }
  return mlirLogicalResultSuccess();
}

MlirStringRef cimc_ir_location_name(MlirLocation location) {
  for (int depth = 0; depth < LOCATION_DEPTH_MAX; depth++) {
    if (mlirLocationIsAName(location))
      return mlirIdentifierStr(mlirLocationNameGetName(location));
    if (!mlirLocationIsAFused(location))
      break;
    location = first_of_fused(location);
  }
  return mlirStringRefCreate("", 0);
}

MlirLocation cimc_ir_node_location(MlirContext context, const char *file,
                                   const char *node) {
  MlirLocation where =
      mlirLocationFileLineColGet(context, cimc_ir_str(file), 0, 0);
  return mlirLocationNameGet(context, cimc_ir_str(node), where);
}
