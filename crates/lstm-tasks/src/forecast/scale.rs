//! Scaling (E33).

use super::description::FAR;
use lstm_model::ModelError;
use serde::{Deserialize, Serialize};

/// The mean and the standard deviation of one column of one series.
///
/// Both come from the training part alone. Taken from all rows, they would tell the model about the
/// level and the spread of the values that it is asked to forecast. Every series has its own: what a
/// model learns from a small shop is then true of a large one, too.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// μ of E33.
    pub mean: f64,
    /// s of E33, above 0.
    pub deviation: f64,
}

/// A table has no larger number, so no scale has one either.
const LARGEST: f64 = 1e100;

/// The least deviation of differences, in deviations of the values.
const LEAST: f64 = 1e-3;

impl Scale {
    // ANCHOR: fit
    /// μ and s of the values that are present; `None` if there are fewer than two. The s of a constant
    /// is 1.
    ///
    /// ```text
    /// μ = (1/n) Σ x,   s² = (1/n) Σ (x − μ)²                                   (E33)
    /// ```
    ///
    /// ```
    /// # use lstm_tasks::forecast::Scale;
    /// let scale = Scale::fit([Some(1.0), None, Some(5.0)]).unwrap();
    /// assert_eq!((scale.mean, scale.deviation), (3.0, 2.0));
    /// assert_eq!(scale.apply(7.0), 2.0);
    /// assert_eq!(scale.undo(2.0), 7.0);
    /// ```
    pub fn fit(values: impl IntoIterator<Item = Option<f64>>) -> Option<Self> {
        let Self { mean, deviation } = Self::moments(values)?;
        // The rounding error of the mean is no spread.
        let is_constant = deviation <= 1e-12 * mean.abs() || deviation == 0.0;
        let deviation = if is_constant { 1.0 } else { deviation };
        Some(Self { mean, deviation })
    }
    // ANCHOR_END: fit

    /// μ and s of differences from a reference, of which s is at least a thousandth of that of the values
    /// themselves: a series that repeats itself exactly has differences without any spread.
    pub(super) fn fit_differences(
        values: Self,
        differences: impl IntoIterator<Item = Option<f64>>,
    ) -> Self {
        let fitted = Self::moments(differences).unwrap_or(Self {
            mean: 0.0,
            ..values
        });
        Self {
            deviation: fitted.deviation.max(LEAST * values.deviation),
            ..fitted
        }
    }

    fn moments(values: impl IntoIterator<Item = Option<f64>>) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().flatten().collect();
        if values.len() < 2 {
            return None;
        }
        let n = values.len() as f64;
        let mean = values.iter().map(|x| x / n).sum::<f64>();
        let variance = values.iter().map(|x| (x - mean).powi(2) / n).sum::<f64>();
        let deviation = variance.sqrt();
        Some(Self { mean, deviation })
    }

    /// x̃ = (x − μ) / s (E33), where x is a value or its difference from a reference.
    #[must_use]
    pub fn apply(&self, x: f64) -> f64 {
        (x - self.mean) / self.deviation
    }

    /// x̃ of a value that may be missing, and m: what a network reads of it.
    ///
    /// A missing value is 0 with m = 0: 0 is the mean in the training part, and m tells the network that
    /// it is no measurement.
    pub(crate) fn input(&self, value: Option<f64>) -> [f32; 2] {
        let scaled = value.map_or(0.0, |value| self.apply(value).clamp(-FAR, FAR) as f32);
        [scaled, f32::from(u8::from(value.is_some()))]
    }

    /// x = μ + s x̃: a forecast in the units of the data.
    #[must_use]
    pub fn undo(&self, scaled: f64) -> f64 {
        self.mean + self.deviation * scaled
    }

    pub(crate) fn check(&self) -> Result<(), ModelError> {
        let Self { mean, deviation } = *self;
        if mean.abs() <= LARGEST && (1.0 / LARGEST..=LARGEST).contains(&deviation) {
            return Ok(());
        }
        let found = format!("{mean:e} and {deviation:e}");
        let expected = "a mean of at most 1e100 and a positive standard deviation of at most 1e100";
        Err(ModelError::setting("scale of a series", found, expected))
    }
}
