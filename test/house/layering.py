#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Checks that includes go down the floors only: layering.py ROOT [BUILD].
# Prints every fault as file:line: text; exit code 1 if any.
#
# An include "a/b.h" is found from the root, or among the generated files of
# the build folder. System headers in <> are not looked at.
import os
import re
import sys

# Longest prefix wins. What a folder may include of ours, by prefix.
MAY = {
    "runtime": ["runtime/"],
    "dialect": ["dialect/", "runtime/"],
    "passes": ["passes/", "dialect/", "runtime/core/abi.h",
               "runtime/core/fixed.h", "runtime/core/status.h",
               "runtime/sim/energy.h"],
    "passes/base": ["passes/base/", "dialect/", "runtime/core/abi.h"],
    "cimc": ["cimc/", "passes/", "dialect/", "runtime/"],
    "cimc/import": ["cimc/import/", "dialect/", "runtime/"],
    "cimc/emit": ["cimc/emit/", "passes/", "dialect/", "runtime/"],
    "plugins": ["plugins/", "cimc/driver/cimc.h", "runtime/cimrt.h"],
    "python": ["python/", "cimc/driver/cimc.h", "runtime/cimrt.h"],
    "bench": ["bench/", "cimc/driver/cimc.h", "runtime/cimrt.h"],
}
# Within passes/, a stage may use its own and the shared base, never another
# stage; the roof alone sees all.
for stage in ("model", "map", "lower"):
    MAY["passes/" + stage] = [
        f"passes/{stage}/", "passes/base/", "passes/passes.h", "dialect/",
        "runtime/core/abi.h", "runtime/core/fixed.h", "runtime/core/status.h",
        "runtime/sim/energy.h"]

INCLUDE = re.compile(r'\s*#\s*include\s+"([^"]+)"')


def sources(root):
    for top in sorted({name.split("/")[0] for name in MAY}):
        for folder, subfolders, names in os.walk(os.path.join(root, top)):
            subfolders[:] = sorted(n for n in subfolders if n != "build")
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(folder, name), root)


def allowed(path):
    folder = os.path.dirname(path)
    while folder not in MAY:
        folder = os.path.dirname(folder)
    return MAY[folder]


def includes(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            found = INCLUDE.match(line)
            if found:
                yield number, found.group(1)


def faults_of(root, build, path):
    own = path[:-2] + ".h"
    first = True
    for number, name in includes(root, path):
        if first and path.endswith(".c") and name != own and os.path.exists(
                os.path.join(root, own)):
            yield number, f'the first include must be "{own}"'
        first = False
        if not any(name.startswith(prefix) for prefix in allowed(path)):
            yield number, f'must not include "{name}"'
        elif not any(os.path.exists(os.path.join(base, name))
                     for base in (root, build)):
            yield number, f'"{name}" is not a path from the root'


def cycle_in(graph):
    """One circle of headers, or none. Iterative depth-first search."""
    done = set()
    for start in graph:
        path, pending = [], [(start, False)]
        while pending:
            node, leaving = pending.pop()
            if leaving:
                path.pop()
                done.add(node)
            elif node in path:
                return path[path.index(node):] + [node]
            elif node not in done:
                path.append(node)
                pending.append((node, True))
                pending += [(n, False) for n in graph.get(node, ())]
    return None


def main():
    root = os.path.abspath(sys.argv[1])
    build = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else root
    faults, graph = 0, {}
    for path in sources(root):
        graph[path] = [name for _, name in includes(root, path)]
        for number, what in faults_of(root, build, path):
            print(f"{path}:{number}: {what}")
            faults += 1
    circle = cycle_in(graph)
    if circle:
        print("circular include: " + " -> ".join(circle))
        faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
