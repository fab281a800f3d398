// SPDX-License-Identifier: Apache-2.0
//
// Single elements of arrays of any type: reading, converting, random values.
#include "cimc/driver/element.h"

#include "dialect/diag.h"
#include "runtime/core/half.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool cimc_element_is_integer(cimrt_dtype dtype) {
  return dtype != CIMRT_F32 && dtype != CIMRT_F16 && dtype != CIMRT_F64;
}

// -- float16 ---------------------------------------------------------------

// To nearest, ties to even; too large becomes infinity. Not by way of a float:
// that would round twice.
static uint16_t real_to_half(double value) {
  uint16_t sign = signbit(value) ? 0x8000 : 0;
  double size = fabs(value);
  if (isnan(value))
    return sign | 0x7e00;
  if (size >= 65520.0) // half way to the next power, and above
    return sign | 0x7c00;
  int exponent = 0;
  frexp(size, &exponent);
  if (exponent < -13)
    exponent = -13; // subnormal
  // Units in the last place; 2048 of them carry into the exponent by itself.
  double units = nearbyint(ldexp(size, 11 - exponent));
  int biased = size < ldexp(1.0, -14) ? 0 : (exponent + 14 - 1) * 1024;
  return (uint16_t)(sign | (uint16_t)(biased + (int)units));
}

// -- Reading ---------------------------------------------------------------

#define READ(type)                                                             \
  do {                                                                         \
    type value;                                                                \
    memcpy(&value, (const char *)data + index * sizeof value, sizeof value);   \
    return value;                                                              \
  } while (0)

int64_t cimc_element_integer(cimrt_dtype dtype, const void *data,
                             size_t index) {
  switch (dtype) {
  case CIMRT_I8:
    READ(int8_t);
  case CIMRT_U8:
  case CIMRT_BOOL:
    READ(uint8_t);
  case CIMRT_I16:
    READ(int16_t);
  case CIMRT_U16:
    READ(uint16_t);
  case CIMRT_I32:
    READ(int32_t);
  case CIMRT_I64:
    READ(int64_t);
  default:
    return (int64_t)cimc_element_real(dtype, data, index);
  }
}

double cimc_element_real(cimrt_dtype dtype, const void *data, size_t index) {
  switch (dtype) {
  case CIMRT_F32:
    READ(float);
  case CIMRT_F64:
    READ(double);
  case CIMRT_F16: {
    uint16_t bits;
    memcpy(&bits, (const char *)data + index * sizeof bits, sizeof bits);
    return (double)cimrt_half_to_f32(bits);
  }
  default:
    return (double)cimc_element_integer(dtype, data, index);
  }
}

// -- Converting ------------------------------------------------------------

static void integer_range(cimrt_dtype dtype, double *low, double *high) {
  int bits = dtype == CIMRT_BOOL ? 1 : 8 * (int)cimc_dtype_bytes(dtype);
  bool is_unsigned =
      dtype == CIMRT_U8 || dtype == CIMRT_U16 || dtype == CIMRT_BOOL;
  *low = is_unsigned ? 0.0 : -ldexp(1.0, bits - 1);
  *high = ldexp(1.0, is_unsigned ? bits : bits - 1); // the first above
}

static void put_integer(cimrt_dtype dtype, void *data, size_t index,
                        int64_t value) {
  size_t bytes = cimc_dtype_bytes(dtype);
  // Little endian: the low bytes come first.
  memcpy((char *)data + index * bytes, &value, bytes);
}

static void put_real(cimrt_dtype dtype, void *data, size_t index,
                     double value) {
  char *at = (char *)data + index * cimc_dtype_bytes(dtype);
  if (dtype == CIMRT_F32) {
    float narrow = (float)value;
    memcpy(at, &narrow, sizeof narrow);
  } else if (dtype == CIMRT_F64)
    memcpy(at, &value, sizeof value);
  else {
    uint16_t half = real_to_half(value);
    memcpy(at, &half, sizeof half);
  }
}

static bool convert_one(const cimc_npy *from, cimc_npy *to, size_t index) {
  double value = cimc_element_real(from->dtype, from->data, index);
  if (!cimc_element_is_integer(to->dtype)) {
    put_real(to->dtype, to->data, index, value);
    return true;
  }
  double low, high;
  integer_range(to->dtype, &low, &high);
  // A fraction is refused: rounding it away is hardly what was meant.
  if (!(value >= low && value < high) || value != nearbyint(value))
    return false;
  int64_t exact = cimc_element_is_integer(from->dtype)
                      ? cimc_element_integer(from->dtype, from->data, index)
                      : (int64_t)value;
  put_integer(to->dtype, to->data, index, exact);
  return true;
}

bool cimc_element_convert(const char *path, const cimc_npy *array,
                          cimrt_dtype dtype, cimc_npy *out) {
  size_t count = array->bytes / cimc_dtype_bytes(array->dtype);
  *out = *array;
  out->dtype = dtype;
  out->data = NULL;
  if (__builtin_mul_overflow(count, cimc_dtype_bytes(dtype), &out->bytes) ||
      !(out->data = malloc(out->bytes ? out->bytes : 1))) {
    cimc_diag_error(path, "not enough memory to convert to %s",
                    cimc_dtype_name(dtype));
    return false;
  }
  for (size_t i = 0; i < count; ++i) {
    if (convert_one(array, out, i))
      continue;
    cimc_diag_error(path, "element %zu is %g, which %s cannot hold", i,
                    cimc_element_real(array->dtype, array->data, i),
                    cimc_dtype_name(dtype));
    cimc_npy_free(out);
    return false;
  }
  return true;
}

// -- Random values ---------------------------------------------------------

// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

void cimc_element_random(cimrt_dtype dtype, void *data, size_t count,
                         uint64_t seed, uint64_t stream) {
  const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15);
  uint64_t start = mix(mix(seed + golden) + stream * golden);
  // As many bits as the type holds exactly: the result is below 1.
  int bits = dtype == CIMRT_F64 ? 53 : dtype == CIMRT_F32 ? 24 : 11;
  for (size_t i = 0; i < count; ++i) {
    uint64_t random = mix(start + ((uint64_t)i + 1) * golden);
    if (!cimc_element_is_integer(dtype))
      put_real(dtype, data, i,
               ldexp((double)(random >> (64 - bits)), 1 - bits) - 1.0);
    else
      put_integer(dtype, data, i,
                  (int64_t)(dtype == CIMRT_BOOL ? random >> 63 : random));
  }
}
