#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Runs every function of an .mlir file by cimc and by MLIR's own lowering to
# LLVM, on the same random inputs, and compares the results: integers bit for
# bit, floats within 1e-5.
#
#   raise_oracle.py CIMC CASES.mlir [NAME…]
#
# A line `// in: 0..15 -1..1` before a function says from which range its
# inputs come, one for each that is not to be of the type's whole range;
# `RAND(a,b)` in a dense<…> is a constant of random elements. In a folder of its
# own; mlir-opt and mlir-runner stand in the PATH. Exit code 1 on a difference.
import concurrent.futures
import hashlib
import pathlib
import re
import subprocess
import sys

import numpy as np

KINDS = {"i1": np.uint8, "i8": np.int8, "i16": np.int16, "i32": np.int32,
         "i64": np.int64, "f32": np.float32}
RANGES = {"i1": (0, 1), "i8": (-128, 127), "i16": (-32768, 32767),
          "i32": (-1000000, 1000000), "i64": (-1000000, 1000000),
          "f32": (-4, 4)}
TOSA = ("func.func(tosa-optional-decompositions),canonicalize,"
        "func.func(tosa-infer-shapes,tosa-make-broadcastable,"
        "tosa-to-linalg-named,tosa-make-broadcastable,tosa-to-linalg,"
        "tosa-to-arith{include-apply-rescale=true},tosa-to-tensor),")
LOWER = ("builtin.module(" + TOSA + "convert-elementwise-to-linalg,"
         "func.func(linalg-generalize-named-ops),empty-tensor-to-alloc-tensor,"
         "one-shot-bufferize{bufferize-function-boundaries=true},"
         "func.func(convert-linalg-to-loops),expand-strided-metadata,"
         "lower-affine,convert-scf-to-cf,finalize-memref-to-llvm,"
         "convert-math-to-llvm,convert-math-to-libm,"
         "arith-expand,convert-arith-to-llvm,convert-index-to-llvm,"
         "convert-cf-to-llvm,convert-func-to-llvm,"
         "reconcile-unrealized-casts)")


GROUP = 16  # cases in one model


def random_array(rng, shape, kind, low, high):
    if kind == "f32":
        return rng.uniform(float(low), float(high), shape).astype(np.float32)
    return rng.integers(int(low), int(high), shape, dtype=np.int64,
                        endpoint=True).astype(KINDS[kind])


def literal(x, kind):
    """dense<…> of an array; those of i1 have no bytes."""
    if kind == "i1":
        return "dense<" + re.sub(r"\d", lambda m: ["false", "true"][
            int(m.group())], str(x.tolist())) + ">"
    return f'dense<"0x{x.tobytes().hex().upper()}">'


def parse_type(text):
    dims, kind = re.fullmatch(r"tensor<((?:\d+x)*)(\w+)>", text).groups()
    return [int(d) for d in dims.split("x")[:-1]], kind


class Case:
    def __init__(self, text, ranges, maps):
        self.name = re.search(r"func\.func @(\w+)", text).group(1)
        seed = hashlib.sha256(self.name.encode()).digest()[:8]
        rng = np.random.default_rng(int.from_bytes(seed, "little"))

        def fill(match):
            shape, kind = parse_type(match.group(3))
            x = random_array(rng, shape, kind, *match.group(1, 2))
            return f"{literal(x, kind)} : {match.group(3)}"

        self.text = re.sub(r"dense<RAND\(([-\d.]+),([-\d.]+)\)> :\s+"
                           r"(tensor<[\dx\w]+>)", fill, text)
        self.maps = maps
        head, result = re.search(r"func\.func @\w+\((.*?)\)\s*->\s*"
                                 r"(tensor<\w+>)", text, re.S).groups()
        self.result = parse_type(result)
        self.inputs = []
        for i, kind in enumerate(re.findall(r":\s*(tensor<\w+>)", head)):
            shape, element = parse_type(kind)
            low, high = (ranges[i] if i < len(ranges) and ranges[i]
                         else RANGES[element])
            self.inputs.append((shape, element,
                                random_array(rng, shape, element, low, high)))

    def call(self):
        """The function's call in the module that MLIR runs, and its print."""
        shape, kind = self.result
        dims = "".join(f"{d}x" for d in shape)
        lines, names = [], []
        for i, (shape_in, kind_in, x) in enumerate(self.inputs):
            sort = "tensor<" + "".join(f"{d}x" for d in shape_in) + kind_in
            lines.append(f"%{self.name}_{i} = arith.constant "
                         f"{literal(x, kind_in)} : {sort}>")
            names.append((f"%{self.name}_{i}", sort + ">"))
        value = f"%{self.name}_r"
        lines.append(f"{value} = call @{self.name}("
                     + ", ".join(n for n, _ in names) + ") : ("
                     + ", ".join(t for _, t in names)
                     + f") -> tensor<{dims}{kind}>")
        wide = "i64" if kind == "i64" else "i32"
        if kind != wide:
            op = {"f32": "bitcast", "i1": "extui"}.get(kind, "extsi")
            lines.append(f"{value}w = arith.{op} {value} : tensor<{dims}{kind}>"
                         f" to tensor<{dims}{wide}>")
            value += "w"
        lines += [f"{value}u = tensor.cast {value} : tensor<{dims}{wide}> to "
                  f"tensor<*x{wide}>",
                  f"call @printMemref{wide.upper()}({value}u) : "
                  f"(tensor<*x{wide}>) -> ()"]
        return "\n".join(lines)


    def parts(self):
        """Arguments, body and result for a function of several cases."""
        text = re.sub(r"%(\w+)", rf"%{self.name}_\1", self.text)
        head, body, value, kind = re.search(
            r"func\.func @\w+\((.*?)\)\s*->\s*tensor<\w+> {\n(.*?)"
            r"  return (%\w+) : (tensor<\w+>)\n", text, re.S).groups()
        return head, body, value, kind


def run_ours(cimc, cases):
    """Cases as one model; where that fails, one by one. Results or messages."""
    folder = pathlib.Path("model_" + cases[0].name + f"_{len(cases)}")
    folder.mkdir(exist_ok=True)
    heads, bodies, values, kinds = zip(*(case.parts() for case in cases))
    (folder / "m.mlir").write_text(
        f"{cases[0].maps}func.func @main({', '.join(heads)}) -> "
        f"({', '.join(kinds)}) {{\n{''.join(bodies)}  return "
        f"{', '.join(values)} : {', '.join(kinds)}\n}}\n")
    command = [cimc, folder / "m.mlir", "--run", "--verify-each"]
    arrays = [x for case in cases for _, _, x in case.inputs]
    for i, x in enumerate(arrays):
        np.save(folder / f"in{i}.npy", x)
        command.append(f"--input={folder}/in{i}.npy")
    command += [f"--output={folder}/out{i}.npy" for i in range(len(cases))]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return [np.load(folder / f"out{i}.npy") for i in range(len(cases))]
    if len(cases) == 1:
        return [done.stderr]
    return [run_ours(cimc, [case])[0] for case in cases]


def read_cases(path, wanted):
    text = pathlib.Path(path).read_text()
    maps = "".join(re.findall(r"^#\w+ = .*\n", text, re.M))
    functions = r"(?:^// in: ([^\n]*)\n)?^(func\.func .*?^}\n)"
    for match in re.finditer(functions, text, re.M | re.S):
        ranges = []
        for word in (match.group(1) or "").split():
            ranges.append(None if word == "-" else word.split(".."))
        case = Case(match.group(2), ranges, maps)
        if not wanted or case.name in wanted:
            yield case


def run_upstream(cases, tag):
    """Every function in one module: what MLIR's own lowering computes."""
    main = "\n".join(case.call() for case in cases)
    text = (cases[0].maps + "\n".join(case.text for case in cases)
            + "func.func private @printMemrefI32(tensor<*xi32>) "
            "attributes {llvm.emit_c_interface}\n"
            "func.func private @printMemrefI64(tensor<*xi64>) "
            "attributes {llvm.emit_c_interface}\n"
            f"func.func @main() {{\n{main}\nreturn\n}}\n")
    pathlib.Path(f"upstream{tag}.mlir").write_text(text)
    lowered = subprocess.run(
        ["mlir-opt", f"upstream{tag}.mlir", "--pass-pipeline=" + LOWER],
        capture_output=True, text=True)
    if lowered.returncode:
        sys.exit("mlir-opt fails:\n" + lowered.stderr[:3000])
    folder = subprocess.run(["llvm-config", "--libdir"], capture_output=True,
                            text=True, check=True).stdout.strip()
    done = subprocess.run(
        ["mlir-runner", "-e", "main", "--entry-point-result=void", "-O0",
         f"--shared-libs={folder}/libmlir_runner_utils.so,"
         f"{folder}/libmlir_c_runner_utils.so"],
        input=lowered.stdout, capture_output=True, text=True)
    if done.returncode:
        sys.exit("mlir-runner fails:\n" + done.stderr[:3000])
    results = []
    for part in done.stdout.split("Unranked Memref")[1:]:
        numbers = re.findall(r"-?\d+", part.split("data =", 1)[1])
        results.append(np.array([int(n) for n in numbers], dtype=np.int64))
    return results


def differ(case, ours, theirs):
    shape, kind = case.result
    if list(ours.shape) != shape:
        return f"shape {list(ours.shape)}, expected {shape}"
    if kind == "f32":
        theirs = theirs.astype(np.int32).view(np.float32).reshape(shape)
        error = np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1)
        return None if error.max() <= 1e-5 else f"error {error.max():.3g}"
    theirs = theirs.reshape(shape)
    wrong = np.argwhere(ours.astype(np.int64) != theirs)
    if len(wrong) == 0:
        return None
    at = tuple(wrong[0])
    return (f"{len(wrong)} of {theirs.size} elements, first {list(wrong[0])}: "
            f"{ours[at]}, MLIR has {theirs[at]}")


def main():
    cimc, path, wanted = sys.argv[1], sys.argv[2], sys.argv[3:]
    cases = list(read_cases(path, wanted))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        half = (len(cases) + 1) // 2
        parts = [p for p in (cases[:half], cases[half:]) if p]
        theirs = [t for part in pool.map(run_upstream, parts, range(2))
                  for t in part]
        groups = [cases[i:i + GROUP] for i in range(0, len(cases), GROUP)]
        ours = [x for group in pool.map(lambda g: run_ours(cimc, g), groups)
                for x in group]
    if len(theirs) != len(cases):
        sys.exit(f"MLIR printed {len(theirs)} results of {len(cases)}")
    wrong = 0
    for case, result, expected in zip(cases, ours, theirs):
        fault = (result if isinstance(result, str)
                 else differ(case, result, expected))
        if fault:
            wrong += 1
            print(f"{case.name}: {fault.strip()}")
    print(f"{len(cases)} cases, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
