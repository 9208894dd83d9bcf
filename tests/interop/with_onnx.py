"""Models to ONNX Runtime and back: the logits agree to 1e-5, both ways.

    tests/interop/onnx.sh [CHECKPOINT]

Out: models of this project, and CHECKPOINT if one is named, pass onnx.checker and run in ONNX Runtime,
from given states and from none, for any number of steps and sequences.
In: models as PyTorch's two exporters write them are taken over. If torch is installed as well, its own
exporters write them; what they write otherwise is imitated here, node by node.
"""

from common import run_in_venv

run_in_venv(__file__, "onnx", "onnxruntime", "numpy")

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
from models import (  # noqa: E402
    B, D, H, T, V, both_ways, compare, computed, exported, imported, numbers, sizes, some_ids,
    untrained,
)
from onnx import TensorProto, helper, numpy_helper  # noqa: E402


def session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def out(folder, checkpoints):
    for checkpoint in untrained(folder / "models") + checkpoints:
        path = folder / f"{checkpoint.name}.onnx"
        exported(checkpoint, "onnx", path)
        onnx.checker.check_model(onnx.load(path), full_check=True)
        model, what = session(path), f"out, {checkpoint.name}"
        (v, h, layers), names = sizes(checkpoint), ["logits", "hn", "cn"]
        ids = some_ids(v)

        def run(ids, **states):
            return dict(zip(names, model.run(names, {"ids": ids} | states)))

        states = {"h0": numbers(layers, B, h), "c0": numbers(layers, B, h)}
        compare(what, run(ids, **states), computed(checkpoint, ids, **states))
        expected = computed(checkpoint, ids)
        compare(f"{what} from zero", run(ids), expected)
        first = run(ids[:2])
        rest = run(ids[2:], h0=first["hn"], c0=first["cn"])
        rest["logits"] = np.concatenate([first["logits"], rest["logits"]])
        compare(f"{what} in two parts", rest, expected)


class Imitation:
    """nn.Embedding → nn.LSTM → nn.Linear in an exporter's manner."""

    def __init__(self, layers, is_legacy, is_batch_first, bias=True, takes_states=True):
        self.nodes, self.constants = [], []
        self.is_legacy = is_legacy
        below = self.node("Gather", [self.constant(numbers(V, D)), "ids"])
        if is_batch_first:
            below = self.node("Transpose", [below], perm=[1, 0, 2])
        last = []
        for l in range(layers):
            weights = [numbers(1, 4 * H, D if l == 0 else H), numbers(1, 4 * H, H)]
            names = [self.constant(w) for w in weights]
            names.append(self.constant(numbers(1, 8 * H)) if bias else "")
            states = [self.state(s, l) for s in ["h0", "c0"]] if takes_states else [self.zero()] * 2
            outputs = [f"{name}_of_{l}" for name in ["y", "h", "c"]]
            extra = {} if is_legacy else {"direction": "forward", "input_forget": 0, "layout": 0}
            inputs = [below, *names, "", *states]
            self.nodes.append(helper.make_node("LSTM", inputs, outputs, hidden_size=H, **extra))
            last.append(outputs[1:])
            if is_legacy:
                below = self.node("Squeeze", [outputs[0], self.constant(np.array([1]))])
            else:
                below = self.node("Transpose", [outputs[0]], perm=[0, 2, 1, 3])
                below = self.node("Reshape", [below, self.constant(np.array([0, 0, -1]))], allowzero=0)
        for place, name in enumerate(["hn", "cn"]):
            self.node("Concat", [pair[place] for pair in last], name, axis=0)
        if is_batch_first:
            below = self.node("Transpose", [below], perm=[1, 0, 2])
        product = self.node("MatMul", [below, self.constant(numbers(H, V))])
        pair = [self.constant(numbers(V)), product]
        self.node("Add", pair if is_legacy else pair[::-1], "logits")
        ids = ["B", "T"] if is_batch_first else ["T", "B"]
        inputs = [helper.make_tensor_value_info("ids", TensorProto.INT64, ids)]
        if takes_states:
            inputs += [
                helper.make_tensor_value_info(s, TensorProto.FLOAT, [layers, "B", H])
                for s in ["h0", "c0"]
            ]
        outputs = [("logits", [*ids, V]), ("hn", [layers, "B", H]), ("cn", [layers, "B", H])]
        graph = helper.make_graph(
            self.nodes,
            "main_graph",
            inputs,
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs],
            self.constants,
        )
        opset = helper.make_opsetid("", 17 if is_legacy else 20)
        self.model = helper.make_model(graph, opset_imports=[opset], ir_version=8)

    def node(self, op_type, inputs, output=None, **attributes):
        output = output or f"{op_type}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op_type, inputs, [output], **attributes))
        return output

    def constant(self, value):
        if self.is_legacy and value.dtype == np.int64:
            return self.node("Constant", [], value=numpy_helper.from_array(value))
        name = f"val_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def state(self, name, l):
        numbers = [self.constant(np.array([n])) for n in (l, l + 1, 0)]
        return self.node("Slice", [name, *numbers])

    def zero(self):
        one, h = self.constant(np.array([1])), self.constant(np.array([H]))
        shape = self.node("Shape", ["ids"])
        batch = self.node("Gather", [shape, one], axis=0)
        return self.node("ConstantOfShape", [self.node("Concat", [one, batch, h], axis=0)])


def from_torch(folder):
    """The same models as PyTorch itself writes them; a manner that is not installed is left out."""
    try:
        import torch
    except ImportError:
        print("in: torch is not installed, its exporters are imitated")
        return []

    class Model(torch.nn.Module):
        def __init__(self, layers, is_batch_first):
            super().__init__()
            self.embed = torch.nn.Embedding(V, D)
            self.lstm = torch.nn.LSTM(D, H, layers, batch_first=is_batch_first)
            self.head = torch.nn.Linear(H, V)

        def forward(self, ids):
            return self.head(self.lstm(self.embed(ids))[0])

    paths = []
    for is_dynamo in [False, True]:
        for is_batch_first in [False, True]:
            name = f"torch_{'dynamo' if is_dynamo else 'legacy'}{'_batch_first' * is_batch_first}"
            path = folder / f"{name}.onnx"
            ids = torch.zeros((B, T) if is_batch_first else (T, B), dtype=torch.int64)
            try:
                torch.onnx.export(
                    Model(2, is_batch_first).eval(), (ids,), str(path), input_names=["ids"],
                    output_names=["logits"], dynamo=is_dynamo, external_data=False,
                )
                paths.append((path, is_batch_first))
            except Exception as error:  # onnxscript, which the newer exporter needs, may be missing
                print(f"in: {name} is left out: {str(error).splitlines()[0]}")
    return paths


def back(folder):
    cases = []
    for is_legacy in [True, False]:
        for layers, is_batch_first, bias, takes_states in [
            (2, False, True, True),
            (1, False, False, False),
            (3, True, True, True),
        ]:
            if not takes_states and is_batch_first:
                continue
            name = f"{'legacy' if is_legacy else 'dynamo'}_{layers}{'_batch_first' * is_batch_first}"
            path = folder / f"{name}.onnx"
            model = Imitation(layers, is_legacy, is_batch_first, bias, takes_states).model
            onnx.checker.check_model(model, full_check=True)
            onnx.save(model, path)
            cases.append((path, is_batch_first))
    for path, is_batch_first in cases + from_torch(folder):
        ids, model = some_ids(V), session(path)
        given = {"ids": ids.T if is_batch_first else ids}
        for state in model.get_inputs()[1:]:
            given[state.name] = np.zeros((state.shape[0], B, H), np.float32)
        expected = model.run(["logits"], given)[0]
        expected = expected.swapaxes(0, 1) if is_batch_first else expected
        found = computed(imported(path, "onnx", V), ids)
        compare(f"in, {path.stem}", {"logits": expected}, found)


print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")
both_ways(out, back)
