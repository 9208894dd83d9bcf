//! The loss of a trained network on a part of its data, and the best possible loss there.

use super::generated::Oracle;
use super::task::part_loss;
use super::window::ScaledSeries;
use super::{ForecastModel, ForecastSettings, Objective, SeriesData, SeriesSource};
use lstm_model::{Engine, Loss};
use std::ops::Range;

/// A held-out part of the series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldOutPart {
    /// Between the training part and the test part.
    Validation,
    /// At the end.
    Test,
}

impl HeldOutPart {
    /// The rows of the part in a series of `len` rows.
    fn rows(self, cuts: super::Cuts, len: usize) -> Range<usize> {
        match self {
            Self::Validation => cuts.train..cuts.test,
            Self::Test => cuts.test..len,
        }
    }
}

/// The mean loss of a model on a part of all series; `None` if the part has no value.
pub fn loss_of_model<R: Engine<Scalar = f32>>(
    model: &ForecastModel<R>,
    settings: &ForecastSettings,
    data: &SeriesData,
    part: HeldOutPart,
) -> Option<f64> {
    let (description, mut total) = (&model.description, Loss::default());
    let all = settings.held_out.cuts(&data.series, data.step);
    for (series, cuts) in data.series.iter().zip(all) {
        if let Some(scale) = description.scale(&series.id) {
            let scaled = ScaledSeries::new(series, scale, description);
            let rows = part.rows(cuts, series.len());
            total.add(part_loss(
                &model.network,
                &description.objective,
                &scaled,
                rows,
            ));
        }
    }
    total.mean()
}

/// The mean loss of the best possible forecaster on a part of the generated series, by the same scale;
/// `None` for series of which it is not known.
#[must_use]
pub fn best_loss(
    description: &super::ForecasterDescription,
    settings: &ForecastSettings,
    data: &SeriesData,
    part: HeldOutPart,
) -> Option<f64> {
    if settings.source != SeriesSource::Generated {
        return None;
    }
    let series = data.series.first()?;
    let cuts = settings.held_out.cuts(&data.series, data.step)[0];
    let scale = description.scale(&series.id)?.targets[0];
    let (part, values) = (part.rows(cuts, series.len()), &series.values[0]);
    let (mut oracle, mut total) = (Oracle::default(), Loss::default());
    for row in 0..part.end.saturating_sub(1) {
        oracle.read(values[row]);
        let next = (row + 1..=row + description.horizon).filter(|row| part.contains(row));
        for later in next.filter(|_| row + 1 >= part.start) {
            if let Some(y) = values[later] {
                let forecast = oracle.forecast(later - row, &description.objective);
                total.nats += loss(&description.objective, &forecast, y, scale);
                total.tokens += 1;
            }
        }
    }
    total.mean()
}

/// The loss of a forecast in the units of the data, after scaling.
fn loss(objective: &Objective, forecast: &[f64], y: f64, scale: super::Scale) -> f64 {
    let y = scale.apply(y);
    match objective {
        Objective::Quantiles(_) => {
            let scaled: Vec<f64> = forecast.iter().map(|&x| scale.apply(x)).collect();
            objective.loss(&scaled, &[y], &[true])
        }
        Objective::Gaussian => {
            let (mean, deviation) = (scale.apply(forecast[0]), forecast[1] / scale.deviation);
            let u = (y - mean) / deviation;
            deviation.ln() + 0.5 * u * u + 0.5 * std::f64::consts::TAU.ln()
        }
    }
}
