// SPDX-License-Identifier: Apache-2.0
//
// FlatBuffers, read in bounds: tables, their fields, vectors. No offset,
// length or vtable is trusted, and nothing here recurses.
//
// Every reader returns false when the file is damaged there; the first fault
// stays in the cimc_flat, to be reported once.
#ifndef CIMC_IMPORT_TFLITE_FLAT_H
#define CIMC_IMPORT_TFLITE_FLAT_H

#include "cimc/import/reader.h"

typedef struct cimc_flat {
  cimc_reader bytes; // the whole file
  const char *fault; // "a table reaches outside of the file"; null: none
  uint64_t fault_at; // byte offset
} cimc_flat;

typedef struct cimc_flat_table {
  cimc_flat *flat; // null: the table is not there
  uint64_t at;
  uint64_t vtable;
  unsigned fields; // that the vtable has
  unsigned size;   // of the table
} cimc_flat_table;

typedef struct cimc_flat_vector {
  cimc_flat *flat;
  uint64_t at; // of element 0
  size_t count;
  cimc_reader bytes; // of all elements
} cimc_flat_vector;

typedef enum cimc_flat_scalar {
  CIMC_FLAT_U8,
  CIMC_FLAT_I8,
  CIMC_FLAT_I32,
  CIMC_FLAT_U32,
  CIMC_FLAT_I64,
  CIMC_FLAT_F32,
} cimc_flat_scalar;

// A number of a field or an element; F32 fills `real`, the others `whole`.
typedef struct cimc_flat_number {
  int64_t whole;
  float real;
} cimc_flat_number;

cimc_flat cimc_flat_make(const void *bytes, size_t size);
bool cimc_flat_root(cimc_flat *flat, cimc_flat_table *out);

// Field `field` (its slot) of a table. What is left out keeps *out as it is:
// the caller puts the default there.
bool cimc_flat_get(const cimc_flat_table *table, unsigned field,
                   cimc_flat_scalar kind, cimc_flat_number *out);
// A field left out gives a table whose flat is null.
bool cimc_flat_get_table(const cimc_flat_table *table, unsigned field,
                         cimc_flat_table *out);
// A field left out gives a vector of no elements.
bool cimc_flat_get_vector(const cimc_flat_table *table, unsigned field,
                          size_t element_bytes, cimc_flat_vector *out);
// Element i < count of a vector of tables.
bool cimc_flat_at_table(const cimc_flat_vector *vector, size_t i,
                        cimc_flat_table *out);
// Element i < count of a vector of numbers of that kind.
bool cimc_flat_at(const cimc_flat_vector *vector, size_t i,
                  cimc_flat_scalar kind, cimc_flat_number *out);

#endif
