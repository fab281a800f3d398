# SPDX-License-Identifier: Apache-2.0
#
# Damaged .tflite models through the whole compiler: tflite_damage.py CIMC
# COUNT SEED, in a folder of its own. Files cut short, bytes flipped: exit code
# 0 or 1, nothing else, and no object with 1.
import os
import random
import subprocess
import sys

import tflite_cases


def damage(content, rng):
    content = bytearray(content)
    if rng.random() < 0.2:
        return content[:rng.randrange(len(content))]
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(content))
        content[at] = rng.choice((0, 255, content[at] ^ 1 << rng.randrange(8)))
    return content


def main():
    cimc, count, rng = sys.argv[1], int(sys.argv[2]), random.Random(sys.argv[3])
    models = []
    for name in ("more", "float_products", "int8_reductions", "float_shapes",
                 "int8_loose"):
        _, path = tflite_cases.make(name)
        with open(path, "rb") as file:
            models.append(file.read())
    ends = {0: 0, 1: 0}
    for i in range(count):
        with open("damaged.tflite", "wb") as file:
            file.write(damage(rng.choice(models), rng))
        done = subprocess.run(
            [cimc, "damaged.tflite", "-q", "-o", "out.o", "--cache=off",
             *rng.choice(([], ["--requant=tflite-ref"]))],
            capture_output=True, text=True, errors="replace")
        made = os.path.exists("out.o")
        if made:
            os.remove("out.o")
        if done.returncode not in ends or made != (done.returncode == 0) or (
                done.returncode == 1 and "error:" not in done.stderr):
            os.rename("damaged.tflite", f"bad{i}.tflite")
            print(f"bad{i}.tflite: exit {done.returncode}: "
                  f"{done.stderr[:300]}")
            return 1
        ends[done.returncode] += 1
    print(f"{count} damaged models: {ends[0]} compiled, {ends[1]} refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
