#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Random QDQ networks through cimc --run, against ONNX Runtime: every element
# of the output must be equal.
#
#   random_qdq.py CIMC FIRST COUNT [--storage=u8|s8|s8-linear] [--target=CPU]
#
# Seeds FIRST to FIRST + COUNT - 1, one network each. A network that fails is
# shrunk: layers are left out as long as it still fails; then it is printed,
# and saved as random_qdq-SEED.onnx when --keep says so.
#
# u8: any layers. ONNX Runtime rewrites networks of signed bytes to unsigned
# ones but for what it computes in float then (docs/numerics.md), so these are
# split: s8 has no convolution or product, s8-linear has them and nothing that
# depends on the rewriting, which it switches off.
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

f32 = np.float32
ROWS = 4
LINEAR = ["conv", "depthwise", "pointwise"]
SUMS = ["add", "mul", "average"]
OTHERS = ["max", "relu", "sigmoid"]
LAYERS = {"u8": LINEAR + SUMS + OTHERS, "s8": SUMS + OTHERS,
          "s8-linear": LINEAR + OTHERS}


class Network:
    """Nodes and constants of the network of `seed`.

    Layer i draws from a generator of its own, so that leaving others out
    changes nothing but its scales and shapes; one that no longer fits is left
    out too."""

    def __init__(self, seed, storage, left_out=()):
        self.nodes, self.constants, self.names = [], [], 0
        self.storage = storage
        self.dtype = np.uint8 if storage == "u8" else np.int8
        limits = np.iinfo(self.dtype)
        self.low, self.high = int(limits.min), int(limits.max)
        self.seed, self.layers, self.skip = seed, [], None
        self.start(seed)
        r = np.random.default_rng([seed, 0])
        self.count = int(r.integers(2, 7)) + 1
        kinds = [str(r.choice(LAYERS[storage])) for _ in range(self.count - 1)]
        kinds.append("end" if r.random() < 0.6 else "none")
        for i, kind in enumerate(kinds):
            self.r = np.random.default_rng([seed, i + 1])
            if i not in left_out and getattr(self, kind)():
                self.layers.append(i)
                if self.chance(0.5):
                    self.skip = (self.dequantize(), list(self.shape))

    def start(self, seed):
        self.r = np.random.default_rng([seed, 1000])
        channels = int(self.r.integers(1, 9))
        if self.chance(0.2):
            channels = int(self.r.integers(9, 40))
        size = [int(self.r.integers(4, 14)) for _ in range(2)]
        self.shape = self.input_shape = [1, channels, *size]
        self.requantize("x")

    # -- Parts -----------------------------------------------------------------
    def chance(self, share):
        return self.r.random() < share

    def integer(self, low, end):
        return int(self.r.integers(low, end))

    def name(self, letter):
        self.names += 1
        return f"{letter}{self.names}"

    def node(self, op, inputs, **attributes):
        out = self.name(op[0].lower())
        self.nodes.append(helper.make_node(op, inputs, [out], name=out + "_",
                                           **attributes))
        return out

    def constant(self, value):
        name = self.name("c")
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def step(self):
        return f32(self.r.uniform(0.01, 0.1))

    def zero_point(self):
        return self.integer(self.low, self.high + 1)

    def dequantize(self):
        return self.node("DequantizeLinear", [
            self.quantized, self.constant(self.scale),
            self.constant(np.array(self.zero, self.dtype))])

    def requantize(self, x, scale=None, zero=None):
        """Quantizes x; the network goes on from there."""
        self.scale = self.step() if scale is None else f32(scale)
        if zero is None:
            zero = self.zero_point() if self.chance(0.7) else self.low
        self.zero = zero
        self.quantized = self.node("QuantizeLinear", [
            x, self.constant(self.scale),
            self.constant(np.array(zero, self.dtype))])
        self.real = self.dequantize()
        return True

    def weights(self, shape, axis):
        """(name, scales: one, or one for each channel)."""
        per_axis = self.chance(0.6)
        zero, dtype = 0, np.int8
        if self.dtype == np.uint8 and self.chance(0.2):
            per_axis, dtype, zero = False, np.uint8, self.integer(0, 256)
        scales = self.r.uniform(0.001, 0.02, shape[axis] if per_axis else 1)
        scales = scales.astype(f32)
        # Signed ones of 7 bits: with 8, ONNX Runtime's sums of two products
        # saturate on CPUs without VNNI.
        low, end = (0, 256) if dtype == np.uint8 else (-64, 64)
        w = self.r.integers(low, end, shape).astype(dtype)
        zeros = np.full(len(scales), zero, dtype)
        if not per_axis:
            return self.node("DequantizeLinear", [
                self.constant(w), self.constant(scales[0]),
                self.constant(zeros[0])]), scales
        return self.node("DequantizeLinear", [
            self.constant(w), self.constant(scales), self.constant(zeros)],
            axis=axis), scales

    def bias(self, channels, scales):
        """A list of one name, or of none."""
        if self.chance(0.15):
            return []
        b = self.r.integers(-3000, 3000, channels).astype(np.int32)
        steps = (self.scale * scales).astype(f32)
        one = len(steps) == 1
        return [self.node("DequantizeLinear", [
            self.constant(b), self.constant(steps[0] if one else steps),
            self.constant(np.zeros([] if one else channels, np.int32))],
            **({} if one else {"axis": 0}))]

    # -- Layers: True when it fits ---------------------------------------------
    def none(self):
        return False

    def window(self, kernel, pads, strides, dilations=(1, 1)):
        """The result's height and width, or None."""
        out = []
        for i in range(2):
            reach = (kernel[i] - 1) * dilations[i] + 1
            room = self.shape[2 + i] + pads[i] + pads[i + 2] - reach
            if room < 0:
                return None
            out.append(room // strides[i] + 1)
        return out

    def convolve(self, channels, kernel, groups):
        strides = [self.integer(1, 3) for _ in range(2)]
        dilations = [self.integer(1, 3) if self.chance(0.3) else 1
                     for _ in range(2)]
        pads = [self.integer(0, 3) if self.chance(0.6) else 0
                for _ in range(4)]
        if self.chance(0.4):  # keeps the shape, for a residual
            strides, dilations = [1, 1], [1, 1]
            pads = [(k - 1) // 2 for k in kernel] + [k // 2 for k in kernel]
            channels = channels if groups > 1 else self.shape[1]
        size = self.window(kernel, pads, strides, dilations)
        if size is None:
            return False
        depth = self.shape[1] // groups
        w, scales = self.weights([channels, depth, *kernel], 0)
        y = self.node("Conv", [self.real, w, *self.bias(channels, scales)],
                      kernel_shape=kernel, strides=strides, pads=pads,
                      dilations=dilations, group=groups)
        self.shape = [1, channels, *size]
        # ONNX Runtime would compute a bounded convolution in float.
        relu = self.chance(0.4)
        if relu:
            y = self.node("Relu", [y])
        return self.requantize(
            y, self.spread(scales, depth * kernel[0] * kernel[1]),
            self.low if relu else None)

    def spread(self, scales, depth):
        """A scale that keeps most sums of products within range."""
        return (self.scale * scales.mean() * 37 * np.sqrt(depth)
                * self.r.uniform(0.1, 1) + 1e-4)

    def conv(self):
        groups = 2 if self.shape[1] % 2 == 0 and self.chance(0.2) else 1
        channels = groups * self.integer(1, 20)
        return self.convolve(channels, [self.integer(1, 4) for _ in range(2)],
                             groups)

    def depthwise(self):
        channels = self.shape[1]
        return self.convolve(channels * (2 if self.chance(0.25) else 1),
                             [self.integer(1, 4) for _ in range(2)], channels)

    def pointwise(self):
        return self.convolve(self.integer(1, 40), [1, 1], 1)

    def other_operand(self):
        if self.skip and self.skip[1] == self.shape and self.chance(0.6):
            return self.skip[0]
        if self.chance(0.2):
            return self.real
        shape = self.shape if self.chance(0.5) else [1, self.shape[1], 1, 1]
        q = self.r.integers(self.low, self.high + 1, shape).astype(self.dtype)
        scale = self.step() if self.chance(0.6) else self.scale
        return self.node("DequantizeLinear", [
            self.constant(q), self.constant(scale),
            self.constant(np.array(self.zero_point(), self.dtype))])

    def binary(self, op):
        operands = [self.real, self.other_operand()]
        if self.chance(0.5):
            operands.reverse()
        y = self.node(op, operands)
        if self.chance(0.4):
            y = self.node("Relu", [y])
        # Twice the scale: half-way cases.
        return self.requantize(y, self.scale * 2 if self.chance(0.3) else None)

    def add(self):
        return self.binary("Add")

    def mul(self):
        return self.binary("Mul")

    def pool(self, op, **attributes):
        kernel = [self.integer(1, 4) for _ in range(2)]
        strides = [self.integer(1, 3) for _ in range(2)]
        pads = [0] * 4
        if self.chance(0.4):
            pads = [self.integer(0, kernel[i % 2]) for i in range(4)]
        size = self.window(kernel, pads, strides)
        if size is None:
            return None
        self.shape = [*self.shape[:2], *size]
        return self.node(op, [self.real], kernel_shape=kernel,
                         strides=strides, pads=pads, **attributes)

    def max(self):
        y = self.pool("MaxPool")
        return y is not None and self.requantize(y, self.scale, self.zero)

    def average(self):
        y = self.pool("AveragePool", count_include_pad=self.integer(0, 2))
        if y is None:
            return False
        if self.chance(0.2):
            y = self.node("Relu", [y])
        return self.requantize(y, self.scale if self.chance(0.5) else None,
                               self.zero if self.chance(0.5) else None)

    def relu(self):
        return self.requantize(self.node("Relu", [self.real]))

    def sigmoid(self):
        op = str(self.r.choice(["Sigmoid", "Tanh"]))
        return self.requantize(self.node(op, [self.real]), 1 / 128)

    def end(self):
        """A product, then perhaps softmax; signed bytes have one of them."""
        depth = int(np.prod(self.shape))
        self.requantize(self.node("Flatten", [self.real], axis=1), self.scale,
                        self.zero)
        self.shape = [1, depth]
        if self.storage != "s8":
            self.product(depth, self.integer(1, 40))
        if self.storage != "s8-linear" and self.chance(0.3):
            self.requantize(self.node("Softmax", [self.real], axis=-1),
                            1 / 256, self.low)
        return True

    def product(self, depth, channels):
        transposed = self.chance(0.5)
        shape = [channels, depth] if transposed else [depth, channels]
        w, scales = self.weights(shape, 0 if transposed else 1)
        bias = self.bias(channels, scales)
        if bias or transposed:
            y = self.node("Gemm", [self.real, w, *bias],
                          transB=int(transposed))
        else:
            y = self.node("MatMul", [self.real, w])
        self.shape = [1, channels]
        self.requantize(y, self.spread(scales, depth))

    # -- The model -------------------------------------------------------------
    def model(self):
        integer = self.seed % 2
        out = self.quantized if integer else self.real
        needed, nodes = {out}, []
        for node in reversed(self.nodes):
            if node.output[0] in needed:
                nodes.insert(0, node)
                needed.update(node.input)
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(self.dtype))
        graph = helper.make_graph(
            nodes, "random",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT,
                                           self.input_shape)],
            [helper.make_tensor_value_info(
                out, kind if integer else TensorProto.FLOAT, self.shape)],
            [c for c in self.constants if c.name in needed])
        opset = helper.make_opsetid("", 13 + self.seed % 5)
        model = helper.make_model(graph, opset_imports=[opset])
        model.ir_version = 8
        return model


# -- Both engines --------------------------------------------------------------
def run_ort(model, x, storage):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    # Above this level only the layout of float ops changes, and with it the
    # order of sums, by the CPU's vector width.
    options.graph_optimization_level = (
        onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED)
    if storage == "s8-linear":
        options.add_session_config_entry("session.qdqisint8allowed", "1")
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options,
        providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, {"x": x[i:i + 1]})[0]
                           for i in range(ROWS)])


def run_cimc(command, model, x, folder):
    path = folder / "net.onnx"
    onnx.save(model, path)
    np.save(folder / "x.npy", x)
    done = subprocess.run(
        [*command, str(path), "--run", f"--input={folder / 'x.npy'}",
         f"--output={folder / 'y.npy'}", "--cache=off", "-q"],
        capture_output=True, text=True, timeout=60)
    if done.returncode:
        return f"exit {done.returncode}: {done.stderr.strip()[:500]}"
    return np.load(folder / "y.npy")


def fault_of(network, command, folder):
    """What differs, or None."""
    model = network.model()
    x = np.random.default_rng(network.seed).normal(
        0, 3, [ROWS, *network.input_shape[1:]]).astype(f32)
    expected = run_ort(model, x, network.storage)
    try:
        got = run_cimc(command, model, x, folder)
    except subprocess.TimeoutExpired:
        return "cimc does not end"
    if isinstance(got, str):
        return got
    if got.shape != expected.shape or got.dtype != expected.dtype:
        return f"{got.dtype}{got.shape} for {expected.dtype}{expected.shape}"
    differ = int((got != expected).sum())
    return f"{differ} of {got.size} elements differ" if differ else None


def shrink(network, command, folder):
    """Leaves out layers while it still fails."""
    left_out = set(range(network.count)) - set(network.layers)
    for layer in list(network.layers):
        smaller = Network(network.seed, network.storage, left_out | {layer})
        if fault_of(smaller, command, folder):
            network, left_out = smaller, left_out | {layer}
    return network


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cimc")
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("--storage", choices=LAYERS, default="u8")
    parser.add_argument("--target", default="native")
    parser.add_argument("--keep", type=pathlib.Path,
                        help="folder for the networks that fail")
    args = parser.parse_args()
    command, wrong = [args.cimc, f"--target={args.target}"], 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for seed in range(args.first, args.first + args.count):
            network = Network(seed, args.storage)
            if not fault_of(network, command, folder):
                continue
            wrong += 1
            network = shrink(network, command, folder)
            print(f"seed {seed}: {fault_of(network, command, folder)}; layers "
                  f"{network.layers}", flush=True)
            for node in network.model().graph.node:
                print(f"  {node.op_type}({', '.join(node.input)}) -> "
                      f"{node.output[0]}")
            if args.keep:
                onnx.save(network.model(),
                          args.keep / f"random_qdq-{seed}.onnx")
    print(f"{args.storage}: {wrong} of {args.count} networks differ from ONNX "
          f"Runtime {onnxruntime.__version__}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
