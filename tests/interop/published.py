"""What published test cases of the LSTM let pass.

    pip install --require-hashes -r tests/interop/requirements/make_onnx_vectors.txt
    cargo build --release
    python tests/interop/published.py

Takes ONNX's node tests of the operator LSTM from the package `onnx`, and the test of outputs that
Keras has for its layer (constant weights, the last output alone), writes each as a recording, and asks
`lstm check --power` which wrong LSTMs it would let pass.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
from onnx import helper
from onnx.backend.test.case.node import collect_testcases
from safetensors.numpy import save_file

LSTM = pathlib.Path(__file__).parents[2] / "target/release/lstm"


def node_tests():
    """(name, inputs, outputs, attributes) of each."""
    for case in collect_testcases("LSTM"):
        (node,) = case.model.graph.node
        ((inputs, outputs),) = case.data_sets
        named = lambda names, values: dict(zip([name for name in names if name], values))
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        text = {k: v.decode() if isinstance(v, bytes) else v for k, v in attributes.items()}
        name = f"ONNX {case.name.removeprefix('test_lstm_')}"
        yield name, named(node.input, inputs), named(node.output, outputs), text


def keras_test():
    """Keras' own: H = 3, D = 4, T = 6, B = 3; kernel 0.01, recurrent kernel 0.02, bias 0.03, and 1 for f."""
    bias = np.concatenate([np.full(3, value) for value in (0.03, 0.03, 1.0, 0.03)])  # i o f c
    inputs = {
        "X": np.arange(72, dtype=np.float32).reshape(3, 6, 4).transpose(1, 0, 2).copy(),
        "W": np.full((1, 12, 4), 0.01, np.float32),
        "R": np.full((1, 12, 3), 0.02, np.float32),
        "B": np.concatenate([bias, np.zeros(12)])[None].astype(np.float32),
    }
    expected = np.repeat([[0.6288687], [0.86899155], [0.9460773]], 3, axis=1)
    return "Keras test_correctness", inputs, {"Y_h": expected[None].astype(np.float32)}, {"hidden_size": 3}


print("| test case | rejects of the mistakes in the forward pass | wrong orders that pass | in the backward pass |")
print("|---|---|---|---|")
for name, inputs, outputs, attributes in [*node_tests(), keras_test()]:
    tensors = {f"in.{k}": v for k, v in inputs.items()} | {f"out.{k}": v for k, v in outputs.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/case.safetensors"
        save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, path, {"attributes": json.dumps(attributes)})
        run = subprocess.run([LSTM, "check", "--power", path], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"{name}: the published numbers are not computed again:\n{run.stdout}")
    forward, back = re.findall(r"rejects (\d+ of \d+) mistakes", run.stdout)
    orders = re.search(r"lets pass (\d+) of 23", run.stdout)
    print(f"| {name} | {forward} | {orders[1] if orders else 0} of 23 | {back} |")
