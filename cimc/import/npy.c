// SPDX-License-Identifier: Apache-2.0
//
// Bounded reader and writer of NumPy's .npy files (format 1.0 to 3.0, little
// endian). No MLIR.
//
// The header is the text of a Python dictionary with exactly three keys; the
// format is NEP 1 of NumPy. It is read by a scanner without recursion.
#include "cimc/import/npy.h"

#include "dialect/diag.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_MAX = 1 << 16, DESCR_MAX = 32, WORD_MAX = 16 };

typedef struct npy_reader {
  const char *name; // of the file
  const char *at;   // in the header
  const char *end;
  char descr[DESCR_MAX];
  bool fortran;
  unsigned seen; // bits of the keys
} npy_reader;

static const struct {
  char code[4]; // behind the byte order
  const char *name;
  size_t bytes;
} dtypes[] = {
    [CIMRT_F32] = {"f4", "float32", 4}, [CIMRT_I8] = {"i1", "int8", 1},
    [CIMRT_U8] = {"u1", "uint8", 1},    [CIMRT_I16] = {"i2", "int16", 2},
    [CIMRT_U16] = {"u2", "uint16", 2},  [CIMRT_I32] = {"i4", "int32", 4},
    [CIMRT_I64] = {"i8", "int64", 8},   [CIMRT_BOOL] = {"b1", "bool", 1},
    [CIMRT_F16] = {"f2", "float16", 2}, [CIMRT_F64] = {"f8", "float64", 8},
};
static const size_t dtype_count = sizeof dtypes / sizeof dtypes[0];

const char *cimc_dtype_name(cimrt_dtype dtype) {
  return (size_t)dtype < dtype_count ? dtypes[dtype].name : "unknown type";
}

size_t cimc_dtype_bytes(cimrt_dtype dtype) {
  return (size_t)dtype < dtype_count ? dtypes[dtype].bytes : 1;
}

// -- The header's text -----------------------------------------------------

static bool fail(const npy_reader *reader, const char *found) {
  cimc_diag_error(reader->name,
                  "a damaged .npy header: %s; expected a file that "
                  "numpy.save wrote",
                  found);
  return false;
}

static void skip_spaces(npy_reader *reader) {
  while (reader->at < reader->end && strchr(" \t\n\r", *reader->at) &&
         *reader->at)
    ++reader->at;
}

// Steps over `sign` and the spaces around it, if it is next.
static bool accept(npy_reader *reader, char sign) {
  skip_spaces(reader);
  if (reader->at == reader->end || *reader->at != sign)
    return false;
  ++reader->at;
  skip_spaces(reader);
  return true;
}

static bool read_string(npy_reader *reader, char *out, size_t size) {
  skip_spaces(reader);
  if (reader->at == reader->end || (*reader->at != '\'' && *reader->at != '"'))
    return false;
  char quote = *reader->at++;
  const char *start = reader->at;
  while (reader->at < reader->end && *reader->at != quote)
    ++reader->at;
  size_t length = (size_t)(reader->at - start);
  if (reader->at == reader->end || length >= size || memchr(start, 0, length))
    return false;
  memcpy(out, start, length);
  out[length] = 0;
  ++reader->at;
  return true;
}

static bool read_bool(npy_reader *reader, bool *out) {
  static const char *const words[] = {"False", "True"};
  skip_spaces(reader);
  for (int i = 0; i < 2; ++i) {
    size_t length = strlen(words[i]);
    if ((size_t)(reader->end - reader->at) >= length &&
        memcmp(reader->at, words[i], length) == 0) {
      *out = i;
      reader->at += length;
      return true;
    }
  }
  return fail(reader, "'fortran_order' is neither True nor False");
}

// A whole number, with the L that Python 2 wrote.
static bool read_dimension(npy_reader *reader, int64_t *out) {
  const char *start = reader->at;
  *out = 0;
  while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
    if (__builtin_mul_overflow(*out, 10, out) ||
        __builtin_add_overflow(*out, *reader->at++ - '0', out))
      return fail(reader, "a dimension above 2^63");
  if (reader->at == start)
    return fail(reader, "'shape' is not a tuple of whole numbers");
  accept(reader, 'L');
  return true;
}

static bool read_shape(npy_reader *reader, cimc_npy *out) {
  if (!accept(reader, '('))
    return fail(reader, "'shape' is not a tuple");
  while (!accept(reader, ')')) {
    if (out->rank == CIMC_NPY_RANK_MAX) {
      cimc_diag_error(reader->name, "more than %d dimensions; expected fewer",
                      CIMC_NPY_RANK_MAX);
      return false;
    }
    if (!read_dimension(reader, &out->shape[out->rank++]))
      return false;
    if (!accept(reader, ',') &&
        (reader->at == reader->end || *reader->at != ')'))
      return fail(reader, "'shape' is not a tuple of whole numbers");
  }
  return true;
}

static bool read_value(npy_reader *reader, const char *key, cimc_npy *out) {
  static const char *const keys[] = {"descr", "fortran_order", "shape"};
  unsigned index = 0;
  while (index < 3 && strcmp(key, keys[index]) != 0)
    ++index;
  if (index == 3)
    return fail(reader, "an unknown key");
  if (reader->seen & 1u << index)
    return fail(reader, "a key stands twice");
  reader->seen |= 1u << index;
  if (index == 1)
    return read_bool(reader, &reader->fortran);
  if (index == 2)
    return read_shape(reader, out);
  if (read_string(reader, reader->descr, sizeof reader->descr))
    return true;
  cimc_diag_error(reader->name, "the elements are records or of an unknown "
                                "type; expected plain numbers");
  return false;
}

static bool read_header(npy_reader *reader, cimc_npy *out) {
  char key[WORD_MAX];
  if (!accept(reader, '{'))
    return fail(reader, "it does not begin with '{'");
  while (!accept(reader, '}')) {
    if (!read_string(reader, key, sizeof key) || !accept(reader, ':'))
      return fail(reader, "no key where one belongs");
    if (!read_value(reader, key, out))
      return false;
    if (!accept(reader, ',') &&
        (reader->at == reader->end || *reader->at != '}'))
      return fail(reader, "no ',' between two keys");
  }
  skip_spaces(reader);
  if (reader->at != reader->end)
    return fail(reader, "something stands behind the '}'");
  return reader->seen == 7
             ? true
             : fail(reader, "'descr', 'fortran_order' or 'shape' is missing");
}

// -- The type and the size -------------------------------------------------

static bool find_dtype(const npy_reader *reader, cimrt_dtype *out) {
  const char *descr = reader->descr;
  char order = *descr && strchr("<>=|", *descr) ? *descr++ : '=';
  for (size_t i = 0; i < dtype_count; ++i) {
    if (strcmp(descr, dtypes[i].code) != 0)
      continue;
    if (order == '>' && dtypes[i].bytes > 1) {
      cimc_diag_error(reader->name,
                      "big-endian %s; expected little endian: in Python, "
                      "numpy.save(file, array.astype('<%s'))",
                      dtypes[i].name, dtypes[i].code);
      return false;
    }
    *out = (cimrt_dtype)i;
    return true;
  }
  cimc_diag_error(reader->name,
                  "elements of type '%s'; expected float16, float32, float64, "
                  "int8, uint8, int16, uint16, int32, int64 or bool: in "
                  "Python, array.astype('float32')",
                  reader->descr);
  return false;
}

static bool check_size(const npy_reader *reader, cimc_npy *array, size_t rest) {
  size_t bytes = dtypes[array->dtype].bytes;
  bool empty = false;
  for (int i = 0; i < array->rank; ++i)
    empty |= array->shape[i] == 0;
  for (int i = 0; i < array->rank && !empty; ++i)
    if (__builtin_mul_overflow(bytes, (size_t)array->shape[i], &bytes))
      bytes = SIZE_MAX;
  array->bytes = empty ? 0 : bytes;
  if (array->bytes == rest)
    return true;
  if (array->bytes > rest)
    cimc_diag_error(reader->name,
                    "cut short: the shape asks for %zu bytes of data and %zu "
                    "are there; save it again",
                    array->bytes, rest);
  else
    cimc_diag_error(reader->name,
                    "%zu bytes behind the data; expected one array in a file",
                    rest - array->bytes);
  return false;
}

// -- The data --------------------------------------------------------------

// Fortran order: the first index runs fastest. Walks the result in C order.
static void copy_transposed(const cimc_npy *array, const char *from) {
  size_t bytes = dtypes[array->dtype].bytes;
  size_t strides[CIMC_NPY_RANK_MAX], offset = 0;
  int64_t index[CIMC_NPY_RANK_MAX] = {0};
  size_t stride = bytes;
  for (int i = 0; i < array->rank; ++i) {
    strides[i] = stride;
    stride *= (size_t)array->shape[i];
  }
  for (size_t to = 0; to < array->bytes; to += bytes) {
    memcpy((char *)array->data + to, from + offset, bytes);
    for (int i = array->rank - 1; i >= 0; --i) {
      offset += strides[i];
      if (++index[i] < array->shape[i])
        break;
      offset -= strides[i] * (size_t)array->shape[i];
      index[i] = 0;
    }
  }
}

static bool take_data(const npy_reader *reader, const char *from,
                      cimc_npy *out) {
  out->data = malloc(out->bytes ? out->bytes : 1);
  if (!out->data) {
    cimc_diag_error(reader->name, "not enough memory for %zu bytes of data",
                    out->bytes);
    return false;
  }
  if (reader->fortran && out->rank > 1)
    copy_transposed(out, from);
  else
    memcpy(out->data, from, out->bytes);
  if (out->dtype == CIMRT_BOOL) // any byte but 0 is true for NumPy
    for (size_t i = 0; i < out->bytes; ++i)
      ((uint8_t *)out->data)[i] = ((uint8_t *)out->data)[i] != 0;
  return true;
}

// The header's place; false when there is none.
static bool find_header(npy_reader *reader, const uint8_t *bytes, size_t size) {
  static const uint8_t magic[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
  if (size < 10 || memcmp(bytes, magic, sizeof magic) != 0) {
    bool zip = size > 3 && memcmp(bytes, "PK\3\4", 4) == 0;
    cimc_diag_error(reader->name,
                    "not a .npy file%s; in Python, "
                    "numpy.save(file, array) writes one",
                    zip ? " but an .npz archive" : "");
    return false;
  }
  if (bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0) {
    cimc_diag_error(reader->name, ".npy format %d.%d; expected 1.0 to 3.0",
                    bytes[6], bytes[7]);
    return false;
  }
  size_t start = bytes[6] == 1 ? 10 : 12;
  size_t length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
  if (start > size)
    return fail(reader, "it is cut short");
  if (start == 12)
    length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
  if (length > HEADER_MAX)
    return fail(reader, "it is longer than 64 KiB");
  if (length > size - start)
    return fail(reader, "it is cut short");
  reader->at = (const char *)bytes + start;
  reader->end = reader->at + length;
  return true;
}

bool cimc_npy_parse(const char *name, const void *bytes, size_t size,
                    cimc_npy *out) {
  *out = (cimc_npy){0};
  npy_reader reader = {.name = name};
  if (!find_header(&reader, bytes, size) || !read_header(&reader, out) ||
      !find_dtype(&reader, &out->dtype))
    return false;
  size_t rest = (size_t)((const char *)bytes + size - reader.end);
  return check_size(&reader, out, rest) && take_data(&reader, reader.end, out);
}

// -- Writing ---------------------------------------------------------------

bool cimc_npy_format(const cimc_npy *array, void **out, size_t *out_size) {
  char header[512], shape[448] = "";
  size_t used = 0;
  for (int i = 0; i < array->rank; ++i)
    used += (size_t)snprintf(shape + used, sizeof shape - used, "%s%" PRId64,
                             i ? ", " : "", array->shape[i]);
  int length =
      snprintf(header, sizeof header,
               "{'descr': '%c%s', 'fortran_order': False, 'shape': (%s%s), }",
               dtypes[array->dtype].bytes == 1 ? '|' : '<',
               dtypes[array->dtype].code, shape, array->rank == 1 ? "," : "");
  // Spaces and a newline, so that the data begins at a multiple of 64.
  size_t start = ((size_t)length + 11 + 63) / 64 * 64;
  size_t size = 0;
  char *text =
      __builtin_add_overflow(start, array->bytes, &size) ? NULL : malloc(size);
  if (!text) {
    cimc_diag_error(NULL, "not enough memory for an array of %zu bytes",
                    array->bytes);
    return false;
  }
  memset(text, ' ', start);
  memcpy(text, "\x93NUMPY\1\0", 8);
  text[8] = (char)((start - 10) & 255);
  text[9] = (char)((start - 10) >> 8);
  memcpy(text + 10, header, (size_t)length);
  text[start - 1] = '\n';
  memcpy(text + start, array->data, array->bytes);
  *out = text;
  *out_size = size;
  return true;
}

void cimc_npy_free(cimc_npy *array) {
  free(array->data);
  *array = (cimc_npy){0};
}
