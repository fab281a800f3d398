// SPDX-License-Identifier: Apache-2.0
//
// The compiler in a child process with limits, so that a crash in it, or an
// input that wants too much, ends in one diagnostic.
//
// The child writes one record to a memory file; the parent believes it only
// after the child has ended by itself. Its stderr comes through a pipe, is
// passed on at once and kept, so that the cache can repeat warnings.
#include "cimc/driver/child.h"

#include "cimc/driver/bench.h"
#include "cimc/driver/file.h"
#include "cimc/driver/library.h"
#include "cimc/driver/progress.h"
#include "cimc/driver/reproducer.h"
#include "dialect/diag.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// The shadow memory of the address sanitizer alone is larger than the limit.
#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_IS_LIMITED 0
#elif defined(__has_feature)
#define MEMORY_IS_LIMITED !__has_feature(address_sanitizer)
#else
#define MEMORY_IS_LIMITED 1
#endif

enum {
  CPU_SECONDS = 60,
  MESSAGES_MAX = 1 << 16, // kept for the cache; all are passed on
};
static const size_t memory_bytes = (size_t)2 << 30;

// The record's head; the data and the paths (each ended by a zero) follow.
typedef struct child_record {
  uint64_t magic;
  uint64_t size;
  uint64_t file_count;
  uint64_t files_bytes;
  cimc_compile_times times;
  long long load_ns;
  cimc_result result;
  int reserved;
} child_record;

#define RECORD_MAGIC UINT64_C(0x636d6963646e6531)

// The name of the phase the child is in, in memory that both see.
enum { PHASE_BYTES = 32 };
typedef struct child_phase {
  atomic_char name[PHASE_BYTES]; // the last byte stays 0
} child_phase;

// -- The child -------------------------------------------------------------

static void limit(int resource, size_t soft, size_t hard) {
  struct rlimit old;
  if (getrlimit((__rlimit_resource_t)resource, &old))
    return;
  struct rlimit wanted = {.rlim_cur = soft, .rlim_max = hard};
  if (wanted.rlim_max > old.rlim_max)
    wanted.rlim_max = old.rlim_max;
  if (wanted.rlim_cur > wanted.rlim_max)
    wanted.rlim_cur = wanted.rlim_max;
  setrlimit((__rlimit_resource_t)resource, &wanted);
}

static void set_limits(void) {
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS + 5);
  if (MEMORY_IS_LIMITED)
    limit(RLIMIT_AS, memory_bytes, memory_bytes);
}

static bool send_record(int memory, const child_record *head,
                        const cimc_compiled *compiled) {
  child_record record = *head;
  for (size_t i = 0; i < compiled->file_count; ++i)
    record.files_bytes += strlen(compiled->files[i]) + 1;
  int error = cimc_file_write(memory, &record, sizeof record);
  if (!error)
    error = cimc_file_write(memory, compiled->data, compiled->size);
  for (size_t i = 0; i < compiled->file_count && !error; ++i)
    error = cimc_file_write(memory, compiled->files[i],
                            strlen(compiled->files[i]) + 1);
  return !error;
}

static void note_phase(void *user, const char *name) {
  child_phase *phase = user;
  for (size_t i = 0; i + 1 < PHASE_BYTES; ++i) {
    atomic_store(&phase->name[i], *name);
    name += *name != 0;
  }
}

static void run_child(const cimc_child_job *job, int memory,
                      child_phase *phase) {
  set_limits();
  cimc_library library = {0};
  long long start = cimc_bench_now();
  child_record record = {.magic = RECORD_MAGIC, .result = CIMC_INTERNAL};
  cimc_compiled compiled = {0};
  if (cimc_library_load(&library)) {
    record.load_ns = cimc_bench_now() - start;
    library.configure(job->color, job->quiet, job->json);
    cimc_compile_options compile = job->compile;
    if (phase) {
      compile.on_phase = note_phase;
      compile.on_phase_user = phase;
    }
    record.result = library.compile(&compile, &compiled);
  }
  if (record.result != CIMC_DONE)
    compiled = (cimc_compiled){0};
  record.times = compiled.times;
  record.size = compiled.size;
  record.file_count = compiled.file_count;
  fflush(NULL);
  // No destructors: the process has nothing to clean up.
  _exit(send_record(memory, &record, &compiled) ? 0 : 1);
}

// -- The parent ------------------------------------------------------------

// Drops colour sequences (ESC [ … m): the cache repeats plain text.
static void strip_color(char *text) {
  char *to = text;
  for (const char *at = text; *at;) {
    if (at[0] == '\033' && at[1] == '[') {
      at += 2;
      while (*at && *at != 'm')
        ++at;
      at += *at == 'm';
    } else
      *to++ = *at++;
  }
  *to = 0;
}

static void show_phase(child_phase *phase) {
  char name[PHASE_BYTES] = "";
  for (size_t i = 0; phase && i < PHASE_BYTES; ++i)
    name[i] = (char)atomic_load(&phase->name[i]);
  cimc_progress_tick(name, 0);
}

// Shows progress until there is something to read.
static void wait_message(int pipe_end, child_phase *phase) {
  struct pollfd waited = {.fd = pipe_end, .events = POLLIN};
  while (cimc_progress_is_on() && poll(&waited, 1, CIMC_PROGRESS_TICK_MS) == 0)
    show_phase(phase);
  cimc_progress_clear();
}

// Passes the child's stderr on until it ends.
static char *relay_messages(int pipe_end, child_phase *phase) {
  char *messages = malloc(MESSAGES_MAX + 1);
  size_t kept = 0;
  char part[4096];
  for (;;) {
    wait_message(pipe_end, phase);
    ssize_t got = read(pipe_end, part, sizeof part);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    cimc_file_write(STDERR_FILENO, part, (size_t)got);
    size_t fits = MESSAGES_MAX - kept;
    if (fits > (size_t)got)
      fits = (size_t)got;
    if (messages)
      memcpy(messages + kept, part, fits);
    kept += fits;
  }
  if (messages) {
    messages[kept] = 0;
    strip_color(messages);
  }
  return messages;
}

static void save_reproducer(const cimc_child_job *job) {
  const char *folder =
      cimc_reproducer_save(&(cimc_reproducer){.input = job->compile.input,
                                              .bytes = job->compile.bytes,
                                              .size = job->compile.size,
                                              .argv = job->argv});
  if (folder)
    cimc_diag_note("the input and the command are in %s; please report them",
                   folder);
}

static cimc_result report_death(const cimc_child_job *job, int status) {
  char why[64];
  int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  if (number == SIGXCPU)
    snprintf(why, sizeof why, "more than %d s of CPU time", CPU_SECONDS);
  else if (number)
    snprintf(why, sizeof why, "%s (signal %d)", strsignal(number), number);
  else
    snprintf(why, sizeof why, "exit code %d", WEXITSTATUS(status));
  const char *input = job->compile.input;
  cimc_diag_error(strcmp(input, "-") == 0 ? "<stdin>" : input,
                  "the compiler stopped: %s; this is a fault of cimc", why);
  save_reproducer(job);
  return CIMC_INTERNAL;
}

// Takes the paths apart; false when they are not what the head says.
static bool take_files(const child_record *record, const char *text,
                       cimc_child_output *out) {
  out->files = calloc(record->file_count + 1, sizeof *out->files);
  if (!out->files)
    return false;
  const char *end = text + record->files_bytes;
  for (uint64_t i = 0; i < record->file_count; ++i) {
    size_t length = strnlen(text, (size_t)(end - text));
    if (text + length == end)
      return false;
    out->files[i] = realpath(text, NULL);
    if (!out->files[i])
      return false;
    ++out->file_count;
    text += length + 1;
  }
  return true;
}

// Reads the record; false when there is none (the child ended in the middle).
static bool take_record(int memory, cimc_child_output *out,
                        cimc_result *out_result) {
  child_record record;
  off_t end = lseek(memory, 0, SEEK_END);
  if (end < (off_t)sizeof record ||
      pread(memory, &record, sizeof record, 0) != (ssize_t)sizeof record ||
      record.magic != RECORD_MAGIC)
    return false;
  size_t rest = (size_t)end - sizeof record;
  if (record.size > rest || record.files_bytes != rest - record.size ||
      record.file_count > record.files_bytes)
    return false;
  *out_result = record.result;
  out->load_ns = record.load_ns;
  if (record.result != CIMC_DONE)
    return true;
  char *map = mmap(NULL, (size_t)end, PROT_READ, MAP_PRIVATE, memory, 0);
  if (map == MAP_FAILED)
    return false;
  const char *data = map + sizeof record;
  out->data = malloc(record.size + 1);
  bool good = out->data && take_files(&record, data + record.size, out);
  if (good) {
    memcpy(out->data, data, record.size);
    out->data[record.size] = 0;
    out->size = record.size;
    out->times = record.times;
  }
  munmap(map, (size_t)end);
  return good;
}

static cimc_result wait_child(const cimc_child_job *job, pid_t child,
                              int memory, cimc_child_output *out) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return CIMC_INTERNAL;
  cimc_result result = CIMC_INTERNAL;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
      !take_record(memory, out, &result))
    return report_death(job, status);
  if (result == CIMC_INTERNAL && out->load_ns) // and not: no library
    save_reproducer(job);
  return result;
}

// With the memory file and the pipe at hand.
static cimc_result fork_child(const cimc_child_job *job, int memory,
                              int ends[2], cimc_child_output *out) {
  fflush(NULL); // else the child would write what waits in the buffers, too
  child_phase *phase = mmap(NULL, sizeof *phase, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (phase == MAP_FAILED)
    phase = NULL; // only progress goes without
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || dup2(ends[1], STDERR_FILENO) < 0)
      _exit(1);
    run_child(job, memory, phase);
  }
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    cimc_diag_error(NULL, "cannot start the compiler: %s", strerror(errno));
    return CIMC_INTERNAL;
  }
  cimc_progress_begin(job->compile.input, 0);
  out->messages = relay_messages(ends[0], phase);
  cimc_progress_end();
  close(ends[0]);
  if (phase)
    munmap(phase, sizeof *phase);
  return wait_child(job, child, memory, out);
}

cimc_result cimc_child_compile(const cimc_child_job *job,
                               cimc_child_output *out) {
  *out = (cimc_child_output){0};
  int ends[2];
  int memory = memfd_create("cimc", MFD_CLOEXEC);
  if (memory < 0 || pipe2(ends, O_CLOEXEC)) {
    if (memory >= 0)
      close(memory);
    cimc_diag_error(NULL, "cannot start the compiler: %s", strerror(errno));
    return CIMC_INTERNAL;
  }
  cimc_result result = fork_child(job, memory, ends, out);
  close(memory);
  if (result != CIMC_DONE)
    cimc_child_free(out);
  return result;
}

void cimc_child_free(cimc_child_output *output) {
  for (size_t i = 0; i < output->file_count; ++i)
    free(output->files[i]);
  free(output->files);
  free(output->data);
  free(output->messages);
  *output = (cimc_child_output){0};
}
