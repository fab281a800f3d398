// SPDX-License-Identifier: Apache-2.0
//
// Reads .mlir text through libMLIR, after a scan that keeps its recursive
// parser from overflowing the stack.
#include "cimc/import/mlir.h"

#include "dialect/diag.h"

#include <mlir-c/Diagnostics.h>
#include <mlir-c/Dialect/Linalg.h>
#include <mlir-c/Dialect/Tosa.h>

#include <string.h>

#define STDIN_NAME "<stdin>"

// -- The scan ----------------------------------------------------------------
typedef struct scan {
  const char *name;
  const char *text;
  size_t size;
  size_t at;
  unsigned line;
  size_t line_start;
  int depth;
  char open[CIMC_MLIR_DEPTH_MAX + 1];
  int operators[CIMC_MLIR_DEPTH_MAX + 1]; // since the last comma, per depth
  cimc_place bare; // of the first op of qgemm that is not in quotes
  bool uses_tosa, uses_linalg;
} scan;

static bool fault(const scan *self, const char *text) {
  cimc_place place = {.file = self->name,
                      .line = self->line,
                      .column = (unsigned)(self->at - self->line_start) + 1};
  cimc_diag_report(CIMC_SEVERITY_ERROR, &place, "%s", text);
  return false;
}

static char peek(const scan *self, size_t ahead) {
  return ahead < self->size - self->at ? self->text[self->at + ahead] : '\0';
}

static void skip_comment(scan *self) {
  while (self->at < self->size && self->text[self->at] != '\n')
    self->at++;
}

// A string ends at its quote; one that meets the end of its line is no string
// for the parser either, which then reports it.
static void skip_string(scan *self) {
  for (self->at++; self->at < self->size; self->at++) {
    char c = self->text[self->at];
    if (c == '\n')
      return;
    if (c == '\\')
      self->at += peek(self, 1) != '\n' && self->at + 1 < self->size;
    else if (c == '"')
      break;
  }
  self->at += self->at < self->size;
}

static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '.';
}

// "qgemm.relu %x": an op in a form of its own, which qgemm has none of. Before
// a '=' the word is an attribute's name.
static void note_bare(scan *self, size_t start) {
  static const char prefix[] = "qgemm.";
  size_t length = sizeof prefix - 1;
  if (self->bare.line || self->at - start <= length ||
      memcmp(self->text + start, prefix, length) != 0)
    return;
  size_t next = self->at;
  while (next < self->size && self->text[next] == ' ')
    next++;
  if (next < self->size && (self->text[next] == '%' || self->text[next] == '('))
    self->bare =
        (cimc_place){.file = self->name,
                     .line = self->line,
                     .column = (unsigned)(start - self->line_start) + 1};
}

static bool begins(const scan *self, size_t at, const char *prefix) {
  size_t length = strlen(prefix);
  return self->size - at > length &&
         memcmp(self->text + at, prefix, length) == 0;
}

// What looks like an op of a dialect that only some files need: such a dialect
// is loaded when a file names it. linalg brings tensor and math.
static void note_dialect(scan *self, size_t at) {
  self->uses_tosa = self->uses_tosa || begins(self, at, "tosa.");
  self->uses_linalg = self->uses_linalg || begins(self, at, "linalg.") ||
                      begins(self, at, "tensor.") || begins(self, at, "math.");
}

// Steps over a word; true when it is an operator of affine expressions.
static bool skip_word(scan *self) {
  static const char *const operators[] = {"mod", "floordiv", "ceildiv"};
  size_t start = self->at;
  note_dialect(self, start);
  while (self->at < self->size && is_word(self->text[self->at]))
    self->at++;
  note_bare(self, start);
  size_t length = self->at - start;
  for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
    if (strlen(operators[i]) == length &&
        memcmp(operators[i], self->text + start, length) == 0)
      return true;
  return false;
}

// MLIR's parser asks the width of array<index: ...>'s elements and finds none.
static bool is_index_array(const scan *self) {
  size_t at = self->at + strlen("array");
  if (!begins(self, self->at, "array"))
    return false;
  while (at < self->size && self->text[at] == ' ')
    at++;
  if (!begins(self, at, "<"))
    return false;
  for (at++; at < self->size && self->text[at] == ' ';)
    at++;
  return begins(self, at, "index");
}

static bool count_operator(scan *self) {
  if (++self->operators[self->depth] <= CIMC_MLIR_DEPTH_MAX)
    return true;
  return fault(self, "an expression of more than 512 operators");
}

static bool open_bracket(scan *self, char c) {
  if (self->depth == CIMC_MLIR_DEPTH_MAX)
    return fault(self, "brackets nest more than 512 deep");
  self->open[++self->depth] = c;
  self->operators[self->depth] = 0;
  return true;
}

// A bracket that does not match is left to the parser, which stops there; not
// counting it errs to the safe side.
static void close_bracket(scan *self, char c) {
  char opener = c == ')' ? '(' : c == ']' ? '[' : c == '}' ? '{' : '<';
  if (self->depth > 0 && self->open[self->depth] == opener)
    self->depth--;
}

// One character that is not part of a comment, string or word.
static bool scan_mark(scan *self) {
  char c = self->text[self->at], next = peek(self, 1);
  bool good = true;
  if (c == '-' && next == '>')
    self->at++; // an arrow is no bracket
  else if ((c == '<' || c == '>') && next == '=')
    self->at++; // nor is a comparison
  else if (c == '(' || c == '[' || c == '{' || c == '<')
    good = open_bracket(self, c);
  else if (c == ')' || c == ']' || c == '}' || c == '>')
    close_bracket(self, c);
  else if (c == '+' || c == '-' || c == '*')
    good = count_operator(self);
  else if (c == ',' || c == '=' || c == ':' || c == '%')
    self->operators[self->depth] = 0;
  self->at++;
  return good;
}

static bool scan_step(scan *self) {
  char c = self->text[self->at];
  if (c == '\0')
    return fault(self, "a zero byte; expected text");
  if (c == '/' && peek(self, 1) == '/') {
    skip_comment(self);
  } else if (c == '"') {
    note_dialect(self, self->at + 1);
    skip_string(self);
  } else if (c == '\n') {
    self->line++;
    self->line_start = ++self->at;
  } else if (is_word(c)) {
    if (is_index_array(self))
      return fault(self, "array<index: ...>; expected array<i64: ...>");
    return !skip_word(self) || count_operator(self);
  } else {
    return scan_mark(self);
  }
  return true;
}

// Reports and returns false when the text is too deep or is not text.
static bool scan_text(scan *self) {
  while (self->at < self->size)
    if (!scan_step(self))
      return false;
  return true;
}

// -- Parsing -----------------------------------------------------------------
// A file of several functions without a module is no single operation: this
// one error of mlirOperationCreateParse is kept back, and the text parsed
// again as the body of a module.
typedef struct watch {
  bool several;
} watch;

static void match(MlirStringRef text, void *user) {
  static const char wanted[] = "source must contain a single top-level";
  if (text.length >= sizeof wanted - 1 &&
      memcmp(text.data, wanted, sizeof wanted - 1) == 0)
    ((watch *)user)->several = true;
}

static MlirLogicalResult on_diagnostic(MlirDiagnostic diagnostic, void *user) {
  watch *self = user;
  bool before = self->several;
  mlirDiagnosticPrint(diagnostic, match, self);
  return self->several && !before ? mlirLogicalResultSuccess()
                                  : mlirLogicalResultFailure();
}

// A module around one operation that is not one.
static MlirModule wrap(MlirOperation op) {
  if (cimc_ir_op_is(op, "builtin.module"))
    return mlirModuleFromOperation(op);
  MlirModule module = mlirModuleCreateEmpty(mlirOperationGetLocation(op));
  mlirBlockAppendOwnedOperation(mlirModuleGetBody(module), op);
  return module;
}

// A dialect made of IRDL fails without a word on an op in a form of its own.
static void report_silent(const scan *self) {
  cimc_place place = {.file = self->name};
  bool bare = self->bare.line > 0;
  cimc_diag_report(CIMC_SEVERITY_ERROR, bare ? &self->bare : &place,
                   bare ? "an op of qgemm without quotes; expected the generic "
                          "form, \"qgemm.NAME\"(%%x) {...} : (types) -> type"
                        : "not MLIR text that can be parsed");
  cimc_diag_note("docs/dialect.md shows each op as it is written");
}

static scan scan_of(const cimc_import_input *input) {
  bool from_stdin = strcmp(input->path, "-") == 0;
  return (scan){.name = from_stdin ? STDIN_NAME : input->path,
                .text = input->bytes,
                .size = input->size,
                .line = 1};
}

bool cimc_mlir_scan(const cimc_import_input *input) {
  scan self = scan_of(input);
  return scan_text(&self);
}

// Loading linalg loads math, of which the C API has no handle.
static void load_dialects(MlirContext context, const scan *self) {
  MlirDialectHandle tosa = mlirGetDialectHandle__tosa__();
  MlirDialectHandle linalg = mlirGetDialectHandle__linalg__();
  if (self->uses_tosa)
    mlirDialectHandleLoadDialect(tosa, context);
  if (self->uses_linalg)
    mlirDialectHandleLoadDialect(linalg, context);
}

MlirModule cimc_mlir_import(MlirContext context,
                            const cimc_import_input *input) {
  scan self = scan_of(input);
  const char *name = self.name;
  if (strcmp(name, STDIN_NAME) == 0)
    cimc_diag_set_source(name, input->bytes, input->size);
  if (!scan_text(&self))
    return (MlirModule){NULL};
  load_dialects(context, &self);
  unsigned errors = cimc_diag_error_count();
  MlirStringRef text = mlirStringRefCreate(input->bytes, input->size);
  watch state = {.several = false};
  MlirDiagnosticHandlerID handler =
      mlirContextAttachDiagnosticHandler(context, on_diagnostic, &state, NULL);
  MlirOperation op = mlirOperationCreateParse(context, text, cimc_ir_str(name));
  mlirContextDetachDiagnosticHandler(context, handler);
  if (!mlirOperationIsNull(op))
    return wrap(op);
  MlirModule module = {NULL};
  cimc_diag_set_unnamed(name);
  if (state.several)
    module = mlirModuleCreateParse(context, text);
  if (mlirModuleIsNull(module) && cimc_diag_error_count() == errors)
    report_silent(&self);
  return module;
}
