// SPDX-License-Identifier: Apache-2.0
//
// What the kernel files of this folder share: the state of one lowering, the
// kernels by key, and the function that lowers each kind of op.
//
// A kernel file's `lower` is called once per op, in the order they run, with
// the entry function's emitter at the place where the op's work belongs. It
// finds the addresses of operands and result, and calls a kernel: a function
// shared by all ops whose key (shapes, storages, constants burnt in) is equal.
// Per-layer numbers (addresses, zero points, scales, bounds) are arguments.
//
//   MlirValue arguments[] = {in, out, zero_point};
//   cimc_kernel k = {.key = "relu_i8_n64", .count = 3, .arguments = arguments};
//   cimc_build body;
//   if (cimc_lower_kernel(state, op, &k, &body)) { // first of its key
//     … cimc_build_argument(&body, 0) …
//     cimc_build_return(&body, (MlirValue){NULL});
//   }
#ifndef CIMC_LOWER_KERNELS_H
#define CIMC_LOWER_KERNELS_H

#include "dialect/qgemm.h"
#include "passes/lower/core/build.h"

// One lowering of one function; see lower.c.
typedef struct cimc_lower cimc_lower;

typedef MlirLogicalResult (*cimc_lower_fn)(cimc_lower *state, MlirOperation op);

// -- Services of lower.c -----------------------------------------------------
// The entry function's emitter.
cimc_build *cimc_lower_entry(cimc_lower *state);

// What an SSA value of the model is in the entry: a tensor's address (an
// operand's, a constant's, or the op's own result: all by the memory plan), or
// a scalar argument itself. Null when it has none (reported).
MlirValue cimc_lower_value(cimc_lower *state, MlirValue value);
// The address of the op's scratch memory (tile = {scratch_bytes}); null when
// the plan gives it none (reported).
MlirValue cimc_lower_scratch(cimc_lower *state, MlirOperation op);

// Emits a memcpy between two addresses of the entry.
void cimc_lower_copy(cimc_lower *state, MlirValue to, MlirValue from,
                     int64_t bytes);
// True when the memory plan has put `part` at byte `offset` of `whole`: then
// there is nothing to copy between them.
bool cimc_lower_lies_in(MlirValue part, MlirValue whole, int64_t offset);

// The address of constant data in the object. Equal data is stored once.
// `element` is i8, i16, i32, i64 or f32.
MlirValue cimc_lower_data(cimc_lower *state, MlirType element, intptr_t count,
                          const void *data);

#define CIMC_KERNEL_KEY_MAX 512
#define CIMC_KERNEL_ARGUMENTS_MAX 24

typedef struct cimc_kernel {
  // Becomes the function's name: letters, digits, '_' only. Format with
  // snprintf into CIMC_KERNEL_KEY_MAX; write negative numbers as "m1".
  const char *key;
  intptr_t count;
  const MlirValue *arguments; // values in the entry; their types are the
                              // parameters' types
  bool noalias;               // the written memory overlaps no other argument
} cimc_kernel;

// Calls the kernel in the entry. True when it is the first of its key: then
// *body is a new function, to be filled and ended by cimc_build_return.
bool cimc_lower_kernel(cimc_lower *state, MlirOperation op,
                       const cimc_kernel *kernel, cimc_build *body);

// -- Kernel files ------------------------------------------------------------
// gemm.c, conv.c, depthwise.c (reached through conv).
MlirLogicalResult cimc_gemm_lower(cimc_lower *state, MlirOperation op);
MlirLogicalResult cimc_gemm_lower_batch(cimc_lower *state, MlirOperation op);
MlirLogicalResult cimc_conv_lower(cimc_lower *state, MlirOperation op);
// elementwise.c: quantize, dequantize, requantize, and the real functions of
// one or two operands, which it hands to integer.c for plain integers.
MlirLogicalResult cimc_elementwise_lower(cimc_lower *state, MlirOperation op);
// integer.c: also bit_and, bit_or, bit_xor, shift_left, shift_right.
MlirLogicalResult cimc_integer_lower(cimc_lower *state, MlirOperation op);
// select.c
MlirLogicalResult cimc_select_lower(cimc_lower *state, MlirOperation op);
MlirLogicalResult cimc_select_lower_compare(cimc_lower *state,
                                            MlirOperation op);
// cast.c, rescale.c; lookup.c: table.
MlirLogicalResult cimc_cast_lower(cimc_lower *state, MlirOperation op);
MlirLogicalResult cimc_rescale_lower(cimc_lower *state, MlirOperation op);
MlirLogicalResult cimc_lookup_lower(cimc_lower *state, MlirOperation op);
// softmax.c
MlirLogicalResult cimc_softmax_lower(cimc_lower *state, MlirOperation op);
// pool.c: max_pool2d, avg_pool2d.
MlirLogicalResult cimc_pool_lower(cimc_lower *state, MlirOperation op);
// global_pool.c
MlirLogicalResult cimc_global_pool_lower(cimc_lower *state, MlirOperation op);
// layout.c: splat, transpose, pad.
MlirLogicalResult cimc_layout_lower(cimc_lower *state, MlirOperation op);
// concat.c
MlirLogicalResult cimc_concat_lower(cimc_lower *state, MlirOperation op);
MlirLogicalResult cimc_concat_lower_slice(cimc_lower *state, MlirOperation op);
// gather.c
MlirLogicalResult cimc_gather_lower(cimc_lower *state, MlirOperation op);
// reduce.c: reduce_mean, reduce_sum, reduce_max, reduce_min, reduce_prod.
MlirLogicalResult cimc_reduce_lower(cimc_lower *state, MlirOperation op);
// arg.c: arg_max, arg_min.
MlirLogicalResult cimc_arg_lower(cimc_lower *state, MlirOperation op);

#endif
