//! Chapter *Truncation*: E9 and E11, truncated. `cargo test -p exercises truncation::`

use lstm_bptt::LossGradient;
use lstm_cell::{State, Tape};
use lstm_gates::LstmParams;
use nalgebra::DVector;

/// The backward pass over a tape, truncated at every edge between windows of `window` steps, counted
/// from step 1: at an edge the sum in E9 and the second term of E11 are zero. The start of the first
/// window is not an edge: dh_0 and dc_0 are those of E17.
///
/// *Adds* the gradients of the weights to `grad`, and returns dx_1 … dx_T and the gradient of the
/// initial state. With `window` at least the length of the sequence, nothing is
/// truncated.
pub fn backward_truncated(
    p: &LstmParams<f64>,
    tape: &Tape<f64>,
    loss: &LossGradient<f64>,
    window: usize,
    grad: &mut LstmParams<f64>,
) -> (Vec<DVector<f64>>, State<f64>) {
    todo!("bptt::backward with one more condition")
}

/// The same gradient of the weights, window by window: run the forward pass of a window from the final
/// state of the window before, then its backward pass. States cross the edge, gradients do not.
///
/// `dh` is the direct gradient on every h_t, T vectors of length H; the loss does not depend on the
/// last state otherwise.
/// The last window may be shorter than `window`.
///
/// `lstm_cell::sequence` and `lstm_bptt::backward` are the two passes of a window.
pub fn gradient_by_windows(
    p: &LstmParams<f64>,
    xs: &[DVector<f64>],
    initial: State<f64>,
    dh: &[DVector<f64>],
    window: usize,
) -> LstmParams<f64> {
    todo!("for each window: forward from the carried state, backward, carry the new state")
}
