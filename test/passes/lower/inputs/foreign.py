# SPDX-License-Identifier: Apache-2.0
#
# Runs a model compiled for Arm under QEMU: a C program around its object that
# reads the inputs from one file and writes the outputs to another.
import pathlib
import subprocess

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[4]
AARCH64 = ("aarch64-linux-gnu-gcc", "qemu-aarch64")
MACHINES = {"cortex-a53": AARCH64, "cortex-a57": AARCH64,
            "cortex-a76": AARCH64,
            "armhf": ("arm-linux-gnueabihf-gcc", "qemu-arm"),
            "cortex-m4": ("arm-linux-gnueabihf-gcc", "qemu-arm")}
# A Cortex-A7 has all instructions of a Cortex-M4; only the object's attributes
# say that the two do not go together.
CPU = {"armhf": "cortex-a7", "cortex-m4": "cortex-a7"}


RUNTIME = ("core/context.c", "core/cpu.c", "port/posix.c")


def program(sizes, outputs):
    names = [f"{'out' if i >= len(sizes) - outputs else 'in'}{i}"
             for i in range(len(sizes))]
    lines = ['#include "runtime/core/abi.h"', "#include <stdalign.h>",
             "#include <stdio.h>", "#include <stdlib.h>",
             "extern const cimrt_model net_model;",
             "int net(void *, " + "void *, " * len(sizes) + "void *);"]
    for name, size in zip(names, sizes):
        lines.append(f"static alignas(64) unsigned char {name}[{size}];")
    lines += ["int main(void) {", '  FILE *f = fopen("in.bin", "rb");',
              "  size_t bytes = net_model.workspace_bytes / 64 * 64 + 64;",
              "  void *workspace = aligned_alloc(64, bytes);"]
    for name, size in zip(names, sizes):
        if name.startswith("in"):
            lines.append(f"  if (fread({name}, {size}, 1, f) != 1) return 2;")
    lines.append(f"  if (net(NULL, {', '.join(names)}, workspace)) return 3;")
    lines.append('  f = fopen("out.bin", "wb");')
    lines += [f"  fwrite({name}, {size}, 1, f);"
              for name, size in zip(names, sizes) if name.startswith("out")]
    return "\n".join(lines + ["  return fclose(f);", "}"])


def step(folder, *command):
    subprocess.run([str(c) for c in command], check=True, cwd=folder)


def runtime(folder, compiler):
    """The runtime's objects, compiled once for a folder."""
    names = [f"{compiler}-{pathlib.Path(file).stem}.o" for file in RUNTIME]
    for file, name in zip(RUNTIME, names):
        if not (folder / name).exists():
            step(folder, compiler, "-O1", "-std=c11", "-D_GNU_SOURCE",
                 f"-I{ROOT}", "-c", ROOT / "runtime" / file, "-o", name)
    return names


def run(cimc, folder, target, inputs, outputs):
    """Arrays like `outputs` from model.mlir in the folder."""
    compiler, emulator = MACHINES[target]
    step(folder, cimc, "model.mlir", f"--target={target}", "--emit=obj",
         "--name=net", "--cache=off", "-q", "-o", "net.o")
    if target == "cortex-m4":
        step(folder, "arm-linux-gnueabihf-objcopy", "-R", ".ARM.attributes",
             "net.o")
    arrays = inputs + outputs
    sizes = [x.nbytes for x in arrays]
    (folder / "use.c").write_text(program(sizes, len(outputs)))
    step(folder, compiler, "-static", "-std=c11", f"-I{ROOT}", "use.c",
         "net.o", *runtime(folder, compiler), "-o", "use")
    (folder / "in.bin").write_bytes(b"".join(
        np.ascontiguousarray(x).tobytes() for x in inputs))
    step(folder, emulator, "-cpu", CPU.get(target, target), "./use")
    data, results = (folder / "out.bin").read_bytes(), []
    for x in outputs:
        results.append(np.frombuffer(data[:x.nbytes], x.dtype)
                       .reshape(x.shape))
        data = data[x.nbytes:]
    return results
