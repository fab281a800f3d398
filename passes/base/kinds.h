// SPDX-License-Identifier: Apache-2.0
//
// Families of ops that several passes treat alike.
#ifndef CIMC_BASE_KINDS_H
#define CIMC_BASE_KINDS_H

#include "dialect/qgemm.h"

// How many operands of an elementwise op broadcast to its result, each element
// of which follows from theirs at its place: 1 to 3; a look-up's table does not
// count. 0 for other ops. (A quantized type per axis, or a rescale per channel,
// still tells the elements of one dimension apart.)
int cimc_kinds_elementwise(cimc_qgemm_kind kind);

// True for ops that carry `axes` and `keepdims`.
bool cimc_kinds_is_reduction(cimc_qgemm_kind kind);

#endif
