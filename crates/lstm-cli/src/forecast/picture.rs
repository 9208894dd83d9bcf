//! The picture of a forecast: the series, the median, and the interval from the lowest to the highest
//! quantile.

use lstm_plot::{Axis, Band, Curve, Panel, PlotError, band_chart};
use lstm_tasks::data::series::Series;
use lstm_tasks::forecast::{Forecast, ForecasterDescription};

/// The rows before the forecast, in horizons.
const HORIZONS: usize = 4;

/// Draws the first column: the values up to `row` and those after it that are known, and the forecast.
/// Rows are counted from `row`.
pub fn draw(
    description: &ForecasterDescription,
    series: &Series,
    row: usize,
    forecast: &Forecast,
) -> Result<String, PlotError> {
    let horizon = description.horizon;
    let values = &series.values[0];
    let first = row.saturating_sub(HORIZONS * horizon.max(8));
    let last = (row + horizon).min(series.len() - 1);
    let here = |t: usize| t as f64 - row as f64;
    let values = (first..=last).filter_map(|t| Some((here(t), values[t]?)));
    let levels = description.objective.quantiles();
    let quantile = |n: usize| -> Vec<(f64, f64)> {
        let at = |k: usize| (k as f64 + 1.0, forecast[k * description.columns()][n]);
        (0..horizon).map(at).collect()
    };
    let curve = |name: &str, points: Vec<(f64, f64)>, dashed| Curve {
        name: name.to_owned(),
        points,
        dashed,
        mark: None,
    };
    let name = &description.columns.values[0];
    let curves = [
        curve("values", values.collect(), false),
        curve("forecast", quantile(description.objective.median()), true),
    ];
    // A series may have no value here.
    let curves: Vec<Curve> = curves
        .into_iter()
        .filter(|c| !c.points.is_empty())
        .collect();
    let highest = levels.len() - 1;
    let band = Band {
        low: quantile(0),
        high: quantile(highest),
        curve: curves.len() - 1,
    };
    let ends = band.low.iter().chain(&band.high);
    let points = || {
        curves
            .iter()
            .flat_map(|curve| &curve.points)
            .chain(ends.clone())
    };
    let panel = Panel {
        x: Axis::fitted(
            "rows from the last one that was read",
            points().map(|p| p.0).chain([0.0]),
        ),
        y: Axis::fitted(name, points().map(|p| p.1)),
        curves: curves.clone(),
    };
    let (low, high) = (levels[0], levels[highest]);
    let title = format!(
        "{name}: the values, and the forecast of {horizon} rows with the interval {low}–{high}"
    );
    band_chart(&title, &[band], &panel)
}
