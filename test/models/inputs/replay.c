// SPDX-License-Identifier: Apache-2.0
//
// Calls a compiled model once for each input in a file, on any target:
//
//   replay INPUTS OUTPUTS
//
// The files hold the raw elements of one call after the other. The model is
// compiled with --name=net and has one input and one output. The exit code is
// the model's status, else one of the codes below. Nothing but the C library is
// used, so that it also runs on a bare board with semihosting.
#include "net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 64, STALE = 0xa5, BAD_FILE = 100, OVERRUN = 101 };

// The workspace is full of old values: a model may not count on zeros.
static _Alignas(
    CIMRT_WORKSPACE_ALIGNMENT) unsigned char workspace[NET_WORKSPACE_BYTES +
                                                       GUARD];

// Memory for one tensor and GUARD bytes behind it.
static unsigned char *tensor_new(const cimrt_tensor_info *info, size_t *bytes) {
  if (cimrt_model_tensor_bytes(info, bytes) != CIMRT_OK)
    exit(BAD_FILE);
  unsigned char *memory = malloc(*bytes + GUARD);
  if (memory == NULL)
    exit(BAD_FILE);
  return memory;
}

static int is_stale(const unsigned char *guard) {
  for (int i = 0; i < GUARD; ++i)
    if (guard[i] != STALE)
      return 0;
  return 1;
}

static int replay(FILE *inputs, FILE *outputs) {
  size_t in_bytes, out_bytes;
  unsigned char *in = tensor_new(&net_model.inputs[0], &in_bytes);
  unsigned char *out = tensor_new(&net_model.outputs[0], &out_bytes);
  int status = CIMRT_OK;
  while (status == CIMRT_OK && fread(in, 1, in_bytes, inputs) == in_bytes) {
    memset(workspace, STALE, sizeof workspace);
    memset(out, STALE, out_bytes + GUARD);
    status = (int)net(NULL, (void *)in, (void *)out, workspace);
    if (!is_stale(out + out_bytes) ||
        !is_stale(workspace + NET_WORKSPACE_BYTES))
      status = OVERRUN;
    if (status == CIMRT_OK && fwrite(out, 1, out_bytes, outputs) != out_bytes)
      status = BAD_FILE;
  }
  free(out);
  free(in);
  return status;
}

int main(int argc, char **argv) {
  FILE *inputs = argc > 2 ? fopen(argv[1], "rb") : NULL;
  FILE *outputs = argc > 2 ? fopen(argv[2], "wb") : NULL;
  if (inputs == NULL || outputs == NULL)
    return BAD_FILE;
  int status = replay(inputs, outputs);
  // cimrt_model_check must say what the call said.
  if (status <= CIMRT_UNSUPPORTED_CPU &&
      status != (int)cimrt_model_check(&net_model))
    status = BAD_FILE;
  fclose(inputs);
  return fclose(outputs) == 0 ? status : BAD_FILE;
}
