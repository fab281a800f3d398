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
// object; arguments are the caller's.
#include "passes/map/plan_memory.h"

#include "dialect/qgemm.h"
#include "passes/map/best_fit.h"
#include "passes/passes.h"

#include <stdlib.h>

// One op of the block, by its position.
typedef struct plan_step {
  MlirOperation op;
  cimc_qgemm_kind kind;
  intptr_t last_use; // position of the last op that reads the result
  intptr_t output;   // the function's output it writes, or -1
  intptr_t buffer;   // of the result, or -1: none of its own
  intptr_t scratch;  // buffer, or -1
} plan_step;

typedef struct memory_plan {
  MlirOperation function;
  intptr_t count;
  plan_step *steps;
  intptr_t *by_address; // positions sorted by the op's address, for look-ups
  cimc_best_fit_buffer *buffers; // at most two a step
  intptr_t buffer_count;
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

// Bytes of a tensor, -1 when they cannot be known or overflow.
static int64_t tensor_bytes(MlirType type) {
  cimc_shape shape;
  if (!cimc_ir_tensor_shape(type, &shape))
    return -1;
  int64_t count = cimc_ir_element_count(&shape), bytes;
  int64_t each = cimc_storage_bytes(cimc_qgemm_element(type).storage);
  if (count < 0 || each <= 0 || __builtin_mul_overflow(count, each, &bytes))
    return -1;
  return bytes;
}

// True when the op's kernel reads an element of `operand` only before it
// writes the same element of the result, so both may share their memory. A
// softmax reads and writes a row in the same order in each of its sweeps.
static bool may_share(const plan_step *step, MlirValue operand) {
  switch (step->kind) {
  case CIMC_QGEMM_REQUANTIZE:
  case CIMC_QGEMM_ADD:
  case CIMC_QGEMM_SUB:
  case CIMC_QGEMM_MUL:
  case CIMC_QGEMM_RELU:
  case CIMC_QGEMM_CLAMP:
  case CIMC_QGEMM_SIGMOID:
  case CIMC_QGEMM_TANH:
  case CIMC_QGEMM_SOFTMAX:
    break;
  default:
    return false;
  }
  MlirType from = mlirValueGetType(operand);
  MlirType to = mlirValueGetType(mlirOperationGetResult(step->op, 0));
  // The element sizes too: a broadcast operand of wider elements may have as
  // many bytes as the result.
  return tensor_bytes(from) == tensor_bytes(to) &&
         cimc_storage_bytes(cimc_qgemm_element(from).storage) ==
             cimc_storage_bytes(cimc_qgemm_element(to).storage);
}

static void collect(memory_plan *plan, MlirBlock block) {
  MlirOperation op = mlirBlockGetFirstOperation(block);
  for (intptr_t i = 0; i < plan->count; i++) {
    plan->steps[i] = (plan_step){.op = op,
                                 .kind = cimc_qgemm_kind_of(op),
                                 .last_use = i,
                                 .output = -1,
                                 .buffer = -1,
                                 .scratch = -1};
    op = mlirOperationGetNextInBlock(op);
  }
}

// Fills by_address by sorting a copy of the steps; false without memory.
static bool sort_addresses(memory_plan *plan) {
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

// The buffer of an operand that this op is the last to read and may overwrite,
// or -1.
static intptr_t dying_buffer(const memory_plan *plan, intptr_t at) {
  const plan_step *step = &plan->steps[at];
  intptr_t operands = mlirOperationGetNumOperands(step->op);
  for (intptr_t k = 0; k < operands; k++) {
    MlirValue operand = mlirOperationGetOperand(step->op, k);
    intptr_t from = owner(plan, operand);
    if (from >= 0 && plan->steps[from].buffer >= 0 &&
        plan->steps[from].last_use == at && may_share(step, operand))
      return plan->steps[from].buffer;
  }
  return -1;
}

static intptr_t add_buffer(memory_plan *plan, int64_t bytes, intptr_t first,
                           intptr_t last) {
  plan->buffers[plan->buffer_count] =
      (cimc_best_fit_buffer){.bytes = bytes, .first = first, .last = last};
  return plan->buffer_count++;
}

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

static MlirLogicalResult make_buffers(memory_plan *plan, bool in_place) {
  for (intptr_t i = 0; i < plan->count; i++) {
    plan_step *step = &plan->steps[i];
    if (!owns_result(step))
      continue;
    int64_t bytes =
        tensor_bytes(mlirValueGetType(mlirOperationGetResult(step->op, 0)));
    if (bytes < 0)
      return cimc_error(mlirOperationGetLocation(step->op),
                        "the size of the result cannot be known; expected "
                        "static shapes and a supported element type");
    int64_t scratch = scratch_bytes(step->op);
    if (scratch > 0)
      step->scratch = add_buffer(plan, scratch, i, i);
    if (step->output >= 0)
      continue;
    intptr_t shared = in_place ? dying_buffer(plan, i) : -1;
    if (shared >= 0)
      plan->buffers[shared].last = step->last_use;
    step->buffer =
        shared >= 0 ? shared : add_buffer(plan, bytes, i, step->last_use);
  }
  return mlirLogicalResultSuccess();
}

static void set_or_remove(MlirOperation op, const char *name, int64_t value) {
  if (value >= 0)
    cimc_ir_set_i64(op, name, value);
  else
    mlirOperationRemoveAttributeByName(op, cimc_ir_str(name));
}

static int64_t offset_of(const memory_plan *plan, intptr_t buffer) {
  return buffer < 0 ? -1 : plan->buffers[buffer].offset;
}

static MlirLogicalResult place(memory_plan *plan, int64_t limit) {
  int64_t bytes, live;
  size_t count = (size_t)plan->buffer_count;
  MlirLocation location = mlirOperationGetLocation(plan->function);
  if (!cimc_best_fit_place(plan->buffers, count, &bytes) ||
      !cimc_best_fit_lower_bound(plan->buffers, count, (size_t)plan->count,
                                 &live))
    return cimc_error(location, "the workspace's size overflows; expected a "
                                "model whose activations fit the memory");
  if (bytes > limit)
    return cimc_error(location,
                      "a workspace of %lld bytes is needed; expected at most "
                      "%lld on this target",
                      (long long)bytes, (long long)limit);
  for (intptr_t i = 0; i < plan->count; i++) {
    const plan_step *step = &plan->steps[i];
    set_or_remove(step->op, "qgemm.offset", offset_of(plan, step->buffer));
    set_or_remove(step->op, "qgemm.output",
                  owns_result(step) ? (int64_t)step->output : -1);
    set_or_remove(step->op, "qgemm.scratch", offset_of(plan, step->scratch));
  }
  cimc_ir_set_i64(plan->function, "qgemm.workspace_bytes", bytes);
  cimc_ir_set_i64(plan->function, "qgemm.live_bytes", live);
  return mlirLogicalResultSuccess();
}

// What the options and the CPU say.
typedef struct plan_settings {
  bool in_place;
  int64_t limit; // largest workspace
} plan_settings;

static MlirLogicalResult plan_block(memory_plan *plan, MlirBlock block,
                                    const plan_settings *settings) {
  collect(plan, block);
  if (!sort_addresses(plan))
    return cimc_error(mlirOperationGetLocation(plan->function),
                      "out of memory");
  find_uses(plan);
  CIMC_TRY(make_buffers(plan, settings->in_place));
  return place(plan, settings->limit);
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
     "let an elementwise op overwrite an operand that it is the last to read"},
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
