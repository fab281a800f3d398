// SPDX-License-Identifier: Apache-2.0
//
// The context with cimc's dialects, and short forms of common mlir-c calls.
#include "dialect/ir.h"

#include <mlir-c/Diagnostics.h>
#include <mlir-c/Dialect/Arith.h>
#include <mlir-c/Dialect/ControlFlow.h>
#include <mlir-c/Dialect/Func.h>
#include <mlir-c/Dialect/IRDL.h>
#include <mlir-c/Dialect/Index.h>
#include <mlir-c/Dialect/LLVM.h>
#include <mlir-c/Dialect/Quant.h>
#include <mlir-c/Dialect/SCF.h>
#include <mlir-c/Dialect/Vector.h>
#include <mlir-c/RegisterEverything.h>

#include <string.h>

extern const char cimc_qgemm_irdl[];
MlirLogicalResult cimc_locate_handler(MlirDiagnostic diagnostic, void *user);

// Only what is used is registered: a context with everything costs start-up.
static MlirContext create_bare_context(void) {
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  MlirDialectHandle handles[] = {
      mlirGetDialectHandle__func__(),  mlirGetDialectHandle__scf__(),
      mlirGetDialectHandle__arith__(), mlirGetDialectHandle__vector__(),
      mlirGetDialectHandle__llvm__(),  mlirGetDialectHandle__quant__(),
      mlirGetDialectHandle__irdl__(),  mlirGetDialectHandle__cf__(),
      mlirGetDialectHandle__index__()};
  for (size_t i = 0; i < sizeof handles / sizeof *handles; i++)
    mlirDialectHandleInsertDialect(handles[i], registry);
  MlirContext context = mlirContextCreateWithRegistry(registry, false);
  mlirDialectRegistryDestroy(registry);
  mlirContextAttachDiagnosticHandler(context, cimc_locate_handler, NULL, NULL);
  mlirRegisterAllLLVMTranslations(context);
  mlirContextLoadAllAvailableDialects(context);
  return context;
}

MlirContext cimc_ir_context_create(void) {
  MlirContext context = create_bare_context();
  MlirModule dialect =
      mlirModuleCreateParse(context, cimc_ir_str(cimc_qgemm_irdl));
  bool loaded = !mlirModuleIsNull(dialect) &&
                mlirLogicalResultIsSuccess(mlirLoadIRDLDialects(dialect));
  if (!mlirModuleIsNull(dialect))
    mlirModuleDestroy(dialect);
  if (loaded)
    return context;
  cimc_diag_error(NULL, "the qgemm dialect could not be loaded");
  mlirContextDestroy(context);
  return (MlirContext){NULL};
}

void cimc_ir_context_destroy(MlirContext context) {
  if (!mlirContextIsNull(context))
    mlirContextDestroy(context);
}

MlirStringRef cimc_ir_str(const char *text) {
  return mlirStringRefCreate(text, strlen(text));
}

bool cimc_ir_str_equal(MlirStringRef a, const char *b) {
  return a.length == strlen(b) && memcmp(a.data, b, a.length) == 0;
}

// -- Operations --------------------------------------------------------------
MlirOperation cimc_ir_op_create(const cimc_op_desc *desc) {
  MlirOperationState state =
      mlirOperationStateGet(cimc_ir_str(desc->name), desc->location);
  mlirOperationStateAddOperands(&state, desc->operand_count, desc->operands);
  mlirOperationStateAddResults(&state, desc->result_count, desc->results);
  mlirOperationStateAddAttributes(&state, desc->attribute_count,
                                  desc->attributes);
  return mlirOperationCreate(&state);
}

MlirStringRef cimc_ir_op_name(MlirOperation op) {
  return mlirIdentifierStr(mlirOperationGetName(op));
}

bool cimc_ir_op_is(MlirOperation op, const char *name) {
  return !mlirOperationIsNull(op) &&
         cimc_ir_str_equal(cimc_ir_op_name(op), name);
}

MlirOperation cimc_ir_defining_op(MlirValue value) {
  if (!mlirValueIsAOpResult(value))
    return (MlirOperation){NULL};
  return mlirOpResultGetOwner(value);
}

bool cimc_ir_has_no_uses(MlirValue value) {
  return mlirOpOperandIsNull(mlirValueGetFirstUse(value));
}

bool cimc_ir_has_one_use(MlirValue value) {
  MlirOpOperand first = mlirValueGetFirstUse(value);
  return !mlirOpOperandIsNull(first) &&
         mlirOpOperandIsNull(mlirOpOperandGetNextUse(first));
}

static bool has_name(MlirOperation function, const char *name) {
  MlirStringRef symbol;
  return cimc_ir_get_str(function, "sym_name", &symbol) &&
         cimc_ir_str_equal(symbol, name);
}

static bool is_public(MlirOperation function) {
  MlirStringRef visibility;
  return !cimc_ir_get_str(function, "sym_visibility", &visibility) ||
         cimc_ir_str_equal(visibility, "public");
}

MlirOperation cimc_ir_function_find(MlirOperation module, const char *name) {
  MlirOperation found = {NULL}, main_function = {NULL};
  int public_count = 0;
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(module, 0));
  for (MlirOperation op = mlirBlockGetFirstOperation(body);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (!cimc_ir_op_is(op, "func.func"))
      continue;
    if (name && has_name(op, name))
      return op;
    if (has_name(op, "main"))
      main_function = op;
    if (is_public(op)) {
      found = op;
      public_count++;
    }
  }
  if (name)
    return (MlirOperation){NULL};
  return public_count == 1 ? found : main_function;
}

MlirBlock cimc_ir_function_body(MlirOperation function) {
  return mlirRegionGetFirstBlock(mlirOperationGetRegion(function, 0));
}

// -- Attributes --------------------------------------------------------------
MlirNamedAttribute cimc_ir_attr(MlirContext context, const char *name,
                                MlirAttribute value) {
  return mlirNamedAttributeGet(mlirIdentifierGet(context, cimc_ir_str(name)),
                               value);
}

MlirAttribute cimc_ir_attr_i64(MlirContext context, int64_t value) {
  return mlirIntegerAttrGet(mlirIntegerTypeGet(context, 64), value);
}

MlirAttribute cimc_ir_attr_f32(MlirContext context, float value) {
  return mlirFloatAttrDoubleGet(context, mlirF32TypeGet(context),
                                (double)value);
}

MlirAttribute cimc_ir_attr_str(MlirContext context, const char *text) {
  return mlirStringAttrGet(context, cimc_ir_str(text));
}

MlirAttribute cimc_ir_attr_i64s(MlirContext context, intptr_t count,
                                const int64_t *values) {
  return mlirDenseI64ArrayGet(context, count, values);
}

static MlirAttribute get(MlirOperation op, const char *name) {
  return mlirOperationGetAttributeByName(op, cimc_ir_str(name));
}

bool cimc_ir_has_attr(MlirOperation op, const char *name) {
  return !mlirAttributeIsNull(get(op, name));
}

bool cimc_ir_get_i64(MlirOperation op, const char *name, int64_t *out) {
  MlirAttribute attribute = get(op, name);
  if (mlirAttributeIsNull(attribute) || !mlirAttributeIsAInteger(attribute))
    return false;
  MlirType type = mlirAttributeGetType(attribute);
  if (!mlirTypeIsAInteger(type) || mlirIntegerTypeGetWidth(type) > 64 ||
      !mlirIntegerTypeIsSignless(type))
    return false;
  *out = mlirIntegerAttrGetValueInt(attribute);
  return true;
}

bool cimc_ir_get_f32(MlirOperation op, const char *name, float *out) {
  MlirAttribute attribute = get(op, name);
  if (mlirAttributeIsNull(attribute) || !mlirAttributeIsAFloat(attribute))
    return false;
  *out = (float)mlirFloatAttrGetValueDouble(attribute);
  return true;
}

bool cimc_ir_get_bool(MlirOperation op, const char *name, bool *out) {
  MlirAttribute attribute = get(op, name);
  if (mlirAttributeIsNull(attribute) || !mlirAttributeIsABool(attribute))
    return false;
  *out = mlirBoolAttrGetValue(attribute);
  return true;
}

bool cimc_ir_get_str(MlirOperation op, const char *name, MlirStringRef *out) {
  MlirAttribute attribute = get(op, name);
  if (mlirAttributeIsNull(attribute) || !mlirAttributeIsAString(attribute))
    return false;
  *out = mlirStringAttrGetValue(attribute);
  return true;
}

bool cimc_ir_get_i64s(MlirOperation op, const char *name, intptr_t count,
                      int64_t *out) {
  MlirAttribute attribute = get(op, name);
  if (mlirAttributeIsNull(attribute) ||
      !mlirAttributeIsADenseI64Array(attribute) ||
      mlirDenseArrayGetNumElements(attribute) != count)
    return false;
  for (intptr_t i = 0; i < count; i++)
    out[i] = mlirDenseI64ArrayGetElement(attribute, i);
  return true;
}

void cimc_ir_set_i64(MlirOperation op, const char *name, int64_t value) {
  MlirContext context = mlirOperationGetContext(op);
  mlirOperationSetAttributeByName(op, cimc_ir_str(name),
                                  cimc_ir_attr_i64(context, value));
}

// -- Types -------------------------------------------------------------------
bool cimc_ir_tensor_shape(MlirType type, cimc_shape *out) {
  if (!mlirTypeIsARankedTensor(type))
    return false;
  int64_t rank = mlirShapedTypeGetRank(type);
  if (rank > CIMC_RANK_MAX)
    return false;
  out->rank = (int)rank;
  for (intptr_t i = 0; i < rank; i++)
    out->dim[i] = mlirShapedTypeIsDynamicDim(type, i)
                      ? -1
                      : mlirShapedTypeGetDimSize(type, i);
  return true;
}

int64_t cimc_ir_element_count(const cimc_shape *shape) {
  int64_t count = 1;
  for (int i = 0; i < shape->rank; i++) {
    if (shape->dim[i] < 0 ||
        __builtin_mul_overflow(count, shape->dim[i], &count))
      return -1;
  }
  return count;
}

MlirType cimc_ir_tensor_type(const cimc_shape *shape, MlirType element) {
  int64_t dims[CIMC_RANK_MAX];
  for (int i = 0; i < shape->rank; i++)
    dims[i] =
        shape->dim[i] < 0 ? mlirShapedTypeGetDynamicSize() : shape->dim[i];
  return mlirRankedTensorTypeGet(shape->rank, dims, element,
                                 mlirAttributeGetNull());
}

MlirType cimc_ir_element_type(MlirType tensor) {
  return mlirShapedTypeGetElementType(tensor);
}

bool cimc_ir_shape_equal(const cimc_shape *a, const cimc_shape *b) {
  return a->rank == b->rank &&
         memcmp(a->dim, b->dim, (size_t)a->rank * sizeof a->dim[0]) == 0;
}
