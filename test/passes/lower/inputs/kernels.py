#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Compiles random cases of one group of ops, runs them, and compares every
# element with oracle.py.
#
#   kernels.py CIMC GROUP TARGET[,TARGET…] [--seeds=N] [--first=SEED]
#
# GROUP is a method of oracle.Cases. One model holds a dozen cases. Exit code 1
# on any difference.
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import oracle

CASES = 12


def tensor(shape, kind):
    return "tensor<" + "".join(f"{d}x" for d in shape) + f"{kind or 'f32'}>"


def constant(name, kind, x):
    storage = f"i{8 * x.itemsize}" if kind else "f32"
    return (f'{name} = "qgemm.constant"() {{value = dense<"0x'
            f'{x.tobytes().hex().upper()}"> : {tensor(x.shape, storage)}}} : '
            f"() -> {tensor(x.shape, kind)}")


def result_type(case):
    return tensor(case.expected.shape, None if case.inner else case.kind)


class Model:
    def __init__(self, cases):
        self.inputs, self.body, self.cases = [], [], cases
        for i, case in enumerate(cases):
            names = [self.operand(case, f"{i}_{k}", k)
                     for k in range(len(case.operands))]
            types = ", ".join(tensor(x.shape, k) for k, x in case.operands)
            name = f"%q{i}" if case.inner else f"%r{i}"
            stored = tensor(case.expected.shape, case.kind)
            self.body.append(f'{name} = "qgemm.{case.op}"({", ".join(names)}) '
                             f"{{{case.attributes}}} : ({types}) -> {stored}")
            if case.inner:
                self.body.append(f'%r{i} = "qgemm.dequantize"({name}) : '
                                 f"({stored}) -> {result_type(case)}")

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

    def text(self):
        arguments = ", ".join(f"{n}: {t}" for n, t, _ in self.inputs)
        results = ", ".join(map(result_type, self.cases))
        names = ", ".join(f"%r{i}" for i in range(len(self.cases)))
        return (f"func.func @main({arguments}) -> ({results}) {{\n  "
                + "\n  ".join(self.body)
                + f"\n  return {names} : {results}\n}}\n")


def equal(got, expected):
    if expected.dtype != np.float32:
        return got == expected
    return (got == expected) | (np.isnan(got) & np.isnan(expected))


def run(cimc, model, target, folder):
    path = folder / "model.mlir"
    path.write_text(model.text())
    command = [cimc, "--run", path, f"--target={target}", "--cache=off", "-q"]
    for i, (_, _, x) in enumerate(model.inputs):
        np.save(folder / f"in{i}.npy", np.ascontiguousarray(x))
        command.append(f"--input={folder}/in{i}.npy")
    for i in range(len(model.cases)):
        command.append(f"--output={folder}/out{i}.npy")
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"exit {done.returncode}: {done.stderr}\n{model.text()}")
        return False
    good = True
    for i, case in enumerate(model.cases):
        got = np.load(folder / f"out{i}.npy")
        expected = case.expected
        if case.inner:
            expected = case.kind.to_real(expected)
        same = equal(got.reshape(expected.shape), expected)
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
    options = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as folder, \
            np.errstate(all="ignore"):
        for seed in range(options.first, options.first + options.seeds):
            cases = oracle.Cases(seed)
            group = getattr(cases, options.group)
            model = Model([group() for _ in range(CASES)])
            for target in options.targets.split(","):
                good &= run(options.cimc, model, target, pathlib.Path(folder))
    print("all equal" if good else "some differ")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
