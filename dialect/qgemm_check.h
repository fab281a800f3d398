// SPDX-License-Identifier: Apache-2.0
//
// What the two halves of the verifier share: qgemm_verify.c walks the module
// and checks attributes and shapes, qgemm_types.c checks element types.
#ifndef CIMC_DIALECT_QGEMM_CHECK_H
#define CIMC_DIALECT_QGEMM_CHECK_H

#include "dialect/qgemm.h"

// The op being checked. Every check reports what it finds at `location`.
typedef struct cimc_qgemm_check {
  MlirOperation op;
  MlirLocation location;
  cimc_qgemm_kind kind;
  const char *name;            // "qgemm.conv2d"
  const char *const *operands; // their names, ended by null
} cimc_qgemm_check;

// A tensor type by itself: ranked, not empty, a supported element type, sound
// scales and zero points. `report` false only asks.
MlirLogicalResult cimc_qgemm_types_check_tensor(MlirLocation location,
                                                const char *what, MlirType type,
                                                bool report);

// How the element types of an op's operands, result, `mid` and `value` must
// relate. The types are sound by themselves and the attributes of their kind.
MlirLogicalResult cimc_qgemm_types_check_op(const cimc_qgemm_check *check);

#endif
