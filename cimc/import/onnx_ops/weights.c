// SPDX-License-Identifier: Apache-2.0
//
// Permutes and scales constants on the way into the IR, which saves an op and
// its folding for each weight.
#include "cimc/import/onnx_ops/weights.h"

#include <stdlib.h>

// Element by element in the order of the result: an odometer over its indices.
static void permute(const cimc_tensor *tensor, const cimc_weights_form *form,
                    const cimc_shape *to, float *out) {
  int64_t stride[CIMC_RANK_MAX], index[CIMC_RANK_MAX] = {0};
  int64_t step[CIMC_RANK_MAX] = {0}, at = 0;
  int rank = to->rank;
  for (int64_t i = rank - 1, size = 1; i >= 0; size *= form->shape.dim[i--])
    stride[i] = size;
  for (int i = 0; i < rank; i++)
    step[i] = stride[form->perm ? form->perm[i] : i];
  for (int64_t i = 0; i < tensor->count; i++) {
    out[i] = cimc_tensor_f32(tensor, at) * form->factor;
    for (int d = rank - 1; d >= 0; d--) {
      at += step[d];
      if (++index[d] < to->dim[d])
        break;
      at -= step[d] * to->dim[d];
      index[d] = 0;
    }
  }
}

MlirLogicalResult cimc_weights_create(cimc_call *call, const cimc_shape *shape,
                                      const float *data, MlirValue *out) {
  int64_t count = cimc_ir_element_count(shape);
  if (!cimc_tensor_charge(call->source, count, sizeof *data))
    return mlirLogicalResultFailure();
  MlirType type =
      cimc_ir_tensor_type(shape, mlirF32TypeGet(call->builder.context));
  *out = cimc_builder_constant(&call->builder, type, data,
                               (size_t)count * sizeof *data);
  return mlirValueIsNull(*out) ? mlirLogicalResultFailure()
                               : mlirLogicalResultSuccess();
}

static MlirLogicalResult emit_constant(cimc_call *call, size_t i,
                                       const cimc_tensor *tensor,
                                       const cimc_weights_form *form,
                                       MlirValue *out) {
  cimc_graph_value *value = cimc_call_input(call, i);
  if (tensor->count == 0)
    return cimc_call_error(call, "'%s' has no elements; expected some",
                           value->name);
  cimc_shape to = form->shape;
  for (int d = 0; form->perm && d < to.rank; d++)
    to.dim[d] = form->shape.dim[form->perm[d]];
  float *data = malloc((size_t)tensor->count * sizeof *data);
  if (!data)
    return cimc_call_error(call, "there is not enough memory for '%s'",
                           value->name);
  permute(tensor, form, &to, data);
  cimc_call named = *call;
  named.builder.location = cimc_ir_node_location(
      call->builder.context, call->source->file, value->name);
  MlirLogicalResult result = cimc_weights_create(&named, &to, data, out);
  free(data);
  return result;
}

MlirLogicalResult cimc_weights_emit(cimc_call *call, size_t i,
                                    const cimc_weights_form *form,
                                    MlirValue *out) {
  const cimc_tensor *tensor;
  CIMC_TRY(cimc_call_tensor(call, i, &tensor));
  if (tensor && tensor->elem == CIMC_ELEM_FLOAT)
    return emit_constant(call, i, tensor, form, out);
  MlirValue x;
  CIMC_TRY(cimc_call_f32(call, i, &x));
  x = cimc_builder_reshape(&call->builder, x, &form->shape);
  if (form->perm)
    x = cimc_builder_transpose(&call->builder, x, form->perm);
  if (form->factor != 1.0f && !mlirValueIsNull(x))
    x = cimc_builder_binary(&call->builder, CIMC_QGEMM_MUL, x,
                            cimc_builder_number(&call->builder, form->factor));
  *out = x;
  return mlirValueIsNull(x) ? mlirLogicalResultFailure()
                            : mlirLogicalResultSuccess();
}
