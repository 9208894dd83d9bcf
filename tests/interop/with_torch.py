"""Models to PyTorch and back: the logits agree to 1e-5, both ways.

    tests/interop/torch.sh [--record] [CHECKPOINT ...]

Out: the program that `lstm export` prints reads models of this project, and those that are named, with
load_state_dict in its strict mode, and computes the same logits and states.
In: modules under other names, without biases, one-hot, in half precision or wrapped, are taken over
from their state_dict; exported again, they are read back by the module that they came from. So are lists
of LSTMs and of cells, normed and tied weights, padding, and all that torch.save writes.
--record writes tests/vectors/exchange/pytorch.* and pytorch_kinds/*, which the Rust tests read.
"""

from common import run_in_venv

run_in_venv(__file__, "torch", "numpy", "safetensors")

import torch  # noqa: E402
from common import VECTORS, write_record as write_json  # noqa: E402
from models import (  # noqa: E402
    B, D, H, V, both_ways, compare, computed, exported, imported, numbers, record, sizes, some_ids,
    untrained,
)
from safetensors.torch import load_file, save_file, save_model  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn.utils import parametrizations, weight_norm  # noqa: E402

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


class Small(nn.Module):
    """Embedding, layers and head; the layers are an nn.LSTM, a list of them, or of cells."""

    def __init__(self, layers, size=4, bias=True, padding_idx=None):
        super().__init__()
        self.encoder = nn.Embedding(5, layers_input(layers), padding_idx)
        self.rnn = layers
        self.decoder = nn.Linear(size, 5, bias)

    def forward(self, ids):  # (T, B)
        below = self.encoder(ids)
        for layer in self.rnn if isinstance(self.rnn, nn.ModuleList) else [self.rnn]:
            if isinstance(layer, nn.LSTM):
                below = layer(below)[0]
                continue
            state, outputs = None, []
            for x in below:
                state = layer(x, state)
                outputs.append(state[0])
            below = torch.stack(outputs)
        return self.decoder(below)


def layers_input(layers):
    return (layers[0] if isinstance(layers, nn.ModuleList) else layers).input_size


def normed(norm):
    model = Small(nn.LSTM(3, 4))
    for module, name in [(model.rnn, "weight_hh_l0"), (model.decoder, "weight")]:
        norm(module, name)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.add_(torch.rand_like(parameter) / 2)  # g is no longer the norm of v
    return model


def tied(size=4):
    model = Small(nn.LSTM(size, size), size)
    model.decoder.weight = model.encoder.weight
    return model


def kinds():
    """Models as people have them: file, what writes it, the model."""
    two = Small(nn.LSTM(3, 4, 2))
    state, legacy = two.state_dict(), {"_use_new_zipfile_serialization": False}
    adam = torch.optim.Adam(two.parameters())
    two(torch.zeros(2, 1, dtype=torch.int64)).sum().backward()
    adam.step()
    average = {name: value + 1 for name, value in state.items()}
    checkpoint = {"epoch": 3, "loss": 0.5, "optimizer": adam.state_dict(), "ema": average}
    yield "state_dict.pt", lambda path: torch.save(state, path), two
    yield "checkpoint.pt", lambda path: torch.save(checkpoint | {"model_state_dict": state}, path), two
    yield "module.pt", lambda path: torch.save(two, path), two
    yield "legacy.pt", lambda path: torch.save(state, path, **legacy), two
    yield "legacy_module.pt", lambda path: torch.save(two, path, **legacy), two
    yield "protocol_4.pt", lambda path: torch.save(state, path, pickle_protocol=4), two
    shared, square = tied(), tied(5)
    yield "tied.pt", lambda path: torch.save(shared.state_dict(), path), shared
    yield "tied.safetensors", lambda path: save_model(shared, path), shared
    yield "tied_square.safetensors", lambda path: save_model(square, path), square
    parallel = nn.DataParallel(two)
    yield "data_parallel.pt", lambda path: torch.save(parallel.state_dict(), path), two
    yield "data_parallel_module.pt", lambda path: torch.save(parallel, path), two
    compiled = {f"_orig_mod.{name}": value for name, value in state.items()}
    yield "compiled.safetensors", lambda path: save_file(compiled, path), two
    lightning = {"state_dict": {f"model.{name}": value for name, value in state.items()}, "hyper_parameters": {}}
    yield "lightning.pt", lambda path: torch.save(lightning, path), two
    plain = {
        "module_list": Small(nn.ModuleList([nn.LSTM(3, 4), nn.LSTM(4, 4)])),
        "cells": Small(nn.ModuleList([nn.LSTMCell(3, 4), nn.LSTMCell(4, 4)])),
        "cell": Small(nn.LSTMCell(3, 4, bias=False), bias=False),
        "weight_norm": normed(weight_norm),
        "weight_norm_parametrized": normed(parametrizations.weight_norm),
        "padding": Small(nn.LSTM(3, 4), padding_idx=0),
        "half": Small(nn.LSTM(3, 4)).half(),
        "bfloat16": Small(nn.LSTM(3, 4)).bfloat16(),
        "double": Small(nn.LSTM(3, 4)).double(),
    }
    for name, model in plain.items():
        yield f"{name}.safetensors", lambda path, m=model: save_file(m.state_dict(), path), model
        if name == "weight_norm":
            yield f"{name}_module.pt", lambda path, m=model: torch.save(m, path), model
        if name in ["half", "bfloat16", "double", "weight_norm"]:
            yield f"{name}.pt", lambda path, m=model: torch.save(m.state_dict(), path), model
    views = Small(nn.LSTM(3, 4))
    turned = {name: value.t().contiguous().t() for name, value in views.state_dict().items()}
    yield "transposed.pt", lambda path: torch.save(turned, path), views


def logits_of(model, ids):
    """What it computes; weights of half precision are computed with as they are, in single precision."""
    with torch.no_grad():
        return model.eval().float()(torch.from_numpy(ids))


def saved_kinds(folder):
    """Writes each kind's file, and computes afterwards, because that changes the model's precision."""
    ids = some_ids(5, seq_len=4, batch_size=2)
    kinds_and_models = [(name, save(folder / name), model) for name, save, model in kinds()]
    return ids, {name: logits_of(model, ids) for name, _, model in kinds_and_models}


def back(folder):
    ids, logits = saved_kinds(folder)
    for name, expected in logits.items():
        compare(f"in, {name}", {"logits": expected}, computed(imported(folder / name, "pytorch", 5), ids))
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
    folder = VECTORS / "exchange/pytorch_kinds"
    folder.mkdir(exist_ok=True)
    ids, logits = saved_kinds(folder)
    # It holds the source text of PyTorch's modules.
    (folder / "legacy_module.pt").unlink()
    del logits["legacy_module.pt"]
    for path in folder.iterdir():
        path.chmod(0o644)
    logits = {name: numbers.double().tolist() for name, numbers in logits.items()}
    write_json(folder / "logits.json", __file__, "torch " + torch.__version__.split("+")[0],
               ids=ids.tolist(), logits=logits)


print(f"torch {torch.__version__}")
both_ways(out, back, write_record)
