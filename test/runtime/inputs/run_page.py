# SPDX-License-Identifier: Apache-2.0
#
# Compiles the C programs of a Markdown page, runs them and compares what they
# print with the text block that follows: run_page.py ROOT PAGE FOLDER.
import glob
import os
import re
import subprocess
import sys

root, page, folder = sys.argv[1:]
with open(page, encoding="utf-8") as file:
    pairs = re.findall(r"^```c\n(.*?)^```$.*?^```text\n(.*?)^```$",
                       file.read(), re.M | re.S)
if not pairs:
    sys.exit(f"{page}: no program with its output")
library = (glob.glob(f"{root}/runtime/core/*.c") +
           [f"{root}/runtime/cimrt.c", f"{root}/runtime/port/posix.c"])
for number, (program, expected) in enumerate(pairs):
    source = os.path.join(folder, f"program{number}.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write(program)
    binary = source[:-2]
    subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-pedantic",
                    "-Wconversion", "-Werror", "-ffp-contract=off",
                    f"-I{root}", f"-I{root}/runtime", source, *library, "-o",
                    binary], check=True)
    printed = subprocess.run([binary], capture_output=True, text=True,
                             check=True).stdout
    if printed != expected:
        sys.exit(f"{page}: program {number} printed\n{printed}and the page "
                 f"says\n{expected}")
