#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# conv2d_add against the convolution and the addition it is made of: random
# networks of quantized bytes, compiled with and without the pass `fuse`, must
# give the same bytes.
#
#   residual.py CIMC FOLDER SEED COUNT [TARGET…]
#
# What decides on the addition's arithmetic is drawn: signedness, order of the
# operands, where the residual comes from, who reads the result, activations.
import pathlib
import random
import subprocess
import sys

import numpy as np

CHANNELS, SIZE = 5, 12
WINDOW = ("strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, "
          "dilations = array<i64: 1, 1>, groups = {} : i64")
IDLE = "activation = \"clamp\", clamp_min = -99.0 : f32, clamp_max = 99.0 : f32"
LIMITS = {"i8": (-128, 127), "u8": (0, 255)}


def tensor(element, shape=(1, SIZE, SIZE, CHANNELS)):
    return f"tensor<{'x'.join(map(str, shape))}x{element}>"


class Network:
    def __init__(self, seed):
        self.rng = rng = random.Random(seed)
        self.data = np.random.RandomState(seed)
        self.storages = [rng.choice(["i8", "u8"])] * 4
        if rng.random() < 0.2:
            self.storages = [rng.choice(["i8", "u8"]) for _ in range(4)]
        self.activation = rng.choice(["", "", "", IDLE, 'activation = "relu"',
                                      'activation = "relu6"'])
        self.inputs, self.lines = [], []
        self.ties = rng.random() < 0.8
        self.x, self.m, self.r = (self.type(s, (3, 5, 7, 9, 11, 13))
                                  for s in self.storages[:3])
        self.y = self.type(self.storages[3], (6, 10, 12, 14))
        self.write()

    def type(self, storage, ties):
        rng = self.rng
        # Such ratios make half-way cases, where any other rounding shows.
        scale = np.float32(rng.choice(ties) / 256 if self.ties else
                           rng.uniform(0.01, 0.1))
        low, high = LIMITS[storage]
        middle = (low + high) // 2 + rng.randint(-40, 40)
        zero = rng.choice([low, middle, middle, rng.randint(low, high)])
        return f"!quant.uniform<{storage}:f32, {float(scale)!r}:{zero}>"

    def op(self, name, op, operands, types, result, attributes=""):
        self.lines.append(
            f'%{name} = "qgemm.{op}"({", ".join(operands)}) {{{attributes}}} '
            f': ({", ".join(types)}) -> {result}')
        return "%" + name

    def constant(self, name, element, shape):
        limits = (-128, 128) if "u8" not in element else (0, 256)
        q = self.data.randint(*limits, shape).astype(np.uint8)
        text = q.tobytes().hex().upper()
        return self.op(name, "constant", [], [], tensor(element, shape),
                       f'value = dense<"0x{text}"> : {tensor("i8", shape)}')

    def argument(self, name, element):
        self.inputs.append((name, tensor(element)))
        return "%" + name

    def quantized(self, name, element):
        """An inner tensor, from an input of its own."""
        real = self.argument(name + "_real", "f32")
        return self.op(name, "quantize", [real], [tensor("f32")],
                       tensor(element))

    def residual(self, x):
        where = self.rng.choice(["inner", "inner", "argument", "constant",
                                 "shared", "twice"])
        if where == "argument":
            return self.argument("r", self.r)
        if where == "constant":
            return self.constant("r", self.r, (1, SIZE, SIZE, CHANNELS))
        if where == "shared":  # with the convolution
            self.r = self.x
            return x
        r = self.quantized("r", self.r)
        if where == "twice":
            self.results.append(self.op("r2", "dequantize", [r],
                                        [tensor(self.r)], tensor("f32")))
        return r

    def write(self):
        rng, self.results = self.rng, []
        x = self.quantized("x", self.x)
        r = self.residual(x)
        depthwise = rng.random() < 0.3
        weight = f"!quant.uniform<i8:f32, {rng.randint(1, 9) / 4096!r}>"
        shape = (CHANNELS, 3, 3, 1 if depthwise else CHANNELS)
        w = self.constant("w", weight, shape)
        window = WINDOW.format(CHANNELS if depthwise else 1)
        m = self.op("m", "conv2d", [x, w],
                    [tensor(self.x), tensor(weight, shape)], tensor(self.m),
                    window)
        parts = [(m, tensor(self.m)), (r, tensor(self.r))]
        if rng.random() < 0.5:
            parts.reverse()
        y = self.op("y", "add", [p for p, _ in parts], [t for _, t in parts],
                    tensor(self.y), self.activation)
        if rng.random() < 0.7:
            self.results.append(self.op("f", "dequantize", [y],
                                        [tensor(self.y)], tensor("f32")))
            types = [tensor("f32")] * len(self.results)
        else:
            self.results.append(y)
            types = [tensor("f32")] * (len(self.results) - 1)
            types.append(tensor(self.y))
        arguments = ", ".join(f"%{n}: {t}" for n, t in self.inputs)
        types = ", ".join(types)
        self.text = (f"func.func @main({arguments}) -> ({types}) {{\n  "
                     + "\n  ".join(self.lines)
                     + f"\n  return {', '.join(self.results)} : {types}\n}}\n")

    def input(self, type_):
        if "u8" in type_:
            return self.data.randint(0, 256, (1, SIZE, SIZE, CHANNELS), "u1")
        if "i8" in type_:
            return self.data.randint(-128, 128, (1, SIZE, SIZE, CHANNELS),
                                     "i1")
        return (self.data.randn(1, SIZE, SIZE, CHANNELS) * 3).astype("f4")


def run(command):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{command}: {done.stderr}")
    return done.stdout


def compare(cimc, folder, seed, target):
    """(whether both agree, whether there is a conv2d_add)."""
    network = Network(seed)
    path, apart = folder / "net.mlir", folder / "apart.mlir"
    path.write_text(network.text)
    run([cimc, path, f"--target={target}", "-o", apart,
         "--passes=infer_shapes,tile,plan_memory"])
    fused = run([cimc, path, "--passes=infer_shapes,fuse", "-o", "-"])
    options = [f"--target={target}", "--cache=off", "-q"]
    for i, (_, type_) in enumerate(network.inputs):
        np.save(folder / f"in{i}.npy", network.input(type_))
        options.append(f"--input={folder}/in{i}.npy")
    outputs = []
    for name, file in (("together", path), ("apart", apart)):
        names = [folder / f"{name}{i}.npy"
                 for i in range(len(network.results))]
        run([cimc, file, "--run", *options,
             *(f"--output={n}" for n in names)])
        outputs.append([np.load(n) for n in names])
    same = all((a == b).all() for a, b in zip(*outputs))
    if not same:
        print(f"{target}: seed {seed}: differ\n{network.text}")
    return same, "conv2d_add" in fused


def main(cimc, folder, seed, count, *targets):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    verdicts = [compare(cimc, folder, s, target)
                for s in range(int(seed), int(seed) + int(count))
                for target in targets]
    wrong = sum(not same for same, _ in verdicts)
    fused = sum(fused for _, fused in verdicts)
    print(f"{wrong} of {len(verdicts)} wrong, {fused} with conv2d_add")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
