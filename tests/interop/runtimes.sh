#!/usr/bin/env bash
# The test cases for ONNX runtimes, run by four of them; arguments go to runtimes/run.py.
exec "${PYTHON:-python3}" "$(dirname "$0")/runtimes/run.py" "$@"
