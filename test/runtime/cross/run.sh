#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the runtime and its unit tests with a cross compiler and runs them
# under QEMU: run.sh ROOT OUT PORT "QEMU AND OPTIONS" "CC AND FLAGS".
set -euo pipefail
root=$1 out=$2 port=$3
read -ra qemu <<<"$4"
read -ra compiler <<<"$5"
flags=(-std=c11 -O1 -Wall -Wextra -Werror -ffp-contract=off -static
  "-I$root" "-I$root/test/runtime/cross")
library=("$root"/runtime/cimrt.c "$root"/runtime/core/*.c
  "$root/runtime/port/$port.c")
if [[ $port == bare ]]; then
  cross=$root/test/runtime/cross
  library+=("$cross/m4_start.c")
  flags+=(--specs=rdimon.specs "-T$cross/m4.ld")
fi
rm -rf "$out"
mkdir -p "$out/library"
(cd "$out/library" && "${compiler[@]}" "${flags[@]}" -c "${library[@]}")
tests=("$root"/test/runtime/*_test.c "$root"/test/runtime/core/*_test.c)
for source in "${tests[@]}"; do
  program=$out/$(basename "$source" .c)
  "${compiler[@]}" "${flags[@]}" "$source" "$out"/library/*.o -o "$program" -lm
  echo "== $(basename "$program")"
  "${qemu[@]}" "$program"
done
