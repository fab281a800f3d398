// SPDX-License-Identifier: Apache-2.0
//
// Damages a file as transfers, bugs and attackers do.
#include "test/fuzz/damage.h"

#include <string.h>

// xorshift64.
uint64_t cimc_damage_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state >> 11;
}

// A length, offset or count that is nearly right, zero or enormous.
static void set_number(uint8_t *data, size_t size, uint64_t *state) {
  static const uint32_t values[] = {
      0,          1,          0x7f,       0x80,       0xff,    0xffff,
      0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x10000, 8};
  if (size < 4)
    return;
  size_t at = cimc_damage_random(state) % (size - 3);
  uint32_t value;
  memcpy(&value, data + at, 4);
  uint64_t kind = cimc_damage_random(state) % 16;
  value = kind < 12 ? values[kind]
                    : value + (uint32_t)(cimc_damage_random(state) % 9) - 4;
  memcpy(data + at, &value, 4);
}

static void set_bytes(uint8_t *data, size_t size, uint64_t kind,
                      uint64_t *state) {
  // Half of the time near the beginning, where structure is.
  size_t near = size < 600 ? size : 600;
  size_t range = cimc_damage_random(state) % 2 ? size : near;
  for (uint64_t n = 1 + cimc_damage_random(state) % (kind < 5 ? 1 : 6); n > 0;
       n--) {
    uint8_t *byte = &data[cimc_damage_random(state) % range];
    *byte =
        (uint8_t)(kind == 3   ? 0xff
                  : kind == 4 ? 0
                              : *byte ^ (1 << cimc_damage_random(state) % 8));
  }
}

size_t cimc_damage(uint8_t *data, size_t size, uint64_t *state) {
  uint64_t kind = cimc_damage_random(state) % 10;
  if (size == 0)
    return 0;
  if (kind == 0)
    return cimc_damage_random(state) % size;
  if (kind == 1) {
    size_t at = cimc_damage_random(state) % size;
    size_t count = cimc_damage_random(state) % 16 % (size - at);
    memmove(data + at, data + at + count, size - at - count);
    return size - count;
  }
  if (kind >= 8)
    set_number(data, size, state);
  else
    set_bytes(data, size, kind, state);
  return size;
}
