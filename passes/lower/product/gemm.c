// SPDX-License-Identifier: Apache-2.0
//
// matmul and batch_matmul. A constant right-hand side is packed and runs in
// the register-tiled kernel of micro.c; any other is read row by row.
#include "passes/lower/kernels.h"

#include "passes/lower/core/epilogue.h"
#include "passes/lower/product/finish.h"
#include "passes/lower/product/micro.h"

#include <stdio.h>

static MlirValue operand(MlirOperation op, intptr_t index) {
  return mlirOperationGetOperand(op, index);
}

static cimc_shape shape_of(MlirValue value) {
  cimc_shape shape = {0};
  cimc_ir_tensor_shape(mlirValueGetType(value), &shape);
  return shape;
}

// -- Constant weights --------------------------------------------------------
static MlirLogicalResult lower_packed(cimc_lower *state, MlirOperation op) {
  cimc_shape lhs = shape_of(operand(op, 0)), rhs = shape_of(operand(op, 1));
  int64_t k = rhs.dim[0], n = rhs.dim[1];
  cimc_matrix matrix = {.op = op,
                        .channels = n,
                        .groups = 1,
                        .segments = 1,
                        .length = k,
                        .n_stride = 1,
                        .k_stride = n};
  cimc_packed packed;
  CIMC_TRY(cimc_pack_weights(state, &matrix, &packed));
  cimc_tile tile = cimc_geometry_tile(op);
  cimc_micro micro = {.images = 1,
                      .rows = 1,
                      .columns = cimc_ir_element_count(&lhs) / k,
                      .column_stride =
                          k * cimc_storage_bytes(packed.packing.in),
                      .outer = 1,
                      .inner = 1,
                      .length = k,
                      .channels = n,
                      .out_channels = n,
                      .mr = tile.mr,
                      .nr = tile.nr};
  cimc_micro_call call = {
      .op = op,
      .name = "matmul",
      .packed = &packed,
      .in = cimc_lower_value(state, operand(op, 0)),
      .out = cimc_lower_value(state, mlirOperationGetResult(op, 0)),
      .weights = packed.weights,
      .bias = packed.bias,
      .scale = packed.scale};
  if (mlirValueIsNull(call.in) || mlirValueIsNull(call.out))
    return mlirLogicalResultFailure();
  cimc_micro_emit(state, &micro, &call);
  return mlirLogicalResultSuccess();
}

// -- Both operands computed at run time --------------------------------------
enum {
  ARGUMENT_LHS,
  ARGUMENT_RHS,
  ARGUMENT_BIAS,
  ARGUMENT_SCALE,
  ARGUMENT_OUT,
  ARGUMENT_LHS_ZERO,
  ARGUMENT_RHS_ZERO,
  ARGUMENT_FINISH,
};

typedef struct dynamic_gemm {
  cimc_build b;
  int64_t batch, m, n, k;
  int64_t lhs_step, rhs_step; // bytes between matrices of the batch
  bool bias;
  cimc_element lhs, rhs;
  cimc_finish finish;
  cimc_finish_values values;
  int64_t lanes;
} dynamic_gemm;

static MlirValue advance(cimc_build *b, MlirValue pointer, MlirValue iv,
                         int64_t bytes) {
  MlirValue scaled = cimc_build_mul(b, iv, cimc_build_index(b, bytes));
  return cimc_build_offset(b, pointer, scaled);
}

// One vector of one row: lhs is the row, the others are at the column.
static void emit_vector(dynamic_gemm *g, MlirValue lhs, MlirValue rhs,
                        MlirValue bias, const cimc_finish_place *place) {
  cimc_build *b = &g->b;
  bool quantized = g->finish.quantized;
  MlirType type =
      cimc_build_vector_type(b, g->lanes, quantized ? b->i32 : b->f32);
  MlirValue acc =
      quantized ? cimc_build_int(b, type, 0) : cimc_build_float(b, type, 0.0f);
  if (g->bias)
    acc = cimc_build_load_partial(b, type, bias, 4, place->count);
  cimc_loop k = cimc_build_for(
      b, (cimc_range){cimc_build_index(b, 0), cimc_build_index(b, g->k), 1}, 1,
      &acc);
  int64_t lhs_size = cimc_storage_bytes(g->lhs.storage);
  int64_t rhs_size = cimc_storage_bytes(g->rhs.storage);
  MlirValue x = cimc_epilogue_load(b, g->lhs.storage,
                                   advance(b, lhs, k.iv, lhs_size), 0, 1);
  MlirValue y = cimc_epilogue_load(b, g->rhs.storage,
                                   advance(b, rhs, k.iv, g->n * rhs_size),
                                   g->lanes, place->count);
  if (quantized) {
    MlirValue zero = cimc_build_argument(b, ARGUMENT_RHS_ZERO);
    x = cimc_build_sub(b, x, cimc_build_argument(b, ARGUMENT_LHS_ZERO));
    y = cimc_build_sub(b, y, cimc_build_splat(b, zero, g->lanes));
  }
  x = cimc_build_splat(b, x, g->lanes);
  MlirValue next = quantized
                       ? cimc_build_add(b, k.value[0], cimc_build_mul(b, x, y))
                       : cimc_build_muladd(b, x, y, k.value[0]);
  cimc_build_end_for(b, &k, &next);
  cimc_finish_store(b, &g->finish, &g->values, k.value[0], place);
}

// A row of the result: its row of lhs, and all of rhs.
typedef struct dynamic_row {
  MlirValue lhs, rhs, out;
} dynamic_row;

static void emit_at(dynamic_gemm *g, const dynamic_row *row, MlirValue column,
                    int64_t count) {
  cimc_build *b = &g->b;
  MlirValue bias = advance(b, cimc_build_argument(b, ARGUMENT_BIAS), column, 4);
  cimc_finish_place place = {
      .out = advance(b, row->out, column, cimc_storage_bytes(g->finish.out)),
      .count = count};
  if (g->finish.quantized && !g->finish.sums) {
    cimc_finish_at at = {
        .pointer = advance(b, cimc_build_argument(b, ARGUMENT_SCALE), column,
                           cimc_finish_scale_bytes(&g->finish)),
        .lanes = g->lanes,
        .align = 4};
    place.scale = cimc_finish_load_scale(b, &g->finish, &at);
  }
  MlirValue rhs =
      advance(b, row->rhs, column, cimc_storage_bytes(g->rhs.storage));
  emit_vector(g, row->lhs, rhs, bias, &place);
}

static void emit_dynamic(dynamic_gemm *g) {
  cimc_build *b = &g->b;
  int64_t lhs_size = cimc_storage_bytes(g->lhs.storage);
  int64_t out_size = cimc_storage_bytes(g->finish.out);
  g->values = cimc_finish_load(b, &g->finish, ARGUMENT_FINISH, g->lanes);
  cimc_loop batch = cimc_build_repeat(b, g->batch, 1);
  MlirValue lhs =
      advance(b, cimc_build_argument(b, ARGUMENT_LHS), batch.iv, g->lhs_step);
  MlirValue rhs =
      advance(b, cimc_build_argument(b, ARGUMENT_RHS), batch.iv, g->rhs_step);
  MlirValue out = advance(b, cimc_build_argument(b, ARGUMENT_OUT), batch.iv,
                          g->m * g->n * out_size);
  cimc_loop row = cimc_build_repeat(b, g->m, 1);
  lhs = advance(b, lhs, row.iv, g->k * lhs_size);
  out = advance(b, out, row.iv, g->n * out_size);
  dynamic_row one = {lhs, rhs, out};
  int64_t full = g->n / g->lanes * g->lanes;
  if (full > 0) {
    cimc_loop column = cimc_build_repeat(b, full, g->lanes);
    emit_at(g, &one, column.iv, g->lanes);
    cimc_build_end_for(b, &column, NULL);
  }
  if (full < g->n)
    emit_at(g, &one, cimc_build_index(b, full), g->n - full);
  cimc_build_end_for(b, &row, NULL);
  cimc_build_end_for(b, &batch, NULL);
  cimc_build_return(b, (MlirValue){NULL});
}

static MlirLogicalResult check_types(const dynamic_gemm *g, MlirOperation op) {
  MlirLocation location = mlirOperationGetLocation(op);
  if (g->lhs.quantized != g->rhs.quantized ||
      (!g->lhs.quantized && (g->lhs.storage != CIMC_STORAGE_F32 ||
                             g->rhs.storage != CIMC_STORAGE_F32)))
    return cimc_error(location, "no kernel for these element types; expected "
                                "f32 or quantized operands");
  MlirType rhs = mlirValueGetType(operand(op, 1));
  for (int64_t c = 1; c < g->rhs.scale_count; c++)
    if (cimc_qgemm_zero_point(rhs, c) != g->rhs.zero_point)
      return cimc_error(location,
                        "the right-hand side is computed at run time and has "
                        "several zero points; expected one");
  return mlirLogicalResultSuccess();
}

// Sizes of the batch; reports batches that neither agree nor are single.
static MlirLogicalResult read_sizes(dynamic_gemm *g, MlirOperation op) {
  cimc_shape lhs = shape_of(operand(op, 0)), rhs = shape_of(operand(op, 1));
  g->k = rhs.dim[rhs.rank - 2];
  g->n = rhs.dim[rhs.rank - 1];
  g->m = lhs.dim[lhs.rank - 2];
  int64_t left = cimc_ir_element_count(&lhs) / (g->m * g->k);
  int64_t right = cimc_ir_element_count(&rhs) / (g->n * g->k);
  if (right == 1 && left > 1) { // one matrix for all: rows follow one another
    g->m *= left;
    left = 1;
  }
  if (left != right && left != 1)
    return cimc_error(mlirOperationGetLocation(op),
                      "batches of %jd and %jd matrices; expected equal ones",
                      (intmax_t)left, (intmax_t)right);
  g->batch = left > right ? left : right;
  g->lhs_step =
      left == 1 ? 0 : g->m * g->k * cimc_storage_bytes(g->lhs.storage);
  g->rhs_step =
      right == 1 ? 0 : g->n * g->k * cimc_storage_bytes(g->rhs.storage);
  return mlirLogicalResultSuccess();
}

static void call_dynamic(cimc_lower *state, MlirOperation op, dynamic_gemm *g,
                         MlirValue *arguments) {
  cimc_build *entry = cimc_lower_entry(state);
  cimc_finish_channels channels = {1, g->n,
                                   (g->n + g->lanes - 1) / g->lanes * g->lanes};
  MlirValue scale = cimc_finish_scale_data(state, op, &channels);
  arguments[ARGUMENT_SCALE] =
      mlirValueIsNull(scale) ? arguments[ARGUMENT_BIAS] : scale;
  arguments[ARGUMENT_LHS_ZERO] =
      cimc_build_int(entry, entry->i32, g->lhs.zero_point);
  arguments[ARGUMENT_RHS_ZERO] =
      cimc_build_int(entry, entry->i32, g->rhs.zero_point);
  intptr_t count =
      ARGUMENT_FINISH +
      cimc_finish_arguments(state, op, &g->finish, arguments + ARGUMENT_FINISH);
  char key[CIMC_KERNEL_KEY_MAX], tail[CIMC_FINISH_KEY_MAX];
  cimc_finish_key(&g->finish, tail);
  snprintf(key, sizeof key, "matmul2_i%d_%d_b%jd_%d_%d_m%jd_n%jd_k%jd_c%d_%s",
           (int)g->lhs.storage, (int)g->rhs.storage, (intmax_t)g->batch,
           g->lhs_step == 0, g->rhs_step == 0, (intmax_t)g->m, (intmax_t)g->n,
           (intmax_t)g->k, g->bias, tail);
  cimc_kernel kernel = {
      .key = key, .count = count, .arguments = arguments, .noalias = true};
  if (cimc_lower_kernel(state, op, &kernel, &g->b))
    emit_dynamic(g);
}

MlirLogicalResult cimc_gemm_lower_batch(cimc_lower *state, MlirOperation op) {
  dynamic_gemm g = {.lhs = cimc_qgemm_element(mlirValueGetType(operand(op, 0))),
                    .rhs = cimc_qgemm_element(mlirValueGetType(operand(op, 1))),
                    .bias = mlirOperationGetNumOperands(op) > 2,
                    .finish = cimc_finish_of(op),
                    .lanes = cimc_lower_entry(state)->lanes};
  CIMC_TRY(check_types(&g, op));
  CIMC_TRY(read_sizes(&g, op));
  MlirValue arguments[ARGUMENT_FINISH + CIMC_FINISH_ARGUMENTS_MAX] = {
      [ARGUMENT_LHS] = cimc_lower_value(state, operand(op, 0)),
      [ARGUMENT_RHS] = cimc_lower_value(state, operand(op, 1)),
      [ARGUMENT_BIAS] = cimc_lower_value(state, operand(op, g.bias ? 2 : 1)),
      [ARGUMENT_OUT] = cimc_lower_value(state, mlirOperationGetResult(op, 0))};
  for (int i = ARGUMENT_LHS; i <= ARGUMENT_OUT; i++)
    if (i != ARGUMENT_SCALE && mlirValueIsNull(arguments[i]))
      return mlirLogicalResultFailure();
  call_dynamic(state, op, &g, arguments);
  return mlirLogicalResultSuccess();
}

MlirLogicalResult cimc_gemm_lower(cimc_lower *state, MlirOperation op) {
  bool constant = true;
  for (intptr_t i = 1; i < mlirOperationGetNumOperands(op); i++)
    constant &= cimc_qgemm_kind_of(cimc_ir_defining_op(operand(op, i))) ==
                CIMC_QGEMM_CONSTANT;
  return constant ? lower_packed(state, op) : cimc_gemm_lower_batch(state, op);
}
