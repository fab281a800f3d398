// SPDX-License-Identifier: Apache-2.0
//
// The qgemm dialect from C: the op table, typed readers of ops and quantized
// types, result inference, and the verifier for what IRDL cannot say.
#ifndef CIMC_DIALECT_QGEMM_H
#define CIMC_DIALECT_QGEMM_H

#include "dialect/ir.h"

typedef enum cimc_qgemm_kind {
  CIMC_QGEMM_NONE, // not a qgemm op
  CIMC_QGEMM_CONSTANT,
  CIMC_QGEMM_SPLAT,
  CIMC_QGEMM_STORAGE_CAST,
  CIMC_QGEMM_QUANTIZE,
  CIMC_QGEMM_DEQUANTIZE,
  CIMC_QGEMM_REQUANTIZE,
  CIMC_QGEMM_MATMUL,
  CIMC_QGEMM_BATCH_MATMUL,
  CIMC_QGEMM_CONV2D,
  CIMC_QGEMM_CONV2D_ADD,
  CIMC_QGEMM_ADD,
  CIMC_QGEMM_SUB,
  CIMC_QGEMM_MUL,
  CIMC_QGEMM_RELU,
  CIMC_QGEMM_CLAMP,
  CIMC_QGEMM_SIGMOID,
  CIMC_QGEMM_TANH,
  CIMC_QGEMM_SOFTMAX,
  CIMC_QGEMM_MAX_POOL2D,
  CIMC_QGEMM_AVG_POOL2D,
  CIMC_QGEMM_GLOBAL_AVG_POOL2D,
  CIMC_QGEMM_REDUCE_MEAN,
  CIMC_QGEMM_RESHAPE,
  CIMC_QGEMM_TRANSPOSE,
  CIMC_QGEMM_PAD,
  CIMC_QGEMM_ABS,
  CIMC_QGEMM_NEG,
  CIMC_QGEMM_SIGN,
  CIMC_QGEMM_EXP,
  CIMC_QGEMM_LOG,
  CIMC_QGEMM_SQRT,
  CIMC_QGEMM_RSQRT,
  CIMC_QGEMM_RECIPROCAL,
  CIMC_QGEMM_FLOOR,
  CIMC_QGEMM_CEIL,
  CIMC_QGEMM_ROUND,
  CIMC_QGEMM_ERF,
  CIMC_QGEMM_SIN,
  CIMC_QGEMM_COS,
  CIMC_QGEMM_HARD_SWISH,
  CIMC_QGEMM_GELU,
  CIMC_QGEMM_HARD_SIGMOID,
  CIMC_QGEMM_LEAKY_RELU,
  CIMC_QGEMM_ELU,
  CIMC_QGEMM_DIV,
  CIMC_QGEMM_MIN,
  CIMC_QGEMM_MAX,
  CIMC_QGEMM_POW,
  CIMC_QGEMM_BIT_AND,
  CIMC_QGEMM_BIT_OR,
  CIMC_QGEMM_BIT_XOR,
  CIMC_QGEMM_SHIFT_LEFT,
  CIMC_QGEMM_SHIFT_RIGHT,
  CIMC_QGEMM_COMPARE,
  CIMC_QGEMM_SELECT,
  CIMC_QGEMM_CAST,
  CIMC_QGEMM_RESCALE,
  CIMC_QGEMM_TABLE,
  CIMC_QGEMM_REDUCE_SUM,
  CIMC_QGEMM_REDUCE_MAX,
  CIMC_QGEMM_REDUCE_MIN,
  CIMC_QGEMM_REDUCE_PROD,
  CIMC_QGEMM_ARG_MAX,
  CIMC_QGEMM_ARG_MIN,
  CIMC_QGEMM_CONCAT,
  CIMC_QGEMM_SLICE,
  CIMC_QGEMM_GATHER,
  CIMC_QGEMM_KIND_COUNT,
} cimc_qgemm_kind;

cimc_qgemm_kind cimc_qgemm_kind_of(MlirOperation op);
// "qgemm.conv2d"; a static string.
const char *cimc_qgemm_name(cimc_qgemm_kind kind);
// True for ops whose result is the operand's bytes seen otherwise: reshape and
// storage_cast. They cost nothing and share memory.
bool cimc_qgemm_is_view(cimc_qgemm_kind kind);

// The most operands an op has: of concat.
#define CIMC_QGEMM_OPERANDS_MAX 16
// What an op of a variable number of operands (concat) must carry besides.
MlirNamedAttribute cimc_qgemm_segments(MlirContext context, intptr_t count);

// -- Element types -----------------------------------------------------------
// What one element of a tensor is: its storage, and, when quantized, its
// scales. A per-tensor type has scale_count 1 and axis -1.
typedef enum cimc_storage {
  CIMC_STORAGE_OTHER, // index, f16, … : not supported by the passes
  CIMC_STORAGE_F32,
  CIMC_STORAGE_I8,
  CIMC_STORAGE_U8,
  CIMC_STORAGE_I16,
  CIMC_STORAGE_U16,
  CIMC_STORAGE_I32,
  CIMC_STORAGE_I64,
} cimc_storage;

typedef struct cimc_element {
  cimc_storage storage;
  bool quantized;
  int axis;            // -1: per tensor
  int64_t scale_count; // 0 when not quantized
  float scale;         // of channel 0
  int32_t zero_point;  // of channel 0
} cimc_element;

// Reads the element type of a tensor type, or a scalar type itself. Plain
// signless i8 and si8 are I8, ui8 is U8.
cimc_element cimc_qgemm_element(MlirType type);
// Scale and zero point of one channel (channel 0 serves a per-tensor type).
float cimc_qgemm_scale(MlirType type, int64_t channel);
int32_t cimc_qgemm_zero_point(MlirType type, int64_t channel);
int cimc_storage_bytes(cimc_storage storage);
// Smallest and largest stored value of an integer storage.
int64_t cimc_storage_min(cimc_storage storage);
int64_t cimc_storage_max(cimc_storage storage);
// Of how many quantized elements an int32 surely holds the sum of q -
// zero_point.
int64_t cimc_storage_sum_max(cimc_storage storage);
// The builtin type a storage is held in: f32, i8 (for I8), ui8 (for U8), …
MlirType cimc_storage_type(MlirContext context, cimc_storage storage);

// !quant.uniform with f32 expressed type.
MlirType cimc_qgemm_quant_type(MlirContext context, cimc_storage storage,
                               float scale, int32_t zero_point);

// `count` scales and zero points along dimension `axis`.
typedef struct cimc_axis_scales {
  int axis;
  int64_t count;
  const float *scales;
  const int32_t *zero_points;
} cimc_axis_scales;

// A null type when memory runs out.
MlirType cimc_qgemm_quant_axis_type(MlirContext context, cimc_storage storage,
                                    const cimc_axis_scales *scales);

// -- Attributes shared by several ops ----------------------------------------
typedef enum cimc_activation {
  CIMC_ACTIVATION_NONE,
  CIMC_ACTIVATION_RELU,
  CIMC_ACTIVATION_RELU6,
  CIMC_ACTIVATION_CLAMP, // to [clamp_min, clamp_max]
} cimc_activation;

// What the optional attributes activation, clamp_min and clamp_max say, as a
// closed interval of real values: relu = [0, inf], none = [-inf, inf]. Also
// reads qgemm.relu and qgemm.clamp; no op of qgemm, or a null op, has none.
typedef struct cimc_bounds {
  float low;
  float high;
} cimc_bounds;
cimc_bounds cimc_qgemm_bounds(MlirOperation op);
// True when quantizing to the type, of one scale, bounds as much anyhow.
bool cimc_qgemm_bounds_are_idle(cimc_bounds bounds, MlirType quantized);
// The activation word alone (none when absent); false when it is no such word.
bool cimc_qgemm_activation(MlirOperation op, cimc_activation *out);

// conv2d and pools; unused fields have their neutral value.
typedef struct cimc_window {
  int64_t kernel[2];    // height, width
  int64_t strides[2];   // height, width
  int64_t pads[4];      // top, left, bottom, right
  int64_t dilations[2]; // height, width
  int64_t groups;
} cimc_window;
// Reads a conv2d, conv2d_add, max_pool2d or avg_pool2d that has been verified.
cimc_window cimc_qgemm_window(MlirOperation op);

// The raw bytes of a qgemm.constant's value (storage type, C order), for a
// splat too: `*out_splat` then says that there is one element only.
const void *cimc_qgemm_constant_data(MlirOperation constant, bool *out_splat);
// Copies a constant's elements, splats expanded, into `out` of
// element_count * storage_bytes bytes.
void cimc_qgemm_constant_copy(MlirOperation constant, void *out);
// A detached qgemm.constant of `type` from raw bytes in its storage type: one
// element (a splat) or all. Null op (reported) for another number of bytes.
MlirOperation cimc_qgemm_constant_create(MlirLocation location, MlirType type,
                                         const void *data, size_t bytes);

// "1x28x28x3", "?" for a dynamic dimension; returns `out`.
const char *cimc_qgemm_shape_text(const cimc_shape *shape, char *out,
                                  size_t size);

// -- Sums of products --------------------------------------------------------
// The largest |stored - zero_point| of a quantized type, over its channels.
int64_t cimc_qgemm_reach(MlirType type);
// How many products one sum of a matmul, batch_matmul or convolution has, from
// the type of its weights (the second operand); 0 when that is not known.
int64_t cimc_qgemm_depth(cimc_qgemm_kind kind, MlirType weights);

// -- Inference and verification ----------------------------------------------
// The shape of the op's result from operands and attributes; failure is
// reported at the op. Ops whose result shape is free (reshape, constant) give
// the shape they have (a reshape's one dynamic dimension is filled in). What
// follows from a dynamic dimension (-1) is -1.
MlirLogicalResult cimc_qgemm_infer_shape(MlirOperation op, cimc_shape *out);

// Checks every qgemm op of a module: shapes, element types, scale counts, zero
// point ranges, attribute kinds and values, unknown attributes. Reports every
// fault (up to 20), each at its op with a note how to mend it.
MlirLogicalResult cimc_qgemm_verify(MlirOperation module);

#endif
