// SPDX-License-Identifier: Apache-2.0
//
// A func.func's type, kept in step with its arguments and its return.
#ifndef CIMC_PASSES_MODEL_SIGNATURE_H
#define CIMC_PASSES_MODEL_SIGNATURE_H

#include "dialect/ir.h"

// Writes function_type anew from the entry block's arguments and the operands
// of func.return.
void cimc_signature_update(MlirOperation function);

// Takes storage_casts at the function's edge into its type: an argument that
// is only ever cast to one quantized type becomes of that type, and so does a
// returned value that is the storage of a quantized one. The bytes are the
// same; the scales become known to the caller.
void cimc_signature_absorb_casts(MlirOperation function);

#endif
