"""Records what PyTorch computes, for the Rust tests to be held to.

    pip install torch numpy safetensors
    python tests/vectors/make_torch_vectors.py

Writes the .safetensors files beside it. The metadata of each says how it was made, with the CRC-32
of this script; a test compares that with the script as it stands, so after a change run it again.
Everything is float64. README.md has the schema.
"""

import json
import zlib
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

SEED = 20240229
HERE = Path(__file__).resolve().parent


def numbers(rng, *shape):
    """Uniform in ±1: large enough for every term to matter, too small to saturate a gate."""
    return torch.rand(*shape, generator=rng, dtype=torch.float64) * 2 - 1


def redraw(module, rng):
    """Gives every parameter new numbers; both biases of a gate, so that a lost one is seen."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(numbers(rng, *parameter.shape))


def copies(prefix, tensors):
    return {prefix + name: tensor.detach().clone() for name, tensor in tensors}


def record(name, tensors, **how):
    how |= {
        "torch": torch.__version__,
        "seed": SEED,
        "script_crc32": zlib.crc32(Path(__file__).read_bytes()),
    }
    # One key only: safetensors writes several in no fixed order, and a rerun would change the bytes.
    metadata = {"record": json.dumps(how, sort_keys=True)}
    contiguous = {key: tensor.contiguous() for key, tensor in tensors.items()}
    save_file(contiguous, HERE / f"{name}.safetensors", metadata=metadata)
    print(f"{name}: {len(tensors)} tensors, {how}")


def lstm(name, layers, input_size, hidden_size, batch_size, seq_len):
    """One forward and one backward pass; the loss touches every h_t, h_T and c_T."""
    rng = torch.Generator().manual_seed(SEED)
    net = nn.LSTM(input_size, hidden_size, layers, dtype=torch.float64)
    redraw(net, rng)
    state = (layers, batch_size, hidden_size)
    given = {
        "x": numbers(rng, seq_len, batch_size, input_size).requires_grad_(),
        "h0": numbers(rng, *state).requires_grad_(),
        "c0": numbers(rng, *state).requires_grad_(),
    }
    y, (hn, cn) = net(given["x"], (given["h0"], given["c0"]))
    wy, wh, wc = numbers(rng, *y.shape), numbers(rng, *state), numbers(rng, *state)
    loss = (y * wy).sum() + (hn * wh).sum() + (cn * wc).sum()
    loss.backward()
    leaves = [*given.items(), *net.named_parameters()]
    tensors = copies("", leaves)
    tensors |= copies("", {"y": y, "hn": hn, "cn": cn, "wy": wy, "wh": wh, "wc": wc}.items())
    tensors |= {"loss": loss.detach().reshape(1)}
    tensors |= copies("grad.", ((key, leaf.grad) for key, leaf in leaves))
    record(
        name,
        tensors,
        layers=layers,
        input_size=input_size,
        hidden_size=hidden_size,
        batch_size=batch_size,
        seq_len=seq_len,
    )


class Model(nn.Module):
    def __init__(self, vocab_size, embed_size, hidden_size):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_size, dtype=torch.float64)
        self.lstm = nn.LSTM(embed_size, hidden_size, 2, dtype=torch.float64)
        self.head = nn.Linear(hidden_size, vocab_size, dtype=torch.float64)
        # An optimiser moves both biases by the same step, so that their sum would go twice as far as
        # one bias does, and count twice in the norm. One of them stands still instead.
        for parameter_name, parameter in self.named_parameters():
            parameter.requires_grad_("bias_hh" not in parameter_name)


def training(name):
    """Five optimiser steps along one stream; the state is carried over, the gradient is not."""
    vocab_size, embed_size, hidden_size, batch_size, seq_len, steps = 7, 5, 4, 3, 6, 5
    adam = {"lr": 0.05, "betas": (0.9, 0.999), "eps": 1e-8}
    max_norm = 0.35
    rng = torch.Generator().manual_seed(SEED)
    model = Model(vocab_size, embed_size, hidden_size)
    redraw(model, rng)
    tensors = copies("init.", model.named_parameters())
    ids = torch.randint(vocab_size, (steps * seq_len + 1, batch_size), generator=rng)
    mask = torch.rand(steps * seq_len, batch_size, generator=rng) < 0.8
    state = tuple(numbers(rng, 2, batch_size, hidden_size) for _ in range(2))
    tensors |= {"ids": ids, "mask": mask.long(), "h0": state[0], "c0": state[1]}

    optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), **adam)
    losses, norms = [], []
    for step in range(steps):
        now = slice(step * seq_len, (step + 1) * seq_len)
        targets = ids[1:][now]
        h, state = model.lstm(model.embedding(ids[:-1][now]), state)
        state = tuple(s.detach() for s in state)
        nats = nn.functional.cross_entropy(
            model.head(h).flatten(0, 1), targets.flatten(), reduction="none"
        )
        m_t = mask[now].flatten().double()
        loss = (m_t * nats).sum() / m_t.sum()
        optimizer.zero_grad()
        loss.backward()
        trained = [(key, p) for key, p in model.named_parameters() if p.requires_grad]
        if step == 0:
            tensors |= copies("grad1.", ((key, p.grad) for key, p in trained))
        norms.append(nn.utils.clip_grad_norm_([p for _, p in trained], max_norm))
        losses.append(loss.detach())
        optimizer.step()
    tensors |= {"loss": torch.stack(losses), "grad_norm": torch.stack(norms).detach()}
    tensors |= {"hn": state[0], "cn": state[1]}
    tensors |= copies("final.", model.named_parameters())
    clipped = [bool(norm > max_norm) for norm in norms]
    assert any(clipped) and not all(clipped), f"both branches of the clipping: {norms}"
    record(
        name,
        tensors,
        vocab_size=vocab_size,
        embed_size=embed_size,
        hidden_size=hidden_size,
        layers=2,
        batch_size=batch_size,
        seq_len=seq_len,
        steps=steps,
        learning_rate=adam["lr"],
        betas=adam["betas"],
        epsilon=adam["eps"],
        max_norm=max_norm,
    )


torch.set_num_threads(1)
lstm("one_layer", layers=1, input_size=3, hidden_size=4, batch_size=2, seq_len=5)
lstm("two_layers", layers=2, input_size=5, hidden_size=3, batch_size=3, seq_len=6)
training("training")
