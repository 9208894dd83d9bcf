//! The gradient of truncated back-propagation through time against the whole one.

use crate::mailbox::answer;
use lstm_bptt::{LossGradient, backward_truncated};
use lstm_cell::{State, Tape, sequence};
use lstm_gates::{Init, LstmParams};
use lstm_model::Purpose;
use nalgebra::DVector;
use rand::RngExt;

/// The steps of the sequence, and the longest window.
pub const STEPS: usize = 48;
const INPUT_SIZE: usize = 4;
const HIDDEN_SIZE: usize = 16;

/// In: the forget bias. Out: ‖g_window − g‖ / ‖g‖ over all weights for the windows 1 … 48; then ‖dx_t‖ of
/// each step with windows of `window` steps, and without truncation. The weights and the inputs are random,
/// and the loss reads every h_t.
pub fn truncation(mailbox: &mut [f64], window: usize) -> Option<usize> {
    if !(1..=STEPS).contains(&window) {
        return None;
    }
    let mut rng = Purpose::Check.rng(2, 0, 0);
    let mut p = LstmParams::<f64>::init(Init::GlorotOrthogonal, INPUT_SIZE, HIDDEN_SIZE, &mut rng);
    p.f.b.fill(mailbox[0]);
    // Their variance is 1.
    let bound = 3.0_f64.sqrt();
    let mut draw = |n: usize| DVector::from_fn(n, |_, _| rng.random_range(-bound..bound));
    let xs: Vec<_> = (0..STEPS).map(|_| draw(INPUT_SIZE)).collect();
    let loss = LossGradient {
        dh: (0..STEPS).map(|_| draw(HIDDEN_SIZE)).collect(),
        last: State::zeros(HIDDEN_SIZE),
    };
    let tape = sequence(&p, &xs, State::zeros(HIDDEN_SIZE)).ok()?;
    let (whole, whole_dx) = gradient(&p, &tape, &loss, STEPS)?;
    let mut out = Vec::new();
    for window in 1..=STEPS {
        let (truncated, _) = gradient(&p, &tape, &loss, window)?;
        out.push((truncated - &whole).norm() / whole.norm());
    }
    let (_, dx) = gradient(&p, &tape, &loss, window)?;
    out.extend(dx.iter().chain(&whole_dx).map(DVector::norm));
    answer(mailbox, &out)
}

/// All weights' gradients in one column, and dx_1 … dx_T.
fn gradient(
    p: &LstmParams<f64>,
    tape: &Tape<f64>,
    loss: &LossGradient<f64>,
    window: usize,
) -> Option<(DVector<f64>, Vec<DVector<f64>>)> {
    let mut grad = LstmParams::zeros(INPUT_SIZE, HIDDEN_SIZE);
    let back = backward_truncated(p, tape, loss, window, &mut grad).ok()?;
    Some((DVector::from_vec(grad.slices().concat()), back.dx))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(bias: f64) -> Vec<f64> {
        let mut mailbox = vec![0.0; 200];
        mailbox[0] = bias;
        assert_eq!(truncation(&mut mailbox, 8), Some(3 * STEPS));
        mailbox[..STEPS].to_vec()
    }

    #[test]
    fn the_better_a_layer_remembers_the_more_a_window_hides() {
        let [forgetful, usual, lasting] = [-2.0, 1.0, 4.0].map(errors);
        for of in [&forgetful, &usual, &lasting] {
            assert_eq!(of[STEPS - 1], 0.0);
        }
        for window in [4, 8, 16] {
            assert!(forgetful[window] < usual[window] && usual[window] < lasting[window]);
        }
    }

    #[test]
    fn a_window_without_steps_has_no_answer() {
        let mut mailbox = vec![0.0; 200];
        assert_eq!(truncation(&mut mailbox, 0), None);
        assert_eq!(truncation(&mut mailbox, STEPS + 1), None);
    }
}
