// SPDX-License-Identifier: Apache-2.0
//
// The command line: one table of options, from which --help comes.
#ifndef CIMC_DRIVER_OPTIONS_H
#define CIMC_DRIVER_OPTIONS_H

#include "cimc/driver/cimc.h"
#include "dialect/diag.h"

#include <stdint.h>

#define CIMC_OPTIONS_LIST_MAX 64

// The values of an option that may stand more than once, in order.
typedef struct cimc_option_list {
  const char *value[CIMC_OPTIONS_LIST_MAX];
  int count;
} cimc_option_list;

typedef struct cimc_option_seed {
  bool given;
  uint64_t value;
} cimc_option_seed;

typedef struct cimc_option_seconds {
  bool given;
  double value;
} cimc_option_seconds;

// What argv says. Strings are borrowed from argv.
typedef struct cimc_options {
  const char *input;  // "-" is standard input
  const char *output; // -o; "-" is standard output; null: see emit
  const char *name;   // a C identifier, or null
  const char *target;
  const char *entry;
  const char *cache; // a folder, "off", or null: the default folder
  const char *labels;
  const char *passes;
  const char *print_after;
  cimc_option_list inputs;  // [NAME=]FILE
  cimc_option_list outputs; // [NAME=]FILE
  cimc_option_seed random_inputs;
  cimc_option_seconds bench;
  int emit;        // cimc_emit once parsed; -1 while only -o may tell
  int requant;     // cimc_requant
  int color;       // cimc_color
  int diagnostics; // 1: as JSON
  int completion;  // 1: of bash
  int threads;     // 0: as many as the machine has
  bool run;
  bool cast;
  bool verify_each;
  bool timing;
  bool verbose;
  bool quiet;
  bool dry_run; // -###
  bool help;
  bool version;
  bool list_ops;
  bool man;
  bool list_targets;
  bool list_devices;
  bool list_passes;
} cimc_options;

// Fills *out and sets up the colour of diagnostics. CIMC_WRONG_USAGE has been
// reported.
cimc_result cimc_options_parse(int argc, char **argv, cimc_options *out);

// Whether all there is to do is to print some text or table.
bool cimc_options_only_print(const cimc_options *options);

// The word of an emit kind: "obj".
const char *cimc_options_emit_name(cimc_emit emit);

// -v: one line on stderr, "cimc: …"; silent otherwise.
void cimc_options_say(const cimc_options *options, const char *format, ...)
    CIMC_PRINTF(2, 3);

#endif
