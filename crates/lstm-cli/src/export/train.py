"""Continues a training run of `lstm train` with PyTorch, in one process or in several:

    torchrun --nproc-per-node 2 train.py --steps 1000
    torchrun --nnodes 4 --nproc-per-node 8 --rdzv-backend c10d --rdzv-endpoint HOST:29500 train.py --steps 1000

Every process computes its share of the sequences of a batch, and the gradients are added up. The batches,
Adam's moments, clipping and the learning rate are those of the run. Dropout, the order of windows and the
restarts of streams are drawn by PyTorch, so with them the losses are not those of `lstm train` to the digit.

The run goes on in this directory: weights.safetensors, training.safetensors and training.json are replaced
every --every steps. `lstm import weights.safetensors --from pytorch --out DIR` takes the model back.
"""

import argparse
import json
import math
import os
from pathlib import Path

import torch
import torch.distributed as dist
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

HERE = Path(__file__).resolve().parent
WEIGHTS, TENSORS, SETTINGS = (HERE / f"{name}" for name in ("weights.safetensors", "training.safetensors", "training.json"))
IGNORED = -100  # a target that does not count


class Model(nn.Module):
    """Embedding or one-hot, LSTM, head."""

    def __init__(self, vocab_size, embed_size, hidden_size, layers, dropout, head_dropout):
        super().__init__()
        self.vocab_size = vocab_size
        if embed_size > 0:
            self.embed = nn.Embedding(vocab_size, embed_size)
        self.lstm = nn.LSTM(embed_size or vocab_size, hidden_size, layers, dropout=dropout if layers > 1 else 0.0)
        self.dropout = nn.Dropout(head_dropout)
        self.head = nn.Linear(hidden_size, vocab_size)
        # PyTorch adds two biases. Two that learn would learn twice as fast as the run's one.
        for name, parameter in self.lstm.named_parameters():
            if name.startswith("bias_hh"):
                parameter.requires_grad_(False)

    def forward(self, ids, state):  # (T, B)
        one_hot = not hasattr(self, "embed")
        x = nn.functional.one_hot(ids, self.vocab_size).float() if one_hot else self.embed(ids)
        h, state = self.lstm(x, state)
        return self.head(self.dropout(h)), state  # (T, B, V)


class Streams:
    """The text in B contiguous streams, T steps at a time. A stream carries its state to the next batch."""

    def __init__(self, ids, s):
        self.ids, self.steps, self.restart = ids, s["seq_len"], s["restart"]
        tokens, more = divmod(len(ids) - 1, s["batch_size"])
        self.lengths = [tokens + (b < more) for b in range(s["batch_size"])]
        self.starts = [b * tokens + min(b, more) for b in range(s["batch_size"])]
        self.epoch = math.ceil(self.lengths[0] / self.steps)

    def spans(self, step):
        """The first position of every sequence of a batch, and its number of tokens."""
        done = step % self.epoch * self.steps
        return [(start + done, min(self.steps, n - done)) for start, n in zip(self.starts, self.lengths)]

    def zeroed(self, step):
        """A column for each sequence: whether it starts from a zero state."""
        if step % self.epoch == 0:
            return torch.ones(len(self.starts), dtype=torch.bool)
        return torch.rand(len(self.starts), generator=drawn(step)) < self.restart


class Windows:
    """All windows of T tokens in random order. Each starts from a zero state."""

    def __init__(self, ids, s):
        self.steps, self.batch_size = s["seq_len"], s["batch_size"]
        self.count = len(ids) - self.steps
        self.epoch = math.ceil(self.count / self.batch_size)
        self.order = (None, None)  # an epoch and its order

    def spans(self, step):
        epoch, within = divmod(step, self.epoch)
        if self.order[0] != epoch:
            self.order = (epoch, torch.randperm(self.count, generator=drawn(epoch)))
        starts = self.order[1][within * self.batch_size : (within + 1) * self.batch_size]
        return [(start, self.steps) for start in starts.tolist()]

    def zeroed(self, step):
        return torch.ones(self.batch_size, dtype=torch.bool)


def drawn(number):
    """A generator of random numbers that is the same in every process."""
    return torch.Generator().manual_seed(number)


def batch(ids, spans, steps):
    """Inputs and targets, (T, B)."""
    inputs = torch.zeros(steps, len(spans), dtype=torch.long)
    targets = torch.full((steps, len(spans)), IGNORED)
    for b, (start, n) in enumerate(spans):
        inputs[:n, b] = ids[start : start + n]
        targets[:n, b] = ids[start + 1 : start + n + 1]
    return inputs, targets


def next_to(path):
    return path.with_name(path.name + ".next")


class Run:
    """The run: its model, its optimiser, its data, and where it is."""

    def __init__(self, device):
        self.device, self.rank, self.world = device, dist.get_rank(), dist.get_world_size()
        self.s = json.loads(SETTINGS.read_text())
        self.model = Model(**self.s["network"]).to(device)
        self.model.load_state_dict(load_file(WEIGHTS))
        with safe_open(WEIGHTS, "pt") as file:
            self.metadata = file.metadata()
        self.tensors = load_file(TENSORS)
        self.ids = self.tensors["ids"].long()
        self.data = {"streams": Streams, "windows": Windows}[self.s["cut"]](self.ids, self.s)
        self.state = [self.tensors[name].to(device) for name in ("h", "c")]  # (layers, B, H)
        self.trained = {n: p for n, p in self.model.named_parameters() if p.requires_grad}
        self.optimizer = self.adam()
        torch.manual_seed(self.s["seed"] + self.s["step"] + 1_000_003 * self.rank)  # dropout

    def adam(self):
        """Adam or AdamW with the run's moments."""
        o = self.s["optimizer"]
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[o["name"]]
        decay = {"weight_decay": o["weight_decay"]} if "weight_decay" in o else {}
        adam = kind(self.trained.values(), betas=(o["beta1"], o["beta2"]), eps=o["epsilon"], **decay)
        for name, parameter in self.trained.items():
            adam.state[parameter] = {
                "step": torch.tensor(float(self.s["optimizer_steps"])),
                "exp_avg": self.tensors[f"exp_avg.{name}"].to(self.device),
                "exp_avg_sq": self.tensors[f"exp_avg_sq.{name}"].to(self.device),
            }
        return adam

    def learning_rate(self):
        rate, end = self.s["learning_rate"], self.s["cosine_steps"]
        if end is None:
            return rate
        return rate * 0.5 * (1 + math.cos(math.pi * min(self.s["step"] / end, 1.0)))

    def share(self, sequences):
        """The columns of a batch that this process computes."""
        return slice(self.rank * sequences // self.world, (self.rank + 1) * sequences // self.world)

    def step(self):
        """One step of training. Returns the loss in nats per token."""
        step = self.s["step"]
        spans = self.data.spans(step)
        own = self.share(len(spans))
        tokens = sum(n for _, n in spans)
        loss = torch.zeros((), device=self.device)
        self.optimizer.zero_grad()
        if spans[own]:
            inputs, targets = (x.to(self.device) for x in batch(self.ids, spans[own], spans[0][1]))
            kept = ~self.data.zeroed(step)[own].to(self.device)[:, None]
            state = tuple(torch.where(kept, x[:, own], 0).contiguous() for x in self.state)
            logits, state = self.model(inputs, state)
            loss = nn.functional.cross_entropy(
                logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction="sum") / tokens
            loss.backward()
            for whole, part in zip(self.state, state):
                whole[:, own] = part.detach()
        loss = loss.detach()
        dist.all_reduce(loss)
        for parameter in self.trained.values():
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            dist.all_reduce(parameter.grad)
        if self.s["max_norm"] is not None:
            nn.utils.clip_grad_norm_(self.trained.values(), self.s["max_norm"])
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate()
        self.optimizer.step()
        self.s["step"] += 1
        self.s["optimizer_steps"] += 1
        return loss.item()

    def save(self):
        """Replaces the files. The states of the other processes' sequences come from them."""
        for whole in self.state:
            own = self.share(whole.shape[1])
            part = torch.zeros_like(whole)
            part[:, own] = whole[:, own]
            dist.all_reduce(part)
            whole.copy_(part)
        if self.rank > 0:
            return
        tensors = {"ids": self.tensors["ids"], "h": self.state[0], "c": self.state[1]}
        for name, parameter in self.trained.items():
            for moment in ("exp_avg", "exp_avg_sq"):
                tensors[f"{moment}.{name}"] = self.optimizer.state[parameter][moment]
        save_file(self.model.state_dict(), next_to(WEIGHTS), self.metadata)
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, next_to(TENSORS))
        next_to(SETTINGS).write_text(json.dumps(self.s, indent=1))
        for path in (WEIGHTS, TENSORS, SETTINGS):
            os.replace(next_to(path), path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--steps", type=int, required=True, help="the steps to train from here")
    parser.add_argument("--every", type=int, default=100, help="print the loss and save every so many steps")
    args = parser.parse_args()
    on_gpus = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if on_gpus else torch.device("cpu")
    if on_gpus:
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if on_gpus else "gloo")
    run = Run(device)
    if run.world > run.s["batch_size"]:
        raise SystemExit(f"{run.world} processes cannot share {run.s['batch_size']} sequences")
    for n in range(1, args.steps + 1):
        loss = run.step()
        if n % args.every == 0 or n == args.steps:
            if run.rank == 0:
                print(f"step {run.s['step']}  train {loss:.7f}", flush=True)
            run.save()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
