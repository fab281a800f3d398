# SPDX-License-Identifier: Apache-2.0
#
# docs/conformance.md: written from the results of run.py, and read back.
import collections
import re

Result = collections.namedtuple("Result", "group status reason")
COLUMNS = ("passed", "failed", "refused", "crashed", "not applicable")

HEAD = """\
# ONNX conformance

Written by `python3 test/conformance/run.py build/bin/cimc --write
docs/conformance.md`; not by hand. The cases are the node tests of the package
`onnx` {version}: for each one a model, inputs and the outputs expected.

All inputs but the first are bound as initializers, which is how models have
them; the first is given at run time. Then cimc compiles the model for this CPU
and runs it, and every output is compared: floats within rtol 1e-3 and atol
1e-7, which are the tolerances of onnx's own runner, integers and booleans
exactly, types and shapes too.

- **passed**: every output of every data set is as expected.
- **failed**: cimc ran and an output differs.
- **refused**: cimc says that it does not support this form. The most frequent
  cause is an operand that must be constant and here is the first input.
- **crashed**: a fault of cimc, or no end within a minute.
- **not applicable**: the model has an operator that `cimc --list-ops` does not
  list, or an input or output of the graph is of a type cimc does not hold: only
  tensors of float32, int8, uint8, int16, uint16, int32, int64 and bool are
  (so not float16, bfloat16, float8, float64, uint32, uint64, 2 and 4 bits,
  strings, sequences and optionals). These cases are not run.

A case named `..._expanded` is the operator's definition as a graph of other
operators; it counts for the operator it defines.
"""

# Why a case that ran differs, where that has been looked into.
WRAPS = ("the expected numbers wrap around where the operator saturates; ONNX "
         "Runtime gives what cimc gives")
NOTES = {"test_qlinearmatmul_2D_int8_float32": WRAPS,
         "test_qlinearmatmul_3D_int8_float32": WRAPS}


def tally(results):
    return collections.Counter(result.status for result in results.values())


def summary(results):
    count = tally(results)
    applicable = sum(count[name] for name in COLUMNS[:-1])
    share = 100 * count["passed"] / applicable if applicable else 0
    parts = ", ".join(f"{count[name]} {name}" for name in COLUMNS)
    return (f"{len(results)} cases, {applicable} applicable: {parts}; "
            f"{share:.1f} % of the applicable passed")


def rows(results):
    groups = collections.defaultdict(collections.Counter)
    for result in results.values():
        groups[result.group][result.status] += 1
    return sorted(groups.items(), key=lambda item: item[0].lower())


def reason_of(name, result):
    note = NOTES.get(name) if result.status == "failed" else None
    return f"{result.reason}: {note}" if note else result.reason


def case_lines(results, status):
    return [f"- `{name}`: {reason_of(name, result)}"
            for name, result in sorted(results.items())
            if result.status == status]


def not_applicable(results):
    reasons = collections.Counter(
        result.reason for result in results.values()
        if result.status == "not applicable")
    return [f"- {reason}: {count}" for reason, count in
            sorted(reasons.items(), key=lambda item: item[0].lower())]


def text(results, version):
    lines = [HEAD.format(version=version), "## Totals", "", summary(results) +
             ".", "", "## Operators", "",
             "| operator | " + " | ".join(COLUMNS) + " |",
             "|---|" + "---:|" * len(COLUMNS)]
    for group, count in rows(results):
        cells = " | ".join(str(count[name] or "") for name in COLUMNS)
        lines.append(f"| {group} | {cells} |")
    for status in ("failed", "refused", "crashed"):
        listed = case_lines(results, status)
        if listed:
            lines += ["", f"## {status.capitalize()}", "", *listed]
    lines += ["", "## Not applicable", "", *not_applicable(results)]
    return "\n".join(lines) + "\n"


def read(path):
    """The status and reason of each case that the page lists by name: those
    that did not pass."""
    found, status = {}, ""
    with open(path) as lines:
        for line in lines:
            if line.startswith("## "):
                status = line[3:].strip().lower()
            case = re.match(r"- `(\w+)`(?:: (.*))?$", line)
            if case:
                found[case[1]] = (status, case[2] or "")
    return found


def compare(path, wanted):
    """Whether the page's whole text is that."""
    with open(path) as there:
        same = there.read() == wanted
    return [] if same else [f"{path} is not what run.py --write writes"]


def differences(path, results):
    """What the page says otherwise, a line for each case."""
    listed = read(path)
    wrong = []
    for name, result in sorted(results.items()):
        there = listed.get(name, ("passed", ""))
        found = (result.status, reason_of(name, result))
        if result.status != "not applicable" and there != found:
            wrong.append(f"{name}: {path} says {' '.join(there)}; found "
                         f"{' '.join(found)}")
    return wrong
