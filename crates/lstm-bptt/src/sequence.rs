//! The backward pass over a sequence, whole or cut into windows.

use crate::check::check;
use crate::{BpttError, GradientFlow, accumulate, step_back};
use lstm_cell::{State, Tape};
use lstm_gates::LstmParams;
use nalgebra::{DVector, RealField};

// ANCHOR: loss_gradient
/// The gradient of the loss on the outputs of the layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LossGradient<T> {
    /// (∂L/∂h_t)_direct of every step, T vectors of length H.
    pub dh: Vec<DVector<T>>,
    /// The gradient on the final state, h_T and c_T; usually zero. `last.h` adds to `dh[T−1]`.
    pub last: State<T>,
}
// ANCHOR_END: loss_gradient

/// The gradients that the backward pass over a sequence returns.
#[derive(Clone, Debug, PartialEq)]
pub struct SequenceGradient<T> {
    /// dx_t of every step, T vectors of length D (E15).
    pub dx: Vec<DVector<T>>,
    /// dh_0 and dc_0 (E17): through them an encoder learns from its decoder.
    pub initial: State<T>,
    /// How large the gradient was at every step.
    pub flow: GradientFlow<T>,
}

// ANCHOR: backward
/// Back-propagation through time over the whole tape (E9–E17). Gradients of the weights are *added*
/// to `grad`; the caller zeroes it.
///
/// Shapes: `loss.dh` T vectors of length H; `loss.last` H; `grad` as `p`.
///
/// ```
/// use lstm_bptt::{LossGradient, backward};
/// use lstm_cell::{State, sequence};
/// use lstm_gates::LstmParams;
/// use nalgebra::dvector;
///
/// // All weights zero: f = 1/2 at every step, so a gradient on c_3 halves three times.
/// let p = LstmParams::<f64>::zeros(1, 1);
/// let tape = sequence(&p, &vec![dvector![1.0]; 3], State::zeros(1))?;
/// let loss = LossGradient {
///     dh: vec![dvector![0.0]; 3],
///     last: State { h: dvector![0.0], c: dvector![8.0] },
/// };
/// let mut grad = LstmParams::zeros(1, 1);
/// let back = backward(&p, &tape, &loss, &mut grad)?;
/// assert_eq!(back.initial.c[0], 1.0);
/// assert_eq!(back.flow.dc, [2.0, 4.0, 8.0]);
/// assert_eq!(grad.g.b[0], 7.0); // Σ_t dc_t · i_t · (1 − 0) = (2 + 4 + 8) / 2
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`BpttError`] if the shapes of `p`, `tape`, `loss` and `grad` do not fit together.
pub fn backward<T: RealField + Copy>(
    p: &LstmParams<T>,
    tape: &Tape<T>,
    loss: &LossGradient<T>,
    grad: &mut LstmParams<T>,
) -> Result<SequenceGradient<T>, BpttError> {
    backward_truncated(p, tape, loss, tape.seq_len().max(1), grad)
}
// ANCHOR_END: backward

// ANCHOR: backward_truncated
/// Truncated back-propagation through time: the same loop, but at every edge between windows of
/// `window` steps (counted from step 1) the sums in E9 and E11 are cut. The forward pass carried its
/// states across the edge; the backward pass does not carry gradients across it. If `window` is at
/// least the length of the sequence, it is [`backward`].
///
/// # Errors
/// [`BpttError`] if `window` is 0, or if the shapes of `p`, `tape`, `loss` and `grad` do not fit
/// together. `grad` is unchanged then.
pub fn backward_truncated<T: RealField + Copy>(
    p: &LstmParams<T>,
    tape: &Tape<T>,
    loss: &LossGradient<T>,
    window: usize,
    grad: &mut LstmParams<T>,
) -> Result<SequenceGradient<T>, BpttError> {
    check(p, tape, loss, window, grad)?;
    let seq_len = tape.seq_len();
    let mut dx = Vec::with_capacity(seq_len);
    let mut flow = GradientFlow::with_capacity(seq_len);
    // ANCHOR: backward_loop
    let mut dh_next = loss.last.h.clone();
    let mut dc_next = loss.last.c.clone();
    for t in (0..seq_len).rev() {
        let dh_t = &loss.dh[t] + &dh_next; // E9
        let back = step_back(p, &tape.steps[t], tape.c_prev(t), &dh_t, &dc_next); // E10–E15
        accumulate(grad, &back.gates, &tape.steps[t].x_t, tape.h_prev(t)); // E16
        flow.push(&dh_t, &back.dc_t);
        dx.push(back.dx_t);
        (dh_next, dc_next) = (back.dh_prev, back.dc_prev);
        // ANCHOR_END: backward_loop
        if t > 0 && t % window == 0 {
            dh_next.fill(T::zero());
            dc_next.fill(T::zero());
        }
    }
    dx.reverse();
    flow.reverse();
    Ok(SequenceGradient {
        dx,
        initial: State {
            h: dh_next,
            c: dc_next,
        },
        flow,
    })
}
// ANCHOR_END: backward_truncated
