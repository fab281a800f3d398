// SPDX-License-Identifier: Apache-2.0
//
// The entry function: see host.h. What it calls is declared by abi.h.
#include "passes/lower/core/host.h"

#include "dialect/qgemm.h"
#include "runtime/core/abi.h"

#include <mlir-c/Dialect/LLVM.h>
#include <stdio.h>

// -- Signature ---------------------------------------------------------------
static MlirType function_type(MlirOperation model) {
  return mlirTypeAttrGetValue(
      mlirOperationGetAttributeByName(model, cimc_ir_str("function_type")));
}

static bool is_tensor(MlirType type) { return mlirTypeIsARankedTensor(type); }

static MlirLogicalResult check_signature(MlirOperation model, MlirType type) {
  MlirLocation location = mlirOperationGetLocation(model);
  intptr_t inputs = mlirFunctionTypeGetNumInputs(type);
  intptr_t outputs = mlirFunctionTypeGetNumResults(type);
  if (inputs + outputs + 2 > CIMC_HOST_ARGUMENTS_MAX)
    return cimc_error(location,
                      "the model has %td inputs and outputs; at most %d can "
                      "be passed to a compiled model",
                      inputs + outputs, CIMC_HOST_ARGUMENTS_MAX - 2);
  for (intptr_t i = 0; i < inputs; i++) {
    MlirType input = mlirFunctionTypeGetInput(type, i);
    cimc_storage storage = cimc_qgemm_element(input).storage;
    if (!is_tensor(input) && storage != CIMC_STORAGE_F32 &&
        storage != CIMC_STORAGE_I32)
      return cimc_error(location,
                        "input %td is neither a tensor nor a scalar of f32 or "
                        "i32",
                        i);
  }
  for (intptr_t i = 0; i < outputs; i++)
    if (!is_tensor(mlirFunctionTypeGetResult(type, i)))
      return cimc_error(location, "output %td is not a tensor", i);
  return mlirLogicalResultSuccess();
}

// The symbol of the entry: what the driver chose, else the function's name.
static const char *entry_name(MlirOperation module, MlirOperation model) {
  MlirStringRef name;
  if (!cimc_ir_get_str(module, "qgemm.symbol", &name))
    cimc_ir_get_str(model, "sym_name", &name);
  return name.data; // attributes of strings end with a zero byte
}

static void create_entry(cimc_host *host, MlirType type, const cimc_cpu *cpu) {
  MlirContext context = mlirOperationGetContext(host->module);
  MlirType pointer = mlirLLVMPointerTypeGet(context, 0);
  MlirType arguments[CIMC_HOST_ARGUMENTS_MAX] = {pointer};
  intptr_t count = 1;
  for (intptr_t i = 0; i < host->input_count; i++) {
    MlirType input = mlirFunctionTypeGetInput(type, i);
    arguments[count++] = is_tensor(input) ? pointer : input;
  }
  for (intptr_t i = 0; i < host->output_count; i++)
    arguments[count++] = pointer;
  arguments[count++] = pointer;
  cimc_function_desc desc = {.name = host->name,
                             .argument_count = count,
                             .arguments = arguments,
                             .result = mlirIntegerTypeGet(context, 32)};
  cimc_build_function(host->module, mlirOperationGetLocation(host->model), cpu,
                      &desc, &host->build);
}

MlirValue cimc_host_input(const cimc_host *host, intptr_t index) {
  return cimc_build_argument(&host->build, 1 + index);
}

MlirValue cimc_host_output(const cimc_host *host, intptr_t index) {
  return cimc_build_argument(&host->build, 1 + host->input_count + index);
}

MlirValue cimc_host_workspace(const cimc_host *host) {
  return cimc_build_argument(&host->build,
                             1 + host->input_count + host->output_count);
}

static MlirValue context_argument(const cimc_host *host) {
  return cimc_build_argument(&host->build, 0);
}

// -- Checks ------------------------------------------------------------------
static void declare(cimc_host *host, const char *name, intptr_t count,
                    const MlirType *arguments, MlirType result) {
  cimc_build_declare(host->module,
                     &(cimc_function_desc){.name = name,
                                           .argument_count = count,
                                           .arguments = arguments,
                                           .result = result});
}

static void declare_callees(cimc_host *host) {
  const cimc_build *b = &host->build;
  MlirType check[] = {b->ptr}, has[] = {b->i64};
  MlirType stage[] = {b->ptr, b->i32, b->i32};
  MlirType copy[] = {b->ptr, b->ptr, b->index};
  declare(host, "cimrt_context_check", 1, check, b->i32);
  if (b->cpu.features)
    declare(host, "cimrt_cpu_has", 1, has, b->i32);
  declare(host, "cimrt_stage", 3, stage, b->i32);
  declare(host, "memcpy", 3, copy, b->ptr);
}

// Goes on only when `good` holds; otherwise returns `status`.
static void guard(cimc_host *host, MlirValue good, MlirValue status) {
  cimc_build *b = &host->build;
  MlirBlock stop = cimc_build_block(b), next = cimc_build_block(b);
  cimc_build_branch_if(b, good, next, stop);
  b->block = stop;
  cimc_build_return(b, status);
  b->block = next;
}

static void guard_status(cimc_host *host, MlirValue status) {
  cimc_build *b = &host->build;
  MlirValue ok = cimc_build_int(b, b->i32, CIMRT_OK);
  guard(host, cimc_build_compare(b, CIMC_EQ, status, ok), status);
}

static void check_pointers(cimc_host *host) {
  cimc_build *b = &host->build;
  MlirValue null = cimc_build_null(b), all = {NULL};
  intptr_t tensors = host->input_count + host->output_count;
  intptr_t count = tensors + (host->workspace_bytes > 0);
  for (intptr_t i = 0; i < count; i++) {
    MlirValue argument = cimc_build_argument(b, 1 + i);
    if (!mlirTypeIsALLVMPointerType(mlirValueGetType(argument)))
      continue;
    MlirValue good = cimc_build_compare(b, CIMC_NE, argument, null);
    all = mlirValueIsNull(all) ? good : cimc_build_and(b, all, good);
  }
  if (!mlirValueIsNull(all))
    guard(host, all, cimc_build_int(b, b->i32, CIMRT_INVALID_ARGUMENT));
}

static void check_workspace(cimc_host *host) {
  cimc_build *b = &host->build;
  if (host->workspace_bytes == 0)
    return;
  MlirValue address = cimc_build_pointer_bits(b, cimc_host_workspace(host));
  MlirValue mask = cimc_build_index(b, CIMRT_WORKSPACE_ALIGNMENT - 1);
  MlirValue low = cimc_build_and(b, address, mask);
  guard(host, cimc_build_compare(b, CIMC_EQ, low, cimc_build_index(b, 0)),
        cimc_build_int(b, b->i32, CIMRT_MISALIGNED));
}

static void check_machine(cimc_host *host) {
  cimc_build *b = &host->build;
  MlirValue context = context_argument(host);
  guard_status(host,
               cimc_build_call(b, "cimrt_context_check", b->i32, 1, &context));
  if (b->cpu.features == 0)
    return;
  MlirValue features = cimc_build_int(b, b->i64, b->cpu.features);
  MlirValue has = cimc_build_call(b, "cimrt_cpu_has", b->i32, 1, &features);
  guard(host, cimc_build_compare(b, CIMC_NE, has, cimc_build_int(b, b->i32, 0)),
        cimc_build_int(b, b->i32, CIMRT_UNSUPPORTED_CPU));
}

MlirLogicalResult cimc_host_begin(MlirOperation module, MlirOperation model,
                                  const cimc_cpu *cpu, cimc_host *out) {
  MlirType type = function_type(model);
  CIMC_TRY(check_signature(model, type));
  *out = (cimc_host){.module = module,
                     .model = model,
                     .name = entry_name(module, model),
                     .input_count = mlirFunctionTypeGetNumInputs(type),
                     .output_count = mlirFunctionTypeGetNumResults(type)};
  cimc_ir_get_i64(model, "qgemm.workspace_bytes", &out->workspace_bytes);
  create_entry(out, type, cpu);
  declare_callees(out);
  check_pointers(out);
  check_workspace(out);
  check_machine(out);
  cimc_build *b = &out->build;
  out->has_context =
      cimc_build_compare(b, CIMC_NE, context_argument(out), cimc_build_null(b));
  return mlirLogicalResultSuccess();
}

// -- Layers ------------------------------------------------------------------
static void stage(cimc_host *host, cimrt_stage_phase phase) {
  cimc_build *b = &host->build;
  MlirBlock call = cimc_build_block(b), stop = cimc_build_block(b);
  MlirBlock next = cimc_build_block(b);
  cimc_build_branch_if(b, host->has_context, call, next);
  b->block = call;
  MlirValue arguments[] = {context_argument(host),
                           cimc_build_int(b, b->i32, host->layer_count),
                           cimc_build_int(b, b->i32, (int64_t)phase)};
  MlirValue status = cimc_build_call(b, "cimrt_stage", b->i32, 3, arguments);
  MlirValue ok = cimc_build_int(b, b->i32, CIMRT_OK);
  cimc_build_branch_if(b, cimc_build_compare(b, CIMC_EQ, status, ok), next,
                       stop);
  b->block = stop;
  cimc_build_return(b, status);
  b->block = next;
}

void cimc_host_layer_begin(cimc_host *host) { stage(host, CIMRT_STAGE_BEGIN); }

void cimc_host_layer_end(cimc_host *host) {
  stage(host, CIMRT_STAGE_END);
  host->layer_count++;
}

// -- The end -----------------------------------------------------------------
void cimc_host_copy(cimc_host *host, MlirValue to, MlirValue from,
                    int64_t bytes) {
  cimc_build *b = &host->build;
  MlirValue arguments[] = {to, from, cimc_build_index(b, bytes)};
  cimc_build_call(b, "memcpy", b->ptr, 3, arguments);
}

// [{name = …, type = …}, …] of the inputs or outputs; with bool = true where
// the model's own type is boolean.
static MlirAttribute describe(const cimc_host *host, const char *attrs_name,
                              const char *fallback, bool results) {
  MlirContext context = host->build.context;
  MlirType type = function_type(host->model);
  intptr_t count = results ? host->output_count : host->input_count;
  MlirAttribute attrs =
      mlirOperationGetAttributeByName(host->model, cimc_ir_str(attrs_name));
  MlirAttribute rows[CIMC_HOST_ARGUMENTS_MAX];
  for (intptr_t i = 0; i < count; i++) {
    MlirAttribute name = mlirAttributeGetNull(), boolean = name;
    if (!mlirAttributeIsNull(attrs)) {
      MlirAttribute given = mlirArrayAttrGetElement(attrs, i);
      name =
          mlirDictionaryAttrGetElementByName(given, cimc_ir_str("qgemm.name"));
      boolean =
          mlirDictionaryAttrGetElementByName(given, cimc_ir_str("qgemm.bool"));
    }
    if (mlirAttributeIsNull(name) || !mlirAttributeIsAString(name)) {
      char text[32];
      snprintf(text, sizeof text, "%s%d", fallback, (int)i);
      name = cimc_ir_attr_str(context, text);
    }
    MlirType one = results ? mlirFunctionTypeGetResult(type, i)
                           : mlirFunctionTypeGetInput(type, i);
    MlirNamedAttribute fields[] = {
        cimc_ir_attr(context, "name", name),
        cimc_ir_attr(context, "type", mlirTypeAttrGet(one)),
        cimc_ir_attr(context, "bool", boolean)};
    rows[i] = mlirDictionaryAttrGet(
        context, mlirAttributeIsNull(boolean) ? 2 : 3, fields);
  }
  return mlirArrayAttrGet(context, count, rows);
}

void cimc_host_end(cimc_host *host, MlirAttribute layers) {
  cimc_build *b = &host->build;
  cimc_build_return(b, cimc_build_int(b, b->i32, CIMRT_OK));
  MlirContext context = b->context;
  MlirNamedAttribute fields[] = {
      cimc_ir_attr(context, "name", cimc_ir_attr_str(context, host->name)),
      cimc_ir_attr(context, "workspace_bytes",
                   cimc_ir_attr_i64(context, host->workspace_bytes)),
      cimc_ir_attr(context, "state_bytes", cimc_ir_attr_i64(context, 0)),
      cimc_ir_attr(context, "inputs",
                   describe(host, "arg_attrs", "input", false)),
      cimc_ir_attr(context, "outputs",
                   describe(host, "res_attrs", "output", true)),
      cimc_ir_attr(context, "layers", layers)};
  mlirOperationSetAttributeByName(b->function, cimc_ir_str("qgemm.model"),
                                  mlirDictionaryAttrGet(context, 6, fields));
}
