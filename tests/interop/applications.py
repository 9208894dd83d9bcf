"""A training step of an application, by `lstm bench` and by PyTorch: the same sizes, lengths and rules.

`lstm bench --json` prints the sizes of the network and the lengths of every batch. PyTorch trains a network
of these sizes on random tokens of these lengths, with the same loss, dropout, clipping and Adam. Both take
turns, and the ratio of each pair of turns counts.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

from common import HERE, run_in_venv

APPLICATIONS = ["translation", "summarisation", "labelling"]
ROUNDS = 5
MAX_NORM = 5.0


def of_pairs(sizes):
    """The network and the batches of translation or summarisation. The network has an encoder, a decoder,
    attention, and copying if the sizes say so.
    """
    import torch
    from torch import nn

    config, smoothing = sizes["network"], sizes["smoothing"]
    v, d, h = config["target_vocab"], config["embed_size"], config["hidden_size"]
    copies, layers = config["copies"], config["layers"]

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.source = nn.Embedding(config["source_vocab"], d)
            self.target = self.source if copies else nn.Embedding(v, d)
            between = config["dropout"] if layers > 1 else 0
            self.encoder = nn.LSTM(d, h // 2, layers, batch_first=True, bidirectional=True, dropout=between)
            self.decoder = nn.LSTM(d, h, layers, batch_first=True, dropout=between)
            self.w_a = nn.Linear(h, h, bias=False)
            self.w_c = nn.Linear(2 * h, h, bias=False)
            self.head = nn.Linear(h, v)
            self.gate = nn.Linear(h, 1) if copies else None
            self.dropout = nn.Dropout(config["dropout"])

        def forward(self, source, source_lengths, inputs, targets, real):
            x = self.dropout(self.source(source))
            x = nn.utils.rnn.pack_padded_sequence(x, source_lengths, batch_first=True, enforce_sorted=False)
            memory, (h_n, c_n) = self.encoder(x)
            memory, _ = nn.utils.rnn.pad_packed_sequence(memory, batch_first=True)
            memory = self.dropout(memory)
            # The last states of both directions of each layer, side by side.
            state = tuple(torch.cat([s[0::2], s[1::2]], -1).contiguous() for s in (h_n, c_n))
            states, _ = self.decoder(self.dropout(self.target(inputs)), state)
            states = self.dropout(states)
            scores = torch.bmm(states, self.w_a(memory).transpose(1, 2))
            padding = torch.arange(source.shape[1])[None] >= source_lengths[:, None]
            alpha = torch.softmax(scores.masked_fill(padding[:, None], -torch.inf), -1)
            joined = torch.cat([torch.bmm(alpha, memory), states], -1)
            # Padding of the target goes no further: that is faster for PyTorch too.
            seen = self.dropout(torch.tanh(self.w_c(joined[real])))
            z, y = self.head(seen), targets[real]
            if not copies:
                return nn.functional.cross_entropy(z, y, label_smoothing=smoothing)
            log_p_vocab = -nn.functional.cross_entropy(z, y, reduction="none")
            is_copied = (source[:, None] == targets[:, :, None]) & ~padding[:, None]
            copied = (alpha * is_copied).sum(-1)[real]
            p_gen = torch.sigmoid(self.gate(seen)).squeeze(-1)
            return -torch.log((p_gen * log_p_vocab.exp() + (1 - p_gen) * copied).clamp_min(1e-30)).mean()

    network = Network()

    def batch(lengths):
        source_lengths, target_lengths = torch.tensor(lengths).T.contiguous()
        target_lengths = target_lengths + 1
        source = torch.randint(4, config["source_vocab"], (len(lengths), int(source_lengths.max())))
        targets = torch.randint(4, v, (len(lengths), int(target_lengths.max())))
        inputs = torch.roll(targets, 1, 1)
        real = torch.arange(targets.shape[1])[None] < target_lengths[:, None]
        return source, source_lengths, inputs, targets, real

    return network, [batch(lengths) for lengths in sizes["lengths"]]


def of_labels(sizes):
    """The network and the batches of labelling. The network has tables of features, bidirectional layers and
    a conditional random field.
    """
    import torch
    from torch import nn

    config = sizes["network"]
    h, k, layers = config["hidden_size"], config["labels"], config["layers"]

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            sizes = config["embed_sizes"]
            between = config["dropout"] if layers > 1 else 0
            self.tables = nn.ModuleList(nn.Embedding(v, d) for v, d in zip(config["vocab_sizes"], sizes))
            self.encoder = nn.LSTM(sum(sizes), h // 2, layers, batch_first=True, bidirectional=True, dropout=between)
            self.head = nn.Linear(h, k)
            self.transitions = nn.Parameter(torch.zeros(k, k))
            self.start, self.end = nn.Parameter(torch.zeros(k)), nn.Parameter(torch.zeros(k))
            self.dropout = nn.Dropout(config["dropout"])

        def forward(self, features, lengths, labels, real):
            x = torch.cat([table(ids) for table, ids in zip(self.tables, features)], -1)
            x = nn.utils.rnn.pack_padded_sequence(self.dropout(x), lengths, batch_first=True, enforce_sorted=False)
            out, _ = nn.utils.rnn.pad_packed_sequence(self.encoder(x)[0], batch_first=True)
            return self.crf(self.head(self.dropout(out)), lengths, labels, real)

        def crf(self, e, lengths, labels, real):
            """Minus the log-likelihood of the labels, divided by the number of words. The forward algorithm
            takes one matrix product per word; the usual log-sum-exp over K x K numbers for each sentence
            is several times as slow.
            """
            each = torch.arange(len(lengths))
            score = self.start[labels[:, 0]] + self.end[labels[each, lengths - 1]]
            score = score + (e.gather(2, labels[:, :, None]).squeeze(-1) * real).sum(1)
            score = score + (self.transitions[labels[:, :-1], labels[:, 1:]] * real[:, 1:]).sum(1)
            exp_a, alpha = self.transitions.exp(), self.start + e[:, 0]
            for t in range(1, e.shape[1]):
                most = alpha.detach().amax(1, keepdim=True)
                arrived = torch.log((alpha - most).exp() @ exp_a) + most + e[:, t]
                alpha = torch.where(real[:, t, None], arrived, alpha)
            return (torch.logsumexp(alpha + self.end, 1) - score).sum() / lengths.sum()

    network = Network()

    def batch(lengths):
        lengths = torch.tensor([length for length, _ in lengths])
        shape = (len(lengths), int(lengths.max()))
        features = [torch.randint(0, v, shape) for v in config["vocab_sizes"]]
        real = torch.arange(shape[1])[None] < lengths[:, None]
        return features, lengths, torch.randint(0, k, shape), real

    return network, [batch(lengths) for lengths in sizes["lengths"]]


def time_torch(sizes, threads):
    """Prints the median time of a step over rounds of all batches, after a round that does not count."""
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    network, batches = (of_labels if "labels" in sizes["network"] else of_pairs)(sizes)
    adam = torch.optim.Adam(network.parameters(), lr=2e-3, fused=True)
    seconds = []
    for _ in range(1 + ROUNDS):
        start = time.perf_counter()
        for batch in batches:
            adam.zero_grad(set_to_none=True)
            network(*batch).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), MAX_NORM)
            adam.step()
        seconds.append((time.perf_counter() - start) / len(batches))
    print(json.dumps({"step_s_median": statistics.median(seconds[1:]), "version": torch.__version__}))


def last_json(command, given=None, **env):
    out = subprocess.run(command, input=given, capture_output=True, text=True, env={**os.environ, **env})
    if out.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{out.stderr[-2000:]}")
    return json.loads(out.stdout.splitlines()[-1])


def compare(name, args):
    """Pairs of turns of one application; prints the median ratio and its range."""
    threads, ratios, ours, theirs = str(args.threads), [], [], []
    for _ in range(args.pairs):
        lstm = last_json([args.lstm, "bench", "--json", "--threads", threads, name])
        command = [sys.executable, __file__, name, "--threads", threads, "--torch"]
        torch = last_json(command, json.dumps(lstm["sizes"]), OMP_NUM_THREADS=threads)
        ours.append(lstm["step_s_median"])
        theirs.append(torch["step_s_median"])
        ratios.append(theirs[-1] / ours[-1])
    tokens = lstm["chars_per_s"] * lstm["step_s_median"]
    rates = [f"{tokens / statistics.median(s):,.0f}" for s in (ours, theirs)]
    ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    print(f"{name:13} {threads} threads  lstm {rates[0]} tokens/s, PyTorch {torch['version']} {rates[1]}  ratio {ratio}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("applications", nargs="*", help=f"{', '.join(APPLICATIONS)}; by default all")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--pairs", type=int, default=5, help="pairs of turns")
    parser.add_argument("--lstm", default=str(HERE.parent.parent / "target/release/lstm"), help="the lstm command, built with --release")
    parser.add_argument("--torch", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    run_in_venv(__file__, "torch")
    if args.torch:
        time_torch(json.load(sys.stdin), args.threads)
    else:
        for name in args.applications or APPLICATIONS:
            compare(name, args)


main()
