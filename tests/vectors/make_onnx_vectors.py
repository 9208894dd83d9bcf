"""Records what ONNX Runtime computes with the LSTM operator, for the Rust code to be held to.

    pip install onnx onnxruntime numpy safetensors
    python tests/vectors/make_onnx_vectors.py

Writes a model and a recording of each case into onnx/. The metadata of each recording says how it was
made, with the CRC-32 of this script; a test compares that with the script as it stands, so after a
change run it again. ONNX Runtime has no `layout` 1: that case is ONNX's own reference evaluator's,
which also gives `spec64.*` where it knows all attributes.
"""

import json
import zlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from safetensors.numpy import save_file

SEED = 20240229
HERE = Path(__file__).resolve().parent / "onnx"
T, B, D, H, V = 4, 3, 2, 3, 5
OUTPUTS = ["Y", "Y_h", "Y_c"]
rng = np.random.default_rng(SEED)


def numbers(*shape):
    """Uniform in ±1, in single precision."""
    return (rng.random(shape) * 2 - 1).astype(np.float32)


def inputs(dirs, lengths=None, peepholes=False, batch_first=False):
    def axes(first, second):
        return (second, first) if batch_first else (first, second)

    all = {
        "X": numbers(*axes(T, B), D),
        "W": numbers(dirs, 4 * H, D),
        "R": numbers(dirs, 4 * H, H),
        "B": numbers(dirs, 8 * H),
        "sequence_lens": None if lengths is None else np.array(lengths, np.int32),
        "initial_h": numbers(*axes(dirs, B), H),
        "initial_c": numbers(*axes(dirs, B), H),
        "P": numbers(dirs, 3 * H) if peepholes else None,
    }
    return {name: value for name, value in all.items() if value is not None}


def graph_of(nodes, given, outputs, constants=(), shapes=None):
    def info(name, value):
        kind = helper.np_dtype_to_tensor_dtype(value.dtype)
        return helper.make_tensor_value_info(name, kind, (shapes or {}).get(name, value.shape))

    graph = helper.make_graph(
        nodes,
        "recorded",
        [info(name, value) for name, value in given.items()],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * rank) for name, rank in outputs],
        [numpy_helper.from_array(value, name) for name, value in constants],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def ort(model, given):
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, given)


def record(name, model, tensors, **how):
    how |= {
        "onnx": onnx.__version__,
        "onnxruntime": onnxruntime.__version__,
        "seed": SEED,
        "script_crc32": zlib.crc32(Path(__file__).read_bytes()),
    }
    HERE.mkdir(exist_ok=True)
    # One key only: safetensors writes several in no fixed order, and a rerun would change the bytes.
    metadata = {"record": json.dumps(how, sort_keys=True)}
    tensors = {key: np.ascontiguousarray(value) for key, value in tensors.items()}
    save_file(tensors, HERE / f"{name}.safetensors", metadata=metadata)
    onnx.save(model, HERE / f"{name}.onnx")
    print(f"{name}: {len(tensors)} tensors")


def operator(name, given, by_reference=False, with_double=False, **attributes):
    order = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
    names = [key if key in given else "" for key in order]
    while names[-1] == "":
        names.pop()
    attributes |= {"hidden_size": H}
    model = graph_of([helper.make_node("LSTM", names, OUTPUTS, **attributes)], given, zip(OUTPUTS, [4, 3, 3]))
    onnx.checker.check_model(model)
    tensors = {f"in.{key}": value for key, value in given.items()}
    values = ReferenceEvaluator(model).run(None, given) if by_reference else ort(model, given)
    tensors |= {f"out.{key}": value for key, value in zip(OUTPUTS, values)}
    if with_double:
        wide = {key: value.astype(np.float64) for key, value in given.items()}
        values = ReferenceEvaluator(model).run(None, wide)
        tensors |= {f"spec64.{key}": value for key, value in zip(OUTPUTS, values)}
    producer = f"onnx {onnx.__version__}" if by_reference else f"onnxruntime {onnxruntime.__version__}"
    record(name, model, tensors, attributes=attributes, inputs=names, outputs=OUTPUTS, producer=producer)


def language_model():
    """As PyTorch's exporter writes nn.Embedding → nn.LSTM of two layers → nn.Linear, with dynamic
    axes, from zero states that the graph makes itself."""
    ids = rng.integers(0, V, (T, B))
    constants = {
        "embed.weight": numbers(V, D),
        "head.weight": numbers(V, H),
        "head.bias": numbers(V),
        "one": np.array([1]),
        "h": np.array([H]),
    }
    nodes = [
        helper.make_node("Gather", ["embed.weight", "ids"], ["x"]),
        helper.make_node("Shape", ["ids"], ["ids_shape"]),
        helper.make_node("Gather", ["ids_shape", "one"], ["batch"]),
        helper.make_node("Concat", ["one", "batch", "h"], ["state"], axis=0),
        helper.make_node("ConstantOfShape", ["state"], ["zero"]),
    ]
    below = "x"
    for l, inputs in enumerate([D, H]):
        constants |= {
            f"W{l}": numbers(1, 4 * H, inputs),
            f"R{l}": numbers(1, 4 * H, H),
            f"B{l}": numbers(1, 8 * H),
        }
        weights = [f"W{l}", f"R{l}", f"B{l}", "", "zero", "zero"]
        outputs = [f"y{l}", f"h{l}", f"c{l}"]
        nodes.append(helper.make_node("LSTM", [below, *weights], outputs, hidden_size=H))
        nodes.append(helper.make_node("Squeeze", [f"y{l}", "one"], [f"s{l}"]))
        below = f"s{l}"
    nodes += [
        helper.make_node("Transpose", ["head.weight"], ["head.weight.T"], perm=[1, 0]),
        helper.make_node("MatMul", [below, "head.weight.T"], ["product"]),
        helper.make_node("Add", ["head.bias", "product"], ["logits"]),
        helper.make_node("Concat", ["h0", "h1"], ["hn"], axis=0),
        helper.make_node("Concat", ["c0", "c1"], ["cn"], axis=0),
    ]
    outputs = [("logits", 3), ("hn", 3), ("cn", 3)]
    model = graph_of(nodes, {"ids": ids}, outputs, constants.items(), {"ids": ["T", "B"]})
    onnx.checker.check_model(model, full_check=True)
    logits, hn, cn = ort(model, {"ids": ids})
    tensors = {"ids": ids, "logits": logits, "hn": hn, "cn": cn}
    for name in ["embed.weight", "head.weight", "head.bias"]:
        tensors[f"param.{name}"] = constants[name]

    def reordered(stacked):
        """i o f c as PyTorch has them, i f c o."""
        i, o, f, c = np.split(stacked, 4)
        return np.concatenate([i, f, c, o])

    for l in range(2):
        halves = np.split(constants[f"B{l}"][0], 2)
        values = [constants[f"W{l}"][0], constants[f"R{l}"][0], *halves]
        for name, value in zip(["weight_ih", "weight_hh", "bias_ih", "bias_hh"], values):
            tensors[f"param.lstm.{name}_l{l}"] = reordered(value)
    record("language_model", model, tensors, producer=f"onnxruntime {onnxruntime.__version__}")


operator("plain", inputs(1), with_double=True)
operator("peepholes", inputs(1, peepholes=True), with_double=True)
operator("clip", inputs(1, peepholes=True), clip=0.25)
operator("input_forget", inputs(1, peepholes=True), input_forget=1, clip=0.5)
operator("reverse", inputs(1, [4, 1, 2]), direction="reverse")
# The second is empty: its outputs and its last states are zero, whatever its initial ones.
operator("bidirectional", inputs(2, [3, 0, 4]), direction="bidirectional")
operator(
    "activations",
    inputs(2),
    direction="bidirectional",
    activations=["HardSigmoid", "SoftSign", "elu", "affine", "SCALEDTANH", "LeakyRelu"],
    activation_alpha=[0.25, 0.75, 0.5, 1.5, 0.125],
    activation_beta=[0.375, 0.25, 0.625],
)
operator("defaults", inputs(1), activations=["HardSigmoid", "Elu", "LeakyRelu"])
operator("threshold", inputs(1), activations=["Sigmoid", "ThresholdedRelu", "Softplus"])
operator(
    "batch_first",
    inputs(2, batch_first=True),
    by_reference=True,
    with_double=True,
    direction="bidirectional",
    layout=1,
)
language_model()
