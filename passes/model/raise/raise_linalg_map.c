// SPDX-License-Identifier: Apache-2.0
//
// linalg ops that apply a formula to elements: the body's ops, one by one, on
// whole tensors that are laid along the loops; then the reduction, if any.
#include "passes/model/raise/raise_op.h"

#include <stdlib.h>

#define BODY_OPS_MAX 256

// What a scalar of the body stands for.
typedef struct binding {
  MlirValue scalar;
  MlirValue tensor;
} binding;

typedef struct body {
  MlirBlock block;
  int loops;
  cimc_shape space; // the size of each loop
  bool reduced[CIMC_RANK_MAX];
  int inputs;
  binding *bindings;
  size_t count, room;
} body;

// -- Maps --------------------------------------------------------------------
// For each dimension of a tensor the loop it runs along, or -1: always 0.
typedef struct along {
  int rank;
  int64_t loop[CIMC_RANK_MAX];
} along;

static MlirAttribute map_at(cimc_raise *self, intptr_t operand) {
  MlirAttribute maps =
      mlirOperationGetAttributeByName(self->op, cimc_ir_str("indexing_maps"));
  if (mlirAttributeIsNull(maps) || !mlirAttributeIsAArray(maps) ||
      operand >= mlirArrayAttrGetNumElements(maps))
    return (MlirAttribute){NULL};
  return mlirArrayAttrGetElement(maps, operand);
}

static bool read_map(MlirAttribute attribute, along *out) {
  if (!mlirAttributeIsAAffineMap(attribute))
    return false;
  MlirAffineMap map = mlirAffineMapAttrGetValue(attribute);
  if (mlirAffineMapGetNumDims(map) > CIMC_RANK_MAX ||
      mlirAffineMapGetNumSymbols(map) != 0 ||
      mlirAffineMapGetNumResults(map) > CIMC_RANK_MAX)
    return false;
  out->rank = (int)mlirAffineMapGetNumResults(map);
  unsigned seen = 0;
  for (int i = 0; i < out->rank; i++) {
    MlirAffineExpr expr = mlirAffineMapGetResult(map, i);
    out->loop[i] = -1;
    if (mlirAffineExprIsAConstant(expr) &&
        mlirAffineConstantExprGetValue(expr) == 0)
      continue;
    if (!mlirAffineExprIsADim(expr))
      return false;
    out->loop[i] = mlirAffineDimExprGetPosition(expr);
    if (seen & (1u << out->loop[i]))
      return false; // a diagonal
    seen |= 1u << out->loop[i];
  }
  return true;
}

// linalg.reduce lists the loops that its result lacks instead.
static MlirLogicalResult read_reduced(cimc_raise *self, body *b) {
  int64_t dims[CIMC_RANK_MAX];
  MlirAttribute list =
      mlirOperationGetAttributeByName(self->op, cimc_ir_str("dimensions"));
  intptr_t count = mlirAttributeIsADenseI64Array(list)
                       ? mlirDenseArrayGetNumElements(list)
                       : CIMC_RANK_MAX + 1;
  if (count > CIMC_RANK_MAX)
    return cimc_raise_refuse(self, "'dimensions' of more than the rank");
  CIMC_TRY(cimc_raise_list(self, "dimensions", count, dims));
  for (intptr_t i = 0; i < count; i++)
    if (dims[i] >= 0 && dims[i] < b->loops)
      b->reduced[dims[i]] = true;
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult read_along(cimc_raise *self, const body *b,
                                    intptr_t operand, along *out) {
  MlirAttribute map = map_at(self, operand);
  if (!mlirAttributeIsNull(map)) {
    if (read_map(map, out))
      return mlirLogicalResultSuccess();
    return cimc_raise_refuse(self, "an indexing map that is more than loops in "
                                   "some order; expected (d0, d1) -> (d1, 0) "
                                   "and the like");
  }
  out->rank = 0;
  bool is_output = operand >= b->inputs;
  for (int d = 0; d < b->loops; d++)
    if (!is_output || !b->reduced[d])
      out->loop[out->rank++] = d;
  return mlirLogicalResultSuccess();
}

static int count_loops(cimc_raise *self) {
  MlirAttribute map = map_at(self, 0);
  if (!mlirAttributeIsNull(map) && mlirAttributeIsAAffineMap(map)) {
    intptr_t dims = mlirAffineMapGetNumDims(mlirAffineMapAttrGetValue(map));
    return dims > CIMC_RANK_MAX ? -1 : (int)dims;
  }
  return cimc_raise_shape(mlirOperationGetOperand(self->op, 0)).rank;
}

// -- Operands along the loops ------------------------------------------------
static MlirLogicalResult measure(cimc_raise *self, body *b, intptr_t operand) {
  along way;
  CIMC_TRY(read_along(self, b, operand, &way));
  cimc_shape shape =
      cimc_raise_shape(mlirOperationGetOperand(self->op, operand));
  if (shape.rank != way.rank)
    return cimc_raise_refuse(self, "an operand whose rank is not its map's");
  for (int i = 0; i < way.rank; i++)
    if (way.loop[i] >= 0)
      b->space.dim[way.loop[i]] = shape.dim[i];
  return mlirLogicalResultSuccess();
}

// The tensor with one dimension for each loop, in their order.
static MlirLogicalResult lay(cimc_raise *self, const body *b, intptr_t operand,
                             MlirValue *out) {
  MlirValue x = mlirOperationGetOperand(self->op, operand);
  double value = 0;
  if (!mlirTypeIsAShaped(mlirValueGetType(x))) {
    MlirType element = cimc_raise_element_type(mlirValueGetType(x));
    cimc_shape shape = {.rank = b->loops > 0, .dim = {1}};
    if (mlirTypeIsNull(element) || !cimc_raise_scalar_value(x, &value))
      return cimc_raise_refuse(self, "a scalar operand that is computed; "
                                     "expected an arith.constant");
    *out = cimc_raise_splat(self, cimc_ir_tensor_type(&shape, element), value);
    return mlirLogicalResultSuccess();
  }
  along way;
  CIMC_TRY(read_along(self, b, operand, &way));
  cimc_shape shape = {.rank = b->loops};
  int64_t perm[CIMC_RANK_MAX];
  int used = 0;
  for (int d = 0; d < b->loops; d++) {
    shape.dim[d] = 1;
    for (int i = 0; i < way.rank; i++)
      if (way.loop[i] == d) {
        perm[used++] = i;
        shape.dim[d] = b->space.dim[d];
      }
  }
  for (int i = 0; i < way.rank; i++)
    if (way.loop[i] < 0)
      perm[used++] = i;
  x = cimc_raise_transpose(self, x, perm);
  *out = cimc_raise_reshape(self, x, &shape);
  return mlirLogicalResultSuccess();
}

static bool bind(body *b, MlirValue scalar, MlirValue tensor) {
  if (b->count == b->room)
    return false;
  b->bindings[b->count++] = (binding){scalar, tensor};
  return true;
}

static MlirValue find(const body *b, MlirValue scalar) {
  for (size_t i = b->count; i > 0; i--)
    if (mlirValueEqual(b->bindings[i - 1].scalar, scalar))
      return b->bindings[i - 1].tensor;
  return (MlirValue){NULL};
}

// What a scalar used in the body stands for: bound, or a constant.
static MlirLogicalResult resolve(cimc_raise *self, body *b, MlirValue scalar,
                                 MlirValue *out) {
  *out = find(b, scalar);
  if (!mlirValueIsNull(*out))
    return mlirLogicalResultSuccess();
  double value = 0;
  MlirType element = cimc_raise_element_type(mlirValueGetType(scalar));
  if (mlirTypeIsNull(element) || !cimc_raise_scalar_value(scalar, &value))
    return cimc_raise_refuse(self, "its body uses a value that is no operand, "
                                   "result or arith.constant of f32, i1, i8, "
                                   "i16, i32 or i64");
  cimc_shape shape = {.rank = b->loops > 0, .dim = {1}};
  *out = cimc_raise_splat(self, cimc_ir_tensor_type(&shape, element), value);
  return mlirLogicalResultSuccess();
}

// -- The body ----------------------------------------------------------------
static MlirLogicalResult raise_scalar(cimc_raise *self, body *b,
                                      MlirOperation op) {
  MlirValue operands[4];
  intptr_t count = mlirOperationGetNumOperands(op);
  const cimc_raise_row *row = cimc_raise_find(cimc_raise_rows_scalar, op);
  MlirStringRef name = cimc_ir_op_name(op);
  if (!row || count > 4 || mlirOperationGetNumResults(op) != 1 ||
      mlirTypeIsNull(cimc_raise_element_type(cimc_edit_type(op))))
    return cimc_raise_refuse(self,
                             "its body has %.*s; expected arith and math ops "
                             "of f32, i1, i8, i16, i32 and i64",
                             (int)name.length, name.data);
  for (intptr_t i = 0; i < count; i++)
    CIMC_TRY(resolve(self, b, mlirOperationGetOperand(op, i), &operands[i]));
  cimc_raise inner = *self;
  inner.op = op;
  inner.row = row;
  inner.operands = operands;
  CIMC_TRY(row->raise(&inner));
  if (bind(b, cimc_edit_result(op), inner.result))
    return mlirLogicalResultSuccess();
  return cimc_raise_refuse(self,
                           "its body has more than %d ops; expected "
                           "fewer",
                           BODY_OPS_MAX);
}

static bool is_constant(MlirOperation op) {
  return cimc_ir_op_is(op, "arith.constant");
}

// All ops but the terminator and `except`.
static MlirLogicalResult raise_body(cimc_raise *self, body *b,
                                    MlirOperation except) {
  MlirOperation last = mlirBlockGetTerminator(b->block);
  for (MlirOperation op = mlirBlockGetFirstOperation(b->block);
       !mlirOperationIsNull(op) && !mlirOperationEqual(op, last);
       op = mlirOperationGetNextInBlock(op))
    if (!is_constant(op) && !mlirOperationEqual(op, except))
      CIMC_TRY(raise_scalar(self, b, op));
  return mlirLogicalResultSuccess();
}

// The op that combines the result so far with something, and that something.
static bool find_combiner(const body *b, MlirOperation *op, MlirValue *value) {
  MlirOperation last = mlirBlockGetTerminator(b->block);
  MlirValue so_far = mlirBlockGetArgument(b->block, b->inputs);
  *op = cimc_ir_defining_op(mlirOperationGetOperand(last, 0));
  if (mlirOperationIsNull(*op) || mlirOperationGetNumOperands(*op) != 2 ||
      !cimc_ir_has_one_use(so_far))
    return false;
  int side = mlirValueEqual(mlirOperationGetOperand(*op, 0), so_far) ? 1 : 0;
  *value = mlirOperationGetOperand(*op, side);
  return mlirValueEqual(mlirOperationGetOperand(*op, 1 - side), so_far);
}

static const struct {
  const char *name;
  cimc_qgemm_kind reduce, combine;
} combiners[] = {
    {"arith.addf", CIMC_QGEMM_REDUCE_SUM, CIMC_QGEMM_ADD},
    {"arith.addi", CIMC_QGEMM_REDUCE_SUM, CIMC_QGEMM_ADD},
    {"arith.maximumf", CIMC_QGEMM_REDUCE_MAX, CIMC_QGEMM_MAX},
    {"arith.maxsi", CIMC_QGEMM_REDUCE_MAX, CIMC_QGEMM_MAX},
    {"arith.minimumf", CIMC_QGEMM_REDUCE_MIN, CIMC_QGEMM_MIN},
    {"arith.minsi", CIMC_QGEMM_REDUCE_MIN, CIMC_QGEMM_MIN},
    {"arith.mulf", CIMC_QGEMM_REDUCE_PROD, CIMC_QGEMM_MUL},
    {"arith.muli", CIMC_QGEMM_REDUCE_PROD, CIMC_QGEMM_MUL},
};
#define COMBINERS ((int)(sizeof combiners / sizeof *combiners))

static int combiner_of(MlirOperation op) {
  for (int i = 0; i < COMBINERS; i++)
    if (cimc_ir_op_is(op, combiners[i].name))
      return i;
  return -1;
}

// -- Results -----------------------------------------------------------------
// From the loops' order to the result's: the reverse of `lay`.
static MlirLogicalResult unlay(cimc_raise *self, const body *b, MlirValue x,
                               MlirValue *out) {
  along way;
  CIMC_TRY(read_along(self, b, b->inputs, &way));
  cimc_shape shape = {.rank = way.rank};
  int64_t perm[CIMC_RANK_MAX];
  int rank = 0;
  for (int d = 0; d < b->loops; d++)
    for (int i = 0; i < way.rank; i++)
      if (way.loop[i] == d) {
        perm[i] = rank;
        shape.dim[rank++] = b->space.dim[d];
      }
  if (rank != way.rank)
    return cimc_raise_refuse(self, "a result that does not run along loops; "
                                   "expected (d0, d1) -> (d1) and the like");
  x = cimc_raise_reshape(self, x, &shape);
  *out = cimc_raise_transpose(self, x, perm);
  return mlirLogicalResultSuccess();
}

// The value in all positions of the loops.
static MlirValue fill_space(cimc_raise *self, const body *b, MlirValue x) {
  cimc_shape shape = cimc_raise_shape(x);
  if (shape.rank != b->loops) {
    shape = (cimc_shape){.rank = b->loops};
    for (int d = 0; d < b->loops; d++)
      shape.dim[d] = 1;
    x = cimc_raise_reshape(self, x, &shape);
  }
  return cimc_raise_expand(self, x, &b->space);
}

static MlirLogicalResult reduce_body(cimc_raise *self, body *b) {
  MlirOperation combiner;
  MlirValue value, x, y;
  bool found = find_combiner(b, &combiner, &value);
  int kind = found ? combiner_of(combiner) : -1;
  if (kind < 0)
    return cimc_raise_refuse(self, "a reduction that is no sum, product, "
                                   "maximum or minimum of what it has and one "
                                   "value; expected one of these");
  CIMC_TRY(raise_body(self, b, combiner));
  CIMC_TRY(resolve(self, b, value, &x));
  x = fill_space(self, b, x);
  for (int d = 0; d < b->loops; d++)
    if (b->reduced[d])
      x = cimc_raise_reduce(self, combiners[kind].reduce, x, d);
  CIMC_TRY(unlay(self, b, x, &y));
  return cimc_raise_done(
      self,
      cimc_raise_accumulate(self, combiners[kind].combine, y,
                            mlirOperationGetOperand(self->op, b->inputs)));
}

static MlirLogicalResult map_body(cimc_raise *self, body *b) {
  MlirValue x, y;
  MlirOperation last = mlirBlockGetTerminator(b->block);
  CIMC_TRY(raise_body(self, b, (MlirOperation){NULL}));
  CIMC_TRY(resolve(self, b, mlirOperationGetOperand(last, 0), &x));
  CIMC_TRY(unlay(self, b, fill_space(self, b, x), &y));
  return cimc_raise_done(self, y);
}

// -- Ops ---------------------------------------------------------------------
static MlirLogicalResult read_loops(cimc_raise *self, body *b) {
  b->loops = count_loops(self);
  b->inputs = (int)mlirOperationGetNumOperands(self->op) - 1;
  if (b->loops < 0 || b->inputs < 0)
    return cimc_raise_refuse(self, "more than %d loops; expected fewer",
                             CIMC_RANK_MAX);
  b->space.rank = b->loops;
  for (int d = 0; d < b->loops; d++) {
    b->space.dim[d] = 1;
    b->reduced[d] = false;
  }
  if (cimc_ir_op_is(self->op, "linalg.reduce"))
    CIMC_TRY(read_reduced(self, b));
  for (intptr_t i = 0; i <= b->inputs; i++)
    if (mlirTypeIsAShaped(
            mlirValueGetType(mlirOperationGetOperand(self->op, i))))
      CIMC_TRY(measure(self, b, i));
  int64_t size = cimc_ir_element_count(&b->space);
  return size < 0 || size > INT32_MAX
             ? cimc_raise_refuse(self, "2^31 or more positions; expected fewer")
             : mlirLogicalResultSuccess();
}

static void read_iterators(cimc_raise *self, body *b) {
  MlirAttribute list =
      mlirOperationGetAttributeByName(self->op, cimc_ir_str("iterator_types"));
  if (mlirAttributeIsNull(list) || !mlirAttributeIsAArray(list))
    return;
  along way;
  if (mlirLogicalResultIsFailure(read_along(self, b, b->inputs, &way)))
    return;
  for (int d = 0; d < b->loops; d++) {
    b->reduced[d] = true;
    for (int i = 0; i < way.rank; i++)
      if (way.loop[i] == d)
        b->reduced[d] = false;
  }
}

static MlirLogicalResult run_body(cimc_raise *self, body *b) {
  CIMC_TRY(read_loops(self, b));
  read_iterators(self, b);
  intptr_t arguments = mlirBlockGetNumArguments(b->block);
  for (intptr_t i = 0; i < arguments && i <= b->inputs; i++) {
    MlirValue x;
    CIMC_TRY(lay(self, b, i, &x));
    bind(b, mlirBlockGetArgument(b->block, i), x);
  }
  for (int d = 0; d < b->loops; d++)
    if (b->reduced[d])
      return reduce_body(self, b);
  return map_body(self, b);
}

static MlirLogicalResult elementwise(cimc_raise *self) {
  body b = {.room = BODY_OPS_MAX + 32};
  b.block = mlirRegionGetFirstBlock(mlirOperationGetRegion(self->op, 0));
  b.bindings = calloc(b.room, sizeof *b.bindings);
  MlirLogicalResult result = b.bindings
                                 ? run_body(self, &b)
                                 : cimc_raise_refuse(self, "out of memory");
  free(b.bindings);
  return result;
}

// linalg.reduce(x, init): the body's arguments are an element and the result.
#define MAP(name) {"linalg." name, elementwise, CIMC_QGEMM_NONE, NULL}
const cimc_raise_row cimc_raise_rows_linalg_map[] = {
    MAP("abs"),    MAP("add"),         MAP("ceil"),   MAP("copy"),
    MAP("div"),    MAP("elementwise"), MAP("erf"),    MAP("exp"),
    MAP("floor"),  MAP("generic"),     MAP("log"),    MAP("map"),
    MAP("max"),    MAP("min"),         MAP("mul"),    MAP("negf"),
    MAP("powf"),   MAP("reciprocal"),  MAP("reduce"), MAP("rsqrt"),
    MAP("select"), MAP("sqrt"),        MAP("square"), MAP("sub"),
    MAP("tanh"),   {.name = NULL},
};
