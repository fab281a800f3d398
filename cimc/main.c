// SPDX-License-Identifier: Apache-2.0
//
// The command cimc: argv to options, then compile, run or list.
#include "cimc/driver/build.h"
#include "cimc/driver/library.h"
#include "cimc/driver/option_text.h"
#include "cimc/driver/output.h"
#include "cimc/driver/run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A model in one file; larger weights belong into ONNX external data.
static const size_t input_bytes_max = (size_t)1 << 30;

// What needs the compiler's library but no input.
static cimc_result list(const cimc_options *options) {
  cimc_library library = {0};
  if (!cimc_library_load(&library))
    return CIMC_INTERNAL;
  if (options->version)
    printf("cimc %s\n", library.version());
  if (options->list_ops)
    library.list_ops();
  if (options->list_targets)
    library.list_targets();
  if (options->list_devices)
    library.list_devices();
  if (options->list_passes)
    library.list_passes();
  return CIMC_DONE;
}

static bool is_same_file(const char *a, const char *b) {
  struct stat first, second;
  return stat(a, &first) == 0 && stat(b, &second) == 0 &&
         S_ISREG(first.st_mode) && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

static cimc_result check_output(const cimc_options *options, const char *path) {
  if (strcmp(path, "-") != 0 && is_same_file(options->input, path)) {
    cimc_diag_error(path, "this is the input; expected another output file");
    return CIMC_WRONG_USAGE;
  }
  bool binary = options->emit == (int)CIMC_EMIT_OBJ ||
                options->emit == (int)CIMC_EMIT_SHARED;
  if (strcmp(path, "-") == 0 && binary && isatty(STDOUT_FILENO)) {
    cimc_diag_error(NULL, "an object is not for a terminal; expected -o FILE");
    return CIMC_WRONG_USAGE;
  }
  return CIMC_DONE;
}

static cimc_result compile_to(const cimc_options *options,
                              const cimc_file *input, char **argv,
                              const char *path) {
  cimc_build build;
  cimc_result result = check_output(options, path);
  if (!result)
    result = cimc_build_model(options, input, argv, &build);
  if (result)
    return result;
  if (!cimc_output_write(path, build.output.data, build.output.size))
    result = CIMC_WRONG_INPUT;
  else
    cimc_options_say(options, "wrote %s", path);
  cimc_build_free(&build);
  return result;
}

static cimc_result compile(const cimc_options *options, const cimc_file *input,
                           char **argv) {
  char *path = cimc_build_output_path(options);
  cimc_result result =
      path ? compile_to(options, input, argv, path) : CIMC_INTERNAL;
  free(path);
  return result;
}

static cimc_result run(const cimc_options *options, const cimc_file *input,
                       char **argv) {
  cimc_build build;
  cimc_result result = cimc_build_model(options, input, argv, &build);
  if (result)
    return result;
  result = cimc_run_model(options, &build);
  cimc_build_free(&build);
  return result;
}

static cimc_result work(const cimc_options *options, char **argv) {
  cimc_file input;
  if (!cimc_file_read(options->input, input_bytes_max, &input))
    return CIMC_WRONG_INPUT;
  if (strcmp(options->input, "-") == 0)
    cimc_diag_set_source("<stdin>", input.bytes, input.size);
  cimc_options_say(options, "read %s: %zu bytes", options->input, input.size);
  cimc_result result = options->run ? run(options, &input, argv)
                                    : compile(options, &input, argv);
  cimc_file_free(&input);
  return result;
}

// Text on standard output may meet a full disk only here.
static cimc_result finish(cimc_result result) {
  if (fflush(stdout) == 0 && !ferror(stdout))
    return result;
  if (result == CIMC_DONE)
    cimc_diag_error("<stdout>", "cannot be written; is the disk full?");
  return result == CIMC_DONE ? CIMC_WRONG_INPUT : result;
}

int main(int argc, char **argv) {
  cimc_options options;
  signal(SIGXFSZ, SIG_IGN); // a file at its limit is an error of write
  cimc_result result = cimc_options_parse(argc, argv, &options);
  if (result)
    return (int)result;
  if (options.help)
    cimc_option_text_help();
  else if (options.man)
    cimc_option_text_man();
  else if (options.completion)
    cimc_option_text_completion();
  else if (cimc_options_only_print(&options))
    result = list(&options);
  else if (options.dry_run)
    result = cimc_build_explain(&options);
  else
    result = work(&options, argv);
  return (int)finish(result);
}
