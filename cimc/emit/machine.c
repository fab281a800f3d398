// SPDX-License-Identifier: Apache-2.0
//
// The CPU table: one row a --target, and LLVM target machines for it.
//
// Why native is a row of this table and not LLVM's host CPU: an object then
// depends on nothing but its row, is reproducible, and runs on every CPU that
// has the row's features.
#include "cimc/emit/machine.h"

#include "runtime/core/abi.h"

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>

#include <stdlib.h>
#include <string.h>

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

typedef enum arch { ARCH_X86, ARCH_AARCH64, ARCH_ARM } arch;

#if defined(__x86_64__)
#define HOST_ARCH ARCH_X86
#elif defined(__aarch64__)
#define HOST_ARCH ARCH_AARCH64
#else
#define HOST_ARCH ARCH_ARM
#endif

#define X86_V2 CIMRT_CPU_SSE41
#define X86_V3 (X86_V2 | CIMRT_CPU_AVX2_FMA)
#define X86_V4 (X86_V3 | CIMRT_CPU_AVX512)
#define X86_VNNI (X86_V4 | CIMRT_CPU_AVX512_VNNI)

typedef struct row {
  arch arch;
  bool position_independent;
  cimc_machine machine;
} row;

// Rows of one architecture stand from the least to the most able: native is
// the last that the host has all features of.
static const row rows[] = {
    {ARCH_X86,
     true,
     {.cpu = {"x86-64-v2", "pmaddwd", 128, 64, 16, (int64_t)X86_V2},
      .triple = "x86_64-unknown-linux-gnu",
      .llvm_cpu = "x86-64-v2",
      .llvm_features = "",
      .summary = "x86-64 with SSE4.2"}},
    {ARCH_X86,
     true,
     {.cpu = {"x86-64-v3", "pmaddwd", 256, 64, 16, (int64_t)X86_V3},
      .triple = "x86_64-unknown-linux-gnu",
      .llvm_cpu = "x86-64-v3",
      .llvm_features = "",
      .summary = "x86-64 with AVX2 and FMA"}},
    // LLVM holds 512-bit vectors back on x86-64-v4 unless told otherwise.
    {ARCH_X86,
     true,
     {.cpu = {"x86-64-v4", "pmaddwd", 512, 64, 32, (int64_t)X86_V4},
      .triple = "x86_64-unknown-linux-gnu",
      .llvm_cpu = "x86-64-v4",
      .llvm_features = "-prefer-256-bit",
      .summary = "x86-64 with AVX-512"}},
    {ARCH_X86,
     true,
     {.cpu = {"x86-64-vnni", "vpdpbusd", 512, 64, 32, (int64_t)X86_VNNI},
      .triple = "x86_64-unknown-linux-gnu",
      .llvm_cpu = "x86-64-v4",
      .llvm_features = "+avx512vnni,-prefer-256-bit",
      .summary = "x86-64 with AVX-512 and its dot products (VNNI)"}},
    {ARCH_AARCH64,
     true,
     {.cpu = {"cortex-a53", "widen", 128, 64, 32, (int64_t)CIMRT_CPU_NEON},
      .triple = "aarch64-unknown-linux-gnu",
      .llvm_cpu = "cortex-a53",
      .llvm_features = "",
      .summary = "64-bit Arm: Raspberry Pi 3"}},
    {ARCH_AARCH64,
     true,
     {.cpu = {"cortex-a57", "widen", 128, 64, 32, (int64_t)CIMRT_CPU_NEON},
      .triple = "aarch64-unknown-linux-gnu",
      .llvm_cpu = "cortex-a57",
      .llvm_features = "",
      .summary = "64-bit Arm: Jetson Nano"}},
    {ARCH_AARCH64,
     true,
     {.cpu = {"cortex-a76", "widen", 128, 64, 32,
              (int64_t)(CIMRT_CPU_NEON | CIMRT_CPU_DOTPROD)},
      .triple = "aarch64-unknown-linux-gnu",
      .llvm_cpu = "cortex-a76",
      .llvm_features = "",
      .summary = "64-bit Arm with dot products: Raspberry Pi 5"}},
    // Not LLVM's cortex-a53: that brings Armv8's vmaxnm, and the feature bit
    // checked at run time is NEON, which an Armv7 core with VFPv4 has as well.
    // The A7 is an in-order core of the A53's width.
    {ARCH_ARM,
     true,
     {.cpu = {"armhf", "widen", 128, 32, 16, (int64_t)CIMRT_CPU_NEON},
      .triple = "armv7-unknown-linux-gnueabihf",
      .llvm_cpu = "cortex-a7",
      .llvm_features = "+neon,+vfp4",
      .summary = "32-bit Arm, hard float, NEON: Raspberry Pi 2 and 3"}},
    {ARCH_ARM,
     false,
     {.cpu = {"cortex-m4", "widen", 128, 32, 16, (int64_t)CIMRT_CPU_ARM_DSP},
      .triple = "thumbv7em-none-unknown-eabihf",
      .llvm_cpu = "cortex-m4",
      .llvm_features = "+vfp4d16sp,-fp64",
      .summary = "Cortex-M4F microcontroller, bare metal"}},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

// The features of the CPU this runs on, without a look at CIMC_ISA.
static uint64_t host_features(void) {
  uint64_t features = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt"))
    features |= X86_V2;
  if (features && __builtin_cpu_supports("avx2") &&
      __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
      __builtin_cpu_supports("bmi2"))
    features |= X86_V3;
  if ((features & CIMRT_CPU_AVX2_FMA) && __builtin_cpu_supports("avx512f") &&
      __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    features |= X86_V4;
  if ((features & CIMRT_CPU_AVX512) && __builtin_cpu_supports("avx512vnni"))
    features |= X86_VNNI;
#elif defined(__aarch64__)
  const unsigned long asimd_dot_product = 1ul << 20; // HWCAP_ASIMDDP
  features = CIMRT_CPU_NEON;
  if (getauxval(AT_HWCAP) & asimd_dot_product)
    features |= CIMRT_CPU_DOTPROD;
#else
  features = CIMRT_CPU_NEON;
#endif
  return features;
}

static const row *find_row(const char *name) {
  for (size_t i = 0; i < ROW_COUNT; ++i)
    if (strcmp(rows[i].machine.cpu.name, name) == 0)
      return &rows[i];
  return NULL;
}

// The best row of the host's architecture whose features the host has and
// CIMC_ISA, when it names a row, does not exceed.
static const row *native_row(void) {
  uint64_t allowed = host_features();
  const char *isa = getenv("CIMC_ISA");
  const row *limit = isa ? find_row(isa) : NULL;
  if (limit && limit->arch == HOST_ARCH)
    allowed &= (uint64_t)limit->machine.cpu.features;
  const row *best = NULL;
  for (size_t i = 0; i < ROW_COUNT; ++i) {
    if (rows[i].arch != HOST_ARCH)
      continue;
    uint64_t needed = (uint64_t)rows[i].machine.cpu.features;
    if (!best || (needed & ~allowed) == 0)
      best = &rows[i]; // the least one serves a host that has not even that
  }
  return best;
}

static void fill(const row *from, cimc_machine *out) {
  *out = from->machine;
  out->runs_here = from->arch == HOST_ARCH && from->position_independent;
}

bool cimc_machine_find(const char *name, cimc_machine *out) {
  bool native = !name || strcmp(name, "native") == 0;
  const row *found = native ? native_row() : find_row(name);
  if (found)
    fill(found, out);
  return found != NULL;
}

bool cimc_machine_at(size_t index, cimc_machine *out) {
  if (index >= ROW_COUNT)
    return false;
  fill(&rows[index], out);
  return true;
}

// Only the back end asked for is set up: start-up counts in every compile.
static void initialize(arch kind) {
  switch (kind) {
  case ARCH_X86:
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    break;
  case ARCH_AARCH64:
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
    break;
  case ARCH_ARM:
    LLVMInitializeARMTargetInfo();
    LLVMInitializeARMTarget();
    LLVMInitializeARMTargetMC();
    LLVMInitializeARMAsmPrinter();
    break;
  }
}

LLVMTargetMachineRef cimc_machine_create(const cimc_machine *machine) {
  const row *found = find_row(machine->cpu.name);
  if (!found) {
    cimc_diag_error(NULL, "no target is named '%s'", machine->cpu.name);
    return NULL;
  }
  initialize(found->arch);
  LLVMTargetRef target = NULL;
  char *message = NULL;
  if (LLVMGetTargetFromTriple(machine->triple, &target, &message)) {
    cimc_diag_error(NULL, "LLVM has no back end for '%s': %s", machine->triple,
                    message);
    LLVMDisposeMessage(message);
    return NULL;
  }
  LLVMRelocMode mode =
      found->position_independent ? LLVMRelocPIC : LLVMRelocStatic;
  LLVMTargetMachineRef created = LLVMCreateTargetMachine(
      target, machine->triple, machine->llvm_cpu, machine->llvm_features,
      LLVMCodeGenLevelAggressive, mode, LLVMCodeModelDefault);
  if (!created)
    cimc_diag_error(NULL, "LLVM cannot generate code for '%s'",
                    machine->cpu.name);
  return created;
}
