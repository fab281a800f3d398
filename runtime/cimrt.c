// SPDX-License-Identifier: Apache-2.0
//
// Questions a program asks about a compiled model.
#include "runtime/cimrt.h"

#include <string.h>

cimrt_status cimrt_model_check(const cimrt_model *model) {
  if (model == NULL)
    return CIMRT_INVALID_ARGUMENT;
  if (model->abi_version != CIMRT_ABI_VERSION ||
      model->struct_bytes < sizeof(cimrt_model))
    return CIMRT_VERSION;
  return cimrt_cpu_has(model->cpu_features) ? CIMRT_OK : CIMRT_UNSUPPORTED_CPU;
}

size_t cimrt_model_workspace_bytes(const cimrt_model *model) {
  // A model that this machine cannot address is one it cannot call.
  if (model == NULL || model->workspace_bytes > SIZE_MAX)
    return 0;
  return (size_t)model->workspace_bytes;
}

static const cimrt_tensor_info *find(const cimrt_tensor_info *tensors,
                                     uint32_t count, const char *name) {
  if (tensors == NULL || name == NULL)
    return NULL;
  for (uint32_t i = 0; i < count; ++i)
    if (tensors[i].name != NULL && strcmp(tensors[i].name, name) == 0)
      return &tensors[i];
  return NULL;
}

const cimrt_tensor_info *cimrt_model_input(const cimrt_model *model,
                                           const char *name) {
  return model == NULL ? NULL : find(model->inputs, model->input_count, name);
}

const cimrt_tensor_info *cimrt_model_output(const cimrt_model *model,
                                            const char *name) {
  return model == NULL ? NULL : find(model->outputs, model->output_count, name);
}

cimrt_status cimrt_model_tensor_bytes(const cimrt_tensor_info *info,
                                      size_t *out) {
  if (info == NULL || out == NULL || (info->rank != 0 && info->shape == NULL))
    return CIMRT_INVALID_ARGUMENT;
  size_t bytes = cimrt_tensor_element_bytes((cimrt_dtype)info->dtype);
  if (bytes == 0)
    return CIMRT_INVALID_ARGUMENT;
  for (uint32_t d = 0; d < info->rank; ++d) {
    if (info->shape[d] < 0)
      return CIMRT_INVALID_ARGUMENT;
    uint64_t extent = (uint64_t)info->shape[d];
    if (extent != 0 && bytes > SIZE_MAX / extent)
      return CIMRT_INVALID_ARGUMENT;
    bytes *= (size_t)extent;
  }
  *out = bytes;
  return CIMRT_OK;
}
