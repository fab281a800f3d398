// SPDX-License-Identifier: Apache-2.0
//
// compare and select.
#include "passes/lower/core/apply.h"
#include "passes/lower/kernels.h"

// -- compare -----------------------------------------------------------------
static const char *const predicates[] = {
    [CIMC_EQ] = "eq", [CIMC_NE] = "ne", [CIMC_LT] = "lt",
    [CIMC_LE] = "le", [CIMC_GT] = "gt", [CIMC_GE] = "ge",
};

// Quantized operands are of one type, whose scale is positive: their stored
// values are in the order of the reals.
static MlirValue compare_body(cimc_build *b, const MlirValue *element,
                              void *user) {
  const cimc_compare *how = user;
  MlirValue is = cimc_build_compare(b, *how, element[0], element[1]);
  return cimc_build_zext(b, is, b->i32);
}

MlirLogicalResult cimc_select_lower_compare(cimc_lower *state,
                                            MlirOperation op) {
  MlirStringRef word = {NULL, 0};
  cimc_ir_get_str(op, "predicate", &word);
  cimc_compare how = CIMC_EQ;
  while (how < CIMC_GE && !cimc_ir_str_equal(word, predicates[how]))
    how++;
  cimc_apply a;
  cimc_apply_all(&a, state, op);
  cimc_key_append(a.key, sizeof(a.key), "_%s", predicates[how]);
  return cimc_apply_emit(&a, compare_body, &how);
}

// -- select ------------------------------------------------------------------
static MlirValue select_body(cimc_build *b, const MlirValue *element,
                             void *user) {
  (void)user;
  MlirValue zero = cimc_build_int(b, mlirValueGetType(element[0]), 0);
  MlirValue yes = cimc_build_compare(b, CIMC_NE, element[0], zero);
  return cimc_build_select(b, yes, element[1], element[2]);
}

MlirLogicalResult cimc_select_lower(cimc_lower *state, MlirOperation op) {
  cimc_apply a;
  cimc_apply_all(&a, state, op);
  a.nest.raw = true;
  return cimc_apply_emit(&a, select_body, NULL);
}
