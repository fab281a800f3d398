// SPDX-License-Identifier: Apache-2.0
//
// --labels: how many rows of scores have their largest value at the label.
#ifndef CIMC_DRIVER_LABELS_H
#define CIMC_DRIVER_LABELS_H

#include "cimc/import/npy.h"

// The 95 % Wilson score interval of a proportion, in [0, 1].
void cimc_labels_wilson(int64_t right, int64_t count, double *out_low,
                        double *out_high);

// Prints "accuracy … % (right of count), 95 % interval … to … %". `scores`
// has `rows` rows of equal length; the first of equal scores counts. What does
// not fit is reported about `path`.
bool cimc_labels_print(const char *path, const cimc_npy *labels,
                       const cimc_npy *scores, int64_t rows);

#endif
