# SPDX-License-Identifier: Apache-2.0
#
# Damages the cache's only entry in every way that matters and checks that the
# command compiles again with the same result: damage.py CIMC INPUT FOLDER
import os
import pathlib
import subprocess
import sys

cimc, source, folder = sys.argv[1:]


def compile_once():
    run = subprocess.run(
        [cimc, "--cache=" + folder, source, "-o", "damage.o", "-v"],
        capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return "compiled before" in run.stderr


def store():
    subprocess.run([cimc, "--cache=" + folder, source, "-o", "damage.o"],
                   check=True)


store()
entry, = pathlib.Path(folder).glob("*.cimc")
whole = entry.read_bytes()
wanted = pathlib.Path("damage.o").read_bytes()
cases = [whole[:size] for size in range(0, len(whole), 7)]
cases += [whole[:i] + bytes([whole[i] ^ 1 << i % 8]) + whole[i + 1:]
          for i in range(len(whole))]
cases += [whole + b"x", b"\xff" * len(whole), b""]
for case in cases:
    entry.write_bytes(case)
    assert not compile_once(), "a damaged entry was used"
    assert pathlib.Path("damage.o").read_bytes() == wanted
store()
assert entry.read_bytes() == whole and compile_once()

# What others may write is not run.
os.chmod(entry, 0o666)
assert not compile_once()
