// SPDX-License-Identifier: Apache-2.0
//
// Constants as plain arrays: read, computed with, and made into qgemm.constant
// again. The arithmetic is that of the ops at run time; where those approximate
// (exp, erf, …) it is the nearest f32.
#ifndef CIMC_PASSES_MODEL_LITERAL_H
#define CIMC_PASSES_MODEL_LITERAL_H

#include "passes/model/edit.h"

typedef struct cimc_literal {
  MlirType type; // ranked, static
  cimc_shape shape;
  cimc_element element;
  size_t count;      // of elements
  size_t item_bytes; // of one element
  void *data;        // owned, C order, in the storage type
} cimc_literal;

// Room for a value of `type`; false when it is not static, is beyond a
// gigabyte, or there is no memory.
bool cimc_literal_create(MlirType type, cimc_literal *out);
// A copy of what a qgemm.constant holds; false when `value` is no constant.
bool cimc_literal_read(MlirValue value, cimc_literal *out);
void cimc_literal_destroy(cimc_literal *literal);
// Inserts it as a qgemm.constant.
MlirValue cimc_literal_insert(MlirRewriterBase rewriter,
                              const cimc_literal *literal,
                              MlirLocation location);

// An integer element of channel-independent storage, and its setter.
int64_t cimc_literal_get(const cimc_literal *literal, size_t index);
void cimc_literal_set(cimc_literal *literal, size_t index, int64_t value);
// The channel (index along the type's axis) of element `index`; 0 per tensor.
int64_t cimc_literal_channel(const cimc_literal *literal, size_t index);
// Stores quantize(value) at `index`.
void cimc_literal_quantize(cimc_literal *literal, size_t index, float value);

// What the op gives for constant operands. `out` is created; false when the
// operands are not constant or the op has no folding.
bool cimc_literal_evaluate(MlirOperation op, cimc_literal *out);

// The number of bytes a tensor type holds; -1 when dynamic or too many.
int64_t cimc_literal_bytes(MlirType type);

#endif
