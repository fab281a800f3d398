// SPDX-License-Identifier: Apache-2.0
//
// Reads ModelProto and what it holds. The nesting is that of the schema
// (model, graph, node, attribute, tensor, entry), each level a function of its
// own, so input cannot make it deeper; subgraphs are not entered.
#include "cimc/import/onnx/proto.h"
#include "cimc/import/onnx/proto_read.h"

#include "dialect/diag.h"

#include <string.h>

#define NODES_MAX 100000u

bool cimc_proto_fault(const cimc_proto_source *source, const cimc_reader *at,
                      const char *message, const char *fault) {
  size_t offset = (size_t)(at->at - source->start);
  cimc_diag_error(source->file, "damaged ONNX file: byte %zu, in a %s: %s",
                  offset, message, fault);
  cimc_diag_note("the file is cut short or is not ONNX; export it again");
  return false;
}

bool cimc_proto_no_memory(const cimc_proto_source *source) {
  cimc_diag_error(source->file, "the model needs more memory than is allowed");
  return false;
}

bool cimc_proto_text(const cimc_proto_source *source, cimc_reader bytes,
                     const char **out) {
  size_t length = cimc_reader_left(&bytes);
  if (memchr(bytes.at, '\0', length))
    return cimc_proto_fault(source, &bytes, "name", "a zero byte");
  *out = cimc_arena_copy_text(source->arena, bytes.at, length);
  return *out ? true : cimc_proto_no_memory(source);
}

bool cimc_proto_next(cimc_proto_cursor *cursor) {
  const char *fault;
  switch (cimc_wire_next(&cursor->rest, &cursor->field, &fault)) {
  case CIMC_WIRE_END:
    return false;
  case CIMC_WIRE_FIELD:
    return true;
  default:
    cursor->failed = true;
    return cimc_proto_fault(cursor->source, &cursor->rest, cursor->message,
                            fault);
  }
}

bool cimc_proto_expect(cimc_proto_cursor *cursor, cimc_wire_type type) {
  if (cursor->field.type == type)
    return true;
  cursor->failed = true;
  return cimc_proto_fault(cursor->source, &cursor->rest, cursor->message,
                          "a field of another type than ONNX defines");
}

bool cimc_proto_count(const cimc_proto_source *source, cimc_reader body,
                      const char *message, cimc_proto_counts *counts) {
  cimc_proto_cursor cursor = {
      .source = source, .rest = body, .message = message};
  memset(counts, 0, sizeof *counts);
  while (cimc_proto_next(&cursor))
    if (cursor.field.number < CIMC_PROTO_FIELDS)
      counts->of[cursor.field.number]++;
  return !cursor.failed;
}

void *cimc_proto_array(const cimc_proto_source *source, size_t count,
                       size_t size) {
  void *array = cimc_arena_alloc(source->arena, count, size);
  if (!array)
    cimc_proto_no_memory(source);
  return array;
}

// -- Values: ValueInfoProto > TypeProto > Tensor > TensorShapeProto > Dimension
static bool read_dimension(const cimc_proto_source *source, cimc_reader body,
                           int64_t *out_dim, const char **out_name) {
  cimc_proto_cursor cursor = {
      .source = source, .rest = body, .message = "dimension"};
  *out_dim = -1;
  *out_name = "";
  while (cimc_proto_next(&cursor)) {
    if (cursor.field.number == 1) {
      if (!cimc_proto_expect(&cursor, CIMC_WIRE_VARINT))
        return false;
      *out_dim = (int64_t)cursor.field.value;
    } else if (cursor.field.number == 2) {
      if (!cimc_proto_expect(&cursor, CIMC_WIRE_BYTES) ||
          !cimc_proto_text(source, cursor.field.bytes, out_name))
        return false;
      *out_dim = -1;
    }
  }
  return !cursor.failed;
}

static bool read_shape(const cimc_proto_source *source, cimc_reader body,
                       cimc_proto_value *out) {
  cimc_proto_cursor cursor = {
      .source = source, .rest = body, .message = "shape"};
  out->has_shape = true;
  out->rank = 0;
  while (cimc_proto_next(&cursor)) {
    if (cursor.field.number != 1)
      continue;
    if (!cimc_proto_expect(&cursor, CIMC_WIRE_BYTES))
      return false;
    size_t i = out->rank++;
    if (i < CIMC_PROTO_RANK_MAX &&
        !read_dimension(source, cursor.field.bytes, &out->dim[i],
                        &out->dim_name[i]))
      return false;
  }
  return !cursor.failed;
}

static bool read_tensor_type(const cimc_proto_source *source, cimc_reader body,
                             cimc_proto_value *out) {
  cimc_proto_cursor cursor = {
      .source = source, .rest = body, .message = "tensor type"};
  out->is_tensor = true;
  while (cimc_proto_next(&cursor)) {
    if (cursor.field.number == 1) {
      if (!cimc_proto_expect(&cursor, CIMC_WIRE_VARINT))
        return false;
      out->elem = (int64_t)cursor.field.value;
    } else if (cursor.field.number == 2) {
      if (!cimc_proto_expect(&cursor, CIMC_WIRE_BYTES) ||
          !read_shape(source, cursor.field.bytes, out))
        return false;
    }
  }
  return !cursor.failed;
}

static bool read_type(const cimc_proto_source *source, cimc_reader body,
                      cimc_proto_value *out) {
  cimc_proto_cursor cursor = {
      .source = source, .rest = body, .message = "type"};
  while (cimc_proto_next(&cursor))
    if (cursor.field.number == 1 &&
        (!cimc_proto_expect(&cursor, CIMC_WIRE_BYTES) ||
         !read_tensor_type(source, cursor.field.bytes, out)))
      return false;
  return !cursor.failed;
}

static bool read_value(const cimc_proto_source *source, cimc_reader body,
                       cimc_proto_value *out) {
  cimc_proto_cursor cursor = {
      .source = source, .rest = body, .message = "graph input or output"};
  out->name = "";
  while (cimc_proto_next(&cursor)) {
    if (cursor.field.number > 2)
      continue;
    if (!cimc_proto_expect(&cursor, CIMC_WIRE_BYTES))
      return false;
    if (cursor.field.number == 1
            ? !cimc_proto_text(source, cursor.field.bytes, &out->name)
            : !read_type(source, cursor.field.bytes, out))
      return false;
  }
  return !cursor.failed;
}

// -- The graph and the model -------------------------------------------------
static bool allocate_graph(const cimc_proto_source *source, cimc_reader body,
                           cimc_proto_model *out) {
  cimc_proto_counts counts;
  if (!cimc_proto_count(source, body, "graph", &counts))
    return false;
  if (counts.of[1] > NODES_MAX) {
    cimc_diag_error(source->file,
                    "the graph has %zu nodes; at most %u are read",
                    counts.of[1], NODES_MAX);
    return false;
  }
  out->sparse_count = counts.of[15];
  return (out->nodes =
              cimc_proto_array(source, counts.of[1], sizeof *out->nodes)) &&
         (out->initializers = cimc_proto_array(source, counts.of[5],
                                               sizeof *out->initializers)) &&
         (out->inputs =
              cimc_proto_array(source, counts.of[11], sizeof *out->inputs)) &&
         (out->outputs =
              cimc_proto_array(source, counts.of[12], sizeof *out->outputs));
}

static bool read_graph(const cimc_proto_source *source, cimc_reader body,
                       cimc_proto_model *out) {
  if (!allocate_graph(source, body, out))
    return false;
  cimc_proto_cursor cursor = {
      .source = source, .rest = body, .message = "graph"};
  while (cimc_proto_next(&cursor)) {
    uint32_t number = cursor.field.number;
    if (number != 1 && number != 5 && number != 11 && number != 12)
      continue;
    if (!cimc_proto_expect(&cursor, CIMC_WIRE_BYTES))
      return false;
    cimc_reader bytes = cursor.field.bytes;
    bool good = true;
    if (number == 1)
      good =
          cimc_proto_read_node(source, bytes, &out->nodes[out->node_count++]);
    else if (number == 5)
      good = cimc_proto_read_tensor(
          source, bytes, &out->initializers[out->initializer_count++]);
    else if (number == 11)
      good = read_value(source, bytes, &out->inputs[out->input_count++]);
    else
      good = read_value(source, bytes, &out->outputs[out->output_count++]);
    if (!good)
      return false;
  }
  return !cursor.failed;
}

static bool read_opset(const cimc_proto_source *source, cimc_reader body,
                       cimc_proto_opset *out) {
  cimc_proto_cursor cursor = {
      .source = source, .rest = body, .message = "opset"};
  *out = (cimc_proto_opset){.domain = ""};
  while (cimc_proto_next(&cursor)) {
    if (cursor.field.number == 1) {
      if (!cimc_proto_expect(&cursor, CIMC_WIRE_BYTES) ||
          !cimc_proto_text(source, cursor.field.bytes, &out->domain))
        return false;
    } else if (cursor.field.number == 2) {
      if (!cimc_proto_expect(&cursor, CIMC_WIRE_VARINT))
        return false;
      out->version = (int64_t)cursor.field.value;
    }
  }
  return !cursor.failed;
}

bool cimc_proto_read(const char *file, cimc_reader bytes, cimc_arena *arena,
                     cimc_proto_model *out) {
  cimc_proto_source source = {.file = file, .start = bytes.at, .arena = arena};
  *out = (cimc_proto_model){.has_graph = false};
  cimc_proto_counts counts;
  if (!cimc_proto_count(&source, bytes, "model", &counts))
    return false;
  out->opsets = cimc_proto_array(&source, counts.of[8], sizeof *out->opsets);
  if (!out->opsets)
    return false;
  cimc_proto_cursor cursor = {
      .source = &source, .rest = bytes, .message = "model"};
  while (cimc_proto_next(&cursor)) {
    if (cursor.field.number != 7 && cursor.field.number != 8)
      continue;
    if (!cimc_proto_expect(&cursor, CIMC_WIRE_BYTES))
      return false;
    if (cursor.field.number == 8) {
      if (!read_opset(&source, cursor.field.bytes,
                      &out->opsets[out->opset_count++]))
        return false;
      continue;
    }
    if (out->has_graph)
      return cimc_proto_fault(&source, &cursor.rest, "model", "a second graph");
    out->has_graph = true;
    if (!read_graph(&source, cursor.field.bytes, out))
      return false;
  }
  return !cursor.failed;
}
