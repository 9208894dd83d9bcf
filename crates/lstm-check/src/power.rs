//! Which mistakes a recording would reveal.

use crate::check::{Finding, finding, is_gradient, open};
use crate::recorded::{RecordedLstm, understand};
use crate::{CheckError, Mistake, Recording};
use std::path::Path;

/// Which wrong LSTMs a recording tells from a correct one.
#[derive(Clone, Debug, Default)]
pub struct Power {
    /// The mistakes that it reveals, each with the largest relative difference of a tensor.
    pub rejected: Vec<(Mistake, f64)>,
    /// The mistakes that it does not reveal.
    pub passed: Vec<Mistake>,
}

/// Makes every mistake that applies to a recording and compares the results with the recorded tensors.
///
/// A mistake in the forward pass must show in the outputs, one in the backward pass in the gradients.
///
/// # Errors
/// If the recording has an unknown format, or an option that is not supported.
pub fn power(recording: &Recording) -> Result<Power, CheckError> {
    Ok(measure(recording, &*understand(recording)?.lstm))
}

/// The power of a file, as [`check`](crate::check()) reads it.
///
/// # Errors
/// If the file cannot be read, has an unknown format, or has an option that is not supported.
pub fn power_of(path: &Path) -> Result<Power, CheckError> {
    let (recording, understood) = open(path)?;
    Ok(measure(&recording, &*understood.lstm))
}

fn measure(recording: &Recording, lstm: &dyn RecordedLstm) -> Power {
    let mut power = Power::default();
    let mistakes = Mistake::all().into_iter();
    for mistake in mistakes.filter(|&mistake| lstm.applies(mistake)) {
        let computed = lstm.compute(Some(mistake));
        let concerned = computed
            .keys()
            .filter(|name| is_gradient(name) == mistake.is_backward());
        let off = concerned.filter_map(|name| match finding(recording, &computed, name) {
            Finding::Compared {
                difference,
                tolerance,
            } if difference.relative > tolerance => Some(difference.relative),
            _ => None,
        });
        match off.reduce(f64::max) {
            Some(off) => power.rejected.push((mistake, off)),
            None => power.passed.push(mistake),
        }
    }
    power
}
