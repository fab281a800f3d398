#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# The workspace of each model against the largest live set: the most bytes of
# values and scratch that are needed at one op, each value in memory of its own
# from the op that makes it to the last that reads it.
#
#   workspace.py CIMC TARGET MODEL...
#
# Prints both and fails above 1.1. Arguments, constants and what is written
# straight to an output are not in the workspace; a view is its operand.
import re
import subprocess
import sys

RATIO = 1.1
BYTES = {"f32": 4, "i8": 1, "ui8": 1, "i16": 2, "ui16": 2, "i32": 4, "i64": 8,
         "u8": 1, "u16": 2}
OP = re.compile(r'^\s*(%\w+) = "qgemm\.(\w+)"\(([^)]*)\)(.*)$')


def tensor_bytes(text):
    """Of the last type in the line: tensor<1x8x!quant.uniform<u8:f32, ...>>."""
    shape, element = re.fullmatch(r"((?:\d+x)*)(.*)",
                                  text.rsplit("-> tensor<", 1)[1][:-1]).groups()
    storage = re.match(r"(?:!quant\.uniform<)?(\w+)", element).group(1)
    count = 1
    for d in shape.split("x")[:-1]:
        count *= int(d)
    return count * BYTES[storage]


def attribute(text, name):
    found = re.search(name + r" = (\d+) : i64", text)
    return int(found.group(1)) if found else None


def largest_live_set(text):
    made, size, last, owner, scratch = {}, {}, {}, {}, []
    for step, line in enumerate(text.splitlines()):
        returned = re.match(r"\s*return (.*?) :", line)
        if returned:
            for name in returned.group(1).split(", "):
                last[owner.get(name, name)] = step
        op = OP.match(line)
        if not op:
            continue
        name, kind, operands, rest = op.groups()
        operands = operands.split(", ")
        if kind in ("reshape", "storage_cast"):
            owner[name] = owner.get(operands[0], operands[0])
            continue
        for operand in operands:
            last[owner.get(operand, operand)] = step
        if attribute(rest, "qgemm.offset") is not None:
            made[name], size[name] = step, tensor_bytes(rest)
            last.setdefault(name, step)
        if attribute(rest, "qgemm.scratch") is not None:
            scratch.append((step, attribute(rest, "scratch_bytes")))
    alive = {}
    for name, first in made.items():
        for step in range(first, last[name] + 1):
            alive[step] = alive.get(step, 0) + size[name]
    for step, count in scratch:
        alive[step] = alive.get(step, 0) + count
    return max(alive.values(), default=0)


def main():
    cimc, target, *models = sys.argv[1:]
    good = True
    for model in models:
        done = subprocess.run(
            [cimc, model, "--emit=mapped", f"--target={target}", "-q",
             "--cache=off", "-o", "-"], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{model}: exit {done.returncode}: {done.stderr}")
        workspace = attribute(done.stdout, "qgemm.workspace_bytes")
        live = largest_live_set(done.stdout)
        ratio = workspace / live if live else 1.0 if not workspace else 99.0
        good = good and ratio <= RATIO
        print(f"{model.rsplit('/', 1)[-1]}: workspace {workspace}, "
              f"largest live set {live}: {ratio:.3f}"
              f"{'' if ratio <= RATIO else ' TOO LARGE'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
