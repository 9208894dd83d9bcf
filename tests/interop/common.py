"""What the scripts here share: a virtual environment of their own, and how a record is written."""

import json
import os
import subprocess
import sys
import venv
import zlib
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parent / "vectors"


def run_in_venv(script, *packages):
    """Starts the script again in target/interop/<its name>, with the packages from PyPI.

    requirements/<its name>.txt pins them all, with the hashes of their files; lock.py writes it.
    Not if PYTHON is set: then it names an interpreter that has them, and has started the script.
    """
    home = HERE.parent.parent / "target" / "interop" / Path(script).stem
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if os.environ.get("PYTHON") or Path(sys.prefix).resolve() == home.resolve():
        return
    if not python.exists():
        venv.create(home, with_pip=True)
    pins = HERE / "requirements" / f"{home.name}.txt"
    pinned = pins.read_text(encoding="utf-8").splitlines() if pins.exists() else []
    lost = [package for package in packages if not any(line.startswith(package) for line in pinned)]
    if lost:
        sys.exit(f"{pins} does not pin {', '.join(lost)}: run python3 tests/interop/lock.py")
    # A package without wheels is built with the pinned setuptools, not with whatever pip would fetch.
    pip = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-build-isolation", "-r"]
    subprocess.run([*pip, pins.with_name("setuptools.txt")], check=True)
    subprocess.run([*pip, pins], check=True)
    sys.exit(subprocess.run([python, script, *sys.argv[1:]]).returncode)


def write_record(path, script, package, **content):
    """Writes what a package has computed, with its version and the CRC-32 of the script that asked it."""
    record = {"package": package, "script_crc32": zlib.crc32(Path(script).read_bytes()), **content}
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write(script, package, cases):
    """Writes cases as <script>.json among the recorded metrics."""
    package = f"{package} {version(package)}"
    path = VECTORS / "metrics" / (Path(script).stem + ".json")
    write_record(path, script, package, cases=cases)
    print(f"{path}: {len(cases)} cases, {package}")
