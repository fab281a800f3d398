// SPDX-License-Identifier: Apache-2.0
//
// Opens external data below the model's folder and reads a checked range.
#include "cimc/import/onnx/external.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *reason(int error) {
  switch (error) {
  case EXDEV:
    return "it leads out of the model's folder";
  case ELOOP:
    return "it is, or passes, a symbolic link";
  case ENOSYS:
    return "this system has no openat2 (Linux 5.6 has it)";
  default:
    return strerror(error);
  }
}

static bool refuse(const cimc_tensor_source *source,
                   const cimc_proto_tensor *tensor, const char *why) {
  cimc_diag_error(source->file,
                  "tensor '%s' has its data in '%s', which cannot be read: %s",
                  tensor->name, tensor->location, why);
  cimc_diag_note("external data must be a regular file in the model's folder "
                 "or below");
  return false;
}

// The folder of the model: "a/b.onnx" gives "a/", "b.onnx" gives "".
static char *folder_of(cimc_arena *arena, const char *file) {
  const char *slash = strrchr(file, '/');
  return cimc_arena_copy_text(arena, file,
                              slash ? (size_t)(slash - file) + 1 : 0);
}

static int open_below(const char *folder, const char *location) {
  int root = open(folder[0] ? folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0)
    return -1;
  // O_NONBLOCK: opening a FIFO must not wait for its writer.
  struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                         .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
                                    RESOLVE_NO_MAGICLINKS};
  long descriptor = syscall(SYS_openat2, root, location, &how, sizeof how);
  int error = errno;
  close(root);
  errno = error;
  return (int)descriptor;
}

static bool check_range(const cimc_tensor_source *source,
                        const cimc_proto_tensor *tensor, int descriptor,
                        size_t bytes) {
  struct stat status;
  if (fstat(descriptor, &status) != 0)
    return refuse(source, tensor, reason(errno));
  if (!S_ISREG(status.st_mode))
    return refuse(source, tensor, "it is not a regular file");
  if (tensor->length >= 0 && (uint64_t)tensor->length != bytes) {
    cimc_diag_error(source->file,
                    "tensor '%s' has %lld bytes of external data; its type "
                    "and shape need %zu",
                    tensor->name, (long long)tensor->length, bytes);
    return false;
  }
  uint64_t size = (uint64_t)status.st_size;
  if ((uint64_t)tensor->offset > size ||
      bytes > size - (uint64_t)tensor->offset) {
    cimc_diag_error(source->file,
                    "tensor '%s' needs bytes %lld to %llu of '%s', which has "
                    "%llu",
                    tensor->name, (long long)tensor->offset,
                    (unsigned long long)tensor->offset + bytes,
                    tensor->location, (unsigned long long)size);
    cimc_diag_note("the file is cut short or belongs to another model");
    return false;
  }
  return true;
}

static bool read_all(int descriptor, unsigned char *out, size_t bytes,
                     off_t offset) {
  while (bytes > 0) {
    ssize_t count = pread(descriptor, out, bytes, offset);
    if (count < 0 && errno == EINTR)
      continue;
    if (count == 0)
      errno = EIO; // it shrank while we read
    if (count <= 0)
      return false;
    out += count;
    bytes -= (size_t)count;
    offset += count;
  }
  return true;
}

// Adds folder + location to the files read, once.
static bool remember(cimc_import_files *files, const char *folder,
                     const char *location) {
  size_t length = strlen(folder);
  char *path = malloc(length + strlen(location) + 1);
  if (!path)
    return false;
  memcpy(path, folder, length);
  memcpy(path + length, location, strlen(location) + 1);
  for (size_t i = files->count; i-- > 0;) {
    if (strcmp(files->paths[i], path) == 0) {
      free(path);
      return true;
    }
  }
  char **paths =
      realloc(files->paths, (files->count + 1) * sizeof *files->paths);
  if (!paths) {
    free(path);
    return false;
  }
  files->paths = paths;
  files->paths[files->count++] = path;
  return true;
}

static unsigned char *read_open(cimc_tensor_source *source,
                                const cimc_proto_tensor *tensor, int descriptor,
                                size_t bytes) {
  if (!check_range(source, tensor, descriptor, bytes))
    return NULL;
  unsigned char *data = cimc_arena_alloc(source->arena, bytes, 1);
  if (!data) {
    refuse(source, tensor, "there is not enough memory");
    return NULL;
  }
  if (!read_all(descriptor, data, bytes, (off_t)tensor->offset)) {
    refuse(source, tensor, reason(errno));
    return NULL;
  }
  return data;
}

const unsigned char *cimc_external_read(cimc_tensor_source *source,
                                        const cimc_proto_tensor *tensor,
                                        size_t bytes) {
  char *folder = folder_of(source->arena, source->file);
  int descriptor = folder ? open_below(folder, tensor->location) : -1;
  if (descriptor < 0) {
    refuse(source, tensor, folder ? reason(errno) : "memory is short");
    return NULL;
  }
  unsigned char *data = read_open(source, tensor, descriptor, bytes);
  close(descriptor);
  if (data && source->files &&
      !remember(source->files, folder, tensor->location)) {
    refuse(source, tensor, "there is not enough memory");
    return NULL;
  }
  return data;
}
