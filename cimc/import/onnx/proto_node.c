// SPDX-License-Identifier: Apache-2.0
//
// Reads NodeProto, AttributeProto and TensorProto.
#include "cimc/import/onnx/proto_read.h"

#include "dialect/diag.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *cimc_proto_elem_name(int64_t elem) {
  static const char *const names[] = {
      "undefined",      "float32",    "uint8",
      "int8",           "uint16",     "int16",
      "int32",          "int64",      "string",
      "bool",           "float16",    "float64",
      "uint32",         "uint64",     "complex64",
      "complex128",     "bfloat16",   "float8e4m3fn",
      "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz",
      "uint4",          "int4",       "float4e2m1",
      "float8e8m0",     "uint2",      "int2"};
  if (elem < 0 || elem >= (int64_t)(sizeof names / sizeof *names))
    return "an unknown type";
  return names[elem];
}

// -- Tensors -----------------------------------------------------------------
// The decimal number an external_data entry holds.
static bool parse_number(const char *text, int64_t *out) {
  if (text[0] < '0' || text[0] > '9')
    return false;
  char *end;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  *out = value;
  return errno == 0 && *end == '\0';
}

static bool read_entry(const cimc_proto_source *source, cimc_reader body,
                       cimc_proto_tensor *out) {
  cimc_proto_cursor cursor = {
      .source = source, .rest = body, .message = "external data entry"};
  const char *text[2] = {"", ""};
  while (cimc_proto_next(&cursor))
    if (cursor.field.number <= 2 &&
        (!cimc_proto_expect(&cursor, CIMC_WIRE_BYTES) ||
         !cimc_proto_text(source, cursor.field.bytes,
                          &text[cursor.field.number - 1])))
      return false;
  if (cursor.failed)
    return false;
  if (strcmp(text[0], "location") == 0)
    out->location = text[1];
  int64_t *number = strcmp(text[0], "offset") == 0   ? &out->offset
                    : strcmp(text[0], "length") == 0 ? &out->length
                                                     : NULL;
  return !number || parse_number(text[1], number) ||
         cimc_proto_fault(source, &body, "tensor",
                          "an external data offset or length that is not a "
                          "whole number");
}

static bool read_dims(const cimc_proto_source *source, cimc_reader body,
                      cimc_proto_tensor *out) {
  cimc_wire_numbers numbers = cimc_wire_numbers_make(body, 1, CIMC_WIRE_VARINT);
  uint64_t dim;
  cimc_wire_step step;
  out->count = 1;
  while ((step = cimc_wire_numbers_next(&numbers, &dim)) == CIMC_WIRE_FIELD) {
    if (out->rank == CIMC_PROTO_RANK_MAX) {
      cimc_diag_error(source->file,
                      "tensor '%s' has more than %d dimensions, which cimc "
                      "does not handle",
                      out->name, CIMC_PROTO_RANK_MAX);
      return false;
    }
    if (dim > INT64_MAX)
      return cimc_proto_fault(source, &body, "tensor", "a negative dimension");
    out->dim[out->rank++] = (int64_t)dim;
    if (__builtin_mul_overflow(out->count, (int64_t)dim, &out->count))
      return cimc_proto_fault(source, &body, "tensor",
                              "more elements than 64 bits count");
  }
  return step == CIMC_WIRE_END ||
         cimc_proto_fault(source, &body, "tensor", "damaged dimensions");
}

static bool read_tensor_field(const cimc_proto_source *source,
                              cimc_proto_cursor *cursor,
                              cimc_proto_tensor *out) {
  switch (cursor->field.number) {
  case 2:
    out->elem = (int64_t)cursor->field.value;
    return cimc_proto_expect(cursor, CIMC_WIRE_VARINT);
  case 3:
    out->segmented = true;
    return true;
  case 8:
    return cimc_proto_expect(cursor, CIMC_WIRE_BYTES) &&
           cimc_proto_text(source, cursor->field.bytes, &out->name);
  case 9:
    out->has_raw = true;
    out->raw = cursor->field.bytes;
    return cimc_proto_expect(cursor, CIMC_WIRE_BYTES);
  case 13:
    return cimc_proto_expect(cursor, CIMC_WIRE_BYTES) &&
           read_entry(source, cursor->field.bytes, out);
  case 14:
    out->external = cursor->field.value == 1;
    return cimc_proto_expect(cursor, CIMC_WIRE_VARINT);
  default:
    return true;
  }
}

bool cimc_proto_read_tensor(const cimc_proto_source *source, cimc_reader body,
                            cimc_proto_tensor *out) {
  *out = (cimc_proto_tensor){.name = "",
                             .body = body,
                             .raw = cimc_reader_make(NULL, 0),
                             .location = "",
                             .length = -1};
  cimc_proto_cursor cursor = {
      .source = source, .rest = body, .message = "tensor"};
  while (cimc_proto_next(&cursor))
    if (!read_tensor_field(source, &cursor, out))
      return false;
  return !cursor.failed && read_dims(source, body, out);
}

// -- Attributes --------------------------------------------------------------
// ints (8) and floats (7), which may be packed or not.
static bool read_lists(const cimc_proto_source *source, cimc_reader body,
                       cimc_proto_attribute *out) {
  cimc_wire_numbers ints = cimc_wire_numbers_make(body, 8, CIMC_WIRE_VARINT);
  cimc_wire_numbers floats = cimc_wire_numbers_make(body, 7, CIMC_WIRE_I32);
  if (!cimc_wire_numbers_count(ints, &out->int_count) ||
      !cimc_wire_numbers_count(floats, &out->float_count))
    return cimc_proto_fault(source, &body, "attribute", "a damaged list");
  if (!(out->ints =
            cimc_proto_array(source, out->int_count, sizeof *out->ints)) ||
      !(out->floats =
            cimc_proto_array(source, out->float_count, sizeof *out->floats)))
    return false;
  uint64_t value;
  for (size_t i = 0; i < out->int_count; i++) {
    cimc_wire_numbers_next(&ints, &value);
    out->ints[i] = (int64_t)value;
  }
  for (size_t i = 0; i < out->float_count; i++) {
    cimc_wire_numbers_next(&floats, &value);
    uint32_t bits = (uint32_t)value;
    memcpy(&out->floats[i], &bits, sizeof bits);
  }
  return true;
}

static bool read_attribute_field(const cimc_proto_source *source,
                                 cimc_proto_cursor *cursor,
                                 cimc_proto_attribute *out) {
  uint32_t bits = (uint32_t)cursor->field.value;
  cimc_reader bytes = cursor->field.bytes;
  switch (cursor->field.number) {
  case 1:
    return cimc_proto_expect(cursor, CIMC_WIRE_BYTES) &&
           cimc_proto_text(source, bytes, &out->name);
  case 2:
    memcpy(&out->f, &bits, sizeof bits);
    return cimc_proto_expect(cursor, CIMC_WIRE_I32);
  case 3:
    out->i = (int64_t)cursor->field.value;
    return cimc_proto_expect(cursor, CIMC_WIRE_VARINT);
  case 4: // may be any bytes; what follows a zero byte is of no use to us
    out->s =
        cimc_arena_copy_text(source->arena, bytes.at, cimc_reader_left(&bytes));
    return cimc_proto_expect(cursor, CIMC_WIRE_BYTES) &&
           (out->s || cimc_proto_no_memory(source));
  case 5:
    return cimc_proto_expect(cursor, CIMC_WIRE_BYTES) &&
           (out->tensor = cimc_proto_array(source, 1, sizeof *out->tensor)) &&
           cimc_proto_read_tensor(source, bytes, out->tensor);
  case 20:
    out->type = (int64_t)cursor->field.value;
    return cimc_proto_expect(cursor, CIMC_WIRE_VARINT);
  default:
    return true;
  }
}

// Old files leave the type out: it is then the field that is there.
static int64_t guess_type(const cimc_proto_counts *counts) {
  static const struct {
    int field;
    cimc_proto_attribute_type type;
  } kinds[] = {{2, CIMC_ATTRIBUTE_FLOAT},  {3, CIMC_ATTRIBUTE_INT},
               {4, CIMC_ATTRIBUTE_STRING}, {5, CIMC_ATTRIBUTE_TENSOR},
               {6, CIMC_ATTRIBUTE_GRAPH},  {7, CIMC_ATTRIBUTE_FLOATS},
               {8, CIMC_ATTRIBUTE_INTS},   {9, CIMC_ATTRIBUTE_STRINGS}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (counts->of[kinds[i].field] > 0)
      return kinds[i].type;
  return 0;
}

static bool read_attribute(const cimc_proto_source *source, cimc_reader body,
                           cimc_proto_attribute *out) {
  cimc_proto_counts counts;
  if (!cimc_proto_count(source, body, "attribute", &counts))
    return false;
  out->name = out->s = "";
  cimc_proto_cursor cursor = {
      .source = source, .rest = body, .message = "attribute"};
  while (cimc_proto_next(&cursor))
    if (!read_attribute_field(source, &cursor, out))
      return false;
  if (out->type == 0)
    out->type = guess_type(&counts);
  return !cursor.failed && read_lists(source, body, out);
}

// -- Nodes -------------------------------------------------------------------
static bool read_node_field(const cimc_proto_source *source,
                            cimc_proto_cursor *cursor, cimc_proto_node *out) {
  const char **text = NULL;
  switch (cursor->field.number) {
  case 1:
    text = &out->inputs[out->input_count++];
    break;
  case 2:
    text = &out->outputs[out->output_count++];
    break;
  case 3:
    text = &out->name;
    break;
  case 4:
    text = &out->op_type;
    break;
  case 5:
    return cimc_proto_expect(cursor, CIMC_WIRE_BYTES) &&
           read_attribute(source, cursor->field.bytes,
                          &out->attributes[out->attribute_count++]);
  case 7:
    text = &out->domain;
    break;
  default:
    return true;
  }
  return cimc_proto_expect(cursor, CIMC_WIRE_BYTES) &&
         cimc_proto_text(source, cursor->field.bytes, text);
}

bool cimc_proto_read_node(const cimc_proto_source *source, cimc_reader body,
                          cimc_proto_node *out) {
  cimc_proto_counts counts;
  if (!cimc_proto_count(source, body, "node", &counts))
    return false;
  out->name = out->op_type = out->domain = "";
  if (!(out->inputs =
            cimc_proto_array(source, counts.of[1], sizeof *out->inputs)) ||
      !(out->outputs =
            cimc_proto_array(source, counts.of[2], sizeof *out->outputs)) ||
      !(out->attributes =
            cimc_proto_array(source, counts.of[5], sizeof *out->attributes)))
    return false;
  cimc_proto_cursor cursor = {
      .source = source, .rest = body, .message = "node"};
  while (cimc_proto_next(&cursor))
    if (!read_node_field(source, &cursor, out))
      return false;
  if (strcmp(out->domain, "ai.onnx") == 0)
    out->domain = "";
  return !cursor.failed;
}
