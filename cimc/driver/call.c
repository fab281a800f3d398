// SPDX-License-Identifier: Apache-2.0
//
// Calls of a model's entry function with its own signature, by libffi.
#include "cimc/driver/call.h"

#include "cimc/import/npy.h"
#include "dialect/diag.h"

#include <stdlib.h>
#include <string.h>

// How a scalar is passed; null for a type that no register holds.
static ffi_type *scalar_type(uint8_t dtype) {
  switch ((cimrt_dtype)dtype) {
  case CIMRT_F32:
    return &ffi_type_float;
  case CIMRT_F64:
    return &ffi_type_double;
  case CIMRT_I8:
    return &ffi_type_sint8;
  case CIMRT_U8:
  case CIMRT_BOOL:
    return &ffi_type_uint8;
  case CIMRT_I16:
    return &ffi_type_sint16;
  case CIMRT_U16:
    return &ffi_type_uint16;
  case CIMRT_I32:
    return &ffi_type_sint32;
  case CIMRT_I64:
    return &ffi_type_sint64;
  case CIMRT_F16:
    return NULL;
  }
  return NULL;
}

bool cimc_call_tensor_bytes(const cimrt_tensor_info *tensor,
                            size_t *out_elements, size_t *out_bytes) {
  size_t elements = 1;
  for (int i = 0; i < tensor->rank; ++i)
    if (tensor->shape[i] < 0 ||
        __builtin_mul_overflow(elements, (size_t)tensor->shape[i], &elements))
      return false;
  *out_elements = elements;
  return !__builtin_mul_overflow(
      elements, cimc_dtype_bytes((cimrt_dtype)tensor->dtype), out_bytes);
}

static bool set_types(cimc_call *call, uint32_t count) {
  const cimrt_model *model = call->model;
  for (uint32_t i = 0; i < count; ++i) {
    call->types[i] = &ffi_type_pointer;
    call->values[i] = &call->pointers[i];
  }
  for (uint32_t i = 0; i < model->input_count; ++i) {
    const cimrt_tensor_info *input = &model->inputs[i];
    if (!input->by_value)
      continue;
    call->types[1 + i] = scalar_type(input->dtype);
    if (!call->types[1 + i]) {
      cimc_diag_error(NULL, "input '%s': a %s scalar cannot be passed",
                      input->name, cimc_dtype_name((cimrt_dtype)input->dtype));
      return false;
    }
  }
  return ffi_prep_cif(&call->signature, FFI_DEFAULT_ABI, count,
                      &ffi_type_sint32, call->types) == FFI_OK;
}

bool cimc_call_prepare(const cimc_jit *jit, cimc_call *out) {
  const cimrt_model *model = jit->model;
  *out = (cimc_call){.model = model, .entry = jit->entry};
  uint32_t count = model->input_count + model->output_count + 2;
  size_t alignment = CIMRT_WORKSPACE_ALIGNMENT;
  size_t bytes = (model->workspace_bytes / alignment + 1) * alignment;
  out->types = calloc(count, sizeof *out->types);
  out->values = calloc(count, sizeof *out->values);
  out->pointers = calloc(count, sizeof *out->pointers);
  out->workspace = aligned_alloc(alignment, bytes);
  bool good = out->types && out->values && out->pointers && out->workspace;
  if (!good)
    cimc_diag_error(NULL, "not enough memory for a workspace of %zu bytes",
                    bytes);
  good = good && set_types(out, count);
  if (good)
    out->pointers[count - 1] = out->workspace;
  else
    cimc_call_free(out);
  return good;
}

// The context, argument 0, stays null: a plain CPU, one thread.
void cimc_call_set_input(cimc_call *call, uint32_t i, const void *data) {
  // The callee does not write through its inputs.
  void *input = (void *)(uintptr_t)data;
  if (call->model->inputs[i].by_value)
    call->values[1 + i] = input;
  else
    call->pointers[1 + i] = input;
}

void cimc_call_set_output(cimc_call *call, uint32_t i, void *data) {
  call->pointers[1 + call->model->input_count + i] = data;
}

cimrt_status cimc_call_invoke(cimc_call *call) {
  ffi_arg status = 0;
  ffi_call(&call->signature, call->entry, &status, call->values);
  return (cimrt_status)(int32_t)status;
}

void cimc_call_free(cimc_call *call) {
  free(call->types);
  free(call->values);
  free(call->pointers);
  free(call->workspace);
  *call = (cimc_call){0};
}
