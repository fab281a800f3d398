# SPDX-License-Identifier: Apache-2.0
#
# Compiles one model by many commands at once, with one cache that is emptied
# and torn meanwhile, and kills some of them: race.py CIMC MODEL
import os
import random
import re
import subprocess
import sys
import time

cimc, model = sys.argv[1:]
random.seed(1)
ROUNDS, AT_ONCE = 12, 8


def command(output):
    return [cimc, "--cache=c", model, "--name=net", "-o", output]


subprocess.run([cimc, "--cache=off", model, "--name=net", "-o", "want.o"],
               check=True, stderr=subprocess.DEVNULL)
wanted = open("want.o", "rb").read()
os.makedirs("out")
done = killed = wrong = torn = 0
for round in range(ROUNDS):
    started = []
    for i in range(AT_ONCE):
        path = f"out/{round}_{i}.o"
        started.append((path, i % 3 == 0, subprocess.Popen(
            command(path), stderr=subprocess.PIPE)))
        time.sleep(random.random() / 100)
    for path, victim, process in started:
        if victim:
            time.sleep(random.random() / 20)
            process.kill()
    for name in os.listdir("c") if os.path.isdir("c") else []:
        if round % 3 == 0:  # an entry is torn
            with open("c/" + name, "r+b") as file:
                file.truncate(os.path.getsize("c/" + name) // 2)
        elif round % 3 == 1:
            os.remove("c/" + name)
    for path, victim, process in started:
        messages = process.communicate()[1].decode()
        whole = (os.path.exists(path) and open(path, "rb").read() == wanted)
        if process.returncode == -9:
            killed += 1
            torn += os.path.exists(path) and not whole
        elif process.returncode == 0 and whole:
            done += 1
        else:
            wrong += 1
            print(path, process.returncode, messages)
subprocess.run(command("out/last.o"), check=True, stderr=subprocess.DEVNULL)
wrong += open("out/last.o", "rb").read() != wanted
print(f"{done} done, {killed} killed, {wrong} wrong")
names = os.listdir("c")
entries = [n for n in names if re.fullmatch(r"[0-9a-f]+\.cimc", n)]
print(f"cache: {len(entries)} entr{'y' if len(entries) == 1 else 'ies'},",
      len(names) - len(entries), "others")
names = os.listdir("out")
print(f"outputs: {torn} torn,",
      sum(not re.fullmatch(r"\w+\.o", n) for n in names), "others")
