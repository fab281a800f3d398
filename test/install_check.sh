#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds samples/link_c against an installed cimc, by pkg-config and by CMake:
# install_check.sh ROOT PREFIX OUT.
set -euo pipefail
root=$1 prefix=$2 out=$3
libdir=$(dirname "$(find "$prefix" -name libcimrt.a)")
export PKG_CONFIG_PATH=$libdir/pkgconfig
files=("$root"/samples/digits/digits_test_{images,labels}.npy)
# A copy, so that nothing is found relative to the tree.
cp -r "$root/samples" "$out/samples"

make -s -C "$out/samples/link_c" CIMC="$prefix/bin/cimc" OUT="$out/make"
echo "make: $("$out/make/classify" "${files[@]}" | tail -1)"

cmake -S "$out/samples/link_c" -B "$out/cmake" -DCMAKE_PREFIX_PATH="$prefix" \
  --log-level=ERROR >/dev/null
cmake --build "$out/cmake" >/dev/null
echo "cmake: $("$out/cmake/classify" "${files[@]}" | tail -1)"

cat >"$out/version.c" <<'C'
#include <cimc/driver/cimc.h>
#include <stdio.h>
int main(void) { return puts(cimc_version()) < 0; }
C
read -ra flags <<<"$(pkg-config --cflags --libs cimc)"
cc -std=c11 "$out/version.c" "${flags[@]}" "-Wl,-rpath,$libdir" \
  -o "$out/version"
echo "libcimc: $("$out/version")"
