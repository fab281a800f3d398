#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Runs the networks of samples/digits and compares them with ONNX Runtime's
# stored outputs: digits.py CIMC FOLDER.
import pathlib
import subprocess
import sys
import tempfile

import numpy as np


def main():
    cimc, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    failed = False
    for model in sorted(folder.glob("*.onnx")):
        golden = np.load(folder / f"{model.stem}.ort.npy")
        with tempfile.TemporaryDirectory() as out:
            result = pathlib.Path(out) / "y.npy"
            done = subprocess.run(
                [cimc, "-q", model, "--run", f"--output={result}",
                 f"--input={folder / 'digits_test_images.npy'}",
                 f"--labels={folder / 'digits_test_labels.npy'}"],
                stdout=subprocess.PIPE, text=True, check=True)
            got = np.load(result)
        if "int8" in model.stem:
            differ = int((got != golden).sum())
            holds, text = differ == 0, f"{differ} of {golden.size} differ"
        else:
            worst = np.abs(got - golden).max() / np.abs(golden).max()
            holds, text = worst <= 2e-5, f"largest difference {worst:.1e}"
        failed |= not holds
        print(f"{model.stem}: {text}, {'ok' if holds else 'WRONG'}")
        print(done.stdout, end="")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
