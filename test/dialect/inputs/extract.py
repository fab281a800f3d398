# SPDX-License-Identifier: Apache-2.0
#
# Writes the n-th (from 0) block of a Markdown file that is marked as mlir, or
# all of them, separated for mlir-opt's --split-input-file.
import re
import sys

with open(sys.argv[1], encoding="utf-8") as page:
    blocks = re.findall(r"^```mlir\n(.*?)^```$", page.read(), re.M | re.S)
print("// -----\n".join(blocks) if len(sys.argv) == 2
      else blocks[int(sys.argv[2])], end="")
