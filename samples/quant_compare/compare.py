#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# How far a quantized model is from its float original, per output: see
# README.md beside this file, or compare.py --help. Needs numpy.
import argparse
import math
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np

DTYPES = {"float": np.float32, "int8_t": np.int8, "uint8_t": np.uint8,
          "int16_t": np.int16, "uint16_t": np.uint16, "int32_t": np.int32,
          "int64_t": np.int64}


class Tensor:
    """An input or output of a model, as its C header describes it."""

    LINE = re.compile(r'//   (\w+): (\w+) ?((?:\[\d+\])*)'
                      r'(?:, real = (\S+) \* \(q - (-?\d+)\))?.*, "(.*)"$')

    def __init__(self, found):
        self.symbol, self.ctype, shape, scale, zero, self.name = found.groups()
        self.shape = [int(n) for n in re.findall(r"\d+", shape)]
        self.scale = float(scale) if scale else None
        self.zero = int(zero or 0)

    def to_stored(self, values):
        """Real values as the model wants them; its own type stays as it is."""
        dtype = DTYPES[self.ctype]
        if self.scale is None or values.dtype == dtype:
            return values
        limits = np.iinfo(dtype)
        q = np.rint(values / np.float32(self.scale)) + self.zero
        return np.clip(q, limits.min, limits.max).astype(dtype)

    def to_real(self, values):
        values = values.astype(np.float64)
        return (values if self.scale is None
                else (values - self.zero) * self.scale)


class Model:
    def __init__(self, cimc, path):
        self.cimc, self.path = cimc, path
        header = self.call("--emit=header", "-o", "-").decode()
        prototype = re.search(r"^cimrt_status .*?;", header, re.M | re.S)[0]
        tensors = [Tensor(found) for found in
                   map(Tensor.LINE.match, header.split("\n")) if found]
        written = set(re.findall(r"^ +\w+ \*(\w+)", prototype, re.M))
        self.inputs = [t for t in tensors if t.symbol not in written]
        self.outputs = [t for t in tensors if t.symbol in written]

    def call(self, *arguments):
        done = subprocess.run([self.cimc, "-q", self.path, *arguments],
                              stdout=subprocess.PIPE)
        if done.returncode != 0:
            sys.exit(f"{self.path}: cimc could not read or run it")
        return done.stdout

    def run(self, arrays):
        """All outputs as real numbers."""
        if len(arrays) != len(self.inputs):
            sys.exit(f"{self.path} has {len(self.inputs)} inputs; "
                     f"{len(arrays)} were given")
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["--run"]
            for i, (tensor, array) in enumerate(zip(self.inputs, arrays)):
                np.save(f"{folder}/in{i}.npy", tensor.to_stored(array))
                arguments.append(f"--input={folder}/in{i}.npy")
            for i in range(len(self.outputs)):
                arguments.append(f"--output={folder}/out{i}.npy")
            self.call(*arguments)
            return [(t.name, t.to_real(np.load(f"{folder}/out{i}.npy")))
                    for i, t in enumerate(self.outputs)]


def random_inputs(model, seed):
    """As `cimc --random-inputs` has it: [-1, 1), or all of the integers."""
    rng = np.random.default_rng(seed)
    arrays = []
    for tensor in model.inputs:
        dtype = DTYPES[tensor.ctype]
        if tensor.ctype == "float":
            arrays.append(rng.uniform(-1, 1, tensor.shape).astype(dtype))
        else:
            limits = np.iinfo(dtype)
            arrays.append(rng.integers(limits.min, limits.max, tensor.shape,
                                       dtype, endpoint=True))
    return arrays


def outputs_of(path, cimc, arrays, seed):
    """(name, real values) of each output; and the inputs that were used."""
    if path.endswith(".npy"):
        return [(pathlib.Path(path).stem, np.load(path).astype(float))], arrays
    model = Model(cimc, path)
    if not arrays and seed is not None:
        arrays = random_inputs(model, seed)
    return model.run(arrays), arrays


def decibels(signal, noise):
    if noise == 0:
        return math.inf
    return 10 * math.log10(signal / noise) if signal > 0 else -math.inf


def measure(name, reference, other):
    """One output's numbers; sizes must agree, shapes need not."""
    if reference.size != other.size:
        sys.exit(f"output {name}: {list(reference.shape)} against "
                 f"{list(other.shape)}")
    error = np.abs(reference - other.reshape(reference.shape))
    rows = reference.reshape(-1, reference.shape[-1] if reference.ndim else 1)
    same = rows.argmax(1) == other.reshape(rows.shape).argmax(1)
    return {"name": name, "elements": error.size,
            "largest": error.max(initial=0),
            "mean": error.mean() if error.size else 0.0,
            "snr": decibels(np.square(reference).sum(),
                            np.square(error).sum()),
            "same": int(same.sum()), "rows": len(rows)}


def print_table(results):
    width = max(6, *(len(r["name"]) for r in results))
    print(f"{'output':{width}} {'elements':>9} {'max |error|':>12} "
          f"{'mean |error|':>12} {'SNR dB':>8} {'argmax agrees':>20}")
    for r in results:
        agrees = f"{r['same']} of {r['rows']}" if r["rows"] else "-"
        print(f"{r['name']:{width}} {r['elements']:>9} {r['largest']:>12.6g} "
              f"{r['mean']:>12.6g} {r['snr']:>8.2f} {agrees:>20}")


def main():
    parser = argparse.ArgumentParser(
        description="Compares a float model with a quantized one: largest and "
        "mean difference, signal-to-noise ratio, agreement of the largest "
        "score, per output.")
    parser.add_argument("reference", help="the float model, or its output.npy")
    parser.add_argument("quantized", help="the quantized one, or its output")
    parser.add_argument("--input", action="append", default=[],
                        metavar="FILE.npy", help="real values, by position; "
                        "quantized for a model that takes integers")
    parser.add_argument("--random-inputs", type=int, metavar="SEED",
                        help="without files: random values for the reference")
    parser.add_argument("--cimc", default="cimc", help="the program")
    parser.add_argument("--min-snr", type=float, default=-math.inf,
                        metavar="DB", help="exit code 1 below")
    parser.add_argument("--min-agreement", type=float, default=0,
                        metavar="PERCENT", help="exit code 1 below")
    options = parser.parse_args()

    arrays = [np.load(path) for path in options.input]
    reference, arrays = outputs_of(options.reference, options.cimc, arrays,
                                   options.random_inputs)
    quantized, _ = outputs_of(options.quantized, options.cimc, arrays, None)
    if len(reference) != len(quantized):
        sys.exit(f"{len(reference)} outputs against {len(quantized)}")
    results = [measure(name, values, other[1])
               for (name, values), other in zip(reference, quantized)]
    print_table(results)
    low = [r["name"] for r in results
           if r["snr"] < options.min_snr
           or 100 * r["same"] < options.min_agreement * r["rows"]]
    if low:
        print("too far apart: " + ", ".join(low))
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
