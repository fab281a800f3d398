// SPDX-License-Identifier: Apache-2.0
//
// One op being raised: what the handlers in raise_*.c read and build with. All
// that is built stands before the op; the walk in raise.c removes the op.
//
// Types: a tensor of i1 is one of ui8 here, 0 or 1, and a quantized one its
// storage; both at the function's edge, too.
#ifndef CIMC_PASSES_MODEL_RAISE_OP_H
#define CIMC_PASSES_MODEL_RAISE_OP_H

#include "passes/model/literal.h"

typedef struct cimc_raise cimc_raise;

// Reports what is not supported, or ends with cimc_raise_done.
typedef MlirLogicalResult cimc_raise_handler(cimc_raise *self);

// A row of a table of ops; a null name ends it.
typedef struct cimc_raise_row {
  const char *name; // "tosa.conv2d"
  cimc_raise_handler *raise;
  cimc_qgemm_kind kind; // of the qgemm op, where one does it
  const char *word;     // what else the handler must know
} cimc_raise_row;

// The tables, one a file.
extern const cimc_raise_row cimc_raise_rows_tosa_linear[];
extern const cimc_raise_row cimc_raise_rows_tosa_quant[];
extern const cimc_raise_row cimc_raise_rows_tosa_math[];
extern const cimc_raise_row cimc_raise_rows_tosa_shape[];
extern const cimc_raise_row cimc_raise_rows_linalg[];
extern const cimc_raise_row cimc_raise_rows_linalg_map[];
extern const cimc_raise_row cimc_raise_rows_tensor[];
extern const cimc_raise_row cimc_raise_rows_scalar[];

struct cimc_raise {
  MlirContext context;
  MlirRewriterBase rewriter;
  MlirOperation op;
  MlirLocation location;
  const cimc_raise_row *row;
  const MlirValue *operands; // instead of the op's own; null: those
  MlirValue result;          // what the op becomes
};

// -- Reports -----------------------------------------------------------------
// "tosa.conv2d: …"; what was found, then what is expected. Always failure.
MlirLogicalResult cimc_raise_refuse(cimc_raise *self, const char *format, ...)
    CIMC_PRINTF(2, 3);

// -- The op ------------------------------------------------------------------
MlirLogicalResult cimc_raise_done(cimc_raise *self, MlirValue value);
MlirValue cimc_raise_operand(const cimc_raise *self, intptr_t index);
cimc_shape cimc_raise_shape(MlirValue value);
cimc_storage cimc_raise_storage(MlirValue value);
// The type that stands for a foreign one, a dynamic batch as 1; null when none
// does.
MlirType cimc_raise_type(MlirType type);
// Of result 0, which is checked before a handler runs, as the operands are.
MlirType cimc_raise_result(const cimc_raise *self);
// The storage of the result, be it a tensor or, in a body, a scalar.
cimc_storage cimc_raise_result_storage(const cimc_raise *self);
MlirType cimc_raise_element(const cimc_raise *self, cimc_storage storage);

bool cimc_raise_bool(const cimc_raise *self, const char *name);
// Whether the attribute's text has the word: of enumerations.
bool cimc_raise_says(const cimc_raise *self, const char *name,
                     const char *word);
// Reads a list of `count` integers, whatever kind of attribute it is.
MlirLogicalResult cimc_raise_list(cimc_raise *self, const char *name,
                                  intptr_t count, int64_t *out);

// -- Operands that must be known ---------------------------------------------
#define CIMC_RAISE_NUMBERS_MAX 16
// The elements of an integer constant or tosa.const_shape; reports.
MlirLogicalResult cimc_raise_numbers(cimc_raise *self, intptr_t operand,
                                     intptr_t count, int64_t *out);
// The one element of a constant: a zero point, a shift. Of a float it is 0:
// floats have no zero point, yet tosa's ops carry one.
MlirLogicalResult cimc_raise_number(cimc_raise *self, intptr_t operand,
                                    const char *what, int64_t *out);
// The same as a number, of floats too.
MlirLogicalResult cimc_raise_real(cimc_raise *self, intptr_t operand,
                                  const char *what, double *out);
// The value of a scalar arith.constant; false when it is no such.
bool cimc_raise_scalar_value(MlirValue value, double *out);

// -- Building ----------------------------------------------------------------
MlirValue cimc_raise_build(cimc_raise *self, cimc_edit *edit);
MlirValue cimc_raise_unary(cimc_raise *self, cimc_qgemm_kind kind, MlirValue x);
// Result: the shape that broadcasting gives, lhs's element type.
MlirValue cimc_raise_binary(cimc_raise *self, cimc_qgemm_kind kind,
                            MlirValue lhs, MlirValue rhs);
MlirValue cimc_raise_compare(cimc_raise *self, const char *predicate,
                             MlirValue lhs, MlirValue rhs);
MlirValue cimc_raise_select(cimc_raise *self, MlirValue condition, MlirValue a,
                            MlirValue b);
MlirValue cimc_raise_cast(cimc_raise *self, MlirValue x, cimc_storage storage);
// The value itself when nothing changes.
MlirValue cimc_raise_reshape(cimc_raise *self, MlirValue x,
                             const cimc_shape *shape);
MlirValue cimc_raise_transpose(cimc_raise *self, MlirValue x,
                               const int64_t *perm);
MlirValue cimc_raise_slice(cimc_raise *self, MlirValue x, const int64_t *starts,
                           const cimc_shape *sizes, const int64_t *steps);
typedef struct cimc_raise_padding {
  int64_t low[CIMC_RANK_MAX], high[CIMC_RANK_MAX], interior[CIMC_RANK_MAX];
  float value;
} cimc_raise_padding;
MlirValue cimc_raise_pad(cimc_raise *self, MlirValue x,
                         const cimc_raise_padding *padding);
MlirValue cimc_raise_gather(cimc_raise *self, MlirValue x, MlirValue indices,
                            int axis);
// Takes the elements at known indices along an axis.
MlirValue cimc_raise_take(cimc_raise *self, MlirValue x, int axis,
                          const int32_t *indices, int64_t count);
// Repeats dimensions of size 1 so that x has the shape.
MlirValue cimc_raise_expand(cimc_raise *self, MlirValue x,
                            const cimc_shape *shape);
MlirValue cimc_raise_reduce(cimc_raise *self, cimc_qgemm_kind kind, MlirValue x,
                            int64_t axis);

// The type of elements, `i1` as ui8; null when it is not supported.
MlirType cimc_raise_element_type(MlirType element);
const cimc_raise_row *cimc_raise_find(const cimc_raise_row *rows,
                                      MlirOperation op);
// A constant of one element that broadcasts against `like`, of its storage.
MlirValue cimc_raise_scalar(cimc_raise *self, MlirValue like, double value);
// A constant whose elements are all the same.
MlirValue cimc_raise_splat(cimc_raise *self, MlirType type, double value);
MlirValue cimc_raise_constant(cimc_raise *self, const cimc_literal *literal);
// The constant that a transpose or reshape of a constant gives; else x.
MlirValue cimc_raise_folded(cimc_raise *self, MlirValue x);
// The value with scale 1 and a zero point, a view; a constant stays one.
MlirValue cimc_raise_quantized(cimc_raise *self, MlirValue x,
                               int64_t zero_point);
// The bytes of a quantized value.
MlirValue cimc_raise_plain(cimc_raise *self, MlirValue x);

// -- Shared by tosa and linalg -----------------------------------------------
// A constant from the attribute of that name.
MlirLogicalResult cimc_raise_elements(cimc_raise *self, const char *name);
MlirLogicalResult cimc_raise_concat(cimc_raise *self, const char *axis_name);
// Refuses nan_mode IGNORE where x is of floats.
MlirLogicalResult cimc_raise_check_nan(cimc_raise *self, MlirValue x);
MlirValue cimc_raise_clamp(cimc_raise *self, MlirValue x, double low,
                           double high);
MlirValue cimc_raise_logical_shift(cimc_raise *self, MlirValue x,
                                   MlirValue amount);
typedef struct cimc_raise_conv {
  MlirValue input, weights; // NHWC, OHWI
  int64_t input_zp, weight_zp;
  int64_t strides[2], pads[4], dilations[2]; // as in qgemm.conv2d
  int64_t groups;
} cimc_raise_conv;
// The convolution without a bias, of f32 or i32 sums.
MlirLogicalResult cimc_raise_conv2d(cimc_raise *self,
                                    const cimc_raise_conv *conv, MlirValue bias,
                                    MlirValue *out);
// x combined with what linalg's output operand holds; x where that is idle.
MlirValue cimc_raise_accumulate(cimc_raise *self, cimc_qgemm_kind combine,
                                MlirValue x, MlirValue init);
// Of f32, or i32 sums with two zero points; b is a matrix or one a batch.
MlirLogicalResult cimc_raise_batch_matmul(cimc_raise *self, MlirValue a,
                                          MlirValue b, const int64_t *zps);

// A pool; `edit` has its kind and what it has besides.
typedef struct cimc_raise_pool {
  int64_t kernel[2], strides[2], pads[4];
} cimc_raise_pool;
MlirValue cimc_raise_pool2d(cimc_raise *self, const cimc_raise_pool *pool,
                            cimc_edit *edit);

#endif
