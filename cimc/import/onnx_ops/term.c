// SPDX-License-Identifier: Apache-2.0
//
// Terms in and out, and elementwise arithmetic on them.
#include "cimc/import/onnx_ops/term.h"
#include "cimc/import/onnx_ops/eval.h"

#include <string.h>

#define ELEMENTS_MAX (INT64_C(1) << 31)

// -- In and out --------------------------------------------------------------
cimc_shape cimc_term_held(const cimc_shape *shape) {
  return shape->rank > 0 ? *shape : (cimc_shape){.rank = 1, .dim = {1}};
}

cimc_term cimc_term_input(cimc_call *call, size_t i) {
  const cimc_graph_value *there = cimc_call_input(call, i);
  if (there && cimc_call_storage(there->elem) == CIMC_STORAGE_OTHER) {
    cimc_call_refuse(call, "input %zu of type %s", i,
                     cimc_proto_elem_name(there->elem));
    return CIMC_TERM_NONE;
  }
  const cimc_tensor *tensor;
  if (mlirLogicalResultIsFailure(cimc_call_tensor(call, i, &tensor)))
    return CIMC_TERM_NONE;
  cimc_graph_value *value = cimc_call_input(call, i);
  return (cimc_term){.sound = true,
                     .elem = value->elem,
                     .shape = value->shape,
                     .known = tensor,
                     .value = value->value,
                     .origin = value};
}

cimc_term cimc_term_f32(cimc_call *call, size_t i) {
  cimc_term x = cimc_term_input(call, i);
  if (!x.sound || x.elem == CIMC_ELEM_FLOAT)
    return x;
  cimc_call_refuse(call, "input %zu of type %s", i,
                   cimc_proto_elem_name(x.elem));
  return CIMC_TERM_NONE;
}

cimc_term cimc_term_known(const cimc_tensor *tensor) {
  if (!tensor)
    return CIMC_TERM_NONE;
  return (cimc_term){.sound = true,
                     .elem = tensor->elem,
                     .shape = tensor->shape,
                     .known = tensor};
}

cimc_term cimc_term_number(cimc_call *call, int64_t elem, double number) {
  unsigned char *data;
  cimc_shape scalar = {.rank = 0};
  cimc_tensor *tensor = cimc_tensor_create(call->source, elem, &scalar, &data);
  if (tensor && elem == CIMC_ELEM_FLOAT)
    cimc_tensor_put_f32(data, 0, (float)number);
  else if (tensor)
    cimc_tensor_put_i64(elem, data, 0, (int64_t)number);
  return cimc_term_known(tensor);
}

cimc_term cimc_term_list(cimc_call *call, const int64_t *values, size_t count) {
  unsigned char *data;
  cimc_shape shape = {.rank = 1, .dim = {(int64_t)count}};
  cimc_tensor *tensor =
      cimc_tensor_create(call->source, CIMC_ELEM_INT64, &shape, &data);
  if (tensor && count > 0)
    memcpy(data, values, count * sizeof *values);
  return cimc_term_known(tensor);
}

cimc_term cimc_term_made(MlirValue value, int64_t elem,
                         const cimc_shape *shape) {
  return (cimc_term){.sound = !mlirValueIsNull(value),
                     .elem = elem,
                     .shape = *shape,
                     .value = value};
}

MlirLogicalResult cimc_term_value(cimc_call *call, cimc_term *term,
                                  MlirValue *out) {
  if (!term->sound)
    return mlirLogicalResultFailure();
  int64_t count = cimc_ir_element_count(&term->shape);
  if (count < 0 || count > ELEMENTS_MAX)
    return cimc_call_error(call, "a tensor between has too many elements; "
                                 "expected at most 2^31");
  cimc_graph_value own = {.name = call->node->name,
                          .constant = term->known,
                          .elem = term->elem,
                          .shape = term->shape};
  if (mlirValueIsNull(term->value)) {
    cimc_graph_value *from = term->origin ? term->origin : &own;
    CIMC_TRY(cimc_call_materialize(call, from));
    term->value = from->value;
  }
  *out = term->value;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_term_define(cimc_call *call, size_t i, cimc_term term) {
  if (!term.sound)
    return mlirLogicalResultFailure();
  call->output = i;
  if (!term.known)
    return cimc_call_define_shape(call, term.value, term.elem, &term.shape);
  CIMC_TRY(cimc_call_define_constant(call, term.known));
  if (cimc_call_has_output(call, i))
    call->values[call->node->outputs[i]].value = term.value;
  return mlirLogicalResultSuccess();
}

// -- Types -------------------------------------------------------------------
// Which operand types a kind takes: of bool, whole numbers, float32.
enum { TAKES_BOOL = 1, TAKES_WHOLE = 2, TAKES_F32 = 4 };

static int takes(cimc_qgemm_kind kind) {
  switch (kind) {
  case CIMC_QGEMM_ABS:
  case CIMC_QGEMM_NEG:
  case CIMC_QGEMM_SIGN:
  case CIMC_QGEMM_ADD:
  case CIMC_QGEMM_SUB:
  case CIMC_QGEMM_MUL:
  case CIMC_QGEMM_DIV:
    return TAKES_WHOLE | TAKES_F32;
  case CIMC_QGEMM_MIN:
  case CIMC_QGEMM_MAX:
    return TAKES_BOOL | TAKES_WHOLE | TAKES_F32;
  case CIMC_QGEMM_BIT_AND:
  case CIMC_QGEMM_BIT_OR:
  case CIMC_QGEMM_BIT_XOR:
    return TAKES_BOOL | TAKES_WHOLE;
  case CIMC_QGEMM_SHIFT_LEFT:
  case CIMC_QGEMM_SHIFT_RIGHT:
    return TAKES_WHOLE;
  default:
    return TAKES_F32;
  }
}

static bool check_type(cimc_call *call, cimc_qgemm_kind kind, cimc_term *x) {
  int has = x->elem == CIMC_ELEM_FLOAT  ? TAKES_F32
            : x->elem == CIMC_ELEM_BOOL ? TAKES_BOOL
                                        : TAKES_WHOLE;
  if (!x->sound || (takes(kind) & has))
    return x->sound;
  cimc_call_refuse(call, "an operand of type %s",
                   cimc_proto_elem_name(x->elem));
  return false;
}

static bool same_type(cimc_call *call, const cimc_term *a, const cimc_term *b) {
  if (!a->sound || !b->sound)
    return false;
  if (a->elem == b->elem)
    return true;
  cimc_call_error(call, "operands of types %s and %s; expected the same",
                  cimc_proto_elem_name(a->elem), cimc_proto_elem_name(b->elem));
  return false;
}

// -- Broadcasting ------------------------------------------------------------
static bool broadcast(cimc_call *call, const cimc_shape *a, cimc_shape *out) {
  cimc_shape b = *out;
  out->rank = a->rank > b.rank ? a->rank : b.rank;
  for (int i = 0; i < out->rank; i++) {
    int k = a->rank - out->rank + i, m = b.rank - out->rank + i;
    int64_t x = k < 0 ? 1 : a->dim[k], y = m < 0 ? 1 : b.dim[m];
    if (x != y && x != 1 && y != 1) {
      cimc_call_error(call,
                      "dimension %d is %lld in one operand and %lld in "
                      "another; expected the same, or 1",
                      i, (long long)x, (long long)y);
      return false;
    }
    out->dim[i] = x == 1 ? y : x;
  }
  return true;
}

// An operand that broadcasts to `rank` dimensions. One of more than one gets
// that rank: passes that move transposes then need not align ranks.
static MlirLogicalResult aligned(cimc_call *call, cimc_term *x, int rank,
                                 MlirValue *out) {
  if (x->shape.rank > 1 && x->shape.rank < rank) {
    cimc_shape to = {.rank = rank};
    for (int i = 0; i < rank; i++) {
      int from = x->shape.rank - rank + i;
      to.dim[i] = from < 0 ? 1 : x->shape.dim[from];
    }
    *x = cimc_term_reshape(call, *x, &to);
  }
  return cimc_term_value(call, x, out);
}

// -- Ops ---------------------------------------------------------------------
cimc_term cimc_term_apply(cimc_call *call, const cimc_builder_op *op,
                          cimc_term x) {
  cimc_builder_op made = *op;
  made.operand_count = 1;
  if (!check_type(call, op->kind, &x) ||
      mlirLogicalResultIsFailure(cimc_term_value(call, &x, made.operands)))
    return CIMC_TERM_NONE;
  return cimc_term_made(cimc_builder_create(&call->builder, &made), x.elem,
                        &x.shape);
}

cimc_term cimc_term_unary(cimc_call *call, cimc_qgemm_kind kind, cimc_term x) {
  if (!check_type(call, kind, &x))
    return CIMC_TERM_NONE;
  const cimc_tensor *known =
      x.known ? cimc_eval_unary(call, kind, x.known) : NULL;
  return known ? cimc_term_known(known)
               : cimc_term_apply(call, &(cimc_builder_op){.kind = kind}, x);
}

cimc_term cimc_term_binary(cimc_call *call, cimc_qgemm_kind kind, cimc_term a,
                           cimc_term b) {
  cimc_builder_op op = {.kind = kind, .operand_count = 2};
  cimc_shape shape = b.shape;
  if (!same_type(call, &a, &b) || !check_type(call, kind, &a) ||
      !broadcast(call, &a.shape, &shape))
    return CIMC_TERM_NONE;
  const cimc_tensor *both[] = {a.known, b.known};
  const cimc_tensor *known =
      a.known && b.known ? cimc_eval_binary(call, kind, both, &shape) : NULL;
  if (known)
    return cimc_term_known(known);
  if (mlirLogicalResultIsFailure(
          aligned(call, &a, shape.rank, &op.operands[0])) ||
      mlirLogicalResultIsFailure(
          aligned(call, &b, shape.rank, &op.operands[1])))
    return CIMC_TERM_NONE;
  return cimc_term_made(cimc_builder_create(&call->builder, &op), a.elem,
                        &shape);
}

cimc_term cimc_term_compare(cimc_call *call, const char *predicate, cimc_term a,
                            cimc_term b) {
  cimc_builder_op op = {
      .kind = CIMC_QGEMM_COMPARE,
      .operand_count = 2,
      .element = cimc_storage_type(call->builder.context, CIMC_STORAGE_U8),
      .attributes = {cimc_builder_text(&call->builder, "predicate", predicate)},
      .attribute_count = 1};
  cimc_shape shape = b.shape;
  if (!same_type(call, &a, &b) || !broadcast(call, &a.shape, &shape))
    return CIMC_TERM_NONE;
  const cimc_tensor *both[] = {a.known, b.known};
  const cimc_tensor *known =
      a.known && b.known ? cimc_eval_compare(call, predicate, both, &shape)
                         : NULL;
  if (known)
    return cimc_term_known(known);
  if (mlirLogicalResultIsFailure(
          aligned(call, &a, shape.rank, &op.operands[0])) ||
      mlirLogicalResultIsFailure(
          aligned(call, &b, shape.rank, &op.operands[1])))
    return CIMC_TERM_NONE;
  return cimc_term_made(cimc_builder_create(&call->builder, &op),
                        CIMC_ELEM_BOOL, &shape);
}

cimc_term cimc_term_select(cimc_call *call, cimc_term condition, cimc_term a,
                           cimc_term b) {
  cimc_builder_op op = {.kind = CIMC_QGEMM_SELECT, .operand_count = 3};
  cimc_shape shape = b.shape;
  if (!condition.sound || !same_type(call, &a, &b) ||
      !broadcast(call, &a.shape, &shape) ||
      !broadcast(call, &condition.shape, &shape))
    return CIMC_TERM_NONE;
  const cimc_tensor *all[] = {condition.known, a.known, b.known};
  const cimc_tensor *known = condition.known && a.known && b.known
                                 ? cimc_eval_select(call, all, &shape)
                                 : NULL;
  if (known)
    return cimc_term_known(known);
  cimc_term *operands[] = {&condition, &a, &b};
  for (int i = 0; i < 3; i++)
    if (mlirLogicalResultIsFailure(
            aligned(call, operands[i], shape.rank, &op.operands[i])))
      return CIMC_TERM_NONE;
  op.element = cimc_ir_element_type(mlirValueGetType(op.operands[1]));
  return cimc_term_made(cimc_builder_create(&call->builder, &op), a.elem,
                        &shape);
}

cimc_term cimc_term_cast(cimc_call *call, cimc_term x, int64_t elem) {
  if (!x.sound || x.elem == elem)
    return x;
  if (x.known)
    return cimc_term_known(cimc_eval_cast(call, x.known, elem));
  if (elem == CIMC_ELEM_BOOL)
    return cimc_term_compare(call, "ne", x, cimc_term_number(call, x.elem, 0));
  cimc_storage from = cimc_call_storage(x.elem);
  cimc_storage to = cimc_call_storage(elem);
  MlirValue value;
  if (mlirLogicalResultIsFailure(cimc_term_value(call, &x, &value)))
    return CIMC_TERM_NONE;
  if (from != to) // a bool is a uint8 already
    value = cimc_builder_convert(&call->builder, CIMC_QGEMM_CAST, value,
                                 cimc_storage_type(call->builder.context, to));
  return cimc_term_made(value, elem, &x.shape);
}

cimc_term cimc_term_with(cimc_call *call, cimc_qgemm_kind kind, cimc_term x,
                         double number) {
  if (!x.sound)
    return x;
  return cimc_term_binary(call, kind, x,
                          cimc_term_number(call, x.elem, number));
}
