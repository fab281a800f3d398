// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a .npy file: an array whose every byte is there, or an error
// that was reported.
#include "cimc/import/npy.h"
#include "dialect/diag.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned char sum;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  unsigned char *bytes = malloc(size + 1);
  if (!bytes)
    return 0;
  memcpy(bytes, data, size);
  bytes[size] = '\0';
  unsigned errors = cimc_diag_error_count();
  cimc_npy array;
  if (cimc_npy_parse("fuzzed.npy", bytes, size, &array)) {
    size_t count = cimc_dtype_bytes(array.dtype);
    for (int i = 0; i < array.rank; i++)
      count *= (size_t)array.shape[i];
    if (count != array.bytes)
      abort(); // a finding
    for (size_t i = 0; i < array.bytes; i++)
      sum = (unsigned char)(sum + ((unsigned char *)array.data)[i]);
    cimc_npy_free(&array);
  } else if (cimc_diag_error_count() == errors) {
    abort();
  }
  free(bytes);
  return 0;
}
