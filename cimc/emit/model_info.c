// SPDX-License-Identifier: Apache-2.0
//
// Reads the `qgemm.model` attribute of the lowered entry function.
//
// Lowered text may be written by hand, so everything is checked here once;
// header.c and descriptor.c then trust what they get.
#include "cimc/emit/model_info.h"

#include "cimc/emit/identifier.h"

#include <stdlib.h>
#include <string.h>

// Far above any real model; keeps counts in the descriptor's 32 bits.
#define COUNT_MAX 65536

static MlirAttribute entry_of(MlirAttribute dictionary, const char *name) {
  return mlirDictionaryAttrGetElementByName(dictionary, cimc_ir_str(name));
}

static MlirLogicalResult read_string(MlirLocation location,
                                     MlirAttribute dictionary, const char *name,
                                     MlirStringRef *out) {
  MlirAttribute value = entry_of(dictionary, name);
  if (mlirAttributeIsNull(value) || !mlirAttributeIsAString(value))
    return cimc_error(
        location, "'qgemm.model' has no string '%s' where it needs one", name);
  *out = mlirStringAttrGetValue(value);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult read_bytes(MlirLocation location,
                                    MlirAttribute dictionary, const char *name,
                                    int64_t *out) {
  MlirAttribute value = entry_of(dictionary, name);
  if (mlirAttributeIsNull(value) || !mlirAttributeIsAInteger(value))
    return cimc_error(location, "'qgemm.model' has no integer '%s'", name);
  *out = mlirIntegerAttrGetValueInt(value);
  if (*out < 0)
    return cimc_error(location,
                      "'qgemm.model' has %s = %lld; expected 0 or more", name,
                      (long long)*out);
  return mlirLogicalResultSuccess();
}

// The array `name` of dictionaries, and room for as many elements of ours.
static MlirLogicalResult read_array(MlirLocation location,
                                    MlirAttribute dictionary, const char *name,
                                    MlirAttribute *out, size_t *out_count) {
  *out = entry_of(dictionary, name);
  if (mlirAttributeIsNull(*out) || !mlirAttributeIsAArray(*out))
    return cimc_error(location, "'qgemm.model' has no array '%s'", name);
  intptr_t count = mlirArrayAttrGetNumElements(*out);
  if (count > COUNT_MAX)
    return cimc_error(location, "'qgemm.model' has %lld %s; at most %d",
                      (long long)count, name, COUNT_MAX);
  for (intptr_t i = 0; i < count; ++i)
    if (!mlirAttributeIsADictionary(mlirArrayAttrGetElement(*out, i)))
      return cimc_error(location,
                        "'qgemm.model' has in %s an element that is no "
                        "dictionary",
                        name);
  *out_count = (size_t)count;
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult read_tensor(MlirLocation location,
                                     MlirAttribute dictionary,
                                     cimc_model_tensor *out) {
  CIMC_TRY(read_string(location, dictionary, "name", &out->name));
  MlirAttribute type = entry_of(dictionary, "type");
  if (mlirAttributeIsNull(type) || !mlirAttributeIsAType(type))
    return cimc_error(location, "'%.*s' in 'qgemm.model' has no type",
                      (int)out->name.length, out->name.data);
  out->type = mlirTypeAttrGetValue(type);
  out->element = cimc_qgemm_element(out->type);
  out->by_value = !mlirTypeIsAShaped(out->type);
  MlirAttribute boolean = entry_of(dictionary, "bool");
  out->boolean = !mlirAttributeIsNull(boolean) &&
                 mlirAttributeIsABool(boolean) &&
                 mlirBoolAttrGetValue(boolean) && !out->element.quantized &&
                 out->element.storage == CIMC_STORAGE_U8;
  if (out->element.storage == CIMC_STORAGE_OTHER)
    return cimc_error(location,
                      "'%.*s' in 'qgemm.model' has an element type no model "
                      "may take or give",
                      (int)out->name.length, out->name.data);
  if (out->by_value)
    return mlirLogicalResultSuccess();
  if (!cimc_ir_tensor_shape(out->type, &out->shape) ||
      cimc_ir_element_count(&out->shape) < 0)
    return cimc_error(location,
                      "'%.*s' in 'qgemm.model' is no tensor of fixed shape and "
                      "rank <= %d",
                      (int)out->name.length, out->name.data, CIMC_RANK_MAX);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult read_tensors(MlirLocation location,
                                      MlirAttribute dictionary,
                                      const char *name, cimc_model_tensor **out,
                                      size_t *out_count) {
  MlirAttribute array;
  size_t count;
  CIMC_TRY(read_array(location, dictionary, name, &array, &count));
  *out = calloc(count + 1, sizeof(**out));
  if (!*out)
    return cimc_error(location, "out of memory");
  *out_count = count;
  for (size_t i = 0; i < count; ++i) {
    MlirAttribute element = mlirArrayAttrGetElement(array, (intptr_t)i);
    CIMC_TRY(read_tensor(location, element, &(*out)[i]));
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult read_layers(MlirLocation location,
                                     MlirAttribute dictionary,
                                     cimc_model_info *out) {
  MlirAttribute array;
  size_t count;
  CIMC_TRY(read_array(location, dictionary, "layers", &array, &count));
  out->layers = calloc(count + 1, sizeof(*out->layers));
  if (!out->layers)
    return cimc_error(location, "out of memory");
  out->layer_count = count;
  for (size_t i = 0; i < count; ++i) {
    MlirAttribute element = mlirArrayAttrGetElement(array, (intptr_t)i);
    CIMC_TRY(read_string(location, element, "name", &out->layers[i].name));
    CIMC_TRY(read_string(location, element, "op", &out->layers[i].op));
  }
  return mlirLogicalResultSuccess();
}

// The only llvm.func with a qgemm.model, as a null op when there is none.
static MlirLogicalResult find_entry(MlirOperation module, MlirOperation *out) {
  *out = (MlirOperation){NULL};
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(module, 0));
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (!cimc_ir_op_is(op, "llvm.func") ||
        !cimc_ir_has_attr(op, CIMC_MODEL_ATTRIBUTE))
      continue;
    if (!mlirOperationIsNull(*out))
      return cimc_error(mlirOperationGetLocation(op),
                        "a second function has 'qgemm.model'; an object holds "
                        "one model");
    *out = op;
  }
  if (mlirOperationIsNull(*out))
    return cimc_error(mlirOperationGetLocation(module),
                      "no llvm.func has the attribute 'qgemm.model'; the "
                      "module is not lowered");
  return mlirLogicalResultSuccess();
}

// The entry's symbol is the model's name, and one that C can declare.
static MlirLogicalResult check_name(MlirOperation entry,
                                    const cimc_model_info *info) {
  MlirLocation location = mlirOperationGetLocation(entry);
  MlirStringRef symbol = {NULL, 0};
  cimc_identifier name = {{0}};
  if (info->name.length < sizeof(name.text))
    memcpy(name.text, info->name.data, info->name.length);
  if (!cimc_ir_get_str(entry, "sym_name", &symbol) ||
      !mlirStringRefEqual(symbol, info->name))
    return cimc_error(location,
                      "'qgemm.model' is named '%.*s', the function '%.*s'; "
                      "expected the same",
                      (int)info->name.length, info->name.data,
                      (int)symbol.length, symbol.data);
  if (!cimc_identifier_is_symbol(name.text))
    return cimc_error(location, "'%.*s' cannot be a C symbol",
                      (int)info->name.length, info->name.data);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult read_model(MlirOperation module, MlirOperation entry,
                                    cimc_model_info *out) {
  MlirLocation location = mlirOperationGetLocation(entry);
  MlirAttribute model = mlirOperationGetDiscardableAttributeByName(
      entry, cimc_ir_str(CIMC_MODEL_ATTRIBUTE));
  if (!mlirAttributeIsADictionary(model))
    return cimc_error(location, "'qgemm.model' is no dictionary");
  CIMC_TRY(read_string(location, model, "name", &out->name));
  CIMC_TRY(check_name(entry, out));
  CIMC_TRY(
      read_bytes(location, model, "workspace_bytes", &out->workspace_bytes));
  CIMC_TRY(read_bytes(location, model, "state_bytes", &out->state_bytes));
  CIMC_TRY(
      read_tensors(location, model, "inputs", &out->inputs, &out->input_count));
  CIMC_TRY(read_tensors(location, model, "outputs", &out->outputs,
                        &out->output_count));
  CIMC_TRY(read_layers(location, model, out));
  return cimc_passes_get_cpu(module, &out->cpu);
}

MlirLogicalResult cimc_model_info_read(MlirOperation module,
                                       cimc_model_info *out) {
  *out = (cimc_model_info){0};
  MlirOperation entry;
  CIMC_TRY(find_entry(module, &entry));
  MlirLogicalResult result = read_model(module, entry, out);
  if (mlirLogicalResultIsFailure(result))
    cimc_model_info_free(out);
  return result;
}

void cimc_model_info_free(cimc_model_info *info) {
  free(info->inputs);
  free(info->outputs);
  free(info->layers);
  *info = (cimc_model_info){0};
}
