// SPDX-License-Identifier: Apache-2.0
//
// The verifier of qgemm: walks a module and checks of each op what IRDL cannot
// say: attribute names, kinds and values, element types, shapes.
//
// A dynamic dimension agrees with anything: infer_shapes fixes it, or reports
// that it could not.
#include "dialect/qgemm_check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FAULTS_MAX 20

typedef cimc_qgemm_check check;
typedef cimc_attribute_rule attribute_rule;

// -- Unknown attributes ------------------------------------------------------
#define NAME_MAX_LENGTH 32

static size_t smallest(size_t a, size_t b, size_t c) {
  size_t least = a < b ? a : b;
  return least < c ? least : c;
}

// Levenshtein's distance; names longer than any of ours are far from all.
static size_t distance(MlirStringRef a, const char *b) {
  size_t row[NAME_MAX_LENGTH + 1], length = strlen(b);
  if (length > NAME_MAX_LENGTH || a.length > NAME_MAX_LENGTH)
    return NAME_MAX_LENGTH;
  for (size_t j = 0; j <= length; ++j)
    row[j] = j;
  for (size_t i = 1; i <= a.length; ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= length; ++j) {
      size_t above = row[j];
      row[j] = smallest(above + 1, row[j - 1] + 1,
                        diagonal + (a.data[i - 1] != b[j - 1]));
      diagonal = above;
    }
  }
  return row[length];
}

static MlirLogicalResult unknown_attribute(const check *self,
                                           MlirStringRef name) {
  const char *nearest = NULL;
  size_t least = 4; // further away it is no misspelling
  char list[256] = "";
  for (const attribute_rule *r = self->row->attributes; r->name; ++r) {
    size_t d = distance(name, r->name);
    if (d < least && d < strlen(r->name)) {
      least = d;
      nearest = r->name;
    }
    size_t used = strlen(list);
    snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "",
             r->name);
  }
  int length = name.length < 64 ? (int)name.length : 64;
  if (nearest != NULL)
    cimc_error(self->location,
               "%s: unknown attribute '%.*s'; did you mean '%s'?", self->name,
               length, name.data, nearest);
  else
    cimc_error(self->location, "%s: unknown attribute '%.*s'; expected %s%s",
               self->name, length, name.data, list[0] ? "one of " : "none",
               list[0] ? list : "");
  cimc_note(self->location,
            "attributes of a tool's own begin with 'qgemm.' and are kept");
  return mlirLogicalResultFailure();
}

static bool is_known(const check *self, MlirStringRef name) {
  if (name.length > 6 && memcmp(name.data, "qgemm.", 6) == 0)
    return true;
  if (cimc_ir_str_equal(name, "tile") ||
      (self->row->variadic && cimc_ir_str_equal(name, "operandSegmentSizes")))
    return true;
  for (const attribute_rule *r = self->row->attributes; r->name; ++r)
    if (cimc_ir_str_equal(name, r->name))
      return true;
  return false;
}

// -- Kinds and values of attributes ------------------------------------------
// Whether `word` is one of `words`, which blanks separate.
static bool has_word(const char *words, MlirStringRef word) {
  while (*words != '\0') {
    size_t length = strcspn(words, " ");
    if (length == word.length && memcmp(words, word.data, length) == 0)
      return true;
    words += length;
    words += strspn(words, " ");
  }
  return false;
}

static bool has_kind(const check *self, const attribute_rule *rule,
                     MlirAttribute attribute) {
  int64_t integer;
  switch (rule->kind) {
  case CIMC_ATTRIBUTE_I64:
    return cimc_ir_get_i64(self->op, rule->name, &integer) &&
           mlirIntegerTypeGetWidth(mlirAttributeGetType(attribute)) > 1;
  case CIMC_ATTRIBUTE_F32:
    return mlirAttributeIsAFloat(attribute);
  case CIMC_ATTRIBUTE_BOOL:
    return mlirAttributeIsABool(attribute);
  case CIMC_ATTRIBUTE_ACTIVATION:
    return mlirAttributeIsAString(attribute);
  case CIMC_ATTRIBUTE_I64S:
    return mlirAttributeIsADenseI64Array(attribute) &&
           (rule->count == 0 ||
            mlirDenseArrayGetNumElements(attribute) == rule->count);
  case CIMC_ATTRIBUTE_TYPE:
    return mlirAttributeIsAType(attribute);
  case CIMC_ATTRIBUTE_VALUE:
    return mlirAttributeIsADenseElements(attribute);
  case CIMC_ATTRIBUTE_WORD:
    return mlirAttributeIsAString(attribute) &&
           has_word(rule->example, mlirStringAttrGetValue(attribute));
  }
  return false;
}

static const char *const kind_names[] = {
    [CIMC_ATTRIBUTE_I64] = "an i64",
    [CIMC_ATTRIBUTE_F32] = "an f32",
    [CIMC_ATTRIBUTE_BOOL] = "true or false",
    [CIMC_ATTRIBUTE_ACTIVATION] = "a string",
    [CIMC_ATTRIBUTE_I64S] = "an array<i64: …>",
    [CIMC_ATTRIBUTE_TYPE] = "a type",
    [CIMC_ATTRIBUTE_VALUE] = "dense elements",
    [CIMC_ATTRIBUTE_WORD] = "a string",
};

static MlirLogicalResult
wrong_word(const check *self, const attribute_rule *rule, MlirStringRef word) {
  return cimc_error(self->location, "%s: %s is \"%.*s\"; expected one of: %s",
                    self->name, rule->name,
                    word.length < 64 ? (int)word.length : 64, word.data,
                    rule->example);
}

static MlirLogicalResult wrong_kind(const check *self,
                                    const attribute_rule *rule,
                                    MlirAttribute attribute) {
  if (rule->kind == CIMC_ATTRIBUTE_WORD && mlirAttributeIsAString(attribute))
    return wrong_word(self, rule, mlirStringAttrGetValue(attribute));
  char count[48] = "";
  if (rule->kind == CIMC_ATTRIBUTE_I64S && rule->count > 0)
    snprintf(count, sizeof count, " of %td elements", rule->count);
  cimc_error(self->location, "%s: attribute '%s' is not %s%s; expected that",
             self->name, rule->name, kind_names[rule->kind], count);
  if (rule->kind == CIMC_ATTRIBUTE_VALUE &&
      mlirAttributeIsADenseResourceElements(attribute))
    cimc_note(self->location, "dense_resource cannot be checked to be long "
                              "enough: write dense<\"0x…\">, its bytes");
  else if (rule->kind == CIMC_ATTRIBUTE_WORD)
    cimc_note(self->location, "it is a string, one of: %s", rule->example);
  else
    cimc_note(self->location, "write it so: %s", rule->example);
  return mlirLogicalResultFailure();
}

static MlirLogicalResult check_activation(const check *self) {
  cimc_activation activation;
  if (!cimc_qgemm_activation(self->op, &activation)) {
    MlirStringRef word = {NULL, 0};
    cimc_ir_get_str(self->op, "activation", &word);
    cimc_error(self->location,
               "%s: activation is \"%.*s\"; expected \"none\", \"relu\", "
               "\"relu6\" or \"clamp\"",
               self->name, word.length < 64 ? (int)word.length : 64, word.data);
    cimc_note(self->location, "other functions are ops of their own, such as "
                              "qgemm.sigmoid after this one");
    return mlirLogicalResultFailure();
  }
  bool low = cimc_ir_has_attr(self->op, "clamp_min");
  bool high = cimc_ir_has_attr(self->op, "clamp_max");
  bool clamps =
      self->kind == CIMC_QGEMM_CLAMP || activation == CIMC_ACTIVATION_CLAMP;
  if (low != clamps || high != clamps) {
    cimc_error(self->location,
               clamps ? "%s: activation \"clamp\" without both bounds; "
                        "expected clamp_min and clamp_max"
                      : "%s: clamp_min or clamp_max without activation "
                        "\"clamp\"; expected neither",
               self->name);
    cimc_note(self->location, "write activation = \"clamp\", clamp_min = 0.0 "
                              ": f32, clamp_max = 6.0 : f32");
    return mlirLogicalResultFailure();
  }
  cimc_bounds bounds = cimc_qgemm_bounds(self->op);
  if (bounds.low <= bounds.high) // false for NaN
    return mlirLogicalResultSuccess();
  return cimc_error(self->location,
                    "%s: clamp_min is %g and clamp_max %g; expected numbers "
                    "in rising order",
                    self->name, (double)bounds.low, (double)bounds.high);
}

static MlirLogicalResult check_values(const check *self) {
  float value = 0.0f;
  for (const attribute_rule *r = self->row->attributes; r->name; ++r)
    if (strcmp(r->name, "clamp_min") == 0)
      return check_activation(self);
  if (self->kind == CIMC_QGEMM_PAD &&
      cimc_ir_get_f32(self->op, "value", &value) && isnan(value))
    return cimc_error(self->location, "%s: value is NaN; expected a number",
                      self->name);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult check_attributes(const check *self) {
  MlirLogicalResult result = mlirLogicalResultSuccess();
  intptr_t count = mlirOperationGetNumAttributes(self->op);
  for (intptr_t i = 0; i < count && i < FAULTS_MAX; ++i) {
    MlirNamedAttribute named = mlirOperationGetAttribute(self->op, i);
    MlirStringRef name = mlirIdentifierStr(named.name);
    if (!is_known(self, name))
      result = unknown_attribute(self, name);
  }
  for (const attribute_rule *r = self->row->attributes; r->name; ++r) {
    MlirAttribute attribute =
        mlirOperationGetAttributeByName(self->op, cimc_ir_str(r->name));
    bool present = !mlirAttributeIsNull(attribute);
    if (!present && !r->optional)
      result = cimc_error(self->location, "%s: no attribute '%s'; expected %s",
                          self->name, r->name, r->example);
    else if (present && !has_kind(self, r, attribute))
      result = wrong_kind(self, r, attribute);
  }
  CIMC_TRY(result);
  return check_values(self);
}

// -- Shapes ------------------------------------------------------------------
static MlirLogicalResult check_shape(const check *self) {
  cimc_shape inferred, result;
  CIMC_TRY(cimc_qgemm_infer_shape(self->op, &inferred));
  MlirType type = mlirValueGetType(mlirOperationGetResult(self->op, 0));
  if (!cimc_ir_tensor_shape(type, &result)) // reported with the type
    return mlirLogicalResultFailure();
  bool agree = inferred.rank == result.rank;
  for (int i = 0; agree && i < result.rank; ++i)
    agree = inferred.dim[i] == result.dim[i] || inferred.dim[i] < 0 ||
            result.dim[i] < 0;
  if (agree)
    return mlirLogicalResultSuccess();
  char found[192], wanted[192];
  return cimc_error(self->location,
                    "%s: the result has shape %s; expected %s, which follows "
                    "from the operands and attributes",
                    self->name,
                    cimc_qgemm_shape_text(&result, found, sizeof found),
                    cimc_qgemm_shape_text(&inferred, wanted, sizeof wanted));
}

// -- Walk --------------------------------------------------------------------
// A type at fault is reported where the value is made, not at its users.
static bool operands_are_sound(const check *self) {
  intptr_t count = mlirOperationGetNumOperands(self->op);
  for (intptr_t i = 0; i < count; ++i) {
    MlirType type = mlirValueGetType(mlirOperationGetOperand(self->op, i));
    if (!self->row->scalars &&
        mlirLogicalResultIsFailure(cimc_qgemm_types_check_tensor(
            self->location, "an operand", type, false)))
      return false;
  }
  return true;
}

static bool is_product(cimc_qgemm_kind kind) {
  return kind == CIMC_QGEMM_MATMUL || kind == CIMC_QGEMM_BATCH_MATMUL ||
         kind == CIMC_QGEMM_CONV2D || kind == CIMC_QGEMM_CONV2D_ADD;
}

static MlirLogicalResult check_op(MlirOperation op, cimc_qgemm_kind kind) {
  check self = {
      .op = op,
      .location = mlirOperationGetLocation(op),
      .kind = kind,
      .name = cimc_qgemm_name(kind),
      .row = cimc_qgemm_row_of(kind),
  };
  char what[64];
  snprintf(what, sizeof what, "%s: the result", self.name);
  MlirType type = mlirValueGetType(mlirOperationGetResult(op, 0));
  MlirLogicalResult attributes = check_attributes(&self);
  CIMC_TRY(cimc_qgemm_types_check_tensor(self.location, what, type, true));
  CIMC_TRY(attributes);
  if (!operands_are_sound(&self))
    return mlirLogicalResultFailure();
  MlirLogicalResult shape = check_shape(&self);
  CIMC_TRY(self.row->types(&self));
  CIMC_TRY(shape);
  return is_product(kind) ? cimc_qgemm_check_sum(&self) : shape;
}

// Whether ops of other dialects are still to become qgemm's, and with them
// the types at the function's edge.
static bool is_raised(MlirBlock body) {
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (cimc_qgemm_kind_of(op) == CIMC_QGEMM_NONE &&
        !cimc_ir_op_is(op, "func.return"))
      return false;
  return true;
}

static MlirLogicalResult check_arguments(MlirOperation function) {
  MlirLogicalResult result = mlirLogicalResultSuccess();
  MlirBlock body = cimc_ir_function_body(function);
  if (mlirBlockIsNull(body) || !is_raised(body))
    return result;
  intptr_t count = mlirBlockGetNumArguments(body);
  for (intptr_t i = 0; i < count; ++i) {
    MlirValue value = mlirBlockGetArgument(body, i);
    MlirType type = mlirValueGetType(value);
    char what[48];
    snprintf(what, sizeof what, "argument %td", i);
    if (mlirTypeIsAShaped(type) && !mlirTypeIsAMemRef(type) &&
        mlirLogicalResultIsFailure(cimc_qgemm_types_check_tensor(
            mlirValueGetLocation(value), what, type, true)))
      result = mlirLogicalResultFailure();
  }
  return result;
}

typedef struct walk {
  unsigned errors_before;
  MlirLogicalResult result;
} walk;

static MlirWalkResult visit(MlirOperation op, void *user) {
  walk *self = user;
  MlirLogicalResult result = mlirLogicalResultSuccess();
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  if (kind != CIMC_QGEMM_NONE)
    result = check_op(op, kind);
  else if (cimc_ir_op_is(op, "func.func"))
    result = check_arguments(op);
  if (mlirLogicalResultIsFailure(result))
    self->result = result;
  if (cimc_diag_error_count() - self->errors_before < FAULTS_MAX)
    return MlirWalkResultAdvance;
  cimc_note(mlirOperationGetLocation(op),
            "more errors may follow; these %d "
            "are enough to begin with",
            FAULTS_MAX);
  return MlirWalkResultInterrupt;
}

MlirLogicalResult cimc_qgemm_verify(MlirOperation module) {
  walk self = {cimc_diag_error_count(), mlirLogicalResultSuccess()};
  mlirOperationWalk(module, visit, &self, MlirWalkPreOrder);
  return self.result;
}
