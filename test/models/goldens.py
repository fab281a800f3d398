#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Runs every model of the models' folder on its real inputs and compares each
# output element with ONNX Runtime's, as stored in golden/.
#
#   goldens.py CIMC MODELS [FILTER] [--target=CPU] [--engine=ort] [CIMC OPTION…]
#
# Quantized models must be equal in every element, float models within 2e-5 of
# the golden's largest value (ad: 2e-4). --engine=ort checks this script's own
# mapping of inputs by running ONNX Runtime instead. Exit code 1 on any
# difference. How inputs are fed is written in MODELS/README.md. One golden is
# not what its model says in integers: see INTEGER below.
import argparse
import hashlib
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np


# On x86, ONNX Runtime computes a convolution of signed bytes whose output has
# two readers in float, with float's rounding of every partial sum. Here that
# moves 17 of 10,000 outputs by one step. With its integer kernels for all
# (session option session.qdqisint8allowed=1) it gives the bytes of this hash.
INTEGER = {
    "mnist_resnet_qdq":
        "b1f5397277b859a7372d013556b8236e"
        "8267bc41b0d69bbea7f818791410ef70",
}


def to_nchw(images):
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2))


def quantized(x, scale, zero):
    q = np.rint(x / np.float32(scale)) + zero
    return np.clip(q, -128, 127).astype(np.int8)


class Inputs:
    """The input of each model, by the model's name without its kind."""

    def __init__(self, models):
        self.data = models / "data"

    def load(self, name):
        return np.load(self.data / (name + ".npy"))

    def of(self, model):
        name, _, kind = model.partition("_qdq")
        quant = model != name
        name = name.removesuffix("_fp32").removesuffix("_qop")
        return getattr(self, name)(quant)

    def dscnn(self, quant):
        q = to_nchw(self.load("kws_x_int8"))
        if quant:
            return q
        return (q.astype(np.float32) - 83) * np.float32(0.5847029089927673)

    def resnet8(self, quant):
        u = to_nchw(self.load("cifar_x_u8"))
        if quant:
            return (u.astype(np.int16) - 128).astype(np.int8)
        return u.astype(np.float32)

    def vww(self, quant):
        x = to_nchw(self.load("vww_x_u8")).astype(np.float32) / 255
        return quantized(x, 0.003921568859, -128) if quant else x

    def ad(self, quant):
        x = self.load("ad_x_f32")
        return quantized(x, 0.3910152316, 89) if quant else x

    def cntk_mnist(self, _):
        return self.load("mnist_x_u8")[:, None].astype(np.float32)

    def digits(self, name):
        return np.load(self.data / "digits.npz")["x"][self.load(name)]

    def digits_lenet(self, _):
        return self.digits("digits_lenet_test_idx")

    def digits_mlp(self, _):
        return self.digits("digits_mlp_test_idx")

    def mnist(self, name):
        u = self.load("mnist_x_u8")[self.load(name)]
        return u[:, None].astype(np.float32) / 255

    def mnist_lenet(self, _):
        return self.mnist("mnist_lenet_test_idx")

    def mnist_resnet(self, _):
        return self.mnist("mnist_resnet_test_idx")

    def micro_kws_m(self, quant):
        return self.load(f"micro_kws_m_{'qdq' if quant else 'fp32'}_rand")


def labels_of(model, models):
    """Labels in the order of the inputs, where there are any."""
    data = models / "data"
    if model.startswith("dscnn"):
        return np.load(data / "kws_y.npy")
    if model.startswith("cntk_mnist"):
        return np.load(data / "mnist_y.npy")
    for name in ("digits_lenet", "digits_mlp", "mnist_lenet", "mnist_resnet"):
        if model.startswith(name):
            rows = np.load(data / f"{name}_test_idx.npy")
            return (np.load(data / "digits.npz")["y"] if "digits" in name else
                    np.load(data / "mnist_y.npy"))[rows]
    return None


def run_cimc(cimc, path, x, options):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        np.save(folder / "x.npy", x)
        command = [cimc, str(path), "--run", f"--input={folder / 'x.npy'}",
                   f"--output={folder / 'y.npy'}", *options]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"exit {done.returncode}: "
                               + done.stderr.strip()[:600])
        return np.load(folder / "y.npy")


def run_ort(path, x):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"])
    feed = session.get_inputs()[0]
    if isinstance(feed.shape[0], int):
        return np.concatenate([session.run(None, {feed.name: x[i:i + 1]})[0]
                               for i in range(len(x))])
    return session.run(None, {feed.name: x})[0]


def compare(model, got, golden):
    """("ok" | "int" | "FAIL", what to say); "int": see INTEGER."""
    if got.shape != golden.shape or got.dtype != golden.dtype:
        return "FAIL", (f"{got.dtype}{list(got.shape)} instead of "
                        f"{golden.dtype}{list(golden.shape)}")
    if "_q" in model:
        differ = int((got != golden).sum())
        text = f"{differ} of {golden.size} outputs differ"
        if differ and hashlib.sha256(got.tobytes()).hexdigest() == INTEGER.get(
                model):
            return "int", text + ", none from ORT's integer kernels"
        return "FAIL" if differ else "ok", text
    bound = 2e-4 if model.startswith("ad") else 2e-5
    worst = float(np.abs(got.astype(np.float64) - golden).max()
                  / np.abs(golden).max())
    return ("ok" if worst <= bound else "FAIL",
            f"largest difference {worst:.1e} (bound {bound:g})")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cimc")
    parser.add_argument("models", type=pathlib.Path)
    parser.add_argument("filter", nargs="?", default="")
    parser.add_argument("--engine", choices=("cimc", "ort"), default="cimc")
    parser.add_argument("--limit", type=int, default=0,
                        help="inputs a model; 0: all")
    args, options = parser.parse_known_args()
    inputs, counts = Inputs(args.models), {"ok": 0, "int": 0, "FAIL": 0}
    for path in sorted((args.models / "onnx").glob("*.onnx")):
        model = path.stem
        if args.filter not in model:
            continue
        golden = np.load(args.models / "golden" / f"{model}.ort.npy")
        x = inputs.of(model)
        if args.limit:
            x, golden = x[:args.limit], golden[:args.limit]
        started = time.perf_counter()
        try:
            got = (run_ort(path, x) if args.engine == "ort" else
                   run_cimc(args.cimc, path, x, options))
            verdict, text = compare(model, got, golden)
        except (RuntimeError, OSError, ValueError) as error:
            verdict, text, got = "FAIL", str(error), None
        labels = labels_of(model, args.models)
        if got is not None and labels is not None and got.ndim == 2:
            right = int((got.argmax(1) == labels[:len(got)]).sum())
            text += f"; {right} of {len(got)} right"
        counts[verdict] += 1
        print(f"{verdict:4} {model}: {text} "
              f"({len(x)} inputs, {time.perf_counter() - started:.2f} s)",
              flush=True)
    total = sum(counts.values())
    print(f"{counts['ok']} of {total} models as their goldens, "
          f"{counts['int']} as ORT's integer kernels instead, "
          f"{counts['FAIL']} wrong")
    return 1 if counts["FAIL"] or not total else 0


if __name__ == "__main__":
    sys.exit(main())
