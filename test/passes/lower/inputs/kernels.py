#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Compiles random cases of one group of ops, runs them, and compares every
# element with oracle.py.
#
#   kernels.py CIMC GROUP TARGET[,TARGET…] [--seeds=N] [--first=SEED]
#
# GROUP is a method of oracle.Cases, elementwise.Cases or fixed.Cases. One model
# holds a dozen cases. Arm targets run under QEMU. With --in-place the cases
# lie between copies, so that a result may be written over an operand. Exit code
# 1 on any difference.
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import fixed
import foreign
import oracle

CASES = 12


def tensor(shape, kind):
    return "tensor<" + "".join(f"{d}x" for d in shape) + f"{kind or 'f32'}>"


def constant(name, kind, x):
    storage = f"i{8 * x.itemsize}" if kind else "f32"
    storage = kind if isinstance(kind, oracle.Plain) else storage
    return (f'{name} = "qgemm.constant"() {{value = dense<"0x'
            f'{x.tobytes().hex().upper()}"> : {tensor(x.shape, storage)}}} : '
            f"() -> {tensor(x.shape, kind)}")


def result_type(case):
    return tensor(case.expected.shape, None if case.inner else case.kind)


class Model:
    def __init__(self, cases, copied=False):
        self.inputs, self.body, self.cases = [], [], cases
        self.copied = copied
        for i, case in enumerate(cases):
            names = [self.operand(case, f"{i}_{k}", k)
                     for k in range(len(case.operands))]
            if copied:
                names = [self.copy(n, x, tensor(x.shape, kind)) for n, (kind, x)
                         in zip(names, case.operands)]
            types = ", ".join(tensor(x.shape, k) for k, x in case.operands)
            name = f"%q{i}" if case.inner else f"%r{i}"
            stored = tensor(case.expected.shape, case.kind)
            self.body.append(f'{name} = "qgemm.{case.op}"({", ".join(names)}) '
                             f"{{{case.attributes}}} : ({types}) -> {stored}")
            if case.inner:
                self.body.append(f'%r{i} = "qgemm.dequantize"({name}) : '
                                 f"({stored}) -> {result_type(case)}")
        self.returned = [f"%r{i}" for i in range(len(cases))]
        if copied:
            self.returned = [self.copy(n, c.expected, result_type(c))
                             for n, c in zip(self.returned, cases)]

    def operand(self, case, suffix, index):
        kind, x = case.operands[index]
        name = "%x" + suffix
        stored = tensor(x.shape, kind)
        if index in case.constants:
            self.body.append(constant(name, kind, x))
        elif case.inner:
            real = tensor(x.shape, None)
            self.inputs.append(("%f" + suffix, real, kind.to_real(x)))
            self.body.append(f'{name} = "qgemm.quantize"(%f{suffix}) : '
                             f"({real}) -> {stored}")
        else:
            self.inputs.append((name, stored, x))
        return name

    def copy(self, name, x, kind):
        """A transpose that moves nothing but makes a copy."""
        if x.ndim == 0:
            return name
        self.body.append(f'{name}c = "qgemm.transpose"({name}) {{perm = '
                         f"{oracle.i64s(range(x.ndim))}}} : ({kind}) -> {kind}")
        return name + "c"

    def as_returned(self, case):
        return case.kind.to_real(case.expected) if case.inner else \
            case.expected

    def text(self):
        arguments = ", ".join(f"{n}: {t}" for n, t, _ in self.inputs)
        results = ", ".join(map(result_type, self.cases))
        names = ", ".join(self.returned)
        return (f"func.func @main({arguments}) -> ({results}) {{\n  "
                + "\n  ".join(self.body)
                + f"\n  return {names} : {results}\n}}\n")


def equal(target, got, expected):
    if expected.dtype != np.float32:
        return got == expected
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    if target == "armhf":  # its vectors flush subnormal numbers
        same |= (got == 0) & (np.abs(expected) < 2.0**-126)
    return same


def run_here(cimc, model, target, folder):
    command = [cimc, "--run", folder / "model.mlir", f"--target={target}",
               "--cache=off", "-q"]
    for i, (_, _, x) in enumerate(model.inputs):
        np.save(folder / f"in{i}.npy", np.ascontiguousarray(x))
        command.append(f"--input={folder}/in{i}.npy")
    for i in range(len(model.cases)):
        command.append(f"--output={folder}/out{i}.npy")
    subprocess.run(command, check=True)
    return [np.load(folder / f"out{i}.npy") for i in range(len(model.cases))]


def run(cimc, model, target, folder):
    source = "written.mlir" if model.copied else "model.mlir"
    (folder / source).write_text(model.text())
    try:
        if model.copied:  # mapped as it is: nothing is simplified
            subprocess.run([cimc, folder / source, "-q", "-o",
                            folder / "model.mlir", f"--target={target}",
                            "--passes=tile,plan_memory"], check=True)
        if target in foreign.MACHINES:
            results = foreign.run(cimc, folder, target,
                                  [x for _, _, x in model.inputs],
                                  [model.as_returned(c) for c in model.cases])
        else:
            results = run_here(cimc, model, target, folder)
    except subprocess.CalledProcessError as error:
        print(f"{error}\n{model.text()}")
        return False
    good = True
    for i, case in enumerate(model.cases):
        got, expected = results[i], model.as_returned(case)
        same = equal(target, got.reshape(expected.shape), expected)
        if not same.all():
            good = False
            where = tuple(int(k) for k in np.argwhere(~same)[0])
            print(f"{target}: {case.op} {{{case.attributes}}} of "
                  f"{[tensor(x.shape, k) for k, x in case.operands]}: "
                  f"{(~same).sum()} of {same.size} differ, first {where}: got "
                  f"{got.reshape(same.shape)[where]}, expected "
                  f"{expected[where]}")
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cimc")
    parser.add_argument("group")
    parser.add_argument("targets")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--in-place", action="store_true")
    options = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as folder, \
            np.errstate(all="ignore"):
        for seed in range(options.first, options.first + options.seeds):
            cases = fixed.Cases(seed)
            group = getattr(cases, options.group)
            model = Model([group() for _ in range(CASES)], options.in_place)
            for target in options.targets.split(","):
                good &= run(options.cimc, model, target, pathlib.Path(folder))
    print("all equal" if good else "some differ")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
