// SPDX-License-Identifier: Apache-2.0
//
// --run, --labels and --bench: a compiled object, linked in memory and called.
#include "cimc/driver/run.h"

#include "cimc/driver/bench.h"
#include "cimc/driver/bind.h"
#include "cimc/driver/calls.h"
#include "cimc/driver/element.h"
#include "cimc/driver/labels.h"
#include "cimc/driver/output.h"
#include "cimc/import/npy.h"
#include "dialect/diag.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// All that one run needs, released together.
typedef struct run_state {
  const cimc_options *options;
  const cimrt_model *model;
  cimc_jit jit;
  cimc_bind inputs;
  cimc_npy *outputs;  // of all calls, stacked
  size_t *strides;    // bytes an output has of each call
  const char **paths; // of the outputs; null: not written
  long long link_ns;
  long long first_call_ns;
} run_state;

static cimc_calls calls_of(const run_state *run) {
  return (cimc_calls){.jit = &run->jit,
                      .inputs = &run->inputs,
                      .outputs = run->outputs,
                      .output_strides = run->strides,
                      .threads = cimc_build_threads(run->options)};
}

static cimc_result report_status(const run_state *run, cimrt_status status) {
  cimc_diag_error(NULL, "%s returned %d (%s); this is a fault of cimc",
                  run->model->name, (int)status, cimrt_status_name(status));
  return CIMC_INTERNAL;
}

static cimc_result call_all(run_state *run) {
  cimc_calls calls = calls_of(run);
  cimrt_status status = CIMRT_OK;
  cimc_result result = cimc_calls_run(&calls, &status, &run->first_call_ns);
  return status == CIMRT_OK ? result : report_status(run, status);
}

// -- Outputs ---------------------------------------------------------------

// The shape of N calls' outputs: N times the rows where the output has the
// model's batch, else a new first dimension.
static void stack_shape(const run_state *run, const cimrt_tensor_info *output,
                        cimc_npy *array) {
  const cimrt_model *model = run->model;
  int64_t calls = run->inputs.calls;
  array->rank = output->rank;
  for (int i = 0; i < output->rank && i < CIMC_NPY_RANK_MAX; ++i)
    array->shape[i] = output->shape[i];
  bool has_batch = output->rank > 0 && model->input_count > 0 &&
                   model->inputs[0].rank > 0 &&
                   model->inputs[0].shape[0] == output->shape[0];
  if (calls == 1)
    return;
  if (has_batch || output->rank == CIMC_NPY_RANK_MAX) {
    array->shape[0] *= calls;
    return;
  }
  memmove(array->shape + 1, array->shape,
          (CIMC_NPY_RANK_MAX - 1) * sizeof array->shape[0]);
  array->shape[0] = calls;
  ++array->rank;
}

static bool make_output(run_state *run, uint32_t index) {
  const cimrt_tensor_info *output = &run->model->outputs[index];
  cimc_npy *array = &run->outputs[index];
  size_t elements = 0;
  *array = (cimc_npy){.dtype = (cimrt_dtype)output->dtype};
  stack_shape(run, output, array);
  if (output->rank <= CIMC_NPY_RANK_MAX &&
      cimc_call_tensor_bytes(output, &elements, &run->strides[index]) &&
      !__builtin_mul_overflow(run->strides[index], (size_t)run->inputs.calls,
                              &array->bytes))
    array->data = aligned_alloc(64, (array->bytes / 64 + 1) * 64);
  if (array->data)
    return true;
  cimc_diag_error(NULL,
                  "not enough memory for output '%s' of %" PRId64 " calls",
                  output->name, run->inputs.calls);
  return false;
}

static bool make_outputs(run_state *run) {
  uint32_t count = run->model->output_count;
  run->outputs = calloc(count + 1, sizeof *run->outputs);
  run->strides = calloc(count + 1, sizeof *run->strides);
  run->paths = calloc(count + 1, sizeof *run->paths);
  if (!run->outputs || !run->strides || !run->paths)
    return false;
  for (uint32_t i = 0; i < count; ++i)
    if (!make_output(run, i))
      return false;
  return true;
}

// All are staged before the first appears.
static cimc_result write_staged(const run_state *run, cimc_output *staged,
                                void **texts) {
  uint32_t count = run->model->output_count;
  for (uint32_t i = 0; i < count; ++i) {
    size_t size = 0;
    if (!run->paths[i])
      continue;
    if (!cimc_npy_format(&run->outputs[i], &texts[i], &size))
      return CIMC_INTERNAL;
    int error = cimc_output_stage(run->paths[i], texts[i], size, &staged[i]);
    if (error) {
      cimc_output_report(run->paths[i], error);
      return CIMC_WRONG_INPUT;
    }
  }
  for (uint32_t i = 0; i < count; ++i) {
    int error = run->paths[i] ? cimc_output_commit(&staged[i]) : 0;
    if (error) {
      cimc_output_report(run->paths[i], error);
      return CIMC_WRONG_INPUT;
    }
  }
  return CIMC_DONE;
}

static cimc_result write_outputs(const run_state *run) {
  uint32_t count = run->model->output_count;
  cimc_output *staged = calloc(count + 1, sizeof *staged);
  void **texts = calloc(count + 1, sizeof *texts);
  cimc_result result = CIMC_INTERNAL;
  for (uint32_t i = 0; i < count && staged; ++i)
    staged[i].descriptor = -1;
  if (staged && texts)
    result = write_staged(run, staged, texts);
  for (uint32_t i = 0; i < count && staged && texts; ++i) {
    cimc_output_discard(&staged[i]);
    free(texts[i]);
  }
  free(staged);
  free(texts);
  return result;
}

// -- What is printed -------------------------------------------------------

static void print_output(const cimrt_tensor_info *output,
                         const cimc_npy *array) {
  enum { SHOWN_MAX = 10 };
  char shape[160];
  size_t count = array->bytes / cimc_dtype_bytes(array->dtype);
  size_t shown = count < SHOWN_MAX ? count : SHOWN_MAX;
  cimc_bind_print_shape(array->shape, array->rank, shape, sizeof shape);
  printf("%s: %s %s\n ", output->name, cimc_dtype_name(array->dtype), shape);
  for (size_t i = 0; i < shown; ++i) {
    if (cimc_element_is_integer(array->dtype))
      printf(" %" PRId64, cimc_element_integer(array->dtype, array->data, i));
    else
      printf(" %.7g", cimc_element_real(array->dtype, array->data, i));
  }
  printf("%s\n", shown < count ? " ..." : "");
}

static void print_summary(const run_state *run) {
  int64_t calls = run->inputs.calls;
  printf("%s: %" PRId64 " call%s on %s\n", run->model->name, calls,
         calls == 1 ? "" : "s", run->model->target);
  for (uint32_t i = 0; i < run->model->output_count; ++i)
    print_output(&run->model->outputs[i], &run->outputs[i]);
}

static cimc_result print_labels(const run_state *run) {
  const char *path = run->options->labels;
  if (run->model->output_count == 0) {
    cimc_diag_error(path, "the model has no output to compare labels with");
    return CIMC_WRONG_INPUT;
  }
  cimc_file file;
  cimc_npy labels;
  if (!cimc_file_read(path, (size_t)1 << 30, &file))
    return CIMC_WRONG_INPUT;
  bool good = cimc_npy_parse(path, file.bytes, file.size, &labels);
  cimc_file_free(&file);
  if (!good)
    return CIMC_WRONG_INPUT;
  int64_t rows = run->outputs[0].rank ? run->outputs[0].shape[0] : 1;
  good = cimc_labels_print(path, &labels, &run->outputs[0], rows);
  cimc_npy_free(&labels);
  return good ? CIMC_DONE : CIMC_WRONG_INPUT;
}

static cimrt_status call_again(void *call) { return cimc_call_invoke(call); }

static cimc_result print_bench(const run_state *run, const cimc_build *build) {
  const cimc_compile_times *times = &build->output.times;
  cimc_calls calls = calls_of(run);
  cimc_call call;
  if (!cimc_call_prepare(&run->jit, &call))
    return CIMC_INTERNAL;
  cimc_calls_place(&calls, 0, &call);
  cimc_result result =
      cimc_bench_run(call_again, &call, run->options->bench.value);
  cimc_call_free(&call);
  if (result)
    return result;
  cimc_bench_print_cold(
      &(cimc_bench_cold){.load_ns = build->output.load_ns + times->startup_ns,
                         .parse_ns = times->parse_ns,
                         .passes_ns = times->passes_ns,
                         .codegen_ns = times->codegen_ns,
                         .link_ns = run->link_ns,
                         .first_call_ns = run->first_call_ns});
  return CIMC_DONE;
}

// -- The whole -------------------------------------------------------------

static cimc_result run_all(run_state *run, const cimc_build *build) {
  long long start = cimc_bench_now();
  cimc_result result =
      cimc_jit_link(build->output.data, build->output.size, &run->jit);
  run->link_ns = cimc_bench_now() - start;
  if (result)
    return result;
  run->model = run->jit.model;
  cimc_options_say(run->options, "linked in memory for %s", run->model->target);
  result = cimc_bind_inputs(run->options, run->model, &run->inputs);
  if (result)
    return result;
  if (!make_outputs(run))
    return CIMC_WRONG_INPUT;
  result = cimc_bind_outputs(run->options, run->model, run->paths);
  if (!result)
    result = call_all(run);
  if (!result && run->options->labels)
    result = print_labels(run);
  if (!result && run->options->outputs.count)
    result = write_outputs(run);
  if (!result && run->options->bench.given)
    result = print_bench(run, build);
  else if (!result && !run->options->outputs.count && !run->options->labels)
    print_summary(run);
  return result;
}

cimc_result cimc_run_model(const cimc_options *options,
                           const cimc_build *build) {
  run_state run = {.options = options};
  cimc_result result = run_all(&run, build);
  for (uint32_t i = 0; run.outputs && i < run.model->output_count; ++i)
    cimc_npy_free(&run.outputs[i]);
  free(run.outputs);
  free(run.strides);
  free(run.paths);
  cimc_bind_free(&run.inputs);
  cimc_jit_free(&run.jit);
  return result;
}
