# SPDX-License-Identifier: Apache-2.0
#
# Wrong .tflite models, each with what the command must say: tflite_invalid.py
# CIMC, in a folder of its own. Each must end with exit code 1, the file's name
# and one error, and no output.
import os
import struct
import subprocess
import sys

import numpy as np

from tflite_writer import *

CASES = []
EXACT = ["--requant=tflite-ref"]


def case(expected, content, *options):
    CASES.append((expected, content, options))


def one(op="RELU", x=(1, 4), y=(1, 4), x_type=FLOAT32, y_type=FLOAT32,
        inputs=(), options=None, x_more=None, y_more=None, outputs=1,
        custom=None, **more):
    """The bytes of a model of one operator; `inputs`: constants."""
    m = Model()
    names = [m.input("x", list(x), x_type, **(x_more or {}))]
    for i, value in enumerate(inputs):
        if isinstance(value, tuple):
            value, scale, *rest = value
            names.append(m.constant(f"c{i}", value, scale, *rest))
        elif value is None:
            names.append(None)
        else:
            names.append(m.constant(f"c{i}", value))
    results = [m.tensor(f"y{k or ''}", list(y), y_type, **(y_more or {}))
               for k in range(outputs)]
    m.op(op, names, results, options, custom=custom)
    return m.bytes(*results, **more)


def refused(why, op, *args, exact=False, **how):
    name = how.pop("shown", op)
    end = f": {why})" if why else ")"
    case(f"1 operator is not supported: {name} (node '{name}#0'{end}",
         one(op, *args, **how), *(EXACT if exact else ()))


def wrong(text, op, *args, exact=False, **how):
    case(f"node '{op}#0': error: {text}", one(op, *args, **how),
         *(EXACT if exact else ()))


# -- The file ----------------------------------------------------------------
GOOD = one()
case("the file is damaged at byte", GOOD[:len(GOOD) // 2])
case("this is no TensorFlow Lite model; expected 'TFL3' at byte 4", b"TFL3")
case("git lfs pull fetches the model",
     b"version https://git-lfs.github.com/spec/v1\n")
case("an offset points outside of the file",
     struct.pack("<I", 1 << 30) + GOOD[4:])
case("the file holds no graph", flatbuffer(Table({0: Scalar("I", 3)})))
case("the graph has no inputs", one(graph={1: ints([])}))
case("the graph has no outputs", one(graph={2: ints([])}))
case("tensor 7 is named but there are 2 tensors", one(graph={2: ints([7])}))
case("input 0 of the graph is left out", one(graph={1: ints([-1])}))
case("tensor 'x' is an input twice", one(graph={1: ints([0, 0])}))
case("output 'y' of the graph is made by nothing",
     one(graph={3: Vector(None, [])}))
case("an operator has code 0 of 0", one(model={1: Vector(None, [])}))
case("RELU#0 reads tensor 'x', which nothing before it makes",
     one(graph={1: ints([1])}))
case("tensor 'x' is in buffer 9 of 1", one(x_more={"buffer": 9}))
case("a list of 1025 tensors; expected at most 1024",
     one(graph={1: ints([0] * 1025)}))
case("'x' has 9 dimensions; expected at most 8", one(x=[1] * 9))
case("'x' has 3 scales and 2 zero points",
     one(x_type=INT8, x_more={"fields": {4: Table({
         2: Vector("f", [1, 1, 1]), 3: Vector("q", [0, 0])})}}))
case("'x' is quantized in blocks or by custom rules",
     one(x_type=INT8, x_more={"fields": {4: Table({4: Scalar("B", 1)})}}))
case("'x' has a zero point beyond an int32",
     one(x_type=INT8, x_more=dict(scale=1.0, zero=1 << 40)))

# -- Inputs and outputs ------------------------------------------------------
case("input 'x' is int16 and quantized; expected float32, int8",
     one(x_type=INT16, x_more=dict(scale=0.5)))
case("input 'x' is float16; expected float32", one(x_type=FLOAT16))
case("input 'x' is int8 with several scales",
     one(x_type=INT8, x_more=dict(scale=[0.5] * 4, axis=1)))
case("input 'x' has a dimension of size 0", one(x=[1, 0]))
case("dimension 1 of input 'x' is dynamic",
     one(x_more=dict(signature=[1, -1])))
case("input 'x' has too many elements", one(x=[1 << 30, 1 << 30]))
case("input 'x' is a scalar of other than 32 bits",
     one(x=[], x_type=INT8, y_type=INT8))
case("input 'x' is a variable",
     one(x_more={"fields": {5: Scalar("B", 1)}}))
case("scale 0 of 'x' is 0; expected a normal number",
     one(x_type=INT8, x_more=dict(scale=0.0)))
case("zero point 0 of 'x' is 300; expected -128 to 127",
     one(x_type=INT8, x_more=dict(scale=1.0, zero=300)))

# -- Operators ---------------------------------------------------------------
refused("", "LSTM")
case("1 operator is not supported: CUSTOM 'Mine' (node 'CUSTOM 'Mine'#0')",
     one("CUSTOM", custom="Mine"))
# Scratch memory of a custom operator is made by nothing.
m = Model()
x, scratch = m.input("x", [1, 4]), m.tensor("scratch", [64])
case("1 operator is not supported: CUSTOM 'Mine'",
     m.bytes(m.op("CUSTOM", [x, scratch], m.tensor("y", [1, 4]),
                  custom="Mine")))
wrong("ADD has 1 inputs; expected 2 to 2", "ADD")
wrong("RELU has 2 outputs; expected 1", "RELU", outputs=2)
wrong("ADD: input 1 is left out", "ADD", inputs=[None])
wrong("ADD: 'c0' is int32 but 'y' is float32; expected one type", "ADD",
      inputs=[np.int32([1])])
wrong("RELU: 'x' is int8 without scales but 'y' is int8 with scales", "RELU",
      x_type=INT8, y_type=INT8, y_more=dict(scale=1.0))
refused("a fused activation tanh", "ADD", inputs=[np.float32([1])],
        options=i8(0, 4))
refused("a fused activation of integers", "ADD", inputs=[np.int32([1])],
        x_type=INT32, y_type=INT32, options=i8(0, 1))
W = np.zeros((2, 1, 1, 4), np.float32)
IMAGE = dict(x=(1, 3, 3, 4), y=(1, 3, 3, 2))
refused("an input of rank 2", "CONV_2D", inputs=[W, np.zeros(2, np.float32)],
        options=conv())
wrong("the weights have rank 2; expected 4", "CONV_2D",
      inputs=[np.zeros((2, 4), np.float32)], options=conv(), **IMAGE)
wrong("the bias has 3 elements; expected 2", "CONV_2D",
      inputs=[W, np.zeros(3, np.float32)], options=conv(), **IMAGE)
wrong("CONV_2D has a kernel, stride or dilation below 1", "CONV_2D",
      inputs=[W], options=conv(strides=(0, 1)), **IMAGE)
wrong("weights of 4 input channels for 3; expected a divisor", "CONV_2D",
      inputs=[W], options=conv(), x=(1, 3, 3, 3), y=(1, 3, 3, 2))
wrong("the input is quantized but the weights are float32", "CONV_2D",
      inputs=[W], options=conv(), x_type=INT8, y_type=INT8,
      x_more=dict(scale=1.0), y_more=dict(scale=1.0), **IMAGE)
refused("int8 to float32", "CONV_2D",
        inputs=[(np.zeros((2, 1, 1, 4), np.int8), 1.0)], options=conv(),
        x_type=INT8, x_more=dict(scale=1.0), **IMAGE)
wrong("the scales need a factor of 2^30 or more", "CONV_2D", exact=True,
      inputs=[(np.zeros((2, 1, 1, 4), np.int8), 1.0)], options=conv(),
      x_type=INT8, y_type=INT8, x_more=dict(scale=1.0),
      y_more=dict(scale=1e-12), **IMAGE)
refused("shuffled weights", "FULLY_CONNECTED",
        inputs=[np.zeros((2, 4), np.float32)], options=i8(1, 1))
wrong("weights of 3 columns for an input of 4 elements", "FULLY_CONNECTED",
      inputs=[np.zeros((2, 3), np.float32)])
wrong("a shape of 5 elements for 4", "RESHAPE", inputs=[np.int32([5])])
wrong("the shape has two -1", "RESHAPE", inputs=[np.int32([-1, -1])])
wrong("axis 2 of a tensor of rank 2; expected -2 to 1", "SUM",
      inputs=[np.int32([2])])
wrong("dimension 1 is 4; expected 1, to be squeezed", "SQUEEZE",
      options=i32s(0, [1]))
wrong("the permutation is none of the 2 dimensions", "TRANSPOSE",
      inputs=[np.int32([0, 0])])
wrong("2 pads for 2 dimensions; expected two for each", "PAD",
      inputs=[np.int32([0, 0])])
wrong("a pad is below 0", "PAD", inputs=[np.int32([[0, 0], [-1, 0]])])
wrong("more padding than dimension 1 has elements", "MIRROR_PAD",
      inputs=[np.int32([[0, 0], [4, 0]])], options=i8(0, 0))
wrong("the permutation is float32; expected int32 or int64", "TRANSPOSE",
      inputs=[np.float32([0, 1])])
wrong("3 outputs for 4 elements", "UNPACK", outputs=3,
      options={0: Scalar("i", 3), 1: Scalar("i", 1)})
wrong("dimension 1: 4 elements from 2 of 4", "SLICE",
      inputs=[np.int32([0, 2]), np.int32([1, 4])])
wrong("stride 1 is 0", "STRIDED_SLICE",
      inputs=[np.int32([0, 0]), np.int32([1, 4]), np.int32([1, 0])])
wrong("dimension 1: nothing is left", "STRIDED_SLICE",
      inputs=[np.int32([0, 3]), np.int32([1, 3]), np.int32([1, 1])])
refused("batch dimensions", "GATHER", inputs=[np.int32([0])],
        options={0: Scalar("i", 1), 1: Scalar("i", 1)})
wrong("dimension 1 is to be repeated 1000000000 times", "TILE",
      inputs=[np.int32([1, 1000000000])])
wrong("4 elements in blocks of 9; expected a multiple", "DEPTH_TO_SPACE",
      x=(1, 3, 3, 4), options=i32(0, 3))
wrong("the result is float32; expected int32 or int64", "ARG_MAX",
      inputs=[np.int32([1])])
BYTES = dict(x_type=INT8, y_type=INT8, x_more=dict(scale=0.5),
             y_more=dict(scale=0.25))
EXACTLY = "of int8 with --requant=tflite-ref; --requant=float has it"
refused(EXACTLY, "DIV", exact=True, inputs=[(np.int8([[1]]), 1.0)], **BYTES)
refused(EXACTLY, "SQRT", exact=True, **BYTES)
refused(EXACTLY, "CONCATENATION", exact=True, **BYTES)
refused("of integers with beta 2", "SOFTMAX", options=f32(0, 2.0), **BYTES)
refused("a result of other than scale 1/256 with --requant=tflite-ref",
        "SOFTMAX", options=f32(0, 1.0), exact=True, **BYTES)
refused("'y' is int16: activations of 16 bits", "QUANTIZE", y_type=INT16,
        y_more=dict(scale=1.0))
refused("'c0' has several scales", "ADD",
        inputs=[(np.int8([[1, 2, 3, 4]]), [1.0] * 4, 0, 1)], **BYTES)
m = Model()
x = m.input("x", [1, 4])
s = m.input("s", [2], INT32)
case("1 operator is not supported: TRANSPOSE (node 'TRANSPOSE#0': "
     "the permutation is not a constant)",
     (m.op("TRANSPOSE", [x, s], m.tensor("y", [1, 4])), m.bytes(2))[1])

# Everything that is not supported is in one error.
m = Model()
x = m.input("x", [1, 4])
a = m.op("LSTM", [x], m.tensor("a", [1, 4]))
b = m.op("SIN", [a], m.tensor("b", [1, 4]))
c = m.op("CUSTOM", [b], m.tensor("c", [1, 4]), custom="Odd")
d = m.op("ADD", [x, x], m.tensor("d", [1, 4]), i8(0, 4))
case("3 operators are not supported: LSTM (node 'LSTM#0'), CUSTOM 'Odd' (node "
     "'CUSTOM 'Odd'#2'), ADD (node 'ADD#3': a fused activation tanh)",
     m.bytes(c, d))


# -- Running -----------------------------------------------------------------
def run(path, *options):
    return subprocess.run([sys.argv[1], path, "-o", "out.o", "--cache=off",
                           *options], capture_output=True, text=True)


def check(number, expected, content, options):
    path = f"m{number}.tflite"
    with open(path, "wb") as file:
        file.write(content)
    done = run(path, *options)
    errors = done.stderr.count("error:")
    if (done.returncode != 1 or errors != 1 or expected not in done.stderr or
            not done.stderr.startswith(path) or os.path.exists("out.o")):
        print(f"case {number}: exit {done.returncode}, {errors} errors; "
              f"expected '{expected}':\n{done.stderr}")
        return 1
    os.remove(path)
    return 0


def main():
    faults = sum(check(i, *c) for i, c in enumerate(CASES))
    print(f"{len(CASES)} wrong models, {faults} not as expected")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
