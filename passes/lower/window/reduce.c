// SPDX-License-Identifier: Apache-2.0
//
// reduce_mean, reduce_sum, reduce_prod, reduce_max and reduce_min over any
// axes.
//
// For each result: the (dequantized) elements combined in their order in memory
// in f32, a mean's sum divided by their number. That order is fixed by what
// ONNX Runtime computes; so vectors run over the innermost axis that is kept,
// be its elements apart or not. Plain integers, and the largest or smallest
// stored value of one quantized type, are combined as integers, in any order.
#include "passes/lower/core/epilogue.h"
#include "passes/lower/core/formula.h"
#include "passes/lower/core/nest.h"
#include "passes/lower/core/scalars.h"
#include "passes/lower/kernels.h"

#include <math.h>

// Axes of the operand from outer to inner, neighbours merged.
typedef struct axes {
  int rank;
  int64_t dim[CIMC_RANK_MAX];
  int64_t stride[CIMC_RANK_MAX];
} axes;

typedef struct reduce {
  cimc_qgemm_kind kind;
  bool integers; // combined as they are stored
  cimc_element in, out;
  axes kept, reduced;
  float count; // elements in a sum
  cimc_scalars scalars;
  bool across;        // vectors run over the innermost reduced axis
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
typedef MlirValue (*combine_function)(cimc_build *, MlirValue, MlirValue);

// The largest or smallest of f32: a NaN wins.
static MlirValue max_real(cimc_build *b, MlirValue x, MlirValue y) {
  return cimc_formula_binary(b, CIMC_QGEMM_MAX, x, y);
}

static MlirValue min_real(cimc_build *b, MlirValue x, MlirValue y) {
  return cimc_formula_binary(b, CIMC_QGEMM_MIN, x, y);
}

static combine_function combine_of(const reduce *r) {
  bool has_nan = r->in.storage == CIMC_STORAGE_F32;
  switch (r->kind) {
  case CIMC_QGEMM_REDUCE_MAX:
    return has_nan ? max_real : cimc_build_max;
  case CIMC_QGEMM_REDUCE_MIN:
    return has_nan ? min_real : cimc_build_min;
  case CIMC_QGEMM_REDUCE_PROD:
    return cimc_build_mul;
  default:
    return cimc_build_add;
  }
}

// True when the order of the elements changes nothing.
static bool is_unordered(const reduce *r) {
  return r->integers || r->kind == CIMC_QGEMM_REDUCE_MAX ||
         r->kind == CIMC_QGEMM_REDUCE_MIN;
}

// What nothing combines to.
static MlirValue identity(cimc_build *b, const reduce *r, int64_t lanes) {
  bool max = r->kind == CIMC_QGEMM_REDUCE_MAX;
  bool extreme = max || r->kind == CIMC_QGEMM_REDUCE_MIN;
  int one = r->kind == CIMC_QGEMM_REDUCE_PROD;
  MlirValue x;
  if (r->integers) {
    cimc_storage storage = r->in.storage;
    int64_t end = max ? cimc_storage_min(storage) : cimc_storage_max(storage);
    MlirType type = storage == CIMC_STORAGE_I64 ? b->i64 : b->i32;
    x = cimc_build_int(b, type, extreme ? end : one);
  } else {
    float end = max ? -INFINITY : INFINITY;
    x = cimc_build_float(b, b->f32, extreme ? end : (float)one);
  }
  return cimc_sweep_splat(b, x, lanes);
}

// Elements that are `stride` elements apart, in the lanes of a vector.
static MlirValue load_apart(cimc_build *b, const reduce *r, MlirValue pointer,
                            int64_t lanes, int64_t stride) {
  int32_t mask[64];
  MlirValue all = {NULL};
  stride *= cimc_storage_bytes(r->in.storage);
  for (int64_t i = 0; i < lanes; i++) {
    MlirValue at = cimc_build_offset_by(b, pointer, i * stride);
    MlirValue x = cimc_epilogue_load(b, r->in.storage, at, 0, 1);
    x = cimc_build_splat(b, x, lanes);
    for (int64_t k = 0; k < lanes; k++)
      mask[k] = (int32_t)(k == i ? lanes + k : k);
    all = i == 0 ? x : cimc_build_shuffle(b, all, x, lanes, mask);
  }
  return all;
}

static MlirValue load(cimc_build *b, reduce *r, MlirValue pointer,
                      int64_t lanes) {
  int64_t stride = r->kept.stride[r->kept.rank - 1];
  MlirValue x = lanes > 0 && !r->across && stride != 1
                    ? load_apart(b, r, pointer, lanes, stride)
                    : cimc_epilogue_load(b, r->in.storage, pointer, lanes,
                                         lanes ? lanes : 1);
  if (r->integers)
    return x;
  cimc_scalars_rewind(&r->scalars);
  return cimc_scalars_to_real(b, &r->scalars, &r->in, x);
}

static int64_t lanes_of(const cimc_build *b, const reduce *r) {
  return cimc_sweep_lanes(b, r->in.storage == CIMC_STORAGE_I64 ? 8 : 4);
}

// Combines `sum` with [first, end) of a reduced axis, `lanes` at a time.
static MlirValue sum_piece(cimc_build *b, reduce *r, MlirValue from,
                           MlirValue sum, cimc_range range) {
  const axes *reduced = &r->reduced;
  int64_t bytes = cimc_storage_bytes(r->in.storage);
  int64_t lanes = cimc_build_count(sum);
  bool vector = mlirTypeIsAVector(mlirValueGetType(sum));
  range.step = r->across && vector ? lanes : 1;
  cimc_loop loop = cimc_build_for(b, range, 1, &sum);
  MlirValue at = cimc_sweep_at(b, from, loop.iv,
                               reduced->stride[reduced->rank - 1] * bytes);
  sum = combine_of(r)(b, load(b, r, at, vector ? lanes : 0), loop.value[0]);
  cimc_build_end_for(b, &loop, &sum);
  return loop.value[0];
}

// Combines `sum` with the innermost reduced axis. Where that is contiguous and
// the order is free, vectors run over it.
static MlirValue sum_inner(cimc_build *b, reduce *r, MlirValue from,
                           MlirValue sum) {
  int64_t count = r->reduced.dim[r->reduced.rank - 1];
  int64_t lanes = r->across ? lanes_of(b, r) : 0;
  if (count >= 8 * lanes)
    lanes *= 4; // several registers, whose chains do not wait for each other
  MlirValue zero = cimc_build_index(b, 0), end = cimc_build_index(b, count);
  if (lanes < 2 || count < lanes)
    return sum_piece(b, r, from, sum, (cimc_range){zero, end, 1});
  MlirValue middle = cimc_build_index(b, count - count % lanes);
  MlirValue wide = sum_piece(b, r, from, identity(b, r, lanes),
                             (cimc_range){zero, middle, 1});
  sum = combine_of(r)(b, cimc_build_reduce(b, wide, combine_of(r)), sum);
  if (count % lanes == 0)
    return sum;
  return sum_piece(b, r, from, sum, (cimc_range){middle, end, 1});
}

// The combined elements as they are stored.
static MlirValue finish(cimc_build *b, reduce *r, MlirValue sum) {
  if (r->integers)
    return sum;
  if (r->kind == CIMC_QGEMM_REDUCE_MEAN)
    sum = cimc_build_div(b, sum,
                         cimc_build_float(b, mlirValueGetType(sum), r->count));
  cimc_scalars_rewind(&r->scalars);
  if (r->in.quantized)
    r->scalars.next += 2;
  return cimc_scalars_from_real(b, &r->scalars, &r->out, sum);
}

static void kept_body(cimc_build *b, MlirValue first, int64_t lanes,
                      void *user) {
  reduce *r = user;
  int64_t bytes = cimc_storage_bytes(r->in.storage);
  const axes *kept = &r->kept, *reduced = &r->reduced;
  MlirValue pointer =
      cimc_sweep_at(b, r->from, first, kept->stride[kept->rank - 1] * bytes);
  MlirValue sum = identity(b, r, lanes);
  cimc_loop loops[CIMC_RANK_MAX];
  for (int i = 0; i < reduced->rank - 1; i++) {
    cimc_range range = {cimc_build_index(b, 0),
                        cimc_build_index(b, reduced->dim[i]), 1};
    loops[i] = cimc_build_for(b, range, 1, &sum);
    sum = loops[i].value[0];
    pointer =
        cimc_sweep_at(b, pointer, loops[i].iv, reduced->stride[i] * bytes);
  }
  sum = sum_inner(b, r, pointer, sum);
  for (int i = reduced->rank - 2; i >= 0; i--) {
    cimc_build_end_for(b, &loops[i], &sum);
    sum = loops[i].value[0];
  }
  MlirValue to =
      cimc_sweep_at(b, r->to, first, cimc_storage_bytes(r->out.storage));
  cimc_epilogue_store(b, r->out.storage, finish(b, r, sum), to,
                      lanes ? lanes : 1);
}

static void emit(cimc_build *b, void *user) {
  reduce *r = user;
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
  int64_t lanes = r->across ? 0 : lanes_of(b, r);
  cimc_sweep_emit(b, kept->dim[inner], lanes, kept_body, r);
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

static reduce reduce_of(MlirOperation op) {
  MlirValue operand = mlirOperationGetOperand(op, 0);
  MlirType from = mlirValueGetType(operand);
  MlirType to = mlirValueGetType(mlirOperationGetResult(op, 0));
  reduce r = {.kind = cimc_qgemm_kind_of(op),
              .in = cimc_qgemm_element(from),
              .out = cimc_qgemm_element(to)};
  bool extreme =
      r.kind == CIMC_QGEMM_REDUCE_MAX || r.kind == CIMC_QGEMM_REDUCE_MIN;
  bool plain = !r.in.quantized && r.in.storage != CIMC_STORAGE_F32;
  r.integers = plain || (extreme && r.in.quantized &&
                         mlirTypeEqual(cimc_ir_element_type(from),
                                       cimc_ir_element_type(to)));
  cimc_shape shape;
  bool is_reduced[CIMC_RANK_MAX];
  cimc_ir_tensor_shape(from, &shape);
  read_axes(op, shape.rank, is_reduced);
  split(&r, &shape, is_reduced);
  // An axis of 1 made up for an empty list has a stride of 1 too.
  r.across = is_unordered(&r) && r.reduced.stride[r.reduced.rank - 1] == 1 &&
             r.reduced.dim[r.reduced.rank - 1] > 1;
  return r;
}

MlirLogicalResult cimc_reduce_lower(cimc_lower *state, MlirOperation op) {
  reduce r = reduce_of(op);
  if (!r.integers)
    CIMC_TRY(cimc_scalars_check(op));
  char key[CIMC_KERNEL_KEY_MAX] = "";
  cimc_key_append(key, sizeof(key), "%s%s",
                  cimc_qgemm_name(r.kind) + sizeof("qgemm"),
                  r.integers ? "_int" : "");
  append_key(&r, key, sizeof(key));
  cimc_scalars_begin(&r.scalars, state);
  cimc_scalars_pointer(&r.scalars, mlirOperationGetOperand(op, 0));
  cimc_scalars_pointer(&r.scalars, mlirOperationGetResult(op, 0));
  if (!r.integers) {
    cimc_scalars_add_input(&r.scalars, &r.in);
    cimc_scalars_add_output(&r.scalars, op, key, sizeof(key));
  }
  return cimc_scalars_call(
      &r.scalars, op,
      &(cimc_scalars_kernel){
          .key = key, .noalias = true, .emit = emit, .user = &r});
}
