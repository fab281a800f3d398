// SPDX-License-Identifier: Apache-2.0
//
// The pass `lower`: from qgemm ops with a memory plan to loops and vectors.
//
// In: one function of qgemm ops; results carry qgemm.offset, qgemm.output or
// are views (plan_memory). Out: an llvm.func with the ABI of abi.h that calls
// one internal llvm.func per distinct kernel, and constant globals; bodies are
// scf, arith, vector and llvm ops. Why kernels are shared by key: a kernel
// costs 10 to 20 ms of code generation, and networks repeat their shapes.
#include "passes/lower/lower.h"

#include "passes/lower/core/host.h"
#include "passes/lower/kernels.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct data_entry {
  MlirAttribute value;
  char name[24];
} data_entry;

struct cimc_lower {
  cimc_host host;
  char **kernel; // names, owned
  size_t kernel_count;
  data_entry *data;
  size_t data_count;
  MlirAttribute *layers;
  size_t layer_count;
};

static const cimc_lower_fn lower_of[CIMC_QGEMM_KIND_COUNT] = {
    [CIMC_QGEMM_SPLAT] = cimc_layout_lower,
    [CIMC_QGEMM_QUANTIZE] = cimc_elementwise_lower,
    [CIMC_QGEMM_DEQUANTIZE] = cimc_elementwise_lower,
    [CIMC_QGEMM_REQUANTIZE] = cimc_elementwise_lower,
    [CIMC_QGEMM_MATMUL] = cimc_gemm_lower,
    [CIMC_QGEMM_BATCH_MATMUL] = cimc_gemm_lower_batch,
    [CIMC_QGEMM_CONV2D] = cimc_conv_lower,
    [CIMC_QGEMM_CONV2D_ADD] = cimc_conv_lower,
    [CIMC_QGEMM_ADD] = cimc_elementwise_lower,
    [CIMC_QGEMM_SUB] = cimc_elementwise_lower,
    [CIMC_QGEMM_MUL] = cimc_elementwise_lower,
    [CIMC_QGEMM_RELU] = cimc_elementwise_lower,
    [CIMC_QGEMM_CLAMP] = cimc_elementwise_lower,
    [CIMC_QGEMM_SIGMOID] = cimc_elementwise_lower,
    [CIMC_QGEMM_TANH] = cimc_elementwise_lower,
    [CIMC_QGEMM_SOFTMAX] = cimc_softmax_lower,
    [CIMC_QGEMM_MAX_POOL2D] = cimc_pool_lower,
    [CIMC_QGEMM_AVG_POOL2D] = cimc_pool_lower,
    [CIMC_QGEMM_GLOBAL_AVG_POOL2D] = cimc_global_pool_lower,
    [CIMC_QGEMM_REDUCE_MEAN] = cimc_reduce_lower,
    [CIMC_QGEMM_TRANSPOSE] = cimc_layout_lower,
    [CIMC_QGEMM_PAD] = cimc_layout_lower,
    [CIMC_QGEMM_ABS] = cimc_elementwise_lower,
    [CIMC_QGEMM_NEG] = cimc_elementwise_lower,
    [CIMC_QGEMM_SIGN] = cimc_elementwise_lower,
    [CIMC_QGEMM_EXP] = cimc_elementwise_lower,
    [CIMC_QGEMM_LOG] = cimc_elementwise_lower,
    [CIMC_QGEMM_SQRT] = cimc_elementwise_lower,
    [CIMC_QGEMM_RSQRT] = cimc_elementwise_lower,
    [CIMC_QGEMM_RECIPROCAL] = cimc_elementwise_lower,
    [CIMC_QGEMM_FLOOR] = cimc_elementwise_lower,
    [CIMC_QGEMM_CEIL] = cimc_elementwise_lower,
    [CIMC_QGEMM_ROUND] = cimc_elementwise_lower,
    [CIMC_QGEMM_ERF] = cimc_elementwise_lower,
    [CIMC_QGEMM_SIN] = cimc_elementwise_lower,
    [CIMC_QGEMM_COS] = cimc_elementwise_lower,
    [CIMC_QGEMM_HARD_SWISH] = cimc_elementwise_lower,
    [CIMC_QGEMM_GELU] = cimc_elementwise_lower,
    [CIMC_QGEMM_HARD_SIGMOID] = cimc_elementwise_lower,
    [CIMC_QGEMM_LEAKY_RELU] = cimc_elementwise_lower,
    [CIMC_QGEMM_ELU] = cimc_elementwise_lower,
    [CIMC_QGEMM_DIV] = cimc_elementwise_lower,
    [CIMC_QGEMM_MIN] = cimc_elementwise_lower,
    [CIMC_QGEMM_MAX] = cimc_elementwise_lower,
    [CIMC_QGEMM_POW] = cimc_elementwise_lower,
    [CIMC_QGEMM_BIT_AND] = cimc_integer_lower,
    [CIMC_QGEMM_BIT_OR] = cimc_integer_lower,
    [CIMC_QGEMM_BIT_XOR] = cimc_integer_lower,
    [CIMC_QGEMM_SHIFT_LEFT] = cimc_integer_lower,
    [CIMC_QGEMM_SHIFT_RIGHT] = cimc_integer_lower,
    [CIMC_QGEMM_COMPARE] = cimc_select_lower_compare,
    [CIMC_QGEMM_SELECT] = cimc_select_lower,
    [CIMC_QGEMM_CAST] = cimc_cast_lower,
    [CIMC_QGEMM_RESCALE] = cimc_rescale_lower,
    [CIMC_QGEMM_TABLE] = cimc_lookup_lower,
    [CIMC_QGEMM_REDUCE_SUM] = cimc_reduce_lower,
    [CIMC_QGEMM_REDUCE_MAX] = cimc_reduce_lower,
    [CIMC_QGEMM_REDUCE_MIN] = cimc_reduce_lower,
    [CIMC_QGEMM_REDUCE_PROD] = cimc_reduce_lower,
    [CIMC_QGEMM_ARG_MAX] = cimc_arg_lower,
    [CIMC_QGEMM_ARG_MIN] = cimc_arg_lower,
    [CIMC_QGEMM_CONCAT] = cimc_concat_lower,
    [CIMC_QGEMM_SLICE] = cimc_concat_lower_slice,
    [CIMC_QGEMM_GATHER] = cimc_gather_lower,
};

// -- Services ----------------------------------------------------------------
// Grows an array by one zeroed element; the process ends when memory does, as
// it does inside MLIR.
static void *grow(void *array, size_t count, size_t each) {
  if ((count & (count - 1)) != 0) // room up to the next power of two
    return array;
  void *larger = realloc(array, (count ? 2 * count : 1) * each);
  if (!larger)
    abort();
  return larger;
}

cimc_build *cimc_lower_entry(cimc_lower *state) { return &state->host.build; }

static MlirValue constant_address(cimc_lower *state, MlirOperation constant) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(constant, 0));
  cimc_shape shape;
  cimc_ir_tensor_shape(type, &shape);
  cimc_storage storage = cimc_qgemm_element(type).storage;
  int64_t count = cimc_ir_element_count(&shape);
  size_t bytes = (size_t)count * (size_t)cimc_storage_bytes(storage);
  void *copy = malloc(bytes ? bytes : 1);
  if (!copy)
    abort();
  cimc_qgemm_constant_copy(constant, copy);
  MlirType element = cimc_build_storage_type(&state->host.build, storage);
  MlirValue address = cimc_lower_data(state, element, count, copy);
  free(copy);
  return address;
}

MlirValue cimc_lower_value(cimc_lower *state, MlirValue value) {
  cimc_host *host = &state->host;
  MlirOperation op = cimc_ir_defining_op(value);
  while (cimc_qgemm_is_view(cimc_qgemm_kind_of(op))) {
    value = mlirOperationGetOperand(op, 0);
    op = cimc_ir_defining_op(value);
  }
  if (mlirOperationIsNull(op))
    return cimc_host_input(host, mlirBlockArgumentGetArgNumber(value));
  if (cimc_qgemm_kind_of(op) == CIMC_QGEMM_CONSTANT)
    return constant_address(state, op);
  int64_t at;
  if (cimc_ir_get_i64(op, "qgemm.output", &at) && at >= 0 &&
      at < host->output_count)
    return cimc_host_output(host, at);
  if (cimc_ir_get_i64(op, "qgemm.offset", &at) && at >= 0)
    return cimc_build_offset_by(&host->build, cimc_host_workspace(host), at);
  cimc_error(mlirOperationGetLocation(op),
             "the result has no place in memory; expected qgemm.offset or "
             "qgemm.output");
  cimc_note(mlirOperationGetLocation(op), "run the pass plan_memory first");
  return (MlirValue){NULL};
}

// The op that owns a value's memory, seen through views; null: an argument.
static MlirOperation root_of(MlirValue value) {
  MlirOperation op = cimc_ir_defining_op(value);
  while (cimc_qgemm_is_view(cimc_qgemm_kind_of(op)))
    op = cimc_ir_defining_op(mlirOperationGetOperand(op, 0));
  return op;
}

bool cimc_lower_lies_in(MlirValue part, MlirValue whole, int64_t offset) {
  MlirOperation a = root_of(part), b = root_of(whole);
  int64_t part_at, whole_at;
  return !mlirOperationIsNull(a) && !mlirOperationIsNull(b) &&
         cimc_ir_get_i64(a, "qgemm.offset", &part_at) &&
         cimc_ir_get_i64(b, "qgemm.offset", &whole_at) &&
         part_at == whole_at + offset;
}

void cimc_lower_copy(cimc_lower *state, MlirValue to, MlirValue from,
                     int64_t bytes) {
  cimc_host_copy(&state->host, to, from, bytes);
}

MlirValue cimc_lower_scratch(cimc_lower *state, MlirOperation op) {
  int64_t at;
  if (cimc_ir_get_i64(op, "qgemm.scratch", &at) && at >= 0)
    return cimc_build_offset_by(&state->host.build,
                                cimc_host_workspace(&state->host), at);
  cimc_error(mlirOperationGetLocation(op),
             "the kernel needs scratch memory but has none; expected "
             "qgemm.scratch");
  cimc_note(mlirOperationGetLocation(op),
            "run the passes tile and plan_memory first");
  return (MlirValue){NULL};
}

MlirValue cimc_lower_data(cimc_lower *state, MlirType element, intptr_t count,
                          const void *data) {
  MlirAttribute value = cimc_build_data(element, count, data);
  size_t i = 0;
  while (i < state->data_count &&
         !mlirAttributeEqual(state->data[i].value, value))
    i++;
  if (i == state->data_count) {
    state->data = grow(state->data, i, sizeof *state->data);
    state->data_count++;
    state->data[i].value = value;
    snprintf(state->data[i].name, sizeof state->data[i].name, "data.%zu", i);
    cimc_build_global(state->host.module, state->data[i].name, value);
  }
  return cimc_build_address(&state->host.build, state->data[i].name);
}

// The name of a kernel's function; a dot keeps it apart from C identifiers.
static const char *kernel_name(cimc_lower *state, const char *key,
                               bool *out_new) {
  for (size_t i = 0; i < state->kernel_count; i++)
    if (strcmp(state->kernel[i] + 2, key) == 0) {
      *out_new = false;
      return state->kernel[i];
    }
  char *name = malloc(strlen(key) + 3);
  if (!name)
    abort();
  memcpy(name, "k.", 2);
  strcpy(name + 2, key);
  state->kernel =
      grow(state->kernel, state->kernel_count, sizeof *state->kernel);
  state->kernel[state->kernel_count++] = name;
  *out_new = true;
  return name;
}

bool cimc_lower_kernel(cimc_lower *state, MlirOperation op,
                       const cimc_kernel *kernel, cimc_build *body) {
  assert(kernel->count <= CIMC_KERNEL_ARGUMENTS_MAX);
  bool is_new;
  const char *name = kernel_name(state, kernel->key, &is_new);
  cimc_build *entry = &state->host.build;
  cimc_build_call(entry, name, (MlirType){NULL}, kernel->count,
                  kernel->arguments);
  if (!is_new)
    return false;
  MlirType types[CIMC_KERNEL_ARGUMENTS_MAX];
  for (intptr_t i = 0; i < kernel->count; i++)
    types[i] = mlirValueGetType(kernel->arguments[i]);
  cimc_function_desc desc = {.name = name,
                             .argument_count = kernel->count,
                             .arguments = types,
                             .internal = true,
                             .noalias = kernel->noalias};
  cimc_build_function(state->host.module, mlirOperationGetLocation(op),
                      &entry->cpu, &desc, body);
  return true;
}

// -- The pass ----------------------------------------------------------------
static void add_layer(cimc_lower *state, MlirOperation op) {
  MlirContext context = state->host.build.context;
  MlirStringRef name = cimc_ir_location_name(mlirOperationGetLocation(op));
  const char *kind = cimc_qgemm_name(cimc_qgemm_kind_of(op));
  MlirNamedAttribute fields[] = {
      cimc_ir_attr(context, "name", mlirStringAttrGet(context, name)),
      cimc_ir_attr(context, "op",
                   cimc_ir_attr_str(context, kind + strlen("qgemm.")))};
  state->layers =
      grow(state->layers, state->layer_count, sizeof *state->layers);
  state->layers[state->layer_count++] =
      mlirDictionaryAttrGet(context, 2, fields);
}

static MlirLogicalResult lower_op(cimc_lower *state, MlirOperation op) {
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  if (kind == CIMC_QGEMM_CONSTANT || cimc_qgemm_is_view(kind))
    return mlirLogicalResultSuccess();
  if (!lower_of[kind]) {
    MlirStringRef name = cimc_ir_op_name(op);
    return cimc_error(mlirOperationGetLocation(op),
                      "'%.*s' cannot be lowered; expected qgemm ops",
                      (int)name.length, name.data);
  }
  add_layer(state, op);
  cimc_host_layer_begin(&state->host);
  state->host.build.location = mlirOperationGetLocation(op);
  CIMC_TRY(lower_of[kind](state, op));
  cimc_host_layer_end(&state->host);
  return mlirLogicalResultSuccess();
}

// Copies the outputs that no op wrote in place.
static MlirLogicalResult lower_return(cimc_lower *state, MlirOperation op) {
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++) {
    MlirValue value = mlirOperationGetOperand(op, i);
    MlirOperation root = root_of(value);
    int64_t output;
    if (!mlirOperationIsNull(root) &&
        cimc_ir_get_i64(root, "qgemm.output", &output) && output == i)
      continue;
    MlirValue from = cimc_lower_value(state, value);
    if (mlirValueIsNull(from))
      return mlirLogicalResultFailure();
    MlirType type = mlirValueGetType(value);
    cimc_shape shape;
    cimc_ir_tensor_shape(type, &shape);
    int64_t bytes = cimc_ir_element_count(&shape) *
                    cimc_storage_bytes(cimc_qgemm_element(type).storage);
    cimc_host_copy(&state->host, cimc_host_output(&state->host, i), from,
                   bytes);
  }
  cimc_host_end(&state->host,
                mlirArrayAttrGet(state->host.build.context,
                                 (intptr_t)state->layer_count, state->layers));
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult lower_body(cimc_lower *state, MlirOperation model) {
  MlirOperation op = mlirBlockGetFirstOperation(cimc_ir_function_body(model));
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (cimc_ir_op_is(op, "func.return"))
      return lower_return(state, op);
    CIMC_TRY(lower_op(state, op));
  }
  return cimc_error(mlirOperationGetLocation(model),
                    "the function has no func.return");
}

// Erases the functions of the model level: the entry stands for them.
static void erase_models(MlirOperation module) {
  MlirBlock top = mlirRegionGetFirstBlock(mlirOperationGetRegion(module, 0));
  MlirOperation op = mlirBlockGetFirstOperation(top);
  while (!mlirOperationIsNull(op)) {
    MlirOperation next = mlirOperationGetNextInBlock(op);
    if (cimc_ir_op_is(op, "func.func"))
      mlirOperationDestroy(op);
    op = next;
  }
}

static MlirLogicalResult run(MlirOperation module,
                             const cimc_pass_values *values) {
  (void)values;
  MlirOperation model = cimc_ir_function_find(module, NULL);
  if (mlirOperationIsNull(model))
    return cimc_error(mlirOperationGetLocation(module),
                      "the module has no function to lower");
  cimc_cpu cpu;
  CIMC_TRY(cimc_passes_get_cpu(module, &cpu));
  cimc_lower state = {0};
  CIMC_TRY(cimc_host_begin(module, model, &cpu, &state.host));
  MlirLogicalResult result = lower_body(&state, model);
  for (size_t i = 0; i < state.kernel_count; i++)
    free(state.kernel[i]);
  free(state.kernel);
  free(state.data);
  free(state.layers);
  if (mlirLogicalResultIsSuccess(result))
    erase_models(module);
  return result;
}

const cimc_pass cimc_lower_pass = {
    .name = "lower",
    .stage = "lower",
    .summary = "emit the entry function and one kernel per distinct shape",
    .run = run,
};
