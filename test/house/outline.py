#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes docs/module_outline.md from the sentence each file begins with, or,
# with --check, fails when the document is not what it would write.
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ["runtime", "dialect", "passes", "cimc", "test", "samples"]
HEAD = """# Module outline

Every source file and the sentence it begins with, floor by floor, each using
only what stands above it. Written by `python3 test/house/outline.py`.
"""


def sentence(path):
    """The first sentence of a file's opening comment, on one line."""
    words = []
    for line in path.read_text(encoding="utf-8").splitlines():
        match = re.match(r"^\s*(?://|#)\s?(.*)$", line)
        if not match:
            break
        text = match.group(1).strip()
        if text.startswith("!") or "SPDX" in text:
            continue
        if not text:
            if words:
                break
            continue
        words.append(text)
    found = re.match(r"(.*?\.)(\s|$)", " ".join(words) + " ")
    return found.group(1) if found else " ".join(words)


def sources():
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*")):
            name = path.relative_to(ROOT)
            if path.suffix in (".c", ".h", ".py", ".sh", ".irdl") \
                    and "build" not in name.parts:
                yield name


def outline():
    folders = {}
    for path in sources():
        folders.setdefault(path.parent, {}).setdefault(path.stem, []).append(
            path)
    order = sorted(folders, key=lambda f: (FLOORS.index(f.parts[0]), str(f)))
    lines = [HEAD]
    for folder in order:
        lines.append(f"## {folder}/\n")
        for stem, paths in sorted(folders[folder].items()):
            # A pair counts once; the header is where the contract stands.
            paths.sort(key=lambda p: (p.suffix != ".h", p.suffix))
            names = ", ".join(f"`{p.name}`" for p in paths)
            lines.append(f"- {names}: {sentence(ROOT / paths[0])}")
        lines.append("")
    return "\n".join(lines)


def main():
    document = ROOT / "docs" / "module_outline.md"
    text = outline()
    if "--check" not in sys.argv[1:]:
        document.write_text(text, encoding="utf-8")
        return 0
    if document.exists() and document.read_text(encoding="utf-8") == text:
        return 0
    print("docs/module_outline.md is stale: run test/house/outline.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
