# SPDX-License-Identifier: Apache-2.0
#
# Runs a command that fails and parses each line of its stderr as JSON:
# json_lines.py [--name] COMMAND...; --name adds a file name full of trouble.
import json
import subprocess
import sys

command = sys.argv[1:]
if command[0] == "--name":
    command = command[1:] + [b'/tmp/a"b\\c\n\xc3\xa9\xff.onnx']
done = subprocess.run(command, stderr=subprocess.PIPE)
assert done.returncode in (1, 2), done.returncode
for line in done.stderr.decode("utf-8").splitlines():
    print(ascii(json.loads(line)))
