# SPDX-License-Identifier: Apache-2.0
#
# Writes .tflite models: the FlatBuffers format by hand, so that every form can
# be made, also those that no converter writes.
#
#   m = Model()
#   x = m.input("x", [1, 4], INT8, 0.5, 3)
#   w = m.constant("w", numpy.int8([[1, 2, 3, 4]]), 0.25)
#   y = m.op("FULLY_CONNECTED", [x, w, None], m.tensor("y", [1, 1], INT8, 1.0),
#            i8(0, 1))
#   m.save("m.tflite", y)
import struct

import numpy as np

FLOAT32, FLOAT16, INT32, UINT8, INT64 = range(5)
BOOL, INT16, INT8, INT4 = 6, 7, 9, 17
TYPES = {"float32": FLOAT32, "float16": FLOAT16, "int32": INT32,
         "uint8": UINT8, "int64": INT64, "bool": BOOL, "int16": INT16,
         "int8": INT8}

# Operator: code, and the number of its table of options (0: it has none).
OPS = {
    "ADD": (0, 11), "AVERAGE_POOL_2D": (1, 5), "CONCATENATION": (2, 10),
    "CONV_2D": (3, 1), "DEPTHWISE_CONV_2D": (4, 2), "DEPTH_TO_SPACE": (5, 94),
    "DEQUANTIZE": (6, 0), "FLOOR": (8, 0), "FULLY_CONNECTED": (9, 8),
    "L2_NORMALIZATION": (11, 12), "LOGISTIC": (14, 0), "LSTM": (16, 14),
    "MAX_POOL_2D": (17, 5), "MUL": (18, 21), "RELU": (19, 0),
    "RELU_N1_TO_1": (20, 0), "RELU6": (21, 0), "RESHAPE": (22, 17),
    "RESIZE_BILINEAR": (23, 15), "SOFTMAX": (25, 9),
    "SPACE_TO_DEPTH": (26, 19), "TANH": (28, 0), "CUSTOM": (32, 0),
    "PAD": (34, 22), "GATHER": (36, 23), "BATCH_TO_SPACE_ND": (37, 24),
    "SPACE_TO_BATCH_ND": (38, 25), "TRANSPOSE": (39, 26), "MEAN": (40, 27),
    "SUB": (41, 28), "DIV": (42, 29), "SQUEEZE": (43, 30),
    "STRIDED_SLICE": (45, 32), "EXP": (47, 33), "SPLIT": (49, 35),
    "LOG_SOFTMAX": (50, 36), "CAST": (53, 37), "PRELU": (54, 0),
    "MAXIMUM": (55, 39), "ARG_MAX": (56, 40), "MINIMUM": (57, 39),
    "LESS": (58, 41), "NEG": (59, 42), "PADV2": (60, 43), "GREATER": (61, 44),
    "GREATER_EQUAL": (62, 45), "LESS_EQUAL": (63, 46), "SELECT": (64, 47),
    "SLICE": (65, 48), "SIN": (66, 0), "TRANSPOSE_CONV": (67, 49),
    "TILE": (69, 51), "EXPAND_DIMS": (70, 52), "EQUAL": (71, 53),
    "NOT_EQUAL": (72, 54), "LOG": (73, 0), "SUM": (74, 27), "SQRT": (75, 0),
    "RSQRT": (76, 0), "SHAPE": (77, 55), "POW": (78, 56), "ARG_MIN": (79, 57),
    "REDUCE_PROD": (81, 27), "REDUCE_MAX": (82, 27), "PACK": (83, 59),
    "LOGICAL_OR": (84, 60), "LOGICAL_AND": (86, 62), "LOGICAL_NOT": (87, 63),
    "UNPACK": (88, 64), "REDUCE_MIN": (89, 27), "SQUARE": (92, 66),
    "RESIZE_NEAREST_NEIGHBOR": (97, 74), "LEAKY_RELU": (98, 75),
    "SQUARED_DIFFERENCE": (99, 76), "MIRROR_PAD": (100, 77), "ABS": (101, 78),
    "SPLIT_V": (102, 79), "CEIL": (104, 0), "COS": (108, 84), "ELU": (111, 0),
    "QUANTIZE": (114, 89), "ROUND": (116, 0), "HARD_SWISH": (117, 91),
    "SELECT_V2": (123, 98), "BATCH_MATMUL": (126, 101), "CONV_3D": (132, 0),
    "BROADCAST_TO": (130, 0), "GELU": (150, 116), "SIGN": (158, 0),
}


# -- FlatBuffers -------------------------------------------------------------
class Scalar:
    """A number of a table: its struct code says its size."""

    def __init__(self, code, value):
        self.bytes = struct.pack("<" + code, value)


class Table:
    def __init__(self, fields):
        self.fields = {k: v for k, v in fields.items() if v is not None}

    def write(self, out, patches):
        size, places = 4, {}
        for slot, value in self.fields.items():
            width = len(value.bytes) if isinstance(value, Scalar) else 4
            size += -size % width
            places[slot] = size
            size += width
        count = max(self.fields, default=-1) + 1
        # The table is aligned to 8: its numbers then are too.
        out += bytes(-(len(out) + 4 + 2 * count) % 8)
        vtable = len(out)
        out += struct.pack("<HH", 4 + 2 * count, size)
        for slot in range(count):
            out += struct.pack("<H", places.get(slot, 0))
        at = len(out)
        out += struct.pack("<i", at - vtable) + bytes(size - 4)
        for slot, value in self.fields.items():
            place = at + places[slot]
            if isinstance(value, Scalar):
                out[place:place + len(value.bytes)] = value.bytes
            else:
                patches.append((place, value))
        return at


class Vector:
    """Numbers (a struct code and values) or, with code None, tables."""

    def __init__(self, code, values):
        self.code, self.values = code, values

    def write(self, out, patches):
        align = 16 if self.code == "B" else 8
        out += bytes(-(len(out) + 4) % align)
        at = len(out)
        out += struct.pack("<I", len(self.values))
        if self.code is None:
            for value in self.values:
                patches.append((len(out), value))
                out += bytes(4)
        elif self.code == "B":
            out += bytes(self.values)
        else:
            out += struct.pack(f"<{len(self.values)}{self.code}",
                               *self.values)
        if self.code == "B":
            out += b"\0"  # ends a string
        return at


def flatbuffer(root):
    """Parents stand before their children: offsets point forward."""
    out, patches = bytearray(b"\0\0\0\0TFL3"), [(0, root)]
    while patches:
        place, value = patches.pop(0)
        at = value.write(out, patches)
        out[place:place + 4] = struct.pack("<I", at - place)
    return bytes(out)


def text(value):
    return Vector("B", value.encode())


def ints(values):
    return Vector("i", [int(v) for v in values])


# -- Options: slot, value ----------------------------------------------------
def i8(slot, value):
    return {slot: Scalar("b", value)}


def i32(slot, value):
    return {slot: Scalar("i", value)}


def f32(slot, value):
    return {slot: Scalar("f", value)}


def i32s(slot, values):
    return {slot: ints(values)}


def conv(padding="VALID", strides=(1, 1), dilations=(1, 1), activation=0,
         multiplier=None):
    """CONV_2D, or DEPTHWISE_CONV_2D where there is a multiplier."""
    more = multiplier is not None
    fields = {0: Scalar("b", padding == "VALID"), 1: Scalar("i", strides[1]),
              2: Scalar("i", strides[0]), 3 + more: Scalar("b", activation),
              4 + more: Scalar("i", dilations[1]),
              5 + more: Scalar("i", dilations[0])}
    if more:
        fields[3] = Scalar("i", multiplier)
    return fields


def pool(kernel, strides, padding="VALID", activation=0):
    return {0: Scalar("b", padding == "VALID"), 1: Scalar("i", strides[1]),
            2: Scalar("i", strides[0]), 3: Scalar("i", kernel[1]),
            4: Scalar("i", kernel[0]), 5: Scalar("b", activation)}


# -- Models ------------------------------------------------------------------
class Model:
    def __init__(self):
        self.tensors, self.ops, self.buffers = [], [], [Table({})]
        self.inputs, self.codes = [], []

    def tensor(self, name, shape, type=FLOAT32, scale=None, zero=0, axis=0,
               buffer=0, signature=None, **more):
        quantization = None
        if scale is not None:
            scales = np.float32(np.atleast_1d(scale))
            zeros = np.broadcast_to(zero, scales.shape)
            quantization = Table({2: Vector("f", list(map(float, scales))),
                                  3: Vector("q", list(map(int, zeros))),
                                  6: Scalar("i", axis)})
        fields = {0: ints(shape), 1: Scalar("b", type),
                  2: Scalar("I", buffer), 3: text(name), 4: quantization,
                  7: ints(signature) if signature else None}
        fields.update(more.get("fields", {}))
        self.tensors.append(Table(fields))
        return len(self.tensors) - 1

    def input(self, name, shape, type=FLOAT32, scale=None, zero=0, **more):
        self.inputs.append(self.tensor(name, shape, type, scale, zero, **more))
        return self.inputs[-1]

    def constant(self, name, value, scale=None, zero=0, axis=0, **more):
        value = np.ascontiguousarray(value)
        self.buffers.append(Table({0: Vector("B", value.tobytes())}))
        type = more.pop("type", None) or TYPES[value.dtype.name]
        return self.tensor(name, more.pop("shape", value.shape), type, scale,
                           zero, axis, len(self.buffers) - 1, **more)

    def op(self, name, inputs, outputs, options=None, version=1, custom=None):
        outputs = [outputs] if isinstance(outputs, int) else outputs
        code, kind = OPS[name]
        self.codes.append(Table({
            0: Scalar("b", min(code, 127)), 3: Scalar("i", code),
            2: Scalar("i", version), 1: text(custom) if custom else None}))
        self.ops.append(Table({
            0: Scalar("I", len(self.codes) - 1),
            1: ints([-1 if i is None else i for i in inputs]),
            2: ints(outputs), 3: Scalar("B", kind),
            4: Table(options or {}) if kind else None}))
        return outputs[0]

    def bytes(self, *outputs, **more):
        graph = {0: Vector(None, self.tensors), 1: ints(self.inputs),
                 2: ints(outputs), 3: Vector(None, self.ops)}
        graph.update(more.get("graph", {}))
        model = {0: Scalar("I", 3), 1: Vector(None, self.codes),
                 2: Vector(None, [Table(graph)]),
                 4: Vector(None, self.buffers)}
        model.update(more.get("model", {}))
        return flatbuffer(Table(model))

    def save(self, path, *outputs, **more):
        with open(path, "wb") as file:
            file.write(self.bytes(*outputs, **more))
