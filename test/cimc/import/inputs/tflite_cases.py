#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Every operator cimc reads from .tflite files, against LiteRT's results.
#
#   tflite_cases.py CIMC EXPECTED.npz [GROUP…]
#   tflite_cases.py --record EXPECTED.npz     (needs the package ai-edge-litert)
#   tflite_cases.py --write                   (the models only, twice)
#
# A group is one model with an output for each operator. EXPECTED holds what
# LiteRT's reference kernels (BUILTIN_REF) gave for the same file and inputs.
# Float outputs must be within 2e-5 of the largest, integer ones equal with
# --requant=tflite-ref and within one step without. Exit code 1 if any is not.
import hashlib
import os
import shutil
import subprocess
import sys

import numpy as np

from tflite_writer import *

GROUPS = {}


class Group:
    """A model being made: `out` adds an operator whose output is compared."""

    def __init__(self, name):
        self.model, self.outputs, self.values = Model(), [], {}
        # Every group has random numbers of its own.
        self.rng = np.random.default_rng(
            int(hashlib.md5(name.encode()).hexdigest()[:8], 16))
        self.slack = {}

    def reals(self, name, shape, low=-3.0, high=3.0):
        self.values[name] = self.rng.uniform(low, high, shape).astype(
            np.float32)
        return self.model.input(name, list(shape))

    def bytes(self, name, shape, scale, zero, unsigned=False):
        low = 0 if unsigned else -128
        type = np.uint8 if unsigned else np.int8
        self.values[name] = self.rng.integers(low, low + 256, shape).astype(
            type)
        return self.model.input(name, list(shape), TYPES[type.__name__], scale,
                                zero)

    def i32(self, name, values):
        return self.model.constant(name, np.int32(values))

    def out(self, op, inputs, shape, type=FLOAT32, scale=None, zero=0,
            options=None, version=1, name=None, slack=1):
        """The index of the output; `slack`: steps without the reference."""
        name = name or op.lower()
        while name in self.slack:
            name += "_"
        self.slack[name] = slack
        index = self.model.tensor(name, list(shape), type, scale, zero)
        self.model.op(op, inputs, index, options, version)
        self.outputs.append(index)
        return index

    def outs(self, op, inputs, shapes, type=FLOAT32, scale=None, zero=0,
             options=None, version=1):
        indices = []
        for i, shape in enumerate(shapes):
            name = f"{op.lower()}{i}"
            self.slack[name] = 1
            indices.append(self.model.tensor(name, list(shape), type, scale,
                                             zero))
        self.model.op(op, inputs, indices, options, version)
        self.outputs += indices


def group(function):
    GROUPS[function.__name__] = function
    return function


# -- Floats ------------------------------------------------------------------
@group
def float_elementwise(g):
    x = g.reals("x", (2, 3, 4, 5))
    y = g.reals("y", (2, 3, 4, 5))
    row = g.reals("row", (5,))
    p = g.reals("p", (2, 3, 4, 5), 0.25, 4.0)
    s = (2, 3, 4, 5)
    for act in range(4):
        g.out("ADD", [x, y], s, options=i8(0, act), name=f"add{act}")
    for op in ("ADD", "SUB", "MUL", "DIV"):
        g.out(op, [x, p], s, options=i8(0, 0))
        g.out(op, [row, p], s, options=i8(0, 3), name=op.lower() + "_row")
    for op in ("MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE"):
        g.out(op, [x, row], s)
    g.out("POW", [p, y], s)
    for op in ("RELU", "RELU6", "RELU_N1_TO_1", "LOGISTIC", "TANH",
               "HARD_SWISH", "ABS", "NEG", "EXP", "SQUARE", "FLOOR", "SIN",
               "COS", "SIGN"):
        g.out(op, [x], s)
    for op in ("LOG", "SQRT", "RSQRT"):
        g.out(op, [p], s)
    for approximate in (0, 1):
        g.out("GELU", [x], s, options=i8(0, approximate))
    g.out("LEAKY_RELU", [x], s, options=f32(0, 0.125))
    alpha = g.model.constant("alpha", np.float32([[[0.5, -1, 2, 0, 3]]]))
    g.out("PRELU", [x, alpha], s)


@group
def more(g):
    """What BUILTIN_REF lacks: recorded with LiteRT's other kernels."""
    x = g.reals("x", (2, 3, 4, 5))
    for op in ("ELU", "CEIL", "ROUND"):
        g.out(op, [x], (2, 3, 4, 5))
    q = g.bytes("q", (2, 5, 7, 8), 0.05, -4)
    g.out("ELU", [q], (2, 5, 7, 8), scale=0.04, zero=-90, type=INT8)


@group
def unlike_pads(g):
    """The stored numbers are copied, whatever scale the result declares."""
    q = g.bytes("q", (1, 3, 4, 2), 0.5, 3)
    g.out("PAD", [q, g.i32("pads", [[0, 0], [1, 2], [0, 1], [0, 0]])],
          (1, 6, 5, 2), scale=0.25, zero=-7, type=INT8)


@group
def float_products(g):
    x = g.reals("x", (1, 7, 6, 4))
    w = lambda name, *shape: g.model.constant(
        name, g.rng.uniform(-1, 1, shape).astype(np.float32))
    b = w("b", 6)
    g.out("CONV_2D", [x, w("w0", 6, 3, 3, 4), b], (1, 7, 6, 6),
          options=conv("SAME"))
    g.out("CONV_2D", [x, w("w1", 6, 3, 2, 4), b], (1, 3, 3, 6),
          options=conv("VALID", (2, 2), (1, 1), 1))
    g.out("CONV_2D", [x, w("w2", 6, 3, 3, 4), b], (1, 7, 6, 6),
          options=conv("SAME", (1, 1), (2, 2), 3))
    g.out("DEPTHWISE_CONV_2D", [x, w("w4", 1, 3, 3, 8), w("b8", 8)],
          (1, 4, 3, 8), options=conv("SAME", (2, 2), multiplier=2))
    half = g.model.constant(
        "half", g.rng.uniform(-1, 1, (4, 3, 3, 4)).astype(np.float16))
    full = g.model.tensor("full", [4, 3, 3, 4])
    g.model.op("DEQUANTIZE", [half], full)
    g.out("CONV_2D", [x, full, w("b4", 4)], (1, 5, 4, 4), options=conv())
    g.out("TRANSPOSE_CONV", [g.i32("to", [1, 14, 12, 3]), w("w5", 3, 3, 3, 4),
                             x], (1, 14, 12, 3),
          options={0: Scalar("b", 0), 1: Scalar("i", 2), 2: Scalar("i", 2)})
    g.out("TRANSPOSE_CONV", [g.i32("to1", [1, 15, 20, 3]),
                             w("w6", 3, 3, 5, 4), x], (1, 15, 20, 3),
          options={0: Scalar("b", 1), 1: Scalar("i", 3), 2: Scalar("i", 2)})
    g.out("FULLY_CONNECTED", [x, w("w7", 5, 24), w("b5", 5)], (7, 5),
          options=i8(0, 1))
    g.out("FULLY_CONNECTED", [x, w("w8", 5, 4), None], (1, 7, 6, 5),
          options={2: Scalar("B", 1)}, version=9)
    a = g.reals("a", (2, 3, 4))
    c = g.reals("c", (2, 4, 5))
    g.out("BATCH_MATMUL", [a, c], (2, 3, 5))
    g.out("BATCH_MATMUL", [a, g.reals("d", (2, 5, 4))], (2, 3, 5),
          options={1: Scalar("B", 1)})
    g.out("BATCH_MATMUL", [c, a], (2, 5, 3),
          options={0: Scalar("B", 1), 1: Scalar("B", 1)})
    g.out("BATCH_MATMUL", [a, g.reals("e", (4, 2))], (2, 3, 2))


@group
def float_reductions(g):
    x = g.reals("x", (1, 6, 8, 5))
    g.out("AVERAGE_POOL_2D", [x], (1, 3, 4, 5),
          options=pool((3, 3), (2, 2), "SAME"))
    g.out("AVERAGE_POOL_2D", [x], (1, 4, 6, 5),
          options=pool((3, 3), (1, 1), activation=1))
    g.out("MAX_POOL_2D", [x], (1, 3, 4, 5),
          options=pool((3, 2), (2, 2), "SAME"))
    hw = g.i32("hw", [1, 2])
    last = g.i32("last", [-1])
    for op in ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD"):
        g.out(op, [x, hw], (1, 1, 1, 5), options=i8(0, 1))
        g.out(op, [x, last], (1, 6, 8), name=op.lower() + "_last")
    g.out("MEAN", [x, g.i32("all", [0, 1, 2, 3])], ())
    g.out("SOFTMAX", [x], (1, 6, 8, 5), options=f32(0, 1.0))
    g.out("SOFTMAX", [x], (1, 6, 8, 5), options=f32(0, 0.5))
    g.out("L2_NORMALIZATION", [x], (1, 6, 8, 5))
    one = g.i32("one", [1])
    g.out("ARG_MAX", [x, one], (1, 8, 5), INT32, options=i8(0, INT32))
    g.out("ARG_MIN", [x, last], (1, 6, 8), INT64, options=i8(0, INT64))


def shapes(g, x, type=FLOAT32, scale=None, zero=0):
    """What moves elements, of [2, 4, 6, 4]."""
    of = dict(type=type, scale=scale, zero=zero)
    g.out("RESHAPE", [x, g.i32("flat", [2, -1])], (2, 96), **of)
    g.out("EXPAND_DIMS", [x, g.i32("at1", 1)], (2, 1, 4, 6, 4), **of)
    wide = g.model.tensor("wide", [2, 4, 1, 6, 4], **of)
    g.model.op("EXPAND_DIMS", [x, g.i32("at2", -3)], wide)
    g.out("SQUEEZE", [wide], (2, 4, 6, 4), options=i32s(0, [2]), **of)
    g.out("TRANSPOSE", [x, g.i32("perm", [3, 1, 0, 2])], (4, 4, 2, 6), **of)
    g.out("PAD", [x, g.i32("pads", [[0, 0], [1, 2], [0, 3], [0, 1]])],
          (2, 7, 9, 5), **of)
    for mode in (0, 1):
        g.out("MIRROR_PAD", [x, g.i32(f"mirror{mode}",
                                      [[0, 0], [1, 2], [3, 0], [0, 0]])],
              (2, 7, 9, 4), options=i8(0, mode), **of)
    g.out("CONCATENATION", [x, x], (2, 4, 12, 4), options=i32(0, 2), **of)
    g.out("CONCATENATION", [x] * 18, (2, 4, 6, 72), options=i32(0, -1), **of)
    g.out("PACK", [x, x], (2, 4, 2, 6, 4),
          options={0: Scalar("i", 2), 1: Scalar("i", 2)}, **of)
    g.outs("UNPACK", [x], [(2, 6, 4)] * 4,
           options={0: Scalar("i", 4), 1: Scalar("i", 1)}, **of)
    g.outs("SPLIT", [g.i32("at3", 2), x], [(2, 4, 2, 4)] * 3,
           options=i32(0, 3), **of)
    g.outs("SPLIT_V", [x, g.i32("parts", [1, -1, 2]), g.i32("at4", -1)],
           [(2, 4, 6, 1), (2, 4, 6, 1), (2, 4, 6, 2)], options=i32(0, 3),
           **of)
    g.out("SLICE", [x, g.i32("from", [0, 1, 2, 0]),
                    g.i32("size", [-1, 2, 3, 4])], (2, 2, 3, 4), **of)


def slices(g, x, type=FLOAT32, scale=None, zero=0):
    of = dict(type=type, scale=scale, zero=zero)
    begin, end = g.i32("begin", [1, 3, 0, 3]), g.i32("end", [2, 0, 6, 0])
    step = g.i32("step", [1, -2, 3, -1])
    g.out("STRIDED_SLICE", [x, begin, end, step], (1, 2, 2, 3), **of)
    g.out("STRIDED_SLICE", [x, begin, end, step], (4, 4),
          options={0: Scalar("i", 2), 1: Scalar("i", 10), 4: Scalar("i", 5)},
          **of)
    g.out("STRIDED_SLICE", [x, g.i32("b2", [-1, 0, 1]),
                            g.i32("e2", [9, 0, 3]), g.i32("s2", [1, 1, 1])],
          (4, 6, 2), options={2: Scalar("i", 2), 4: Scalar("i", 1)}, **of)
    g.out("STRIDED_SLICE", [x, g.i32("b3", [0, 0, 1]),
                            g.i32("e3", [2, 0, 3]), g.i32("s3", [1, 1, 1])],
          (2, 1, 2, 6, 4), options={3: Scalar("i", 2)}, **of)
    g.out("GATHER", [x, g.i32("pick", [5, 0, 0, 3])], (2, 4, 4, 4),
          options=i32(0, 2), **of)
    g.out("GATHER", [x, g.i32("pick1", 2)], (2, 6, 4), options=i32(0, 1),
          **of)
    g.out("TILE", [x, g.i32("times", [1, 2, 1, 3])], (2, 8, 6, 12), **of)
    g.out("DEPTH_TO_SPACE", [x], (2, 8, 12, 1), options=i32(0, 2), **of)
    g.out("SPACE_TO_DEPTH", [x], (2, 2, 3, 16), options=i32(0, 2), **of)
    g.out("SPACE_TO_BATCH_ND", [x, g.i32("block", [2, 3]),
                                g.i32("edge", [[1, 1], [0, 3]])],
          (12, 3, 3, 4), **of)
    many = g.model.tensor("many", [8, 2, 3, 4], **of)
    g.model.op("SPACE_TO_BATCH_ND", [x, g.i32("block2", [2, 2]),
                                     g.i32("edge2", [[0, 0], [0, 0]])], many)
    g.out("BATCH_TO_SPACE_ND", [many, g.i32("block3", [2, 2]),
                                g.i32("crop", [[1, 0], [0, 2]])],
          (2, 3, 4, 4), **of)
    resizes(g, x, **of)
    g.out("BROADCAST_TO", [g.i32("col", [[1], [2], [3]]),
                           g.i32("wanted", [2, 3, 4])], (2, 3, 4), INT32,
          version=2)


def resizes(g, x, **of):
    for n, corners, half in ((0, 0, 0), (1, 1, 0), (2, 0, 1)):
        flags = {0: Scalar("B", corners), 1: Scalar("B", half)}
        g.out("RESIZE_NEAREST_NEIGHBOR", [x, g.i32(f"to{n}", [7, 9])],
              (2, 7, 9, 4), options=flags, version=3, **of)
        flags = {2: Scalar("B", corners), 3: Scalar("B", half)}
        g.out("RESIZE_BILINEAR", [x, g.i32(f"lin{n}", [9, 5])], (2, 9, 5, 4),
              options=flags, version=3, **of)


@group
def float_shapes(g):
    x = g.reals("x", (2, 4, 6, 4))
    resizes(g, x)
    g.out("PADV2", [x, g.i32("pads", [[0, 0], [1, 0], [0, 0], [0, 1]]),
                    g.model.constant("value", np.float32(-1.5))],
          (2, 5, 6, 5))
    g.out("SHAPE", [x], (4,), INT32, options=i8(0, INT32))


@group
def integers(g):
    x = g.reals("x", (2, 3, 4))
    y = g.reals("y", (2, 3, 4))
    n = g.model.input("n", [2, 3, 4], INT32)
    k = g.model.input("k", [3, 1], INT32)
    g.values["n"] = g.rng.integers(-9, 10, (2, 3, 4)).astype(np.int32)
    g.values["k"] = g.rng.integers(1, 5, (3, 1)).astype(np.int32)
    s = (2, 3, 4)
    for op in ("ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM"):
        g.out(op, [n, k], s, INT32)
    for op in ("EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER",
               "GREATER_EQUAL"):
        g.out(op, [n, k], s, BOOL)
    less = g.out("LESS", [x, y], s, BOOL)
    more = g.out("GREATER", [x, n_as(g, n)], s, BOOL)
    g.out("LOGICAL_AND", [less, more], s, BOOL)
    g.out("LOGICAL_OR", [less, more], s, BOOL)
    g.out("LOGICAL_NOT", [less], s, BOOL)
    g.out("SELECT", [less, x, y], s)
    g.out("SELECT_V2", [less, x, y], s)
    g.out("CAST", [x], s, INT32,
          options={0: Scalar("b", FLOAT32), 1: Scalar("b", INT32)})
    g.out("CAST", [n], s, INT64,
          options={0: Scalar("b", INT32), 1: Scalar("b", INT64)})
    g.out("CAST", [less], s, FLOAT32,
          options={0: Scalar("b", BOOL), 1: Scalar("b", FLOAT32)})
    g.out("SUM", [n, g.i32("axes", [0, 2])], (3,), INT32)
    g.out("REDUCE_MAX", [n, g.i32("axis", [1])], (2, 4), INT32)


def n_as(g, n):
    real = g.model.tensor("n_real", [2, 3, 4])
    g.model.op("CAST", [n], real,
               {0: Scalar("b", INT32), 1: Scalar("b", FLOAT32)})
    return real


# -- Quantized ---------------------------------------------------------------
Q = dict(type=INT8, version=2)


@group
def int8_elementwise(g):
    x = g.bytes("x", (2, 5, 7, 8), 0.05, -4)
    y = g.bytes("y", (2, 5, 7, 8), 0.031, 17)
    s = (2, 5, 7, 8)
    c = g.model.constant("c", g.rng.integers(-128, 128, (8,)).astype(np.int8),
                         0.07, 3)
    for act in range(4):
        g.out("ADD", [x, y], s, scale=0.06, zero=-20, options=i8(0, act), **Q)
    for op in ("SUB", "MUL"):
        g.out(op, [x, y], s, scale=0.06, zero=9, options=i8(0, 1), **Q)
    for op in ("ADD", "SUB", "MUL"):
        g.out(op, [y, c], s, scale=0.1, zero=-7, options=i8(0, 0), **Q)
    z = g.bytes("z", (7, 8), 0.03, -5)
    for op in ("ADD", "MUL"):
        g.out(op, [z, x], s, scale=0.09, zero=2, options=i8(0, 1), **Q)
    for op in ("MAXIMUM", "MINIMUM"):
        g.out(op, [x, x], s, scale=0.05, zero=-4, **Q)
    g.out("LOGISTIC", [x], s, scale=1 / 256, zero=-128, **Q)
    g.out("TANH", [x], s, scale=1 / 128, **Q)
    g.out("HARD_SWISH", [x], s, scale=0.03, zero=-100, type=INT8, slack=2)
    g.out("LEAKY_RELU", [x], s, scale=0.04, zero=-50, options=f32(0, 0.2),
          **Q)
    g.out("EXP", [y], s, scale=0.4, zero=-128, **Q)
    g.out("GELU", [x], s, scale=0.03, zero=-110, options=i8(0, 0), **Q)
    g.out("GELU", [x], s, scale=0.03, zero=-110, options=i8(0, 1), **Q)
    g.out("RELU", [x], s, scale=0.03, zero=-128, **Q)
    g.out("RELU6", [x], s, scale=0.05, zero=-4, **Q)
    g.out("RELU_N1_TO_1", [x], s, scale=0.01, zero=5, type=INT8)
    g.out("ABS", [x], s, scale=0.03, zero=-120, **Q)
    g.out("QUANTIZE", [x], s, scale=0.11, zero=30, **Q)
    g.out("DEQUANTIZE", [x], s, version=2)
    real = g.reals("real", (4, 50), -9, 9)
    g.values["real"][0, :20] = np.arange(20) * 0.25 - 2.375  # ties
    g.out("QUANTIZE", [real], (4, 50), scale=0.25, zero=-3, type=INT8)
    for op, type in (("EQUAL", BOOL), ("LESS", BOOL)):
        g.out(op, [x, x], s, type, version=2)


@group
def int8_products(g):
    x = g.bytes("x", (1, 9, 8, 4), 0.05, -4)

    def weights(name, shape, axis=None):
        count = 1 if axis is None else shape[axis]
        value = g.rng.integers(-127, 128, shape).astype(np.int8)
        scale = g.rng.uniform(0.01, 0.03, count).astype(np.float32)
        index = g.model.constant(name, value, scale, 0, axis or 0)
        bias = g.model.constant(
            name + "b", g.rng.integers(-3000, 3000, shape[0] if axis != 3 else
                                       shape[3]).astype(np.int32),
            np.float32(0.05) * scale)
        return index, bias

    for n, (pad, stride, dilation, act) in enumerate(
            (("SAME", 1, 1, 0), ("VALID", 2, 1, 1), ("SAME", 1, 2, 3),
             ("SAME", 2, 1, 2))):
        w, b = weights(f"w{n}", (6, 3, 3, 4), 0)
        size = {"SAME": lambda d: -(-d // stride),
                "VALID": lambda d: (d - 3) // stride + 1}[pad]
        g.out("CONV_2D", [x, w, b], (1, size(9), size(8), 6), scale=0.2,
              zero=-11, options=conv(pad, (stride, stride),
                                     (dilation, dilation), act),
              type=INT8, version=3)
    w, b = weights("wt", (5, 1, 1, 4))
    g.out("CONV_2D", [x, w, b], (1, 9, 8, 5), scale=0.04, zero=40,
          options=conv(), type=INT8, version=3)
    w, b = weights("wd", (1, 3, 3, 8), 3)
    g.out("DEPTHWISE_CONV_2D", [x, w, b], (1, 9, 8, 8), scale=0.09, zero=3,
          options=conv("SAME", multiplier=2), type=INT8, version=3)
    w, b = weights("we", (1, 3, 3, 4), 3)
    g.out("DEPTHWISE_CONV_2D", [x, w, b], (1, 5, 4, 4), scale=0.09, zero=3,
          options=conv("VALID", dilations=(2, 2), multiplier=1), type=INT8,
          version=3)
    w, b = weights("wh", (6, 3, 3, 2), 0)  # two groups
    g.out("CONV_2D", [x, w, b], (1, 9, 8, 6), scale=0.1, zero=9,
          options=conv("SAME"), type=INT8, version=3)
    w, b = weights("wf", (7, 36))
    g.out("FULLY_CONNECTED", [x, w, b], (8, 7), scale=0.3, zero=-5,
          options=i8(0, 1), type=INT8, version=4)
    w, b = weights("wg", (7, 4), 0)
    g.out("FULLY_CONNECTED", [x, w, None], (72, 7), scale=0.1, zero=-5,
          options=i8(0, 3), type=INT8, version=5)
    w, b = weights("wr", (3, 3, 3, 4), 0)
    g.out("TRANSPOSE_CONV", [g.i32("to", [1, 18, 16, 3]), w, x, b],
          (1, 18, 16, 3), scale=0.2, zero=7, type=INT8, version=3,
          options={0: Scalar("b", 0), 1: Scalar("i", 2), 2: Scalar("i", 2)})
    a = g.bytes("a", (2, 3, 4), 0.05, 7)
    c = g.bytes("c", (2, 4, 5), 0.03, -9)
    g.out("BATCH_MATMUL", [a, c], (2, 3, 5), scale=0.2, zero=1, type=INT8,
          version=2)


@group
def int8_reductions(g):
    x = g.bytes("x", (1, 9, 8, 6), 0.05, -4)
    same = dict(scale=0.05, zero=-4, **Q)
    g.out("AVERAGE_POOL_2D", [x], (1, 5, 4, 6),
          options=pool((3, 3), (2, 2), "SAME"), **same)
    g.out("AVERAGE_POOL_2D", [x], (1, 1, 1, 6),
          options=pool((9, 8), (1, 1), activation=1), **same)
    g.out("MAX_POOL_2D", [x], (1, 5, 4, 6),
          options=pool((3, 3), (2, 2), "SAME", 3), **same)
    hw = g.i32("hw", [1, 2])
    last = g.i32("last", [3])
    g.out("MEAN", [x, hw], (1, 1, 1, 6), options=i8(0, 1), scale=0.02, zero=4,
          **Q)
    g.out("MEAN", [x, last], (1, 9, 8), scale=0.03, zero=-9, **Q)
    g.out("MEAN", [x, last], (1, 9, 8), name="mean_same", **same)
    g.out("REDUCE_MAX", [x, hw], (1, 6), **same)
    g.out("REDUCE_MIN", [x, last], (1, 9, 8), **same)
    g.out("SOFTMAX", [x], (1, 9, 8, 6), scale=1 / 256, zero=-128,
          options=f32(0, 1.0), slack=2, **Q)
    g.out("ARG_MAX", [x, last], (1, 9, 8), INT32, options=i8(0, INT32),
          version=2)
    g.out("ARG_MIN", [x, hw_one(g)], (1, 8, 6), INT64, options=i8(0, INT64),
          version=2)


@group
def uint8(g):
    """Models of before 2020: one scale, zero points of weights too."""
    x = g.bytes("x", (1, 6, 7, 4), 0.05, 120, unsigned=True)
    y = g.bytes("y", (1, 6, 7, 4), 0.03, 3, unsigned=True)

    def weights(name, shape, outputs):
        value = g.rng.integers(0, 256, shape).astype(np.uint8)
        bias = g.rng.integers(-3000, 3000, outputs).astype(np.int32)
        return (g.model.constant(name, value, 0.02, 131),
                g.model.constant(name + "b", bias,
                                 np.float32(0.05) * np.float32(0.02)))

    of = dict(type=UINT8, zero=90)
    g.out("CONV_2D", [x, *weights("w", (5, 3, 3, 4), 5)], (1, 6, 7, 5),
          options=conv("SAME", activation=1), scale=0.2, **of)
    g.out("DEPTHWISE_CONV_2D", [x, *weights("d", (1, 3, 3, 4), 4)],
          (1, 3, 4, 4), options=conv("SAME", (2, 2), multiplier=1), scale=0.1,
          **of)
    g.out("FULLY_CONNECTED", [x, *weights("f", (6, 28), 6)], (6, 6),
          options=i8(0, 0), scale=0.3, **of)
    g.out("ADD", [x, y], (1, 6, 7, 4), options=i8(0, 1), scale=0.04, **of)
    g.out("MUL", [x, y], (1, 6, 7, 4), options=i8(0, 0), scale=0.04, **of)
    g.out("AVERAGE_POOL_2D", [x], (1, 2, 3, 4), type=UINT8, scale=0.05,
          zero=120, options=pool((3, 2), (2, 2)))
    g.out("MEAN", [x, g.i32("hw", [1, 2])], (1, 4), scale=0.02, **of)
    g.out("SOFTMAX", [x], (1, 6, 7, 4), type=UINT8, scale=1 / 256,
          options=f32(0, 1.0), slack=2)
    g.out("LOGISTIC", [x], (1, 6, 7, 4), type=UINT8, scale=1 / 256)
    g.out("QUANTIZE", [x], (1, 6, 7, 4), type=UINT8, scale=0.07, zero=9,
          version=2)
    g.out("CONCATENATION", [x, y], (1, 6, 14, 4), type=UINT8, scale=0.04,
          zero=77, options=i32(0, 2))


@group
def int8_loose(g):
    """What has no exact form: within a step of the reference."""
    x = g.bytes("x", (2, 5, 7, 8), 0.05, -4)
    y = g.bytes("y", (2, 5, 7, 8), 0.031, 17)
    s = (2, 5, 7, 8)
    alpha = g.model.constant("alpha", np.int8([[[1, -30, 90, 0, 5, 7, 64, 2]]]),
                             0.01)
    g.out("PRELU", [x, alpha], s, scale=0.05, zero=3, type=INT8)
    g.out("SQUARED_DIFFERENCE", [x, y], s, scale=0.4, zero=-128, **Q)
    g.out("L2_NORMALIZATION", [x], s, scale=1 / 128, **Q)
    for op in ("EQUAL", "LESS", "GREATER_EQUAL"):
        g.out(op, [x, y], s, BOOL, version=2)
    p = g.bytes("p", (2, 5, 7, 8), 0.02, 10, unsigned=True)
    g.out("MUL", [p, p], s, UINT8, scale=0.1, zero=3)
    r = g.bytes("r", (1, 64), 0.05, -128)
    g.values["r"] = np.arange(-120, 8, 2).astype(np.int8).reshape(1, 64)
    g.out("RSQRT", [r], (1, 64), scale=0.02, zero=-128, **Q)


def hw_one(g):
    return g.i32("one", [1])


@group
def int8_shapes(g):
    shapes(g, g.bytes("x", (2, 4, 6, 4), 0.05, -4), INT8, 0.05, -4)


@group
def int8_slices(g):
    x = g.bytes("x", (2, 4, 6, 4), 0.05, -4)
    slices(g, x, INT8, 0.05, -4)
    g.out("PADV2", [x, g.i32("pads", [[0, 0], [1, 0], [0, 0], [0, 1]]),
                    g.model.constant("value", np.int8(19), 0.05, -4)],
          (2, 5, 6, 5), scale=0.05, zero=-4, **Q)


# -- Running -----------------------------------------------------------------
def make(name):
    g = Group(name)
    GROUPS[name](g)
    path = name + ".tflite"
    g.model.save(path, *g.outputs)
    return g, path


def run_litert(g, path):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    engine = Interpreter(
        model_path=path, num_threads=1,
        experimental_op_resolver_type=(
            OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
            if path == "more.tflite" else OpResolverType.BUILTIN_REF))
    engine.allocate_tensors()
    for place, value in zip(engine.get_input_details(), g.values.values()):
        engine.set_tensor(place["index"], value)
    engine.invoke()
    return [engine.get_tensor(place["index"])
            for place in engine.get_output_details()]


def run_cimc(cimc, g, path, *options):
    command = [cimc, path, "--run", *options]
    for i, (name, value) in enumerate(g.values.items()):
        np.save(f"in{i}.npy", value)
        command.append(f"--input={name}=in{i}.npy")
    for i in range(len(g.outputs)):
        command.append(f"--output=out{i}.npy")
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return done.stderr[:1500]
    return [np.load(f"out{i}.npy") for i in range(len(g.outputs))]


def compare(name, found, wanted, slack):
    if found.dtype == np.uint8 and wanted.dtype == bool:
        wanted = wanted.astype(np.uint8)
    if found.shape != wanted.shape or found.dtype != wanted.dtype:
        return (f"{name}: {found.dtype}{list(found.shape)}, not "
                f"{wanted.dtype}{list(wanted.shape)}")
    off = np.abs(found.astype(float) - wanted.astype(float)).max()
    if found.dtype == np.float32:
        slack = 2e-5 * max(1.0, np.abs(wanted).max())
    if not off <= slack:
        count = int((found != wanted).sum())
        return f"{name}: {count} of {found.size} differ, by up to {off:g}"
    return None


def check(cimc, name, expected):
    g, path = make(name)
    wanted = [expected[f"{name}.{i}"] for i in range(len(g.outputs))]
    faults = 0
    modes = []
    if name != "int8_loose":
        modes.append(("--requant=tflite-ref", False))
    if "int8" in name:
        modes.append(("--requant=float", True))
    for option, loose in modes:
        found = run_cimc(cimc, g, path, option)
        if isinstance(found, str):
            print(f"{name} {option}: {found}")
            faults += 1
            continue
        for (output, slack), a, b in zip(g.slack.items(), found, wanted):
            fault = compare(output, a, b, slack if loose else 0)
            if fault:
                print(f"{name} {option}: {fault}")
                faults += 1
    print(f"{name}: {len(g.outputs)} outputs, {faults} wrong")
    return faults


def main():
    if sys.argv[1] == "--write":
        for name in GROUPS:
            make(name)
            os.replace(shutil.copy(name + ".tflite", "copy"),
                       f"exact_{name}.tflite")
        return 0
    if sys.argv[1] == "--record":
        arrays = {}
        for name in GROUPS:
            for i, y in enumerate(run_litert(*make(name))):
                arrays[f"{name}.{i}"] = y
        np.savez_compressed(sys.argv[2], **arrays)
        return 0
    expected = np.load(sys.argv[2])
    names = sys.argv[3:] or GROUPS
    return 1 if sum(check(sys.argv[1], n, expected) for n in names) else 0


if __name__ == "__main__":
    sys.exit(main())
