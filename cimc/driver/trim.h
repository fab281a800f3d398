// SPDX-License-Identifier: Apache-2.0
//
// Keeps the cache's folder within its size.
#ifndef CIMC_DRIVER_TRIM_H
#define CIMC_DRIVER_TRIM_H

// Removes the entries that were used least recently, until what is left is
// below 1 GiB. Other files in the folder are not touched.
void cimc_trim_folder(const char *folder);

#endif
