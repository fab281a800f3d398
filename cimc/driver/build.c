// SPDX-License-Identifier: Apache-2.0
//
// One compile as the command asks for it: from the cache, or by the child.
#include "cimc/driver/build.h"

#include "cimc/driver/bench.h"
#include "cimc/driver/library.h"
#include "cimc/driver/link.h"
#include "dialect/diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// -- Names -----------------------------------------------------------------

// The file's name without folder and suffix; "model" for standard input.
static char *stem_of(const char *input) {
  if (strcmp(input, "-") == 0)
    return strdup("model");
  const char *slash = strrchr(input, '/');
  const char *start = slash ? slash + 1 : input;
  const char *dot = strrchr(start, '.');
  return dot && dot != start ? strndup(start, (size_t)(dot - start))
                             : strdup(start);
}

char *cimc_build_output_path(const cimc_options *options) {
  if (options->output)
    return strdup(options->output);
  bool shared = options->emit == (int)CIMC_EMIT_SHARED;
  if (options->emit != (int)CIMC_EMIT_OBJ && !shared)
    return strdup("-");
  char *stem = stem_of(options->input);
  char *path = NULL;
  if (stem && asprintf(&path, "%s.%s", stem, shared ? "so" : "o") < 0)
    path = NULL;
  free(stem);
  return path;
}

// -- Compiling -------------------------------------------------------------

int cimc_build_threads(const cimc_options *options) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  if (options->threads)
    return options->threads;
  return cores < 1 ? 1 : cores > 256 ? 256 : (int)cores;
}

// A shared library is linked here, from the object.
static cimc_emit compiled_emit(const cimc_options *options) {
  return options->emit == (int)CIMC_EMIT_SHARED ? CIMC_EMIT_OBJ
                                                : (cimc_emit)options->emit;
}

static cimc_result link_library(const cimc_options *options,
                                cimc_child_output *output) {
  const char *path = options->output;
  const char *slash = path ? strrchr(path, '/') : NULL;
  const char *name = slash ? slash + 1 : path;
  bool is_named = name && *name && strcmp(name, "-") != 0;
  cimc_options_say(options, "link a shared library");
  return cimc_link_shared(&output->data, &output->size, is_named ? name : NULL);
}

static cimc_child_job make_job(const cimc_options *options,
                               const cimc_file *input, char **argv) {
  return (cimc_child_job){
      .compile = {.struct_bytes = sizeof(cimc_compile_options),
                  .input = options->input,
                  .bytes = input->bytes,
                  .size = input->size,
                  .emit = compiled_emit(options),
                  .name = options->name,
                  .target = options->target,
                  .entry = options->entry,
                  .passes = options->passes,
                  .print_after = options->print_after,
                  .verify_each = options->verify_each,
                  .timing = options->timing,
                  .verbose = options->verbose,
                  .requant = (cimc_requant)options->requant,
                  .threads = cimc_build_threads(options)},
      // The child writes into a pipe: whether that ends at a terminal is known
      // here only.
      .color =
          (int)(cimc_diag_uses_color() ? CIMC_COLOR_ALWAYS : CIMC_COLOR_NEVER),
      .quiet = options->quiet,
      .json = options->diagnostics == 1,
      .argv = argv,
  };
}

// A hit shows nothing of the passes, so what prints them compiles anew, as
// does --bench, which shows how long that takes.
static bool may_look_up(const cimc_options *options) {
  return !options->print_after && !options->timing && !options->verify_each &&
         !options->bench.given;
}

// What was said besides warnings must not be repeated by a later hit.
static bool may_store(const cimc_options *options) {
  return !options->print_after && !options->timing && !options->verbose;
}

static cimc_result compile(const cimc_options *options,
                           const cimc_child_job *job, cimc_build *out) {
  cimc_cache cache;
  const char *why = NULL;
  long long start = cimc_bench_now();
  cimc_cache_open(options->cache, job, &cache, &why);
  if (why)
    cimc_options_say(options, "the cache is off: %s", why);
  if (may_look_up(options))
    out->cached = cimc_cache_lookup(&cache, &out->output);
  out->cache_ns = cimc_bench_now() - start;
  cimc_result result = CIMC_DONE;
  if (out->cached) {
    cimc_options_say(options, "compiled before: %s", cache.path);
    fputs(out->output.messages, stderr);
  } else {
    cimc_options_say(options, "compile %s", options->input);
    result = cimc_child_compile(job, &out->output);
  }
  if (result == CIMC_DONE && !out->cached && may_store(options)) {
    why = cimc_cache_store(&cache, &out->output);
    if (why)
      cimc_options_say(options, "not kept in the cache: %s", why);
  }
  cimc_cache_close(&cache);
  return result;
}

cimc_result cimc_build_model(const cimc_options *options,
                             const cimc_file *input, char **argv,
                             cimc_build *out) {
  *out = (cimc_build){0};
  cimc_child_job job = make_job(options, input, argv);
  cimc_result result = compile(options, &job, out);
  if (result == CIMC_DONE && options->emit == (int)CIMC_EMIT_SHARED)
    result = link_library(options, &out->output);
  if (result != CIMC_DONE)
    cimc_build_free(out);
  else
    cimc_options_say(options, "%s: %zu bytes",
                     cimc_options_emit_name((cimc_emit)options->emit),
                     out->output.size);
  return result;
}

void cimc_build_free(cimc_build *build) {
  cimc_child_free(&build->output);
  *build = (cimc_build){0};
}

// -- -### ------------------------------------------------------------------

cimc_result cimc_build_explain(const cimc_options *options) {
  const char *library = cimc_library_path();
  char *path = library ? cimc_build_output_path(options) : NULL;
  if (!path)
    return CIMC_INTERNAL;
  printf("read     %s\n", options->input);
  if (!options->cache || strcmp(options->cache, "off") != 0)
    printf("look up  %s\n",
           options->cache ? options->cache : "the default cache");
  printf("load     %s\n", library);
  printf("compile  name=%s target=%s passes=%s emit=%s\n",
         options->name ? options->name : "from the input",
         options->target ? options->target : "native",
         options->passes ? options->passes : "default",
         cimc_options_emit_name((cimc_emit)options->emit));
  if (options->run)
    printf("link     in memory\ncall     on %d threads at most\n",
           cimc_build_threads(options));
  else
    printf("%swrite    %s\n",
           options->emit == (int)CIMC_EMIT_SHARED ? "link     by lld or cc\n"
                                                  : "",
           path);
  free(path);
  return CIMC_DONE;
}
