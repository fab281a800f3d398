// SPDX-License-Identifier: Apache-2.0
//
// Removal of qgemm ops nobody uses.
#include "passes/model/dead.h"

static MlirLogicalResult erase(MlirOperation op, MlirRewriterBase rewriter,
                               void *user) {
  (void)user;
  if (!cimc_ir_has_no_uses(mlirOperationGetResult(op, 0)))
    return mlirLogicalResultFailure();
  mlirRewriterBaseEraseOp(rewriter, op);
  return mlirLogicalResultSuccess();
}

size_t cimc_dead_patterns(cimc_pattern *out) {
  size_t count = 0;
  for (int kind = CIMC_QGEMM_NONE + 1; kind < CIMC_QGEMM_KIND_COUNT; kind++)
    out[count++] =
        (cimc_pattern){cimc_qgemm_name((cimc_qgemm_kind)kind), erase};
  return count;
}
