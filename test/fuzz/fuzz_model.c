// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a model file: the import ends in a module that verifies, or in
// an error that was reported.
#include "cimc/import/import.h"
#include "dialect/qgemm.h"

#include <stdlib.h>
#include <string.h>

// Types and attributes stay in a context as long as it does.
#define CONTEXT_IMPORTS 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static MlirContext context;
static unsigned imports;

static bool is_handled(MlirModule module, unsigned errors_before) {
  if (mlirModuleIsNull(module))
    return cimc_diag_error_count() > errors_before;
  bool sound = mlirLogicalResultIsSuccess(
      cimc_qgemm_verify(mlirModuleGetOperation(module)));
  mlirModuleDestroy(module);
  return sound;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (imports++ % CONTEXT_IMPORTS == 0) {
    if (imports > 1)
      cimc_ir_context_destroy(context);
    context = cimc_ir_context_create();
  }
  // An exact copy: the zero byte behind it is all that may be read.
  char *bytes = malloc(size + 1);
  if (!bytes)
    return 0;
  memcpy(bytes, data, size);
  bytes[size] = '\0';
  cimc_import_input input = {
      .path = CIMC_FUZZ_PATH, .bytes = bytes, .size = size};
  cimc_import_files files;
  unsigned errors = cimc_diag_error_count();
  MlirModule module = cimc_import(context, &input, &files);
  cimc_import_files_free(&files);
  if (!is_handled(module, errors))
    abort(); // a finding
  free(bytes);
  return 0;
}
