// SPDX-License-Identifier: Apache-2.0
//
// The NAME_model descriptor of abi.h as constant data of an LLVM module.
//
// The structs are LLVM structs of the same members in the same order, so that
// LLVM pads them by the target's own rules; on a 64-bit host the offsets are
// asserted against abi.h below, on 32 bit by the tests under QEMU.
#include "cimc/emit/descriptor.h"

#include "cimc/emit/identifier.h"
#include "runtime/core/abi.h"

#include <stdio.h>
#include <stdlib.h>

_Static_assert(CIMRT_ABI_VERSION == 1, "the structs below follow version 1");
_Static_assert(offsetof(cimrt_model, cpu_features) ==
                   8 + 6 * sizeof(void *) + 16,
               "cimrt_model has members the compiler does not write");
_Static_assert(offsetof(cimrt_tensor_info, reserved) ==
                   4 * sizeof(void *) + 8 + 3,
               "cimrt_tensor_info has members the compiler does not write");

typedef struct builder {
  LLVMModuleRef module;
  LLVMContextRef context;
  LLVMTypeRef pointer, i8, i32, i64, f32;
  LLVMTypeRef tensor, layer, model;
  bool out_of_memory;
} builder;

unsigned cimc_descriptor_dtype(cimc_storage storage) {
  switch (storage) {
  case CIMC_STORAGE_I8:
    return CIMRT_I8;
  case CIMC_STORAGE_U8:
    return CIMRT_U8;
  case CIMC_STORAGE_I16:
    return CIMRT_I16;
  case CIMC_STORAGE_U16:
    return CIMRT_U16;
  case CIMC_STORAGE_I32:
    return CIMRT_I32;
  case CIMC_STORAGE_I64:
    return CIMRT_I64;
  case CIMC_STORAGE_F32:
  case CIMC_STORAGE_OTHER: // model_info.c has refused it
    break;
  }
  return CIMRT_F32;
}

static LLVMTypeRef struct_type(LLVMContextRef context, const char *name,
                               LLVMTypeRef *members, unsigned count) {
  LLVMTypeRef type = LLVMStructCreateNamed(context, name);
  LLVMStructSetBody(type, members, count, false);
  return type;
}

static builder builder_init(LLVMModuleRef module) {
  LLVMContextRef context = LLVMGetModuleContext(module);
  LLVMTypeRef p = LLVMPointerTypeInContext(context, 0);
  LLVMTypeRef i8 = LLVMInt8TypeInContext(context);
  LLVMTypeRef i32 = LLVMInt32TypeInContext(context);
  LLVMTypeRef i64 = LLVMInt64TypeInContext(context);
  LLVMTypeRef tensor[] = {p,   p,  p,  p,  i32,
                          i32, i8, i8, i8, LLVMArrayType2(i8, 5)};
  LLVMTypeRef layer[] = {p, p};
  LLVMTypeRef model[] = {i32, i32, p,   p,   p,   p,   p,  p,
                         i32, i32, i32, i32, i64, i64, i64};
  return (builder){
      .module = module,
      .context = context,
      .pointer = p,
      .i8 = i8,
      .i32 = i32,
      .i64 = i64,
      .f32 = LLVMFloatTypeInContext(context),
      .tensor = struct_type(context, "cimrt_tensor_info", tensor, 10),
      .layer = struct_type(context, "cimrt_layer_info", layer, 2),
      .model = struct_type(context, "cimrt_model", model, 15),
  };
}

static LLVMValueRef number(LLVMTypeRef type, int64_t value) {
  return LLVMConstInt(type, (unsigned long long)value, true);
}

// A private constant holding `value`; its address is the result.
static LLVMValueRef place(builder *b, LLVMValueRef value) {
  LLVMValueRef global =
      LLVMAddGlobal(b->module, LLVMTypeOf(value), "descriptor");
  LLVMSetInitializer(global, value);
  LLVMSetGlobalConstant(global, true);
  LLVMSetLinkage(global, LLVMPrivateLinkage);
  LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
  return global;
}

static LLVMValueRef string(builder *b, MlirStringRef text) {
  return place(
      b, LLVMConstStringInContext2(b->context, text.data, text.length, false));
}

// The array's address, or null for none. Frees `values`.
static LLVMValueRef array(builder *b, LLVMTypeRef type, LLVMValueRef *values,
                          size_t count) {
  LLVMValueRef out = LLVMConstNull(b->pointer);
  if (values && count > 0)
    out = place(b, LLVMConstArray2(type, values, count));
  free(values);
  return out;
}

static LLVMValueRef *values_create(builder *b, size_t count) {
  LLVMValueRef *values = calloc(count ? count : 1, sizeof(LLVMValueRef));
  b->out_of_memory |= !values;
  return values;
}

static LLVMValueRef tensor(builder *b, const cimc_model_tensor *from) {
  size_t rank = (size_t)from->shape.rank;
  size_t scales = (size_t)from->element.scale_count;
  LLVMValueRef *dims = values_create(b, rank);
  LLVMValueRef *scale = values_create(b, scales);
  LLVMValueRef *zero = values_create(b, scales);
  for (size_t i = 0; dims && i < rank; ++i)
    dims[i] = number(b->i64, from->shape.dim[i]);
  for (size_t i = 0; scale && zero && i < scales; ++i) {
    float s = cimc_qgemm_scale(from->type, (int64_t)i);
    scale[i] = LLVMConstReal(b->f32, (double)s);
    zero[i] = number(b->i32, cimc_qgemm_zero_point(from->type, (int64_t)i));
  }
  LLVMValueRef members[] = {
      string(b, from->name),
      array(b, b->i64, dims, rank),
      array(b, b->f32, scale, scales),
      array(b, b->i32, zero, scales),
      number(b->i32, (int64_t)scales),
      number(b->i32, scales > 0 ? from->element.axis : -1),
      number(b->i8, from->boolean
                        ? (unsigned)CIMRT_BOOL
                        : cimc_descriptor_dtype(from->element.storage)),
      number(b->i8, from->shape.rank),
      number(b->i8, from->by_value),
      LLVMConstNull(LLVMArrayType2(b->i8, 5)),
  };
  return LLVMConstNamedStruct(b->tensor, members, 10);
}

static LLVMValueRef tensors(builder *b, const cimc_model_tensor *from,
                            size_t count) {
  LLVMValueRef *values = values_create(b, count);
  for (size_t i = 0; values && i < count; ++i)
    values[i] = tensor(b, &from[i]);
  return array(b, b->tensor, values, count);
}

static LLVMValueRef layers(builder *b, const cimc_model_info *info) {
  LLVMValueRef *values = values_create(b, info->layer_count);
  for (size_t i = 0; values && i < info->layer_count; ++i) {
    LLVMValueRef members[] = {string(b, info->layers[i].name),
                              string(b, info->layers[i].op)};
    values[i] = LLVMConstNamedStruct(b->layer, members, 2);
  }
  return array(b, b->layer, values, info->layer_count);
}

bool cimc_descriptor_add(LLVMModuleRef module, LLVMTargetDataRef layout,
                         const cimc_model_info *info) {
  builder b = builder_init(module);
  unsigned long long bytes = LLVMABISizeOfType(layout, b.model);
  LLVMValueRef members[] = {
      number(b.i32, CIMRT_ABI_VERSION),
      number(b.i32, (int64_t)bytes),
      string(&b, info->name),
      string(&b, cimc_ir_str(info->cpu.name)),
      LLVMConstNull(b.pointer),
      tensors(&b, info->inputs, info->input_count),
      tensors(&b, info->outputs, info->output_count),
      layers(&b, info),
      number(b.i32, (int64_t)info->input_count),
      number(b.i32, (int64_t)info->output_count),
      number(b.i32, (int64_t)info->layer_count),
      number(b.i32, 0),
      number(b.i64, info->cpu.features),
      number(b.i64, info->workspace_bytes),
      number(b.i64, info->state_bytes),
  };
  char name[CIMC_IDENTIFIER_MAX + 8];
  snprintf(name, sizeof(name), "%.*s_model", (int)info->name.length,
           info->name.data);
  LLVMValueRef global = LLVMAddGlobal(module, b.model, name);
  LLVMSetInitializer(global, LLVMConstNamedStruct(b.model, members, 15));
  LLVMSetGlobalConstant(global, true);
  LLVMSetAlignment(global, 8);
  return !b.out_of_memory;
}
