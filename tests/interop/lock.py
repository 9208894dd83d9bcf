"""Pins the Python packages of this repository's scripts, with the hashes of all their files.

    python3 tests/interop/lock.py [--upgrade]

Writes requirements/<name of a script>.txt for each script that calls `run_in_venv`, and for the sets
below. The pins serve all systems and Python 3.11 and later. Those that are there already stay, unless
--upgrade is given; then the scripts are to be run again, and records made anew where they differ.
"""

import re
import subprocess
import sys

from common import HERE, run_in_venv

run_in_venv(__file__, "uv")

# What `run_in_venv` installs before all else, and what people install by hand.
SETS = {
    "setuptools": ["setuptools"],
    "make_onnx_vectors": ["onnx", "onnxruntime", "numpy", "safetensors"],
    "math-font": ["fonttools==4.68.0", "brotli==1.2.1", "ziamath==0.13"],
}

for script in HERE.rglob("*.py"):
    call = re.search(r"^ *run_in_venv\(__file__, (.*)\)", script.read_text(encoding="utf-8"), re.MULTILINE)
    if call:
        SETS[script.stem] = re.findall(r'"(.*?)"', call[1])

for name, packages in sorted(SETS.items()):
    path = HERE / "requirements" / f"{name}.txt"
    path.parent.mkdir(exist_ok=True)
    command = [
        sys.executable, "-m", "uv", "pip", "compile", "-", "--quiet", "--generate-hashes", "--no-annotate",
        "--universal", "--python-version", "3.11", "--fork-strategy", "fewest",
        "--custom-compile-command", "python3 tests/interop/lock.py", "--output-file", path,
    ]
    subprocess.run([*command, *sys.argv[1:]], input="\n".join(packages), text=True, check=True)
    print(f"{path}: {', '.join(packages)}")
