// SPDX-License-Identifier: Apache-2.0
//
// The pass `raise`: tosa, linalg, tensor and arith ops on tensors become qgemm
// ops.
//
// In: functions of such ops on static, ranked tensors. Out: the same functions
// of qgemm ops. Why a walk and no patterns: operands are then always raised
// before the ops that use them, and each op is looked at once. What is not
// supported is reported at each op; only ops that need its result are silent.
#include "passes/model/raise.h"
#include "passes/model/raise/raise_op.h"
#include "passes/model/signature.h"

#include <stdlib.h>
#include <string.h>

#define ERRORS_MAX 20

// -- Table -------------------------------------------------------------------
static const cimc_raise_row *const tables[] = {
    cimc_raise_rows_tosa_linear, cimc_raise_rows_tosa_quant,
    cimc_raise_rows_tosa_math,   cimc_raise_rows_tosa_shape,
    cimc_raise_rows_linalg,      cimc_raise_rows_linalg_map,
    cimc_raise_rows_tensor,      cimc_raise_rows_scalar,
};
#define TABLES (sizeof tables / sizeof *tables)

static const cimc_raise_row *row_at(size_t index) {
  for (size_t i = 0; i < TABLES; i++)
    for (const cimc_raise_row *row = tables[i]; row->name; row++)
      if (index-- == 0)
        return row;
  return NULL;
}

const char *cimc_raise_op_at(size_t index) {
  const cimc_raise_row *row = row_at(index);
  return row ? row->name : NULL;
}

static const cimc_raise_row *find_row(MlirOperation op) {
  const cimc_raise_row *row = NULL;
  for (size_t i = 0; i < TABLES && !row; i++)
    row = cimc_raise_find(tables[i], op);
  return row;
}

// Ops of other dialects are left to the checks at the end of the stage.
static bool is_foreign(MlirOperation op) {
  static const char *const dialects[] = {"tosa.", "linalg.", "tensor.",
                                         "arith.", "math."};
  MlirStringRef name = cimc_ir_op_name(op);
  for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
    size_t length = strlen(dialects[i]);
    if (name.length > length && memcmp(name.data, dialects[i], length) == 0)
      return true;
  }
  return false;
}

// -- One op ------------------------------------------------------------------
static bool is_index(MlirType type) {
  return mlirTypeIsAShaped(type) &&
         mlirTypeIsAIndex(cimc_ir_element_type(type));
}

// What stands for numbers, not for a tensor: read by the ops that use it.
static bool is_number(MlirOperation op) {
  return cimc_ir_op_is(op, "tosa.const_shape") ||
         (cimc_ir_op_is(op, "arith.constant") &&
          (!mlirTypeIsAShaped(cimc_edit_type(op)) ||
           is_index(cimc_edit_type(op))));
}

// An operand could not be raised, which has been reported.
static bool is_spoilt(MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++) {
    MlirOperation maker = cimc_ir_defining_op(mlirOperationGetOperand(op, i));
    if (!mlirOperationIsNull(maker) && is_foreign(maker) && !is_number(maker))
      return true;
  }
  return false;
}

static void append_text(MlirStringRef text, void *user) {
  char *out = user;
  size_t used = strlen(out), room = 127 - used;
  size_t take = text.length < room ? text.length : room;
  memcpy(out + used, text.data, take);
  out[used + take] = '\0';
}

static MlirLogicalResult refuse_type(cimc_raise *self, MlirType type) {
  char text[128] = "";
  mlirTypePrint(type, append_text, text);
  cimc_raise_refuse(self,
                    "a value of type %s; expected a static tensor of i1, i8, "
                    "i16, i32, i64 or f32, of rank 0 to %d and less than 2^31 "
                    "elements",
                    text, CIMC_RANK_MAX);
  if (strstr(text, "xi48>"))
    cimc_note(self->location, "sums of 48 bits are not supported; expected i8 "
                              "activations, whose sums are i32");
  return mlirLogicalResultFailure();
}

static MlirLogicalResult check_types(cimc_raise *self) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(self->op); i++) {
    MlirType type = mlirValueGetType(mlirOperationGetOperand(self->op, i));
    if (mlirTypeIsAShaped(type) && !is_index(type) &&
        mlirTypeIsNull(cimc_raise_type(type)))
      return refuse_type(self, type);
  }
  if (mlirOperationGetNumResults(self->op) != 1)
    return cimc_raise_refuse(self, "%td results; expected one",
                             mlirOperationGetNumResults(self->op));
  MlirType result = cimc_edit_type(self->op);
  return mlirTypeIsNull(cimc_raise_type(result)) ? refuse_type(self, result)
                                                 : mlirLogicalResultSuccess();
}

static MlirLogicalResult raise_op(cimc_raise *self) {
  self->row = find_row(self->op);
  if (!self->row) {
    cimc_raise_refuse(self, "this op is not supported");
    cimc_note(self->location, "--list-ops lists those that are");
    return mlirLogicalResultFailure();
  }
  CIMC_TRY(check_types(self));
  mlirRewriterBaseSetInsertionPointBefore(self->rewriter, self->op);
  CIMC_TRY(self->row->raise(self));
  MlirType expected = cimc_raise_result(self);
  if (!mlirTypeEqual(mlirValueGetType(self->result), expected))
    return cimc_raise_refuse(self, "operands and attributes do not give its "
                                   "result's type; expected them to agree");
  mlirValueReplaceAllUsesOfWith(cimc_edit_result(self->op), self->result);
  mlirRewriterBaseEraseOp(self->rewriter, self->op);
  return mlirLogicalResultSuccess();
}

// -- Functions ---------------------------------------------------------------
// An argument with scales is used as its storage, one of i1 as ui8. True when
// its batch was dynamic.
static bool raise_argument(cimc_raise *self, MlirBlock body,
                           MlirValue argument) {
  MlirType type = mlirValueGetType(argument);
  MlirType plain = cimc_raise_type(type);
  if (mlirTypeIsNull(plain) || mlirTypeEqual(type, plain))
    return false;
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(type, &shape);
  bool pinned = shape.rank > 0 && shape.dim[0] < 0;
  if (!cimc_qgemm_element(type).quantized) {
    mlirBlockArgumentSetType(argument, plain);
    return pinned;
  }
  mlirBlockArgumentSetType(argument, cimc_edit_with_element_of(plain, type));
  mlirRewriterBaseSetInsertionPointToStart(self->rewriter, body);
  MlirValue cast = cimc_raise_plain(self, argument);
  MlirOperation except = cimc_ir_defining_op(cast);
  mlirValueReplaceAllUsesExcept(argument, cast, 1, &except);
  return pinned;
}

// A result that was declared with scales gets them back.
static void raise_return(cimc_raise *self, MlirOperation last,
                         MlirType function_type) {
  mlirRewriterBaseSetInsertionPointBefore(self->rewriter, last);
  intptr_t count = mlirOperationGetNumOperands(last);
  for (intptr_t i = 0; i < count; i++) {
    MlirType declared = mlirFunctionTypeGetResult(function_type, i);
    MlirValue value = mlirOperationGetOperand(last, i);
    MlirType has = mlirValueGetType(value);
    if (cimc_qgemm_element(declared).quantized &&
        !cimc_qgemm_element(has).quantized)
      mlirOperationSetOperand(
          last, i,
          cimc_edit_unary(self->rewriter, CIMC_QGEMM_STORAGE_CAST, value,
                          cimc_edit_with_element_of(has, declared),
                          mlirOperationGetLocation(last)));
  }
}

static bool has_foreign(MlirBlock body) {
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (is_foreign(op))
      return true;
  return false;
}

// Numbers that nobody reads any more.
static void erase_numbers(cimc_raise *self, MlirBlock body) {
  MlirOperation next;
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = next) {
    next = mlirOperationGetNextInBlock(op);
    if (is_foreign(op) && is_number(op) &&
        cimc_ir_has_no_uses(cimc_edit_result(op)))
      mlirRewriterBaseEraseOp(self->rewriter, op);
  }
}

static void raise_function(cimc_raise *self, MlirOperation function,
                           int *errors) {
  MlirBlock body = cimc_ir_function_body(function);
  if (mlirBlockIsNull(body) || !has_foreign(body))
    return;
  MlirType type = mlirTypeAttrGetValue(
      mlirOperationGetAttributeByName(function, cimc_ir_str("function_type")));
  self->location = mlirOperationGetLocation(function);
  bool pinned = false;
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(body); i++)
    if (raise_argument(self, body, mlirBlockGetArgument(body, i)))
      pinned = true;
  MlirOperation next;
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op) && *errors < ERRORS_MAX; op = next) {
    next = mlirOperationGetNextInBlock(op);
    if (!is_foreign(op) || is_number(op) || is_spoilt(op))
      continue;
    self->op = op;
    self->location = mlirOperationGetLocation(op);
    if (mlirLogicalResultIsFailure(raise_op(self)))
      ++*errors;
  }
  MlirOperation last = mlirBlockGetTerminator(body);
  if (*errors > 0 || !cimc_ir_op_is(last, "func.return"))
    return;
  if (pinned)
    cimc_note(mlirOperationGetLocation(function),
              "the dynamic batch is pinned to 1");
  erase_numbers(self, body);
  raise_return(self, last, type);
  cimc_signature_update(function);
}

static MlirLogicalResult run(MlirOperation module,
                             const cimc_pass_values *values) {
  (void)values;
  int errors = 0;
  cimc_raise self = {.context = mlirOperationGetContext(module)};
  self.rewriter = mlirIRRewriterCreate(self.context);
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(module, 0));
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (cimc_ir_op_is(op, "func.func"))
      raise_function(&self, op, &errors);
  mlirIRRewriterDestroy(self.rewriter);
  if (errors == ERRORS_MAX)
    cimc_note(mlirOperationGetLocation(module),
              "more errors may follow; these %d are enough to begin with",
              ERRORS_MAX);
  return errors > 0 ? mlirLogicalResultFailure() : mlirLogicalResultSuccess();
}

const cimc_pass cimc_raise_pass = {
    .name = "raise",
    .stage = "model",
    .summary = "turns tosa, linalg and tensor ops into qgemm ops",
    .run = run,
};
