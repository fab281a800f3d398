// SPDX-License-Identifier: Apache-2.0
//
// Single elements of arrays of any type: reading, converting, random values.
#ifndef CIMC_DRIVER_ELEMENT_H
#define CIMC_DRIVER_ELEMENT_H

#include "cimc/import/npy.h"

bool cimc_element_is_integer(cimrt_dtype dtype); // bool counts as one

// The element as a real number, or (of an integer type) exactly.
double cimc_element_real(cimrt_dtype dtype, const void *data, size_t index);
int64_t cimc_element_integer(cimrt_dtype dtype, const void *data, size_t index);

// --cast: a new array of another type with the same numbers, rounded to nearest
// between floating-point types. A number that an integer type cannot hold (out
// of its range, or a fraction) is reported about `path`.
bool cimc_element_convert(const char *path, const cimc_npy *array,
                          cimrt_dtype dtype, cimc_npy *out);

// Fills data by a counter-based generator: element i depends only on the seed,
// the stream and i. Floats are uniform in [-1, 1), integers over their range.
void cimc_element_random(cimrt_dtype dtype, void *data, size_t count,
                         uint64_t seed, uint64_t stream);

#endif
