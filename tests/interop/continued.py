"""A run that `lstm train` has begun and PyTorch continues: the next losses are those of `lstm train` to 1e-5.

    tests/interop/continued.sh

The script that `lstm export --to pytorch --with-training` writes runs under torchrun, with gloo, in one
process, in two, and in three that are stopped and continued by two. The next steps lie on both sides of the
end of an epoch, where streams have fewer steps.
"""

from common import run_in_venv

run_in_venv(__file__, "torch", "numpy", "safetensors")

import json  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

from models import ROOT, cargo  # noqa: E402

TOLERANCE = 1e-5
NEXT = 5
# 2,700 characters for training: 7 streams of 385 or 386, which are 20 steps of 20.
TEXT = "".join(f"{n * n % 997} and {n}\n" for n in range(1000))[:3000]
SIZES = ["--hidden", "24", "--batch", "7", "--seq-len", "20", "--restart", "0", "--eval-every", "1"]
RUNS = {
    "Adam": ["--embed", "8", "--clip", "0.5", "--lr", "0.01"],
    "AdamW, one-hot, one layer": ["--embed", "0", "--layers", "1", "--optimizer", "adamw", "--clip", "0"],
    "a cosine": ["--embed", "8", "--schedule", "cosine"],
}


def losses(run):
    """The training loss of every step: the run evaluates after each."""
    lines = (run / "metrics.jsonl").read_text().splitlines()
    return {line["step"]: line["train_loss"] for line in map(json.loads, lines)}


def begun(run, options, steps, end):
    """A run that has done at least so many steps of `end`, and was then interrupted."""
    text = run.with_suffix(".txt")
    text.write_text(TEXT)
    lstm = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "lstm"
    command = [lstm, "train", "--text", text, "--out", run, "--steps", end, *SIZES, *options]
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    metrics = run / "metrics.jsonl"
    while not metrics.exists() or len(metrics.read_text().splitlines()) < steps:
        if process.poll() is not None:
            sys.exit(f"lstm train ended with {process.returncode} before step {steps}")
        time.sleep(0.001)
    process.terminate()
    if process.wait() != 0:
        sys.exit(f"lstm train ended with {process.returncode}")


def continued(exported, *parts):
    """The losses of a copy of the directory, for parts of so many processes and so many steps."""
    copy = exported.with_name("copy")
    shutil.copytree(exported, copy)
    found = {}
    for processes, steps in parts:
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", processes]
        command += [copy / "train.py", "--steps", steps, "--every", 1]
        env = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
        done = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True, env=env)
        found |= {int(step): float(loss) for step, loss in re.findall(r"step (\d+)  train (\S+)", done.stdout)}
    back = exported.with_name("back")
    cargo("--", "import", copy / "weights.safetensors", "--from", "pytorch", "--out", back)
    shutil.rmtree(copy)
    shutil.rmtree(back)
    return found


def check(name, folder, options):
    run, exported, further = folder / "run", folder / "exported", folder / "further"
    begun(run, options, 17, 60)
    cargo("--", "export", "--model", run, "--to", "pytorch", "--with-training", "--out", exported)
    cargo("--", "train", "--resume", run, "--out", further)
    first = json.loads((exported / "training.json").read_text())["step"] + 1
    expected = losses(further)
    for parts in [[(1, NEXT)], [(2, NEXT)], [(3, 2), (2, NEXT - 2)]]:
        found = continued(exported, *parts)
        if sorted(found) != list(range(first, first + NEXT)):
            sys.exit(f"{name}: steps {sorted(found)} after step {first - 1}")
        worst = max(abs(loss - expected[step]) for step, loss in found.items())
        told = " then ".join(f"{steps} steps in {processes}" for processes, steps in parts)
        print(f"{name}, from step {first}, {told}: off by {worst:.1e} at most", flush=True)
        if not worst <= TOLERANCE:
            sys.exit(f"{name}: expected {[expected[step] for step in sorted(found)]}, found {found}")


def main():
    cargo("--", "--version")
    for name, options in RUNS.items():
        with tempfile.TemporaryDirectory() as scratch:
            check(name, Path(scratch), options)


main()
