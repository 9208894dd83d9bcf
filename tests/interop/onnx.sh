#!/usr/bin/env bash
# Models to ONNX Runtime and back, with the packages from PyPI, or those of $PYTHON; arguments go to with_onnx.py.
exec "${PYTHON:-python3}" "$(dirname "$0")/with_onnx.py" "$@"
