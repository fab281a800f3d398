// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of cimc/import/onnx/graph.c and of the limits in proto.c: graphs
// whose names and edges do not hold together.
#include "test/cimc/import/onnx_model.h"

static void names_are_defined_once(void **state) {
  (void)state;
  message graph = {.size = 0}, f = tensor_of(&encodings[0]);
  put_value(&graph, INPUT, "x");
  put_value(&graph, INPUT, "x");
  assert_false(graph_is_good(&graph));
  graph.size = 0;
  message_nest(&graph, INITIALIZER, &f);
  message_nest(&graph, INITIALIZER, &f);
  assert_false(graph_is_good(&graph));
  graph.size = 0;
  put_node(&graph, "n", "", "yy");
  assert_false(graph_is_good(&graph));
  graph.size = 0;
  message_nest(&graph, INITIALIZER, &f);
  put_node(&graph, "n", "", "f");
  assert_false(graph_is_good(&graph));
  graph.size = 0;
  for (int i = 0; i < 4; i++)
    put_node(&graph, "n", "", i % 2 ? "xz" : "wz");
  assert_false(graph_is_good(&graph));
}

static void names_that_are_used_are_defined(void **state) {
  (void)state;
  message graph = {.size = 0};
  put_node(&graph, "n", "x", "y");
  assert_false(graph_is_good(&graph));
  graph.size = 0;
  put_value(&graph, OUTPUT, "y");
  assert_false(graph_is_good(&graph));
  graph.size = 0;
  put_node(&graph, "n", "", "y");
  put_value(&graph, OUTPUT, "y");
  put_value(&graph, OUTPUT, "y");
  assert_false(graph_is_good(&graph));
}

static void cycles_are_named(void **state) {
  (void)state;
  message graph = {.size = 0};
  put_node(&graph, "alone", "", "z");
  put_node(&graph, "first", "zc", "a");
  put_node(&graph, "second", "-a", "b");
  put_node(&graph, "third", "b", "c");
  put_node(&graph, "after", "c", "y");
  put_value(&graph, OUTPUT, "y");
  assert_false(graph_is_good(&graph));
  graph.size = 0;
  put_node(&graph, "self", "xy", "y");
  put_value(&graph, INPUT, "x");
  put_value(&graph, OUTPUT, "y");
  assert_false(graph_is_good(&graph));
}

static void one_graph_of_at_most_100000_nodes_is_read(void **state) {
  (void)state;
  message model = {.size = 0};
  message_text(&model, 7, "");
  message_text(&model, 7, "");
  assert_false(sweep_read(read_whole, model.bytes, model.size));
  model.size = 0;
  assert_true(sweep_read(read_whole, model.bytes, 0));
  // 100,001 empty nodes: two bytes each, within a graph of that length.
  enum { NODES = 100001 };
  unsigned char *bytes = malloc(2 * NODES + 4);
  assert_non_null(bytes);
  message_varint(&model, 7 << 3 | 2);
  message_varint(&model, 2 * NODES);
  memcpy(bytes, model.bytes, model.size);
  for (int i = 0; i < NODES; i++)
    memcpy(bytes + model.size + 2 * i, "\x0a\0", 2);
  assert_false(sweep_read(read_whole, bytes, model.size + 2 * NODES));
  free(bytes);
}

// x is read by two dequantizations and, in the end, by four nodes through them;
// s is a scale of one, and y an output.
static void readers_are_counted_through_dequantizations(void **state) {
  (void)state;
  message graph = {.size = 0}, model = {.size = 0};
  put_value(&graph, INPUT, "x");
  put_value(&graph, INPUT, "s");
  put_value(&graph, INPUT, "p");
  put_op(&graph, "DequantizeLinear", "xs", "a");
  put_op(&graph, "DequantizeLinear", "xp", "b");
  put_op(&graph, "DequantizeLinear", "p-", "-e");
  put_op(&graph, "Op", "aaa", "c");
  put_op(&graph, "Op", "bce", "y");
  put_op(&graph, "DequantizeLinear", "y", "d");
  put_op(&graph, "Op", "d", "z");
  put_op(&graph, "DequantizeLinear", "", "q");
  put_op(&graph, "DequantizeLinear", "z", "");
  for (const char *name = "yz"; *name; name++) {
    const char text[] = {*name, 0};
    put_value(&graph, OUTPUT, text);
  }
  put_value(&graph, OUTPUT, "q");
  message_nest(&model, 7, &graph);
  reading r;
  assert_true(start(&r, model.bytes, model.size));
  assert_true(cimc_graph_resolve("x", &r.model, &r.arena, &r.graph));
  for (uint32_t i = 0; i < r.graph.value_count; i++) {
    const cimc_graph_value *value = &r.graph.values[i];
    switch (value->name[0]) {
    case 'x':
      assert_int_equal(value->readers, 2);
      assert_int_equal(value->through, 4);
      break;
    case 's':
      assert_int_equal(value->readers, 1);
      assert_int_equal(value->through, CIMC_GRAPH_NONE);
      break;
    case 'a':
      assert_int_equal(value->readers, 3);
      assert_int_equal(value->through, CIMC_GRAPH_NONE);
      break;
    case 'y':
      assert_int_equal(value->readers, 2);
      assert_int_equal(value->through, CIMC_GRAPH_NONE);
      break;
    default:
      break;
    }
  }
  finish(&r);
}

static void an_opset_has_a_number(void **state) {
  (void)state;
  message model = {.size = 0}, opset = {.size = 0};
  message_text(&opset, 2, "17");
  message_nest(&model, 8, &opset);
  assert_false(sweep_read(read_whole, model.bytes, model.size));
  opset.size = 0;
  message_number(&opset, 1, 17);
  model.size = 0;
  message_nest(&model, 8, &opset);
  assert_false(sweep_read(read_whole, model.bytes, model.size));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_are_defined_once),
      cmocka_unit_test(names_that_are_used_are_defined),
      cmocka_unit_test(cycles_are_named),
      cmocka_unit_test(one_graph_of_at_most_100000_nodes_is_read),
      cmocka_unit_test(readers_are_counted_through_dequantizations),
      cmocka_unit_test(an_opset_has_a_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
