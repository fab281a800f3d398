# SPDX-License-Identifier: Apache-2.0
#
# Calls a model in a shared library, row by row, and compares:
# shared.py LIBRARY.so SYMBOL INPUT.npy EXPECTED.npy
import ctypes
import sys

import numpy as np

library, symbol, images, expected = sys.argv[1:]
call = getattr(ctypes.CDLL(library), symbol)
call.argtypes = [ctypes.c_void_p] * 4
images, expected = np.load(images), np.load(expected)
space = np.zeros((1 << 20) + 64, np.uint8)
workspace = -(-space.ctypes.data // 64) * 64
differing = 0
for row, wanted in zip(images, expected):
    row = np.ascontiguousarray(row)
    out = np.empty_like(wanted)
    status = call(None, row.ctypes.data, out.ctypes.data, workspace)
    assert status == 0, status
    differing += not np.array_equal(out, wanted)
print(f"{len(images)} rows, {differing} differ")
