//! The known mistakes that give a recording's numbers.

use crate::check::{finding, is_gradient};
use crate::recorded::RecordedLstm;
use crate::{Mistake, Recording};
use lstm_exchange::Tensors;

/// Mistakes in the forward pass if the outputs are wrong, else mistakes in the backward pass.
pub(crate) fn explain(recording: &Recording, lstm: &dyn RecordedLstm) -> Vec<Mistake> {
    let agrees = |computed: &Tensors, gradients: bool| {
        let mut some = computed
            .keys()
            .filter(|name| is_gradient(name) == gradients)
            .peekable();
        some.peek().is_some() && some.all(|name| finding(recording, computed, name).is_ok())
    };
    let explained = |candidates: Vec<Mistake>, gradients: bool| -> Vec<Mistake> {
        let agrees = |m: &Mistake| agrees(&lstm.compute(Some(*m)), gradients);
        candidates.into_iter().filter(agrees).collect()
    };
    if agrees(&lstm.compute(None), false) {
        return explained(Mistake::backward(), true);
    }
    let forward = explained(Mistake::forward(), false);
    if !forward.is_empty() {
        return forward;
    }
    // In a training trace wrong gradients also change the later losses and weights.
    explained(Mistake::backward(), false)
}
