// SPDX-License-Identifier: Apache-2.0
//
// Damages a file as transfers, bugs and attackers do; the same for the same
// seed.
#ifndef CIMC_TEST_FUZZ_DAMAGE_H
#define CIMC_TEST_FUZZ_DAMAGE_H

#include <stddef.h>
#include <stdint.h>

// The next number of a sequence; *state is a seed, not 0.
uint64_t cimc_damage_random(uint64_t *state);
// Cuts the end, takes bytes out, or changes some, in place; the size that is
// left.
size_t cimc_damage(uint8_t *data, size_t size, uint64_t *state);

#endif
