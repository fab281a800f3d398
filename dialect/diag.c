// SPDX-License-Identifier: Apache-2.0
//
// Prints diagnostics in clang's style to stderr.
#include "dialect/diag.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A source line longer than this is not shown: it is data, not text.
#define LINE_BYTES_MAX 400
// A message longer than this is cut: an error is one screen.
#define TEXT_BYTES_MAX 8192
// No line is looked for in a file larger than this.
#define SOURCE_BYTES_MAX (64 << 20)

static struct {
  cimc_color color;
  bool quiet;
  bool json;
  bool last_dropped; // notes belong to the diagnostic before them
  unsigned errors;
  const char *unnamed;
  const char *source_file;
  const char *source_text;
  size_t source_bytes;
} sink;

void cimc_diag_configure(cimc_color color, bool quiet) {
  sink.color = color;
  sink.quiet = quiet;
  sink.last_dropped = quiet; // a note that follows nothing is one to drop
}

void cimc_diag_set_json(bool json) { sink.json = json; }

void cimc_diag_set_unnamed(const char *file) { sink.unnamed = file; }

void cimc_diag_set_source(const char *file, const char *text, size_t bytes) {
  sink.source_file = file;
  sink.source_text = text;
  sink.source_bytes = bytes;
}

unsigned cimc_diag_error_count(void) { return sink.errors; }

bool cimc_diag_uses_color(void) {
  if (sink.color != CIMC_COLOR_AUTO)
    return sink.color == CIMC_COLOR_ALWAYS;
  const char *no_color = getenv("NO_COLOR");
  return isatty(STDERR_FILENO) && !(no_color && no_color[0] != '\0');
}

// Copies line `number` (1-based) of a text into `out`; false when there is no
// such line or it is too long to show.
static bool line_of_text(const char *text, size_t bytes, unsigned number,
                         char out[LINE_BYTES_MAX + 1]) {
  const char *end = text + bytes;
  for (unsigned i = 1; i < number; i++) {
    const char *next = memchr(text, '\n', (size_t)(end - text));
    if (!next)
      return false;
    text = next + 1;
  }
  const char *stop = memchr(text, '\n', (size_t)(end - text));
  size_t length = (size_t)((stop ? stop : end) - text);
  if (length > LINE_BYTES_MAX)
    return false;
  memcpy(out, text, length);
  out[length] = '\0';
  return true;
}

// The path may stand in the input, as a location: only a regular file is
// read, and none that would take long.
static FILE *open_source(const char *path) {
  struct stat status;
  int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (descriptor < 0)
    return NULL;
  FILE *file = NULL;
  if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) &&
      status.st_size <= SOURCE_BYTES_MAX)
    file = fdopen(descriptor, "rb");
  if (!file)
    close(descriptor);
  return file;
}

static bool line_of_file(const char *path, unsigned number,
                         char out[LINE_BYTES_MAX + 1]) {
  FILE *file = open_source(path);
  if (!file)
    return false;
  unsigned line = 1;
  size_t length = 0;
  bool complete = false;
  for (int c = 0; (c = getc(file)) != EOF;) {
    if (c == '\n') {
      if (line++ == number) {
        complete = true;
        break;
      }
    } else if (line == number) {
      if (length == LINE_BYTES_MAX) {
        length = 0;
        line = 0;
        break;
      }
      out[length++] = (char)c;
    }
  }
  fclose(file);
  out[length] = '\0';
  return complete || (line == number && length > 0);
}

// The source line and, under the column, a caret.
static void show_line(const cimc_place *place, const char *green,
                      const char *reset) {
  char line[LINE_BYTES_MAX + 1];
  bool from_text = sink.source_text && sink.source_file &&
                   strcmp(sink.source_file, place->file) == 0;
  bool found = from_text ? line_of_text(sink.source_text, sink.source_bytes,
                                        place->line, line)
                         : line_of_file(place->file, place->line, line);
  if (!found)
    return;
  for (char *c = line; *c; c++)
    if ((unsigned char)*c < 0x20)
      *c = ' ';
  fprintf(stderr, "%s\n", line);
  if (place->column == 0 || place->column > strlen(line) + 1)
    return;
  fprintf(stderr, "%*s%s^%s\n", (int)place->column - 1, "", green, reset);
}

// Names come from model files: what could steer a terminal is shown as \xNN.
// Line ends stay where they are ours (`lines`).
static void put_text(const char *text, bool lines) {
  for (const char *c = text; *c; c++) {
    unsigned char byte = (unsigned char)*c;
    if ((byte >= 0x20 && byte != 0x7f) || (lines && byte == '\n'))
      fputc(byte, stderr);
    else
      fprintf(stderr, "\\x%02x", byte);
  }
}

static void show_place(const cimc_place *place) {
  if (!place || !(place->file || place->node)) {
    fputs("cimc: ", stderr);
    return;
  }
  if (place->file) {
    put_text(place->file, false);
    fputc(':', stderr);
  }
  if (place->line > 0)
    fprintf(stderr, "%u:%u:", place->line, place->column);
  if (place->node && place->node[0] != '\0') {
    fputs(place->file ? " node '" : "node '", stderr);
    put_text(place->node, false);
    fputs("':", stderr);
  }
  fputc(' ', stderr);
}

// The bytes of a valid UTF-8 sequence at `c`, 0 when it is none.
static size_t utf8_length(const unsigned char *c) {
  size_t length = c[0] < 0x80    ? 1
                  : c[0] < 0xc2  ? 0
                  : c[0] < 0xe0  ? 2
                  : c[0] < 0xf0  ? 3
                  : c[0] <= 0xf4 ? 4
                                 : 0;
  for (size_t i = 1; i < length; i++)
    if ((c[i] & 0xc0) != 0x80) // the final zero byte too
      return 0;
  bool is_long = (c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xf0 && c[1] < 0x90);
  bool is_no_character =
      (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf4 && c[1] > 0x8f);
  return is_long || is_no_character ? 0 : length;
}

static void put_json_text(const char *key, const char *text) {
  fprintf(stderr, "\"%s\":\"", key);
  const unsigned char *c = (const unsigned char *)text;
  while (*c) {
    size_t length = utf8_length(c);
    if (length == 0)
      fputs("\\ufffd", stderr);
    else if (*c == '"' || *c == '\\')
      fprintf(stderr, "\\%c", *c);
    else if (*c < 0x20 || *c == 0x7f)
      fprintf(stderr, "\\u%04x", *c);
    else
      fwrite(c, 1, length, stderr);
    c += length ? length : 1;
  }
  fputc('"', stderr);
}

static void put_json(const char *severity, const cimc_place *place,
                     const char *message) {
  fputc('{', stderr);
  put_json_text("severity", severity);
  if (place && place->file) {
    fputc(',', stderr);
    put_json_text("file", place->file);
  }
  if (place && place->node && place->node[0] != '\0') {
    fputc(',', stderr);
    put_json_text("node", place->node);
  }
  if (place && place->line > 0)
    fprintf(stderr, ",\"line\":%u,\"column\":%u", place->line, place->column);
  fputc(',', stderr);
  put_json_text("message", message);
  fputs("}\n", stderr);
}

void cimc_diag_report(cimc_severity severity, const cimc_place *place,
                      const char *format, ...) {
  static const char *const words[] = {"error", "warning", "note"};
  static const char *const colors[] = {"\033[1;31m", "\033[1;35m",
                                       "\033[1;36m"};
  if (severity == CIMC_SEVERITY_ERROR)
    sink.errors++;
  if (severity != CIMC_SEVERITY_NOTE)
    sink.last_dropped = sink.quiet && severity == CIMC_SEVERITY_WARNING;
  if (sink.last_dropped)
    return;
  cimc_place named = place ? *place : (cimc_place){.line = 0};
  if (place && place->file && sink.unnamed && strcmp(place->file, "-") == 0) {
    named.file = sink.unnamed;
    place = &named;
  }
  char text[TEXT_BYTES_MAX];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (sink.json) {
    put_json(words[severity], place, text);
    return;
  }
  bool color = cimc_diag_uses_color();
  const char *reset = color ? "\033[0m" : "";
  const char *bold = color ? "\033[1m" : "";
  fputs(bold, stderr);
  show_place(place);
  fprintf(stderr, "%s%s%s:%s ", reset, color ? colors[severity] : "",
          words[severity], reset);
  if (severity != CIMC_SEVERITY_NOTE)
    fputs(bold, stderr);
  put_text(text, true);
  fprintf(stderr, "%s\n", severity != CIMC_SEVERITY_NOTE ? reset : "");
  if (place && place->file && place->line > 0)
    show_line(place, color ? "\033[1;32m" : "", reset);
}
