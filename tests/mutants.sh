#!/usr/bin/env bash
# Changes the crates' source one place at a time; each change must make a test of its crate fail.
#
#   tests/mutants.sh                       every crate: a day on two cores
#   tests/mutants.sh lstm-text             one crate
#   tests/mutants.sh lstm-text --shard 0/8 an eighth of its changes
#
# What is left out, and why, is in .cargo/mutants.toml. The results are in target/mutants/CRATE.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v cargo-mutants >/dev/null || cargo install cargo-mutants --version 27.1.0 --locked --quiet

crates=()
while [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; do
    crates+=("$1")
    shift
done
[ ${#crates[@]} -gt 0 ] || crates=(lstm-gates lstm-cell lstm-bptt lstm-text lstm-train lstm-model lstm-fast lstm-tasks
    lstm-check lstm-exchange lstm-cli)

status=0
for crate in "${crates[@]}"; do
    mkdir -p "target/mutants/$crate"
    # Changes in code that is not compiled would all be missed.
    features=()
    [ "$crate" != lstm-exchange ] || features=(--features keras)
    CARGO_INCREMENTAL=1 CARGO_TARGET_DIR="$PWD/target" \
        cargo mutants -p "$crate" "${features[@]}" -o "target/mutants/$crate" "$@" || status=$?
done
exit "$status"
