// An LSTM of your own against a vector: node check.js sequence.json
const vector = JSON.parse(require("fs").readFileSync(process.argv[2], "utf8"));
const tensors = { ...vector.inputs, ...vector.computed };
const [T, B, D] = tensors.x.shape;
const H = tensors["layer0.b_i"].shape[0];
const row = (name, n, size) => tensors[name].data.slice(n * size, (n + 1) * size);

function step(x, h, c) { // put yours here
  const dot = (a, b) => a.reduce((sum, v, n) => sum + v * b[n], 0);
  const sigmoid = (a) => 1 / (1 + Math.exp(-a));
  const a = (k) => tensors[`layer0.b_${k}`].data.map((b, j) =>
    dot(row(`layer0.w_x${k}`, j, D), x) + dot(row(`layer0.w_h${k}`, j, H), h) + b);
  const [i, f, g, o] = ["i", "f", "g", "o"].map(a);
  const next = c.map((c, j) => sigmoid(f[j]) * c + sigmoid(i[j]) * Math.tanh(g[j]));
  return [next.map((c, j) => sigmoid(o[j]) * Math.tanh(c)), next];
}

let wrong = 0;
for (let b = 0; b < B; b++) {
  let [h, c] = [row("layer0.h_0", b, H), row("layer0.c_0", b, H)];
  for (let t = 0; t < T; t++) {
    [h, c] = step(row("x", t * B + b, D), h, c);
    const expected = [...row("layer0.h_t", t * B + b, H), ...row("layer0.c_t", t * B + b, H)];
    wrong += [...h, ...c].filter((v, n) => !(Math.abs(v - expected[n]) <= 1e-12)).length;
  }
}
console.log(`${wrong} of ${2 * T * B * H} values are wrong`);
process.exit(wrong > 0 ? 1 : 0);
