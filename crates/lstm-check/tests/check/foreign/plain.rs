//! An LSTM in plain loops whose every operation is rounded, and recordings of it as PyTorch and Keras name
//! and arrange them.

use lstm_check::Recording;
use lstm_exchange::Tensor;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use safetensors::Dtype;

pub const D: usize = 3;
pub const H: usize = 4;

/// The number of this type that is closest to `v`.
pub fn rounded(v: f64, dtype: Dtype) -> f64 {
    match dtype {
        Dtype::F32 => f64::from(v as f32),
        Dtype::F16 => half::f16::from_f64(v).to_f64(),
        Dtype::BF16 => half::bf16::from_f64(v).to_f64(),
        _ => v,
    }
}

/// The tensor with all its numbers rounded, and its type in the recording.
pub fn round(recording: &mut Recording, name: &str, dtype: Dtype) {
    let tensor = recording.tensors.get_mut(name).unwrap();
    tensor.data.iter_mut().for_each(|v| *v = rounded(*v, dtype));
    recording.dtypes.insert(name.into(), dtype);
}

/// Rounds the tensors whose names `is_meant` accepts.
pub fn round_all(recording: &mut Recording, dtype: Dtype, is_meant: impl Fn(&str) -> bool) {
    let names: Vec<String> = recording.tensors.keys().cloned().collect();
    for name in names.iter().filter(|name| is_meant(name)) {
        round(recording, name, dtype);
    }
}

/// One layer, rows in blocks i f g o.
#[derive(Clone)]
pub struct Plain {
    pub seq_len: usize,
    pub batch_size: usize,
    /// 4H×D, 4H×H, 4H, 4H
    weights: [Vec<f64>; 4],
    /// (T, B, D)
    pub x: Vec<f64>,
    /// (B, H)
    pub h0: Vec<f64>,
    pub c0: Vec<f64>,
    /// Whether a sequence takes a step: (T, B).
    pub mask: Vec<bool>,
}

/// y (T, B, H), hn and cn (B, H).
pub struct Outputs {
    pub y: Vec<f64>,
    pub hn: Vec<f64>,
    pub cn: Vec<f64>,
}

fn sigmoid(a: f64) -> f64 {
    1.0 / (1.0 + (-a).exp())
}

impl Plain {
    /// Weights and states uniform in ±1, so that every part of the LSTM has a visible effect.
    pub fn new(seed: u64, seq_len: usize, batch_size: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut draw =
            |n: usize| -> Vec<f64> { (0..n).map(|_| rng.random_range(-1.0..1.0)).collect() };
        Self {
            seq_len,
            batch_size,
            weights: [4 * H * D, 4 * H * H, 4 * H, 4 * H].map(&mut draw),
            x: draw(seq_len * batch_size * D),
            h0: draw(batch_size * H),
            c0: draw(batch_size * H),
            mask: vec![true; seq_len * batch_size],
        }
    }

    /// As new, with zero states.
    pub fn from_zero(seed: u64, seq_len: usize, batch_size: usize) -> Self {
        let mut plain = Self::new(seed, seq_len, batch_size);
        plain.h0.fill(0.0);
        plain.c0.fill(0.0);
        plain
    }

    /// The outputs, every input and every operation rounded to `dtype`. Padding keeps the state; its
    /// output is zero, or with `repeats` the latest one.
    pub fn run(&self, dtype: Dtype, repeats: bool) -> Outputs {
        let r = |v: f64| rounded(v, dtype);
        let all = |v: &Vec<f64>| v.iter().map(|&v| r(v)).collect::<Vec<f64>>();
        let [w_ih, w_hh, b_ih, b_hh] = self.weights.each_ref().map(all);
        let (x, mut h, mut c) = (all(&self.x), all(&self.h0), all(&self.c0));
        let mut y = vec![0.0; self.seq_len * self.batch_size * H];
        for t in 0..self.seq_len {
            for b in 0..self.batch_size {
                let at = t * self.batch_size + b;
                if !self.mask[at] {
                    if repeats && t > 0 {
                        let before = at - self.batch_size;
                        y.copy_within(before * H..(before + 1) * H, at * H);
                    }
                    continue;
                }
                let (x_t, state) = (&x[at * D..][..D], b * H..(b + 1) * H);
                let dot = |w: &[f64], v: &[f64]| r(w.iter().zip(v).map(|(w, v)| w * v).sum());
                let a: Vec<f64> = (0..4 * H)
                    .map(|k| {
                        let of_x = r(dot(&w_ih[k * D..][..D], x_t) + b_ih[k]);
                        let of_h = r(dot(&w_hh[k * H..][..H], &h[state.clone()]) + b_hh[k]);
                        r(of_x + of_h)
                    })
                    .collect();
                for j in 0..H {
                    let [i, f, o] = [0, 1, 3].map(|k| r(sigmoid(a[k * H + j])));
                    let g = r(a[2 * H + j].tanh());
                    c[b * H + j] = r(r(f * c[b * H + j]) + r(i * g));
                    h[b * H + j] = r(o * r(c[b * H + j].tanh()));
                }
                y[at * H..][..H].copy_from_slice(&h[state]);
            }
        }
        Outputs { y, hn: h, cn: c }
    }

    /// The recording of `torch.nn.LSTM`, computed in `dtype` and stored in double precision.
    pub fn torch(&self, dtype: Dtype) -> Recording {
        let Outputs { y, hn, cn } = self.run(dtype, false);
        let (t, b) = (self.seq_len, self.batch_size);
        let [w_ih, w_hh, b_ih, b_hh] = self.weights.clone();
        recording([
            ("weight_ih_l0", vec![4 * H, D], w_ih),
            ("weight_hh_l0", vec![4 * H, H], w_hh),
            ("bias_ih_l0", vec![4 * H], b_ih),
            ("bias_hh_l0", vec![4 * H], b_hh),
            ("x", vec![t, b, D], self.x.clone()),
            ("h0", vec![1, b, H], self.h0.clone()),
            ("c0", vec![1, b, H], self.c0.clone()),
            ("y", vec![t, b, H], y),
            ("hn", vec![1, b, H], hn),
            ("cn", vec![1, b, H], cn),
        ])
    }

    /// The recording of `keras.layers.LSTM`, computed and stored in double precision.
    pub fn keras(&self) -> Recording {
        let Outputs { y, hn, cn } = self.run(Dtype::F64, true);
        let (t, b) = (self.seq_len, self.batch_size);
        let [w_ih, w_hh, b_ih, b_hh] = &self.weights;
        let bias = b_ih.iter().zip(b_hh).map(|(x, h)| x + h).collect();
        recording([
            ("kernel", vec![D, 4 * H], transposed(w_ih, [4 * H, D, 1])),
            (
                "recurrent_kernel",
                vec![H, 4 * H],
                transposed(w_hh, [4 * H, H, 1]),
            ),
            ("bias", vec![4 * H], bias),
            ("x", vec![b, t, D], transposed(&self.x, [t, b, D])),
            ("h0", vec![b, H], self.h0.clone()),
            ("c0", vec![b, H], self.c0.clone()),
            ("y", vec![b, t, H], transposed(&y, [t, b, H])),
            ("hn", vec![b, H], hn),
            ("cn", vec![b, H], cn),
        ])
    }
}

fn recording<const N: usize>(tensors: [(&str, Vec<usize>, Vec<f64>); N]) -> Recording {
    let tensors = tensors.into_iter();
    Recording {
        tensors: tensors
            .map(|(name, shape, data)| (name.to_owned(), Tensor::new(&shape, data)))
            .collect(),
        ..Recording::default()
    }
}

/// The numbers of an array with its first two dimensions exchanged.
pub fn transposed(data: &[f64], [rows, columns, size]: [usize; 3]) -> Vec<f64> {
    let at = |r: usize, c: usize| &data[(r * columns + c) * size..][..size];
    let columns = (0..columns).flat_map(|c| (0..rows).flat_map(move |r| at(r, c)));
    columns.copied().collect()
}
