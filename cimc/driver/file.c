// SPDX-License-Identifier: Apache-2.0
//
// Whole files into memory, bounded.
#include "cimc/driver/file.h"

#include "dialect/diag.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Doubles the room, or takes what the file's size asks for.
static int grow(cimc_file *file, size_t *room, size_t limit) {
  size_t wanted = *room * 2 > limit ? limit : *room * 2;
  char *bytes = realloc(file->bytes, wanted + 2);
  if (!bytes)
    return ENOMEM;
  file->bytes = bytes;
  *room = wanted + 1; // one more than the limit tells that it was passed
  return 0;
}

static int read_all(int descriptor, size_t limit, cimc_file *out) {
  struct stat status;
  if (fstat(descriptor, &status))
    return errno;
  if (S_ISDIR(status.st_mode))
    return EISDIR;
  if (S_ISREG(status.st_mode) && (size_t)status.st_size > limit)
    return EFBIG;
  size_t room =
      S_ISREG(status.st_mode) ? (size_t)status.st_size + 1 : (size_t)1 << 16;
  out->bytes = malloc(room + 1);
  if (!out->bytes)
    return ENOMEM;
  for (;;) {
    if (out->size == room) {
      int error = grow(out, &room, limit);
      if (error)
        return error;
    }
    ssize_t got = read(descriptor, out->bytes + out->size, room - out->size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return errno;
    if (got == 0)
      break;
    out->size += (size_t)got;
    if (out->size > limit)
      return EFBIG;
  }
  out->bytes[out->size] = 0;
  return 0;
}

int cimc_file_load(const char *path, size_t limit, cimc_file *out) {
  *out = (cimc_file){0};
  bool standard = strcmp(path, "-") == 0;
  int descriptor = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return errno;
  int error = read_all(descriptor, limit, out);
  if (!standard)
    close(descriptor);
  if (error)
    cimc_file_free(out);
  return error;
}

bool cimc_file_read(const char *path, size_t limit, cimc_file *out) {
  int error = cimc_file_load(path, limit, out);
  if (!error)
    return true;
  const char *name = strcmp(path, "-") == 0 ? "<stdin>" : path;
  if (error == EFBIG)
    cimc_diag_error(name, "larger than %zu MiB; expected a smaller file",
                    limit >> 20);
  else if (error == EISDIR)
    cimc_diag_error(name, "this is a folder; expected a file");
  else if (error == ENOENT)
    cimc_diag_error(name, "no such file; check the path");
  else if (error == EACCES)
    cimc_diag_error(name, "you may not read this file; chmod +r gives leave");
  else if (error == ENOMEM)
    cimc_diag_error(name, "not enough memory to read this file");
  else
    cimc_diag_error(name, "cannot be read: %s", strerror(error));
  return false;
}

void cimc_file_free(cimc_file *file) {
  free(file->bytes);
  *file = (cimc_file){0};
}

int cimc_file_write(int descriptor, const void *bytes, size_t size) {
  const char *at = bytes;
  while (size) {
    ssize_t put = write(descriptor, at, size);
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return errno;
    at += put;
    size -= (size_t)put;
  }
  return 0;
}
