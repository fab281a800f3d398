// SPDX-License-Identifier: Apache-2.0
//
// Families of ops that several passes treat alike.
#include "passes/base/kinds.h"

int cimc_kinds_elementwise(cimc_qgemm_kind kind) {
  switch (kind) {
  case CIMC_QGEMM_STORAGE_CAST:
  case CIMC_QGEMM_QUANTIZE:
  case CIMC_QGEMM_DEQUANTIZE:
  case CIMC_QGEMM_REQUANTIZE:
  case CIMC_QGEMM_RELU:
  case CIMC_QGEMM_CLAMP:
  case CIMC_QGEMM_SIGMOID:
  case CIMC_QGEMM_TANH:
  case CIMC_QGEMM_ABS:
  case CIMC_QGEMM_NEG:
  case CIMC_QGEMM_SIGN:
  case CIMC_QGEMM_EXP:
  case CIMC_QGEMM_LOG:
  case CIMC_QGEMM_SQRT:
  case CIMC_QGEMM_RSQRT:
  case CIMC_QGEMM_RECIPROCAL:
  case CIMC_QGEMM_FLOOR:
  case CIMC_QGEMM_CEIL:
  case CIMC_QGEMM_ROUND:
  case CIMC_QGEMM_ERF:
  case CIMC_QGEMM_SIN:
  case CIMC_QGEMM_COS:
  case CIMC_QGEMM_HARD_SWISH:
  case CIMC_QGEMM_GELU:
  case CIMC_QGEMM_HARD_SIGMOID:
  case CIMC_QGEMM_LEAKY_RELU:
  case CIMC_QGEMM_ELU:
  case CIMC_QGEMM_CAST:
  case CIMC_QGEMM_RESCALE:
  case CIMC_QGEMM_TABLE:
    return 1;
  case CIMC_QGEMM_ADD:
  case CIMC_QGEMM_SUB:
  case CIMC_QGEMM_MUL:
  case CIMC_QGEMM_DIV:
  case CIMC_QGEMM_MIN:
  case CIMC_QGEMM_MAX:
  case CIMC_QGEMM_POW:
  case CIMC_QGEMM_BIT_AND:
  case CIMC_QGEMM_BIT_OR:
  case CIMC_QGEMM_BIT_XOR:
  case CIMC_QGEMM_SHIFT_LEFT:
  case CIMC_QGEMM_SHIFT_RIGHT:
  case CIMC_QGEMM_COMPARE:
    return 2;
  case CIMC_QGEMM_SELECT:
    return 3;
  default:
    return 0;
  }
}

bool cimc_kinds_is_reduction(cimc_qgemm_kind kind) {
  switch (kind) {
  case CIMC_QGEMM_REDUCE_MEAN:
  case CIMC_QGEMM_REDUCE_SUM:
  case CIMC_QGEMM_REDUCE_MAX:
  case CIMC_QGEMM_REDUCE_MIN:
  case CIMC_QGEMM_REDUCE_PROD:
    return true;
  default:
    return false;
  }
}
