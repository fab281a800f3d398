# SPDX-License-Identifier: Apache-2.0
#
# More cases of oracle.Cases: what is computed in integers alone. The softmax is
# written after gemmlowp's fixed-point classes; both pools and the softmax were
# compared with LiteRT's reference kernels, the products too.
import math

import numpy as np

import elementwise
from elementwise import rescale
from oracle import Case, Quantized, i64s

ONE = 2**31 - 1


# -- gemmlowp, on Python integers ----------------------------------------------
def high_mul(a, b):
    """SaturatingRoundingDoublingHighMul."""
    product = a * b
    nudged = product + (2**30 if product >= 0 else 1 - 2**30)
    return nudged // 2**31 if nudged >= 0 else -(-nudged // 2**31)


def divide(x, exponent):
    """RoundingDivideByPOT."""
    mask = (1 << exponent) - 1
    return (x >> exponent) + ((x & mask) > (mask >> 1) + (x < 0))


def saturate(x):
    return min(max(x, -2**31), ONE)


def exp_on_negative(a):
    """exp_on_negative_values of a FixedPoint<int32, 5>."""
    if a == 0:
        return ONE
    quarter = 2**24
    rest = (a & (quarter - 1)) - quarter
    x = (rest << 5) + 2**28
    x2 = high_mul(x, x)
    x3, x4 = high_mul(x2, x), high_mul(x2, x2)
    series = divide(high_mul(divide(x4, 2) + x3, 715827883) + x2, 1)
    result = 1895147668 + high_mul(1895147668, x + series)
    for bit, factor in enumerate((1672461947, 1302514674, 790015084, 290630308,
                                  39332535, 720401, 242), 24):
        if (rest - a) >> bit & 1:
            result = high_mul(result, factor)
    return result


def reciprocal(x):
    """one_over_one_plus_x_for_x_in_0_1."""
    half = (x + ONE + 1) // 2
    y = 1515870810 + high_mul(half, -1010580540)
    for _ in range(3):
        y += saturate(high_mul(y, 2**29 - high_mul(half, y)) * 4)
    return saturate(y * 2)


def softmax_row(row, scale):
    """Unsigned bytes of reference_ops::Softmax; beta is 1."""
    real = min(float(scale) * 2**26, 2**31 - 1)
    mantissa, shift = math.frexp(real)
    mantissa = int(math.floor(mantissa * 2**31 + 0.5))
    if mantissa == 2**31:
        mantissa, shift = 2**30, shift + 1
    least = -math.floor(31 * 2**26 / 2**shift)
    steps = [int(q) - int(max(row)) for q in row]
    e = [exp_on_negative(high_mul(d << shift, mantissa)) if d >= least else 0
         for d in steps]
    total = sum(divide(x, 12) for x in e)
    zeros = 32 - total.bit_length()
    scale = reciprocal((total << zeros) - 2**31)
    return [min(divide(high_mul(scale, x), 35 - zeros), 255) for x in e]


# -- TOSA ----------------------------------------------------------------------
def reciprocal_scale(count):
    k = (count - 1).bit_length()
    return (((1 << 30) + 1) << k) // count, 30 + k


def tosa_mean(total, count, kinds):
    multiplier, shift = reciprocal_scale(count)
    source, target = kinds
    mean = rescale(total - count * source.zero, multiplier, shift, False)
    return min(max(mean + target.zero, target.low), target.high)


def tflite_mean(total, count, kinds):
    half = count // 2
    return (total + half) // count if total > 0 else \
        -((half - total) // count)


class Cases(elementwise.Cases):
    def integer_softmax(self):
        storage = self.pick("i8", "u8")
        source = self.type((storage,))
        source.scale = np.float32(self.pick(0.1, 0.02, 1, 3, 40, 1e-4)
                                  * self.r.uniform(0.5, 1))
        target = Quantized(storage, 1 / 256, source.low)
        shape = self.shape(self.r.integers(1, 4))
        axis = int(self.r.integers(len(shape)))
        x = self.data(source, shape)
        if self.chance(0.3):
            x = (x // 16).astype(x.dtype)
        share = np.apply_along_axis(softmax_row, axis, x, source.scale)
        return Case("softmax", [(source, x)],
                    f'axis = {axis} : i64, arithmetic = "tflite"', target,
                    (share + target.low).astype(target.dtype))

    def integer_pool(self):
        word = self.pick("tflite", "tosa")
        source = self.type()
        target = source
        if word == "tosa":
            target = self.type((source.storage,))
        kernel = [int(k) for k in self.r.integers(1, 6, 2)]
        strides = [int(s) for s in self.r.integers(1, 4, 2)]
        pads = [int(self.r.integers(kernel[i % 2])) for i in range(4)]
        if self.chance(0.4):
            pads = [0] * 4
        n, c = int(self.r.integers(1, 3)), self.pick(1, 3, 8, 16, 17, 33)
        h, w = (int(self.r.integers(k, 10)) for k in kernel)
        x = self.data(source, [n, h, w, c])
        if self.chance(0.3):  # ties, and sums of both signs
            x = (x // 50).astype(x.dtype)
        oh = (h + pads[0] + pads[2] - kernel[0]) // strides[0] + 1
        ow = (w + pads[1] + pads[3] - kernel[1]) // strides[1] + 1
        out = np.zeros([n, oh, ow, c], target.dtype)
        mean = tosa_mean if word == "tosa" else tflite_mean
        for i, j in np.ndindex(oh, ow):
            y0, x0 = i * strides[0] - pads[0], j * strides[1] - pads[1]
            part = x[:, max(0, y0):y0 + kernel[0], max(0, x0):x0 + kernel[1]]
            count = part.shape[1] * part.shape[2]
            total = part.astype(np.int64).sum((1, 2))
            out[:, i, j] = [[mean(int(t), count, (source, target))
                             for t in row] for row in total]
        text = (f"kernel = {i64s(kernel)}, strides = {i64s(strides)}, "
                f"pads = {i64s(pads)}, count_include_pad = false, "
                f'arithmetic = "{word}"')
        return Case("avg_pool2d", [(source, x)], text, target, out)

    def product(self):
        """A matmul, requantized by fractions: for targets without a JIT."""
        source = self.type(("i8", "u8"))
        weight = Quantized("i8", 0.05, 0)
        m, k, n = (int(v) for v in self.r.integers(1, 20, 3))
        lhs, rhs = self.data(source, [m, k]), self.data(weight, [k, n + 1])
        total = (lhs.astype(np.int64) - source.zero) @ rhs.astype(np.int64)
        target = self.type(("i8", "u8"))
        count = n + 1 if self.chance(0.5) else 1
        twice = self.chance(0.5)
        multiplier = self.r.integers(2**30, 2**31, count)
        shift = np.clip(31 + int(np.log2(abs(total).max() + 1)) - 7
                        + self.r.integers(-3, 3, count), 1, 62)
        q = np.frompyfunc(lambda v, a, s: rescale(v, int(a), int(s), twice),
                          3, 1)(total.astype(object), multiplier, shift)
        text = (f"multipliers = {i64s(multiplier)}, shifts = {i64s(shift)}, "
                f'rounding = "{"double" if twice else "single"}"')
        return Case("matmul", [(source, lhs), (weight, rhs)], text, target,
                    np.clip(q + target.zero, target.low, target.high)
                    .astype(target.dtype), (1,) if self.chance(0.7) else ())
