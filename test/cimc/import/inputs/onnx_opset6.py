# SPDX-License-Identifier: Apache-2.0
#
# What opset 6 alone has, through the command and against numpy, since ONNX
# Runtime begins with 7: onnx_opset6.py CIMC, in a folder of its own.
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(6)


def normal(*shape):
    return random.standard_normal(shape).astype(np.float32)


X, ROW, CHANNELS, MIDDLE = (normal(2, 3, 4, 5), normal(5), normal(3),
                            normal(3, 4))
ACROSS = CHANNELS[:, None, None]


def cases():
    """Operator, operands beside X, attributes, the result."""
    yield "Add", [ROW], {"broadcast": 1}, X + ROW
    yield "Add", [X], {}, X + X
    yield "Mul", [CHANNELS], {"broadcast": 1, "axis": 1}, X * ACROSS
    yield "Sub", [MIDDLE], {"broadcast": 1, "axis": -3}, X - MIDDLE[..., None]
    yield "Div", [CHANNELS], {"broadcast": 1, "axis": 1}, X / ACROSS
    yield "Greater", [CHANNELS], {"broadcast": 1, "axis": 1}, X > ACROSS
    yield "PRelu", [CHANNELS], {}, np.where(X < 0, X * ACROSS, X)
    yield "Dropout", [], {"is_test": 1}, X
    one, zero = np.ones(3, np.float32), np.zeros(3, np.float32)
    yield ("BatchNormalization", [CHANNELS, zero, zero, one],
           {"is_test": 1, "epsilon": 1e-9}, X * ACROSS)
    yield "BatchNormalization", [CHANNELS, zero, zero, one], {}, "training"
    yield "Mul", [MIDDLE], {"broadcast": 1, "axis": 3}, "has rank 2"
    yield "Mul", [MIDDLE], {"broadcast": 1, "axis": 4}, "axis"
    yield "Relu", [], {"broadcast": 1}, "attribute 'broadcast'"


def run(cimc, op, operands, attributes, kind):
    names = [f"c{i}" for i in range(len(operands))]
    graph = helper.make_graph(
        [helper.make_node(op, ["x", *names], ["y"], **attributes)], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, X.shape)],
        [helper.make_tensor_value_info("y", kind, None)],
        [numpy_helper.from_array(a, name)
         for name, a in zip(names, operands)])
    onnx.save(helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 6)]), "m.onnx")
    np.save("x.npy", X)
    done = subprocess.run([cimc, "m.onnx", "--run", "-q", "--cache=off",
                           "--input=x.npy", "--output=y.npy"],
                          capture_output=True, text=True)
    return done.stderr if done.returncode else np.load("y.npy")


def main(cimc):
    wrong = 0
    for op, operands, attributes, wanted in cases():
        real = isinstance(wanted, str) or wanted.dtype != bool
        found = run(cimc, op, operands, attributes,
                    TensorProto.FLOAT if real else TensorProto.BOOL)
        if isinstance(wanted, str) or isinstance(found, str):
            good = isinstance(found, str) and str(wanted) in found
        else:
            good = found.shape == wanted.shape and np.allclose(found, wanted)
        if not good:
            wrong += 1
            print(f"{op} {attributes}: {found}")
    print(f"{wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
