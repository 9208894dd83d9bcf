//! The networks that are asked to recall, each with the head w_y on its last hidden state.

use super::{Answers, dz};
use crate::beyond::{GruParams, MinLstmParams, gru, min_lstm};
use lstm_bptt::{LossGradient, backward};
use lstm_cell::{State, sequence};
use lstm_gates::{Init, LstmParams, glorot_uniform, orthogonal, pytorch_uniform};
use lstm_model::Parameters;
use nalgebra::{DMatrix, DVector};
use rand_chacha::ChaCha8Rng;

/// The answer w_y · h_T and its gradient on h_T; adds the gradient of w_y to `grad`.
fn head(
    w_y: &DVector<f64>,
    h: &DVector<f64>,
    bit: bool,
    grad: &mut DVector<f64>,
) -> (f64, DVector<f64>) {
    let z = w_y.dot(h);
    let dz = dz(z, bit);
    *grad += dz * h;
    (z, dz * w_y)
}

/// An LSTM whose last h_T is weighed by w_y.
#[derive(Clone)]
pub struct Lstm {
    p: LstmParams<f64>,
    w_y: DVector<f64>,
}

impl Answers for Lstm {
    fn learn(&self, xs: &[DVector<f64>], bit: bool, grad: &mut Self) -> f64 {
        let hidden_size = self.w_y.len();
        let tape = sequence(&self.p, xs, State::zeros(hidden_size)).expect("shapes that fit");
        let (z, dh_last) = head(&self.w_y, &tape.last().h, bit, &mut grad.w_y);
        let mut loss = LossGradient {
            dh: vec![DVector::zeros(hidden_size); xs.len()],
            last: State::zeros(hidden_size),
        };
        loss.last.h = dh_last;
        backward(&self.p, &tape, &loss, &mut grad.p).expect("shapes that fit");
        z
    }
}

/// h_t = tanh(W_x x_t + W_h h_{t−1} + b), and w_y as above.
#[derive(Clone)]
pub struct Plain {
    w_x: DMatrix<f64>,
    w_h: DMatrix<f64>,
    b: DVector<f64>,
    w_y: DVector<f64>,
}

impl Answers for Plain {
    fn learn(&self, xs: &[DVector<f64>], bit: bool, grad: &mut Self) -> f64 {
        let mut hs = vec![DVector::zeros(self.b.len())];
        for (t, x_t) in xs.iter().enumerate() {
            hs.push((&self.w_x * x_t + &self.w_h * &hs[t] + &self.b).map(f64::tanh));
        }
        let (z, mut dh) = head(&self.w_y, &hs[xs.len()], bit, &mut grad.w_y);
        for (t, x_t) in xs.iter().enumerate().rev() {
            let da = dh.component_mul(&hs[t + 1].map(|h| 1.0 - h * h));
            grad.w_x.ger(1.0, &da, x_t, 1.0);
            grad.w_h.ger(1.0, &da, &hs[t], 1.0);
            grad.b += &da;
            dh = self.w_h.tr_mul(&da);
        }
        z
    }
}

/// A GRU whose last h_T is weighed by w_y.
#[derive(Clone)]
pub struct Gru {
    p: GruParams<f64>,
    w_y: DVector<f64>,
}

impl Answers for Gru {
    fn learn(&self, xs: &[DVector<f64>], bit: bool, grad: &mut Self) -> f64 {
        let hidden_size = self.w_y.len();
        let steps = gru::sequence(&self.p, xs, &DVector::zeros(hidden_size));
        let last = xs.len() - 1;
        let h = &steps[last].h_t;
        let mut dh = vec![DVector::zeros(hidden_size); xs.len()];
        let z;
        (z, dh[last]) = head(&self.w_y, h, bit, &mut grad.w_y);
        gru::backward(
            &self.p,
            &steps,
            &DVector::zeros(hidden_size),
            &dh,
            &mut grad.p,
        );
        z
    }
}

/// A minLSTM whose last h_T is weighed by w_y.
#[derive(Clone)]
pub struct MinLstm {
    p: MinLstmParams<f64>,
    w_y: DVector<f64>,
}

impl Answers for MinLstm {
    fn learn(&self, xs: &[DVector<f64>], bit: bool, grad: &mut Self) -> f64 {
        let hidden_size = self.w_y.len();
        let h_0 = DVector::zeros(hidden_size);
        let tape = min_lstm::sequence(&self.p, xs, &h_0);
        let last = xs.len() - 1;
        let h = &tape.hs[last];
        let mut dh = vec![DVector::zeros(hidden_size); xs.len()];
        let z;
        (z, dh[last]) = head(&self.w_y, h, bit, &mut grad.w_y);
        min_lstm::backward(&self.p, &tape, &dh, &mut grad.p);
        z
    }
}

/// The initial weights of a network with matrices W_h.
#[derive(Clone, Copy, Debug)]
pub enum Start {
    /// Orthogonal W_h; the gate that keeps has this bias.
    Orthogonal(f64),
    /// Every number uniform in ±1/√H, as in PyTorch.
    Uniform,
}

/// An LSTM of 8 units: 360 parameters.
pub fn lstm(start: Start, rng: &mut ChaCha8Rng) -> Lstm {
    let p = match start {
        Start::Orthogonal(forget_bias) => {
            let mut p = LstmParams::init(Init::GlorotOrthogonal, 2, 8, rng);
            p.f.b.fill(forget_bias);
            p
        }
        Start::Uniform => LstmParams::init(Init::PytorchUniform, 2, 8, rng),
    };
    Lstm {
        p,
        w_y: w_y(8, rng),
    }
}

/// A plain network: 357 parameters with 17 units, 96 with 8.
pub fn plain(hidden_size: usize, start: Start, rng: &mut ChaCha8Rng) -> Plain {
    let (w_x, w_h, b) = match start {
        Start::Orthogonal(_) => (
            glorot_uniform(hidden_size, 2, rng),
            orthogonal(hidden_size, rng),
            DMatrix::zeros(hidden_size, 1),
        ),
        Start::Uniform => (
            pytorch_uniform(hidden_size, 2, hidden_size, rng),
            pytorch_uniform(hidden_size, hidden_size, hidden_size, rng),
            pytorch_uniform(hidden_size, 1, hidden_size, rng),
        ),
    };
    Plain {
        w_x,
        w_h,
        b: b.column(0).into_owned(),
        w_y: w_y(hidden_size, rng),
    }
}

/// A GRU of 9 units, 333 parameters, that starts with f_t about σ(`keep_bias`).
pub fn gru(keep_bias: f64, rng: &mut ChaCha8Rng) -> Gru {
    let mut p = GruParams::init(2, 9, rng);
    p.f.b.fill(keep_bias);
    Gru {
        p,
        w_y: w_y(9, rng),
    }
}

/// A minLSTM of 36 units, 360 parameters, that starts with a normalised forget gate of about
/// σ(`keep_bias`): σ(b) / (σ(b) + σ(−b)) = σ(b).
pub fn min_lstm(keep_bias: f64, rng: &mut ChaCha8Rng) -> MinLstm {
    let mut p = MinLstmParams::init(2, 36, rng);
    p.f.b.fill(keep_bias);
    p.i.b.fill(-keep_bias);
    MinLstm {
        p,
        w_y: w_y(36, rng),
    }
}

fn w_y(hidden_size: usize, rng: &mut ChaCha8Rng) -> DVector<f64> {
    glorot_uniform(hidden_size, 1, rng).column(0).into_owned()
}

/// The weights of a network: those of its layer, and w_y.
macro_rules! parameters_with_w_y {
    ($network:ty) => {
        impl Parameters for $network {
            type Scalar = f64;

            fn slices(&self) -> Vec<&[f64]> {
                let mut slices = self.p.slices();
                slices.push(self.w_y.as_slice());
                slices
            }

            fn slices_mut(&mut self) -> Vec<&mut [f64]> {
                let mut slices = self.p.slices_mut();
                slices.push(self.w_y.as_mut_slice());
                slices
            }
        }
    };
}

parameters_with_w_y!(Lstm);
parameters_with_w_y!(Gru);
parameters_with_w_y!(MinLstm);

impl Parameters for Plain {
    type Scalar = f64;

    fn slices(&self) -> Vec<&[f64]> {
        let [w_x, w_h] = [&self.w_x, &self.w_h].map(DMatrix::as_slice);
        vec![w_x, w_h, self.b.as_slice(), self.w_y.as_slice()]
    }

    fn slices_mut(&mut self) -> Vec<&mut [f64]> {
        let [w_x, w_h] = [&mut self.w_x, &mut self.w_h].map(DMatrix::as_mut_slice);
        vec![w_x, w_h, self.b.as_mut_slice(), self.w_y.as_mut_slice()]
    }
}
