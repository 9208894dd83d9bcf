#!/usr/bin/env bash
# Runs that PyTorch continues in one and in two processes, with the packages from PyPI (over 5 GB on the disk), or those of $PYTHON.
exec "${PYTHON:-python3}" "$(dirname "$0")/continued.py" "$@"
