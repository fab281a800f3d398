// SPDX-License-Identifier: Apache-2.0
//
// The readers of .tflite files (cimc/import/tflite/{flat,graph,names}.c)
// without the importer above them: what a file may say, what it may not,
// damage at every byte, and memory that ends at every allocation.
#include "cimc/import/tflite/graph.h"

#include "test/cimc/import/flat.h"
#include "test/cimc/import/sweep.h"

static size_t arena_limit = (size_t)1 << 20;

typedef struct reading {
  cimc_arena arena;
  cimc_flat flat;
  cimc_lite_graph graph;
} reading;

static bool start(reading *r, const unsigned char *bytes, size_t size) {
  *r = (reading){.flat = cimc_flat_make(bytes, size)};
  cimc_arena_init(&r->arena, arena_limit);
  return cimc_lite_graph_read("x.tflite", &r->flat, &r->arena, &r->graph);
}

static bool read_whole(const unsigned char *bytes, size_t size) {
  reading r;
  bool good = start(&r, bytes, size);
  cimc_arena_free(&r.arena);
  return good;
}

static bool is_good(const flat *f) {
  return sweep_read(read_whole, f->bytes, f->size);
}

// -- A model -----------------------------------------------------------------
enum { CODES = 1, SUBGRAPHS = 2, BUFFERS = 4 };         // Model
enum { TENSORS = 0, INPUTS = 1, OUTPUTS = 2, OPS = 3 }; // SubGraph
enum { OP_CODE = 0, OP_INPUTS = 1, OP_OUTPUTS = 2, OP_OPTIONS = 4 };
enum { // Tensor
  SHAPE = 0,
  TYPE = 1,
  BUFFER = 2,
  NAME = 3,
  QUANT = 4,
  VARIABLE = 5,
  SPARSITY = 6,
  SIGNATURE = 7
};
enum { SCALE = 2, ZERO = 3, DETAILS = 4, AXIS = 6 }; // Quantization

// What a case changes in the model that is sound without it.
typedef struct variant {
  int32_t inputs[2];
  size_t input_count;
  int32_t outputs[2];
  size_t output_count;
  int32_t op_inputs[3]; // of the first operator
  int32_t op_output;
  int32_t second_output; // of the second operator
  uint32_t code;
  uint32_t buffer; // of the weights
  uint8_t details;
  uint8_t variable; // the unused tensor is one
  size_t zero_count;
  int64_t zero;
  size_t rank;
  int32_t unused_extent;
  int64_t offset; // of the bias, behind the FlatBuffer
  int64_t size;
} variant;

static const variant sound = {.inputs = {0},
                              .input_count = 1,
                              .outputs = {3, -2},
                              .output_count = 1,
                              .op_inputs = {0, 1, 2},
                              .op_output = 4,
                              .second_output = 3,
                              .buffer = 1,
                              .zero_count = 2,
                              .zero = 3,
                              .rank = 2,
                              .unused_extent = 2,
                              .offset = -1, // the file's end
                              .size = 8};

static void put_codes(flat *f, size_t model) {
  size_t list = flat_vector(f, model, CODES, NULL, 4, 4);
  // CONV_2D as files before 2020 say it, ADD, a custom operator, and none.
  size_t conv = flat_table(f, "b");
  flat_set(f, conv, 0, 3, 1);
  flat_link(f, list, conv);
  size_t add = flat_table(f, "b-ww");
  flat_set(f, add, 3, 0, 4);
  flat_link(f, list + 4, add);
  size_t custom = flat_table(f, "bwww");
  flat_set(f, custom, 0, 32, 1);
  flat_set(f, custom, 3, 32, 4);
  flat_text(f, custom, 1, "mine");
  flat_link(f, list + 8, custom);
  size_t future = flat_table(f, "b--w");
  flat_set(f, future, 0, 127, 1);
  flat_set(f, future, 3, 4000, 4);
  flat_link(f, list + 12, future);
}

static size_t put_tensor(flat *f, size_t list, size_t i, const char *fields) {
  size_t tensor = flat_table(f, fields);
  flat_link(f, list + 4 * i, tensor);
  return tensor;
}

// 0 the input, 1 weights, 2 a bias, 3 the output, 4 between, 5 unused.
static void put_tensors(flat *f, size_t graph, const variant *v) {
  static const int32_t shape[] = {2, 3, 1, 1, 1, 1, 1, 1, 1, 1};
  static const int32_t signature[] = {-1, 3};
  static const float scales[] = {0.5f, 0.25f};
  const int64_t zeros[] = {v->zero, 1, 2};
  size_t list = flat_vector(f, graph, TENSORS, NULL, 6, 4);
  size_t input = put_tensor(f, list, 0, "wb-w---w");
  flat_vector(f, input, SHAPE, shape, 2, 4);
  flat_set(f, input, TYPE, CIMC_LITE_INT8, 1);
  flat_text(f, input, NAME, "in");
  flat_vector(f, input, SIGNATURE, signature, 2, 4);
  size_t weights = put_tensor(f, list, 1, "wbwww");
  flat_vector(f, weights, SHAPE, shape, v->rank, 4);
  flat_set(f, weights, TYPE, CIMC_LITE_INT8, 1);
  flat_set(f, weights, BUFFER, v->buffer, 4);
  flat_text(f, weights, NAME, "weights");
  size_t quant = flat_table(f, "--wwbww");
  flat_link(f, flat_field(f, weights, QUANT), quant);
  flat_vector(f, quant, SCALE, scales, 2, 4);
  flat_vector(f, quant, ZERO, zeros, v->zero_count, 8);
  flat_set(f, quant, DETAILS, v->details, 1);
  flat_set(f, quant, AXIS, 1, 4);
  size_t bias = put_tensor(f, list, 2, "wbw");
  flat_vector(f, bias, SHAPE, shape, 1, 4);
  flat_set(f, bias, TYPE, CIMC_LITE_INT32, 1);
  flat_set(f, bias, BUFFER, 2, 4);
  size_t output = put_tensor(f, list, 3, "ww-w");
  flat_vector(f, output, SHAPE, shape, 2, 4);
  flat_text(f, output, NAME, "out");
  put_tensor(f, list, 4, "w-");
  size_t unused = put_tensor(f, list, 5, "w----bw");
  flat_vector(f, unused, SHAPE, &v->unused_extent, 1, 4);
  flat_set(f, unused, VARIABLE, v->variable, 1);
  flat_link(f, flat_field(f, unused, SPARSITY), flat_table(f, "w"));
}

static void put_ops(flat *f, size_t graph, const variant *v) {
  const int32_t second[] = {4, -1, 4}, outputs[] = {v->second_output, -1};
  size_t list = flat_vector(f, graph, OPS, NULL, 4, 4);
  size_t conv = flat_table(f, "www-w");
  flat_link(f, list, conv);
  flat_set(f, conv, OP_CODE, v->code, 4);
  flat_vector(f, conv, OP_INPUTS, v->op_inputs, 3, 4);
  flat_vector(f, conv, OP_OUTPUTS, &v->op_output, 1, 4);
  flat_link(f, flat_field(f, conv, OP_OPTIONS), flat_table(f, "b"));
  size_t add = flat_table(f, "www");
  flat_link(f, list + 4, add);
  flat_set(f, add, OP_CODE, 1, 4);
  flat_vector(f, add, OP_INPUTS, second, 3, 4);
  flat_vector(f, add, OP_OUTPUTS, outputs, 2, 4);
  for (unsigned i = 2; i < 4; i++) {
    size_t other = flat_table(f, "www"); // reads what is there, makes nothing
    flat_link(f, list + 4 * i, other);
    flat_set(f, other, OP_CODE, i, 4);
    flat_vector(f, other, OP_INPUTS, v->inputs, 1, 4);
    flat_vector(f, other, OP_OUTPUTS, NULL, 0, 4);
  }
}

static flat model_of(const variant *v) {
  flat f = {.size = 8};
  memcpy(f.bytes + 4, "TFL3", 4);
  size_t model = flat_table(&f, "wwwww");
  flat_link(&f, 0, model);
  put_codes(&f, model);
  size_t graphs = flat_vector(&f, model, SUBGRAPHS, NULL, 1, 4);
  size_t graph = flat_table(&f, "wwww");
  flat_link(&f, graphs, graph);
  put_tensors(&f, graph, v);
  flat_vector(&f, graph, INPUTS, v->inputs, v->input_count, 4);
  flat_vector(&f, graph, OUTPUTS, v->outputs, v->output_count, 4);
  put_ops(&f, graph, v);
  size_t buffers = flat_vector(&f, model, BUFFERS, NULL, 3, 4);
  flat_link(&f, buffers, flat_table(&f, ""));
  size_t near = flat_table(&f, "w");
  flat_link(&f, buffers + 4, near);
  flat_vector(&f, near, 0, "\1\2\3\4\5\6", 6, 1);
  size_t far = flat_table(&f, "-ll");
  flat_link(&f, buffers + 8, far);
  flat_set(&f, far, 1, v->offset < 0 ? f.size : (uint64_t)v->offset, 8);
  flat_set(&f, far, 2, (uint64_t)v->size, 8);
  flat_put(&f, f.size, 77, 8);
  return f;
}

static bool variant_is_good(const variant *v) {
  flat f = model_of(v);
  return is_good(&f);
}

// -- Sound files -------------------------------------------------------------
static void a_model_is_read(void **state) {
  (void)state;
  flat f = model_of(&sound);
  reading r;
  assert_true(start(&r, f.bytes, f.size));
  const cimc_lite_tensor *t = r.graph.tensors;
  assert_int_equal(r.graph.tensor_count, 6);
  assert_string_equal(t[0].name, "in");
  assert_true(t[0].dynamic[0] && !t[0].dynamic[1]);
  assert_int_equal(t[1].shape.dim[1], 3);
  assert_int_equal(t[1].scales.count, 2);
  assert_true(t[1].scales.scales[1] == 0.25f);
  assert_int_equal(t[1].scales.zero_points[0], 3);
  assert_int_equal(t[1].scales.axis, 1);
  assert_int_equal(t[1].data.size, 6);
  assert_int_equal(t[1].data.bytes[5], 6);
  assert_int_equal(t[2].data.size, 8);
  assert_int_equal(t[2].data.bytes[0], 77);
  assert_string_equal(t[4].name, "tensor4");
  assert_null(t[0].data.bytes);
  assert_true(t[5].is_sparse && !t[5].needed && t[1].needed);
  assert_int_equal(r.graph.op_count, 4);
  assert_string_equal(r.graph.ops[0].name, "CONV_2D#0");
  assert_string_equal(r.graph.ops[1].name, "ADD#1");
  assert_string_equal(r.graph.ops[2].type, "CUSTOM 'mine'");
  assert_string_equal(r.graph.ops[3].type, "operator 4000");
  assert_int_equal(r.graph.ops[1].inputs[1], CIMC_LITE_NONE);
  assert_true(r.graph.ops[1].needed && !r.graph.ops[2].needed);
  cimc_arena_free(&r.arena);
}

static void types_and_operators_have_names(void **state) {
  (void)state;
  assert_string_equal(cimc_lite_type_name(CIMC_LITE_INT8), "int8");
  assert_string_equal(cimc_lite_type_name(42), "of an unknown type");
  assert_string_equal(cimc_lite_type_name(-1), "of an unknown type");
  static const size_t bytes[] = {4, 2, 4, 1, 8, 0, 1, 2, 0, 1,
                                 0, 0, 0, 0, 0, 0, 2, 1, 0};
  for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
    assert_int_equal(cimc_lite_type_bytes((int64_t)i), bytes[i]);
  assert_string_equal(cimc_lite_op_name(0), "ADD");
  assert_null(cimc_lite_op_name(-1));
  assert_null(cimc_lite_op_name(100000));
}

static void what_is_usual_is_good(void **state) {
  (void)state;
  variant v = sound;
  v.zero_count = 1; // for all channels
  assert_true(variant_is_good(&v));
  v.zero_count = 0;
  assert_true(variant_is_good(&v));
  v = sound;
  v.op_inputs[2] = -1;
  assert_true(variant_is_good(&v));
  v = sound;
  v.variable = 1;
  v.op_inputs[2] = 5;
  assert_true(variant_is_good(&v));
  v = sound;
  v.op_inputs[2] = 5;
  v.unused_extent = 0; // an empty list needs no bytes
  assert_true(variant_is_good(&v));
  v = sound;
  v.outputs[0] = 1; // a constant
  assert_true(variant_is_good(&v));
}

// -- Others ------------------------------------------------------------------
static void contradictions_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *what;
    size_t field; // in variant
    int64_t value;
    size_t bytes;
  } cases[] = {
#define CASE(what, field, value)                                               \
  {what, offsetof(variant, field), value, sizeof(((variant *)0)->field)}
      CASE("no inputs", input_count, 0),
      CASE("no outputs", output_count, 0),
      CASE("an input twice", input_count, 2),
      CASE("an input left out", inputs[0], -1),
      CASE("an input that is none", inputs[0], 6),
      CASE("an output below -1", output_count, 2),
      CASE("an output left out", outputs[0], -1),
      CASE("an output nobody makes", outputs[0], 5),
      CASE("an operand nobody makes", op_inputs[1], 5),
      CASE("a tensor made twice", second_output, 4),
      CASE("an input made again", op_output, 0),
      CASE("a constant made again", op_output, 1),
      CASE("no such code", code, 4),
      CASE("no such buffer", buffer, 3),
      CASE("custom quantization", details, 1),
      CASE("a zero point of 33 bits", zero, INT64_C(1) << 32),
      CASE("a zero point below int32", zero, -(INT64_C(1) << 32)),
      CASE("nine dimensions", rank, 10),
      CASE("data behind the end", offset, 100000),
      CASE("data longer than the file", size, 9),
      CASE("data of a negative size", size, -1),
#undef CASE
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    variant v = sound;
    memcpy((char *)&v + cases[i].field, &cases[i].value, cases[i].bytes);
    if (variant_is_good(&v))
      fail_msg("accepted: %s", cases[i].what);
  }
}

static void counts_must_agree(void **state) {
  (void)state;
  // Three channels with two zero points.
  flat f = {.size = 8};
  memcpy(f.bytes + 4, "TFL3", 4);
  size_t model = flat_table(&f, "wwwww");
  flat_link(&f, 0, model);
  size_t graphs = flat_vector(&f, model, SUBGRAPHS, NULL, 1, 4);
  size_t graph = flat_table(&f, "wwww");
  flat_link(&f, graphs, graph);
  size_t list = flat_vector(&f, graph, TENSORS, NULL, 1, 4);
  size_t tensor = flat_table(&f, "----w");
  flat_link(&f, list, tensor);
  size_t quant = flat_table(&f, "--ww");
  flat_link(&f, flat_field(&f, tensor, QUANT), quant);
  flat_vector(&f, quant, SCALE, NULL, 3, 4);
  flat_vector(&f, quant, ZERO, NULL, 2, 8);
  assert_false(is_good(&f));
  // A list longer than any model has.
  f.size = 8;
  memset(f.bytes, 0, sizeof f.bytes);
  memcpy(f.bytes + 4, "TFL3", 4);
  model = flat_table(&f, "wwwww");
  flat_link(&f, 0, model);
  graphs = flat_vector(&f, model, SUBGRAPHS, NULL, 1, 4);
  graph = flat_table(&f, "wwww");
  flat_link(&f, graphs, graph);
  static unsigned char many[5000];
  flat_put(&f, flat_field(&f, graph, INPUTS), 100, 4);
  size_t at = flat_field(&f, graph, INPUTS) + 100;
  flat_put(&f, at, 1100, 4);
  memcpy(many, f.bytes, f.size);
  assert_false(sweep_read(read_whole, many, sizeof many));
  // Not of this format, and what Git LFS leaves where a model should be.
  static const char *const others[] = {"", "TFL3", "a text of some length",
                                       "version https://git-lfs.github.com/"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    assert_false(
        sweep_read(read_whole, (const void *)others[i], strlen(others[i])));
  // No graph at all.
  f.size = 8;
  memset(f.bytes, 0, sizeof f.bytes);
  memcpy(f.bytes + 4, "TFL3", 4);
  flat_link(&f, 0, flat_table(&f, "www"));
  assert_false(is_good(&f));
}

// -- The format itself -------------------------------------------------------
static void fields_are_read_in_bounds(void **state) {
  (void)state;
  flat f = {.size = 8};
  size_t table = flat_table(&f, "bwlbw-w");
  flat_link(&f, 0, table);
  flat_set(&f, table, 0, 0x85, 1);
  flat_set(&f, table, 1, 0xfffffffe, 4);
  flat_set(&f, table, 2, UINT64_MAX, 8);
  cimc_flat file = cimc_flat_make(f.bytes, f.size);
  cimc_flat_table root, none;
  cimc_flat_vector list;
  cimc_flat_number n = {.whole = 5};
  assert_true(cimc_flat_root(&file, &root));
  assert_true(cimc_flat_get(&root, 0, CIMC_FLAT_U8, &n));
  assert_int_equal(n.whole, 0x85);
  assert_true(cimc_flat_get(&root, 0, CIMC_FLAT_I8, &n));
  assert_int_equal(n.whole, (int8_t)0x85);
  assert_true(cimc_flat_get(&root, 1, CIMC_FLAT_I32, &n));
  assert_int_equal(n.whole, -2);
  assert_true(cimc_flat_get(&root, 1, CIMC_FLAT_U32, &n));
  assert_int_equal(n.whole, 0xfffffffe);
  assert_true(cimc_flat_get(&root, 2, CIMC_FLAT_I64, &n));
  assert_int_equal(n.whole, -1);
  assert_true(cimc_flat_get(&root, 5, CIMC_FLAT_I64, &n)); // left out
  assert_true(cimc_flat_get(&root, 99, CIMC_FLAT_I64, &n));
  assert_int_equal(n.whole, -1);
  assert_true(cimc_flat_get_table(&root, 5, &none));
  assert_null(none.flat);
  assert_true(cimc_flat_get(&none, 0, CIMC_FLAT_U8, &n));
  assert_true(cimc_flat_get_vector(&none, 0, 4, &list));
  assert_int_equal(list.count, 0);
  assert_null(file.fault);
  // An element behind the last one.
  assert_false(cimc_flat_at(&list, 0, CIMC_FLAT_U8, &n));
  assert_false(cimc_flat_at(&list, 0, CIMC_FLAT_I32, &n));
  assert_false(cimc_flat_at(&list, 0, CIMC_FLAT_I64, &n));
  assert_false(cimc_flat_at(&list, 1, CIMC_FLAT_I64, &n));
  // A field that is too short for what is asked of it: the table's last.
  assert_false(cimc_flat_get(&root, 6, CIMC_FLAT_I64, &n));
  const char *first = file.fault;
  assert_non_null(first);
  root.at = UINT64_MAX / 2; // the first fault stays
  assert_false(cimc_flat_get(&root, 6, CIMC_FLAT_I64, &n));
  assert_ptr_equal(file.fault, first);
  assert_int_equal(file.fault_at, 32);
}

static void a_layout_may_end_with_the_file_but_not_behind_it(void **state) {
  (void)state;
  // A table at 4 whose layout stands behind it: of `size` bytes from 8 on.
  for (size_t end = 8; end < 13; end++)
    for (unsigned size = 3; size < 7; size++) {
      flat f = {.size = 0};
      flat_put(&f, 0, 4, 4);
      flat_put(&f, 4, (uint64_t)-4, 4);
      flat_put(&f, 8, size, 2);
      flat_put(&f, 10, 4, 2); // of the table
      cimc_flat file = cimc_flat_make(f.bytes, end);
      cimc_flat_table root;
      bool good = end >= 8 + size && size == 4;
      assert_int_equal(cimc_flat_root(&file, &root), good);
      assert_int_equal(file.fault == NULL, good);
    }
}

// -- Damage and memory -------------------------------------------------------
static void damage_is_reported_wherever_it_is(void **state) {
  (void)state;
  flat f = model_of(&sound);
  sweep_damage(read_whole, f.bytes, f.size);
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  flat f = model_of(&sound);
  sweep_memory(read_whole, f.bytes, f.size);
  size_t all = arena_limit;
  bool good = false;
  for (arena_limit = 0; !good; arena_limit += 4)
    good = is_good(&f);
  assert_true(arena_limit > 1000);
  arena_limit = all;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_model_is_read),
      cmocka_unit_test(types_and_operators_have_names),
      cmocka_unit_test(what_is_usual_is_good),
      cmocka_unit_test(contradictions_are_refused),
      cmocka_unit_test(counts_must_agree),
      cmocka_unit_test(fields_are_read_in_bounds),
      cmocka_unit_test(a_layout_may_end_with_the_file_but_not_behind_it),
      cmocka_unit_test(damage_is_reported_wherever_it_is),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
