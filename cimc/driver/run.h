// SPDX-License-Identifier: Apache-2.0
//
// --run, --labels and --bench: a compiled object, linked in memory and called.
#ifndef CIMC_DRIVER_RUN_H
#define CIMC_DRIVER_RUN_H

#include "cimc/driver/build.h"

// Failure has been reported; no output file exists then.
cimc_result cimc_run_model(const cimc_options *options,
                           const cimc_build *build);

#endif
