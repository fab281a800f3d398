// SPDX-License-Identifier: Apache-2.0
//
// Which function of a module is compiled, and the C symbol it gets.
#ifndef CIMC_DRIVER_ENTRY_H
#define CIMC_DRIVER_ENTRY_H

#include "cimc/driver/cimc.h"
#include "dialect/ir.h"

typedef struct cimc_entry_request {
  const char *entry; // --entry, or null
  const char *name;  // --name, a valid symbol, or null
  const char *file;  // the input: its stem is the symbol of last resort
} cimc_entry_request;

// At the model or mapped level: keeps the func.func asked for, drops the
// others, and writes the symbol into the module as `qgemm.symbol`. A symbol
// that stands there stays unless --name says otherwise.
cimc_result cimc_entry_select(MlirOperation module,
                              const cimc_entry_request *request);

// At the lowered level the entry has its symbol: checks --entry, and renames
// it when --name says so.
cimc_result cimc_entry_rename(MlirOperation module,
                              const cimc_entry_request *request);

#endif
