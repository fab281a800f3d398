// SPDX-License-Identifier: Apache-2.0
//
// ONNX files made and read in memory.
#include "test/cimc/import/onnx_model.h"

char model_path[64];
size_t arena_limit = (size_t)1 << 20;
static const size_t budget = (size_t)1 << 20;

// -- Reading -----------------------------------------------------------------
bool start(reading *r, const unsigned char *bytes, size_t size) {
  *r = (reading){.source = {.file = model_path,
                            .arena = &r->arena,
                            .budget = budget,
                            .files = &r->files}};
  cimc_arena_init(&r->arena, arena_limit);
  return cimc_proto_read(model_path, cimc_reader_make(bytes, size), &r->arena,
                         &r->model);
}

void finish(reading *r) {
  for (size_t i = 0; i < r->files.count; i++)
    starved_free(r->files.paths[i]);
  starved_free(r->files.paths);
  cimc_arena_free(&r->arena);
}

bool load_all(reading *r) {
  for (size_t i = 0; i < r->model.initializer_count; i++)
    if (!cimc_tensor_load(&r->source, &r->model.initializers[i]))
      return false;
  for (size_t i = 0; i < r->model.node_count; i++) {
    const cimc_proto_node *node = &r->model.nodes[i];
    for (size_t k = 0; k < node->attribute_count; k++)
      if (node->attributes[k].tensor &&
          !cimc_tensor_load(&r->source, node->attributes[k].tensor))
        return false;
  }
  return true;
}

bool read_whole(const unsigned char *bytes, size_t size) {
  reading r;
  bool good = start(&r, bytes, size) &&
              cimc_graph_resolve(model_path, &r.model, &r.arena, &r.graph) &&
              load_all(&r);
  finish(&r);
  return good;
}

// The model with that graph; read once.
bool graph_is_good(const message *graph) {
  static message model;
  model.size = 0;
  message_nest(&model, 7, graph);
  return sweep_read(read_whole, model.bytes, model.size);
}

// -- Writing -----------------------------------------------------------------
void put_value(message *graph, unsigned field, const char *name) {
  message value = {.size = 0};
  message_text(&value, 1, name);
  message_nest(graph, field, &value);
}

message tensor_of(const tensor_case *c) {
  message t = {.size = 0};
  for (int i = 0; i < 2; i++)
    if (c->dims[i] != 0)
      message_number(&t, 1, c->dims[i]);
  message_number(&t, 2, c->elem);
  message_text(&t, 8, c->name);
  if (c->field != 0)
    message_data(&t, c->field, c->data, c->size);
  return t;
}

message external_of(const char *location, const char *offset,
                    const char *length) {
  message t = {.size = 0};
  const char *const keys[] = {"location", "offset", "length", "checksum"};
  const char *const values[] = {location, offset, length, "1"};
  message_number(&t, 1, 4);
  message_number(&t, 2, CIMC_ELEM_INT8);
  message_text(&t, 8, "far");
  for (int i = 0; i < 4; i++) {
    message entry = {.size = 0};
    if (!values[i])
      continue;
    message_text(&entry, 1, keys[i]);
    message_text(&entry, 2, values[i]);
    message_number(&entry, 9, 1); // no field of ONNX
    message_nest(&t, 13, &entry);
  }
  message_number(&t, 14, 1);
  return t;
}

static void put_ends(message *node, const char *inputs, const char *outputs) {
  for (const char *p = inputs; *p; p++)
    message_data(node, 1, p, *p != '-');
  for (const char *p = outputs; *p; p++)
    message_data(node, 2, p, *p != '-');
}

void put_op(message *graph, const char *op_type, const char *inputs,
            const char *outputs) {
  message node = {.size = 0};
  put_ends(&node, inputs, outputs);
  message_text(&node, 4, op_type);
  message_nest(graph, NODE, &node);
}

void put_node(message *graph, const char *name, const char *inputs,
              const char *outputs) {
  message node = {.size = 0};
  put_ends(&node, inputs, outputs);
  if (name[0])
    message_text(&node, 3, name);
  message_text(&node, 4, "Op");
  message_nest(graph, NODE, &node);
}

// Every encoding; values are 1 and 2 where there are two.
const tensor_case encodings[ENCODINGS] = {
    {"f", CIMC_ELEM_FLOAT, {2, 0}, 9, "\0\0\x80\x3f\0\0\0\x40", 8},
    {"f", CIMC_ELEM_FLOAT, {2, 0}, 4, "\0\0\x80\x3f\0\0\0\x40", 8},
    {"d", CIMC_ELEM_DOUBLE, {1, 0}, 9, "\0\0\0\0\0\0\xf0\x3f", 8},
    {"d", CIMC_ELEM_DOUBLE, {1, 0}, 10, "\0\0\0\0\0\0\xf0\x3f", 8},
    {"d", CIMC_ELEM_DOUBLE, {1, 0}, 10, "\0\0\0\0\0\0\xf0\x7f", 8},
    {"h", CIMC_ELEM_FLOAT16, {2, 0}, 9, "\0\x3c\0\x40", 4},
    {"h", CIMC_ELEM_FLOAT16, {2, 0}, 5, "\x80\x78\x80\x80\x01", 5},
    {"h", CIMC_ELEM_FLOAT16, {2, 0}, 9, "\1\x80\0\x7c", 4},
    {"b", CIMC_ELEM_BFLOAT16, {2, 0}, 9, "\x80\x3f\0\x40", 4},
    {"o", CIMC_ELEM_BOOL, {2, 0}, 9, "\1\2", 2},
    {"o", CIMC_ELEM_BOOL, {2, 0}, 5, "\1\0", 2},
    {"c",
     CIMC_ELEM_INT8,
     {2, 0},
     5,
     "\1\xfe\xff\xff\xff\xff\xff\xff\xff\xff\1",
     11},
    {"u", CIMC_ELEM_UINT8, {2, 1}, 5, "\1\2", 2},
    {"s", CIMC_ELEM_INT16, {2, 0}, 9, "\1\0\2\0", 4},
    {"t", CIMC_ELEM_UINT16, {2, 0}, 5, "\1\2", 2},
    {"i", CIMC_ELEM_INT32, {2, 0}, 5, "\1\2", 2},
    {"l", CIMC_ELEM_INT64, {2, 0}, 7, "\1\2", 2},
    {"n", CIMC_ELEM_INT4, {3, 0}, 9, "\xf1\2", 2},
    {"n", CIMC_ELEM_INT4, {3, 0}, 5, "\xf1\1\2", 3},
    {"m", CIMC_ELEM_UINT4, {3, 0}, 9, "\xf1\2", 2},
    {"z", CIMC_ELEM_FLOAT, {0, 0}, 9, "\0\0\0\0", 4},
};

static message attribute_of(const char *name) {
  message a = {.size = 0};
  message_text(&a, 1, name);
  return a;
}

// A node with an attribute of each kind, half of them typed.
static void put_attributes(message *graph) {
  message node = {.size = 0}, t = tensor_of(&encodings[0]), a;
  message_text(&node, 1, "x");
  message_text(&node, 2, "a");
  message_text(&node, 4, "Op");
  message_text(&node, 7, "ai.onnx");
  message_text(&node, 6, "a doc string");
  a = attribute_of("f");
  message_u32(&a, 2, 0x3f800000);
  message_number(&a, 20, CIMC_ATTRIBUTE_FLOAT);
  message_nest(&node, 5, &a);
  a = attribute_of("i");
  message_number(&a, 3, -1);
  message_nest(&node, 5, &a);
  a = attribute_of("s");
  message_data(&a, 4, "te\0xt", 5);
  message_nest(&node, 5, &a);
  a = attribute_of("t");
  message_nest(&a, 5, &t);
  message_nest(&node, 5, &a);
  a = attribute_of("g");
  message_text(&a, 6, "");
  message_nest(&node, 5, &a);
  a = attribute_of("floats");
  message_data(&a, 7, "\0\0\x80\x3f", 4);
  message_u32(&a, 7, 0x40000000);
  message_nest(&node, 5, &a);
  a = attribute_of("ints");
  message_data(&a, 8, "\1\2", 2);
  message_number(&a, 8, 3);
  message_nest(&node, 5, &a);
  a = attribute_of("strings");
  message_text(&a, 9, "x");
  message_nest(&node, 5, &a);
  a = attribute_of("none");
  message_nest(&node, 5, &a);
  message_nest(graph, NODE, &node);
}

// A graph input with every kind of dimension.
static void put_input(message *graph) {
  message value = {.size = 0}, type = {.size = 0}, tensor = {.size = 0};
  message shape = {.size = 0};
  for (int i = 0; i < 10; i++) {
    message dim = {.size = 0};
    if (i != 1)
      message_number(&dim, 1, i);
    if (i == 2)
      message_text(&dim, 2, "N");
    message_number(&dim, 3, 1);
    message_nest(&shape, 1, &dim);
  }
  message_text(&shape, 2, "no field of ONNX");
  message_number(&tensor, 1, CIMC_ELEM_FLOAT);
  message_nest(&tensor, 2, &shape);
  message_number(&tensor, 9, 1);
  message_nest(&type, 1, &tensor);
  message_number(&type, 6, 1);
  message_text(&value, 1, "x");
  message_nest(&value, 2, &type);
  message_text(&value, 3, "a doc string");
  message_nest(graph, INPUT, &value);
}

// A file with all of it; nodes stand out of order.
message whole_model(void) {
  message model = {.size = 0}, graph = {.size = 0}, opset = {.size = 0};
  message far = external_of("w.bin", "1", "4");
  message near = tensor_of(&encodings[17]); // widened on reading
  put_node(&graph, "last", "ba-f", "y-");
  put_node(&graph, "", "xa", "b");
  put_node(&graph, "unneeded", "y", "q");
  put_attributes(&graph);
  put_input(&graph);
  put_value(&graph, INPUT, "f"); // as old files list initializers
  message_nest(&graph, INITIALIZER, &near);
  message f = tensor_of(&encodings[1]);
  message_nest(&graph, INITIALIZER, &f);
  message_nest(&graph, INITIALIZER, &far);
  put_value(&graph, OUTPUT, "y");
  message_text(&graph, 2, "a name");
  message_text(&opset, 1, "");
  message_number(&opset, 2, 17);
  message_number(&opset, 3, 1);
  message_number(&model, 1, 8);
  message_nest(&model, 7, &graph);
  message_nest(&model, 8, &opset);
  return model;
}
