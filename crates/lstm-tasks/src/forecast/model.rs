//! A trained forecasting model.

use super::{Forecaster, ForecasterDescription, SeriesScale};
use crate::TasksError;
use crate::data::series::Series;
use lstm_model::{BatchState, Engine};
use lstm_train::{StoredModel, TrainError};
use nalgebra::DMatrix;
use std::path::Path;

/// A trained forecasting model.
pub struct ForecastModel<R: Engine> {
    /// The description.
    pub description: ForecasterDescription,
    /// The network.
    pub network: Forecaster<R>,
}

/// The quantiles of every target of a row, in the units of the data: those of column c in k + 1 rows are
/// at k·C + c.
pub type Forecast = Vec<Vec<f64>>;

impl<R: Engine<Scalar = f32>> ForecastModel<R> {
    /// Reads a model file, or the last model in a run's directory.
    ///
    /// # Errors
    /// As [`StoredModel::read`] and [`StoredModel::network`].
    pub fn load(path: &Path) -> Result<Self, TrainError> {
        let (description, network) = StoredModel::<ForecasterDescription>::read(path)?.network()?;
        Ok(Self {
            description,
            network,
        })
    }

    /// A reader of the series with this id, before its first row; `None` if the model was not trained on
    /// such a series and so cannot scale it.
    #[must_use]
    pub fn reader(&self, id: &str) -> Option<SeriesReader<'_, R>> {
        Some(SeriesReader {
            scale: self.description.scale(id)?,
            states: self.network.stack.zero_states(1),
            past: vec![Vec::new(); self.description.columns()],
            z: Vec::new(),
            model: self,
        })
    }
}

/// Reads the rows of a series one by one and forecasts the next ones.
///
/// A row costs the same whether it comes from a file or as it is measured, and gives the same bits: the
/// states are carried, and nothing is read twice.
pub struct SeriesReader<'a, R: Engine> {
    model: &'a ForecastModel<R>,
    scale: &'a SeriesScale,
    states: Vec<BatchState<R::Scalar>>,
    /// The values to which a reference looks back, column by column.
    past: Vec<Vec<Option<f64>>>,
    z: Vec<f32>,
}

impl<R: Engine<Scalar = f32>> SeriesReader<'_, R> {
    /// Reads the values of the next row, and the numbers that are known of each of the H rows after it.
    pub fn read(&mut self, values: &[Option<f64>], known: &[Vec<f64>]) {
        let (known, relative) = (
            known.iter().map(Vec::as_slice),
            self.model.description.relative(),
        );
        let columns = self.past.iter().zip(values);
        let differences = columns.map(|(past, value)| relative.difference(past, *value));
        let input = ForecasterDescription::input(self.scale, differences, known);
        let mut x = DMatrix::zeros(self.model.description.network.input_size, 1);
        for (to, from) in x.iter_mut().zip(input) {
            *to = from;
        }
        let (z, states) = self.model.network.read(&x, &self.states);
        self.z = z.as_slice().to_vec();
        self.states = states;
        for (past, value) in self.past.iter_mut().zip(values) {
            past.push(*value);
            // Now and then, so that a row takes the same time on average however long the series is.
            if past.len() > 2 * relative.reach() {
                past.drain(..past.len() - relative.reach());
            }
        }
    }

    /// Reads row `row` of a series.
    pub fn read_row(&mut self, series: &Series, row: usize) {
        let values: Vec<_> = series.values.iter().map(|column| column[row]).collect();
        let next = row + 1..series.len().min(row + 1 + self.model.description.horizon);
        let known = |row: usize| series.known.iter().map(|column| column[row]).collect();
        self.read(&values, &next.map(known).collect::<Vec<_>>());
    }

    /// The forecast of the next H rows.
    ///
    /// # Errors
    /// [`TasksError::NotFinite`] if the network computes no numbers.
    ///
    /// # Panics
    /// If no row has been read.
    pub fn forecast(&self) -> Result<Forecast, TasksError> {
        let description = &self.model.description;
        let (objective, columns) = (&description.objective, description.columns());
        assert!(!self.z.is_empty(), "a row has been read");
        if !self.z.iter().all(|z| z.is_finite()) {
            return Err(TasksError::NotFinite);
        }
        let relative = description.relative();
        let scales = self.scale.values.iter().zip(&self.past);
        let references: Vec<Vec<f64>> = scales
            .map(|(scale, past)| relative.next(past, scale.mean).collect())
            .collect();
        let targets = self.z.chunks_exact(objective.per_target()).enumerate();
        let quantiles = |(n, z): (usize, &[f32])| {
            let (k, c) = (n / columns, n % columns);
            let z: Vec<f64> = z.iter().map(|&z| z.into()).collect();
            let (scale, reference) = (self.scale.targets[c], references[c][k]);
            let scaled = objective.forecast(&z).into_iter();
            scaled.map(|q| reference + scale.undo(q)).collect()
        };
        Ok(targets.map(quantiles).collect())
    }
}
