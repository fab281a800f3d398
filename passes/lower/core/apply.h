// SPDX-License-Identifier: Apache-2.0
//
// The kernel of an elementwise op from its formula: one nest over the op's
// broadcast operands and its result, and the call with their addresses.
//
//   cimc_apply a;
//   cimc_apply_begin(&a, state, op);      the op's operands …
//   cimc_apply_operand(&a, …); …          … which elements are read of
//   cimc_apply_result(&a);
//   cimc_scalars_float(&a.scalars, …);    per-layer numbers, key of the code
//   return cimc_apply_emit(&a, body, user);
#ifndef CIMC_LOWER_APPLY_H
#define CIMC_LOWER_APPLY_H

#include "passes/lower/core/nest.h"
#include "passes/lower/core/scalars.h"

typedef struct cimc_apply {
  MlirOperation op;
  cimc_nest nest;       // raw and scalar may be set
  cimc_scalars scalars; // pointers first; the body reads what follows
  char key[CIMC_KERNEL_KEY_MAX];
} cimc_apply;

void cimc_apply_begin(cimc_apply *a, cimc_lower *state, MlirOperation op);
// An operand of the op, broadcast to the result.
void cimc_apply_operand(cimc_apply *a, MlirValue value);
// Constant data of a shape that broadcasts to the result's.
void cimc_apply_data(cimc_apply *a, cimc_storage storage,
                     const cimc_shape *shape, MlirValue address);
// The result. Then the key says all that the nest does to the code.
void cimc_apply_result(cimc_apply *a);
// Calls the kernel, which is filled with the body if it is new.
MlirLogicalResult cimc_apply_emit(cimc_apply *a, cimc_nest_body body,
                                  void *user);

// begin, all operands, and the result.
void cimc_apply_all(cimc_apply *a, cimc_lower *state, MlirOperation op);

#endif
