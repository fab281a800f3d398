// SPDX-License-Identifier: Apache-2.0
//
// The status every runtime call and every compiled model returns.
#ifndef CIMRT_CORE_STATUS_H
#define CIMRT_CORE_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

// Values are part of the ABI: new ones are appended, none is reused.
typedef enum cimrt_status {
  CIMRT_OK = 0,
  CIMRT_INVALID_ARGUMENT = 1, // a null pointer, a bad shape, dtype or index
  CIMRT_MISALIGNED = 2,       // memory that is not aligned as asked
  CIMRT_TOO_SMALL = 3,        // a buffer with fewer bytes than needed
  CIMRT_OUT_OF_MEMORY = 4,    // an arena or allocator has no room left
  CIMRT_UNSUPPORTED_CPU = 5,  // this CPU lacks an instruction the code needs
  CIMRT_VERSION = 6,          // object and runtime speak different ABIs
  CIMRT_DEVICE = 7,           // the accelerator's driver reported a fault
  CIMRT_CANCELLED = 8,        // the caller's stage hook asked to stop
  CIMRT_MISUSE = 9,           // a debug allocator found memory used wrongly
} cimrt_status;

// A short English name such as "misaligned workspace"; never null. Static.
const char *cimrt_status_name(cimrt_status status);

#ifdef __cplusplus
}
#endif
#endif
