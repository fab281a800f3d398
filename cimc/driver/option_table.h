// SPDX-License-Identifier: Apache-2.0
//
// The one table of options. The parser (options.c) and the texts for users
// (option_text.c: help, manual page, completion) read it.
#ifndef CIMC_DRIVER_OPTION_TABLE_H
#define CIMC_DRIVER_OPTION_TABLE_H

#include <stddef.h>

typedef enum cimc_option_kind {
  CIMC_OPTION_FLAG,    // bool
  CIMC_OPTION_TEXT,    // const char *
  CIMC_OPTION_LIST,    // cimc_option_list
  CIMC_OPTION_CHOICE,  // int: the index of the word in `choices`
  CIMC_OPTION_COUNT,   // int, 1 to 256
  CIMC_OPTION_SEED,    // cimc_option_seed
  CIMC_OPTION_SECONDS, // cimc_option_seconds; the argument may be left out
} cimc_option_kind;

typedef struct cimc_option_row {
  const char *name; // without the dashes
  const char *letter;
  cimc_option_kind kind;
  size_t offset;        // in cimc_options
  const char *argument; // how --help calls it
  const char *choices;  // words between '|'
  const char *help;     // words short enough to wrap
  const char *group;    // null: as the row before
} cimc_option_row;

// Row `i` in the order of --help; null behind the last.
const cimc_option_row *cimc_option_at(size_t i);

#endif
