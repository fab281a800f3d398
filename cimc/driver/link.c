// SPDX-License-Identifier: Apache-2.0
//
// A shared library from a model's object, by lld or the C compiler.
//
// The linker works in a temporary folder, and its result goes the way of every
// other output: so it, too, appears whole or not at all.
#include "cimc/driver/link.h"

#include "cimc/driver/file.h"
#include "cimc/driver/library.h"
#include "dialect/diag.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#elif defined(__arm__)
#define OWN_MACHINE EM_ARM
#else
#define OWN_MACHINE EM_NONE
#endif

enum { LIBRARY_BYTES_MAX = INT_MAX };

// The files of one link, all in `folder`.
typedef struct link_files {
  char folder[PATH_MAX];
  char object[PATH_MAX + 16];
  char library[PATH_MAX + 16];
} link_files;

// The runtime at hand is this machine's.
static bool is_for_this_machine(const char *object, size_t size) {
  uint16_t machine;
  if (size < sizeof(Elf32_Ehdr) || memcmp(object, ELFMAG, SELFMAG) != 0)
    return false;
  memcpy(&machine, object + offsetof(Elf32_Ehdr, e_machine), sizeof machine);
  return machine == OWN_MACHINE;
}

// 0, or an errno.
static int write_file(const char *path, const char *data, size_t size) {
  int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return errno;
  int error = cimc_file_write(descriptor, data, size);
  return close(descriptor) && !error ? errno : error;
}

// Runs a program; its exit code, or -1 when it cannot be started.
static int run(const char *const *words) {
  pid_t child;
  int status;
  // posix_spawn does not write to the words; its type is older than const.
  char **argv = (char **)(uintptr_t)words;
  if (posix_spawnp(&child, words[0], NULL, NULL, argv, environ))
    return -1;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return -1;
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return code == 127 ? -1 : code; // so old shells and C libraries say it
}

// The first linker there is; it exports the model alone.
static cimc_result run_linker(const link_files *files, const char *soname) {
  const char *runtime = cimc_library_find("libcimrt.a");
  if (!runtime)
    return CIMC_INTERNAL;
  char name[PATH_MAX + 32], cc_name[PATH_MAX + 40];
  snprintf(name, sizeof name, "-soname=%s", soname ? soname : "");
  snprintf(cc_name, sizeof cc_name, "-Wl,%s", name);
  // What comes last may be missing.
  const char *const lld[] = {"ld.lld-22",
                             "-shared",
                             "-o",
                             files->library,
                             files->object,
                             runtime,
                             "--exclude-libs=ALL",
                             "--gc-sections",
                             "--build-id=none",
                             "-z",
                             "noexecstack",
                             soname ? name : NULL,
                             NULL};
  const char *plain_lld[sizeof lld / sizeof *lld];
  memcpy(plain_lld, lld, sizeof lld);
  plain_lld[0] = "ld.lld";
  const char *const cc[] = {"cc",
                            "-shared",
                            "-o",
                            files->library,
                            files->object,
                            runtime,
                            "-Wl,--exclude-libs,ALL",
                            "-Wl,--gc-sections",
                            "-Wl,--build-id=none",
                            "-Wl,-z,noexecstack",
                            soname ? cc_name : NULL,
                            NULL};
  const char *const *const linkers[] = {lld, plain_lld, cc};
  for (size_t i = 0; i < sizeof linkers / sizeof *linkers; ++i) {
    int code = run(linkers[i]);
    if (code == 0)
      return CIMC_DONE;
    if (code < 0)
      continue; // there is no such program
    cimc_diag_error(NULL, "%s could not link the shared library (exit code %d)",
                    linkers[i][0], code);
    return CIMC_INTERNAL;
  }
  cimc_diag_error(NULL, "no linker was found; expected ld.lld or cc on the "
                        "PATH");
  cimc_diag_note("--emit=obj needs none; link the object with libcimrt.a");
  return CIMC_WRONG_USAGE;
}

static cimc_result link_in(const link_files *files, char **data, size_t *size,
                           const char *soname) {
  int error = write_file(files->object, *data, *size);
  if (error) {
    cimc_diag_error(files->object, "cannot be written: %s", strerror(error));
    return CIMC_WRONG_INPUT;
  }
  cimc_result result = run_linker(files, soname);
  cimc_file library;
  if (result)
    return result;
  if (!cimc_file_read(files->library, LIBRARY_BYTES_MAX, &library))
    return CIMC_INTERNAL;
  char *copy = malloc(library.size);
  if (copy) {
    memcpy(copy, library.bytes, library.size);
    free(*data);
    *data = copy;
    *size = library.size;
  } else {
    cimc_diag_error(NULL, "out of memory");
  }
  cimc_file_free(&library);
  return copy ? CIMC_DONE : CIMC_INTERNAL;
}

cimc_result cimc_link_shared(char **data, size_t *size, const char *soname) {
  if (!is_for_this_machine(*data, *size)) {
    cimc_diag_error(NULL, "--emit=shared links for this kind of machine only; "
                          "expected a --target of it");
    cimc_diag_note("use --emit=obj, and link with the target's own compiler "
                   "and libcimrt.a");
    return CIMC_WRONG_USAGE;
  }
  const char *root = getenv("TMPDIR");
  link_files files;
  int length = snprintf(files.folder, sizeof files.folder,
                        "%s/cimc-link-XXXXXX", root && *root ? root : "/tmp");
  if (length >= (int)sizeof files.folder || !mkdtemp(files.folder)) {
    cimc_diag_error(root && *root ? root : "/tmp",
                    "no temporary folder can be made here: %s; set TMPDIR",
                    strerror(errno));
    return CIMC_WRONG_INPUT;
  }
  snprintf(files.object, sizeof files.object, "%s/model.o", files.folder);
  snprintf(files.library, sizeof files.library, "%s/model.so", files.folder);
  cimc_result result = link_in(&files, data, size, soname);
  unlink(files.object);
  unlink(files.library);
  rmdir(files.folder);
  return result;
}
