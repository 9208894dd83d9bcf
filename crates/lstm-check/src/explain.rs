//! The known mistakes that give a recording's numbers.

use crate::Mistake;
use crate::arrange::swapped;
use crate::check::{Finding, finding, is_gradient};
use crate::choice::Choice;
use crate::difference::difference;
use crate::precision::Allowances;
use crate::recorded::Understood;
use lstm_exchange::{Tensor, Tensors};

/// Mistakes in the forward pass if the outputs are wrong, else mistakes in the backward pass.
pub(crate) fn explain(read: &Understood, allowances: &Allowances) -> Vec<Mistake> {
    let compute = |mistake| read.lstm.compute(mistake);
    let agrees = |computed: &Tensors, gradients: bool| {
        let names = computed
            .keys()
            .filter(|name| is_gradient(name) == gradients);
        let findings = names.map(|name| finding(read, allowances, computed, name));
        let mut compared = findings.filter(Finding::is_compared).peekable();
        compared.peek().is_some() && compared.all(|finding| finding.is_ok())
    };
    let explained = |candidates: Vec<Mistake>, gradients: bool| -> Vec<Mistake> {
        let applying = candidates.into_iter().filter(|m| read.lstm.applies(*m));
        applying
            .filter(|m| agrees(&compute(Some(*m)), gradients))
            .collect()
    };
    if agrees(&compute(None), false) {
        return explained(Mistake::backward(), true);
    }
    let forward = explained(Mistake::forward(), false);
    if !forward.is_empty() {
        return forward;
    }
    // In a training trace wrong gradients also change the later losses and weights.
    explained(Mistake::backward(), false)
}

/// Whether only y disagrees, and would agree if its batch and time were swapped.
pub(crate) fn is_y_swapped(choice: &Choice) -> bool {
    let read = &choice.read;
    let mut others = choice.rows.iter().filter(|row| row.tensor != "y");
    let Some(y) = read
        .recording
        .tensors
        .get("y")
        .filter(|y| y.shape.len() == 3)
    else {
        return false;
    };
    let (swapped, computed) = (swapped(y), read.lstm.compute(None));
    let agrees = |found: &Tensor| {
        let relative = difference(found, &swapped).relative;
        relative <= choice.allowances.of("y", relative).tolerance
    };
    let found = computed
        .get("y")
        .filter(|found| found.shape == swapped.shape);
    others.all(|row| row.finding.is_ok()) && found.is_some_and(agrees)
}
