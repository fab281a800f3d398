#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Runs the same inputs over every route from a model to a result and compares
# each with the stored golden outputs, and routes of one target with each other.
#
#   routes.py CIMC ROOT MODELS OUT GROUP [CASE…]
#
# A route is a target and how its code gets to run: the JIT, or an object in a
# C program (inputs/replay.c), natively or under QEMU. Quantized models must be
# equal in every element everywhere, float models within 2e-5 of the golden's
# largest value, and equal on routes of one target. These are the groups x86,
# arm and m4. The groups lower-x86 (by CIMC_ISA), lesser-x86 and lesser-arm
# (under QEMU) check that an object on a CPU that lacks its instructions says
# so instead of dying of them. MODELS may be absent. CASE…: only these models.
# Exit code 1 on any difference.
import os
import pathlib
import shutil
import subprocess
import sys
import typing

import numpy as np

from goldens import Inputs

UNSUPPORTED_CPU = 5  # of cimrt_status
LEVELS = {"x86-64-v2": "sse4_2", "x86-64-v3": "avx2", "x86-64-v4": "avx512bw",
          "x86-64-vnni": "avx512_vnni"}
AARCH64 = ["aarch64-linux-gnu-gcc", "-static"]
ARMHF = ["arm-linux-gnueabihf-gcc", "-static", "-mfpu=neon-vfpv4"]
M4 = ["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard",
      "-mfpu=fpv4-sp-d16", "--specs=rdimon.specs"]
M4_BOARD = ["qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor",
            "none", "-serial", "none"]


class Case(typing.NamedTuple):
    name: str
    path: pathlib.Path
    inputs: np.ndarray
    golden: np.ndarray
    is_quantized: bool


class Program(typing.NamedTuple):
    """How an object of `target` becomes a program and runs."""
    target: str
    compiler: list
    emulator: list
    isa: str = ""  # CIMC_ISA of the run


class Bench:
    """Builds and runs in a folder of its own; libraries are made once."""

    def __init__(self, cimc, root, out):
        self.cimc, self.root, self.out = cimc, root, out
        self.libraries = {}
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)

    def call(self, *command, isa=""):
        environment = dict(os.environ)
        environment.pop("CIMC_ISA", None)
        if isa:
            environment["CIMC_ISA"] = isa
        return subprocess.run(
            [str(word) for word in command], capture_output=True, text=True,
            timeout=120, env=environment)

    def must(self, *command, isa=""):
        done = self.call(*command, isa=isa)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]}: exit {done.returncode}: "
                               f"{(done.stderr or done.stdout).strip()[:600]}")

    def flags(self):
        return ["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror",
                "-ffp-contract=off", f"-I{self.root}"]

    def library(self, compiler):
        """The runtime's objects, and the start-up code on a bare board."""
        key = " ".join(compiler)
        if key not in self.libraries:
            is_bare = "none-eabi" in key
            cross = self.root / "test/runtime/cross"
            sources = [self.root / "runtime/cimrt.c",
                       *sorted((self.root / "runtime/core").glob("*.c")),
                       self.root / "runtime/port" /
                       ("bare.c" if is_bare else "posix.c")]
            if is_bare:
                sources.append(cross / "m4_start.c")
            folder = self.out / f"library{len(self.libraries)}"
            folder.mkdir()
            self.must("env", "-C", folder, *compiler, *self.flags(),
                      "-D_GNU_SOURCE", "-c", *sources)
            self.libraries[key] = [
                *sorted(folder.glob("*.o")),
                *([f"-T{cross / 'm4.ld'}"] if is_bare else []), "-lm"]
        return self.libraries[key]

    def build(self, case, target, compiler):
        """The program that replays inputs through the object."""
        folder = self.out / f"{case.name}.{target}"
        if not (folder / "replay").exists():
            folder.mkdir(exist_ok=True)
            for output in ("net.o", "net.h"):
                self.must(self.cimc, "-q", "--cache=off", case.path,
                          "--name=net", f"--target={target}", "-o",
                          folder / output)
            self.must(*compiler, *self.flags(), f"-I{folder}",
                      self.root / "test/models/inputs/replay.c",
                      folder / "net.o", *self.library(compiler), "-o",
                      folder / "replay")
        return folder

    def replay(self, case, program):
        """(exit code, bytes of the outputs)"""
        folder = self.build(case, program.target, program.compiler)
        case.inputs.tofile(folder / "x.bin")
        files = [folder / "x.bin", folder / "y.bin"]
        if program.emulator[:1] == ["qemu-system-arm"]:
            config = ",".join(f"arg={word}" for word in ("replay", *files))
            command = [*program.emulator, "-semihosting-config",
                       f"enable=on,target=native,{config}", "-kernel",
                       folder / "replay"]
        else:
            command = [*program.emulator, folder / "replay", *files]
        done = self.call(*command, isa=program.isa)
        return done.returncode, (folder / "y.bin").read_bytes()

    def run_object(self, case, program):
        code, raw = self.replay(case, program)
        if code != 0:
            raise RuntimeError(f"exit {code}")
        return np.frombuffer(raw, case.golden.dtype).reshape(
            len(case.inputs), *case.golden.shape[1:])

    def run_jit(self, case, level):
        np.save(self.out / "x.npy", case.inputs)
        self.must(self.cimc, "-q", "--cache=off", case.path, "--run",
                  f"--input={self.out / 'x.npy'}",
                  f"--output={self.out / 'y.npy'}", isa=level)
        return np.load(self.out / "y.npy")


def load_cases(root, models, count):
    """`count` inputs of each digits model, fewer of the larger ones."""
    digits = root / "samples/digits"
    images = np.load(digits / "digits_test_images.npy")
    cases = []
    for path in sorted(digits.glob("*.onnx")):
        golden = np.load(digits / f"{path.stem}.ort.npy")
        cases.append(Case(path.stem, path, images[:count], golden[:count],
                          "int8" in path.stem))
    if models.is_dir():
        inputs = Inputs(models)
        for name, limit in (("dscnn_qdq", 3), ("resnet8_qdq", 2)):
            golden = np.load(models / "golden" / f"{name}.ort.npy")
            cases.append(Case(name, models / "onnx" / f"{name}.onnx",
                              np.ascontiguousarray(inputs.of(name)[:limit]),
                              golden[:limit], True))
    return cases


def judge(case, got, same_target):
    """(holds, what to say) of one result; `same_target`: None or a result."""
    if got.shape != case.golden.shape or got.dtype != case.golden.dtype:
        return False, f"{got.dtype}{list(got.shape)}"
    if same_target is not None and got.tobytes() != same_target.tobytes():
        return False, "other bits than another route of this target"
    if case.is_quantized:
        differ = int((got != case.golden).sum())
        return differ == 0, f"{differ} of {got.size} differ"
    worst = float(np.abs(got.astype(np.float64) - case.golden).max()
                  / np.abs(case.golden).max())
    return worst <= 2e-5, f"largest difference {worst:.1e}"


def cpu_flags():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("flags"):
            return line.split()
    return []


def routes_of(bench, group):
    """Pairs of a route's name and a function from a case to its result."""
    if group == "x86":
        here = [level for level, flag in LEVELS.items() if flag in cpu_flags()]
        for level in here:
            yield f"{level} jit", level, (
                lambda case, level=level: bench.run_jit(case, level))
            yield f"{level} object", level, (
                lambda case, level=level: bench.run_object(
                    case, Program(level, ["cc"], [])))
        return
    programs = {
        "arm": [Program(cpu, AARCH64, ["qemu-aarch64", "-cpu", cpu])
                for cpu in ("cortex-a53", "cortex-a57", "cortex-a76")]
        + [Program("armhf", ARMHF, ["qemu-arm", "-cpu", "cortex-a7"])],
        "m4": [Program("cortex-m4", M4, M4_BOARD)],
    }
    for program in programs[group]:
        yield program.target, program.target, (
            lambda case, program=program: bench.run_object(case, program))


def check_routes(bench, cases, group):
    wrong = total = 0
    first = {}
    for route, target, run in routes_of(bench, group):
        for case in cases:
            total += 1
            try:
                got = run(case)
                holds, text = judge(case, got, first.get((case.name, target)))
                first.setdefault((case.name, target), got)
            except (RuntimeError, OSError, ValueError,
                    subprocess.TimeoutExpired) as error:
                holds, text = False, str(error)
            wrong += not holds
            print(f"{'ok' if holds else 'WRONG'} {route}: {case.name}: {text}",
                  flush=True)
    return wrong, total


def unsupported(group):
    """Programs and the CPUs that lack what they need."""
    if group == "lower-x86":
        for target, isa in (("x86-64-v3", "x86-64-v2"),
                            ("x86-64-v4", "x86-64-v2"),
                            ("x86-64-v4", "x86-64-v3"),
                            ("x86-64-vnni", "x86-64-v4")):
            yield Program(target, ["cc"], [], isa)
    elif group == "lesser-x86":
        for target, cpu in (("x86-64-v2", "core2duo"),
                            ("x86-64-v3", "Nehalem"),
                            ("x86-64-v4", "Nehalem"),
                            ("x86-64-vnni", "Nehalem")):
            yield Program(target, ["cc", "-static"],
                          ["qemu-x86_64", "-cpu", cpu])
    else:
        for cpu in ("cortex-a53", "cortex-a57"):
            yield Program("cortex-a76", AARCH64, ["qemu-aarch64", "-cpu", cpu])
        # Armv7 without NEON; with NEON, without fused multiply-add (which QEMU
        # runs there all the same, unlike the CPU).
        for cpu in ("cortex-r5f", "cortex-a9"):
            yield Program("armhf", ARMHF, ["qemu-arm", "-cpu", cpu])


def check_refusals(bench, cases, group):
    wrong = total = 0
    for program in unsupported(group):
        for case in cases:
            total += 1
            code, raw = bench.replay(case, program)
            holds = code == UNSUPPORTED_CPU and not raw
            wrong += not holds
            cpu = program.isa or program.emulator[-1]
            print(f"{'ok' if holds else 'WRONG'} {program.target} on {cpu}: "
                  f"{case.name}: exit {code}", flush=True)
    return wrong, total


def main():
    cimc, root, models, out = sys.argv[1], *map(pathlib.Path, sys.argv[2:5])
    group = sys.argv[5]
    cases = [case for case in load_cases(root, models, 5)
             if not sys.argv[6:] or case.name in sys.argv[6:]]
    bench = Bench(cimc, root, out)
    check = check_routes if group in ("x86", "arm", "m4") else check_refusals
    wrong, total = check(bench, cases, group)
    print(f"{total - wrong} of {total} as they should be")
    return 1 if wrong or not total else 0


if __name__ == "__main__":
    sys.exit(main())
