# SPDX-License-Identifier: Apache-2.0
#
# Feeds .npy files to the command's --run: npy_cases.py CIMC, in a folder of
# its own. NumPy is the oracle for the good ones; the bad ones must end with
# exit code 1 and a message that says what is wrong.
import struct
import subprocess
import sys

import numpy as np

cimc = sys.argv[1]
NUMPY_TYPES = {"f32": "float32", "i8": "int8", "ui8": "uint8", "i16": "int16",
               "ui16": "uint16", "i32": "int32"}


def model(kind, shape):
    """A model that returns its input."""
    kind = f"tensor<{'x'.join(str(n) for n in shape)}x{kind}>"
    path = "identity.mlir"
    with open(path, "w") as out:
        out.write(f'func.func @main(%x: {kind} {{qgemm.name = "x"}}) -> '
                  f'({kind} {{qgemm.name = "y"}}) {{ return %x : {kind} }}\n')
    return path


def run(path, source, *more):
    return subprocess.run(
        [cimc, path, "--run", "--input=" + source, "--output=y.npy", *more],
        capture_output=True, text=True)


def good(kind, array, *more):
    np.save("x.npy", array)
    done = run(model(kind, array.shape), "x.npy", *more)
    assert done.returncode == 0, done.stderr
    found = np.load("y.npy")
    assert found.dtype == NUMPY_TYPES[kind], found.dtype
    assert found.shape == array.shape, found.shape
    assert np.array_equal(found, array.astype(NUMPY_TYPES[kind]))


def header(text, version=(1, 0)):
    length = struct.pack("<H" if version[0] == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes(version) + length + text


def bad(data, message):
    with open("x.npy", "wb") as out:
        out.write(data)
    done = run(path, "x.npy")
    assert done.returncode == 1, (done.returncode, message, done.stderr)
    assert message in done.stderr, (message, done.stderr)
    assert done.stderr.startswith("x.npy: error: "), done.stderr
    assert done.stderr.count("\n") <= 2, done.stderr


random = np.random.default_rng(0)
for kind, dtype in NUMPY_TYPES.items():
    values = random.integers(0, 100, (2, 3, 4)).astype(dtype)
    good(kind, values)
    good(kind, np.asfortranarray(values))
    good(kind, values[:, :1, :1])
good("f32", np.float64(random.normal(size=(2, 3, 4))), "--cast")
good("f32", np.float16(random.normal(size=(2, 3, 4))), "--cast")
good("i8", np.arange(-12, 12).reshape(2, 3, 4), "--cast")
good("ui8", random.integers(0, 2, (2, 3, 4)).astype(bool), "--cast")
good("f32", np.asfortranarray(random.normal(size=(5, 4, 3, 2))), "--cast")

path = model("f32", (2, 3))
DATA = bytes(24)
PLAIN = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
# Spellings that are as good: formats 2.0 and 3.0, double quotes, other spaces,
# other order, Python 2's long.
for text, version in (
        (PLAIN, (2, 0)), (PLAIN, (3, 0)), (PLAIN + b"   \n", (1, 0)),
        (b'{"shape":(2L,3L),"fortran_order":False,"descr":"<f4"}', (1, 0)),
        (PLAIN.replace(b"<f4", b"=f4"), (1, 0))):
    with open("x.npy", "wb") as out:
        out.write(header(text, version) + DATA)
    done = run(path, "x.npy")
    assert done.returncode == 0, done.stderr

whole = header(PLAIN) + DATA
bad(b"", "not a .npy file")
bad(b"PK\3\4" + bytes(40), "an .npz archive")
bad(b"\x93NUMPX" + whole[6:], "not a .npy file")
bad(whole[:6] + b"\4" + whole[7:], ".npy format 4.0; expected 1.0 to 3.0")
bad(whole[:7] + b"\1" + whole[8:], ".npy format 1.1; expected 1.0 to 3.0")
bad(whole[:9], "not a .npy file")
bad(whole[:40], "cut short")
bad(header(PLAIN, (2, 0))[:11], "cut short")
bad(b"\x93NUMPY\2\0\xff\xff\xff\xff" + bytes(50), "longer than 64 KiB")
bad(whole[:-1], "the shape asks for 24 bytes of data and 23 are there")
bad(whole + b"x", "1 bytes behind the data")


def replaced(old, new, data=DATA):
    return header(PLAIN.replace(old, new)) + data


bad(replaced(b"<f4", b">f4"), "big-endian float32; expected little endian")
bad(replaced(b"<f4", b"<c8"), "elements of type '<c8'")
bad(replaced(b"<f4", b"|O"), "elements of type '|O'")
bad(replaced(b"<f4", b"<U3"), "elements of type '<U3'")
bad(replaced(b"'<f4'", b"[('a', '<f4')]"), "records or of an unknown type")
bad(replaced(b"'<f4'", b"'" + b"x" * 100 + b"'"), "unknown type")
bad(replaced(b"False", b"Maybe"), "neither True nor False")
bad(replaced(b"(2, 3)", b"(2, -3)"), "not a tuple of whole numbers")
bad(replaced(b"(2, 3)", b"[2, 3]"), "not a tuple")
bad(replaced(b"(2, 3)", b"(2 3)"), "not a tuple of whole numbers")
bad(replaced(b"(2, 3)", b"(2.5,)"), "not a tuple of whole numbers")
bad(replaced(b"(2, 3)", b"(99999999999999999999,)"), "above 2^63")
bad(replaced(b"(2, 3)", b"(4294967296, 4294967296, 4294967296)"), "cut short")
bad(replaced(b"(2, 3)", b"(" + b"1, " * 17 + b")"), "more than 16 dimensions")
bad(replaced(b"(2, 3)", b"(0, 3)", b""), "found shape [0, 3]")
bad(replaced(b"(2, 3)", b"(3, 2)"), "found shape [3, 2]; input 'x' expects")
bad(replaced(b"(2, 3)", b"(6,)"), "found shape [6]; input 'x' expects [2, 3]")
bad(replaced(b"(2, 3)", b"(3, 3)", bytes(36)), "found shape [3, 3]")
bad(replaced(b"'descr'", b"'color'"), "an unknown key")
bad(replaced(b"'descr'", b"'shape'"), "damaged")
bad(replaced(b", 'shape': (2, 3)", b""), "'shape' is missing")
bad(replaced(b", 'shape'", b", 'descr': '<f4', 'shape'"), "twice")
bad(replaced(b"False,", b"False"), "no ',' between two keys")
bad(replaced(b", }", b""), "damaged")
bad(replaced(b", }", b"} 7"), "behind the '}'")
bad(replaced(b"{", b"("), "does not begin with '{'")
bad(header(b"") + DATA, "does not begin with '{'")
bad(header(b"{") + DATA, "no key where one belongs")
bad(header(b"{" * 60000), "no key where one belongs")
bad(header(bytes(64)) + DATA, "does not begin with '{'")

# Every byte of a whole file cut off or damaged: an error or a result, never a
# crash. (One bit in the data, or a space, changes nothing.)
for size in range(len(whole)):
    with open("x.npy", "wb") as out:
        out.write(whole[:size])
    assert run(path, "x.npy").returncode == 1, size
for i in range(len(whole) - len(DATA)):
    damaged = bytearray(whole)
    damaged[i] ^= 1 << random.integers(8)
    with open("x.npy", "wb") as out:
        out.write(damaged)
    assert run(path, "x.npy").returncode in (0, 1), i
