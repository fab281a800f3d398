// SPDX-License-Identifier: Apache-2.0
//
// global_avg_pool2d on NHWC, vectors over channels.
//
// f32: the sum of a channel's pixels in row-major order from 0, divided by
// their number. Quantized: the exact int32 sum of q - zero_point, times one
// multiplier, rounded; ONNX Runtime has this arithmetic for the global pool
// only.
//
// Why so wide: a vector takes as many channels as a register holds elements of
// the operand's storage, so that each load fills one; the sums are then
// several registers, which also hides the latency of the additions.
#include "passes/lower/core/epilogue.h"
#include "passes/lower/core/nest.h"
#include "passes/lower/core/scalars.h"
#include "passes/lower/kernels.h"

typedef struct global_pool {
  cimc_element in, out;
  int64_t images, pixels, channels;
  cimc_scalars scalars;
  MlirValue image, result; // addresses, in the kernel
} global_pool;

static MlirValue first_sum(cimc_build *b, global_pool *p, int64_t lanes) {
  MlirValue zero = p->in.quantized ? p->scalars.argument[p->scalars.next++]
                                   : cimc_build_float(b, b->f32, 0.0f);
  return cimc_sweep_splat(b, zero, lanes);
}

// i32 for a quantized result, else f32.
static MlirValue mean_of(cimc_build *b, global_pool *p, MlirValue sum) {
  if (!p->in.quantized)
    return cimc_build_div(
        b, sum, cimc_build_float(b, mlirValueGetType(sum), (float)p->pixels));
  cimc_scalars *s = &p->scalars;
  MlirValue x = cimc_build_to_float(b, sum);
  x = cimc_build_mul(b, x, cimc_scalars_next(b, s, x));
  MlirValue low = cimc_scalars_next(b, s, x);
  MlirValue high = cimc_scalars_next(b, s, x);
  return cimc_epilogue_quantize(b, x, low, high, cimc_scalars_next(b, s, x));
}

// A block of channels.
static void body(cimc_build *b, MlirValue first, int64_t lanes, void *user) {
  global_pool *p = user;
  int64_t bytes = cimc_storage_bytes(p->in.storage);
  cimc_scalars_rewind(&p->scalars);
  MlirValue from = cimc_sweep_at(b, p->image, first, bytes);
  MlirValue sum = first_sum(b, p, lanes);
  cimc_loop pixel = cimc_build_for(
      b,
      (cimc_range){cimc_build_index(b, 0), cimc_build_index(b, p->pixels), 1},
      1, &sum);
  MlirValue x = cimc_epilogue_load(
      b, p->in.storage, cimc_sweep_at(b, from, pixel.iv, p->channels * bytes),
      lanes, lanes ? lanes : 1);
  sum = cimc_build_add(b, pixel.value[0], x);
  cimc_build_end_for(b, &pixel, &sum);
  cimc_epilogue_store(
      b, p->out.storage, mean_of(b, p, pixel.value[0]),
      cimc_sweep_at(b, p->result, first, cimc_storage_bytes(p->out.storage)),
      lanes ? lanes : 1);
}

static void emit(cimc_build *b, void *user) {
  global_pool *p = user;
  int bytes = cimc_storage_bytes(p->in.storage);
  int64_t out_bytes = cimc_storage_bytes(p->out.storage);
  cimc_scalars_enter(&p->scalars, b, 2);
  cimc_loop image = cimc_build_repeat(b, p->images, 1);
  p->image = cimc_sweep_at(b, cimc_build_argument(b, 0), image.iv,
                           p->pixels * p->channels * bytes);
  p->result = cimc_sweep_at(b, cimc_build_argument(b, 1), image.iv,
                            p->channels * out_bytes);
  cimc_sweep_emit(b, p->channels, cimc_sweep_lanes(b, bytes), body, p);
  cimc_build_end_for(b, &image, NULL);
  cimc_build_return(b, (MlirValue){NULL});
}

// -- The call ----------------------------------------------------------------
// The sum starts at -pixels * zero_point: then the loop adds what is stored.
// The verifier has seen to it that an int32 holds this.
static void add_scalars(global_pool *p, MlirOperation op, cimc_lower *state) {
  cimc_scalars *s = &p->scalars;
  MlirValue result = mlirOperationGetResult(op, 0);
  cimc_scalars_begin(s, state);
  cimc_scalars_pointer(s, mlirOperationGetOperand(op, 0));
  cimc_scalars_pointer(s, result);
  if (!p->in.quantized)
    return;
  float divisor = p->out.scale * (float)p->pixels;
  cimc_clamp clamp =
      cimc_epilogue_clamp(mlirValueGetType(result), cimc_qgemm_bounds(op));
  cimc_scalars_int(s, (int32_t)(-p->pixels * p->in.zero_point));
  cimc_scalars_float(s, p->in.scale / divisor);
  cimc_scalars_float(s, clamp.low);
  cimc_scalars_float(s, clamp.high);
  cimc_scalars_int(s, p->out.zero_point);
}

MlirLogicalResult cimc_global_pool_lower(cimc_lower *state, MlirOperation op) {
  MlirType from = mlirValueGetType(mlirOperationGetOperand(op, 0));
  MlirType to = mlirValueGetType(mlirOperationGetResult(op, 0));
  cimc_shape shape = {0};
  CIMC_TRY(cimc_scalars_check(op));
  cimc_ir_tensor_shape(from, &shape);
  global_pool p = {.in = cimc_qgemm_element(from),
                   .out = cimc_qgemm_element(to),
                   .images = shape.dim[0],
                   .pixels = shape.dim[1] * shape.dim[2],
                   .channels = shape.dim[3]};
  char key[CIMC_KERNEL_KEY_MAX] = "";
  cimc_key_append(key, sizeof(key), "global_avgpool_%lldx%lldx%lld_%s_%s",
                  (long long)p.images, (long long)p.pixels,
                  (long long)p.channels, cimc_key_storage(p.in.storage),
                  cimc_key_storage(p.out.storage));
  add_scalars(&p, op, state);
  return cimc_scalars_call(
      &p.scalars, op,
      &(cimc_scalars_kernel){
          .key = key, .noalias = true, .emit = emit, .user = &p});
}
