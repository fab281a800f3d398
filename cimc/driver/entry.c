// SPDX-License-Identifier: Apache-2.0
//
// Which function of a module is compiled, and the C symbol it gets.
//
// Out: a module with one func.func and `qgemm.symbol`, so that no pass asks
// for names and IR printed at any level carries its own.
#include "cimc/driver/entry.h"

#include "cimc/emit/identifier.h"
#include "cimc/emit/model_info.h"

#include <stdlib.h>
#include <string.h>

#define SYMBOL_ATTRIBUTE "qgemm.symbol"

static MlirOperation first_op(MlirOperation module) {
  return mlirBlockGetFirstOperation(
      mlirRegionGetFirstBlock(mlirOperationGetRegion(module, 0)));
}

static bool is_named(MlirOperation op, const char *name) {
  MlirStringRef symbol;
  return cimc_ir_get_str(op, "sym_name", &symbol) &&
         cimc_ir_str_equal(symbol, name);
}

static void note_functions(MlirOperation module) {
  for (MlirOperation op = first_op(module); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    MlirStringRef symbol;
    if (cimc_ir_op_is(op, "func.func") &&
        cimc_ir_get_str(op, "sym_name", &symbol))
      cimc_note(mlirOperationGetLocation(op), "there is '%.*s'",
                (int)symbol.length, symbol.data);
  }
}

static cimc_result report_missing(MlirOperation module,
                                  const cimc_entry_request *request) {
  if (request->entry) {
    cimc_diag_error(request->file, "--entry=%s: no function has this name",
                    request->entry);
    note_functions(module);
    return CIMC_WRONG_USAGE;
  }
  cimc_diag_error(request->file, "no function to compile; expected one public "
                                 "func.func or one named 'main'");
  note_functions(module);
  cimc_diag_note("--entry=NAME chooses among several");
  return CIMC_WRONG_INPUT;
}

static void drop_other_functions(MlirOperation module, MlirOperation keep) {
  MlirOperation next;
  for (MlirOperation op = first_op(module); !mlirOperationIsNull(op);
       op = next) {
    next = mlirOperationGetNextInBlock(op);
    if (cimc_ir_op_is(op, "func.func") && !mlirOperationEqual(op, keep))
      mlirOperationDestroy(op);
  }
}

// The file's name without folder and suffix: "a/net.int8.onnx" -> net.int8.
static cimc_identifier symbol_of_file(const char *file) {
  const char *slash = strrchr(file, '/');
  const char *base = slash ? slash + 1 : file;
  const char *dot = strrchr(base, '.');
  return cimc_identifier_symbol(base, dot && dot != base ? (size_t)(dot - base)
                                                         : strlen(base));
}

static void set_symbol(MlirOperation module, const char *symbol) {
  MlirContext context = mlirOperationGetContext(module);
  mlirOperationSetDiscardableAttributeByName(
      module, cimc_ir_str(SYMBOL_ATTRIBUTE), cimc_ir_attr_str(context, symbol));
}

cimc_result cimc_entry_select(MlirOperation module,
                              const cimc_entry_request *request) {
  MlirOperation entry = cimc_ir_function_find(module, request->entry);
  if (mlirOperationIsNull(entry))
    return report_missing(module, request);
  drop_other_functions(module, entry);
  cimc_identifier symbol = symbol_of_file(request->file);
  if (request->name) {
    set_symbol(module, request->name);
  } else if (!cimc_ir_has_attr(module, SYMBOL_ATTRIBUTE)) {
    set_symbol(module, symbol.text);
  } else {
    MlirStringRef given = {"", 0};
    cimc_identifier copy = {{0}};
    if (cimc_ir_get_str(module, SYMBOL_ATTRIBUTE, &given) &&
        given.length < sizeof(copy.text))
      memcpy(copy.text, given.data, given.length);
    if (!cimc_identifier_is_symbol(copy.text)) {
      cimc_error(mlirOperationGetLocation(module),
                 "'" SYMBOL_ATTRIBUTE "' is '%.*s'; expected a C identifier",
                 (int)given.length, given.data);
      return CIMC_WRONG_INPUT;
    }
  }
  return CIMC_DONE;
}

// The `qgemm.model` dictionary with another name.
static MlirAttribute renamed_model(MlirContext context, MlirAttribute model,
                                   const char *name) {
  intptr_t count = mlirDictionaryAttrGetNumElements(model);
  MlirNamedAttribute *all = calloc((size_t)count + 1, sizeof(*all));
  if (!all)
    return model;
  for (intptr_t i = 0; i < count; ++i) {
    all[i] = mlirDictionaryAttrGetElement(model, i);
    if (cimc_ir_str_equal(mlirIdentifierStr(all[i].name), "name"))
      all[i].attribute = cimc_ir_attr_str(context, name);
  }
  MlirAttribute renamed = mlirDictionaryAttrGet(context, count, all);
  free(all);
  return renamed;
}

cimc_result cimc_entry_rename(MlirOperation module,
                              const cimc_entry_request *request) {
  MlirContext context = mlirOperationGetContext(module);
  for (MlirOperation op = first_op(module); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    MlirStringRef key = cimc_ir_str(CIMC_MODEL_ATTRIBUTE);
    MlirAttribute model = mlirOperationGetDiscardableAttributeByName(op, key);
    if (mlirAttributeIsNull(model) || !mlirAttributeIsADictionary(model))
      continue;
    if (request->entry && !is_named(op, request->entry))
      return report_missing(module, request);
    if (!request->name)
      return CIMC_DONE;
    mlirOperationSetDiscardableAttributeByName(
        op, key, renamed_model(context, model, request->name));
    mlirOperationSetAttributeByName(op, cimc_ir_str("sym_name"),
                                    cimc_ir_attr_str(context, request->name));
    set_symbol(module, request->name);
    return CIMC_DONE;
  }
  return CIMC_DONE; // model_info.c says what is missing
}
