#!/usr/bin/env bash
# Models to Keras and back, with the packages from PyPI; arguments go to with_keras.py.
exec "$(dirname "$0")/with_packages.sh" with_keras.py "keras jax h5py numpy" "$@"
