// SPDX-License-Identifier: Apache-2.0
//
// Reads .mlir text.
#ifndef CIMC_IMPORT_MLIR_H
#define CIMC_IMPORT_MLIR_H

#include "cimc/import/import.h"

// Deeper brackets, or longer chains of operators in an affine expression, are
// refused: libMLIR's parser recurses on both.
#define CIMC_MLIR_DEPTH_MAX 512

// Parses the text; a file with functions alone becomes a module. Null after
// reporting.
MlirModule cimc_mlir_import(MlirContext context,
                            const cimc_import_input *input);

// What comes before the parser: whether the text can be given to it. Reports.
bool cimc_mlir_scan(const cimc_import_input *input);

#endif
