// SPDX-License-Identifier: Apache-2.0
//
// The averages of avg_pool2d that are computed in integers alone.
#ifndef CIMC_LOWER_AVERAGE_H
#define CIMC_LOWER_AVERAGE_H

#include "passes/lower/core/scalars.h"

// The attribute `arithmetic`. With n elements q of the window in the image:
//   tflite  (sum q + n / 2) / n towards 0, n / 2 taken off where the sum is < 0
//   tosa    (sum (q - zx)) * multiplier >> shift rounded, + zo; multiplier and
//           shift are TOSA's reciprocal_scale(n)
typedef enum cimc_average {
  CIMC_AVERAGE_REAL, // none of these
  CIMC_AVERAGE_TFLITE,
  CIMC_AVERAGE_TOSA,
} cimc_average;
cimc_average cimc_average_of(MlirOperation op);

// Reports windows whose sums an i32 may not hold.
MlirLogicalResult cimc_average_check(MlirOperation op);

// At the call: the arguments that cimc_average_emit reads. What shapes the code
// is appended to the key.
void cimc_average_arguments(cimc_scalars *scalars, MlirOperation op, char *key,
                            size_t key_size);

// In the kernel: the sum of a window's `count` elements (i32; the sum may be a
// vector) to the stored average, as i32. Reads the scalars from where they
// stand.
MlirValue cimc_average_emit(cimc_build *b, cimc_scalars *scalars,
                            MlirOperation op, MlirValue sum, MlirValue count);

#endif
