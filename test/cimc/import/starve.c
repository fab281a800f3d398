// SPDX-License-Identifier: Apache-2.0
//
// The C library as the code under test sees it.
#include "test/cimc/import/starve.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static long left = -1;
static bool happened;
static long live;
static int errors[3];

void starve_after(long count) {
  left = count;
  happened = false;
}

bool starve_happened(void) { return happened; }

long starve_live(void) { return live; }

void starve_fail(starve_call call, int error) { errors[call] = error; }

// -- Memory ------------------------------------------------------------------
void *starved_malloc(size_t size);
void *starved_calloc(size_t count, size_t size);
void *starved_realloc(void *old, size_t size);

bool starve_next(void) {
  if (left < 0 || left-- > 0)
    return false;
  happened = true;
  errno = ENOMEM;
  return true;
}

static void *counted(void *piece) {
  live += piece != NULL;
  return piece;
}

void *starved_malloc(size_t size) {
  return starve_next() ? NULL : counted(malloc(size));
}

void *starved_calloc(size_t count, size_t size) {
  return starve_next() ? NULL : counted(calloc(count, size));
}

void *starved_realloc(void *old, size_t size) {
  if (starve_next())
    return NULL;
  void *piece = realloc(old, size);
  live += old == NULL && piece != NULL;
  return piece;
}

void starved_free(void *piece) {
  live -= piece != NULL;
  free(piece);
}

// What the C library allocates for its callers.
char *starved_strdup(const char *text);
char *starved_strndup(const char *text, size_t length);
char *starved_realpath(const char *path, char *buffer);
int starved_asprintf(char **out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

FILE *starved_open_memstream(char **out, size_t *out_size);

// The text is there, and the caller's, once the stream is closed.
FILE *starved_open_memstream(char **out, size_t *out_size) {
  return starve_next() ? NULL : counted(open_memstream(out, out_size));
}

char *starved_strdup(const char *text) {
  return starve_next() ? NULL : counted(strdup(text));
}

char *starved_strndup(const char *text, size_t length) {
  return starve_next() ? NULL : counted(strndup(text, length));
}

char *starved_realpath(const char *path, char *buffer) {
  if (buffer)
    return realpath(path, buffer);
  return starve_next() ? NULL : counted(realpath(path, NULL));
}

int starved_asprintf(char **out, const char *format, ...) {
  if (starve_next())
    return -1;
  va_list arguments;
  va_start(arguments, format);
  int length = vasprintf(out, format, arguments);
  va_end(arguments);
  live += length >= 0;
  return length;
}

// -- Files -------------------------------------------------------------------
int starved_fstat(int descriptor, struct stat *out);
ssize_t starved_pread(int descriptor, void *out, size_t bytes, off_t offset);
long starved_syscall(long number, ...);

static bool fails(starve_call call) {
  if (errors[call] == 0)
    return false;
  errno = errors[call];
  if (errors[call] == EINTR)
    errors[call] = 0;
  return true;
}

int starved_fstat(int descriptor, struct stat *out) {
  return fails(STARVE_FSTAT) ? -1 : fstat(descriptor, out);
}

ssize_t starved_pread(int descriptor, void *out, size_t bytes, off_t offset) {
  if (errors[STARVE_PREAD] == -1)
    return 0;
  return fails(STARVE_PREAD) ? -1 : pread(descriptor, out, bytes, offset);
}

// Only openat2 is called so: four arguments.
long starved_syscall(long number, ...) {
  if (fails(STARVE_SYSCALL))
    return -1;
  va_list rest;
  va_start(rest, number);
  int folder = va_arg(rest, int);
  const char *path = va_arg(rest, const char *);
  void *how = va_arg(rest, void *);
  size_t size = va_arg(rest, size_t);
  va_end(rest);
  return syscall(number, folder, path, how, size);
}
