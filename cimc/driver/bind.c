// SPDX-License-Identifier: Apache-2.0
//
// Files for a model's inputs and outputs: which goes where, and do they fit.
#include "cimc/driver/bind.h"

#include "cimc/driver/call.h"
#include "cimc/driver/element.h"
#include "cimc/driver/file.h"
#include "dialect/diag.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Read whole and then copied: both within 2 GiB.
static const size_t array_bytes_max = (size_t)960 << 20;

// One side of a model, and what its options are called.
typedef struct bind_side {
  const char *option; // "--input"
  const char *word;   // "input"
  const cimrt_tensor_info *tensors;
  uint32_t count;
} bind_side;

void cimc_bind_print_shape(const int64_t *shape, int rank, char *out,
                           size_t size) {
  size_t used = (size_t)snprintf(out, size, "[");
  for (int i = 0; i < rank && used < size; ++i)
    used += (size_t)snprintf(out + used, size - used, "%s%" PRId64,
                             i ? ", " : "", shape[i]);
  if (used < size)
    snprintf(out + used, size - used, "]");
}

// -- Which file for which tensor -------------------------------------------

static cimc_result report_name(const bind_side *side, const char *name,
                               size_t length) {
  cimc_diag_error(NULL, "%s: the model has no %s named '%.*s'; expected one of",
                  side->option, side->word, (int)length, name);
  for (uint32_t i = 0; i < side->count; ++i)
    cimc_diag_note("%s %u: '%s'", side->word, i, side->tensors[i].name);
  return CIMC_WRONG_INPUT;
}

// The tensor named before a '=' of `value`; its count when none is. Names may
// hold a '=' themselves, as paths may.
static uint32_t find_named(const bind_side *side, const char *value,
                           const char **out_path) {
  for (uint32_t i = 0; i < side->count; ++i) {
    size_t length = strlen(side->tensors[i].name);
    if (strncmp(value, side->tensors[i].name, length) == 0 &&
        value[length] == '=') {
      *out_path = value + length + 1;
      return i;
    }
  }
  return side->count;
}

// NAME=FILE with a NAME that is not there, rather than a path with a '='.
static bool looks_named(const char *value) {
  const char *equals = strchr(value, '=');
  return equals && *value != '/' && *value != '.' && access(value, F_OK) != 0;
}

static cimc_result assign_one(const bind_side *side, const char *value,
                              uint32_t *position, const char **paths) {
  const char *path = value;
  uint32_t index = find_named(side, value, &path);
  if (index == side->count) {
    if (looks_named(value))
      return report_name(side, value, strcspn(value, "="));
    index = (*position)++;
  }
  if (index >= side->count) {
    cimc_diag_error(NULL, "%s=%s: one too many; the model has %u %s%s",
                    side->option, value, side->count, side->word,
                    side->count == 1 ? "" : "s");
    return CIMC_WRONG_INPUT;
  }
  if (paths[index]) {
    cimc_diag_error(NULL, "%s: '%s' is given twice, as %s and %s", side->option,
                    side->tensors[index].name, paths[index], path);
    return CIMC_WRONG_INPUT;
  }
  paths[index] = path;
  return CIMC_DONE;
}

static cimc_result assign(const bind_side *side, const cimc_option_list *list,
                          const char **paths) {
  uint32_t position = 0;
  for (int i = 0; i < list->count; ++i) {
    cimc_result result = assign_one(side, list->value[i], &position, paths);
    if (result)
      return result;
  }
  return CIMC_DONE;
}

cimc_result cimc_bind_outputs(const cimc_options *options,
                              const cimrt_model *model,
                              const char **out_paths) {
  bind_side side = {.option = "--output",
                    .word = "output",
                    .tensors = model->outputs,
                    .count = model->output_count};
  return assign(&side, &options->outputs, out_paths);
}

// -- Does it fit -----------------------------------------------------------

static bool read_array(const char *path, cimc_npy *out) {
  cimc_file file;
  if (!cimc_file_read(path, array_bytes_max, &file))
    return false;
  bool good = cimc_npy_parse(path, file.bytes, file.size, out);
  cimc_file_free(&file);
  return good;
}

static cimc_result check_dtype(const cimc_options *options, const char *path,
                               const cimrt_tensor_info *input,
                               cimc_npy *array) {
  cimrt_dtype wanted = (cimrt_dtype)input->dtype;
  if (array->dtype == wanted)
    return CIMC_DONE;
  if (!options->cast) {
    cimc_diag_error(path, "found %s; input '%s' expects %s",
                    cimc_dtype_name(array->dtype), input->name,
                    cimc_dtype_name(wanted));
    cimc_diag_note("--cast converts the numbers as they are");
    return CIMC_WRONG_INPUT;
  }
  cimc_npy converted;
  if (!cimc_element_convert(path, array, wanted, &converted)) {
    if (input->scale_count == 1)
      cimc_diag_note("input '%s' is quantized: real = %g * (number - %d)",
                     input->name, (double)input->scales[0],
                     input->zero_points[0]);
    return CIMC_WRONG_INPUT;
  }
  cimc_npy_free(array);
  *array = converted;
  return CIMC_DONE;
}

// How many calls the array is for: the model's shape with that many times the
// rows, or a scalar for each. 0: the shape does not fit.
static int64_t count_calls(const cimrt_tensor_info *input,
                           const cimc_npy *array) {
  if (input->rank == 0)
    return array->rank == 0 ? 1 : array->rank == 1 ? array->shape[0] : 0;
  if (array->rank != input->rank || input->shape[0] <= 0 ||
      array->shape[0] % input->shape[0])
    return 0;
  for (int i = 1; i < array->rank; ++i)
    if (array->shape[i] != input->shape[i])
      return 0;
  return array->shape[0] / input->shape[0];
}

static cimc_result bind_file(const cimc_options *options, const char *path,
                             const cimrt_tensor_info *input, cimc_npy *array,
                             int64_t *out_calls) {
  if (!read_array(path, array))
    return CIMC_WRONG_INPUT;
  *out_calls = count_calls(input, array);
  if (*out_calls == 0) {
    char found[160], wanted[160];
    cimc_bind_print_shape(array->shape, array->rank, found, sizeof found);
    cimc_bind_print_shape(input->shape, input->rank, wanted, sizeof wanted);
    cimc_diag_error(path,
                    "found shape %s; input '%s' expects %s, or a multiple of "
                    "its first dimension",
                    found, input->name, wanted);
    return CIMC_WRONG_INPUT;
  }
  return check_dtype(options, path, input, array);
}

static cimc_result bind_random(uint64_t seed, const cimrt_tensor_info *input,
                               uint32_t index, cimc_npy *array) {
  size_t elements = 0;
  *array = (cimc_npy){.dtype = (cimrt_dtype)input->dtype, .rank = input->rank};
  if (cimc_call_tensor_bytes(input, &elements, &array->bytes))
    array->data = malloc(array->bytes ? array->bytes : 1);
  if (!array->data) {
    cimc_diag_error(NULL,
                    "not enough memory for input '%s' of %zu bytes; expected "
                    "a model whose tensors fit this machine",
                    input->name, array->bytes);
    return CIMC_WRONG_INPUT;
  }
  cimc_element_random(array->dtype, array->data, elements, seed, index);
  return CIMC_DONE;
}

static cimc_result report_missing(const bind_side *side, uint32_t index) {
  const cimrt_tensor_info *input = &side->tensors[index];
  char shape[160];
  cimc_bind_print_shape(input->shape, input->rank, shape, sizeof shape);
  cimc_diag_error(NULL,
                  "no value for input '%s' (%s %s); expected --input=%s=FILE."
                  "npy or --random-inputs=SEED",
                  input->name, cimc_dtype_name((cimrt_dtype)input->dtype),
                  shape, input->name);
  return CIMC_WRONG_INPUT;
}

static cimc_result bind_one(const cimc_options *options, const bind_side *side,
                            const char *path, uint32_t index, cimc_bind *out) {
  const cimrt_tensor_info *input = &side->tensors[index];
  cimc_npy *array = &out->arrays[index];
  bool random = options->random_inputs.given || options->bench.given;
  if (!path)
    return random
               ? bind_random(options->random_inputs.value, input, index, array)
               : report_missing(side, index);
  int64_t calls = 0;
  cimc_result result = bind_file(options, path, input, array, &calls);
  if (result)
    return result;
  if (calls > 1)
    out->strides[index] = array->bytes / (size_t)calls;
  if (calls > 1 && out->calls > 1 && calls != out->calls) {
    cimc_diag_error(path,
                    "rows for %" PRId64 " calls, but another input has them "
                    "for %" PRId64 "; expected as many, or one",
                    calls, out->calls);
    return CIMC_WRONG_INPUT;
  }
  if (calls > out->calls)
    out->calls = calls;
  return CIMC_DONE;
}

static cimc_result bind_all(const cimc_options *options, const bind_side *side,
                            const char **paths, cimc_bind *out) {
  cimc_result result = assign(side, &options->inputs, paths);
  for (uint32_t i = 0; i < side->count && !result; ++i)
    result = bind_one(options, side, paths[i], i, out);
  return result;
}

cimc_result cimc_bind_inputs(const cimc_options *options,
                             const cimrt_model *model, cimc_bind *out) {
  bind_side side = {.option = "--input",
                    .word = "input",
                    .tensors = model->inputs,
                    .count = model->input_count};
  *out = (cimc_bind){.count = side.count, .calls = 1};
  const char **paths = calloc(side.count + 1, sizeof *paths);
  out->arrays = calloc(side.count + 1, sizeof *out->arrays);
  out->strides = calloc(side.count + 1, sizeof *out->strides);
  cimc_result result = CIMC_INTERNAL;
  if (paths && out->arrays && out->strides)
    result = bind_all(options, &side, paths, out);
  free(paths);
  if (result)
    cimc_bind_free(out);
  return result;
}

void cimc_bind_free(cimc_bind *bind) {
  for (uint32_t i = 0; i < bind->count && bind->arrays; ++i)
    cimc_npy_free(&bind->arrays[i]);
  free(bind->arrays);
  free(bind->strides);
  *bind = (cimc_bind){0};
}
