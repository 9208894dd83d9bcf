//! The backward pass of the second LSTM.

use crate::plain::{Case, Step};
use crate::vectors::Tensors;
use lstm_check::Mistake::{self, *};

/// The gradients of the weights, row-major in PyTorch's shapes.
struct Weights {
    dw_x: Vec<f64>,
    dw_h: Vec<f64>,
    db: Vec<f64>,
}

impl Case {
    /// The gradients of the loss.
    pub fn gradients(&self, mistake: Option<Mistake>) -> Tensors {
        let (d, h) = (self.d, self.h);
        let mut weights = Weights {
            dw_x: vec![0.0; 4 * h * d],
            dw_h: vec![0.0; 4 * h * h],
            db: vec![0.0; 4 * h],
        };
        let mut dx = vec![0.0; self.seq_len * self.batch_size * d];
        let (mut dh_0, mut dc_0) = (Vec::new(), Vec::new());
        for (b, tape) in self.tapes(mistake).iter().enumerate() {
            let last = |n: usize, ignored| match mistake {
                Some(m) if m == ignored => vec![0.0; h],
                _ => self.last[n][b * h..(b + 1) * h].to_vec(),
            };
            let (mut dh_next, mut dc_next) = (last(0, LastHIgnored), last(1, LastCIgnored));
            for (t, s) in tape.iter().enumerate().rev() {
                let at = t * self.batch_size + b;
                let is_last = t + 1 == self.seq_len;
                let mut dh = self.wy[at * h..(at + 1) * h].to_vec();
                if is_last || mistake != Some(RecurrentGradientDropped) {
                    dh.iter_mut()
                        .zip(&dh_next)
                        .for_each(|(dh, next)| *dh += next);
                }
                if !is_last && mistake == Some(CarouselDropped) {
                    dc_next.fill(0.0);
                }
                let da = gates_back(s, &dh, &mut dc_next, mistake);
                dh_next = self.recurrent_back(&da, mistake);
                for (n, dx) in dx[at * d..(at + 1) * d].iter_mut().enumerate() {
                    *dx = (0..4 * h)
                        .map(|row| self.w_x[row * d + n] * da[row / h][row % h])
                        .sum();
                }
                weights.add(s, &da, is_last, mistake);
            }
            dh_0.extend(dh_next);
            dc_0.extend(dc_next);
        }
        [
            ("grad.weight_ih_l0", weights.dw_x),
            ("grad.weight_hh_l0", weights.dw_h),
            ("grad.bias_ih_l0", weights.db.clone()),
            ("grad.bias_hh_l0", weights.db),
            ("grad.x", dx),
            ("grad.h0", dh_0),
            ("grad.c0", dc_0),
        ]
        .map(|(name, tensor)| (name.to_owned(), tensor))
        .into()
    }

    /// The gradient on h_{t−1}.
    fn recurrent_back(&self, da: &[Vec<f64>; 4], mistake: Option<Mistake>) -> Vec<f64> {
        let h = self.h;
        let weight = |k: usize, j: usize, n: usize| match mistake {
            Some(RecurrentGradientTransposed) => self.w_h[(k * h + n) * h + j],
            _ => self.w_h[(k * h + j) * h + n],
        };
        let mut dh_prev = vec![0.0; h];
        for (k, da) in da.iter().enumerate() {
            for (j, da) in da.iter().enumerate() {
                for (n, dh) in dh_prev.iter_mut().enumerate() {
                    *dh += weight(k, j, n) * da;
                }
            }
        }
        dh_prev
    }
}

/// The gradients of the four pre-activations; `dc` comes from step t + 1 and goes to step t − 1.
fn gates_back(s: &Step, dh: &[f64], dc: &mut [f64], mistake: Option<Mistake>) -> [Vec<f64>; 4] {
    let wrong = |m| mistake == Some(m);
    let mut da = [(); 4].map(|()| vec![0.0; dh.len()]);
    for j in 0..dh.len() {
        let [i, f, g, o] = [0, 1, 2, 3].map(|k| s.gates[k][j]);
        let squashed = s.tanh_c[j];
        let through_h = if wrong(CellSlopeMissing) {
            1.0
        } else {
            1.0 - squashed * squashed
        };
        let dc_t = dh[j] * o * through_h + dc[j];
        let old = if wrong(ForgetReadsNewCell) {
            s.c[j]
        } else {
            s.c_prev[j]
        };
        let arrives = [dc_t * g, dc_t * old, dc_t * i, dh[j] * squashed];
        let slopes = [i * (1.0 - i), f * (1.0 - f), 1.0 - g * g, o * (1.0 - o)];
        for k in 0..4 {
            let slope = if wrong(SlopeMissing(k)) {
                1.0
            } else {
                slopes[k]
            };
            da[k][j] = arrives[k] * slope;
        }
        dc[j] = if wrong(CarouselWithoutForget) {
            dc_t
        } else {
            dc_t * f
        };
    }
    da
}

impl Weights {
    /// Adds the gradient of one step.
    fn add(&mut self, s: &Step, da: &[Vec<f64>; 4], is_last: bool, mistake: Option<Mistake>) {
        let (d, h) = (s.x.len(), s.h.len());
        let counts = |last_only| is_last || mistake != Some(last_only);
        let h_read = if mistake == Some(WeightReadsNewH) {
            &s.h
        } else {
            &s.h_prev
        };
        for (row, da_row) in da.iter().flatten().enumerate() {
            if counts(LastStepOnlyX) {
                let dw_x = &mut self.dw_x[row * d..(row + 1) * d];
                dw_x.iter_mut()
                    .zip(&s.x)
                    .for_each(|(dw, x)| *dw += da_row * x);
            }
            if counts(LastStepOnlyH) {
                let dw_h = &mut self.dw_h[row * h..(row + 1) * h];
                dw_h.iter_mut()
                    .zip(h_read)
                    .for_each(|(dw, h)| *dw += da_row * h);
            }
            if counts(LastStepOnlyB) {
                let from = match mistake {
                    Some(BiasGradientFrom(of, from)) if of == row / h => from,
                    _ => row / h,
                };
                self.db[row] += da[from][row % h];
            }
        }
    }
}
