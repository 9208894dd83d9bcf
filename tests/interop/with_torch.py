"""Models to PyTorch and back: the logits agree to 1e-5, both ways.

    tests/interop/torch.sh [--record] [CHECKPOINT ...]

Out: the program that `lstm export` prints reads models of this project, and those that are named, with
load_state_dict in its strict mode, and computes the same logits and states.
In: modules under other names, without biases, one-hot, in half precision or wrapped, are taken over
from their state_dict; exported again, they are read back by the module that they came from.
--record writes tests/vectors/exchange/pytorch.*, which the Rust tests read.
"""

from common import run_in_venv

run_in_venv(__file__, "torch", "numpy", "safetensors")

import torch  # noqa: E402
from models import (  # noqa: E402
    B, D, H, V, both_ways, compare, computed, exported, imported, numbers, record, sizes, some_ids,
    untrained,
)
from safetensors.torch import load_file, save_file  # noqa: E402
from torch import nn  # noqa: E402

torch.manual_seed(20240229)


def out(folder, checkpoints):
    for checkpoint in untrained(folder / "models") + checkpoints:
        scope = {}
        exec(exported(checkpoint, "pytorch", folder / f"{checkpoint.name}.safetensors"), scope)
        v, h, layers = sizes(checkpoint)
        ids = some_ids(v)
        states = {"h0": numbers(layers, B, h), "c0": numbers(layers, B, h)}
        for what, given in [("", states), (" from zero", {})]:
            state = tuple(torch.from_numpy(s) for s in given.values()) or None
            with torch.no_grad():
                logits, (hn, cn) = scope["model"].eval()(torch.from_numpy(ids), state)
            found = {"logits": logits, "hn": hn, "cn": cn}
            compare(f"out, {checkpoint.name}{what}", found, computed(checkpoint, ids, **given))


class Model(nn.Module):
    """Embedding, LSTM and head by names of one's own."""

    def __init__(self, names=("embed", "lstm", "head"), layers=2, bias=True, one_hot=False, **rest):
        super().__init__()
        self.names, self.one_hot = names, one_hot
        self.batch_first = rest.get("batch_first", False)
        if not one_hot:
            self.add_module(names[0], nn.Embedding(V, D))
        self.add_module(names[1], nn.LSTM(V if one_hot else D, H, layers, bias=bias, **rest))
        self.add_module(names[2], nn.Linear(H, V, bias=bias))

    def forward(self, ids):  # (T, B)
        embed, lstm, head = [getattr(self, name, None) for name in self.names]
        ids = ids.T if self.batch_first else ids
        x = nn.functional.one_hot(ids, V).to(head.weight.dtype) if self.one_hot else embed(ids)
        logits = head(lstm(x)[0])
        return logits.swapaxes(0, 1) if self.batch_first else logits


def back(folder):
    language_model = ("encoder", "rnn", "decoder")
    cases = {
        "plain": Model(),
        "other_names": Model(language_model, layers=3, dropout=0.5),
        "no_bias": Model(bias=False),
        "one_hot": Model(one_hot=True, layers=1),
        "batch_first": Model(batch_first=True),
        "bfloat16": Model().bfloat16(),
        "float64": Model().double(),
        "wrapped": nn.Sequential(nn.Sequential(Model())),
    }
    for name, model in cases.items():
        path, ids = folder / f"{name}.safetensors", some_ids(V)
        save_file(model.state_dict(), path)
        with torch.no_grad():
            # Weights of half precision are computed with as they are, in single precision.
            expected = model.eval().float()(torch.from_numpy(ids))
        checkpoint = imported(path, "pytorch", V)
        compare(f"in, {name}", {"logits": expected}, computed(checkpoint, ids))
        if name == "plain":
            again = folder / "again.safetensors"
            exported(checkpoint, "pytorch", again)
            model.load_state_dict(load_file(again), strict=True)
            with torch.no_grad():
                compare("in and out again", {"logits": model(torch.from_numpy(ids))}, {"logits": expected})


def write_record():
    model, ids = Model(layers=2), some_ids(V, seq_len=4, batch_size=2)
    with torch.no_grad():
        logits = model(torch.from_numpy(ids))
    record(__file__, "pytorch", "torch " + torch.__version__.split("+")[0], ids, logits.numpy(),
           lambda path: save_file(model.state_dict(), path), "safetensors")


print(f"torch {torch.__version__}")
both_ways(out, back, write_record)
