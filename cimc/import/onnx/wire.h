// SPDX-License-Identifier: Apache-2.0
//
// Protobuf's wire format: the fields of one message, one after the other.
#ifndef CIMC_IMPORT_ONNX_WIRE_H
#define CIMC_IMPORT_ONNX_WIRE_H

#include "cimc/import/reader.h"

typedef enum cimc_wire_type {
  CIMC_WIRE_VARINT = 0,
  CIMC_WIRE_I64 = 1,
  CIMC_WIRE_BYTES = 2, // string, message or packed numbers
  CIMC_WIRE_I32 = 5,
} cimc_wire_type;

typedef struct cimc_wire_field {
  uint32_t number;
  cimc_wire_type type;
  uint64_t value;    // VARINT, I64, I32
  cimc_reader bytes; // BYTES
} cimc_wire_field;

typedef enum cimc_wire_step {
  CIMC_WIRE_END,
  CIMC_WIRE_FIELD,
  CIMC_WIRE_FAULT,
} cimc_wire_step;

// The next field. A fault leaves the reader at the field that is wrong and
// sets *out_fault to what is: "a group, which ONNX does not use".
cimc_wire_step cimc_wire_next(cimc_reader *message, cimc_wire_field *out,
                              const char **out_fault);

// The numbers of a repeated field, packed, unpacked or both.
typedef struct cimc_wire_numbers {
  cimc_reader message;
  cimc_reader packed;
  uint32_t number;
  cimc_wire_type type; // of one number
} cimc_wire_numbers;

cimc_wire_numbers cimc_wire_numbers_make(cimc_reader message, uint32_t number,
                                         cimc_wire_type type);
cimc_wire_step cimc_wire_numbers_next(cimc_wire_numbers *numbers,
                                      uint64_t *out);
// How many there are; false when one is damaged.
bool cimc_wire_numbers_count(cimc_wire_numbers numbers, size_t *out);

#endif
