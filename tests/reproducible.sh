#!/usr/bin/env bash
# Builds lstm twice, from this commit in two directories, and compares the two programs bit by bit.
# Paths of the machine would be in a program, for its error messages: they are replaced by short ones.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for copy in first another/second; do
    mkdir -p "$scratch/$copy"
    git archive HEAD | tar -x -C "$scratch/$copy"
    echo "building in $scratch/$copy"
    (
        cd "$scratch/$copy"
        export RUSTFLAGS="--remap-path-prefix=$PWD=/lstm --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
        CARGO_TARGET_DIR=$PWD/target cargo build --release --locked --quiet -p lstm-cli
        # The second build needs the room.
        mv target/release/lstm lstm && rm -r target
    )
done

sha256sum "$scratch/first/lstm" "$scratch/another/second/lstm"
cmp "$scratch/first/lstm" "$scratch/another/second/lstm"
if grep -aqF -e "$scratch" -e "$HOME/" "$scratch/first/lstm"; then
    echo "the program holds a path of this machine" >&2
    exit 1
fi
echo "two builds, one program"
