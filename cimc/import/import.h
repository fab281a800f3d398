// SPDX-License-Identifier: Apache-2.0
//
// The roof of import/: the table of model formats, told apart by magic, then
// by suffix.
#ifndef CIMC_IMPORT_IMPORT_H
#define CIMC_IMPORT_IMPORT_H

#include "dialect/ir.h"

typedef struct cimc_import_input {
  const char *path;  // as the user wrote it; "-" is standard input
  const char *bytes; // the whole file, followed by a zero byte
  size_t size;
  bool tflite_reference; // integers as LiteRT's reference kernels have them
} cimc_import_input;

// Files read besides the input (external data), for the cache and -v.
typedef struct cimc_import_files {
  char **paths; // owned
  size_t count;
} cimc_import_files;

// Builds a builtin.module at the model stage (or, for .mlir, whatever stage
// the text is at). A null module on failure, which has been reported.
MlirModule cimc_import(MlirContext context, const cimc_import_input *input,
                       cimc_import_files *out_files);
void cimc_import_files_free(cimc_import_files *files);

// --list-ops: one line per operator that is really in the tables, to stdout.
void cimc_import_list_ops(void);

#endif
