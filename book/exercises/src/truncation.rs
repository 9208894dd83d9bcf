//! Chapter *Truncation*: E9 and E11, cut. `cargo test -p exercises truncation::`

use lstm_bptt::LossGradient;
use lstm_cell::{State, Tape};
use lstm_gates::LstmParams;
use nalgebra::DVector;

/// The way back over the whole tape, cut at every edge between windows of `window` steps, counted
/// from step 1: there the sum in E9 and the second term of E11 are zero. The beginning of the first
/// window is no such edge: dh_0 and dc_0 are those of E17.
///
/// Gradients of the weights are *added* to `grad`; dx_1 … dx_T and the gradient of the initial state
/// are returned. With `window` ≥ T nothing is cut.
pub fn backward_truncated(
    p: &LstmParams<f64>,
    tape: &Tape<f64>,
    loss: &LossGradient<f64>,
    window: usize,
    grad: &mut LstmParams<f64>,
) -> (Vec<DVector<f64>>, State<f64>) {
    todo!("the walk of bptt::backward, and one condition more")
}

/// The same gradient of the weights, one window after another: run a window forward from the state
/// that the window before left, then run it back by itself. States cross the edge; gradients do not.
///
/// `dh` is the direct gradient on every h_t, T vectors of length H; nothing reads the last state.
/// The last window may be shorter than `window`.
///
/// `lstm_cell::sequence` and `lstm_bptt::backward` do a window each way.
pub fn gradient_by_windows(
    p: &LstmParams<f64>,
    xs: &[DVector<f64>],
    initial: State<f64>,
    dh: &[DVector<f64>],
    window: usize,
) -> LstmParams<f64> {
    todo!("for each window: forward from the carried state, back, carry the new state")
}
