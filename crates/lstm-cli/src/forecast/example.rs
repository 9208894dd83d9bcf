//! The forecast that a run shows while it trains: of the first rows of the validation part.

use super::table::short;
use crate::sample::Sample;
use lstm_model::Engine;
use lstm_tasks::data::series::Series;
use lstm_tasks::forecast::{
    Forecast, ForecastModel, ForecastSettings, Forecaster, ForecasterDescription, SeriesData,
};

/// The values that a sample shows before the forecast, and those of the forecast.
const SHOWN: usize = 6;

/// A forecast after row `row` of a series.
pub struct Example<'a> {
    pub series: &'a Series,
    pub row: usize,
    pub forecast: Forecast,
}

/// The forecast after the last row of the training part, in the first series that has a validation part.
pub fn example<'a, R: Engine<Scalar = f32>>(
    settings: &ForecastSettings,
    description: &ForecasterDescription,
    data: &'a SeriesData,
    network: &Forecaster<R>,
) -> Option<Example<'a>> {
    let cuts = settings.held_out.cuts(&data.series, data.step);
    let mut all = data.series.iter().zip(cuts);
    let (series, cuts) = all.find(|(series, cuts)| {
        let is_followed =
            cuts.train < cuts.test && cuts.train <= series.complete(description.horizon);
        description.scale(&series.id).is_some() && is_followed
    })?;
    let model = ForecastModel {
        description: description.clone(),
        network: network.clone(),
    };
    let (mut reader, row) = (model.reader(&series.id)?, cuts.train.checked_sub(1)?);
    (0..=row).for_each(|row| reader.read_row(series, row));
    let forecast = reader.forecast().ok()?;
    Some(Example {
        series,
        row,
        forecast,
    })
}

impl Example<'_> {
    /// The last values, the next ones, and their forecast: the median and the interval around it.
    pub fn sample(&self, description: &ForecasterDescription) -> Sample {
        let (values, row) = (&self.series.values[0], self.row);
        let end = row + 1 + SHOWN.min(description.horizon);
        let shown = |rows: std::ops::Range<usize>| {
            let value = |row: usize| values.get(row).copied().flatten();
            let texts = rows.map(|row| value(row).map_or("–".to_owned(), short));
            texts.collect::<Vec<_>>().join("  ")
        };
        let of_row = |quantiles: &Vec<f64>| {
            let median = short(quantiles[description.objective.median()]);
            match quantiles.as_slice() {
                [low, .., high] => format!("{median} ({}–{})", short(*low), short(*high)),
                _ => median,
            }
        };
        let first_column = self.forecast.iter().step_by(description.columns());
        let forecast: Vec<String> = first_column.take(SHOWN).map(of_row).collect();
        Sample::Example {
            input: shown((row + 1).saturating_sub(SHOWN)..row + 1),
            expected: shown(row + 1..end),
            output: forecast.join("  "),
        }
    }
}
