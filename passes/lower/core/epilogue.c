// SPDX-License-Identifier: Apache-2.0
//
// Rounding, zero points, bounds: see epilogue.h.
#include "passes/lower/core/epilogue.h"

#include <math.h>

// Adding 1.5 * 2^23 leaves no fraction bits: the sum is rounded to nearest
// even, and its low bits are the integer. roundeven would be a call of libm on
// ARM.
#define ROUND_MAGIC 0x1.8p23f
#define ROUND_MAGIC_BITS 0x4B400000

static float clamp_side(float bound, float scale, int32_t zero_point, float low,
                        float high) {
  float q = bound / scale;
  q = q < low ? low : q > high ? high : q; // before rounding: may be inf
  q = rintf(q);
  (void)zero_point;
  return q;
}

cimc_clamp cimc_epilogue_clamp(MlirType quantized, cimc_bounds bounds) {
  cimc_element element = cimc_qgemm_element(quantized);
  float low = (float)(cimc_storage_min(element.storage) - element.zero_point);
  float high = (float)(cimc_storage_max(element.storage) - element.zero_point);
  return (cimc_clamp){
      clamp_side(bounds.low, element.scale, element.zero_point, low, high),
      clamp_side(bounds.high, element.scale, element.zero_point, low, high)};
}

bool cimc_epilogue_exact_reciprocal(float scale) {
  int exponent;
  return frexpf(scale, &exponent) == 0.5f && exponent > -120 && exponent < 120;
}

MlirValue cimc_epilogue_round(cimc_build *b, MlirValue x) {
  MlirType type = mlirValueGetType(x);
  MlirType integer = cimc_build_like(b, x, b->i32);
  MlirValue sum = cimc_build_add(b, x, cimc_build_float(b, type, ROUND_MAGIC));
  MlirValue bits = cimc_build_bitcast(b, sum, integer);
  return cimc_build_sub(b, bits, cimc_build_int(b, integer, ROUND_MAGIC_BITS));
}

MlirValue cimc_epilogue_quantize(cimc_build *b, MlirValue x, MlirValue low,
                                 MlirValue high, MlirValue zero_point) {
  MlirValue clamped = cimc_build_clamp(b, x, low, high);
  return cimc_build_add(b, cimc_epilogue_round(b, clamped), zero_point);
}

MlirValue cimc_epilogue_dequantize(cimc_build *b, MlirValue q,
                                   MlirValue zero_point, MlirValue scale) {
  MlirValue real = cimc_build_to_float(b, cimc_build_sub(b, q, zero_point));
  return cimc_build_mul(b, real, scale);
}

MlirValue cimc_epilogue_load(cimc_build *b, cimc_storage storage,
                             MlirValue pointer, int64_t lanes, int64_t count) {
  MlirType element = cimc_build_storage_type(b, storage);
  int64_t align = cimc_storage_bytes(storage);
  MlirValue raw = lanes == 0 ? cimc_build_load(b, element, pointer, align)
                             : cimc_build_load_partial(
                                   b, cimc_build_vector_type(b, lanes, element),
                                   pointer, align, count);
  switch (storage) {
  case CIMC_STORAGE_I8:
  case CIMC_STORAGE_I16:
    return cimc_build_sext(b, raw, b->i32);
  case CIMC_STORAGE_U8:
  case CIMC_STORAGE_U16:
    return cimc_build_zext(b, raw, b->i32);
  default:
    return raw;
  }
}

void cimc_epilogue_store(cimc_build *b, cimc_storage storage, MlirValue value,
                         MlirValue pointer, int64_t count) {
  int64_t align = cimc_storage_bytes(storage);
  if (align < 4)
    value = cimc_build_trunc(b, value, cimc_build_storage_type(b, storage));
  cimc_build_store_partial(b, value, pointer, align, count);
}
