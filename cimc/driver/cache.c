// SPDX-License-Identifier: Apache-2.0
//
// Compiled outputs, kept on disk under a hash of all that decides them.
//
// The key hashes the input's bytes and folder, the options, the CPU behind
// "native" and the identity of the compiler's libraries. Files that the
// compiler read besides the input are known only afterwards: the entry lists
// them with their hashes, and a look-up compares.
#include "cimc/driver/cache.h"

#include "cimc/driver/file.h"
#include "cimc/driver/library.h"
#include "cimc/driver/output.h"
#include "cimc/driver/trim.h"
#include "runtime/core/abi.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <llvm-c/Core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static const size_t entry_bytes_max = (size_t)1 << 30;
static const size_t file_bytes_max = (size_t)8 << 30;
static const char entry_magic[8] = "cimc-c1";

// An entry: this head, the output, the messages, then for every file a
// cache_file and its path.
typedef struct cache_head {
  char magic[8];
  uint8_t key[16];
  XXH128_canonical_t checksum; // of all that follows this field
  uint64_t size;
  uint64_t messages_size;
  uint64_t file_count;
} cache_head;

typedef struct cache_file {
  XXH128_canonical_t hash;
  uint64_t path_size;
} cache_file;

// -- The key ---------------------------------------------------------------

static void hash_text(XXH3_state_t *state, const char *text) {
  uint64_t length = text ? strlen(text) : UINT64_MAX;
  XXH3_128bits_update(state, &length, sizeof length);
  if (text)
    XXH3_128bits_update(state, text, strlen(text));
}

// A library's identity: its first page (the ELF header and the build id), its
// size and when it was written.
static bool hash_library(XXH3_state_t *state, const char *path) {
  struct stat status;
  char page[4096];
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return false;
  ssize_t got = read(descriptor, page, sizeof page);
  bool good = got > 0 && fstat(descriptor, &status) == 0;
  close(descriptor);
  if (!good)
    return false;
  XXH3_128bits_update(state, page, (size_t)got);
  XXH3_128bits_update(state, &status.st_size, sizeof status.st_size);
  XXH3_128bits_update(state, &status.st_mtim, sizeof status.st_mtim);
  return true;
}

static bool hash_libraries(XXH3_state_t *state) {
  const char *compiler = cimc_library_path();
  void *address = NULL;
  void (*llvm)(unsigned *, unsigned *, unsigned *) = LLVMGetVersion;
  memcpy(&address, &llvm, sizeof address);
  Dl_info info;
  return compiler && hash_library(state, compiler) && dladdr(address, &info) &&
         info.dli_fname && hash_library(state, info.dli_fname);
}

// What "native" stands for: every feature the runtime can tell, and the
// variable that hides some.
static void hash_host(XXH3_state_t *state) {
  uint64_t features = 0;
  for (int bit = 0; bit < 64; ++bit)
    if (cimrt_cpu_has(UINT64_C(1) << bit))
      features |= UINT64_C(1) << bit;
  XXH3_128bits_update(state, &features, sizeof features);
  hash_text(state, getenv("CIMC_ISA"));
}

// Where files that the input names are looked for.
static bool hash_folder(XXH3_state_t *state, const char *input) {
  char path[PATH_MAX], resolved[PATH_MAX];
  const char *slash = strrchr(input, '/');
  int length = slash ? (int)(slash - input) + 1 : 1;
  if (snprintf(path, sizeof path, "%.*s", length, slash ? input : ".") >=
          (int)sizeof path ||
      !realpath(path, resolved))
    return false;
  hash_text(state, resolved);
  return true;
}

static bool compute_key(const cimc_child_job *job, uint8_t out[16]) {
  const cimc_compile_options *options = &job->compile;
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  hash_text(&state, entry_magic);
  uint64_t size = options->size;
  XXH3_128bits_update(&state, &size, sizeof size);
  XXH3_128bits_update(&state, options->bytes, options->size);
  hash_text(&state, options->input); // stands in the messages
  hash_text(&state, options->name);
  hash_text(&state, options->target);
  hash_text(&state, options->entry);
  hash_text(&state, options->passes);
  int words[] = {(int)options->emit, job->quiet, job->json, CIMRT_ABI_VERSION,
                 (int)options->requant};
  XXH3_128bits_update(&state, words, sizeof words);
  hash_host(&state);
  if (!hash_folder(&state, options->input) || !hash_libraries(&state))
    return false;
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
  memcpy(out, canonical.digest, 16);
  return true;
}

// -- The folder ------------------------------------------------------------

// mkdir -p, private.
static int make_folder(char *path) {
  for (char *at = path + 1; *at; ++at) {
    if (*at != '/')
      continue;
    *at = 0;
    int failed = mkdir(path, 0700);
    *at = '/';
    if (failed && errno != EEXIST)
      return errno;
  }
  return mkdir(path, 0700) && errno != EEXIST ? errno : 0;
}

static char *choose_folder(const char *where) {
  char *folder = NULL;
  const char *root = getenv("XDG_CACHE_HOME");
  const char *home = getenv("HOME");
  int length = -1;
  if (where)
    return strdup(where);
  if (root && *root == '/')
    length = asprintf(&folder, "%s/cimc", root);
  else if (home && *home == '/')
    length = asprintf(&folder, "%s/.cache/cimc", home);
  return length < 0 ? NULL : folder;
}

void cimc_cache_open(const char *where, const cimc_child_job *job,
                     cimc_cache *out, const char **out_why) {
  *out = (cimc_cache){0};
  *out_why = NULL;
  if (where && strcmp(where, "off") == 0) {
    *out_why = "--cache=off";
    return;
  }
  out->folder = choose_folder(where);
  if (!out->folder) {
    *out_why = "neither XDG_CACHE_HOME nor HOME names a folder";
    return;
  }
  int error = make_folder(out->folder);
  if (error) {
    *out_why = strerror(error);
    return;
  }
  char hex[33];
  if (!compute_key(job, out->key)) {
    *out_why = "the compiler's libraries could not be told apart";
    return;
  }
  for (int i = 0; i < 16; ++i)
    snprintf(hex + 2 * i, 3, "%02x", out->key[i]);
  if (asprintf(&out->path, "%s/%s.cimc", out->folder, hex) < 0)
    out->path = NULL;
  out->on = out->path != NULL;
  if (!out->on)
    *out_why = "no memory";
}

void cimc_cache_close(cimc_cache *cache) {
  free(cache->folder);
  free(cache->path);
  *cache = (cimc_cache){0};
}

// -- Look-up ---------------------------------------------------------------

static bool hash_file(const char *path, XXH128_canonical_t *out) {
  cimc_file file;
  if (cimc_file_load(path, file_bytes_max, &file))
    return false;
  XXH128_canonicalFromHash(out, XXH3_128bits(file.bytes, file.size));
  cimc_file_free(&file);
  return true;
}

// Whether the files named behind the output are as they were.
static bool files_unchanged(const char *at, size_t rest, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) {
    cache_file file;
    char path[PATH_MAX];
    XXH128_canonical_t now;
    if (rest < sizeof file)
      return false;
    memcpy(&file, at, sizeof file);
    at += sizeof file;
    rest -= sizeof file;
    if (file.path_size > rest || file.path_size >= sizeof path)
      return false;
    memcpy(path, at, file.path_size);
    path[file.path_size] = 0;
    at += file.path_size;
    rest -= file.path_size;
    if (!hash_file(path, &now) || memcmp(&now, &file.hash, sizeof now) != 0)
      return false;
  }
  return rest == 0;
}

static bool is_whole(const cimc_cache *cache, const cimc_file *entry,
                     const cache_head *head) {
  const size_t start = offsetof(cache_head, size);
  XXH128_canonical_t checksum;
  XXH128_canonicalFromHash(
      &checksum, XXH3_128bits(entry->bytes + start, entry->size - start));
  size_t rest = entry->size - sizeof *head;
  return memcmp(head->magic, entry_magic, sizeof entry_magic) == 0 &&
         memcmp(head->key, cache->key, sizeof cache->key) == 0 &&
         memcmp(&head->checksum, &checksum, sizeof checksum) == 0 &&
         head->size <= rest && head->messages_size <= rest - head->size;
}

static bool take_entry(const cimc_cache *cache, const cimc_file *entry,
                       cimc_child_output *out) {
  cache_head head;
  if (entry->size < sizeof head)
    return false;
  memcpy(&head, entry->bytes, sizeof head);
  if (!is_whole(cache, entry, &head))
    return false;
  const char *data = entry->bytes + sizeof head;
  const char *files = data + head.size + head.messages_size;
  if (!files_unchanged(files, (size_t)(entry->bytes + entry->size - files),
                       head.file_count))
    return false;
  out->data = malloc(head.size + 1);
  out->messages = strndup(data + head.size, head.messages_size);
  if (!out->data || !out->messages) {
    cimc_child_free(out);
    return false;
  }
  memcpy(out->data, data, head.size);
  out->data[head.size] = 0;
  out->size = head.size;
  return true;
}

// An entry is code that will be run: it must be ours alone to write.
static bool is_ours(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
         status.st_uid == geteuid() && !(status.st_mode & (S_IWGRP | S_IWOTH));
}

bool cimc_cache_lookup(const cimc_cache *cache, cimc_child_output *out) {
  *out = (cimc_child_output){0};
  cimc_file entry;
  if (!cache->on || !is_ours(cache->path) ||
      cimc_file_load(cache->path, entry_bytes_max, &entry))
    return false;
  bool found = take_entry(cache, &entry, out);
  cimc_file_free(&entry);
  if (found) // the least recently used entries are the first to go
    utimensat(AT_FDCWD, cache->path, NULL, 0);
  return found;
}

// -- Store -----------------------------------------------------------------

static bool put_files(FILE *to, const cimc_child_output *output) {
  for (size_t i = 0; i < output->file_count; ++i) {
    cache_file file = {.path_size = strlen(output->files[i])};
    if (!hash_file(output->files[i], &file.hash))
      return false;
    fwrite(&file, sizeof file, 1, to);
    fwrite(output->files[i], file.path_size, 1, to);
  }
  return true;
}

static bool put_entry(const cimc_cache *cache, const cimc_child_output *output,
                      FILE *to) {
  cache_head head = {.size = output->size, .file_count = output->file_count};
  const char *messages = output->messages ? output->messages : "";
  head.messages_size = strlen(messages);
  memcpy(head.magic, entry_magic, sizeof entry_magic);
  memcpy(head.key, cache->key, sizeof head.key);
  fwrite(&head, sizeof head, 1, to);
  fwrite(output->data, 1, output->size, to);
  fwrite(messages, 1, head.messages_size, to);
  return put_files(to, output);
}

static int write_entry(const cimc_cache *cache, char *bytes, size_t size) {
  const size_t start = offsetof(cache_head, size);
  XXH128_canonical_t checksum;
  struct stat old;
  if (lstat(cache->path, &old) == 0 && !S_ISREG(old.st_mode))
    return EEXIST; // a pipe, for one, would be waited for
  XXH128_canonicalFromHash(&checksum,
                           XXH3_128bits(bytes + start, size - start));
  memcpy(bytes + offsetof(cache_head, checksum), &checksum, sizeof checksum);
  cimc_output entry;
  mode_t mask = umask(077);
  int error = cimc_output_stage(cache->path, bytes, size, &entry);
  umask(mask);
  return error ? error : cimc_output_commit(&entry);
}

const char *cimc_cache_store(const cimc_cache *cache,
                             const cimc_child_output *output) {
  if (!cache->on)
    return NULL;
  char *bytes = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&bytes, &size);
  if (!stream)
    return "no memory";
  bool good = put_entry(cache, output, stream);
  good &= fclose(stream) == 0;
  const char *why = good ? NULL : "a file that the input names has changed";
  if (good && size <= entry_bytes_max) {
    int error = write_entry(cache, bytes, size);
    why = error ? strerror(error) : NULL;
  }
  free(bytes);
  cimc_trim_folder(cache->folder);
  return why;
}
