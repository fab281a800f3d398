// SPDX-License-Identifier: Apache-2.0
//
// Fixed-point arithmetic over arrays.
//
// Why in chunks: words are widened into a small buffer, worked on and narrowed
// back, so that every operation is written once and not once a width, and each
// of the three loops is one that compilers vectorize.
#include "runtime/core/fixed_batch.h"

#include "runtime/core/fixed_word.h"

enum { CHUNK = 64 };

// An array the call reads or writes.
typedef struct span {
  const void *data;
  size_t element; // bytes
  int is_float;
} span;

static size_t word_bytes(cimrt_fixed_format format) { return format.bits / 8; }

static int overlaps(span in, span out, size_t count) {
  uintptr_t a = (uintptr_t)in.data, b = (uintptr_t)out.data;
  if (a == b && in.element == out.element && in.is_float == out.is_float)
    return 0; // in place
  return a < b ? b - a < count * in.element : a - b < count * out.element;
}

// What every call demands of its arrays.
static cimrt_status check(const span *ins, size_t in_count, span out,
                          size_t count) {
  if (count == 0)
    return CIMRT_OK;
  if (out.data == NULL || count > SIZE_MAX / out.element)
    return CIMRT_INVALID_ARGUMENT;
  for (size_t i = 0; i < in_count; ++i)
    if (ins[i].data == NULL || count > SIZE_MAX / ins[i].element ||
        overlaps(ins[i], out, count))
      return CIMRT_INVALID_ARGUMENT;
  for (size_t i = 0; i < in_count; ++i)
    if ((uintptr_t)ins[i].data % ins[i].element != 0)
      return CIMRT_MISALIGNED;
  return (uintptr_t)out.data % out.element == 0 ? CIMRT_OK : CIMRT_MISALIGNED;
}

static void load(cimrt_fixed_format format, const void *from, size_t first,
                 size_t count, int32_t *to) {
  if (format.bits == 8)
    for (size_t i = 0; i < count; ++i)
      to[i] = ((const int8_t *)from)[first + i];
  else if (format.bits == 16)
    for (size_t i = 0; i < count; ++i)
      to[i] = ((const int16_t *)from)[first + i];
  else
    for (size_t i = 0; i < count; ++i)
      to[i] = ((const int32_t *)from)[first + i];
}

static void store(cimrt_fixed_format format, const int32_t *from, void *to,
                  size_t first, size_t count) {
  if (format.bits == 8)
    for (size_t i = 0; i < count; ++i)
      ((int8_t *)to)[first + i] = (int8_t)from[i];
  else if (format.bits == 16)
    for (size_t i = 0; i < count; ++i)
      ((int16_t *)to)[first + i] = (int16_t)from[i];
  else
    for (size_t i = 0; i < count; ++i)
      ((int32_t *)to)[first + i] = from[i];
}

static size_t chunk_of(size_t first, size_t count) {
  return count - first < CHUNK ? count - first : CHUNK;
}

// -- To and from other types -------------------------------------------------

cimrt_status cimrt_fixed_batch_from_f32(cimrt_fixed_format format,
                                        const float *values, void *out,
                                        size_t count) {
  if (!cimrt_fixed_word_is_format(format))
    return CIMRT_INVALID_ARGUMENT;
  span in = {values, sizeof *values, 1};
  cimrt_status status =
      check(&in, 1, (span){out, word_bytes(format), 0}, count);
  if (status != CIMRT_OK)
    return status;
  int32_t words[CHUNK];
  for (size_t first = 0; first < count; first += CHUNK) {
    size_t n = chunk_of(first, count);
    for (size_t i = 0; i < n; ++i)
      words[i] = cimrt_fixed_word_from_f32(format, values[first + i]);
    store(format, words, out, first, n);
  }
  return CIMRT_OK;
}

cimrt_status cimrt_fixed_batch_to_f32(cimrt_fixed_format format, const void *q,
                                      float *out, size_t count) {
  if (!cimrt_fixed_word_is_format(format))
    return CIMRT_INVALID_ARGUMENT;
  span in = {q, word_bytes(format), 0};
  cimrt_status status = check(&in, 1, (span){out, sizeof *out, 1}, count);
  if (status != CIMRT_OK)
    return status;
  int32_t words[CHUNK];
  for (size_t first = 0; first < count; first += CHUNK) {
    size_t n = chunk_of(first, count);
    load(format, q, first, n, words);
    for (size_t i = 0; i < n; ++i)
      out[first + i] = cimrt_fixed_word_to_f32(format, words[i]);
  }
  return CIMRT_OK;
}

cimrt_status cimrt_fixed_batch_convert(cimrt_fixed_format from, const void *q,
                                       cimrt_fixed_format to, void *out,
                                       size_t count) {
  if (!cimrt_fixed_word_is_format(from) || !cimrt_fixed_word_is_format(to))
    return CIMRT_INVALID_ARGUMENT;
  span in = {q, word_bytes(from), 0};
  cimrt_status status = check(&in, 1, (span){out, word_bytes(to), 0}, count);
  if (status != CIMRT_OK)
    return status;
  int32_t words[CHUNK];
  for (size_t first = 0; first < count; first += CHUNK) {
    size_t n = chunk_of(first, count);
    load(from, q, first, n, words);
    for (size_t i = 0; i < n; ++i)
      words[i] = cimrt_fixed_word_convert(from, words[i], to);
    store(to, words, out, first, n);
  }
  return CIMRT_OK;
}

// -- One operand -------------------------------------------------------------

typedef enum unary_kind { SATURATE, RELU, SHIFT_RIGHT, SHIFT_LEFT } unary_kind;

typedef struct unary {
  unary_kind kind;
  uint32_t by;
  cimrt_fixed_format in;
  cimrt_fixed_format out;
} unary;

static void apply(unary op, int32_t *words, size_t count) {
  switch (op.kind) {
  case SATURATE:
    for (size_t i = 0; i < count; ++i)
      words[i] = cimrt_fixed_word_saturate(op.out, words[i]);
    break;
  case RELU:
    for (size_t i = 0; i < count; ++i)
      words[i] = words[i] > 0 ? words[i] : 0;
    break;
  case SHIFT_RIGHT:
    for (size_t i = 0; i < count; ++i)
      words[i] = (int32_t)cimrt_fixed_word_round_shift(words[i], op.by);
    break;
  case SHIFT_LEFT:
    for (size_t i = 0; i < count; ++i)
      words[i] = cimrt_fixed_word_saturate(
          op.out, cimrt_fixed_word_shift_left(words[i], op.by));
    break;
  }
}

static cimrt_status map(unary op, const void *a, void *out, size_t count) {
  if (!cimrt_fixed_word_is_format(op.out))
    return CIMRT_INVALID_ARGUMENT;
  span in = {a, word_bytes(op.in), 0};
  cimrt_status status =
      check(&in, 1, (span){out, word_bytes(op.out), 0}, count);
  if (status != CIMRT_OK)
    return status;
  int32_t words[CHUNK];
  for (size_t first = 0; first < count; first += CHUNK) {
    size_t n = chunk_of(first, count);
    load(op.in, a, first, n, words);
    apply(op, words, n);
    store(op.out, words, out, first, n);
  }
  return CIMRT_OK;
}

cimrt_status cimrt_fixed_batch_saturate(cimrt_fixed_format format,
                                        const int32_t *values, void *out,
                                        size_t count) {
  unary op = {SATURATE, 0, CIMRT_FIXED_Q31, format};
  return map(op, values, out, count);
}

cimrt_status cimrt_fixed_batch_relu(cimrt_fixed_format format, const void *a,
                                    void *out, size_t count) {
  return map((unary){RELU, 0, format, format}, a, out, count);
}

cimrt_status cimrt_fixed_batch_shift_right(cimrt_fixed_format format,
                                           const void *a, uint32_t by,
                                           void *out, size_t count) {
  return map((unary){SHIFT_RIGHT, by, format, format}, a, out, count);
}

cimrt_status cimrt_fixed_batch_shift_left(cimrt_fixed_format format,
                                          const void *a, uint32_t by, void *out,
                                          size_t count) {
  return map((unary){SHIFT_LEFT, by, format, format}, a, out, count);
}

// -- Two operands ------------------------------------------------------------

typedef enum binary_kind { ADD, SUB, MUL } binary_kind;

typedef struct binary {
  binary_kind kind;
  cimrt_fixed_format format;
} binary;

static void combine(binary op, int32_t *a, const int32_t *b, size_t count) {
  switch (op.kind) {
  case ADD:
    for (size_t i = 0; i < count; ++i)
      a[i] = cimrt_fixed_word_saturate(op.format, (int64_t)a[i] + b[i]);
    break;
  case SUB:
    for (size_t i = 0; i < count; ++i)
      a[i] = cimrt_fixed_word_saturate(op.format, (int64_t)a[i] - b[i]);
    break;
  case MUL:
    for (size_t i = 0; i < count; ++i)
      a[i] = cimrt_fixed_word_mul(op.format, a[i], b[i]);
    break;
  }
}

static cimrt_status zip(binary op, const void *a, const void *b, void *out,
                        size_t count) {
  if (!cimrt_fixed_word_is_format(op.format))
    return CIMRT_INVALID_ARGUMENT;
  size_t bytes = word_bytes(op.format);
  span ins[] = {{a, bytes, 0}, {b, bytes, 0}};
  cimrt_status status = check(ins, 2, (span){out, bytes, 0}, count);
  if (status != CIMRT_OK)
    return status;
  int32_t left[CHUNK], right[CHUNK];
  for (size_t first = 0; first < count; first += CHUNK) {
    size_t n = chunk_of(first, count);
    load(op.format, a, first, n, left);
    load(op.format, b, first, n, right);
    combine(op, left, right, n);
    store(op.format, left, out, first, n);
  }
  return CIMRT_OK;
}

cimrt_status cimrt_fixed_batch_add(cimrt_fixed_format format, const void *a,
                                   const void *b, void *out, size_t count) {
  return zip((binary){ADD, format}, a, b, out, count);
}

cimrt_status cimrt_fixed_batch_sub(cimrt_fixed_format format, const void *a,
                                   const void *b, void *out, size_t count) {
  return zip((binary){SUB, format}, a, b, out, count);
}

cimrt_status cimrt_fixed_batch_mul(cimrt_fixed_format format, const void *a,
                                   const void *b, void *out, size_t count) {
  return zip((binary){MUL, format}, a, b, out, count);
}

cimrt_status cimrt_fixed_batch_mac(cimrt_fixed_format format, const void *a,
                                   const void *b, size_t count,
                                   cimrt_fixed_wide *sum) {
  if (!cimrt_fixed_word_is_format(format) || sum == NULL)
    return CIMRT_INVALID_ARGUMENT;
  size_t bytes = word_bytes(format);
  if (count != 0 && (a == NULL || b == NULL || count > SIZE_MAX / bytes))
    return CIMRT_INVALID_ARGUMENT;
  if ((uintptr_t)a % bytes != 0 || (uintptr_t)b % bytes != 0)
    return CIMRT_MISALIGNED;
  int32_t left[CHUNK], right[CHUNK];
  for (size_t first = 0; first < count; first += CHUNK) {
    size_t n = chunk_of(first, count);
    load(format, a, first, n, left);
    load(format, b, first, n, right);
    if (format.bits == 32) {
      for (size_t i = 0; i < n; ++i)
        *sum = cimrt_fixed_word_mac(*sum, (int64_t)left[i] * right[i]);
      continue;
    }
    // 64 products of narrow words fit 64 bits: carried once a chunk.
    int64_t part = 0;
    for (size_t i = 0; i < n; ++i)
      part += (int64_t)left[i] * right[i];
    *sum = cimrt_fixed_word_mac(*sum, part);
  }
  return CIMRT_OK;
}
