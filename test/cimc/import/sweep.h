// SPDX-License-Identifier: Apache-2.0
//
// Every small damage to a file, one after the other: whatever the bytes, a
// reader says yes, or no with an error reported, and keeps no memory.
#ifndef TEST_CIMC_IMPORT_SWEEP_H
#define TEST_CIMC_IMPORT_SWEEP_H

#include "dialect/diag.h"
#include "test/cimc/import/starve.h"
#include "test/runtime/unit.h"

#include <stdlib.h>
#include <string.h>

// Reads the file and frees all it got; whether the file was good.
typedef bool (*sweep_fn)(const unsigned char *bytes, size_t size);

// One read of an exact copy, so that a sanitizer sees the first byte beyond.
static inline bool sweep_read(sweep_fn read, const unsigned char *bytes,
                              size_t size) {
  unsigned char *copy = malloc(size ? size : 1);
  assert_non_null(copy);
  memcpy(copy, bytes, size);
  long live = starve_live();
  unsigned errors = cimc_diag_error_count();
  bool good = read(copy, size);
  errors = cimc_diag_error_count() - errors;
  free(copy);
  assert_int_equal(errors, good ? 0 : 1);
  assert_int_equal(starve_live(), live);
  return good;
}

// Cut short at every byte, and every byte replaced by telling values.
static inline void sweep_damage(sweep_fn read, const unsigned char *bytes,
                                size_t size) {
  static const unsigned char masks[] = {0x01, 0x02, 0x04, 0x08, 0x10,
                                        0x20, 0x40, 0x80, 0xff, 0x7f};
  assert_true(sweep_read(read, bytes, size));
  for (size_t i = 0; i < size; i++)
    sweep_read(read, bytes, i);
  unsigned char *copy = malloc(size);
  assert_non_null(copy);
  memcpy(copy, bytes, size);
  for (size_t i = 0; i < size; i++) {
    for (size_t k = 0; k < sizeof masks; k++) {
      copy[i] = bytes[i] ^ masks[k];
      sweep_read(read, copy, size);
    }
    copy[i] = 0;
    sweep_read(read, copy, size);
    copy[i] = 0xff;
    sweep_read(read, copy, size);
    copy[i] = bytes[i];
  }
  free(copy);
}

// Each allocation fails once; in the end none does.
static inline void sweep_memory(sweep_fn read, const unsigned char *bytes,
                                size_t size) {
  long count = 0;
  for (bool failed = true; failed; count++) {
    starve_after(count);
    bool good = sweep_read(read, bytes, size);
    failed = starve_happened();
    assert_int_equal(good, !failed);
  }
  starve_after(-1);
  assert_true(count > 1);
}

#endif
