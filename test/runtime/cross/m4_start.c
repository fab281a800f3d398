// SPDX-License-Identifier: Apache-2.0
//
// The vector table of the emulated Cortex-M4: switches the floating-point unit
// on, then enters newlib's start-up.
#include <stdint.h>

extern char __stack[];
void _start(void);

static void reset(void) {
  *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20; // CPACR: full access, CP10/11
  __asm__ volatile("dsb\n\tisb");
  _start();
}

// Ends the program as a failure instead of hanging: semihosting's exit.
static void fault(void) {
  __asm__ volatile("mov r0, #0x18\n\tldr r1, =0x20024\n\tbkpt 0xab");
}

typedef struct vector_table {
  void *stack;
  void (*handlers[15])(void);
} vector_table;

__attribute__((section(".vectors"), used)) static const vector_table vectors = {
    __stack, {reset, fault, fault, fault, fault, fault}};
