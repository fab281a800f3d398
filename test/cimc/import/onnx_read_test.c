// SPDX-License-Identifier: Apache-2.0
//
// The readers of ONNX files (cimc/import/onnx/{proto,proto_node,tensor,
// external}.c) without the importer above them: what a file may say, what it
// may not, damage at every byte, and memory that ends at every allocation.
#include "test/cimc/import/onnx_model.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

// -- Sound files -------------------------------------------------------------
static void a_model_is_read_and_ordered(void **state) {
  (void)state;
  message model = whole_model();
  reading r;
  assert_true(start(&r, model.bytes, model.size));
  assert_int_equal(r.model.opsets[0].version, 17);
  assert_int_equal(r.model.inputs[0].rank, 10);
  assert_int_equal(r.model.inputs[0].dim[1], -1);
  assert_int_equal(r.model.inputs[0].dim[3], 3);
  assert_string_equal(r.model.inputs[0].dim_name[2], "N");
  assert_true(cimc_graph_resolve(model_path, &r.model, &r.arena, &r.graph));
  assert_int_equal(r.graph.order_count, 3);
  assert_int_equal(r.graph.order[0], 3);
  assert_int_equal(r.graph.order[1], 1);
  assert_int_equal(r.graph.order[2], 0);
  assert_string_equal(r.graph.nodes[1].name, "Op#1");
  assert_int_equal(r.graph.nodes[0].inputs[2], CIMC_GRAPH_NONE);
  assert_int_equal(r.graph.inputs[1], CIMC_GRAPH_NONE);
  assert_true(load_all(&r));
  assert_int_equal(r.files.count, 1);
  finish(&r);
}

static void attributes_have_the_type_of_their_field(void **state) {
  (void)state;
  message model = whole_model();
  reading r;
  assert_true(start(&r, model.bytes, model.size));
  const cimc_proto_node *node = &r.model.nodes[3];
  static const int64_t types[] = {1, 2, 3, 4, 5, 6, 7, 8, 0};
  assert_int_equal(node->attribute_count, 9);
  for (size_t i = 0; i < 9; i++)
    assert_int_equal(node->attributes[i].type, types[i]);
  assert_string_equal(node->domain, "");
  assert_true(node->attributes[0].f == 1.0f);
  assert_int_equal(node->attributes[1].i, -1);
  assert_string_equal(node->attributes[2].s, "te");
  assert_true(node->attributes[5].floats[1] == 2.0f);
  assert_int_equal(node->attributes[6].int_count, 3);
  finish(&r);
}

static void every_encoding_is_decoded(void **state) {
  (void)state;
  for (size_t i = 0; i < ENCODINGS; i++) {
    message model = {.size = 0}, graph = {.size = 0};
    message t = tensor_of(&encodings[i]);
    message_nest(&graph, INITIALIZER, &t);
    message_nest(&model, 7, &graph);
    reading r;
    assert_true(start(&r, model.bytes, model.size));
    const cimc_tensor *got =
        cimc_tensor_load(&r.source, &r.model.initializers[0]);
    assert_non_null(got);
    const char kind = encodings[i].name[0];
    if (i == 4 || i == 7) {
      assert_true(cimc_tensor_f32(got, got->count - 1) > 1e38f); // infinity
    } else if (got->elem == CIMC_ELEM_FLOAT) {
      for (int64_t k = 0; k < got->count; k++)
        assert_true(cimc_tensor_f32(got, k) ==
                    (kind == 'z' ? 0.0f : (float)(k + 1)));
    } else {
      assert_int_equal(cimc_tensor_i64(got, 0), 1);
      int64_t second = kind == 'c'   ? -2
                       : kind == 'n' ? -1
                       : kind == 'm' ? 15
                       : kind == 'o' ? i == 9
                                     : 2;
      assert_int_equal(cimc_tensor_i64(got, 1), second);
      if (got->count == 3)
        assert_int_equal(cimc_tensor_i64(got, 2), 2);
    }
    finish(&r);
  }
  assert_int_equal(starve_live(), 0);
}

static void types_have_names_and_sizes(void **state) {
  (void)state;
  assert_string_equal(cimc_proto_elem_name(CIMC_ELEM_INT4), "int4");
  assert_string_equal(cimc_proto_elem_name(-1), "an unknown type");
  assert_string_equal(cimc_proto_elem_name(999), "an unknown type");
  assert_int_equal(cimc_tensor_widened(CIMC_ELEM_INT4), CIMC_ELEM_INT8);
  assert_int_equal(cimc_tensor_widened(CIMC_ELEM_STRING), CIMC_ELEM_UNDEFINED);
  assert_int_equal(cimc_tensor_elem_bytes(CIMC_ELEM_STRING), 0);
}

static void tensors_are_made_within_the_budget(void **state) {
  (void)state;
  reading r = {.source = {.file = "x", .arena = &r.arena, .budget = 100}};
  cimc_shape shape = {.rank = 1, .dim = {4}};
  unsigned char *data;
  cimc_arena_init(&r.arena, 1000);
  cimc_tensor *t =
      cimc_tensor_create(&r.source, CIMC_ELEM_INT32, &shape, &data);
  assert_non_null(t);
  cimc_tensor_put_i64(CIMC_ELEM_INT32, data, 3, -7);
  assert_int_equal(cimc_tensor_i64(t, 3), -7);
  shape.dim[0] = 50;
  assert_null(cimc_tensor_create(&r.source, CIMC_ELEM_INT32, &shape, &data));
  assert_false(cimc_tensor_charge(&r.source, -1, 1));
  assert_false(cimc_tensor_charge(&r.source, INT64_MAX, 8));
  // The arena ends before the budget does: at the data, then at once.
  shape.dim[0] = 4;
  r.arena.limit = r.arena.used + sizeof *t + 8;
  assert_null(cimc_tensor_create(&r.source, CIMC_ELEM_INT32, &shape, &data));
  r.arena.limit = r.arena.used;
  assert_null(cimc_tensor_create(&r.source, CIMC_ELEM_INT32, &shape, &data));
  cimc_arena_free(&r.arena);
}

// -- Tensors that do not hold together ---------------------------------------
static bool tensor_is_good(const message *tensor) {
  message graph = {.size = 0};
  message_nest(&graph, INITIALIZER, tensor);
  return graph_is_good(&graph);
}

static void wrong_amounts_and_values_are_refused(void **state) {
  (void)state;
  static const tensor_case bad[] = {
      {"f", CIMC_ELEM_FLOAT, {2, 0}, 9, "\0\0\x80\x3f", 4},
      {"f", CIMC_ELEM_FLOAT, {2, 0}, 4, "\0\0\x80\x3f", 4},
      {"f", CIMC_ELEM_FLOAT, {2, 0}, 4, "\0\0\x80", 3},
      {"f", CIMC_ELEM_FLOAT, {2, 0}, 9, "", 0},
      {"f", CIMC_ELEM_FLOAT, {2, 0}, 0, "", 0},
      {"d", CIMC_ELEM_DOUBLE, {1, 0}, 9, "\0\0\0\0\0\0\xf0\x47", 8},
      {"d", CIMC_ELEM_DOUBLE, {1, 0}, 10, "\0\0\0\0\0\0\xf0\x47", 8},
      {"h", CIMC_ELEM_FLOAT16, {1, 0}, 5, "\x80\x80\x04", 3},
      {"o", CIMC_ELEM_BOOL, {1, 0}, 5, "\2", 1},
      {"c", CIMC_ELEM_INT8, {1, 0}, 5, "\xc8\1", 2},
      {"c",
       CIMC_ELEM_INT8,
       {1, 0},
       5,
       "\xff\xfe\xff\xff\xff\xff\xff\xff\xff\1",
       10},
      {"n", CIMC_ELEM_INT4, {3, 0}, 9, "\1", 1},
      {"t", CIMC_ELEM_STRING, {1, 0}, 0, "", 0},
      {"t", 99, {1, 0}, 0, "", 0},
      {"f", CIMC_ELEM_FLOAT, {1, -1}, 0, "", 0},
      {"f", CIMC_ELEM_FLOAT, {INT64_MAX, INT64_MAX}, 0, "", 0},
      {"f", CIMC_ELEM_FLOAT, {INT64_MAX, 0}, 0, "", 0},
      {"f", CIMC_ELEM_FLOAT, {1 << 20, 0}, 0, "", 0},
      {"f", CIMC_ELEM_INT8, {1 << 19, 0}, 0, "", 0}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    message t = tensor_of(&bad[i]);
    assert_false(tensor_is_good(&t));
  }
  message t = tensor_of(&encodings[0]);
  for (int i = 0; i < 8; i++)
    message_number(&t, 1, 1);
  assert_false(tensor_is_good(&t)); // nine dimensions
  t = tensor_of(&encodings[0]);
  message_text(&t, 3, "");
  assert_false(tensor_is_good(&t)); // segmented
  t = tensor_of(&encodings[0]);
  message_u32(&t, 1, 1);
  assert_false(tensor_is_good(&t)); // a dimension of another type
}

static void an_empty_tensor_needs_no_data(void **state) {
  (void)state;
  message t = {.size = 0};
  message_number(&t, 1, 0);
  message_number(&t, 2, CIMC_ELEM_FLOAT);
  message_data(&t, 9, "", 0);
  assert_true(tensor_is_good(&t));
}

// -- External data -----------------------------------------------------------
static bool external_is_good(const char *location, const char *offset,
                             const char *length) {
  message t = external_of(location, offset, length);
  return tensor_is_good(&t);
}

static void external_data_is_read_from_below_the_model(void **state) {
  (void)state;
  assert_true(external_is_good("w.bin", "2", "4"));
  assert_true(external_is_good("w.bin", NULL, NULL));
  assert_true(external_is_good("sub/w.bin", "0", "4"));
  assert_false(external_is_good("w.bin", "2", "3"));
  assert_false(external_is_good("w.bin", "5", NULL));
  assert_false(external_is_good("w.bin", "99", NULL));
  assert_false(external_is_good("w.bin", "x", NULL));
  assert_false(external_is_good("w.bin", "1x", NULL));
  assert_false(external_is_good("w.bin", "99999999999999999999", NULL));
  assert_false(external_is_good("missing", NULL, NULL));
  assert_false(external_is_good(NULL, NULL, NULL));
}

static void nothing_else_is_opened(void **state) {
  (void)state;
  assert_false(external_is_good("link", NULL, NULL));
  assert_false(external_is_good("loop/w.bin", NULL, NULL));
  assert_false(external_is_good("../w.bin", NULL, NULL));
  assert_false(external_is_good("/etc/passwd", NULL, NULL));
  assert_false(external_is_good("fifo", NULL, NULL));
  assert_false(external_is_good("sub", NULL, NULL));
}

static void failing_system_calls_are_reported(void **state) {
  (void)state;
  static const struct {
    starve_call call;
    int error;
    bool good;
  } cases[] = {{STARVE_SYSCALL, ENOSYS, false}, {STARVE_SYSCALL, EPERM, false},
               {STARVE_FSTAT, EIO, false},      {STARVE_PREAD, EIO, false},
               {STARVE_PREAD, -1, false},       {STARVE_PREAD, EINTR, true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    starve_fail(cases[i].call, cases[i].error);
    assert_int_equal(external_is_good("w.bin", NULL, NULL), cases[i].good);
    starve_fail(cases[i].call, 0);
  }
}

static void a_file_is_remembered_once(void **state) {
  (void)state;
  message model = {.size = 0}, graph = {.size = 0};
  message first = external_of("w.bin", "0", "4");
  message second = external_of("sub/w.bin", "0", "4");
  for (int i = 0; i < 2; i++) {
    message_nest(&graph, INITIALIZER, &first);
    message_nest(&graph, INITIALIZER, &second);
  }
  message_nest(&model, 7, &graph);
  reading r;
  assert_true(start(&r, model.bytes, model.size));
  assert_true(load_all(&r));
  assert_int_equal(r.files.count, 2);
  finish(&r);
  // Nobody need ask for the list; a model may stand where we are.
  assert_true(start(&r, model.bytes, model.size));
  r.source.files = NULL;
  assert_true(load_all(&r));
  r.source.file = "no/such/folder.onnx";
  assert_false(load_all(&r));
  r.source.file = "m.onnx";
  assert_false(load_all(&r)); // there is no w.bin here
  finish(&r);
}

// -- Damage and memory -------------------------------------------------------
static void damage_is_reported_wherever_it_is(void **state) {
  (void)state;
  message model = whole_model();
  sweep_damage(read_whole, model.bytes, model.size);
  for (size_t i = 0; i < ENCODINGS; i++) {
    message graph = {.size = 0}, t = tensor_of(&encodings[i]);
    message_nest(&graph, INITIALIZER, &t);
    model.size = 0;
    message_nest(&model, 7, &graph);
    sweep_damage(read_whole, model.bytes, model.size);
  }
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  message model = whole_model();
  sweep_memory(read_whole, model.bytes, model.size);
  // The arena hands many pieces out of one block: each of them ends it once.
  size_t all = arena_limit;
  bool good = false;
  for (arena_limit = 0; !good; arena_limit += 8)
    good = sweep_read(read_whole, model.bytes, model.size);
  assert_true(arena_limit > 1000);
  // And a tensor of more than one block.
  arena_limit = all;
  for (size_t i = 0; i < ENCODINGS; i++) {
    message graph = {.size = 0}, t = tensor_of(&encodings[i]);
    message_nest(&graph, INITIALIZER, &t);
    model.size = 0;
    message_nest(&model, 7, &graph);
    sweep_memory(read_whole, model.bytes, model.size);
    good = false;
    for (arena_limit = 0; !good; arena_limit += 8)
      good = sweep_read(read_whole, model.bytes, model.size);
    arena_limit = all;
  }
}

// -- The model's folder ------------------------------------------------------
static void put_file(const char *folder, const char *name) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite("\1\2\3\4\5\6\7\10", 1, 8, file), 8);
  assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state) {
  (void)state;
  char path[128];
  strcpy(model_path, "/tmp/onnx_read_test.XXXXXX");
  if (!mkdtemp(model_path))
    return -1;
  snprintf(path, sizeof path, "%s/sub", model_path);
  if (mkdir(path, 0700) != 0)
    return -1;
  put_file(model_path, "w.bin");
  put_file(path, "w.bin");
  snprintf(path, sizeof path, "%s/link", model_path);
  if (symlink("w.bin", path) != 0)
    return -1;
  snprintf(path, sizeof path, "%s/loop", model_path);
  if (symlink("sub", path) != 0)
    return -1;
  snprintf(path, sizeof path, "%s/fifo", model_path);
  if (mkfifo(path, 0600) != 0)
    return -1;
  strcat(model_path, "/m.onnx");
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  static const char *const names[] = {"w.bin", "sub/w.bin", "link", "loop",
                                      "fifo",  "sub",       ""};
  *strrchr(model_path, '/') = '\0';
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", model_path, names[i]);
    if (remove(path) != 0)
      return -1;
  }
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_model_is_read_and_ordered),
      cmocka_unit_test(attributes_have_the_type_of_their_field),
      cmocka_unit_test(every_encoding_is_decoded),
      cmocka_unit_test(types_have_names_and_sizes),
      cmocka_unit_test(tensors_are_made_within_the_budget),
      cmocka_unit_test(wrong_amounts_and_values_are_refused),
      cmocka_unit_test(an_empty_tensor_needs_no_data),
      cmocka_unit_test(external_data_is_read_from_below_the_model),
      cmocka_unit_test(nothing_else_is_opened),
      cmocka_unit_test(failing_system_calls_are_reported),
      cmocka_unit_test(a_file_is_remembered_once),
      cmocka_unit_test(damage_is_reported_wherever_it_is),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
