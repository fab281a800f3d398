// SPDX-License-Identifier: Apache-2.0
//
// A shared library from a model's object: --emit=shared.
#ifndef CIMC_DRIVER_LINK_H
#define CIMC_DRIVER_LINK_H

#include "cimc/driver/cimc.h"

// Links the object `data` of *size bytes with the runtime by lld or the C
// compiler, and puts the library's bytes in its place. `soname` is the name
// that programs linked against it ask for; null: none. Failure is reported and
// leaves the object.
cimc_result cimc_link_shared(char **data, size_t *size, const char *soname);

#endif
