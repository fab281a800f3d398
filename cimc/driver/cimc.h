// SPDX-License-Identifier: Apache-2.0
//
// The public library libcimc: a model file in, an object, assembly, IR or
// header out. The one place where the phases are strung.
#ifndef CIMC_DRIVER_CIMC_H
#define CIMC_DRIVER_CIMC_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CIMC_EXPORT __attribute__((visibility("default")))
#else
#define CIMC_EXPORT
#endif

// Exit codes of the command and results of the library.
typedef enum cimc_result {
  CIMC_DONE = 0,
  CIMC_WRONG_INPUT = 1, // the model or its data; reported on stderr
  CIMC_WRONG_USAGE = 2, // an option
  CIMC_INTERNAL = 3,    // a fault of ours
} cimc_result;

typedef enum cimc_emit {
  CIMC_EMIT_QGEMM,   // the model as qgemm ops, as imported and fused
  CIMC_EMIT_MAPPED,  // tiled, with the memory plan
  CIMC_EMIT_LOWERED, // loops and vectors
  CIMC_EMIT_LLVM,    // LLVM IR, optimized
  CIMC_EMIT_ASM,
  CIMC_EMIT_OBJ,
  CIMC_EMIT_HEADER,
  CIMC_EMIT_SHARED, // of the command only: cimc_compile gives an object
} cimc_emit;

// --requant: how sums of products come back to 8 bits.
typedef enum cimc_requant {
  CIMC_REQUANT_FLOAT,      // a float factor, rounded to nearest even
  CIMC_REQUANT_TFLITE_REF, // .tflite only: as LiteRT's reference kernels do
} cimc_requant;

typedef struct cimc_compile_options {
  size_t struct_bytes; // sizeof(cimc_compile_options)
  const char *input;   // path; names the file in diagnostics
  const char *bytes;   // its contents, followed by a zero byte
  size_t size;
  cimc_emit emit;
  const char *name;        // C symbol; null: from the file's stem
  const char *target;      // null: native
  const char *entry;       // null: the only public function, else main
  const char *passes;      // null: the default pipeline
  const char *print_after; // null: nothing
  bool verify_each;
  bool timing;
  bool verbose;
  int threads; // of the compiler; never changes the output
  // Told the name of each phase as it begins; null: nobody.
  void (*on_phase)(void *user, const char *phase);
  void *on_phase_user;
  cimc_requant requant;
} cimc_compile_options;

// How long each phase took, in nanoseconds.
typedef struct cimc_compile_times {
  long long startup_ns; // the context and dialects
  long long parse_ns;
  long long passes_ns;
  long long codegen_ns;
} cimc_compile_times;

typedef struct cimc_compiled {
  char *data; // owned
  size_t size;
  char **files; // read besides the input (external data); owned
  size_t file_count;
  cimc_compile_times times;
} cimc_compiled;

// Compiles one model. Diagnostics go to stderr. On anything but CIMC_DONE
// *out is empty. Free with cimc_compiled_free.
CIMC_EXPORT cimc_result cimc_compile(const cimc_compile_options *options,
                                     cimc_compiled *out);
CIMC_EXPORT void cimc_compiled_free(cimc_compiled *compiled);

// Tables on stdout: --list-ops, --list-targets, --list-passes,
// --list-devices.
CIMC_EXPORT void cimc_list_ops(void);
CIMC_EXPORT void cimc_list_targets(void);
CIMC_EXPORT void cimc_list_passes(void);
CIMC_EXPORT void cimc_list_devices(void);
// Whether --target=NAME exists.
CIMC_EXPORT bool cimc_target_exists(const char *name);
// The version and what it was built with, e.g. "0.1.0 (LLVM 22.1.8)".
CIMC_EXPORT const char *cimc_version(void);
// What --target=native stands for on this machine (CPU name and features); a
// part of the cache's key. Needs no libMLIR start-up.
CIMC_EXPORT const char *cimc_host_cpu(void);
// Colour of diagnostics: 0 auto, 1 always, 2 never; quiet drops warnings; json
// prints one object a line.
CIMC_EXPORT void cimc_configure(int color, bool quiet, bool json);

#ifdef __cplusplus
}
#endif
#endif
