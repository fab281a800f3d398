# SPDX-License-Identifier: Apache-2.0
#
# Every operator in every form of one opset, as models with many outputs,
# through the command and against ONNX Runtime (not optimized):
# onnx_opsets.py CIMC basic|more OPSET..., in a folder of its own. The cases of
# "more" stand in onnx_operators.py.
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

SPATIAL = dict(strides=[2, 1], kernel_shape=[3, 2])


class Cases:
    """The nodes, initializers and outputs of one model."""

    def __init__(self, opset):
        self.opset = opset
        self.random = np.random.default_rng(opset)
        self.nodes, self.constants, self.outputs = [], [], []
        self.inputs = {}
        for name, shape in (("x1", (4,)), ("x2", (2, 3)), ("x3", (2, 3, 4)),
                            ("x4", (1, 2, 8, 7)), ("x5", (2, 3, 4, 5)),
                            ("s1", (1, 3, 1))):
            self.inputs[name] = self.normal(*shape)
        for name, dtype, low in (("i3", np.int32, -50), ("l3", np.int64, -50),
                                 ("u3", np.uint8, 0), ("a3", np.int8, -50),
                                 ("b3", bool, 0)):
            numbers = self.random.integers(low, 2 if dtype is bool else 50,
                                           (2, 3, 4))
            self.inputs[name] = numbers.astype(dtype)

    def normal(self, *shape):
        return self.random.standard_normal(shape).astype(np.float32)

    def constant(self, array):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, op, inputs, **attributes):
        """Arrays among the inputs become initializers."""
        names = [self.constant(item) if isinstance(item, (np.ndarray,
                                                          np.generic))
                 else item for item in inputs]
        output = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, names, [output],
                                           name=f"{op}_{output}", **attributes))
        return output

    def case(self, op, *inputs, kind=TensorProto.FLOAT, **attributes):
        self.outputs.append((self.node(op, inputs, **attributes), kind))

    def several(self, op, inputs, kinds, **attributes):
        """Of a node with as many outputs as kinds, all are outputs."""
        first = self.node(op, inputs, **attributes)
        names = [f"{first}_{i}" for i in range(len(kinds))]
        del self.nodes[-1].output[:]
        self.nodes[-1].output.extend(names)
        self.outputs += zip(names, kinds)

    def used(self):
        """The inputs that a node has."""
        names = {name for node in self.nodes for name in node.input}
        return {name: array for name, array in self.inputs.items()
                if name in names}

    def model(self):
        graph = helper.make_graph(
            self.nodes, "g",
            [helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(array.dtype),
                array.shape) for name, array in self.used().items()],
            [helper.make_tensor_value_info(name, kind, None)
             for name, kind in self.outputs], self.constants)
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", self.opset)],
            ir_version=8)


def ints(*values):
    return np.array(values, dtype=np.int64)


def elementwise(cases):
    for op in ("Relu", "Sigmoid", "Tanh", "Identity"):
        cases.case(op, "x5")
    for op in ("Add", "Sub", "Mul"):
        cases.case(op, "x3", cases.normal(4))
        cases.case(op, "x3", cases.normal(3, 1))
        cases.case(op, cases.normal(2, 1, 4), "x3")
        cases.case(op, "x2", np.float32(2.5))
    cases.case("Div", "x2", np.float32(3))
    cases.case("Div", "x3", cases.normal(4) + 5)
    if cases.opset < 11:
        cases.case("Clip", "x2", min=-0.5, max=0.7)
        cases.case("Clip", "x2", max=0.7)
    else:
        cases.case("Clip", "x2", np.float32(-0.5), np.float32(0.7))
        cases.case("Clip", "x2", "", np.float32(0.7))
        cases.case("Clip", "x2", np.float32(0))
    cases.case("Cast", "x2", to=TensorProto.FLOAT)
    if cases.opset >= 12:
        cases.case("Dropout", "x2", np.float32(0.3))
    else:
        cases.case("Dropout", "x2", ratio=0.3)


def products(cases):
    n = cases.normal
    cases.case("Gemm", "x2", n(3, 4), n(4))
    cases.case("Gemm", "x2", n(2, 4), n(1, 4), transA=1, alpha=0.5, beta=2.0)
    cases.case("Gemm", "x2", n(4, 3), n(2, 1), transB=1, beta=0.25)
    cases.case("Gemm", n(4, 3), "x2", n(2), transB=1, alpha=1.5)
    if cases.opset >= 11:
        cases.case("Gemm", "x2", n(3, 4))
    for shape in ((3, 4), (3,), (1, 3, 4)):
        cases.case("MatMul", "x2", n(*shape))
    cases.case("MatMul", "x1", n(4, 5))
    cases.case("MatMul", "x3", n(4, 5))
    cases.case("MatMul", "x3", n(2, 4, 5))


def windows(cases):
    n = cases.normal
    cases.case("Conv", "x5", n(6, 3, 3, 3), n(6), pads=[1, 0, 2, 1],
               strides=[2, 1], dilations=[1, 2])
    cases.case("Conv", "x4", n(4, 1, 3, 3), group=2)
    cases.case("Conv", "x3", n(5, 3, 2), n(5), pads=[1, 0])
    for mode in ("SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"):
        cases.case("Conv", "x4", n(3, 2, 3, 2), auto_pad=mode, **SPATIAL)
        cases.case("MaxPool", "x4", auto_pad=mode, **SPATIAL)
    for op in ("GlobalAveragePool", "GlobalMaxPool"):
        cases.case(op, "x5")
    cases.case("MaxPool", "x3", kernel_shape=[3], strides=[2], pads=[1, 1])
    for count in (0, 1):
        cases.case("AveragePool", "x4", kernel_shape=[3, 3], strides=[2, 2],
                   pads=[1, 1, 1, 1], count_include_pad=count)
    if cases.opset >= 10:
        cases.case("MaxPool", "x4", kernel_shape=[3, 3], strides=[2, 2],
                   ceil_mode=1)
    scales = [n(3), n(3), n(3), np.abs(n(3))]
    cases.case("BatchNormalization", "x5", *scales, epsilon=1e-3)
    cases.case("BatchNormalization", "x2", *scales)


def reductions(cases):
    for axis in (0, 1, 2):
        cases.case("Softmax", "x3", axis=axis)
    cases.case("Softmax", "x3")
    for axes, keep in (([1], 1), ([2, 3], 0), ([0, 3], 1), (None, 1)):
        if cases.opset >= 18:
            more = [] if axes is None else [ints(*axes)]
            cases.case("ReduceMean", "x5", *more, keepdims=keep)
        else:
            more = {} if axes is None else {"axes": axes}
            cases.case("ReduceMean", "x5", keepdims=keep, **more)
    if cases.opset >= 18:
        cases.case("ReduceMean", "x2", ints(), noop_with_empty_axes=1)


def shapes(cases):
    for shape in ((6, 4), (0, -1), (-1,), (2, 3, 2, 2)):
        cases.case("Reshape", "x3", ints(*shape))
    for axis in (0, 2, 3):
        cases.case("Flatten", "x3", axis=axis)
    cases.case("Transpose", "x3")
    cases.case("Transpose", "x3", perm=[1, 2, 0])
    cases.case("Squeeze", "s1")
    if cases.opset < 13:
        cases.case("Squeeze", "s1", axes=[0])
        cases.case("Unsqueeze", "x2", axes=[0, 3])
    else:
        cases.case("Squeeze", "s1", ints(-1))
        cases.case("Unsqueeze", "x2", ints(-1, 0))
    if cases.opset < 11:
        cases.case("Pad", "x2", mode="constant", pads=[1, 0, 2, 3], value=1.5)
    else:
        cases.case("Pad", "x2", ints(1, 0, 2, 3), np.float32(1.5))
    if cases.opset >= 18:
        cases.case("Pad", "x3", ints(1, 2), "", ints(-1))


def constants(cases):
    """The arithmetic by which exporters compute a shape."""
    shape = cases.node("Shape", ["x3"])
    batch = cases.node("Gather", [shape, np.int64(0)])
    if cases.opset < 13:
        batch = cases.node("Unsqueeze", [batch], axes=[0])
    else:
        batch = cases.node("Unsqueeze", [batch, ints(0)])
    batch = cases.node("Mul", [batch, ints(3)])
    whole = cases.node("Concat", [batch, ints(-1)], axis=0)
    cases.case("Reshape", "x3", whole)
    if cases.opset >= 10:
        part = cases.node("Slice", [shape, ints(1), ints(2)])
        real = cases.node("Cast", [part], to=TensorProto.FLOAT)
        part = cases.node("Cast", [real], to=TensorProto.INT64)
        whole = cases.node("Concat", [ints(-1), part], axis=0)
        cases.case("Reshape", "x3", whole)
    if cases.opset >= 9:
        two = helper.make_tensor("v", TensorProto.FLOAT, [1], [2.5])
        cases.case("Add", "x2", cases.node("ConstantOfShape", [ints(2, 3)],
                                           value=two))
    if cases.opset >= 12:
        for value in ({"value_float": 1.5}, {"value_floats": [1., 2., 3.]}):
            cases.case("Add", "x2", cases.node("Constant", [], **value))


def quantized(cases):
    if cases.opset < 10:
        return
    kinds = [(np.int8, TensorProto.INT8), (np.uint8, TensorProto.UINT8)]
    for kind, onnx_kind in kinds:
        pair = [np.float32(0.02), kind(3)]
        cases.case("QuantizeLinear", "x2", *pair, kind=onnx_kind)
        integers = cases.node("QuantizeLinear", ["x3", *pair])
        cases.case("DequantizeLinear", integers, *pair)
    integers = cases.node("QuantizeLinear", ["x2", np.float32(0.05)])
    cases.case("DequantizeLinear", integers, np.float32(0.05))
    weights = cases.random.integers(-100, 100, (3, 4)).astype(np.int8)
    if cases.opset >= 13:
        scales = np.abs(cases.normal(4)) + np.float32(0.01)
        real = cases.node("DequantizeLinear", [weights, scales], axis=-1)
    else:
        real = cases.node("DequantizeLinear", [weights, np.float32(0.02)])
    cases.case("MatMul", "x2", real)


def oracle(path, inputs):
    onnxruntime.set_default_logger_severity(3)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = \
        onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(path, options,
                                           providers=["CPUExecutionProvider"])
    return session.run(None, inputs)


def wrong(found, wanted):
    if found.shape != wanted.shape or found.dtype != wanted.dtype:
        return (f"{found.dtype} {found.shape}, not {wanted.dtype} "
                f"{wanted.shape}")
    near = 2e-5 if found.dtype == np.float32 else 0
    if np.allclose(found, wanted, rtol=near, atol=near, equal_nan=True):
        return None
    return f"off by {np.abs(found.astype(float) - wanted).max()}"


def check(cimc, opset, groups):
    cases = Cases(opset)
    for group in groups:
        group(cases)
    onnx.save(cases.model(), "m.onnx")
    expected = oracle("m.onnx", cases.used())
    command = [cimc, "m.onnx", "--run"]
    for name, array in cases.used().items():
        np.save(f"{name}.npy", array)
        command.append(f"--input={name}={name}.npy")
    command += [f"--output={name}={name}.out.npy" for name, _ in cases.outputs]
    if subprocess.run(command).returncode != 0:
        sys.exit(f"opset {opset}: cimc failed")
    bad = 0
    for (name, _), wanted in zip(cases.outputs, expected):
        node = next(n for n in cases.nodes if name in n.output)
        reason = wrong(np.load(f"{name}.out.npy"), wanted)
        if reason:
            print(f"opset {opset}: {node.name}: {reason}")
            bad += 1
    if bad:
        sys.exit(1)
    print(f"opset {opset}: {len(cases.outputs)} outputs agree")


# Each tuple is a model: the command passes up to 58 tensors.
BASIC = [(elementwise, products), (windows, reductions),
         (shapes, constants, quantized)]

if __name__ == "__main__":
    import onnx_operators
    models = BASIC if sys.argv[2] == "basic" else onnx_operators.MODELS
    for number in sys.argv[3:]:
        for groups in models:
            check(sys.argv[1], int(number), groups)
