#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing, builds cimc and shows its main job on a network
# that this project trained: bash samples/run_demo.sh
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
build=${CIMC_BUILD:-$root/build}
digits=samples/digits
model=$digits/digits_cnn_int8.onnx
images=$digits/digits_test_images.npy
labels=$digits/digits_test_labels.npy
out=$build/demo

step() { printf '\n== %s\n' "$*"; }
bytes() { stat -c %s "$1"; }
# The command's milliseconds on the clock; what it prints goes to $out/last.
clock() {
  local start=${EPOCHREALTIME/./}
  "$@" >"$out/last"
  echo "$(((${EPOCHREALTIME/./} - start + 500) / 1000)) ms"
}

started=$SECONDS
step "1. What cimc is built with"
bash test/install.sh build
echo "All packages are there ($((SECONDS - started)) s)."

step "2. Building"
started=$SECONDS
cmake --preset default -B "$build" >/dev/null
cmake --build "$build" -- --quiet
echo "Built in $((SECONDS - started)) s."
cimc=$build/bin/cimc
rm -rf "$out"
mkdir -p "$out"
export XDG_CACHE_HOME=$out/cache
"$cimc" --version

step "3. A network becomes an object file"
echo "$model: a small convolutional network that reads"
echo "handwritten digits in 8-bit integers, as ONNX Runtime's quantizer writes"
echo "it; $(bytes "$model") bytes."
"$cimc" -q "$model" --name=digits -o "$out/digits.o"
"$cimc" -q "$model" --name=digits --emit=header -o "$out/digits.h"
read -r text data zeros _ < <(size "$out/digits.o" | tail -1)
echo "digits.o: $(bytes "$out/digits.o") bytes, of which $((text + data)) are" \
  "code, weights and tables,"
echo "and $zeros are variables. It calls nothing but:"
echo "    $(nm -u "$out/digits.o" | awk '{print $2}' | paste -sd ' ')"
echo "Its C prototype, in digits.h:"
sed -n '/^cimrt_status/,/;/s/^/    /p' "$out/digits.h"

step "4. Does it read digits?"
echo "360 images that training did not see, run on this machine's CPU:"
run=("$cimc" -q "$model" --run "--input=$images" "--labels=$labels"
  "--output=$out/logits.npy")
cold=$(clock "${run[@]}")
sed 's/^/    /' "$out/last"
warm=$(clock "${run[@]}")
echo "(The interval: how far chance could move that figure with so few images.)"
# The elements are the end of a .npy file: 360 rows of 10 floats.
tail -c 14400 "$out/logits.npy" >"$out/jit.bin"
tail -c 14400 "$digits/digits_cnn_int8.ort.npy" >"$out/ort.bin"
if cmp -s "$out/jit.bin" "$out/ort.bin"; then
  echo "All 3,600 outputs equal ONNX Runtime's, bit for bit."
else
  echo "The outputs differ from ONNX Runtime's: that is a fault." >&2
  exit 1
fi

step "5. How fast?"
"$cimc" -q "$model" --run --random-inputs=1 --bench=1 >"$out/bench"
sed 's/^/    /' "$out/bench"
echo "(One call reads one image, on one thread.)"
echo "The command above took $cold when it had to compile, $warm when the"
echo "compiled network was in its cache; both with all 360 images."

step "6. The same network inside a C program"
make -s -f samples/link_c/Makefile "OUT=$out/link_c" "CIMC=$cimc" \
  "CIMRT_CFLAGS=-I$root" "CIMRT_LIBS=$build/runtime/libcimrt.a"
program=("$out/link_c/classify" "$images" "$labels" "$out/aot.bin")
took=$(clock "${program[@]}")
cat "$out/last"
echo "samples/link_c/classify.c, linked with digits.o and libcimrt.a:"
echo "$(bytes "$out/link_c/classify") bytes in all;" \
  "start to end, with 360 images, in $took."
if cmp -s "$out/jit.bin" "$out/aot.bin"; then
  echo "Its 3,600 outputs have the same bits as those of step 4."
else
  echo "Its outputs differ from those of step 4: that is a fault." >&2
  exit 1
fi

printf '\nDone. README.md has a tour of one minute; the files are in %s.\n' \
  "${out#"$root"/}"
