// SPDX-License-Identifier: Apache-2.0
//
// Moves that change which dimension is contiguous, block by block.
#ifndef CIMC_LOWER_TRANSPOSE_H
#define CIMC_LOWER_TRANSPOSE_H

#include "passes/lower/core/nest.h"

// Emits a raw nest of two operands, already simplified, where the operand is
// contiguous along another dimension than the result: square blocks are loaded
// along one, turned in registers and stored along the other. False, and nothing
// emitted, where that does not apply.
bool cimc_transpose_emit(cimc_build *b, const cimc_nest *nest, MlirValue from,
                         MlirValue to);

#endif
