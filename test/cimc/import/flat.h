// SPDX-License-Identifier: Apache-2.0
//
// Writes FlatBuffers front to back, sound or not, for tests of their readers:
// tables first, what they point to behind them.
#ifndef TEST_CIMC_IMPORT_FLAT_H
#define TEST_CIMC_IMPORT_FLAT_H

#include "test/runtime/unit.h"

#include <string.h>

typedef struct flat {
  unsigned char bytes[4096];
  size_t size;
} flat;

static inline void flat_put(flat *f, size_t at, uint64_t value, int bytes) {
  assert_true(at + (size_t)bytes <= sizeof f->bytes);
  for (int i = 0; i < bytes; i++)
    f->bytes[at + (size_t)i] = (unsigned char)(value >> (8 * i));
  if (f->size < at + (size_t)bytes)
    f->size = at + (size_t)bytes;
}

// A table of the fields whose letters are given: b 1, w 4, l 8 bytes, - none.
// All are 0 until they are set. Returns where the table is.
static inline size_t flat_table(flat *f, const char *fields) {
  size_t count = strlen(fields), vtable = (f->size + 7) / 8 * 8;
  size_t table = (vtable + 4 + 2 * count + 7) / 8 * 8, at = table + 4;
  flat_put(f, vtable, 4 + 2 * count, 2);
  for (size_t i = 0; i < count; i++) {
    size_t bytes = fields[i] == 'b'   ? 1
                   : fields[i] == 'w' ? 4
                   : fields[i] == 'l' ? 8
                                      : 0;
    if (bytes != 0)
      at = (at + bytes - 1) / bytes * bytes;
    flat_put(f, vtable + 4 + 2 * i, bytes ? at - table : 0, 2);
    at += bytes;
  }
  flat_put(f, vtable + 2, at - table, 2);
  flat_put(f, table, table - vtable, 4);
  if (f->size < at)
    f->size = at;
  return table;
}

static inline size_t flat_field(const flat *f, size_t table, unsigned field) {
  size_t vtable = table - f->bytes[table] - 256u * f->bytes[table + 1];
  size_t slot = vtable + 4 + 2 * field;
  return table + f->bytes[slot] + 256u * f->bytes[slot + 1];
}

static inline void flat_set(flat *f, size_t table, unsigned field,
                            uint64_t value, int bytes) {
  flat_put(f, flat_field(f, table, field), value, bytes);
}

// Points the four bytes at `from` to `to`, which is behind them.
static inline void flat_link(flat *f, size_t from, size_t to) {
  flat_put(f, from, to - from, 4);
}

// A field that is a vector of `count` elements; zeros where `data` is null.
// Returns where the first element is.
static inline size_t flat_vector(flat *f, size_t table, unsigned field,
                                 const void *data, size_t count, int bytes) {
  size_t at = (f->size + 3) / 8 * 8 + 4;
  at += at < f->size ? 8 : 0;
  flat_put(f, at, count, 4);
  flat_link(f, flat_field(f, table, field), at);
  f->size = at + 4 + count * (size_t)bytes;
  assert_true(f->size <= sizeof f->bytes);
  if (data)
    memcpy(f->bytes + at + 4, data, count * (size_t)bytes);
  return at + 4;
}

static inline void flat_text(flat *f, size_t table, unsigned field,
                             const char *text) {
  flat_vector(f, table, field, text, strlen(text), 1);
}

#endif
