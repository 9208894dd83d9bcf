"""A text is learned by PyTorch and by `lstm train`, with the same network and the same rule, until the
validation loss is low enough. Which is there first, and by how much?

A machine that others use is never twice the same. So both run at once and take turns: one is stopped
while the other has all the processors for some seconds, and only its own turns count. The signals for
that are those of Linux and macOS.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import HERE, run_in_venv

STEPS = 5000
TURN = 5.0


def learn(text, target, every, threads, seed):
    """PyTorch's side: prints a line of JSON for every evaluation."""
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    text = Path(text).read_text(encoding="utf-8")
    ids = {c: i for i, c in enumerate(sorted(set(text)))}
    tokens = torch.tensor([ids[c] for c in text])
    batch, steps, cut = 64, 100, int(0.9 * len(tokens))

    def streams(tokens):
        length = (len(tokens) - 1) // batch
        return tokens[: batch * length].view(batch, -1), tokens[1 : batch * length + 1].view(batch, -1)

    train, val = streams(tokens[:cut]), streams(tokens[cut:])

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(len(ids), 64)
            self.lstm = nn.LSTM(64, 256, 2, batch_first=True, dropout=0.2)
            self.dropout = nn.Dropout(0.2)
            self.head = nn.Linear(256, len(ids))

        def forward(self, x, state=None):
            h, state = self.lstm(self.embedding(x), state)
            return self.head(self.dropout(h)).flatten(0, 1), state

    network = Network()
    adam = torch.optim.Adam(network.parameters(), lr=2e-3)

    def validate():
        network.eval()
        nats, state = 0.0, None
        with torch.inference_mode():
            for x, y in zip(val[0].split(steps, 1), val[1].split(steps, 1)):
                z, state = network(x, state)
                nats += nn.functional.cross_entropy(z, y.flatten(), reduction="sum").item()
        network.train()
        return nats / val[0].numel()

    chunks, state = [], None
    for step in range(1, STEPS + 1):
        if not chunks:
            whole = train[0].shape[1] // steps * steps
            chunks = list(zip(*(half[:, :whole].split(steps, 1) for half in train)))[::-1]
            state = None
        x, y = chunks.pop()
        adam.zero_grad(set_to_none=True)
        z, state = network(x, state)
        state = tuple(s.detach() for s in state)
        nn.functional.cross_entropy(z, y.flatten()).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        adam.step()
        if step % every == 0:
            loss = validate()
            print(json.dumps({"step": step, "val_loss": loss}), flush=True)
            if loss <= target:
                return


class Runner:
    """A process that runs only in its turns."""

    def __init__(self, name, command, lines, env):
        self.name, self.lines = name, lines
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, env=env)
        self.process.send_signal(signal.SIGSTOP)
        self.seconds, self.seen = 0.0, 0

    def turn(self, target):
        """Lets it run for a while; the evaluation that reached the target, if one did."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGCONT)
        while time.monotonic() - start < TURN:
            time.sleep(0.02)
            for line in self.lines(self)[self.seen :]:
                self.seen += 1
                found = json.loads(line)
                if found["val_loss"] <= target:
                    self.seconds += time.monotonic() - start
                    return found
            if self.process.poll() is not None:
                self.log.seek(0)
                sys.exit(f"{self.name} ended before its time:\n{self.log.read().decode()[-2000:]}")
        self.process.send_signal(signal.SIGSTOP)
        self.seconds += time.monotonic() - start
        return None

    def end(self):
        self.process.kill()
        self.process.wait()


def whole_lines(text):
    return text[: text.rfind("\n") + 1].splitlines()


def race(args, out):
    """Both sides, turn by turn; prints who was there when. `out` is a directory for lstm's model."""
    lstm = [args.lstm, "train", "--text", args.text, "--out", str(out), "--init", "pytorch", "--dropout", "0.2"]
    lstm += ["--head-dropout", "0.2", "--steps", str(STEPS), "--threads", str(args.threads)]
    lstm += ["--eval-every", str(args.every), "--seed", str(args.seed)]
    torch = [sys.executable, __file__, "--text", args.text, "--to", str(args.to), "--every", str(args.every)]
    torch += ["--threads", str(args.threads), "--seed", str(args.seed), "--torch"]
    # Some machines are set up for an older OpenBLAS; PyTorch brings its own kernels.
    env = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    env["OMP_NUM_THREADS"] = str(args.threads)

    def metrics(_):
        path = out / "metrics.jsonl"
        return whole_lines(path.read_text()) if path.exists() else []

    def printed(runner):
        runner.log.seek(0)
        return [line for line in whole_lines(runner.log.read().decode()) if line.startswith("{")]

    runners = [Runner("lstm", lstm, metrics, env), Runner("PyTorch", torch, printed, env)]
    done = {}
    try:
        while len(done) < 2:
            for runner in runners:
                if runner.name in done:
                    continue
                if found := runner.turn(args.to):
                    done[runner.name] = runner.seconds
                    print(f"{runner.name:8} {found['val_loss']:.4f} nats after {found['step']} steps, {runner.seconds:.1f} s", flush=True)
                    runner.end()
    finally:
        for runner in runners:
            runner.end()
    print(f"lstm gets there {done['PyTorch'] / done['lstm']:.2f} times as fast")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--text", required=True, help="a text file in UTF-8")
    parser.add_argument("--to", type=float, default=1.6, help="the validation loss, in nats per character")
    parser.add_argument("--every", type=int, default=25, help="steps between two evaluations")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lstm", default=str(HERE.parent.parent / "target/release/lstm"), help="the lstm command, built with --release")
    parser.add_argument("--torch", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    run_in_venv(__file__, "torch")
    if args.torch:
        learn(args.text, args.to, args.every, args.threads, args.seed)
    else:
        with tempfile.TemporaryDirectory() as home:
            race(args, Path(home) / "model")


main()
