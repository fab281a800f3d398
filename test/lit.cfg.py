# SPDX-License-Identifier: Apache-2.0
#
# The suite "cimc" for LLVM's lit.
#
# In: CIMC_BUILD (default <root>/build), CIMC_MODELS (default
# ../shared/models), CIMC_PYTHON (default: the build's venv, else python3).
import os
import platform
import shutil
import subprocess

import lit.formats

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
build = os.path.abspath(os.environ.get("CIMC_BUILD", root + "/build"))
models = os.path.abspath(
    os.environ.get("CIMC_MODELS", os.path.dirname(root) + "/shared/models"))


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True,
                              check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def find_python():
    for python in (os.environ.get("CIMC_PYTHON"),
                   build + "/venv/bin/python"):
        if python and os.path.exists(python):
            return python
    return shutil.which("python3") or "python3"


llvm = output_of("llvm-config-22", "--bindir") or "/usr/lib/llvm-22/bin"
python = find_python()

config.name = "cimc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["inputs", "house/cases"]
config.test_source_root = root + "/test"
config.test_exec_root = build + "/test/lit"

# Programs: ours first, then LLVM's FileCheck, not, split-file, mlir-opt.
config.environment["PATH"] = os.pathsep.join(
    [build + "/bin", llvm, os.environ["PATH"]])
config.environment["PYTHONDONTWRITEBYTECODE"] = "1"
config.environment["NO_COLOR"] = "1"
# The object cache is the tests' own, never the user's.
config.environment["XDG_CACHE_HOME"] = build + "/test/cache"
config.environment["HOME"] = build + "/test/home"


def find_cimc():
    for path in ("/bin/cimc", "/cimc/cimc", "/cimc/driver/cimc", "/cimc"):
        if os.path.isfile(build + path):
            return build + path
    return build + "/bin/cimc"


config.substitutions += [
    ("%cimc", find_cimc()),
    ("%python", python),
    ("%root", root),
    ("%build", build),
    ("%irdl", root + "/dialect/qgemm.irdl"),
    ("%models", models),
    ("%unit", build + "/test/unit"),
    ("%runtime", f"-I{root} -I{root}/runtime"),
    ("%libcimrt", build + "/runtime/libcimrt.a"),
]


def has_program(*names):
    return all(shutil.which(name) for name in names)


def has_modules(*names):
    return subprocess.run(
        [python, "-c", "import " + ", ".join(names)],
        capture_output=True).returncode == 0


def is_training_set_up():
    """The very versions that wrote the committed models."""
    return output_of(
        python, "-c", "import numpy, onnx, onnxruntime, sklearn; print("
        "numpy.__version__, onnx.__version__, onnxruntime.__version__, "
        "sklearn.__version__)") == "2.4.6 1.21.0 1.32.0 1.9.1"


def is_sanitized():
    """Then links need more, memory is not limited, crashes end otherwise."""
    try:
        with open(build + "/CMakeCache.txt") as cache:
            return "CIMC_SANITIZE:STRING=\n" not in cache
    except OSError:
        return False


def cpu_flags():
    try:
        with open("/proc/cpuinfo") as cpuinfo:
            for line in cpuinfo:
                if line.startswith("flags"):
                    return line.split()
    except OSError:
        pass
    return []


features = {
    "native": platform.machine() in ("x86_64", "aarch64"),
    "jit": platform.machine() == "x86_64" and os.path.isfile(find_cimc()),
    "x86": platform.machine() == "x86_64",
    "qemu-arm": has_program("qemu-aarch64", "qemu-arm",
                            "aarch64-linux-gnu-gcc",
                            "arm-linux-gnueabihf-gcc"),
    "qemu-x86": has_program("qemu-x86_64"),
    "arm-none-eabi": has_program("arm-none-eabi-gcc"),
    "qemu-m4": has_program("arm-none-eabi-gcc", "qemu-system-arm"),
    "cmocka": os.path.isfile(build + "/test/unit/fixed_test"),
    "coverage": has_program("clang-22") and os.path.isfile(output_of(
        "clang-22", "-print-file-name=libclang_rt.profile-x86_64.a")),
    "models": os.path.isdir(models),
    "mlir-runner": os.path.isfile(llvm + "/mlir-runner"),
    "numpy": has_modules("numpy"),
    "onnx": has_modules("numpy", "onnx"),
    "onnxruntime": has_modules("onnxruntime"),
    "conformance": output_of(
        python, "-c", "import onnx; print(onnx.__version__)") == "1.21.0",
    "train": is_training_set_up(),
    "unsanitized": not is_sanitized(),
    "avx2": "avx2" in cpu_flags(),
    "avx512": "avx512bw" in cpu_flags(),
    "avx512vnni": "avx512_vnni" in cpu_flags(),
}
config.available_features.update(
    name for name, there in features.items() if there)
