#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Measures what the unit tests reach of the runtime's core and of the readers
# of model files: bash test/coverage.sh. Prints a table; exit code 0 only when
# each file has 100 % of its lines and 95 % of its branches.
#
# Why unit tests alone: what only a whole compilation reaches is not tested on
# its own. Why llvm-cov: its branches are the conditions of the source, not
# those of the machine code. COVERAGE_BUILD: the build folder. COVERAGE_SHOW=1:
# also prints the lines and branches that were not reached.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
build=${COVERAGE_BUILD:-$root/build/coverage}

bash test/install.sh build
bash test/install.sh coverage
cmake --preset coverage -B "$build" -DCIMC_WERROR=OFF >/dev/null
tests=(npy_test onnx_graph_test onnx_read_test tflite_read_test wire_test)
for source in test/runtime/core/*_test.c; do
  tests+=("$(basename "$source" .c)")
done
cmake --build "$build" --target "${tests[@]}"
llvm=$(llvm-config-22 --bindir)
unit=$build/test/unit

# Each run leaves its counts; the CPU is asked once a process, so its test runs
# under each level.
rm -rf "$build/profiles"
mkdir -p "$build/profiles"
export LLVM_PROFILE_FILE=$build/profiles/%p.profraw
run() {
  if ! "$@" >"$build/profiles/log" 2>&1; then
    cat "$build/profiles/log" >&2
    echo "failed: $*" >&2
    exit 1
  fi
}
programs=()
for name in "${tests[@]}"; do
  programs+=("$unit/$name")
  run "$unit/$name"
done
for isa in x86-64-v2 x86-64-v3 x86-64-v4 no-such-level; do
  run env CIMC_ISA=$isa "$unit/cpu_test"
done
"$llvm/llvm-profdata" merge -o "$build/profiles/all" "$build"/profiles/*.profraw

files=()
for file in runtime/core/*.c cimc/import/{reader,arena,npy}.c \
  cimc/import/onnx/{wire,proto,proto_node,graph,tensor,external}.c \
  cimc/import/tflite/{flat,graph,names}.c; do
  files+=("$root/$file")
done
objects=("${programs[0]}")
for program in "${programs[@]:1}"; do
  objects+=(-object "$program")
done
covered=("${objects[@]}" "-instr-profile=$build/profiles/all")
if [[ -n ${COVERAGE_SHOW:-} ]]; then
  "$llvm/llvm-cov" show "${covered[@]}" -show-branches=count "${files[@]}" |
    python3 test/coverage.py show
fi
"$llvm/llvm-cov" export "${covered[@]}" -format=text -skip-expansions \
  "${files[@]}" | python3 test/coverage.py table "$root" "${files[@]}"
