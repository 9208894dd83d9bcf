#!/usr/bin/env bash
# Quatrains to train on, from npm's chinese-poetry, and a count of what a model wrote, with pypinyin from PyPI; arguments go to verses.py.
exec "${PYTHON:-python3}" "$(dirname "$0")/verses.py" "$@"
