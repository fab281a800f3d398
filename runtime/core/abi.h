// SPDX-License-Identifier: Apache-2.0
//
// The schema that compiled objects and the runtime share: versioned, C11 and
// C++, sizes asserted. Generated code calls nothing that is not declared here
// (and memcpy/memset).
#ifndef CIMRT_CORE_ABI_H
#define CIMRT_CORE_ABI_H

#include "runtime/core/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CIMRT_ABI_VERSION 1u
// Every workspace must be aligned to this many bytes.
#define CIMRT_WORKSPACE_ALIGNMENT 64u

// Element types of a tensor at the model's boundary.
typedef enum cimrt_dtype {
  CIMRT_F32 = 0,
  CIMRT_I8 = 1,
  CIMRT_U8 = 2,
  CIMRT_I16 = 3,
  CIMRT_U16 = 4,
  CIMRT_I32 = 5,
  CIMRT_I64 = 6,
  CIMRT_BOOL = 7,
  CIMRT_F16 = 8,
  CIMRT_F64 = 9,
} cimrt_dtype;

// CPU features an object may need, as bits of cimrt_model.cpu_features.
#define CIMRT_CPU_SSE41 (UINT64_C(1) << 0)
#define CIMRT_CPU_AVX2_FMA (UINT64_C(1) << 1) // the whole of x86-64-v3
#define CIMRT_CPU_AVX512 (UINT64_C(1) << 2)   // the whole of x86-64-v4
#define CIMRT_CPU_AVX512_VNNI (UINT64_C(1) << 3)
#define CIMRT_CPU_NEON (UINT64_C(1) << 4) // 32-bit: VFPv4 and division too
#define CIMRT_CPU_DOTPROD (UINT64_C(1) << 5)
#define CIMRT_CPU_ARM_DSP (UINT64_C(1) << 6)

// One input or output. Shapes are in elements, C order; a scalar passed by
// value has rank 0 and by_value 1. scale_count is 0 for a plain tensor, 1 for
// per-tensor quantization: real = scale * (q - zero_point).
typedef struct cimrt_tensor_info {
  const char *name;
  const int64_t *shape;
  const float *scales;
  const int32_t *zero_points;
  uint32_t scale_count;
  int32_t channel_axis; // -1 when per tensor
  uint8_t dtype;        // cimrt_dtype
  uint8_t rank;
  uint8_t by_value;
  uint8_t reserved[5];
} cimrt_tensor_info;

// One step of the model, in the order it runs: what the stage hook counts.
typedef struct cimrt_layer_info {
  const char *name; // the node's name in the source model
  const char *op;   // the qgemm op, e.g. "conv2d"
} cimrt_layer_info;

// NAME_model, one per object; const data only.
typedef struct cimrt_model {
  uint32_t abi_version; // CIMRT_ABI_VERSION of the compiler
  uint32_t struct_bytes;
  const char *name;   // the C symbol of the entry function
  const char *target; // the --target it was compiled for
  const char *device; // the accelerator's name, or null: plain CPU
  const cimrt_tensor_info *inputs;
  const cimrt_tensor_info *outputs;
  const cimrt_layer_info *layers;
  uint32_t input_count;
  uint32_t output_count;
  uint32_t layer_count;
  uint32_t reserved;
  uint64_t cpu_features; // CIMRT_CPU_* bits the code needs
  uint64_t workspace_bytes;
  uint64_t state_bytes;
} cimrt_model;

typedef enum cimrt_stage_phase {
  CIMRT_STAGE_BEGIN = 0,
  CIMRT_STAGE_END = 1,
} cimrt_stage_phase;

// Called before and after each layer (DVFS, profiling). Anything but CIMRT_OK
// stops the model and is returned to the caller.
typedef cimrt_status (*cimrt_stage_fn)(void *user, uint32_t layer,
                                       cimrt_stage_phase phase);

struct cimrt_thread_pool;
struct cimrt_device_ops;

// What a call needs that is not in the object. All zero but the version and
// struct_bytes is a plain CPU on one thread; a null context means the same.
typedef struct cimrt_context {
  uint32_t abi_version; // CIMRT_ABI_VERSION of the caller
  uint32_t struct_bytes;
  struct cimrt_thread_pool *threads;
  const struct cimrt_device_ops *device;
  void *device_user;
  uint64_t seed;
  uint64_t trial;
  cimrt_stage_fn stage;
  void *stage_user;
  void *state; // state_bytes of the model, kept by the caller between calls
} cimrt_context;

// -- What generated code calls ---------------------------------------------

// 1 when this CPU has every feature in `features` (and the operating system
// saves its registers), else 0. Honours the environment variable CIMC_ISA on a
// hosted build. Cheap: detection happens once.
int32_t cimrt_cpu_has(uint64_t features);

// Checks a context before the first kernel: CIMRT_OK, or CIMRT_VERSION. A null
// context is fine.
cimrt_status cimrt_context_check(const cimrt_context *context);

// Calls the context's stage hook, if there is one.
cimrt_status cimrt_stage(const cimrt_context *context, uint32_t layer,
                         uint32_t phase);

#if UINTPTR_MAX == UINT64_MAX
#ifdef __cplusplus
static_assert(sizeof(cimrt_tensor_info) == 48, "ABI: cimrt_tensor_info");
static_assert(sizeof(cimrt_layer_info) == 16, "ABI: cimrt_layer_info");
static_assert(sizeof(cimrt_model) == 96, "ABI: cimrt_model");
static_assert(sizeof(cimrt_context) == 72, "ABI: cimrt_context");
#else
_Static_assert(sizeof(cimrt_tensor_info) == 48, "ABI: cimrt_tensor_info");
_Static_assert(sizeof(cimrt_layer_info) == 16, "ABI: cimrt_layer_info");
_Static_assert(sizeof(cimrt_model) == 96, "ABI: cimrt_model");
_Static_assert(sizeof(cimrt_context) == 72, "ABI: cimrt_context");
#endif
#endif

#ifdef __cplusplus
}
#endif
#endif
