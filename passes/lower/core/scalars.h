// SPDX-License-Identifier: Apache-2.0
//
// The arguments of kernels that compute in real numbers: addresses, and the
// scales, zero points and bounds that turn storage into reals and back. One
// object writes them at the call and reads them, in the same order, in the
// kernel.
#ifndef CIMC_LOWER_SCALARS_H
#define CIMC_LOWER_SCALARS_H

#include "passes/lower/kernels.h"

typedef struct cimc_scalars {
  cimc_lower *state;
  MlirValue argument[CIMC_KERNEL_ARGUMENTS_MAX]; // in the entry
  intptr_t count;
  bool missing; // a value had no address (reported)
  bool low;     // an f32 result is bounded below, above
  bool high;
  // In the kernel: where reading starts and stands.
  intptr_t first;
  intptr_t next;
} cimc_scalars;

// Reports unless every operand and the result is f32 or quantized per tensor in
// 8 or 16 bits (an operand also in 32).
MlirLogicalResult cimc_scalars_check(MlirOperation op);

// -- At the call -------------------------------------------------------------
void cimc_scalars_begin(cimc_scalars *s, cimc_lower *state);
void cimc_scalars_pointer(cimc_scalars *s, MlirValue value);
// An address in the entry; a null one is as if it were missing.
void cimc_scalars_address(cimc_scalars *s, MlirValue address);
// The address of constant f32 data.
void cimc_scalars_data(cimc_scalars *s, intptr_t count, const float *data);
void cimc_scalars_float(cimc_scalars *s, float value);
void cimc_scalars_int(cimc_scalars *s, int32_t value);
// What cimc_scalars_to_real reads: nothing for f32.
void cimc_scalars_add_input(cimc_scalars *s, const cimc_element *element);
// What cimc_scalars_from_real reads, by the type of the op's result and its
// bounds; what of it shapes the code is appended to the key.
void cimc_scalars_add_output(cimc_scalars *s, MlirOperation op, char *key,
                             size_t key_size);

// The kernel that takes these arguments.
typedef struct cimc_scalars_kernel {
  const char *key;
  bool noalias;                            // as in cimc_kernel
  void (*emit)(cimc_build *b, void *user); // its body, up to the return
  void *user;
} cimc_scalars_kernel;
// Calls it for the op, and emits its body if it is new. Fails when a value was
// missing.
MlirLogicalResult cimc_scalars_call(const cimc_scalars *s, MlirOperation op,
                                    const cimc_scalars_kernel *kernel);

// -- In the kernel -----------------------------------------------------------
// Starts reading at argument `first`; rewind returns there, for each piece of
// code that needs the scalars anew.
void cimc_scalars_enter(cimc_scalars *s, const cimc_build *b, intptr_t first);
void cimc_scalars_rewind(cimc_scalars *s);
// The next argument, in every lane that `like` has.
MlirValue cimc_scalars_next(cimc_build *b, cimc_scalars *s, MlirValue like);
// A loaded element (i32, or f32 as it is) to f32: (float)(q - zp) * scale.
MlirValue cimc_scalars_to_real(cimc_build *b, cimc_scalars *s,
                               const cimc_element *element, MlirValue x);
// f32 within the op's bounds to what is stored: f32, or i32 by
// rne(x / scale) + zp.
MlirValue cimc_scalars_from_real(cimc_build *b, cimc_scalars *s,
                                 const cimc_element *element, MlirValue x);

#endif
