//! Chapter *The cell*: E6–E8. `cargo test -p exercises cell::`

use lstm_cell::{State, Step, Tape};
use lstm_gates::{GateValues, LstmParams};
use nalgebra::DVector;

/// The new cell state.
///
/// ```text
/// c_t = f_t ⊙ c_{t−1} + i_t ⊙ g_t        (E6)
/// ```
/// Shapes: everything H. `a.component_mul(&b)` is a ⊙ b.
pub fn cell_state(k: &GateValues<f64>, c_prev: &DVector<f64>) -> DVector<f64> {
    todo!("keep a part of the old cell, add a part of the candidate")
}

/// The new hidden state.
///
/// ```text
/// h_t = o_t ⊙ tanh(c_t)                  (E7)
/// ```
/// Shapes: everything H. The argument is tanh(c_t), which the backward pass needs again.
pub fn hidden_state(o_t: &DVector<f64>, tanh_c_t: &DVector<f64>) -> DVector<f64> {
    todo!("what the output gate lets through")
}

/// One step of the LSTM (E1–E7). The [`Step`] keeps everything that it computes.
///
/// Shapes: `x_t` D; both states and every other field of the result H.
///
/// `lstm_gates::gates` gives the four gates (E1–E5).
pub fn step(p: &LstmParams<f64>, x_t: &DVector<f64>, previous: &State<f64>) -> Step<f64> {
    todo!("the gates, then c_t, tanh(c_t) and h_t, then a Step of all of them")
}

/// The LSTM over a sequence (E1–E8): T steps, each from the state after the previous one, the first
/// from `initial`.
///
/// Shapes: every element of `xs` D; both states of `initial` H.
///
/// `lstm_cell::step` is one step; `tape.last()` is the state after the last of `tape.steps`, or
/// `initial` if there is none.
pub fn sequence(p: &LstmParams<f64>, xs: &[DVector<f64>], initial: State<f64>) -> Tape<f64> {
    todo!("a Tape of the initial state and one Step for each input")
}
