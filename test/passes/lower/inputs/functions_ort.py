# SPDX-License-Identifier: Apache-2.0
#
# Every elementwise operator between DequantizeLinear and QuantizeLinear, of
# all 256 bytes or all pairs of them: equal to ONNX Runtime.
#
#   functions_ort.py CIMC FOLDER
import pathlib
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

UNARY = [("Abs", {}), ("Neg", {}), ("Exp", {}), ("Log", {}), ("Sqrt", {}),
         ("Reciprocal", {}), ("Floor", {}), ("Ceil", {}), ("Round", {}),
         ("Erf", {}), ("Sin", {}), ("Cos", {}), ("Sign", {}),
         ("LeakyRelu", {"alpha": 0.1}), ("Elu", {"alpha": 0.7}),
         ("HardSigmoid", {"alpha": 0.2, "beta": 0.4}), ("HardSwish", {}),
         ("Gelu", {}), ("Gelu", {"approximate": "tanh"}), ("Sigmoid", {}),
         ("Tanh", {})]
BINARY = [("Add", {}), ("Sub", {}), ("Mul", {}), ("Div", {}), ("Min", {}),
          ("Max", {}), ("Pow", {})]


class Graph:
    def __init__(self, dtype, seed):
        self.dtype, self.r = np.dtype(dtype), np.random.default_rng(seed)
        self.tensor = helper.np_dtype_to_tensor_dtype(self.dtype)
        self.constants, self.nodes = [], []

    def scale(self, name):
        """Names of a scale and a zero point."""
        info = np.iinfo(self.dtype)
        scale = self.r.choice([0.05, 0.0123, 1 / 64, 0.5])
        zero = self.r.integers(info.min, info.max, endpoint=True)
        for key, value in (("s", np.float32(scale)),
                           ("z", self.dtype.type(zero))):
            self.constants.append(numpy_helper.from_array(
                np.asarray(value), key + name))
        return ["s" + name, "z" + name]

    def add(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))

    def model(self, inputs, outputs, shape):
        def info(names):
            return [helper.make_tensor_value_info(n, self.tensor, shape)
                    for n in names]
        graph = helper.make_graph(self.nodes, "g", info(inputs), info(outputs),
                                  self.constants)
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def build(dtype, operators, operands, shape):
    """A model of all the operators, each with its own scales."""
    graph = Graph(dtype, len(operators) + operands)
    outputs = []
    for i, (op, attributes) in enumerate(operators):
        for k in range(operands):
            graph.add("DequantizeLinear", [f"x{k}"] + graph.scale(f"{i}_{k}"),
                      f"d{i}_{k}")
        graph.add(op, [f"d{i}_{k}" for k in range(operands)], f"e{i}",
                  **attributes)
        graph.add("QuantizeLinear", [f"e{i}"] + graph.scale(f"{i}"), f"y{i}")
        outputs.append(f"y{i}")
    return graph.model([f"x{k}" for k in range(operands)], outputs, shape)


def compare(cimc, folder, dtype, operators, operands):
    info = np.iinfo(dtype)
    everything = np.arange(info.min, info.max + 1).astype(dtype)
    inputs = np.meshgrid(*[everything] * operands)
    model = build(dtype, operators, operands, list(inputs[0].shape))
    path = folder / "model.onnx"
    onnx.save(model, path)
    expected = onnxruntime.InferenceSession(
        path, providers=["CPUExecutionProvider"]).run(
            None, {f"x{k}": x for k, x in enumerate(inputs)})
    command = [cimc, "--run", path, "--cache=off", "-q"]
    for k, x in enumerate(inputs):
        np.save(folder / f"x{k}.npy", x)
        command.append(f"--input={folder}/x{k}.npy")
    command += [f"--output={folder}/y{i}.npy" for i in range(len(operators))]
    subprocess.run(command, check=True)
    for i, (op, attributes) in enumerate(operators):
        off = (np.load(folder / f"y{i}.npy") != expected[i]).sum()
        print(f"{np.dtype(dtype)} {op} {attributes}: {off} of "
              f"{expected[i].size} differ")


def main():
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for dtype in (np.uint8, np.int8):
        compare(sys.argv[1], folder, dtype, UNARY, 1)
        compare(sys.argv[1], folder, dtype, BINARY, 2)


if __name__ == "__main__":
    onnxruntime.set_default_logger_severity(3)
    main()
