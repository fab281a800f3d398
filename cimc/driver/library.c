// SPDX-License-Identifier: Apache-2.0
//
// libcimc, the compiler's half that carries libMLIR: found next to the
// command, loaded only when something must be compiled.
//
// CIMC_LIBRARY_NAME is the library's file name, CIMC_LIBRARY_FOLDER its
// installed folder relative to the command's (the build tree has ../lib and
// ../runtime): no
// absolute path is built in.
#include "cimc/driver/library.h"

#include "dialect/diag.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The command's own folder, by the kernel or else by the dynamic linker.
static bool own_folder(char *out, size_t size) {
  ssize_t length = readlink("/proc/self/exe", out, size - 1);
  if (length > 0)
    out[length] = 0;
  else {
    Dl_info info;
    static const char anchor = 0;
    char resolved[PATH_MAX];
    if (!dladdr(&anchor, &info) || !info.dli_fname ||
        !realpath(info.dli_fname, resolved) || strlen(resolved) >= size)
      return false;
    strcpy(out, resolved);
  }
  char *slash = strrchr(out, '/');
  if (!slash)
    return false;
  *slash = 0;
  return true;
}

const char *cimc_library_find(const char *name) {
  static char path[PATH_MAX + 256];
  static const char *const folders[] = {".", "../lib", "../runtime",
                                        CIMC_LIBRARY_FOLDER};
  char own[PATH_MAX];
  if (own_folder(own, sizeof own)) {
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; ++i) {
      int length =
          snprintf(path, sizeof path, "%s/%s/%s", own, folders[i], name);
      if (length < (int)sizeof path && access(path, R_OK) == 0)
        return path;
    }
  }
  cimc_diag_error(NULL,
                  "cimc's own %s was not found next to the command nor in %s; "
                  "install cimc again",
                  name, CIMC_LIBRARY_FOLDER);
  return NULL;
}

const char *cimc_library_path(void) {
  return cimc_library_find(CIMC_LIBRARY_NAME);
}

bool cimc_library_load(cimc_library *out) {
  const char *path = cimc_library_path();
  if (!path)
    return false;
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    cimc_diag_error(NULL, "the compiler's library cannot be loaded: %s",
                    dlerror());
    return false;
  }
  const struct {
    const char *name;
    void *slot; // of a function pointer
  } functions[] = {
      {"cimc_compile", &out->compile},
      {"cimc_compiled_free", &out->compiled_free},
      {"cimc_list_ops", &out->list_ops},
      {"cimc_list_targets", &out->list_targets},
      {"cimc_list_passes", &out->list_passes},
      {"cimc_list_devices", &out->list_devices},
      {"cimc_version", &out->version},
      {"cimc_configure", &out->configure},
  };
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; ++i) {
    void *address = dlsym(handle, functions[i].name);
    if (!address) {
      cimc_diag_error(NULL, "%s lacks %s; install cimc again", path,
                      functions[i].name);
      return false;
    }
    // ISO C has no cast from an object's to a function's address.
    memcpy(functions[i].slot, &address, sizeof address);
  }
  return true;
}
