# SPDX-License-Identifier: Apache-2.0
#
# Runs a command on a PATH that has cc and what it needs, but no lld:
# without_lld.py EMPTY_FOLDER COMMAND...
import os
import shutil
import subprocess
import sys

folder, command = sys.argv[1], sys.argv[2:]
for name in ("cc", "ld", "as", "collect2"):
    path = shutil.which(name)
    if path:
        os.symlink(os.path.realpath(path) if name != "cc" else path,
                   os.path.join(folder, name))
sys.exit(subprocess.run(command, env={**os.environ, "PATH": folder})
         .returncode)
