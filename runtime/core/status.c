// SPDX-License-Identifier: Apache-2.0
//
// Names of the statuses.
#include "runtime/core/status.h"

const char *cimrt_status_name(cimrt_status status) {
  switch (status) {
  case CIMRT_OK:
    return "ok";
  case CIMRT_INVALID_ARGUMENT:
    return "invalid argument";
  case CIMRT_MISALIGNED:
    return "misaligned workspace";
  case CIMRT_TOO_SMALL:
    return "buffer too small";
  case CIMRT_OUT_OF_MEMORY:
    return "out of memory";
  case CIMRT_UNSUPPORTED_CPU:
    return "unsupported CPU";
  case CIMRT_VERSION:
    return "ABI version mismatch";
  case CIMRT_DEVICE:
    return "device fault";
  case CIMRT_CANCELLED:
    return "cancelled";
  case CIMRT_MISUSE:
    return "memory misuse";
  }
  return "unknown status";
}
