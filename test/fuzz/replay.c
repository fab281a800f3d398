// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzzer's target without libFuzzer: replay ROUNDS SEED FILE... gives
// it each file as it is (findings of the past among them), then ROUNDS damaged
// ones, the same for the same seed.
#include "test/fuzz/damage.h"

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

static bytes damaged_copy(const bytes *seed, uint64_t *state) {
  bytes copy = copy_of(seed->data, seed->size);
  copy.size = cimc_damage(copy.data, copy.size, state);
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
    bytes damaged =
        damaged_copy(&seeds[cimc_damage_random(&state) % count], &state);
    LLVMFuzzerTestOneInput(damaged.data, damaged.size);
    free(damaged.data);
  }
  for (size_t i = 0; i < count; i++)
    free(seeds[i].data);
  free(seeds);
  printf("%zu files, %ld damaged ones\n", count, rounds);
  return 0;
}
