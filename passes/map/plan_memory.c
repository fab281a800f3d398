// SPDX-License-Identifier: Apache-2.0
//
// The pass `plan_memory`: where in the workspace every value lives.
//
// In: functions of one block of qgemm ops with static shapes; ops that need
// scratch carry `tile = {scratch_bytes = N}`. Out: each op that owns its result
// has `qgemm.offset = N` (bytes in the workspace) or `qgemm.output = I` (it
// writes the function's output I itself), and `qgemm.scratch = N` where it
// needs scratch; the function has `qgemm.workspace_bytes` and
// `qgemm.live_bytes`, the bound no plan can beat.
// Why: the object must not allocate, so lifetimes are known here, once. Views
// (reshape, storage_cast) are their operand's address; constants are in the
// object; arguments are the caller's. An elementwise op may overwrite an
// operand that nobody reads again; what a concat joins is written into its
// result, and a slice lies in what it is cut from, where they are runs of
// bytes. Such sharing saves copies but makes memory live longer: all of it is
// tried, and the smallest workspace taken.
#include "passes/map/plan_memory.h"

#include "dialect/qgemm.h"
#include "passes/base/geometry.h"
#include "passes/map/best_fit.h"
#include "passes/map/in_place.h"
#include "passes/passes.h"

#include <stdlib.h>

// Kernels read their scratch memory as they read their operands.
#define SCRATCH_ALIGNMENT 8

// One op of the block, by its position.
typedef struct plan_step {
  MlirOperation op;
  cimc_qgemm_kind kind;
  int64_t bytes;     // of the result
  int element_bytes; // of it
  intptr_t last_use; // position of the last op that reads the result
  intptr_t output;   // the function's output it writes, or -1
  intptr_t into;     // the concat whose result it is written into, or -1
  int64_t into_at;   // the byte of that result it begins at
  intptr_t buffer;   // of the result, or -1: none of its own
  int64_t inner;     // the byte of that buffer it begins at
  intptr_t scratch;  // buffer, or -1
} plan_step;

typedef struct memory_plan {
  MlirOperation function;
  intptr_t count;
  plan_step *steps;
  intptr_t *by_address; // positions sorted by the op's address, for look-ups
  cimc_best_fit_buffer *buffers; // at most two a step
  intptr_t buffer_count;
  bool has_runs; // there are concats or slices
} memory_plan;

static int compare_address(const void *left, const void *right) {
  const plan_step *a = left, *b = right;
  uintptr_t x = (uintptr_t)a->op.ptr, y = (uintptr_t)b->op.ptr;
  return (x > y) - (x < y);
}

// The position of an op of the block, -1 for any other.
static intptr_t find(const memory_plan *plan, MlirOperation op) {
  intptr_t low = 0, high = plan->count;
  while (low < high) {
    intptr_t middle = low + (high - low) / 2;
    intptr_t at = plan->by_address[middle];
    if (plan->steps[at].op.ptr == op.ptr)
      return at;
    if ((uintptr_t)plan->steps[at].op.ptr < (uintptr_t)op.ptr)
      low = middle + 1;
    else
      high = middle;
  }
  return -1;
}

// The position of the op that owns the memory of a value, seen through views;
// -1 for arguments and constants, whose memory is not planned here.
static intptr_t owner(const memory_plan *plan, MlirValue value) {
  MlirOperation op = cimc_ir_defining_op(value);
  while (!mlirOperationIsNull(op)) {
    cimc_qgemm_kind kind = cimc_qgemm_kind_of(op);
    if (kind == CIMC_QGEMM_CONSTANT || kind == CIMC_QGEMM_NONE)
      return -1;
    if (!cimc_qgemm_is_view(kind))
      return find(plan, op);
    op = cimc_ir_defining_op(mlirOperationGetOperand(op, 0));
  }
  return -1;
}

static bool owns_result(const plan_step *step) {
  return step->kind != CIMC_QGEMM_NONE && step->kind != CIMC_QGEMM_CONSTANT &&
         !cimc_qgemm_is_view(step->kind);
}

static void collect(memory_plan *plan, MlirBlock block) {
  MlirOperation op = mlirBlockGetFirstOperation(block);
  for (intptr_t i = 0; i < plan->count; i++) {
    plan->steps[i] = (plan_step){.op = op,
                                 .kind = cimc_qgemm_kind_of(op),
                                 .last_use = i,
                                 .output = -1,
                                 .into = -1,
                                 .buffer = -1,
                                 .scratch = -1};
    plan->has_runs |= plan->steps[i].kind == CIMC_QGEMM_CONCAT ||
                      plan->steps[i].kind == CIMC_QGEMM_SLICE;
    op = mlirOperationGetNextInBlock(op);
  }
}

// Fills by_address by sorting a copy of the steps; false without memory.
static bool sort_addresses(memory_plan *plan) {
  if (plan->count < 1)
    return true;
  plan_step *copy = calloc((size_t)plan->count, sizeof(plan_step));
  if (!copy)
    return false;
  for (intptr_t i = 0; i < plan->count; i++) {
    copy[i] = plan->steps[i];
    copy[i].buffer = i; // remembers the position
  }
  qsort(copy, (size_t)plan->count, sizeof(plan_step), compare_address);
  for (intptr_t i = 0; i < plan->count; i++)
    plan->by_address[i] = copy[i].buffer;
  free(copy);
  return true;
}

// When each value is read last, and which values are outputs. The first output
// that returns a value gets it directly; further ones are copies.
static void find_uses(memory_plan *plan) {
  for (intptr_t i = 0; i < plan->count; i++) {
    plan_step *step = &plan->steps[i];
    if (cimc_qgemm_is_view(step->kind))
      continue; // its readers count, not the view
    bool is_return = cimc_ir_op_is(step->op, "func.return");
    intptr_t operands = mlirOperationGetNumOperands(step->op);
    for (intptr_t k = 0; k < operands; k++) {
      intptr_t at = owner(plan, mlirOperationGetOperand(step->op, k));
      if (at < 0)
        continue;
      plan->steps[at].last_use = i;
      if (is_return && plan->steps[at].output < 0)
        plan->steps[at].output = k;
    }
  }
}

// Sizes of the results; reports those that cannot be known.
static MlirLogicalResult measure(memory_plan *plan) {
  for (intptr_t i = 0; i < plan->count; i++) {
    plan_step *step = &plan->steps[i];
    if (!owns_result(step))
      continue;
    MlirType type = mlirValueGetType(mlirOperationGetResult(step->op, 0));
    step->bytes = cimc_geometry_bytes(type);
    step->element_bytes = cimc_storage_bytes(cimc_qgemm_element(type).storage);
    if (step->bytes < 0)
      return cimc_error(mlirOperationGetLocation(step->op),
                        "the size of the result cannot be known; expected "
                        "static shapes and a supported element type");
  }
  return mlirLogicalResultSuccess();
}

static intptr_t add_buffer(memory_plan *plan, cimc_best_fit_buffer buffer) {
  plan->buffers[plan->buffer_count] = buffer;
  return plan->buffer_count++;
}

// A buffer of its own for the result of a step, from step `first` on.
static void add_result(memory_plan *plan, intptr_t at, intptr_t first) {
  plan_step *step = &plan->steps[at];
  step->buffer = add_buffer(
      plan, (cimc_best_fit_buffer){.bytes = step->bytes,
                                   .first = first,
                                   .last = step->last_use,
                                   .alignment = step->element_bytes});
}

// -- Sharing -----------------------------------------------------------------
// Of each concat whose result is in the workspace, the operands that can be
// written into it: made by an op, and not into another one.
static void find_concats(memory_plan *plan) {
  for (intptr_t i = 0; i < plan->count; i++) {
    const plan_step *concat = &plan->steps[i];
    if (concat->kind != CIMC_QGEMM_CONCAT || concat->output >= 0 ||
        !cimc_geometry_concat_is_runs(concat->op))
      continue;
    int64_t offset = 0;
    intptr_t operands = mlirOperationGetNumOperands(concat->op);
    for (intptr_t k = 0; k < operands; k++) {
      MlirValue operand = mlirOperationGetOperand(concat->op, k);
      intptr_t at = owner(plan, operand);
      if (at >= 0 && plan->steps[at].output < 0 && plan->steps[at].into < 0) {
        plan->steps[at].into = i;
        plan->steps[at].into_at = offset;
      }
      offset += cimc_geometry_bytes(mlirValueGetType(operand));
    }
  }
}

// The place of a step in a buffer that is there already, or becomes so here.
static void put(memory_plan *plan, intptr_t at, intptr_t buffer,
                int64_t inner) {
  plan_step *step = &plan->steps[at];
  step->buffer = buffer;
  step->inner = inner;
  if (plan->buffers[buffer].last < step->last_use)
    plan->buffers[buffer].last = step->last_use;
}

// Puts a step into the result of the outermost concat that it is part of.
static void put_into_concat(memory_plan *plan, intptr_t at) {
  int64_t inner = 0;
  intptr_t whole = at;
  for (; plan->steps[whole].into >= 0; whole = plan->steps[whole].into)
    inner += plan->steps[whole].into_at;
  if (plan->steps[whole].buffer < 0)
    add_result(plan, whole, at);
  put(plan, at, plan->steps[whole].buffer, inner);
}

// Puts a slice where its operand is; false where it cannot be.
static bool put_into_operand(memory_plan *plan, intptr_t at) {
  const plan_step *slice = &plan->steps[at];
  int64_t offset;
  if (slice->kind != CIMC_QGEMM_SLICE ||
      !cimc_geometry_slice_is_run(slice->op, &offset))
    return false;
  intptr_t from = owner(plan, mlirOperationGetOperand(slice->op, 0));
  if (from < 0 || plan->steps[from].buffer < 0)
    return false;
  put(plan, at, plan->steps[from].buffer, plan->steps[from].inner + offset);
  return true;
}

// True when another operand reads bytes that operand `index` holds, in another
// order than that.
static bool is_read_otherwise(const memory_plan *plan, MlirOperation op,
                              intptr_t index) {
  const plan_step *own =
      &plan->steps[owner(plan, mlirOperationGetOperand(op, index))];
  for (intptr_t k = 0; k < mlirOperationGetNumOperands(op); k++) {
    intptr_t at = owner(plan, mlirOperationGetOperand(op, k));
    if (at < 0 || plan->steps[at].buffer != own->buffer)
      continue;
    const plan_step *other = &plan->steps[at];
    bool same = other->inner == own->inner && other->bytes == own->bytes;
    if (!same && other->inner < own->inner + own->bytes &&
        own->inner < other->inner + other->bytes)
      return true;
  }
  return false;
}

// Puts a step over an operand whose buffer this op is the last to read; false
// when there is none that it may overwrite.
static bool put_over_operand(memory_plan *plan, intptr_t at) {
  MlirOperation op = plan->steps[at].op;
  intptr_t operands = mlirOperationGetNumOperands(op);
  for (intptr_t k = 0; k < operands; k++) {
    intptr_t from = owner(plan, mlirOperationGetOperand(op, k));
    if (from < 0 || plan->steps[from].buffer < 0 ||
        plan->buffers[plan->steps[from].buffer].last != at ||
        !cimc_in_place_may_share(op, k) || is_read_otherwise(plan, op, k))
      continue;
    put(plan, at, plan->steps[from].buffer, plan->steps[from].inner);
    return true;
  }
  return false;
}

// -- Buffers -----------------------------------------------------------------
// The scratch an op asked for in its `tile`; 0 when it has none.
static int64_t scratch_bytes(MlirOperation op) {
  MlirAttribute tile = mlirOperationGetAttributeByName(op, cimc_ir_str("tile"));
  if (mlirAttributeIsNull(tile) || !mlirAttributeIsADictionary(tile))
    return 0;
  MlirAttribute bytes =
      mlirDictionaryAttrGetElementByName(tile, cimc_ir_str("scratch_bytes"));
  if (mlirAttributeIsNull(bytes) || !mlirAttributeIsAInteger(bytes))
    return 0;
  int64_t value = mlirIntegerAttrGetValueInt(bytes);
  return value > 0 ? value : 0;
}

// Which kinds of sharing are tried.
typedef enum sharing { OVER_OPERAND = 1, CONCATS = 2, SLICES = 4 } sharing;

static void make_buffers(memory_plan *plan, unsigned tried) {
  plan->buffer_count = 0;
  for (intptr_t i = 0; i < plan->count; i++) {
    plan->steps[i].buffer = plan->steps[i].scratch = plan->steps[i].into = -1;
    plan->steps[i].inner = 0;
  }
  if (tried & CONCATS)
    find_concats(plan);
  for (intptr_t i = 0; i < plan->count; i++) {
    plan_step *step = &plan->steps[i];
    if (!owns_result(step))
      continue;
    int64_t scratch = scratch_bytes(step->op);
    if (scratch > 0)
      step->scratch = add_buffer(
          plan, (cimc_best_fit_buffer){.bytes = scratch,
                                       .first = i,
                                       .last = i,
                                       .alignment = SCRATCH_ALIGNMENT});
    if (step->output >= 0 || step->buffer >= 0)
      continue;
    if (step->into >= 0)
      put_into_concat(plan, i);
    else if (!((tried & SLICES) && put_into_operand(plan, i)) &&
             !((tried & OVER_OPERAND) && put_over_operand(plan, i)))
      add_result(plan, i, i);
  }
}

static void set_or_remove(MlirOperation op, const char *name, int64_t value) {
  if (value >= 0)
    cimc_ir_set_i64(op, name, value);
  else
    mlirOperationRemoveAttributeByName(op, cimc_ir_str(name));
}

// -- Placing -----------------------------------------------------------------
// Makes the buffers with this sharing and places them; false when the sizes
// overflow.
static bool place(memory_plan *plan, unsigned tried, int64_t *out_bytes) {
  make_buffers(plan, tried);
  return cimc_best_fit_place(plan->buffers, (size_t)plan->buffer_count,
                             out_bytes);
}

// The sharing of the smallest workspace; among equals that of the fewest
// copies, which comes first. False when the sizes overflow.
static bool place_best(memory_plan *plan, bool in_place, int64_t *out_bytes) {
  static const unsigned all[] = {OVER_OPERAND | CONCATS | SLICES,
                                 OVER_OPERAND | CONCATS, OVER_OPERAND | SLICES,
                                 OVER_OPERAND};
  if (!in_place || !plan->has_runs) // then all are equal
    return place(plan, in_place ? OVER_OPERAND : 0, out_bytes);
  unsigned best = 0;
  *out_bytes = INT64_MAX;
  for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
    int64_t bytes;
    if (!place(plan, all[i], &bytes))
      return false;
    if (bytes < *out_bytes) {
      *out_bytes = bytes;
      best = all[i];
    }
  }
  return place(plan, best, out_bytes);
}

static int64_t offset_of(const memory_plan *plan, intptr_t buffer) {
  return buffer < 0 ? -1 : plan->buffers[buffer].offset;
}

static void write(const memory_plan *plan) {
  for (intptr_t i = 0; i < plan->count; i++) {
    const plan_step *step = &plan->steps[i];
    int64_t offset = offset_of(plan, step->buffer);
    set_or_remove(step->op, "qgemm.offset",
                  offset < 0 ? -1 : offset + step->inner);
    set_or_remove(step->op, "qgemm.output",
                  owns_result(step) ? (int64_t)step->output : -1);
    set_or_remove(step->op, "qgemm.scratch", offset_of(plan, step->scratch));
  }
}

// What the options and the CPU say.
typedef struct plan_settings {
  bool in_place;
  int64_t limit; // largest workspace
} plan_settings;

static MlirLogicalResult plan_block(memory_plan *plan, MlirBlock block,
                                    const plan_settings *settings) {
  MlirLocation location = mlirOperationGetLocation(plan->function);
  int64_t bytes, live;
  collect(plan, block);
  if (!sort_addresses(plan))
    return cimc_error(location, "out of memory");
  find_uses(plan);
  CIMC_TRY(measure(plan));
  if (!place_best(plan, settings->in_place, &bytes) ||
      !cimc_best_fit_lower_bound(plan->buffers, (size_t)plan->buffer_count,
                                 (size_t)plan->count, &live))
    return cimc_error(location, "the workspace's size overflows; expected a "
                                "model whose activations fit the memory");
  if (bytes > settings->limit)
    return cimc_error(location,
                      "a workspace of %lld bytes is needed; expected at most "
                      "%lld on this target",
                      (long long)bytes, (long long)settings->limit);
  write(plan);
  cimc_ir_set_i64(plan->function, "qgemm.workspace_bytes", bytes);
  cimc_ir_set_i64(plan->function, "qgemm.live_bytes", live);
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult plan_function(MlirOperation function,
                                       const plan_settings *settings) {
  MlirRegion region = mlirOperationGetRegion(function, 0);
  MlirBlock block = mlirRegionGetFirstBlock(region);
  if (mlirBlockIsNull(block))
    return mlirLogicalResultSuccess(); // a declaration
  if (!mlirBlockIsNull(mlirBlockGetNextInRegion(block)))
    return cimc_error(mlirOperationGetLocation(function),
                      "a function of several blocks; expected one block");
  intptr_t count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(block);
       !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    count++;
  size_t room = (size_t)count + 1;
  memory_plan plan = {.function = function,
                      .count = count,
                      .steps = calloc(room, sizeof(plan_step)),
                      .by_address = calloc(room, sizeof(intptr_t)),
                      .buffers =
                          calloc(room, 2 * sizeof(cimc_best_fit_buffer))};
  MlirLogicalResult result =
      plan.steps && plan.by_address && plan.buffers
          ? plan_block(&plan, block, settings)
          : cimc_error(mlirOperationGetLocation(function), "out of memory");
  free(plan.steps);
  free(plan.by_address);
  free(plan.buffers);
  return result;
}

static const cimc_pass_option options[] = {
    {"in-place", "1",
     "let values share memory: elementwise ops overwrite an operand that they "
     "are the last to read, concats and slices copy nothing"},
    {0},
};

static MlirLogicalResult run(MlirOperation module,
                             const cimc_pass_values *values) {
  MlirLocation location = mlirOperationGetLocation(module);
  int64_t in_place;
  cimc_cpu cpu;
  CIMC_TRY(cimc_pass_integer(values, 0, (cimc_pass_range){0, 1}, location,
                             &in_place));
  CIMC_TRY(cimc_passes_get_cpu(module, &cpu));
  plan_settings settings = {.in_place = in_place != 0,
                            .limit =
                                cpu.pointer_bits < 64 ? INT32_MAX : INT64_MAX};
  MlirOperation op = mlirBlockGetFirstOperation(cimc_ir_function_body(module));
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op))
    if (cimc_ir_op_is(op, "func.func"))
      CIMC_TRY(plan_function(op, &settings));
  return mlirLogicalResultSuccess();
}

const cimc_pass cimc_plan_memory_pass = {
    .name = "plan_memory",
    .stage = "map",
    .summary = "place every value and scratch buffer in one static workspace",
    .options = options,
    .run = run,
};
