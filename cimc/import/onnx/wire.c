// SPDX-License-Identifier: Apache-2.0
//
// Reads protobuf's wire format without recursion: a message inside a field is
// handed out as bytes, and whoever knows its kind reads it in turn.
#include "cimc/import/onnx/wire.h"

static const char *read_payload(cimc_reader *reader, cimc_wire_field *field,
                                unsigned type) {
  uint32_t word;
  uint64_t size;
  switch (type) {
  case CIMC_WIRE_VARINT:
    return cimc_reader_varint(reader, &field->value)
               ? NULL
               : "an integer that is cut short or longer than 64 bits";
  case CIMC_WIRE_I64:
    return cimc_reader_u64(reader, &field->value)
               ? NULL
               : "a number that is cut short";
  case CIMC_WIRE_I32:
    if (!cimc_reader_u32(reader, &word))
      return "a number that is cut short";
    field->value = word;
    return NULL;
  case CIMC_WIRE_BYTES:
    if (!cimc_reader_varint(reader, &size))
      return "a length that is cut short or longer than 64 bits";
    return cimc_reader_take(reader, size, &field->bytes)
               ? NULL
               : "a length beyond the end of its message";
  case 3:
  case 4:
    return "a group, which ONNX does not use";
  default:
    return "an unknown wire type";
  }
}

cimc_wire_step cimc_wire_next(cimc_reader *message, cimc_wire_field *out,
                              const char **out_fault) {
  if (cimc_reader_left(message) == 0)
    return CIMC_WIRE_END;
  cimc_reader reader = *message;
  uint64_t key;
  *out_fault = "a field key that is cut short";
  if (!cimc_reader_varint(&reader, &key))
    return CIMC_WIRE_FAULT;
  *out_fault = "a field number out of range";
  if (key >> 3 == 0 || key >> 3 > 0x1fffffff)
    return CIMC_WIRE_FAULT;
  *out = (cimc_wire_field){.number = (uint32_t)(key >> 3),
                           .bytes = cimc_reader_make(NULL, 0)};
  *out_fault = read_payload(&reader, out, (unsigned)(key & 7));
  if (*out_fault)
    return CIMC_WIRE_FAULT;
  out->type = (cimc_wire_type)(key & 7);
  *message = reader;
  return CIMC_WIRE_FIELD;
}

cimc_wire_numbers cimc_wire_numbers_make(cimc_reader message, uint32_t number,
                                         cimc_wire_type type) {
  return (cimc_wire_numbers){.message = message,
                             .packed = cimc_reader_make(NULL, 0),
                             .number = number,
                             .type = type};
}

static bool read_packed(cimc_wire_numbers *numbers, uint64_t *out) {
  uint32_t word;
  if (numbers->type == CIMC_WIRE_VARINT)
    return cimc_reader_varint(&numbers->packed, out);
  if (numbers->type == CIMC_WIRE_I64)
    return cimc_reader_u64(&numbers->packed, out);
  if (!cimc_reader_u32(&numbers->packed, &word))
    return false;
  *out = word;
  return true;
}

cimc_wire_step cimc_wire_numbers_next(cimc_wire_numbers *numbers,
                                      uint64_t *out) {
  while (cimc_reader_left(&numbers->packed) == 0) {
    cimc_wire_field field;
    const char *fault;
    cimc_wire_step step = cimc_wire_next(&numbers->message, &field, &fault);
    if (step != CIMC_WIRE_FIELD)
      return step;
    if (field.number != numbers->number)
      continue;
    if (field.type == numbers->type) {
      *out = field.value;
      return CIMC_WIRE_FIELD;
    }
    if (field.type != CIMC_WIRE_BYTES)
      return CIMC_WIRE_FAULT;
    numbers->packed = field.bytes;
  }
  return read_packed(numbers, out) ? CIMC_WIRE_FIELD : CIMC_WIRE_FAULT;
}

bool cimc_wire_numbers_count(cimc_wire_numbers numbers, size_t *out) {
  size_t count = 0;
  uint64_t ignored;
  cimc_wire_step step;
  while ((step = cimc_wire_numbers_next(&numbers, &ignored)) == CIMC_WIRE_FIELD)
    count++;
  *out = count;
  return step == CIMC_WIRE_END;
}
