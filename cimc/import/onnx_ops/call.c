// SPDX-License-Identifier: Apache-2.0
//
// Typed access to a node's inputs, attributes and outputs, with the errors.
#include "cimc/import/onnx_ops/call.h"
#include "cimc/import/onnx_ops/scales.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ELEMENTS_MAX (INT64_C(1) << 31)

cimc_storage cimc_call_storage(int64_t elem) {
  switch (elem) {
  case CIMC_ELEM_FLOAT:
    return CIMC_STORAGE_F32;
  case CIMC_ELEM_INT8:
    return CIMC_STORAGE_I8;
  case CIMC_ELEM_UINT8:
  case CIMC_ELEM_BOOL: // 0 or 1
    return CIMC_STORAGE_U8;
  case CIMC_ELEM_INT16:
    return CIMC_STORAGE_I16;
  case CIMC_ELEM_UINT16:
    return CIMC_STORAGE_U16;
  case CIMC_ELEM_INT32:
    return CIMC_STORAGE_I32;
  case CIMC_ELEM_INT64:
    return CIMC_STORAGE_I64;
  default:
    return CIMC_STORAGE_OTHER;
  }
}

int64_t cimc_call_elem(cimc_storage storage) {
  static const int64_t elems[] = {
      CIMC_ELEM_FLOAT,  CIMC_ELEM_INT8,  CIMC_ELEM_UINT8, CIMC_ELEM_INT16,
      CIMC_ELEM_UINT16, CIMC_ELEM_INT32, CIMC_ELEM_INT64};
  for (size_t i = 0; i < sizeof elems / sizeof *elems; i++)
    if (cimc_call_storage(elems[i]) == storage)
      return elems[i];
  return CIMC_ELEM_UNDEFINED;
}

// "Add", or "com.microsoft.QLinearAdd".
static const char *full_type(cimc_call *call) {
  const cimc_proto_node *node = call->node->proto;
  if (node->domain[0] == '\0')
    return node->op_type;
  size_t size = strlen(node->domain) + strlen(node->op_type) + 2;
  char *name = cimc_arena_alloc(call->source->arena, size, 1);
  if (!name)
    return node->op_type;
  snprintf(name, size, "%s.%s", node->domain, node->op_type);
  return name;
}

MlirLogicalResult cimc_call_refuse(cimc_call *call, const char *format, ...) {
  cimc_refusal refusal = {.type = full_type(call), .node = call->node->name};
  va_list arguments;
  va_start(arguments, format);
  cimc_refusals_add(call->refusals, call->source->arena, &refusal, format,
                    arguments);
  va_end(arguments);
  call->refused = true;
  return mlirLogicalResultFailure();
}

// -- Inputs ------------------------------------------------------------------
cimc_graph_value *cimc_call_input(const cimc_call *call, size_t i) {
  if (i >= call->node->proto->input_count ||
      call->node->inputs[i] == CIMC_GRAPH_NONE)
    return NULL;
  return &call->values[call->node->inputs[i]];
}

bool cimc_call_has_input(const cimc_call *call, size_t i) {
  return cimc_call_input(call, i) != NULL;
}

const cimc_shape *cimc_call_shape(const cimc_call *call, size_t i) {
  return &cimc_call_input(call, i)->shape;
}

static MlirLogicalResult load(cimc_call *call, cimc_graph_value *value) {
  if (!value->constant && value->initializer)
    value->constant = cimc_tensor_load(call->source, value->initializer);
  return !value->constant && value->initializer ? mlirLogicalResultFailure()
                                                : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_call_materialize(cimc_call *call,
                                        cimc_graph_value *value) {
  if (!mlirValueIsNull(value->value))
    return mlirLogicalResultSuccess();
  CIMC_TRY(load(call, value));
  const cimc_tensor *tensor = value->constant;
  if (!tensor)
    return cimc_call_error(call, "'%s' has no value; expected one",
                           value->name);
  cimc_storage storage = cimc_call_storage(tensor->elem);
  if (storage == CIMC_STORAGE_OTHER)
    return cimc_call_refuse(call, "'%s' is %s", value->name,
                            cimc_proto_elem_name(tensor->elem));
  if (tensor->count == 0)
    return cimc_call_error(call, "'%s' has no elements; expected some",
                           value->name);
  cimc_shape shape = tensor->shape;
  if (shape.rank == 0)
    shape = (cimc_shape){.rank = 1, .dim = {1}};
  size_t size = cimc_tensor_elem_bytes(tensor->elem);
  if (!cimc_tensor_charge(call->source, tensor->count, size))
    return mlirLogicalResultFailure();
  cimc_builder builder = call->builder;
  builder.location =
      cimc_ir_node_location(builder.context, call->source->file, value->name);
  value->value = cimc_builder_constant(
      &builder,
      cimc_ir_tensor_type(&shape, cimc_storage_type(builder.context, storage)),
      tensor->data, (size_t)tensor->count * size);
  return mlirValueIsNull(value->value) ? mlirLogicalResultFailure()
                                       : mlirLogicalResultSuccess();
}

static MlirLogicalResult need_input(cimc_call *call, size_t i) {
  if (cimc_call_has_input(call, i))
    return mlirLogicalResultSuccess();
  return cimc_call_error(call, "%s: input %zu is left out; expected it",
                         call->node->proto->op_type, i);
}

MlirLogicalResult cimc_call_operand(cimc_call *call, size_t i, MlirValue *out) {
  CIMC_TRY(need_input(call, i));
  cimc_graph_value *value = cimc_call_input(call, i);
  CIMC_TRY(cimc_call_materialize(call, value));
  *out = value->value;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_call_f32(cimc_call *call, size_t i, MlirValue *out) {
  CIMC_TRY(need_input(call, i));
  int64_t elem = cimc_call_input(call, i)->elem;
  if (elem != CIMC_ELEM_FLOAT)
    return cimc_call_refuse(call, "input %zu of type %s", i,
                            cimc_proto_elem_name(elem));
  return cimc_call_operand(call, i, out);
}

MlirLogicalResult cimc_call_tensor(cimc_call *call, size_t i,
                                   const cimc_tensor **out) {
  CIMC_TRY(need_input(call, i));
  cimc_graph_value *value = cimc_call_input(call, i);
  CIMC_TRY(load(call, value));
  *out = value->constant;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_call_constant(cimc_call *call, size_t i,
                                     const char *what,
                                     const cimc_tensor **out) {
  CIMC_TRY(cimc_call_tensor(call, i, out));
  if (*out)
    return mlirLogicalResultSuccess();
  const cimc_graph_steps *steps = cimc_call_input(call, i)->steps;
  if (!steps)
    return cimc_call_refuse(call, "%s is not a constant", what);
  *out = cimc_scales_fold(call, steps);
  return *out ? mlirLogicalResultSuccess() : mlirLogicalResultFailure();
}

static MlirLogicalResult too_long(cimc_call *call, const char *what,
                                  int64_t count) {
  return cimc_call_error(call,
                         "'%s' has %" PRId64 " elements; expected at "
                         "most %d",
                         what, count, 2 * CIMC_RANK_MAX);
}

MlirLogicalResult cimc_call_ints(cimc_call *call, size_t i, const char *what,
                                 cimc_call_list *out) {
  out->count = -1;
  if (cimc_call_has_input(call, i)) {
    const cimc_tensor *tensor;
    CIMC_TRY(cimc_call_constant(call, i, what, &tensor));
    if ((tensor->elem != CIMC_ELEM_INT64 && tensor->elem != CIMC_ELEM_INT32) ||
        tensor->shape.rank > 1)
      return cimc_call_error(
          call, "'%s' is %s of rank %d; expected int64 of rank 1", what,
          cimc_proto_elem_name(tensor->stored), tensor->shape.rank);
    if (tensor->count > 2 * CIMC_RANK_MAX)
      return too_long(call, what, tensor->count);
    for (int64_t k = 0; k < tensor->count; k++)
      out->at[k] = cimc_tensor_i64(tensor, k);
    out->count = tensor->count;
    return mlirLogicalResultSuccess();
  }
  const cimc_proto_attribute *attribute = cimc_call_attribute(call, what);
  if (!attribute)
    return mlirLogicalResultSuccess();
  if (attribute->type != CIMC_ATTRIBUTE_INTS)
    return cimc_call_error(
        call, "attribute '%s' is not a list of whole numbers; expected one",
        what);
  if (attribute->int_count > 2 * CIMC_RANK_MAX)
    return too_long(call, what, (int64_t)attribute->int_count);
  for (size_t k = 0; k < attribute->int_count; k++)
    out->at[k] = attribute->ints[k];
  out->count = (int64_t)attribute->int_count;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_call_axes(cimc_call *call, size_t i, int rank,
                                 cimc_call_list *out) {
  CIMC_TRY(cimc_call_ints(call, i, "axes", out));
  for (int64_t k = 0; k < out->count; k++) {
    CIMC_TRY(cimc_call_axis(call, rank, &out->at[k]));
    for (int64_t j = 0; j < k; j++)
      if (out->at[j] == out->at[k])
        return cimc_call_error(call, "axis %" PRId64 " is given twice",
                               out->at[k]);
  }
  return mlirLogicalResultSuccess();
}

// -- Attributes --------------------------------------------------------------
const cimc_proto_attribute *cimc_call_attribute(const cimc_call *call,
                                                const char *name) {
  const cimc_proto_node *node = call->node->proto;
  for (size_t i = 0; i < node->attribute_count; i++)
    if (strcmp(node->attributes[i].name, name) == 0)
      return &node->attributes[i];
  return NULL;
}

// The attribute, null when there is none; an error when of another type.
static MlirLogicalResult typed(cimc_call *call, const char *name, int64_t type,
                               const cimc_proto_attribute **out) {
  static const char *const words[] = {"", "a number", "a whole number",
                                      "a string"};
  *out = cimc_call_attribute(call, name);
  if (!*out || (*out)->type == type)
    return mlirLogicalResultSuccess();
  return cimc_call_error(call, "attribute '%s' is not %s; expected one", name,
                         words[type]);
}

MlirLogicalResult cimc_call_i64(cimc_call *call, const char *name,
                                int64_t *out) {
  const cimc_proto_attribute *attribute;
  CIMC_TRY(typed(call, name, CIMC_ATTRIBUTE_INT, &attribute));
  if (attribute)
    *out = attribute->i;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_call_real(cimc_call *call, const char *name,
                                 float *out) {
  const cimc_proto_attribute *attribute;
  CIMC_TRY(typed(call, name, CIMC_ATTRIBUTE_FLOAT, &attribute));
  if (attribute)
    *out = attribute->f;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_call_text(cimc_call *call, const char *name,
                                 const char **out) {
  const cimc_proto_attribute *attribute;
  CIMC_TRY(typed(call, name, CIMC_ATTRIBUTE_STRING, &attribute));
  if (attribute)
    *out = attribute->s;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_call_axis(cimc_call *call, int rank, int64_t *axis) {
  if (*axis < -rank || *axis >= rank)
    return cimc_call_error(call,
                           "axis %" PRId64 " of a tensor of rank %d; "
                           "expected %d to %d",
                           *axis, rank, -rank, rank - 1);
  if (*axis < 0)
    *axis += rank;
  return mlirLogicalResultSuccess();
}

// -- Outputs -----------------------------------------------------------------
bool cimc_call_has_output(const cimc_call *call, size_t i) {
  return i < call->node->proto->output_count &&
         call->node->outputs[i] != CIMC_GRAPH_NONE &&
         call->values[call->node->outputs[i]].used;
}

MlirLogicalResult cimc_call_define_shape(cimc_call *call, MlirValue value,
                                         int64_t elem,
                                         const cimc_shape *shape) {
  if (mlirValueIsNull(value))
    return mlirLogicalResultFailure();
  int64_t count = cimc_ir_element_count(shape);
  if (count < 1 || count > ELEMENTS_MAX)
    return cimc_call_error(
        call, "%s: the result has %s elements; expected 1 to 2^31",
        call->node->proto->op_type, count == 0 ? "no" : "too many");
  if (!cimc_call_has_output(call, call->output))
    return mlirLogicalResultSuccess();
  cimc_graph_value *output = &call->values[call->node->outputs[call->output]];
  output->value = value;
  output->elem = elem;
  output->shape = *shape;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_call_define(cimc_call *call, MlirValue value,
                                   int64_t elem) {
  if (mlirValueIsNull(value))
    return mlirLogicalResultFailure();
  cimc_shape shape = cimc_builder_shape(value);
  return cimc_call_define_shape(call, value, elem, &shape);
}

MlirLogicalResult cimc_call_define_constant(cimc_call *call,
                                            const cimc_tensor *tensor) {
  if (!tensor)
    return mlirLogicalResultFailure();
  if (!cimc_call_has_output(call, call->output))
    return mlirLogicalResultSuccess();
  cimc_graph_value *output = &call->values[call->node->outputs[call->output]];
  output->constant = tensor;
  output->elem = tensor->elem;
  output->shape = tensor->shape;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_call_reshape(cimc_call *call, size_t input,
                                    const cimc_shape *shape) {
  const cimc_tensor *tensor;
  CIMC_TRY(cimc_call_tensor(call, input, &tensor));
  if (tensor) {
    cimc_tensor *copy = cimc_arena_alloc(call->source->arena, 1, sizeof *copy);
    if (!copy)
      return cimc_call_error(call, "the model needs more memory than is "
                                   "allowed");
    *copy = *tensor;
    copy->shape = *shape;
    return cimc_call_define_constant(call, copy);
  }
  MlirValue x;
  CIMC_TRY(cimc_call_operand(call, input, &x));
  cimc_shape held = *shape;
  if (held.rank == 0)
    held = (cimc_shape){.rank = 1, .dim = {1}};
  return cimc_call_define_shape(call,
                                cimc_builder_reshape(&call->builder, x, &held),
                                cimc_call_input(call, input)->elem, shape);
}

MlirLogicalResult cimc_call_forward(cimc_call *call, size_t input) {
  CIMC_TRY(need_input(call, input));
  if (!cimc_call_has_output(call, call->output))
    return mlirLogicalResultSuccess();
  const cimc_graph_value *from = cimc_call_input(call, input);
  cimc_graph_value *to = &call->values[call->node->outputs[call->output]];
  to->constant = from->constant;
  to->initializer = from->initializer;
  to->elem = from->elem;
  to->shape = from->shape;
  to->value = from->value;
  to->steps = from->steps;
  return mlirLogicalResultSuccess();
}
