//! Mistakes in a step forward (E1–E7).

use super::{Scalar, V};
use lstm_cell::{State, Step, Tape};
use lstm_gates::{Gate, GateValues, LstmParams, preactivation, sigmoid, tanh};

/// How a step is computed forward.
#[derive(Clone, Copy)]
pub(in crate::judge) struct Forward {
    /// What is done to the weights of every block before E1.
    weights: fn(&mut Gate<f64>),
    /// The activation of i, f and o.
    sigmoid: Scalar,
    /// The activation of g.
    tanh: Scalar,
    /// c_t (E6).
    cell: fn(&GateValues<f64>, &V) -> V,
    /// The activation of c_t in E7.
    squash: Scalar,
}

/// E1–E7 as they are.
const RIGHT: Forward = Forward {
    weights: |_| (),
    sigmoid,
    tanh,
    cell: lstm_cell::cell_state,
    squash: tanh,
};

/// The wrong rules, each with what is wrong.
pub(in crate::judge) fn forward() -> Vec<(&'static str, Forward)> {
    let mut all = gates();
    all.extend(cell());
    all
}

/// Mistakes in the gates (E1–E5).
fn gates() -> Vec<(&'static str, Forward)> {
    let weights = |weights| Forward { weights, ..RIGHT };
    let (no_sigmoid, no_tanh) = (|a| a, |a| a);
    vec![
        ("W_h is transposed", weights(|k| k.w_h.transpose_mut())),
        ("the bias is left out", weights(|k| k.b.fill(0.0))),
        ("the bias is subtracted", weights(|k| k.b.neg_mut())),
        ("W_h h_(t-1) is left out", weights(|k| k.w_h.fill(0.0))),
        ("W_x x_t is left out", weights(|k| k.w_x.fill(0.0))),
        (
            "the activation is left out",
            Forward {
                sigmoid: no_sigmoid,
                tanh: no_tanh,
                ..RIGHT
            },
        ),
        (
            "tanh is used for σ",
            Forward {
                sigmoid: tanh,
                ..RIGHT
            },
        ),
        (
            "σ is used for tanh",
            Forward {
                tanh: sigmoid,
                ..RIGHT
            },
        ),
    ]
}

/// Mistakes in the cell and the output (E6, E7).
fn cell() -> Vec<(&'static str, Forward)> {
    let cell = |cell| Forward { cell, ..RIGHT };
    let squash = |squash| Forward { squash, ..RIGHT };
    vec![
        (
            "i and f are exchanged",
            cell(|k, c| k.i_t.component_mul(c) + k.f_t.component_mul(&k.g_t)),
        ),
        (
            "the old cell state is not multiplied by f",
            cell(|k, c| c + k.i_t.component_mul(&k.g_t)),
        ),
        (
            "the old cell state is multiplied by 1 - f",
            cell(|k, c| c - k.f_t.component_mul(c) + k.i_t.component_mul(&k.g_t)),
        ),
        (
            "the candidate is not multiplied by i",
            cell(|k, c| k.f_t.component_mul(c) + &k.g_t),
        ),
        (
            "i g is subtracted and not added",
            cell(|k, c| k.f_t.component_mul(c) - k.i_t.component_mul(&k.g_t)),
        ),
        ("nothing is written", cell(|k, c| k.f_t.component_mul(c))),
        (
            "the old cell is lost",
            cell(|k, _| k.i_t.component_mul(&k.g_t)),
        ),
        ("the tanh of the cell is left out", squash(|c| c)),
        ("σ is used for the tanh of the cell", squash(sigmoid)),
        ("tanh is applied to c_t twice", squash(|c| tanh(tanh(c)))),
    ]
}

impl Forward {
    /// E1–E5
    pub fn gates(&self, p: &LstmParams<f64>, x_t: &V, h_prev: &V) -> GateValues<f64> {
        let of = |gate: &Gate<f64>, activation| {
            let mut gate = gate.clone();
            (self.weights)(&mut gate);
            preactivation(&gate, x_t, h_prev).map(activation)
        };
        GateValues {
            i_t: of(&p.i, self.sigmoid),
            f_t: of(&p.f, self.sigmoid),
            g_t: of(&p.g, self.tanh),
            o_t: of(&p.o, self.sigmoid),
        }
    }

    /// E6
    pub fn cell_state(&self, k: &GateValues<f64>, c_prev: &V) -> V {
        (self.cell)(k, c_prev)
    }

    /// E1–E7
    pub fn step(&self, p: &LstmParams<f64>, x_t: &V, previous: &State<f64>) -> Step<f64> {
        let gates = self.gates(p, x_t, &previous.h);
        let c_t = self.cell_state(&gates, &previous.c);
        let tanh_c_t = c_t.map(self.squash);
        Step {
            x_t: x_t.clone(),
            h_t: gates.o_t.component_mul(&tanh_c_t),
            gates,
            c_t,
            tanh_c_t,
        }
    }

    /// E1–E8
    pub fn sequence(&self, p: &LstmParams<f64>, xs: &[V], initial: &State<f64>) -> Tape<f64> {
        let mut tape = Tape {
            initial: initial.clone(),
            steps: Vec::new(),
        };
        for x_t in xs {
            let step = self.step(p, x_t, &tape.last());
            tape.steps.push(step);
        }
        tape
    }
}
