# SPDX-License-Identifier: Apache-2.0
#
# The sequences of passes/lower/math*.c in numpy, bit for bit: one f32 or
# integer operation each.
import numpy as np

f32, i32, u64 = np.float32, np.int32, np.uint64
INF = f32(np.inf)
NAN = f32(np.nan)


def bits(x):
    return x.view(i32)


def real(x):
    return x.astype(i32).view(f32)


def fma(x, y, z):
    wide = np.longdouble
    return (wide(x) * np.asarray(y, wide) + np.asarray(z, wide)).astype(f32)


def polynomial(x, coefficients):
    p = np.full_like(x, f32(coefficients[0]))
    for c in coefficients[1:]:
        p = p * x + f32(c)
    return p


def exp(x):
    x = np.where(f32(-104) > x, f32(-104), x)
    x = np.where(f32(89) < x, f32(89), x)
    magic = f32(1.5 * 2**23)
    shifted = x * f32(float.fromhex("0x1.715476p+0")) + magic
    n = shifted - magic
    bits = shifted.view(np.int32) - 0x4B400000
    r = x - n * f32(0.693359375)
    r = r - n * f32(-2.12194440e-4)
    p = polynomial(r, (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3,
                       4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1))
    p = p * (r * r) + r + f32(1)
    half = bits >> 1
    two_to = lambda k: ((k + 127).astype(np.int32) << 23).view(f32)
    return p * two_to(half) * two_to(bits - half)


def sigmoid(x):
    return f32(1) / (f32(1) + exp(f32(-0.0) - x))


def tanh(x):
    a = np.abs(x)
    square = a * a
    p = polynomial(square, (-5.70498872745e-3, 2.06390887954e-2,
                            -5.37397155531e-2, 1.33314422036e-1,
                            -3.33332819422e-1))
    small = p * square * a + a
    large = f32(1) - f32(2) / (exp(a + a) + f32(1))
    return np.copysign(np.where(a < f32(0.625), small, large), x)


def round_even(x):
    a = np.abs(x)
    big = f32(2**23)
    return np.copysign(np.where(a < big, (a + big) - big, a), x)


def erf(x):
    a = np.abs(x)
    small = polynomial(a * a, (
        7.8540252e-5, -8.0102472e-4, 5.1883343e-3, -2.6853817e-2,
        1.12835854e-1, -3.7612626e-1, 1.28379166e-1)) * a + a
    at = np.where(f32(4) < a, f32(4), a)
    q = polynomial(at, (-1.8638009e-4, 2.9476669e-3, -2.1838097e-2,
                        1.03106819e-1, 6.3814473e-1, 1.12708926,
                        3.4151258e-4))
    large = f32(1) - exp(f32(-0.0) - q)
    return np.copysign(np.where(a < f32(1), small, large), x)


# -- Logarithm and power -------------------------------------------------------
def split(x):
    """x = 2^e m, m in [sqrt(1/2), sqrt 2)."""
    tiny = x < f32(2.0**-126)
    b = bits(np.where(tiny, x * f32(2.0**23), x))
    e = (b - i32(0x3F3504F3)) >> 23
    return np.where(tiny, e - 23, e).astype(f32), real(b - (e << 23))


def log(x):
    e, m = split(x)
    f = m - f32(1)
    square = f * f
    y = polynomial(f, (
        7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1,
        -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
        2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)) * f * square
    y = e * f32(-2.12194440e-4) + y
    y = square * f32(-0.5) + y
    y = e * f32(0.693359375) + (f + y)
    y = np.where(x == INF, x, y)
    return np.where(x > 0, y, np.where(x == 0, -INF, NAN))


def upper(x):
    return real(bits(x) & i32(-4096))


def log2(x):
    e, m = split(x)
    f, d = m - f32(1), m + f32(1)
    lost = m - (d - f32(1))
    s = f / d
    s_high, d_high = upper(s), upper(d)
    rest = (f - s_high * d_high) - s_high * ((d - d_high) + lost)
    square = s * s
    t = polynomial(square, (1.17911324e-1, 1.42686516e-1, 2.00001672e-1,
                            3.33333313e-1)) * square * s + rest / d
    high = s_high * f32(float.fromhex("0x1.714p+1"))
    low = (s_high * f32(float.fromhex("0x1.47652cp-11"))
           + t * f32(float.fromhex("0x1.715476p+1")))
    total = e + high
    low = low + (high - (total - e))
    top = upper(total + low)
    return top, low - (top - total)


def exp2(high, low):
    z = np.clip(np.nan_to_num(high + low, nan=-200), f32(-200), f32(200))
    shifted = z + f32(1.5 * 2**23)
    n = bits(shifted) - i32(0x4B400000)
    f = (high - (shifted - f32(1.5 * 2**23))) + low
    f = np.where(np.abs(f) <= 1, f, f32(0))
    p = polynomial(f, (1.53533605e-4, 1.33988750e-3, 9.61843692e-3,
                       5.55033237e-2, 2.40226477e-1, 6.93147182e-1))
    p = p * f + f32(1)
    two_to = lambda k: real((k + 127) << 23)
    return p * two_to(n >> 1) * two_to(n - (n >> 1))


def power(x, y):
    a = np.abs(x)
    high, low = log2(a)
    near = np.clip(np.nan_to_num(y, nan=-2.0**32), f32(-2.0**32),
                   f32(2.0**32))
    y_high = upper(near)
    result = exp2(y_high * high, (near - y_high) * high + near * low)
    extreme = np.where((a == 0) == (y < 0), INF, f32(0))
    result = np.where((a == 0) | (a == INF), extreme, result)
    whole = round_even(y) == y
    units = np.where(np.abs(y) < 2**24, np.abs(y), f32(2**24))
    odd = whole & (np.nan_to_num(units).astype(i32) & 1 == 1)
    result = np.where((x < 0) & (a < INF) & ~whole, NAN, result)
    result = np.where(odd, np.copysign(result, x), result)
    result = np.where(np.isnan(x) | np.isnan(y), NAN, result)
    return np.where((x == 1) | (y == 0), f32(1), result)


# -- Sine and cosine -----------------------------------------------------------
TWO_OVER_PI = (0, 0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599,
               0x3C439041)


def turn(a):
    """a = (quarter + fraction) pi/2: the quarter, the fraction in radians."""
    b = bits(a)
    exponent = np.maximum(b >> 23, 126)
    first = exponent - 120
    window = np.zeros(a.shape, u64)
    shift = (first & 31).astype(u64)
    for i in range(5):
        high = u64(TWO_OVER_PI[i] << 32 | TWO_OVER_PI[i + 1])
        low = u64(TWO_OVER_PI[i + 2])
        window = np.where(first >> 5 == i,
                          high << shift | low >> (u64(32) - shift), window)
    turns = (b & 0x7FFFFF | 0x800000).astype(u64) * window
    nearest = (turns + u64(2**61)) >> u64(62)
    fixed = (turns - (nearest << u64(62))).view(np.int64)
    high = (fixed + 2**29) >> 30
    low = (fixed - (high << 30)).astype(f32)
    radians = (high.astype(f32) * f32(np.pi / 2 * 2.0**-32)
               + low * f32(np.pi / 2 * 2.0**-62))
    small = a < f32(np.pi / 4)
    return np.where(small, 0, nearest.astype(i32)), np.where(small, a, radians)


def sine(x, quarters, sign):
    quarter, r = turn(np.abs(x))
    quarter = quarter + quarters
    square = r * r
    s = polynomial(square, (-1.9515295891e-4, 8.3321608736e-3,
                            -1.6666654611e-1)) * square * r + r
    c = polynomial(square, (2.443315711809948e-5, -1.388731625493765e-3,
                            4.166664568298827e-2)) * (square * square)
    c = c + (f32(1) - square * f32(0.5))
    value = bits(np.where(quarter & 1 == 1, c, s))
    flip = ((quarter & 2) << 30) ^ sign
    return np.where(np.abs(x) < INF, real(value ^ flip), NAN)


def sin(x):
    return sine(x, 0, bits(x) & i32(-2**31))


def cos(x):
    return sine(x, 1, 0)
