#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Random graphs of ops that move elements or may share memory, run and compared
# with numpy element by element: a value that is overwritten too early shows.
#
#   sharing.py CIMC TARGET [--seeds=N] [--first=SEED] [--simplify]
#
# Without --simplify the graph is mapped as it is, so that there is more to
# share; with it all passes run, which move and join such ops.
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

OPS = 40


def tensor(x):
    return "tensor<" + "".join(f"{d}x" for d in x.shape) + "f32>"


def i64s(values):
    return "array<i64: " + ", ".join(map(str, values)) + ">"


class Graph:
    def __init__(self, seed):
        self.r = np.random.default_rng(seed)
        self.lines, self.values = [], []
        self.input = self.r.standard_normal((4, 6)).astype(np.float32)
        self.values.append(("%x", self.input))
        while len(self.values) < OPS:
            getattr(self, self.r.choice(
                ["unary", "binary", "concat", "concat", "slice", "slice",
                 "reshape", "transpose", "transpose", "gather", "pad",
                 "largest"]))()

    def pick(self):
        """Mostly a recent value."""
        back = min(len(self.recent()), int(self.r.geometric(0.5)))
        return self.values[-back]

    def recent(self):
        """Sharing is chosen where values do not live for long."""
        return self.values[-6:]

    def add(self, op, operands, attributes, result):
        name = f"%{len(self.values)}"
        names = ", ".join(n for n, _ in operands)
        types = ", ".join(tensor(x) for _, x in operands)
        self.lines.append(f'{name} = "qgemm.{op}"({names}) {{{attributes}}} : '
                          f"({types}) -> {tensor(result)}")
        self.values.append((name, np.ascontiguousarray(result)))

    def unary(self):
        x = self.pick()
        self.add("clamp", [x], "clamp_min = -2.5 : f32, clamp_max = 2.5 : f32",
                 np.clip(x[1], np.float32(-2.5), np.float32(2.5)))

    def binary(self):
        """With a value of equal shape, or a row or column of one."""
        a = self.pick()
        like = [v for v in self.recent() if v[1].ndim == a[1].ndim and
                all(p in (1, q) for p, q in zip(v[1].shape, a[1].shape))]
        b = like[self.r.integers(len(like))]
        a, b = (a, b) if self.r.random() < 0.5 else (b, a)
        self.add("sub", [a, b], "", a[1] - b[1])

    def concat(self):
        a = self.pick()
        axis = 0 if self.r.random() < 0.7 else \
            int(self.r.integers(a[1].ndim))
        fits = [v for v in self.recent() if v[1].ndim == a[1].ndim and
                np.delete(v[1].shape, axis).tolist() ==
                np.delete(a[1].shape, axis).tolist()]
        parts = [fits[i] for i in self.r.integers(len(fits), size=2)] + [a]
        if sum(x.size for _, x in parts) > 4000:
            return
        sizes = ", ".join(["1"] * 3 + ["0"] * 13)
        self.add("concat", parts, f"axis = {axis} : i64, operandSegmentSizes "
                 f"= array<i32: {sizes}>",
                 np.concatenate([x for _, x in parts], axis))

    def slice(self):
        a = self.pick()
        axis = 0 if self.r.random() < 0.7 else \
            int(self.r.integers(a[1].ndim))
        starts, sizes = [0] * a[1].ndim, list(a[1].shape)
        first, last = sorted(self.r.integers(0, sizes[axis], 2))
        starts[axis], sizes[axis] = int(first), int(last - first + 1)
        step = -1 if self.r.random() < 0.2 else 1
        starts[axis] = int(first if step > 0 else last)
        steps = [step if i == axis else 1 for i in range(a[1].ndim)]
        self.add("slice", [a], f"starts = {i64s(starts)}, sizes = "
                 f"{i64s(sizes)}, steps = {i64s(steps)}",
                 np.take(a[1], range(first, last + 1)[::step], axis))

    def gather(self):
        a = self.pick()
        axis = int(self.r.integers(a[1].ndim))
        size = a[1].shape[axis]
        indices = self.r.integers(-size, size, self.r.integers(1, 5))
        if self.r.random() < 0.5:
            indices = np.arange(*sorted(self.r.integers(0, size + 1, 2)))
        if not indices.size:
            return
        name = f"%i{len(self.values)}"
        kind = f"tensor<{indices.size}xi64>"
        self.lines.append(f'{name} = "qgemm.constant"() {{value = dense<'
                          f"{indices.tolist()}> : {kind}}} : () -> {kind}")
        result = np.ascontiguousarray(np.take(a[1], indices, axis))
        self.lines.append(f'%{len(self.values)} = "qgemm.gather"({a[0]}, '
                          f"{name}) {{axis = {axis} : i64}} : "
                          f"({tensor(a[1])}, {kind}) -> {tensor(result)}")
        self.values.append((f"%{len(self.values)}", result))

    def pad(self):
        a = self.pick()
        if a[1].size > 1000:
            return
        low, high = ([int(d) for d in self.r.integers(0, 2, a[1].ndim)]
                     for _ in range(2))
        self.add("pad", [a], f"low = {i64s(low)}, high = {i64s(high)}, "
                 "value = 1.5 : f32",
                 np.pad(a[1], list(zip(low, high)), constant_values=1.5))

    def largest(self):
        a = self.pick()
        axis = int(self.r.integers(a[1].ndim))
        keep = a[1].ndim == 1 or self.r.random() < 0.5
        self.add("reduce_max", [a], f"axes = {i64s([axis])}, keepdims = "
                 f"{str(keep).lower()}", a[1].max(axis, keepdims=keep))

    def reshape(self):
        a = self.pick()
        shape = list(self.r.permutation(a[1].shape)) if self.r.random() < 0.5 \
            else [1] + list(a[1].shape)
        if len(shape) < 5:
            self.add("reshape", [a], "", a[1].reshape(shape))

    def transpose(self):
        a = self.pick()
        perm = [int(p) for p in self.r.permutation(a[1].ndim)]
        self.add("transpose", [a], f"perm = {i64s(perm)}",
                 a[1].transpose(perm))

    def text(self, outputs):
        types = ", ".join(tensor(x) for _, x in outputs)
        names = ", ".join(n for n, _ in outputs)
        body = "\n  ".join(self.lines)
        return (f"func.func @main(%x: {tensor(self.input)}) -> ({types}) {{\n"
                f"  {body}\n  return {names} : {types}\n}}\n")


def check(options, seed, folder):
    graph = Graph(seed)
    outputs = [graph.values[i] for i in
               sorted({len(graph.values) - 1, *graph.r.integers(
                   1, len(graph.values), 3).tolist()})]
    (folder / "graph.mlir").write_text(graph.text(outputs))
    np.save(folder / "x.npy", graph.input)
    # The passes before would leave less to share.
    mapped = [options.cimc, folder / "graph.mlir", "--passes=tile,plan_memory",
              f"--target={options.target}", "-q", "-o", folder / "mapped.mlir"]
    source = folder / ("graph" if options.simplify else "mapped")
    run = [options.cimc, "--run", f"{source}.mlir", "--cache=off", "-q",
           f"--target={options.target}", f"--input={folder}/x.npy"]
    run += [f"--output={folder}/y{i}.npy" for i in range(len(outputs))]
    for command in [run] if options.simplify else [mapped, run]:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            print(f"seed {seed}: exit {done.returncode}: {done.stderr}")
            return False
    for i, (name, expected) in enumerate(outputs):
        got = np.load(folder / f"y{i}.npy").reshape(expected.shape)
        if not (got == expected).all():
            print(f"seed {seed}: {name}: {(got != expected).sum()} of "
                  f"{got.size} differ\n{graph.text(outputs)}")
            return False
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cimc")
    parser.add_argument("target")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--simplify", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        good = [check(options, seed, pathlib.Path(folder)) for seed in
                range(options.first, options.first + options.seeds)]
    print("all equal" if all(good) else "some differ")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
