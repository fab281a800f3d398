# SPDX-License-Identifier: Apache-2.0
#
# Builds inputs/fault.c as the libcimc of the command in a folder:
# fault_library.py SOURCE ROOT FOLDER
import os
import shutil
import subprocess
import sys

source, root, folder = sys.argv[1:]
compiler = shutil.which("cc") or shutil.which("gcc") or "clang-22"
subprocess.run(
    [compiler, "-std=c11", "-D_GNU_SOURCE", "-fPIC", "-shared", "-I" + root,
     source, "-o", os.path.join(folder, "libcimc.so.0")], check=True)
