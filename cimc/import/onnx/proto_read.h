// SPDX-License-Identifier: Apache-2.0
//
// What the readers of ONNX messages share: walking a message's fields, faults,
// text. Private to proto.c and proto_node.c.
#ifndef CIMC_IMPORT_ONNX_PROTO_READ_H
#define CIMC_IMPORT_ONNX_PROTO_READ_H

#include "cimc/import/onnx/proto.h"
#include "cimc/import/onnx/wire.h"

typedef struct cimc_proto_source {
  const char *file;
  const unsigned char *start; // of the file, for offsets in errors
  cimc_arena *arena;
} cimc_proto_source;

// A walk over one message: `while (cimc_proto_next(&cursor)) …`, then
// `return !cursor.failed`.
typedef struct cimc_proto_cursor {
  const cimc_proto_source *source;
  cimc_reader rest;
  const char *message; // its name in errors
  cimc_wire_field field;
  bool failed;
} cimc_proto_cursor;

bool cimc_proto_next(cimc_proto_cursor *cursor);
// That the field has the type the schema gives it.
bool cimc_proto_expect(cimc_proto_cursor *cursor, cimc_wire_type type);

// How often each field number below CIMC_PROTO_FIELDS occurs.
#define CIMC_PROTO_FIELDS 32
typedef struct cimc_proto_counts {
  size_t of[CIMC_PROTO_FIELDS];
} cimc_proto_counts;
bool cimc_proto_count(const cimc_proto_source *source, cimc_reader body,
                      const char *message, cimc_proto_counts *counts);

// All return false or null after reporting.
bool cimc_proto_fault(const cimc_proto_source *source, const cimc_reader *at,
                      const char *message, const char *fault);
bool cimc_proto_no_memory(const cimc_proto_source *source);
bool cimc_proto_text(const cimc_proto_source *source, cimc_reader bytes,
                     const char **out);
void *cimc_proto_array(const cimc_proto_source *source, size_t count,
                       size_t size);

bool cimc_proto_read_node(const cimc_proto_source *source, cimc_reader body,
                          cimc_proto_node *out);
bool cimc_proto_read_tensor(const cimc_proto_source *source, cimc_reader body,
                            cimc_proto_tensor *out);

#endif
