// SPDX-License-Identifier: Apache-2.0
//
// Operators whose results are known while importing.
#include "cimc/import/onnx_ops/ops.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define FILL_ELEMENTS_MAX (INT64_C(1) << 24)

// -- Constant ----------------------------------------------------------------
static MlirLogicalResult define_floats(cimc_call *call, const float *values,
                                       size_t count, int rank) {
  cimc_shape shape = {.rank = rank, .dim = {(int64_t)count}};
  unsigned char *data;
  cimc_tensor *tensor =
      cimc_tensor_create(call->source, CIMC_ELEM_FLOAT, &shape, &data);
  for (size_t i = 0; tensor && i < count; i++)
    cimc_tensor_put_f32(data, (int64_t)i, values[i]);
  return cimc_call_define_constant(call, tensor);
}

static MlirLogicalResult define_ints(cimc_call *call, const int64_t *values,
                                     size_t count, int rank) {
  cimc_shape shape = {.rank = rank, .dim = {(int64_t)count}};
  unsigned char *data;
  cimc_tensor *tensor =
      cimc_tensor_create(call->source, CIMC_ELEM_INT64, &shape, &data);
  for (size_t i = 0; tensor && i < count; i++)
    cimc_tensor_put_i64(CIMC_ELEM_INT64, data, (int64_t)i, values[i]);
  return cimc_call_define_constant(call, tensor);
}

MlirLogicalResult cimc_ops_const_constant(cimc_call *call) {
  const cimc_proto_node *node = call->node->proto;
  if (node->attribute_count != 1)
    return cimc_call_error(call, "%zu attributes; expected one, the value",
                           node->attribute_count);
  const cimc_proto_attribute *value = &node->attributes[0];
  int64_t type = value->type;
  if (strcmp(value->name, "value") == 0 && value->tensor)
    return cimc_call_define_constant(
        call, cimc_tensor_load(call->source, value->tensor));
  if (strcmp(value->name, "value_float") == 0 && type == CIMC_ATTRIBUTE_FLOAT)
    return define_floats(call, &value->f, 1, 0);
  if (strcmp(value->name, "value_floats") == 0 && type == CIMC_ATTRIBUTE_FLOATS)
    return define_floats(call, value->floats, value->float_count, 1);
  if (strcmp(value->name, "value_int") == 0 && type == CIMC_ATTRIBUTE_INT)
    return define_ints(call, &value->i, 1, 0);
  if (strcmp(value->name, "value_ints") == 0 && type == CIMC_ATTRIBUTE_INTS)
    return define_ints(call, value->ints, value->int_count, 1);
  return cimc_call_refuse(call, "attribute '%.40s'", value->name);
}

MlirLogicalResult cimc_ops_const_of_shape(cimc_call *call) {
  cimc_call_list dims;
  CIMC_TRY(cimc_call_ints(call, 0, "shape", &dims));
  if (dims.count < 0 || dims.count > CIMC_RANK_MAX)
    return cimc_call_refuse(call, "more than %d dimensions", CIMC_RANK_MAX);
  cimc_shape shape = {.rank = (int)dims.count};
  for (int i = 0; i < shape.rank; i++)
    shape.dim[i] = dims.at[i];
  int64_t count = cimc_ir_element_count(&shape);
  if (count < 0 || count > FILL_ELEMENTS_MAX)
    return cimc_call_refuse(call, "more than 2^24 elements");
  const cimc_proto_attribute *attribute = cimc_call_attribute(call, "value");
  const cimc_tensor *value = NULL;
  if (attribute && attribute->tensor) {
    value = cimc_tensor_load(call->source, attribute->tensor);
    if (!value)
      return mlirLogicalResultFailure();
    if (value->count != 1)
      return cimc_call_error(call,
                             "'value' has %" PRId64 " elements; expected "
                             "one",
                             value->count);
  }
  unsigned char *data;
  int64_t elem = value ? value->elem : CIMC_ELEM_FLOAT;
  cimc_tensor *tensor = cimc_tensor_create(call->source, elem, &shape, &data);
  size_t size = cimc_tensor_elem_bytes(elem);
  for (int64_t i = 0; tensor && value && i < count; i++)
    memcpy(data + (size_t)i * size, value->data, size);
  return cimc_call_define_constant(call, tensor);
}

// -- Shape -------------------------------------------------------------------
MlirLogicalResult cimc_ops_const_shape(cimc_call *call) {
  if (!cimc_call_has_input(call, 0))
    return cimc_call_error(call, "input 0 is left out; expected it");
  const cimc_shape *shape = cimc_call_shape(call, 0);
  int64_t start = 0, end = shape->rank;
  CIMC_TRY(cimc_call_i64(call, "start", &start));
  CIMC_TRY(cimc_call_i64(call, "end", &end));
  int64_t *bounds[] = {&start, &end};
  for (int i = 0; i < 2; i++) {
    if (*bounds[i] < 0)
      *bounds[i] += shape->rank;
    if (*bounds[i] < 0)
      *bounds[i] = 0;
    if (*bounds[i] > shape->rank)
      *bounds[i] = shape->rank;
  }
  return define_ints(call, shape->dim + start,
                     end > start ? (size_t)(end - start) : 0, 1);
}

// -- Range, Size, EyeLike ----------------------------------------------------
// How many numbers there are from start, in steps of delta, before limit.
static int64_t range_count(double start, double limit, double delta) {
  double count = ceil((limit - start) / delta);
  return count > 0 ? count < 0x1p40 ? (int64_t)count : INT64_C(1) << 40 : 0;
}

MlirLogicalResult cimc_ops_const_range(cimc_call *call) {
  static const char *const names[] = {"start", "limit", "delta"};
  const cimc_tensor *of[3];
  double bound[3];
  for (size_t i = 0; i < 3; i++) {
    CIMC_TRY(cimc_call_constant(call, i, names[i], &of[i]));
    if (of[i]->count != 1 || of[i]->elem != of[0]->elem ||
        of[i]->elem == CIMC_ELEM_BOOL)
      return cimc_call_error(call,
                             "'%s' is not one number of the type of "
                             "'start'; expected one",
                             names[i]);
    bound[i] = of[i]->elem == CIMC_ELEM_FLOAT
                   ? (double)cimc_tensor_f32(of[i], 0)
                   : (double)cimc_tensor_i64(of[i], 0);
  }
  if (bound[2] == 0)
    return cimc_call_error(call, "'delta' is 0; expected another number");
  cimc_shape shape = {.rank = 1,
                      .dim = {range_count(bound[0], bound[1], bound[2])}};
  if (shape.dim[0] > FILL_ELEMENTS_MAX)
    return cimc_call_refuse(call, "more than 2^24 elements");
  unsigned char *data;
  cimc_tensor *out =
      cimc_tensor_create(call->source, of[0]->elem, &shape, &data);
  for (int64_t i = 0; out && i < out->count; i++) {
    if (out->elem == CIMC_ELEM_FLOAT)
      cimc_tensor_put_f32(data, i, (float)(bound[0] + (double)i * bound[2]));
    else
      cimc_tensor_put_i64(out->elem, data, i,
                          cimc_tensor_i64(of[0], 0) +
                              i * cimc_tensor_i64(of[2], 0));
  }
  return cimc_call_define_constant(call, out);
}

MlirLogicalResult cimc_ops_const_size(cimc_call *call) {
  if (!cimc_call_has_input(call, 0))
    return cimc_call_error(call, "input 0 is left out; expected it");
  int64_t count = cimc_ir_element_count(cimc_call_shape(call, 0));
  return define_ints(call, &count, 1, 0);
}

MlirLogicalResult cimc_ops_const_eye_like(cimc_call *call) {
  int64_t stored = 0, k = 0;
  if (!cimc_call_has_input(call, 0))
    return cimc_call_error(call, "input 0 is left out; expected it");
  const cimc_shape *shape = cimc_call_shape(call, 0);
  CIMC_TRY(cimc_call_i64(call, "dtype", &stored));
  CIMC_TRY(cimc_call_i64(call, "k", &k));
  int64_t elem = stored == 0 ? cimc_call_input(call, 0)->elem
                             : cimc_tensor_widened(stored);
  if (elem == CIMC_ELEM_UNDEFINED || (stored != 0 && elem != stored))
    return cimc_call_refuse(call, "dtype %s", cimc_proto_elem_name(stored));
  if (shape->rank != 2 || cimc_ir_element_count(shape) > FILL_ELEMENTS_MAX)
    return cimc_call_error(call,
                           "the input has rank %d; expected a matrix of "
                           "up to 2^24 elements",
                           shape->rank);
  unsigned char *data;
  cimc_tensor *out = cimc_tensor_create(call->source, elem, shape, &data);
  for (int64_t i = 0; out && i < out->count; i++)
    if (i % shape->dim[1] - i / shape->dim[1] == k) {
      if (elem == CIMC_ELEM_FLOAT)
        cimc_tensor_put_f32(data, i, 1.0f);
      else
        cimc_tensor_put_i64(elem, data, i, 1);
    }
  return cimc_call_define_constant(call, out);
}
