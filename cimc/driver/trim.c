// SPDX-License-Identifier: Apache-2.0
//
// Keeps the cache's folder within its size.
#include "cimc/driver/trim.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t folder_bytes_max = INT64_C(1) << 30;

typedef struct trim_entry {
  char name[48];
  int64_t bytes;
  struct timespec used;
} trim_entry;

static int compare_used(const void *a, const void *b) {
  const struct timespec *left = &((const trim_entry *)a)->used;
  const struct timespec *right = &((const trim_entry *)b)->used;
  if (left->tv_sec != right->tv_sec)
    return left->tv_sec < right->tv_sec ? -1 : 1;
  return (left->tv_nsec > right->tv_nsec) - (left->tv_nsec < right->tv_nsec);
}

// An entry's name is 32 hexadecimal digits and ".cimc".
static int is_entry(const char *name) {
  return strspn(name, "0123456789abcdef") == 32 &&
         strcmp(name + 32, ".cimc") == 0;
}

static size_t list_entries(DIR *folder, trim_entry **out, int64_t *out_bytes) {
  size_t count = 0, room = 0;
  for (struct dirent *at = readdir(folder); at; at = readdir(folder)) {
    struct stat status;
    if (!is_entry(at->d_name) ||
        fstatat(dirfd(folder), at->d_name, &status, AT_SYMLINK_NOFOLLOW))
      continue;
    if (count == room) {
      room = room ? room * 2 : 64;
      trim_entry *larger = realloc(*out, room * sizeof **out);
      if (!larger)
        break;
      *out = larger;
    }
    trim_entry *entry = &(*out)[count++];
    *entry = (trim_entry){.bytes = status.st_size, .used = status.st_mtim};
    strcpy(entry->name, at->d_name);
    *out_bytes += entry->bytes;
  }
  return count;
}

void cimc_trim_folder(const char *path) {
  DIR *folder = opendir(path);
  if (!folder)
    return;
  trim_entry *entries = NULL;
  int64_t bytes = 0;
  size_t count = list_entries(folder, &entries, &bytes);
  if (bytes > folder_bytes_max)
    qsort(entries, count, sizeof *entries, compare_used);
  for (size_t i = 0; i < count && bytes > folder_bytes_max; ++i)
    if (unlinkat(dirfd(folder), entries[i].name, 0) == 0)
      bytes -= entries[i].bytes;
  free(entries);
  closedir(folder);
}
