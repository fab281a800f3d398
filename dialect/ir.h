// SPDX-License-Identifier: Apache-2.0
//
// The few helpers over mlir-c that everyone needs: the context, strings,
// attributes, op creation, walking, and located diagnostics.
#ifndef CIMC_DIALECT_IR_H
#define CIMC_DIALECT_IR_H

#include "dialect/diag.h"

#include <mlir-c/BuiltinAttributes.h>
#include <mlir-c/BuiltinTypes.h>
#include <mlir-c/IR.h>
#include <mlir-c/Support.h>

#include <stdint.h>

// Passes a failure on to the caller; who found it has reported it.
#define CIMC_TRY(call)                                                         \
  do {                                                                         \
    MlirLogicalResult cimc_try_result = (call);                                \
    if (mlirLogicalResultIsFailure(cimc_try_result))                           \
      return cimc_try_result;                                                  \
  } while (0)

// A single-threaded context with the dialects cimc uses (func, scf, arith,
// vector, llvm, quant, cf, index, irdl) and qgemm loaded, and with MLIR's own
// diagnostics forwarded to diag.h. Null context on failure (reported). Caller
// destroys with cimc_ir_context_destroy.
MlirContext cimc_ir_context_create(void);
void cimc_ir_context_destroy(MlirContext context);

MlirStringRef cimc_ir_str(const char *text);
bool cimc_ir_str_equal(MlirStringRef a, const char *b);

// -- Diagnostics -------------------------------------------------------------
// Reports at a location: what was found, what was expected. Always returns
// failure so that a verifier can `return cimc_error(loc, …)`. cimc_note mends:
// it belongs to the error before it.
MlirLogicalResult cimc_error(MlirLocation location, const char *format, ...)
    CIMC_PRINTF(2, 3);
void cimc_warn(MlirLocation location, const char *format, ...)
    CIMC_PRINTF(2, 3);
void cimc_note(MlirLocation location, const char *format, ...)
    CIMC_PRINTF(2, 3);

// The node name of a location: the NameLoc's name, or "" when it has none.
// Valid while the context lives.
MlirStringRef cimc_ir_location_name(MlirLocation location);
// NameLoc(name, FileLineCol(file, 0, 0)): how importers name a node.
MlirLocation cimc_ir_node_location(MlirContext context, const char *file,
                                   const char *node);

// -- Operations --------------------------------------------------------------
typedef struct cimc_op_desc {
  const char *name; // "qgemm.conv2d"
  MlirLocation location;
  intptr_t operand_count;
  const MlirValue *operands;
  intptr_t result_count;
  const MlirType *results;
  intptr_t attribute_count;
  const MlirNamedAttribute *attributes;
} cimc_op_desc;

// Creates a detached op without regions. The caller inserts it.
MlirOperation cimc_ir_op_create(const cimc_op_desc *desc);

// The op's name; its kind is tested with cimc_ir_op_is(op, "qgemm.conv2d").
MlirStringRef cimc_ir_op_name(MlirOperation op);
bool cimc_ir_op_is(MlirOperation op, const char *name);
// The op that makes a value, or a null op for a block argument.
MlirOperation cimc_ir_defining_op(MlirValue value);
bool cimc_ir_has_one_use(MlirValue value);
bool cimc_ir_has_no_uses(MlirValue value);

// The first func.func named `name` (or, for null, the only one that is not
// private, else "main"); a null op when there is none.
MlirOperation cimc_ir_function_find(MlirOperation module, const char *name);
// The entry block of a func.func or llvm.func.
MlirBlock cimc_ir_function_body(MlirOperation function);

// -- Attributes --------------------------------------------------------------
MlirNamedAttribute cimc_ir_attr(MlirContext context, const char *name,
                                MlirAttribute value);
MlirAttribute cimc_ir_attr_i64(MlirContext context, int64_t value);
MlirAttribute cimc_ir_attr_f32(MlirContext context, float value);
MlirAttribute cimc_ir_attr_str(MlirContext context, const char *text);
MlirAttribute cimc_ir_attr_i64s(MlirContext context, intptr_t count,
                                const int64_t *values);

// Readers: false when the attribute is absent or of another kind; `out` is then
// untouched, so it may hold the default.
bool cimc_ir_get_i64(MlirOperation op, const char *name, int64_t *out);
bool cimc_ir_get_f32(MlirOperation op, const char *name, float *out);
bool cimc_ir_get_bool(MlirOperation op, const char *name, bool *out);
bool cimc_ir_get_str(MlirOperation op, const char *name, MlirStringRef *out);
// Reads an array<i64: …> of exactly `count` elements.
bool cimc_ir_get_i64s(MlirOperation op, const char *name, intptr_t count,
                      int64_t *out);
void cimc_ir_set_i64(MlirOperation op, const char *name, int64_t value);
bool cimc_ir_has_attr(MlirOperation op, const char *name);

// -- Types -------------------------------------------------------------------
#define CIMC_RANK_MAX 8

typedef struct cimc_shape {
  int rank;
  int64_t dim[CIMC_RANK_MAX];
} cimc_shape;

// False for anything but a ranked tensor of rank <= CIMC_RANK_MAX; a dynamic
// dimension reads as -1.
bool cimc_ir_tensor_shape(MlirType type, cimc_shape *out);
// The number of elements; -1 when dynamic or beyond INT64_MAX.
int64_t cimc_ir_element_count(const cimc_shape *shape);
MlirType cimc_ir_tensor_type(const cimc_shape *shape, MlirType element);
MlirType cimc_ir_element_type(MlirType tensor);
bool cimc_ir_shape_equal(const cimc_shape *a, const cimc_shape *b);

#endif
