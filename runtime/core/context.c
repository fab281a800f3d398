// SPDX-License-Identifier: Apache-2.0
//
// What generated code asks of the context a caller hands in.
#include "runtime/core/abi.h"

cimrt_status cimrt_context_check(const cimrt_context *context) {
  if (context == NULL)
    return CIMRT_OK;
  if (context->abi_version != CIMRT_ABI_VERSION)
    return CIMRT_VERSION;
  // A longer struct is a newer caller with fields this runtime ignores.
  if (context->struct_bytes < sizeof(cimrt_context))
    return CIMRT_VERSION;
  return CIMRT_OK;
}

cimrt_status cimrt_stage(const cimrt_context *context, uint32_t layer,
                         uint32_t phase) {
  if (context == NULL || context->stage == NULL)
    return CIMRT_OK;
  return context->stage(context->stage_user, layer, (cimrt_stage_phase)phase);
}
