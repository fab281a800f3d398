// SPDX-License-Identifier: Apache-2.0
//
// A bounded cursor over input bytes, and the only code that indexes them.
// Every read checks what is left and returns false, unmoved, when it is short.
#ifndef CIMC_IMPORT_READER_H
#define CIMC_IMPORT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cimc_reader {
  const unsigned char *at;
  const unsigned char *end;
} cimc_reader;

cimc_reader cimc_reader_make(const void *bytes, size_t size);
size_t cimc_reader_left(const cimc_reader *reader);

bool cimc_reader_u8(cimc_reader *reader, uint8_t *out);
// Little endian.
bool cimc_reader_u16(cimc_reader *reader, uint16_t *out);
bool cimc_reader_u32(cimc_reader *reader, uint32_t *out);
bool cimc_reader_u64(cimc_reader *reader, uint64_t *out);
// Protobuf's base-128 integer: at most ten bytes and 64 bits.
bool cimc_reader_varint(cimc_reader *reader, uint64_t *out);
// The next `size` bytes as a reader of their own.
bool cimc_reader_take(cimc_reader *reader, uint64_t size, cimc_reader *out);
// True when the next bytes are `text`; does not move.
bool cimc_reader_starts_with(const cimc_reader *reader, const char *text,
                             size_t length);

#endif
