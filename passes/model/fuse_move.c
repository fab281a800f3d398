// SPDX-License-Identifier: Apache-2.0
//
// Quant-fusion of ops that move elements.
//
// op(dequantize(q)) -> dequantize(op(q)): exact, as each element of the result
// is one of the operand's, and dequantize keeps their order for the largest and
// smallest. A concat of several scales takes each operand to the scale of the
// quantize below it, as ONNX Runtime's QLinearConcat does by tables.
#include "passes/model/fuse_move.h"
#include "passes/model/edit.h"

#include <math.h>
#include <string.h>

#define NO_MATCH mlirLogicalResultFailure()

// -- Matching ----------------------------------------------------------------
// 8 or 16 bits and one scale.
static bool is_narrow(MlirType type) {
  cimc_element element = cimc_qgemm_element(type);
  return element.quantized && element.axis < 0 &&
         cimc_storage_bytes(element.storage) <= 2;
}

// The narrow value below a dequantize.
static bool dequantized(MlirValue value, MlirValue *out) {
  MlirOperation op = cimc_edit_def(value, CIMC_QGEMM_DEQUANTIZE);
  if (mlirOperationIsNull(op))
    return false;
  *out = cimc_edit_operand(op, 0);
  return is_narrow(mlirValueGetType(*out));
}

static MlirLogicalResult replace_by_dequantize(MlirRewriterBase rewriter,
                                               MlirOperation op,
                                               cimc_edit *edit,
                                               MlirType quantized) {
  edit->type = cimc_edit_with_element_of(cimc_edit_type(op), quantized);
  MlirValue moved = cimc_edit_build(rewriter, edit);
  return cimc_edit_replace(rewriter, op,
                           cimc_edit_unary(rewriter, CIMC_QGEMM_DEQUANTIZE,
                                           moved, cimc_edit_type(op),
                                           mlirOperationGetLocation(op)));
}

// Whether a pad's value is one of the type's steps: then padding before or
// after the dequantize is the same.
static bool is_representable(float value, MlirType type) {
  cimc_element element = cimc_qgemm_element(type);
  float steps = rintf(value / element.scale);
  float q = steps + (float)element.zero_point;
  return steps * element.scale == value &&
         q >= (float)cimc_storage_min(element.storage) &&
         q <= (float)cimc_storage_max(element.storage);
}

static bool moves_exactly(MlirOperation op, MlirType quantized) {
  float value = 0;
  if (cimc_qgemm_kind_of(op) != CIMC_QGEMM_PAD)
    return true;
  return cimc_ir_get_f32(op, "value", &value) &&
         is_representable(value, quantized);
}

// -- Dequantize below --------------------------------------------------------
static MlirLogicalResult
sink_dequantize(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  cimc_edit edit = cimc_edit_copy(op);
  if (!dequantized(cimc_edit_operand(op, 0), &edit.operands[0]) ||
      !moves_exactly(op, mlirValueGetType(edit.operands[0])))
    return NO_MATCH;
  return replace_by_dequantize(rewriter, op, &edit,
                               mlirValueGetType(edit.operands[0]));
}

// The same for ops that choose among several operands of one type: concat, and
// select behind its condition.
static MlirLogicalResult
sink_dequantizes(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  cimc_edit edit = cimc_edit_copy(op);
  int first = edit.kind == CIMC_QGEMM_SELECT ? 1 : 0;
  for (int i = first; i < edit.operand_count; i++) {
    if (!dequantized(edit.operands[i], &edit.operands[i]) ||
        !mlirTypeEqual(
            cimc_ir_element_type(mlirValueGetType(edit.operands[i])),
            cimc_ir_element_type(mlirValueGetType(edit.operands[first]))))
      return NO_MATCH;
  }
  return replace_by_dequantize(rewriter, op, &edit,
                               mlirValueGetType(edit.operands[first]));
}

// The index of the largest is the same among the integers.
static MlirLogicalResult
drop_dequantize(MlirOperation op, MlirRewriterBase rewriter, void *user) {
  (void)user;
  cimc_edit edit = cimc_edit_copy(op);
  if (!dequantized(cimc_edit_operand(op, 0), &edit.operands[0]))
    return NO_MATCH;
  return cimc_edit_replace(rewriter, op, cimc_edit_build(rewriter, &edit));
}

// -- Quantize above ----------------------------------------------------------
// quantize(concat(x, ..)) -> concat(quantize(x), ..), which each meets what
// made x: a dequantize, then it is a requantize or nothing, or an f32 op.
static MlirLogicalResult raise_quantize(MlirOperation op,
                                        MlirRewriterBase rewriter, void *user) {
  (void)user;
  MlirValue x = cimc_edit_operand(op, 0);
  MlirOperation concat = cimc_edit_def(x, CIMC_QGEMM_CONCAT);
  MlirType type = cimc_edit_type(op);
  if (mlirOperationIsNull(concat) || !is_narrow(type) ||
      !cimc_ir_has_one_use(x))
    return NO_MATCH;
  cimc_edit edit = cimc_edit_copy(concat);
  edit.type = type;
  for (int i = 0; i < edit.operand_count; i++)
    edit.operands[i] = cimc_edit_unary(
        rewriter, CIMC_QGEMM_QUANTIZE, edit.operands[i],
        cimc_edit_with_element_of(mlirValueGetType(edit.operands[i]), type),
        mlirOperationGetLocation(op));
  return cimc_edit_replace(rewriter, op, cimc_edit_build(rewriter, &edit));
}

// -- Table -------------------------------------------------------------------
static const cimc_pattern patterns[] = {
    {"qgemm.max_pool2d", sink_dequantize},
    {"qgemm.pad", sink_dequantize},
    {"qgemm.slice", sink_dequantize},
    {"qgemm.gather", sink_dequantize},
    {"qgemm.reduce_max", sink_dequantize},
    {"qgemm.reduce_min", sink_dequantize},
    {"qgemm.reshape", sink_dequantize},
    {"qgemm.transpose", sink_dequantize},
    {"qgemm.concat", sink_dequantizes},
    {"qgemm.select", sink_dequantizes},
    {"qgemm.arg_max", drop_dequantize},
    {"qgemm.arg_min", drop_dequantize},
    {"qgemm.quantize", raise_quantize},
};
_Static_assert(sizeof patterns / sizeof *patterns <=
                   CIMC_FUSE_MOVE_PATTERNS_MAX,
               "room for the patterns");

size_t cimc_fuse_move_patterns(cimc_pattern *out) {
  memcpy(out, patterns, sizeof patterns);
  return sizeof patterns / sizeof *patterns;
}
