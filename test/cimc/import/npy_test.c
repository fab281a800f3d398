// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of cimc/import/npy.c: what NumPy writes, what it does not, and
// short memory.
#include "cimc/import/npy.h"

#include "test/cimc/import/sweep.h"

#include <stdio.h>

typedef struct file {
  unsigned char bytes[1 << 18];
  size_t size;
} file;
static file made;

// A file of that format version, header text and data.
static const file *write(int version, const char *header, const void *data,
                         size_t size) {
  size_t start = version == 1 ? 10 : 12, length = strlen(header);
  memcpy(made.bytes, "\x93NUMPY", 6);
  made.bytes[6] = (unsigned char)version;
  made.bytes[7] = 0;
  for (size_t i = 8; i < start; i++)
    made.bytes[i] = (unsigned char)(length >> (8 * (i - 8)));
  memcpy(made.bytes + start, header, length);
  memcpy(made.bytes + start + length, data, size);
  made.size = start + length + size;
  return &made;
}

static bool read_only(const unsigned char *bytes, size_t size) {
  cimc_npy array;
  bool good = cimc_npy_parse("x.npy", bytes, size, &array);
  cimc_npy_free(&array);
  return good;
}

static bool is_good(const char *header, size_t size) {
  static const char data[64];
  const file *f = write(1, header, data, size);
  return sweep_read(read_only, f->bytes, f->size);
}

static void every_type_comes_back_as_it_was(void **state) {
  (void)state;
  int64_t data[6] = {1, -2, 3, 1, 0, 1};
  for (int dtype = CIMRT_F32; dtype <= CIMRT_F64; dtype++) {
    cimc_npy array = {.dtype = (cimrt_dtype)dtype,
                      .rank = 2,
                      .shape = {2, 3},
                      .bytes = 6 * cimc_dtype_bytes((cimrt_dtype)dtype),
                      .data = data};
    if (dtype == CIMRT_BOOL)
      memcpy(data, "\0\1\1\0\1\0", 6);
    void *text;
    size_t size;
    cimc_npy back;
    assert_true(cimc_npy_format(&array, &text, &size));
    assert_int_equal((size - array.bytes) % 64, 0);
    assert_true(cimc_npy_parse("x.npy", text, size, &back));
    assert_int_equal(back.dtype, dtype);
    assert_int_equal(back.rank, 2);
    assert_int_equal(back.shape[1], 3);
    assert_int_equal(back.bytes, array.bytes);
    assert_memory_equal(back.data, data, array.bytes);
    cimc_npy_free(&back);
    // cimc_npy_format's memory is the counted one.
    cimc_npy owner = {.data = text};
    cimc_npy_free(&owner);
  }
  assert_int_equal(starve_live(), 0);
}

static void types_have_names_and_sizes(void **state) {
  (void)state;
  assert_string_equal(cimc_dtype_name(CIMRT_U8), "uint8");
  assert_string_equal(cimc_dtype_name((cimrt_dtype)99), "unknown type");
  assert_int_equal(cimc_dtype_bytes(CIMRT_F64), 8);
  assert_int_equal(cimc_dtype_bytes((cimrt_dtype)99), 1);
}

static void headers_are_read_as_python_writes_them(void **state) {
  (void)state;
  assert_true(is_good(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", 24));
  assert_true(is_good(
      "{\"shape\":(2,),\"fortran_order\":True,\"descr\":\"|u1\"}\t\r ", 2));
  assert_true(
      is_good("{'descr': 'i1', 'fortran_order': False, 'shape': (2L, 3L)}", 6));
  assert_true(
      is_good("{'descr': '>i1', 'fortran_order': False, 'shape': ()}", 1));
  assert_true(
      is_good("{'descr': '=f8', 'fortran_order': True, 'shape': (0, 9)}", 0));
}

static void other_headers_are_damage(void **state) {
  (void)state;
  static const char *const bad[] = {
      "",
      "  ",
      "x",
      "{",
      "{'descr': '<f4', 'fortran_order': False}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)",
      "{'descr': '<f4' 'fortran_order': False, 'shape': (1,)}",
      "{'descr' '<f4'}",
      "{descr: '<f4'}",
      "{'descr",
      "{'descr': [('a', '<f4')]}",
      "{'descr': '",
      "{'a_key_that_is_far_too_long': 1}",
      "{'other': 1}",
      "{'descr': '<f4', 'descr': '<f4'}",
      "{'fortran_order': 1}",
      "{'fortran_order': Fals",
      "{'shape': 1}",
      "{'shape': (x,)}",
      "{'shape': (1 2)}",
      "{'shape': (1",
      "{'shape': (99999999999999999999,)}",
      "{'shape': (9223372036854775808,)}",
      "{'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)}",
      "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '', 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (0,)}",
      "{'descr': 'f4', 'fortran_order': True, 'shape': (4611686018427387904,)}",
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(is_good(bad[i], 4));
}

static void foreign_files_are_told_apart(void **state) {
  (void)state;
  static const char *const foreign[] = {"PK\3\4 an archive", "PK", "",
                                        "\x93NUMPX\1\0\0\0\0\0"};
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
    assert_false(sweep_read(read_only, (const unsigned char *)foreign[i],
                            strlen(foreign[i])));
  static const unsigned char versions[][12] = {
      {0x93, 'N', 'U', 'M', 'P', 'Y', 0},
      {0x93, 'N', 'U', 'M', 'P', 'Y', 4},
      {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 1},
      {0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 255, 255, 255, 255},
      {0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 9, 0, 0, 0}};
  for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
    assert_false(sweep_read(read_only, versions[i], 12));
  // Format 2.0 has two more bytes of length.
  assert_false(sweep_read(read_only, versions[4], 10));
}

static void fortran_order_is_turned_round(void **state) {
  (void)state;
  static const char header[] =
      "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3)}";
  const int16_t data[] = {1, 4, 2, 5, 3, 6}, expected[] = {1, 2, 3, 4, 5, 6};
  for (int version = 1; version <= 3; version++) {
    const file *f = write(version, header, data, sizeof data);
    cimc_npy array;
    assert_true(cimc_npy_parse("x.npy", f->bytes, f->size, &array));
    assert_memory_equal(array.data, expected, sizeof expected);
    cimc_npy_free(&array);
  }
}

static void any_byte_but_0_is_true(void **state) {
  (void)state;
  const file *f =
      write(1, "{'descr': '|b1', 'fortran_order': False, 'shape': (3,)}",
            "\0\1\xff", 3);
  cimc_npy array;
  assert_true(cimc_npy_parse("x.npy", f->bytes, f->size, &array));
  assert_memory_equal(array.data, "\0\1\1", 3);
  cimc_npy_free(&array);
}

static void damage_and_short_memory_are_reported(void **state) {
  (void)state;
  const file *f =
      write(1, "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 1L)}",
            "abcd", 4);
  sweep_damage(read_only, f->bytes, f->size);
  sweep_memory(read_only, f->bytes, f->size);
  cimc_npy array = {.dtype = CIMRT_I8, .rank = 1, .bytes = SIZE_MAX};
  void *text;
  size_t size;
  assert_false(cimc_npy_format(&array, &text, &size));
  array.bytes = 0;
  starve_after(0);
  assert_false(cimc_npy_format(&array, &text, &size));
  starve_after(-1);
  assert_int_equal(starve_live(), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_type_comes_back_as_it_was),
      cmocka_unit_test(types_have_names_and_sizes),
      cmocka_unit_test(headers_are_read_as_python_writes_them),
      cmocka_unit_test(other_headers_are_damage),
      cmocka_unit_test(foreign_files_are_told_apart),
      cmocka_unit_test(fortran_order_is_turned_round),
      cmocka_unit_test(any_byte_but_0_is_true),
      cmocka_unit_test(damage_and_short_memory_are_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
