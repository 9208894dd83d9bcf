#!/usr/bin/env bash
# A text learned by PyTorch and by lstm side by side, with the packages from PyPI, or those of $PYTHON; arguments go to race.py.
exec "${PYTHON:-python3}" "$(dirname "$0")/race.py" "$@"
