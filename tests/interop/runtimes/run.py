"""Runs the test cases in tests/vectors/onnx_backend with ONNX Runtime, tract, candle-onnx and burn-onnx.

    tests/interop/runtimes.sh [RUNTIME…]

Writes what each runtime makes of each case to results.json, and from it the table that the book
shows. With names of runtimes only these are run again; the others keep their results. The programs
for the runtimes in Rust are built first: that takes long, and candle-onnx needs protoc.

A case passes as with ONNX's own runner: every number within 1e-7 + 1e-3 of its size. First the expected
outputs are compared with ONNX's reference evaluator, as far as it knows the attributes.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from common import VECTORS, run_in_venv  # noqa: E402

run_in_venv(__file__, "onnx", "onnxruntime", "numpy")

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
from onnx import numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

CASES = VECTORS / "onnx_backend"
RESULTS = HERE / "results.json"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", HERE.parents[2] / "target" / "interop" / "runtimes"))
RTOL, ATOL = 1e-3, 1e-7
# What the reference evaluator computes: one forward direction without any of these.
NOT_IN_REFERENCE = {"direction", "clip", "input_forget", "activations", "sequence_lens"}


def fingerprint():
    """The CRC-32 of the names and bytes of all files of all cases."""
    crc = 0
    for path in sorted(CASES.glob("*/**/*")):
        if path.is_file():
            crc = zlib.crc32(path.relative_to(CASES).as_posix().encode(), crc)
            crc = zlib.crc32(path.read_bytes(), crc)
    return f"{crc:08x}"


class Case:
    def __init__(self, folder):
        self.name, self.path = folder.name, folder / "model.onnx"
        self.model = onnx.load(self.path)
        onnx.checker.check_model(self.model, full_check=True)
        graph = self.model.graph
        self.inputs = {info.name: self.read(f"input_{n}") for n, info in enumerate(graph.input)}
        self.outputs = [self.read(f"output_{n}") for n in range(len(graph.output))]

    def read(self, name):
        path = self.path.parent / "test_data_set_0" / f"{name}.pb"
        return numpy_helper.to_array(onnx.TensorProto.FromString(path.read_bytes()))

    def features(self):
        node = self.model.graph.node[0]
        return {attribute.name for attribute in node.attribute} | set(node.input)

    def verdict(self, found):
        """What is wrong with a runtime's outputs; nothing if they are right."""
        if [array.shape for array in found] != [array.shape for array in self.outputs]:
            return f"outputs of shapes {[array.shape for array in found]}"
        pairs = list(zip(found, self.outputs))
        if all(np.allclose(array, expected, RTOL, ATOL) for array, expected in pairs):
            return None
        return f"off by {max(np.abs(array - expected).max() for array, expected in pairs):.2g}"


def message(error):
    """The line of a program's error output that says what is wrong, without the machine's paths."""
    lines = [re.sub(r"/\S*/", "", line).strip() for line in error.splitlines() if line.strip()]
    telling = [n for n, line in enumerate(lines) if "panicked at" in line]
    if telling and telling[0] + 1 < len(lines):
        return lines[telling[0] + 1][:300]
    telling = [line for line in lines if line.lower().startswith("error")]
    return (telling or lines or ["no message"])[0][:300]


class Refused(Exception):
    pass


def cargo_run(package, *arguments, env=None, given=""):
    command = ["cargo", "run", "--quiet", "--locked", "--package", package, "--", *map(str, arguments)]
    env = os.environ | {"CARGO_TARGET_DIR": str(TARGET)} | (env or {})
    done = subprocess.run(command, cwd=HERE, env=env, input=given, capture_output=True, text=True)
    if done.returncode != 0:
        raise Refused(message(done.stderr))
    return done.stdout


def version(package):
    """The pinned version of a crate."""
    folder, crate = package
    manifest = tomllib.loads((HERE / folder / "Cargo.toml").read_text())
    dependencies = manifest["dependencies"] | manifest.get("build-dependencies", {})
    pinned = dependencies[crate]
    return (pinned if isinstance(pinned, str) else pinned["version"]).lstrip("=")


def with_onnxruntime(case):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(case.path), options, ["CPUExecutionProvider"])
        return session.run(None, case.inputs)
    except Exception as error:  # its exceptions have no common class
        raise Refused(message(str(error))) from error


def with_program(package, is_burn=False):
    def run(case):
        arrays = [
            {
                "name": name,
                "is_integer": array.dtype.kind == "i",
                "shape": list(array.shape),
                "data": [float(number) for number in array.ravel()],
            }
            for name, array in case.inputs.items()
        ]
        env = {}
        if is_burn:
            kinds = ["int" if array["is_integer"] else "float" for array in arrays]
            inputs = [f"{kind}{len(array['shape'])}" for kind, array in zip(kinds, arrays)]
            env = {"ONNX_MODEL": str(case.path), "ONNX_INPUTS": ",".join(inputs)}
        printed = cargo_run(package, case.path, env=env, given=json.dumps(arrays))
        return [np.array(o["data"], np.float32).reshape(o["shape"]) for o in json.loads(printed)]

    return run


RUNTIMES = {
    "ONNX Runtime": (onnxruntime.__version__, with_onnxruntime),
    "tract": (version(("tract", "tract-onnx")), with_program("with-tract")),
    "candle-onnx": (version(("candle", "candle-onnx")), with_program("with-candle")),
    "burn-onnx": (version(("burn", "burn-onnx")), with_program("with-burn", is_burn=True)),
}

# The book explains the signs in both languages.
SIGNS = {"passes": "✓", "wrong": "✗", "refuses": "—", "not run": "·"}


def write_table(results):
    runtimes = results["runtimes"]
    names = [f"{name} {own['version']}" for name, own in runtimes.items()]
    rows = [[f"`{results['fingerprint']}`", *names], ["---", *[":-:"] * len(names)]]
    for case in results["cases"]:
        found = [own["found"].get(case, {"verdict": "not run"}) for own in runtimes.values()]
        rows.append([f"`{case}`", *[SIGNS[one["verdict"]] for one in found]])
    lines = [f"| {' | '.join(row)} |\n" for row in rows]
    (HERE / "table.md").write_text("".join(lines), encoding="utf-8")


def main():
    cases = [Case(path.parent) for path in sorted(CASES.glob("*/model.onnx"))]
    for case in cases:
        if not case.features() & NOT_IN_REFERENCE:
            wrong = case.verdict(ReferenceEvaluator(case.model).run(None, case.inputs))
            if wrong:
                sys.exit(f"{case.name}: the reference evaluator differs: {wrong}")
            print(f"{case.name}: as the reference evaluator computes it")
    results = {"fingerprint": fingerprint(), "cases": [case.name for case in cases], "runtimes": {}}
    old = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name, (its_version, run) in RUNTIMES.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            kept = old.get("runtimes", {}).get(name, {"version": its_version, "found": {}})
            results["runtimes"][name] = kept if old.get("fingerprint") == results["fingerprint"] else {
                "version": its_version, "found": {}}
            continue
        found = {}
        for case in cases:
            try:
                wrong = case.verdict(run(case))
                found[case.name] = {"verdict": "wrong", "why": wrong} if wrong else {"verdict": "passes"}
            except Refused as error:
                found[case.name] = {"verdict": "refuses", "why": str(error)}
            print(f"{name} {its_version}, {case.name}: {found[case.name]}")
        results["runtimes"][name] = {"version": its_version, "found": found}
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_table(results)


main()
