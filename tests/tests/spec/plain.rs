//! A second LSTM: one layer in plain loops, which shares no code with the crates and can make a chosen
//! mistake. This is its forward pass.

use crate::vectors::{Tensors, Vectors};
use lstm_check::Mistake::{self, *};

/// A layer, a batch and a loss; everything row-major, in PyTorch's shapes.
#[derive(Clone, Debug)]
pub struct Case {
    /// D
    pub d: usize,
    /// H
    pub h: usize,
    /// B
    pub batch_size: usize,
    /// T
    pub seq_len: usize,
    /// 4H×D
    pub w_x: Vec<f64>,
    /// 4H×H
    pub w_h: Vec<f64>,
    /// Two biases of 4H, which are added.
    pub biases: [Vec<f64>; 2],
    /// T×B×D
    pub x: Vec<f64>,
    /// h_0 and c_0, B×H
    pub initial: [Vec<f64>; 2],
    /// The loss's weight on every h_t, T×B×H
    pub wy: Vec<f64>,
    /// The loss's weight on h_T and c_T, B×H
    pub last: [Vec<f64>; 2],
}

/// One step of one sequence.
pub struct Step {
    pub x: Vec<f64>,
    pub h_prev: Vec<f64>,
    pub c_prev: Vec<f64>,
    /// i, f, g, o
    pub gates: [Vec<f64>; 4],
    pub c: Vec<f64>,
    pub tanh_c: Vec<f64>,
    pub h: Vec<f64>,
}

impl Case {
    /// A recorded case of one layer.
    pub fn recorded(v: &Vectors) -> Self {
        let get = |name: &str| v.get(name).to_vec();
        Self {
            d: v.size("input_size"),
            h: v.size("hidden_size"),
            batch_size: v.size("batch_size"),
            seq_len: v.size("seq_len"),
            w_x: get("weight_ih_l0"),
            w_h: get("weight_hh_l0"),
            biases: [get("bias_ih_l0"), get("bias_hh_l0")],
            x: get("x"),
            initial: [get("h0"), get("c0")],
            wy: get("wy"),
            last: [get("wh"), get("wc")],
        }
    }

    /// The outputs y, hn, cn and the loss.
    pub fn outputs(&self, mistake: Option<Mistake>) -> Tensors {
        let tapes = self.tapes(mistake);
        let mut out = Tensors::new();
        let mut y = Vec::new();
        for t in 0..self.seq_len {
            tapes.iter().for_each(|tape| y.extend(&tape[t].h));
        }
        let last = |of: fn(&Step) -> &Vec<f64>| -> Vec<f64> {
            tapes
                .iter()
                .flat_map(|tape| of(tape.last().unwrap()).clone())
                .collect()
        };
        let (hn, cn) = (last(|s| &s.h), last(|s| &s.c));
        let loss = dot(&y, &self.wy) + dot(&hn, &self.last[0]) + dot(&cn, &self.last[1]);
        for (name, tensor) in [("y", y), ("hn", hn), ("cn", cn), ("loss", vec![loss])] {
            out.insert(name.into(), tensor);
        }
        out
    }

    /// Every step of every sequence, forward.
    pub fn tapes(&self, mistake: Option<Mistake>) -> Vec<Vec<Step>> {
        (0..self.batch_size)
            .map(|b| self.tape(b, mistake))
            .collect()
    }

    fn tape(&self, b: usize, mistake: Option<Mistake>) -> Vec<Step> {
        let (d, h, wrong) = (self.d, self.h, |m| mistake == Some(m));
        let of = |tensor: &[f64]| tensor[b * h..(b + 1) * h].to_vec();
        let (mut h_prev, mut c_prev) = (of(&self.initial[0]), of(&self.initial[1]));
        if wrong(InitialHIgnored) {
            h_prev.fill(0.0);
        }
        if wrong(InitialCIgnored) {
            c_prev.fill(0.0);
        }
        let mut tape = Vec::new();
        for t in 0..self.seq_len {
            let at = t * self.batch_size + b;
            let x = self.x[at * d..(at + 1) * d].to_vec();
            let gates = [0, 1, 2, 3].map(|k| self.gate(k, &x, &h_prev, mistake));
            let [i, f, g, o] = &gates;
            let (mut c, mut tanh_c, mut h_t) = (vec![0.0; h], vec![0.0; h], vec![0.0; h]);
            for j in 0..h {
                c[j] = if wrong(InputAndForgetSwapped) {
                    i[j] * c_prev[j] + f[j] * g[j]
                } else {
                    f[j] * c_prev[j] + i[j] * g[j]
                };
                tanh_c[j] = if wrong(CellTanhDropped) {
                    c[j]
                } else {
                    c[j].tanh()
                };
                h_t[j] = o[j] * tanh_c[j];
            }
            tape.push(Step {
                x,
                h_prev: std::mem::replace(&mut h_prev, h_t.clone()),
                c_prev: std::mem::replace(&mut c_prev, c.clone()),
                gates,
                c,
                tanh_c,
                h: h_t,
            });
        }
        tape
    }

    fn gate(&self, k: usize, x: &[f64], h_prev: &[f64], mistake: Option<Mistake>) -> Vec<f64> {
        let (d, h) = (self.d, self.h);
        let block = match mistake {
            Some(BlockOrder(order)) => order[k],
            _ => k,
        };
        let values = (0..h).map(|j| {
            let row = block * h + j;
            let mut a = 0.0;
            for (n, bias) in self.biases.iter().enumerate() {
                if mistake != Some(BiasDropped(n)) {
                    a += bias[row];
                }
            }
            a += dot(&self.w_x[row * d..(row + 1) * d], x);
            for (n, h_n) in h_prev.iter().enumerate() {
                a += h_n
                    * match mistake {
                        Some(RecurrentDropped) => 0.0,
                        Some(RecurrentTransposed) => self.w_h[(block * h + n) * h + j],
                        _ => self.w_h[row * h + n],
                    };
            }
            match (k, mistake) {
                (1, Some(ForgetFixedAtOne)) => 1.0,
                (2, Some(CandidateSigmoid)) => sigmoid(a),
                (2, _) => a.tanh(),
                _ => sigmoid(a),
            }
        });
        values.collect()
    }
}

fn sigmoid(a: f64) -> f64 {
    1.0 / (1.0 + (-a).exp())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
