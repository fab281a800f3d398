// SPDX-License-Identifier: Apache-2.0
//
// What a module must keep to at the end of each stage, so that the next one can
// rely on it. Each reports what it finds, at the op.
#ifndef CIMC_PASSES_BASE_CONTRACT_H
#define CIMC_PASSES_BASE_CONTRACT_H

#include "dialect/ir.h"

// Model -> mapped: functions hold qgemm ops only, with static shapes.
MlirLogicalResult cimc_contract_check_model(MlirOperation module);
// Mapped -> lowered: every op that owns its result has a place for it, and
// every function says how large its workspace is.
MlirLogicalResult cimc_contract_check_mapped(MlirOperation module);
// After lowered: no qgemm ops and no quantized types.
MlirLogicalResult cimc_contract_check_lowered(MlirOperation module);

#endif
