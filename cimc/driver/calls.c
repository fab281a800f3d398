// SPDX-License-Identifier: Apache-2.0
//
// All calls of a run: one after the other, or spread over threads.
#include "cimc/driver/calls.h"

#include "cimc/driver/bench.h"
#include "cimc/driver/progress.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
  THREADS_MAX = 256,
  WORTH_NS = 1000000, // a thread's start costs some 50,000
};

// The calls [first, end), with a workspace of their own.
typedef struct calls_worker {
  const cimc_calls *calls;
  cimc_call call;
  int64_t first;
  int64_t end;
  atomic_llong *done; // calls of all workers
  bool shows;         // progress: the thread that began it
  cimrt_status status;
  pthread_t thread;
  bool started;
} calls_worker;

void cimc_calls_place(const cimc_calls *calls, int64_t index, cimc_call *call) {
  const cimrt_model *model = calls->jit->model;
  for (uint32_t i = 0; i < model->input_count; ++i)
    cimc_call_set_input(call, i,
                        (const char *)calls->inputs->arrays[i].data +
                            calls->inputs->strides[i] * (size_t)index);
  for (uint32_t i = 0; i < model->output_count; ++i)
    cimc_call_set_output(call, i,
                         (char *)calls->outputs[i].data +
                             calls->output_strides[i] * (size_t)index);
}

static void *work(void *user) {
  calls_worker *worker = user;
  long long shown = cimc_bench_now();
  for (int64_t i = worker->first; i < worker->end && !worker->status; ++i) {
    if (worker->shows &&
        cimc_bench_now() - shown > CIMC_PROGRESS_TICK_MS * 1000000LL) {
      shown = cimc_bench_now();
      cimc_progress_tick(NULL, atomic_load(worker->done));
    }
    cimc_calls_place(worker->calls, i, &worker->call);
    worker->status = cimc_call_invoke(&worker->call);
    atomic_fetch_add(worker->done, 1);
  }
  return NULL;
}

// As many threads as there is work for, judged by the first call.
static int choose_threads(const cimc_calls *calls, long long call_ns) {
  int64_t rest = calls->inputs->calls - 1;
  long long worth = call_ns * rest / WORTH_NS;
  int64_t threads = calls->threads < THREADS_MAX ? calls->threads : THREADS_MAX;
  if (threads > worth)
    threads = worth;
  if (threads > rest)
    threads = rest;
  return threads < 1 ? 1 : (int)threads;
}

// Shares [1, calls) out; a thread that cannot be started is done here.
static cimc_result share(const cimc_calls *calls, calls_worker *workers,
                         int count) {
  int64_t rest = calls->inputs->calls - 1;
  cimc_result result = CIMC_DONE;
  for (int i = 0; i < count; ++i) {
    workers[i].calls = calls;
    workers[i].done = workers[0].done;
    workers[i].first = 1 + rest / count * i + rest % count * i / count;
    workers[i].end =
        1 + rest / count * (i + 1) + rest % count * (i + 1) / count;
    if (i > 0 && !cimc_call_prepare(calls->jit, &workers[i].call))
      result = CIMC_INTERNAL;
  }
  for (int i = 1; i < count && !result; ++i)
    workers[i].started =
        pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
  for (int i = 0; i < count && !result; ++i)
    if (!workers[i].started)
      work(&workers[i]);
  for (int i = 1; i < count; ++i) {
    if (workers[i].started)
      pthread_join(workers[i].thread, NULL);
    cimc_call_free(&workers[i].call);
  }
  return result;
}

cimc_result cimc_calls_run(const cimc_calls *calls, cimrt_status *out_status,
                           long long *out_first_ns) {
  atomic_llong done = 0;
  calls_worker workers[THREADS_MAX] = {
      {.calls = calls, .end = 1, .done = &done}};
  *out_status = CIMRT_OK;
  if (!cimc_call_prepare(calls->jit, &workers[0].call))
    return CIMC_INTERNAL;
  long long start = cimc_bench_now();
  work(&workers[0]);
  *out_first_ns = cimc_bench_now() - start;
  cimc_result result = CIMC_DONE;
  int count = choose_threads(calls, *out_first_ns);
  cimc_progress_begin(calls->jit->model->name, calls->inputs->calls);
  workers[0].shows = cimc_progress_is_on();
  if (!workers[0].status)
    result = share(calls, workers, count);
  cimc_progress_end();
  for (int i = 0; i < count && !*out_status; ++i)
    *out_status = workers[i].status;
  cimc_call_free(&workers[0].call);
  return *out_status ? CIMC_INTERNAL : result;
}
