// SPDX-License-Identifier: Apache-2.0
//
// Writes protobuf messages, sound or not, for tests of their readers.
#ifndef TEST_CIMC_IMPORT_MESSAGE_H
#define TEST_CIMC_IMPORT_MESSAGE_H

#include "test/runtime/unit.h"

#include <stdlib.h>
#include <string.h>

typedef struct message {
  unsigned char bytes[4096];
  size_t size;
} message;

static inline void message_byte(message *m, unsigned byte) {
  assert_true(m->size < sizeof m->bytes);
  m->bytes[m->size++] = (unsigned char)byte;
}

static inline void message_varint(message *m, uint64_t value) {
  for (; value > 127; value >>= 7)
    message_byte(m, (value & 127) | 128);
  message_byte(m, (unsigned)value);
}

static inline void message_number(message *m, unsigned field, int64_t value) {
  message_varint(m, field << 3);
  message_varint(m, (uint64_t)value);
}

static inline void message_u32(message *m, unsigned field, uint32_t value) {
  message_varint(m, field << 3 | 5);
  for (int i = 0; i < 32; i += 8)
    message_byte(m, value >> i & 255);
}

static inline void message_u64(message *m, unsigned field, uint64_t value) {
  message_varint(m, field << 3 | 1);
  for (int i = 0; i < 64; i += 8)
    message_byte(m, value >> i & 255);
}

static inline void message_data(message *m, unsigned field, const void *data,
                                size_t size) {
  message_varint(m, field << 3 | 2);
  message_varint(m, size);
  for (size_t i = 0; i < size; i++)
    message_byte(m, ((const unsigned char *)data)[i]);
}

static inline void message_text(message *m, unsigned field, const char *text) {
  message_data(m, field, text, strlen(text));
}

static inline void message_nest(message *m, unsigned field,
                                const message *inner) {
  message_data(m, field, inner->bytes, inner->size);
}

#endif
