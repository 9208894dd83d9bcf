//! The description of a forecasting model: everything but its weights.

use super::reference::Relative;
use super::{Forecaster, ForecasterConfig, Objective, Reference, Scale};
use crate::data::series::{Columns, Step};
use lstm_model::{Engine, ModelError};
use lstm_train::Description;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The description of a forecasting model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForecasterDescription {
    /// The sizes of the network.
    pub network: ForecasterConfig,
    /// The columns of a table that the model reads and forecasts.
    pub columns: Columns,
    /// The time from one row to the next.
    pub step: Step,
    /// The number of rows that are forecast.
    pub horizon: usize,
    /// The rows of a season; 1 if there is none. The references, the baselines and MASE need it.
    pub season: usize,
    /// What the values are relative to that the network reads and forecasts.
    pub reference: Reference,
    /// What the numbers of the head mean.
    pub objective: Objective,
    /// The scaling of every series that was trained on, in the order of their ids.
    pub scales: Vec<SeriesScale>,
}

/// The scaling of one series (E33).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesScale {
    /// The series.
    pub id: String,
    /// The scales of the values of every column. The baselines use them.
    pub values: Vec<Scale>,
    /// The scales of what the network reads: the difference of a value from its reference.
    pub inputs: Vec<Scale>,
    /// The scales of what the network forecasts: the differences of the next H values from theirs.
    pub targets: Vec<Scale>,
    /// The scales of the columns that are known in advance.
    pub known: Vec<Scale>,
}

/// The longest horizon, and the longest season.
const LONGEST: usize = 100_000;

/// A scaled number as large as this saturates every gate that reads it; a larger one is read like it, so
/// that no product overflows.
pub(super) const FAR: f64 = 1e9;

impl ForecasterDescription {
    /// C, the columns that are forecast.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns.values.len()
    }

    /// R, the targets of one row: the horizon times the columns.
    #[must_use]
    pub fn targets(&self) -> usize {
        self.horizon * self.columns()
    }

    /// D: a value and whether it is present for each column, and the numbers that are known of each of
    /// the next H rows.
    pub(super) fn input_size(columns: &Columns, horizon: usize) -> usize {
        2 * columns.values.len() + horizon.saturating_mul(columns.known.len())
    }

    /// The reference of the values.
    pub(super) fn relative(&self) -> Relative {
        Relative {
            reference: self.reference,
            horizon: self.horizon,
            season: self.season,
        }
    }

    /// The scales of a series.
    #[must_use]
    pub fn scale(&self, id: &str) -> Option<&SeriesScale> {
        let place = self
            .scales
            .binary_search_by(|scale| scale.id.as_str().cmp(id));
        place.ok().map(|n| &self.scales[n])
    }

    /// x_t: what the network reads of one row, of which `differences` are those of the values from their
    /// references. `known` has the numbers of the next H rows, row by row.
    ///
    /// ```text
    /// x_t = [x̃_1, m_1, …, x̃_C, m_C, known of t + 1, …, known of t + H]
    /// ```
    /// x̃ and m are those of [`Scale::input`].
    pub(super) fn input<'a>(
        scale: &'a SeriesScale,
        differences: impl Iterator<Item = Option<f64>> + 'a,
        known: impl Iterator<Item = &'a [f64]> + 'a,
    ) -> impl Iterator<Item = f32> + 'a {
        let pair = |(scale, value): (&Scale, Option<f64>)| scale.input(value);
        let scaled = move |row: &'a [f64]| {
            let pairs = scale.known.iter().zip(row);
            pairs.map(|(scale, &number)| scale.apply(number).clamp(-FAR, FAR) as f32)
        };
        let values = scale.inputs.iter().zip(differences).flat_map(pair);
        values.chain(known.flat_map(scaled))
    }

    fn check_scales(&self) -> Result<(), ModelError> {
        let (columns, known) = (self.columns.values.len(), self.columns.known.len());
        let fits = |scale: &SeriesScale| {
            let of_values = [&scale.values, &scale.inputs, &scale.targets];
            of_values.iter().all(|scales| scales.len() == columns) && scale.known.len() == known
        };
        let ascending = self.scales.windows(2).all(|pair| pair[0].id < pair[1].id);
        if self.scales.is_empty() || !ascending || !self.scales.iter().all(fits) {
            let expected =
                "scales of every column, for at least one series, in the order of their ids";
            let found = self.scales.len();
            return Err(ModelError::setting(
                "number of scaled series",
                found,
                expected,
            ));
        }
        let scales = self.scales.iter();
        let mut scales = scales
            .flat_map(|s| [&s.values, &s.inputs, &s.targets, &s.known])
            .flatten();
        scales.try_for_each(Scale::check)
    }
}

impl Description for ForecasterDescription {
    const KIND: &'static str = "forecaster";
    type Network<R: Engine<Scalar = f32>> = Forecaster<R>;

    fn check(&self) -> Result<(), ModelError> {
        check_length("horizon", self.horizon)?;
        check_length("season", self.season)?;
        self.objective.check()?;
        if self.columns.values.is_empty() || self.columns.wrong_name().is_some() {
            let names: BTreeSet<&String> = self.columns.names().collect();
            let expected = "at least one column to forecast, and different names";
            return Err(ModelError::setting(
                "columns",
                format!("{names:?}"),
                expected,
            ));
        }
        if !self.step.is_positive() {
            let step = format!("{:?}", self.step);
            return Err(ModelError::setting("step", step, "a time above 0"));
        }
        self.network.check()?;
        let outputs = self.targets() * self.objective.per_target();
        if self.network.outputs != outputs {
            let (found, expected) = (
                self.network.outputs,
                "horizon × columns × numbers for each target",
            );
            return Err(ModelError::setting("number of outputs", found, expected));
        }
        if self.network.input_size != Self::input_size(&self.columns, self.horizon) {
            let expected = "2 × columns + horizon × known columns";
            return Err(ModelError::setting(
                "input size",
                self.network.input_size,
                expected,
            ));
        }
        self.check_scales()
    }

    fn parameter_count(&self) -> usize {
        self.network.parameter_count()
    }

    fn zeros<R: Engine<Scalar = f32>>(&self) -> Result<Forecaster<R>, ModelError> {
        self.check()?;
        Forecaster::zeros(self.network.clone())
    }

    fn init<R: Engine<Scalar = f32>>(&self, seed: u64) -> Result<Forecaster<R>, ModelError> {
        self.check()?;
        Forecaster::init(self.network.clone(), seed)
    }
}

/// A horizon, a season or a context.
pub(super) fn check_length(setting: &'static str, value: usize) -> Result<(), ModelError> {
    const { assert!(LONGEST == 100_000) };
    if (1..=LONGEST).contains(&value) {
        return Ok(());
    }
    Err(ModelError::setting(
        setting,
        value,
        "at least 1 and at most 100000",
    ))
}
