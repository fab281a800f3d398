# SPDX-License-Identifier: Apache-2.0
#
# Random quantized networks as ONNX models, each drawn from a seed.
#
# Layer i draws from a generator of its own, so that leaving others out, or
# bounding sizes, changes nothing else of it: that is how a network that fails
# is made smaller.
import numpy as np
from onnx import TensorProto, helper, numpy_helper

f32 = np.float32
LINEAR = ["conv", "depthwise", "pointwise"]
SUMS = ["add", "mul", "average"]
CURVES = ["relu", "sigmoid", "leaky", "clip"]
MOVES = ["max", "transpose", "reshape", "concat", "slice", "resize"]
MEANS = ["global_average", "mean"]
ALL = LINEAR + SUMS + CURVES + MOVES + MEANS
# See random_qdq.py for why.
LAYERS = {"u8": ALL, "s8": SUMS + CURVES + MOVES,
          "s8-linear": LINEAR + CURVES + MOVES,
          "mix": ALL + ["convert"] * 3}
# Layers that have an operator on integers; others stay between dequantize and
# quantize in every form.
OPERATORS = {"conv", "depthwise", "pointwise", "add", "mul", "average", "max",
             "sigmoid", "leaky", "transpose", "reshape", "concat", "slice",
             "global_average"}
# What ONNX Runtime may compute in float when signed bytes stand between
# dequantize and quantize (docs/numerics.md).
FLOATED = LINEAR + ["end"]
MICROSOFT = "com.microsoft"


class Tensor:
    """A quantized tensor: its name, numbers and shape."""

    def __init__(self, name, scale, zero, dtype, shape):
        self.name, self.scale, self.zero = name, f32(scale), int(zero)
        self.dtype, self.shape = dtype, list(shape)


class Network:
    def __init__(self, seed, storage="u8", form="qdq", left_out=(), limit=99,
                 without=()):
        self.seed, self.storage, self.form = seed, storage, form
        self.limit, self.skip = limit, None
        self.nodes, self.constants, self.names = [], [], 0
        self.layers, self.kinds, self.taps = [], [], []
        self.set_type(np.int8 if storage in ("s8", "s8-linear") else np.uint8)
        self.start(seed)
        r = np.random.default_rng([seed, 0])
        self.count = int(r.integers(2, 8)) + 1
        choice = [k for k in LAYERS[storage] if k not in without]
        if form == "qop" and storage == "s8":
            choice += LINEAR
        kinds = [str(r.choice(choice)) for _ in range(self.count - 1)]
        kinds.append("end" if r.random() < 0.6 else "none")
        for i, kind in enumerate(kinds):
            self.r = np.random.default_rng([seed, i + 1])
            self.integers = kind in OPERATORS and self.on_integers(kind)
            if i not in left_out and self.fits(kind) and getattr(
                    self, kind)():
                self.layers.append(i)
                self.kinds.append(kind)
                if self.chance(0.5):
                    self.skip = self.now
                if self.chance(0.07):
                    self.taps.append(self.now)

    def on_integers(self, kind):
        """Whether a layer is an operator on integers."""
        even = self.chance(0.5)
        if self.form == "both" and self.dtype == np.int8:
            even |= kind in FLOATED
        return self.form == "qop" or self.form == "both" and even

    def fits(self, kind):
        """Whether ONNX Runtime's integers are the layer's."""
        return (self.dtype == np.uint8 or self.integers or
                self.storage == "s8-linear" or kind not in LINEAR)

    def set_type(self, dtype):
        self.dtype = dtype
        limits = np.iinfo(dtype)
        self.low, self.high = int(limits.min), int(limits.max)

    def start(self, seed):
        self.r = np.random.default_rng([seed, 1000])
        channels = self.size(1, 9)
        if self.chance(0.2):
            channels = self.size(9, 40)
        shape = [1, channels, self.size(4, 14), self.size(4, 14)]
        self.input_shape, self.input_dtype = shape, np.float32
        if self.chance(0.25):  # integers right away
            self.input_dtype = self.dtype
            self.now = Tensor("x", self.step(), self.zero_point(), self.dtype,
                              shape)
        else:
            self.quantize("x", shape)

    # -- Drawing ---------------------------------------------------------------
    def chance(self, share):
        return self.r.random() < share

    def integer(self, low, end):
        return int(self.r.integers(low, end))

    def size(self, low, end):
        """A dimension, which shrinking bounds."""
        return max(1, min(self.integer(low, end), self.limit))

    def step(self):
        return f32(self.r.uniform(0.01, 0.1))

    def zero_point(self):
        return self.integer(self.low, self.high + 1)

    # -- Parts -----------------------------------------------------------------
    def name(self, letter):
        self.names += 1
        return f"{letter}{self.names}"

    def node(self, op, inputs, domain="", **attributes):
        out = self.name(op[0].lower())
        self.nodes.append(helper.make_node(op, inputs, [out], name=out + "_",
                                           domain=domain, **attributes))
        return out

    def constant(self, value):
        name = self.name("c")
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def numbers(self, t):
        """Scale and zero point of a tensor as constants."""
        return [self.constant(t.scale), self.constant(np.array(t.zero,
                                                               t.dtype))]

    def real(self, t=None):
        t = t or self.now
        return self.node("DequantizeLinear", [t.name, *self.numbers(t)])

    def result(self, shape, scale=None, zero=None):
        """A tensor yet to be named."""
        scale = self.step() if scale is None else scale
        if zero is None:
            zero = self.zero_point() if self.chance(0.7) else self.low
        return Tensor(None, scale, zero, self.dtype, shape)

    def quantize(self, x, shape, scale=None, zero=None):
        """The network goes on from x, quantized."""
        t = self.result(shape, scale, zero)
        t.name = self.node("QuantizeLinear", [x, *self.numbers(t)])
        self.now = t
        return True

    def operate(self, op, t, before=(), after=(), **attributes):
        """The network goes on from an operator on integers, whose inputs are
        `before`, then t's numbers, then `after`."""
        t.name = self.node(op, [*before, *self.numbers(t), *after],
                           **attributes)
        self.now = t
        return True

    def moved(self, op, inputs, shape, **attributes):
        """An operator of ONNX that moves elements, in either form."""
        if not self.integers:
            return self.quantize(
                self.node(op, [self.real(), *inputs], **attributes), shape,
                self.now.scale, self.now.zero)
        name = self.node(op, [self.now.name, *inputs], **attributes)
        self.now = Tensor(name, self.now.scale, self.now.zero, self.dtype,
                          shape)
        return True

    # -- Products --------------------------------------------------------------
    def weights(self, shape, axis):
        """(integers, scales, zero point): one scale, or one a channel."""
        per_axis, zero, dtype = self.chance(0.6), 0, np.int8
        if self.dtype == np.uint8 and self.chance(0.2):
            per_axis, dtype, zero = False, np.uint8, self.integer(0, 256)
        scales = self.r.uniform(0.001, 0.02, shape[axis] if per_axis else 1)
        # Signed ones of 7 bits: with 8, ONNX Runtime's sums of two products
        # saturate on CPUs without VNNI.
        low, end = (0, 256) if dtype == np.uint8 else (-64, 64)
        w = self.r.integers(low, end, shape).astype(dtype)
        return w, scales.astype(f32), dtype(zero)

    def weight_inputs(self, w, scales, zero, one):
        """Names of the integers, scales and zero points; `one`: scalars."""
        if one and len(scales) == 1:
            return [self.constant(v) for v in (w, scales[0], zero)]
        return [self.constant(w), self.constant(scales),
                self.constant(np.full(len(scales), zero))]

    def bias(self, channels):
        if self.chance(0.15):
            return None
        return self.r.integers(-3000, 3000, channels).astype(np.int32)

    def real_product(self, op, w, bias, axis, **attributes):
        """The product of self.now between dequantize and quantize."""
        integers, scales, zero = w
        one = len(scales) == 1
        more = {} if one else {"axis": axis}
        inputs = [self.real(), self.node(
            "DequantizeLinear", self.weight_inputs(*w, True), **more)]
        if bias is not None:
            steps = (self.now.scale * scales).astype(f32)
            inputs.append(self.node("DequantizeLinear", [
                self.constant(bias), self.constant(steps[0] if one else steps),
                self.constant(np.zeros([] if one else len(bias), np.int32))],
                **({} if one else {"axis": 0})))
        return self.node(op, inputs, **attributes)

    def spread(self, scales, depth):
        """A scale that keeps most sums of products within range."""
        return (self.now.scale * scales.mean() * 37 * np.sqrt(depth)
                * self.r.uniform(0.1, 1) + 1e-4)

    def window(self, kernel, pads, strides, dilations=(1, 1)):
        """The result's height and width, or None."""
        out = []
        for i in range(2):
            reach = (kernel[i] - 1) * dilations[i] + 1
            room = self.now.shape[2 + i] + pads[i] + pads[i + 2] - reach
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
            channels = channels if groups > 1 else self.now.shape[1]
        size = self.window(kernel, pads, strides, dilations)
        if size is None:
            return False
        depth = self.now.shape[1] // groups
        w = self.weights([channels, depth, *kernel], 0)
        bias = self.bias(channels)
        more = dict(kernel_shape=kernel, strides=strides, pads=pads,
                    dilations=dilations, group=groups)
        shape = [1, channels, *size]
        scale = self.spread(w[1], depth * kernel[0] * kernel[1])
        if self.integers:
            return self.operate(
                "QLinearConv", self.result(shape, scale),
                [self.now.name, *self.numbers(self.now),
                 *self.weight_inputs(*w, True)],
                [] if bias is None else [self.constant(bias)], **more)
        y = self.real_product("Conv", w, bias, 0, **more)
        # ONNX Runtime would compute a bounded convolution in float.
        relu = self.chance(0.4)
        if relu:
            y = self.node("Relu", [y])
        return self.quantize(y, shape, scale, self.low if relu else None)

    def conv(self):
        groups = 2 if self.now.shape[1] % 2 == 0 and self.chance(0.2) else 1
        return self.convolve(groups * self.size(1, 20),
                             [self.integer(1, 4) for _ in range(2)], groups)

    def depthwise(self):
        channels = self.now.shape[1]
        return self.convolve(channels * (2 if self.chance(0.25) else 1),
                             [self.integer(1, 4) for _ in range(2)], channels)

    def pointwise(self):
        return self.convolve(self.size(1, 40), [1, 1], 1)

    def product(self, depth, channels):
        transposed = self.chance(0.5)
        w = self.weights([channels, depth] if transposed else
                         [depth, channels], 0 if transposed else 1)
        bias = self.bias(channels)
        scale, shape = self.spread(w[1], depth), [1, channels]
        operator = self.on_integers("end")
        first = [self.now.name, *self.numbers(self.now)]
        if operator and (bias is not None or transposed):
            return self.operate(
                "QGemm", self.result(shape, scale),
                [*first, *self.weight_inputs(*w, True),
                 "" if bias is None else self.constant(bias)],
                domain=MICROSOFT, transB=int(transposed))
        if operator:
            return self.operate("QLinearMatMul", self.result(shape, scale),
                                [*first, *self.weight_inputs(*w, True)])
        if bias is not None or transposed:
            y = self.real_product("Gemm", w, bias, 0 if transposed else 1,
                                  transB=int(transposed))
        else:
            y = self.real_product("MatMul", w, None, 1)
        return self.quantize(y, shape, scale)

    # -- Of two tensors --------------------------------------------------------
    def other_operand(self):
        skip = self.skip
        if (skip and skip.shape == self.now.shape and skip.dtype == self.dtype
                and self.chance(0.6)):
            return skip
        if self.chance(0.2):
            return self.now
        shape = self.now.shape
        if self.chance(0.5):
            shape = [1, shape[1], 1, 1]
        q = self.r.integers(self.low, self.high + 1, shape).astype(self.dtype)
        scale = self.step() if self.chance(0.6) else self.now.scale
        return Tensor(self.constant(q), scale, self.zero_point(), self.dtype,
                      shape)

    def binary(self, op):
        operands = [self.now, self.other_operand()]
        if self.chance(0.5):
            operands.reverse()
        # Twice the scale: half-way cases.
        scale = self.now.scale * 2 if self.chance(0.3) else None
        if self.integers:
            inputs = []
            for t in operands:
                inputs += [t.name, *self.numbers(t)]
            return self.operate("QLinear" + op,
                                self.result(self.now.shape, scale), inputs,
                                domain=MICROSOFT)
        y = self.node(op, [self.real(t) for t in operands])
        if self.chance(0.4):
            y = self.node("Relu", [y])
        return self.quantize(y, self.now.shape, scale)

    def add(self):
        return self.binary("Add")

    def mul(self):
        return self.binary("Mul")

    def concat(self):
        parts = [self.now, self.other_operand()]
        if self.skip and self.skip.shape == self.now.shape and self.chance(
                0.3) and self.skip.dtype == self.dtype:
            parts.append(self.skip)
        axes = [i for i in (1, 2, 3) if all(
            t.shape[k] == parts[0].shape[k] for t in parts for k in (1, 2, 3)
            if k != i)]
        if not axes:
            return False
        axis = axes[self.integer(0, len(axes))]
        shape = list(self.now.shape)
        shape[axis] = sum(t.shape[axis] for t in parts)
        if shape[axis] > 64:
            return False
        if self.integers:
            inputs = []
            for t in parts:
                inputs += [t.name, *self.numbers(t)]
            return self.operate("QLinearConcat", self.result(shape), [],
                                inputs, domain=MICROSOFT, axis=axis)
        y = self.node("Concat", [self.real(t) for t in parts], axis=axis)
        same = self.chance(0.3)
        return self.quantize(y, shape, parts[0].scale if same else None,
                             parts[0].zero if same else None)

    # -- Windows ---------------------------------------------------------------
    def pool(self):
        """Attributes and shape of the result, or None."""
        kernel = [self.integer(1, 4) for _ in range(2)]
        strides = [self.integer(1, 3) for _ in range(2)]
        pads = [0] * 4
        if self.chance(0.4):
            pads = [self.integer(0, kernel[i % 2]) for i in range(4)]
        size = self.window(kernel, pads, strides)
        return size and (dict(kernel_shape=kernel, strides=strides, pads=pads),
                         [*self.now.shape[:2], *size])

    def max(self):
        pool = self.pool()
        return bool(pool) and self.moved("MaxPool", [], pool[1], **pool[0])

    def average(self):
        pool = self.pool()
        if not pool:
            return False
        more = dict(pool[0], count_include_pad=self.integer(0, 2))
        scale = self.now.scale if self.chance(0.5) else None
        zero = self.now.zero if self.chance(0.5) else None
        if self.integers:
            return self.operate(
                "QLinearAveragePool", self.result(pool[1], scale, zero),
                [self.now.name, *self.numbers(self.now)], domain=MICROSOFT,
                **more)
        y = self.node("AveragePool", [self.real()], **more)
        if self.chance(0.2):
            y = self.node("Relu", [y])
        return self.quantize(y, pool[1], scale, zero)

    def global_average(self):
        shape = [*self.now.shape[:2], 1, 1]
        if self.integers:
            return self.unary("QLinearGlobalAveragePool", shape,
                              channels_last=0)
        return self.quantize(self.node("GlobalAveragePool", [self.real()]),
                             shape)

    def mean(self):
        axis = self.integer(1, 4)
        shape = list(self.now.shape)
        shape[axis] = 1
        # The axes are an attribute up to opset 17.
        return self.quantize(
            self.node("ReduceMean", [self.real()], axes=[axis], keepdims=1),
            shape)

    # -- Elementwise -----------------------------------------------------------
    def unary(self, op, shape=None, scale=None, zero=None, **attributes):
        t = self.result(shape or self.now.shape, scale, zero)
        return self.operate(op, t, [self.now.name, *self.numbers(self.now)],
                            domain=MICROSOFT, **attributes)

    def relu(self):
        return self.quantize(self.node("Relu", [self.real()]), self.now.shape)

    def clip(self):
        low = f32(self.r.uniform(-2, 0))
        bounds = [low, f32(low + self.r.uniform(0.1, 4))]
        names = [self.constant(b) if self.chance(0.8) else "" for b in bounds]
        return self.quantize(self.node("Clip", [self.real(), *names]),
                             self.now.shape)

    def sigmoid(self):
        op = str(self.r.choice(["Sigmoid", "Tanh"]))
        if self.integers:
            return self.unary("QLinearSigmoid", None, 1 / 128)
        return self.quantize(self.node(op, [self.real()]), self.now.shape,
                             1 / 128)

    def leaky(self):
        alpha = float(self.r.uniform(0, 0.5))
        if self.integers:
            return self.unary("QLinearLeakyRelu", alpha=alpha)
        return self.quantize(
            self.node("LeakyRelu", [self.real()], alpha=alpha),
            self.now.shape)

    # -- Moving ----------------------------------------------------------------
    def transpose(self):
        perm = [0, *(int(i) + 1 for i in self.r.permutation(3))]
        return self.moved("Transpose", [], [self.now.shape[i] for i in perm],
                          perm=perm)

    def reshape(self):
        _, c, h, w = self.now.shape
        shapes = [[1, h, c, w], [1, c * h, 1, w], [1, c, w, h]]
        shapes += [[1, c // 2, 2 * h, w]] if c % 2 == 0 else []
        shape = shapes[self.integer(0, len(shapes))]
        return self.moved("Reshape", [self.constant(np.int64(shape))], shape)

    def slice(self):
        axis = self.integer(1, 4)
        size = self.now.shape[axis]
        start, step = self.integer(0, size), self.integer(1, 3)
        end = self.integer(start, size) + 1
        shape = list(self.now.shape)
        shape[axis] = -(-(end - start) // step)
        return self.moved("Slice", [self.constant(np.int64([v])) for v in
                                    (start, end, axis, step)], shape)

    def resize(self):
        times = [self.integer(1, 4) for _ in range(2)]
        _, c, h, w = self.now.shape
        if h * times[0] > 40 or w * times[1] > 40:
            return False
        scales = self.constant(np.array([1, 1, *times], f32))
        return self.moved(
            "Resize", ["", scales], [1, c, h * times[0], w * times[1]],
            mode="nearest", nearest_mode="floor",
            coordinate_transformation_mode="asymmetric")

    def convert(self):
        """To the other signedness."""
        x, shape = self.real(), self.now.shape
        self.set_type(np.int8 if self.dtype == np.uint8 else np.uint8)
        return self.quantize(x, shape)

    # -- The end ---------------------------------------------------------------
    def none(self):
        return False

    def end(self):
        """A product, then perhaps softmax; signed bytes of QDQ form have one
        of them."""
        depth = int(np.prod(self.now.shape))
        self.integers = self.on_integers("end")
        self.moved("Flatten", [], [1, depth], axis=1)
        if self.form != "qdq" or self.fits("conv"):
            self.product(depth, self.size(1, 40))
        if self.storage != "s8-linear" and self.chance(0.3):
            shape = self.now.shape
            if self.on_integers("end"):
                return self.unary("QLinearSoftmax", shape, 1 / 256, self.low,
                                  axis=-1, opset=13)
            self.quantize(self.node("Softmax", [self.real()], axis=-1), shape,
                          1 / 256, self.low)
        return True

    # -- The model -------------------------------------------------------------
    def outputs(self):
        """(name, element type, shape) of each."""
        out = []
        for i, t in enumerate([self.now, *self.taps]):
            name, kind = t.name, t.dtype
            if (self.seed + i) % 2 == 0 or name == "x":
                name, kind = self.real(t), np.float32
            if name not in [o[0] for o in out]:
                out.append((name, kind, t.shape))
        return out

    def model(self):
        outputs = self.outputs()
        needed, nodes = {name for name, _, _ in outputs}, []
        for node in reversed(self.nodes):
            if node.output[0] in needed:
                nodes.insert(0, node)
                needed.update(node.input)

        def value(name, dtype, shape):
            kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
            return helper.make_tensor_value_info(name, kind, shape)

        graph = helper.make_graph(
            nodes, "random",
            [value("x", self.input_dtype, self.input_shape)],
            [value(*o) for o in outputs],
            [c for c in self.constants if c.name in needed])
        model = helper.make_model(graph, opset_imports=[
            helper.make_opsetid("", 13 + self.seed % 5),
            helper.make_opsetid(MICROSOFT, 1)])
        model.ir_version = 8
        return model

    def input(self, rows):
        r = np.random.default_rng(self.seed)
        shape = [rows, *self.input_shape[1:]]
        if self.input_dtype == np.float32:
            return r.normal(0, 3, shape).astype(f32)
        limits = np.iinfo(self.input_dtype)
        return r.integers(limits.min, limits.max + 1, shape).astype(
            self.input_dtype)
