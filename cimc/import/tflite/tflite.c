// SPDX-License-Identifier: Apache-2.0
//
// A TensorFlow Lite model as a qgemm module: makes the function's arguments,
// hands each needed operator to its handler and returns the outputs.
#include "cimc/import/tflite/tflite.h"

#include "cimc/import/tflite/ops.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TENSOR_BYTES_MAX ((size_t)1 << 30)
#define ARENA_BYTES_MAX ((size_t)3 << 30)
#define ELEMENTS_MAX (INT64_C(1) << 31)
// Of the list of what is not supported: an error is one screen.

typedef struct importer {
  const char *file;
  cimc_arena arena;
  cimc_flat flat;
  cimc_lite_graph graph;
  cimc_refusals refusals;
  size_t budget;
  bool reference;
  MlirContext context;
  MlirLocation location;
  MlirBlock block;           // of the function
  bool pinned;               // a batch dimension was
  MlirAttribute *attributes; // room for one an input or output
} importer;

#define NO_MODULE ((MlirModule){NULL})

void cimc_lite_list_ops(void) { cimc_lite_ops_list(); }

static cimc_lite_call make_call(importer *self, const cimc_lite_op *op,
                                const char *name) {
  return (cimc_lite_call){.graph = &self->graph,
                          .op = op,
                          .builder = {.context = self->context,
                                      .block = self->block,
                                      .location = cimc_ir_node_location(
                                          self->context, self->file, name)},
                          .refusals = &self->refusals,
                          .budget = &self->budget,
                          .reference = self->reference};
}

// -- Arguments ---------------------------------------------------------------
static bool wrong_input(const importer *self, const cimc_lite_tensor *input,
                        const char *found, const char *expected) {
  cimc_diag_error(self->file, "input '%.200s' %s; expected %s", input->name,
                  found, expected);
  return false;
}

// Pins a dynamic first dimension; any other must be known.
static bool fix_shape(importer *self, cimc_lite_tensor *input) {
  for (int i = 0; i < input->shape.rank; i++) {
    if (!input->dynamic[i] && input->shape.dim[i] < 1)
      return wrong_input(self, input, "has a dimension of size 0", "1 or more");
    if (!input->dynamic[i])
      continue;
    if (i > 0) {
      cimc_diag_error(self->file,
                      "dimension %d of input '%.200s' is dynamic; only the "
                      "first, the batch, may be",
                      i, input->name);
      cimc_diag_note("convert the model again with a fixed input shape");
      return false;
    }
    input->shape.dim[i] = 1;
    if (!self->pinned)
      cimc_diag_report(CIMC_SEVERITY_NOTE, &(cimc_place){.file = self->file},
                       "dimension 0 of input '%.200s' is pinned to 1",
                       input->name);
    self->pinned = true;
  }
  int64_t count = cimc_ir_element_count(&input->shape);
  if (count < 0 || count > ELEMENTS_MAX)
    return wrong_input(self, input, "has too many elements", "at most 2^31");
  return true;
}

// A scalar of 32 bits is passed by value and becomes a tensor of one element.
static bool add_argument(importer *self, cimc_lite_tensor *input) {
  MlirType element;
  cimc_lite_call call = make_call(self, NULL, input->name);
  if (input->data.bytes)
    return wrong_input(self, input, "is a constant", "a value of the caller's");
  if (input->is_variable)
    return wrong_input(self, input, "is a variable", "a plain tensor");
  if (!fix_shape(self, input))
    return false;
  bool read = input->type == CIMC_LITE_FLOAT32 ||
              input->type == CIMC_LITE_INT8 || input->type == CIMC_LITE_UINT8 ||
              input->type == CIMC_LITE_INT32 ||
              input->type == CIMC_LITE_INT64 || input->type == CIMC_LITE_BOOL ||
              (input->type == CIMC_LITE_INT16 && input->scales.count == 0);
  if (!read || input->scales.count > 1) {
    char found[100];
    snprintf(found, sizeof found, "is %s%s", cimc_lite_type_name(input->type),
             input->scales.count > 1   ? " with several scales"
             : input->scales.count > 0 ? " and quantized"
                                       : "");
    return wrong_input(self, input, found,
                       "float32, int8, uint8, int32, int64 or bool, with at "
                       "most one scale");
  }
  if (mlirLogicalResultIsFailure(
          cimc_lite_call_element(&call, input, &element)))
    return false;
  bool scalar = input->shape.rank == 0;
  if (scalar && input->type != CIMC_LITE_FLOAT32 &&
      input->type != CIMC_LITE_INT32)
    return wrong_input(self, input, "is a scalar of other than 32 bits",
                       "float32 or int32");
  input->value = mlirBlockAddArgument(
      self->block,
      scalar ? element : cimc_ir_tensor_type(&input->shape, element),
      call.builder.location);
  return true;
}

static bool add_arguments(importer *self) {
  const cimc_lite_graph *graph = &self->graph;
  for (size_t i = 0; i < graph->input_count; i++)
    if (!add_argument(self, &graph->tensors[graph->inputs[i]]))
      return false;
  for (size_t i = 0; i < graph->input_count; i++) {
    cimc_lite_tensor *input = &graph->tensors[graph->inputs[i]];
    if (input->shape.rank > 0)
      continue;
    cimc_lite_call call = make_call(self, NULL, input->name);
    cimc_shape one = {.rank = 1, .dim = {1}};
    input->value = cimc_builder_create(
        &call.builder,
        &(cimc_builder_op){.kind = CIMC_QGEMM_SPLAT,
                           .operands = {input->value},
                           .operand_count = 1,
                           .element = mlirValueGetType(input->value),
                           .shape = &one});
    if (mlirValueIsNull(input->value))
      return false;
  }
  return true;
}

// -- Operators ---------------------------------------------------------------
static bool has_unsupported_input(const cimc_lite_call *call) {
  for (size_t i = 0; i < call->op->input_count; i++) {
    const cimc_lite_tensor *tensor = cimc_lite_call_input(call, i);
    if (tensor && tensor->unsupported)
      return true;
  }
  return false;
}

static void poison_outputs(const cimc_lite_call *call) {
  for (size_t i = 0; i < call->op->output_count; i++) {
    cimc_lite_tensor *tensor = cimc_lite_call_output(call, i);
    if (tensor)
      tensor->unsupported = true;
  }
}

static MlirLogicalResult check_arity(cimc_lite_call *call,
                                     const cimc_lite_row *row) {
  const cimc_lite_op *op = call->op;
  if (op->input_count < row->inputs_min || op->input_count > row->inputs_max)
    return cimc_lite_call_error(call, "%s has %zu inputs; expected %zu to %zu",
                                op->type, op->input_count, row->inputs_min,
                                row->inputs_max);
  if (op->output_count < 1 || op->output_count > row->outputs_max)
    return cimc_lite_call_error(
        call, "%s has %zu outputs; expected %s%zu", op->type, op->output_count,
        row->outputs_max > 1 ? "1 to " : "", row->outputs_max);
  for (size_t i = 0; i < row->inputs_min; i++)
    if (!cimc_lite_call_input(call, i))
      return cimc_lite_call_error(call,
                                  "%s: input %zu is left out; expected "
                                  "it",
                                  op->type, i);
  for (size_t i = 0; i < op->output_count; i++)
    if (!cimc_lite_call_output(call, i))
      return cimc_lite_call_error(call,
                                  "%s: output %zu is left out; expected "
                                  "it",
                                  op->type, i);
  for (size_t i = 0; i < op->input_count; i++) {
    const cimc_lite_tensor *tensor = cimc_lite_call_input(call, i);
    if (tensor && tensor->is_variable)
      return cimc_lite_call_refuse(call, "the variable '%.100s'", tensor->name);
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult run_handler(cimc_lite_call *call) {
  const cimc_lite_row *row = cimc_lite_ops_find(call->op->type);
  if (!row)
    return cimc_lite_call_refuse(call, NULL);
  CIMC_TRY(check_arity(call, row));
  call->kind = row->kind;
  return row->handler(call);
}

static bool is_damaged(const importer *self) {
  if (!self->flat.fault)
    return false;
  cimc_diag_error(self->file, "the file is damaged at byte %" PRIu64 ": %s",
                  self->flat.fault_at, self->flat.fault);
  return true;
}

static bool import_op(importer *self, const cimc_lite_op *op) {
  cimc_lite_call call = make_call(self, op, op->name);
  if (has_unsupported_input(&call)) {
    // The operator may be unknown too: the list is of all that are.
    if (!cimc_lite_ops_find(op->type))
      cimc_lite_call_refuse(&call, NULL);
    poison_outputs(&call);
    return true;
  }
  bool done = mlirLogicalResultIsSuccess(run_handler(&call));
  if (is_damaged(self))
    return false;
  if (done)
    return true;
  if (call.refused)
    poison_outputs(&call);
  return call.refused;
}

static bool import_ops(importer *self) {
  for (size_t i = 0; i < self->graph.op_count; i++)
    if (self->graph.ops[i].needed && !import_op(self, &self->graph.ops[i]))
      return false;
  if (self->refusals.count == 0)
    return true;
  cimc_refusals_report(&self->refusals, self->file);
  return false;
}

// -- Results and the function ------------------------------------------------
static MlirAttribute name_attributes(const importer *self, size_t count,
                                     const uint32_t *tensors,
                                     MlirAttribute *work) {
  for (size_t i = 0; i < count; i++) {
    MlirNamedAttribute name = cimc_ir_attr(
        self->context, "qgemm.name",
        cimc_ir_attr_str(self->context, self->graph.tensors[tensors[i]].name));
    work[i] = mlirDictionaryAttrGet(self->context, 1, &name);
  }
  return mlirArrayAttrGet(self->context, (intptr_t)count, work);
}

// Inside, a scalar is a tensor of one element; outside, it has no shape.
static bool collect_outputs(importer *self, MlirValue *out) {
  const cimc_lite_op end = {.type = "output",
                            .name = "outputs",
                            .inputs = self->graph.outputs,
                            .input_count = self->graph.output_count};
  for (size_t i = 0; i < self->graph.output_count; i++) {
    cimc_lite_tensor *tensor = &self->graph.tensors[self->graph.outputs[i]];
    cimc_lite_call call = make_call(self, &end, tensor->name);
    if (mlirLogicalResultIsFailure(cimc_lite_call_operand(&call, i, &out[i]))) {
      if (call.refused)
        cimc_refusals_report(&self->refusals, self->file);
      return false;
    }
    if (tensor->shape.rank == 0)
      out[i] =
          cimc_builder_reshape(&call.builder, out[i], &(cimc_shape){.rank = 0});
  }
  return true;
}

typedef struct signature {
  MlirValue *results;
  MlirType *types; // of the inputs, then of the outputs
  MlirAttribute *work;
} signature;

// The function around the block, in the module's body. Takes the region.
static void finish_function(importer *self, const signature *sig,
                            MlirRegion region, MlirModule module) {
  const cimc_lite_graph *graph = &self->graph;
  MlirContext context = self->context;
  size_t inputs = graph->input_count, outputs = graph->output_count;
  MlirType *types = sig->types;
  for (size_t i = 0; i < inputs; i++)
    types[i] = mlirValueGetType(mlirBlockGetArgument(self->block, (intptr_t)i));
  for (size_t i = 0; i < outputs; i++)
    types[inputs + i] = mlirValueGetType(sig->results[i]);
  MlirNamedAttribute attributes[] = {
      cimc_ir_attr(context, "sym_name", cimc_ir_attr_str(context, "main")),
      cimc_ir_attr(context, "function_type",
                   mlirTypeAttrGet(
                       mlirFunctionTypeGet(context, (intptr_t)inputs, types,
                                           (intptr_t)outputs, types + inputs))),
      cimc_ir_attr(context, "arg_attrs",
                   name_attributes(self, inputs, graph->inputs, sig->work)),
      cimc_ir_attr(context, "res_attrs",
                   name_attributes(self, outputs, graph->outputs, sig->work))};
  mlirBlockAppendOwnedOperation(
      self->block,
      cimc_ir_op_create(&(cimc_op_desc){.name = "func.return",
                                        .location = self->location,
                                        .operand_count = (intptr_t)outputs,
                                        .operands = sig->results}));
  MlirOperationState state =
      mlirOperationStateGet(cimc_ir_str("func.func"), self->location);
  mlirOperationStateAddAttributes(
      &state, sizeof attributes / sizeof *attributes, attributes);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  mlirBlockAppendOwnedOperation(mlirModuleGetBody(module),
                                mlirOperationCreate(&state));
}

// -- Phases ------------------------------------------------------------------
static MlirModule import_model(importer *self) {
  const cimc_lite_graph *graph = &self->graph;
  size_t ends = graph->input_count + graph->output_count;
  self->refusals.all = cimc_arena_alloc(
      &self->arena, graph->op_count + 1 + ends, sizeof *self->refusals.all);
  signature sig = {
      .results = cimc_arena_alloc(&self->arena, graph->output_count,
                                  sizeof *sig.results),
      .types = cimc_arena_alloc(&self->arena, ends, sizeof *sig.types),
      .work = cimc_arena_alloc(&self->arena, ends, sizeof *sig.work)};
  if (!self->refusals.all || !sig.results || !sig.types || !sig.work) {
    cimc_diag_error(self->file, "the model needs more memory than is allowed");
    return NO_MODULE;
  }
  self->location =
      mlirLocationFileLineColGet(self->context, cimc_ir_str(self->file), 0, 0);
  MlirRegion region = mlirRegionCreate();
  self->block = mlirBlockCreate(0, NULL, NULL);
  mlirRegionAppendOwnedBlock(region, self->block);
  if (!add_arguments(self) || !import_ops(self) ||
      !collect_outputs(self, sig.results)) {
    mlirRegionDestroy(region);
    return NO_MODULE;
  }
  MlirModule module = mlirModuleCreateEmpty(self->location);
  finish_function(self, &sig, region, module);
  if (mlirOperationVerify(mlirModuleGetOperation(module)))
    return module;
  mlirModuleDestroy(module);
  return NO_MODULE;
}

MlirModule cimc_lite_import(MlirContext context, const cimc_import_input *input,
                            cimc_import_files *files) {
  (void)files; // all is in one file
  importer self = {.file = input->path,
                   .context = context,
                   .budget = TENSOR_BYTES_MAX,
                   .reference = input->tflite_reference,
                   .flat = cimc_flat_make(input->bytes, input->size)};
  cimc_arena_init(&self.arena, ARENA_BYTES_MAX);
  MlirModule module =
      cimc_lite_graph_read(self.file, &self.flat, &self.arena, &self.graph)
          ? import_model(&self)
          : NO_MODULE;
  cimc_arena_free(&self.arena);
  return module;
}
