// SPDX-License-Identifier: Apache-2.0
//
// A libcimc that does to the command what the input's first word says.
#include "cimc/driver/cimc.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

cimc_result cimc_compile(const cimc_compile_options *options,
                         cimc_compiled *out) {
  const char *word = options->bytes;
  if (strncmp(word, "crash", 5) == 0)
    raise(SIGSEGV);
  if (strncmp(word, "exit", 4) == 0)
    exit(1);
  if (strncmp(word, "memory", 6) == 0) { // more than the limit of 2 GiB
    char *block = malloc((size_t)3 << 30);
    if (!block)
      abort();
    memset(block, 1, (size_t)3 << 30);
  }
  if (strncmp(word, "time", 4) == 0)
    raise(SIGXCPU); // what the limit of 60 s would do
  if (strncmp(word, "fault", 5) == 0) {
    fprintf(stderr, "cimc: error: a fault of cimc\n");
    return CIMC_INTERNAL;
  }
  if (strncmp(word, "wrong", 5) == 0)
    return CIMC_WRONG_INPUT;
  if (strncmp(word, "warn", 4) == 0)
    fprintf(stderr, "\033[1m%s: warning: odd\033[0m\n", options->input);
  out->data = strdup("result\n");
  out->size = strlen("result\n");
  if (strncmp(word, "extra", 5) == 0) {
    if (access("extra.bin", R_OK))
      return CIMC_WRONG_INPUT;
    out->files = calloc(1, sizeof *out->files);
    out->files[0] = strdup("extra.bin");
    out->file_count = 1;
  }
  return CIMC_DONE;
}

void cimc_compiled_free(cimc_compiled *compiled) { free(compiled->data); }
void cimc_list_ops(void) {}
void cimc_list_targets(void) {}
void cimc_list_passes(void) {}
void cimc_list_devices(void) {}
const char *cimc_version(void) { return "fault"; }
void cimc_configure(int color, bool quiet, bool json) {
  (void)color;
  (void)quiet;
  (void)json;
}
