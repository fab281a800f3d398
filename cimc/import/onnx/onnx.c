// SPDX-License-Identifier: Apache-2.0
//
// An ONNX model as a qgemm module: checks the model as a whole, makes the
// function's arguments, hands each node to its handler and returns the
// outputs. Nothing here depends on how deep the input nests.
#include "cimc/import/onnx/onnx.h"
#include "cimc/import/onnx_ops/ops.h"

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
  cimc_tensor_source source;
  cimc_proto_model model;
  cimc_graph graph;
  cimc_refusals refusals;
  int64_t opset;
  MlirContext context;
  MlirLocation location;
  MlirBlock block; // of the function
  bool pinned;     // a batch dimension was
} importer;

#define TYPES_READ "float32, int8, uint8, int16, uint16, int32, int64 or bool"

#define NO_MODULE ((MlirModule){NULL})

void cimc_onnx_list_ops(void) { cimc_ops_list(); }

// -- The model as a whole ----------------------------------------------------
static bool check_opset(importer *self) {
  const cimc_proto_model *model = &self->model;
  self->opset = 0;
  for (size_t i = 0; i < model->opset_count; i++)
    if (model->opsets[i].domain[0] == '\0' ||
        strcmp(model->opsets[i].domain, "ai.onnx") == 0)
      self->opset = model->opsets[i].version;
  if (self->opset == 0) {
    cimc_diag_error(self->file, "the model names no version of ONNX's operator "
                                "set; expected an opset_import");
    return false;
  }
  if (self->opset >= CIMC_OPS_OPSET_MIN && self->opset <= CIMC_OPS_OPSET_MAX)
    return true;
  cimc_diag_error(self->file,
                  "the model uses opset %" PRId64 "; expected %d "
                  "to %d",
                  self->opset, CIMC_OPS_OPSET_MIN, CIMC_OPS_OPSET_MAX);
  cimc_diag_note("onnx.version_converter.convert_version(model, %d) in Python "
                 "brings it there",
                 self->opset < CIMC_OPS_OPSET_MIN ? 13 : CIMC_OPS_OPSET_MAX);
  return false;
}

static bool check_model(importer *self) {
  const cimc_proto_model *model = &self->model;
  if (!model->has_graph) {
    cimc_diag_error(self->file, "the file holds no graph; expected an ONNX "
                                "model");
    return false;
  }
  if (!check_opset(self))
    return false;
  const char *missing = model->output_count == 0 ? "outputs" : NULL;
  if (model->input_count == 0)
    missing = "inputs";
  if (missing) {
    cimc_diag_error(self->file, "the graph has no %s; expected some", missing);
    return false;
  }
  if (model->sparse_count > 0) {
    cimc_diag_error(self->file, "the model has sparse initializers, which cimc "
                                "does not read");
    cimc_diag_note("store them dense");
    return false;
  }
  return true;
}

// -- Arguments ---------------------------------------------------------------
static bool wrong_input(const importer *self, const cimc_proto_value *input,
                        const char *found, const char *expected) {
  cimc_diag_error(self->file, "input '%s' %s; expected %s", input->name, found,
                  expected);
  return false;
}

// Pins a dynamic first dimension; any other must be known.
static bool input_dim(importer *self, const cimc_proto_value *input, int i,
                      int64_t *out) {
  *out = input->dim[i];
  if (*out == 0)
    return wrong_input(self, input, "has a dimension of size 0", "1 or more");
  if (*out > 0)
    return true;
  const char *name = input->dim_name[i][0] != '\0' ? input->dim_name[i] : "?";
  if (*out != -1 || i > 0) {
    cimc_diag_error(self->file,
                    "dimension %d ('%s') of input '%s' is dynamic; only the "
                    "first, the batch, may be",
                    i, name, input->name);
    cimc_diag_note("give it a size: python -m onnxruntime.tools."
                   "make_dynamic_shape_fixed --input_name %s --input_shape "
                   "... IN.onnx OUT.onnx",
                   input->name);
    return false;
  }
  *out = 1;
  if (!self->pinned)
    cimc_diag_report(CIMC_SEVERITY_NOTE, &(cimc_place){.file = self->file},
                     "dimension '%s' of input '%s' is pinned to 1", name,
                     input->name);
  self->pinned = true;
  return true;
}

static bool input_shape(importer *self, const cimc_proto_value *input,
                        cimc_shape *out) {
  if (!input->is_tensor)
    return wrong_input(self, input, "is not a tensor", "one");
  if (!input->has_shape)
    return wrong_input(self, input, "has no shape",
                       "one: onnx.shape_inference may give it");
  if (input->rank > CIMC_RANK_MAX)
    return wrong_input(self, input, "has too many dimensions", "at most 8");
  out->rank = (int)input->rank;
  for (int i = 0; i < out->rank; i++)
    if (!input_dim(self, input, i, &out->dim[i]))
      return false;
  int64_t count = cimc_ir_element_count(out);
  if (count < 0 || count > ELEMENTS_MAX)
    return wrong_input(self, input, "has too many elements", "at most 2^31");
  return true;
}

// A scalar of 32 bits is passed by value, for splat; any other is a tensor of
// rank 0. Both become a tensor of one element.
static bool is_by_value(const cimc_graph_value *value) {
  return value->shape.rank == 0 &&
         (value->elem == CIMC_ELEM_FLOAT || value->elem == CIMC_ELEM_INT32);
}

static bool add_argument(importer *self, const cimc_proto_value *input,
                         cimc_graph_value *value) {
  cimc_storage storage = cimc_call_storage(input->elem);
  char found[80];
  snprintf(found, sizeof found, "is of type %s",
           cimc_proto_elem_name(input->elem));
  if (!input_shape(self, input, &value->shape))
    return false;
  if (input->name[0] == '\0')
    return wrong_input(self, input, "has no name", "one");
  if (storage == CIMC_STORAGE_OTHER)
    return wrong_input(self, input, found, TYPES_READ);
  value->elem = input->elem;
  MlirType element = cimc_storage_type(self->context, storage);
  MlirLocation location =
      cimc_ir_node_location(self->context, self->file, input->name);
  value->value = mlirBlockAddArgument(
      self->block,
      is_by_value(value) ? element
                         : cimc_ir_tensor_type(&value->shape, element),
      location);
  return true;
}

static bool add_arguments(importer *self) {
  for (size_t i = 0; i < self->model.input_count; i++)
    if (self->graph.inputs[i] != CIMC_GRAPH_NONE &&
        !add_argument(self, &self->model.inputs[i],
                      &self->graph.values[self->graph.inputs[i]]))
      return false;
  if (mlirBlockGetNumArguments(self->block) > 0)
    return true;
  cimc_diag_error(self->file, "every input of the graph is an initializer; "
                              "expected an input to compute from");
  return false;
}

// After all arguments are there: the scalars among them as tensors.
static bool splat_scalars(importer *self) {
  for (size_t i = 0; i < self->model.input_count; i++) {
    if (self->graph.inputs[i] == CIMC_GRAPH_NONE)
      continue;
    cimc_graph_value *value = &self->graph.values[self->graph.inputs[i]];
    if (value->shape.rank > 0)
      continue;
    cimc_builder builder = {.context = self->context,
                            .block = self->block,
                            .location = cimc_ir_node_location(
                                self->context, self->file, value->name)};
    cimc_shape one = {.rank = 1, .dim = {1}};
    value->value =
        !is_by_value(value)
            ? cimc_builder_reshape(&builder, value->value, &one)
            : cimc_builder_create(
                  &builder,
                  &(cimc_builder_op){.kind = CIMC_QGEMM_SPLAT,
                                     .operands = {value->value},
                                     .operand_count = 1,
                                     .element = mlirValueGetType(value->value),
                                     .shape = &one});
    if (mlirValueIsNull(value->value))
      return false;
  }
  return true;
}

// -- Nodes -------------------------------------------------------------------
static bool has_unsupported_input(const cimc_call *call) {
  for (size_t i = 0; i < call->node->proto->input_count; i++) {
    const cimc_graph_value *value = cimc_call_input(call, i);
    if (value && value->unsupported)
      return true;
  }
  return false;
}

static void poison_outputs(const cimc_call *call) {
  for (size_t i = 0; i < call->node->proto->output_count; i++)
    if (call->node->outputs[i] != CIMC_GRAPH_NONE)
      call->values[call->node->outputs[i]].unsupported = true;
}

static MlirLogicalResult check_arity(cimc_call *call, const cimc_ops_row *row) {
  const cimc_proto_node *node = call->node->proto;
  size_t low = row->inputs_min, high = row->inputs_max;
  char range[50];
  if (low == high)
    snprintf(range, sizeof range, "%zu", low);
  else if (high == SIZE_MAX)
    snprintf(range, sizeof range, "%zu or more", low);
  else
    snprintf(range, sizeof range, "%zu to %zu", low, high);
  if (node->input_count < low || node->input_count > high)
    return cimc_call_error(call, "%s has %zu inputs; expected %s",
                           node->op_type, node->input_count, range);
  if (node->output_count == 0)
    return cimc_call_error(call, "%s has no outputs; expected one",
                           node->op_type);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult run_handler(cimc_call *call) {
  const cimc_proto_node *node = call->node->proto;
  const cimc_ops_row *row = cimc_ops_find(node->domain, node->op_type);
  if (!row)
    return cimc_call_refuse(call, NULL);
  if (call->opset < row->since)
    return cimc_call_error(call,
                           "%s came with opset %d; the model uses "
                           "%" PRId64,
                           node->op_type, row->since, call->opset);
  CIMC_TRY(check_arity(call, row));
  for (size_t i = 0; i < node->attribute_count; i++)
    if (!cimc_ops_knows(row, call->opset, node->attributes[i].name))
      return cimc_call_refuse(call, "attribute '%.40s'",
                              node->attributes[i].name);
  for (size_t i = row->outputs; i < node->output_count; i++)
    if (cimc_call_has_output(call, i))
      return cimc_call_refuse(call, "its output %zu", i);
  return row->handler(call);
}

static bool import_node(importer *self, const cimc_graph_node *node) {
  cimc_call call = {.source = &self->source,
                    .values = self->graph.values,
                    .node = node,
                    .opset = self->opset,
                    .builder = {.context = self->context,
                                .block = self->block,
                                .location = cimc_ir_node_location(
                                    self->context, self->file, node->name)},
                    .refusals = &self->refusals};
  if (has_unsupported_input(&call)) {
    // The operator may be unknown too: the list is of all that are.
    if (!cimc_ops_find(node->proto->domain, node->proto->op_type))
      cimc_call_refuse(&call, NULL);
    poison_outputs(&call);
    return true;
  }
  if (mlirLogicalResultIsSuccess(run_handler(&call)))
    return true;
  if (call.refused)
    poison_outputs(&call);
  return call.refused;
}

static bool import_nodes(importer *self) {
  for (uint32_t i = 0; i < self->graph.order_count; i++)
    if (!import_node(self, &self->graph.nodes[self->graph.order[i]]))
      return false;
  return true;
}

// -- Results and the function ------------------------------------------------
static MlirAttribute name_attributes(MlirContext context, intptr_t count,
                                     const cimc_proto_value *const *values,
                                     MlirAttribute *work) {
  for (intptr_t i = 0; i < count; i++) {
    MlirNamedAttribute all[] = {
        cimc_ir_attr(context, "qgemm.name",
                     cimc_ir_attr_str(context, values[i]->name)),
        cimc_ir_attr(context, "qgemm.bool", mlirBoolAttrGet(context, true))};
    work[i] = mlirDictionaryAttrGet(
        context, values[i]->elem == CIMC_ELEM_BOOL ? 2 : 1, all);
  }
  return mlirArrayAttrGet(context, count, work);
}

// An output's declared type, where it has one, must be the one computed.
static void check_output(const importer *self, const cimc_proto_value *output,
                         const cimc_graph_value *value) {
  bool same = !output->has_shape || (int64_t)output->rank == value->shape.rank;
  for (int i = 0; same && output->has_shape && i < value->shape.rank; i++)
    same = output->dim[i] < 0 || output->dim[i] == value->shape.dim[i];
  if (!same)
    cimc_diag_report(CIMC_SEVERITY_WARNING, &(cimc_place){.file = self->file},
                     "output '%s' has another shape than the file declares",
                     output->name);
}

typedef struct signature {
  const cimc_proto_value **arguments;
  const cimc_proto_value **results;
  MlirType *types; // of the arguments, then of the results
  MlirValue *values;
  MlirAttribute *work;
  intptr_t argument_count;
  intptr_t result_count;
} signature;

static bool allocate_signature(importer *self, signature *out) {
  size_t inputs = self->model.input_count, outputs = self->model.output_count;
  cimc_arena *arena = &self->arena;
  out->arguments = cimc_arena_alloc(arena, inputs, sizeof *out->arguments);
  out->results = cimc_arena_alloc(arena, outputs, sizeof *out->results);
  out->types = cimc_arena_alloc(arena, inputs + outputs, sizeof *out->types);
  out->values = cimc_arena_alloc(arena, outputs, sizeof *out->values);
  out->work = cimc_arena_alloc(arena, inputs + outputs, sizeof *out->work);
  if (out->arguments && out->results && out->types && out->values && out->work)
    return true;
  cimc_diag_error(self->file, "the model needs more memory than is allowed");
  return false;
}

static bool collect_outputs(importer *self, signature *out) {
  cimc_graph_node nobody = {.name = "outputs"};
  for (size_t i = 0; i < self->model.output_count; i++) {
    cimc_graph_value *value = &self->graph.values[self->graph.outputs[i]];
    cimc_proto_value *output = &self->model.outputs[i];
    cimc_call call = {
        .source = &self->source,
        .values = self->graph.values,
        .node = &nobody,
        .builder = {.context = self->context, .block = self->block},
        .refusals = &self->refusals};
    call.builder.location =
        cimc_ir_node_location(self->context, self->file, value->name);
    if (cimc_call_storage(value->elem) == CIMC_STORAGE_OTHER) {
      cimc_diag_error(self->file,
                      "output '%s' is of type %s; expected " TYPES_READ,
                      output->name, cimc_proto_elem_name(value->elem));
      return false;
    }
    if (output->elem != 0 && output->elem != value->elem) {
      cimc_diag_error(self->file,
                      "output '%s' is declared %s but computed as %s",
                      output->name, cimc_proto_elem_name(output->elem),
                      cimc_proto_elem_name(value->elem));
      return false;
    }
    if (mlirLogicalResultIsFailure(cimc_call_materialize(&call, value)))
      return false;
    check_output(self, output, value);
    output->elem = value->elem;
    out->results[i] = output;
    // Inside, a scalar is a tensor of one element; outside, it has no shape.
    out->values[i] = value->shape.rank > 0
                         ? value->value
                         : cimc_builder_reshape(&call.builder, value->value,
                                                &(cimc_shape){.rank = 0});
  }
  out->result_count = (intptr_t)self->model.output_count;
  return true;
}

// The function around the block, in the module's body. Takes the region.
static void finish_function(importer *self, signature *sig, MlirRegion region,
                            MlirModule module) {
  MlirContext context = self->context;
  for (size_t i = 0; i < self->model.input_count; i++)
    if (self->graph.inputs[i] != CIMC_GRAPH_NONE)
      sig->arguments[sig->argument_count++] = &self->model.inputs[i];
  for (intptr_t i = 0; i < sig->argument_count; i++)
    sig->types[i] = mlirValueGetType(mlirBlockGetArgument(self->block, i));
  MlirType *results = sig->types + sig->argument_count;
  for (intptr_t i = 0; i < sig->result_count; i++)
    results[i] = mlirValueGetType(sig->values[i]);
  MlirNamedAttribute attributes[] = {
      cimc_ir_attr(context, "sym_name", cimc_ir_attr_str(context, "main")),
      cimc_ir_attr(context, "function_type",
                   mlirTypeAttrGet(mlirFunctionTypeGet(
                       context, sig->argument_count, sig->types,
                       sig->result_count, results))),
      cimc_ir_attr(context, "arg_attrs",
                   name_attributes(context, sig->argument_count, sig->arguments,
                                   sig->work)),
      cimc_ir_attr(context, "res_attrs",
                   name_attributes(context, sig->result_count, sig->results,
                                   sig->work))};
  mlirBlockAppendOwnedOperation(
      self->block,
      cimc_ir_op_create(&(cimc_op_desc){.name = "func.return",
                                        .location = self->location,
                                        .operand_count = sig->result_count,
                                        .operands = sig->values}));
  MlirOperationState state =
      mlirOperationStateGet(cimc_ir_str("func.func"), self->location);
  mlirOperationStateAddAttributes(
      &state, sizeof attributes / sizeof *attributes, attributes);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  mlirBlockAppendOwnedOperation(mlirModuleGetBody(module),
                                mlirOperationCreate(&state));
}

// -- Phases ------------------------------------------------------------------
static bool read_model(importer *self, const cimc_import_input *input) {
  cimc_reader bytes = cimc_reader_make(input->bytes, input->size);
  if (!cimc_proto_read(self->file, bytes, &self->arena, &self->model) ||
      !check_model(self) ||
      !cimc_graph_resolve(self->file, &self->model, &self->arena, &self->graph))
    return false;
  self->refusals.all = cimc_arena_alloc(&self->arena,
                                        (size_t)self->graph.order_count + 1 +
                                            self->model.output_count,
                                        sizeof *self->refusals.all);
  if (!self->refusals.all)
    cimc_diag_error(self->file, "the model needs more memory than is allowed");
  return self->refusals.all != NULL;
}

// Fills the block; the module stays empty until everything has succeeded.
static bool build(importer *self, signature *sig) {
  if (!add_arguments(self) || !splat_scalars(self) || !import_nodes(self))
    return false;
  if (self->refusals.count > 0) {
    cimc_refusals_report(&self->refusals, self->file);
    return false;
  }
  return allocate_signature(self, sig) && collect_outputs(self, sig);
}

static MlirModule import_model(importer *self) {
  signature sig = {.argument_count = 0};
  self->location =
      mlirLocationFileLineColGet(self->context, cimc_ir_str(self->file), 0, 0);
  MlirRegion region = mlirRegionCreate();
  self->block = mlirBlockCreate(0, NULL, NULL);
  mlirRegionAppendOwnedBlock(region, self->block);
  if (!build(self, &sig)) {
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

MlirModule cimc_onnx_import(MlirContext context, const cimc_import_input *input,
                            cimc_import_files *files) {
  importer self = {.file = input->path, .context = context};
  cimc_arena_init(&self.arena, ARENA_BYTES_MAX);
  self.source = (cimc_tensor_source){.file = self.file,
                                     .arena = &self.arena,
                                     .budget = TENSOR_BYTES_MAX,
                                     .files = files};
  MlirModule module =
      read_model(&self, input) ? import_model(&self) : NO_MODULE;
  cimc_arena_free(&self.arena);
  return module;
}
