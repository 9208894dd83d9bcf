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
VECTORS = HERE.parent / "vectors" / "metrics"


def run_in_venv(script, *packages):
    """Starts the script again in target/interop/<its name>, with the packages from PyPI."""
    home = HERE.parent.parent / "target" / "interop" / Path(script).stem
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if Path(sys.prefix).resolve() == home.resolve():
        return
    if not python.exists():
        venv.create(home, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
    sys.exit(subprocess.run([python, script]).returncode)


def write(script, package, cases):
    """Writes cases as <script>.json, with the package's version and the CRC-32 of the script."""
    record = {
        "package": f"{package} {version(package)}",
        "script_crc32": zlib.crc32(Path(script).read_bytes()),
        "cases": cases,
    }
    path = VECTORS / (Path(script).stem + ".json")
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{path}: {len(cases)} cases, {record['package']}")
