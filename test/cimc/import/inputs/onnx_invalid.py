# SPDX-License-Identifier: Apache-2.0
#
# Wrong models, each with what the command must say: onnx_invalid.py CIMC, in a
# folder of its own. Each must end with exit code 1, the file's name and one
# error, and no output.
import os
import subprocess
import sys

from onnx_writer import *

X = [value("x", [1, 4])]
Y = [value("y", None)]
RELU = node("Relu", ["x"], ["y"], "act")
CASES = []


def case(expected, content):
    CASES.append((expected, content))


def graph_case(expected, *nodes, x=(1, 4), constants=(), **more):
    case(expected, model(nodes, [value("x", list(x))], Y, constants, **more))


# -- The file ----------------------------------------------------------------
GOOD = model([RELU], X, Y)
case("a length beyond the end of its message", GOOD[:-20])
case("an integer that is cut short or longer than 64 bits",
     b"\x08" + b"\xff" * 10 + b"\x01")
case("a group, which ONNX does not use", b"\x08\x01\x3b")
case("an unknown wire type", b"\x08\x01\x3e")
case("a field number out of range", b"\x08\x01\x00\x00")
case("a field of another type than ONNX defines", b"\x08\x01\x38\x01")
case("a second graph", GOOD + data(7, b""))
case("a zero byte", model([node("Relu", ["x"], ["y"], "a\0b")], X, Y))
case("the file holds no graph", number(1, 8))
case("the model names no version of ONNX's operator set",
     number(1, 8) + data(7, graph([RELU], X, Y)))
case("the model uses opset 5; expected 6 to 26", model([RELU], X, Y, opset=5))
case("the model uses opset 27; expected 6 to 26",
     model([RELU], X, Y, opset=27))
case("the graph has no outputs", model([RELU], X, []))
case("the graph has no inputs", model([RELU], [], Y))
case("every input of the graph is an initializer",
     model([RELU], X, Y, [floats("x", [1, 4], range(4))]))
case("the model has sparse initializers", number(1, 8) + data(
    7, graph([RELU], X, Y) + data(15, b"")) + data(8, number(2, 13)))

# -- Inputs and outputs ------------------------------------------------------
def input_case(expected, **how):
    case(expected, model([RELU], [value("x", **how)], Y))


input_case("input 'x' has no shape", dims=None)
input_case("input 'x' has a dimension of size 0", dims=[1, 0])
input_case("dimension 1 ('T') of input 'x' is dynamic", dims=["N", "T"])
input_case("dimension 1 ('?') of input 'x' is dynamic", dims=["N", None])
input_case("input 'x' has too many dimensions", dims=[1] * 9)
input_case("input 'x' has too many elements", dims=[1 << 40, 1 << 40])
input_case("input 'x' is of type float64", dims=[1], elem=DOUBLE)
case("input 'x' is not a tensor",
     model([RELU], [data(1, "x") + data(2, data(4, b""))], Y))
case("input '' has no name", model([RELU], X + [value("", [1])], Y))
case("output 's' is declared int32 but computed as int64",
     model([node("Shape", ["x"], ["s"])], X, [value("s", None, INT32)]))
case("output 'y' is declared int8 but computed as float32",
     model([RELU], X, [value("y", None, INT8)]))
case("graph output 'z' is defined nowhere",
     model([RELU], X, [value("z", None)]))
case("graph output 'y' is listed twice", model([RELU], X, Y + Y))

# -- The graph ---------------------------------------------------------------
graph_case("node 'act': error: input 0, 'nil', is defined nowhere",
           node("Relu", ["nil"], ["y"], "act"))
graph_case("value 'y' is defined twice: by node 'act' and by node 'Tanh#1'",
           RELU, node("Tanh", ["x"], ["y"]))
graph_case("value 'x' is defined twice: by a graph input and by node",
           RELU, node("Tanh", ["y"], ["x"]))
graph_case("node 'a': error: the node needs its own output: the graph has a "
           "cycle", node("Relu", ["v"], ["y"], "after"),
           node("Add", ["x", "w"], ["v"], "a"), node("Relu", ["v"], ["w"], "b"))
graph_case("the node needs its own output", node("Add", ["x", "y"], ["y"]))

# -- What is not supported: one error ----------------------------------------
graph_case("4 operators are not supported: LSTM (node 'l'), "
           "my.own.Thing (node 'Thing#2'), Relu (node 'r': attribute 'slope'), "
           "Loop (node 'Loop#4')\ncimc: note: cimc --list-ops",
           node("Relu", ["x"], ["a"]), node("LSTM", ["a"], ["b"], "l"),
           node("Thing", ["b"], ["c"], domain="my.own"),
           node("Relu", ["a"], ["d"], "r", slope=0.5),
           node("Loop", ["d"], ["e"]), node("Add", ["c", "e"], ["y"]),
           domains=[("my.own", 1)])
graph_case("operators are not supported: " + ", ".join(
    f"Scan (node 'Scan#{i}')" for i in range(20)) + " and 10 more",
    *[node("Scan", [f"t{i}" if i else "x"], [f"t{i + 1}" if i < 29 else "y"])
      for i in range(30)])
graph_case("Conv (node 'Conv#0': 3 spatial dimensions)",
           node("Conv", ["x", "w"], ["y"]), x=[1, 1, 4, 4, 4],
           constants=[floats("w", [1, 1, 2, 2, 2], range(8))])
graph_case("MaxPool (node 'MaxPool#0': its output 1)",
           node("MaxPool", ["x"], ["v", "i"], kernel_shape=[2, 2]),
           node("Add", ["v", "i"], ["y"]), x=[1, 1, 8, 8])
graph_case("Reshape (node 'Reshape#0': shape is not a constant)",
           node("Reshape", ["x", "x"], ["y"]))
graph_case("QuantizeLinear (node 'QuantizeLinear#0': scales per block)",
           node("QuantizeLinear", ["x", "s"], ["y"], block_size=2),
           constants=[floats("s", [1, 2], [1, 2])], opset=21)
graph_case("QuantizeLinear (node 'QuantizeLinear#0': integers of type int4)",
           node("QuantizeLinear", ["x", "s", "z"], ["y"]),
           constants=[floats("s", [], [1]), tensor("z", INT4, [], b"\0")],
           opset=21)
graph_case("Cast (node 'Cast#0': float32 to float16)",
           node("Cast", ["x"], ["y"], to=FLOAT16))
graph_case("Cast (node 'Cast#0': float32 to float64), Loop (node 'l')",
           node("Cast", ["x"], ["d"], to=DOUBLE),
           node("Loop", ["d"], ["y"], "l"))


# -- Forms of the other operators that are not supported ----------------------
def refused(why, op, *inputs, **more):
    attributes = more.pop("attributes", {})
    graph_case(f"{op} (node '{op}#0': {why})",
               node(op, inputs, ["y"], **attributes), **more)


SINGLE = floats("c", [1], [1])
refused("operands of type float32", "Mod", "x", "c", constants=[SINGLE],
        attributes={"fmod": 1})
refused("neither sign of infinity", "IsInf", "x",
        attributes={"detect_negative": 0, "detect_positive": 0})
refused("axes is not a constant", "ReduceSum", "x", "x")
refused("limit is not a constant", "Range", "c", "x", "c", constants=[SINGLE])
refused("shape is not a constant", "Expand", "x", "x")
refused("repeats is not a constant", "Tile", "x", "x")
refused("starts is not a constant", "Slice", "x", "x", "x")
refused("indices is not a constant", "GatherElements", "x", "x")
refused("indices is not a constant", "ScatterND", "x", "x", "x", opset=18)
refused("constant_value is not a constant", "Pad", "x", "p", "x",
        constants=[int64s("p", [0, 1, 0, 1])])
refused("negative pads that leave nothing", "Pad", "x", "p",
        constants=[int64s("p", [0, -4, 0, 0])])
refused("a result without elements", "Expand", "x", "s",
        constants=[int64s("s", [0, 1, 4])])
refused("the weights is not a constant", "ConvTranspose", "x", "x",
        x=[1, 1, 4, 4])
refused("3 spatial dimensions", "ConvTranspose", "x", "w", x=[1, 1, 4, 4, 4],
        constants=[floats("w", [1, 1, 2, 2, 2], range(8))])
refused("scales is not a constant", "Resize", "x", "", "x")
refused("mode cubic of int8", "Resize", "w", "", "s",
        attributes={"mode": "cubic"}, opset=13,
        constants=[tensor("w", INT8, [4], b"\1\2\3\4"),
                   floats("s", [1], [2])])
refused("coordinate_transformation_mode 'half'", "Resize", "x", "", "s",
        attributes={"coordinate_transformation_mode": "half"},
        constants=[floats("s", [2], [1, 2])])
refused("training mode", "Dropout", "x", "c", "t", constants=[
    SINGLE, tensor("t", BOOL, [], b"\1")])
refused("stash_type float16", "LayerNormalization", "x", "c", opset=17,
        constants=[SINGLE], attributes={"stash_type": 10})
refused("whole numbers to powers that are not constants above 0", "Pow", "w",
        "e", constants=[tensor("w", INT32, [1], b"\2\0\0\0"),
                        tensor("e", INT32, [1], b"\xff" * 4)])


# -- Nodes that are wrong ----------------------------------------------------
def node_case(expected, op, *inputs, attributes=None, **more):
    graph_case(f"node 'n': error: {expected}",
               node(op, inputs, ["y"], "n", **(attributes or {})), **more)


node_case("Add has 1 inputs; expected 2", "Add", "x")
node_case("Relu: input 0 is left out", "Relu", "")
node_case("QuantizeLinear came with opset 10", "QuantizeLinear", "x", "x",
          opset=9)
node_case("attribute 'axis' is not a whole number", "Flatten", "x",
          attributes={"axis": 1.5})
node_case("axis 2 of a tensor of rank 2; expected -2 to 1", "Softmax", "x",
          attributes={"axis": 2})
node_case("the weights have rank 2 and the input has rank 4", "Conv", "x", "w",
          x=[1, 1, 4, 4], constants=[floats("w", [1, 1], [1])])
node_case("3 input channels in 2 groups do not fit weights", "Conv", "x", "w",
          attributes={"group": 2}, x=[1, 3, 4, 4],
          constants=[floats("w", [2, 1, 1, 1], [1, 2])])
node_case("the kernel spans 5 of a padded input of 4", "Conv", "x", "w",
          x=[1, 1, 4, 4], constants=[floats("w", [1, 1, 5, 5], range(25))])
node_case("kernel_shape says 3 but the weights have 1", "Conv", "x", "w",
          attributes={"kernel_shape": [3, 3]}, x=[1, 1, 4, 4],
          constants=[floats("w", [1, 1, 1, 1], [1])])
node_case("'strides' has 0; expected 1 to 2^31 - 1", "MaxPool", "x",
          attributes={"kernel_shape": [2, 2], "strides": [0, 1]},
          x=[1, 1, 4, 4])
node_case("auto_pad is 'EVEN'", "MaxPool", "x", x=[1, 1, 4, 4],
          attributes={"kernel_shape": [2, 2], "auto_pad": "EVEN"})
node_case("a shape of 6 elements for 4", "Reshape", "x", "s",
          constants=[int64s("s", [2, 3])])
node_case("the shape has two -1", "Reshape", "x", "s",
          constants=[int64s("s", [-1, -1])])
node_case("dimension 1 is 4; expected 1", "Squeeze", "x", "s",
          constants=[int64s("s", [1])])
node_case("axis 0 is given twice", "Unsqueeze", "x", "s",
          constants=[int64s("s", [0, 0])])
node_case("'perm' is not a permutation", "Transpose", "x",
          attributes={"perm": [0, 0]})
node_case("'pads' has 2 elements; expected 4", "Pad", "x", "p",
          constants=[int64s("p", [1, 1])])
node_case("the scale of channel 0 is 0", "QuantizeLinear", "x", "s",
          constants=[floats("s", [], [0])])
node_case("2 zero points for 1 scales", "QuantizeLinear", "x", "s", "z",
          constants=[floats("s", [], [1]), tensor("z", INT8, [2], b"\0\0")])
node_case("3 scales for the 4 elements of axis 1", "QuantizeLinear", "x", "s",
          constants=[floats("s", [3], [1, 1, 1])])
node_case("input 0 is float32 but its zero point is int8",
          "DequantizeLinear", "x", "s", "z",
          constants=[floats("s", [], [1]), tensor("z", INT8, [], b"\0")])
node_case("channel 0 has no finite scale and offset", "BatchNormalization",
          "x", "c", "c", "c", "v", x=[1, 1, 2, 2],
          attributes={"epsilon": 0.0},
          constants=[floats("c", [1], [1]), floats("v", [1], [0])])
node_case("'scale' has 1 elements of float32 in 1 dimensions; expected 4",
          "BatchNormalization", "x", "c", "c", "c", "c",
          constants=[floats("c", [1], [1])])
node_case("C does not broadcast to the product, 1x2", "Gemm", "x", "w", "c",
          constants=[floats("w", [4, 2], range(8)),
                     floats("c", [3, 2], range(6))])

# -- Operators on integers ---------------------------------------------------
MS = {"domain": "com.microsoft", "domains": [("com.microsoft", 1)]}
ONE, TWO = floats("one", [], [1]), floats("two", [2], [1, 2])
Z = tensor("z", INT8, [], b"\0")
W = tensor("w", INT8, [2, 2], b"\1\2\3\4")


def byte_case(expected, op, inputs, constants=(), x=(2, 2), domain="",
              domains=(), opset=21, **attributes):
    """On an int8 input x; a refusal unless it begins with 'node'."""
    if not expected.startswith("node"):
        name = f"{domain}.{op}" if domain else op
        expected = f"1 operator is not supported: {name} (node 'n': {expected})"
    case(expected, model(
        [node(op, inputs, ["y"], "n", domain=domain, **attributes)],
        [value("x", list(x), INT8)], Y, [ONE, Z, *constants], opset=opset,
        domains=list(domains)))


byte_case("node 'n': error: the scales or zero points do not fit blocks of 2 "
          "along axis 0", "DequantizeLinear", ["w", "two"],
          [W, TWO], axis=0, block_size=2)
byte_case("the input of scales per block is not a constant",
          "DequantizeLinear", ["x", "two"], [TWO], axis=0, block_size=2)
byte_case("the weight tensor is not a constant", "QLinearConv",
          ["x", "one", "z"] * 2 + ["one", "z"], x=[1, 1, 2, 2])
byte_case("the scale is not a constant", "QLinearMatMul",
          ["x", "x", "z", "w", "one", "z", "one", "z"], [W])
byte_case("input 0 with several scales", "QLinearMatMul",
          ["x", "two", "z", "w", "one", "z", "one", "z"], [W, TWO])
byte_case("a result with a scale per channel", "QLinearMatMul",
          ["x", "one", "z", "w", "one", "z", "two", "z"], [W, TWO])
byte_case("node 'n': error: input 0 is int8 but its zero point is uint8",
          "QLinearMatMul", ["x", "one", "u", "w", "one", "z", "one", "z"],
          [W, tensor("u", UINT8, [], b"\0")])
byte_case("node 'n': error: the bias is float32; expected int32", "QGemm",
          ["x", "one", "z", "w", "one", "z", "two", "one", "z"], [W, TWO],
          **MS)
byte_case("a bias that is not one for each column", "QGemm",
          ["x", "one", "z", "w", "one", "z", "b", "one", "z"],
          [W, tensor("b", INT32, [2, 2], b"\0" * 16)], **MS)
byte_case("alpha -1", "QGemm",
          ["x", "one", "z", "w", "one", "z", "", "one", "z"], [W], alpha=-1.0,
          **MS)
byte_case("node 'n': error: 6 inputs; expected a scale, a zero point and three "
          "for each tensor", "QLinearConcat",
          ["one", "z", "x", "one", "z", "x"], axis=0, **MS)
byte_case("node 'n': error: the condition is int8; expected bool",
          "QLinearWhere", ["x"] + ["x", "one", "z"] * 2 + ["one", "z"], **MS)
byte_case("channels_last of rank 3", "QLinearGlobalAveragePool",
          ["x", "one", "z", "one", "z"], x=[1, 2, 2], channels_last=1, **MS)
byte_case("node 'n': error: input 2 is a zero point of type uint8; expected "
          "int8", "MatMulInteger", ["x", "w", "u"],
          [W, tensor("u", UINT8, [], b"\0")])
byte_case("input 0 of type int32", "MatMulInteger", ["b", "x"],
          [tensor("b", INT32, [2, 2], b"\0" * 16)])
byte_case("a zero point for each row", "MatMulInteger", ["x", "w", "zz"],
          [W, tensor("zz", INT8, [2], b"\0\0")])
byte_case("several zero points known at run time", "MatMulInteger",
          ["x", "w", "x"], [W])
byte_case("the weight tensor is not a constant", "ConvInteger", ["x", "x"],
          x=[1, 1, 1, 1])
case("FusedConv (node 'n': activation 'Swish')", model(
    [node("FusedConv", ["x", "w"], ["y"], "n", domain="com.microsoft",
          activation="Swish")], [value("x", [1, 1, 2, 2])], Y,
    [floats("w", [1, 1, 1, 1], [1])], domains=[("com.microsoft", 1)]))
node_case("dimension 1 is 4 in one operand and 3 in another", "Add", "x", "c",
          constants=[floats("c", [3], range(3))])
node_case("operands of types float32 and int64; expected the same", "Max", "x",
          "c", constants=[int64s("c", [1])])
node_case("element 0 of the divisor is 0", "Div", "c", "c",
          constants=[int64s("c", [0])])
node_case("direction is 'UP'; expected LEFT or RIGHT", "BitShift", "x", "x",
          attributes={"direction": "UP"})
node_case("approximate is 'erf'; expected none or tanh", "Gelu", "x",
          attributes={"approximate": "erf"}, opset=20)
node_case("the slope does not broadcast to the input", "PRelu", "x", "c",
          constants=[floats("c", [2, 4], range(8))])
node_case("index 4 of 4 elements", "Gather", "x", "i",
          attributes={"axis": 1}, constants=[int64s("i", [0, 4])])
node_case("index -5 of 4 elements", "GatherElements", "x", "i",
          attributes={"axis": 1}, constants=[int64s("i", [-5], [1, 1])])
node_case("the updates differ from the indices in shape", "ScatterElements",
          "x", "i", "x", attributes={"axis": 1},
          constants=[int64s("i", [0], [1, 1])])
node_case("reduction is 'mean'", "ScatterND", "x", "i", "x", opset=18,
          attributes={"reduction": "mean"},
          constants=[int64s("i", [0], [1, 1])])
node_case("a step is 0", "Slice", "x", "z", "o", "o", "z",
          constants=[int64s("z", [0]), int64s("o", [1])])
node_case("'starts' and 'ends' differ in length", "Slice", "x", "z", "o",
          constants=[int64s("z", [0]), int64s("o", [1, 1])])
node_case("the parts have 3 of 4 elements", "Split", "x", "s",
          attributes={"axis": 1}, constants=[int64s("s", [3])])
node_case("2 parts for 1 outputs", "Split", "x", "s",
          constants=[int64s("s", [3, 1])])
node_case("input 1 differs from the first in type or beside axis 1", "Concat",
          "x", "c", attributes={"axis": 1},
          constants=[int64s("c", [1], [1, 1])])
node_case("dimension 1 is 4 and shall become 3", "Expand", "x", "s",
          constants=[int64s("s", [3])])
node_case("1 repeats for rank 2", "Tile", "x", "s",
          constants=[int64s("s", [3])])
node_case("'delta' is 0", "Range", "z", "z", "z",
          constants=[int64s("z", [0], [])])
node_case("a dimension becomes", "Pad", "x", "p",
          attributes={"mode": "edge"},
          constants=[int64s("p", [0, -3, 0, -3])])
node_case("blocksize is 0; expected 1 or more", "DepthToSpace", "x",
          x=[1, 4, 2, 2], attributes={"blocksize": 0})
node_case("4 channels for blocks of 3; expected a multiple of its square",
          "DepthToSpace", "x", x=[1, 4, 2, 2], attributes={"blocksize": 3})
node_case("dimension 1 becomes 0; expected 1 to 2^24", "Resize", "x", "", "s",
          constants=[floats("s", [2], [1, 0.1])])
node_case("'scales' has a number that is not finite", "Resize", "x", "", "s",
          constants=[floats("s", [2], [1, float("inf")])])
node_case("mode is 'area'", "Resize", "x", "", "s",
          attributes={"mode": "area"}, constants=[floats("s", [2], [1, 2])])
node_case("the weights do not fit 1 input channels in 2 groups",
          "ConvTranspose", "x", "w", x=[1, 1, 4, 4], attributes={"group": 2},
          constants=[floats("w", [1, 1, 1, 1], [1])])
node_case("the pads leave nothing of the result", "ConvTranspose", "x", "w",
          x=[1, 1, 4, 4], attributes={"pads": [2, 2, 2, 2]},
          constants=[floats("w", [1, 1, 1, 1], [1])])
node_case("'depth' is 0; expected 1 to 2^31", "OneHot", "x", "d", "v",
          constants=[int64s("d", [0]), floats("v", [2], [0, 1])])
node_case("4 channels in 3 groups", "GroupNormalization", "x", "c", "c",
          x=[1, 4, 2], attributes={"num_groups": 3}, opset=21,
          constants=[floats("c", [1], [1])])
node_case("size is 0; expected 1 to 8, twice the channels", "LRN", "x",
          x=[1, 4, 2], attributes={"size": 0})
node_case("p is 3; expected 1 or 2", "LpNormalization", "x",
          attributes={"p": 3})
node_case("2 matrices on one side and 3 on the other", "MatMul", "x", "w",
          x=[2, 1, 2], constants=[floats("w", [3, 2, 1], range(6))])

# -- Tensors -----------------------------------------------------------------
def tensor_case(expected, content):
    graph_case(expected, node("Add", ["x", "w"], ["y"]), constants=[content])


tensor_case("tensor 'w' holds 8 bytes; its type and shape need 16",
            tensor("w", FLOAT, [4], b"\0" * 8))
tensor_case("tensor 'w' holds 3 elements; its type and shape need 4",
            tensor("w", FLOAT, [4], float_data=[1, 2, 3]))
tensor_case("tensor 'w' has a value that does not fit float32",
            tensor("w", DOUBLE, [1], double_data=[1e300]))
tensor_case("Add (node 'Add#0': input 1 of type string)",
            tensor("w", 8, [1]))
tensor_case("dimension 1 is 4 in one operand and 0 in another",
            tensor("w", FLOAT, [0]))
tensor_case("tensor 'w' has more than 8 dimensions",
            tensor("w", FLOAT, [1] * 9, b"\0" * 4))
tensor_case("a negative dimension", tensor("w", FLOAT, [-4], b""))
tensor_case("more elements than 64 bits count",
            tensor("w", FLOAT, [1 << 40, 1 << 40], b""))
tensor_case("the model's constants need more memory than is allowed",
            tensor("w", FLOAT, [1 << 40], b""))
tensor_case("damaged dimensions", data(1, b"\xff"))
for content, text in (
        (tensor("w", INT8, [1], int32_data=[128]),
         "tensor 'w' has a value that does not fit int8"),
        (tensor("w", 17, [1], b"\0"),
         "tensor 'w' is float8e4m3fn, which is not read")):
    graph_case(text, node("DequantizeLinear", ["w", "s"], ["y"]),
               constants=[content, floats("s", [], [1])])


def check(cimc, expected, content):
    save("bad.onnx", content)
    result = subprocess.run(
        [cimc, "bad.onnx", "--emit=qgemm", "-o", "bad.mlir"],
        capture_output=True, text=True, encoding="utf-8")
    found = result.stderr
    written = os.path.exists("bad.mlir")
    if written:
        os.remove("bad.mlir")
    if (result.returncode != 1 or expected not in found or
            not found.startswith("bad.onnx:") or
            found.count("error:") != 1 or written):
        print(f"expected: {expected}\nexit code {result.returncode}:\n{found}")
        return 1
    return 0


faults = sum(check(sys.argv[1], *case) for case in CASES)
print(f"{len(CASES) - faults} of {len(CASES)} errors are as they should be")
sys.exit(faults > 0)
