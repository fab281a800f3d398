#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs the Debian packages that cimc needs:
# bash test/install.sh build|test|coverage.
# Quick when none is missing: only dpkg is asked then.
set -euo pipefail

build_packages=(
  gcc g++ libc6-dev make cmake ninja-build
  libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools lld-22
  libffi-dev libxxhash-dev
)
test_packages=(
  clang-22 clang-format-22 libcmocka-dev pkg-config binutils git
  python3 python3-venv
  gcc-aarch64-linux-gnu libc6-dev-arm64-cross
  gcc-arm-linux-gnueabihf libc6-dev-armhf-cross
  gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-user qemu-system-arm
)
coverage_packages=(
  clang-22 libclang-rt-22-dev llvm-22 libcmocka-dev python3
)

packages=("${build_packages[@]}")
case "${1:-build}" in
build) ;;
test) packages+=("${test_packages[@]}" "${coverage_packages[@]}") ;;
coverage) packages+=("${coverage_packages[@]}") ;;
*)
  echo "usage: $0 build|test|coverage" >&2
  exit 2
  ;;
esac

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $state == *installed* && $state != *not-installed* ]] ||
    missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    echo "missing packages: ${missing[*]}" >&2
    echo "run this as root, or install sudo" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "installing ${#missing[@]} packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends \
  "${missing[@]}" >/dev/null
