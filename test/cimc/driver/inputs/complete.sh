#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What bash would offer for a command line, one word a line:
# complete.sh COMPLETION COMMAND WORD...; the last word is the one being typed.
# shellcheck disable=SC1090
source "$1"
shift
compopt() { :; } # works only while bash completes
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_cimc
printf '%s\n' "${COMPREPLY[@]}"
