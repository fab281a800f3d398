// SPDX-License-Identifier: Apache-2.0
//
// From a lowered module to LLVM IR, assembly or a relocatable object.
#include "cimc/emit/object.h"

#include "cimc/emit/descriptor.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/ErrorHandling.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <mlir-c/RegisterEverything.h>
#include <mlir-c/Target/LLVMIR.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_INTERNAL 3 // as CIMC_INTERNAL in driver/cimc.h

typedef struct emission {
  const cimc_object_request *request;
  cimc_model_info info;
  LLVMContextRef context;
  LLVMModuleRef module;
  LLVMTargetMachineRef target;
  LLVMTargetDataRef layout;
  LLVMMemoryBufferRef buffer;
  bool failed; // set by LLVM's diagnostics
} emission;

// LLVM would end the process here with a message of its own.
static void on_fatal(const char *reason) {
  cimc_diag_error(NULL, "LLVM cannot generate this code: %.*s",
                  (int)strcspn(reason, "\n"), reason);
  cimc_diag_note("this is a fault of cimc, or of a lowered module written by "
                 "hand; --emit=lowered shows what LLVM was given");
  _exit(EXIT_INTERNAL);
}

static void on_diagnostic(LLVMDiagnosticInfoRef info, void *user) {
  emission *e = user;
  if (LLVMGetDiagInfoSeverity(info) != LLVMDSError)
    return; // remarks and warnings speak of code the user never wrote
  char *text = LLVMGetDiagInfoDescription(info);
  cimc_diag_error(NULL, "LLVM: %s", text);
  LLVMDisposeMessage(text);
  e->failed = true;
}

static MlirLogicalResult translate(emission *e, MlirOperation module) {
  mlirRegisterAllLLVMTranslations(mlirOperationGetContext(module));
  e->module = mlirTranslateModuleToLLVMIR(module, e->context);
  if (!e->module) // MLIR has said why
    return mlirLogicalResultFailure();
  const char *name = e->info.name.data;
  size_t length = e->info.name.length;
  LLVMSetModuleIdentifier(e->module, name, length);
  LLVMSetSourceFileName(e->module, name, length);
  LLVMSetTarget(e->module, e->request->machine->triple);
  LLVMSetModuleDataLayout(e->module, e->layout);
  return mlirLogicalResultSuccess();
}

// LLVM's own constant is an int of -1, which strict conversion refuses.
static const LLVMAttributeIndex on_function =
    (LLVMAttributeIndex)LLVMAttributeFunctionIndex;

static void add_flag(emission *e, LLVMValueRef function, const char *name) {
  unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
  LLVMAddAttributeAtIndex(function, on_function,
                          LLVMCreateEnumAttribute(e->context, kind, 0));
}

static void add_text(emission *e, LLVMValueRef function, const char *name,
                     const char *value) {
  LLVMAttributeRef attribute = LLVMCreateStringAttribute(
      e->context, name, (unsigned)strlen(name), value, (unsigned)strlen(value));
  LLVMAddAttributeAtIndex(function, on_function, attribute);
}

static bool is_entry(const emission *e, LLVMValueRef function) {
  size_t length = 0;
  const char *name = LLVMGetValueName2(function, &length);
  return length == e->info.name.length &&
         memcmp(name, e->info.name.data, length) == 0;
}

// One visible function; nothing unwinds (ARM would else want
// __aeabi_unwind_cpp_pr0); the CPU stands in the IR too, so that --emit=llvm
// gives the same code through llc.
static void finish_symbols(emission *e) {
  const cimc_machine *machine = e->request->machine;
  for (LLVMValueRef f = LLVMGetFirstFunction(e->module); f;
       f = LLVMGetNextFunction(f)) {
    if (LLVMGetIntrinsicID(f) != 0)
      continue;
    add_flag(e, f, "nounwind");
    if (LLVMIsDeclaration(f))
      continue;
    LLVMSetLinkage(f,
                   is_entry(e, f) ? LLVMExternalLinkage : LLVMInternalLinkage);
    LLVMSetVisibility(f, LLVMDefaultVisibility);
    add_text(e, f, "target-cpu", machine->llvm_cpu);
    if (machine->llvm_features[0])
      add_text(e, f, "target-features", machine->llvm_features);
  }
  for (LLVMValueRef g = LLVMGetFirstGlobal(e->module); g;
       g = LLVMGetNextGlobal(g))
    if (!LLVMIsDeclaration(g) && LLVMGetLinkage(g) == LLVMExternalLinkage)
      LLVMSetLinkage(g, LLVMInternalLinkage);
}

static MlirLogicalResult optimize(emission *e) {
  LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
  LLVMErrorRef error =
      LLVMRunPasses(e->module, "default<O3>", e->target, options);
  LLVMDisposePassBuilderOptions(options);
  if (!error)
    return mlirLogicalResultSuccess();
  char *text = LLVMGetErrorMessage(error);
  cimc_diag_error(NULL, "LLVM's optimizer: %s", text);
  LLVMDisposeErrorMessage(text);
  return mlirLogicalResultFailure();
}

static MlirLogicalResult generate(emission *e) {
  if (e->request->kind == CIMC_OBJECT_LLVM) {
    char *text = LLVMPrintModuleToString(e->module);
    e->buffer =
        LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), "llvm");
    LLVMDisposeMessage(text);
    return mlirLogicalResultSuccess();
  }
  LLVMCodeGenFileType type =
      e->request->kind == CIMC_OBJECT_ASM ? LLVMAssemblyFile : LLVMObjectFile;
  char *message = NULL;
  if (LLVMTargetMachineEmitToMemoryBuffer(e->target, e->module, type, &message,
                                          &e->buffer)) {
    cimc_diag_error(NULL, "LLVM's code generator: %s", message);
    LLVMDisposeMessage(message);
    return mlirLogicalResultFailure();
  }
  return e->failed ? mlirLogicalResultFailure() : mlirLogicalResultSuccess();
}

static MlirLogicalResult copy_out(const emission *e, char **out,
                                  size_t *out_size) {
  size_t size = LLVMGetBufferSize(e->buffer);
  *out = malloc(size + 1);
  if (!*out) {
    cimc_diag_error(NULL, "out of memory for %zu bytes of output", size);
    return mlirLogicalResultFailure();
  }
  memcpy(*out, LLVMGetBufferStart(e->buffer), size);
  (*out)[size] = 0;
  *out_size = size;
  return mlirLogicalResultSuccess();
}

static MlirLogicalResult emit(emission *e, MlirOperation module, char **out,
                              size_t *out_size) {
  cimc_passes_options passes = {0};
  if (e->request->passes)
    passes = *e->request->passes;
  passes.passes = "to_llvm";
  CIMC_TRY(cimc_passes_run(module, CIMC_STAGE_LOWERED, &passes));
  e->target = cimc_machine_create(e->request->machine);
  if (!e->target)
    return mlirLogicalResultFailure();
  e->layout = LLVMCreateTargetDataLayout(e->target);
  CIMC_TRY(translate(e, module));
  finish_symbols(e);
  if (!cimc_descriptor_add(e->module, e->layout, &e->info)) {
    cimc_diag_error(NULL, "out of memory");
    return mlirLogicalResultFailure();
  }
  CIMC_TRY(optimize(e));
  CIMC_TRY(generate(e));
  return copy_out(e, out, out_size);
}

MlirLogicalResult cimc_object_emit(MlirOperation module,
                                   const cimc_object_request *request,
                                   char **out, size_t *out_size) {
  *out = NULL;
  *out_size = 0;
  emission e = {.request = request};
  CIMC_TRY(cimc_model_info_read(module, &e.info));
  e.context = LLVMContextCreate();
  LLVMContextSetDiagnosticHandler(e.context, on_diagnostic, &e);
  LLVMInstallFatalErrorHandler(on_fatal);
  MlirLogicalResult result = emit(&e, module, out, out_size);
  LLVMResetFatalErrorHandler();
  if (e.buffer)
    LLVMDisposeMemoryBuffer(e.buffer);
  if (e.layout)
    LLVMDisposeTargetData(e.layout);
  if (e.module)
    LLVMDisposeModule(e.module);
  if (e.target)
    LLVMDisposeTargetMachine(e.target);
  LLVMContextDispose(e.context);
  cimc_model_info_free(&e.info);
  return result;
}
