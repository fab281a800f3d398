# SPDX-License-Identifier: Apache-2.0
#
# Small sound files of every format, for damage to begin with, and the
# findings of the past: seeds.py FOLDER FINDINGS
import os
import shutil
import sys

import numpy as np

import onnx_writer as onnx
import tflite_writer as lite

folder, findings = sys.argv[1:]
for name in os.listdir(findings):
    if not name.endswith(".md"):
        shutil.copy(os.path.join(findings, name), folder)
os.chdir(folder)


# -- ONNX ----------------------------------------------------------------------
def quantized():
    scale = [onnx.floats("s", [], [0.5]),
             onnx.tensor("z", onnx.INT8, [], b"\x03")]
    return onnx.model(
        [onnx.node("QuantizeLinear", ["x", "s", "z"], ["q"], "quantize"),
         onnx.node("DequantizeLinear", ["q", "s", "z"], ["d"]),
         onnx.node("DequantizeLinear", ["w", "ws"], ["wd"], axis=0),
         onnx.node("Conv", ["d", "wd", "b"], ["c"], "conv", pads=[1, 1, 1, 1],
                   strides=[2, 2], dilations=[1, 1], group=1),
         onnx.node("BatchNormalization", ["c", "b", "b", "b", "v"], ["n"]),
         onnx.node("Clip", ["n", "low", "high"], ["r"]),
         onnx.node("AveragePool", ["r"], ["a"], kernel_shape=[2, 2],
                   ceil_mode=1),
         onnx.node("Flatten", ["a"], ["f"]),
         onnx.node("Gemm", ["f", "g"], ["y"], transB=1, alpha=0.5)],
        [onnx.value("x", ["N", 2, 4, 4])], [onnx.value("y", None)],
        scale + [onnx.tensor("w", onnx.INT8, [2, 2, 3, 3], bytes(range(36))),
                 onnx.floats("ws", [2], [0.25, 0.5]),
                 onnx.floats("b", [2], [1, 2]),
                 onnx.tensor("v", onnx.DOUBLE, [2], double_data=[1, 2]),
                 onnx.floats("low", [], [0]), onnx.floats("high", [], [6]),
                 onnx.tensor("g", onnx.FLOAT16, [3, 2], int32_data=range(6))])


def qlinear():
    one = [onnx.floats("s", [], [0.5]),
           onnx.tensor("z", onnx.UINT8, [], b"\x03")]
    return onnx.model(
        [onnx.node("QLinearConv", ["x", "s", "z", "w", "s", "z", "s", "z"],
                   ["c"], pads=[1, 0, 1, 0]),
         onnx.node("QLinearMatMul", ["c", "s", "z", "m", "s", "z", "s", "z"],
                   ["d"]),
         onnx.node("Reshape", ["d", "t"], ["r"]),
         onnx.node("DequantizeLinear", ["r", "s", "z"], ["y"])],
        [onnx.value("x", [1, 2, 3, 4], onnx.UINT8)], [onnx.value("y", None)],
        one + [onnx.tensor("w", onnx.UINT8, [2, 2, 3, 1], bytes(range(12))),
               onnx.tensor("m", onnx.UINT8, [4, 2], bytes(range(8))),
               onnx.int64s("t", [2, -1])])


def shapes():
    return onnx.model(
        [onnx.node("Constant", [], ["two"], value=onnx.int64s("", [2])),
         onnx.node("Shape", ["x"], ["s"]),
         onnx.node("Gather", ["s", "i"], ["n"]),
         onnx.node("Mul", ["n", "two"], ["m"]),
         onnx.node("Concat", ["m", "r"], ["t"], axis=0),
         onnx.node("Reshape", ["x", "t"], ["p"]),
         onnx.node("Pad", ["p", "pads"], ["o"], mode="constant"),
         onnx.node("Transpose", ["o"], ["v"], perm=[1, 0]),
         onnx.node("Slice", ["v", "i", "two"], ["l"]),
         onnx.node("Softmax", ["l"], ["u"], axis=0),
         onnx.node("ReduceMean", ["u"], ["y"], axes=[1], keepdims=0)],
        [onnx.value("x", [2, 3, 4])], [onnx.value("y", None)],
        [onnx.int64s("i", [0]), onnx.int64s("r", [-1]),
         onnx.tensor("pads", onnx.INT64, [4], int64_data=[0, 1, 1, 0])])


def resized():
    return onnx.model(
        [onnx.node("Resize", ["x", "", "f"], ["r"], mode="linear"),
         onnx.node("ConvTranspose", ["r", "w"], ["t"], strides=[2, 2]),
         onnx.node("Split", ["t"], ["a", "b"], axis=1),
         onnx.node("Where", ["c", "a", "b"], ["h"]),
         onnx.node("ReduceL2", ["h", "axes"], ["n"], keepdims=1),
         onnx.node("LayerNormalization", ["n", "g"], ["y"], axis=-1)],
        [onnx.value("x", [1, 1, 2, 3])], [onnx.value("y", None)],
        [onnx.floats("f", [4], [1, 1, 2, 2]),
         onnx.floats("w", [1, 2, 2, 2], range(8)),
         onnx.floats("g", [1], [1]), onnx.int64s("axes", [2]),
         onnx.tensor("c", onnx.BOOL, [1], b"\x01")], opset=18)


for make in (quantized, qlinear, shapes, resized):
    onnx.save(make.__name__ + ".onnx", make())


# -- TensorFlow Lite -----------------------------------------------------------
def image(m, name, shape=(1, 4, 4, 2)):
    return m.tensor(name, list(shape), lite.INT8, 0.5, 3)


def network():
    m = lite.Model()
    x = m.input("x", [1, 4, 4, 2], lite.INT8, 0.5, 3)
    w = m.constant("w", np.arange(36, dtype=np.int8).reshape(2, 3, 3, 2),
                   [0.25, 0.5])
    b = m.constant("b", np.int32([4, -7]), [0.125, 0.25])
    d = m.constant("d", np.arange(18, dtype=np.int8).reshape(1, 3, 3, 2),
                   [0.25, 0.5], axis=3)
    c = m.op("CONV_2D", [x, w, b], image(m, "c"),
             lite.conv("SAME", activation=1), 3)
    e = m.op("DEPTHWISE_CONV_2D", [c, d, b], image(m, "e"),
             lite.conv("SAME", multiplier=1), 3)
    s = m.op("ADD", [c, e], image(m, "s"), {0: lite.Scalar("b", 0)}, 2)
    p = m.op("AVERAGE_POOL_2D", [s], image(m, "p", (1, 2, 2, 2)),
             lite.pool((2, 2), (2, 2)), 2)
    shape = m.constant("shape", np.int32([1, 8]))
    r = m.op("RESHAPE", [p, shape], image(m, "r", (1, 8)),
             lite.i32s(0, [1, 8]))
    v = m.constant("v", np.arange(24, dtype=np.int8).reshape(3, 8), 0.25)
    f = m.op("FULLY_CONNECTED", [r, v, None], image(m, "f", (1, 3)),
             lite.i8(0, 0), 4)
    y = m.op("SOFTMAX", [f], m.tensor("y", [1, 3], lite.INT8, 1 / 256, -128),
             lite.f32(0, 1.0), 2)
    return m, [y]


def moves():
    m = lite.Model()
    x = m.input("x", [1, 4, 4, 2])
    half = m.constant("half", np.float16([[0.5, 2]]))
    axes = m.constant("axes", np.int32([1, 2]))
    pads = m.constant("pads", np.int32([[0, 0], [1, 1], [1, 1], [0, 0]]))
    size = m.constant("size", np.int32([8, 8]))
    w = m.op("DEQUANTIZE", [half], m.tensor("wide", [1, 2]))
    a = m.op("MUL", [x, w], m.tensor("a", [1, 4, 4, 2]),
             {0: lite.Scalar("b", 0)})
    p = m.op("PAD", [a, pads], m.tensor("p", [1, 6, 6, 2]))
    r = m.op("RESIZE_BILINEAR", [p, size], m.tensor("r", [1, 8, 8, 2]),
             {2: lite.Scalar("b", 0), 3: lite.Scalar("b", 1)})
    c = m.op("CONCATENATION", [r, r], m.tensor("c", [1, 8, 8, 4]),
             lite.i32(0, 3))
    axis = m.constant("axis", np.int32(3))
    s = [m.tensor("s0", [1, 8, 8, 2]), m.tensor("s1", [1, 8, 8, 2])]
    m.op("SPLIT", [axis, c], s, lite.i32(0, 2))
    y = m.op("MEAN", [s[1], axes], m.tensor("y", [1, 2]),
             {0: lite.Scalar("b", 0)})
    return m, [s[0], y]


for make in (network, moves):
    model, outputs = make()
    model.save(make.__name__ + ".tflite", *outputs)

# -- NumPy ---------------------------------------------------------------------
for i, dtype in enumerate(["<f4", ">f4", "|i1", "|u1", "<i2", ">i4", "<i8",
                           "<f8", "|b1"]):
    np.save(f"{i}.npy", np.arange(24).reshape(2, 3, 4).astype(dtype))
np.save("fortran.npy", np.asfortranarray(np.arange(6).reshape(2, 3)))
np.save("scalar.npy", np.float32(1))
np.save("empty.npy", np.zeros((0, 3), np.float32))

# -- MLIR ----------------------------------------------------------------------
open("text.mlir", "w").write('''// A comment, (with [brackets {in it.
#map = affine_map<(d0, d1) -> (d0 + d1 * 2 - 1 floordiv 3, d1 mod 4)>
!q = !quant.uniform<i8:f32:1, {0.5:3, 1.000000e-01}>
module attributes {text = "a \\"string\\" ([{<",
                   list = [1, -2 : i8, array<i64: 1>]} {
  func.func @main(%x: tensor<1x?xf32> {qgemm.name = "x"}) -> tensor<1x2xf32> {
    %0 = "qgemm.relu"(%x) : (tensor<1x?xf32>) -> tensor<1x2xf32>
    return %0 : tensor<1x2xf32> loc("y"("f.onnx":1:2))
  }
}
''')
