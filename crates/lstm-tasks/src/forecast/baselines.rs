//! The forecasts that a model must beat.
//!
//! Each is fitted on the training part of one column of one series, scaled by E33, and then reads the
//! rows one by one, as the model does.

mod linear;
mod naive;
mod smoothing;

pub use linear::Autoregression;
pub use naive::{Persistence, SeasonalNaive};
pub use smoothing::ExponentialSmoothing;

/// A forecaster of one column.
pub trait Baseline {
    /// Reads the value of the next row, which may be missing.
    fn read(&mut self, value: Option<f64>);

    /// The forecasts of the next `horizon` rows.
    fn forecast(&self, horizon: usize) -> Vec<f64>;
}

/// At most this many rows are fitted, the last ones of a longer training part.
const MOST_ROWS: usize = 20_000;

/// The end of the training part that is fitted.
fn fitted(train: &[Option<f64>]) -> &[Option<f64>] {
    &train[train.len().saturating_sub(MOST_ROWS)..]
}

/// All baselines, with their names.
#[must_use]
pub fn baselines(
    train: &[Option<f64>],
    season: usize,
    lags: usize,
) -> Vec<(&'static str, Box<dyn Baseline>)> {
    let mut all: Vec<(&'static str, Box<dyn Baseline>)> =
        vec![("persistence", Box::new(Persistence::default()))];
    if season > 1 {
        all.push(("seasonal naive", Box::new(SeasonalNaive::new(season))));
    }
    all.push((
        "linear autoregression",
        Box::new(Autoregression::fit(fitted(train), lags)),
    ));
    all.push((
        "exponential smoothing",
        Box::new(ExponentialSmoothing::fit(fitted(train), season)),
    ));
    all
}
