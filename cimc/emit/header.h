// SPDX-License-Identifier: Apache-2.0
//
// The C header of a compiled model: its typed entry point and descriptor.
#ifndef CIMC_EMIT_HEADER_H
#define CIMC_EMIT_HEADER_H

#include "cimc/emit/model_info.h"

// C11 and C++ text; *out is malloc'd and ends in a zero byte.
MlirLogicalResult cimc_header_emit(const cimc_model_info *info, char **out,
                                   size_t *out_size);

#endif
