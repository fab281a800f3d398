// SPDX-License-Identifier: Apache-2.0
//
// Output files that appear whole or not at all.
//
// Why: the data goes to a file without a name (O_TMPFILE), which the kernel
// drops with the process, however it ends; linkat names it. Replacing a file
// needs a second name for the moment of the rename, and file systems without
// O_TMPFILE need it for longer: those files are hidden (".cimc-*.tmp").
#include "cimc/driver/output.h"

#include "cimc/driver/file.h"
#include "dialect/diag.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// The folder of a path; null when there is no memory.
static char *folder_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash)
    return strdup(".");
  return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

// A name nobody uses, in the target's folder.
static char *hidden_name(const char *target) {
  static unsigned counter;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  char *folder = folder_of(target);
  char *name = NULL;
  if (folder && asprintf(&name, "%s/.cimc-%ld-%ld-%u.tmp", folder,
                         (long)getpid(), now.tv_nsec, counter++) < 0)
    name = NULL;
  free(folder);
  return name;
}

static int open_unnamed(const char *target) {
  char *folder = folder_of(target);
  if (!folder)
    return -1;
  int descriptor = -1;
  if (access("/proc/self/fd", X_OK) == 0) // linkat goes through it
    descriptor = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  free(folder);
  return descriptor;
}

static int open_hidden(cimc_output *output) {
  output->temporary = hidden_name(output->target);
  if (!output->temporary)
    return ENOMEM;
  output->descriptor =
      open(output->temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
  return output->descriptor < 0 ? errno : 0;
}

// A file that is replaced keeps its mode; one that is not ours to write to is
// left alone, although the folder would allow it.
static int open_beside(cimc_output *output, const struct stat *old) {
  if (old && access(output->target, W_OK))
    return errno;
  output->descriptor = open_unnamed(output->target);
  if (output->descriptor < 0) {
    int error = open_hidden(output);
    if (error)
      return error;
  }
  if (old && fchmod(output->descriptor, old->st_mode & 07777))
    return errno;
  int error = cimc_file_write(output->descriptor, output->data, output->size);
  if (!error && output->temporary && fsync(output->descriptor))
    error = errno; // a network file system tells here that it is full
  return error;
}

static int stage(cimc_output *output) {
  if (strcmp(output->path, "-") == 0) {
    output->direct = true;
    output->descriptor = STDOUT_FILENO;
    return 0;
  }
  struct stat old;
  bool exists = stat(output->path, &old) == 0;
  if (!exists && errno != ENOENT)
    return errno;
  if (exists && S_ISDIR(old.st_mode))
    return EISDIR;
  if (exists && !S_ISREG(old.st_mode)) {
    output->direct = true;
    output->descriptor = open(output->path, O_WRONLY | O_CLOEXEC);
    return output->descriptor < 0 ? errno : 0;
  }
  output->target = exists ? realpath(output->path, NULL) : strdup(output->path);
  if (!output->target)
    return errno;
  return open_beside(output, exists ? &old : NULL);
}

int cimc_output_stage(const char *path, const void *data, size_t size,
                      cimc_output *out) {
  *out =
      (cimc_output){.path = path, .data = data, .size = size, .descriptor = -1};
  int error = stage(out);
  if (error)
    cimc_output_discard(out);
  return error;
}

// Names the unnamed file; over an existing one by way of a second name.
static int link_unnamed(cimc_output *output) {
  char source[40];
  snprintf(source, sizeof source, "/proc/self/fd/%d", output->descriptor);
  if (linkat(AT_FDCWD, source, AT_FDCWD, output->target, AT_SYMLINK_FOLLOW) ==
      0)
    return 0;
  if (errno != EEXIST)
    return errno;
  char *name = hidden_name(output->target);
  if (!name)
    return ENOMEM;
  int error = 0;
  if (linkat(AT_FDCWD, source, AT_FDCWD, name, AT_SYMLINK_FOLLOW))
    error = errno;
  else if (rename(name, output->target)) {
    error = errno;
    unlink(name);
  }
  free(name);
  return error;
}

// A hidden file must be closed before the rename: close may tell of an error.
static int rename_hidden(cimc_output *output) {
  int descriptor = output->descriptor;
  output->descriptor = -1;
  if (close(descriptor))
    return errno;
  if (rename(output->temporary, output->target))
    return errno;
  free(output->temporary);
  output->temporary = NULL;
  return 0;
}

int cimc_output_commit(cimc_output *output) {
  int error = 0;
  if (output->direct) {
    error = cimc_file_write(output->descriptor, output->data, output->size);
    if (!error && output->descriptor != STDOUT_FILENO) {
      error = close(output->descriptor) ? errno : 0;
      output->descriptor = -1;
    }
  } else if (output->temporary)
    error = rename_hidden(output);
  else
    error = link_unnamed(output);
  cimc_output_discard(output);
  return error;
}

void cimc_output_discard(cimc_output *output) {
  if (output->descriptor >= 0 && output->descriptor != STDOUT_FILENO)
    close(output->descriptor);
  if (output->temporary)
    unlink(output->temporary);
  free(output->temporary);
  free(output->target);
  *output = (cimc_output){.descriptor = -1};
}

void cimc_output_report(const char *path, int error) {
  const char *name = strcmp(path, "-") == 0 ? "<stdout>" : path;
  switch (error) {
  case EISDIR:
    cimc_diag_error(name, "this is a folder; expected the name of a file");
    break;
  case ENOENT:
  case ENOTDIR:
    cimc_diag_error(name, "its folder does not exist; mkdir -p makes it");
    break;
  case EACCES:
  case EPERM:
  case EROFS:
    cimc_diag_error(name, "may not be written here (%s); choose another folder",
                    strerror(error));
    break;
  case EFBIG:
    cimc_diag_error(name,
                    "larger than a file may be here (%s); nothing was "
                    "written: raise ulimit -f or choose another folder",
                    strerror(error));
    break;
  case ENOSPC:
  case EDQUOT:
    cimc_diag_error(name,
                    "the disk is full (%s); nothing was written: free "
                    "some space or choose another folder",
                    strerror(error));
    break;
  default:
    cimc_diag_error(name, "cannot be written: %s", strerror(error));
  }
}

bool cimc_output_write(const char *path, const void *data, size_t size) {
  cimc_output output;
  int error = cimc_output_stage(path, data, size, &output);
  if (!error)
    error = cimc_output_commit(&output);
  if (error)
    cimc_output_report(path, error);
  return !error;
}
