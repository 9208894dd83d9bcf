"""Writes ONNX models with the operators that exporters put round an LSTM, and what ONNX Runtime computes.

    pip install onnx onnxruntime numpy safetensors
    python tests/vectors/make_onnx_graphs.py

Each model in onnx_graphs/ has its recording beside it. The graphs have the form that tf2onnx gives
Keras models (`tf_*`) or that other exporters and older versions of the operators have. The metadata of
each recording holds the CRC-32 of this script; a test compares it with the script as it stands.
"""

import json
import zlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper, parser
from safetensors.numpy import save_file

HERE = Path(__file__).resolve().parent / "onnx_graphs"
T, B, D, H, V = 5, 2, 3, 4, 7
rng = np.random.default_rng(20240301)


def numbers(*shape):
    """Uniform in ±1, in single precision."""
    return (rng.random(shape) * 2 - 1).astype(np.float32)


def ints(*values, dtype=np.int64):
    return np.array(values, dtype)


def weights(dirs=1, inputs=D, suffix=""):
    return {
        f"W{suffix}": numbers(dirs, 4 * H, inputs),
        f"R{suffix}": numbers(dirs, 4 * H, H),
        f"B{suffix}": numbers(dirs, 8 * H),
    }


def write(name, text, constants, given, opset=15, external=False):
    model = parser.parse_model(f'<ir_version: 8, opset_import: ["" : {opset}]>\n{text}')
    model.producer_name = "make_onnx_graphs.py"
    tensors = [numpy_helper.from_array(np.asarray(value), key) for key, value in constants.items()]
    model.graph.initializer.extend(tensors)
    onnx.checker.check_model(model)
    path = HERE / f"{name}.onnx"
    if external:
        (HERE / f"{name}.data").unlink(missing_ok=True)
        onnx.save(model, path, save_as_external_data=True, location=f"{name}.data", size_threshold=64)
    else:
        onnx.save(model, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    found = dict(zip(names, session.run(names, given)))
    record = {
        "onnx": onnx.__version__,
        "onnxruntime": onnxruntime.__version__,
        "script_crc32": zlib.crc32(Path(__file__).read_bytes()),
    }
    save_file(given | found, HERE / f"{name}.safetensors", {"record": json.dumps(record)})
    print(f"{name}: {', '.join(f'{key} {value.shape}' for key, value in found.items())}")


def some_ids(dtype=np.int32):
    # Every id once or more, and 0 at the end of a sequence.
    return np.array([[3, 1, 4, 2, 6], [5, 6, 2, 0, 0]], dtype)


# What tf2onnx makes of an index that may be negative, and of the zero state of a Keras layer.
CHECKED_IDS = """
  plus = Add(ids, size)
  ids_f = Cast <to = 1> (ids)
  is_less = Less(ids_f, zero)
  is_not = Not(is_less)
  is_not_i = Cast <to = 6> (is_not)
  kept = Mul(ids, is_not_i)
  is_less_i = Cast <to = 6> (is_less)
  moved = Mul(is_less_i, plus)
  places = Add(moved, kept)
  embedded = Gather <axis = 0> (E, places)
"""
ZERO_STATE = """
  shape = Shape(x)
  shape_i = Cast <to = 6> (shape)
  batch = Slice(shape_i, at0, at1, at0)
  state_i = Concat <axis = 0> (batch, h_size)
  state = Cast <to = 7> (state_i)
  zeros = Expand(zero, state)
  first = Unsqueeze(zeros, at0)
"""
PLACES = {"at0": ints(0), "at1": ints(1), "zero": np.float32(0), "h_size": ints(H, dtype=np.int32)}
LSTM = 'LSTM <hidden_size = 4, direction = "forward", activations = ["Sigmoid", "Tanh", "Tanh"]>'
DENSE = """
  shape_y = Shape(y)
  shape_y_i = Cast <to = 6> (shape_y)
  outer = Gather <axis = 0> (shape_y_i, free)
  full_i = Concat <axis = 0> (outer, v_size)
  full = Cast <to = 7> (full_i)
  rows = Reshape(y, flat)
  product = MatMul(rows, head)
  summed = Add(product, bias)
  logits = Reshape(summed, full)
"""
DENSE_CONSTANTS = {"free": ints(0, 1, dtype=np.int32), "v_size": ints(V, dtype=np.int32), "flat": ints(-1, H)}


def head():
    return DENSE_CONSTANTS | {"head": numbers(H, V), "bias": numbers(V)}


def tf_language_model():
    text = f"""
    g (int32[b, t] ids) => (float[b, t, {V}] logits) {{
      {CHECKED_IDS}
      x = Transpose <perm = [1, 0, 2]> (embedded)
      shape = Shape(embedded)
      shape_i = Cast <to = 6> (shape)
      batch = Slice(shape_i, at0, at1, at0)
      state_i = Concat <axis = 0> (batch, h_size)
      state = Cast <to = 7> (state_i)
      zeros = Expand(zero, state)
      first = Unsqueeze(zeros, at0)
      y_0, h_0, c_0 = {LSTM} (x, W0, R0, B0, "", first, first)
      y_1 = Squeeze(y_0, at1)
      y_2 = Transpose <perm = [1, 0, 2]> (y_1)
      x_1 = Transpose <perm = [1, 0, 2]> (y_2)
      y_3, h_1, c_1 = {LSTM} (x_1, W1, R1, B1, "", first, first)
      y_4 = Squeeze(y_3, at1)
      y = Transpose <perm = [1, 0, 2]> (y_4)
      {DENSE}
    }}"""
    constants = {"E": numbers(V, D), "size": np.int32(V)} | weights(suffix="0") | weights(inputs=H, suffix="1")
    write("tf_language_model", text, constants | PLACES | head(), {"ids": some_ids()})


def tf_backwards():
    text = f"""
    g (float[b, {T}, {D}] x) => (float[b, {T}, {H}] y) {{
      {ZERO_STATE}
      x_t = Transpose <perm = [1, 0, 2]> (x)
      shape_t = Shape(x_t)
      steps = Gather(shape_t, at0)
      batch_t = Gather(shape_t, at1)
      lengths = Expand(steps, batch_t)
      reversed = ReverseSequence <batch_axis = 1, time_axis = 0> (x_t, lengths)
      y_4, h, c = {LSTM} (reversed, W, R, B, "", first, first)
      y_3 = Squeeze(y_4, at1)
      y = Transpose <perm = [1, 0, 2]> (y_3)
    }}"""
    write("tf_backwards", text, weights() | PLACES, {"x": numbers(B, T, D)})


def tf_bidirectional_relu():
    names = ", ".join(['"Relu"'] * 6)
    text = f"""
    g (float[b, {T}, {D}] x) => (float[b, {T}, {2 * H}] y) {{
      {ZERO_STATE}
      both = Concat <axis = 0> (first, first)
      x_t = Transpose <perm = [1, 0, 2]> (x)
      y_4, h, c = LSTM <hidden_size = 4, direction = "bidirectional", activations = [{names}]>
        (x_t, W, R, B, "", both, both)
      bw_4 = Slice(y_4, at1, at2, at1)
      bw = Squeeze(bw_4, at1)
      fw_4 = Slice(y_4, at0, at1, at1)
      fw = Squeeze(fw_4, at1)
      y_3 = Concat <axis = 2> (fw, bw)
      y = Transpose <perm = [1, 0, 2]> (y_3)
    }}"""
    write("tf_bidirectional_relu", text, weights(2) | PLACES | {"at2": ints(2)}, {"x": numbers(B, T, D)})


# The LSTM of Keras written out, i c f o in the places i f g o; a gate is `{name}`.
def cell(gate):
    gates = "".join(gate(name, place) for name, place in [("i", "a0"), ("f", "a1"), ("o", "a3")])
    return f"""
      x_i = Gather(x_t, n)
      from_x = MatMul(x_i, kernel)
      from_h = MatMul(h_in, recurrent)
      sum = Add(from_x, from_h)
      a = Add(sum, own_bias)
      a0, a1, a2, a3 = Split <axis = 1> (a)
      {gates}
      g = Tanh(a2)
      held = Mul(f, c_in)
      written = Mul(i, g)
      c_new = Add(held, written)
      squashed = Tanh(c_new)
      h_new = Mul(o, squashed)
      n_next = Add(n, one)
      n_f = Cast <to = 1> (n_next)
      goes_on_1 = Less(n_f, last)
      count_f = Cast <to = 1> (count)
      goes_on_2 = Less(count_f, last)
      goes_on = And(goes_on_1, goes_on_2)
    """


LOOP_CONSTANTS = {"start": np.int32(0), "one": np.int32(1), "last": np.float32(T), "most": np.int64(T), "go": np.bool_(True)}


def loop_weights():
    return {"kernel": numbers(D, 4 * H), "recurrent": numbers(H, 4 * H), "own_bias": numbers(4 * H)}


def tf_hard_sigmoid():
    def gate(name, place):
        return f"""
      {name}_1 = Add({place}, three)
      {name}_2 = Clip({name}_1, zero, six)
      {name} = Mul({name}_2, sixth)
        """

    text = f"""
    g (float[b, {T}, {D}] x) => (float[b, {T}, {H}] y) {{
      {ZERO_STATE}
      x_t = Transpose <perm = [1, 0, 2]> (x)
      end, h, c, y_3 = Loop <body = body (int64 count, bool before, int32 n, float[b, {H}] h_in, float[b, {H}] c_in)
        => (bool goes_on, int32 n_next, float[b, {H}] h_new, float[b, {H}] c_new, float[b, {H}] h_out) {{
        {cell(gate)}
        h_out = Identity(h_new)
      }}> (most, go, start, zeros, zeros)
      y = Transpose <perm = [1, 0, 2]> (y_3)
    }}"""
    constants = {"three": np.float32(3), "six": np.float32(6), "sixth": np.float32(1 / 6)}
    constants |= loop_weights() | PLACES | LOOP_CONSTANTS
    write("tf_hard_sigmoid", text, constants, {"x": numbers(B, T, D) * 4})


def tf_mask():
    def gate(name, place):
        return f"{name} = Sigmoid({place})\n"

    def chosen(name, new, old):
        return f"""
      {name}_new = Mul(real_f, {new})
      {name}_old = Mul(padding_f, {old})
      {name} = Add({name}_new, {name}_old)
        """

    state = f"float[b, {H}]"
    text = f"""
    g (int32[b, {T}] ids) => (float[b, {T}, {V}] logits) {{
      {CHECKED_IDS}
      x = Identity(embedded)
      {ZERO_STATE}
      x_t = Transpose <perm = [1, 0, 2]> (x)
      is_zero = Equal(ids, start)
      is_real = Not(is_zero)
      is_real_3 = Unsqueeze(is_real, at_end)
      mask = Transpose <perm = [1, 0, 2]> (is_real_3)
      end, out, h, c, y_3 = Loop <body = body (int64 count, bool before, int32 n, {state} y_in, {state} h_in, {state} c_in)
        => (bool goes_on, int32 n_next, {state} y_next, {state} h_next, {state} c_next, {state} y_out) {{
        {cell(gate)}
        real = Gather(mask, n)
        padding = Not(real)
        real_f = Cast <to = 1> (real)
        padding_f = Cast <to = 1> (padding)
        {chosen("y_next", "h_new", "y_in")}
        {chosen("h_next", "h_new", "h_in")}
        {chosen("c_next", "c_new", "c_in")}
        y_out = Identity(y_next)
      }}> (most, go, start, zeros, zeros, zeros)
      y = Transpose <perm = [1, 0, 2]> (y_3)
      {DENSE}
    }}"""
    constants = {"E": numbers(V, D), "size": np.int32(V), "at_end": ints(-1)}
    constants |= loop_weights() | PLACES | LOOP_CONSTANTS | head()
    write("tf_mask", text, constants, {"ids": some_ids()})


def old_operators():
    """Axes, sizes and bounds as attributes, as before versions 11 and 13."""
    text = f"""
    g (float[t, b, {D}] x) => (float[b, {H}] y, float[b, 2] parts) {{
      y_4, h, c = LSTM <hidden_size = 4> (x, W, R, B)
      y_3 = Squeeze <axes = [1]> (y_4)
      last = Slice(y_3, end, far, at0)
      last_2 = Squeeze <axes = [0]> (last)
      y = Clip <min = -0.25, max = 0.25> (last_2)
      left, right = Split <axis = 1, split = [1, 3]> (last_2)
      right_1 = ReduceSum <axes = [1], keepdims = 1> (right)
      left_3 = Unsqueeze <axes = [0]> (left)
      left_2 = Flatten <axis = 2> (left_3)
      parts = Concat <axis = 1> (left_2, right_1)
    }}"""
    constants = weights() | {"end": ints(-1), "far": ints(2**31 - 1), "at0": ints(0)}
    write("old_operators", text, constants, {"x": numbers(T, B, D)}, opset=10)


def attention():
    """What stands on top of a layer: products of batches, means, positions."""
    text = f"""
    g (float[b, {T}, {D}] x) => (float[b, {H}] mean, float[b, 1] most) {{
      x_t = Transpose <perm = [1, 0, 2]> (x)
      y_4, h, c = LSTM <hidden_size = 4> (x_t, W, R, B)
      y_3 = Squeeze(y_4, at1)
      y = Transpose <perm = [1, 0, 2]> (y_3)
      keys = Transpose <perm = [0, 2, 1]> (y)
      scores = MatMul(y, keys)
      places = Range(nought, steps, one)
      late = Cast <to = 1> (places)
      shifted = Sub(scores, late)
      weights = Softmax <axis = -1> (shifted)
      read = MatMul(weights, y)
      mean = ReduceMean <axes = [1], keepdims = 0> (read)
      projected = MatMul(read, row)
      most = ReduceMax <axes = [-1]> (projected)
    }}"""
    constants = {"nought": np.int64(0), "steps": np.int64(T), "one": np.int64(1), "row": numbers(H), "at1": ints(1)}
    write("attention", text, weights() | constants, {"x": numbers(B, T, D)})


def language_model(name, ids, lengths="", constants={}, **options):
    text = f"""
    g (int64[t, b] ids) => (float[t, b, {V}] logits) {{
      {ids}
      x = Gather(E, places)
      {lengths}
      y_4, h, c = LSTM <hidden_size = 4> (x, W, R, B{', lengths' if lengths else ''})
      y = Squeeze(y_4, at1)
      product = MatMul(y, head)
      logits = Add(product, bias)
    }}"""
    constants = {"E": numbers(V, D), "at1": ints(1), "head": numbers(H, V), "bias": numbers(V)} | weights() | constants
    write(name, text, constants, {"ids": some_ids(np.int64).T.copy()}, **options)


def torch_branch():
    """The squeeze of PyTorch's older exporter: an If that asks for the size of the dimension."""
    text = f"""
    g (int64[t, b] ids) => (float[t, b, {V}] logits) {{
      x = Gather(E, ids)
      y_4, h, c = LSTM <hidden_size = 4> (x, W, R, B)
      shape = Shape(y_4)
      dirs = Gather(shape, one)
      is_one = Equal(dirs, one)
      y = If <
        then_branch = yes () => (float[t, b, {H}] y_3) {{ y_3 = Squeeze(y_4, at1) }},
        else_branch = no () => (float y_same) {{ y_same = Identity(y_4) }}
      > (is_one)
      product = MatMul(y, head)
      logits = Add(product, bias)
    }}"""
    constants = {"E": numbers(V, D), "at1": ints(1), "one": np.int64(1), "head": numbers(H, V), "bias": numbers(V)} | weights()
    write("torch_branch", text, constants, {"ids": some_ids(np.int64).T.copy()})


HERE.mkdir(exist_ok=True)
tf_language_model()
tf_backwards()
tf_bidirectional_relu()
tf_hard_sigmoid()
tf_mask()
old_operators()
torch_branch()
attention()
PLAIN = "places = Identity(ids)"
language_model("external_data", PLAIN, external=True)
language_model(
    "lengths_of_shapes",
    PLAIN,
    """shape = Shape(ids)
      steps = Slice(shape, at0, at1)
      steps_i = Cast <to = 6> (steps)
      batch = Slice(shape, at1, at2)
      lengths = Tile(steps_i, batch)""",
    {"at0": ints(0), "at2": ints(2)},
)
language_model(
    "lengths_of_ids",
    PLAIN,
    """is_zero = Equal(ids, nought)
      is_real = Not(is_zero)
      real = Cast <to = 6> (is_real)
      lengths = ReduceSum <keepdims = 0> (real, at0)""",
    {"nought": np.int64(0), "at0": ints(0)},
)
language_model(
    "other_ids",
    """is_five = Equal(ids, five)
      places = Where(is_five, two, ids)""",
    constants={"five": np.int64(5), "two": np.int64(2)},
)
half = {key: value.astype(np.float16) for key, value in weights(suffix="_half").items()}
write(
    "half_and_double",
    f"""
    g (float16[t, b, {D}] x) => (float[t, b, {H}] y, double[t, b, {D}] scaled) {{
      x_f = Cast <to = 1> (x)
      W = Cast <to = 1> (W_half)
      R = Cast <to = 1> (R_half)
      B = Cast <to = 1> (B_half)
      y_4, h, c = LSTM <hidden_size = 4> (x_f, W, R, B)
      y = Squeeze(y_4, at1)
      x_d = Cast <to = 11> (x)
      scaled = Mul(x_d, scale)
    }}""",
    half | {"at1": ints(1), "scale": np.float64(0.1)},
    {"x": numbers(T, B, D).astype(np.float16)},
)
