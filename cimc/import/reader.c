// SPDX-License-Identifier: Apache-2.0
//
// The bounded cursor over input bytes.
#include "cimc/import/reader.h"

#include <string.h>

cimc_reader cimc_reader_make(const void *bytes, size_t size) {
  static const unsigned char nothing[1];
  const unsigned char *at = bytes ? bytes : nothing;
  return (cimc_reader){.at = at, .end = at + (bytes ? size : 0)};
}

size_t cimc_reader_left(const cimc_reader *reader) {
  return (size_t)(reader->end - reader->at);
}

// Little endian, `count` <= 8 bytes.
static bool read_bytes(cimc_reader *reader, unsigned count, uint64_t *out) {
  if (cimc_reader_left(reader) < count)
    return false;
  uint64_t value = 0;
  for (unsigned i = 0; i < count; i++)
    value |= (uint64_t)reader->at[i] << (8 * i);
  reader->at += count;
  *out = value;
  return true;
}

bool cimc_reader_u8(cimc_reader *reader, uint8_t *out) {
  uint64_t value;
  if (!read_bytes(reader, 1, &value))
    return false;
  *out = (uint8_t)value;
  return true;
}

bool cimc_reader_u16(cimc_reader *reader, uint16_t *out) {
  uint64_t value;
  if (!read_bytes(reader, 2, &value))
    return false;
  *out = (uint16_t)value;
  return true;
}

bool cimc_reader_u32(cimc_reader *reader, uint32_t *out) {
  uint64_t value;
  if (!read_bytes(reader, 4, &value))
    return false;
  *out = (uint32_t)value;
  return true;
}

bool cimc_reader_u64(cimc_reader *reader, uint64_t *out) {
  return read_bytes(reader, 8, out);
}

bool cimc_reader_varint(cimc_reader *reader, uint64_t *out) {
  uint64_t value = 0;
  const unsigned char *at = reader->at;
  for (unsigned shift = 0; at < reader->end; shift += 7) {
    uint64_t byte = *at++;
    if (shift == 63 && byte > 1)
      return false; // more than 64 bits, or more than ten bytes
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      reader->at = at;
      *out = value;
      return true;
    }
  }
  return false;
}

bool cimc_reader_take(cimc_reader *reader, uint64_t size, cimc_reader *out) {
  if (size > cimc_reader_left(reader))
    return false;
  *out = (cimc_reader){.at = reader->at, .end = reader->at + size};
  reader->at += size;
  return true;
}

bool cimc_reader_starts_with(const cimc_reader *reader, const char *text,
                             size_t length) {
  return cimc_reader_left(reader) >= length &&
         memcmp(reader->at, text, length) == 0;
}
