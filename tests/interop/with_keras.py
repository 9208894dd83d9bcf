"""Models to Keras and back: the logits agree to 1e-5, both ways.

    tests/interop/keras.sh [--record] [CHECKPOINT ...]

Out: the program that `lstm export` prints reads models of this project, and those that are named, with
load_weights, and computes the same logits.
In: what save_weights and save write (.weights.h5, sharded weights, .keras, .h5) of sequential, functional
and nested models, without biases, one-hot, of many layers, under names of their own and after training,
is taken over; exported again, it is read back by the model that it came from. Models that compute
something else, and weights whose order is not certain, are refused by name.
--record writes tests/vectors/exchange/keras.*, which the Rust tests read.
"""

import os

from common import run_in_venv

run_in_venv(__file__, "keras", "jax", "h5py", "numpy")

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402
from models import (  # noqa: E402
    D, H, V, VECTORS, both_ways, compare, computed, expect_refused, exported, imported, numbers, record,
    sizes, some_ids, untrained,
)

keras.utils.set_random_seed(20240229)


def logits_of(model, ids):
    """(T, B, V); a model without an embedding is given what one-hot rows stand for."""
    inputs = getattr(model, "inputs", None)  # a class of one's own has none, and embeds ids
    is_of_ids = not inputs or "int" in str(inputs[0].dtype)
    given = ids.T if is_of_ids else np.eye(inputs[0].shape[-1])[ids.T]
    return np.asarray(model(given)).swapaxes(0, 1)


def out(folder, checkpoints):
    for checkpoint in untrained(folder / "models") + checkpoints:
        scope = {}
        exec(exported(checkpoint, "keras", folder / f"{checkpoint.name}.weights.h5"), scope)
        ids = some_ids(sizes(checkpoint)[0])
        found = {"logits": logits_of(scope["model"], ids)}
        compare(f"out, {checkpoint.name}", found, computed(checkpoint, ids))


def stack(count, **options):
    return [layers.LSTM(H, return_sequences=True, **options) for _ in range(count)]


def between(*middle, size=D, mask_zero=False, **head):
    """A sequential model: an embedding, these layers, and a dense layer."""
    ids = keras.Input((None,), dtype="int32")
    embedding = layers.Embedding(V, size, mask_zero=mask_zero)
    return keras.Sequential([ids, embedding, *middle, layers.Dense(V, **head)])


def sequential(count=2):
    return between(*stack(count))


def functional(middle, size=D):
    """A functional model: what `middle` computes of the embedded ids, and a dense layer."""
    ids = keras.Input((None,), dtype="int32")
    below = middle(layers.Embedding(V, size, name="characters")(ids))
    return keras.Model(ids, layers.Dense(V, name="logits")(below))


def chain(names, size=D):
    def middle(below):
        for name, lstm in zip(names, stack(len(names))):
            lstm.name = name
            below = layers.Dropout(0.3)(lstm(below))
        return below

    return functional(middle, size)


def branches(merged):
    """Two LSTMs that read the same."""
    return functional(lambda x: merged(*[lstm(x) for lstm in stack(2)]), size=H)


class Subclass(keras.Model):
    """Calls its layers in another order than that of their names."""

    def __init__(self, size):
        super().__init__()
        self.emb, self.above, self.bottom = layers.Embedding(V, size), *stack(2)
        self.out = layers.Dense(V)

    def call(self, ids):
        return self.out(self.above(self.bottom(self.emb(ids))))

    def get_config(self):
        return {"size": self.emb.output_dim}


def subclass(size):
    model = Subclass(size)
    model(np.zeros((1, 2), int))
    return model


class OwnLstm(layers.LSTM):
    """A class of one's own."""


def redrawn(model):
    """With other weights than Keras begins with, which are near zero, where much is alike."""
    model.set_weights([numbers(*weights.shape) for weights in model.get_weights()])
    return model


def trained():
    model, ids = redrawn(sequential()), some_ids(V)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(ids.T, ids.T, epochs=2, verbose=0)
    return model


WEIGHTS, WHOLE = ["weights.h5"], ["keras", "h5"]
EVERY = WEIGHTS + WHOLE


def cells(count):
    return layers.RNN([layers.LSTMCell(H) for _ in range(count)], return_sequences=True)


def readable():
    """Models, and the kinds of files in which they are read."""
    nested = keras.Sequential([keras.Input((None, D)), *stack(2)])
    return {
        "sequential": (sequential(), EVERY),
        "functional": (chain(["recurrent_0", "recurrent_1"]), EVERY),
        "no_bias": (between(*stack(1, use_bias=False), use_bias=False), EVERY),
        "one_hot": (keras.Sequential([keras.Input((None, V)), *stack(1), layers.Dense(V)]), EVERY),
        "twelve_layers": (sequential(12), EVERY),
        "twelve_of_a_size": (between(*stack(12), size=H), EVERY),
        "trained": (trained(), EVERY),
        "mixed": (between(*stack(1, dtype="mixed_bfloat16")), WHOLE),
        "named": (chain(["z", "a", "m"], size=H), WHOLE),
        "nested": (between(nested, *stack(1)), WHOLE),
        "cells": (between(cells(2), *stack(1)), WHOLE),
        "time_distributed": (
            keras.Sequential([
                keras.Input((None,), dtype="int32"), layers.Embedding(V, D), *stack(1),
                layers.TimeDistributed(layers.Dense(V)),
            ]), EVERY
        ),
        "shapes_tell": (subclass(D), WEIGHTS),
    }


def refused():
    """Models that are refused, the kinds of files, and words of the message."""
    one = stack(1)[0]
    plain = lambda **options: between(*stack(1, **options))  # noqa: E731
    return {
        "relu": (plain(activation="relu"), WHOLE, ["(LSTM): activation is", "relu"]),
        "hard": (plain(recurrent_activation="hard_sigmoid"), WHOLE, ["recurrent_activation is"]),
        "backwards": (plain(go_backwards=True), WHOLE, ["(LSTM): go_backwards is true"]),
        "masked": (between(*stack(1), mask_zero=True), WHOLE, ["(Embedding): mask_zero is true"]),
        "bidirectional": (between(layers.Bidirectional(*stack(1))), EVERY, ["bidirectional"]),
        "gru": (between(layers.GRU(H, return_sequences=True)), EVERY, ["gru"]),
        "normalised": (between(*stack(1), layers.LayerNormalization()), EVERY, ["layer_normalization"]),
        "dense_relu": (between(*stack(1), activation="relu"), WHOLE, ["(Dense): activation is"]),
        "scaled": (between(*stack(1), layers.Rescaling(2.0)), EVERY, ["rescaling"]),
        "add": (branches(lambda a, b: layers.Add()([a, b])), EVERY, ["add"]),
        "plus": (branches(lambda a, b: a + b), WHOLE, ["reads 2 tensors"]),
        "plus_order": (branches(lambda a, b: a + b), WEIGHTS, ["order", "layers/lstm_1", ".keras"]),
        "shared": (functional(lambda x: one(one(x)), size=H), WHOLE, ["calls it 2 times"]),
        "order": (chain(["z", "a"], size=H), WEIGHTS, ["order", "layers/lstm_1", ".keras"]),
        "subclass": (subclass(H), WEIGHTS, ["order", "above", "bottom", ".keras"]),
        "subclass_whole": (subclass(H), ["keras"], ["Subclass"]),
        "own_class": (between(OwnLstm(H, return_sequences=True), *stack(1), size=H), ["keras"], ["OwnLstm"]),
        "own_order": (between(OwnLstm(H, return_sequences=True), *stack(1), size=H), WEIGHTS, ["own_lstm"]),
    }


def saved(model, path):
    (model.save_weights if path.name.endswith(".weights.h5") else model.save)(path)
    return path


def back(folder):
    for name, (model, endings) in readable().items():
        redrawn(model)
        ids = some_ids(V)
        expected = logits_of(model, ids)
        if name == "mixed":
            # Keras computes it in half precision.
            again = sequential(1)
            again.set_weights(model.get_weights())
            expected = logits_of(again, ids)
        for ending in endings:
            path = saved(model, folder / f"{name}.{ending}")
            checkpoint = imported(path, "keras", V)
            compare(f"in, {path.name}", {"logits": expected}, computed(checkpoint, ids))
        if name == "sequential":
            again = folder / "again.weights.h5"
            exported(checkpoint, "keras", again)
            fresh = sequential()
            fresh.load_weights(again)
            compare("in and out again", {"logits": logits_of(fresh, ids)}, {"logits": expected})
            shards = folder / "sharded.weights.json"
            model.save_weights(shards, max_shard_size=1e-6)
            compare("in, shards", {"logits": expected}, computed(imported(shards, "keras", V), ids))
    for name, (model, endings, words) in refused().items():
        for ending in endings:
            expect_refused(saved(redrawn(model), folder / f"{name}.{ending}"), "keras", V, *words)


def write_record():
    model, ids = redrawn(sequential()), some_ids(V, seq_len=4, batch_size=2)
    record(__file__, "keras", f"keras {keras.__version__}", ids, logits_of(model, ids), model.save_weights,
           "weights.h5")
    for ending in WHOLE:
        model.save(VECTORS / "exchange" / f"keras.{ending}")


print(f"keras {keras.__version__} on {keras.backend.backend()}")
both_ways(out, back, write_record)
