// SPDX-License-Identifier: Apache-2.0
//
// TensorFlow Lite models.
#ifndef CIMC_IMPORT_TFLITE_TFLITE_H
#define CIMC_IMPORT_TFLITE_TFLITE_H

#include "cimc/import/import.h"

// As cimc_import, for a .tflite file.
MlirModule cimc_lite_import(MlirContext context, const cimc_import_input *input,
                            cimc_import_files *files);
// --list-ops: this format's operators.
void cimc_lite_list_ops(void);

#endif
