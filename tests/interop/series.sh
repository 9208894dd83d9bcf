#!/usr/bin/env bash
# Forecasts of public series beside simple methods, with the data of statsmodels from PyPI, or of that of $PYTHON; arguments go to series.py.
exec "${PYTHON:-python3}" "$(dirname "$0")/series.py" "$@"
