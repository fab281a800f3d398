// SPDX-License-Identifier: Apache-2.0
//
// Operators evaluated while importing: constants, and the whole-number
// arithmetic by which exporters compute shapes.
#include "cimc/import/onnx/ops.h"

#include <inttypes.h>
#include <string.h>

// Shape arithmetic is on a few numbers; more is data, not a shape.
#define SHAPE_ELEMENTS_MAX 4096
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

// -- Shape arithmetic --------------------------------------------------------
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

// An input that is a list of whole numbers known now.
static MlirLogicalResult read_numbers(cimc_call *call, size_t i,
                                      const cimc_tensor **out) {
  CIMC_TRY(cimc_call_constant(call, i, "an input", out));
  if ((*out)->elem != CIMC_ELEM_INT64 && (*out)->elem != CIMC_ELEM_INT32)
    return cimc_call_refuse(call, "an input of type %s",
                            cimc_proto_elem_name((*out)->stored));
  if ((*out)->count > SHAPE_ELEMENTS_MAX || (*out)->shape.rank > 1)
    return cimc_call_refuse(call, "more than a list of %d numbers",
                            SHAPE_ELEMENTS_MAX);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_ops_const_concat(cimc_call *call) {
  int64_t axis = 0, total = 0, elem = CIMC_ELEM_INT64;
  const cimc_tensor *part;
  size_t inputs = call->node->proto->input_count;
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  for (size_t i = 0; i < inputs; i++) {
    CIMC_TRY(read_numbers(call, i, &part));
    if (part->shape.rank != 1 || (i > 0 && part->elem != elem))
      return cimc_call_error(call,
                             "input %zu is not a list like the first; "
                             "expected one",
                             i);
    elem = part->elem;
    total += part->count;
  }
  CIMC_TRY(cimc_call_axis(call, 1, &axis));
  if (total > SHAPE_ELEMENTS_MAX)
    return cimc_call_refuse(call, "more than %d elements", SHAPE_ELEMENTS_MAX);
  cimc_shape shape = {.rank = 1, .dim = {total}};
  unsigned char *data;
  cimc_tensor *tensor = cimc_tensor_create(call->source, elem, &shape, &data);
  if (!tensor)
    return mlirLogicalResultFailure();
  int64_t at = 0;
  for (size_t i = 0; i < inputs; i++) {
    CIMC_TRY(read_numbers(call, i, &part));
    for (int64_t k = 0; k < part->count; k++)
      cimc_tensor_put_i64(elem, data, at++, cimc_tensor_i64(part, k));
  }
  return cimc_call_define_constant(call, tensor);
}

MlirLogicalResult cimc_ops_const_gather(cimc_call *call) {
  int64_t axis = 0;
  const cimc_tensor *from, *indices;
  CIMC_TRY(cimc_call_i64(call, "axis", &axis));
  CIMC_TRY(read_numbers(call, 0, &from));
  CIMC_TRY(read_numbers(call, 1, &indices));
  CIMC_TRY(cimc_call_axis(call, from->shape.rank, &axis));
  unsigned char *data;
  cimc_tensor *tensor =
      cimc_tensor_create(call->source, from->elem, &indices->shape, &data);
  if (!tensor)
    return mlirLogicalResultFailure();
  for (int64_t i = 0; i < indices->count; i++) {
    int64_t index = cimc_tensor_i64(indices, i);
    if (index < -from->count || index >= from->count)
      return cimc_call_error(call, "index %" PRId64 " of %" PRId64 " elements",
                             index, from->count);
    index += index < 0 ? from->count : 0;
    cimc_tensor_put_i64(from->elem, data, i, cimc_tensor_i64(from, index));
  }
  return cimc_call_define_constant(call, tensor);
}

// A bound of Slice along a list of `count` elements.
static int64_t clamp_bound(int64_t bound, int64_t count) {
  if (bound < 0)
    bound = bound < -count ? 0 : bound + count;
  return bound > count ? count : bound;
}

MlirLogicalResult cimc_ops_const_slice(cimc_call *call) {
  static const char *const names[] = {"starts", "ends", "axes", "steps"};
  cimc_call_list lists[4];
  const cimc_tensor *from;
  CIMC_TRY(read_numbers(call, 0, &from));
  for (size_t i = 0; i < 4; i++) {
    CIMC_TRY(cimc_call_ints(call, i + 1, names[i], &lists[i]));
    if (i >= 2 && lists[i].count < 0) { // left out
      lists[i].count = 1;
      lists[i].at[0] = i == 3;
    }
    if (lists[i].count != 1)
      return cimc_call_refuse(call, "more than one axis");
  }
  CIMC_TRY(cimc_call_axis(call, from->shape.rank, &lists[2].at[0]));
  if (lists[3].at[0] != 1)
    return cimc_call_refuse(call, "a step other than 1");
  int64_t start = clamp_bound(lists[0].at[0], from->count);
  int64_t end = clamp_bound(lists[1].at[0], from->count);
  cimc_shape shape = {.rank = 1, .dim = {end > start ? end - start : 0}};
  unsigned char *data;
  cimc_tensor *tensor =
      cimc_tensor_create(call->source, from->elem, &shape, &data);
  for (int64_t i = 0; tensor && i < tensor->count; i++)
    cimc_tensor_put_i64(from->elem, data, i, cimc_tensor_i64(from, start + i));
  return cimc_call_define_constant(call, tensor);
}

static bool compute(char operation, int64_t a, int64_t b, int64_t *out) {
  switch (operation) {
  case '+':
    return !__builtin_add_overflow(a, b, out);
  case '-':
    return !__builtin_sub_overflow(a, b, out);
  case '*':
    return !__builtin_mul_overflow(a, b, out);
  default:
    if (b == 0 || (a == INT64_MIN && b == -1))
      return false;
    *out = a / b;
    return true;
  }
}

// Whether both inputs are whole numbers known now.
static bool are_numbers(const cimc_call *call) {
  for (size_t i = 0; i < 2; i++) {
    const cimc_graph_value *value = cimc_call_input(call, i);
    if (!value || !(value->constant || value->initializer) ||
        (value->elem != CIMC_ELEM_INT64 && value->elem != CIMC_ELEM_INT32))
      return false;
  }
  return true;
}

MlirLogicalResult cimc_ops_const_arithmetic(cimc_call *call, char operation,
                                            bool *out_done) {
  const cimc_tensor *a, *b;
  *out_done = are_numbers(call);
  if (!*out_done)
    return mlirLogicalResultSuccess();
  CIMC_TRY(read_numbers(call, 0, &a));
  CIMC_TRY(read_numbers(call, 1, &b));
  if (a->elem != b->elem ||
      (a->count != b->count && a->count != 1 && b->count != 1))
    return cimc_call_error(call, "the inputs differ in type or length; "
                                 "expected the same");
  const cimc_tensor *longer = a->count > b->count              ? a
                              : b->count > a->count            ? b
                              : a->shape.rank >= b->shape.rank ? a
                                                               : b;
  if (a->count == 0 || b->count == 0)
    longer = a->count == 0 ? a : b;
  unsigned char *data;
  cimc_tensor *tensor =
      cimc_tensor_create(call->source, a->elem, &longer->shape, &data);
  for (int64_t i = 0; tensor && i < tensor->count; i++) {
    int64_t value;
    if (!compute(operation, cimc_tensor_i64(a, a->count == 1 ? 0 : i),
                 cimc_tensor_i64(b, b->count == 1 ? 0 : i), &value))
      return cimc_call_error(call,
                             "element %" PRId64 " overflows or divides "
                             "by zero",
                             i);
    cimc_tensor_put_i64(tensor->elem, data, i, value);
    if (cimc_tensor_i64(tensor, i) != value)
      return cimc_call_error(call, "element %" PRId64 " overflows", i);
  }
  return cimc_call_define_constant(call, tensor);
}
