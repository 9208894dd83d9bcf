#!/usr/bin/env bash
# Models to ONNX Runtime and back, with the packages from PyPI; arguments go to with_onnx.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=target/interop-onnx
[ -x $venv/bin/python ] || python3 -m venv $venv
$venv/bin/pip install --quiet --disable-pip-version-check onnx onnxruntime numpy
$venv/bin/python tests/interop/with_onnx.py "$@"
