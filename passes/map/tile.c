// SPDX-License-Identifier: Apache-2.0
//
// The pass `tile`: the register tile of every matrix-like op.
//
// In: matmul, batch_matmul, conv2d and conv2d_add of static shape; the CPU's
// attributes. Out: each has `tile = {mr, nr, scratch_bytes}`: mr rows (pixels)
// by nr vectors of columns (output channels) are kept in registers while the
// kernel walks k; scratch_bytes is what the kernel needs beside its result.
// Why a cost: the tile that suits a large square matrix wastes most of its work
// on a layer with 7 rows or 12 channels. All tiles that fit the registers are
// compared by an estimate of cycles a step of k.
#include "passes/map/tile.h"

#include "dialect/qgemm.h"
#include "passes/base/geometry.h"
#include "passes/passes.h"
#include "runtime/core/abi.h"

#include <string.h>

// geometry.h: mr * nr <= 48.
#define TILE_AREA_MAX 48

// What a kernel sweeps (once, or once a batch or image row): a grid.
typedef struct tile_space {
  int64_t rows;
  int64_t vectors;
  bool depthwise; // every row has its own input vector, not a broadcast
  bool fused;     // see is_fused
} tile_space;

// Cycles that a tile costs beside its arithmetic (loop, addresses, epilogue),
// as a part of one step of k: breaks ties towards fewer, larger tiles.
#define TILE_OVERHEAD 0.25
// A dependent accumulation takes about this long on all our CPUs.
#define TILE_LATENCY 4.0
// Instructions a cycle.
#define TILE_WIDTH 2.0

static int64_t ceil_div(int64_t a, int64_t b) { return a / b + (a % b != 0); }

// True when a product is added to its accumulator by one instruction; without
// it there are two, and the input is widened for each row.
static bool is_fused(const cimc_cpu *cpu, bool quantized) {
  const int64_t multiply_add = CIMRT_CPU_AVX2_FMA | CIMRT_CPU_NEON;
  return quantized ? strcmp(cpu->dot, "vpdpbusd") == 0
                   : (cpu->features & multiply_add) != 0;
}

// Registers that one step of k needs: the accumulators, nr vectors of weights,
// one broadcast input, and a place for products that are not fused.
static int64_t registers_needed(int64_t mr, int64_t nr, bool fused) {
  return mr * nr + nr + 1 + (fused ? 0 : 2);
}

// Estimated cycles of one step of k over one tile. The weights of rows and
// columns are fitted to 512^3 products: unfused, 6x4 and 3x3 beat 8x2 and 4x2
// by 20 %, fused all are within 3 %.
static double tile_cycles(const tile_space *space, int64_t mr, int64_t nr) {
  double products = (double)(mr * nr), rows = (double)mr, columns = (double)nr;
  double work = space->fused ? products + 0.5 * (rows + columns)
                             : 2.0 * products + 2.0 * rows + columns;
  if (space->depthwise)
    work = 2.0 * products + columns;
  double cycles = work / TILE_WIDTH;
  return (cycles > TILE_LATENCY ? cycles : TILE_LATENCY) + TILE_OVERHEAD;
}

// Estimated cycles of one step of k over the space, remainders by tiles of
// their own size.
static double space_cycles(const tile_space *space, int64_t mr, int64_t nr) {
  double sum = 0;
  const int64_t row_tiles[2] = {space->rows / mr, space->rows % mr != 0};
  const int64_t column_tiles[2] = {space->vectors / nr,
                                   space->vectors % nr != 0};
  const int64_t rows[2] = {mr, space->rows % mr};
  const int64_t columns[2] = {nr, space->vectors % nr};
  for (int r = 0; r < 2; r++)
    for (int c = 0; c < 2; c++)
      if (row_tiles[r] && column_tiles[c])
        sum += (double)row_tiles[r] * (double)column_tiles[c] *
               tile_cycles(space, rows[r], columns[c]);
  return sum;
}

// The cheapest tile that fits; what the user gave is kept, even when nothing
// fits. Of equal ones the smallest, which is the least code.
static cimc_tile choose(const tile_space *space, const cimc_cpu *cpu,
                        cimc_tile wish) {
  cimc_tile best = {wish.mr ? wish.mr : 1, wish.nr ? wish.nr : 1};
  double best_cycles = -1;
  for (int64_t nr = 1; nr <= CIMC_TILE_MAX; nr++)
    for (int64_t mr = 1; mr <= CIMC_TILE_MAX; mr++) {
      bool wanted = (!wish.mr || wish.mr == mr) && (!wish.nr || wish.nr == nr);
      bool fits =
          registers_needed(mr, nr, space->fused) <= cpu->vector_registers;
      if (!wanted || mr * nr > TILE_AREA_MAX || !fits)
        continue;
      double cycles = space_cycles(space, mr, nr);
      if (best_cycles < 0 || cycles < best_cycles) {
        best_cycles = cycles;
        best = (cimc_tile){mr, nr};
      }
    }
  if (best.mr > space->rows)
    best.mr = space->rows;
  if (best.nr > space->vectors)
    best.nr = space->vectors;
  return best;
}

static tile_space space_of(MlirOperation op, int64_t lanes) {
  cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
  if (kind == CIMC_QGEMM_CONV2D || kind == CIMC_QGEMM_CONV2D_ADD) {
    cimc_conv_shape s = cimc_geometry_conv(op);
    int64_t columns =
        s.depthwise ? s.out_channels : s.out_channels / s.window.groups;
    return (tile_space){.rows = s.out_width,
                        .vectors = ceil_div(columns, lanes),
                        .depthwise = s.depthwise};
  }
  cimc_shape out;
  cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetResult(op, 0)), &out);
  tile_space space = {.rows = out.dim[out.rank - 2],
                      .vectors = ceil_div(out.dim[out.rank - 1], lanes)};
  // A matmul's leading dimensions are more rows; a batch_matmul's are not.
  for (int i = 0; i < out.rank - 2 && kind == CIMC_QGEMM_MATMUL; i++)
    space.rows *= out.dim[i];
  return space;
}

static bool is_static(MlirOperation op) {
  cimc_shape shape;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); i++)
    if (!cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetOperand(op, i)),
                              &shape) ||
        cimc_ir_element_count(&shape) <= 0)
      return false;
  return cimc_ir_tensor_shape(mlirValueGetType(mlirOperationGetResult(op, 0)),
                              &shape) &&
         cimc_ir_element_count(&shape) > 0;
}

static MlirLogicalResult tile_op(MlirOperation op, const cimc_cpu *cpu,
                                 cimc_tile wish) {
  MlirLocation location = mlirOperationGetLocation(op);
  if (!is_static(op))
    return cimc_error(location, "dynamic or empty shapes cannot be tiled; "
                                "expected static shapes");
  int64_t lanes = cpu->vector_bits >= 64 ? cpu->vector_bits / 32 : 1;
  cimc_element element =
      cimc_qgemm_element(mlirValueGetType(mlirOperationGetOperand(op, 0)));
  tile_space space = space_of(op, lanes);
  space.fused = is_fused(cpu, element.quantized);
  cimc_tile tile = choose(&space, cpu, wish);
  int64_t scratch = cimc_geometry_scratch_bytes(op);
  if (scratch < 0)
    return cimc_error(location, "the kernel's scratch memory overflows; "
                                "expected smaller shapes");
  MlirContext context = mlirOperationGetContext(op);
  MlirNamedAttribute fields[] = {
      cimc_ir_attr(context, "mr", cimc_ir_attr_i64(context, tile.mr)),
      cimc_ir_attr(context, "nr", cimc_ir_attr_i64(context, tile.nr)),
      cimc_ir_attr(context, "scratch_bytes",
                   cimc_ir_attr_i64(context, scratch)),
  };
  mlirOperationSetAttributeByName(
      op, cimc_ir_str("tile"),
      mlirDictionaryAttrGet(context, scratch > 0 ? 3 : 2, fields));
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult tile_function(MlirOperation function,
                                       const cimc_cpu *cpu, cimc_tile wish) {
  MlirBlock block = cimc_ir_function_body(function);
  if (mlirBlockIsNull(block))
    return mlirLogicalResultSuccess();
  for (MlirOperation op = mlirBlockGetFirstOperation(block);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    switch (cimc_qgemm_kind_of(op)) {
    case CIMC_QGEMM_MATMUL:
    case CIMC_QGEMM_BATCH_MATMUL:
    case CIMC_QGEMM_CONV2D:
    case CIMC_QGEMM_CONV2D_ADD:
      CIMC_TRY(tile_op(op, cpu, wish));
      break;
    default:
      break;
    }
  }
  return mlirLogicalResultSuccess();
}

static const cimc_pass_option options[] = {
    {"mr", "0", "rows of the register tile; 0: chosen for each op"},
    {"nr", "0", "vectors of columns of the register tile; 0: chosen"},
    {0},
};

static MlirLogicalResult run(MlirOperation module,
                             const cimc_pass_values *values) {
  MlirLocation location = mlirOperationGetLocation(module);
  cimc_tile wish;
  cimc_cpu cpu;
  CIMC_TRY(cimc_pass_integer(values, 0, (cimc_pass_range){0, CIMC_TILE_MAX},
                             location, &wish.mr));
  CIMC_TRY(cimc_pass_integer(values, 1, (cimc_pass_range){0, CIMC_TILE_MAX},
                             location, &wish.nr));
  if (wish.mr * wish.nr > TILE_AREA_MAX)
    return cimc_error(location,
                      "tile{mr=%d nr=%d} is too large; expected mr * nr <= %d",
                      (int)wish.mr, (int)wish.nr, TILE_AREA_MAX);
  CIMC_TRY(cimc_passes_get_cpu(module, &cpu));
  MlirOperation op = mlirBlockGetFirstOperation(cimc_ir_function_body(module));
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (cimc_ir_op_is(op, "func.func"))
      CIMC_TRY(tile_function(op, &cpu, wish));
  return mlirLogicalResultSuccess();
}

const cimc_pass cimc_tile_pass = {
    .name = "tile",
    .stage = "map",
    .summary = "choose the register tile of every matrix-like op",
    .options = options,
    .run = run,
};
