// SPDX-License-Identifier: Apache-2.0
//
// The text of --passes, read into passes and their options' values.
#include "passes/base/pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAIL(...)                                                              \
  (cimc_diag_error(NULL, __VA_ARGS__), mlirLogicalResultFailure())

// -- Names -------------------------------------------------------------------
#define LIST_BYTES 1024

static void append(char *list, const char *name) {
  size_t used = strlen(list);
  snprintf(list + used, LIST_BYTES - used, "%s%s", used ? ", " : "", name);
}

const cimc_pass *cimc_pipeline_find(const char *name,
                                    const cimc_pass *const *table,
                                    const char *option) {
  char list[LIST_BYTES] = "";
  for (size_t i = 0; table[i]; i++) {
    if (strcmp(table[i]->name, name) == 0)
      return table[i];
    append(list, table[i]->name);
  }
  if (option)
    cimc_diag_error(NULL, "%s: there is no pass '%s'; expected one of %s",
                    option, name, list);
  return NULL;
}

static int find_option(const cimc_pass *pass, const char *name) {
  for (int i = 0; pass->options && pass->options[i].name; i++)
    if (strcmp(pass->options[i].name, name) == 0)
      return i;
  return -1;
}

static MlirLogicalResult unknown_option(const cimc_pass *pass,
                                        const char *name) {
  char list[LIST_BYTES] = "";
  for (int i = 0; pass->options && pass->options[i].name; i++)
    append(list, pass->options[i].name);
  return FAIL("--passes: pass '%s' has no option '%s'; expected %s%s",
              pass->name, name, list[0] ? "one of " : "none", list);
}

// -- Text --------------------------------------------------------------------
#define NAME_BYTES 64 // of a pass's name; a longer one is none

static MlirLogicalResult missing_name(void) {
  return FAIL("--passes: a name is missing; expected name,name{option=value}");
}

// Cuts the text at the next of `stops` and gives which it was; 0 at the end.
static char cut(char **at, const char *stops, char **out_word) {
  char *word = *at;
  size_t length = strcspn(word, stops);
  char stop = word[length];
  word[length] = '\0';
  *at = word + length + (stop != '\0');
  *out_word = word;
  return stop;
}

static MlirLogicalResult parse_option(char *word, cimc_pass_values *step) {
  char *value = strchr(word, '=');
  if (!value || value[1] == '\0')
    return FAIL("--passes: '%s' in the options of '%s'; expected name=value",
                word, step->pass->name);
  *value++ = '\0';
  int index = find_option(step->pass, word);
  if (index < 0)
    return unknown_option(step->pass, word);
  step->value[index] = value;
  return mlirLogicalResultSuccess();
}

// After '{': options up to '}'.
static MlirLogicalResult parse_options(char **at, cimc_pass_values *step) {
  char *word;
  for (;;) {
    char stop = cut(at, " ,}", &word);
    if (word[0] != '\0')
      CIMC_TRY(parse_option(word, step));
    if (stop == '}')
      return mlirLogicalResultSuccess();
    if (stop == '\0')
      return FAIL("--passes: the options of '%s' do not end; expected '}'",
                  step->pass->name);
  }
}

// After a step: the end, or ',' and another step.
static MlirLogicalResult parse_end(char **at, const char *name) {
  *at += strspn(*at, " ");
  if (**at == '\0')
    return mlirLogicalResultSuccess();
  if (**at != ',')
    return FAIL("--passes: '%s' after '%s'; expected ','", *at, name);
  *at += 1;
  *at += strspn(*at, " ");
  return **at == '\0' ? missing_name() : mlirLogicalResultSuccess();
}

static MlirLogicalResult parse_step(char **at, const cimc_pass *const *table,
                                    cimc_pass_values *step) {
  char name[NAME_BYTES];
  size_t length = strcspn(*at, ",{ ");
  if (length == 0)
    return missing_name();
  snprintf(name, sizeof name, "%.*s", (int)length, *at);
  step->pass = cimc_pipeline_find(name, table, "--passes");
  if (!step->pass)
    return mlirLogicalResultFailure();
  for (int i = 0; step->pass->options && step->pass->options[i].name; i++)
    step->value[i] = step->pass->options[i].default_value;
  *at += length;
  if (**at == '{') {
    *at += 1;
    CIMC_TRY(parse_options(at, step));
  }
  return parse_end(at, name);
}

static char *copy_text(const char *text) {
  size_t bytes = strlen(text) + 1;
  char *copy = malloc(bytes);
  if (copy)
    memcpy(copy, text, bytes);
  return copy;
}

MlirLogicalResult cimc_pipeline_parse(const char *text,
                                      const cimc_pass *const *table,
                                      cimc_pipeline *out) {
  size_t most = 1;
  for (const char *c = text; *c; c++)
    most += *c == ',' || *c == ' ';
  *out = (cimc_pipeline){.text = copy_text(text),
                         .steps = calloc(most, sizeof *out->steps)};
  if (!out->text || !out->steps)
    return FAIL("out of memory");
  char *at = out->text;
  at += strspn(at, " ");
  if (*at == '\0')
    return missing_name();
  while (*at != '\0')
    CIMC_TRY(parse_step(&at, table, &out->steps[out->count++]));
  return mlirLogicalResultSuccess();
}

void cimc_pipeline_free(cimc_pipeline *pipeline) {
  free(pipeline->text);
  free(pipeline->steps);
  *pipeline = (cimc_pipeline){.count = 0};
}
