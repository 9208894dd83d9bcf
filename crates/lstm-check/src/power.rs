//! Which mistakes a recording would reveal.

use crate::check::{Finding, finding, is_gradient, open};
use crate::choice::{Choice, choose};
use crate::recorded::{Understood, understand};
use crate::{CheckError, Mistake, Recording, Tolerance};
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
    Ok(measure(understand(recording)?, Tolerance::ByType))
}

/// The power of a file, as [`check`](crate::check()) reads it.
///
/// # Errors
/// If the file cannot be read, has an unknown format, or has an option that is not supported.
pub fn power_of(path: &Path) -> Result<Power, CheckError> {
    power_within(path, Tolerance::ByType)
}

/// The power of a file at a tolerance.
///
/// # Errors
/// As [`power_of`].
pub fn power_within(path: &Path, tolerance: Tolerance) -> Result<Power, CheckError> {
    Ok(measure(open(path)?, tolerance))
}

/// A check finds a known mistake if its effect exceeds a tenth of the tolerance (see `precision`).
fn measure(readings: Vec<Understood>, tolerance: Tolerance) -> Power {
    let Choice {
        read, allowances, ..
    } = choose(readings, tolerance);
    let narrow = allowances.narrow();
    let mut power = Power::default();
    let mistakes = Mistake::all().into_iter();
    for mistake in mistakes.filter(|&mistake| read.lstm.applies(mistake)) {
        let computed = read.lstm.compute(Some(mistake));
        let concerned = computed
            .keys()
            .filter(|name| is_gradient(name) == mistake.is_backward());
        let off = concerned.filter_map(|name| match finding(&read, &narrow, &computed, name) {
            Finding::Compared {
                difference,
                tolerance,
                ..
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
