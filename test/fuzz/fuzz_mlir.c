// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as .mlir text, through the scan that comes before libMLIR's parser
// (which is not hardened: the command runs it in a child process).
#include "cimc/import/mlir.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *bytes = malloc(size + 1);
  if (!bytes)
    return 0;
  memcpy(bytes, data, size);
  bytes[size] = '\0';
  unsigned errors = cimc_diag_error_count();
  cimc_import_input input = {
      .path = "fuzzed.mlir", .bytes = bytes, .size = size};
  if (!cimc_mlir_scan(&input) && cimc_diag_error_count() == errors)
    abort(); // a finding
  free(bytes);
  return 0;
}
