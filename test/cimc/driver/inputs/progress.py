# SPDX-License-Identifier: Apache-2.0
#
# Runs cimc with stderr on a terminal and on a pipe: progress.py CIMC STEM
import os
import pty
import re
import subprocess
import sys
import threading

import numpy as np

cimc, stem = sys.argv[1:]


def on_terminal(*command):
    """What a command writes to a terminal on stderr."""
    main, other = pty.openpty()
    text = []

    def read():
        try:
            while part := os.read(main, 4096):
                text.append(part)
        except OSError:  # the other end is closed
            pass

    reader = threading.Thread(target=read)
    reader.start()
    done = subprocess.run(command, stderr=other, stdout=subprocess.DEVNULL,
                          env={**os.environ, "TERM": "xterm"})
    os.close(other)
    reader.join()
    assert done.returncode == 0, text
    return b"".join(text).decode()


# 0.2 G products a call: some hundredths of a second each, on any machine.
with open(stem + ".mlir", "w") as file:
    file.write("""
func.func @main(%x: tensor<1x256x4096xf32>, %w: tensor<4096x512xf32>)
    -> tensor<1x256x512xf32> {
  %0 = "qgemm.matmul"(%x, %w)
      : (tensor<1x256x4096xf32>, tensor<4096x512xf32>) -> tensor<1x256x512xf32>
  return %0 : tensor<1x256x512xf32>
}
""")
ROWS = 40
np.save(stem + "-x.npy", np.zeros((ROWS, 256, 4096), np.float32))
np.save(stem + "-w.npy", np.zeros((4096, 512), np.float32))
run = [cimc, "--run", "--threads=1", stem + ".mlir", "--input=" + stem +
       "-x.npy", "--input=" + stem + "-w.npy", "--output=" + stem + "-y.npy"]
text = on_terminal(*run)
counted = re.search(rf"\r\x1b\[K.*: \d+ of {ROWS}, \d+ s", text)
cleared = text.rstrip("\r\n").endswith("\r\x1b[K")
print("terminal:", "counted," if counted else ascii(text),
      "cleared" if cleared else "left")
silent = subprocess.run(run, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
print("pipe:", ascii(silent.stderr) if silent.stderr else "nothing")

# A chain of products of different shapes: one kernel each.
sizes = [96 + 8 * i for i in range(41)]
lines, value = [], "%x"
for i, (k, n) in enumerate(zip(sizes, sizes[1:])):
    lines.append(f'  %c{i} = "qgemm.constant"() {{value = dense<0.5> : '
                 f'tensor<{k}x{n}xf32>}} : () -> tensor<{k}x{n}xf32>')
    lines.append(f'  %v{i} = "qgemm.matmul"({value}, %c{i}) : '
                 f'(tensor<5x{k}xf32>, tensor<{k}x{n}xf32>) -> '
                 f'tensor<5x{n}xf32>')
    value = f"%v{i}"
with open(stem + "-many.mlir", "w") as file:
    file.write(f"func.func @main(%x: tensor<5x{sizes[0]}xf32>) -> "
               f"tensor<5x{sizes[-1]}xf32> {{\n" + "\n".join(lines) +
               f"\n  return {value} : tensor<5x{sizes[-1]}xf32>\n}}\n")
text = on_terminal(cimc, "--cache=off", stem + "-many.mlir", "-o", stem + ".o")
shown = re.search(r"many\.mlir: (code generation|passes), \d+ s", text)
print("compile:", shown.group(1) if shown else ascii(text), "phase shown")
