#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Reads llvm-cov: coverage.py table ROOT FILE... judges `llvm-cov export`,
# coverage.py show picks what was not reached out of `llvm-cov show`.
import json
import os
import re
import sys

LINES, BRANCHES = 100.0, 95.0


def percent(covered, count):
    return 100.0 * covered / count if count else 100.0


def table(root, names):
    """One row a file and the sum; false when one is too low or missing."""
    found = {
        os.path.realpath(file["filename"]): file["summary"]
        for file in json.load(sys.stdin)["data"][0]["files"]
    }
    good, sums = True, {"lines": [0, 0], "branches": [0, 0]}
    print(f"{'file':42}{'lines':>16}{'branches':>16}")
    for name in names:
        short = os.path.relpath(name, root)
        summary = found.get(os.path.realpath(name))
        if not summary:
            print(f"{short:42}  no test has it")
            good = False
            continue
        cells = []
        for kind, least in (("lines", LINES), ("branches", BRANCHES)):
            covered, count = summary[kind]["covered"], summary[kind]["count"]
            sums[kind][0] += covered
            sums[kind][1] += count
            low = percent(covered, count) < least
            good &= not low
            cells.append(f"{covered:5} of {count:4}{'  <<' if low else '    '}")
        print(f"{short:42}{cells[0]:>18}{cells[1]:>18}")
    print(f"{len(names)} files: "
          f"{percent(*sums['lines']):.2f} % of lines, "
          f"{percent(*sums['branches']):.2f} % of branches; each file needs "
          f"{LINES:.0f} % and {BRANCHES:.0f} %")
    return good


def show():
    """Lines never run, and branches of which one side was never taken."""
    for line in sys.stdin:
        line = line.rstrip("\n")
        text = re.match(r"\s*(\d+)\|\s*([\d.kMG]*)\|(.*)", line)
        branch = re.match(r"\s*\|\s+Branch \((\d+):(\d+)\): \[(.*)\]", line)
        if line.endswith(".c:") and "|" not in line:
            print(line)
        elif text and text.group(2) == "0":
            print(f"  {text.group(1)}: never run: {text.group(3)}")
        elif branch and re.search(r": 0(,|$)", branch.group(3)):
            print(f"  {branch.group(1)}:{branch.group(2)}: "
                  f"[{branch.group(3)}]")


if sys.argv[1] == "show":
    show()
else:
    sys.exit(0 if table(sys.argv[2], sys.argv[3:]) else 1)
