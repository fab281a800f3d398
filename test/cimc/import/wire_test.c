// SPDX-License-Identifier: Apache-2.0
//
// The bounded reader, protobuf's wire format over it, and the arena.
#include "cimc/import/arena.h"
#include "cimc/import/onnx/wire.h"

#include "test/cimc/import/starve.h"
#include "test/runtime/unit.h"

#include <string.h>

#define READER(text) cimc_reader_make(text, sizeof text - 1)

static void reader_never_passes_the_end(void **state) {
  (void)state;
  cimc_reader reader = READER("\x01\x02\x03"), part;
  uint8_t byte = 0;
  uint16_t half = 0;
  uint32_t word;
  uint64_t wide;
  assert_false(cimc_reader_u64(&reader, &wide));
  assert_false(cimc_reader_u32(&reader, &word));
  assert_true(cimc_reader_u16(&reader, &half));
  assert_int_equal(half, 0x0201);
  assert_false(cimc_reader_u16(&reader, &half));
  assert_false(cimc_reader_take(&reader, 2, &part));
  assert_false(cimc_reader_take(&reader, UINT64_MAX, &part));
  assert_true(cimc_reader_u8(&reader, &byte));
  assert_int_equal(byte, 3);
  assert_false(cimc_reader_u8(&reader, &byte));
  assert_int_equal(cimc_reader_left(&reader), 0);
}

static void reader_of_nothing_is_empty(void **state) {
  (void)state;
  cimc_reader reader = cimc_reader_make(NULL, 5);
  uint64_t value;
  assert_int_equal(cimc_reader_left(&reader), 0);
  assert_false(cimc_reader_varint(&reader, &value));
}

static bool varint_is(const char *bytes, size_t size, uint64_t expected) {
  cimc_reader reader = cimc_reader_make(bytes, size);
  uint64_t value;
  return cimc_reader_varint(&reader, &value) && value == expected &&
         cimc_reader_left(&reader) == 0;
}

static void varint_holds_64_bits_and_no_more(void **state) {
  (void)state;
  assert_true(varint_is("\x00", 1, 0));
  assert_true(varint_is("\xac\x02", 2, 300));
  assert_true(varint_is("\x80\x00", 2, 0));
  assert_true(
      varint_is("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, UINT64_MAX));
  assert_false(
      varint_is("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, UINT64_MAX));
  assert_false(
      varint_is("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11, 0));
  assert_false(varint_is("\xff\xff", 2, 0));
}

static void field_kinds_are_read(void **state) {
  (void)state;
  cimc_reader reader = READER("\x08\x07"
                              "\x12\x02hi"
                              "\x1d\x01\x00\x00\x00"
                              "\x21\x02\x00\x00\x00\x00\x00\x00\x00");
  cimc_wire_field field;
  const char *fault;
  assert_int_equal(cimc_wire_next(&reader, &field, &fault), CIMC_WIRE_FIELD);
  assert_int_equal(field.number, 1);
  assert_int_equal(field.value, 7);
  assert_int_equal(cimc_wire_next(&reader, &field, &fault), CIMC_WIRE_FIELD);
  assert_int_equal(cimc_reader_left(&field.bytes), 2);
  assert_true(cimc_reader_starts_with(&field.bytes, "hi", 2));
  assert_int_equal(cimc_wire_next(&reader, &field, &fault), CIMC_WIRE_FIELD);
  assert_int_equal(field.type, CIMC_WIRE_I32);
  assert_int_equal(field.value, 1);
  assert_int_equal(cimc_wire_next(&reader, &field, &fault), CIMC_WIRE_FIELD);
  assert_int_equal(field.type, CIMC_WIRE_I64);
  assert_int_equal(field.value, 2);
  assert_int_equal(cimc_wire_next(&reader, &field, &fault), CIMC_WIRE_END);
}

static void assert_fault(const char *bytes, size_t size, const char *expected) {
  cimc_reader reader = cimc_reader_make(bytes, size);
  cimc_wire_field field;
  const char *fault = NULL;
  assert_int_equal(cimc_wire_next(&reader, &field, &fault), CIMC_WIRE_FAULT);
  assert_non_null(strstr(fault, expected));
  assert_int_equal(cimc_reader_left(&reader), size); // still at the fault
}

static void faults_are_told_apart(void **state) {
  (void)state;
  assert_fault("\x80", 1, "field key");
  assert_fault("\x00\x01", 2, "number out of range");
  assert_fault("\x80\x80\x80\x80\x10\x01", 6, "number out of range");
  assert_fault("\x08", 1, "integer");
  assert_fault("\x0d\x01\x02\x03", 4, "cut short");
  assert_fault("\x09\x01\x02\x03", 4, "cut short");
  assert_fault("\x12\x03hi", 4, "beyond the end");
  assert_fault("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11,
               "beyond the end");
  assert_fault("\x0b", 1, "group");
  assert_fault("\x0c", 1, "group");
  assert_fault("\x0e", 1, "unknown wire type");
}

static void numbers_are_packed_or_not(void **state) {
  (void)state;
  // Field 8: 1, then packed 2, 300 and nothing, then 4; field 9 between.
  cimc_reader message = READER("\x40\x01"
                               "\x42\x03\x02\xac\x02"
                               "\x48\x63"
                               "\x42\x00"
                               "\x40\x04");
  static const uint64_t expected[] = {1, 2, 300, 4};
  cimc_wire_numbers numbers =
      cimc_wire_numbers_make(message, 8, CIMC_WIRE_VARINT);
  size_t count;
  assert_true(cimc_wire_numbers_count(numbers, &count));
  assert_int_equal(count, 4);
  for (size_t i = 0; i < count; i++) {
    uint64_t value;
    assert_int_equal(cimc_wire_numbers_next(&numbers, &value), CIMC_WIRE_FIELD);
    assert_int_equal(value, expected[i]);
  }
}

static void damaged_numbers_are_no_numbers(void **state) {
  (void)state;
  size_t count;
  cimc_reader cut = READER("\x42\x02\x01\x80");
  assert_false(cimc_wire_numbers_count(
      cimc_wire_numbers_make(cut, 8, CIMC_WIRE_VARINT), &count));
  cimc_reader other = READER("\x45\x01\x02\x03\x04");
  assert_false(cimc_wire_numbers_count(
      cimc_wire_numbers_make(other, 8, CIMC_WIRE_VARINT), &count));
}

static void arena_keeps_its_limit(void **state) {
  (void)state;
  cimc_arena arena;
  cimc_arena_init(&arena, 100000);
  assert_null(cimc_arena_alloc(&arena, SIZE_MAX, 2));
  assert_null(cimc_arena_alloc(&arena, SIZE_MAX / 2, 2));
  assert_null(cimc_arena_alloc(&arena, 100001, 1));
  assert_non_null(cimc_arena_alloc(&arena, 0, 8));
  unsigned char *piece = cimc_arena_alloc(&arena, 90000, 1);
  assert_non_null(piece);
  assert_int_equal((uintptr_t)piece % 16, 0);
  for (size_t i = 0; i < 90000; i++)
    assert_int_equal(piece[i], 0);
  assert_null(cimc_arena_alloc(&arena, 10000, 1));
  assert_string_equal(cimc_arena_copy_text(&arena, "hello", 4), "hell");
  while (cimc_arena_alloc(&arena, 1, 1))
    ;
  assert_true(arena.used <= 100000);
  cimc_arena_free(&arena);
}

static void arena_tells_short_memory(void **state) {
  (void)state;
  cimc_arena arena;
  cimc_arena_init(&arena, SIZE_MAX);
  starve_after(0);
  assert_null(cimc_arena_alloc(&arena, 1, 1));
  assert_null(cimc_arena_copy_text(&arena, "", SIZE_MAX));
  starve_after(0);
  assert_null(cimc_arena_copy_text(&arena, "x", 1));
  starve_after(-1);
  assert_string_equal(cimc_arena_copy_text(&arena, NULL, 0), "");
  cimc_arena_free(&arena);
  assert_int_equal(starve_live(), 0);
}

static void texts_are_compared_in_bounds(void **state) {
  (void)state;
  cimc_reader reader = READER("TFL3");
  assert_true(cimc_reader_starts_with(&reader, "TFL", 3));
  assert_false(cimc_reader_starts_with(&reader, "TFX", 3));
  assert_false(cimc_reader_starts_with(&reader, "TFL34", 5));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reader_never_passes_the_end),
      cmocka_unit_test(reader_of_nothing_is_empty),
      cmocka_unit_test(varint_holds_64_bits_and_no_more),
      cmocka_unit_test(field_kinds_are_read),
      cmocka_unit_test(faults_are_told_apart),
      cmocka_unit_test(numbers_are_packed_or_not),
      cmocka_unit_test(damaged_numbers_are_no_numbers),
      cmocka_unit_test(arena_keeps_its_limit),
      cmocka_unit_test(arena_tells_short_memory),
      cmocka_unit_test(texts_are_compared_in_bounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
