# SPDX-License-Identifier: Apache-2.0
#
# The node tests of the onnx package, through the command:
#   run.py CIMC [--write FILE | --check FILE] [--only REGEX] [--jobs N]
#               [--sample K/N] [--verbose]
#
# Of each case all inputs but the first become initializers, as in a model.
# --write makes docs/conformance.md; --check compares with it and fails when
# anything differs: the whole page, or with --only or --sample the cases that
# ran.
import argparse
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.loader import load_model_tests

import page

HELD = {TensorProto.FLOAT, TensorProto.INT8, TensorProto.UINT8,
        TensorProto.INT16, TensorProto.UINT16, TensorProto.INT32,
        TensorProto.INT64, TensorProto.BOOL}
SECONDS_MAX = 60


def operators_of(cimc):
    """(domain, operator) of each row of cimc's table."""
    listed = subprocess.run([cimc, "--list-ops"], capture_output=True,
                            text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    return {("" if row[1] == "ai.onnx" else row[1], row[2])
            for row in rows if row and row[0] == "onnx"}


def type_name(kind):
    if kind.HasField("tensor_type"):
        return TensorProto.DataType.Name(kind.tensor_type.elem_type).lower()
    return kind.WhichOneof("value").removesuffix("_type")


def is_held(kind):
    return kind.HasField("tensor_type") and kind.tensor_type.elem_type in HELD


def why_not_applicable(model, known):
    """Why cimc does not claim to compute the case; None when it does."""
    missing = {node.op_type for node in model.graph.node
               if (node.domain, node.op_type) not in known}
    if missing:
        return "operator " + ", ".join(sorted(missing))
    kinds = [value.type for value in (*model.graph.input, *model.graph.output)]
    other = {type_name(kind) for kind in kinds if not is_held(kind)}
    return "type " + ", ".join(sorted(other)) if other else None


def read_value(path, kind):
    with open(path, "rb") as data:
        content = data.read()
    tensor = TensorProto()
    tensor.ParseFromString(content)
    return numpy_helper.to_array(tensor)


def read_values(folder, word, values):
    return [read_value(f"{folder}/{word}_{i}.pb", value.type)
            for i, value in enumerate(values)]


def agrees(found, wanted, case):
    """None, or what differs; the tolerances of onnx's own runner."""
    if found.dtype != wanted.dtype:
        return f"{found.dtype} instead of {wanted.dtype}"
    if found.shape != wanted.shape:
        return f"shape {found.shape} instead of {wanted.shape}"
    if wanted.dtype.kind == "f":
        same = np.isclose(found, wanted, rtol=case.rtol, atol=case.atol,
                          equal_nan=True)
    else:
        same = found == wanted
    return None if same.all() else "other numbers"


def explain(process):
    """The error's text, without the file's name."""
    for line in process.stderr.splitlines():
        if "error:" in line:
            text = line.split("error:", 1)[1].strip()
            return re.sub(r"\(node '[^']*'(: )?", "(", text).replace(" ()", "")
    return "no message"


def run_data(cimc, model, case, data, folder):
    values = read_values(data, "input", model.graph.input)
    wanted = read_values(data, "output", model.graph.output)
    bound = onnx.ModelProto()
    bound.CopyFrom(model)
    for value, array in list(zip(model.graph.input, values))[1:]:
        bound.graph.initializer.append(
            numpy_helper.from_array(array, value.name))
    with open(f"{folder}/m.onnx", "wb") as out:
        out.write(bound.SerializeToString())
    command = [cimc, f"{folder}/m.onnx", "--run", "--cache=off", "--quiet"]
    if values:
        np.save(f"{folder}/in.npy", values[0])
        command.append(f"--input={folder}/in.npy")
    paths = [f"{folder}/out{i}.npy" for i in range(len(wanted))]
    for path in paths:
        command.append(f"--output={path}")
        if os.path.exists(path):
            os.remove(path)
    try:
        process = subprocess.run(command, capture_output=True, text=True,
                                 timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return "crashed", f"took longer than {SECONDS_MAX} seconds"
    if process.returncode == 1:
        return "refused", explain(process)
    if process.returncode != 0:
        return "crashed", f"exit code {process.returncode}: {explain(process)}"
    for path, output, array in zip(paths, model.graph.output, wanted):
        wrong = agrees(np.load(path), array, case)
        if wrong:
            return "failed", f"{output.name}: {wrong}"
    return "passed", ""


def run_case(cimc, known, case):
    model = onnx.load(f"{case.model_dir}/model.onnx")
    reason = why_not_applicable(model, known)
    if reason:
        return "not applicable", reason
    outcome = "failed", "no data"
    with tempfile.TemporaryDirectory() as folder:
        for data in sorted(glob.glob(f"{case.model_dir}/test_data_set_*")):
            outcome = run_data(cimc, model, case, data, folder)
            if outcome[0] != "passed":
                break
    return outcome


def group_of(case, cases):
    """The operator a case is about: that of the case it is expanded from."""
    plain = cases.get(re.sub(r"_expanded.*$", "", case.name), case)
    model = onnx.load(f"{plain.model_dir}/model.onnx")
    names = sorted({node.op_type for node in model.graph.node})
    domains = sorted({node.domain for node in model.graph.node} - {""})
    return " + ".join(names) + "".join(f" ({name})" for name in domains)


def select(cases, only, sample):
    chosen = [case for case in cases if re.search(only, case.name)]
    if sample:
        first, step = (int(part) for part in sample.split("/"))
        chosen = chosen[first::step]
    return chosen


def run_all(options):
    cases = sorted(load_model_tests(kind="node"), key=lambda case: case.name)
    by_name = {case.name: case for case in cases}
    known = operators_of(options.cimc)
    results = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        chosen = select(cases, options.only, options.sample)
        outcomes = pool.map(
            lambda case: run_case(options.cimc, known, case), chosen)
        for case, (status, reason) in zip(chosen, outcomes):
            results[case.name] = page.Result(group_of(case, by_name), status,
                                             reason)
            if options.verbose and status != "not applicable":
                print(f"{status}\t{case.name}\t{reason}", flush=True)
    return results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cimc")
    parser.add_argument("--write")
    parser.add_argument("--check")
    parser.add_argument("--only", default="")
    parser.add_argument("--sample", help="K/N: every N-th case from K")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    results = run_all(options)
    print(page.summary(results))
    if options.write:
        with open(options.write, "w") as out:
            out.write(page.text(results, onnx.__version__))
    wrong = []
    if options.check:
        wrong = page.differences(options.check, results)
        if not wrong and not options.only and not options.sample:
            wrong = page.compare(options.check, page.text(results,
                                                          onnx.__version__))
    for line in wrong:
        print(line)
    crashed = [name for name, result in results.items()
               if result.status == "crashed"]
    sys.exit(1 if wrong or crashed else 0)


main()
