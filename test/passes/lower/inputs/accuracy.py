# SPDX-License-Identifier: Apache-2.0
#
# How far sequences.py, and so the kernels, are from the true functions: units
# in the last place or, near their zeros, absolutely.
import math

import numpy as np

import sequences
from sequences import f32, i32

erf = np.vectorize(math.erf, otypes=[float])


def ulps(got, true):
    unit = np.spacing(np.abs(true.astype(f32))).astype(np.float64)
    off = np.abs(got.astype(np.float64) - true) / unit
    same = (got == true.astype(f32)) | (np.isnan(got) & np.isnan(true))
    off = np.where(same, 0, off)
    return np.where(np.isnan(off), np.inf, off).max()


def report(name, ok, *numbers):
    print(f"{name}: {'ok' if ok else 'off'} "
          + " ".join(f"{n:.3g}" for n in numbers))


def check(name, function, true, x, most):
    off = ulps(function(x), true(x.astype(np.float64)))
    report(name, off <= most, off)


def check_circle(name, function, true, r):
    worst = 0.0
    for limit in (1, 10, 1000, 1e6, 1e20, 3e38):
        x = r.uniform(-limit, limit, 200000).astype(f32)
        off = np.abs(function(x) - true(x.astype(np.float64))).max()
        worst = max(worst, off)
    odd = np.isnan(function(np.array([np.inf, -np.inf, np.nan], f32))).all()
    report(name, worst < 1.3e-7 and odd, worst)


def check_pow(r):
    worst = 0.0
    for _ in range(5):
        x = np.concatenate([r.uniform(0.3, 3, 100000),
                            np.exp(r.uniform(-80, 80, 100000))]).astype(f32)
        y = (r.standard_normal(x.size) * r.choice([3, 60], x.size)).astype(f32)
        true = np.power(x.astype(np.float64), y.astype(np.float64))
        normal = (true > 1.2e-38) & (true < 3.4e38)
        worst = max(worst, ulps(sequences.power(x, y)[normal], true[normal]))
    report("pow", worst <= 5, worst)


def check_special():
    odd = np.array([0, -0.0, 1, -1, 2, -2, .5, -.5, 3, -3, np.inf, -np.inf,
                    np.nan, 1e-40, -1e-40, 1e30, -1e30, 2**24, 2**24 - 1,
                    1 - 2**-24, 1 + 2**-23, 2.5, -2.5, 1e38, 1e-38], f32)
    x, y = (v.ravel().copy() for v in np.meshgrid(odd, odd))
    got, true = sequences.power(x, y), np.power(x, y)
    close = np.abs(bits(got) - bits(true)) <= 2
    report("special cases of pow",
           (close | (np.isnan(got) & np.isnan(true))).all())


def bits(x):
    return x.view(i32).astype(np.int64)


def main():
    r = np.random.default_rng(1)
    anything = r.integers(0, 0x7F800000, 1000000).astype(i32).view(f32)
    near_one = r.uniform(0.5, 2, 500000).astype(f32)
    usual = (r.standard_normal(500000) * 2).astype(f32)
    power = r.uniform(-87, 88.7, 500000).astype(f32)
    check("exp", sequences.exp, np.exp, power, 1)
    check("log", sequences.log, np.log, np.concatenate([
        anything, near_one, np.array([0, -1, np.inf, np.nan], f32)]), 1)
    check("erf", sequences.erf, erf, usual, 2)
    check("tanh", sequences.tanh, np.tanh, usual, 2)
    check("sigmoid", sequences.sigmoid, lambda x: 1 / (1 + np.exp(-x)), usual,
          3)
    check_circle("sin", sequences.sin, np.sin, r)
    check_circle("cos", sequences.cos, np.cos, r)
    check_pow(r)
    check_special()


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main()
