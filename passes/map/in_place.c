// SPDX-License-Identifier: Apache-2.0
//
// Which values may lie in each other's memory.
#include "passes/map/in_place.h"

#include "passes/base/geometry.h"
#include "passes/base/kinds.h"

// How many operands the kernel reads in the order in which it writes. A softmax
// goes over a row in the same order in each of its sweeps; quantize and
// dequantize mostly change the width, and their kernels do not share.
static int ordered_operands(cimc_qgemm_kind kind) {
  switch (kind) {
  case CIMC_QGEMM_SOFTMAX:
    return 1;
  case CIMC_QGEMM_QUANTIZE:
  case CIMC_QGEMM_DEQUANTIZE:
    return 0;
  default:
    return cimc_kinds_elementwise(kind);
  }
}

bool cimc_in_place_may_share(MlirOperation op, intptr_t operand) {
  if (operand >= ordered_operands(cimc_qgemm_kind_of(op)))
    return false;
  MlirType from = mlirValueGetType(mlirOperationGetOperand(op, operand));
  MlirType to = mlirValueGetType(mlirOperationGetResult(op, 0));
  // The element sizes too: a broadcast operand of wider elements may have as
  // many bytes as the result.
  return cimc_geometry_bytes(from) == cimc_geometry_bytes(to) &&
         cimc_storage_bytes(cimc_qgemm_element(from).storage) ==
             cimc_storage_bytes(cimc_qgemm_element(to).storage);
}
