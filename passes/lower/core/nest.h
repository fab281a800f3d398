// SPDX-License-Identifier: Apache-2.0
//
// Loop nests that apply a formula element by element to strided operands with
// NumPy broadcasting: what every elementwise and data-movement kernel is.
#ifndef CIMC_LOWER_NEST_H
#define CIMC_LOWER_NEST_H

#include "dialect/qgemm.h"
#include "passes/lower/core/build.h"

#define CIMC_NEST_OPERANDS_MAX 4

// Where an operand's elements are: strides in elements, 0 along a dimension
// that it is broadcast over.
typedef struct cimc_nest_operand {
  cimc_storage storage;
  int64_t stride[CIMC_RANK_MAX];
} cimc_nest_operand;

// The iteration space and its operands; [operand_count - 1] is the result.
// Everything is burnt into the kernel, so it belongs into its key.
typedef struct cimc_nest {
  int rank;
  int64_t dim[CIMC_RANK_MAX];
  int operand_count;
  cimc_nest_operand operand[CIMC_NEST_OPERANDS_MAX];
  bool raw;    // moves bits: values keep their storage's width
  bool scalar; // the body takes no vectors
} cimc_nest;

// A nest over `shape` without operands.
cimc_nest cimc_nest_over(const cimc_shape *shape);
// Adds a C-order operand of `shape`, broadcast to the nest as NumPy does.
void cimc_nest_broadcast(cimc_nest *nest, cimc_storage storage,
                         const cimc_shape *shape);
// Drops dimensions of 1 and merges neighbours where every operand allows it;
// leaves at least one dimension.
void cimc_nest_simplify(cimc_nest *nest);

// Sees the operand of an op as outer x count x inner around the op's `axis`.
void cimc_nest_split(MlirOperation op, int64_t *outer, int64_t *count,
                     int64_t *inner);

// Appends "_<dims>" and for each operand a storage and which dimensions it is
// broadcast over: all there is to a nest made by cimc_nest_broadcast.
void cimc_nest_key(const cimc_nest *nest, char *key, size_t size);

// What is done with one element of each operand (scalars, or vectors of equal
// lanes; integers as i32, or in their storage when raw): returns the result's.
typedef MlirValue (*cimc_nest_body)(cimc_build *b, const MlirValue *element,
                                    void *user);
// Emits the nest; one pointer an operand. No element of an operand is read
// after the same element of the result was written.
void cimc_nest_emit(cimc_build *b, const cimc_nest *nest,
                    const MlirValue *pointers, cimc_nest_body body, void *user);

// -- Sweeps over contiguous elements -----------------------------------------
// One piece of a sweep: vectors of `lanes` (0: scalars) from element `first`.
typedef void (*cimc_sweep_body)(cimc_build *b, MlirValue first, int64_t lanes,
                                void *user);
// Covers [0, count) in order: vectors of at most `lanes`, one shorter vector,
// then scalars.
void cimc_sweep_emit(cimc_build *b, int64_t count, int64_t lanes,
                     cimc_sweep_body body, void *user);

// Lanes of elements of so many bytes in one vector register; 0 where vectors
// do not pay.
int64_t cimc_sweep_lanes(const cimc_build *b, int bytes);
// A scalar as it is for 0 lanes, else in each lane.
MlirValue cimc_sweep_splat(cimc_build *b, MlirValue scalar, int64_t lanes);
// pointer + element * bytes.
MlirValue cimc_sweep_at(cimc_build *b, MlirValue pointer, MlirValue element,
                        int64_t bytes);

// Appends formatted text to a key; what does not fit is cut, which the sizes
// of shapes never reach.
void cimc_key_append(char *key, size_t size, const char *format, ...)
    CIMC_PRINTF(3, 4);
// The storage's short name in keys: "f32", "i8", ….
const char *cimc_key_storage(cimc_storage storage);

#endif
