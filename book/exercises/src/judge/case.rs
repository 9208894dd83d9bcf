//! The case on which all exercises about a layer are judged.
//!
//! D ≠ H, T ≥ 3, weights of order 1 without symmetry, states that are not zero, a loss on every h_t
//! and on h_T and c_T. A simpler case would accept some mistakes.

use lstm_bptt::LossGradient;
use lstm_cell::{State, Tape, sequence};
use lstm_gates::LstmParams;
use nalgebra::DVector;

pub const D: usize = 2;
pub const H: usize = 3;
pub const T: usize = 5;

/// A layer, its inputs, the tape of its forward pass, and the gradient of the loss.
pub struct Case {
    pub p: LstmParams<f64>,
    pub xs: Vec<DVector<f64>>,
    pub initial: State<f64>,
    pub tape: Tape<f64>,
    pub loss: LossGradient<f64>,
}

pub fn case() -> Case {
    let p = params(D, H);
    let xs: Vec<_> = (0..T).map(|t| vector(D, t)).collect();
    let initial = State {
        h: vector(H, 20),
        c: vector(H, 21),
    };
    Case {
        tape: sequence(&p, &xs, initial.clone()).expect("the shapes fit"),
        loss: LossGradient {
            dh: (30..30 + T).map(|n| vector(H, n)).collect(),
            last: State {
                h: vector(H, 40),
                c: vector(H, 41),
            },
        },
        p,
        xs,
        initial,
    }
}

/// Weights of order 1 without a pattern.
pub fn params(input_size: usize, hidden_size: usize) -> LstmParams<f64> {
    let mut p = LstmParams::zeros(input_size, hidden_size);
    for (n, w) in p.slices_mut().into_iter().flatten().enumerate() {
        *w = (1.7 * n as f64 + 0.3).sin();
    }
    p
}

/// The n-th of many unrelated vectors.
pub fn vector(length: usize, n: usize) -> DVector<f64> {
    DVector::from_fn(length, |j, _| ((3 * n + 5 * j) as f64 + 0.5).cos())
}
