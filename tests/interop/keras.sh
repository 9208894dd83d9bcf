#!/usr/bin/env bash
# Models to Keras and back, with the packages from PyPI, or those of $PYTHON; arguments go to with_keras.py.
exec "${PYTHON:-python3}" "$(dirname "$0")/with_keras.py" "$@"
