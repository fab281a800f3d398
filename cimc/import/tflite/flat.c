// SPDX-License-Identifier: Apache-2.0
//
// Reads FlatBuffers in bounds.
#include "cimc/import/tflite/flat.h"

#include <string.h>

// A table's vtable lies `i32 at the table` before it: u16 its own size, u16
// the table's size, then for each field a u16 from the table's start, 0 for a
// field left out. Tables, vectors and strings are reached by a u32 forward.
enum { VTABLE_HEAD = 4 };

cimc_flat cimc_flat_make(const void *bytes, size_t size) {
  return (cimc_flat){.bytes = cimc_reader_make(bytes, size)};
}

static bool fail(cimc_flat *flat, uint64_t at, const char *fault) {
  if (!flat->fault) {
    flat->fault = fault;
    flat->fault_at = at;
  }
  return false;
}

// Whether `bytes` bytes from `at` on are all in the file.
static bool holds(const cimc_flat *flat, uint64_t at, uint64_t bytes) {
  size_t left = cimc_reader_left(&flat->bytes);
  return at <= left && bytes <= left - at;
}

static bool seek(const cimc_flat *flat, uint64_t at, cimc_reader *out) {
  cimc_reader skipped;
  *out = flat->bytes;
  return cimc_reader_take(out, at, &skipped);
}

static bool read_u16(cimc_flat *flat, uint64_t at, unsigned *out) {
  cimc_reader reader;
  uint16_t value;
  if (!seek(flat, at, &reader) || !cimc_reader_u16(&reader, &value))
    return fail(flat, at, "a table reaches outside of the file");
  *out = value;
  return true;
}

static bool read_u32(cimc_flat *flat, uint64_t at, uint32_t *out) {
  cimc_reader reader;
  if (!seek(flat, at, &reader) || !cimc_reader_u32(&reader, out))
    return fail(flat, at, "an offset points outside of the file");
  return true;
}

static bool open_table(cimc_flat *flat, uint64_t at, cimc_flat_table *out) {
  uint32_t back;
  unsigned size;
  *out = (cimc_flat_table){.flat = flat, .at = at};
  if (!read_u32(flat, at, &back))
    return false;
  int64_t vtable = (int64_t)at - (int32_t)back;
  if (vtable < 0)
    return fail(flat, at, "a table's layout lies outside of the file");
  out->vtable = (uint64_t)vtable;
  if (!read_u16(flat, out->vtable, &size) ||
      !read_u16(flat, out->vtable + 2, &out->size))
    return false;
  if (size < VTABLE_HEAD || size % 2 != 0 || !holds(flat, out->vtable, size))
    return fail(flat, out->vtable, "a table's layout has a wrong size");
  if (out->size < 4 || !holds(flat, at, out->size))
    return fail(flat, at, "a table reaches outside of the file");
  out->fields = (size - VTABLE_HEAD) / 2;
  return true;
}

bool cimc_flat_root(cimc_flat *flat, cimc_flat_table *out) {
  uint32_t at;
  return read_u32(flat, 0, &at) && open_table(flat, at, out);
}

// Where a field of `bytes` stands; 0 in *out when it is left out.
static bool find(const cimc_flat_table *table, unsigned field, unsigned bytes,
                 uint64_t *out) {
  unsigned from = 0;
  *out = 0;
  if (!table->flat || field >= table->fields)
    return true;
  // Inside, as the layout was when the table was opened.
  read_u16(table->flat, table->vtable + VTABLE_HEAD + 2 * field, &from);
  if (from == 0)
    return true;
  if (from < 4 || from + bytes > table->size)
    return fail(table->flat, table->at, "a field lies outside of its table");
  *out = table->at + from;
  return true;
}

static unsigned bytes_of(cimc_flat_scalar kind) {
  static const unsigned bytes[] = {1, 1, 4, 4, 8, 4};
  return bytes[kind];
}

static bool read_number(cimc_reader *reader, cimc_flat_scalar kind,
                        cimc_flat_number *out) {
  uint8_t byte;
  uint32_t word;
  uint64_t wide;
  switch (kind) {
  case CIMC_FLAT_U8:
  case CIMC_FLAT_I8:
    if (!cimc_reader_u8(reader, &byte))
      return false;
    out->whole = kind == CIMC_FLAT_I8 ? (int8_t)byte : byte;
    return true;
  case CIMC_FLAT_I64:
    if (!cimc_reader_u64(reader, &wide))
      return false;
    out->whole = (int64_t)wide;
    return true;
  default:
    if (!cimc_reader_u32(reader, &word))
      return false;
    out->whole = kind == CIMC_FLAT_I32 ? (int32_t)word : (int64_t)word;
    memcpy(&out->real, &word, sizeof word);
    return true;
  }
}

bool cimc_flat_get(const cimc_flat_table *table, unsigned field,
                   cimc_flat_scalar kind, cimc_flat_number *out) {
  uint64_t at;
  cimc_reader reader;
  if (!find(table, field, bytes_of(kind), &at))
    return false;
  return at == 0 ||
         (seek(table->flat, at, &reader) && read_number(&reader, kind, out));
}

// Where the offset at `at` points, in a field or an element found before.
static uint64_t follow(cimc_flat *flat, uint64_t at) {
  uint32_t offset = 0;
  read_u32(flat, at, &offset);
  return at + offset;
}

bool cimc_flat_get_table(const cimc_flat_table *table, unsigned field,
                         cimc_flat_table *out) {
  uint64_t at;
  *out = (cimc_flat_table){.flat = NULL};
  if (!find(table, field, 4, &at))
    return false;
  return at == 0 || open_table(table->flat, follow(table->flat, at), out);
}

bool cimc_flat_get_vector(const cimc_flat_table *table, unsigned field,
                          size_t element_bytes, cimc_flat_vector *out) {
  uint64_t at, target;
  uint32_t count;
  cimc_reader reader;
  *out = (cimc_flat_vector){.flat = table->flat};
  if (!find(table, field, 4, &at))
    return false;
  if (at == 0)
    return true;
  target = follow(table->flat, at);
  if (!read_u32(table->flat, target, &count))
    return false;
  out->at = target + 4;
  out->count = count;
  seek(table->flat, out->at, &reader);
  if (!cimc_reader_take(&reader, (uint64_t)count * element_bytes, &out->bytes))
    return fail(table->flat, target,
                "a list is longer than the rest of the file");
  return true;
}

bool cimc_flat_at_table(const cimc_flat_vector *vector, size_t i,
                        cimc_flat_table *out) {
  uint64_t element = vector->at + 4 * (uint64_t)i;
  return open_table(vector->flat, follow(vector->flat, element), out);
}

bool cimc_flat_at(const cimc_flat_vector *vector, size_t i,
                  cimc_flat_scalar kind, cimc_flat_number *out) {
  cimc_reader reader = vector->bytes, skipped;
  return cimc_reader_take(&reader, (uint64_t)i * bytes_of(kind), &skipped) &&
         read_number(&reader, kind, out);
}
