// SPDX-License-Identifier: Apache-2.0
//
// Decodes TensorProto: raw_data, the typed fields and external data. The
// element count was checked when the shape was read (proto_node.c); nothing is
// allocated before the bytes that must fill it are known to be there.
#include "cimc/import/onnx/tensor.h"
#include "cimc/import/onnx/external.h"
#include "cimc/import/onnx/wire.h"
#include "runtime/core/half.h"

#include <math.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "raw_data is little endian and is used in place");

// How one stored type is held: in raw_data, and in which typed field.
typedef struct encoding {
  int64_t stored;
  int64_t elem;      // widened to
  unsigned raw_bits; // per element in raw_data
  uint32_t field;    // of TensorProto
  cimc_wire_type wire;
  int64_t low; // what fits, for integers in the typed field
  int64_t high;
} encoding;

static const encoding encodings[] = {
    {CIMC_ELEM_FLOAT, CIMC_ELEM_FLOAT, 32, 4, CIMC_WIRE_I32, 0, 0},
    {CIMC_ELEM_DOUBLE, CIMC_ELEM_FLOAT, 64, 10, CIMC_WIRE_I64, 0, 0},
    {CIMC_ELEM_FLOAT16, CIMC_ELEM_FLOAT, 16, 5, CIMC_WIRE_VARINT, 0,
     UINT16_MAX},
    {CIMC_ELEM_BFLOAT16, CIMC_ELEM_FLOAT, 16, 5, CIMC_WIRE_VARINT, 0,
     UINT16_MAX},
    {CIMC_ELEM_BOOL, CIMC_ELEM_BOOL, 8, 5, CIMC_WIRE_VARINT, 0, 1},
    {CIMC_ELEM_INT8, CIMC_ELEM_INT8, 8, 5, CIMC_WIRE_VARINT, INT8_MIN,
     INT8_MAX},
    {CIMC_ELEM_UINT8, CIMC_ELEM_UINT8, 8, 5, CIMC_WIRE_VARINT, 0, UINT8_MAX},
    {CIMC_ELEM_INT16, CIMC_ELEM_INT16, 16, 5, CIMC_WIRE_VARINT, INT16_MIN,
     INT16_MAX},
    {CIMC_ELEM_UINT16, CIMC_ELEM_UINT16, 16, 5, CIMC_WIRE_VARINT, 0,
     UINT16_MAX},
    {CIMC_ELEM_INT32, CIMC_ELEM_INT32, 32, 5, CIMC_WIRE_VARINT, INT32_MIN,
     INT32_MAX},
    {CIMC_ELEM_INT64, CIMC_ELEM_INT64, 64, 7, CIMC_WIRE_VARINT, INT64_MIN,
     INT64_MAX},
    {CIMC_ELEM_INT4, CIMC_ELEM_INT8, 4, 5, CIMC_WIRE_VARINT, INT8_MIN,
     UINT8_MAX},
    {CIMC_ELEM_UINT4, CIMC_ELEM_UINT8, 4, 5, CIMC_WIRE_VARINT, 0, UINT8_MAX},
};

static const encoding *find_encoding(int64_t stored) {
  for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
    if (encodings[i].stored == stored)
      return &encodings[i];
  return NULL;
}

int64_t cimc_tensor_widened(int64_t stored) {
  const encoding *kind = find_encoding(stored);
  return kind ? kind->elem : CIMC_ELEM_UNDEFINED;
}

size_t cimc_tensor_elem_bytes(int64_t elem) {
  switch (elem) {
  case CIMC_ELEM_INT8:
  case CIMC_ELEM_UINT8:
  case CIMC_ELEM_BOOL:
    return 1;
  case CIMC_ELEM_INT16:
  case CIMC_ELEM_UINT16:
    return 2;
  case CIMC_ELEM_FLOAT:
  case CIMC_ELEM_INT32:
    return 4;
  case CIMC_ELEM_INT64:
    return 8;
  default:
    return 0;
  }
}

bool cimc_tensor_charge(cimc_tensor_source *source, int64_t count,
                        size_t size) {
  size_t bytes;
  if (count >= 0 && !__builtin_mul_overflow((size_t)count, size, &bytes) &&
      bytes <= source->budget) {
    source->budget -= bytes;
    return true;
  }
  cimc_diag_error(source->file,
                  "the model's constants need more memory than is allowed");
  cimc_diag_note("cimc reads models with up to 1 GiB of constants");
  return false;
}

// -- Elements ----------------------------------------------------------------
float cimc_tensor_f32(const cimc_tensor *tensor, int64_t i) {
  float value;
  memcpy(&value, tensor->data + (size_t)i * sizeof value, sizeof value);
  return value;
}

int64_t cimc_tensor_i64(const cimc_tensor *tensor, int64_t i) {
  size_t size = cimc_tensor_elem_bytes(tensor->elem);
  uint64_t bits = 0;
  memcpy(&bits, tensor->data + (size_t)i * size, size);
  switch (tensor->elem) {
  case CIMC_ELEM_INT8:
    return (int8_t)bits;
  case CIMC_ELEM_INT16:
    return (int16_t)bits;
  case CIMC_ELEM_INT32:
    return (int32_t)bits;
  case CIMC_ELEM_BOOL:
    return bits != 0;
  default:
    return (int64_t)bits;
  }
}

void cimc_tensor_put_f32(unsigned char *data, int64_t i, float value) {
  memcpy(data + (size_t)i * sizeof value, &value, sizeof value);
}

void cimc_tensor_put_i64(int64_t elem, unsigned char *data, int64_t i,
                         int64_t value) {
  size_t size = cimc_tensor_elem_bytes(elem);
  memcpy(data + (size_t)i * size, &value, size);
}

// Element i from its stored bits; false when a float64 is beyond float32.
static bool put_bits(const encoding *kind, unsigned char *data, int64_t i,
                     uint64_t bits) {
  float value;
  double wide;
  uint32_t word = (uint32_t)bits;
  switch (kind->stored) {
  case CIMC_ELEM_FLOAT:
    memcpy(&value, &word, sizeof value);
    break;
  case CIMC_ELEM_FLOAT16:
    value = cimrt_half_to_f32((uint16_t)word);
    break;
  case CIMC_ELEM_BFLOAT16:
    word <<= 16;
    memcpy(&value, &word, sizeof value);
    break;
  case CIMC_ELEM_DOUBLE:
    memcpy(&wide, &bits, sizeof wide);
    if (isfinite(wide) && fabs(wide) > 0x1.fffffefffffffp127)
      return false;
    value = (float)wide;
    break;
  default:
    cimc_tensor_put_i64(kind->elem, data, i, (int64_t)bits);
    return true;
  }
  cimc_tensor_put_f32(data, i, value);
  return true;
}

// Two elements of four bits in each byte, the low one first.
static void put_nibbles(const encoding *kind, cimc_tensor *tensor,
                        unsigned char *data, int64_t first, uint64_t byte) {
  for (int64_t i = first; i < first + 2 && i < tensor->count; i++) {
    int64_t nibble = (int64_t)(byte >> (4 * (i - first)) & 0xf);
    if (kind->stored == CIMC_ELEM_INT4 && nibble > 7)
      nibble -= 16;
    cimc_tensor_put_i64(kind->elem, data, i, nibble);
  }
}

// -- Loading -----------------------------------------------------------------
static bool too_wide(const cimc_tensor_source *source,
                     const cimc_proto_tensor *proto) {
  cimc_diag_error(
      source->file, "tensor '%s' has a value that does not fit %s", proto->name,
      proto->elem == CIMC_ELEM_DOUBLE ? "float32"
                                      : cimc_proto_elem_name(proto->elem));
  return false;
}

static bool wrong_amount(const cimc_tensor_source *source,
                         const cimc_proto_tensor *proto, const char *unit,
                         size_t found, size_t expected) {
  cimc_diag_error(source->file,
                  "tensor '%s' holds %zu %s; its type and shape need %zu",
                  proto->name, found, unit, expected);
  cimc_diag_note("the file is damaged; export it again");
  return false;
}

static unsigned char *create_data(cimc_tensor_source *source,
                                  cimc_tensor *tensor) {
  size_t size = cimc_tensor_elem_bytes(tensor->elem);
  unsigned char *data =
      cimc_arena_alloc(source->arena, (size_t)tensor->count, size);
  if (!data)
    cimc_tensor_charge(source, INT64_MAX, size); // reports
  tensor->data = data;
  return data;
}

// Fills the tensor from bytes laid out as raw_data is.
static bool decode_raw(cimc_tensor_source *source, const encoding *kind,
                       const cimc_proto_tensor *proto, cimc_reader raw,
                       cimc_tensor *tensor) {
  if (kind->stored == kind->elem) {
    tensor->data = raw.at;
    return true;
  }
  unsigned char *data = create_data(source, tensor);
  if (!data)
    return false;
  int64_t step = kind->raw_bits == 4 ? 2 : 1;
  for (int64_t i = 0; i < tensor->count; i += step) {
    uint64_t bits = 0;
    uint16_t half = 0;
    uint8_t byte = 0;
    if (kind->raw_bits == 4) {
      cimc_reader_u8(&raw, &byte);
      put_nibbles(kind, tensor, data, i, byte);
      continue;
    }
    if (kind->raw_bits == 64)
      cimc_reader_u64(&raw, &bits);
    else if (cimc_reader_u16(&raw, &half))
      bits = half;
    if (!put_bits(kind, data, i, bits))
      return too_wide(source, proto);
  }
  return true;
}

static bool decode_typed(cimc_tensor_source *source, const encoding *kind,
                         const cimc_proto_tensor *proto, cimc_tensor *tensor) {
  cimc_wire_numbers numbers =
      cimc_wire_numbers_make(proto->body, kind->field, kind->wire);
  int64_t step = kind->raw_bits == 4 ? 2 : 1;
  size_t expected = (size_t)(tensor->count / step + tensor->count % step);
  size_t found;
  if (!cimc_wire_numbers_count(numbers, &found) || found != expected)
    return wrong_amount(source, proto, "elements", found, expected);
  unsigned char *data = create_data(source, tensor);
  if (!data)
    return false;
  uint64_t bits;
  for (int64_t i = 0; i < tensor->count; i += step) {
    cimc_wire_numbers_next(&numbers, &bits);
    if (kind->wire == CIMC_WIRE_VARINT &&
        ((int64_t)bits < kind->low || (int64_t)bits > kind->high))
      return too_wide(source, proto);
    if (step == 2)
      put_nibbles(kind, tensor, data, i, bits);
    else if (!put_bits(kind, data, i, bits))
      return too_wide(source, proto);
  }
  return true;
}

static bool decode(cimc_tensor_source *source, const encoding *kind,
                   const cimc_proto_tensor *proto, cimc_tensor *tensor) {
  size_t per_byte = kind->raw_bits < 8 ? 8 / kind->raw_bits : 1;
  size_t count = (size_t)tensor->count;
  size_t bytes = kind->raw_bits < 8 ? count / per_byte + (count % per_byte != 0)
                                    : count * (kind->raw_bits / 8);
  if (proto->external) {
    const unsigned char *data = cimc_external_read(source, proto, bytes);
    return data && decode_raw(source, kind, proto,
                              cimc_reader_make(data, bytes), tensor);
  }
  size_t found = cimc_reader_left(&proto->raw);
  if (!proto->has_raw || (found == 0 && count > 0))
    return decode_typed(source, kind, proto, tensor);
  if (found != bytes)
    return wrong_amount(source, proto, "bytes", found, bytes);
  return decode_raw(source, kind, proto, proto->raw, tensor);
}

const cimc_tensor *cimc_tensor_load(cimc_tensor_source *source,
                                    const cimc_proto_tensor *proto) {
  const encoding *kind = find_encoding(proto->elem);
  if (!kind || proto->segmented) {
    cimc_diag_error(source->file, "tensor '%s' is %s, which is not read",
                    proto->name,
                    kind ? "segmented" : cimc_proto_elem_name(proto->elem));
    cimc_diag_note("float32, float16, bfloat16, float64, int64, int32, int16, "
                   "uint16, int8, uint8, int4, uint4 and bool are");
    return NULL;
  }
  // Eight bytes an element is the most that any encoding takes.
  size_t size = cimc_tensor_elem_bytes(kind->elem);
  if (!cimc_tensor_charge(source, proto->count,
                          size > kind->raw_bits / 8 ? size
                                                    : kind->raw_bits / 8))
    return NULL;
  cimc_tensor *tensor = cimc_arena_alloc(source->arena, 1, sizeof *tensor);
  if (!tensor) {
    cimc_tensor_charge(source, INT64_MAX, 8);
    return NULL;
  }
  *tensor = (cimc_tensor){
      .elem = kind->elem, .stored = kind->stored, .count = proto->count};
  tensor->shape.rank = proto->rank;
  for (int i = 0; i < proto->rank; i++)
    tensor->shape.dim[i] = proto->dim[i];
  return decode(source, kind, proto, tensor) ? tensor : NULL;
}

cimc_tensor *cimc_tensor_create(cimc_tensor_source *source, int64_t elem,
                                const cimc_shape *shape,
                                unsigned char **out_data) {
  size_t size = cimc_tensor_elem_bytes(elem);
  int64_t count = cimc_ir_element_count(shape);
  if (!cimc_tensor_charge(source, count, size))
    return NULL;
  cimc_tensor *tensor = cimc_arena_alloc(source->arena, 1, sizeof *tensor);
  *out_data = cimc_arena_alloc(source->arena, (size_t)count, size);
  if (!tensor || !*out_data) {
    cimc_tensor_charge(source, INT64_MAX, 8);
    return NULL;
  }
  *tensor = (cimc_tensor){.elem = elem,
                          .stored = elem,
                          .shape = *shape,
                          .count = count,
                          .data = *out_data};
  return tensor;
}
