// SPDX-License-Identifier: Apache-2.0
//
// Values while a node is turned into ops: tensors known while importing, or
// the results of qgemm ops. Every function below computes at once what is
// known and emits an op for the rest, so that the arithmetic by which
// exporters find shapes and the network's own are written once.
//
// A term that is not sound stands for a failure that has been reported; what
// is made from it is not sound either, so calls are chained and checked once.
#ifndef CIMC_IMPORT_ONNX_TERM_H
#define CIMC_IMPORT_ONNX_TERM_H

#include "cimc/import/onnx_ops/call.h"

typedef struct cimc_term {
  bool sound;
  int64_t elem;             // ONNX's element type
  cimc_shape shape;         // ONNX's: rank 0 is held as tensor<1xT>
  const cimc_tensor *known; // null: only at run time
  MlirValue value;          // null until an op needs it
  cimc_graph_value *origin; // the graph's value it is; may be null
} cimc_term;

#define CIMC_TERM_NONE ((cimc_term){.sound = false})

// -- In and out --------------------------------------------------------------
cimc_term cimc_term_input(cimc_call *call, size_t i);
// The same, of float32 only.
cimc_term cimc_term_f32(cimc_call *call, size_t i);
// Null is not sound.
cimc_term cimc_term_known(const cimc_tensor *tensor);
// A scalar; whole numbers are cut to the type.
cimc_term cimc_term_number(cimc_call *call, int64_t elem, double number);
// A list of int64.
cimc_term cimc_term_list(cimc_call *call, const int64_t *values, size_t count);
// A result of the builder's, of that shape; null is not sound.
cimc_term cimc_term_made(MlirValue value, int64_t elem,
                         const cimc_shape *shape);
// The term as an operand.
MlirLogicalResult cimc_term_value(cimc_call *call, cimc_term *term,
                                  MlirValue *out);
// Defines output `i` when anyone asked for it.
MlirLogicalResult cimc_term_define(cimc_call *call, size_t i, cimc_term term);
// The shape tensors of rank 0 are held in.
cimc_shape cimc_term_held(const cimc_shape *shape);

// -- Element by element: term.c ----------------------------------------------
cimc_term cimc_term_unary(cimc_call *call, cimc_qgemm_kind kind, cimc_term x);
// An op of one operand with attributes; the result has the operand's shape.
cimc_term cimc_term_apply(cimc_call *call, const cimc_builder_op *op,
                          cimc_term x);
// With NumPy's broadcasting; both of one type.
cimc_term cimc_term_binary(cimc_call *call, cimc_qgemm_kind kind, cimc_term a,
                           cimc_term b);
// A bool; the predicate as in qgemm.compare.
cimc_term cimc_term_compare(cimc_call *call, const char *predicate, cimc_term a,
                            cimc_term b);
cimc_term cimc_term_select(cimc_call *call, cimc_term condition, cimc_term a,
                           cimc_term b);
cimc_term cimc_term_cast(cimc_call *call, cimc_term x, int64_t elem);
// With a number of the term's own type.
cimc_term cimc_term_with(cimc_call *call, cimc_qgemm_kind kind, cimc_term x,
                         double number);

// -- Moving elements: term_move.c --------------------------------------------
cimc_term cimc_term_reshape(cimc_call *call, cimc_term x,
                            const cimc_shape *shape);
cimc_term cimc_term_transpose(cimc_call *call, cimc_term x,
                              const int64_t *perm);

// Element i along a dimension is element start + i * step of x; all inside.
typedef struct cimc_term_range {
  int64_t start[CIMC_RANK_MAX];
  int64_t size[CIMC_RANK_MAX];
  int64_t step[CIMC_RANK_MAX];
} cimc_term_range;
// The range that is all of x, to be narrowed.
cimc_term_range cimc_term_whole(const cimc_term *x);
cimc_term cimc_term_slice(cimc_call *call, cimc_term x,
                          const cimc_term_range *range);
// `count` elements of one dimension, from `start`.
cimc_term cimc_term_part(cimc_call *call, cimc_term x, int axis, int64_t start,
                         int64_t count);
cimc_term cimc_term_concat(cimc_call *call, const cimc_term *parts,
                           size_t count, int axis);
// Whole numbers that select along one dimension, all in [0, its size).
typedef struct cimc_term_indices {
  int axis;
  int64_t count;
  const int64_t *at;
} cimc_term_indices;
cimc_term cimc_term_take(cimc_call *call, cimc_term x,
                         const cimc_term_indices *indices);
// NumPy's take, with indices that may only be known at run time.
cimc_term cimc_term_gather(cimc_call *call, cimc_term x, cimc_term indices,
                           int axis);
// Repeats what has a size of 1 until x has that shape, NumPy's broadcast_to.
cimc_term cimc_term_expand(cimc_call *call, cimc_term x,
                           const cimc_shape *shape);

typedef struct cimc_term_pads {
  int64_t low[CIMC_RANK_MAX];
  int64_t high[CIMC_RANK_MAX];
  int64_t interior[CIMC_RANK_MAX];
  float value;
} cimc_term_pads;
cimc_term cimc_term_pad(cimc_call *call, cimc_term x,
                        const cimc_term_pads *pads);

// -- Combining: term_reduce.c ------------------------------------------------
typedef struct cimc_term_axes {
  bool at[CIMC_RANK_MAX];
  bool keep; // reduced dimensions stay, of size 1
} cimc_term_axes;
// reduce_sum, reduce_mean, reduce_max, reduce_min or reduce_prod.
cimc_term cimc_term_reduce(cimc_call *call, cimc_qgemm_kind kind, cimc_term x,
                           const cimc_term_axes *axes);

#endif
