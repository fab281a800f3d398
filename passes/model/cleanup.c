// SPDX-License-Identifier: Apache-2.0
//
// What is left over goes: ops nobody uses, ops that compute what another one
// already has, private functions nobody calls.
//
// Why our own: to MLIR an IRDL op without known effects is neither dead nor
// equal to another.
#include "passes/model/cleanup.h"
#include "passes/model/dead.h"

#include <stdlib.h>

// -- Equal ops ---------------------------------------------------------------
// What an op computes, as one number; equal ops have equal numbers.
static size_t mix(size_t hash, const void *pointer) {
  return (hash ^ (size_t)(uintptr_t)pointer) * (size_t)0x9e3779b97f4a7c15u;
}

static size_t hash_of(MlirOperation op) {
  size_t hash = mix(0, mlirOperationGetName(op).ptr);
  hash = mix(hash, mlirValueGetType(mlirOperationGetResult(op, 0)).ptr);
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++)
    hash = mix(hash, mlirOperationGetOperand(op, i).ptr);
  for (intptr_t i = 0; i < mlirOperationGetNumAttributes(op); i++)
    hash = mix(hash, mlirOperationGetAttribute(op, i).attribute.ptr);
  return hash;
}

static bool have_equal_attributes(MlirOperation a, MlirOperation b) {
  intptr_t count = mlirOperationGetNumAttributes(a);
  if (count != mlirOperationGetNumAttributes(b))
    return false;
  for (intptr_t i = 0; i < count; i++) {
    MlirNamedAttribute x = mlirOperationGetAttribute(a, i);
    MlirNamedAttribute y = mlirOperationGetAttribute(b, i);
    if (!mlirIdentifierEqual(x.name, y.name) ||
        !mlirAttributeEqual(x.attribute, y.attribute))
      return false;
  }
  return true;
}

static bool are_equal(MlirOperation a, MlirOperation b) {
  intptr_t count = mlirOperationGetNumOperands(a);
  if (!mlirIdentifierEqual(mlirOperationGetName(a), mlirOperationGetName(b)) ||
      count != mlirOperationGetNumOperands(b) ||
      !mlirTypeEqual(mlirValueGetType(mlirOperationGetResult(a, 0)),
                     mlirValueGetType(mlirOperationGetResult(b, 0))))
    return false;
  for (intptr_t i = 0; i < count; i++)
    if (!mlirValueEqual(mlirOperationGetOperand(a, i),
                        mlirOperationGetOperand(b, i)))
      return false;
  return have_equal_attributes(a, b);
}

typedef struct op_table {
  MlirOperation *slots;
  size_t mask; // slots - 1, a power of two minus one
} op_table;

// The op in the table that equals `op`; else puts it there and gives `op`.
static MlirOperation find_or_add(op_table *table, MlirOperation op) {
  size_t at = (hash_of(op) >> 16) & table->mask;
  while (!mlirOperationIsNull(table->slots[at])) {
    if (are_equal(table->slots[at], op))
      return table->slots[at];
    at = (at + 1) & table->mask;
  }
  table->slots[at] = op;
  return op;
}

static void merge_equal(MlirBlock body, op_table *table) {
  MlirOperation next;
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = next) {
    next = mlirOperationGetNextInBlock(op);
    if (cimc_qgemm_kind_of(op) == CIMC_QGEMM_NONE)
      continue;
    MlirOperation first = find_or_add(table, op);
    if (mlirOperationEqual(first, op))
      continue;
    mlirValueReplaceAllUsesOfWith(mlirOperationGetResult(op, 0),
                                  mlirOperationGetResult(first, 0));
    mlirOperationDestroy(op);
  }
}

static size_t count_ops(MlirBlock body) {
  size_t count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    count++;
  return count;
}

static MlirLogicalResult merge_function(MlirOperation function) {
  MlirBlock body = cimc_ir_function_body(function);
  if (mlirBlockIsNull(body))
    return mlirLogicalResultSuccess();
  size_t slots = 64;
  for (size_t count = count_ops(body); slots < 2 * count;)
    slots *= 2;
  op_table table = {calloc(slots, sizeof *table.slots), slots - 1};
  if (!table.slots)
    return cimc_error(mlirOperationGetLocation(function), "out of memory");
  merge_equal(body, &table);
  free(table.slots);
  return mlirLogicalResultSuccess();
}

// -- Unused functions --------------------------------------------------------
typedef struct reference {
  MlirStringRef name;
  bool found;
} reference;

static MlirWalkResult find_reference(MlirOperation op, void *user) {
  reference *self = user;
  MlirAttribute callee =
      mlirOperationGetAttributeByName(op, cimc_ir_str("callee"));
  self->found =
      self->found ||
      (!mlirAttributeIsNull(callee) && mlirAttributeIsAFlatSymbolRef(callee) &&
       mlirStringRefEqual(mlirFlatSymbolRefAttrGetValue(callee), self->name));
  return self->found ? MlirWalkResultInterrupt : MlirWalkResultAdvance;
}

static bool is_unused_private(MlirOperation module, MlirOperation op) {
  MlirStringRef visibility;
  reference self = {.found = false};
  if (!cimc_ir_op_is(op, "func.func") ||
      !cimc_ir_get_str(op, "sym_visibility", &visibility) ||
      !cimc_ir_str_equal(visibility, "private") ||
      !cimc_ir_get_str(op, "sym_name", &self.name))
    return false;
  mlirOperationWalk(module, find_reference, &self, MlirWalkPreOrder);
  return !self.found;
}

// -- Pass --------------------------------------------------------------------
static MlirLogicalResult run(MlirOperation module,
                             const cimc_pass_values *values) {
  (void)values;
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(module, 0));
  MlirOperation next;
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = next) {
    next = mlirOperationGetNextInBlock(op);
    if (is_unused_private(module, op))
      mlirOperationDestroy(op);
  }
  cimc_pattern patterns[CIMC_QGEMM_KIND_COUNT];
  size_t count = cimc_dead_patterns(patterns);
  CIMC_TRY(cimc_pass_rewrite(module, patterns, count, NULL));
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (cimc_ir_op_is(op, "func.func"))
      CIMC_TRY(merge_function(op));
  return mlirLogicalResultSuccess();
}

const cimc_pass cimc_cleanup_pass = {
    .name = "cleanup",
    .stage = "model",
    .summary = "removes unused and repeated ops and unused private functions",
    .run = run,
};
