// SPDX-License-Identifier: Apache-2.0
//
// Products that several operators share.
#ifndef CIMC_IMPORT_ONNX_OPS_LINEAR_H
#define CIMC_IMPORT_ONNX_OPS_LINEAR_H

#include "cimc/import/onnx_ops/call.h"

// Gemm of inputs 0 to 2.
MlirLogicalResult cimc_ops_linear_gemm_value(cimc_call *call, MlirValue *out);

// What MatMul defines, for all element types.
typedef struct cimc_ops_product {
  MlirValue lhs, rhs;
  const cimc_shape *lhs_shape, *rhs_shape; // ONNX's
  MlirType element;                        // of the result; null: lhs's
} cimc_ops_product;

// *out_shape: ONNX's, where two vectors give a scalar.
MlirLogicalResult cimc_ops_linear_product(cimc_call *call,
                                          const cimc_ops_product *product,
                                          MlirValue *out,
                                          cimc_shape *out_shape);

#endif
