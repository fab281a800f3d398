// SPDX-License-Identifier: Apache-2.0
//
// An emitted object, linked in memory by LLVM's ORC: the very bytes that a
// compile writes to a file.
#include "cimc/driver/jit.h"

#include "dialect/diag.h"

#include <elf.h>
#include <llvm-c/Core.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Target.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#define HOST_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define HOST_MACHINE EM_AARCH64
#elif defined(__arm__)
#define HOST_MACHINE EM_ARM
#else
#define HOST_MACHINE EM_NONE
#endif

static cimc_result report_fault(const char *what, LLVMErrorRef error) {
  char *message = LLVMGetErrorMessage(error);
  cimc_diag_error(NULL, "%s: %s; this is a fault of cimc", what, message);
  LLVMDisposeErrorMessage(message);
  return CIMC_INTERNAL;
}

// An object for another kind of CPU cannot be linked, let alone run.
static cimc_result check_machine(const void *object, size_t size) {
  Elf64_Ehdr head; // e_machine is at the same place in 32-bit files
  if (size < sizeof head) {
    cimc_diag_error(NULL, "the object is cut short; this is a fault of cimc");
    return CIMC_INTERNAL;
  }
  memcpy(&head, object, sizeof head);
  if (memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 &&
      head.e_machine == HOST_MACHINE)
    return CIMC_DONE;
  cimc_diag_error(NULL, "--run: the target is another kind of CPU than this "
                        "machine's; expected --target=native or one that "
                        "runs here (--list-targets)");
  return CIMC_WRONG_USAGE;
}

// -- The model's name ------------------------------------------------------

// The descriptor of the model NAME is the symbol NAME_model.
static const char model_suffix[] = "_model";

// A part of the object, or null where it would reach beyond its end.
static const void *part(const void *object, size_t size, Elf64_Off offset,
                        Elf64_Xword bytes) {
  if (offset > size || bytes > size - offset)
    return NULL;
  return (const char *)object + offset;
}

static bool is_descriptor(const Elf64_Sym *symbol, const char *name) {
  size_t length = strlen(name), suffix = strlen(model_suffix);
  return ELF64_ST_BIND(symbol->st_info) == STB_GLOBAL &&
         ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT &&
         symbol->st_shndx != SHN_UNDEF && length > suffix &&
         strcmp(name + length - suffix, model_suffix) == 0;
}

// The descriptor's name in one symbol table; the caller frees it.
static char *find_in_table(const Elf64_Shdr *table, const Elf64_Shdr *strings,
                           const void *object, size_t size) {
  const char *symbols = part(object, size, table->sh_offset, table->sh_size);
  const char *names = part(object, size, strings->sh_offset, strings->sh_size);
  size_t count = table->sh_size / sizeof(Elf64_Sym);
  if (!symbols || !names || !strings->sh_size ||
      names[strings->sh_size - 1] != 0)
    return NULL;
  for (size_t i = 0; i < count; ++i) {
    Elf64_Sym symbol;
    memcpy(&symbol, symbols + i * sizeof symbol, sizeof symbol);
    if (symbol.st_name < strings->sh_size &&
        is_descriptor(&symbol, names + symbol.st_name))
      return strdup(names + symbol.st_name);
  }
  return NULL;
}

// The only global data an object has is its descriptor.
static char *find_model(const void *object, size_t size) {
  Elf64_Ehdr head;
  memcpy(&head, object, sizeof head);
  const char *sections = part(object, size, head.e_shoff,
                              (Elf64_Xword)head.e_shnum * sizeof(Elf64_Shdr));
  char *name = NULL;
  for (unsigned i = 0; sections && i < head.e_shnum && !name; ++i) {
    Elf64_Shdr table, strings;
    memcpy(&table, sections + i * sizeof table, sizeof table);
    if (table.sh_type != SHT_SYMTAB || table.sh_link >= head.e_shnum)
      continue;
    memcpy(&strings, sections + table.sh_link * sizeof strings, sizeof strings);
    name = find_in_table(&table, &strings, object, size);
  }
  return name;
}

// -- Linking ---------------------------------------------------------------

// The only symbols an object may leave open.
static LLVMErrorRef define_runtime(LLVMOrcLLJITRef engine) {
  const struct {
    const char *name;
    uintptr_t address;
  } symbols[] = {
      {"cimrt_cpu_has", (uintptr_t)cimrt_cpu_has},
      {"cimrt_context_check", (uintptr_t)cimrt_context_check},
      {"cimrt_stage", (uintptr_t)cimrt_stage},
      {"memcpy", (uintptr_t)memcpy},
      {"memset", (uintptr_t)memset},
  };
  enum { COUNT = sizeof symbols / sizeof symbols[0] };
  LLVMOrcCSymbolMapPair pairs[COUNT];
  for (size_t i = 0; i < COUNT; ++i)
    pairs[i] = (LLVMOrcCSymbolMapPair){
        .Name = LLVMOrcLLJITMangleAndIntern(engine, symbols[i].name),
        .Sym = {.Address = symbols[i].address,
                .Flags = {.GenericFlags = LLVMJITSymbolGenericFlagsExported |
                                          LLVMJITSymbolGenericFlagsCallable}}};
  return LLVMOrcJITDylibDefine(LLVMOrcLLJITGetMainJITDylib(engine),
                               LLVMOrcAbsoluteSymbols(pairs, COUNT));
}

static LLVMErrorRef add_object(LLVMOrcLLJITRef engine, const void *object,
                               size_t size, const char *name) {
  // The engine owns the copy from here on, also when it fails.
  LLVMMemoryBufferRef buffer =
      LLVMCreateMemoryBufferWithMemoryRangeCopy(object, size, name);
  return LLVMOrcLLJITAddObjectFile(engine, LLVMOrcLLJITGetMainJITDylib(engine),
                                   buffer);
}

static cimc_result check_model(const char *name, const cimrt_model *model) {
  if (model->abi_version != CIMRT_ABI_VERSION ||
      model->struct_bytes != sizeof *model) {
    cimc_diag_error(NULL,
                    "%s: ABI version %u of %u bytes; this cimc speaks %u of "
                    "%zu; install cimc again",
                    name, model->abi_version, model->struct_bytes,
                    CIMRT_ABI_VERSION, sizeof *model);
    return CIMC_INTERNAL;
  }
  if (!cimrt_cpu_has(model->cpu_features)) {
    cimc_diag_error(NULL,
                    "--run: the target %s needs instructions that this CPU "
                    "lacks; expected --target=native",
                    model->target);
    return CIMC_WRONG_USAGE;
  }
  return CIMC_DONE;
}

static cimc_result look_up(LLVMOrcLLJITRef engine, char *model_name,
                           cimc_jit *out) {
  LLVMOrcExecutorAddress entry = 0, model = 0;
  LLVMErrorRef error = LLVMOrcLLJITLookup(engine, &model, model_name);
  model_name[strlen(model_name) - strlen(model_suffix)] = 0;
  if (!error)
    error = LLVMOrcLLJITLookup(engine, &entry, model_name);
  if (error)
    return report_fault("the object cannot be linked", error);
  out->entry = (void (*)(void))(uintptr_t)entry;
  out->model = (const cimrt_model *)(uintptr_t)model;
  return check_model(model_name, out->model);
}

static cimc_result link_named(const void *object, size_t size, char *model_name,
                              cimc_jit *out) {
  LLVMInitializeNativeTarget();
  LLVMOrcLLJITRef engine = NULL;
  LLVMErrorRef error = LLVMOrcCreateLLJIT(&engine, NULL);
  if (error)
    return report_fault("the linker cannot be set up", error);
  out->engine = engine;
  error = define_runtime(engine);
  if (!error)
    error = add_object(engine, object, size, model_name);
  return error ? report_fault("the object cannot be linked", error)
               : look_up(engine, model_name, out);
}

cimc_result cimc_jit_link(const void *object, size_t size, cimc_jit *out) {
  *out = (cimc_jit){0};
  cimc_result result = check_machine(object, size);
  if (result)
    return result;
  char *model_name = find_model(object, size);
  if (!model_name) {
    cimc_diag_error(NULL, "the object has no model; this is a fault of cimc");
    return CIMC_INTERNAL;
  }
  result = link_named(object, size, model_name, out);
  free(model_name);
  if (result)
    cimc_jit_free(out);
  return result;
}

void cimc_jit_free(cimc_jit *jit) {
  if (jit->engine) {
    LLVMErrorRef error = LLVMOrcDisposeLLJIT(jit->engine);
    if (error) // nothing is left to be done about it
      LLVMConsumeError(error);
  }
  *jit = (cimc_jit){0};
}
