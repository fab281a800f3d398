# SPDX-License-Identifier: Apache-2.0
#
# ONNX's operators on integers, and ONNX Runtime's own (com.microsoft), each
# form as a model of its own, through the command and against ONNX Runtime:
# onnx_integers.py CIMC [FILTER], in a folder of its own. Integers must be
# equal; so must floats but for the gelus and what is summed in float.
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

f32, u8, i8, i32 = np.float32, np.uint8, np.int8, np.int32
MS = "com.microsoft"
random = np.random.default_rng(7)
onnxruntime.set_default_logger_severity(4)


def integers(dtype, *shape, seven=False):
    limits = np.iinfo(dtype)
    low, end = int(limits.min), int(limits.max) + 1
    if seven:  # ONNX Runtime's sums may saturate without VNNI
        low, end = (low // 2, end // 2) if low else (0, 128)
    return random.integers(low, end, shape).astype(dtype)


def normal(*shape):
    return random.standard_normal(shape).astype(f32)


class Case:
    """One node, or a few. Arrays among a node's inputs become initializers;
    those of `x` are the model's inputs, x0, x1, ..."""

    def __init__(self, name, *x, opset=17, exact=True):
        self.name, self.opset, self.exact = name, opset, exact
        self.x = {f"x{i}": np.asarray(a) for i, a in enumerate(x)}
        self.nodes, self.constants, self.outputs = [], [], []

    def node(self, op, *inputs, domain="", outputs=1, **attributes):
        names = []
        for item in inputs:
            if not isinstance(item, str):
                self.constants.append(numpy_helper.from_array(
                    np.asarray(item), f"c{len(self.constants)}"))
                item = self.constants[-1].name
            names.append(item)
        out = [f"t{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, names, out, domain=domain,
                                           **attributes))
        return out if outputs > 1 else out[0]

    def out(self, *names):
        self.outputs += names
        return self

    def one(self, op, *inputs, **more):
        return self.out(self.node(op, *inputs, **more))

    def model(self):
        graph = helper.make_graph(
            self.nodes, "g",
            [helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape)
             for name, a in self.x.items()],
            [onnx.ValueInfoProto(name=name) for name in self.outputs],
            self.constants)
        return helper.make_model(graph, ir_version=10, opset_imports=[
            helper.make_opsetid("", self.opset), helper.make_opsetid(MS, 1)])


def numbers(dtype, scale=None):
    """A scale and a zero point."""
    limits = np.iinfo(dtype)
    return [f32(scale or random.uniform(0.01, 0.1)),
            dtype(random.integers(limits.min, limits.max + 1))]


def linear():
    """Products to 8 bits."""
    for x, w in ((u8, u8), (u8, i8), (i8, i8)):
        name = f"{x.__name__} {w.__name__}"
        ws = [f32(0.004), w(3)]
        y = numbers(x, 0.3)
        a = integers(x, 2, 6, 9, 8)
        k = integers(w, 4, 3, 3, 2, seven=True)
        yield Case(f"QLinearConv {name}", a).one(
            "QLinearConv", "x0", *numbers(x), k, *ws, *y,
            integers(np.int16, 4).astype(i32), group=2, pads=[1, 0, 2, 1],
            strides=[2, 1])
        scales = np.linspace(0.001, 0.01, 4).astype(f32)
        yield Case(f"QLinearConv per channel {name}", a).one(
            "QLinearConv", "x0", *numbers(x), k, scales, np.zeros(4, w), *y,
            group=2, dilations=[2, 1])
        yield Case(f"QLinearConv 1-D {name}", a[0]).one(
            "QLinearConv", "x0", *numbers(x),
            integers(w, 5, 9, 2, seven=True), *ws, *y, auto_pad="SAME_UPPER")
        yield Case(f"QLinearConv 1-D per channel {name}", a[0]).one(
            "QLinearConv", "x0", *numbers(x),
            integers(w, 4, 9, 2, seven=True), scales, np.zeros(4, w), *y,
            integers(np.int16, 4).astype(i32), pads=[1, 0])
        m = integers(w, 8, 5, seven=True)
        yield Case(f"QLinearMatMul {name}", a).one(
            "QLinearMatMul", "x0", *numbers(x), m, *ws, *y)
        yield Case(f"QLinearMatMul per column {name}", a[0, 0]).one(
            "QLinearMatMul", "x0", *numbers(x), m,
            np.linspace(0.001, 0.01, 5).astype(f32), np.zeros(5, w), *y)
        yield Case(f"QLinearMatMul of two {name}", a[0],
                   integers(w, 6, 8, 3, seven=True)).one(
            "QLinearMatMul", "x0", *numbers(x), "x1", *ws, *y)
        row = a[0, 0]
        for bias in (["" for _ in "b"], [integers(np.int16, 5).astype(i32)]):
            yield Case(f"QGemm {name}", row).one(
                "QGemm", "x0", *numbers(x), m, *ws, *bias, *y, domain=MS)
        yield Case(f"QGemm transposed {name}", row).one(
            "QGemm", "x0", *numbers(x), m.T.copy(),
            np.linspace(0.001, 0.01, 5).astype(f32), np.zeros(5, w),
            integers(np.int16, 5).astype(i32), *y, domain=MS, transB=1,
            alpha=1.5)
        yield Case(f"QGemm to float per column {name}", row).one(
            "QGemm", "x0", *numbers(x), m,
            np.linspace(0.001, 0.01, 5).astype(f32), np.zeros(5, w),
            domain=MS)
        yield Case(f"QGemm to float {name}", row).one(
            "QGemm", "x0", *numbers(x), m, *ws,
            integers(np.int16, 5).astype(i32), domain=MS)


def kernels():
    """One scale in, one out."""
    for t in (u8, i8):
        name = t.__name__
        a, b = integers(t, 2, 6, 9, 8), integers(t, 2, 6, 9, 8)
        for op in ("QLinearAdd", "QLinearMul"):
            yield Case(f"{op} {name}", a, b).one(
                op, "x0", *numbers(t), "x1", *numbers(t), *numbers(t),
                domain=MS)
            yield Case(f"{op} row {name}", a).one(
                op, b[0, 0, 0], *numbers(t), "x0", *numbers(t), *numbers(t),
                domain=MS)
        for op in ("QLinearSigmoid", "QLinearLeakyRelu"):
            more = {"alpha": 0.3} if op == "QLinearLeakyRelu" else {}
            yield Case(f"{op} {name}", a).one(
                op, "x0", *numbers(t), f32(0.01), t(5), domain=MS, **more)
        for opset, axis in ((12, 2), (13, 1), (13, -1)):
            yield Case(f"QLinearSoftmax {opset} {axis} {name}", a,
                       opset=opset).one(
                "QLinearSoftmax", "x0", *numbers(t), f32(1 / 256),
                t(np.iinfo(t).min), domain=MS, axis=axis, opset=opset)
        window = dict(kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1])
        for last in (0, 1):
            for count in (0, 1):
                yield Case(f"QLinearAveragePool {last} {count} {name}", a).one(
                    "QLinearAveragePool", "x0", *numbers(t), *numbers(t),
                    domain=MS, channels_last=last, count_include_pad=count,
                    **window)
            yield Case(f"QLinearGlobalAveragePool {last} {name}", a).one(
                "QLinearGlobalAveragePool", "x0", *numbers(t), *numbers(t),
                domain=MS, channels_last=last)
        yield Case(f"QLinearAveragePool of all {name}", a).one(
            "QLinearAveragePool", "x0", *numbers(t, 0.05), f32(0.025), t(3),
            domain=MS, kernel_shape=[9, 8], strides=[2, 2])
        yield Case(f"MaxPool {name}", a).one("MaxPool", "x0", ceil_mode=1,
                                             **window)
        same = numbers(t)
        yield Case(f"QLinearConcat {name}", a, b).one(
            "QLinearConcat", *same, "x0", *same, "x1", *numbers(t),
            integers(t, 2, 1, 9, 8), *numbers(t), domain=MS, axis=1)
        yield Case(f"QLinearConcat of many {name}", a[0]).one(
            "QLinearConcat", *same, *(["x0", *same] * 19), domain=MS, axis=-1)
        yield Case(f"QLinearWhere {name}", a, b, random.random(
            (6, 1, 8)) < 0.5).one("QLinearWhere", "x2", "x0", *numbers(t),
                                  "x1", *numbers(t), *numbers(t), domain=MS)


def sums():
    """Products to int32, zero points constant, left out, or computed."""
    for x in (u8, i8):
        for w in (u8, i8):
            name = f"{x.__name__} {w.__name__}"
            a, m = integers(x, 2, 3, 8), integers(w, 8, 5, seven=True)
            for points in ([], [x(7)], ["", w(3)], [x(7), w(3)]):
                yield Case(f"MatMulInteger {len(points)} {name}", a).one(
                    "MatMulInteger", "x0", m, *points)
            yield Case(f"MatMulInteger per column {name}", a).one(
                "MatMulInteger", "x0", m, x(7), integers(w, 5))
            yield Case(f"MatMulInteger of two {name}", a,
                       integers(w, 2, 8, 5, seven=True)).one(
                "MatMulInteger", "x0", "x1", x(7), w(3))
            yield Case(f"MatMulInteger computed {name}", a, x(200 if x == u8
                                                              else -100)).one(
                "MatMulInteger", "x0", m, "x1", w(3))
            yield Case(f"MatMulInteger both computed {name}", a,
                       integers(w, 8, 5, seven=True), x(9), w(5)).one(
                "MatMulInteger", "x0", "x1", "x2", "x3")
            c, k = integers(x, 1, 4, 7, 6), integers(w, 3, 4, 3, 2, seven=True)
            for points in ([], [x(7)], [x(7), w(3)]):
                yield Case(f"ConvInteger {len(points)} {name}", c).one(
                    "ConvInteger", "x0", k, *points, pads=[1, 0, 1, 1],
                    strides=[1, 2])
            for pads in ([0, 0, 0, 0], [2, 1, 0, 1]):
                yield Case(f"ConvInteger computed {pads} {name}", c, x(9)).one(
                    "ConvInteger", "x0", k, "x1", w(3), pads=pads,
                    dilations=[2, 1])


def dynamic():
    for i, x in enumerate((normal(3, 8), np.abs(normal(3, 8)),
                           -np.abs(normal(3, 8)), np.zeros((3, 8), f32),
                           normal(3, 8) * 1e-30, normal(3, 8) * 1e30)):
        case = Case(f"DynamicQuantizeLinear {i}", x)
        yield case.out(*case.node("DynamicQuantizeLinear", "x0", outputs=3))
    for w in (u8, i8):
        m, a = integers(w, 8, 5, seven=True), normal(2, 3, 8)
        case = Case(f"dynamic product {w.__name__}", a)
        q, scale, zero = case.node("DynamicQuantizeLinear", "x0", outputs=3)
        acc = case.node("MatMulInteger", q, m, zero, w(3))
        real = case.node("Cast", acc, to=TensorProto.FLOAT)
        factor = case.node("Mul", scale, f32(0.02))
        real = case.node("Mul", real, factor)
        yield case.out(case.node("Add", real, normal(5)))
        case = Case(f"dynamic convolution {w.__name__}", normal(1, 4, 7, 6))
        q, scale, zero = case.node("DynamicQuantizeLinear", "x0", outputs=3)
        acc = case.node("ConvInteger", q, integers(w, 3, 4, 3, 3, seven=True),
                        zero, w(3), pads=[1, 1, 1, 1])
        real = case.node("Cast", acc, to=TensorProto.FLOAT)
        yield case.out(case.node("Mul", real, scale))
        for points in ([], [w(3)], [w(3), normal(5)]):
            yield Case(f"DynamicQuantizeMatMul {len(points)} {w.__name__}",
                       a).one("DynamicQuantizeMatMul", "x0", m, f32(0.02),
                              *points, domain=MS)
        yield Case(f"DynamicQuantizeMatMul per column {w.__name__}", a).one(
            "DynamicQuantizeMatMul", "x0", m,
            np.linspace(0.001, 0.01, 5).astype(f32), np.zeros(5, w),
            domain=MS)
        for more in ([], [u8(9), w(3)], [u8(9), w(3), normal(5)]):
            yield Case(f"MatMulIntegerToFloat {len(more)} {w.__name__}",
                       integers(u8, 2, 3, 8)).one(
                "MatMulIntegerToFloat", "x0", m, f32(0.1), f32(0.02), *more,
                domain=MS)


def computed():
    """Scales known at run time only."""
    for t in (u8, i8, np.int16):
        case = Case(f"QuantizeLinear computed {t.__name__}", normal(3, 5),
                    f32(0.02), t(7), opset=21)
        q = case.node("QuantizeLinear", "x0", "x1", "x2")
        yield case.out(q, case.node("DequantizeLinear", q, "x1", "x2"))
    yield Case("QuantizeLinear computed scale", normal(3, 5), f32(0.02)).one(
        "QuantizeLinear", "x0", "x1")
    yield Case("DequantizeLinear computed int32", integers(np.int16, 9).astype(
        i32), f32(0.02)).one("DequantizeLinear", "x0", "x1")


def four_bits(values, kind):
    return helper.make_tensor("w", kind, values.shape, values.ravel().tolist())


def dequantized():
    """Weights of few bits, and of a scale for each block."""
    a = integers(u8, 1, 4, 6, 6)
    for t in (np.int16, np.uint16):
        q = numbers(t, 0.001)
        yield Case(f"QuantizeLinear {t.__name__}", normal(3, 5),
                   opset=21).one("QuantizeLinear", "x0", *q)
        yield Case(f"DequantizeLinear {t.__name__}", integers(t, 3, 5),
                   opset=21).one("DequantizeLinear", "x0", *q)
        yield Case(f"{MS} {t.__name__}", integers(t, 3, 5)).one(
            "DequantizeLinear", "x0", *q, domain=MS)
    yield Case(f"{MS} QuantizeLinear", normal(3, 5)).one(
        "QuantizeLinear", "x0", *numbers(u8), domain=MS)
    for kind, low in ((TensorProto.INT4, -8), (TensorProto.UINT4, 0)):
        name = TensorProto.DataType.Name(kind)
        for op, shape in (("Conv", (6, 4, 3, 3)), ("MatMul", (6, 5))):
            case = Case(f"{op} {name}", a, opset=21, exact=False)
            case.constants.append(four_bits(
                random.integers(low, low + 16, shape), kind))
            axis = 0 if op == "Conv" else 1
            w = case.node("DequantizeLinear", "w", np.linspace(
                0.01, 0.02, shape[axis]).astype(f32), axis=axis)
            x = case.node("DequantizeLinear", "x0", f32(0.02), u8(128))
            yield case.out(case.node(op, x, w))
    for t in (i8, u8):
        for block in (2, 3):
            w = integers(t, 6, 5)
            shape = (-(-6 // block), 5)
            case = Case(f"MatMul by blocks of {block} {t.__name__}",
                        normal(2, 6), opset=21, exact=False)
            real = case.node(
                "DequantizeLinear", w,
                np.abs(normal(*shape)) + f32(0.01), integers(t, *shape),
                axis=0, block_size=block)
            yield case.out(case.node("MatMul", "x0", real))
    for scale, zero, axis in ((f32(0.01), i8(3), 1), (
            np.linspace(0.01, 0.02, 5).astype(f32), integers(i8, 5), 1), (
            np.linspace(0.01, 0.02, 4).astype(f32), np.zeros(4, i8), 0)):
        case = Case(f"ConvTranspose of {scale.size} scales", normal(1, 4, 6, 6),
                    exact=False)
        w = case.node("DequantizeLinear", integers(i8, 4, 5, 3, 2), scale,
                      zero, axis=axis)
        yield case.out(case.node("ConvTranspose", "x0", w, strides=[2, 1]))
    case = Case("Pad with a quantized value", normal(2, 3))
    value = case.node("DequantizeLinear", u8(7), f32(0.5), u8(3))
    yield case.out(case.node("Pad", "x0", np.array([0, 1, 2, 0]), value))
    for t in (i8, u8):
        for mode in ("half_pixel", "asymmetric"):
            yield Case(f"Resize {mode} {t.__name__}", integers(t, 1, 3, 5, 4)
                       ).one("Resize", "x0", "",
                             np.array([1, 1, 2, 2], f32), mode="linear",
                             coordinate_transformation_mode=mode)
    half = normal(6, 5).astype(np.float16)
    case = Case("MatMul of float16 cast", normal(2, 6), exact=False)
    yield case.out(case.node("MatMul", "x0", case.node(
        "Cast", half, to=TensorProto.FLOAT)))


def fused():
    x, k, b = normal(1, 4, 7, 6), normal(3, 4, 3, 3), normal(3)
    for activation, params in (("Relu", []), ("LeakyRelu", [0.2]),
                               ("Clip", [-0.5, 0.5]), ("Sigmoid", []),
                               ("Tanh", []), ("HardSigmoid", [0.3, 0.4])):
        yield Case(f"FusedConv {activation}", x, exact=False).one(
            "FusedConv", "x0", k, b, domain=MS, activation=activation,
            **({"activation_params": params} if params else {}))
    yield Case("FusedConv with an addend", x, normal(1, 3, 5, 4),
               exact=False).one("FusedConv", "x0", k, b, "x1", domain=MS,
                                activation="Relu")
    yield Case("FusedGemm", normal(2, 6), exact=False).one(
        "FusedGemm", "x0", normal(6, 5), normal(5), domain=MS,
        activation="LeakyRelu", activation_alpha=0.2, alpha=0.5)
    yield Case("Gelu", normal(2, 6), exact=False).one("Gelu", "x0", domain=MS)
    yield Case("BiasGelu", normal(2, 6), exact=False).one(
        "BiasGelu", "x0", normal(6), domain=MS)
    yield Case("FastGelu", normal(2, 6), exact=False).one(
        "FastGelu", "x0", domain=MS)
    yield Case("FastGelu with a bias", normal(2, 6), exact=False).one(
        "FastGelu", "x0", normal(6), domain=MS)
    yield Case("QuickGelu", normal(2, 6), exact=False).one(
        "QuickGelu", "x0", domain=MS, alpha=1.5)


def run_cimc(cimc, case):
    command = [cimc, "m.onnx", "--run", "-q", "--cache=off"]
    for name, array in case.x.items():
        np.save(f"{name}.npy", array)
        command.append(f"--input={name}={name}.npy")
    command += [f"--output={name}={name}.npy" for name in case.outputs]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return done.stderr.strip()[:300]
    return [np.load(f"{name}.npy") for name in case.outputs]


def fault(case, found, wanted):
    """What differs in one output, or None."""
    if found.shape != wanted.shape or found.dtype != wanted.dtype:
        return f"{found.dtype}{found.shape}, not {wanted.dtype}{wanted.shape}"
    if case.exact:
        differ = int((found != wanted).sum())
        return f"{differ} of {found.size} differ" if differ else None
    error = np.abs(found.astype(float) - wanted).max()
    return f"off by {error}" if error > 2e-5 else None


def check(cimc, case):
    onnx.save(case.model(), "m.onnx")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = \
        onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        "m.onnx", options, providers=["CPUExecutionProvider"])
    expected = session.run(case.outputs, case.x)
    found = run_cimc(cimc, case)
    if isinstance(found, str):
        return found
    faults = [fault(case, *pair) for pair in zip(found, expected)]
    return next((f for f in faults if f), None)


def main(cimc, wanted=""):
    wrong = total = 0
    for group in (linear, kernels, sums, dynamic, computed, dequantized,
                  fused):
        for case in group():
            if wanted not in case.name:
                continue
            total += 1
            text = check(cimc, case)
            if text:
                wrong += 1
                print(f"{case.name}: {text}", flush=True)
    print(f"{wrong} of {total} operators differ from ONNX Runtime")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
