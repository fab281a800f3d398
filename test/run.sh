#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing, builds, runs every test: bash test/run.sh
# [lit's arguments]. Exit code 0 only when all of it is well.
#
# CIMC_BUILD: the build folder (default: build). CIMC_MODELS: the folder of
# large models; their tests are skipped when it is not there.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export CIMC_BUILD=${CIMC_BUILD:-$root/build}
started=$SECONDS

bash test/install.sh test

# NumPy, onnx and ONNX Runtime come by pip, into the build folder, when Python
# lacks them.
python=${CIMC_PYTHON:-$CIMC_BUILD/venv/bin/python}
if ! "$python" -c 'import numpy, onnx, onnxruntime' 2>/dev/null; then
  python=$CIMC_BUILD/venv/bin/python
  if [[ ! -x $python ]]; then
    /usr/bin/python3 -m venv "$CIMC_BUILD/venv"
  fi
  echo "installing numpy, onnx and onnxruntime into $CIMC_BUILD/venv"
  "$python" -m pip install --quiet numpy==2.4.6 onnx==1.21.0 \
    onnxruntime==1.32.0
fi
export CIMC_PYTHON=$python

cmake --preset default -B "$CIMC_BUILD" >/dev/null
cmake --build "$CIMC_BUILD"
built=$SECONDS

"$(llvm-config-22 --bindir)/lit" -sv -j "$(nproc)" "${@:-test}"
echo "built in $((built - started)) s, tested in $((SECONDS - built)) s"
