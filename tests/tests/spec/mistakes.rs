//! Checks that the recorded vectors tell a correct LSTM from a wrong one.

use crate::mistake::{backward_mistakes, forward_mistakes};
use crate::plain::Case;
use crate::torch::computed_by_the_crates;
use crate::vectors::{Tensors, Vectors, assert_agree};
use lstm_bptt::oracle::disagreement;
use lstm_check::Mistake;

/// The worst disagreement of any tensor, relative to the tensor's largest element.
pub fn worst(found: &Tensors, expected: &Tensors) -> f64 {
    let of = |(name, found): (&String, &Vec<f64>)| disagreement(found, &expected[name]).relative;
    found.iter().map(of).fold(0.0, f64::max)
}

#[test]
fn the_plain_lstm_without_a_mistake_is_pytorchs_and_ours() {
    let v = Vectors::load("one_layer");
    let case = Case::recorded(&v);
    let mut plain = case.outputs(None);
    plain.extend(case.gradients(None));
    // Measured: 5e−16 against either.
    assert_agree(&plain, &v.results(), 1e-14);
    assert_agree(&plain, &computed_by_the_crates(&v), 1e-14);
}

// ANCHOR: rejected
/// A forward mistake must show in the outputs: its gradients may be right for the wrong cell.
#[test]
fn every_mistake_is_rejected_by_the_vector_of_one_layer() {
    let v = Vectors::load("one_layer");
    let (case, expected) = (Case::recorded(&v), v.results());
    let forward = Mistake::wrong_orders()
        .into_iter()
        .chain(forward_mistakes());
    let seen_forward = forward.map(|m| (m, worst(&case.outputs(Some(m)), &expected)));
    let backward = backward_mistakes().into_iter();
    let seen_backward = backward.map(|m| (m, worst(&case.gradients(Some(m)), &expected)));
    let all: Vec<(Mistake, f64)> = seen_forward.chain(seen_backward).collect();
    // Measured: at least 0.18, where the tanh of the cell is dropped.
    let slipped: Vec<_> = all.iter().filter(|(_, seen)| *seen < 0.1).collect();
    assert!(slipped.is_empty(), "slipped through: {slipped:?}");
    assert_eq!(all.len(), 23 + 10 + 28);
}
// ANCHOR_END: rejected
