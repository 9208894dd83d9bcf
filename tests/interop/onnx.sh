#!/usr/bin/env bash
# Models to ONNX Runtime and back, with the packages from PyPI; arguments go to with_onnx.py.
exec "$(dirname "$0")/with_packages.sh" with_onnx.py "onnx onnxruntime numpy" "$@"
