"""Models to Keras and back: the logits agree to 1e-5, both ways.

    tests/interop/keras.sh [--record] [CHECKPOINT ...]

Out: the program that `lstm export` prints reads models of this project, and those that are named, with
load_weights, and computes the same logits.
In: what save_weights writes of sequential and functional models, without biases, one-hot, of many layers
and after training, is taken over; exported again, it is read back by the model that it came from.
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
    D, H, V, both_ways, compare, computed, exported, imported, numbers, record, sizes, some_ids,
    untrained,
)

keras.utils.set_random_seed(20240229)


def logits_of(model, ids):
    """(T, B, V); a model without an embedding is given what one-hot rows stand for."""
    given = ids.T if "int" in str(model.inputs[0].dtype) else np.eye(model.inputs[0].shape[-1])[ids.T]
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


def sequential(count=2):
    ids = keras.Input((None,), dtype="int32")
    return keras.Sequential([ids, layers.Embedding(V, D), *stack(count), layers.Dense(V)])


def without_bias():
    ids = keras.Input((None,), dtype="int32")
    lstm = stack(1, use_bias=False)
    return keras.Sequential([ids, layers.Embedding(V, D), *lstm, layers.Dense(V, use_bias=False)])


def functional():
    ids = keras.Input((None,), dtype="int32")
    below = layers.Embedding(V, D, name="characters")(ids)
    for n, lstm in enumerate(stack(2)):
        lstm.name = f"recurrent_{n}"
        below = layers.Dropout(0.3)(lstm(below))
    return keras.Model(ids, layers.Dense(V, name="logits")(below))


def redrawn(model):
    """With other weights than Keras begins with, which are near zero, where much is alike."""
    model.set_weights([numbers(*weights.shape) for weights in model.get_weights()])
    return model


def trained():
    model, ids = redrawn(sequential()), some_ids(V)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(ids.T, ids.T, epochs=2, verbose=0)
    return model


def back(folder):
    cases = {
        "sequential": redrawn(sequential()),
        "functional": redrawn(functional()),
        "no_bias": redrawn(without_bias()),
        "one_hot": redrawn(keras.Sequential([keras.Input((None, V)), *stack(1), layers.Dense(V)])),
        "twelve_layers": redrawn(sequential(12)),
        "trained": trained(),
    }
    for name, model in cases.items():
        path, ids = folder / f"{name}.weights.h5", some_ids(V)
        model.save_weights(path)
        expected = logits_of(model, ids)
        checkpoint = imported(path, "keras", V)
        compare(f"in, {name}", {"logits": expected}, computed(checkpoint, ids))
        if name == "sequential":
            again = folder / "again.weights.h5"
            exported(checkpoint, "keras", again)
            fresh = sequential()
            fresh.load_weights(again)
            compare("in and out again", {"logits": logits_of(fresh, ids)}, {"logits": expected})


def write_record():
    model, ids = redrawn(sequential()), some_ids(V, seq_len=4, batch_size=2)
    record(__file__, "keras", f"keras {keras.__version__}", ids, logits_of(model, ids), model.save_weights,
           "weights.h5")


print(f"keras {keras.__version__} on {keras.backend.backend()}")
both_ways(out, back, write_record)
