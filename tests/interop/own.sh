#!/usr/bin/env bash
# The page on checking an LSTM of one's own, run: each program accepts the vectors, and rejects a copy
# with two biases exchanged. A language whose interpreter or compiler is missing is named and left out.
set -euo pipefail
cd "$(dirname "$0")"
vectors=../vectors/lstm
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The biases of the input and the forget gate, exchanged.
sed 's/"layer0.b_f"/"layer0.b_?"/; s/"layer0.b_i"/"layer0.b_f"/; s/b_?/b_i/' $vectors/sequence.json > "$scratch/wrong.json"
sed 's/^layer0.b_f /layer0.b_? /; s/^layer0.b_i /layer0.b_f /; s/b_?/b_i/' $vectors/sequence.txt > "$scratch/wrong.txt"

judge() {
    name=$1 extension=$2
    shift 2
    for vector in step sequence truncated; do
        "$@" "$vectors/$vector.$extension" > "$scratch/log" || { cat "$scratch/log"; echo "$name rejects $vector" >&2; exit 1; }
    done
    if "$@" "$scratch/wrong.$extension" > "$scratch/log"; then
        echo "$name accepts exchanged biases" >&2
        exit 1
    fi
    echo "$name: accepts three vectors, and of exchanged biases says: $(cat "$scratch/log")"
}

has() { command -v "$1" > /dev/null || { echo "$2 is not checked: there is no $1"; false; }; }
from_file() { "$1" < "$2"; }
if has python3 Python; then judge Python json python3 own/check.py; fi
if has node JavaScript; then judge JavaScript json node own/check.js; fi
if has cc C; then
    cc -O1 -Wall -Wextra own/check.c -lm -o "$scratch/check"
    judge C txt from_file "$scratch/check"
fi
