#!/usr/bin/env bash
# Models to PyTorch and back, with the packages from PyPI (over 5 GB on the disk), or those of $PYTHON; arguments go to with_torch.py.
exec "${PYTHON:-python3}" "$(dirname "$0")/with_torch.py" "$@"
