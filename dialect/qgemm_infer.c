// SPDX-License-Identifier: Apache-2.0
//
// The shape of each qgemm op's result from its operands and attributes.
//
// A dynamic dimension is -1 here and passes through: what does not depend on
// it is still checked. All arithmetic is checked, for the sizes come from
// model files.
#include "dialect/qgemm_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define UNKNOWN (-1)

typedef cimc_qgemm_inference inference;

const char *cimc_qgemm_shape_text(const cimc_shape *shape, char *out,
                                  size_t size) {
  size_t used = 0;
  if (size == 0)
    return "";
  snprintf(out, size, "%s", shape->rank == 0 ? "scalar" : "");
  for (int i = 0; i < shape->rank && used < size; ++i) {
    const char *separator = i == 0 ? "" : "x";
    int n = shape->dim[i] < 0
                ? snprintf(out + used, size - used, "%s?", separator)
                : snprintf(out + used, size - used, "%s%" PRId64, separator,
                           shape->dim[i]);
    used += n > 0 ? (size_t)n : 0;
  }
  return out;
}

#define TEXT(shape) cimc_qgemm_shape_text((shape), (char[192]){0}, 192)

static bool dims_agree(int64_t a, int64_t b) {
  return a == b || a < 0 || b < 0;
}

// -- Attribute readers that report -------------------------------------------
MlirLogicalResult cimc_qgemm_infer_i64s(const inference *self,
                                        const char *attribute, intptr_t count,
                                        int64_t low, int64_t *out) {
  if (!cimc_ir_get_i64s(self->op, attribute, count, out)) {
    cimc_error(self->location,
               "%s: '%s' is no array<i64: …> of %td elements; expected one",
               self->name, attribute, count);
    return mlirLogicalResultFailure();
  }
  for (intptr_t i = 0; i < count; ++i) {
    if (out[i] < low || out[i] > INT32_MAX) {
      cimc_error(self->location,
                 "%s: element %td of '%s' is %" PRId64 "; expected %" PRId64
                 " or more%s",
                 self->name, i, attribute, out[i], low,
                 out[i] > INT32_MAX ? ", below 2^31" : "");
      return mlirLogicalResultFailure();
    }
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult need_rank(const inference *self, int operand,
                                   const char *what, int rank,
                                   const char *layout) {
  if (self->in[operand].rank == rank)
    return mlirLogicalResultSuccess();
  cimc_error(self->location, "%s: %s has shape %s, of rank %d; expected %s",
             self->name, what, TEXT(&self->in[operand]), self->in[operand].rank,
             layout);
  return mlirLogicalResultFailure();
}

// -- Products ----------------------------------------------------------------
static MlirLogicalResult check_bias(const inference *self, int operand,
                                    int64_t channels) {
  if (self->operand_count <= operand)
    return mlirLogicalResultSuccess();
  const cimc_shape *bias = &self->in[operand];
  if (bias->rank == 1 && dims_agree(bias->dim[0], channels))
    return mlirLogicalResultSuccess();
  cimc_error(self->location,
             "%s: the bias has shape %s; expected %" PRId64
             ", one element for each output channel",
             self->name, TEXT(bias), channels);
  return mlirLogicalResultFailure();
}

static MlirLogicalResult check_inner(const inference *self, int64_t lhs_k,
                                     int64_t rhs_k) {
  if (dims_agree(lhs_k, rhs_k))
    return mlirLogicalResultSuccess();
  cimc_error(self->location,
             "%s: lhs %s has K = %" PRId64 " but rhs %s has K = %" PRId64
             "; expected the same",
             self->name, TEXT(&self->in[0]), lhs_k, TEXT(&self->in[1]), rhs_k);
  cimc_note(self->location, "lhs is [.., M, K] and rhs is [.., K, N]");
  return mlirLogicalResultFailure();
}

static MlirLogicalResult need_matrix(const inference *self, int operand,
                                     const char *what) {
  if (self->in[operand].rank >= 2)
    return mlirLogicalResultSuccess();
  cimc_error(self->location,
             "%s: %s has shape %s; expected two dimensions or more", self->name,
             what, TEXT(&self->in[operand]));
  cimc_note(self->location, "put a qgemm.reshape before it");
  return mlirLogicalResultFailure();
}

MlirLogicalResult cimc_qgemm_infer_matmul(const inference *self,
                                          cimc_shape *out) {
  const cimc_shape *lhs = &self->in[0], *rhs = &self->in[1];
  CIMC_TRY(need_matrix(self, 0, "lhs"));
  CIMC_TRY(need_rank(self, 1, "rhs", 2, "[K, N]"));
  CIMC_TRY(check_inner(self, lhs->dim[lhs->rank - 1], rhs->dim[0]));
  CIMC_TRY(check_bias(self, 2, rhs->dim[1]));
  *out = *lhs;
  out->dim[out->rank - 1] = rhs->dim[1];
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_qgemm_infer_batch_matmul(const inference *self,
                                                cimc_shape *out) {
  const cimc_shape *lhs = &self->in[0], *rhs = &self->in[1];
  CIMC_TRY(need_matrix(self, 0, "lhs"));
  int rank = lhs->rank;
  CIMC_TRY(need_rank(self, 1, "rhs", rank, "the rank of lhs"));
  CIMC_TRY(check_inner(self, lhs->dim[rank - 1], rhs->dim[rank - 2]));
  *out = *lhs;
  out->dim[rank - 1] = rhs->dim[rank - 1];
  for (int i = 0; i < rank - 2; ++i) {
    if (!dims_agree(lhs->dim[i], rhs->dim[i])) {
      cimc_error(self->location,
                 "%s: lhs %s and rhs %s differ in dimension %d; expected the "
                 "same batch",
                 self->name, TEXT(lhs), TEXT(rhs), i);
      return mlirLogicalResultFailure();
    }
    if (out->dim[i] < 0)
      out->dim[i] = rhs->dim[i];
  }
  return mlirLogicalResultSuccess();
}

// -- Windows -----------------------------------------------------------------
// One of the two spatial dimensions of a convolution or a pool.
typedef struct extent {
  const char *name;
  int64_t size;
  int64_t kernel;
  int64_t stride;
  int64_t dilation;
  int64_t before;
  int64_t after;
  bool touch_input; // no window may lie wholly in the padding
} extent;

// Attributes are below 2^31 (cimc_qgemm_infer_i64s) and `size` is below 2^62
// (infer_op), so nothing overflows here.
static MlirLogicalResult infer_extent(const inference *self, const extent *e,
                                      int64_t *out) {
  *out = UNKNOWN;
  if (e->size < 0 || e->kernel < 0)
    return mlirLogicalResultSuccess();
  int64_t padded = e->size + e->before + e->after;
  int64_t span;
  if (e->kernel < 1 ||
      __builtin_mul_overflow(e->kernel - 1, e->dilation, &span) ||
      span >= padded) {
    cimc_error(self->location,
               "%s: the kernel's %s is %" PRId64 " at dilation %" PRId64
               "; expected it to be at least 1 and to fit into the padded "
               "input, %" PRId64,
               self->name, e->name, e->kernel, e->dilation, padded);
    return mlirLogicalResultFailure();
  }
  *out = (padded - span - 1) / e->stride + 1;
  int64_t last_start = (*out - 1) * e->stride - e->before;
  if (e->touch_input && (e->before > span || last_start >= e->size)) {
    cimc_error(self->location,
               "%s: pads %" PRId64 " and %" PRId64
               " of the %s let a window of %" PRId64
               " lie wholly in the padding; expected each window to touch the "
               "input",
               self->name, e->before, e->after, e->name, e->kernel);
    return mlirLogicalResultFailure();
  }
  return mlirLogicalResultSuccess();
}

// Fills out->dim[1] and [2] from self->in[0] and the window.
static MlirLogicalResult infer_window(const inference *self,
                                      const cimc_window *window,
                                      bool touch_input, cimc_shape *out) {
  for (int i = 0; i < 2; ++i) {
    extent e = {
        .name = i == 0 ? "height" : "width",
        .size = self->in[0].dim[1 + i],
        .kernel = window->kernel[i],
        .stride = window->strides[i],
        .dilation = window->dilations[i],
        .before = window->pads[i],
        .after = window->pads[2 + i],
        .touch_input = touch_input,
    };
    CIMC_TRY(infer_extent(self, &e, &out->dim[1 + i]));
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult check_groups(const inference *self, int64_t groups) {
  const cimc_shape *input = &self->in[0], *weights = &self->in[1];
  int64_t c_in = input->dim[3], c_out = weights->dim[0];
  int64_t c_group = weights->dim[3], expected = UNKNOWN;
  if (groups < 1 || groups > INT32_MAX || (c_out >= 0 && c_out % groups != 0) ||
      (c_in >= 0 && c_in % groups != 0)) {
    cimc_error(self->location,
               "%s: groups is %" PRId64 "; expected a divisor of the %" PRId64
               " input channels and of the %" PRId64 " output channels",
               self->name, groups, c_in, c_out);
    return mlirLogicalResultFailure();
  }
  if (c_in >= 0)
    expected = c_in / groups;
  if (dims_agree(expected, c_group))
    return mlirLogicalResultSuccess();
  cimc_error(self->location,
             "%s: the weights %s have %" PRId64
             " input channels; expected %" PRId64 " (%" PRId64
             " channels of the input in %" PRId64 " groups)",
             self->name, TEXT(weights), c_group, expected, c_in, groups);
  cimc_note(self->location, "the input is [N, H, W, C_in], the weights are "
                            "[C_out, KH, KW, C_in / groups]");
  return mlirLogicalResultFailure();
}

MlirLogicalResult cimc_qgemm_infer_conv(const inference *self,
                                        cimc_shape *out) {
  cimc_window window = {.groups = 0};
  CIMC_TRY(need_rank(self, 0, "the input", 4, "[N, H, W, C_in]"));
  CIMC_TRY(need_rank(self, 1, "weights", 4, "[C_out, KH, KW, C_in / groups]"));
  CIMC_TRY(cimc_qgemm_infer_i64s(self, "strides", 2, 1, window.strides));
  CIMC_TRY(cimc_qgemm_infer_i64s(self, "pads", 4, 0, window.pads));
  CIMC_TRY(cimc_qgemm_infer_i64s(self, "dilations", 2, 1, window.dilations));
  cimc_ir_get_i64(self->op, "groups", &window.groups);
  CIMC_TRY(check_groups(self, window.groups));
  const cimc_shape *weights = &self->in[1];
  CIMC_TRY(check_bias(self, 2, weights->dim[0]));
  window.kernel[0] = weights->dim[1];
  window.kernel[1] = weights->dim[2];
  *out = self->in[0];
  CIMC_TRY(infer_window(self, &window, false, out));
  out->dim[3] = weights->dim[0];
  if (self->kind != CIMC_QGEMM_CONV2D_ADD)
    return mlirLogicalResultSuccess();

  const cimc_shape *residual = &self->in[3];
  bool agree = residual->rank == 4;
  for (int i = 0; agree && i < 4; ++i)
    agree = dims_agree(residual->dim[i], out->dim[i]);
  if (agree)
    return mlirLogicalResultSuccess();
  cimc_error(self->location,
             "%s: the residual has shape %s; expected %s, the convolution's",
             self->name, TEXT(residual), TEXT(out));
  return mlirLogicalResultFailure();
}

MlirLogicalResult cimc_qgemm_infer_pool(const inference *self,
                                        cimc_shape *out) {
  cimc_window window = {.dilations = {1, 1}};
  CIMC_TRY(need_rank(self, 0, "the operand", 4, "[N, H, W, C]"));
  CIMC_TRY(cimc_qgemm_infer_i64s(self, "kernel", 2, 1, window.kernel));
  CIMC_TRY(cimc_qgemm_infer_i64s(self, "strides", 2, 1, window.strides));
  CIMC_TRY(cimc_qgemm_infer_i64s(self, "pads", 4, 0, window.pads));
  *out = self->in[0];
  return infer_window(self, &window, true, out);
}

MlirLogicalResult cimc_qgemm_infer_global_pool(const inference *self,
                                               cimc_shape *out) {
  CIMC_TRY(need_rank(self, 0, "the operand", 4, "[N, H, W, C]"));
  *out = self->in[0];
  out->dim[1] = out->dim[2] = 1;
  return mlirLogicalResultSuccess();
}

// -- Elementwise -------------------------------------------------------------
MlirLogicalResult cimc_qgemm_infer_same(const inference *self,
                                        cimc_shape *out) {
  *out = self->in[0];
  return mlirLogicalResultSuccess();
}

// 1 yields to the other; an unknown yields to what is known and not 1.
static MlirLogicalResult broadcast(const inference *self, const cimc_shape *a,
                                   const cimc_shape *b, cimc_shape *out) {
  cimc_shape shape = {.rank = a->rank > b->rank ? a->rank : b->rank};
  for (int i = 1; i <= shape.rank; ++i) {
    int64_t da = i <= a->rank ? a->dim[a->rank - i] : 1;
    int64_t db = i <= b->rank ? b->dim[b->rank - i] : 1;
    if (da != 1 && db != 1 && !dims_agree(da, db)) {
      cimc_error(self->location,
                 "%s: shapes %s and %s do not broadcast; expected equal "
                 "dimensions, or 1, counted from the last",
                 self->name, TEXT(a), TEXT(b));
      return mlirLogicalResultFailure();
    }
    shape.dim[shape.rank - i] = da == 1 || (da < 0 && db != 1) ? db : da;
  }
  *out = shape;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_qgemm_infer_broadcast(const inference *self,
                                             cimc_shape *out) {
  *out = self->in[0];
  for (intptr_t i = 1; i < self->operand_count; ++i)
    CIMC_TRY(broadcast(self, out, &self->in[i], out));
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_qgemm_infer_softmax(const inference *self,
                                           cimc_shape *out) {
  int64_t axis = -1;
  *out = self->in[0];
  if (cimc_ir_get_i64(self->op, "axis", &axis) && axis >= 0 && axis < out->rank)
    return mlirLogicalResultSuccess();
  cimc_error(self->location,
             "%s: axis is %" PRId64 "; expected 0 to %d for shape %s",
             self->name, axis, out->rank - 1, TEXT(out));
  return mlirLogicalResultFailure();
}

// -- Shapes ------------------------------------------------------------------
// Reads `attribute` as a list of different dimensions of the operand.
static MlirLogicalResult read_axes(const inference *self, const char *attribute,
                                   intptr_t *out_count, int64_t *out) {
  int rank = self->in[0].rank;
  bool seen[CIMC_RANK_MAX] = {false};
  MlirAttribute list =
      mlirOperationGetAttributeByName(self->op, cimc_ir_str(attribute));
  intptr_t count =
      !mlirAttributeIsNull(list) && mlirAttributeIsADenseI64Array(list)
          ? mlirDenseArrayGetNumElements(list)
          : -1;
  if (count < 0 || count > rank) {
    cimc_error(self->location,
               "%s: '%s' is no array<i64: …> of at most %d elements; expected "
               "one",
               self->name, attribute, rank);
    return mlirLogicalResultFailure();
  }
  for (intptr_t i = 0; i < count; ++i) {
    int64_t axis = mlirDenseI64ArrayGetElement(list, i);
    if (axis < 0 || axis >= rank || seen[axis]) {
      cimc_error(self->location,
                 "%s: element %td of '%s' is %" PRId64
                 "; expected each to be a different one of 0 to %d",
                 self->name, i, attribute, axis, rank - 1);
      return mlirLogicalResultFailure();
    }
    seen[axis] = true;
    out[i] = axis;
  }
  *out_count = count;
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_qgemm_infer_reduce(const inference *self,
                                          cimc_shape *out) {
  int64_t axes[CIMC_RANK_MAX];
  bool reduced[CIMC_RANK_MAX] = {false}, keep = false;
  intptr_t count;
  CIMC_TRY(read_axes(self, "axes", &count, axes));
  if (count == 0) {
    cimc_error(self->location, "%s: 'axes' is empty; expected one or more",
               self->name);
    return mlirLogicalResultFailure();
  }
  for (intptr_t i = 0; i < count; ++i)
    reduced[axes[i]] = true;
  cimc_ir_get_bool(self->op, "keepdims", &keep);
  out->rank = 0;
  for (int i = 0; i < self->in[0].rank; ++i) {
    if (!reduced[i])
      out->dim[out->rank++] = self->in[0].dim[i];
    else if (keep)
      out->dim[out->rank++] = 1;
  }
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_qgemm_infer_transpose(const inference *self,
                                             cimc_shape *out) {
  int64_t perm[CIMC_RANK_MAX];
  intptr_t count;
  CIMC_TRY(read_axes(self, "perm", &count, perm));
  if (count != self->in[0].rank) {
    cimc_error(self->location,
               "%s: 'perm' has %td elements; expected %d, one for each "
               "dimension of %s",
               self->name, count, self->in[0].rank, TEXT(&self->in[0]));
    return mlirLogicalResultFailure();
  }
  out->rank = self->in[0].rank;
  for (int i = 0; i < out->rank; ++i)
    out->dim[i] = self->in[0].dim[perm[i]];
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_qgemm_infer_result(const inference *self,
                                          cimc_shape *out) {
  MlirType type = mlirValueGetType(mlirOperationGetResult(self->op, 0));
  if (cimc_ir_tensor_shape(type, out))
    return mlirLogicalResultSuccess();
  cimc_error(self->location,
             "%s: the result is no ranked tensor of at most %d dimensions; "
             "expected one",
             self->name, CIMC_RANK_MAX);
  return mlirLogicalResultFailure();
}

// The shape is the user's to choose; one unknown dimension follows from the
// number of elements.
MlirLogicalResult cimc_qgemm_infer_reshape(const inference *self,
                                           cimc_shape *out) {
  CIMC_TRY(cimc_qgemm_infer_result(self, out));
  int64_t count = cimc_ir_element_count(&self->in[0]);
  int64_t known = 1;
  int unknown = -1, unknowns = 0;
  for (int i = 0; i < out->rank; ++i) {
    if (out->dim[i] < 0) {
      unknown = i;
      unknowns++;
    } else if (__builtin_mul_overflow(known, out->dim[i], &known)) {
      known = INT64_MAX;
    }
  }
  if (count < 0 || unknowns > 1)
    return mlirLogicalResultSuccess();
  if (unknowns == 0 ? known == count : known > 0 && count % known == 0) {
    if (unknowns == 1)
      out->dim[unknown] = count / known;
    return mlirLogicalResultSuccess();
  }
  cimc_error(self->location,
             "%s: %s has %" PRId64
             " elements; expected a result shape of as many, but it is %s",
             self->name, TEXT(&self->in[0]), count, TEXT(out));
  return mlirLogicalResultFailure();
}

MlirLogicalResult cimc_qgemm_infer_splat(const inference *self,
                                         cimc_shape *out) {
  (void)self;
  *out = (cimc_shape){.rank = 1, .dim = {1}};
  return mlirLogicalResultSuccess();
}

// -- Entry -------------------------------------------------------------------

static MlirLogicalResult read_operands(inference *self) {
  self->operand_count = mlirOperationGetNumOperands(self->op);
  if (cimc_qgemm_row_of(self->kind)->scalars)
    return mlirLogicalResultSuccess();
  for (intptr_t i = 0; i < self->operand_count && i < CIMC_QGEMM_OPERANDS_MAX;
       ++i) {
    MlirType type = mlirValueGetType(mlirOperationGetOperand(self->op, i));
    bool ranked = cimc_ir_tensor_shape(type, &self->in[i]);
    bool small = ranked;
    for (int d = 0; ranked && d < self->in[i].rank; ++d)
      small = small && self->in[i].dim[d] < INT64_C(1) << 62;
    if (!small) {
      cimc_error(self->location,
                 "%s: operand %td is no ranked tensor of at most %d dimensions "
                 "below 2^62; expected one",
                 self->name, i, CIMC_RANK_MAX);
      return mlirLogicalResultFailure();
    }
  }
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult check_size(const inference *self,
                                    const cimc_shape *shape) {
  for (int i = 0; i < shape->rank; ++i)
    if (shape->dim[i] < 0)
      return mlirLogicalResultSuccess();
  int64_t count = cimc_ir_element_count(shape), bytes;
  if (count >= 0 && !__builtin_mul_overflow(count, (int64_t)8, &bytes))
    return mlirLogicalResultSuccess();
  cimc_error(self->location,
             "%s: the result %s has more bytes than an address can count; "
             "expected fewer",
             self->name, TEXT(shape));
  return mlirLogicalResultFailure();
}

MlirLogicalResult cimc_qgemm_infer_shape(MlirOperation op, cimc_shape *out) {
  inference self = {.op = op, .location = mlirOperationGetLocation(op)};
  self.kind = cimc_qgemm_kind_of(op);
  if (self.kind == CIMC_QGEMM_NONE)
    return cimc_error(self.location, "'%.*s' is no op of qgemm; expected one",
                      (int)cimc_ir_op_name(op).length,
                      cimc_ir_op_name(op).data);
  self.name = cimc_qgemm_name(self.kind);
  CIMC_TRY(read_operands(&self));
  cimc_shape shape = {0};
  CIMC_TRY(cimc_qgemm_row_of(self.kind)->infer(&self, &shape));
  CIMC_TRY(check_size(&self, &shape));
  *out = shape;
  return mlirLogicalResultSuccess();
}
