// SPDX-License-Identifier: Apache-2.0
//
// Reads the tables of a .tflite file. Slots are those of its schema.
#include "cimc/import/tflite/graph.h"

#include "dialect/diag.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_SHOWN = 200, LIST_MAX = 1024 };

enum { MODEL_OPERATOR_CODES = 1, MODEL_SUBGRAPHS = 2, MODEL_BUFFERS = 4 };
enum { CODE_OLD_BUILTIN = 0, CODE_CUSTOM = 1, CODE_BUILTIN = 3 };
enum { CODE_IS_CUSTOM = 32 };
enum {
  GRAPH_TENSORS = 0,
  GRAPH_INPUTS = 1,
  GRAPH_OUTPUTS = 2,
  GRAPH_OPERATORS = 3
};
enum { OP_CODE = 0, OP_INPUTS = 1, OP_OUTPUTS = 2, OP_OPTIONS = 4 };
enum {
  TENSOR_SHAPE = 0,
  TENSOR_TYPE = 1,
  TENSOR_BUFFER = 2,
  TENSOR_NAME = 3,
  TENSOR_QUANTIZATION = 4,
  TENSOR_VARIABLE = 5,
  TENSOR_SPARSITY = 6,
  TENSOR_SIGNATURE = 7
};
enum {
  QUANT_SCALE = 2,
  QUANT_ZERO_POINT = 3,
  QUANT_DETAILS_TYPE = 4,
  QUANT_AXIS = 6
};
enum { BUFFER_DATA = 0, BUFFER_OFFSET = 1, BUFFER_SIZE = 2 };

typedef struct reading {
  cimc_lite_graph *graph;
  cimc_flat_vector codes;
  cimc_flat_vector buffers;
} reading;

static bool no_memory(const cimc_lite_graph *graph) {
  cimc_diag_error(graph->file, "the model needs more memory than is allowed");
  return false;
}

// An error about the contents; damage to the format itself stays in the flat.
#define wrong(graph, ...) (cimc_diag_error((graph)->file, __VA_ARGS__), false)

static void *take(const cimc_lite_graph *graph, size_t count, size_t size) {
  return cimc_arena_alloc(graph->arena, count ? count : 1, size);
}

// -- Lists and names ---------------------------------------------------------
static bool read_name(const cimc_lite_graph *graph,
                      const cimc_flat_table *table, unsigned field,
                      const char **out) {
  cimc_flat_vector text;
  *out = "";
  if (!cimc_flat_get_vector(table, field, 1, &text))
    return false;
  if (text.count == 0)
    return true;
  *out = cimc_arena_copy_text(graph->arena, text.bytes.at, text.count);
  return *out || no_memory(graph);
}

// A list of tensors; -1 where one is left out.
static bool read_tensors(const cimc_lite_graph *graph,
                         const cimc_flat_table *table, unsigned field,
                         uint32_t **out, size_t *out_count) {
  cimc_flat_vector list;
  if (!cimc_flat_get_vector(table, field, 4, &list))
    return false;
  if (list.count > LIST_MAX)
    return wrong(graph, "a list of %zu tensors; expected at most %d",
                 list.count, LIST_MAX);
  *out_count = list.count;
  *out = take(graph, list.count, sizeof **out);
  if (!*out)
    return no_memory(graph);
  for (size_t i = 0; i < list.count; i++) {
    cimc_flat_number n = {0};
    cimc_flat_at(&list, i, CIMC_FLAT_I32, &n);
    if (n.whole < -1 || n.whole >= (int64_t)graph->tensor_count)
      return wrong(graph,
                   "tensor %" PRId64 " is named but there are %zu tensors",
                   n.whole, graph->tensor_count);
    (*out)[i] = n.whole < 0 ? CIMC_LITE_NONE : (uint32_t)n.whole;
  }
  return true;
}

// -- Tensors -----------------------------------------------------------------
static bool read_shape(const cimc_lite_graph *graph,
                       const cimc_flat_table *table, cimc_lite_tensor *out) {
  cimc_flat_vector shape, signature;
  if (!cimc_flat_get_vector(table, TENSOR_SHAPE, 4, &shape) ||
      !cimc_flat_get_vector(table, TENSOR_SIGNATURE, 4, &signature))
    return false;
  if (shape.count > CIMC_RANK_MAX)
    return wrong(graph, "tensor '%.*s' has %zu dimensions; expected at most %d",
                 NAME_MAX_SHOWN, out->name, shape.count, CIMC_RANK_MAX);
  out->shape.rank = (int)shape.count;
  for (size_t i = 0; i < shape.count; i++) {
    cimc_flat_number n = {0}, s = {0};
    cimc_flat_at(&shape, i, CIMC_FLAT_I32, &n);
    if (signature.count == shape.count)
      cimc_flat_at(&signature, i, CIMC_FLAT_I32, &s);
    out->shape.dim[i] = n.whole;
    out->dynamic[i] = n.whole < 0 || s.whole < 0;
  }
  return true;
}

static bool read_scales(const cimc_lite_graph *graph,
                        const cimc_flat_table *table, cimc_lite_tensor *out) {
  cimc_flat_table quant;
  cimc_flat_vector scales, zeros;
  cimc_flat_number axis = {0}, details = {0};
  if (!cimc_flat_get_table(table, TENSOR_QUANTIZATION, &quant) ||
      !cimc_flat_get_vector(&quant, QUANT_SCALE, 4, &scales) ||
      !cimc_flat_get_vector(&quant, QUANT_ZERO_POINT, 8, &zeros) ||
      !cimc_flat_get(&quant, QUANT_AXIS, CIMC_FLAT_I32, &axis) ||
      !cimc_flat_get(&quant, QUANT_DETAILS_TYPE, CIMC_FLAT_U8, &details))
    return false;
  if (details.whole != 0)
    return wrong(graph,
                 "tensor '%.*s' is quantized in blocks or by custom rules; "
                 "expected one scale, or one for each channel",
                 NAME_MAX_SHOWN, out->name);
  float *s = take(graph, scales.count, sizeof *s);
  int32_t *z = take(graph, scales.count, sizeof *z);
  if (!s || !z)
    return no_memory(graph);
  for (size_t i = 0; i < scales.count; i++) {
    cimc_flat_number n = {0};
    cimc_flat_at(&scales, i, CIMC_FLAT_F32, &n);
    s[i] = n.real;
    n.whole = 0;
    // One zero point may stand for all channels.
    if (zeros.count > 0 &&
        !cimc_flat_at(&zeros, zeros.count == 1 ? 0 : i, CIMC_FLAT_I64, &n))
      return wrong(graph,
                   "tensor '%.*s' has %zu scales and %zu zero points; "
                   "expected as many",
                   NAME_MAX_SHOWN, out->name, scales.count, zeros.count);
    if (n.whole < INT32_MIN || n.whole > INT32_MAX)
      return wrong(graph, "tensor '%.*s' has a zero point beyond an int32",
                   NAME_MAX_SHOWN, out->name);
    z[i] = (int32_t)n.whole;
  }
  out->scales =
      (cimc_lite_scales){.count = (int64_t)scales.count,
                         .scales = s,
                         .zero_points = z,
                         // Old converters give a bias its weights' axis.
                         .axis = out->shape.rank == 1 ? 0 : axis.whole};
  return true;
}

// The bytes of buffer `i`: in the table, or behind the FlatBuffer.
static bool read_buffer(const reading *self, int64_t i, cimc_lite_tensor *out) {
  const cimc_lite_graph *graph = self->graph;
  cimc_flat_table buffer;
  cimc_flat_vector data;
  cimc_flat_number offset = {0}, size = {0};
  if (i == 0 && self->buffers.count == 0)
    return true;
  if (i < 0 || (uint64_t)i >= self->buffers.count)
    return wrong(graph,
                 "tensor '%.*s' is in buffer %" PRId64 " of %zu; expected one "
                 "that is there",
                 NAME_MAX_SHOWN, out->name, i, self->buffers.count);
  if (!cimc_flat_at_table(&self->buffers, (size_t)i, &buffer) ||
      !cimc_flat_get_vector(&buffer, BUFFER_DATA, 1, &data) ||
      !cimc_flat_get(&buffer, BUFFER_OFFSET, CIMC_FLAT_I64, &offset) ||
      !cimc_flat_get(&buffer, BUFFER_SIZE, CIMC_FLAT_I64, &size))
    return false;
  cimc_reader bytes = data.bytes;
  if (data.count == 0 && offset.whole > 1) {
    cimc_reader file = graph->flat->bytes, skipped;
    if (size.whole < 0 ||
        !cimc_reader_take(&file, (uint64_t)offset.whole, &skipped) ||
        !cimc_reader_take(&file, (uint64_t)size.whole, &bytes))
      return wrong(graph, "the data of tensor '%.*s' lies outside of the file",
                   NAME_MAX_SHOWN, out->name);
  }
  size_t count = cimc_reader_left(&bytes);
  if (count == 0)
    return true;
  out->data = (cimc_lite_data){.type = out->type,
                               .scales = out->scales,
                               .bytes = bytes.at,
                               .size = count};
  return true;
}

static bool read_tensor(const reading *self, const cimc_flat_table *table,
                        size_t i) {
  cimc_lite_graph *graph = self->graph;
  cimc_lite_tensor *out = &graph->tensors[i];
  cimc_flat_number type = {0}, buffer = {0}, variable = {0};
  cimc_flat_table sparsity;
  if (!read_name(graph, table, TENSOR_NAME, &out->name))
    return false;
  if (out->name[0] == '\0') {
    char name[32];
    int length = snprintf(name, sizeof name, "tensor%zu", i);
    out->name = cimc_arena_copy_text(graph->arena, name, (size_t)length);
    if (!out->name)
      return no_memory(graph);
  }
  if (!cimc_flat_get(table, TENSOR_TYPE, CIMC_FLAT_I8, &type) ||
      !cimc_flat_get(table, TENSOR_BUFFER, CIMC_FLAT_U32, &buffer) ||
      !cimc_flat_get(table, TENSOR_VARIABLE, CIMC_FLAT_U8, &variable) ||
      !cimc_flat_get_table(table, TENSOR_SPARSITY, &sparsity))
    return false;
  out->type = type.whole;
  out->is_variable = variable.whole != 0;
  out->is_sparse = sparsity.flat != NULL;
  return read_shape(graph, table, out) && read_scales(graph, table, out) &&
         read_buffer(self, buffer.whole, out);
}

static bool read_all_tensors(const reading *self,
                             const cimc_flat_table *subgraph) {
  cimc_lite_graph *graph = self->graph;
  cimc_flat_vector list;
  if (!cimc_flat_get_vector(subgraph, GRAPH_TENSORS, 4, &list))
    return false;
  graph->tensors = take(graph, list.count, sizeof *graph->tensors);
  if (!graph->tensors)
    return no_memory(graph);
  graph->tensor_count = list.count;
  for (size_t i = 0; i < list.count; i++) {
    cimc_flat_table table;
    if (!cimc_flat_at_table(&list, i, &table) || !read_tensor(self, &table, i))
      return false;
  }
  return true;
}

// -- Operators ---------------------------------------------------------------
// The operator's name; one of its own for a custom operator.
static bool name_type(const cimc_lite_graph *graph, const cimc_flat_table *code,
                      cimc_lite_op *op) {
  char text[100];
  const char *custom;
  op->type = cimc_lite_op_name(op->code);
  if (op->type && op->code != CODE_IS_CUSTOM)
    return true;
  if (!read_name(graph, code, CODE_CUSTOM, &custom))
    return false;
  int length = op->type
                   ? snprintf(text, sizeof text, "CUSTOM '%.60s'", custom)
                   : snprintf(text, sizeof text, "operator %" PRId64, op->code);
  op->type = cimc_arena_copy_text(graph->arena, text, (size_t)length);
  return op->type || no_memory(graph);
}

static bool read_code(const reading *self, const cimc_flat_table *table,
                      cimc_lite_op *op) {
  cimc_lite_graph *graph = self->graph;
  cimc_flat_number index = {0}, old = {0}, builtin = {0};
  cimc_flat_table code;
  if (!cimc_flat_get(table, OP_CODE, CIMC_FLAT_U32, &index))
    return false;
  if ((uint64_t)index.whole >= self->codes.count)
    return wrong(graph,
                 "an operator has code %" PRId64 " of %zu; expected one that "
                 "is there",
                 index.whole, self->codes.count);
  if (!cimc_flat_at_table(&self->codes, (size_t)index.whole, &code) ||
      !cimc_flat_get(&code, CODE_OLD_BUILTIN, CIMC_FLAT_I8, &old) ||
      !cimc_flat_get(&code, CODE_BUILTIN, CIMC_FLAT_I32, &builtin))
    return false;
  op->code = old.whole > builtin.whole ? old.whole : builtin.whole;
  return name_type(graph, &code, op);
}

static bool read_op(const reading *self, const cimc_flat_table *table,
                    size_t i) {
  cimc_lite_graph *graph = self->graph;
  cimc_lite_op *op = &graph->ops[i];
  char name[140];
  if (!read_code(self, table, op) ||
      !read_tensors(graph, table, OP_INPUTS, &op->inputs, &op->input_count) ||
      !read_tensors(graph, table, OP_OUTPUTS, &op->outputs,
                    &op->output_count) ||
      !cimc_flat_get_table(table, OP_OPTIONS, &op->options))
    return false;
  int length = snprintf(name, sizeof name, "%s#%zu", op->type, i);
  op->name = cimc_arena_copy_text(graph->arena, name, (size_t)length);
  return op->name || no_memory(graph);
}

static bool read_all_ops(const reading *self, const cimc_flat_table *subgraph) {
  cimc_lite_graph *graph = self->graph;
  cimc_flat_vector list;
  if (!cimc_flat_get_vector(subgraph, GRAPH_OPERATORS, 4, &list))
    return false;
  graph->ops = take(graph, list.count, sizeof *graph->ops);
  if (!graph->ops)
    return no_memory(graph);
  graph->op_count = list.count;
  for (size_t i = 0; i < list.count; i++) {
    cimc_flat_table table;
    if (!cimc_flat_at_table(&list, i, &table) || !read_op(self, &table, i))
      return false;
  }
  return true;
}

// -- Links -------------------------------------------------------------------
static bool check_ends(const cimc_lite_graph *graph) {
  const char *missing = graph->input_count == 0    ? "inputs"
                        : graph->output_count == 0 ? "outputs"
                                                   : NULL;
  if (missing)
    return wrong(graph, "the graph has no %s; expected some", missing);
  for (size_t i = 0; i < graph->input_count; i++) {
    if (graph->inputs[i] == CIMC_LITE_NONE)
      return wrong(graph, "input %zu of the graph is left out", i);
    for (size_t j = 0; j < i; j++)
      if (graph->inputs[j] == graph->inputs[i])
        return wrong(graph, "tensor '%.*s' is an input twice", NAME_MAX_SHOWN,
                     graph->tensors[graph->inputs[i]].name);
  }
  for (size_t i = 0; i < graph->output_count; i++)
    if (graph->outputs[i] == CIMC_LITE_NONE)
      return wrong(graph, "output %zu of the graph is left out", i);
  return true;
}

// Operators stand in the order they run: what one reads is there already, but
// for the scratch memory of a custom operator, which is refused later.
static bool check_order(const cimc_lite_graph *graph) {
  bool *made = take(graph, graph->tensor_count, sizeof *made);
  if (!made)
    return no_memory(graph);
  for (size_t i = 0; i < graph->input_count; i++)
    made[graph->inputs[i]] = true;
  for (size_t i = 0; i < graph->op_count; i++) {
    const cimc_lite_op *op = &graph->ops[i];
    for (size_t k = 0; k < op->input_count; k++) {
      uint32_t t = op->inputs[k];
      if (t == CIMC_LITE_NONE || made[t] || graph->tensors[t].data.bytes ||
          graph->tensors[t].is_variable || op->code == CODE_IS_CUSTOM)
        continue;
      // An empty list (axes, a shape) is a constant without bytes.
      if (cimc_ir_element_count(&graph->tensors[t].shape) == 0)
        continue;
      return wrong(graph,
                   "%s reads tensor '%.*s', which nothing before it "
                   "makes",
                   op->name, NAME_MAX_SHOWN, graph->tensors[t].name);
    }
    for (size_t k = 0; k < op->output_count; k++) {
      uint32_t t = op->outputs[k];
      if (t == CIMC_LITE_NONE)
        continue;
      if (made[t] || graph->tensors[t].data.bytes)
        return wrong(graph, "%s makes tensor '%.*s', which is there already",
                     op->name, NAME_MAX_SHOWN, graph->tensors[t].name);
      made[t] = true;
    }
  }
  for (size_t i = 0; i < graph->output_count; i++)
    if (!made[graph->outputs[i]] &&
        !graph->tensors[graph->outputs[i]].data.bytes)
      return wrong(graph, "output '%.*s' of the graph is made by nothing",
                   NAME_MAX_SHOWN, graph->tensors[graph->outputs[i]].name);
  return true;
}

// From the outputs back; the order makes one sweep enough.
static void mark_needed(cimc_lite_graph *graph) {
  for (size_t i = 0; i < graph->output_count; i++)
    graph->tensors[graph->outputs[i]].needed = true;
  for (size_t i = graph->op_count; i-- > 0;) {
    cimc_lite_op *op = &graph->ops[i];
    for (size_t k = 0; k < op->output_count; k++)
      op->needed |= op->outputs[k] != CIMC_LITE_NONE &&
                    graph->tensors[op->outputs[k]].needed;
    for (size_t k = 0; op->needed && k < op->input_count; k++)
      if (op->inputs[k] != CIMC_LITE_NONE)
        graph->tensors[op->inputs[k]].needed = true;
  }
}

static bool read_subgraph(const reading *self, const cimc_flat_table *model) {
  cimc_lite_graph *graph = self->graph;
  cimc_flat_vector subgraphs;
  cimc_flat_table subgraph;
  if (!cimc_flat_get_vector(model, MODEL_SUBGRAPHS, 4, &subgraphs))
    return false;
  if (subgraphs.count == 0)
    return wrong(graph, "the file holds no graph; expected a TensorFlow Lite "
                        "model");
  return cimc_flat_at_table(&subgraphs, 0, &subgraph) &&
         read_all_tensors(self, &subgraph) &&
         read_tensors(graph, &subgraph, GRAPH_INPUTS, &graph->inputs,
                      &graph->input_count) &&
         read_tensors(graph, &subgraph, GRAPH_OUTPUTS, &graph->outputs,
                      &graph->output_count) &&
         read_all_ops(self, &subgraph);
}

// "TFL3" after the root's offset, as every converter writes and LiteRT wants.
static bool check_identifier(const char *file, const cimc_flat *flat) {
  static const char lfs[] = "version https://git-lfs";
  cimc_reader rest = flat->bytes, root;
  if (cimc_reader_take(&rest, 4, &root) &&
      cimc_reader_starts_with(&rest, "TFL3", 4))
    return true;
  cimc_diag_error(file, "this is no TensorFlow Lite model; expected 'TFL3' at "
                        "byte 4");
  if (cimc_reader_starts_with(&flat->bytes, lfs, sizeof lfs - 1))
    cimc_diag_note(
        "it is a pointer of Git LFS: git lfs pull fetches the model");
  return false;
}

bool cimc_lite_graph_read(const char *file, cimc_flat *flat, cimc_arena *arena,
                          cimc_lite_graph *out) {
  *out = (cimc_lite_graph){.file = file, .arena = arena, .flat = flat};
  reading self = {.graph = out};
  cimc_flat_table model;
  if (!check_identifier(file, flat))
    return false;
  bool read =
      cimc_flat_root(flat, &model) &&
      cimc_flat_get_vector(&model, MODEL_OPERATOR_CODES, 4, &self.codes) &&
      cimc_flat_get_vector(&model, MODEL_BUFFERS, 4, &self.buffers) &&
      read_subgraph(&self, &model);
  if (flat->fault) {
    cimc_diag_error(file, "the file is damaged at byte %" PRIu64 ": %s",
                    flat->fault_at, flat->fault);
    return false;
  }
  if (!read || !check_ends(out) || !check_order(out))
    return false;
  mark_needed(out);
  return true;
}
