// SPDX-License-Identifier: Apache-2.0
//
// The element types of ops that compute in integers alone when an attribute
// says so: requantization by fractions, and the arithmetic of other formats'
// references.
#include "dialect/qgemm_check.h"

#include <inttypes.h>
#include <math.h>

typedef cimc_qgemm_check check;
typedef cimc_qgemm_value value;

static bool has_8_bits(const value *v) {
  return cimc_qgemm_value_is_narrow(v) &&
         cimc_storage_bytes(v->element.storage) == 1;
}

// -- Products ----------------------------------------------------------------
static MlirLogicalResult check_words(const check *self, bool *out_any) {
  static const char *const names[] = {"multipliers", "shifts", "rounding"};
  const char *missing = NULL;
  *out_any = false;
  for (int i = 0; i < 3; ++i)
    if (cimc_ir_has_attr(self->op, names[i]))
      *out_any = true;
    else
      missing = names[i];
  if (!*out_any || !missing)
    return mlirLogicalResultSuccess();
  return cimc_error(self->location,
                    "%s: '%s' is missing; expected multipliers, shifts and "
                    "rounding, or none of them",
                    self->name, missing);
}

MlirLogicalResult cimc_qgemm_check_fractions(const check *self) {
  bool any;
  CIMC_TRY(check_words(self, &any));
  if (!any)
    return mlirLogicalResultSuccess();
  value x = cimc_qgemm_value_operand(self, 0);
  value result = cimc_qgemm_value_result(self);
  if (!has_8_bits(&x) || !has_8_bits(&result)) {
    cimc_qgemm_value_expected(self, has_8_bits(&x) ? &result : &x,
                              "a quantized type of i8 or u8");
    cimc_note(self->location, "multipliers, shifts and rounding bring sums of "
                              "bytes to a result of bytes");
    return mlirLogicalResultFailure();
  }
  cimc_shape shape;
  cimc_ir_tensor_shape(result.type, &shape);
  return cimc_qgemm_check_rescale(
      self, shape.rank > 0 ? shape.dim[shape.rank - 1] : -1);
}

// -- Pools and softmax -------------------------------------------------------
// True when `arithmetic` is this word.
static bool is_arithmetic(const check *self, const char *word) {
  MlirAttribute attribute =
      mlirOperationGetAttributeByName(self->op, cimc_ir_str("arithmetic"));
  return !mlirAttributeIsNull(attribute) &&
         cimc_ir_str_equal(mlirStringAttrGetValue(attribute), word);
}

MlirLogicalResult cimc_qgemm_types_avg_pool(const check *self) {
  CIMC_TRY(cimc_qgemm_types_uniform(self));
  bool tflite = is_arithmetic(self, "tflite");
  if (!tflite && !is_arithmetic(self, "tosa"))
    return mlirLogicalResultSuccess();
  value x = cimc_qgemm_value_operand(self, 0);
  value result = cimc_qgemm_value_result(self);
  if (!cimc_qgemm_value_is_narrow(&x))
    return cimc_qgemm_value_expected(
        self, &x, "a quantized type, as its 'arithmetic' is of integers");
  if (tflite ? !mlirTypeEqual(mlirShapedTypeGetElementType(x.type),
                              mlirShapedTypeGetElementType(result.type))
             : x.element.storage != result.element.storage)
    return cimc_qgemm_value_expected(self, &result,
                                     tflite ? "that of x" : "the storage of x");
  bool padding = false;
  cimc_ir_get_bool(self->op, "count_include_pad", &padding);
  if (!padding)
    return mlirLogicalResultSuccess();
  return cimc_error(self->location,
                    "%s: count_include_pad = true with an integer "
                    "'arithmetic'; expected false",
                    self->name);
}

MlirLogicalResult cimc_qgemm_types_softmax(const check *self) {
  CIMC_TRY(cimc_qgemm_types_uniform(self));
  if (!is_arithmetic(self, "tflite"))
    return mlirLogicalResultSuccess();
  value x = cimc_qgemm_value_operand(self, 0);
  value result = cimc_qgemm_value_result(self);
  if (!has_8_bits(&x))
    return cimc_qgemm_value_expected(self, &x, "a quantized type of i8 or u8");
  if (result.element.storage == x.element.storage &&
      result.element.scale == 1.0f / 256 &&
      result.element.zero_point == cimc_storage_min(x.element.storage))
    return mlirLogicalResultSuccess();
  cimc_qgemm_value_expected(self, &result,
                            "the storage of x, the scale 1/256 and the "
                            "smallest zero point");
  cimc_note(self->location, "arithmetic = \"tflite\" has no other result: "
                            "0.00390625:-128 of i8, 0.00390625:0 of u8");
  return mlirLogicalResultFailure();
}
