#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds samples/link_c for each CPU level this machine has and compares its
# outputs with cimc --run: link_c.sh ROOT CIMC LIBCIMRT OUT.
set -euo pipefail
root=$1 cimc=$2 library=$3 out=$4
rm -rf "$out"
mkdir -p "$out"

# The elements are the end of the .npy file: 360 rows of 10 floats.
"$cimc" -q "$root/samples/digits/digits_cnn_int8.onnx" --run \
  --input="$root/samples/digits/digits_test_images.npy" --output="$out/jit.npy"
tail -c 14400 "$out/jit.npy" >"$out/jit.bin"

declare -A flag=([x86-64-v2]=sse4_2 [x86-64-v3]=avx2 [x86-64-v4]=avx512bw
  [x86-64-vnni]=avx512_vnni)
for target in x86-64-v2 x86-64-v3 x86-64-v4 x86-64-vnni; do
  if ! grep -qw "${flag[$target]}" /proc/cpuinfo; then
    echo "$target: not on this CPU"
    continue
  fi
  make -s -f "$root/samples/link_c/Makefile" run OUT="$out/$target" \
    TARGET="$target" CIMC="$cimc" CIMRT_LIBS="$library" \
    CIMRT_CFLAGS="-I$root -Werror -pedantic -Wconversion"
  cmp "$out/jit.bin" "$out/$target/logits.bin"
  echo "$target: the same bits as cimc --run"
done
