// SPDX-License-Identifier: Apache-2.0
//
// Typed access to an operator's inputs, options and outputs, with the errors.
#include "cimc/import/tflite/call.h"

#include "cimc/import/tflite/weights.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ELEMENTS_MAX (INT64_C(1) << 31)

MlirLogicalResult cimc_lite_call_no_memory(const cimc_lite_call *call) {
  return cimc_lite_call_error(call, "there is not enough memory");
}

MlirLogicalResult cimc_lite_call_refuse(cimc_lite_call *call,
                                        const char *format, ...) {
  cimc_refusal refusal = {.type = call->op->type, .node = call->op->name};
  va_list arguments;
  va_start(arguments, format);
  cimc_refusals_add(call->refusals, call->graph->arena, &refusal, format,
                    arguments);
  va_end(arguments);
  call->refused = true;
  return mlirLogicalResultFailure();
}

MlirLogicalResult cimc_lite_call_no_reference(cimc_lite_call *call) {
  if (!call->reference)
    return mlirLogicalResultSuccess();
  return cimc_lite_call_refuse(
      call, "of %s with --requant=tflite-ref; --requant=float has it",
      cimc_lite_type_name(cimc_lite_call_input(call, 0)->type));
}

// -- Options -----------------------------------------------------------------
// Damage stays in the graph's flat, where the import looks after each operator.
int64_t cimc_lite_call_option(const cimc_lite_call *call, unsigned slot,
                              cimc_flat_scalar kind, int64_t fallback) {
  cimc_flat_number number = {.whole = fallback};
  if (!cimc_flat_get(&call->op->options, slot, kind, &number))
    return fallback;
  return number.whole;
}

float cimc_lite_call_option_real(const cimc_lite_call *call, unsigned slot,
                                 float fallback) {
  cimc_flat_number number = {.real = fallback};
  if (!cimc_flat_get(&call->op->options, slot, CIMC_FLAT_F32, &number))
    return fallback;
  return number.real;
}

// -- Inputs ------------------------------------------------------------------
cimc_lite_tensor *cimc_lite_call_input(const cimc_lite_call *call, size_t i) {
  if (i >= call->op->input_count || call->op->inputs[i] == CIMC_LITE_NONE)
    return NULL;
  return &call->graph->tensors[call->op->inputs[i]];
}

cimc_lite_tensor *cimc_lite_call_output(const cimc_lite_call *call, size_t i) {
  if (i >= call->op->output_count || call->op->outputs[i] == CIMC_LITE_NONE)
    return NULL;
  return &call->graph->tensors[call->op->outputs[i]];
}

const cimc_shape *cimc_lite_call_shape(const cimc_lite_call *call, size_t i) {
  return &cimc_lite_call_input(call, i)->shape;
}

bool cimc_lite_is_real(const cimc_lite_tensor *tensor) {
  return tensor->type == CIMC_LITE_FLOAT32;
}

bool cimc_lite_is_quantized(const cimc_lite_tensor *tensor) {
  return tensor->scales.count > 0 &&
         (tensor->type == CIMC_LITE_INT8 || tensor->type == CIMC_LITE_UINT8 ||
          tensor->type == CIMC_LITE_INT4);
}

bool cimc_lite_is_same(const cimc_lite_tensor *a, const cimc_lite_tensor *b) {
  if (a->type != b->type ||
      cimc_lite_is_quantized(a) != cimc_lite_is_quantized(b))
    return false;
  return !cimc_lite_is_quantized(a) ||
         (a->scales.count == 1 && b->scales.count == 1 &&
          a->scales.scales[0] == b->scales.scales[0] &&
          a->scales.zero_points[0] == b->scales.zero_points[0]);
}

static bool is_of_kind(const cimc_lite_tensor *a, const cimc_lite_tensor *b) {
  bool quantized = cimc_lite_is_quantized(a);
  return quantized == cimc_lite_is_quantized(b) &&
         (quantized || a->type == b->type);
}

MlirLogicalResult cimc_lite_call_uniform(cimc_lite_call *call, size_t inputs) {
  const cimc_lite_tensor *y = cimc_lite_call_output(call, 0);
  for (size_t i = 0; i < inputs; i++) {
    const cimc_lite_tensor *x = cimc_lite_call_input(call, i);
    if (is_of_kind(x, y))
      continue;
    bool scales = x->type == y->type;
    return cimc_lite_call_error(
        call, "%s: '%s' is %s%s but '%s' is %s%s; expected one type",
        call->op->type, x->name, cimc_lite_type_name(x->type),
        !scales                     ? ""
        : cimc_lite_is_quantized(x) ? " with scales"
                                    : " without scales",
        y->name, cimc_lite_type_name(y->type),
        !scales                     ? ""
        : cimc_lite_is_quantized(y) ? " with scales"
                                    : " without scales");
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult refuse_type(cimc_lite_call *call,
                                     const cimc_lite_tensor *tensor) {
  return cimc_lite_call_refuse(call, "'%.100s' is %s", tensor->name,
                               cimc_lite_type_name(tensor->type));
}

MlirLogicalResult cimc_lite_call_element(cimc_lite_call *call,
                                         const cimc_lite_tensor *tensor,
                                         MlirType *out) {
  cimc_storage storage;
  switch (tensor->type) {
  case CIMC_LITE_FLOAT32:
    storage = CIMC_STORAGE_F32;
    break;
  case CIMC_LITE_INT8:
  case CIMC_LITE_INT4:
    storage = CIMC_STORAGE_I8;
    break;
  case CIMC_LITE_UINT8:
  case CIMC_LITE_BOOL:
    storage = CIMC_STORAGE_U8;
    break;
  case CIMC_LITE_INT32:
    storage = CIMC_STORAGE_I32;
    break;
  case CIMC_LITE_INT64:
    storage = CIMC_STORAGE_I64;
    break;
  case CIMC_LITE_INT16:
    if (tensor->scales.count > 0)
      return cimc_lite_call_refuse(call,
                                   "'%.100s' is int16: activations of "
                                   "16 bits",
                                   tensor->name);
    storage = CIMC_STORAGE_I16;
    break;
  default:
    return refuse_type(call, tensor);
  }
  *out = cimc_storage_type(call->builder.context, storage);
  if (!cimc_lite_is_quantized(tensor))
    return mlirLogicalResultSuccess();
  if (tensor->scales.count > 1)
    return cimc_lite_call_refuse(call, "'%.100s' has several scales",
                                 tensor->name);
  return cimc_lite_weights_type(call, tensor, &tensor->scales, storage, out);
}

MlirLogicalResult cimc_lite_call_result(cimc_lite_call *call, size_t i,
                                        MlirType *out) {
  const cimc_lite_tensor *tensor = cimc_lite_call_output(call, i);
  if (!tensor)
    return cimc_lite_call_error(call, "output %zu is left out; expected it", i);
  return cimc_lite_call_element(call, tensor, out);
}

static MlirLogicalResult need_input(cimc_lite_call *call, size_t i) {
  if (cimc_lite_call_input(call, i))
    return mlirLogicalResultSuccess();
  return cimc_lite_call_error(call, "%s: input %zu is left out; expected it",
                              call->op->type, i);
}

// Makes the constant of a tensor that has no value yet.
static MlirLogicalResult materialize(cimc_lite_call *call,
                                     cimc_lite_tensor *tensor) {
  if (!mlirValueIsNull(tensor->value))
    return mlirLogicalResultSuccess();
  if (!tensor->data.bytes)
    return cimc_lite_call_error(call, "'%s' has no value; expected one",
                                tensor->name);
  if (tensor->is_sparse)
    return cimc_lite_call_refuse(call, "'%.100s' is sparse", tensor->name);
  cimc_lite_array array;
  MlirType element;
  CIMC_TRY(cimc_lite_call_element(call, tensor, &element));
  CIMC_TRY(cimc_lite_weights_load(call, tensor, false, &array));
  return cimc_lite_weights_emit(call, tensor, &array, element, &tensor->value);
}

MlirLogicalResult cimc_lite_call_operand(cimc_lite_call *call, size_t i,
                                         MlirValue *out) {
  CIMC_TRY(need_input(call, i));
  cimc_lite_tensor *tensor = cimc_lite_call_input(call, i);
  MlirType ignored;
  CIMC_TRY(cimc_lite_call_element(call, tensor, &ignored));
  CIMC_TRY(materialize(call, tensor));
  *out = tensor->value;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_call_real(cimc_lite_call *call, size_t i,
                                      MlirValue *out) {
  CIMC_TRY(cimc_lite_call_operand(call, i, out));
  const cimc_lite_tensor *tensor = cimc_lite_call_input(call, i);
  if (cimc_lite_is_real(tensor))
    return mlirLogicalResultSuccess();
  if (!cimc_lite_is_quantized(tensor))
    return refuse_type(call, tensor);
  *out = cimc_builder_convert(&call->builder, CIMC_QGEMM_DEQUANTIZE, *out,
                              mlirF32TypeGet(call->builder.context));
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_call_plain(cimc_lite_call *call, size_t i,
                                       MlirValue *out) {
  CIMC_TRY(cimc_lite_call_operand(call, i, out));
  cimc_element element =
      cimc_qgemm_element(cimc_ir_element_type(mlirValueGetType(*out)));
  if (!element.quantized)
    return mlirLogicalResultSuccess();
  *out = cimc_builder_convert(
      &call->builder, CIMC_QGEMM_STORAGE_CAST, *out,
      cimc_storage_type(call->builder.context, element.storage));
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_call_ints(cimc_lite_call *call, size_t i,
                                      const char *what, cimc_lite_list *out) {
  CIMC_TRY(need_input(call, i));
  const cimc_lite_tensor *tensor = cimc_lite_call_input(call, i);
  int64_t count = cimc_ir_element_count(&tensor->shape);
  out->count = 0;
  if (count == 0 && !tensor->data.bytes)
    return mlirLogicalResultSuccess();
  if (!tensor->data.bytes)
    return cimc_lite_call_refuse(call, "%s is not a constant", what);
  if (tensor->type != CIMC_LITE_INT32 && tensor->type != CIMC_LITE_INT64)
    return cimc_lite_call_error(call, "%s is %s; expected int32 or int64", what,
                                cimc_lite_type_name(tensor->type));
  if (count < 1 || count > CIMC_LITE_LIST_MAX)
    return cimc_lite_call_error(call,
                                "%s has %" PRId64 " elements; expected at "
                                "most %d",
                                what, count, CIMC_LITE_LIST_MAX);
  cimc_lite_array array;
  CIMC_TRY(cimc_lite_weights_load(call, tensor, false, &array));
  for (int64_t k = 0; k < count; k++)
    out->at[k] = cimc_lite_array_at(&array, k);
  out->count = count;
  free(array.data);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_call_axis(cimc_lite_call *call, int rank,
                                      int64_t *axis) {
  if (*axis < -rank || *axis >= rank)
    return cimc_lite_call_error(call,
                                "axis %" PRId64 " of a tensor of rank %d; "
                                "expected %d to %d",
                                *axis, rank, -rank, rank - 1);
  if (*axis < 0)
    *axis += rank;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_call_axis_input(cimc_lite_call *call, size_t i,
                                            int rank, int64_t *out) {
  cimc_lite_list list;
  CIMC_TRY(cimc_lite_call_ints(call, i, "the axis", &list));
  if (list.count != 1)
    return cimc_lite_call_error(call, "%" PRId64 " axes; expected one",
                                list.count);
  *out = list.at[0];
  return cimc_lite_call_axis(call, rank, out);
}

// -- Outputs -----------------------------------------------------------------
bool cimc_lite_call_wants(const cimc_lite_call *call, size_t i) {
  const cimc_lite_tensor *tensor = cimc_lite_call_output(call, i);
  return tensor && tensor->needed;
}

// The same bytes with the element type that the file gives the output.
static MlirLogicalResult
see_as(cimc_lite_call *call, const cimc_lite_tensor *tensor, MlirValue *value) {
  MlirType wanted, found = cimc_ir_element_type(mlirValueGetType(*value));
  CIMC_TRY(cimc_lite_call_element(call, tensor, &wanted));
  if (mlirTypeEqual(wanted, found))
    return mlirLogicalResultSuccess();
  cimc_element to = cimc_qgemm_element(wanted);
  cimc_element from = cimc_qgemm_element(found);
  if (to.storage != from.storage)
    return cimc_lite_call_error(
        call, "'%s' is declared %s, which is not what %s makes of its inputs",
        tensor->name, cimc_lite_type_name(tensor->type), call->op->type);
  const cimc_builder *builder = &call->builder;
  if (from.quantized && to.quantized)
    *value =
        cimc_builder_convert(builder, CIMC_QGEMM_STORAGE_CAST, *value,
                             cimc_storage_type(builder->context, to.storage));
  *value =
      cimc_builder_convert(builder, CIMC_QGEMM_STORAGE_CAST, *value, wanted);
  return mlirValueIsNull(*value) ? mlirLogicalResultFailure()
                                 : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_call_see_as_output(cimc_lite_call *call, size_t i,
                                               MlirValue *value) {
  const cimc_lite_tensor *tensor = cimc_lite_call_output(call, i);
  return tensor ? see_as(call, tensor, value) : mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_call_define(cimc_lite_call *call, size_t i,
                                        MlirValue value) {
  if (mlirValueIsNull(value))
    return mlirLogicalResultFailure();
  cimc_shape shape = cimc_builder_shape(value);
  int64_t count = cimc_ir_element_count(&shape);
  if (count < 1 || count > ELEMENTS_MAX)
    return cimc_lite_call_error(
        call, "%s: the result has %s elements; expected 1 to 2^31",
        call->op->type, count == 0 ? "no" : "too many");
  if (!cimc_lite_call_wants(call, i))
    return mlirLogicalResultSuccess();
  cimc_lite_tensor *tensor = cimc_lite_call_output(call, i);
  CIMC_TRY(see_as(call, tensor, &value));
  bool scalar = tensor->shape.rank == 0 && count == 1;
  tensor->value = value;
  tensor->shape = scalar ? (cimc_shape){.rank = 0} : shape;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_lite_call_define_real(cimc_lite_call *call, size_t i,
                                             MlirValue value) {
  const cimc_lite_tensor *tensor = cimc_lite_call_output(call, i);
  if (tensor && cimc_lite_is_quantized(tensor)) {
    MlirType element;
    CIMC_TRY(cimc_lite_call_element(call, tensor, &element));
    value = cimc_builder_convert(&call->builder, CIMC_QGEMM_QUANTIZE, value,
                                 element);
  }
  return cimc_lite_call_define(call, i, value);
}
