#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Random matmul, batch_matmul, conv2d and conv2d_add through cimc --run,
# against numpy.
#
#   matrix.py CIMC FOLDER SEED COUNT [TARGET…]
#
# Each module has several independent ops, each with an input and an output of
# its own. The oracle is written from the definitions (docs/dialect.md), not
# from the kernels: integers exactly, then one f32 operation at a time.
# Quantized results must be equal in every element, f32 ones within a bound.
import pathlib
import random
import subprocess
import sys

import numpy as np

f32 = np.float32
RANGE = {"i8": (-128, 127), "u8": (0, 255), "i16": (-32768, 32767)}
DTYPE = {"i8": np.int8, "u8": np.uint8, "i16": np.int16}
ACTIVATIONS = [("none", -np.inf, np.inf), ("relu", 0, np.inf),
               ("relu6", 0, 6), ("clamp", -0.75, 1.25)]
OPS_A_MODULE = 6


def number(x):
    return repr(float(f32(x)))


def quant(storage, scales, zeros, axis=None):
    if axis is None:
        return (f"!quant.uniform<{storage}:f32, "
                f"{number(scales[0])}:{int(zeros[0])}>")
    pairs = ",".join(f"{number(s)}:{int(z)}" for s, z in zip(scales, zeros))
    return f"!quant.uniform<{storage}:f32:{axis}, {{{pairs}}}>"


def tensor(shape, element):
    return f"tensor<{'x'.join(map(str, shape))}x{element}>"


def constant(name, data, type_):
    kind = {"int32": "i32", "float32": "f32"}.get(data.dtype.name, "i8")
    text = f'"0x{data.tobytes().hex().upper()}"'
    if data.size == 1:
        one = data.view(np.int8) if kind == "i8" else data
        text = repr(one.flat[0].item())
    return (f'  {name} = "qgemm.constant"() {{value = dense<{text}> : '
            f'{tensor(data.shape, kind)}}} : () -> {type_}')


def quantize(x, storage, scale, zero, low=-np.inf, high=np.inf):
    """clamp(rne(x) + zero); x is already divided by the scale."""
    least, most = RANGE[storage]
    if np.isfinite(low):
        least = max(least, zero + np.rint(f32(low) / scale))
    if np.isfinite(high):
        most = min(most, zero + np.rint(f32(high) / scale))
    return np.clip(np.rint(x) + zero, least, most).astype(DTYPE[storage])


def fractions(real, rng):
    """The (multiplier, shift) nearest to each real number, or about it."""
    mantissa, exponent = np.frexp(real.astype(np.float64))
    off = rng.choice([0, 0, 0, -1, 3, -12])
    return (np.minimum(np.rint(mantissa * 2**31), 2**31 - 1).astype(np.int64),
            np.clip(31 - exponent + off, 1, 62).astype(np.int64))


def rescale(acc, multiplier, shift, twice):
    """qgemm.rescale: (acc * m + rounding) >> shift in 64 bits."""
    acc = acc.astype(np.int64)
    rounding = np.int64(1) << (shift - 1)
    if twice:
        tie = np.where(acc >= 0, np.int64(1 << 30), np.int64(-(1 << 30)))
        rounding = rounding + np.where(shift > 31, tie, 0)
    return (acc * multiplier + rounding) >> shift


def fma(x, y, z):
    wide = np.longdouble
    return (wide(x) * np.asarray(y, wide) + np.asarray(z, wide)).astype(f32)


def conv(x, w, d):
    top, left, bottom, right = d["pads"]
    x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    (sy, sx), (dy, dx), groups = d["strides"], d["dilations"], d["groups"]
    out = np.zeros(d["out"], x.dtype)
    outs, ins = w.shape[0] // groups, w.shape[3]
    for ky in range(w.shape[1]):
        for kx in range(w.shape[2]):
            seen = x[:, ky * dy:, kx * dx:][:, ::sy, ::sx]
            seen = seen[:, :out.shape[1], :out.shape[2]]
            for g in range(groups):
                out[..., g * outs:(g + 1) * outs] += (
                    seen[..., g * ins:(g + 1) * ins]
                    @ w[g * outs:(g + 1) * outs, ky, kx].T)
    return out


class Case:
    """One op: its text, its inputs, its expected output."""

    def __init__(self, rng, index):
        self.rng = rng
        self.data = np.random.RandomState(rng.getrandbits(30))
        self.name = f"{index}"
        self.lines, self.inputs, self.attributes = [], [], []
        self.draw_shapes()
        self.activation, self.low, self.high = rng.choice(ACTIVATIONS)
        if self.activation != "none":
            self.attributes.append(f'activation = "{self.activation}"')
        if self.activation == "clamp":
            self.attributes += [f"clamp_min = {self.low} : f32",
                                f"clamp_max = {self.high} : f32"]
        matmul, batch = self.kind == "matmul", self.kind == "batch"
        self.add = not matmul and not batch and rng.random() < 0.35
        self.bias = not batch and (self.add or rng.random() < 0.7)
        self.constant_rhs = not batch and (not matmul or rng.random() < 0.75)
        if rng.random() < 0.2:
            self.make_real()
        else:
            self.make_quantized()

    def draw_shapes(self):
        choice = self.rng.choice
        self.kind = choice(["matmul", "batch", "conv", "conv", "depthwise",
                            "grouped"])
        if self.kind in ("matmul", "batch"):
            m, n = choice([1, 2, 3, 7, 17]), choice([1, 3, 16, 31, 33, 100])
            k = choice([1, 2, 3, 4, 7, 27, 64, 130])
            lead = choice([(), (1,), (2,)])
            self.x_shape, self.w_shape = lead + (m, k), (k, n)
            self.y_shape, self.axis = lead + (m, n), 1
            if self.kind == "batch":
                self.w_shape, self.axis = lead + (k, n), len(lead) + 1
            return
        kernel = choice([(1, 1), (3, 3), (2, 3), (5, 5), (10, 4), (7, 7)])
        d = {"strides": (choice([1, 1, 2]), choice([1, 1, 2, 3])),
             "dilations": (choice([1, 1, 2]), choice([1, 1, 2])),
             "pads": choice([(0, 0, 0, 0), (1, 1, 1, 1), (2, 1, 0, 3)]),
             "groups": 1}
        c, o = choice([1, 2, 3, 4, 8, 17]), choice([1, 3, 8, 16, 33, 64])
        if self.kind == "depthwise":
            c = d["groups"] = choice([2, 3, 8, 13, 16, 40])
            o = c * choice([1, 1, 2])
        elif self.kind == "grouped":
            g = d["groups"] = choice([2, 3])
            c, o = g * choice([1, 2, 5]), g * choice([1, 5, 20])
        size, out = [], []
        for i in range(2):
            reach = (kernel[i] - 1) * d["dilations"][i] + 1
            pad = d["pads"][i] + d["pads"][i + 2]
            size.append(max(choice(range(1, 13)), reach - pad, 1))
            out.append((size[i] + pad - reach) // d["strides"][i] + 1)
        batch = choice([1, 1, 2])
        self.x_shape = (batch, *size, c)
        self.w_shape = (o, *kernel, c // d["groups"])
        self.y_shape = d["out"] = (batch, *out, o)
        self.axis, self.window = 0, d
        for name in ("strides", "pads", "dilations"):
            values = ", ".join(map(str, d[name]))
            self.attributes.append(f"{name} = array<i64: {values}>")
        self.attributes.append(f"groups = {d['groups']} : i64")

    def multiply(self, x, w):
        if self.kind in ("matmul", "batch"):
            return x @ w
        return conv(x, w, self.window)

    def make_real(self):
        x, w, bias, other = (
            self.data.randn(*shape).astype(f32) for shape in
            (self.x_shape, self.w_shape, self.w_shape[self.axis:][:1],
             self.y_shape))
        y = self.multiply(x.astype(np.float64), w.astype(np.float64))
        bound = np.abs(y).max() + 1
        y = y + bias * self.bias + other * self.add
        self.y = np.clip(y, self.low, self.high).astype(f32)
        self.bound = 1e-5 * bound
        if self.add:
            self.attributes.append("mid = f32")
        self.write((x, "f32"), (w, "f32"), (bias, "f32"), (other, "f32"),
                   "f32")

    def draw_weights(self):
        """Weights with their scales and zero points, one or per channel."""
        rng, channels = self.rng, self.w_shape[self.axis]
        per_axis = self.constant_rhs and rng.random() < 0.6
        count = channels if per_axis else 1
        scales = np.array([rng.uniform(0.001, 0.05) for _ in range(count)],
                          f32)
        storage, zeros = rng.choice([
            ("i8", [0] * count), ("u8", [128] * count),
            ("u8", [rng.randint(0, 255) for _ in range(count)])])
        low, high = RANGE[storage]
        w = self.data.randint(low, high + 1, self.w_shape)
        shape = [1] * len(self.w_shape)
        shape[self.axis] = count
        return (w.astype(DTYPE[storage]), w - np.array(zeros).reshape(shape),
                scales, quant(storage, scales, zeros,
                              self.axis if per_axis else None), per_axis)

    def draw_tensor(self, shape, scale):
        storage = self.rng.choice(["i8", "u8"])
        zero = self.rng.choice([*RANGE[storage],
                                self.rng.randint(*RANGE[storage])])
        q = self.data.randint(RANGE[storage][0], RANGE[storage][1] + 1, shape)
        return (q.astype(DTYPE[storage]), q - zero, f32(scale),
                quant(storage, [scale], [zero]))

    def make_quantized(self):
        rng = self.rng
        x, x_real, x_scale, x_type = self.draw_tensor(
            self.x_shape, rng.uniform(0.002, 0.1))
        w, w_real, w_scales, w_type, per_axis = self.draw_weights()
        bias = self.data.randint(-3000, 3000, self.w_shape[self.axis])
        acc = self.multiply(x_real.astype(np.int64), w_real.astype(np.int64))
        acc = (acc + bias * self.bias).astype(np.int32)
        out = rng.choice(["i8", "u8", "i16"])
        spread = float(acc.std()) * float(x_scale * w_scales.mean()) + 1e-3
        scale = f32(spread / rng.choice([20, 60, 100]))
        if rng.random() < 0.3:
            scale = f32(2.0 ** np.round(np.log2(scale)))
        small = RANGE["i8" if out == "i16" else out]
        zero = rng.choice([small[0], rng.randint(*small)])
        products = (x_scale * w_scales).astype(f32)
        other = self.make_residual(acc, products, scale, zero, out)
        form = "scale" if self.add else rng.choice(
            ["scale", "scale", "scale", "sums", "fractions", "fractions"])
        result = quant(out, [scale], [zero])
        if form == "sums":
            self.y, result = acc, "i32"
            self.attributes = [a for a in self.attributes
                               if not a.startswith(("activation", "clamp"))]
        elif form == "fractions":
            out = "i8" if out == "i16" else out
            result = quant(out, [scale], [zero])
            self.requantize(acc, products / scale, out, scale, zero)
        elif not self.add:
            real = acc.astype(f32) * (products / scale).astype(f32)
            self.y = quantize(real, out, scale, zero, self.low, self.high)
        self.bound = 0
        bias_type = quant("i32", products, [0] * len(products),
                          0 if per_axis else None)
        self.write((x, x_type), (w, w_type), (bias.astype(np.int32), bias_type),
                   other, result)

    def requantize(self, acc, real, out, scale, zero):
        """By multipliers, shifts and rounding, one or for each channel."""
        rng = self.rng
        twice = rng.random() < 0.5
        if len(real) == 1 and rng.random() < 0.5:
            real = np.repeat(real, self.y_shape[-1])
            real = (real * self.data.uniform(0.5, 2, real.shape)).astype(f32)
        multiplier, shift = fractions(real, rng)
        q = rescale(acc, multiplier, shift, twice)
        low, high = RANGE[out]
        if np.isfinite(self.low):
            low = max(low, zero + int(np.rint(f32(self.low) / scale)))
        if np.isfinite(self.high):
            high = min(high, zero + int(np.rint(f32(self.high) / scale)))
        self.y = np.clip(q + zero, low, high).astype(DTYPE[out])
        for name, values in ("multipliers", multiplier), ("shifts", shift):
            text = ", ".join(map(str, values))
            self.attributes.append(f"{name} = array<i64: {text}>")
        word = "double" if twice else "single"
        self.attributes.append(f'rounding = "{word}"')

    def make_residual(self, acc, products, scale, zero, out):
        if not self.add:
            return None
        rng = self.rng
        mid, mid_scale = rng.choice(["i8", "u8"]), f32(scale * f32(0.9))
        mid_zero = rng.randint(*RANGE[mid])
        real = acc.astype(f32) * (products / mid_scale).astype(f32)
        m = quantize(real, mid, mid_scale, mid_zero).astype(f32)
        r, r_real, r_scale, r_type = self.draw_tensor(
            self.y_shape, mid_scale * rng.uniform(0.5, 1.5))
        first = rng.random() < 0.5
        if first:
            self.attributes.append("residual_first = true")
        # fused.h: here residual and result are the function's own, so signed.
        idle = self.low <= scale * -f32(zero) and \
            self.high >= scale * f32(255 - zero)
        if mid == "u8" and r.dtype == np.uint8 and out == "u8" and idle:
            parts = [(m, mid_scale, f32(mid_zero)),
                     (r.astype(f32), r_scale, f32((r - r_real).flat[0]))]
            (a, sa, za), (b, sb, zb) = parts[::-1] if first else parts
            ra, rb = f32(sa / scale), f32(sb / scale)
            fix = f32(zero) - fma(ra, za, f32(rb * zb))
            self.y = np.clip(np.rint(fma(ra, a, fma(rb, b, fix))), 0,
                             255).astype(np.uint8)
        else:
            total = ((m - f32(mid_zero)) * mid_scale
                     + r_real.astype(f32) * r_scale)
            total = np.clip(total, f32(self.low), f32(self.high))
            self.y = quantize((total / scale).astype(f32), out, scale, zero)
        self.attributes.append(f"mid = {quant(mid, [mid_scale], [mid_zero])}")
        return r, r_type

    def argument(self, letter, data, element):
        name = letter + self.name
        type_ = tensor(data.shape, element)
        self.inputs.append((name, data, type_))
        return "%" + name, type_

    def write(self, x, w, bias, other, out):
        operands = [self.argument("x", *x)]
        w_type = tensor(self.w_shape, w[1])
        if self.constant_rhs:
            operands.append((f"%w{self.name}", w_type))
            self.lines.append(constant(*operands[-1][:1], w[0], w_type))
        else:
            operands.append(self.argument("w", *w))
        if self.bias:
            type_ = tensor(bias[0].shape, bias[1])
            operands.append((f"%b{self.name}", type_))
            self.lines.append(constant(f"%b{self.name}", bias[0], type_))
        if self.add:
            operands.append(self.argument("r", *other))
        self.out_type = tensor(self.y_shape, out)
        op = {"matmul": "matmul", "batch": "batch_matmul"}.get(
            self.kind, "conv2d_add" if self.add else "conv2d")
        self.lines.append(
            f'  %y{self.name} = "qgemm.{op}"('
            f'{", ".join(name for name, _ in operands)}) '
            f'{{{", ".join(self.attributes)}}} : '
            f'({", ".join(type_ for _, type_ in operands)}) -> '
            f'{self.out_type}')

    def compare(self, got):
        if self.bound:
            return np.abs(got - self.y).max() <= self.bound
        return got.dtype == self.y.dtype and (got == self.y).all()


def module(cases):
    arguments = ", ".join(
        f'%{name}: {type_} {{qgemm.name = "{name}"}}'
        for case in cases for name, _, type_ in case.inputs)
    results = ", ".join(f'{c.out_type} {{qgemm.name = "y{c.name}"}}'
                        for c in cases)
    values = ", ".join(f"%y{c.name}" for c in cases)
    types = ", ".join(c.out_type for c in cases)
    body = "\n".join(line for c in cases for line in c.lines)
    return (f"func.func @main({arguments}) -> ({results}) {{\n{body}\n"
            f"  return {values} : {types}\n}}\n")


def run(cimc, folder, cases, target):
    path = folder / "module.mlir"
    path.write_text(module(cases))
    command = [cimc, path, "--run", f"--target={target}", "--cache=off"]
    for case in cases:
        for name, data, _ in case.inputs:
            np.save(folder / f"{name}.npy", data)
            command.append(f"--input={name}={folder / name}.npy")
        out = folder / f"y{case.name}.npy"
        command.append(f"--output=y{case.name}={out}")
    subprocess.run(command, check=True)
    faults = 0
    for case in cases:
        if not case.compare(np.load(folder / f"y{case.name}.npy")):
            print(f"{target}: wrong: {case.lines[-1]}")
            faults += 1
    return faults


def main(cimc, folder, seed, count, *targets):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    faults = 0
    for first in range(int(seed), int(seed) + int(count), OPS_A_MODULE):
        cases = [Case(random.Random(first + i), i)
                 for i in range(OPS_A_MODULE)]
        for target in targets:
            faults += run(cimc, folder, cases, target)
    print(f"{faults} of {count} ops wrong on {', '.join(targets)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
