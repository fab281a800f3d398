// SPDX-License-Identifier: Apache-2.0
//
// Whether an int32 holds every sum a quantized product can come to.
//
// Why refuse: a sum that wraps is a wrong result that nobody sees.
#include "dialect/qgemm_check.h"

#include <stdlib.h>

int64_t cimc_qgemm_reach(MlirType type) {
  cimc_element element = cimc_qgemm_element(type);
  int64_t low = cimc_storage_min(element.storage);
  int64_t high = cimc_storage_max(element.storage), reach = 0;
  for (int64_t c = 0; c < element.scale_count; c++) {
    int64_t zero = cimc_qgemm_zero_point(type, c);
    reach = high - zero > reach ? high - zero : reach;
    reach = zero - low > reach ? zero - low : reach;
  }
  return reach;
}

static int64_t read_byte(const void *data, int64_t at, cimc_storage storage) {
  return storage == CIMC_STORAGE_U8 ? (int64_t)((const uint8_t *)data)[at]
                                    : (int64_t)((const int8_t *)data)[at];
}

// The sum of |w - zero_point| that meets output channel `channel`: a row of
// conv weights [C_out, …], a column of a matmul's [K, N].
static int64_t channel_sum(MlirType type, const void *data, bool is_column,
                           int64_t channel) {
  cimc_shape shape;
  cimc_element element = cimc_qgemm_element(type);
  if (!cimc_ir_tensor_shape(type, &shape))
    return INT64_MAX;
  int64_t channels = is_column ? shape.dim[1] : shape.dim[0];
  int64_t depth = cimc_ir_element_count(&shape) / channels, sum = 0;
  int64_t zero = cimc_qgemm_zero_point(type, element.axis < 0 ? 0 : channel);
  for (int64_t i = 0; i < depth; i++) {
    int64_t at = is_column ? i * channels + channel : channel * depth + i;
    int64_t value = read_byte(data, at, element.storage) - zero;
    sum += value < 0 ? -value : value;
  }
  return sum;
}

// Whether an op is a constant whose value has a byte for each element of its
// type: one at fault has been reported, and is not to be read here.
static bool is_sound_constant(MlirOperation op, MlirType type) {
  cimc_shape shape;
  if (cimc_qgemm_kind_of(op) != CIMC_QGEMM_CONSTANT ||
      !cimc_ir_tensor_shape(type, &shape))
    return false;
  MlirAttribute value =
      mlirOperationGetAttributeByName(op, cimc_ir_str("value"));
  if (mlirAttributeIsNull(value) || !mlirAttributeIsADenseElements(value))
    return false;
  MlirType element = mlirShapedTypeGetElementType(mlirAttributeGetType(value));
  return mlirTypeIsAInteger(element) && mlirIntegerTypeGetWidth(element) == 8 &&
         mlirElementsAttrGetNumElements(value) == cimc_ir_element_count(&shape);
}

// The largest sum over channels of constant weights; INT64_MAX without memory.
static int64_t largest_sum(MlirOperation constant, MlirType type,
                           bool is_column) {
  cimc_shape shape;
  if (!cimc_ir_tensor_shape(type, &shape))
    return INT64_MAX;
  void *data = malloc((size_t)cimc_ir_element_count(&shape));
  if (!data)
    return INT64_MAX;
  cimc_qgemm_constant_copy(constant, data);
  int64_t channels = is_column ? shape.dim[1] : shape.dim[0], largest = 0;
  for (int64_t c = 0; c < channels; c++) {
    int64_t sum = channel_sum(type, data, is_column, c);
    largest = sum > largest ? sum : largest;
  }
  free(data);
  return largest;
}

static bool is_byte(MlirType type) {
  cimc_element element = cimc_qgemm_element(type);
  return element.quantized && (element.storage == CIMC_STORAGE_I8 ||
                               element.storage == CIMC_STORAGE_U8);
}

int64_t cimc_qgemm_depth(cimc_qgemm_kind kind, MlirType weights) {
  cimc_shape shape;
  if (!cimc_ir_tensor_shape(weights, &shape) || shape.rank < 2)
    return 0;
  int64_t count = cimc_ir_element_count(&shape);
  if (kind == CIMC_QGEMM_MATMUL || kind == CIMC_QGEMM_BATCH_MATMUL)
    return shape.dim[shape.rank - 2] > 0 ? shape.dim[shape.rank - 2] : 0;
  return count > 0 && shape.dim[0] > 0 ? count / shape.dim[0] : 0;
}

MlirLogicalResult cimc_qgemm_check_sum(const cimc_qgemm_check *self) {
  MlirOperation op = self->op;
  cimc_qgemm_kind kind = self->kind;
  MlirValue weights = mlirOperationGetOperand(op, 1);
  MlirType input = mlirValueGetType(mlirOperationGetOperand(op, 0));
  MlirType type = mlirValueGetType(weights);
  if (!is_byte(input) || !is_byte(type))
    return mlirLogicalResultSuccess();
  int64_t depth = cimc_qgemm_depth(kind, type);
  // 8 bits each: no product of these exceeds 2^17 times fewer than 2^31.
  int64_t reach = depth > INT32_MAX ? INT64_MAX
                                    : depth * cimc_qgemm_reach(type) *
                                          cimc_qgemm_reach(input);
  MlirOperation constant = cimc_ir_defining_op(weights);
  if (reach > INT32_MAX && kind != CIMC_QGEMM_BATCH_MATMUL &&
      is_sound_constant(constant, type)) {
    int64_t sum = largest_sum(constant, type, kind == CIMC_QGEMM_MATMUL);
    reach = sum == INT64_MAX ? reach : sum * cimc_qgemm_reach(input);
  }
  if (reach <= INT32_MAX)
    return mlirLogicalResultSuccess();
  cimc_error(self->location,
             "%s: a sum of %lld products can come to %lld; expected at most "
             "2147483647, what an int32 holds",
             self->name, (long long)depth, (long long)reach);
  cimc_note(self->location, "split the sum into several ops and add them, or "
                            "compute it in f32");
  return mlirLogicalResultFailure();
}
