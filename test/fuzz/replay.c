// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzzer's target without libFuzzer: replay ROUNDS SEED FILE... gives
// it each file as it is (findings of the past among them), then ROUNDS damaged
// ones, the same for the same seed.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct bytes {
  uint8_t *data; // owned
  size_t size;
} bytes;

static bytes copy_of(const uint8_t *data, size_t size) {
  bytes copy = {.data = malloc(size + 1), .size = size};
  if (!copy.data)
    exit(2);
  if (size)
    memcpy(copy.data, data, size);
  return copy;
}

static bytes read_file(const char *path) {
  static uint8_t buffer[1 << 20];
  FILE *file = fopen(path, "rb");
  if (!file)
    exit(2);
  size_t size = fread(buffer, 1, sizeof buffer, file);
  fclose(file);
  return copy_of(buffer, size);
}

// xorshift64.
static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state >> 11;
}

// A length, offset or count that is nearly right, zero or enormous.
static void set_number(bytes *copy, uint64_t *state) {
  static const uint32_t values[] = {
      0,          1,          0x7f,       0x80,       0xff,    0xffff,
      0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x10000, 8};
  if (copy->size < 4)
    return;
  size_t at = next_random(state) % (copy->size - 3);
  uint32_t value;
  memcpy(&value, copy->data + at, 4);
  uint64_t kind = next_random(state) % 16;
  value =
      kind < 12 ? values[kind] : value + (uint32_t)(next_random(state) % 9) - 4;
  memcpy(copy->data + at, &value, 4);
}

static void set_bytes(bytes *copy, uint64_t kind, uint64_t *state) {
  // Half of the time near the beginning, where structure is.
  size_t near = copy->size < 600 ? copy->size : 600;
  size_t range = next_random(state) % 2 ? copy->size : near;
  for (uint64_t n = 1 + next_random(state) % (kind < 5 ? 1 : 6); n > 0; n--) {
    uint8_t *byte = &copy->data[next_random(state) % range];
    *byte = (uint8_t)(kind == 3   ? 0xff
                      : kind == 4 ? 0
                                  : *byte ^ (1 << next_random(state) % 8));
  }
}

// Cuts the end, takes bytes out, doubles some, or changes a few.
static bytes damage(const bytes *seed, uint64_t *state) {
  bytes copy = copy_of(seed->data, seed->size);
  uint64_t kind = next_random(state) % 10;
  if (copy.size == 0)
    return copy;
  if (kind == 0) {
    copy.size = next_random(state) % copy.size;
  } else if (kind == 1) {
    size_t at = next_random(state) % copy.size;
    size_t count = next_random(state) % 16 % (copy.size - at);
    memmove(copy.data + at, copy.data + at + count, copy.size - at - count);
    copy.size -= count;
  } else if (kind >= 8) {
    set_number(&copy, state);
  } else {
    set_bytes(&copy, kind, state);
  }
  return copy;
}

int main(int argc, char **argv) {
  if (argc < 4 || !freopen("/dev/null", "w", stderr))
    return 2;
  long rounds = atol(argv[1]);
  uint64_t state = strtoull(argv[2], NULL, 10);
  size_t count = (size_t)argc - 3;
  bytes *seeds = calloc(count, sizeof *seeds);
  if (!seeds || state == 0)
    return 2;
  for (size_t i = 0; i < count; i++) {
    seeds[i] = read_file(argv[3 + i]);
    LLVMFuzzerTestOneInput(seeds[i].data, seeds[i].size);
  }
  for (long i = 0; i < rounds; i++) {
    bytes damaged = damage(&seeds[next_random(&state) % count], &state);
    LLVMFuzzerTestOneInput(damaged.data, damaged.size);
    free(damaged.data);
  }
  for (size_t i = 0; i < count; i++)
    free(seeds[i].data);
  free(seeds);
  printf("%zu files, %ld damaged ones\n", count, rounds);
  return 0;
}
