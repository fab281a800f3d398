# SPDX-License-Identifier: Apache-2.0
#
# What the kernels of passes/lower must compute, in numpy, bit for bit: random
# cases of each op, with the expected result. Every f32 operation is one numpy
# operation on float32, so it is rounded once and never fused.
import math

import numpy as np

from sequences import exp, fma, sigmoid, tanh

f32 = np.float32
INF = np.inf
NO_BOUNDS = (-INF, INF)
LIMITS = {"i8": (np.int8, -128, 127), "u8": (np.uint8, 0, 255),
          "i16": (np.int16, -2**15, 2**15 - 1),
          "u16": (np.uint16, 0, 2**16 - 1)}


class Quantized:
    """A per-tensor !quant.uniform type."""

    def __init__(self, storage, scale, zero_point):
        self.storage = storage
        self.dtype, self.low, self.high = LIMITS[storage]
        self.scale, self.zero = f32(scale), int(zero_point)

    def __str__(self):
        return (f"!quant.uniform<{self.storage}:f32, "
                f"{float(self.scale)!r}:{self.zero}>")

    def to_real(self, x):
        return (x.astype(np.int64) - self.zero).astype(f32) * self.scale

    def limits(self, bounds):
        """The stored integers that the real bounds mean."""
        ends = [self.zero + int(np.rint(f32(b) / self.scale))
                if abs(b) < INF else math.copysign(10**9, b) for b in bounds]
        return tuple(min(max(e, self.low), self.high) for e in ends)

    def store(self, scaled, bounds=NO_BOUNDS, zero=None):
        """rne(scaled) + zero; a NaN is the lowest value."""
        zero = self.zero if zero is None else zero
        low, high = self.limits(bounds)
        r = np.rint(np.clip(np.where(np.isnan(scaled), -INF, scaled),
                            -1e9, 1e9)).astype(np.int64)
        return np.clip(r + zero, low, high).astype(self.dtype)

    def from_real(self, x, bounds=NO_BOUNDS):
        return self.store(x.astype(f32) / self.scale, bounds)


class Plain:
    """A plain integer type, as it is printed."""
    DTYPES = {"i8": np.int8, "ui8": np.uint8, "i16": np.int16,
              "ui16": np.uint16, "i32": np.int32, "i64": np.int64}

    def __init__(self, name):
        self.name, self.dtype = name, self.DTYPES[name]
        self.storage = name.replace("ui", "u")
        info = np.iinfo(self.dtype)
        self.low, self.high = int(info.min), int(info.max)

    def __str__(self):
        return self.name


def to_real(kind, x):
    return kind.to_real(x) if kind else x


def from_real(kind, x, bounds=NO_BOUNDS):
    if kind:
        return kind.from_real(x, bounds)
    low, high = bounds
    x = np.where(x > f32(low), x, f32(low)) if low > -INF else x
    x = np.where(x < f32(high), x, f32(high)) if high < INF else x
    return x.astype(f32)


def ordered_sum(parts, shape):
    total = np.zeros(shape, f32)
    for part in parts:
        total = total + part
    return total


# -- Random cases --------------------------------------------------------------
class Case:
    """op(operands) {attributes} -> result; operands are (type, array).

    `constants` are the operands that are constants. An inner case stands
    between quantize and dequantize instead of at the function's edge."""

    def __init__(self, op, operands, attributes, kind, expected,
                 constants=(), inner=False):
        self.op, self.operands = op, operands
        self.attributes, self.kind = attributes, kind
        self.expected = np.asarray(expected)
        self.constants, self.inner = constants, inner


def is_fused(kinds):
    """Whether one integer kernel computes the op: the rule of
    passes/lower/core/fused.h."""
    return all(k is not None and k.storage == kinds[0].storage
               for k in kinds) and "8" in kinds[0].storage


ACTIVATIONS = [
    ("", NO_BOUNDS), ('activation = "relu"', (0, INF)),
    ('activation = "relu6"', (0, 6)),
    ('activation = "clamp", clamp_min = -1.5 : f32, clamp_max = 2.25 : f32',
     (-1.5, 2.25))]


def i64s(values):
    return "array<i64: " + ", ".join(map(str, values)) + ">"


class Cases:
    def __init__(self, seed):
        self.r = np.random.default_rng(seed)

    def pick(self, *choices):
        return choices[self.r.integers(len(choices))]

    def chance(self, share):
        return self.r.random() < share

    def type(self, storages=("i8", "u8", "i8", "u8", "i16", "u16")):
        storage = self.pick(*storages)
        _, low, high = LIMITS[storage]
        scale = self.pick(0.5, 0.25, 0.0123, 0.1, 1 / 255, 3.7e-3)
        if storage.endswith("16"):
            scale /= 64
        zero = self.pick(0, low, low + 5,
                         self.r.integers(max(low, -300), min(high, 300)))
        return Quantized(storage, scale, min(max(zero, low), high))

    def maybe_type(self):
        return None if self.chance(0.4) else self.type()

    def plain(self, *names):
        return Plain(self.pick(*(names or Plain.DTYPES)))

    def any_type(self):
        return self.plain() if self.chance(0.5) else self.maybe_type()

    def shape(self, rank=None):
        rank = rank or self.r.integers(1, 5)
        return [int(self.pick(1, 2, 3, self.r.integers(1, 10),
                              self.r.integers(1, 41))) for _ in range(rank)]

    def data(self, kind, shape, spread=4.0):
        if kind:
            return self.r.integers(kind.low, kind.high, shape, kind.dtype,
                                   endpoint=True)
        x = (self.r.standard_normal(shape) * spread).astype(f32)
        for odd in (np.nan, INF, -INF, 0.0, -0.0, 1e-30, 3e9, -100, 100):
            if x.size > 20 and self.chance(0.2):
                x.flat[self.r.integers(x.size)] = odd
        return x

    def convert(self):
        op = self.pick("quantize", "dequantize", "requantize")
        text, bounds = ("", NO_BOUNDS)
        if op == "requantize":
            text, bounds = self.pick(*ACTIVATIONS)
        source = None if op == "quantize" else self.type()
        target = None if op == "dequantize" else self.type()
        x = self.data(source, self.shape(),
                      float(target.scale) * 80 if target else 1)
        return Case(op, [(source, x)], text, target,
                    from_real(target, to_real(source, x), bounds))

    def unary(self):
        op = self.pick("relu", "clamp", "sigmoid", "tanh")
        source = self.maybe_type()
        target = source
        if source and op in ("sigmoid", "tanh"):
            target = self.type()
        x = self.data(source, self.shape(), self.pick(1, 4, 30))
        real = to_real(source, x)
        bounds = {"relu": (0, INF), "clamp": (-1.25, 2)}.get(op, NO_BOUNDS)
        text = ("clamp_min = -1.25 : f32, clamp_max = 2.0 : f32"
                if op == "clamp" else "")
        if op in ("sigmoid", "tanh"):
            eight = source and "8" in source.storage and "8" in target.storage
            if eight:  # a table, from libm in double precision
                d = real.astype(np.float64)
                real = (np.tanh(d) if op == "tanh"
                        else 1 / (1 + np.exp(-d))).astype(f32)
            else:
                real = tanh(real) if op == "tanh" else sigmoid(real)
        return Case(op, [(source, x)], text, target,
                    from_real(target, real, bounds))

    def broadcast_shapes(self):
        out = self.shape()

        def part():
            s = [d if self.chance(0.6) else 1 for d in out]
            return s[self.r.integers(len(s)):] if self.chance(0.3) else s
        a, b = [(out, out), (out, part()), (part(), out),
                (part(), part())][self.r.integers(4)]
        return a, b

    def types(self, count):
        """None for f32; often the same storage, often with equal steps."""
        if self.chance(0.25):
            return [None] * count
        storages = [self.pick("i8", "u8")] if self.chance(0.7) else \
            ["i8", "u8", "i16"]
        kinds = [self.type(storages) for _ in range(count)]
        if self.chance(0.5):  # many ties
            for kind in kinds:
                kind.scale = f32(self.r.integers(1, 200) / 1024)
        return kinds

    def binary(self):
        op = self.pick("add", "add", "mul", "sub")
        text, bounds = self.pick(*ACTIVATIONS)
        a_shape, b_shape = self.broadcast_shapes()
        ta, tb, to = self.types(3)
        inner = ta is not None and self.chance(0.5)
        constants = (1,) if self.chance(0.3) else ()
        a, b = self.data(ta, a_shape), self.data(tb, b_shape)
        if op == "sub" or not is_fused((ta, tb, to)):
            x, y = to_real(ta, a), to_real(tb, b)
            expected = from_real(to, {"add": np.add, "sub": np.subtract,
                                      "mul": np.multiply}[op](x, y), bounds)
        elif op == "add":
            za, zb, zo = (f32(k.zero) for k in (ta, tb, to))
            ra, rb = ta.scale / to.scale, tb.scale / to.scale
            fix = zo - fma(ra, za, rb * zb)
            scaled = fma(ra, a.astype(f32), fma(rb, b.astype(f32), fix))
            expected = to.store(np.rint(scaled), bounds, 0)
        else:
            product = ((a.astype(np.int64) - ta.zero) *
                       (b.astype(np.int64) - tb.zero)).astype(f32)
            ratio = (ta.scale * tb.scale) / to.scale
            scaled = product * ratio + f32(to.zero)
            expected = to.store(np.rint(scaled), bounds, 0)
        return Case(op, [(ta, a), (tb, b)], text, to, expected, constants,
                    inner)

    def softmax(self):
        source = self.maybe_type()
        target = self.type() if source else None
        if source and self.chance(0.5):
            target = Quantized(source.storage, self.pick(1 / 256, 1 / 255),
                               source.low)
        shape = self.shape()
        axis = int(self.r.integers(len(shape)))
        x = self.data(source, shape)
        x = x if source else np.clip(np.nan_to_num(x), -90, 90)
        take = lambda v: [np.take(v, [i], axis) for i in range(shape[axis])]
        largest = x.max(axis, keepdims=True)
        if is_fused((source, target)):
            room = float(f32(math.log(float(
                np.finfo(f32).max / f32(shape[axis]))))) - 5
            room = max(0.0, room) / float(source.scale)
            table = np.array([math.exp((-d + room) * float(source.scale))
                              for d in range(256)]).astype(f32)
            e = table[largest.astype(int) - x.astype(int)]
            total = ordered_sum(take(e), largest.shape)
            share = (e * np.floor(f32(1) / target.scale)) / total
            expected = target.store(share)
        else:
            e = exp(to_real(source, x) - to_real(source, largest))
            total = ordered_sum(take(e), largest.shape)
            expected = from_real(target, e / total)
        return Case("softmax", [(source, x)], f"axis = {axis} : i64", target,
                    expected)

    def pool(self):
        average = self.chance(0.5)
        source = self.maybe_type()
        target = source
        if average and source:
            target = self.type() if self.chance(0.5) else \
                self.type((source.storage,))
        inner = source is not None and self.chance(0.5)
        fused = is_fused((source, target))
        kernel = self.r.integers(1, 5, 2)
        strides = self.r.integers(1, 4, 2)
        pads = [int(self.r.integers(kernel[i % 2])) for i in range(4)]
        if self.chance(0.4):
            pads = [0] * 4
        n, c = self.r.integers(1, 3), self.pick(1, 3, 8, 12, 16, 17, 33, 70)
        h, w = (int(self.r.integers(k, 10)) for k in kernel)
        x = self.data(source, [n, h, w, c])
        x = x if source else np.nan_to_num(x)
        include = self.chance(0.5)
        oh = (h + pads[0] + pads[2] - kernel[0]) // strides[0] + 1
        ow = (w + pads[1] + pads[3] - kernel[1]) // strides[1] + 1
        out = np.zeros([n, oh, ow, c], target.dtype if target else f32)
        for i in range(oh):
            for j in range(ow):
                y0, x0 = i * strides[0] - pads[0], j * strides[1] - pads[1]
                part = x[:, max(0, y0):min(h, y0 + kernel[0]),
                         max(0, x0):min(w, x0 + kernel[1]), :]
                if not average:
                    out[:, i, j, :] = part.max((1, 2))
                    continue
                count = part.shape[1] * part.shape[2]
                real = np.moveaxis(to_real(source, part), 0, 2)
                if not fused:  # the sums of the columns
                    real = ordered_sum(real, real.shape[1:])
                total = ordered_sum(real.reshape(-1, n, c), [n, c])
                mean = total / f32(kernel.prod() if include else count)
                if fused:  # the zero point is added before rounding
                    mean = np.rint(mean / target.scale + f32(target.zero))
                    mean = target.store(mean, zero=0)
                else:
                    mean = from_real(target, mean)
                out[:, i, j, :] = mean
        text = (f"kernel = {i64s(kernel)}, strides = {i64s(strides)}, "
                f"pads = {i64s(pads)}")
        if average:
            text += f", count_include_pad = {str(include).lower()}"
        return Case(("avg" if average else "max") + "_pool2d", [(source, x)],
                    text, target, out, (), inner)

    def global_pool(self):
        source = self.maybe_type()
        target = self.type() if source else None
        n, h, w = (int(self.pick(1, 2, 7, 8, 13)) for _ in range(3))
        c = self.pick(1, 3, 8, 12, 16, 17, 33, 70, 130)
        if source and self.chance(0.5):  # half-way cases
            h = w = int(self.pick(2, 8))
            target.scale = source.scale
        x = self.data(source, [n, h, w, c])
        x = x if source else np.nan_to_num(x)
        pixels = x.reshape(n, h * w, c)
        if source:
            total = (pixels.astype(np.int64) - source.zero).sum(1)
            factor = source.scale / (target.scale * f32(h * w))
            mean = target.store(total.astype(f32) * factor)
        else:
            mean = ordered_sum(np.moveaxis(pixels, 1, 0), [n, c]) / f32(h * w)
        return Case("global_avg_pool2d", [(source, x)], "", target,
                    mean.reshape(n, 1, 1, c))

    def reduce(self):
        source = self.maybe_type()
        target = self.type() if source else None
        shape = self.shape()
        rank = len(shape)
        axes = sorted(int(a) for a in self.r.permutation(rank)
                      [:self.r.integers(1, rank + 1)])
        kept = [i for i in range(rank) if i not in axes]
        keep = self.chance(0.5) or not kept
        x = self.data(source, shape)
        real = np.transpose(to_real(source, x), axes + kept)
        real = real.reshape([-1] + [shape[i] for i in kept])
        mean = ordered_sum(real, real.shape[1:]) / f32(real.shape[0])
        out = [1 if i in axes else shape[i] for i in range(rank)
               if keep or i in kept]
        text = f"axes = {i64s(axes)}, keepdims = {str(keep).lower()}"
        return Case("reduce_mean", [(source, x)], text, target,
                    from_real(target, np.asarray(mean).reshape(out)))

    def reduction(self):
        op = self.pick("sum", "prod", "max", "min")
        source = self.any_type()
        target = source
        if isinstance(source, Quantized) and self.chance(0.7):
            target = self.type()
        shape = self.shape()
        rank = len(shape)
        axes = sorted(int(a) for a in self.r.permutation(rank)
                      [:self.r.integers(1, rank + 1)])
        kept = [i for i in range(rank) if i not in axes]
        keep = self.chance(0.5) or not kept
        x = self.data(source, shape)
        plain = isinstance(source, Plain)
        # Which of two zeros is the larger is left open.
        x = x if source else x + f32(0)
        real = np.transpose(x if plain else to_real(source, x), axes + kept)
        real = real.reshape([-1] + [shape[i] for i in kept])
        start = {"sum": 0, "prod": 1, "max": source.low if plain else -INF,
                 "min": source.high if plain else INF}[op]
        total = np.full(real.shape[1:], start, real.dtype)
        combine = {"sum": np.add, "prod": np.multiply, "max": np.maximum,
                   "min": np.minimum}[op]
        for part in real:
            total = combine(total, part)
        out = [1 if i in axes else shape[i] for i in range(rank)
               if keep or i in kept]
        total = np.asarray(total).reshape(out)
        text = f"axes = {i64s(axes)}, keepdims = {str(keep).lower()}"
        return Case("reduce_" + op, [(source, x)], text, target,
                    total if plain else from_real(target, total))

    def arg(self):
        source = self.any_type()
        shape = self.shape()
        axis = int(self.r.integers(len(shape)))
        keep, last = self.chance(0.5) or len(shape) == 1, self.chance(0.5)
        op = self.pick("max", "min")
        x = self.data(source, shape)
        if self.chance(0.5):  # many ties
            x = x // 64 if source else np.round(x / 4)
        bad = -INF if op == "max" else INF
        values = x if source else np.where(np.isnan(x), f32(bad), x)
        pick = np.argmax if op == "max" else np.argmin
        if last:
            where = shape[axis] - 1 - pick(np.flip(values, axis), axis)
            if not source:  # a NaN is never chosen
                good = (values == getattr(values, op)(axis, keepdims=True)) \
                    & ~np.isnan(x)
                where = np.where(good.any(axis), shape[axis] - 1 -
                                 np.argmax(np.flip(good, axis), axis), 0)
        else:
            where = pick(values, axis)
            if not source:
                extreme = getattr(values, op)(axis)
                where = np.where(extreme == bad, 0, where)
        where = np.expand_dims(where, axis) if keep else where
        kind = self.plain("i32", "i64")
        text = (f"axis = {axis} : i64, keepdims = {str(keep).lower()}, "
                f"last = {str(last).lower()}")
        return Case("arg_" + op, [(source, x)], text, kind,
                    where.astype(kind.dtype))

    def concat(self):
        kind = self.any_type()
        shape = self.shape()
        axis = int(self.r.integers(len(shape)))
        if self.chance(0.4):  # runs: operands may lie in the result
            shape[:axis] = [1] * axis
        parts = []
        for _ in range(self.r.integers(1, 5)):
            shape[axis] = int(self.pick(1, 2, 3, 8, self.r.integers(1, 40)))
            parts.append(self.data(kind, shape))
        case = Case("concat", [(kind, x) for x in parts],
                    f"axis = {axis} : i64", kind, np.concatenate(parts, axis))
        count = len(parts)
        case.attributes += f", operandSegmentSizes = array<i32: "
        case.attributes += ", ".join(["1"] * count + ["0"] * (16 - count)) + ">"
        return case

    def slice(self):
        kind = self.any_type()
        shape = self.shape()
        x = self.data(kind, shape)
        starts, sizes, steps, picks = [], [], [], []
        for size in shape:
            where = range(size)
            if self.chance(0.7):
                ends = sorted(self.r.integers(0, size, 2))
                where = range(ends[0], ends[1] + 1,
                              int(self.pick(1, 1, 1, 2, 3)))
            if self.chance(0.2):
                where = where[::-1]
            starts.append(where[0])
            sizes.append(len(where))
            steps.append(where.step)
            picks.append(list(where))
        return Case("slice", [(kind, x)],
                    f"starts = {i64s(starts)}, sizes = {i64s(sizes)}, "
                    f"steps = {i64s(steps)}", kind,
                    np.ascontiguousarray(x[np.ix_(*picks)]))

    def gather(self):
        kind = self.any_type()
        shape = self.shape(self.r.integers(1, 4))
        axis = int(self.r.integers(len(shape)))
        size = shape[axis]
        index = self.plain("i32", "i64")
        indices = self.r.integers(-size, size, self.shape(
            self.r.integers(1, 3))).astype(index.dtype)
        if self.chance(0.3):  # outside: the nearest
            indices.flat[0] = self.pick(size, -size - 1, index.low, index.high)
        x = self.data(kind, shape)
        wide = indices.astype(object)
        wide = np.clip(np.where(wide < 0, wide + size, wide), 0, size - 1)
        return Case("gather", [(kind, x), (index, indices)],
                    f"axis = {axis} : i64", kind,
                    np.take(x, wide.astype(int), axis),
                    (1,) if self.chance(0.5) else ())

    def transpose(self):
        kind = self.any_type()
        shape = self.shape(self.pick(2, 3, 4, 4, 5))
        shape = [min(d, 5) for d in shape] if len(shape) > 4 else shape
        if len(shape) < 4 and self.chance(0.6):  # blocks and what is left
            shape = [int(self.r.integers(12, 40)) for _ in shape]
        perm = [int(p) for p in self.r.permutation(len(shape))]
        x = self.data(kind, shape)
        return Case("transpose", [(kind, x)], f"perm = {i64s(perm)}", kind,
                    np.ascontiguousarray(x.transpose(perm)))

    def pad(self):
        kind = self.any_type()
        shape = self.shape()
        low = [int(self.pick(0, 0, 1, 3)) for _ in shape]
        high = [int(self.pick(0, 0, 1, 2)) for _ in shape]
        gaps = [int(self.pick(0, 0, 1, 2)) for _ in shape]
        value = self.pick(0.0, 1.5, -2.0, 1e20)
        x = self.data(kind, shape)
        stored = f32(value)
        if isinstance(kind, Quantized):
            stored = kind.from_real(np.array(value, f32))
        elif kind:
            stored = kind.dtype(min(max(int(value), kind.low), kind.high))
        text = (f"low = {i64s(low)}, high = {i64s(high)}, "
                f"value = {value:.1f} : f32")
        if any(gaps) or self.chance(0.5):
            text += f", interior = {i64s(gaps)}"
        wide = np.full([(d - 1) * (g + 1) + 1 for d, g in zip(shape, gaps)],
                       stored, x.dtype)
        wide[tuple(slice(None, None, g + 1) for g in gaps)] = x
        return Case("pad", [(kind, x)], text, kind,
                    np.pad(wide, list(zip(low, high)),
                           constant_values=stored))
