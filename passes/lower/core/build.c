// SPDX-License-Identifier: Apache-2.0
//
// The builder of loops and vectors: see build.h. Functions, globals, memory
// and control are here; arithmetic is in build_arith.c.
#include "passes/lower/core/build.h"

#include <assert.h>
#include <limits.h>
#include <mlir-c/Dialect/LLVM.h>
#include <string.h>

// -- Ops ---------------------------------------------------------------------
typedef struct op_parts {
  const char *name;
  MlirType result; // null: none
  intptr_t operand_count;
  const MlirValue *operands;
  intptr_t attribute_count;
  const MlirNamedAttribute *attributes;
} op_parts;

static MlirOperation append(cimc_build *b, const op_parts *parts) {
  MlirOperationState state =
      mlirOperationStateGet(cimc_ir_str(parts->name), b->location);
  if (!mlirTypeIsNull(parts->result))
    mlirOperationStateAddResults(&state, 1, &parts->result);
  mlirOperationStateAddOperands(&state, parts->operand_count, parts->operands);
  mlirOperationStateAddAttributes(&state, parts->attribute_count,
                                  parts->attributes);
  MlirOperation op = mlirOperationCreate(&state);
  mlirBlockAppendOwnedOperation(b->block, op);
  return op;
}

static MlirAttribute int_attr(MlirType type, int64_t value) {
  return mlirIntegerAttrGet(type, value);
}

static MlirAttribute symbol_attr(MlirContext context, const char *name) {
  return mlirFlatSymbolRefAttrGet(context, cimc_ir_str(name));
}

// -- Functions and globals ---------------------------------------------------
static MlirAttribute argument_attrs(MlirContext context,
                                    const cimc_function_desc *desc) {
  MlirAttribute each[64];
  assert(desc->argument_count <= 64);
  MlirNamedAttribute noalias =
      cimc_ir_attr(context, "llvm.noalias", mlirUnitAttrGet(context));
  for (intptr_t i = 0; i < desc->argument_count; i++) {
    bool pointer = mlirTypeIsALLVMPointerType(desc->arguments[i]);
    each[i] = mlirDictionaryAttrGet(context, pointer ? 1 : 0, &noalias);
  }
  return mlirArrayAttrGet(context, desc->argument_count, each);
}

static MlirOperation create_function(MlirOperation module,
                                     MlirLocation location,
                                     const cimc_function_desc *desc,
                                     MlirRegion body) {
  MlirContext context = mlirOperationGetContext(module);
  MlirType result = mlirTypeIsNull(desc->result) ? mlirLLVMVoidTypeGet(context)
                                                 : desc->result;
  MlirType type = mlirLLVMFunctionTypeGet(result, desc->argument_count,
                                          desc->arguments, false);
  MlirAttribute words[] = {cimc_ir_attr_str(context, "nounwind"),
                           cimc_ir_attr_str(context, "noinline")};
  MlirLLVMLinkage linkage =
      desc->internal ? MlirLLVMLinkageInternal : MlirLLVMLinkageExternal;
  MlirNamedAttribute attributes[6] = {
      cimc_ir_attr(context, "sym_name", cimc_ir_attr_str(context, desc->name)),
      cimc_ir_attr(context, "function_type", mlirTypeAttrGet(type)),
      cimc_ir_attr(context, "linkage",
                   mlirLLVMLinkageAttrGet(context, linkage)),
      cimc_ir_attr(context, "passthrough",
                   mlirArrayAttrGet(context, desc->internal ? 2 : 1, words)),
  };
  intptr_t count = 4;
  if (desc->noalias)
    attributes[count++] =
        cimc_ir_attr(context, "arg_attrs", argument_attrs(context, desc));
  MlirOperationState state =
      mlirOperationStateGet(cimc_ir_str("llvm.func"), location);
  mlirOperationStateAddAttributes(&state, count, attributes);
  mlirOperationStateAddOwnedRegions(&state, 1, &body);
  MlirOperation function = mlirOperationCreate(&state);
  MlirBlock top = mlirRegionGetFirstBlock(mlirOperationGetRegion(module, 0));
  mlirBlockAppendOwnedOperation(top, function);
  return function;
}

void cimc_build_function(MlirOperation module, MlirLocation location,
                         const cimc_cpu *cpu, const cimc_function_desc *desc,
                         cimc_build *out) {
  MlirContext context = mlirOperationGetContext(module);
  MlirLocation locations[64];
  assert(desc->argument_count <= 64);
  for (intptr_t i = 0; i < desc->argument_count; i++)
    locations[i] = location;
  MlirRegion body = mlirRegionCreate();
  MlirBlock entry =
      mlirBlockCreate(desc->argument_count, desc->arguments, locations);
  mlirRegionAppendOwnedBlock(body, entry);
  *out = (cimc_build){
      .context = context,
      .location = location,
      .entry = entry,
      .block = entry,
      .cpu = *cpu,
      .lanes = cpu->vector_bits > 32 ? cpu->vector_bits / 32 : 1,
      .index = mlirIntegerTypeGet(context, cpu->pointer_bits == 32 ? 32 : 64),
      .i1 = mlirIntegerTypeGet(context, 1),
      .i8 = mlirIntegerTypeGet(context, 8),
      .i16 = mlirIntegerTypeGet(context, 16),
      .i32 = mlirIntegerTypeGet(context, 32),
      .i64 = mlirIntegerTypeGet(context, 64),
      .f32 = mlirF32TypeGet(context),
      .ptr = mlirLLVMPointerTypeGet(context, 0),
  };
  out->function = create_function(module, location, desc, body);
}

void cimc_build_declare(MlirOperation module, const cimc_function_desc *desc) {
  create_function(module, mlirOperationGetLocation(module), desc,
                  mlirRegionCreate());
}

MlirValue cimc_build_argument(const cimc_build *b, intptr_t index) {
  return mlirBlockGetArgument(b->entry, index);
}

void cimc_build_return(cimc_build *b, MlirValue value) {
  append(b, &(op_parts){.name = "llvm.return",
                        .operand_count = mlirValueIsNull(value) ? 0 : 1,
                        .operands = &value});
}

MlirAttribute cimc_build_data(MlirType element, intptr_t count,
                              const void *data) {
  int64_t dim = count;
  MlirType tensor =
      mlirRankedTensorTypeGet(1, &dim, element, mlirAttributeGetNull());
  size_t bytes = mlirTypeIsAF32(element)
                     ? 4
                     : (size_t)mlirIntegerTypeGetWidth(element) / 8;
  return mlirDenseElementsAttrRawBufferGet(tensor, (size_t)count * bytes, data);
}

void cimc_build_global(MlirOperation module, const char *name,
                       MlirAttribute data) {
  MlirContext context = mlirOperationGetContext(module);
  MlirType tensor = mlirAttributeGetType(data);
  MlirType array =
      mlirLLVMArrayTypeGet(mlirShapedTypeGetElementType(tensor),
                           (unsigned)mlirShapedTypeGetDimSize(tensor, 0));
  MlirType i64 = mlirIntegerTypeGet(context, 64);
  MlirNamedAttribute attributes[] = {
      cimc_ir_attr(context, "sym_name", cimc_ir_attr_str(context, name)),
      cimc_ir_attr(context, "global_type", mlirTypeAttrGet(array)),
      cimc_ir_attr(context, "linkage",
                   mlirLLVMLinkageAttrGet(context, MlirLLVMLinkageInternal)),
      cimc_ir_attr(context, "constant", mlirUnitAttrGet(context)),
      cimc_ir_attr(context, "value", data),
      cimc_ir_attr(context, "alignment", int_attr(i64, 64)),
  };
  MlirOperationState state = mlirOperationStateGet(
      cimc_ir_str("llvm.mlir.global"), mlirOperationGetLocation(module));
  mlirOperationStateAddAttributes(&state, 6, attributes);
  MlirRegion none = mlirRegionCreate();
  mlirOperationStateAddOwnedRegions(&state, 1, &none);
  MlirBlock top = mlirRegionGetFirstBlock(mlirOperationGetRegion(module, 0));
  mlirBlockAppendOwnedOperation(top, mlirOperationCreate(&state));
}

MlirValue cimc_build_address(cimc_build *b, const char *global) {
  MlirNamedAttribute name =
      cimc_ir_attr(b->context, "global_name", symbol_attr(b->context, global));
  MlirOperation op = append(b, &(op_parts){.name = "llvm.mlir.addressof",
                                           .result = b->ptr,
                                           .attribute_count = 1,
                                           .attributes = &name});
  return mlirOperationGetResult(op, 0);
}

MlirBlock cimc_build_block(cimc_build *b) {
  MlirBlock block = mlirBlockCreate(0, NULL, NULL);
  mlirRegionAppendOwnedBlock(mlirOperationGetRegion(b->function, 0), block);
  return block;
}

void cimc_build_branch_if(cimc_build *b, MlirValue condition, MlirBlock yes,
                          MlirBlock no) {
  const int32_t sizes[] = {1, 0, 0};
  MlirNamedAttribute segments =
      cimc_ir_attr(b->context, "operandSegmentSizes",
                   mlirDenseI32ArrayGet(b->context, 3, sizes));
  MlirBlock successors[] = {yes, no};
  MlirOperationState state =
      mlirOperationStateGet(cimc_ir_str("llvm.cond_br"), b->location);
  mlirOperationStateAddOperands(&state, 1, &condition);
  mlirOperationStateAddSuccessors(&state, 2, successors);
  mlirOperationStateAddAttributes(&state, 1, &segments);
  mlirBlockAppendOwnedOperation(b->block, mlirOperationCreate(&state));
}

// -- Memory ------------------------------------------------------------------
static MlirValue gep(cimc_build *b, MlirValue pointer, MlirValue dynamic,
                     int32_t fixed) {
  MlirValue operands[] = {pointer, dynamic};
  MlirNamedAttribute attributes[] = {
      cimc_ir_attr(b->context, "elem_type", mlirTypeAttrGet(b->i8)),
      cimc_ir_attr(b->context, "rawConstantIndices",
                   mlirDenseI32ArrayGet(b->context, 1, &fixed)),
  };
  op_parts parts = {.name = "llvm.getelementptr",
                    .result = b->ptr,
                    .operand_count = mlirValueIsNull(dynamic) ? 1 : 2,
                    .operands = operands,
                    .attribute_count = 2,
                    .attributes = attributes};
  return mlirOperationGetResult(append(b, &parts), 0);
}

MlirValue cimc_build_offset(cimc_build *b, MlirValue pointer, MlirValue bytes) {
  return gep(b, pointer, bytes, INT32_MIN); // LLVM::GEPOp::kDynamicIndex
}

MlirValue cimc_build_offset_by(cimc_build *b, MlirValue pointer,
                               int64_t bytes) {
  if (bytes == 0)
    return pointer;
  // A GEP holds 30-bit constants.
  if (bytes < (1 << 28) && bytes > -(1 << 28))
    return gep(b, pointer, (MlirValue){NULL}, (int32_t)bytes);
  return cimc_build_offset(b, pointer, cimc_build_index(b, bytes));
}

MlirValue cimc_build_load(cimc_build *b, MlirType type, MlirValue pointer,
                          int64_t align) {
  MlirNamedAttribute attribute =
      cimc_ir_attr(b->context, "alignment", int_attr(b->i64, align));
  op_parts parts = {.name = "llvm.load",
                    .result = type,
                    .operand_count = 1,
                    .operands = &pointer,
                    .attribute_count = 1,
                    .attributes = &attribute};
  return mlirOperationGetResult(append(b, &parts), 0);
}

void cimc_build_store(cimc_build *b, MlirValue value, MlirValue pointer,
                      int64_t align) {
  MlirNamedAttribute attribute =
      cimc_ir_attr(b->context, "alignment", int_attr(b->i64, align));
  MlirValue operands[] = {value, pointer};
  append(b, &(op_parts){.name = "llvm.store",
                        .operand_count = 2,
                        .operands = operands,
                        .attribute_count = 1,
                        .attributes = &attribute});
}

static int64_t element_bytes(MlirType element) {
  return mlirTypeIsAF32(element) ? 4 : mlirIntegerTypeGetWidth(element) / 8;
}

// The largest power of two <= value.
static int64_t power_below(int64_t value) {
  int64_t power = 1;
  while (power * 2 <= value)
    power *= 2;
  return power;
}

MlirValue cimc_build_load_partial(cimc_build *b, MlirType type,
                                  MlirValue pointer, int64_t align,
                                  int64_t count) {
  int64_t lanes = mlirShapedTypeGetDimSize(type, 0);
  if (count >= lanes)
    return cimc_build_load(b, type, pointer, align);
  MlirType element = mlirShapedTypeGetElementType(type);
  int64_t bytes = element_bytes(element);
  int32_t mask[64];
  assert(lanes <= 64);
  MlirValue result = mlirTypeIsAF32(element) ? cimc_build_float(b, type, 0.0f)
                                             : cimc_build_int(b, type, 0);
  for (int64_t done = 0; done < count;) {
    int64_t piece = power_below(count - done);
    MlirType part = cimc_build_vector_type(b, piece, element);
    MlirValue at = cimc_build_offset_by(b, pointer, done * bytes);
    MlirValue loaded = cimc_build_load(b, part, at, done ? bytes : align);
    for (int64_t i = 0; i < lanes; i++) // widen the piece to all lanes
      mask[i] = i < piece ? (int32_t)i : -1;
    MlirValue wide = cimc_build_shuffle(b, loaded, loaded, lanes, mask);
    for (int64_t i = 0; i < lanes; i++) // and put it at its place
      mask[i] = (int32_t)(i >= done && i < done + piece ? lanes + i - done : i);
    result = cimc_build_shuffle(b, result, wide, lanes, mask);
    done += piece;
  }
  return result;
}

void cimc_build_store_partial(cimc_build *b, MlirValue value, MlirValue pointer,
                              int64_t align, int64_t count) {
  if (count >= cimc_build_count(value)) {
    cimc_build_store(b, value, pointer, align);
    return;
  }
  int64_t bytes =
      element_bytes(mlirShapedTypeGetElementType(mlirValueGetType(value)));
  for (int64_t done = 0; done < count;) {
    int64_t piece = power_below(count - done);
    MlirValue part = cimc_build_slice(b, value, done, piece);
    MlirValue at = cimc_build_offset_by(b, pointer, done * bytes);
    cimc_build_store(b, part, at, done ? bytes : align);
    done += piece;
  }
}

// -- Control -----------------------------------------------------------------
cimc_loop cimc_build_for(cimc_build *b, cimc_range range, intptr_t count,
                         const MlirValue *init) {
  assert(count <= CIMC_LOOP_VALUES_MAX);
  MlirValue operands[3 + CIMC_LOOP_VALUES_MAX] = {
      range.low, range.high, cimc_build_index(b, range.step)};
  MlirType types[1 + CIMC_LOOP_VALUES_MAX] = {b->index};
  MlirLocation locations[1 + CIMC_LOOP_VALUES_MAX] = {b->location};
  for (intptr_t i = 0; i < count; i++) {
    operands[3 + i] = init[i];
    types[1 + i] = mlirValueGetType(init[i]);
    locations[1 + i] = b->location;
  }
  MlirRegion region = mlirRegionCreate();
  MlirBlock body = mlirBlockCreate(1 + count, types, locations);
  mlirRegionAppendOwnedBlock(region, body);
  MlirOperationState state =
      mlirOperationStateGet(cimc_ir_str("scf.for"), b->location);
  mlirOperationStateAddOperands(&state, 3 + count, operands);
  mlirOperationStateAddResults(&state, count, types + 1);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  cimc_loop loop = {
      .outer = b->block, .iv = mlirBlockGetArgument(body, 0), .count = count};
  for (intptr_t i = 0; i < count; i++)
    loop.value[i] = mlirBlockGetArgument(body, 1 + i);
  loop.op = mlirOperationCreate(&state);
  mlirBlockAppendOwnedOperation(b->block, loop.op);
  b->block = body;
  return loop;
}

cimc_loop cimc_build_repeat(cimc_build *b, int64_t high, int64_t step) {
  return cimc_build_for(
      b, (cimc_range){cimc_build_index(b, 0), cimc_build_index(b, high), step},
      0, NULL);
}

void cimc_build_end_for(cimc_build *b, cimc_loop *loop, const MlirValue *next) {
  append(b, &(op_parts){.name = "scf.yield",
                        .operand_count = loop->count,
                        .operands = next});
  b->block = loop->outer;
  for (intptr_t i = 0; i < loop->count; i++)
    loop->value[i] = mlirOperationGetResult(loop->op, i);
}

static MlirValue call(cimc_build *b, const op_parts *base,
                      MlirNamedAttribute callee) {
  const int32_t sizes[] = {(int32_t)base->operand_count, 0};
  MlirNamedAttribute attributes[] = {
      callee,
      cimc_ir_attr(b->context, "op_bundle_sizes",
                   mlirDenseI32ArrayGet(b->context, 0, NULL)),
      cimc_ir_attr(b->context, "operandSegmentSizes",
                   mlirDenseI32ArrayGet(b->context, 2, sizes)),
  };
  op_parts parts = *base;
  parts.attribute_count = 3;
  parts.attributes = attributes;
  MlirOperation op = append(b, &parts);
  return mlirTypeIsNull(base->result) ? (MlirValue){NULL}
                                      : mlirOperationGetResult(op, 0);
}

MlirValue cimc_build_call(cimc_build *b, const char *callee, MlirType result,
                          intptr_t count, const MlirValue *arguments) {
  op_parts parts = {.name = "llvm.call",
                    .result = result,
                    .operand_count = count,
                    .operands = arguments};
  return call(
      b, &parts,
      cimc_ir_attr(b->context, "callee", symbol_attr(b->context, callee)));
}

MlirValue cimc_build_intrinsic(cimc_build *b, const char *name, MlirType result,
                               intptr_t count, const MlirValue *arguments) {
  op_parts parts = {.name = "llvm.call_intrinsic",
                    .result = result,
                    .operand_count = count,
                    .operands = arguments};
  return call(
      b, &parts,
      cimc_ir_attr(b->context, "intrin", cimc_ir_attr_str(b->context, name)));
}
