#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the fuzzers and runs them: bash test/fuzz.sh [SECONDS [READER...]],
# by default 60 seconds for each of onnx, tflite, npy and mlir. Exit code 1
# when there is a finding; it is kept in <build>/test/fuzz/findings, and belongs
# into test/fuzz/findings, where the suite replays it.
#
# CIMC_FUZZ_BUILD: the build folder (default: build-fuzz). CIMC_MODELS: a
# folder of more models to begin with.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
build=${CIMC_FUZZ_BUILD:-$root/build-fuzz}
models=${CIMC_MODELS:-$root/../shared/models}
seconds=${1:-60}
readers=("${@:2}")
if ((${#readers[@]} == 0)); then
  readers=(onnx tflite npy mlir)
fi

bash test/install.sh test
cmake -S . -B "$build" -G Ninja -DCMAKE_C_COMPILER=clang-22 \
  -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCIMC_FUZZ=ON \
  -DCIMC_SANITIZE=address,undefined >/dev/null
cmake --build "$build" --target fuzzers

out=$build/test/fuzz
mkdir -p "$out/findings"
# What there is of each format: findings of the past, samples, models at hand.
seeds() {
  local reader=$1 folder=$out/seeds.$1 file
  mkdir -p "$folder"
  while read -r file; do
    cp --no-clobber "$file" "$folder/$(basename "$file")"
  done < <(find "$root/test" "$root/samples" "$models" -name "*.$reader" \
    -size -256k 2>/dev/null)
}

found=0
for reader in "${readers[@]}"; do
  seeds "$reader"
  mkdir -p "$out/corpus.$reader"
  "$out/fuzz_$reader" -max_total_time="$seconds" -max_len=65536 -timeout=20 \
    -rss_limit_mb=4096 -malloc_limit_mb=2048 -close_fd_mask=2 \
    -print_final_stats=1 -artifact_prefix="$out/findings/$reader-" \
    "$out/corpus.$reader" "$out/seeds.$reader" >"$out/$reader.log" 2>&1 ||
    found=1
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$reader.log")
  echo "$reader: ${runs:-0} runs, $(find "$out/findings" -name "$reader-*" |
    wc -l) findings, log in $out/$reader.log"
done
exit "$found"
