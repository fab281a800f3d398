// SPDX-License-Identifier: Apache-2.0
//
// Parses the command line by the table of options.
#include "cimc/driver/options.h"

#include "cimc/driver/option_table.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef cimc_option_row option_row;

// -- Errors ----------------------------------------------------------------

// Edits (insert, drop, replace) between two words; long words count as far.
static size_t edit_distance(const char *a, const char *b) {
  enum { WORD_MAX = 32 };
  size_t a_size = strlen(a), b_size = strlen(b);
  if (a_size >= WORD_MAX || b_size >= WORD_MAX)
    return WORD_MAX;
  size_t row[WORD_MAX];
  for (size_t j = 0; j <= b_size; ++j)
    row[j] = j;
  for (size_t i = 1; i <= a_size; ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b_size; ++j) {
      size_t best = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      if (row[j] + 1 < best)
        best = row[j] + 1;
      if (row[j - 1] + 1 < best)
        best = row[j - 1] + 1;
      row[j] = best;
    }
  }
  return row[b_size];
}

static cimc_result report_unknown(const char *argument) {
  char word[32] = "";
  size_t dashes = strspn(argument, "-");
  size_t length = strcspn(argument + dashes, "=");
  if (length < sizeof word)
    memcpy(word, argument + dashes, length);
  const char *nearest = NULL;
  size_t best = 3; // two edits are a slip, three another word
  for (size_t i = 0; cimc_option_at(i) && *word; ++i) {
    if (!cimc_option_at(i)->name)
      continue;
    size_t distance = edit_distance(word, cimc_option_at(i)->name);
    if (distance < best && distance < strlen(cimc_option_at(i)->name)) {
      best = distance;
      nearest = cimc_option_at(i)->name;
    }
  }
  int shown = (int)(dashes + length);
  if (nearest)
    cimc_diag_error(NULL, "unknown option '%.*s'; did you mean '--%s'?", shown,
                    argument, nearest);
  else
    cimc_diag_error(NULL, "unknown option '%.*s'; cimc --help lists them",
                    shown, argument);
  return CIMC_WRONG_USAGE;
}

// -- Values ----------------------------------------------------------------

// An option as it stands on the command line, for messages.
static const char *spelling(const option_row *row) {
  static char text[40];
  snprintf(text, sizeof text, "%s%s", row->name ? "--" : "-",
           row->name ? row->name : row->letter);
  return text;
}

static cimc_result set_choice(const option_row *row, const char *value,
                              int *out) {
  int index = 0;
  for (const char *at = row->choices; *at; ++index) {
    size_t length = strcspn(at, "|");
    if (strlen(value) == length && memcmp(at, value, length) == 0) {
      *out = index;
      return CIMC_DONE;
    }
    at += length + (at[length] == '|');
  }
  cimc_diag_error(NULL, "%s=%s: unknown %s; expected %s", spelling(row), value,
                  row->name, row->choices);
  return CIMC_WRONG_USAGE;
}

static cimc_result set_count(const option_row *row, const char *value,
                             int *out) {
  char *end = NULL;
  errno = 0;
  long number = strtol(value, &end, 10);
  if (errno || *end || end == value || number < 1 || number > 256) {
    cimc_diag_error(NULL, "%s=%s: expected a whole number from 1 to 256",
                    spelling(row), value);
    return CIMC_WRONG_USAGE;
  }
  *out = (int)number;
  return CIMC_DONE;
}

static cimc_result set_seed(const option_row *row, const char *value,
                            cimc_option_seed *out) {
  char *end = NULL;
  errno = 0;
  unsigned long long number = strtoull(value, &end, 0);
  if (errno || *end || !isdigit((unsigned char)*value)) {
    cimc_diag_error(NULL, "%s=%s: expected a whole number below 2^64",
                    spelling(row), value);
    return CIMC_WRONG_USAGE;
  }
  *out = (cimc_option_seed){.given = true, .value = number};
  return CIMC_DONE;
}

static cimc_result set_seconds(const option_row *row, const char *value,
                               cimc_option_seconds *out) {
  *out = (cimc_option_seconds){.given = true, .value = 1.0};
  if (!value)
    return CIMC_DONE;
  char *end = NULL;
  out->value = strtod(value, &end);
  if (*end || end == value || !(out->value > 0.0 && out->value <= 3600.0)) {
    cimc_diag_error(NULL, "%s=%s: expected seconds, above 0 and up to 3600",
                    spelling(row), value);
    return CIMC_WRONG_USAGE;
  }
  return CIMC_DONE;
}

static cimc_result push(const option_row *row, const char *value,
                        cimc_option_list *list) {
  if (list->count == CIMC_OPTIONS_LIST_MAX) {
    cimc_diag_error(NULL, "more than %d times %s", CIMC_OPTIONS_LIST_MAX,
                    spelling(row));
    return CIMC_WRONG_USAGE;
  }
  list->value[list->count++] = value;
  return CIMC_DONE;
}

static cimc_result set_value(const option_row *row, const char *value,
                             cimc_options *out) {
  void *field = (char *)out + row->offset;
  if (value && !*value) {
    cimc_diag_error(NULL, "%s: nothing given; expected %s", spelling(row),
                    row->argument);
    return CIMC_WRONG_USAGE;
  }
  switch (row->kind) {
  case CIMC_OPTION_FLAG:
    *(bool *)field = true;
    return CIMC_DONE;
  case CIMC_OPTION_TEXT:
    *(const char **)field = value;
    return CIMC_DONE;
  case CIMC_OPTION_LIST:
    return push(row, value, field);
  case CIMC_OPTION_CHOICE:
    return set_choice(row, value, field);
  case CIMC_OPTION_COUNT:
    return set_count(row, value, field);
  case CIMC_OPTION_SEED:
    return set_seed(row, value, field);
  case CIMC_OPTION_SECONDS:
    return set_seconds(row, value, field);
  }
  return CIMC_INTERNAL;
}

// -- Parsing ---------------------------------------------------------------

// Whether `text` is the long name, alone or with a value.
static bool is_named(const option_row *row, const char *text) {
  size_t size = row->name ? strlen(row->name) : 0;
  return size && strncmp(text, row->name, size) == 0 &&
         (text[size] == 0 || text[size] == '=');
}

// -output=x is a slip for --output=x, not the file "utput=x".
static bool is_long_name(const char *text) {
  for (size_t i = 0; cimc_option_at(i); ++i)
    if (is_named(cimc_option_at(i), text))
      return true;
  return false;
}

// The row an argument names; *out_value is what stands behind '=' or the
// letter, or null.
static const option_row *find_row(const char *argument,
                                  const char **out_value) {
  *out_value = NULL;
  for (size_t i = 0; cimc_option_at(i); ++i) {
    const option_row *row = cimc_option_at(i);
    if (strncmp(argument, "--", 2) == 0 && is_named(row, argument + 2)) {
      const char *rest = argument + 2 + strlen(row->name);
      *out_value = *rest ? rest + 1 : NULL;
      return row;
    }
    size_t size = row->letter ? strlen(row->letter) : 0;
    if (!size || strncmp(argument + 1, row->letter, size) != 0)
      continue;
    const char *rest = argument + 1 + size;
    if (!*rest)
      return row;
    if (row->kind == CIMC_OPTION_TEXT && !is_long_name(argument + 1)) {
      *out_value = rest; // -oFILE
      return row;
    }
  }
  return NULL;
}

// One argument and, if it takes its value from there, the next.
static cimc_result parse_one(char **argv, int argc, int *at,
                             cimc_options *out) {
  const char *value = NULL;
  const option_row *row = find_row(argv[*at], &value);
  if (!row)
    return report_unknown(argv[*at]);
  if (row->kind == CIMC_OPTION_FLAG && value) {
    cimc_diag_error(NULL, "%s takes no value; found '%s'", spelling(row),
                    value);
    return CIMC_WRONG_USAGE;
  }
  if (row->kind != CIMC_OPTION_FLAG && row->kind != CIMC_OPTION_SECONDS &&
      !value) {
    if (*at + 1 >= argc) {
      cimc_diag_error(NULL, "%s: nothing given; expected %s", spelling(row),
                      row->argument);
      return CIMC_WRONG_USAGE;
    }
    value = argv[++*at];
  }
  return set_value(row, value, out);
}

static cimc_result set_input(const char *path, cimc_options *out) {
  if (out->input) {
    cimc_diag_error(NULL, "two input files, '%s' and '%s'; expected one",
                    out->input, path);
    return CIMC_WRONG_USAGE;
  }
  if (!*path) {
    cimc_diag_error(NULL, "the input file's name is empty");
    return CIMC_WRONG_USAGE;
  }
  out->input = path;
  return CIMC_DONE;
}

// What -o's suffix stands for; -1 when it says nothing.
static int emit_of_suffix(const char *path) {
  static const struct {
    const char *suffix;
    cimc_emit emit;
  } suffixes[] = {{".o", CIMC_EMIT_OBJ},    {".s", CIMC_EMIT_ASM},
                  {".ll", CIMC_EMIT_LLVM},  {".mlir", CIMC_EMIT_QGEMM},
                  {".h", CIMC_EMIT_HEADER}, {".so", CIMC_EMIT_SHARED}};
  const char *dot = path ? strrchr(path, '.') : NULL;
  for (size_t i = 0; dot && i < sizeof suffixes / sizeof suffixes[0]; ++i)
    if (strcmp(dot, suffixes[i].suffix) == 0)
      return (int)suffixes[i].emit;
  return -1;
}

static cimc_result choose_emit(cimc_options *out) {
  if (out->emit >= 0)
    return CIMC_DONE;
  out->emit = out->run ? (int)CIMC_EMIT_OBJ : emit_of_suffix(out->output);
  // The last level that is text takes what the passes leave, as it is.
  if (out->passes && (out->emit < 0 || out->emit == (int)CIMC_EMIT_QGEMM))
    out->emit = (int)CIMC_EMIT_LOWERED;
  if (out->emit >= 0)
    return CIMC_DONE;
  if (!out->output)
    out->emit = (int)CIMC_EMIT_OBJ;
  else {
    cimc_diag_error(NULL,
                    "-o %s: the suffix does not say what to write; expected "
                    ".o .s .ll .mlir .so .h, or --emit=KIND",
                    out->output);
    return CIMC_WRONG_USAGE;
  }
  return CIMC_DONE;
}

// Options that mean something only with another one.
static cimc_result check_together(const cimc_options *options) {
  const struct {
    bool given;
    const char *text;
  } needs_run[] = {
      {options->inputs.count > 0, "--input"},
      {options->outputs.count > 0, "--output"},
      {options->random_inputs.given, "--random-inputs"},
      {options->labels != NULL, "--labels"},
      {options->cast, "--cast"},
  };
  for (size_t i = 0; i < sizeof needs_run / sizeof needs_run[0]; ++i) {
    if (!needs_run[i].given || options->run)
      continue;
    cimc_diag_error(NULL, "%s has no meaning without --run", needs_run[i].text);
    return CIMC_WRONG_USAGE;
  }
  if (options->run && (options->output || options->emit >= 0)) {
    cimc_diag_error(NULL,
                    "%s compiles to a file and --run runs; expected one of "
                    "them (--output=FILE.npy takes what the model computes)",
                    options->output ? "-o" : "--emit");
    return CIMC_WRONG_USAGE;
  }
  if (options->labels && options->bench.given) {
    cimc_diag_error(NULL, "--labels and --bench do not go together; run them "
                          "one after the other");
    return CIMC_WRONG_USAGE;
  }
  return CIMC_DONE;
}

// Errors in options look as --color and --diagnostics say, wherever they
// stand.
static void configure_diagnostics(int argc, char **argv) {
  cimc_color color = CIMC_COLOR_AUTO;
  for (int i = 1; i < argc; ++i) {
    if (strcmp(argv[i], "--color=always") == 0)
      color = CIMC_COLOR_ALWAYS;
    else if (strcmp(argv[i], "--color=never") == 0)
      color = CIMC_COLOR_NEVER;
    else if (strcmp(argv[i], "--diagnostics=json") == 0)
      cimc_diag_set_json(true);
  }
  cimc_diag_configure(color, false);
}

bool cimc_options_only_print(const cimc_options *options) {
  return options->help || options->man || options->completion ||
         options->version || options->list_ops || options->list_targets ||
         options->list_devices || options->list_passes;
}

cimc_result cimc_options_parse(int argc, char **argv, cimc_options *out) {
  *out = (cimc_options){.emit = -1};
  configure_diagnostics(argc, argv);
  bool only_files = false; // behind "--"
  for (int i = 1; i < argc; ++i) {
    cimc_result result = CIMC_DONE;
    if (!only_files && strcmp(argv[i], "--") == 0)
      only_files = true;
    else if (only_files || argv[i][0] != '-' || !argv[i][1])
      result = set_input(argv[i], out);
    else
      result = parse_one(argv, argc, &i, out);
    if (result)
      return result;
  }
  cimc_diag_configure((cimc_color)out->color, out->quiet);
  cimc_diag_set_json(out->diagnostics == 1);
  if (cimc_options_only_print(out))
    return CIMC_DONE;
  if (!out->input) {
    cimc_diag_error(NULL, "no input file; expected cimc [options] INPUT "
                          "(cimc --help lists the options)");
    return CIMC_WRONG_USAGE;
  }
  out->run |= out->bench.given;
  cimc_result result = check_together(out);
  return result ? result : choose_emit(out);
}

// -- Small things ----------------------------------------------------------

const char *cimc_options_emit_name(cimc_emit emit) {
  static const char *const names[] = {"qgemm", "mapped", "lowered", "llvm",
                                      "asm",   "obj",    "header",  "shared"};
  return names[emit];
}

void cimc_options_say(const cimc_options *options, const char *format, ...) {
  if (!options->verbose)
    return;
  va_list arguments;
  va_start(arguments, format);
  fputs("cimc: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
}
