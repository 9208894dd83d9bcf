#!/usr/bin/env bash
# A training step of translation, summarisation and labelling by lstm and by PyTorch, with the packages from PyPI, or those of $PYTHON; arguments go to applications.py.
exec "${PYTHON:-python3}" "$(dirname "$0")/applications.py" "$@"
