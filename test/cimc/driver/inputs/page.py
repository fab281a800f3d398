# SPDX-License-Identifier: Apache-2.0
#
# Renders a manual page as plain text: by man where it is installed, else by
# the few requests of roff that ours uses: page.py PAGE
import os
import re
import shutil
import subprocess
import sys

if shutil.which("man") and shutil.which("groff"):
    done = subprocess.run(["man", "-P", "cat", "--warnings=all", "-l",
                           sys.argv[1]], capture_output=True, text=True,
                          env={**os.environ, "MANPAGER": "cat", "LC_ALL": "C",
                               "MAN_KEEP_FORMATTING": ""})
    if done.stderr:
        sys.exit(done.stderr)
    print(re.sub(r".\x08", "", done.stdout))
    sys.exit()
known = {".TH", ".SH", ".SS", ".TP", ".B", ".BR", ".PP", ".nf", ".fi"}
for line in open(sys.argv[1]):
    request = line.split()[0] if line.startswith(".") else ""
    if request and request not in known:
        sys.exit(f"unknown request: {line}")
    line = line[len(request):].strip()
    print(line.replace("\\-", "-").replace("\\&", "").replace("\\e", "\\"))
