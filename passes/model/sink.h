// SPDX-License-Identifier: Apache-2.0
//
// Moving a transpose below the op that reads it: what all such rewrites share,
// and those below ops that have axes.
#ifndef CIMC_PASSES_MODEL_SINK_H
#define CIMC_PASSES_MODEL_SINK_H

#include "passes/model/edit.h"

// A transpose or reshape that makes a value, itself or below a dequantize.
typedef struct cimc_sink {
  MlirOperation op;         // the transpose or reshape
  MlirOperation dequantize; // between it and the value; may be null
  cimc_perm perm;           // of a transpose
} cimc_sink;

bool cimc_sink_find(MlirValue value, cimc_qgemm_kind kind, cimc_sink *out);
// The value as it was before the transpose or reshape.
MlirValue cimc_sink_before(MlirRewriterBase rewriter, const cimc_sink *above);
// Replaces `op` by what `edit`, with the result's type to be set, and a
// transpose by `perm` after it give.
MlirLogicalResult cimc_sink_replace(MlirRewriterBase rewriter, MlirOperation op,
                                    cimc_edit *edit, const cimc_perm *perm);

// True for the ops that cimc_sink_rewrite knows.
bool cimc_sink_moves(cimc_qgemm_kind kind);
// op(transpose(x)) -> transpose(op(x)), the attributes permuted: softmax, pad,
// slice, gather, reduce_*, arg_max and arg_min.
MlirLogicalResult cimc_sink_rewrite(MlirOperation op, MlirRewriterBase rewriter,
                                    void *user);

#endif
