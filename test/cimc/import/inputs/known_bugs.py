# SPDX-License-Identifier: Apache-2.0
#
# One file or more for each class of bug that readers of models are known to
# have had, with what must be said of it: known_bugs.py CIMC, in a folder of its
# own. Exit code 1, the file's name, one error, no output; never a crash.
import os
import subprocess
import sys

import numpy as np

import tflite_writer as lite
from onnx_writer import *

CASES = []


def onnx_case(what, said, nodes, x=(1, 4), constants=(), **more):
    content = model(nodes, [value("x", list(x))], [value("y", None)],
                    constants, **more)
    CASES.append((what, ".onnx", content, said))


def lite_case(what, said, build, shape=(1, 4), output=(1, 4), **more):
    m = lite.Model()
    x = m.input("x", list(shape))
    y = m.tensor("y", list(output))
    build(m, x, y)
    CASES.append((what, ".tflite", m.bytes(y, **more), said))


def conv(weights, said, what, x=(1, 2, 4, 4), **attributes):
    onnx_case(what, said, [node("Conv", ["x", "w"], ["y"], **attributes)], x,
              [floats("w", weights, [1] * int(np.prod(weights)))])


def lite_conv(what, said, weights=(2, 3, 3, 2), shape=(1, 4, 4, 2),
              output=(1, 2, 2, 2), **options):
    def build(m, x, y):
        w = m.constant("w", np.ones(weights, np.float32))
        m.op("CONV_2D", [x, w, None], y, lite.conv(**options))
    lite_case(what, said, build, shape, output)


# -- A size that overflows an int ----------------------------------------------
for dims in ([1 << 16, 1 << 16], [1 << 31, 1 << 31, 4], [1 << 62, 4], [-1, 4]):
    onnx_case("size overflow", "",
              [node("Add", ["x", "w"], ["y"])], (1, 4),
              [tensor("w", FLOAT, dims, bytes(16))])
conv([2, 2, 3, 3], "pads", "size overflow", pads=[1 << 62] * 4)
for dims in ([1 << 16, 1 << 16], [1 << 30, 1 << 30, 16], [-2, -2]):
    def add(m, x, y, dims=dims):
        w = m.constant("w", np.ones(4, np.float32), shape=dims)
        m.op("ADD", [x, w], y, {0: lite.Scalar("b", 0)})
    lite_case("size overflow", "'w'", add)
lite_conv("size overflow", "stride", strides=(-1, -1))

# -- An axis below -rank -------------------------------------------------------
for op in ("Softmax", "Flatten"):
    onnx_case("axis below -rank", "axis",
              [node(op, ["x"], ["y"], axis=-3)])
onnx_case("axis below -rank", "axis",
          [node("Concat", ["x", "x"], ["y"], axis=-3)])
onnx_case("axis below -rank", "axis",
          [node("Squeeze", ["x", "a"], ["y"])], (1, 4), [int64s("a", [-9])])
onnx_case("axis below -rank", "axis",
          [node("Gather", ["x", "i"], ["y"], axis=-3)], (1, 4),
          [int64s("i", [0])])
lite_case("axis below -rank", "axis", lambda m, x, y: m.op(
    "CONCATENATION", [x, x], y, lite.i32(0, -3)), output=(1, 8))
lite_case("axis below -rank", "ax", lambda m, x, y: m.op(
    "MEAN", [x, m.constant("a", np.int32([-3]))], y,
    {0: lite.Scalar("b", 0)}), output=(1,))

# -- A stride, group, kernel or dimension of zero ------------------------------
conv([2, 2, 3, 3], "strides", "zero stride", strides=[0, 1])
conv([2, 2, 3, 3], "group", "zero group", group=0)
conv([2, 2, 3, 3], "dilations", "zero dilation", dilations=[0, 0])
onnx_case("zero kernel", "kernel_shape",
          [node("MaxPool", ["x"], ["y"], kernel_shape=[0, 0])], (1, 1, 4, 4))
onnx_case("zero dimension", "size 0", [node("Relu", ["x"], ["y"])], (1, 0))
lite_conv("zero stride", "stride", strides=(0, 1))
lite_conv("zero dilation", "dilation", dilations=(0, 1))
lite_case("zero kernel", "", lambda m, x, y: m.op(
    "MAX_POOL_2D", [x], y, lite.pool((0, 0), (1, 1))), (1, 4, 4, 2),
    (1, 4, 4, 2))
lite_case("zero dimension", "0", lambda m, x, y: m.op("RELU", [x], y), (1, 0),
          (1, 0))

# -- A tensor that is left out -------------------------------------------------
onnx_case("missing tensor", "input 1", [node("Conv", ["x", ""], ["y"])],
          (1, 1, 4, 4))
onnx_case("missing tensor", "", [node("Add", ["x"], ["y"])])
lite_case("missing tensor", "", lambda m, x, y: m.op(
    "CONV_2D", [x, None, None], y, lite.conv()), (1, 4, 4, 2), (1, 4, 4, 2))
lite_case("missing tensor", "", lambda m, x, y: m.op(
    "ADD", [x], y, {0: lite.Scalar("b", 0)}))
lite_case("missing tensor", "", lambda m, x, y: m.op(
    "RELU", [99], y))

# -- A rank that changes -------------------------------------------------------
conv([2, 2, 3], "", "rank change")
onnx_case("rank change", "", [node("Transpose", ["x"], ["y"], perm=[0, 1, 2])])
onnx_case("rank change", "",
          [node("BatchNormalization", ["x", "s", "s", "s", "s"], ["y"])],
          (1, 4), [floats("s", [2, 2], [1] * 4)])
lite_conv("rank change", "", weights=(2, 3, 3))
lite_case("rank change", "", lambda m, x, y: m.op(
    "TRANSPOSE", [x, m.constant("p", np.int32([0, 1, 2]))], y))

# -- A graph that leads back to itself -----------------------------------------
onnx_case("self-reference", "cycle", [node("Add", ["x", "y"], ["y"])])
onnx_case("self-reference", "cycle",
          [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]),
           node("Relu", ["b"], ["y"])])
lite_case("self-reference", "", lambda m, x, y: m.op(
    "ADD", [x, y], y, {0: lite.Scalar("b", 0)}))

# -- A path that leads out of the folder ---------------------------------------
os.makedirs("inside", exist_ok=True)
with open("outside.bin", "wb") as file:
    file.write(bytes(16))
os.symlink("../outside.bin", "inside/link.bin")
os.symlink("..", "inside/up")
for path in ("../outside.bin", os.path.abspath("outside.bin"), "link.bin",
             "up/outside.bin", "./../outside.bin", "/dev/zero", "."):
    onnx_case("path escape", "tensor 'w' has its data in",
              [node("Add", ["x", "w"], ["y"])], (1, 4),
              [external("w", FLOAT, [4], location=path, offset=0, length=16)])

# -- An attribute that contradicts the tensor ----------------------------------
conv([2, 2, 3, 3], "kernel_shape", "contradiction", kernel_shape=[5, 5])
conv([2, 2, 3, 3], "", "contradiction", group=2)
onnx_case("contradiction", "tensor 'w'", [node("Add", ["x", "w"], ["y"])],
          (1, 4), [tensor("w", FLOAT, [4], bytes(12))])
onnx_case("contradiction", "tensor 'w'", [node("Add", ["x", "w"], ["y"])],
          (1, 4), [tensor("w", FLOAT, [4], float_data=[1, 2, 3])])
onnx_case("contradiction", "", [node("Split", ["x"], ["y", "z"], axis=1,
                                     split=[3, 3])], opset=11)
lite_case("contradiction", "'w'", lambda m, x, y: m.op(
    "ADD", [x, m.constant("w", np.ones(3, np.float32), shape=[4])], y,
    {0: lite.Scalar("b", 0)}))
lite_case("contradiction", "3 scales", lambda m, x, y: m.op(
    "DEQUANTIZE", [m.constant("w", np.ones((1, 4), np.int8), [0.5, 1, 2],
                              axis=1)], y))
lite_case("contradiction", "y", lambda m, x, y: m.op(
    "RESHAPE", [x, m.constant("s", np.int32([3, 3]))], y,
    lite.i32s(0, [3, 3])), output=(3, 3))

# -- Run them ------------------------------------------------------------------
os.chdir("inside")
wrong = 0
for i, (what, suffix, content, said) in enumerate(CASES):
    path = f"{i}{suffix}"
    save(path, content)
    done = subprocess.run([sys.argv[1], "--cache=off", path, "-o", "out.o"],
                          capture_output=True, text=True)
    good = (done.returncode == 1 and done.stderr.count("error: ") == 1 and
            path + ":" in done.stderr and said in done.stderr and
            not os.path.exists("out.o"))
    if not good or "-v" in sys.argv:
        print(f"{what} {path}: exit {done.returncode}: {done.stderr}")
    wrong += not good
    if os.path.exists("out.o"):
        os.remove("out.o")
print(len(CASES), "files of", len({case[0] for case in CASES}), "classes,",
      wrong, "taken wrongly")
