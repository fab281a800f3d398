// SPDX-License-Identifier: Apache-2.0
//
// Reads .onnx models.
#ifndef CIMC_IMPORT_ONNX_ONNX_H
#define CIMC_IMPORT_ONNX_ONNX_H

#include "cimc/import/import.h"

// A module with one function, main, whose arguments and results carry the
// model's names. Null after reporting. Files of external data are added to
// `files`, which may be null.
MlirModule cimc_onnx_import(MlirContext context, const cimc_import_input *input,
                            cimc_import_files *files);

// The operator table, one line each, to stdout.
void cimc_onnx_list_ops(void);

#endif
