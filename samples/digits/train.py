#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Trains the shipped CNN and MLP on scikit-learn's bundled handwritten digits
# and writes every file of this folder that a program made.
#
# In: nothing (the data set comes with scikit-learn). Out: digits_{cnn,mlp}_
# {fp32,int8}.onnx, the held-out images and labels, ONNX Runtime's outputs.
# Why: one thread and fixed seeds, so that a second run on the same machine
# gives the same bytes. Not: a framework; the two networks need 100 lines.
#
#   pip install numpy scikit-learn onnx onnxruntime && python train.py
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import logging
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import quantization
from sklearn.datasets import load_digits

SEED = 2026
TEST_IMAGES = 360


def load():
    """Images [N,1,8,8] in 0..1, labels; the last 360 of a shuffle are held
    out."""
    digits = load_digits()
    images = (digits.images / 16.0).astype(np.float32)[:, None]
    order = np.random.default_rng(SEED).permutation(len(images))
    train, test = order[:-TEST_IMAGES], order[-TEST_IMAGES:]
    labels = digits.target.astype(np.int64)
    return (images[train], labels[train]), (images[test], labels[test])


# -- Layers: forward(x) keeps what backward(gradient) needs -------------------
class Dense:
    def __init__(self, rng, name, inputs, outputs):
        self.name = name
        self.w = rng.normal(0, np.sqrt(2 / inputs), (outputs, inputs))
        self.b = np.zeros(outputs)

    def forward(self, x):
        self.x = x
        return x @ self.w.T + self.b

    def backward(self, g):
        self.gradients = [g.T @ self.x, g.sum(0)]
        return g @ self.w

    def node(self, x, y):
        return helper.make_node(
            "Gemm", [x, self.name + ".weight", self.name + ".bias"], [y],
            name=self.name, transB=1)


class Conv:
    """3x3, stride 1, padded to the same size."""

    def __init__(self, rng, name, inputs, outputs):
        self.name = name
        self.w = rng.normal(0, np.sqrt(2 / (9 * inputs)),
                            (outputs, inputs, 3, 3))
        self.b = np.zeros(outputs)

    def forward(self, x):
        n, c, h, w = x.shape
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        self.shape = x.shape
        self.columns = np.stack(
            [padded[:, :, i:i + h, j:j + w] for i in range(3)
             for j in range(3)], 2).transpose(0, 3, 4, 1, 2).reshape(
                 n * h * w, c * 9)
        y = self.columns @ self.w.reshape(len(self.w), -1).T + self.b
        return y.reshape(n, h, w, -1).transpose(0, 3, 1, 2)

    def backward(self, g):
        n, c, h, w = self.shape
        g = g.transpose(0, 2, 3, 1).reshape(n * h * w, -1)
        self.gradients = [(g.T @ self.columns).reshape(self.w.shape),
                          g.sum(0)]
        parts = (g @ self.w.reshape(len(self.w), -1)).reshape(
            n, h, w, c, 3, 3).transpose(0, 3, 4, 5, 1, 2)
        padded = np.zeros((n, c, h + 2, w + 2))
        for i in range(3):
            for j in range(3):
                padded[:, :, i:i + h, j:j + w] += parts[:, :, i, j]
        return padded[:, :, 1:-1, 1:-1]

    def node(self, x, y):
        return helper.make_node(
            "Conv", [x, self.name + ".weight", self.name + ".bias"], [y],
            name=self.name, kernel_shape=[3, 3], pads=[1, 1, 1, 1],
            strides=[1, 1])


class Plain:
    """A layer without weights."""

    def __init__(self, name):
        self.name = name


class Relu(Plain):
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, g):
        return g * self.mask

    def node(self, x, y):
        return helper.make_node("Relu", [x], [y], name=self.name)


class MaxPool(Plain):
    """2x2, stride 2."""

    def forward(self, x):
        n, c, h, w = x.shape
        cells = x.reshape(n, c, h // 2, 2, w // 2, 2)
        best = cells.max((3, 5), keepdims=True)
        self.mask = cells == best
        self.mask = self.mask / self.mask.sum((3, 5), keepdims=True)
        return best[:, :, :, 0, :, 0]

    def backward(self, g):
        spread = self.mask * g[:, :, :, None, :, None]
        n, c, h, _, w, _ = spread.shape
        return spread.reshape(n, c, h * 2, w * 2)

    def node(self, x, y):
        return helper.make_node("MaxPool", [x], [y], name=self.name,
                                kernel_shape=[2, 2], strides=[2, 2])


class Flatten(Plain):
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, g):
        return g.reshape(self.shape)

    def node(self, x, y):
        return helper.make_node("Flatten", [x], [y], name=self.name, axis=1)


def cnn(rng):
    return [Conv(rng, "conv1", 1, 16), Relu("relu1"), MaxPool("pool1"),
            Conv(rng, "conv2", 16, 32), Relu("relu2"), MaxPool("pool2"),
            Flatten("flatten"), Dense(rng, "dense", 128, 10)]


def mlp(rng):
    return [Flatten("flatten"), Dense(rng, "dense1", 64, 64), Relu("relu1"),
            Dense(rng, "dense2", 64, 32), Relu("relu2"),
            Dense(rng, "dense3", 32, 10)]


# -- Training ----------------------------------------------------------------
def shifted(rng, images):
    """Each image moved by up to one pixel: the only augmentation."""
    moved = np.empty_like(images)
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    for k, (i, j) in enumerate(rng.integers(0, 3, (len(images), 2))):
        moved[k] = padded[k, :, i:i + 8, j:j + 8]
    return moved


def run(layers, x):
    for layer in layers:
        x = layer.forward(x)
    return x


class Adam:
    def __init__(self, weights, decay=1e-4):
        self.weights = weights
        self.decay = decay
        self.m = [np.zeros_like(w) for w in weights]
        self.v = [np.zeros_like(w) for w in weights]
        self.t = 0

    def step(self, gradients, rate):
        self.t += 1
        for w, m, v, g in zip(self.weights, self.m, self.v, gradients):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            step = m / (1 - 0.9**self.t)
            step /= np.sqrt(v / (1 - 0.999**self.t)) + 1e-8
            w -= rate * (step + self.decay * w)


def train(layers, images, labels, epochs, rng, augment):
    weighted = [layer for layer in layers if hasattr(layer, "w")]
    adam = Adam([w for layer in weighted for w in (layer.w, layer.b)])
    for epoch in range(epochs):
        rate = 3e-3 * 0.5 * (1 + np.cos(np.pi * epoch / epochs))
        order = rng.permutation(len(images))
        for start in range(0, len(order), 32):
            batch = order[start:start + 32]
            x = images[batch].astype(np.float64)
            logits = run(layers, shifted(rng, x) if augment else x)
            g = np.exp(logits - logits.max(1, keepdims=True))
            g /= g.sum(1, keepdims=True)
            g[np.arange(len(batch)), labels[batch]] -= 1
            g /= len(batch)
            for layer in reversed(layers):
                g = layer.backward(g)
            adam.step([x for layer in weighted for x in layer.gradients],
                      rate)


# -- Export ------------------------------------------------------------------
def export(layers, name, path):
    nodes, weights, value = [], [], "input"
    for k, layer in enumerate(layers):
        result = "logits" if k == len(layers) - 1 else layer.name + "_output"
        nodes.append(layer.node(value, result))
        value = result
        if hasattr(layer, "w"):
            for suffix, array in ((".weight", layer.w), (".bias", layer.b)):
                weights.append(numpy_helper.from_array(
                    array.astype(np.float32), layer.name + suffix))
    graph = helper.make_graph(
        nodes, name,
        [helper.make_tensor_value_info("input", TensorProto.FLOAT,
                                       ["N", 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT,
                                       ["N", 10])], weights)
    model = helper.make_model(graph, producer_name="cimc samples",
                              ir_version=8,
                              opset_imports=[helper.make_opsetid("", 13)])
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


class Calibration(quantization.CalibrationDataReader):
    def __init__(self, images):
        self.batches = iter([{"input": images}])

    def get_next(self):
        return next(self.batches, None)


def quantize(source, path, images):
    """Signed 8 bit, weights per channel, as ONNX Runtime's users do it."""
    logging.getLogger().setLevel(logging.ERROR)
    quantization.quantize_static(
        str(source), str(path), Calibration(images),
        quant_format=quantization.QuantFormat.QDQ, per_channel=True,
        activation_type=quantization.QuantType.QInt8,
        weight_type=quantization.QuantType.QInt8)


def outputs(path, images):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"input": images})[0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent)
    out = parser.parse_args().out
    (images, labels), (test_images, test_labels) = load()
    np.save(out / "digits_test_images.npy", test_images)
    np.save(out / "digits_test_labels.npy", test_labels)
    for name, make, epochs, augment in (("cnn", cnn, 40, True),
                                        ("mlp", mlp, 60, False)):
        rng = np.random.default_rng(SEED)
        layers = make(rng)
        train(layers, images, labels, epochs, rng, augment)
        fp32 = out / f"digits_{name}_fp32.onnx"
        int8 = out / f"digits_{name}_int8.onnx"
        export(layers, f"digits_{name}", fp32)
        quantize(fp32, int8, images[:200])
        for path in (fp32, int8):
            logits = outputs(path, test_images)
            np.save(out / f"{path.stem}.ort.npy", logits)
            right = int((logits.argmax(1) == test_labels).sum())
            print(f"{path.name}: {right} of {len(test_labels)} right "
                  f"({right / len(test_labels):.2%}), "
                  f"{path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
