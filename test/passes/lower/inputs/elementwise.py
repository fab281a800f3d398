# SPDX-License-Identifier: Apache-2.0
#
# More cases of oracle.Cases: real functions, plain integers, comparisons,
# casts, exact rescaling and look-ups.
import math

import numpy as np

import oracle
import sequences
from oracle import Case, Plain, f32, from_real, to_real

SWISH = f32(1 / 6)


def bits_of(kind):
    return 8 * np.dtype(kind.dtype).itemsize


def wrap(kind, x):
    """Python integers modulo 2^bits."""
    x = np.asarray(x, object)
    whole = [v & 2**bits_of(kind) - 1 for v in x.ravel().tolist()]
    whole = [v - 2**bits_of(kind) if v > kind.high else v for v in whole]
    return np.array(whole, kind.dtype).reshape(x.shape)


# -- Real functions ------------------------------------------------------------
def hard_sigmoid(x, alpha, beta):
    total = alpha * x + beta
    total = np.where(f32(0) > total, f32(0), total)
    return np.where(f32(1) < total, f32(1), total)


def gelu(x, by_tanh, library):
    half = f32(0.5) * x
    if by_tanh:
        inner = (x * x) * f32(0.044715 * math.sqrt(2 / math.pi))
        inner = (inner + f32(math.sqrt(2 / math.pi))) * x
        part = library["tanh"](inner)
    else:
        part = library["erf"](x * f32(math.sqrt(0.5)))
    return half * (part + f32(1))


def floor(x):
    r = sequences.round_even(x)
    return np.where(r > x, r - f32(1), r)


def ceil(x):
    r = sequences.round_even(x)
    return np.where(r < x, r + f32(1), r)


def nearest(function):
    """f32 by double precision, as a compile-time table has it."""
    return lambda x: function(x.astype(np.float64)).astype(f32)


# What kernels compute, and what tables are filled with.
KERNEL = {"exp": sequences.exp, "log": sequences.log, "erf": sequences.erf,
          "sin": sequences.sin, "cos": sequences.cos, "tanh": sequences.tanh}
TABLE = {name: nearest(getattr(np, name))
         for name in ("exp", "log", "sin", "cos", "tanh")}
TABLE["erf"] = nearest(np.vectorize(math.erf))

FUNCTIONS = {
    "abs": np.abs, "neg": np.negative, "floor": floor, "ceil": ceil,
    "sign": lambda x: np.where(x > 0, f32(1), np.where(x < 0, f32(-1), x)),
    "sqrt": np.sqrt, "rsqrt": lambda x: f32(1) / np.sqrt(x),
    "reciprocal": lambda x: f32(1) / x, "round": sequences.round_even,
    "hard_swish": lambda x: x * hard_sigmoid(x, SWISH, f32(0.5)),
}


def divide(x, y):
    """Towards zero; 0 for a divisor of 0."""
    if y == 0:
        return 0
    q = abs(x) // abs(y)
    return q if (x < 0) == (y < 0) else -q


INTEGER = {
    "add": lambda x, y, b: x + y, "sub": lambda x, y, b: x - y,
    "mul": lambda x, y, b: x * y, "min": lambda x, y, b: min(x, y),
    "max": lambda x, y, b: max(x, y), "div": lambda x, y, b: divide(x, y),
    "bit_and": lambda x, y, b: x & y, "bit_or": lambda x, y, b: x | y,
    "bit_xor": lambda x, y, b: x ^ y,
    "shift_left": lambda x, y, b: x << y % b,
    "shift_right": lambda x, y, b: x >> y % b,
    "abs": lambda x, b: abs(x), "neg": lambda x, b: -x,
    "sign": lambda x, b: (x > 0) - (x < 0),
}

PREDICATES = {"eq": np.equal, "ne": np.not_equal, "lt": np.less,
              "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal}


def rescale(v, multiplier, shift, double):
    """Exact, on Python integers."""
    half = 1 << shift - 1
    if double and shift > 31:
        half += 1 << 30 if v >= 0 else -(1 << 30)
    return v * multiplier + half >> shift


class Cases(oracle.Cases):
    def __init__(self, seed):
        super().__init__(seed)
        self.turn = 12 * seed

    def next(self, *choices):
        """Each in turn, so that a few seeds meet all."""
        self.turn += 1
        return choices[self.turn % len(choices)]

    def integers(self, kind, shape):
        """All sizes of numbers, and the ends of the range often."""
        x = self.r.integers(kind.low, kind.high, shape, np.int64,
                            endpoint=True)
        x >>= self.r.integers(0, bits_of(kind), shape)
        ends = np.array([kind.low, kind.high, 0, 1, -1 if kind.low else 2])
        chosen = self.r.random(shape) < 0.2
        x = np.where(chosen, self.r.choice(ends, shape), x)
        return x.astype(kind.dtype)

    def values(self, kind, shape):
        return np.asarray(
            self.integers(kind, shape) if isinstance(kind, Plain)
            else self.data(kind, shape, self.pick(0.5, 1, 4, 30, 1e5)))

    def any_shape(self):
        return [] if self.chance(0.05) else self.shape()

    def function(self):
        op = self.next(*FUNCTIONS, "gelu", "hard_sigmoid", "leaky_relu", "elu",
                       "exp", "log", "erf", "sin", "cos")
        source = self.maybe_type()
        target = self.type() if source else None
        x = self.values(source, self.any_shape())
        v = to_real(source, x)
        eight = source and "8" in source.storage and "8" in target.storage
        library = TABLE if eight else KERNEL
        alpha, beta = (f32(self.pick(0.2, 0.01, 1.0, -0.5)) for _ in "ab")
        text = ""
        if op in ("hard_sigmoid", "leaky_relu", "elu"):
            text = f"alpha = {float(alpha)!r} : f32"
        if op == "hard_sigmoid":
            text += f", beta = {float(beta)!r} : f32"
            y = hard_sigmoid(v, alpha, beta)
        elif op == "gelu":
            by_tanh = self.chance(0.5)
            text = f"tanh = {str(by_tanh).lower()}"
            y = gelu(v, by_tanh, library)
        elif op == "leaky_relu":
            y = np.where(v >= 0, v, alpha * v)
        elif op == "elu":
            y = np.where(v >= 0, v, alpha * (library["exp"](v) - f32(1)))
        else:
            y = (FUNCTIONS.get(op) or library[op])(v)
        return Case(op, [(source, x)], text, target, from_real(target, y))

    def combine(self):
        op = self.next("div", "min", "max", "pow")
        a_shape, b_shape = self.broadcast_shapes()
        ta, tb, to = self.types(3)
        a, b = self.data(ta, a_shape), self.data(tb, b_shape)
        if ta is None and self.chance(0.5):  # whole exponents, equal operands
            b = np.rint(b).astype(f32)
        x, y = to_real(ta, a), to_real(tb, b)
        x, y = np.broadcast_arrays(x, y)
        z = {"div": np.divide, "min": np.minimum, "max": np.maximum,
             "pow": lambda x, y: sequences.power(x.copy(), y.copy())}[op](x, y)
        return Case(op, [(ta, a), (tb, b)], "", to, from_real(to, z),
                    (1,) if self.chance(0.2) else ())

    def integer(self):
        op = self.next(*INTEGER)
        kinds = [Plain(name) for name in Plain.DTYPES]
        # Not in step with the ops: each soon has each type.
        kind = kinds[(self.turn + self.turn // len(INTEGER)) % len(kinds)]
        a_shape, b_shape = self.broadcast_shapes()
        operands = [(kind, self.integers(kind, a_shape))]
        if op not in ("abs", "neg", "sign"):
            operands.append((kind, self.integers(kind, b_shape)))
        arrays = [x.astype(object) for _, x in operands]
        exact = np.frompyfunc(lambda *x: INTEGER[op](*x, bits_of(kind)),
                              len(arrays), 1)(*arrays)
        return Case(op, operands, "", kind, wrap(kind, exact),
                    (1,) if len(operands) > 1 and self.chance(0.2) else ())

    def any_kind(self):
        return self.pick(None, self.type(), self.plain(), self.plain())

    def compare(self):
        word = self.next(*PREDICATES)
        kind = self.any_kind()
        a, b = (self.values(kind, s) for s in self.broadcast_shapes())
        if kind and self.chance(0.5):  # equal ones
            a, b = a // 16, b // 16
        expected = PREDICATES[word](a, b).astype(np.uint8)
        return Case("compare", [(kind, a), (kind, b)],
                    f'predicate = "{word}"', Plain("ui8"), expected)

    def select(self):
        kind = self.any_kind()
        c_shape, a_shape = self.broadcast_shapes()
        out = np.broadcast_shapes(c_shape, a_shape)
        b_shape = [d if self.chance(0.5) else 1 for d in out]
        c = self.r.integers(0, 3, c_shape).astype(np.uint8)
        a, b = self.values(kind, a_shape), self.values(kind, b_shape)
        return Case("select", [(Plain("ui8"), c), (kind, a), (kind, b)], "",
                    kind, np.where(c != 0, a, b))

    def cast(self):
        kinds = [None, *(Plain(name) for name in Plain.DTYPES)]
        source = self.next(*kinds)
        target = kinds[self.turn // len(kinds) % len(kinds)]
        shape = self.any_shape()
        x = self.values(source, shape)
        if source is None and target:
            scale = self.pick(1.0, 2.0**bits_of(target))
            x = (x * f32(scale)).astype(f32)
        if target is None:
            expected = x.astype(f32)
        elif source is None:
            whole = [0 if math.isnan(v) else
                     min(max(v, -1e30), 1e30) for v in x.ravel().tolist()]
            whole = [min(max(int(v), target.low), target.high) for v in whole]
            expected = np.array(whole, target.dtype).reshape(shape)
        else:
            expected = wrap(target, x.astype(object))
        return Case("cast", [(source, x)], "", target, expected)

    def rescale(self):
        small = ("i8", "ui8", "i16", "ui16", "i32")
        source, target = self.plain(*small), self.plain(*small)
        shape = self.any_shape()
        x = self.values(source, shape)
        count = shape[-1] if shape and self.chance(0.4) else 1
        double = self.chance(0.5)
        # Mostly numbers that the result's type has room for.
        spread = max(0, bits_of(source) - bits_of(target))
        multipliers = self.r.integers(2**30, 2**31, count)
        shifts = np.clip(31 + spread + self.r.integers(-4, 6, count), 1, 62)
        if self.chance(0.2):
            multipliers = self.r.integers(0, 2**31, count)
            shifts = self.r.integers(1, 63, count)
        zeros = [0 if bits_of(k) == 32 and self.chance(0.7)
                 else int(self.r.integers(max(k.low, -200), min(k.high, 200)))
                 for k in (source, target)]
        exact = np.frompyfunc(
            lambda v, m, s: rescale(v - zeros[0], int(m), int(s), double)
            + zeros[1], 3, 1)(x.astype(object), multipliers, shifts)
        expected = np.array([
            min(max(v, target.low), target.high)
            for v in np.asarray(exact, object).ravel().tolist()],
            target.dtype).reshape(shape)
        text = (f"multipliers = {oracle.i64s(multipliers)}, "
                f"shifts = {oracle.i64s(shifts)}, input_zp = {zeros[0]} : i64, "
                f"output_zp = {zeros[1]} : i64, "
                f'rounding = "{"double" if double else "single"}"')
        return Case("rescale", [(source, x)], text, target, expected)

    def table(self):
        if self.chance(0.3):
            source, target = Plain("i16"), Plain("i32")
            table = self.integers(source, [513])
            x = self.integers(source, self.shape())
            wide = x.astype(np.int64)
            at = (wide + 32768) >> 7
            base, after = (table[at + i].astype(np.int64) for i in (0, 1))
            y = wrap(target, (base << 7) + (after - base) * (wide & 127))
            return Case("table", [(source, x), (source, table)], "", target,
                        y, (1,))
        source = self.pick(self.type(("i8", "u8")), self.plain("i8", "ui8"))
        target = self.pick(
            None, self.type(("i8", "u8")),
            self.plain("i8", "ui8", "i16", "ui16", "i32"))
        table = self.values(target, [256])
        x = self.values(source, self.shape())
        return Case("table", [(source, x), (target, table)], "", target,
                    table[x.astype(int) - source.low], (1,))

    def twins(self):
        """Ops of one shape and storage, with scales and without: their kernels
        must not be taken for each other."""
        self.turn += 1
        op = ("abs", "div", "table", "neg", "min", "sub", "sign",
              "max")[self.turn // 4 % 8]
        plain = self.turn % 2 == 0
        name = ("i8", "i16")[self.turn // 2 % 2]
        kind = Plain(name) if plain else self.type((name,))
        unary = op in ("abs", "neg", "sign")
        if op == "table":
            operands = [(Plain("i8"), self.integers(Plain("i8"), [4, 6])),
                        (Plain("i8"), self.integers(Plain("i8"), [256]))]
            (_, x), (_, table) = operands
            return Case(op, operands, "", Plain("i8"),
                        table[x.astype(int) + 128], (1,))
        operands = [(kind, self.values(kind, [4, 6]))
                    for _ in range(1 if unary else 2)]
        arrays = [x for _, x in operands]
        if plain:
            exact = np.frompyfunc(lambda *x: INTEGER[op](*x, bits_of(kind)),
                                  len(arrays), 1)
            expected = wrap(kind, exact(*[x.astype(object) for x in arrays]))
        else:
            function = {"div": np.divide, "min": np.minimum, "sub": np.subtract,
                        "max": np.maximum}.get(op) or FUNCTIONS[op]
            expected = kind.from_real(function(*map(kind.to_real, arrays)))
        return Case(op, operands, "", kind, expected)
