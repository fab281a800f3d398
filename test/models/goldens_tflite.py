#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Runs every .tflite model of the models' folder on its real inputs and compares
# the outputs with what other engines gave, as stored in golden/:
#
#   goldens_tflite.py CIMC MODELS [FILTER] [CIMC OPTION…]
#
# - int8: equal to ONNX Runtime's outputs of the same network (NAME_qdq.onnx,
#   which holds the same scales and weights) in every element;
# - int8 with --requant=tflite-ref: equal to LiteRT's reference kernels;
# - float: within 1e-4 of the golden's largest value; dscnn_fp32, whose weights
#   are int8, is compared with the network of dequantized weights, and has to
#   agree with LiteRT, which quantizes activations too, on 99 % of the classes;
# - mobilenet_v2_quantized has no golden of its float arithmetic: the classes
#   must be LiteRT's.
# Exit code 1 if any is not. How inputs are fed is written in MODELS/README.md.
import argparse
import pathlib
import sys
import time

import numpy as np

import goldens


class Inputs(goldens.Inputs):
    """As for ONNX, but channels last."""

    def of(self, model):
        if model.startswith("hello_world"):
            x = self.load("hello_world_x")
            return (goldens.quantized(x, 0.0244801156, -128)
                    if model.endswith("int8") else x)
        if model == "mobilenet_v2_quantized":
            return self.load("mobilenet_v2_quantized_rand")
        name, _, kind = model.rpartition("_")
        x = getattr(self, name)(kind == "int8")
        return (np.ascontiguousarray(x.transpose(0, 2, 3, 1))
                if x.ndim == 4 else x)


def same(got, golden):
    differ = int((got != golden).sum())
    most = int(np.abs(got.astype(int) - golden.astype(int)).max())
    return not differ, (f"{differ} of {golden.size} outputs differ"
                        + (f" by up to {most}" if differ else ""))


def near(got, golden):
    worst = float(np.abs(got.astype(np.float64) - golden).max()
                  / np.abs(golden).max())
    return worst <= 1e-4, f"largest difference {worst:.1e} (bound 0.0001)"


def classes(share):
    def agree(got, golden):
        right = int((got.argmax(-1) == golden.argmax(-1)).sum())
        text = f"{right} of {len(golden)} classes agree"
        if got.dtype == np.int8:
            text += f", {same(got, golden)[1]}"
        return right >= share * len(golden), text
    return agree


EXACT = ["--requant=tflite-ref"]
# Model, its input where not its own, options, golden, how it compares.
CHECKS = [
    *((f"{name}_int8", None, [], f"{name}_qdq.ort", same)
      for name in ("ad", "dscnn", "resnet8", "vww")),
    *((f"{name}_int8", None, EXACT, f"{name}_int8.litert_ref", same)
      for name in ("ad", "dscnn", "hello_world", "resnet8", "vww")),
    *((f"{name}_int8", f"{name}_rand_int8", EXACT,
       f"{name}_int8_rand.litert_ref", same)
      for name in ("ad", "dscnn", "resnet8", "vww")),
    ("hello_world_int8", None, [], "hello_world_int8.litert_ref", same),
    ("mobilenet_v2_quantized", None, EXACT,
     "mobilenet_v2_quantized.litert_ref", same),
    ("mobilenet_v2_quantized", None, [],
     "mobilenet_v2_quantized.litert_ref", classes(1.0)),
    ("mobilenet_v2_quantized", None, [],
     "mobilenet_v2_quantized.litert_xnn", classes(1.0)),
    *((model, None, [], f"{model}.litert_ref", near)
      for model in ("ad_fp32", "hello_world_float", "resnet8_fp32",
                    "vww_fp32")),
    ("dscnn_fp32", None, [], "dscnn_fp32.ort", near),
    ("dscnn_fp32", None, [], "dscnn_fp32.litert_ref", classes(0.99)),
]


def check(args, options, inputs, row):
    model, data, own, name, compare = row
    x = inputs.load(data) if data else inputs.of(model)
    golden = np.load(args.models / "golden" / f"{name}.npy")
    started = time.perf_counter()
    got = None
    try:
        got = goldens.run_cimc(args.cimc,
                               args.models / "tflite" / f"{model}.tflite", x,
                               own + options)
        if got.shape != golden.shape or got.dtype != golden.dtype:
            good, text = False, f"{got.dtype}{list(got.shape)}"
        else:
            good, text = compare(got, golden)
    except (RuntimeError, OSError, ValueError) as error:
        good, text = False, str(error)
    labels = goldens.labels_of(model, args.models) if not data else None
    if got is not None and labels is not None and got.ndim == 2:
        right = int((got.argmax(1) == labels[:len(got)]).sum())
        text += f"; {right} of {len(got)} right"
    print(f"{'ok' if good else 'FAIL':4} {model} as {name}: {text} "
          f"({len(x)} inputs, {time.perf_counter() - started:.2f} s)",
          flush=True)
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cimc")
    parser.add_argument("models", type=pathlib.Path)
    parser.add_argument("filter", nargs="?", default="")
    args, options = parser.parse_known_args()
    inputs = Inputs(args.models)
    results = [check(args, options, inputs, row) for row in CHECKS
               if args.filter in row[0]]
    good = results.count(True)
    print(f"{good} of {len(results)} comparisons hold")
    return 0 if results and good == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
