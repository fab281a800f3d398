// SPDX-License-Identifier: Apache-2.0
//
// Slices, concats, gathers and pads out of the way.
#include "passes/model/movement.h"
#include "passes/model/literal.h"

#include <string.h>

#define NO_MATCH mlirLogicalResultFailure()

// -- Short forms -------------------------------------------------------------
// A slice's attributes: element i of dimension d is start[d] + i * step[d].
typedef struct cut {
  int rank;
  int64_t start[CIMC_RANK_MAX];
  int64_t size[CIMC_RANK_MAX];
  int64_t step[CIMC_RANK_MAX];
} cut;

static bool read_cut(MlirOperation slice, cut *out) {
  cimc_shape shape;
  if (cimc_qgemm_kind_of(slice) != CIMC_QGEMM_SLICE ||
      !cimc_ir_tensor_shape(cimc_edit_type(slice), &shape))
    return false;
  out->rank = shape.rank;
  return cimc_ir_get_i64s(slice, "starts", shape.rank, out->start) &&
         cimc_ir_get_i64s(slice, "sizes", shape.rank, out->size) &&
         cimc_ir_get_i64s(slice, "steps", shape.rank, out->step);
}

// The slice of x in place of `op`, whose element type it keeps.
static MlirLogicalResult replace_by_slice(MlirRewriterBase rewriter,
                                          MlirOperation op, MlirValue x,
                                          const cut *c) {
  MlirContext context = mlirOperationGetContext(op);
  cimc_edit edit = {
      .kind = CIMC_QGEMM_SLICE,
      .location = mlirOperationGetLocation(op),
      .type = cimc_edit_type(op),
      .operand_count = 1,
      .operands = {x},
  };
  cimc_edit_set(&edit, "starts", cimc_ir_attr_i64s(context, c->rank, c->start));
  cimc_edit_set(&edit, "sizes", cimc_ir_attr_i64s(context, c->rank, c->size));
  cimc_edit_set(&edit, "steps", cimc_ir_attr_i64s(context, c->rank, c->step));
  return cimc_edit_replace(rewriter, op, cimc_edit_build(rewriter, &edit));
}

static bool read_axis(MlirOperation op, cimc_qgemm_kind kind, int *out) {
  int64_t axis;
  if (cimc_qgemm_kind_of(op) != kind || !cimc_ir_get_i64(op, "axis", &axis))
    return false;
  *out = (int)axis;
  return true;
}

// The size of a value along an axis; -1 when it is not known.
static int64_t size_along(MlirValue value, int axis) {
  cimc_shape shape;
  if (!cimc_ir_tensor_shape(mlirValueGetType(value), &shape) ||
      axis >= shape.rank)
    return -1;
  return shape.dim[axis];
}

// -- Slices ------------------------------------------------------------------
// A slice of everything in order, and a slice of a slice.
static MlirLogicalResult simplify_slice(MlirOperation op,
                                        MlirRewriterBase rewriter, void *user) {
  (void)user;
  cut outer, inner;
  MlirValue x = cimc_edit_operand(op, 0);
  if (!read_cut(op, &outer))
    return NO_MATCH;
  bool forward = true;
  for (int i = 0; i < outer.rank; i++)
    forward = forward && (outer.step[i] > 0 || outer.size[i] == 1);
  if (forward && mlirTypeEqual(mlirValueGetType(x), cimc_edit_type(op)))
    return cimc_edit_replace(rewriter, op, x);
  MlirOperation above = cimc_ir_defining_op(x);
  if (!read_cut(above, &inner))
    return NO_MATCH;
  for (int i = 0; i < outer.rank; i++) {
    outer.start[i] = inner.start[i] + outer.start[i] * inner.step[i];
    // One element needs no step, which may not grow past its limit.
    outer.step[i] = outer.size[i] == 1 ? 1 : outer.step[i] * inner.step[i];
  }
  return replace_by_slice(rewriter, op, cimc_edit_operand(above, 0), &outer);
}

// The operands of a concat that [low, high] along its axis meets: first to
// last; *out_before is the size of those before them.
typedef struct span {
  intptr_t first, last;
  int64_t before;
} span;

static bool find_span(MlirOperation concat, int axis, int64_t low, int64_t high,
                      span *out) {
  int64_t begin = 0;
  *out = (span){-1, -1, 0};
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(concat); i++) {
    int64_t size = size_along(cimc_edit_operand(concat, i), axis);
    if (size < 0)
      return false;
    if (out->first < 0 && low < begin + size) {
      out->first = i;
      out->before = begin;
    }
    begin += size;
    if (out->first >= 0 && high < begin) {
      out->last = i;
      return true;
    }
  }
  return false;
}

// A concat of some operands of another one.
static MlirValue build_part(MlirRewriterBase rewriter, MlirOperation concat,
                            int axis, const span *part) {
  cimc_edit edit = cimc_edit_copy(concat);
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(cimc_edit_type(concat), &shape);
  shape.dim[axis] = 0;
  edit.operand_count = 0;
  for (intptr_t i = part->first; i <= part->last; i++) {
    MlirValue operand = cimc_edit_operand(concat, i);
    edit.operands[edit.operand_count++] = operand;
    shape.dim[axis] += size_along(operand, axis);
  }
  edit.type =
      cimc_ir_tensor_type(&shape, cimc_ir_element_type(cimc_edit_type(concat)));
  return cimc_edit_build(rewriter, &edit);
}

// slice(concat(..)) reads only the operands that it meets.
static MlirLogicalResult
slice_of_concat(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  cut c;
  int axis;
  span part;
  MlirOperation concat = cimc_ir_defining_op(cimc_edit_operand(op, 0));
  if (!read_cut(op, &c) || !read_axis(concat, CIMC_QGEMM_CONCAT, &axis) ||
      cimc_qgemm_element(cimc_edit_type(op)).axis >= 0)
    return NO_MATCH;
  int64_t low = c.start[axis];
  int64_t high = low + (c.size[axis] - 1) * c.step[axis];
  if (low > high) {
    int64_t swap = low;
    low = high;
    high = swap;
  }
  if (!find_span(concat, axis, low, high, &part) ||
      part.last - part.first + 1 == mlirOperationGetNumOperands(concat))
    return NO_MATCH;
  c.start[axis] -= part.before;
  return replace_by_slice(rewriter, op,
                          part.first == part.last
                              ? cimc_edit_operand(concat, part.first)
                              : build_part(rewriter, concat, axis, &part),
                          &c);
}

// -- Concats -----------------------------------------------------------------
// Whether slice `b` continues slice `a` of the same value along the axis.
static bool continues(MlirOperation first, MlirOperation second, int axis) {
  cut a, b;
  if (!read_cut(first, &a) || !read_cut(second, &b) ||
      !mlirValueEqual(cimc_edit_operand(first, 0),
                      cimc_edit_operand(second, 0)))
    return false;
  for (int i = 0; i < a.rank; i++) {
    bool step = a.step[i] == b.step[i] || a.size[i] == 1 || b.size[i] == 1;
    if (i == axis ? a.step[i] != 1 || b.step[i] != 1 ||
                        b.start[i] != a.start[i] + a.size[i]
                  : !step || a.start[i] != b.start[i] || a.size[i] != b.size[i])
      return false;
  }
  return true;
}

// Joins operand `at` and the next, two slices that continue each other.
static MlirValue join(MlirRewriterBase rewriter, MlirOperation concat,
                      intptr_t at, int axis) {
  MlirOperation first = cimc_ir_defining_op(cimc_edit_operand(concat, at));
  cut c;
  cimc_shape shape = {0};
  read_cut(first, &c);
  c.size[axis] += size_along(cimc_edit_operand(concat, at + 1), axis);
  cimc_ir_tensor_shape(cimc_edit_type(first), &shape);
  shape.dim[axis] = c.size[axis];
  cimc_edit edit = cimc_edit_copy(first);
  edit.type =
      cimc_ir_tensor_type(&shape, cimc_ir_element_type(cimc_edit_type(first)));
  cimc_edit_set(
      &edit, "sizes",
      cimc_ir_attr_i64s(mlirOperationGetContext(concat), c.rank, c.size));
  return cimc_edit_build(rewriter, &edit);
}

// concat(x) and concat(slice, the rest of it).
static MlirLogicalResult
simplify_concat(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  int axis;
  intptr_t count = mlirOperationGetNumOperands(op);
  if (count == 1)
    return cimc_edit_replace(rewriter, op, cimc_edit_operand(op, 0));
  if (!read_axis(op, CIMC_QGEMM_CONCAT, &axis))
    return NO_MATCH;
  for (intptr_t i = 0; i + 1 < count; i++) {
    if (!continues(cimc_ir_defining_op(cimc_edit_operand(op, i)),
                   cimc_ir_defining_op(cimc_edit_operand(op, i + 1)), axis))
      continue;
    cimc_edit edit = cimc_edit_copy(op);
    edit.operands[i] = join(rewriter, op, i, axis);
    for (intptr_t k = i + 2; k < count; k++)
      edit.operands[k - 1] = edit.operands[k];
    edit.operand_count--;
    return cimc_edit_replace(rewriter, op, cimc_edit_build(rewriter, &edit));
  }
  return NO_MATCH;
}

// concat(.., concat(..), ..) along one axis, while one op has room for all.
static MlirLogicalResult flatten_concat(MlirOperation op,
                                        MlirRewriterBase rewriter, void *user) {
  (void)user;
  int axis, inner_axis;
  intptr_t count = mlirOperationGetNumOperands(op);
  if (!read_axis(op, CIMC_QGEMM_CONCAT, &axis))
    return NO_MATCH;
  for (intptr_t i = 0; i < count; i++) {
    MlirOperation inner = cimc_ir_defining_op(cimc_edit_operand(op, i));
    if (!read_axis(inner, CIMC_QGEMM_CONCAT, &inner_axis) ||
        inner_axis != axis || !cimc_ir_has_one_use(cimc_edit_result(inner)))
      continue;
    intptr_t parts = mlirOperationGetNumOperands(inner);
    if (count - 1 + parts > CIMC_QGEMM_OPERANDS_MAX)
      continue;
    cimc_edit edit = cimc_edit_copy(op);
    for (intptr_t k = 0; k < parts; k++)
      edit.operands[i + k] = cimc_edit_operand(inner, k);
    for (intptr_t k = i + 1; k < count; k++)
      edit.operands[k + parts - 1] = cimc_edit_operand(op, k);
    edit.operand_count = (int)(count - 1 + parts);
    return cimc_edit_replace(rewriter, op, cimc_edit_build(rewriter, &edit));
  }
  return NO_MATCH;
}

// -- Gathers -----------------------------------------------------------------
// Whether constant indices into `size` elements are an even walk.
static bool is_walk(const cimc_literal *indices, int64_t size,
                    int64_t *out_start, int64_t *out_step) {
  int64_t last = 0;
  *out_step = 1;
  for (size_t i = 0; i < indices->count; i++) {
    int64_t at = cimc_literal_get(indices, i);
    at = at < 0 ? at + size : at;
    at = at < 0 ? 0 : at < size ? at : size - 1;
    if (i == 0)
      *out_start = at;
    else if (i == 1)
      *out_step = at - last;
    else if (at - last != *out_step)
      return false;
    last = at;
  }
  return indices->count > 0 && *out_step != 0;
}

// gather by constant indices that are an even walk is a slice.
static MlirLogicalResult
gather_to_slice(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  cimc_literal indices;
  cimc_shape shape;
  int axis;
  MlirValue x = cimc_edit_operand(op, 0);
  if (!cimc_ir_tensor_shape(mlirValueGetType(x), &shape) ||
      cimc_ir_element_count(&shape) <= 0 ||
      !read_axis(op, CIMC_QGEMM_GATHER, &axis) ||
      !cimc_literal_read(cimc_edit_operand(op, 1), &indices))
    return NO_MATCH;
  cut c = {.rank = shape.rank};
  for (int i = 0; i < shape.rank; i++) {
    c.size[i] = shape.dim[i];
    c.step[i] = 1;
  }
  bool even = indices.shape.rank == 1 &&
              is_walk(&indices, shape.dim[axis], &c.start[axis], &c.step[axis]);
  c.size[axis] = (int64_t)indices.count;
  cimc_literal_destroy(&indices);
  return even ? replace_by_slice(rewriter, op, x, &c) : NO_MATCH;
}

// -- Pads --------------------------------------------------------------------
typedef struct padding {
  int64_t low[CIMC_RANK_MAX], high[CIMC_RANK_MAX], interior[CIMC_RANK_MAX];
  float value;
} padding;

static bool read_padding(MlirOperation pad, int rank, padding *out) {
  *out = (padding){.value = 0};
  if (cimc_qgemm_kind_of(pad) != CIMC_QGEMM_PAD)
    return false;
  cimc_ir_get_i64s(pad, "interior", rank, out->interior);
  return cimc_ir_get_i64s(pad, "low", rank, out->low) &&
         cimc_ir_get_i64s(pad, "high", rank, out->high) &&
         cimc_ir_get_f32(pad, "value", &out->value);
}

// pad(pad(x)) of one value is one pad.
static MlirLogicalResult join_pads(MlirOperation op, MlirRewriterBase rewriter,
                                   void *user) {
  (void)user;
  cimc_shape shape;
  padding outer, inner;
  MlirOperation above = cimc_ir_defining_op(cimc_edit_operand(op, 0));
  if (!cimc_ir_tensor_shape(cimc_edit_type(op), &shape) ||
      !read_padding(op, shape.rank, &outer) ||
      !read_padding(above, shape.rank, &inner) ||
      memcmp(&outer.value, &inner.value, sizeof outer.value) != 0 ||
      !cimc_ir_has_one_use(cimc_edit_result(above)))
    return NO_MATCH;
  for (int i = 0; i < shape.rank; i++) {
    inner.low[i] += outer.low[i];
    inner.high[i] += outer.high[i];
    if (outer.interior[i] != 0 || inner.low[i] > INT32_MAX ||
        inner.high[i] > INT32_MAX)
      return NO_MATCH;
  }
  MlirContext context = mlirOperationGetContext(op);
  cimc_edit edit = cimc_edit_copy(above);
  edit.type = cimc_edit_type(op);
  cimc_edit_set(&edit, "low",
                cimc_ir_attr_i64s(context, shape.rank, inner.low));
  cimc_edit_set(&edit, "high",
                cimc_ir_attr_i64s(context, shape.rank, inner.high));
  return cimc_edit_replace(rewriter, op, cimc_edit_build(rewriter, &edit));
}

// -- Table -------------------------------------------------------------------
static const cimc_pattern patterns[] = {
    {"qgemm.slice", simplify_slice},   {"qgemm.slice", slice_of_concat},
    {"qgemm.concat", simplify_concat}, {"qgemm.concat", flatten_concat},
    {"qgemm.gather", gather_to_slice}, {"qgemm.pad", join_pads},
};
_Static_assert(sizeof patterns / sizeof *patterns <= CIMC_MOVEMENT_PATTERNS_MAX,
               "room for the patterns");

size_t cimc_movement_patterns(cimc_pattern *out) {
  memcpy(out, patterns, sizeof patterns);
  return sizeof patterns / sizeof *patterns;
}
