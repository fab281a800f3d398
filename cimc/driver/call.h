// SPDX-License-Identifier: Apache-2.0
//
// Calls of a model's entry function with its own signature, by libffi.
#ifndef CIMC_DRIVER_CALL_H
#define CIMC_DRIVER_CALL_H

#include "cimc/driver/jit.h"

#include <ffi.h>

// A prepared call. The arguments are (context, inputs…, outputs…, workspace);
// tensors are pointers, scalars by value.
typedef struct cimc_call {
  const cimrt_model *model;
  void (*entry)(void);
  ffi_cif signature;
  ffi_type **types;
  void **values;   // where each argument stands
  void **pointers; // the pointer arguments themselves
  void *workspace; // aligned, as large as the model asks
} cimc_call;

// Failure is reported.
bool cimc_call_prepare(const cimc_jit *jit, cimc_call *out);

// Where input and output i stand from now on: the elements, also of a scalar.
void cimc_call_set_input(cimc_call *call, uint32_t i, const void *data);
void cimc_call_set_output(cimc_call *call, uint32_t i, void *data);

// One call. Cheap: safe to time.
cimrt_status cimc_call_invoke(cimc_call *call);
void cimc_call_free(cimc_call *call);

// Elements and bytes of a tensor; false when they overflow or are negative.
bool cimc_call_tensor_bytes(const cimrt_tensor_info *tensor,
                            size_t *out_elements, size_t *out_bytes);

#endif
