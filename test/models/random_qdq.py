#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Random quantized networks through cimc --run, against ONNX Runtime: every
# element of every output must be equal.
#
#   random_qdq.py CIMC FIRST COUNT [--form=any|qdq|qop|both]
#                 [--storage=any|u8|s8|s8-linear|mix] [--target=CPU]
#                 [--keep=DIR]
#
# Seeds FIRST to FIRST + COUNT - 1, one network each. A network that fails is
# shrunk: layers are left out and sizes bounded as long as it still fails; then
# it is printed, and with --keep saved as random_qdq-SEED.onnx.
#
# qdq: dequantize, operator, quantize; qop: operators on integers, QLinearConv
# and its like; both: each layer one or the other.
#
# u8: any layers. ONNX Runtime rewrites QDQ networks of signed bytes to unsigned
# ones but for what it computes in float then (docs/numerics.md), so these are
# split: s8 has no convolution or product, s8-linear has them and nothing that
# depends on the rewriting, which it switches off. mix changes between signed
# and unsigned. any, the default, takes them in turn.
import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).parent / "inputs"))
from random_network import LAYERS, Network  # noqa: E402

ROWS = 4
FORMS = ("qdq", "qop", "both")


def chosen(word, choices, turn):
    return choices[turn % len(choices)] if word == "any" else word


# -- Both engines --------------------------------------------------------------
def run_ort(model, x, storage):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    # Above this level only the layout of float ops changes, and with it the
    # order of sums, by the CPU's vector width.
    options.graph_optimization_level = (
        onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED)
    if storage == "s8-linear":
        options.add_session_config_entry("session.qdqisint8allowed", "1")
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options,
        providers=["CPUExecutionProvider"])
    rows = [session.run(None, {"x": x[i:i + 1]}) for i in range(ROWS)]
    return [np.concatenate(column) for column in zip(*rows)]


def run_cimc(command, model, x, folder):
    """The outputs, or what went wrong."""
    path = folder / "net.onnx"
    onnx.save(model, path)
    np.save(folder / "x.npy", x)
    names = [output.name for output in model.graph.output]
    done = subprocess.run(
        [*command, str(path), "--run", f"--input={folder / 'x.npy'}",
         *(f"--output={name}={folder / name}.npy" for name in names),
         "--cache=off", "-q"], capture_output=True, text=True, timeout=60)
    if done.returncode:
        return f"exit {done.returncode}: {done.stderr.strip()[:500]}"
    return [np.load(f"{folder / name}.npy") for name in names]


def difference(found, expected):
    """What differs in one output, or None."""
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return (f"{found.dtype}{found.shape} for "
                f"{expected.dtype}{expected.shape}")
    differ = int((found != expected).sum())
    return f"{differ} of {found.size} elements differ" if differ else None


def fault_of(network, command, folder):
    """What differs, or None."""
    model, x = network.model(), network.input(ROWS)
    try:
        expected = run_ort(model, x, network.storage)
    except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented:
        return None  # no kernel: nothing to compare with
    try:
        found = run_cimc(command, model, x, folder)
    except subprocess.TimeoutExpired:
        return "cimc does not end"
    if isinstance(found, str):
        return found
    for pair in zip(found, expected):
        fault = difference(*pair)
        if fault:
            return fault
    return None


# -- Shrinking -----------------------------------------------------------------
def shrink(network, make, fails):
    """Leaves out layers, then bounds sizes, while it still fails."""
    left_out = set(range(network.count)) - set(network.layers)
    for layer in list(network.layers):
        smaller = make(left_out | {layer}, network.limit)
        if fails(smaller):
            network, left_out = smaller, left_out | {layer}
    for limit in (16, 8, 5, 4, 3, 2, 1):
        smaller = make(left_out, limit)
        if fails(smaller):
            network = smaller
    return network


def report(network, fault, keep):
    model = network.model()
    print(f"seed {network.seed} ({network.form}, {network.storage}): {fault}; "
          f"layers "
          f"{list(zip(network.layers, network.kinds))}, sizes up to "
          f"{network.limit}", flush=True)
    for node in model.graph.node:
        print(f"  {node.op_type}({', '.join(node.input)}) -> "
              f"{node.output[0]}", flush=True)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        path = keep / f"random_qdq-{network.seed}.onnx"
        onnx.save(model, path)
        print(f"  saved as {path}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cimc")
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("--form", choices=("any", *FORMS), default="any")
    parser.add_argument("--storage", choices=("any", *LAYERS), default="any")
    parser.add_argument("--target", default="native")
    parser.add_argument("--without", default="", help="layers to leave out")
    parser.add_argument("--keep", type=pathlib.Path,
                        help="folder for the networks that fail")
    args = parser.parse_args()
    command, wrong = [args.cimc, f"--target={args.target}"], 0
    without = args.without.split(",")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)

        def fails(network):
            return fault_of(network, command, folder)

        for seed in range(args.first, args.first + args.count):
            form = chosen(args.form, FORMS, seed)
            storage = chosen(args.storage, list(LAYERS), seed // len(FORMS))

            def make(left_out, limit):
                return Network(seed, storage, form, left_out, limit, without)

            network = make((), 99)
            if not fails(network):
                continue
            wrong += 1
            network = shrink(network, make, fails)
            report(network, fails(network), args.keep)
    print(f"{args.form}, {args.storage}: {wrong} of {args.count} networks "
          f"differ from ONNX Runtime {onnxruntime.__version__}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
