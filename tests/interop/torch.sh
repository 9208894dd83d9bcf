#!/usr/bin/env bash
# Models to PyTorch and back, with the packages from PyPI (over 5 GB on the disk); arguments go to with_torch.py.
exec "$(dirname "$0")/with_packages.sh" with_torch.py "torch numpy safetensors" "$@"
