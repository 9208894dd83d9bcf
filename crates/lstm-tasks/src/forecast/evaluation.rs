//! Rolling-origin evaluation: a forecast after every row of the test part, by the model and by the
//! baselines.

use super::baselines::{Baseline, baselines};
use super::generated::Oracle;
use super::measures::{Score, naive_error};
use super::{Cuts, Forecast, ForecasterDescription, Objective, Scale, SeriesReader, SeriesScale};
use crate::TasksError;
use crate::data::series::Series;
use lstm_model::Engine;
use std::ops::Range;

/// A series with what its evaluation needs.
#[derive(Clone, Copy)]
pub struct Tested<'a> {
    /// The series.
    pub series: &'a Series,
    /// Where its parts begin.
    pub cuts: Cuts,
    /// The scales of its columns.
    pub scale: &'a SeriesScale,
    /// The model that is judged.
    pub description: &'a ForecasterDescription,
}

/// A forecaster that reads a series row by row.
pub trait Method {
    /// Reads the next row.
    fn read_row(&mut self, series: &Series, row: usize);

    /// The forecast of the next H rows.
    ///
    /// # Errors
    /// [`TasksError::NotFinite`] if the forecaster computes no numbers.
    fn forecast(&self) -> Result<Forecast, TasksError>;
}

impl<R: Engine<Scalar = f32>> Method for SeriesReader<'_, R> {
    fn read_row(&mut self, series: &Series, row: usize) {
        SeriesReader::read_row(self, series, row);
    }

    fn forecast(&self) -> Result<Forecast, TasksError> {
        SeriesReader::forecast(self)
    }
}

impl Tested<'_> {
    /// The rows after which there is a forecast to judge.
    fn origins(&self) -> Range<usize> {
        let complete = self.series.complete(self.description.horizon);
        self.cuts.test.max(1) - 1..complete.min(self.series.len() - 1)
    }

    /// Lets a method that has read the first `start` rows read all others, and passes on its forecast
    /// after every row of the test part.
    ///
    /// # Errors
    /// The errors of the method and of `take`.
    pub fn roll<E: From<TasksError>>(
        &self,
        method: &mut dyn Method,
        start: usize,
        mut take: impl FnMut(usize, Forecast) -> Result<(), E>,
    ) -> Result<(), E> {
        let origins = self.origins();
        for row in start.max(1) - 1..origins.end {
            if row >= start {
                method.read_row(self.series, row);
            }
            if row >= origins.start {
                take(row, method.forecast()?)?;
            }
        }
        Ok(())
    }

    /// The baselines, with their names, after they have read the training part.
    #[must_use]
    pub fn baselines(&self, lags: usize) -> Vec<(&'static str, ByColumn<'_>)> {
        let columns = self.series.values.iter().zip(&self.scale.values);
        let fit = |(values, scale): (&Vec<Option<f64>>, &Scale)| {
            let values = values[..self.cuts.train].iter();
            let train: Vec<Option<f64>> = values.map(|v| v.map(|v| scale.apply(v))).collect();
            let all = baselines(&train, self.description.season, lags).into_iter();
            let with_interval = |(name, mut baseline): (_, Box<dyn Baseline>)| {
                let interval = interval(&train, &mut *baseline, self.description);
                (name, WithInterval { baseline, interval })
            };
            all.map(with_interval).collect::<Vec<_>>()
        };
        let mut methods: Vec<(&'static str, ByColumn<'_>)> = Vec::new();
        for column in columns.map(fit) {
            for (n, (name, column)) in column.into_iter().enumerate() {
                if n == methods.len() {
                    methods.push((
                        name,
                        ByColumn {
                            tested: *self,
                            columns: Vec::new(),
                        },
                    ));
                }
                methods[n].1.columns.push(column);
            }
        }
        methods
    }

    /// Adds a forecast to the scores of a method, one for each column.
    pub fn judge(&self, row: usize, forecast: &Forecast, scores: &mut Vec<Score>) {
        let (columns, objective) = (self.series.values.len(), &self.description.objective);
        scores.resize(columns, Score::default());
        let (levels, median) = (objective.quantiles(), objective.median());
        let naive: Vec<_> = (0..columns).map(|c| self.naive_error(c)).collect();
        for (target, quantiles) in forecast.iter().enumerate() {
            let (k, c) = (target / columns + 1, target % columns);
            if let Some(y) = self.series.values[c].get(row + k).copied().flatten() {
                scores[c].add(y, quantiles, levels, median, naive[c]);
            }
        }
    }

    /// The denominator of E36 for a column.
    fn naive_error(&self, column: usize) -> Option<f64> {
        naive_error(
            &self.series.values[column][..self.cuts.train],
            self.description.season,
        )
    }
}

/// Baselines of every column, with the quantiles of their errors for every row ahead.
pub struct ByColumn<'a> {
    tested: Tested<'a>,
    columns: Vec<WithInterval>,
}

/// A baseline of one column. For every row ahead, what is added to its forecast to get the quantiles.
struct WithInterval {
    baseline: Box<dyn Baseline>,
    interval: Vec<Vec<f64>>,
}

impl Method for ByColumn<'_> {
    fn read_row(&mut self, series: &Series, row: usize) {
        let columns = self.columns.iter_mut().zip(&series.values);
        for ((column, values), scale) in columns.zip(&self.tested.scale.values) {
            column
                .baseline
                .read(values[row].map(|value| scale.apply(value)));
        }
    }

    fn forecast(&self) -> Result<Forecast, TasksError> {
        let horizon = self.tested.description.horizon;
        let columns = self.columns.iter().zip(&self.tested.scale.values);
        let quantiles = |(column, scale): (&WithInterval, &Scale)| {
            let points = column.baseline.forecast(horizon).into_iter();
            let points = points.zip(&column.interval);
            let of = |(point, offsets): (f64, &Vec<f64>)| -> Vec<f64> {
                offsets
                    .iter()
                    .map(|offset| scale.undo(point + offset))
                    .collect()
            };
            points.map(of).collect()
        };
        let by_column: Vec<Vec<Vec<f64>>> = columns.map(quantiles).collect();
        let row = |k: usize| by_column.iter().map(move |column| column[k].clone());
        Ok((0..horizon).flat_map(row).collect())
    }
}

/// The best possible forecaster of the generated series.
pub struct ByOracle<'a> {
    oracle: Oracle,
    description: &'a ForecasterDescription,
}

impl<'a> ByOracle<'a> {
    /// Before the first row.
    #[must_use]
    pub fn new(description: &'a ForecasterDescription) -> Self {
        let oracle = Oracle::default();
        Self {
            oracle,
            description,
        }
    }
}

impl Method for ByOracle<'_> {
    fn read_row(&mut self, series: &Series, row: usize) {
        self.oracle.read(series.values[0][row]);
    }

    fn forecast(&self) -> Result<Forecast, TasksError> {
        let levels = self.description.objective.quantiles().to_vec();
        let objective = Objective::Quantiles(levels);
        let forecast = |k| self.oracle.forecast(k, &objective);
        Ok((1..=self.description.horizon).map(forecast).collect())
    }
}

/// A baseline looks at its errors after at most this many rows to say how wide its interval is.
const MOST_ORIGINS: usize = 2000;

/// Reads the training part with a baseline. For every row ahead, the quantiles of its errors there: what
/// is added to a forecast to make an interval of it. The median is left as it is.
fn interval(
    train: &[Option<f64>],
    baseline: &mut dyn Baseline,
    description: &ForecasterDescription,
) -> Vec<Vec<f64>> {
    let (horizon, objective) = (description.horizon, &description.objective);
    let mut errors = vec![Vec::new(); horizon];
    let every = (train.len() / MOST_ORIGINS).max(1);
    for (row, &value) in train.iter().enumerate() {
        baseline.read(value);
        // At first a baseline knows too little, and its errors say nothing of the later ones.
        if row % every != 0 || row < train.len() / 10 {
            continue;
        }
        let next = train[row + 1..].iter().zip(baseline.forecast(horizon));
        for (errors, (value, forecast)) in errors.iter_mut().zip(next) {
            errors.extend(value.map(|value| value - forecast));
        }
    }
    for k in 1..horizon {
        // A training part shorter than the horizon has no errors so far ahead.
        if errors[k].is_empty() {
            errors[k] = errors[k - 1].clone();
        }
    }
    let quantiles = |mut errors: Vec<f64>| -> Vec<f64> {
        errors.sort_by(f64::total_cmp);
        let place = |q: f64| ((q * errors.len() as f64) as usize).min(errors.len().max(1) - 1);
        let at = |(n, &q): (usize, &f64)| match errors.get(place(q)) {
            Some(error) if n != objective.median() => *error,
            _ => 0.0,
        };
        objective.quantiles().iter().enumerate().map(at).collect()
    };
    errors.into_iter().map(quantiles).collect()
}
