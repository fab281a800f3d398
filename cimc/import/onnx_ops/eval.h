// SPDX-License-Identifier: Apache-2.0
//
// What qgemm's elementwise ops and reductions compute, on tensors known while
// importing. Null: not of these ops or types, or more elements than are worth
// it; nothing is reported then. Memory that runs out is.
#ifndef CIMC_IMPORT_ONNX_EVAL_H
#define CIMC_IMPORT_ONNX_EVAL_H

#include "cimc/import/onnx_ops/call.h"

const cimc_tensor *cimc_eval_unary(cimc_call *call, cimc_qgemm_kind kind,
                                   const cimc_tensor *x);
// `shape` is what the operands broadcast to, in all that follows.
const cimc_tensor *cimc_eval_binary(cimc_call *call, cimc_qgemm_kind kind,
                                    const cimc_tensor *const operands[2],
                                    const cimc_shape *shape);
const cimc_tensor *cimc_eval_compare(cimc_call *call, const char *predicate,
                                     const cimc_tensor *const operands[2],
                                     const cimc_shape *shape);
const cimc_tensor *cimc_eval_select(cimc_call *call,
                                    const cimc_tensor *const operands[3],
                                    const cimc_shape *shape);
const cimc_tensor *cimc_eval_cast(cimc_call *call, const cimc_tensor *x,
                                  int64_t elem);
// The dimensions of x that `reduced` names become 1.
const cimc_tensor *cimc_eval_reduce(cimc_call *call, cimc_qgemm_kind kind,
                                    const cimc_tensor *x,
                                    const bool reduced[CIMC_RANK_MAX]);

#endif
