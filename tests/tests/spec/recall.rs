//! The article's first question, put to trained networks: over what distance do they learn to
//! remember?
//!
//! At step 1 the input is a bit, with a flag; from then on it is noise. After step T the network
//! outputs the bit.

use lstm_bptt::{LossGradient, backward, clip_global_norm};
use lstm_cell::{State, sequence};
use lstm_gates::{Init, LstmParams, glorot_uniform, orthogonal, pytorch_uniform, sigmoid};
use lstm_model::{Alone, Parameters, Purpose};
use lstm_train::{Optimizer, OptimizerState};
use nalgebra::{DMatrix, DVector, dvector};
use rand::{Rng, RngExt};

// ANCHOR: recall
/// A network that reads a sequence and answers with one number, large for a 1 and small for a 0.
trait Answers: Parameters<Scalar = f64> {
    /// The answer; adds the gradient of the cross-entropy to `grad`.
    fn learn(&self, xs: &[DVector<f64>], bit: bool, grad: &mut Self) -> f64;
}

/// x_t = (wire, flag): the bit as ±1 at step 1, and noise from then on.
fn case(seq_len: usize, rng: &mut impl Rng) -> (Vec<DVector<f64>>, bool) {
    let bit = rng.random_bool(0.5);
    let mut xs = vec![dvector![if bit { 1.0 } else { -1.0 }, 1.0]];
    xs.extend((1..seq_len).map(|_| dvector![rng.random_range(-1.0..1.0), 0.0]));
    (xs, bit)
}

/// The cross-entropy's gradient on the answer: p − target.
fn dz(z: f64, bit: bool) -> f64 {
    sigmoid(z) - if bit { 1.0 } else { 0.0 }
}

/// Whether the network gets 400 sequences in a row right within 400 updates of Adam, each
/// from eight new sequences.
fn learns(mut network: impl Answers, seq_len: usize, rng: &mut impl Rng) -> bool {
    let mut adam = OptimizerState::new(Optimizer::ADAM, &network);
    let mut grad = network.zeros_like();
    let mut in_a_row = 0;
    for _ in 0..400 {
        grad.set_zero();
        for _ in 0..8 {
            let (xs, bit) = case(seq_len, rng);
            let is_right = (network.learn(&xs, bit, &mut grad) > 0.0) == bit;
            in_a_row = if is_right { in_a_row + 1 } else { 0 };
        }
        if in_a_row >= 400 {
            return true;
        }
        clip_global_norm(&mut grad.slices_mut(), 8.0);
        adam.step(&mut network, &grad, 0.01, &Alone);
    }
    false
}
// ANCHOR_END: recall

// ANCHOR: lstm
/// An LSTM whose last h_T is weighed by w_y.
#[derive(Clone)]
struct Lstm {
    p: LstmParams<f64>,
    w_y: DVector<f64>,
}

impl Answers for Lstm {
    fn learn(&self, xs: &[DVector<f64>], bit: bool, grad: &mut Self) -> f64 {
        let hidden_size = self.w_y.len();
        let tape = sequence(&self.p, xs, State::zeros(hidden_size)).expect("shapes that fit");
        let h = tape.last().h;
        let z = self.w_y.dot(&h);
        grad.w_y += dz(z, bit) * h;
        let mut loss = LossGradient {
            dh: vec![DVector::zeros(hidden_size); xs.len()],
            last: State::zeros(hidden_size),
        };
        loss.last.h = dz(z, bit) * &self.w_y;
        backward(&self.p, &tape, &loss, &mut grad.p).expect("shapes that fit");
        z
    }
}
// ANCHOR_END: lstm

// ANCHOR: plain
/// h_t = tanh(W_x x_t + W_h h_{t−1} + b), and w_y as above.
#[derive(Clone)]
struct Plain {
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
        let h = &hs[xs.len()];
        let z = self.w_y.dot(h);
        grad.w_y += dz(z, bit) * h;
        let mut dh = dz(z, bit) * &self.w_y;
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
// ANCHOR_END: plain

impl Parameters for Lstm {
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

/// The initial weights.
#[derive(Clone, Copy, Debug)]
enum Start {
    /// Orthogonal W_h; an LSTM has this forget bias.
    Orthogonal(f64),
    /// Every number uniform in ±1/√H, as in PyTorch.
    Uniform,
}

use Start::{Orthogonal, Uniform};

/// The number of networks, each from its own seed.
const SEEDS: u64 = 10;

/// The number of LSTMs of 8 units that learn it.
fn lstms(start: Start, seq_len: usize) -> usize {
    count(seq_len, |seed| {
        let rng = &mut Purpose::Weights.rng(seed, 0, 0);
        let mut p;
        match start {
            Orthogonal(forget_bias) => {
                p = LstmParams::init(Init::GlorotOrthogonal, 2, 8, rng);
                p.f.b.fill(forget_bias);
            }
            Uniform => p = LstmParams::init(Init::PytorchUniform, 2, 8, rng),
        }
        Lstm {
            p,
            w_y: w_y(8, rng),
        }
    })
}

/// The number of plain networks that learn it.
fn plain(hidden_size: usize, start: Start, seq_len: usize) -> usize {
    count(seq_len, |seed| {
        let rng = &mut Purpose::Weights.rng(seed, 0, 0);
        let (w_x, w_h, b) = match start {
            Orthogonal(_) => (
                glorot_uniform(hidden_size, 2, rng),
                orthogonal(hidden_size, rng),
                DMatrix::zeros(hidden_size, 1),
            ),
            Uniform => (
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
    })
}

fn w_y(hidden_size: usize, rng: &mut impl Rng) -> DVector<f64> {
    glorot_uniform(hidden_size, 1, rng).column(0).into_owned()
}

fn count<N: Answers>(seq_len: usize, network: impl Fn(u64) -> N) -> usize {
    let is_learnt =
        |&seed: &u64| learns(network(seed), seq_len, &mut Purpose::Check.rng(seed, 0, 0));
    (0..SEEDS).filter(is_learnt).count()
}

// Measured: the networks that learn it, out of ten.
//
// |                                    | T = 10 | 30 | 50 | 100 |
// | LSTM, uniform                      |   10   |  0 |  0 |  0  |
// | LSTM, orthogonal, forget bias 0    |   10   |  0 |  0 |  0  |
// | LSTM, orthogonal, forget bias 1    |   10   | 10 |  7 |  0  |
// | LSTM, orthogonal, forget bias 3    |   10   | 10 | 10 |  6  |
// | plain, 8 units, uniform            |   10   |  0 |  0 |  0  |
// | plain, 17 units, uniform           |   10   |  4 |  1 |  2  |
// | plain, 8 units, orthogonal         |   10   |  8 |  3 |  2  |
// | plain, 17 units, orthogonal        |   10   | 10 |  8 |  6  |
//
// The bounds leave room for rounding on another machine, which can decide a single run.

const LSTM_BIASES: [f64; 3] = [0.0, 1.0, 3.0];

#[test]
fn every_network_learns_to_recall_over_ten_steps() {
    for start in LSTM_BIASES.map(Orthogonal).into_iter().chain([Uniform]) {
        let learnt = lstms(start, 10);
        assert!(learnt >= 9, "LSTM, {start:?}: {learnt}");
    }
    for (hidden_size, start) in [
        (8, Uniform),
        (17, Uniform),
        (8, Orthogonal(0.0)),
        (17, Orthogonal(0.0)),
    ] {
        let learnt = plain(hidden_size, start, 10);
        assert!(
            learnt >= 9,
            "plain, {hidden_size} units, {start:?}: {learnt}"
        );
    }
}

#[test]
fn an_lstm_that_starts_by_remembering_learns_to_recall_over_fifty_steps() {
    assert!(lstms(Orthogonal(3.0), 50) >= 8);
}

#[test]
fn an_lstm_that_starts_by_forgetting_does_not_learn_to_recall_over_thirty_steps() {
    assert!(lstms(Orthogonal(0.0), 30) <= 1);
    assert!(lstms(Uniform, 30) <= 1);
}

#[test]
fn a_plain_network_recalls_over_thirty_steps_if_it_starts_orthogonal_and_not_otherwise() {
    assert!(plain(17, Orthogonal(0.0), 30) >= 8);
    assert!(plain(8, Uniform, 30) <= 1);
    assert!(plain(8, Orthogonal(0.0), 50) <= 6);
}
