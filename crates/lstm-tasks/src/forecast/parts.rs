//! The split of every series into a training, a validation and a test part, by time.

use crate::data::series::{Series, Step};
use lstm_model::ModelError;
use serde::{Deserialize, Serialize};

/// The fractions of the time that are held out, at its end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOut {
    /// For validation, before the test part.
    pub validation: f64,
    /// For the test, at the very end.
    pub test: f64,
}

impl Default for HeldOut {
    fn default() -> Self {
        Self {
            validation: 0.15,
            test: 0.15,
        }
    }
}

/// The rows at which the validation part and the test part of a series begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cuts {
    /// The number of rows to train on.
    pub train: usize,
    /// The number of rows before the test part.
    pub test: usize,
}

impl HeldOut {
    pub(crate) fn check(&self) -> Result<(), ModelError> {
        let Self { validation, test } = *self;
        ModelError::check_rate("validation fraction", validation)?;
        ModelError::check_rate("test fraction", test)?;
        if validation + test < 1.0 {
            return Ok(());
        }
        let expected = "less than 1, so that something is left to train on";
        Err(ModelError::setting(
            "held-out fraction",
            validation + test,
            expected,
        ))
    }

    /// The cuts of every series. With a time column they fall at the same times in all series, so that
    /// no series tells what becomes of another; without one, each is cut by its rows.
    #[must_use]
    pub fn cuts(&self, series: &[Series], step: Step) -> Vec<Cuts> {
        let last = |one: &Series| position(one, step, one.len() - 1);
        let first = series.iter().filter_map(|one| position(one, step, 0));
        let (first, last) = (
            first.fold(f64::INFINITY, f64::min),
            series
                .iter()
                .filter_map(last)
                .fold(f64::NEG_INFINITY, f64::max),
        );
        let (validation, test) = (1.0 - self.validation - self.test, 1.0 - self.test);
        let cut = |one: &Series, fraction: f64| -> usize {
            if one.start.is_none() {
                return (fraction * one.len() as f64).round() as usize;
            }
            let at = first + fraction * (last - first);
            let is_before = |&row: &usize| position(one, step, row).is_some_and(|here| here < at);
            // All rows of the last part of the time, if nothing is held out.
            if fraction >= 1.0 {
                return one.len();
            }
            let rows: Vec<usize> = (0..one.len()).collect();
            rows.partition_point(is_before)
        };
        let cuts = |one: &Series| Cuts {
            train: cut(one, validation),
            test: cut(one, test),
        };
        series.iter().map(cuts).collect()
    }
}

fn position(series: &Series, step: Step, row: usize) -> Option<f64> {
    Some(step.after(series.start?, row as i64)?.position())
}
