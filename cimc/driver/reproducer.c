// SPDX-License-Identifier: Apache-2.0
//
// What a fault report needs: the input and the command, in a folder under
// $TMPDIR.
#include "cimc/driver/reproducer.h"

#include "cimc/driver/output.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// One argument, quoted for a shell.
static void put_quoted(FILE *to, const char *text) {
  fputc('\'', to);
  for (; *text; ++text) {
    if (*text == '\'')
      fputs("'\\''", to);
    else
      fputc(*text, to);
  }
  fputc('\'', to);
}

static bool save(const char *folder, const char *name, const void *bytes,
                 size_t size) {
  char path[PATH_MAX];
  int length = snprintf(path, sizeof path, "%s/%s", folder, name);
  cimc_output output;
  return length > 0 && (size_t)length < sizeof path &&
         !cimc_output_stage(path, bytes, size, &output) &&
         !cimc_output_commit(&output);
}

static bool save_command(const char *folder, char **argv) {
  char *text = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&text, &size);
  if (!stream)
    return false;
  for (char **at = argv; *at; ++at) {
    if (at != argv)
      fputc(' ', stream);
    put_quoted(stream, *at);
  }
  fputc('\n', stream);
  bool good = fclose(stream) == 0 && save(folder, "command", text, size);
  free(text);
  return good;
}

const char *cimc_reproducer_save(const cimc_reproducer *reproducer) {
  static char folder[PATH_MAX];
  const char *root = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/cimc-crash-XXXXXX",
           root && *root ? root : "/tmp");
  if (!mkdtemp(folder))
    return NULL;
  const char *slash = strrchr(reproducer->input, '/');
  const char *name = slash ? slash + 1 : reproducer->input;
  if (strcmp(name, "-") == 0)
    name = "stdin.mlir";
  if (!save(folder, name, reproducer->bytes, reproducer->size) ||
      !save_command(folder, reproducer->argv))
    return NULL;
  return folder;
}
