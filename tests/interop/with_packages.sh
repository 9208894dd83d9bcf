#!/usr/bin/env bash
# with_packages.sh SCRIPT PACKAGES [ARGUMENT ...]: runs the script by $PYTHON if that is set, and else in an
# environment of its own below target/interop, into which the packages are installed.
set -euo pipefail
script=$1 packages=$2
shift 2
cd "$(dirname "$0")/../.."
if [ -z "${PYTHON:-}" ]; then
    venv=target/interop/${script%.py}
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
    # shellcheck disable=SC2086
    "$venv/bin/pip" install --quiet --disable-pip-version-check $packages
    PYTHON=$venv/bin/python
fi
exec "$PYTHON" "tests/interop/$script" "$@"
