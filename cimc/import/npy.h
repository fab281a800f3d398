// SPDX-License-Identifier: Apache-2.0
//
// Bounded reader and writer of NumPy's .npy files (format 1.0 to 3.0, little
// endian). No MLIR.
#ifndef CIMC_IMPORT_NPY_H
#define CIMC_IMPORT_NPY_H

#include "runtime/core/abi.h"

#include <stdbool.h>

#define CIMC_NPY_RANK_MAX 16

// An array in C order.
typedef struct cimc_npy {
  cimrt_dtype dtype;
  int rank;
  int64_t shape[CIMC_NPY_RANK_MAX];
  size_t bytes; // of data
  void *data;   // owned; cimc_npy_free
} cimc_npy;

// Reads a file's contents; Fortran order is converted. What is wrong is
// reported (diag.h), with the cure; `name` stands for the file there.
bool cimc_npy_parse(const char *name, const void *bytes, size_t size,
                    cimc_npy *out);
// A file's contents (format 1.0); the caller frees *out. False: no memory,
// reported.
bool cimc_npy_format(const cimc_npy *array, void **out, size_t *out_size);
void cimc_npy_free(cimc_npy *array);

const char *cimc_dtype_name(cimrt_dtype dtype); // "float32", "int8", …
size_t cimc_dtype_bytes(cimrt_dtype dtype);

#endif
