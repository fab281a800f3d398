// SPDX-License-Identifier: Apache-2.0
//
// reduce_mean: see reduce.h.
//
// For each result: the f32 sum of the (dequantized) elements in their order in
// memory from 0, divided by their number. That order is fixed by what ONNX
// Runtime computes; so where the innermost axis is reduced the sum is a chain
// of scalars, else vectors run over the innermost axis that is kept.
#include "passes/lower/reduce.h"

#include "passes/lower/epilogue.h"
#include "passes/lower/nest.h"
#include "passes/lower/scalars.h"

// Axes of the operand from outer to inner, neighbours merged.
typedef struct axes {
  int rank;
  int64_t dim[CIMC_RANK_MAX];
  int64_t stride[CIMC_RANK_MAX];
} axes;

typedef struct reduce {
  cimc_element in, out;
  axes kept, reduced;
  float count; // elements in a sum
  cimc_scalars scalars;
  MlirValue from, to; // of the innermost kept axis
} reduce;

static void push(axes *a, int64_t dim, int64_t stride) {
  if (dim == 1)
    return;
  int last = a->rank - 1;
  if (last >= 0 && a->stride[last] == stride * dim) {
    a->dim[last] *= dim;
    a->stride[last] = stride;
    return;
  }
  a->dim[a->rank] = dim;
  a->stride[a->rank++] = stride;
}

// Splits the operand's axes; an empty list gets an axis of 1.
static void split(reduce *r, const cimc_shape *shape, const bool *is_reduced) {
  int64_t stride = cimc_ir_element_count(shape), count = 1;
  for (int i = 0; i < shape->rank; i++) {
    stride /= shape->dim[i];
    push(is_reduced[i] ? &r->reduced : &r->kept, shape->dim[i], stride);
    if (is_reduced[i])
      count *= shape->dim[i];
  }
  axes *lists[] = {&r->kept, &r->reduced};
  for (int i = 0; i < 2; i++)
    if (lists[i]->rank == 0)
      *lists[i] = (axes){.rank = 1, .dim = {1}, .stride = {1}};
  r->count = (float)count;
}

// -- The kernel --------------------------------------------------------------
static MlirValue load(cimc_build *b, reduce *r, MlirValue pointer,
                      int64_t lanes) {
  MlirValue x =
      cimc_epilogue_load(b, r->in.storage, pointer, lanes, lanes ? lanes : 1);
  cimc_scalars_rewind(&r->scalars);
  return cimc_scalars_to_real(b, &r->scalars, &r->in, x);
}

static void mean_body(cimc_build *b, MlirValue first, int64_t lanes,
                      void *user) {
  reduce *r = user;
  int64_t bytes = cimc_storage_bytes(r->in.storage);
  const axes *kept = &r->kept, *reduced = &r->reduced;
  MlirValue pointer =
      cimc_sweep_at(b, r->from, first, kept->stride[kept->rank - 1] * bytes);
  MlirValue sum = cimc_sweep_splat(b, cimc_build_float(b, b->f32, 0.0f), lanes);
  cimc_loop loops[CIMC_RANK_MAX];
  for (int i = 0; i < reduced->rank; i++) {
    loops[i] =
        cimc_build_for(b,
                       (cimc_range){cimc_build_index(b, 0),
                                    cimc_build_index(b, reduced->dim[i]), 1},
                       1, &sum);
    sum = loops[i].value[0];
    pointer =
        cimc_sweep_at(b, pointer, loops[i].iv, reduced->stride[i] * bytes);
  }
  sum = cimc_build_add(b, sum, load(b, r, pointer, lanes));
  for (int i = reduced->rank - 1; i >= 0; i--) {
    cimc_build_end_for(b, &loops[i], &sum);
    sum = loops[i].value[0];
  }
  MlirType type = mlirValueGetType(sum);
  MlirValue mean = cimc_build_div(b, sum, cimc_build_float(b, type, r->count));
  cimc_scalars_rewind(&r->scalars);
  if (r->in.quantized)
    r->scalars.next += 2;
  mean = cimc_scalars_from_real(b, &r->scalars, &r->out, mean);
  MlirValue to =
      cimc_sweep_at(b, r->to, first, cimc_storage_bytes(r->out.storage));
  cimc_epilogue_store(b, r->out.storage, mean, to, lanes ? lanes : 1);
}

static void emit(cimc_build *b, reduce *r) {
  cimc_scalars_enter(&r->scalars, b, 2);
  r->from = cimc_build_argument(b, 0);
  r->to = cimc_build_argument(b, 1);
  const axes *kept = &r->kept;
  int inner = kept->rank - 1;
  int64_t in_bytes = cimc_storage_bytes(r->in.storage);
  int64_t out_stride = cimc_storage_bytes(r->out.storage);
  for (int i = 0; i <= inner; i++)
    out_stride *= kept->dim[i];
  cimc_loop loops[CIMC_RANK_MAX];
  for (int i = 0; i < inner; i++) {
    out_stride /= kept->dim[i];
    loops[i] = cimc_build_repeat(b, kept->dim[i], 1);
    r->from =
        cimc_sweep_at(b, r->from, loops[i].iv, kept->stride[i] * in_bytes);
    r->to = cimc_sweep_at(b, r->to, loops[i].iv, out_stride);
  }
  int64_t lanes = kept->stride[inner] == 1 ? cimc_sweep_lanes(b, 4) : 0;
  cimc_sweep_emit(b, kept->dim[inner], lanes, mean_body, r);
  for (int i = inner - 1; i >= 0; i--)
    cimc_build_end_for(b, &loops[i], NULL);
  cimc_build_return(b, (MlirValue){NULL});
}

// -- The call ----------------------------------------------------------------
// Which axes the op reduces; without the attribute all.
static void read_axes(MlirOperation op, int rank, bool *is_reduced) {
  MlirAttribute list = mlirOperationGetAttributeByName(op, cimc_ir_str("axes"));
  bool given =
      !mlirAttributeIsNull(list) && mlirAttributeIsADenseI64Array(list);
  for (int i = 0; i < rank; i++)
    is_reduced[i] = !given;
  intptr_t count = given ? mlirDenseArrayGetNumElements(list) : 0;
  for (intptr_t i = 0; i < count; i++) {
    int64_t axis = mlirDenseI64ArrayGetElement(list, i);
    axis += axis < 0 ? rank : 0;
    if (axis >= 0 && axis < rank)
      is_reduced[axis] = true;
  }
}

static void append_key(const reduce *r, char *key, size_t size) {
  const axes *lists[] = {&r->kept, &r->reduced};
  for (int k = 0; k < 2; k++) {
    cimc_key_append(key, size, k ? "_by" : "_to");
    for (int i = 0; i < lists[k]->rank; i++)
      cimc_key_append(key, size, "_%llds%lld", (long long)lists[k]->dim[i],
                      (long long)lists[k]->stride[i]);
  }
  cimc_key_append(key, size, "_%s_%s", cimc_key_storage(r->in.storage),
                  cimc_key_storage(r->out.storage));
}

MlirLogicalResult cimc_reduce_lower(cimc_lower *state, MlirOperation op) {
  CIMC_TRY(cimc_scalars_check(op));
  MlirValue operand = mlirOperationGetOperand(op, 0);
  MlirValue result = mlirOperationGetResult(op, 0);
  reduce r = {.in = cimc_qgemm_element(mlirValueGetType(operand)),
              .out = cimc_qgemm_element(mlirValueGetType(result))};
  cimc_shape shape;
  bool is_reduced[CIMC_RANK_MAX];
  cimc_ir_tensor_shape(mlirValueGetType(operand), &shape);
  read_axes(op, shape.rank, is_reduced);
  split(&r, &shape, is_reduced);
  char key[CIMC_KERNEL_KEY_MAX] = "mean";
  append_key(&r, key, sizeof(key));
  cimc_scalars_begin(&r.scalars, state);
  cimc_scalars_pointer(&r.scalars, operand);
  cimc_scalars_pointer(&r.scalars, result);
  cimc_scalars_add_input(&r.scalars, &r.in);
  cimc_scalars_add_output(&r.scalars, op, key, sizeof(key));
  if (r.scalars.missing)
    return mlirLogicalResultFailure();
  cimc_kernel kernel = {.key = key,
                        .count = r.scalars.count,
                        .arguments = r.scalars.argument,
                        .noalias = true};
  cimc_build b;
  if (cimc_lower_kernel(state, op, &kernel, &b))
    emit(&b, &r);
  return mlirLogicalResultSuccess();
}
