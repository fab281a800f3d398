// SPDX-License-Identifier: Apache-2.0
//
// Tensor data kept in files beside the model.
#ifndef CIMC_IMPORT_ONNX_EXTERNAL_H
#define CIMC_IMPORT_ONNX_EXTERNAL_H

#include "cimc/import/onnx/tensor.h"

// The `bytes` bytes of a tensor with external data, in the source's arena.
// Only a regular file in the model's folder or below, reached without symbolic
// links, is read. Null after reporting.
const unsigned char *cimc_external_read(cimc_tensor_source *source,
                                        const cimc_proto_tensor *tensor,
                                        size_t bytes);

#endif
