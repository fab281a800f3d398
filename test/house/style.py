#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Checks what house style can be checked by machine: style.py ROOT
# [CLANG-FORMAT]. Prints every fault as file:line: text; exit code 1 if any.
#
# Why here and not in a linter: the limits are few, and each is one line below.
import os
import re
import subprocess
import sys

FUNCTION_LINES = 60
PARAMETERS = 5
FILE_LINES = {".c": 600, ".h": 250}
COLUMNS = 80
COMMENT = {".c": "//", ".h": "//", ".irdl": "//", ".py": "#", ".sh": "#"}
# What must not stand in any text: notes to oneself, one machine's paths.
BANNED = [
    (re.compile(r"\b(TODO|FIXME|XXX|HACK)\b"), "a note to oneself"),
    (re.compile(r"(?<![\w/.])/(work|root|home)/"), "a path of one machine"),
]
SELF = "test/house/style.py"


def files(root):
    """Everything git would commit, or all files where it knows none."""
    listed = subprocess.run(
        ["git", "-C", root, "ls-files", "-co", "--exclude-standard"],
        capture_output=True, text=True)
    names = sorted(set(listed.stdout.split("\n")) - {""})
    if not names:
        names = sorted(
            os.path.relpath(os.path.join(folder, name), root)
            for folder, _, found in os.walk(root) for name in found)
        names = [name for name in names if not name.startswith("build/")]
    return [name for name in names if os.path.isfile(os.path.join(root, name))]


def check_header(lines, mark):
    """The licence, an empty comment line, a sentence."""
    start = 1 if lines and lines[0].startswith("#!") else 0
    wanted = f"{mark} SPDX-License-Identifier: Apache-2.0"
    if len(lines) <= start or lines[start] != wanted:
        yield start + 1, f"the file must begin with '{wanted}'"
        return
    rest = lines[start + 1:start + 3]
    if len(rest) < 2 or rest[0] != mark or not rest[1].startswith(mark + " "):
        yield start + 2, "after the licence: an empty comment, a sentence"


def count_parameters(signature):
    inner = signature[signature.index("(") + 1:signature.rindex(")")]
    depth = commas = 0
    for letter in inner:
        depth += (letter == "(") - (letter == ")")
        commas += letter == "," and depth == 0
    return 0 if inner.strip() in ("", "void") else commas + 1


def check_functions(lines):
    """clang-format puts a function's name at column 0 and so its brace."""
    signature, first = "", 0
    for number, line in enumerate(lines, 1):
        if re.match(r"[A-Za-z_]", line):
            if not signature or signature.rstrip().endswith((";", "}")):
                signature, first = "", number
            signature += line + " "
        elif signature and line.startswith((" ", "\t")) and (
                "{" not in signature):
            signature += line.strip() + " "
        elif line == "}" and signature:
            head = signature.split("{")[0]
            if "(" in head and "=" not in head:
                length = number - first + 1
                if length > FUNCTION_LINES:
                    yield first, (f"function of {length} lines; at most "
                                  f"{FUNCTION_LINES}")
                if count_parameters(head) > PARAMETERS:
                    yield first, f"more than {PARAMETERS} parameters"
            signature = ""
        if signature.rstrip().endswith(";") and "{" not in signature:
            signature = ""


def check_text(name, lines):
    suffix = os.path.splitext(name)[1]
    if suffix in COMMENT:
        yield from check_header(lines, COMMENT[suffix])
    if suffix in FILE_LINES and len(lines) > FILE_LINES[suffix]:
        yield len(lines), (f"{len(lines)} lines; at most "
                           f"{FILE_LINES[suffix]}")
    if suffix == ".c":
        yield from check_functions(lines)
    for number, line in enumerate(lines, 1):
        if suffix in COMMENT and len(line) > COLUMNS and "http" not in line:
            yield number, f"{len(line)} columns; at most {COLUMNS}"
        if line != line.rstrip() and suffix != ".md":
            yield number, "space at the end of the line"
        for pattern, what in BANNED:
            if pattern.search(line) and name != SELF:
                yield number, what


def main():
    root = os.path.abspath(sys.argv[1])
    clang_format = sys.argv[2] if len(sys.argv) > 2 else "clang-format-22"
    faults, sources = 0, []
    for name in files(root):
        try:
            with open(os.path.join(root, name), encoding="utf-8") as file:
                lines = file.read().split("\n")
        except UnicodeDecodeError:
            continue  # binary
        if name == "LICENSE":
            continue
        if lines[-1] == "":
            lines.pop()
        elif lines != [""]:
            print(f"{name}:{len(lines)}: no newline at the end")
            faults += 1
        if name.endswith((".c", ".h")):
            sources.append(name)
        for number, what in check_text(name, lines):
            print(f"{name}:{number}: {what}")
            faults += 1
    if sources:
        done = subprocess.run(
            [clang_format, "--dry-run", "-Werror", *sources], cwd=root,
            capture_output=True, text=True)
        bad = dict.fromkeys(
            line.split(":")[0] for line in done.stderr.split("\n")
            if ": error: code should be clang-formatted" in line)
        for name in bad:
            print(f"{name}: not clang-formatted; run {clang_format} -i")
        if done.returncode != 0 and not bad:
            print(done.stderr, end="")
        faults += done.returncode != 0
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
