//! Back-propagation through time.

mod step;
mod sequence;

pub use sequence::{backward, clip_global_norm};
pub use step::{
    accumulate, cell_gradient, gate_gradients, input_gradient, recurrent_gradient, step_back,
};

use super::case::H;
use super::known::{Backward, RIGHT};
use super::{Tensors, Verdict, list, tensor};
use lstm_bptt::{LossGradient, StepGradient};
use lstm_cell::{State, Tape};
use lstm_gates::{BLOCKS, LstmParams};
use nalgebra::DVector;

type V = DVector<f64>;

/// The parts that a backward pass computes, step by step (from 0); a correct one computes all.
#[derive(Clone, Copy)]
pub(super) struct Keep {
    /// Whether step t passes dh on to step t − 1.
    pub h: fn(usize) -> bool,
    /// Whether step t passes dc on to step t − 1.
    pub c: fn(usize) -> bool,
    /// Whether step t adds to the gradients of the weights.
    pub share: fn(usize) -> bool,
    /// Whether the gradient of W_h uses h_t instead of h_{t−1}.
    pub h_t: bool,
    /// The direct gradient on h_t.
    pub direct: fn(&LossGradient<f64>, usize) -> V,
    /// dc_{t+1} ⊙ f_{t+1} for step t, from the tape, t + 1 and the gradients of step t + 1.
    pub carousel: fn(&Tape<f64>, usize, &StepGradient<f64>) -> V,
    /// The backward pass of a step.
    pub step: Backward,
}

/// A correct backward pass.
pub(super) const ALL: Keep = Keep {
    h: |_| true,
    c: |_| true,
    share: |_| true,
    h_t: false,
    direct: |loss, t| loss.dh[t].clone(),
    carousel: |_, _, step| step.dc_prev.clone(),
    step: RIGHT,
};

/// The backward pass over a tape (E9–E17), with the parts in `keep`.
pub(super) fn walk(
    p: &LstmParams<f64>,
    tape: &Tape<f64>,
    loss: &LossGradient<f64>,
    keep: &Keep,
    grad: &mut LstmParams<f64>,
) -> (Vec<V>, State<f64>) {
    let (mut dh, mut dc, mut dx) = (loss.last.h.clone(), loss.last.c.clone(), Vec::new());
    for (t, s) in tape.steps.iter().enumerate().rev() {
        let dh_t = (keep.direct)(loss, t) + &dh;
        let step = keep.step.step_back(p, s, tape.c_prev(t), &dh_t, &dc);
        if (keep.share)(t) {
            lstm_bptt::accumulate(
                grad,
                &step.gates,
                &s.x_t,
                if keep.h_t { &s.h_t } else { tape.h_prev(t) },
            );
        }
        let kept = |keep: fn(usize) -> bool, d: V| if keep(t) { d } else { V::zeros(H) };
        let carousel = (keep.carousel)(tape, t, &step);
        (dh, dc) = (kept(keep.h, step.dh_prev), kept(keep.c, carousel));
        dx.push(step.dx_t);
    }
    dx.reverse();
    (dx, State { h: dh, c: dc })
}

/// Checks that there is a dx for every step.
pub(super) fn same_steps(found: &Tensors, expected: &Tensors) -> Verdict {
    let steps = |all: &Tensors| {
        all.iter()
            .filter(|(name, _)| name.starts_with("dx"))
            .count()
    };
    super::equal("the length of dx", &steps(found), &steps(expected), &[])
}

/// The gradients of a backward pass, by name.
pub(super) fn walked(grad: &LstmParams<f64>, dx: &[V], initial: &State<f64>) -> Tensors {
    let mut all = weights(grad);
    all.extend([
        list("dh_0", initial.h.as_slice()),
        list("dc_0", initial.c.as_slice()),
    ]);
    all.extend(
        dx.iter()
            .enumerate()
            .map(|(t, dx_t)| list(format!("dx[{t}]"), dx_t.as_slice())),
    );
    all
}

/// The gradients of the weights by name.
pub(super) fn weights(grad: &LstmParams<f64>) -> Tensors {
    let of = |(k, gate): (char, &lstm_gates::Gate<f64>)| {
        [
            tensor(
                format!("grad.{k}.w_x"),
                gate.w_x.shape(),
                gate.w_x.as_slice(),
            ),
            tensor(
                format!("grad.{k}.w_h"),
                gate.w_h.shape(),
                gate.w_h.as_slice(),
            ),
            list(format!("grad.{k}.b"), gate.b.as_slice()),
        ]
    };
    BLOCKS.into_iter().zip(grad.blocks()).flat_map(of).collect()
}
