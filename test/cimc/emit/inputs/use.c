// SPDX-License-Identifier: Apache-2.0
//
// A user's program: prints the descriptor of net.mlir and runs the model.
#include "net.h"

#include <stdalign.h>
#include <stdio.h>

static void print_tensor(const cimrt_tensor_info *tensor) {
  printf("%s dtype %d by_value %d axis %d shape", tensor->name,
         (int)tensor->dtype, (int)tensor->by_value, (int)tensor->channel_axis);
  for (int i = 0; i < tensor->rank; ++i)
    printf(" %ld", (long)tensor->shape[i]);
  for (uint32_t i = 0; i < tensor->scale_count; ++i)
    printf(" scale %g zero_point %d", (double)tensor->scales[i],
           (int)tensor->zero_points[i]);
  printf("\n");
}

int main(void) {
  const cimrt_model *model = &net_model;
  printf("abi %d bytes %d name %s target %s device %s\n",
         (int)model->abi_version, model->struct_bytes == sizeof(*model),
         model->name, model->target, model->device ? model->device : "none");
  printf("features %lx workspace %d state %ld\n",
         (unsigned long)model->cpu_features,
         model->workspace_bytes == NET_WORKSPACE_BYTES,
         (long)model->state_bytes);
  for (uint32_t i = 0; i < model->input_count; ++i)
    print_tensor(&model->inputs[i]);
  for (uint32_t i = 0; i < model->output_count; ++i)
    print_tensor(&model->outputs[i]);
  for (uint32_t i = 0; i < model->layer_count; ++i)
    printf("layer %s %s\n", model->layers[i].name, model->layers[i].op);

  static alignas(64) unsigned char workspace[NET_WORKSPACE_BYTES + 1];
  const uint8_t input[NET_INPUT_0_ELEMENTS] = {130, 120, 140, 128};
  int8_t output[NET_OUTPUT_ELEMENTS] = {0};
  cimrt_status status = net(NULL, input, output, workspace);
  printf("status %d output %d %d\n", (int)status, output[0], output[1]);
  printf("null %d misaligned %d\n", (int)net(NULL, NULL, output, workspace),
         NET_WORKSPACE_BYTES ? (int)net(NULL, input, output, workspace + 1)
                             : (int)CIMRT_MISALIGNED);
  return status == CIMRT_OK ? 0 : 1;
}
