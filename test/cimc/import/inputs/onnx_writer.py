# SPDX-License-Identifier: Apache-2.0
#
# Writes ONNX files, sound or not, byte by byte: needs no package, and refuses
# nothing. Messages are bytes; see the schema in onnx.proto for the numbers.
import struct

FLOAT, UINT8, INT8, UINT16, INT16, INT32, INT64 = range(1, 8)
BOOL, FLOAT16, DOUBLE, BFLOAT16, UINT4, INT4 = 9, 10, 11, 16, 21, 22


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def single(field, value):
    return varint(field << 3 | 5) + struct.pack("<f", value)


def data(field, payload):
    if isinstance(payload, str):
        payload = payload.encode("utf-8", "surrogateescape")
    return varint(field << 3 | 2) + varint(len(payload)) + payload


def tensor(name, elem, dims, raw=None, **typed):
    """typed: float_data, int32_data, int64_data or double_data, packed."""
    out = b"".join(number(1, dim) for dim in dims)
    out += number(2, elem) + data(8, name)
    if raw is not None:
        out += data(9, raw)
    for key, values in typed.items():
        if key == "float_data":
            out += data(4, struct.pack(f"<{len(values)}f", *values))
        elif key == "double_data":
            out += data(10, struct.pack(f"<{len(values)}d", *values))
        else:
            field = {"int32_data": 5, "int64_data": 7}[key]
            out += data(field, b"".join(varint(value) for value in values))
    return out


def external(name, elem, dims, **entries):
    """A tensor whose data stands in another file: location, offset, length."""
    out = tensor(name, elem, dims) + number(14, 1)
    for key, value in entries.items():
        out += data(13, data(1, key) + data(2, str(value)))
    return out


def floats(name, dims, values):
    return tensor(name, FLOAT, dims, struct.pack(f"<{len(values)}f", *values))


def int64s(name, values, dims=None):
    return tensor(name, INT64, [len(values)] if dims is None else dims,
                  struct.pack(f"<{len(values)}q", *values))


def attribute(name, value):
    out = data(1, name)
    if isinstance(value, int):
        return out + number(3, value) + number(20, 2)
    if isinstance(value, float):
        return out + single(2, value) + number(20, 1)
    if isinstance(value, str):
        return out + data(4, value) + number(20, 3)
    if isinstance(value, bytes):
        return out + data(5, value) + number(20, 4)
    if value and isinstance(value[0], float):
        return out + b"".join(single(7, v) for v in value) + number(20, 6)
    return out + b"".join(number(8, v) for v in value) + number(20, 7)


def node(op, inputs, outputs, name="", domain="", **attributes):
    out = b"".join(data(1, text) for text in inputs)
    out += b"".join(data(2, text) for text in outputs)
    out += data(3, name) + data(4, op)
    out += b"".join(data(5, attribute(*item)) for item in attributes.items())
    return out + data(7, domain)


def value(name, dims, elem=FLOAT):
    """A dimension is a size, a name, or None for neither; dims None: no
    shape."""
    shape = b""
    for dim in dims or ():
        shape += data(1, b"" if dim is None else
                      data(2, dim) if isinstance(dim, str) else number(1, dim))
    kind = number(1, elem) + (b"" if dims is None else data(2, shape))
    return data(1, name) + data(2, data(1, kind))


def graph(nodes, inputs, outputs, initializers=()):
    return (b"".join(data(1, item) for item in nodes) + data(2, "g") +
            b"".join(data(5, item) for item in initializers) +
            b"".join(data(11, item) for item in inputs) +
            b"".join(data(12, item) for item in outputs))


def model(*args, opset=13, domains=(), **named):
    out = number(1, 8) + data(7, graph(*args, **named))
    for domain, version in (("", opset), *domains):
        out += data(8, data(1, domain) + number(2, version))
    return out


def save(path, content):
    with open(path, "wb") as out:
        out.write(content)
