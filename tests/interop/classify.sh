#!/usr/bin/env bash
# Classification of public series beside simple methods, with the data of aeon and scikit-learn from PyPI, or of those of $PYTHON; arguments go to classify.py.
exec "${PYTHON:-python3}" "$(dirname "$0")/classify.py" "$@"
