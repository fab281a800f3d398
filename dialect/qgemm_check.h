// SPDX-License-Identifier: Apache-2.0
//
// What the files behind qgemm.h share: the row of the op table (qgemm.c), and
// the functions a row may name. Another row that one of them fits names it too.
#ifndef CIMC_DIALECT_QGEMM_CHECK_H
#define CIMC_DIALECT_QGEMM_CHECK_H

#include "dialect/qgemm.h"

// -- A row of the op table ---------------------------------------------------
typedef enum cimc_attribute_kind {
  CIMC_ATTRIBUTE_I64,
  CIMC_ATTRIBUTE_F32,
  CIMC_ATTRIBUTE_BOOL,
  CIMC_ATTRIBUTE_ACTIVATION,
  CIMC_ATTRIBUTE_I64S,
  CIMC_ATTRIBUTE_TYPE,
  CIMC_ATTRIBUTE_VALUE,
  CIMC_ATTRIBUTE_WORD, // one of those in `example`
} cimc_attribute_kind;

typedef struct cimc_attribute_rule {
  const char *name; // null ends a list
  cimc_attribute_kind kind;
  bool optional;
  intptr_t count;      // of an I64S: how many; 0: up to the rank
  const char *example; // how to write it
} cimc_attribute_rule;

typedef struct cimc_qgemm_inference cimc_qgemm_inference;
typedef struct cimc_qgemm_check cimc_qgemm_check;

// The result's shape from the operands' and the attributes; reports.
typedef MlirLogicalResult cimc_qgemm_infer(const cimc_qgemm_inference *self,
                                           cimc_shape *out);

// How the element types of an op's operands, result, `mid` and `value` must
// relate; reports. The types are sound by themselves and the attributes of
// their kind.
typedef MlirLogicalResult cimc_qgemm_types(const cimc_qgemm_check *self);

#define CIMC_QGEMM_ATTRIBUTES_MAX 12

typedef struct cimc_qgemm_row {
  const char *name;                                  // "qgemm.conv2d"
  const char *operands[CIMC_QGEMM_OPERANDS_MAX + 1]; // names, ended by null
  cimc_qgemm_infer *infer;
  cimc_qgemm_types *types;
  cimc_attribute_rule attributes[CIMC_QGEMM_ATTRIBUTES_MAX + 1];
  bool view;     // see cimc_qgemm_is_view
  bool scalars;  // the operands are scalars, not tensors
  bool variadic; // the operands after the first may be left out
} cimc_qgemm_row;

// Of any kind but CIMC_QGEMM_NONE.
const cimc_qgemm_row *cimc_qgemm_row_of(cimc_qgemm_kind kind);

// -- Shapes: qgemm_infer.c ---------------------------------------------------
struct cimc_qgemm_inference {
  MlirOperation op;
  MlirLocation location;
  cimc_qgemm_kind kind;
  const char *name; // "qgemm.conv2d"
  intptr_t operand_count;
  cimc_shape in[CIMC_QGEMM_OPERANDS_MAX];
};

// Reads an attribute of `count` elements, each in [low, 2^31); reports.
MlirLogicalResult cimc_qgemm_infer_i64s(const cimc_qgemm_inference *self,
                                        const char *attribute, intptr_t count,
                                        int64_t low, int64_t *out);

cimc_qgemm_infer cimc_qgemm_infer_result; // the shape it has
cimc_qgemm_infer cimc_qgemm_infer_same;   // that of operand 0
cimc_qgemm_infer cimc_qgemm_infer_broadcast;
cimc_qgemm_infer cimc_qgemm_infer_splat;
cimc_qgemm_infer cimc_qgemm_infer_matmul;
cimc_qgemm_infer cimc_qgemm_infer_batch_matmul;
cimc_qgemm_infer cimc_qgemm_infer_conv;
cimc_qgemm_infer cimc_qgemm_infer_softmax;
cimc_qgemm_infer cimc_qgemm_infer_pool;
cimc_qgemm_infer cimc_qgemm_infer_global_pool;
cimc_qgemm_infer cimc_qgemm_infer_reduce;
cimc_qgemm_infer cimc_qgemm_infer_reshape;
cimc_qgemm_infer cimc_qgemm_infer_transpose;
// Those of qgemm_infer_move.c.
cimc_qgemm_infer cimc_qgemm_infer_pad;
cimc_qgemm_infer cimc_qgemm_infer_concat;
cimc_qgemm_infer cimc_qgemm_infer_slice;
cimc_qgemm_infer cimc_qgemm_infer_gather;
cimc_qgemm_infer cimc_qgemm_infer_table;
cimc_qgemm_infer cimc_qgemm_infer_arg;

// -- Element types: qgemm_types.c --------------------------------------------
// The op being checked. Every check reports what it finds at `location`.
struct cimc_qgemm_check {
  MlirOperation op;
  MlirLocation location;
  cimc_qgemm_kind kind;
  const char *name; // "qgemm.conv2d"
  const cimc_qgemm_row *row;
};

// A tensor of the op, with what its type says.
typedef struct cimc_qgemm_value {
  const char *what;
  MlirType type;
  cimc_element element;
} cimc_qgemm_value;

cimc_qgemm_value cimc_qgemm_value_operand(const cimc_qgemm_check *self, int i);
cimc_qgemm_value cimc_qgemm_value_result(const cimc_qgemm_check *self);
bool cimc_qgemm_value_has(const cimc_qgemm_check *self, int operand);
// Integers of 8 or 16 bits with scales: what kernels read and write.
bool cimc_qgemm_value_is_narrow(const cimc_qgemm_value *value);
MlirLogicalResult cimc_qgemm_value_per_tensor(const cimc_qgemm_check *self,
                                              cimc_qgemm_value value);
// Reports that the value's element type is not `what`: always failure.
MlirLogicalResult cimc_qgemm_value_expected(const cimc_qgemm_check *self,
                                            const cimc_qgemm_value *value,
                                            const char *what);

cimc_qgemm_types cimc_qgemm_types_uniform; // all f32, or all of 8 or 16 bits
cimc_qgemm_types cimc_qgemm_types_same;    // x and result: any type, but one
cimc_qgemm_types cimc_qgemm_types_same_uniform; // both
cimc_qgemm_types cimc_qgemm_types_constant;
cimc_qgemm_types cimc_qgemm_types_splat;
cimc_qgemm_types cimc_qgemm_types_storage_cast;
cimc_qgemm_types cimc_qgemm_types_quantize;
cimc_qgemm_types cimc_qgemm_types_dequantize;
cimc_qgemm_types cimc_qgemm_types_requantize;
cimc_qgemm_types cimc_qgemm_types_product;
cimc_qgemm_types cimc_qgemm_types_batch_matmul;
cimc_qgemm_types cimc_qgemm_types_conv2d_add;
cimc_qgemm_types cimc_qgemm_types_global_pool;
cimc_qgemm_types cimc_qgemm_types_transpose;
// Those of qgemm_types_plain.c; "plain": integers without scales.
cimc_qgemm_types cimc_qgemm_types_arith; // uniform, or all of one plain type
cimc_qgemm_types cimc_qgemm_types_plain; // all of one plain type
cimc_qgemm_types cimc_qgemm_types_compare;
cimc_qgemm_types cimc_qgemm_types_select;
cimc_qgemm_types cimc_qgemm_types_cast;
cimc_qgemm_types cimc_qgemm_types_rescale;
cimc_qgemm_types cimc_qgemm_types_table;
cimc_qgemm_types cimc_qgemm_types_arg;
cimc_qgemm_types cimc_qgemm_types_concat; // all of one type
cimc_qgemm_types cimc_qgemm_types_gather;
// Those of qgemm_types_exact.c: uniform, and what `arithmetic` wants.
cimc_qgemm_types cimc_qgemm_types_avg_pool;
cimc_qgemm_types cimc_qgemm_types_softmax;

// Whether an int32 holds the sums of a quantized matmul, batch_matmul or
// convolution; reports: qgemm_sum.c.
MlirLogicalResult cimc_qgemm_check_sum(const cimc_qgemm_check *self);

// Multipliers and shifts of an op that has them; reports. `channels` is how
// many there may be besides one; -1: not known.
MlirLogicalResult cimc_qgemm_check_rescale(const cimc_qgemm_check *self,
                                           int64_t channels);

// The optional multipliers, shifts and rounding of a product; reports.
MlirLogicalResult cimc_qgemm_check_fractions(const cimc_qgemm_check *self);

// A tensor type by itself: ranked, not empty, a supported element type, sound
// scales and zero points. `report` false only asks.
MlirLogicalResult cimc_qgemm_types_check_tensor(MlirLocation location,
                                                const char *what, MlirType type,
                                                bool report);

#endif
