// SPDX-License-Identifier: Apache-2.0
//
// Unit tests of cimc/driver/cache.c in the current folder: an entry comes back
// as it was stored, damaged ones do not, and short memory only costs the cache.
#include "cimc/driver/cache.h"
#include "cimc/driver/library.h"

#include "test/cimc/import/starve.h"
#include "test/runtime/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The cache asks for these two of the driver's other parts.
const char *cimc_library_path(void) { return "/proc/self/exe"; }

void cimc_child_free(cimc_child_output *output) {
  starved_free(output->data);
  starved_free(output->messages);
  *output = (cimc_child_output){0};
}

static char data[] = "object", messages[] = "warning: x\n", name[] = "beside";
static char *files[] = {name};
static const cimc_child_output output = {.data = data,
                                         .size = sizeof data,
                                         .files = files,
                                         .file_count = 1,
                                         .messages = messages};
static const cimc_child_job job = {
    .compile = {.input = "m.onnx", .bytes = "model", .size = 5}};

static void put_file(const char *text) {
  FILE *file = fopen(name, "wb");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

static bool is_found(const cimc_cache *cache) {
  cimc_child_output found;
  if (!cimc_cache_lookup(cache, &found))
    return false;
  assert_int_equal(found.size, sizeof data);
  assert_memory_equal(found.data, data, sizeof data);
  assert_string_equal(found.messages, messages);
  cimc_child_free(&found);
  return true;
}

static void open_cache(cimc_cache *cache) {
  const char *why;
  cimc_cache_open("cache", &job, cache, &why);
  assert_true(cache->on);
  assert_null(why);
}

static void an_entry_comes_back(void **state) {
  (void)state;
  cimc_cache cache;
  put_file("as it was");
  open_cache(&cache);
  assert_false(is_found(&cache));
  assert_null(cimc_cache_store(&cache, &output));
  assert_true(is_found(&cache));
  put_file("changed since");
  assert_false(is_found(&cache));
  cimc_cache_close(&cache);
  assert_int_equal(starve_live(), 0);
}

static void any_damage_makes_it_none(void **state) {
  (void)state;
  cimc_cache cache;
  put_file("as it was");
  open_cache(&cache);
  assert_null(cimc_cache_store(&cache, &output));
  FILE *file = fopen(cache.path, "r+b");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  long size = ftell(file);
  for (long i = 0; i < size; i++) {
    fseek(file, i, SEEK_SET);
    int byte = fgetc(file);
    for (int step = 0; step < 2; step++) { // damage it, then mend it
      fseek(file, i, SEEK_SET);
      fputc(step ? byte : byte ^ 4, file);
      fflush(file);
      assert_int_equal(is_found(&cache), step);
    }
  }
  for (long i = size - 1; i >= 0; i--) {
    assert_int_equal(truncate(cache.path, i), 0);
    assert_false(is_found(&cache));
  }
  fclose(file);
  cimc_cache_close(&cache);
  assert_int_equal(starve_live(), 0);
}

static void short_memory_only_costs_the_cache(void **state) {
  (void)state;
  put_file("as it was");
  long misses = 0;
  for (long count = 0, go_on = 1; go_on; count++) {
    cimc_cache cache;
    const char *why;
    starve_after(count);
    cimc_cache_open("cache", &job, &cache, &why);
    assert_true(cache.on != (why != NULL));
    bool stored = cimc_cache_store(&cache, &output) == NULL && cache.on;
    bool found = is_found(&cache);
    assert_true(stored || found || starve_happened());
    misses += !found;
    go_on = starve_happened();
    starve_after(-1);
    cimc_cache_close(&cache);
    assert_int_equal(starve_live(), 0);
  }
  assert_true(misses > 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_entry_comes_back),
      cmocka_unit_test(any_damage_makes_it_none),
      cmocka_unit_test(short_memory_only_costs_the_cache),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
