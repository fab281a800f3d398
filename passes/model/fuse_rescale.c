// SPDX-License-Identifier: Apache-2.0
//
// What follows a product in integer models: see fuse_rescale.h.
//
// The bytes stay the same to the bit, so the type that the product gives them
// is free: that of the reader, where one says what they mean, else the scale 1.
#include "passes/model/fuse_rescale.h"
#include "passes/model/edit.h"
#include "passes/model/literal.h"

#include <math.h>

#define NO_MATCH mlirLogicalResultFailure()

static bool is_product(MlirOperation op) {
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  return kind == CIMC_QGEMM_MATMUL || kind == CIMC_QGEMM_BATCH_MATMUL ||
         kind == CIMC_QGEMM_CONV2D;
}

static int64_t last_dimension(MlirValue value) {
  cimc_shape shape;
  return cimc_ir_tensor_shape(mlirValueGetType(value), &shape) && shape.rank > 0
             ? shape.dim[shape.rank - 1]
             : -1;
}

static MlirAttribute attribute(MlirOperation op, const char *name) {
  return mlirOperationGetAttributeByName(op, cimc_ir_str(name));
}

// -- rescale -----------------------------------------------------------------
typedef struct rescale {
  MlirOperation op;
  MlirOperation product; // of i32 sums
  MlirOperation reshape; // between them; may be null
  cimc_storage storage;  // of the result: 8 bits
  int64_t zero_point;    // of the result
} rescale;

static bool match_rescale(MlirOperation op, rescale *out) {
  MlirValue x = cimc_edit_operand(op, 0);
  MlirOperation from = cimc_ir_defining_op(x);
  *out = (rescale){.op = op,
                   .product = from,
                   .storage = cimc_qgemm_element(cimc_edit_type(op)).storage};
  if (!cimc_ir_has_one_use(x))
    return false;
  if (cimc_qgemm_kind_of(from) == CIMC_QGEMM_RESHAPE) {
    out->reshape = from;
    x = cimc_edit_operand(from, 0);
    out->product = cimc_ir_defining_op(x);
  }
  bool one = mlirDenseArrayGetNumElements(attribute(op, "multipliers")) == 1;
  int64_t input_zp = 0;
  cimc_ir_get_i64(op, "input_zp", &input_zp);
  cimc_ir_get_i64(op, "output_zp", &out->zero_point);
  return is_product(out->product) && cimc_ir_has_one_use(x) &&
         cimc_qgemm_element(mlirValueGetType(x)).storage == CIMC_STORAGE_I32 &&
         input_zp == 0 && cimc_storage_bytes(out->storage) == 1 &&
         (one || last_dimension(x) == last_dimension(cimc_edit_operand(op, 0)));
}

// The element type of the only reader's cast, if that agrees.
static MlirType find_type(const rescale *self) {
  MlirValue y = cimc_edit_result(self->op);
  MlirOpOperand use = mlirValueGetFirstUse(y);
  if (cimc_ir_has_one_use(y) && cimc_qgemm_kind_of(mlirOpOperandGetOwner(
                                    use)) == CIMC_QGEMM_STORAGE_CAST) {
    MlirType type = cimc_edit_type(mlirOpOperandGetOwner(use));
    cimc_element element = cimc_qgemm_element(type);
    if (element.quantized && element.axis < 0 &&
        element.storage == self->storage &&
        element.zero_point == self->zero_point)
      return cimc_ir_element_type(type);
  }
  return cimc_qgemm_quant_type(mlirOperationGetContext(self->op), self->storage,
                               1.0f, (int32_t)self->zero_point);
}

static MlirLogicalResult fuse_rescale(MlirOperation op,
                                      MlirRewriterBase rewriter, void *user) {
  (void)user;
  static const char *const names[] = {"multipliers", "shifts", "rounding"};
  rescale self;
  if (!match_rescale(op, &self))
    return NO_MATCH;
  cimc_edit edit = cimc_edit_copy(self.product);
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(edit.type, &shape);
  edit.type = cimc_ir_tensor_type(&shape, find_type(&self));
  for (int i = 0; i < 3; i++)
    cimc_edit_set(&edit, names[i], attribute(op, names[i]));
  MlirValue y = cimc_edit_build(rewriter, &edit);
  if (!mlirOperationIsNull(self.reshape)) {
    edit = cimc_edit_copy(self.reshape);
    edit.operands[0] = y;
    edit.type = cimc_edit_with_element_of(edit.type, mlirValueGetType(y));
    y = cimc_edit_build(rewriter, &edit);
  }
  return cimc_edit_replace(rewriter, op,
                           cimc_edit_unary(rewriter, CIMC_QGEMM_STORAGE_CAST, y,
                                           cimc_edit_type(op),
                                           mlirOperationGetLocation(op)));
}

// -- Bounds of stored bytes --------------------------------------------------
typedef struct stored_bounds {
  int64_t low, high;
} stored_bounds;

// As kernels bound what they store: rounded to the step, within the storage.
static int64_t to_stored(const cimc_element *element, float bound) {
  float least = (float)(cimc_storage_min(element->storage) -
                        (int64_t)element->zero_point);
  float most = (float)(cimc_storage_max(element->storage) -
                       (int64_t)element->zero_point);
  float q = bound / element->scale;
  q = q < least ? least : q > most ? most : q;
  return (int64_t)rintf(q) + element->zero_point;
}

static stored_bounds stored_of(MlirType type, cimc_bounds bounds) {
  cimc_element element = cimc_qgemm_element(type);
  return (stored_bounds){to_stored(&element, bounds.low),
                         to_stored(&element, bounds.high)};
}

static cimc_bounds real_of(MlirType type, stored_bounds stored) {
  cimc_element element = cimc_qgemm_element(type);
  cimc_bounds out = {-INFINITY, INFINITY};
  if (stored.low > cimc_storage_min(element.storage))
    out.low = (float)(stored.low - element.zero_point) * element.scale;
  if (stored.high < cimc_storage_max(element.storage))
    out.high = (float)(stored.high - element.zero_point) * element.scale;
  return out;
}

static int64_t within(int64_t value, stored_bounds bounds) {
  return value < bounds.low    ? bounds.low
         : value > bounds.high ? bounds.high
                               : value;
}

// The product that made these bytes, seen through views of them, when nobody
// else reads them; else a null op.
static MlirOperation find_product(MlirValue x) {
  cimc_storage storage = cimc_qgemm_element(mlirValueGetType(x)).storage;
  MlirOperation op = cimc_ir_defining_op(x);
  bool alone = cimc_storage_bytes(storage) == 1 && cimc_ir_has_one_use(x);
  while (alone && cimc_qgemm_is_view(cimc_qgemm_kind_of(op))) {
    x = cimc_edit_operand(op, 0);
    op = cimc_ir_defining_op(x);
    alone = cimc_ir_has_one_use(x);
  }
  cimc_element element = cimc_qgemm_element(mlirValueGetType(x));
  if (!alone || !is_product(op) || !element.quantized || element.axis >= 0 ||
      element.storage != storage)
    return (MlirOperation){NULL};
  return op;
}

// Replaces `op`, which bounds the bytes of x, by the product so bounded.
static MlirLogicalResult absorb_bounds(MlirOperation op, MlirValue x,
                                       stored_bounds bounds,
                                       MlirRewriterBase rewriter) {
  MlirOperation product = find_product(x);
  if (mlirOperationIsNull(product) || bounds.low > bounds.high)
    return NO_MATCH;
  cimc_edit edit = cimc_edit_copy(product);
  stored_bounds own = stored_of(edit.type, cimc_qgemm_bounds(product));
  own = (stored_bounds){within(own.low, bounds), within(own.high, bounds)};
  cimc_edit_set_bounds(&edit, real_of(edit.type, own));
  MlirValue y = cimc_edit_build(rewriter, &edit);
  edit = (cimc_edit){.kind = CIMC_QGEMM_RESHAPE,
                     .location = mlirOperationGetLocation(op),
                     .type = cimc_edit_with_element_of(cimc_edit_type(op),
                                                       mlirValueGetType(y)),
                     .operand_count = 1,
                     .operands = {y}};
  if (!mlirTypeEqual(edit.type, mlirValueGetType(y)))
    y = cimc_edit_build(rewriter, &edit);
  if (!mlirTypeEqual(edit.type, cimc_edit_type(op)))
    y = cimc_edit_unary(rewriter, CIMC_QGEMM_STORAGE_CAST, y,
                        cimc_edit_type(op), edit.location);
  return cimc_edit_replace(rewriter, op, y);
}

static MlirLogicalResult absorb_clamp(MlirOperation op,
                                      MlirRewriterBase rewriter, void *user) {
  (void)user;
  MlirValue x = cimc_edit_operand(op, 0);
  MlirType type = mlirValueGetType(x);
  cimc_element element = cimc_qgemm_element(type);
  if (!element.quantized || element.axis >= 0 ||
      !mlirTypeEqual(type, cimc_edit_type(op)))
    return NO_MATCH;
  return absorb_bounds(op, x, stored_of(type, cimc_qgemm_bounds(op)), rewriter);
}

// The value of a constant that has only one.
static bool read_scalar(MlirValue value, int64_t *out) {
  cimc_literal literal;
  if (!cimc_literal_read(value, &literal))
    return false;
  bool same = literal.count > 0 && !literal.element.quantized &&
              literal.element.storage != CIMC_STORAGE_F32;
  if (same)
    *out = cimc_literal_get(&literal, 0);
  for (size_t i = 1; same && i < literal.count; i++)
    same = cimc_literal_get(&literal, i) == *out;
  cimc_literal_destroy(&literal);
  return same;
}

// max(x, constant) and min(x, constant) of plain bytes.
static MlirLogicalResult absorb_extreme(MlirOperation op,
                                        MlirRewriterBase rewriter, void *user) {
  (void)user;
  bool is_max = cimc_qgemm_kind_of(op) == CIMC_QGEMM_MAX;
  for (int side = 0; side < 2; side++) {
    MlirValue x = cimc_edit_operand(op, side);
    cimc_element element = cimc_qgemm_element(mlirValueGetType(x));
    int64_t bound;
    if (element.quantized ||
        !mlirTypeEqual(mlirValueGetType(x), cimc_edit_type(op)) ||
        mlirOperationIsNull(find_product(x)) ||
        !read_scalar(cimc_edit_operand(op, 1 - side), &bound))
      continue;
    stored_bounds bounds = {is_max ? bound : cimc_storage_min(element.storage),
                            is_max ? cimc_storage_max(element.storage) : bound};
    return absorb_bounds(op, x, bounds, rewriter);
  }
  return NO_MATCH;
}

const cimc_pattern cimc_fuse_rescale_patterns[CIMC_FUSE_RESCALE_COUNT] = {
    {"qgemm.rescale", fuse_rescale}, {"qgemm.clamp", absorb_clamp},
    {"qgemm.relu", absorb_clamp},    {"qgemm.max", absorb_extreme},
    {"qgemm.min", absorb_extreme},
};
