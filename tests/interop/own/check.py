"""An LSTM of your own against a vector: python3 check.py sequence.json"""
import json, math, sys

vector = json.load(open(sys.argv[1]))
tensors = {name: t["data"] for part in ("inputs", "computed") for name, t in vector[part].items()}
T, B, D = vector["inputs"]["x"]["shape"]
H = len(tensors["layer0.b_i"])

def row(name, n, size):
    return tensors[name][n * size:(n + 1) * size]

def step(x, h, c):  # put yours here
    dot = lambda a, b: sum(p * q for p, q in zip(a, b))
    sigmoid = lambda a: 1 / (1 + math.exp(-a))
    a = {k: [dot(row(f"layer0.w_x{k}", j, D), x) + dot(row(f"layer0.w_h{k}", j, H), h)
             + tensors[f"layer0.b_{k}"][j] for j in range(H)] for k in "ifgo"}
    c = [sigmoid(a["f"][j]) * c[j] + sigmoid(a["i"][j]) * math.tanh(a["g"][j]) for j in range(H)]
    return [sigmoid(a["o"][j]) * math.tanh(c[j]) for j in range(H)], c

wrong = 0
for b in range(B):
    h, c = row("layer0.h_0", b, H), row("layer0.c_0", b, H)
    for t in range(T):
        h, c = step(row("x", t * B + b, D), h, c)
        expected = row("layer0.h_t", t * B + b, H) + row("layer0.c_t", t * B + b, H)
        wrong += sum(not abs(p - q) <= 1e-12 for p, q in zip(h + c, expected))
print(f"{wrong} of {2 * T * B * H} values are wrong")
sys.exit(wrong > 0)
