#!/usr/bin/env bash
# Training under mpirun: the same bits however processes and threads share the work, a run that survives the death of
# a rank, and a clear message when the ranks do not belong together.
# Debian's packages for it: libopenmpi-dev openmpi-bin libclang-dev clang.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
told=$scratch/told
fail() { printf '%s\n%s\n' "$1" "$(cat "$told")" >&2; exit 1; }

cargo build --locked --quiet -p lstm-cli --features mpi
lstm=${CARGO_TARGET_DIR:-target}/debug/lstm

# There may be fewer processors than ranks: a rank that waits lets the others work.
export OMPI_MCA_mpi_yield_when_idle=1
run() { mpirun --allow-run-as-root --oversubscribe --bind-to none "$@" >"$told" 2>&1; }
# ranks COUNT ARGUMENTS: lstm in so many processes
ranks() { local count=$1; shift; run -np "$count" "$lstm" "$@" || fail "$count × lstm $*"; }
# same RUN RUN: their models
same() {
    cmp "$scratch/$1/model.safetensors" "$scratch/$2/model.safetensors"
    cmp "$scratch/$1/best.safetensors" "$scratch/$2/best.safetensors"
    echo "the same bits: $1 and $2"
}

seq 1 1500 >"$scratch/text"
seq 2 1501 >"$scratch/other"
model=(--hidden 48 --embed 16 --dropout 0.2 --lr 0.01)
text=(train --text "$scratch/text" "${model[@]}" --seq-len 32)
# Two epochs each. Streams carry their state from batch to batch; the last batch of windows is short.
stream=("${text[@]}" --stream --batch 6 --epochs 2)
windows=("${text[@]}" --windows --batch 512 --epochs 2)
translate=(translate train "${model[@]}" --batch 60 --steps 40 --eval-every 20)

for kind in stream windows translate; do
    declare -n command=$kind
    ranks 1 "${command[@]}" --threads 2 --out "$scratch/$kind-1x2"
    ranks 2 "${command[@]}" --threads 1 --out "$scratch/$kind-2x1"
    same "$kind-1x2" "$kind-2x1"
done

ranks 1 "${stream[@]}" --threads 4 --out "$scratch/1x4"
for shared in 2x2 4x1; do
    ranks "${shared%x*}" "${stream[@]}" --threads "${shared#*x}" --out "$scratch/$shared"
    same 1x4 "$shared"
done

# Begun by two processes and resumed by one, and the other way round. An evaluation saves the run.
for begun in 1 2; do
    dir=$scratch/resumed-$begun
    ranks $begun "${text[@]}" --stream --batch 6 --steps 20 --threads $((2 / begun)) --out "$dir"
    ranks $((3 - begun)) train --resume "$dir" --epochs 2
    same stream-1x2 "resumed-$begun"
done

# endless DIR: trains in two ranks until they are stopped; sets mpirun and the ranks' numbers.
endless() {
    mpirun --allow-run-as-root --oversubscribe --bind-to none -np 2 \
        "$lstm" "${text[@]}" --stream --batch 6 --steps 100000000 --eval-every 20 --threads 1 --out "$1" >"$told" 2>&1 &
    mpirun=$!
    until [ -s "$1/metrics.jsonl" ]; do
        kill -0 $mpirun || fail "no run"
        sleep 0.1
    done
    for pid in $(pgrep -P $mpirun); do
        local rank
        rank=$(tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^OMPI_COMM_WORLD_RANK=//p')
        [ -z "$rank" ] || rank_pid[rank]=$pid
    done
}

for dead in 0 1; do
    dir=$scratch/dead-$dead
    endless "$dir"
    kill -KILL "${rank_pid[dead]}"
    SECONDS=0
    ! wait $mpirun || fail "rank $dead died, and the others did not notice"
    [ $SECONDS -lt 10 ] || fail "rank $dead died, and the others took $SECONDS s"
    grep -q "process rank $dead .*exited on signal 9" "$told" || fail "rank $dead died: no message"
    "$lstm" inspect --model "$dir" >/dev/null
    step=$(tail -n 1 "$dir/metrics.jsonl" | grep -o '"step":[0-9]*' | cut -d: -f2)
    "$lstm" train --resume "$dir" --steps $((step + 25)) >"$told" 2>&1 || fail "rank $dead died: no run to resume"
    echo "rank $dead died: the run ended within $SECONDS s and was resumed at step $step"
done

for stopped in 0 1; do
    endless "$scratch/stopped-$stopped"
    kill -TERM "${rank_pid[stopped]}"
    wait $mpirun || fail "rank $stopped was asked to stop"
    grep -q "stopped and saved at step" "$told" || fail "rank $stopped was asked to stop: not saved"
    echo "rank $stopped was asked to stop: all did, and the run is saved"
done

# refused WHAT: rank 0 trains on the text, rank 1 with these options.
refused() {
    local what=$1 common=(train --hidden 48 --batch 6 --steps 20 --out "$scratch/refused")
    shift
    ! run -np 1 "$lstm" "${common[@]}" --text "$scratch/text" : -np 1 "$lstm" "${common[@]}" "$@" ||
        fail "other $what: not refused"
    grep -q "rank 1 does not have the same $what as rank 0" "$told" || fail "other $what: no message"
    [ ! -e "$scratch/refused" ] || fail "other $what: a run has begun"
    echo "rank 1 has other $what: refused"
}
refused options --text "$scratch/text" --seed 2
refused data --text "$scratch/other"
