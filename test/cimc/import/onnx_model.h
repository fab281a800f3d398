// SPDX-License-Identifier: Apache-2.0
//
// ONNX files made and read in memory, for the tests of their readers.
#ifndef TEST_CIMC_IMPORT_ONNX_MODEL_H
#define TEST_CIMC_IMPORT_ONNX_MODEL_H

#include "cimc/import/onnx/graph.h"
#include "test/cimc/import/message.h"
#include "test/cimc/import/sweep.h"

// Fields of GraphProto.
enum { NODE = 1, INITIALIZER = 5, INPUT = 11, OUTPUT = 12 };

// -- Reading -----------------------------------------------------------------
extern char model_path[64]; // where the model is said to stand
extern size_t arena_limit;  // of each reading

typedef struct reading {
  cimc_arena arena;
  cimc_proto_model model;
  cimc_graph graph;
  cimc_import_files files;
  cimc_tensor_source source;
} reading;

// The messages of a file; finish() also after false.
bool start(reading *r, const unsigned char *bytes, size_t size);
void finish(reading *r);
// Every tensor the file holds.
bool load_all(reading *r);
// All of it, as the importer does.
bool read_whole(const unsigned char *bytes, size_t size);
// Reads a model with that graph once.
bool graph_is_good(const message *graph);

// -- Writing -----------------------------------------------------------------
typedef struct tensor_case {
  const char *name;
  int64_t elem;
  int64_t dims[2]; // 0: none
  unsigned field;  // of the data: 9 is raw
  const char *data;
  size_t size;
} tensor_case;

// Every encoding; values are 1 and 2 where there are two.
enum { ENCODINGS = 21 };
extern const tensor_case encodings[ENCODINGS];

message tensor_of(const tensor_case *c);
// Four bytes in another file; null entries are left out.
message external_of(const char *location, const char *offset,
                    const char *length);
void put_value(message *graph, unsigned field, const char *name);
// Names are a letter each; '-' is left out. An "Op" unless it is named.
void put_op(message *graph, const char *op_type, const char *inputs,
            const char *outputs);
void put_node(message *graph, const char *name, const char *inputs,
              const char *outputs);
// A file with all that ONNX has for us; nodes stand out of order. Needs
// w.bin beside it.
message whole_model(void);

#endif
