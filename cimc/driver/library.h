// SPDX-License-Identifier: Apache-2.0
//
// libcimc, the compiler's half that carries libMLIR: found next to the
// command, loaded only when something must be compiled.
#ifndef CIMC_DRIVER_LIBRARY_H
#define CIMC_DRIVER_LIBRARY_H

#include "cimc/driver/cimc.h"

// Its functions, as cimc.h declares them.
typedef struct cimc_library {
  cimc_result (*compile)(const cimc_compile_options *, cimc_compiled *);
  void (*compiled_free)(cimc_compiled *);
  void (*list_ops)(void);
  void (*list_targets)(void);
  void (*list_passes)(void);
  void (*list_devices)(void);
  const char *(*version)(void);
  void (*configure)(int, bool, bool);
} cimc_library;

// Loads it for good. Failure is reported.
bool cimc_library_load(cimc_library *out);

// Where a file of cimc's own that the command needs is; null (and reported)
// when nowhere. Static, until the next call.
const char *cimc_library_find(const char *name);
// Where it is, without loading it; null (and reported) when nowhere. Static.
const char *cimc_library_path(void);

#endif
