// SPDX-License-Identifier: Apache-2.0
//
// tosa's constants and the ops that move elements.
#include "passes/model/raise/raise_op.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

// -- Constants ---------------------------------------------------------------
// The bits of i1 become bytes.
static MlirLogicalResult constant_i1(cimc_raise *self, MlirAttribute values,
                                     MlirType type) {
  cimc_literal literal;
  if (!cimc_literal_create(type, &literal))
    return cimc_raise_refuse(self, "a constant beyond a gigabyte; expected a "
                                   "smaller one");
  for (size_t i = 0; i < literal.count; i++)
    ((uint8_t *)literal.data)[i] =
        mlirDenseElementsAttrGetBoolValue(values, (intptr_t)i);
  MlirValue result = cimc_raise_constant(self, &literal);
  cimc_literal_destroy(&literal);
  return cimc_raise_done(self, result);
}

MlirLogicalResult cimc_raise_elements(cimc_raise *self, const char *name) {
  MlirType type = cimc_raise_result(self);
  MlirAttribute values =
      mlirOperationGetAttributeByName(self->op, cimc_ir_str(name));
  if (mlirAttributeIsNull(values) || !mlirAttributeIsADenseElements(values))
    return cimc_raise_refuse(self, "values that are no dense<...>; expected "
                                   "that");
  MlirType held = mlirAttributeGetType(values);
  MlirType element = cimc_ir_element_type(held);
  if (mlirTypeIsAInteger(element) && mlirIntegerTypeGetWidth(element) == 1)
    return constant_i1(self, values, type);
  if (!mlirTypeEqual(held, type))
    return cimc_raise_refuse(self, "values of another type than the result; "
                                   "expected the same");
  cimc_edit edit = {.kind = CIMC_QGEMM_CONSTANT, .type = type};
  cimc_edit_set(&edit, "value", values);
  return cimc_raise_done(self, cimc_raise_build(self, &edit));
}

static MlirLogicalResult constant(cimc_raise *self) {
  return cimc_raise_elements(self, "values");
}

static MlirLogicalResult identity(cimc_raise *self) {
  return cimc_raise_done(self, cimc_raise_operand(self, 0));
}

// -- Whole tensors -----------------------------------------------------------
// More operands than one op takes are joined in groups.
static MlirValue join(cimc_raise *self, const MlirValue *parts, int count,
                      int axis) {
  cimc_shape shape = cimc_raise_shape(parts[0]);
  cimc_edit edit = {.kind = CIMC_QGEMM_CONCAT};
  shape.dim[axis] = 0;
  for (int i = 0; i < count; i++) {
    edit.operands[edit.operand_count++] = parts[i];
    shape.dim[axis] += cimc_raise_shape(parts[i]).dim[axis];
  }
  edit.type = cimc_ir_tensor_type(
      &shape, cimc_ir_element_type(mlirValueGetType(parts[0])));
  cimc_edit_set(&edit, "axis", cimc_ir_attr_i64(self->context, axis));
  return cimc_raise_build(self, &edit);
}

MlirLogicalResult cimc_raise_concat(cimc_raise *self, const char *axis_name) {
  int64_t axis = -1;
  intptr_t left = mlirOperationGetNumOperands(self->op), next = 0;
  cimc_shape shape = cimc_raise_shape(cimc_raise_operand(self, 0));
  if (!cimc_ir_get_i64(self->op, axis_name, &axis) || axis < 0 ||
      axis >= shape.rank)
    return cimc_raise_refuse(self,
                             "an axis the operands have not; expected 0 "
                             "to %d",
                             shape.rank - 1);
  MlirValue parts[CIMC_EDIT_OPERANDS_MAX] = {cimc_raise_operand(self, next++)};
  while (next < left) {
    int count = 1;
    while (next < left && count < CIMC_EDIT_OPERANDS_MAX) {
      MlirValue part = cimc_raise_operand(self, next++);
      if (cimc_raise_shape(part).rank != shape.rank)
        return cimc_raise_refuse(self, "operands of several ranks; expected "
                                       "one");
      parts[count++] = part;
    }
    parts[0] = join(self, parts, count, (int)axis);
  }
  return cimc_raise_done(self, parts[0]);
}

static MlirLogicalResult concat(cimc_raise *self) {
  return cimc_raise_concat(self, "axis");
}

static MlirLogicalResult pad(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  int rank = cimc_raise_shape(x).rank;
  int64_t pads[2 * CIMC_RANK_MAX];
  double value = 0;
  cimc_raise_padding padding = {.value = 0};
  CIMC_TRY(cimc_raise_numbers(self, 1, 2 * rank, pads));
  CIMC_TRY(cimc_raise_real(self, 2, "the padding's value", &value));
  padding.value = (float)value;
  if ((double)padding.value != value && !isnan(value))
    return cimc_raise_refuse(self,
                             "a padding of %.0f, which f32 cannot hold; "
                             "expected less than 2^24",
                             value);
  for (int i = 0; i < 2 * rank; i++) {
    if (pads[i] < 0 || pads[i] > INT32_MAX)
      return cimc_raise_refuse(self,
                               "a padding of %" PRId64 " elements; "
                               "expected 0 to 2^31",
                               pads[i]);
    (i % 2 == 0 ? padding.low : padding.high)[i / 2] = pads[i];
  }
  return cimc_raise_done(self, cimc_raise_pad(self, x, &padding));
}

// The result's type says the shape, the operand only repeats it.
static MlirLogicalResult reshape(cimc_raise *self) {
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(cimc_raise_result(self), &shape);
  return cimc_raise_done(
      self, cimc_raise_reshape(self, cimc_raise_operand(self, 0), &shape));
}

static MlirLogicalResult transpose(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  cimc_shape shape = cimc_raise_shape(x);
  int64_t perm[CIMC_RANK_MAX];
  unsigned seen = 0;
  CIMC_TRY(cimc_raise_list(self, "perms", shape.rank, perm));
  for (int i = 0; i < shape.rank; i++)
    if (perm[i] >= 0 && perm[i] < shape.rank)
      seen |= 1u << perm[i];
  if (seen != (1u << shape.rank) - 1)
    return cimc_raise_refuse(self, "'perms' names no dimension twice and each "
                                   "once; expected a permutation");
  return cimc_raise_done(self, cimc_raise_transpose(self, x, perm));
}

static MlirLogicalResult reverse(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  cimc_shape shape = cimc_raise_shape(x);
  int64_t axis = -1, starts[CIMC_RANK_MAX] = {0}, steps[CIMC_RANK_MAX];
  if (!cimc_ir_get_i64(self->op, "axis", &axis) || axis < 0 ||
      axis >= shape.rank)
    return cimc_raise_refuse(self,
                             "an axis the operand has not; expected 0 "
                             "to %d",
                             shape.rank - 1);
  for (int i = 0; i < shape.rank; i++)
    steps[i] = 1;
  starts[axis] = shape.dim[axis] - 1;
  steps[axis] = -1;
  return cimc_raise_done(self,
                         cimc_raise_slice(self, x, starts, &shape, steps));
}

static MlirLogicalResult slice(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  cimc_shape from = cimc_raise_shape(x), sizes = {0};
  int64_t starts[CIMC_RANK_MAX], steps[CIMC_RANK_MAX];
  cimc_ir_tensor_shape(cimc_raise_result(self), &sizes);
  CIMC_TRY(cimc_raise_numbers(self, 1, from.rank, starts));
  for (int i = 0; i < from.rank; i++) {
    steps[i] = 1;
    if (sizes.rank != from.rank || starts[i] < 0 ||
        starts[i] > from.dim[i] - sizes.dim[i])
      return cimc_raise_refuse(self, "a slice that leaves the operand; "
                                     "expected one inside it");
  }
  return cimc_raise_done(self,
                         cimc_raise_slice(self, x, starts, &sizes, steps));
}

// -- Elements by index -------------------------------------------------------
static MlirLogicalResult take(cimc_raise *self, MlirValue *x, int axis,
                              const int64_t *indices, int64_t count) {
  int32_t *list = malloc(((size_t)count + 1) * sizeof *list);
  if (!list)
    return cimc_raise_refuse(self, "out of memory");
  for (int64_t i = 0; i < count; i++)
    list[i] = (int32_t)indices[i];
  *x = cimc_raise_take(self, *x, axis, list, count);
  free(list);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tile(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  cimc_shape from = cimc_raise_shape(x), to = {0};
  cimc_ir_tensor_shape(cimc_raise_result(self), &to);
  for (int axis = 0; axis < from.rank && to.rank == from.rank; axis++) {
    if (to.dim[axis] == from.dim[axis])
      continue;
    int64_t *indices = malloc(((size_t)to.dim[axis] + 1) * sizeof *indices);
    if (!indices)
      return cimc_raise_refuse(self, "out of memory");
    for (int64_t i = 0; i < to.dim[axis]; i++)
      indices[i] = i % from.dim[axis];
    MlirLogicalResult result = take(self, &x, axis, indices, to.dim[axis]);
    free(indices);
    CIMC_TRY(result);
  }
  return cimc_raise_done(self, x);
}

// values [N, K, C], indices [N, W]: with batches behind each other along K,
// the indices of batch n count from n * K.
static MlirLogicalResult gather(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  MlirValue indices = cimc_raise_operand(self, 1);
  cimc_shape from = cimc_raise_shape(x), at = cimc_raise_shape(indices);
  cimc_shape rows = {2, {from.dim[0] * from.dim[1], from.dim[2]}};
  cimc_shape flat = {1, {at.dim[0] * at.dim[1]}}, to = {0};
  cimc_ir_tensor_shape(cimc_raise_result(self), &to);
  if (cimc_raise_storage(indices) != CIMC_STORAGE_I32)
    return cimc_raise_refuse(self, "indices of other than i32; expected i32");
  if (from.dim[0] > 1) {
    cimc_shape shape = {2, {from.dim[0], 1}};
    cimc_literal first;
    if (!cimc_literal_create(
            cimc_ir_tensor_type(&shape,
                                cimc_raise_element(self, CIMC_STORAGE_I32)),
            &first))
      return cimc_raise_refuse(self, "out of memory");
    for (size_t n = 0; n < first.count; n++)
      cimc_literal_set(&first, n, (int64_t)n * from.dim[1]);
    indices = cimc_raise_binary(self, CIMC_QGEMM_ADD, indices,
                                cimc_raise_constant(self, &first));
    cimc_literal_destroy(&first);
  }
  x = cimc_raise_reshape(self, x, &rows);
  indices = cimc_raise_reshape(self, indices, &flat);
  x = cimc_raise_gather(self, x, indices, 0);
  return cimc_raise_done(self, cimc_raise_reshape(self, x, &to));
}

// -- Resize ------------------------------------------------------------------
// One output pixel along one dimension lies between two input pixels: weight
// `second` of `scale` belongs to the second of them.
typedef struct sampling {
  int axis;
  int64_t size, count, scale;
  int32_t *first, *next, *nearest;
  int64_t *second;
} sampling;

static void free_sampling(sampling *s) {
  free(s->first);
  free(s->next);
  free(s->nearest);
  free(s->second);
}

static int64_t inside(int64_t at, int64_t size) {
  return at < 0 ? 0 : at >= size ? size - 1 : at;
}

// scale: n over d; position i * d + offset, in steps of 1/n.
static bool make_sampling(sampling *s, const int64_t *scale, int64_t offset) {
  size_t count = (size_t)s->count + 1;
  s->scale = scale[0];
  s->first = calloc(count, sizeof *s->first);
  s->next = calloc(count, sizeof *s->next);
  s->nearest = calloc(count, sizeof *s->nearest);
  s->second = calloc(count, sizeof *s->second);
  if (!s->first || !s->next || !s->nearest || !s->second)
    return false;
  for (int64_t i = 0; i < s->count; i++) {
    int64_t at = i * scale[1] + offset;
    int64_t whole = at / s->scale - (at % s->scale < 0);
    int64_t rest = at - whole * s->scale;
    s->first[i] = (int32_t)inside(whole, s->size);
    s->next[i] = (int32_t)inside(whole + 1, s->size);
    s->nearest[i] = (int32_t)inside(whole + (2 * rest >= s->scale), s->size);
    s->second[i] = s->size == 1 ? 0 : rest;
  }
  return true;
}

// The weights of one dimension as a constant that broadcasts over the others.
static bool weights_of(cimc_raise *self, const sampling *s, MlirValue like,
                       MlirValue out[2]) {
  cimc_shape shape = {4, {1, 1, 1, 1}};
  shape.dim[s->axis] = s->count;
  cimc_literal one;
  MlirType type =
      cimc_ir_tensor_type(&shape, cimc_ir_element_type(mlirValueGetType(like)));
  for (int side = 0; side < 2; side++) {
    if (!cimc_literal_create(type, &one))
      return false;
    for (size_t i = 0; i < one.count; i++) {
      int64_t second = s->second[i];
      if (one.element.storage == CIMC_STORAGE_F32) {
        float part = (float)second / (float)s->scale;
        ((float *)one.data)[i] = side ? part : 1.0f - part;
      } else {
        cimc_literal_set(&one, i, side ? second : s->scale - second);
      }
    }
    out[side] = cimc_raise_constant(self, &one);
    cimc_literal_destroy(&one);
  }
  return true;
}

static bool interpolate(cimc_raise *self, const sampling *s, MlirValue *x) {
  MlirValue weights[2];
  if (!weights_of(self, s, *x, weights))
    return false;
  MlirValue a = cimc_raise_take(self, *x, s->axis, s->first, s->count);
  MlirValue b = cimc_raise_take(self, *x, s->axis, s->next, s->count);
  a = cimc_raise_binary(self, CIMC_QGEMM_MUL, a, weights[0]);
  b = cimc_raise_binary(self, CIMC_QGEMM_MUL, b, weights[1]);
  *x = cimc_raise_binary(self, CIMC_QGEMM_ADD, a, b);
  return true;
}

static bool resize_axis(cimc_raise *self, sampling *s, bool linear,
                        MlirValue *x) {
  if (linear)
    return interpolate(self, s, x);
  *x = cimc_raise_take(self, *x, s->axis, s->nearest, s->count);
  return true;
}

static MlirLogicalResult resize(cimc_raise *self) {
  MlirValue x = cimc_raise_operand(self, 0);
  cimc_shape from = cimc_raise_shape(x), to = {0};
  cimc_storage storage = cimc_qgemm_element(cimc_raise_result(self)).storage;
  int64_t scale[4], offset[2];
  cimc_ir_tensor_shape(cimc_raise_result(self), &to);
  CIMC_TRY(cimc_raise_numbers(self, 1, 4, scale));
  CIMC_TRY(cimc_raise_numbers(self, 2, 2, offset));
  for (int i = 0; i < 4; i++)
    if (scale[i] < 1 || scale[i] > INT16_MAX || offset[i / 2] < -INT16_MAX ||
        offset[i / 2] > INT16_MAX)
      return cimc_raise_refuse(self, "a scale or offset beyond 16 bits; "
                                     "expected less");
  bool linear = cimc_raise_says(self, "mode", "BILINEAR");
  if (linear)
    x = cimc_raise_cast(self, x, storage);
  bool done = true;
  for (int axis = 2; axis >= 1 && done; axis--) {
    sampling s = {.axis = axis, .size = from.dim[axis], .count = to.dim[axis]};
    done = make_sampling(&s, scale + 2 * (axis - 1), offset[axis - 1]) &&
           resize_axis(self, &s, linear, &x);
    free_sampling(&s);
  }
  if (!done)
    return cimc_raise_refuse(self, "out of memory");
  return cimc_raise_done(self, x);
}

const cimc_raise_row cimc_raise_rows_tosa_shape[] = {
    {.name = "tosa.concat", .raise = concat},
    {.name = "tosa.const", .raise = constant},
    {.name = "tosa.const_shape"}, // a number: read by the ops that use it
    {.name = "tosa.gather", .raise = gather},
    {.name = "tosa.identity", .raise = identity},
    {.name = "tosa.pad", .raise = pad},
    {.name = "tosa.reshape", .raise = reshape},
    {.name = "tosa.resize", .raise = resize},
    {.name = "tosa.reverse", .raise = reverse},
    {.name = "tosa.slice", .raise = slice},
    {.name = "tosa.tile", .raise = tile},
    {.name = "tosa.transpose", .raise = transpose},
    {.name = NULL},
};
